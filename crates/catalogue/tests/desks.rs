//! What a unit's row may say about its desk and its codes, and who declares days.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

use calendar::SaturdayDesk;
use catalogue::{Catalogue, Unit};
use dossier::ids::{CodeForm, UnitId};
use tempfile::TempDir;

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy")
}

/// The published profile with a line of its register of units written otherwise.
fn with(line: &str, otherwise: &str) -> Result<Catalogue, String> {
    let text = fs::read_to_string(deploy().join("chau-thanh/units.toml")).unwrap();
    let written = text.replace(line, otherwise);
    assert_ne!(written, text, "{line} is not there");
    let profile = TempDir::new().unwrap();
    fs::write(profile.path().join("units.toml"), written).unwrap();
    let loaded = Catalogue::load(&deploy().join("registers"), profile.path());
    loaded.map_err(|error| error.to_string())
}

fn unit(catalogue: &Catalogue, id: &str) -> Unit {
    catalogue.unit(&UnitId::parse(id).unwrap()).unwrap().clone()
}

#[test]
fn a_row_may_open_its_desk_on_saturdays_and_widen_its_codes() {
    let row = "id = \"H33-27-04\"\n";
    let more =
        "desk_saturday = \"whole_day\"\nserial_width = 5\ncode_form = \"most_significant_first\"\n";
    let catalogue = with(row, &format!("{row}{more}")).unwrap();
    let open = unit(&catalogue, "H33-27-04");
    assert_eq!(open.desk_days.saturday, SaturdayDesk::WholeDay);
    assert_eq!(open.serial_width.digits(), 5);
    assert_eq!(open.code_form, Some(CodeForm::MostSignificantFirst));
    let plain = unit(&catalogue, "H33-27-05");
    assert_eq!(plain.desk_days.saturday, SaturdayDesk::Closed);
    assert_eq!((plain.serial_width.digits(), plain.code_form), (4, None));
}

#[test]
fn an_agency_has_no_desk_to_open_and_no_serial_of_three_digits_is_read() {
    let row = "id = \"H33-27-92\"\n";
    let fault = with(row, &format!("{row}desk_saturday = \"morning\"\n")).unwrap_err();
    assert!(
        fault.contains("H33-27-92 has no desk and a desk_saturday"),
        "{fault}"
    );
    let row = "id = \"H33-27-04\"\n";
    let fault = with(row, &format!("{row}serial_width = 3\n")).unwrap_err();
    assert!(fault.contains("units.toml:"), "{fault}");
}

#[test]
fn the_authority_over_the_calendar_is_a_district_of_the_register_or_nobody() {
    let line = "calendar_authority = \"H33-27\"\n";
    let authority = with("name = \"UBND xã Mong Thọ A\"", "name = \"Mong Thọ A\"").unwrap();
    assert_eq!(authority.calendar_authority().unwrap().as_str(), "H33-27");
    assert_eq!(with(line, "").unwrap().calendar_authority(), None);
    for other in ["H33-27-04", "H33-99"] {
        let fault = with(line, &format!("calendar_authority = \"{other}\"\n")).unwrap_err();
        let expected = format!("calendar_authority {other} is no district of this register");
        assert!(fault.contains(&expected), "{fault}");
    }
}
