//! Dossier codes and agency identifiers, by the texts that shaped them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use chrono::NaiveDate;
use dossier::ids::{CodeForm, DossierCode, NotIssued, SerialWidth, UnitId};
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};

fn unit(id: &str) -> UnitId {
    UnitId::parse(id).unwrap()
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

#[test]
fn tt01_2018_art_19_a_code_is_agency_day_and_four_digits() {
    let table = [
        (
            "H56-06",
            day(2023, 10, 27),
            361,
            "000.00.06.H56-231027-0361",
        ),
        ("H33-27-04", day(2018, 1, 2), 1, "000.04.27.H33-180102-0001"),
        ("H33", day(2019, 1, 6), 9_999, "000.00.00.H33-190106-9999"),
        (
            "H33-27-04-011",
            day(2025, 6, 30),
            12,
            "011.04.27.H33-250630-0012",
        ),
    ];
    for (id, date, serial, expected) in table {
        let code = DossierCode::issue(&unit(id), date, serial).unwrap();
        assert_eq!(code.as_str(), expected);
        assert!(code.issued_by(&unit(id)), "{code}");
        assert_eq!(DossierCode::parse(expected).unwrap(), code);
    }
}

#[test]
fn from_1_july_2025_a_code_begins_with_the_most_significant_part() {
    let date = day(2026, 10, 8);
    let code = DossierCode::issue(&unit("H15-50-05-13"), date, 975).unwrap();
    assert_eq!(code.as_str(), "H15.50.05.13-261008-0975");
    assert!(code.issued_by(&unit("H15-50-05-13")));
    assert_eq!(CodeForm::of(day(2025, 6, 30)), CodeForm::Tt01);
    assert_eq!(
        CodeForm::of(day(2025, 7, 1)),
        CodeForm::MostSignificantFirst
    );
}

#[test]
fn a_unit_may_keep_the_older_form_longer() {
    let (date, width) = (day(2025, 8, 1), SerialWidth::default());
    let code = DossierCode::issue_as(&unit("H56-06"), date, 7, CodeForm::Tt01, width).unwrap();
    assert_eq!(code.as_str(), "000.00.06.H56-250801-0007");
    assert!(code.issued_by(&unit("H56-06")));
}

#[test]
fn tt01_2018_art_19_the_day_ends_at_9999() {
    let full = DossierCode::issue(&unit("H33-27"), day(2018, 1, 2), 10_000).unwrap_err();
    assert!(matches!(
        &full,
        NotIssued::RegisterFull {
            issued: 9_999,
            width: 4,
            ..
        }
    ));
    let said = full.to_string();
    assert!(
        said.contains("2018-01-02") && said.contains("wider"),
        "{said}"
    );
    assert!(DossierCode::issue(&unit("H33-27"), day(2018, 1, 2), 0).is_err());
}

#[test]
fn a_wider_serial_is_configured_up_to_seven_digits() {
    let issue = |serial, digits| {
        let width = SerialWidth::new(digits).unwrap();
        let form = CodeForm::MostSignificantFirst;
        DossierCode::issue_as(&unit("G09-20"), day(2026, 6, 9), serial, form, width)
    };
    assert_eq!(issue(10_000, 5).unwrap().as_str(), "G09.20-260609-10000");
    assert_eq!(issue(92_637, 7).unwrap().as_str(), "G09.20-260609-0092637");
    assert!(issue(100_000, 5).is_err());
    assert!(issue(10_000_000, 7).is_err());
    assert!(SerialWidth::new(3).is_err() && SerialWidth::new(8).is_err());
}

#[test]
fn codes_in_use_are_read() {
    for code in [
        "000.00.06.H56-231027-0361",
        "H15.50.05.13-261008-0975",
        "G09.20-260609-0092637",
        "G09.20-20260609-0092637",
    ] {
        assert_eq!(DossierCode::parse(code).unwrap().as_str(), code);
    }
    for bad in [
        "",
        "x",
        "H56-231027",
        "H56-23102-0361",
        "H56-2310270-0361",
        "H56-231027-361",
        "H56-231027-00000361",
        "h56-231027-0361",
        "H56..1-231027-0361",
        "H56-231027-036a",
        "-231027-0361",
    ] {
        assert!(DossierCode::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn tt01_2018_art_19_and_20_an_agency_has_several_spellings_and_one_identity() {
    let table = [
        ("000.00.06.H56", "H56-06"),
        ("H56.06", "H56-06"),
        ("H56-06", "H56-06"),
        ("H56.06.00.000", "H56-06"),
        ("H56-06-00", "H56-06"),
        ("H15.50.05.13", "H15-50-05-13"),
        ("013.05.50.H15", "H15-50-05-013"),
        ("000.00.00.G09", "G09"),
        ("G09", "G09"),
        // A unit of the third level directly under the first is not one of the second.
        ("000.04.00.H33", "H33-00-04"),
    ];
    for (written, canonical) in table {
        let read = UnitId::parse_any(written).unwrap();
        assert_eq!(read, unit(canonical), "{written}");
    }
    for bad in ["", ".", "000.00", "h56.06", "H56.06-01", "H56..06", "000"] {
        assert!(UnitId::parse_any(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_code_belongs_to_one_unit() {
    let code = DossierCode::parse("000.04.27.H33-180102-0361").unwrap();
    assert!(code.issued_by(&unit("H33-27-04")));
    for other in ["H33-27", "H33", "000-04-27-H33", "H33-27-04-000-1"] {
        assert!(!code.issued_by(&unit(other)), "{other}");
    }
}

#[test]
fn an_identifier_that_could_not_be_read_back_issues_no_code() {
    // Its dotted spelling would read as the unit B-A.
    let lettered = unit("A-B");
    let form = CodeForm::MostSignificantFirst;
    let refused =
        DossierCode::issue_as(&lettered, day(2026, 1, 5), 1, form, SerialWidth::default());
    assert_eq!(refused, Err(NotIssued::Spelling(lettered)));
}

/// Identifiers as QCVN 102:2016/BTTTT and QĐ 20/2020/QĐ-TTg shape them.
fn real_unit() -> impl Strategy<Value = UnitId> {
    "[GH][0-9]{2}(-[0-9]{2}){0,2}(-[0-9]{3})?"
        .prop_filter_map("the last level is used", |id| UnitId::parse(&id).ok())
}

proptest! {
    #[test]
    fn every_spelling_reads_back_as_the_same_unit(unit in real_unit()) {
        for written in [unit.to_string(), unit.dotted(), unit.qcvn()] {
            prop_assert_eq!(UnitId::parse_any(&written), Ok(unit.clone()), "{}", written);
        }
    }

    #[test]
    fn a_code_that_was_issued_is_its_units_own_and_reads_back(
        unit in real_unit(),
        other in real_unit(),
        days in 0i32..4_000,
        serial in 1u32..12_000,
        digits in 4u8..8,
        older in any::<bool>(),
    ) {
        let date = day(2018, 1, 2) + chrono::TimeDelta::days(days.into());
        let form = if older { CodeForm::Tt01 } else { CodeForm::MostSignificantFirst };
        let width = SerialWidth::new(digits).unwrap();
        match DossierCode::issue_as(&unit, date, serial, form, width) {
            Ok(code) => {
                prop_assert_eq!(DossierCode::parse(code.as_str()), Ok(code.clone()));
                prop_assert!(code.issued_by(&unit));
                prop_assert_eq!(code.issued_by(&other), unit == other);
            }
            Err(refused) => {
                prop_assert!(serial > width.serial_max(), "{}", refused);
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,90}") {
        if let Ok(unit) = UnitId::parse_any(&text) {
            prop_assert_eq!(UnitId::parse(unit.as_str()), Ok(unit.clone()));
        }
        if let Ok(code) = DossierCode::parse(&text) {
            prop_assert_eq!(code.as_str(), text);
        }
    }
}
