//! pyx12, an independent judge of 834 files. What it is blind to, and where it is wrong itself, is said where a test
//! relies on it: it crashes on a repeated DMG05 and on any byte that is not ASCII, and does not know HD03 `LIF`.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::harness::source_tree;

/// What pyx12 says of one file.
#[derive(Debug, Deserialize)]
pub struct Verdict {
    /// Whether it finds no fault.
    pub accepted: bool,
    /// Its complaints, in its words. They may quote the file: for synthetic data only.
    pub complaints: Vec<String>,
}

/// Asks pyx12 about the files, all of them in one process, since its start costs more than a small file.
pub fn accepts(paths: &[&Path]) -> Vec<Verdict> {
    let python = source_tree::root().join("target/venv/bin/python");
    assert!(python.exists(), "pyx12 is not installed: run tests/run once, it makes target/venv");
    let mut child = Command::new(python)
        .arg(source_tree::root().join("tests/pyx12_check.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let names: String = paths.iter().map(|path| format!("{}\n", path.display())).collect();
    // Written from a thread of its own, since the judge answers while it still reads.
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(names.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "tests/pyx12_check.py failed");
    let verdicts: Vec<Verdict> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(verdicts.len(), paths.len(), "one verdict per file");
    verdicts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A family of one with one line of coverage. Synthetic: no such employer, carrier or person exists.
    const SMALL: &str = "\
        ISA*00*          *00*          *ZZ*BEXTEST        *ZZ*CARRIERTEST    *260105*0300*^*00501*000000007*0*T*:~\
        GS*BE*BEXTEST*CARRIERTEST*20260105*0300*7*X*005010X220A1~\
        ST*834*0001*005010X220A1~\
        BGN*00*RUN7*20260105*0300****4~\
        REF*38*POLICY-7~\
        DTP*007*D8*20260105~\
        N1*P5*SYNTHETIC EMPLOYER*FI*000000001~\
        N1*IN*SYNTHETIC CARRIER*FI*000000002~\
        INS*Y*18*030*XN*A***FT~\
        REF*0F*E0001~\
        NM1*IL*1*SYNTHETIC*SAM****ZZ*E0001~\
        N3*1 EXAMPLE WAY~\
        N4*ANYTOWN*PA*17111~\
        DMG*D8*19800101*U~\
        HD*030**DEN**EMP~\
        DTP*348*D8*20260101~\
        SE*15*0001~\
        GE*1*7~\
        IEA*1*000000007~";

    fn verdicts(files: &[&str]) -> Vec<Verdict> {
        let folder = tempfile::tempdir().unwrap();
        let paths: Vec<_> = (0..files.len()).map(|index| folder.path().join(format!("{index}.834"))).collect();
        paths.iter().zip(files).for_each(|(path, text)| std::fs::write(path, text).unwrap());
        accepts(&paths.iter().map(AsRef::as_ref).collect::<Vec<_>>())
    }

    #[test]
    fn pyx12_accepts_a_small_834_and_refuses_it_with_one_element_wrong() {
        let wrong_date = SMALL.replace("D8*19800101", "D8*19800231");
        let crash = SMALL.replace("SAM", "SÁM");
        let said = verdicts(&[SMALL, &wrong_date, &crash, "no X12 at all", SMALL]);
        let accepted: Vec<bool> = said.iter().map(|verdict| verdict.accepted).collect();
        assert_eq!(accepted, [true, false, false, false, true], "{said:#?}");
        assert!(said[1].complaints.iter().any(|complaint| complaint.contains("DMG02")), "{said:#?}");
        assert!(said[0].complaints.is_empty() && said[4].complaints.is_empty(), "{said:#?}");
    }
}
