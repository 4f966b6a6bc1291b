//! Two nights of a demonstration's site with so many members more, over whichever database the tests are run for.

use std::fs;
use std::time::Instant;

use bex::simulate::employer::Workforce;

use super::harness::demo_site::World;

/// The same of the processes it has waited for.
fn processor_seconds_of_children() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let behind_the_name = stat.rsplit_once(')').unwrap().1;
    // User and system time, in hundredths.
    behind_the_name.split_whitespace().skip(13).take(2).map(|ticks| ticks.parse::<f64>().unwrap() / 100.0).sum()
}

/// Adds so many synthetic members to an employer's files of a night.
fn workforce_arrives(world: &World, members: u32, night: u32) {
    let workforce = Workforce { members, seed: 1, night };
    for (file, path) in [(0, "example-manufacturing/census.csv"), (1, "example-manufacturing/elections.csv")] {
        let mut text = World::text_of(night, path).into_bytes();
        if file == 0 { workforce.write_census(&mut text) } else { workforce.write_elections(&mut text) }.unwrap();
        world.arrives(path, text);
    }
}

/// What two nights took: of a processor, database servers apart, and each by the clock.
pub struct TwoNights {
    pub processor: f64,
    pub clock: [f64; 2],
}

pub fn two_nights(world: &mut World, members: u32) -> TwoNights {
    let night = |number: u32| {
        world.employers_send(number);
        workforce_arrives(world, members, number);
        let (begun, started) = (processor_seconds_of_children(), Instant::now());
        let _ = world.bex(&["run"]);
        let took = (processor_seconds_of_children() - begun, started.elapsed().as_secs_f64());
        let _ = world.fetch_acks();
        world.next_night();
        took
    };
    let nights = [1, 2].map(night);
    TwoNights { processor: nights[0].0 + nights[1].0, clock: nights.map(|(_, clock)| clock) }
}
