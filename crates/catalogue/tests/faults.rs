//! Registers that are wrong, each told by file and line.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;

use catalogue::{Catalogue, CatalogueError};
use tempfile::TempDir;

const UNITS: &str = r#"version = "test.1"
[[units]]
id = "H33-27"
name = "UBND huyện"
level = "district"
roles = ["district"]
acknowledge = "by_officer"
[[units]]
id = "H33-27-01"
name = "UBND xã"
level = "commune"
overseer = "H33-27"
roles = ["commune"]
acknowledge = "on_arrival"
[[departments]]
unit = "H33-27"
name = "Phòng Đất"
fields = ["Đất đai"]
[[departments]]
level = "commune"
name = "Địa chính"
fields = ["Đất đai"]
"#;
const HEADER: &str = "# a comment\ncode,name,field,level,at_once,limit,unit,basis,source\n";
const ROW: &str = "1.000001,Giao đất,Đất đai,district,no,10,working_days,luật,cổng\n";
const ROUTE: &str = r#"procedures = ["1.000001"]
basis = "luật"
source = "cổng"
[clock]
supplement = "restart"
payment = "pause"
[[papers]]
name = "Đơn"
required = true
[[steps]]
key = "check"
task = "Kiểm tra"
role = "district"
limit = { amount = 4, unit = "working_days" }
source = "cổng"
[[steps]]
key = "sign"
task = "Ký"
role = "district"
inputs = ["check"]
limit = { amount = 6, unit = "working_days" }
source = "cổng"
"#;

fn load(units: &str, rows: &str, route: &str) -> Result<Catalogue, CatalogueError> {
    let dir = TempDir::new().unwrap();
    fs::create_dir(dir.path().join("routes")).unwrap();
    fs::write(dir.path().join("units.toml"), units).unwrap();
    fs::write(dir.path().join("procedures.csv"), format!("{HEADER}{rows}")).unwrap();
    fs::write(dir.path().join("routes/giao_dat.toml"), route).unwrap();
    Catalogue::load(dir.path(), dir.path())
}

fn told(loaded: Result<Catalogue, CatalogueError>, file: &str, line: u64, said: &str) {
    let faults = loaded.unwrap_err().faults;
    let found = faults
        .iter()
        .any(|f| f.file.ends_with(file) && f.line == Some(line) && f.problem.contains(said));
    assert!(
        found,
        "no fault at {file}:{line} saying {said:?} in {faults:#?}"
    );
}

#[test]
fn what_is_right_is_loaded() {
    assert!(load(UNITS, ROW, ROUTE).is_ok());
}

#[test]
fn a_row_of_the_procedures_that_is_wrong() {
    let cases = [
        (
            "1.000001,Giao đất,Đất đai,district,no,1,OTHER,luật,cổng\n",
            "OTHER",
        ),
        (
            "1.000001,Giao đất,Đất đai,district,no,0,working_days,luật,cổng\n",
            "limit of 0",
        ),
        (
            "1.000001,Giao đất,Đất đai,district,no,99999,days,luật,cổng\n",
            "99999",
        ),
        (
            "1.000001,Giao đất,Đất đai,province,no,10,days,luật,cổng\n",
            "province",
        ),
        (
            "1.000001,Giao đất,Đất đai,district,maybe,10,days,luật,cổng\n",
            "maybe",
        ),
        (
            "1.000001,Giao đất,Đất đai,district,yes,10,days,luật,cổng\n",
            "at once",
        ),
        (
            "1.000001,Giao đất,Đất đai,district,no,10,days,luật,\n",
            "no source",
        ),
        (
            "mã lạ,Giao đất,Đất đai,district,no,10,days,luật,cổng\n",
            "not a procedure code",
        ),
        (
            "1.000001,Giao đất,Hàng hải,district,no,10,days,luật,cổng\n",
            "no department",
        ),
    ];
    for (row, said) in cases {
        told(load(UNITS, row, ROUTE), "procedures.csv", 3, said);
    }
    told(
        load(UNITS, &format!("{ROW}{ROW}"), ROUTE),
        "procedures.csv",
        4,
        "line 3 already",
    );
}

#[test]
fn a_unit_that_is_wrong() {
    let cases = [
        (r#"id = "H33-27-01""#, r#"id = "h33""#, 9, "is not a unit"),
        (r#"id = "H33-27-01""#, r#"id = "H33-27""#, 9, "occurs twice"),
        (
            r#"overseer = "H33-27""#,
            r#"overseer = "H33-99""#,
            9,
            "no district",
        ),
        (r#"roles = ["commune"]"#, r#"roles = ["tax"]"#, 9, "plays"),
        (
            r#"roles = ["commune"]"#,
            r#"roles = ["baker"]"#,
            13,
            "baker",
        ),
        (
            r#"acknowledge = "on_arrival""#,
            "acknowledge = \"on_arrival\"\nreceives_for_superior = [\"1.000009\"]",
            9,
            "1.000009",
        ),
        (
            r#"level = "commune"
overseer"#,
            "level = \"commune\"\nkind = \"tax\"\noverseer",
            9,
            "no agency",
        ),
        (
            r#"unit = "H33-27""#,
            r#"unit = "H33-99""#,
            17,
            "belongs to no unit",
        ),
    ];
    for (right, wrong, line, said) in cases {
        told(
            load(&UNITS.replacen(right, wrong, 1), ROW, ROUTE),
            "units.toml",
            line,
            said,
        );
    }
}

#[test]
fn a_step_of_a_route_that_is_wrong() {
    let cases = [
        (
            r#"inputs = ["check"]"#,
            r#"inputs = ["survey"]"#,
            17,
            "survey",
        ),
        (
            r#"inputs = ["check"]"#,
            r#"inputs = ["sign"]"#,
            17,
            "wait for one another",
        ),
        (r#"key = "sign""#, r#"key = "check""#, 17, "occurs twice"),
        (
            "role = \"district\"\ninputs",
            "role = \"police\"\ninputs",
            17,
            "Police",
        ),
        (
            "role = \"district\"\ninputs",
            "role = \"commune\"\ninputs",
            17,
            "the commune's",
        ),
        (
            "role = \"district\"\ninputs",
            "role = \"district\"\ndepartment = \"Phòng Lạ\"\ninputs",
            17,
            "Phòng Lạ",
        ),
        ("amount = 6", "amount = 7", 1, "88 working hours"),
        (
            r#"amount = 6, unit = "working_days""#,
            r#"amount = 0, unit = "none_stated""#,
            17,
            "no limit",
        ),
        (
            r#"procedures = ["1.000001"]"#,
            r#"procedures = ["1.000002"]"#,
            1,
            "not in procedures.csv",
        ),
    ];
    for (right, wrong, line, said) in cases {
        told(
            load(UNITS, ROW, &ROUTE.replacen(right, wrong, 1)),
            "giao_dat.toml",
            line,
            said,
        );
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let units = UNITS.replacen(r#"overseer = "H33-27""#, r#"overseer = "H33-99""#, 1);
    let route = ROUTE.replacen("amount = 6", "amount = 60", 1);
    let rows = format!("{ROW}1.000002,,Đất đai,commune,no,10,days,luật,cổng\n");
    let error = load(&units, &rows, &route).unwrap_err();
    assert_eq!(error.faults.len(), 3, "{error}");
    let said = error.to_string();
    assert!(
        said.contains("units.toml:9:")
            && said.contains("procedures.csv:4:")
            && said.contains("giao_dat.toml:1:"),
        "{said}"
    );
}

#[test]
fn a_directory_without_registers_is_refused_with_the_files_that_are_missing() {
    let dir = TempDir::new().unwrap();
    let said = Catalogue::load(dir.path(), dir.path())
        .unwrap_err()
        .to_string();
    for file in ["units.toml", "procedures.csv", "routes"] {
        assert!(said.contains(file), "{said}");
    }
}
