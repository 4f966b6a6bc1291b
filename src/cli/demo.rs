//! stub
use super::arguments::Demo;
use super::page::Page;
use crate::run::Exit;
pub(super) fn run(_: &Page, _: &Demo) -> Exit {
    Exit::Done
}
