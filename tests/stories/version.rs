//! A dossier keeps the version of its procedure; moving it to another is an event with its approver.
//! Codes of others are noted beside its own, which never changes.

use dossier::alias::NoteAlias;
use dossier::fact::Fact;
use dossier::ids::OfficerId;
use dossier::intake::Alias;
use dossier::procedure::{Procedure, RouteStep, WaitEffect};
use dossier::repin::MoveVersion;
use tests::given::{Story, at, by, given};

use crate::cast::*;
use crate::facts::*;

fn moved() -> MoveVersion {
    MoveVersion {
        approver: OfficerId::parse("ct-01").unwrap(),
        reason: "Quy trình mới rút ngắn bước thuế".to_owned(),
        basis: "QĐ 01/2018/QĐ-UBND".to_owned(),
    }
}

/// The next version: the survey is worded anew, the tax is done by the district, and a check by
/// the police is added beside it.
fn next_version() -> Procedure {
    let mut procedure = land_transfer();
    procedure.version = "2018.2".to_owned();
    procedure.clock = clock(WaitEffect::Pause, WaitEffect::Pause);
    procedure.route[0].task = "Đo đạc bằng thiết bị mới".to_owned();
    procedure.route[1].unit = district();
    procedure
        .route
        .push(route_step("security", police(), &["survey"]));
    procedure
}

/// The land office is surveying.
fn surveying() -> Story {
    given(
        commune(),
        [
            received(&land_transfer()),
            at(
                TUE_2,
                Fact::Dispatched(dispatched("survey", 1, land_office())),
            ),
            by(land_office(), TUE_2, accepted("survey", 1, THU_4)),
        ],
    )
}

#[test]
fn a_dossier_goes_on_under_the_new_version_and_keeps_its_date() {
    let story = surveying()
        .when(commune(), WED_3, |case| {
            moved().decide(case, &next_version())
        })
        .done()
        .the_home_goes_on([])
        .due(TUE_16);
    let dossier = story.dossier();
    assert_eq!(dossier.intake.repinned[0].1.version, "2018.2");
    assert_eq!(dossier.policy().supplement, WaitEffect::Pause);
    assert_eq!(
        dossier.received().unwrap().procedure.version,
        "2018.1",
        "what was received stays as it was"
    );
    // What was given out stays as it was given.
    assert_eq!(dossier.walk.steps[0].task, "Bước survey");
    story
        .and([by(land_office(), THU_4, completed("survey", 1))])
        .the_home_goes_on([
            Fact::Dispatched(dispatched("tax", 1, district())),
            Fact::Dispatched(dispatched("security", 1, police())),
        ]);
}

#[test]
fn a_step_that_is_ready_under_the_new_version_is_given_out_at_once() {
    let mut ready_now = next_version();
    ready_now
        .route
        .push(route_step("notice", tax_office(), &[]));
    surveying()
        .when(commune(), WED_3, |case| moved().decide(case, &ready_now))
        .done()
        .the_home_goes_on([Fact::Dispatched(dispatched("notice", 1, tax_office()))]);
}

#[test]
fn a_route_of_which_all_was_done_ends_with_the_move() {
    let shorter = Procedure {
        version: "2018.2".to_owned(),
        route: vec![route_step("survey", land_office(), &[])],
        ..land_transfer()
    };
    surveying()
        .and([
            by(land_office(), WED_3, completed("survey", 1)),
            at(WED_3, Fact::Dispatched(dispatched("tax", 1, tax_office()))),
        ])
        .when(commune(), WED_3, |case| moved().decide(case, &shorter))
        .saying("tax")
        .refused("repin.step_given_out");
    surveying()
        .and([by(land_office(), WED_3, completed("survey", 1))])
        .when(commune(), WED_3, |case| moved().decide(case, &shorter))
        .done()
        .the_home_goes_on([ready()]);
}

#[test]
fn a_dossier_is_moved_once_to_each_version_and_back_again() {
    let story = surveying()
        .when(commune(), WED_3, |case| {
            moved().decide(case, &land_transfer())
        })
        .saying("2018.1")
        .refused("repin.same_version");
    let story = story
        .when(commune(), WED_3, |case| {
            moved().decide(case, &next_version())
        })
        .done();
    let story = story
        .when(commune(), WED_3, |case| {
            moved().decide(case, &next_version())
        })
        .refused("repin.same_version");
    story
        .when(commune(), WED_3, |case| {
            moved().decide(case, &land_transfer())
        })
        .done();
}

#[test]
fn a_move_names_its_reason_and_basis_and_is_the_homes() {
    let newer = next_version();
    let silent = MoveVersion {
        reason: " ".to_owned(),
        ..moved()
    };
    let baseless = MoveVersion {
        basis: String::new(),
        ..moved()
    };
    let story = surveying()
        .when(commune(), WED_3, |case| silent.decide(case, &newer))
        .refused("reason.missing");
    let story = story
        .when(commune(), WED_3, |case| baseless.decide(case, &newer))
        .refused("repin.no_basis");
    let story = story
        .when(land_office(), WED_3, |case| moved().decide(case, &newer))
        .refused("home.elsewhere");
    let story = story
        .when(commune(), WED_3, |case| moved().decide(case, &other()))
        .refused("repin.other_procedure");
    story
        .and([at(WED_3, withdrawn())])
        .when(commune(), THU_4, |case| moved().decide(case, &newer))
        .refused("outcome.settled");
}

fn other() -> Procedure {
    Procedure {
        code: dossier::ids::ProcedureCode::parse("1.001193").unwrap(),
        ..next_version()
    }
}

#[test]
fn an_option_that_was_chosen_is_not_lost_on_the_way() {
    use crate::group_cast;
    let story = group_cast::received_in_group(&group_cast::birth(), &["the_can_cuoc"]);
    let without = Procedure {
        version: "2026.2".to_owned(),
        route: group_cast::birth()
            .route
            .into_iter()
            .filter(|step: &RouteStep| step.option.is_none())
            .collect(),
        ..group_cast::birth()
    };
    story
        .when(commune(), group_cast::september(10, "08:00"), |case| {
            moved().decide(case, &without)
        })
        .saying("the_can_cuoc")
        .refused("intake.option_unknown");
}

fn note(scheme: &str, code: &str) -> NoteAlias {
    NoteAlias {
        alias: Alias {
            scheme: scheme.to_owned(),
            code: code.to_owned(),
        },
    }
}

#[test]
fn nd61_art_26_codes_of_others_are_noted_beside_the_dossiers_own() {
    let story = surveying();
    let own = story.dossier().code.clone();
    let ministry = "G09.20-20260609-0092637";
    let story = story
        .when(commune(), WED_3, |case| {
            note("bo_tnmt", ministry).decide(case)
        })
        .done();
    assert_eq!(story.dossier().code, own);
    assert_eq!(story.dossier().intake.aliases[0].code, ministry);
    let story = story
        .when(commune(), WED_3, |case| {
            note("bo_tnmt", ministry).decide(case)
        })
        .refused("alias.noted");
    let story = story
        .when(commune(), WED_3, |case| {
            note("dvcqg", own.as_str()).decide(case)
        })
        .refused("alias.noted");
    let long = "9".repeat(65);
    for (scheme, code) in [("", "1"), ("dvcqg", " "), ("dvcqg", &long), ("d\nv", "1")] {
        given(commune(), [received(&licence())])
            .when(commune(), WED_3, |case| note(scheme, code).decide(case))
            .refused("alias.malformed");
    }
    let story = story
        .when(land_office(), WED_3, |case| note("dvcqg", "1").decide(case))
        .refused("home.elsewhere");
    // A ministry may give its code when all is over.
    story
        .and([at(THU_4, stopped())])
        .when(commune(), FRI_5, |case| note("dvcqg", "1").decide(case))
        .done();
}

#[test]
fn a_dossier_has_a_bounded_number_of_codes() {
    let mut story = surveying();
    for number in 0..dossier::alias::ALIASES_MAX {
        story = story
            .when(commune(), WED_3, |case| {
                note("dvcqg", &number.to_string()).decide(case)
            })
            .done();
    }
    story
        .when(commune(), WED_3, |case| note("dvcqg", "cuối").decide(case))
        .refused("alias.too_many");
}

#[test]
fn a_submission_that_was_not_taken_in_has_no_codes_of_others() {
    given(commune(), [at(TUE_2, registered())])
        .when(commune(), WED_3, |case| note("dvcqg", "1").decide(case))
        .refused("intake.not_received");
}
