//! What employers' files may be made to do to whoever reads them: how long refusing each takes, and how much memory.
//! Each is read by a process of its own, which says at its end what it took.

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;
use std::process::Command;

use bex::census::read_families;
use bex::fault::Fault;
use bex::mapping::CensusMapping;
use bex::model::ids::SourceName;
use bex::rows::packed;
use chrono::NaiveDate;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::other_workbooks::{MadeSheet, content, document, old};
use crate::workbooks::{Typed, inflating, workbook};

/// Most memory that refusing a file may take, in KiB.
const MEMORY_KIB_MAX: u64 = 64 << 10;

const FILE: &str = "BEX_BOMB";

fn mapping(form: &str) -> CensusMapping {
    let text = format!(
        "employer = \"e\"\nlayout = \"person-rows\"\nfile = \"c*\"\n[format]\n{form}[columns]\nfamily_key = \"ID\"\n\
         relationship = \"Rel\"\nlast_name = \"Last\"\nfirst_name = \"First\"\n"
    );
    CensusMapping::parse(&SourceName::new("s").unwrap(), "c.toml", &text).value.unwrap()
}

/// The code by which a file is refused; nothing where it is read.
fn refusal(path: &Path) -> Option<&'static str> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    if ending == "zip" {
        return packed(Box::new(fs::File::open(path).unwrap())).and_then(Result::err).map(|rule| rule.code);
    }
    let mapping = mapping(if ending == "csv" { "" } else { "form = \"workbook\"\n" });
    let mut open = || Ok(Box::new(fs::File::open(path).unwrap()) as Box<dyn std::io::Read>);
    let as_of = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
    let read = read_families(&mut open, &mapping, as_of, &mut |_| Ok(()));
    read.err().and_then(|faults| faults.first().map(|fault: &Fault| fault.code))
}

/// In a process of its own: reads the file that it is told, and says what that took.
#[test]
fn a_bomb_is_read_where_somebody_asks_for_it() {
    let Some(path) = std::env::var_os(FILE) else { return };
    let code = refusal(Path::new(&path)).unwrap_or("read");
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let times = fs::read_to_string("/proc/self/stat").unwrap();
    let behind = times.rsplit_once(')').unwrap().1;
    let ticks: u64 = behind.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum();
    println!("bomb {code} {} {ticks}", peak.split_whitespace().next().unwrap());
}

fn zipped(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(name, SimpleFileOptions::default()).unwrap();
    zip.write_all(bytes).unwrap();
    zip.finish().unwrap().into_inner()
}

fn many_parts() -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..60_000 {
        zip.start_file(format!("p{index}"), SimpleFileOptions::default()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// An old workbook whose table of texts is said to hold more than there are bytes in the file.
fn lying_texts() -> Vec<u8> {
    let row = vec![Typed::Text("ID".into()), Typed::Text("Rel".into())];
    let mut bytes = old(&[MadeSheet { name: "People", is_seen: true, rows: vec![row] }], false);
    let at = bytes.windows(2).position(|pair| pair == [0xFC, 0x00]).unwrap();
    bytes[at + 4..at + 12].fill(0xFF);
    bytes
}

/// Files, how each is called, and the code by which it is refused.
fn bombs() -> Vec<(&'static str, &'static str, Vec<u8>, &'static str)> {
    let far = "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>";
    let sheet_of = |bytes: usize| workbook(&[("People", " ".repeat(bytes))], false);
    let cell = "<table:table-cell table:number-columns-repeated=\"16384\" office:value-type=\"string\"><text:p>x</text:p>\
                </table:table-cell>";
    let rows = format!(
        "<table:table table:name=\"P\"><table:table-row table:number-rows-repeated=\"1000000\">{cell}</table:table-row>\
         </table:table>"
    );
    let laughs = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;\">]><office:document-content/>";
    let header = "ID,Rel,Last,First\n";
    let commas = header.to_string() + &",".repeat(64 << 20);
    let quote = format!("{header}1,EE,\"{}", "a".repeat(64 << 20));
    vec![
        ("D19 a line of commas", "csv", commas.into_bytes(), "CEN007"),
        ("D19 a quote that never ends", "csv", quote.into_bytes(), "CEN007"),
        ("D20 a part of an xlsx that inflates", "xlsx", inflating((300 << 20) + 1), "CEN055"),
        ("D20 a sheet of an xlsx that inflates", "xlsx", sheet_of(300 << 20), "CEN055"),
        ("D20 a far cell of an xlsx", "xlsx", workbook(&[("People", far.into())], false), "CEN007"),
        ("D20 an ods of a row repeated a million times", "ods", content(&rows), "CEN055"),
        ("D20 an ods whose text inflates", "ods", document(&" ".repeat(300 << 20)), "CEN055"),
        ("D20 an xls whose texts are more than its bytes", "xls", lying_texts(), "CEN054"),
        ("D20 a zip that inflates", "zip", zipped("census.csv", &vec![b','; 300 << 20]), "CEN055"),
        ("D21 a zip of sixty thousand parts", "zip", many_parts(), "CEN060"),
        ("D21 a zip in a zip", "zip", zipped("inner.zip", &zipped("a.csv", b"1")), "CEN060"),
        ("D22 an ods with words of its own", "ods", document(laughs), "CEN054"),
    ]
}

#[test]
fn measure_what_refusing_bombs_takes() {
    let folder = tempfile::tempdir().unwrap();
    let program = std::env::current_exe().unwrap();
    let ticks_a_second = 100.0;
    for (story, ending, bytes, code) in bombs() {
        let path = folder.path().join(format!("census.{ending}"));
        fs::write(&path, &bytes).unwrap();
        let asked = ["--exact", "bombs::a_bomb_is_read_where_somebody_asks_for_it", "--nocapture"];
        let said = Command::new(&program).args(asked).env(FILE, &path).output().unwrap();
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        let line = said
            .lines()
            .find_map(|line| line.split_once("bomb ").map(|(_, rest)| rest))
            .unwrap_or_else(|| panic!("{story}: {said}"));
        let [found, peak, ticks] = line.split_whitespace().collect::<Vec<_>>().try_into().unwrap();
        let (peak, seconds): (u64, f64) = (peak.parse().unwrap(), ticks.parse::<f64>().unwrap() / ticks_a_second);
        println!("{story:<48} {found} {:>8.1} MiB {seconds:>6.2} s of processor time", peak as f64 / 1024.0);
        assert_eq!(found, code, "{story}");
        assert!(peak <= MEMORY_KIB_MAX, "{story}: {peak} KiB");
    }
}
