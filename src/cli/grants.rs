//! `bex grants` and `bex breakglass`.

use super::arguments::{BreakglassArguments, Global, GrantsArguments};
use super::page::Page;
use super::site::{load, refused};
use crate::access::{Actor, Role};
use crate::act::{Grounds, declare_emergency};
use crate::engine::{Engine, actor};
use crate::report::{GrantsShown, grants_json, grants_text, roles_json, roles_text};
use crate::run::Exit;

/// Who may do what. No key is needed.
pub(super) fn run(page: &Page, global: &Global, asked: &GrantsArguments) -> Exit {
    if asked.roles {
        return page.answer_shown(roles_json, roles_text);
    }
    let (site, clock) = match load(page, global) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let me = asked.user.as_deref().map_or_else(actor, Actor::named);
    let role = asked.role.as_deref().and_then(Role::of_word);
    let shown = GrantsShown { access: &site.access, actor: &me, today: clock.today(), role };
    page.answer_shown(|| grants_json(&shown), || grants_text(&shown))
}

/// Takes leave that nobody has granted. Whoever may open the site's keys may do so, and it is seen by everybody.
pub(super) fn breakglass(page: &Page, global: &Global, asked: &BreakglassArguments) -> Exit {
    let (site, clock) = match load(page, global) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let grounds = Grounds { reason: &asked.reason, evidence: None, asked: None };
    let declared =
        Engine::open_to_read(site, clock).and_then(|engine| declare_emergency(&engine, asked.minutes, &grounds));
    match declared {
        Ok(emergency) => {
            let said =
                format!("emergency {} until {}: it is recorded, and must be reviewed\n", emergency.id, emergency.until);
            page.answer_shown(|| serde_json::json!({ "emergency": emergency.id, "until": emergency.until }), || said)
        }
        Err(fault) => refused(page, &fault),
    }
}
