//! The registers as published and the profile of huyện Châu Thành.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::path::PathBuf;

use calendar::{Limit, LimitUnit};
use catalogue::{Acknowledge, Asked, Catalogue, Level, NotOffered};
use chrono::NaiveDate;
use dossier::ids::{ProcedureCode, StepKey, UnitId};
use dossier::procedure::{WaitEffect, check_route};

fn deploy(part: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../deploy")
        .join(part)
}

fn chau_thanh() -> Catalogue {
    Catalogue::load(&deploy("registers"), &deploy("chau-thanh"))
        .unwrap_or_else(|error| panic!("{error}"))
}

fn unit(id: &str) -> UnitId {
    UnitId::parse(id).unwrap()
}

fn code(text: &str) -> ProcedureCode {
    ProcedureCode::parse(text).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A day of the quarter that the profile of huyện Châu Thành describes.
fn in_2018() -> Asked<'static> {
    Asked::on(day("2018-01-02"))
}

fn units_of(catalogue: &Catalogue, home: &str, procedure: &str) -> Vec<(String, String)> {
    let (procedure, _) = catalogue
        .procedure_for(&unit(home), &code(procedure), &in_2018())
        .unwrap();
    procedure
        .route
        .iter()
        .map(|step| (step.key.as_str().to_owned(), step.unit.to_string()))
        .collect()
}

#[test]
fn the_profile_is_a_district_ten_communes_and_four_agencies() {
    let catalogue = chau_thanh();
    assert_eq!(catalogue.version(), "chau-thanh-2018.1");
    let of = |level| catalogue.units().filter(|unit| unit.level == level).count();
    assert_eq!(
        (of(Level::District), of(Level::Commune), of(Level::Agency)),
        (1, 10, 4)
    );
    let district = unit("H33-27");
    assert!(
        catalogue
            .units()
            .filter(|u| u.level == Level::Commune)
            .all(|u| u.overseer.as_ref() == Some(&district))
    );
    assert_eq!(
        catalogue.unit(&unit("H33-27-91")).unwrap().acknowledge,
        Acknowledge::ByOfficer
    );
    assert_eq!(
        catalogue.department_for(&district, "Đất đai"),
        Some("Phòng Tài nguyên và Môi trường")
    );
}

#[test]
fn every_procedure_that_a_desk_offers_can_be_walked_there() {
    let catalogue = chau_thanh();
    for (home, procedures_min, fields_min) in [("H33-27", 200, 42), ("H33-27-04", 100, 27)] {
        let offered = catalogue.offered_at(&unit(home), in_2018().date);
        let mut fields = BTreeSet::new();
        for code in &offered {
            let (procedure, competent) = catalogue
                .procedure_for(&unit(home), code, &in_2018())
                .unwrap();
            check_route(&procedure.route).unwrap();
            assert!(
                !procedure.route.is_empty() && !procedure.papers.is_empty(),
                "{code}"
            );
            assert!(catalogue.unit(&competent).is_some());
            let departments = procedure
                .route
                .iter()
                .filter(|s| catalogue.unit(&s.unit).unwrap().level != Level::Agency);
            assert!(
                departments.clone().all(|step| step.department.is_some()),
                "{code}"
            );
            fields.insert(procedure.field);
        }
        assert!(offered.len() >= procedures_min, "{home}: {}", offered.len());
        assert!(fields.len() >= fields_min, "{home}: {}", fields.len());
    }
    assert!(
        catalogue
            .offered_at(&unit("H33-27-91"), in_2018().date)
            .is_empty(),
        "agencies have no desk"
    );
}

#[test]
fn the_quarter_of_2018_is_offered_what_its_register_counts() {
    let catalogue = chau_thanh();
    let offered = |home: &str, on| catalogue.offered_at(&unit(home), day(on)).len();
    assert_eq!(offered("H33-27", "2018-01-02"), 224);
    // One more than the communes' own: what they receive for the district.
    assert_eq!(offered("H33-27-04", "2018-03-31"), 109 + 1);
    for code in catalogue.offered_at(&unit("H33-27"), in_2018().date) {
        let (procedure, _) = catalogue
            .procedure_for(&unit("H33-27"), code, &in_2018())
            .unwrap();
        assert_eq!(procedure.version, "chau-thanh-2018.1", "{code}");
        assert!(procedure.options.is_empty(), "{code}");
    }
}

#[test]
fn a_route_is_resolved_for_the_desk_that_asks() {
    let catalogue = chau_thanh();
    let pairs = |list: &[(&str, &str)]| {
        list.iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        units_of(&catalogue, "H33-27-04", "2.000986"),
        pairs(&[
            ("birth", "H33-27-04"),
            ("residence", "H33-27-93"),
            ("insurance", "H33-27-94")
        ])
    );
    assert_eq!(
        units_of(&catalogue, "H33-27", "2.000815"),
        pairs(&[("certification", "H33-27")])
    );
    assert_eq!(
        units_of(&catalogue, "H33-27-01", "2.000815"),
        pairs(&[("certification", "H33-27-01")])
    );
    let land = catalogue
        .procedure_for(&unit("H33-27"), &code("1.000798"), &in_2018())
        .unwrap()
        .0;
    assert_eq!(land.limit, Limit::new(15, LimitUnit::WorkingDays).unwrap());
    assert_eq!(land.route.len(), 5);
    assert!(land.route[4].after_payment && land.route[3].unit == unit("H33-27-92"));
    let survey = StepKey::parse("survey").unwrap();
    assert_eq!(
        catalogue.alternative_for(&unit("H33-27"), &code("1.000798"), &survey),
        Some(&unit("H33-27"))
    );
    let permit = catalogue
        .procedure_for(&unit("H33-27"), &code("1.009994"), &in_2018())
        .unwrap()
        .0;
    assert!(matches!(
        permit.clock.supplement,
        WaitEffect::SecondLimit(_)
    ));
}

#[test]
fn a_commune_receives_for_its_district_which_stays_competent() {
    let catalogue = chau_thanh();
    let (procedure, competent) = catalogue
        .procedure_for(&unit("H33-27-09"), &code("1.001731"), &in_2018())
        .unwrap();
    assert_eq!(competent, unit("H33-27"));
    assert_eq!(procedure.route[0].unit, unit("H33-27"));
    assert_eq!(
        procedure.route[0].department.as_deref(),
        Some("Phòng Lao động - Thương binh và Xã hội")
    );
}

#[test]
fn the_land_office_decides_a_transfer_that_the_district_takes_in() {
    let (_, competent) = chau_thanh()
        .procedure_for(&unit("H33-27"), &code("1.013831"), &in_2018())
        .unwrap();
    assert_eq!(competent, unit("H33-27-91"));
}

#[test]
fn what_a_desk_does_not_offer_is_said_with_code_and_desk() {
    let catalogue = chau_thanh();
    let refused = |home: &str, procedure: &str| {
        catalogue
            .procedure_for(&unit(home), &code(procedure), &in_2018())
            .unwrap_err()
    };
    assert!(matches!(
        refused("H33-27", "9.999999"),
        NotOffered::UnknownProcedure { .. }
    ));
    assert!(matches!(
        refused("H33-27-04", "1.000798"),
        NotOffered::NotReceivedHere { .. }
    ));
    assert!(matches!(
        refused("H33-27-92", "2.000815"),
        NotOffered::NotReceivedHere { .. }
    ));
    assert!(matches!(
        refused("H99", "2.000815"),
        NotOffered::UnknownUnit(_)
    ));
    let said = refused("H33-27-04", "1.000798").to_string();
    assert!(
        said.contains("1.000798") && said.contains("H33-27-04"),
        "{said}"
    );
}
