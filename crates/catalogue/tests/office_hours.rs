//! The office hours of a profile.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::Path;

use catalogue::{Catalogue, CatalogueError};

/// The published profile with a line of its own at the top.
fn with(line: &str) -> Result<Catalogue, CatalogueError> {
    let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
    let units = fs::read_to_string(deploy.join("chau-thanh/units.toml")).unwrap();
    let profile = tempfile::tempdir().unwrap();
    fs::write(
        profile.path().join("units.toml"),
        format!("{line}\n{units}"),
    )
    .unwrap();
    Catalogue::load(&deploy.join("registers"), profile.path())
}

#[test]
fn a_profile_that_says_nothing_keeps_the_published_hours() {
    assert!(with("").unwrap().office_hours().is_none());
}

#[test]
fn a_profile_says_when_its_offices_are_open() {
    let catalogue = with(r#"office_hours = ["07:30-11:30", "13:00-17:00"]"#).unwrap();
    let hours = catalogue.office_hours().unwrap();
    assert_eq!(hours.to_string(), "07:30-11:30,13:00-17:00");
}

#[test]
fn hours_that_cannot_be_are_told_by_their_line() {
    let table = [
        (r#"["13:00-17:00", "07:30-11:30"]"#, "in order"),
        (r#"["7h30"]"#, "7h30"),
        ("[]", "as a session"),
    ];
    for (written, said) in table {
        let faults = with(&format!("office_hours = {written}"))
            .unwrap_err()
            .faults;
        let found = faults.iter().any(|fault| {
            let told = fault.problem.starts_with("office_hours: ") && fault.problem.contains(said);
            fault.line == Some(1) && told
        });
        assert!(found, "{written}: {faults:?}");
    }
}
