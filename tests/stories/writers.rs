//! Who may write what: one writer for every fact, and a trespass by anybody else.

use std::collections::BTreeSet;

use dossier::dossier::Trespass;
use dossier::fact::Fact;
use dossier::ids::{DossierCode, UnitId};
use dossier::wire;
use tests::given::{Story, at, by, given};

use crate::cast::*;
use crate::facts::*;
use crate::privacy::of_personal_data;
use crate::writers_table::{about_no_dossier, table};

#[test]
fn the_table_knows_every_fact() {
    let of_dossiers = table().into_iter().map(|(fact, _, _)| fact);
    let known: BTreeSet<&str> = of_dossiers
        .chain(about_no_dossier())
        .chain(of_personal_data().into_iter().map(|(fact, _, _)| fact))
        .map(|fact| wire::kind(&fact))
        .collect();
    assert_eq!(known, BTreeSet::from(wire::KINDS));
}

#[test]
fn what_is_about_no_dossier_is_written_about_none() {
    let story = given(commune(), licence_in_work(&licence()));
    for fact in about_no_dossier() {
        for unit in everyone() {
            let refused = story.dossier().may_write(&unit, &fact);
            assert!(
                matches!(refused, Err(Trespass::NotAboutADossier { .. })),
                "{unit} writes {fact:?}: {refused:?}"
            );
        }
    }
}

#[test]
fn every_fact_has_one_writer_and_by_others_moves_nothing() {
    for (fact, writer, story) in table().into_iter().chain(of_personal_data()) {
        story.nobody_else_writes(&writer, &fact, &everyone());
    }
}

#[test]
fn before_reception_nobody_writes_a_timeline_or_about_a_step() {
    let online = given(commune(), [at(TUE_2, registered())]);
    for (fact, writer, _) in table().into_iter().skip(3) {
        let allowed = online.dossier().may_write(&writer, &fact);
        assert!(
            allowed.is_err(),
            "{writer} writes {fact:?} about a dossier that nobody received"
        );
    }
}

#[test]
fn a_desk_takes_in_only_under_its_own_codes() {
    let foreign = DossierCode::parse("000.05.27.H33-180102-0001").unwrap();
    let dossier = dossier::dossier::Dossier::at(foreign, commune());
    for fact in [registered(), declined(), received_due(&licence(), None)] {
        assert!(dossier.may_write(&commune(), &fact).is_err(), "{fact:?}");
    }
}

#[test]
fn two_units_never_share_a_code() {
    // The code of H33-27 ends its agency in zeros; a unit may not spell them.
    for text in ["H33-27-00", "H33-27-000", "H33-00", "0", "H33-27-00-000"] {
        assert!(UnitId::parse(text).is_err(), "{text}");
    }
    for text in ["H33", "H33-27", "H33-00-04", "H33-27-10", "G09-20"] {
        assert!(UnitId::parse(text).is_ok(), "{text}");
    }
}

#[test]
fn a_performer_writes_about_its_own_turn_only() {
    let story = given(commune(), [received(&licence())]).and([
        at(
            TUE_2,
            Fact::Dispatched(dispatched("appraisal", 1, district())),
        ),
        by(district(), WED_3, step_declined("appraisal", 1)),
        at(
            WED_3,
            Fact::Dispatched(dispatched("appraisal", 2, land_office())),
        ),
    ]);
    let may = |unit: UnitId, fact: Fact| story.dossier().may_write(&unit, &fact).is_ok();
    assert!(may(land_office(), accepted("appraisal", 2, FRI_5)));
    assert!(!may(land_office(), accepted("appraisal", 1, FRI_5)));
    assert!(!may(district(), accepted("appraisal", 2, FRI_5)));
    assert!(!may(district(), completed("appraisal", 1)), "it declined");
    for turn in [0, 3, u32::MAX] {
        assert!(
            !may(land_office(), accepted("appraisal", turn, FRI_5)),
            "turn {turn}"
        );
    }
    assert!(
        !may(land_office(), accepted("survey", 1, FRI_5)),
        "a step that was never given out"
    );
}

/// What the district may write about its turn of the appraisal, by kind, without the prefix.
fn follows_on(story: &Story) -> Vec<String> {
    let performers = table()
        .into_iter()
        .filter(|(_, writer, _)| *writer == district());
    performers
        .filter(|(fact, _, _)| !matches!(fact, Fact::Reminded(_)))
        .filter(|(fact, _, _)| story.dossier().may_write(&district(), fact).is_ok())
        .map(|(fact, _, _)| {
            wire::kind(&fact)
                .replace("vn.motcua.", "")
                .replace(".v1", "")
        })
        .collect()
}

#[test]
fn a_performer_keeps_its_own_order_too() {
    let offered = [
        received(&licence()),
        at(
            TUE_2,
            Fact::Dispatched(dispatched("appraisal", 1, district())),
        ),
    ];
    let offered = given(commune(), offered);
    assert_eq!(follows_on(&offered), ["step.accepted", "step.declined"]);
    let declined = offered.and([by(district(), WED_3, step_declined("appraisal", 1))]);
    assert!(follows_on(&declined).is_empty());

    let taken = given(commune(), licence_in_work(&licence()));
    let work = [
        "step.allotted",
        "step.assigned",
        "supplement.needed",
        "opinion.asked",
        "obligation.assessed",
        "step.returned",
        "step.completed",
        "step.apologised",
    ];
    assert_eq!(follows_on(&taken), work);
    // The first opinion and the obligation are there: the opinion may come, neither is repeated.
    let asked = taken.and([
        by(district(), THU_4, opinion_asked(1)),
        by(district(), THU_4, assessed("appraisal", 1, 0, "TB-15")),
    ]);
    let work = [
        "step.allotted",
        "step.assigned",
        "supplement.needed",
        "opinion.given",
        "step.returned",
        "step.completed",
        "step.apologised",
    ];
    assert_eq!(follows_on(&asked), work);
    let completed = asked.and([by(district(), FRI_5, completed("appraisal", 1))]);
    assert!(follows_on(&completed).is_empty());
}
