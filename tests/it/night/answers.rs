//! How long an answer holds: until the line that it is about says otherwise.

use crate::harness::first_feed::{CENSUS, ELECTIONS, ELECTIONS_MAPPING, FirstFeed};

const OF_DEE: &str = "EXE-2,Medical PPO,EE,01/01/2026,,,204.10,OE,N";

/// The medical plan of the second employee, given up so long ago that it is asked about.
fn given_up(since: &str) -> String {
    ELECTIONS.replace(OF_DEE, &format!("EXE-2,Medical PPO,EE,{since},,,204.10,Move,Y"))
}

/// A site that sells a dental plan, too, with the question answered.
fn answered() -> FirstFeed {
    let feed = FirstFeed::new();
    let medical = "\"Medical PPO\" = \"MED-PPO\"";
    feed.edit(ELECTIONS_MAPPING, medical, &format!("{medical}, \"Dental\" = \"DENTAL\""));
    let file = "[file]\nstyle";
    let dental = format!("[plans.DENTAL]\nline = \"DEN\"\ncode = \"EC-DEN\"\n\n{file}");
    feed.edit("mappings/carriers/example-carrier.toml", file, &dental);
    feed.sends("census.csv", CENSUS);
    feed.sends("elections.csv", ELECTIONS);
    feed.night(2).exits(0).says("delivered");
    feed.is_acknowledged(2);
    feed.sends("elections.csv", given_up("01/20/2026"));
    feed.night(3).exits(0).says("REC008");
    let holds = feed.bex(3, &["show", "2", "--json"]).exits(0).json()["holds"].clone();
    let number = holds[0]["number"].to_string();
    feed.bex(3, &["answer", &number, "tell", "--reason", "no premium was taken"]).exits(0);
    feed
}

#[test]
fn an_answer_holds_while_another_line_and_an_address_change_and_not_when_its_own_line_does() {
    let feed = answered();
    let other = feed.copy();
    // A dental plan, and a house number.
    feed.sends("elections.csv", given_up("01/20/2026") + "EXE-2,Dental,EE,03/01/2026,,,20.00,Move,N\n");
    feed.sends("census.csv", CENSUS.replace("32 Example Way", "34 Example Way"));
    feed.night(4).exits(0).never_says("REC0");
    let told = feed.told();
    assert!(told.contains("DTP*349*D8*20260119~") && told.contains("HD*021**DEN*EC-DEN*EMP~"), "{told}");
    other.sends("elections.csv", given_up("01/22/2026"));
    other.night(4).exits(0).says("REC008");
}
