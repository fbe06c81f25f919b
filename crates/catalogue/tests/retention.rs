//! How long a dossier is kept, by the registers that are deployed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

use catalogue::Catalogue;
use chrono::NaiveDate;
use dossier::ids::ProcedureCode;

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy")
}

/// For how many years: `Some(None)` for ever, `None` where there is no rule.
fn kept(code: &str, field: &str) -> Option<Option<u16>> {
    let catalogue = Catalogue::load(&deploy().join("registers"), &deploy().join("chau-thanh"));
    let code = ProcedureCode::parse(code).unwrap();
    let day = NaiveDate::from_ymd_opt(2018, 3, 1).unwrap();
    let rule = catalogue.unwrap();
    rule.retention(&code, field, day).map(|rule| rule.years)
}

#[test]
fn a_certified_signature_is_kept_for_two_years_and_a_certified_contract_for_twenty() {
    assert_eq!(kept("2.000884", "Chứng thực"), Some(Some(2)));
    assert_eq!(kept("2.001044", "Chứng thực"), Some(Some(20)));
}

#[test]
fn a_field_has_a_rule_for_all_its_procedures() {
    assert_eq!(kept("1.001193", "Hộ tịch"), Some(None));
    assert_eq!(kept("1.002253", "Đất đai"), Some(None));
}

#[test]
fn what_nobody_wrote_down_has_no_rule() {
    assert_eq!(kept("2.000815", "Chứng thực"), None);
}

#[test]
fn a_rule_that_makes_no_sense_is_named_by_file_and_line() {
    let dir = tempfile::tempdir().unwrap();
    for found in fs::read_dir(deploy().join("registers")).unwrap().flatten() {
        if found.path().is_file() {
            fs::copy(found.path(), dir.path().join(found.file_name())).unwrap();
        }
    }
    fs::create_dir(dir.path().join("routes")).unwrap();
    for found in fs::read_dir(deploy().join("registers/routes"))
        .unwrap()
        .flatten()
    {
        fs::copy(
            found.path(),
            dir.path().join("routes").join(found.file_name()),
        )
        .unwrap();
    }
    let head = "code,field,document,keep,basis,known,source\n";
    for (row, problem) in [
        ("2.000884,,x,0,luật,read,s", "keep is \"0\""),
        ("2.000884,,x,for ever,luật,read,s", "keep is \"for ever\""),
        (
            "2.000884,Hộ tịch,x,2,luật,read,s",
            "name either a procedure's code or a field",
        ),
        (
            ",,x,2,luật,read,s",
            "name either a procedure's code or a field",
        ),
        ("9.999999,,x,2,luật,read,s", "9.999999 is in no register"),
        (",Hộ tich,x,2,luật,read,s", "no procedure is in the field"),
        ("2.000884,,x,2,,read,s", "the rule has no basis"),
        ("2.000884,,x,2,luật,heard,s", "known is \"heard\""),
        (
            ",Hộ tịch,x,2,luật,read,s\n,Hộ tịch,x,3,luật,read,s",
            "line 2 says for the same days",
        ),
    ] {
        fs::write(dir.path().join("retention.csv"), format!("{head}{row}\n")).unwrap();
        let error = Catalogue::load(dir.path(), &deploy().join("chau-thanh")).unwrap_err();
        let all: Vec<String> = error.faults.iter().map(ToString::to_string).collect();
        let named = |fault: &String| fault.contains("retention.csv:") && fault.contains(problem);
        assert!(all.iter().any(named), "{problem}: {all:?}");
    }
}
