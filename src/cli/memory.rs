//! What the process holds in memory is read by nobody else: there are people's values and keys in it.

use nix::sys::prctl::set_dumpable;
use nix::sys::resource::{Resource, setrlimit};

/// The system keeps no image of it, and lets no other process of the same user read it or its environment. What cannot
/// be had so is had as it is: the unit that is shipped asks for the same.
pub(super) fn keep_to_itself() {
    let _ = setrlimit(Resource::RLIMIT_CORE, 0, 0);
    let _ = set_dumpable(false);
}
