//! Parameters that are wrong are refused with what is wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::PathBuf;

use calendar::Calendar;
use catalogue::Catalogue;
use tempfile::TempDir;
use workload::{QuarterSettings, Workload, WorkloadError};

fn deploy(part: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../deploy")
        .join(part)
}

fn changed(right: &str, wrong: &str) -> Result<QuarterSettings, WorkloadError> {
    let text = fs::read_to_string(deploy("chau-thanh/quarter.toml")).unwrap();
    assert!(text.contains(right), "{right}");
    let dir = TempDir::new().unwrap();
    fs::write(
        dir.path().join("quarter.toml"),
        text.replacen(right, wrong, 1),
    )
    .unwrap();
    QuarterSettings::load(dir.path())
}

#[test]
fn a_parameter_that_makes_no_sense_is_refused_by_name() {
    let cases = [
        ("declined = 0.004", "declined = 4.0", "4 is no share"),
        ("declined = 0.004", "refusals = 0.004", "refusals"),
        ("direct = 0.965", "direct = 0.5", "channels add up to"),
        (
            "H33-27-01 = 0.18",
            "H33-27-01 = 0.28",
            "commune_shares add up to",
        ),
        (
            "pace = { median = 0.48, sigma = 0.24 }",
            "pace = { median = 0.0, sigma = 0.24 }",
            "a median is above 0",
        ),
        (
            "from = \"07:00\", to = \"08:00\"",
            "from = \"09:00\", to = \"08:00\"",
            "the earlier first",
        ),
        (
            "last_day = \"2018-03-31\"",
            "last_day = \"2017-03-31\"",
            "lies after",
        ),
        ("share = 0.30", "share = 0.90", "District add up to"),
    ];
    for (right, wrong, said) in cases {
        let refusal = changed(right, wrong).unwrap_err().to_string();
        assert!(
            refusal.contains(said) && refusal.contains("quarter.toml"),
            "{wrong}: {refusal}"
        );
    }
}

#[test]
fn parameters_that_do_not_fit_the_registers_are_refused() {
    let catalogue = Catalogue::load(&deploy("registers"), &deploy("chau-thanh")).unwrap();
    let cases = [
        ("field = \"Đất đai\"", "field = \"Hàng hải\"", "Hàng hải"),
        ("\"1.013831\" = 0.66", "\"9.999999\" = 0.66", "9.999999"),
        ("H33-27-01 = 0.18", "H33-27-77 = 0.18", "H33-27-01"),
    ];
    for (right, wrong, said) in cases {
        let settings = changed(right, wrong).unwrap();
        let refusal = Workload::new(1, &catalogue, Calendar::published(), &settings, Some(100))
            .unwrap_err()
            .to_string();
        assert!(refusal.contains(said), "{wrong}: {refusal}");
    }
}
