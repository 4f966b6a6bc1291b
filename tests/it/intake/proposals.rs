//! A mapping proposed for a file is accepted and reads it; a row is explained; neither shows anything of anybody.

use std::fs;
use std::path::PathBuf;

use crate::harness::demo_site::{Said, bex_says};
use crate::harness::source_tree;

/// Files as employers send them, what each holds, and how many columns are read of it.
const FILES: [(&str, &str, usize); 8] = [
    ("scenarios/hris-export/night-1/Census_20260302.csv", "census", 20),
    ("scenarios/hris-export/night-1/BenefitElections_20260302.txt", "elections", 9),
    ("first-feed/census-1.csv", "census", 17),
    ("first-feed/elections-1.csv", "elections", 9),
    ("census/example-manufacturing/night1.csv", "census", 17),
    ("census/sample-logistics/night1.csv", "census", 40),
    ("elections/example-manufacturing/night1.csv", "elections", 8),
    ("elections/sample-logistics/night1.csv", "elections", 12),
];

fn fixture(name: &str) -> PathBuf {
    source_tree::root().join("fixtures").join(name)
}

#[must_use]
fn bex(arguments: &[&str]) -> Said {
    bex_says(arguments, &std::env::temp_dir())
}

#[test]
fn a_proposal_is_accepted_and_reads_the_file_it_was_made_from() {
    let folder = tempfile::tempdir().unwrap();
    for (name, kind, columns) in FILES {
        let file = fixture(name);
        let file = file.to_str().unwrap();
        let proposed = bex(&["mapping", "sample", file]).exits(0);
        let mapping = folder.path().join("proposed.toml");
        fs::write(&mapping, &proposed.out).unwrap();
        let read = bex(&["--json", "mapping", "check", mapping.to_str().unwrap(), file]);
        assert_eq!(read.json()["read"], true, "{name}\n{}", proposed.out);
        let json = bex(&["--json", "mapping", "sample", file]).exits(0).json();
        assert_eq!(json["kind"], kind, "{name}");
        assert!(json["mapped"].as_u64().unwrap() >= columns as u64, "{name}: {}\n{}", json["mapped"], proposed.out);
    }
}

#[test]
fn a_whole_name_and_a_whole_address_in_one_cell_are_proposed_in_parts() {
    let folder = tempfile::tempdir().unwrap();
    let text = "Emp ID,Rel,Name,DOB,Address\n1,EE,\"Sample Jr, Ann B\",03/22/1990,\"1 Specimen Way, Springfield, IL 62701\"\n\
                2,EE,\"Example, Bo\",04/25/1991,\"2 Specimen Way, Apt 4, Springfield, IL 62701\"\n";
    let (file, mapping) = (folder.path().join("people.csv"), folder.path().join("proposed.toml"));
    fs::write(&file, text).unwrap();
    let (file, proposed) =
        (file.to_str().unwrap(), bex(&["mapping", "sample", folder.path().join("people.csv").to_str().unwrap()]));
    fs::write(&mapping, &proposed.out).unwrap();
    proposed.exits(0).never_says("Sample Jr").never_says("Specimen");
    let mapping = mapping.to_str().unwrap();
    bex(&["mapping", "check", mapping, file]).exits(0).says("2 families, 0 of them incomplete, 0 bad rows");
    bex(&["mapping", "explain", mapping, file, "--line", "2"]).exits(0).says("before ,; no suffix").says("Aaaaaaaaaaa");
}

#[test]
fn employees_alone_and_dates_in_three_columns_are_proposed_as_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let text = "Company,File #,Payroll Name,Birth Month,Birth Day,Birth Year,Gender,Hire Date,Position Status\n\
                ABC,000123,\"Sample, Ann B\",3,22,1990,F,03/25/2014,Active\n\
                ABC,000124,\"Example, Bo\",4,25,1991,M,03/26/2021,Leave\n";
    fs::write(folder.path().join("people.csv"), text).unwrap();
    let file = folder.path().join("people.csv");
    let proposed = bex(&["mapping", "sample", file.to_str().unwrap()]).exits(0);
    let mapping = folder.path().join("proposed.toml");
    fs::write(&mapping, &proposed.out).unwrap();
    let (mapping, file) = (mapping.to_str().unwrap(), file.to_str().unwrap());
    bex(&["mapping", "check", mapping, file]).exits(0).says("2 families, 0 of them incomplete, 0 bad rows");
    bex(&["mapping", "explain", mapping, file, "--line", "2"]).exits(0).says("9 + 99 + 9999").says("subscriber");
}

#[test]
fn whose_row_it_is_is_proposed_by_cases_where_two_columns_or_a_blank_say_it() {
    let folder = tempfile::tempdir().unwrap();
    let (file, mapping) = (folder.path().join("people.csv"), folder.path().join("proposed.toml"));
    let two = "Emp ID,Type,Last Name,First Name,DOB,Code\n1,E,Sample,Ann,03/22/1990,\n1,D,Sample,Bo,04/25/2015,child\n\
               2,E,Example,Cy,05/26/1985,\n2,D,Example,Di,06/27/1986,spouse\n";
    let blank =
        "Emp ID,Relationship,Last Name,First Name,DOB\n1,,Sample,Ann,03/22/1990\n1,Child,Sample,Bo,04/25/2015\n";
    let by = |header: &str, of: &str, word: &str| {
        let case = format!("{{ when = {{ \"{of}\" = [\"{word}\"] }}, is = \"subscriber\" }}");
        format!("relationship = {{ header = \"{header}\", cases = [{case}] }}")
    };
    for (text, line, found) in
        [(two, by("Code", "Type", "E"), "2 families"), (blank, by("Relationship", "Relationship", ""), "1 family")]
    {
        fs::write(&file, text).unwrap();
        let proposed = bex(&["mapping", "sample", file.to_str().unwrap()]).exits(0).says(&line);
        fs::write(&mapping, &proposed.out).unwrap();
        let read = format!("{found}, 0 of them incomplete, 0 bad rows");
        bex(&["mapping", "check", mapping.to_str().unwrap(), file.to_str().unwrap()]).exits(0).says(&read);
    }
}

#[test]
fn elections_beside_each_other_are_proposed_as_choices_and_read() {
    let folder = tempfile::tempdir().unwrap();
    let text = "Employee ID,Effective Date,Medical Plan,Medical Coverage Level,Dental,Dental Monthly Cost,Vision Plan\n\
                E1,01/22/2026,PPO 500,EE,X,$12.50,Gold View\nE2,01/22/2026,Waived,,X,$12.50,\nE3,01/22/2026,PPO 500,FAM,N,,\n";
    let (file, mapping) = (folder.path().join("choices.csv"), folder.path().join("proposed.toml"));
    fs::write(&file, text).unwrap();
    let (file, mapping) = (file.to_str().unwrap(), mapping.to_str().unwrap());
    let proposed = bex(&["mapping", "sample", file]).exits(0);
    for line in
        ["[choices.medical]", "\"Waived\" = \"\"", "\"X\" = \"DENTAL\"", "\"N\" = \"\"", "\"PPO 500\" = \"PPO-500\""]
    {
        assert!(proposed.out.contains(line), "{line}\n{}", proposed.out);
    }
    fs::write(mapping, &proposed.out).unwrap();
    bex(&["mapping", "check", mapping, file]).exits(0).says("3 families, 0 of them incomplete, 0 bad rows");
    // What people are told with beside them is a census first.
    let both = format!("Last Name,First Name,DOB,{}", text.replace("\nE", "\nSample,Ann,03/22/1990,E"));
    fs::write(file, both).unwrap();
    assert_eq!(bex(&["--json", "mapping", "sample", file]).exits(0).json()["kind"], "census");
    bex(&["mapping", "sample", file, "--as", "elections"]).exits(0).says("[choices.vision]");
}

#[test]
fn a_file_without_a_header_line_is_proposed_by_the_shapes_of_its_cells_and_what_is_left_is_named_by_places() {
    let folder = tempfile::tempdir().unwrap();
    let file = fixture("exports/pipes-without-header/census.txt");
    let file = file.to_str().unwrap();
    let proposed = bex(&["mapping", "sample", file]).exits(1);
    for line in [
        "header_line = 0",
        "family_key = { position = 1 }",
        "relationship = { position = 3 }",
        "ssn = { position = 8 }",
        "birth_date = { position = 9, format = \"date:YYYYMMDD\" }",
        "# … = { position = 4 }  # like Aaaaaaaaaa",
        "# still to be named: last_name, first_name\n",
    ] {
        assert!(proposed.out.contains(line), "{line}\n{}", proposed.out);
    }
    assert!(!proposed.out.contains("Exampleton"));
    // What a newcomer then writes: the names of two places.
    let whole = proposed.out.replace("# … = { position = 4 }", "last_name = { position = 4 }");
    let whole = whole.replace("# … = { position = 5 }", "first_name = { position = 5 }");
    let mapping = folder.path().join("proposed.toml");
    fs::write(&mapping, whole).unwrap();
    bex(&["mapping", "check", mapping.to_str().unwrap(), file]).exits(0).says("4 families, 0 of them incomplete");
}

/// Words of a file that are nobody's business: what stands in cells of names, numbers and addresses.
fn personal(text: &str) -> Vec<&str> {
    let cells = text.lines().skip(1).flat_map(|line| line.split([',', '|', '"']));
    let of_somebody = |cell: &&str| {
        let digits = cell.chars().filter(char::is_ascii_digit).count();
        digits >= 8 || cell.contains('@') || cell.ends_with(" Way") || ["Probeman", "Bo", "Musterby"].contains(cell)
    };
    cells.filter(of_somebody).collect()
}

#[test]
fn neither_a_proposal_nor_an_explanation_shows_anything_of_anybody() {
    let census = fixture("scenarios/hris-export/night-1/Census_20260302.csv");
    let mapping = fixture("scenarios/hris-export/census.toml");
    let text = fs::read_to_string(&census).unwrap();
    let (file, mapping) = (census.to_str().unwrap(), mapping.to_str().unwrap());
    let proposed = bex(&["mapping", "sample", file]).exits(0);
    let explained = bex(&["mapping", "explain", mapping, file, "--line", "2"]).exits(0);
    for value in personal(&text) {
        assert!(!proposed.out.contains(value) && !explained.out.contains(value), "{value}");
    }
    explained.says("999-99-9999").says("999999999").says("nine digits").says("subscriber").says("column 7");
}

#[test]
fn what_stands_in_the_wrong_column_is_not_shown_and_its_line_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("people.csv");
    let sampled = |text: &str| {
        fs::write(&file, text).unwrap();
        bex(&["mapping", "sample", file.to_str().unwrap()])
    };
    let elections = "Employee ID,Plan,Coverage Level,Effective Date\nE1,Ann Alpha,FAM,01/22/2026\n\
                     E2,899-31-2001,EE,01/22/2026\nE3,\"Gamma, Eli\",EE,01/22/2026\nE4,Medical PPO,EE,01/22/2026\n";
    let proposed = sampled(elections).says("\"Medical PPO\" = \"MEDICAL-PPO\"").says("line 2 like Aaa Aaaaa");
    proposed.never_says("Ann Alpha").never_says("ANN-ALPHA").never_says("899-31").never_says("Gamma");
    let people = "Employee ID,Last Name,First Name,Birth Date,Relationship,Status,Term Reason\n\
                  E1,Alpha,Ann,04/22/1979,Employee,Cancer leave,Died of AIDS\n\
                  E2,Beta,Dee,07/23/1990,Ann Secret,On STD - pregnancy,\nE3,Gamma,Eli,07/23/1990,Dep,On Assignment Leave,\n";
    let proposed = sampled(people).says("\"Dep\" = \"…\"").says("not shown").says("line 2 like Aaaaaa aaaaa");
    for word in ["Secret", "Cancer", "AIDS", "STD", "pregnancy"] {
        assert!(!proposed.out.contains(word), "{word}\n{}", proposed.out);
    }
}

#[test]
fn dependents_below_their_employee_are_proposed_as_such_and_read() {
    let folder = tempfile::tempdir().unwrap();
    let (file, mapping) = (folder.path().join("people.csv"), folder.path().join("proposed.toml"));
    let text = "sep=,\nEmployee ID,Relationship,Last Name,First Name,DOB,Home Address Line 1,City,State,ZIP,Social,Person #\n\
                E1,EE,Sample,Ann,03/22/1990,1 Specimen Way,Springfield,IL,62701,899-31-1001,0\n\
                ,Child,Sample,Bo,04/25/2015,,,,,,1\nE2,EE,Example,Cy,05/26/1985,,,,,,0\n";
    fs::write(&file, text).unwrap();
    let proposed = bex(&["mapping", "sample", file.to_str().unwrap()]).exits(0).says("dependents-following");
    for line in ["address_line1 = \"Home Address Line 1\"", "ssn = \"Social\"", "person_key = \"Person #\""] {
        assert!(proposed.out.contains(line), "{line}\n{}", proposed.out);
    }
    assert!(!proposed.out.contains("header_line"), "{}", proposed.out);
    fs::write(&mapping, &proposed.out).unwrap();
    let read = ["mapping", "check", mapping.to_str().unwrap(), file.to_str().unwrap()];
    bex(&read).exits(0).says("2 families, 0 of them incomplete, 0 bad rows");
    // The same export without the spreadsheet's own line.
    fs::write(&file, text.replace("sep=,\n", "")).unwrap();
    bex(&read).exits(0).says("2 families, 0 of them incomplete, 0 bad rows");
}

#[test]
fn a_mapping_whose_file_is_called_as_no_source_is_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mapping = folder.path().join("example.night.toml");
    fs::write(&mapping, "").unwrap();
    let file = fixture("first-feed/census-1.csv");
    let said = bex(&["mapping", "check", mapping.to_str().unwrap(), file.to_str().unwrap()]);
    said.exits(1).refuses_with("CLI004").says("without a further dot");
}

#[test]
fn a_row_is_explained_by_its_line_and_a_column_by_its_name() {
    let (mapping, file) = (
        fixture("scenarios/hris-export/elections.toml"),
        fixture("scenarios/hris-export/night-2/BenefitElections_20260303.txt"),
    );
    let (mapping, file) = (mapping.to_str().unwrap(), file.to_str().unwrap());
    let one = bex(&["--json", "mapping", "explain", mapping, file, "--line", "2", "--column", "end"]).exits(0).json();
    assert_eq!(one["values"].as_array().unwrap().len(), 1);
    assert_eq!(one["values"][0]["after"], "nothing: a day in a far year is no end");
    bex(&["mapping", "explain", mapping, file, "--line", "99"]).exits(1).refuses_with("CLI011");
    bex(&["mapping", "sample", "/nowhere"]).exits(1).refuses_with("CLI004");
}

#[test]
fn titles_are_proposed_as_remarks_and_blank_lines_above_the_header_need_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (file, mapping) = (folder.path().join("people.csv"), folder.path().join("proposed.toml"));
    let head = "Employee ID,Last Name,First Name,DOB,Relationship,Status\n";
    let rows =
        "E1,Sample,Ann,03/22/1980,EE,On Leave\nE1,Sample,Bo,04/25/2015,Child,\nE2,Other,Cy,05/26/1985,EE,Active\n";
    let read_by = |text: &str| {
        fs::write(&file, text).unwrap();
        bex(&["--now", "2026-03-02T22:00:00Z", "mapping", "check", mapping.to_str().unwrap(), file.to_str().unwrap()])
    };
    let whole = "3 rows, 2 families, 0 of them incomplete, 0 bad rows";
    for (above, proposes, never) in [
        ("Census Report\nRun date: 03/02/2026\n\n", "remarks = [\"Census Report\", \"Run date\"]", "header_line"),
        ("\n\n", "values = { \"On Leave\" = \"leave\" }", "header_line"),
        ("Employee,Employee,Employee,Personal,Personal,Job\n", "header_line = 2", "remarks = ["),
        ("Report of Secret Person\n\n", "remarks = [\"Report of\"]", "Secret"),
        ("Secret Person's people\n\n", "header_line = 3", "Secret"),
    ] {
        let text = format!("{above}{head}{rows}");
        fs::write(&file, &text).unwrap();
        let proposed = bex(&["mapping", "sample", file.to_str().unwrap()]).exits(0).says(proposes);
        assert!(!proposed.out.contains(never), "{never}\n{}", proposed.out);
        fs::write(&mapping, &proposed.out).unwrap();
        read_by(&text).exits(0).says(whole);
        if never == "header_line" {
            // Next month's, without a title.
            read_by(&format!("{head}{rows}")).exits(0).says(whole);
        }
    }
}

#[test]
fn files_that_make_a_census_are_proposed_together_and_read() {
    let folder = tempfile::tempdir().unwrap();
    let mapping = folder.path().join("proposed.toml");
    let (employees, dependents) = (fixture("two-files/employees.csv"), fixture("two-files/dependents.csv"));
    let files = [employees.to_str().unwrap(), dependents.to_str().unwrap()];
    // Nobody calls a number `Employee`: which column it is has to be said, and what `No` and `Dep` are.
    let proposed = bex(&["mapping", "sample", files[0], files[1]]).exits(1).says("LOOK HERE");
    for line in ["layout = \"parts\"", "[parts.employees]", "makes = \"dependents\"", "delimiter = \"pipe\""] {
        assert!(proposed.out.contains(line), "{line}\n{}", proposed.out);
    }
    assert!(!proposed.out.contains("Probeman"));
    let told = proposed.out.replace("# LOOK HERE", "family_key = \"Employee\"\nperson_key = \"No\"\n#");
    let dep = "relationship = { header = \"Relation\", values = { \"Dep\" = \"child\" } }";
    fs::write(&mapping, told.replace("relationship = \"Relation\"", dep)).unwrap();
    bex(&["--now", "2026-03-02T22:00:00Z", "mapping", "check", mapping.to_str().unwrap(), files[1], files[0]])
        .exits(0)
        .says("5 rows, 3 families, 0 of them incomplete, 0 bad rows");
}

#[test]
fn an_employees_and_a_persons_number_in_one_cell_and_words_that_are_likely_are_proposed() {
    let file = fixture("exports/one-cell-for-many/census.csv");
    let proposed = bex(&["mapping", "sample", file.to_str().unwrap()]);
    for line in
        ["family_key = { header = \"Person ID\", take = [\"before -\"] }", "person_key = { header = \"Person ID\""]
    {
        assert!(proposed.out.contains(line), "{line}\n{}", proposed.out);
    }
    let file = fixture("exports/own-words/census.csv");
    let proposed = bex(&["mapping", "sample", file.to_str().unwrap()]);
    for line in ["\"Kid\" = \"child\"", "\"Team Member\" = \"subscriber\"", "\"Gone\" = \"terminated\""] {
        assert!(proposed.out.contains(line), "{line}\n{}", proposed.out);
    }
}
