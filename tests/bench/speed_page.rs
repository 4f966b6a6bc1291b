//! The page of what a night takes: measured, with the machine named, and written where it is asked for.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::bare_database::BareDatabase;
use crate::harness::postgres_server::PostgresServer;
use crate::rooms::{Beside, Databases};
use crate::{Measured, Measuring, OURS, Step, bare_csv, family_feeds, intake, measure, rooms, two_nights_over};

/// Largest number of members of whom three nights are run: more have their first night only.
const THREE_NIGHTS_MAX: u32 = 200_000;

/// What one size came to.
struct Sized {
    members: u32,
    first: Measured,
    /// The first night of the other program, measured in the same run.
    beside: Option<Measured>,
    three: Option<Measured>,
}

/// Measures every size, and writes the page.
pub fn write(sizes: &[u32], beside: Option<&Path>, page: &Path) {
    let all: Vec<Sized> = sizes.iter().map(|members| sized(*members, beside)).collect();
    let mut text = head();
    by_size(&mut text, &all);
    quiet(&mut text, &all);
    where_it_goes(&mut text, &all);
    rooms_beside(&mut text, &all);
    over_databases(&mut text);
    text.push_str(CHECK);
    fs::write(page, text).unwrap();
}

fn sized(members: u32, other: Option<&Path>) -> Sized {
    let night = |bex: &Path, nights| measure(&Measuring { members, nights, bex });
    // In turn, so that what else the machine does befalls both.
    let beside = other.map(|other| night(other, 1));
    let first = night(Path::new(OURS), 1);
    let three = (members <= THREE_NIGHTS_MAX).then(|| night(Path::new(OURS), 3));
    Sized { members, first, beside, three }
}

fn head() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let model = model.trim_start_matches(['\t', ' ', ':']);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory = memory.lines().find_map(|line| line.strip_prefix("MemTotal:")).unwrap_or_default();
    let memory = memory.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) / 1024 / 1024;
    let system = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    let build = if cfg!(debug_assertions) { "optimised as for tests/run, not a release" } else { "release" };
    let today = chrono::Local::now().format("%Y-%m-%d");
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "# Speed

What a night takes, measured by `cargo bench --bench night -- --page docs/reference/speed.md`, which writes this page.
The figures are one machine's on one day; what counts are the ratios, whose other side was measured in the same run.

## The machine

| | |
|---|---|
| Processor | {model}, {cores} cores |
| Memory | {memory} GiB |
| System | Linux {} |
| Date | {today} |
| bex | {version}, {build} |
| Others at work when it began | {load} on average |
",
        system.trim()
    )
}

fn by_size(text: &mut String, all: &[Sized]) {
    text.push_str(
        "
## The first night

Three feeds of one employer, everybody for the first time: CPU of the whole process in seconds, simulated carriers and
employer included. A family-feed is one family told to one carrier.

| Members | Family-feeds | CPU s | µs a family-feed | Growth | Wall s | Peak MiB | 0.1.0 beside: CPU s | Ratio |
|---|---|---|---|---|---|---|---|---|
",
    );
    let each = |sized: &Sized| sized.first.cpu * 1e6 / family_feeds(sized.members) as f64;
    for (n, sized) in all.iter().enumerate() {
        let Sized { members, first, beside, .. } = sized;
        let growth = if n == 0 { "–".to_string() } else { format!("× {:.2}", each(sized) / each(&all[n - 1])) };
        let (other, ratio) = match beside {
            Some(other) => (format!("{:.1}", other.cpu), format!("{:.2}", first.cpu / other.cpu)),
            None => ("–".to_string(), "–".to_string()),
        };
        let (feeds, peak) = (family_feeds(*members), first.peak_mib);
        let _ = writeln!(
            text,
            "| {members} | {feeds} | {:.1} | {:.1} | {growth} | {:.1} | {peak} | {other} | {ratio} |",
            first.cpu,
            each(sized),
            first.seconds
        );
    }
}

fn quiet(text: &mut String, all: &[Sized]) {
    text.push_str(
        "
## The nights after

One percent of changes in the second night, none in the third, in seconds of their steps.

| Members | Night 1 s | Night 2 s | Night 3 s |
|---|---|---|---|
",
    );
    for Sized { members, three, .. } in all {
        let Some(Measured { nights: [first, second, third], .. }) = three else { continue };
        let _ = writeln!(text, "| {members} | {first:.2} | {second:.2} | {third:.2} |");
    }
    text.push_str(
        "
A quiet night reads its inputs, and sends nothing to carriers that take change files. The bare reading is the `csv`
reader over the same inputs; it may take 6 times that, and 10 ms a feed. The carrier that takes full files gets its
file again; that may take 3 times what sealing and sending it takes.

| Members | Taken in s | Bare csv s | Times | Feeds of change files, ms each | Full file s | Sealed and sent s | Times |
|---|---|---|---|---|---|---|---|
",
    );
    all.iter().for_each(|sized| quiet_row(text, sized));
}

/// The third night of one size.
fn quiet_row(text: &mut String, sized: &Sized) {
    let Some(three) = &sized.three else { return };
    let third: Vec<&Step> = three.steps.iter().filter(|step| step.night == 3).collect();
    let sum = |of: &dyn Fn(&Step) -> bool| third.iter().filter(|step| of(step)).map(|step| step.seconds).sum::<f64>();
    let (taken_in, bare) = (sum(&|step| step.feed.is_none()), bare_csv(sized.members));
    // Who is sent something takes full files: nothing has changed.
    let full: std::collections::BTreeSet<&str> =
        third.iter().filter(|step| step.name == "sealed").filter_map(|step| step.feed.as_deref()).collect();
    let is_full = |step: &Step| step.feed.as_deref().is_some_and(|feed| full.contains(feed));
    let quiet = |step: &Step| step.feed.is_some() && !is_full(step);
    let feeds: std::collections::BTreeSet<_> = third.iter().filter(|step| quiet(step)).map(|step| &step.feed).collect();
    let each = sum(&quiet) * 1e3 / feeds.len().max(1) as f64;
    let (whole, sent) =
        (sum(&is_full), sum(&|step| is_full(step) && ["sealed", "delivered"].contains(&&step.name[..])));
    let _ = writeln!(
        text,
        "| {} | {taken_in:.3} | {bare:.3} | {:.1} | {each:.1} | {whole:.2} | {sent:.2} | {:.1} |",
        sized.members,
        taken_in / bare,
        whole / sent
    );
}

/// What a night is made of, beside the least it could take.
fn rooms_beside(text: &mut String, all: &[Sized]) {
    text.push_str(
        "
## The rooms beside their limits

What a night is made of, each with what it could not be faster than, one after the other on one core: 100,000 records
of 300 bytes, files of the largest number of members above, 360,000 rows of an employer.

| What | A second | Limit | A second | Times as long |
|---|---|---|---|---|
",
    );
    let folder = tempfile::tempdir().unwrap();
    let server = PostgresServer::shared();
    let (ours, bare) = (server.empty_database(), server.empty_database());
    let over_server = Databases {
        kind: "PostgreSQL",
        ours: ours.location(),
        bare: BareDatabase::server(&server.options(&bare.name)),
    };
    let mut rooms = rooms::vault();
    rooms.extend(rooms::store(Databases::files(folder.path())));
    rooms.extend(rooms::store(over_server));
    rooms.extend(intake::all());
    let gate = all.last().map(|sized| &sized.three.as_ref().unwrap_or(&sized.first).gate);
    for Beside { what, ours, unit, limit, limit_is } in rooms.iter().chain(gate) {
        let times = limit / ours;
        let _ = writeln!(text, "| {what} | {ours:.0} {unit} | {limit_is} | {limit:.0} {unit} | {times:.1} |");
    }
}

/// Members of whom two nights are run over each kind of database.
const OVER_DATABASES: u32 = 20_000;

fn over_databases(text: &mut String) {
    let [file, server] = ["sqlite", "postgres"].map(|database| two_nights_over(database, OVER_DATABASES));
    let _ = write!(
        text,
        "
## SQLite and PostgreSQL

The demonstration's site with {OVER_DATABASES} members more, two nights by the clock, each command a process of its own.

| Database | Night 1 s | Night 2 s |
|---|---|---|
| SQLite, a file | {:.2} | {:.2} |
| PostgreSQL, a server on the same machine | {:.2} | {:.2} |
| Times as long | {:.2} | {:.2} |
",
        file[0],
        file[1],
        server[0],
        server[1],
        server[0] / file[0],
        server[1] / file[1]
    );
}

fn where_it_goes(text: &mut String, all: &[Sized]) {
    let largest = all.iter().filter(|sized| sized.three.is_some()).max_by_key(|sized| sized.members);
    let Some(Sized { members, beside, three: Some(three), .. }) = largest else { return };
    let _ = write!(
        text,
        "
## Where it goes

Seconds by step, {members} members, all feeds. *Planned* is decided, written and judged; *delivered* waits for the
carrier.

| Step | Night 1, 0.1.0 beside | Night 1 | Night 2 | Night 3 |
|---|---|---|---|---|
"
    );
    let (theirs, ours) = (beside.as_ref().map(|other| by_step(&other.steps)), by_step(&three.steps));
    let names: std::collections::BTreeSet<&str> = ours.keys().map(|(_, name)| *name).collect();
    for name in names {
        let of = |steps: &BTreeMap<(u32, &str), f64>, night| steps.get(&(night, name)).copied().unwrap_or(0.0);
        let other = theirs.as_ref().map_or("–".to_string(), |steps| format!("{:.2}", of(steps, 1)));
        let [first, second, third] = [1, 2, 3].map(|night| of(&ours, night));
        let _ = writeln!(text, "| {name} | {other} | {first:.2} | {second:.2} | {third:.2} |");
    }
}

pub fn by_step(steps: &[Step]) -> BTreeMap<(u32, &str), f64> {
    let mut sums: BTreeMap<(u32, &str), f64> = BTreeMap::new();
    for step in steps {
        *sums.entry((step.night, &step.name)).or_default() += step.seconds;
    }
    sums
}

const CHECK: &str = "
## Whether it has become slower

Build the release to compare with, and run both in turn:

```sh
BEX_BESIDE=/path/to/the/other/bex cargo bench --bench night -- --page /tmp/speed.md 20000 100000
```

It has become slower where the ratio is above that of this page by more than a tenth, or where a family-feed costs more
than 1.3 times as much at the larger size. Seconds say nothing: other work on the machine makes all of them longer.
";
