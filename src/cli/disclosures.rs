//! `bex disclosures` and `bex affected`.

use super::arguments::{AccountForm, AffectedArguments, DisclosuresArguments, Global};
use super::page::Page;
use super::site::{open_to_read, refused};
use crate::access::{Concern, Permit, ReadAccount, ReadAffected, Reveal};
use crate::act::Grounds;
use crate::disclosure::{Account, AccountAsked, Affected, AffectedAsked, Sought, account, affected, sought_ssn};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::model::ids::EmployerName;
use crate::report::{
    account_csv, account_html, account_json, account_text, affected_csv, affected_json, affected_text,
};
use crate::run::Exit;

/// To whom somebody's data were told.
pub(super) fn run(page: &Page, global: &Global, asked: &DisclosuresArguments) -> Exit {
    let engine = match open_to_read::<ReadAccount>(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    match accounted(&engine, asked) {
        Ok(account) => say(page, &engine, &account, asked.format),
        Err(fault) => refused(page, &fault),
    }
}

fn accounted(engine: &Engine, asked: &DisclosuresArguments) -> Result<Account, Fault> {
    // A member's account tells of every carrier; whose employee it is, is known where the employer is named.
    let scope = Concern::Of { employer: asked.employer.as_deref(), carrier: None };
    let permit = engine.grant(scope)?;
    if asked.reveal {
        engine.grant::<Reveal>(scope)?;
    }
    let sought = match (&asked.member, asked.ssn_fd) {
        (_, Some(descriptor)) => sought_ssn(descriptor)?,
        (member, None) => Sought::Reference {
            text: member.clone().unwrap_or_default(),
            employer: asked.employer.as_deref().and_then(EmployerName::new),
        },
    };
    let grounds = Grounds { reason: &asked.reason, evidence: None, asked: None };
    let DisclosuresArguments { since, until, person, reveal: names, .. } = *asked;
    account(engine, &AccountAsked { sought: &sought, since, until, person, names }, &grounds, &permit)
}

fn say(page: &Page, engine: &Engine, account: &Account, format: AccountForm) -> Exit {
    match format {
        _ if page.json => page.say_json(&account_json(account)),
        AccountForm::Json => page.say(&format!("{:#}\n", account_json(account))),
        AccountForm::Csv => page.say(&account_csv(account)),
        AccountForm::Html => page.say(&account_html(account, &engine.site.name, engine.site.contact.as_deref())),
        AccountForm::Table => page.show(&account_text(account)),
    }
    Exit::Done
}

/// Who was in deliveries.
pub(super) fn people(page: &Page, global: &Global, asked: &AffectedArguments) -> Exit {
    let engine = match open_to_read::<ReadAffected>(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    let found = may_read(&engine, asked).and_then(|permit| {
        let AffectedArguments { delivery, list, reveal, .. } = asked;
        let grounds = Grounds { reason: asked.reason.as_deref().unwrap_or_default(), evidence: None, asked: None };
        affected(&engine, &AffectedAsked { deliveries: delivery, list: *list, names: *reveal }, &grounds, &permit)
    });
    match found {
        Ok(found) => say_people(page, &found, asked.format),
        Err(fault) => refused(page, &fault),
    }
}

/// Of each delivery that is asked about; with names, also to see those.
fn may_read(engine: &Engine, asked: &AffectedArguments) -> Result<Permit<ReadAffected>, Fault> {
    for delivery in &asked.delivery {
        let Some(delivery) = engine.store.delivery(*delivery)? else { continue };
        engine.grant_on::<ReadAffected>(&delivery.feed)?;
        if asked.reveal {
            engine.grant_on::<Reveal>(&delivery.feed)?;
        }
    }
    engine.grant(Concern::Anywhere)
}

fn say_people(page: &Page, found: &Affected, format: AccountForm) -> Exit {
    match format {
        _ if page.json => page.say_json(&affected_json(found)),
        AccountForm::Json => page.say(&format!("{:#}\n", affected_json(found))),
        AccountForm::Csv => page.say(&affected_csv(found)),
        AccountForm::Table | AccountForm::Html => page.show(&affected_text(found)),
    }
    Exit::Done
}
