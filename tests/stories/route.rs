//! The walk along a route: what is given out when, to whom, and again (NĐ 61/2018/NĐ-CP art. 18.3
//! and 19.6).

use dossier::fact::Fact;
use dossier::payment::ConfirmPayment;
use dossier::procedure::WaitEffect;
use dossier::route::{Dispatch, Dispatched, Standing};
use dossier::status::Status;
use dossier::step::{Accept, DeclineStep, SendBack};
use tests::given::{Line, Story, at, by, given};

use crate::cast::*;
use crate::facts::*;

fn dispatch(step: &str, to: dossier::ids::UnitId) -> Dispatch {
    Dispatch {
        step: key(step),
        to,
        reason: "Đúng thẩm quyền".to_owned(),
    }
}

fn birth_done() -> Story {
    given(commune(), [received(&birth_group())])
        .the_home_goes_on([Fact::Dispatched(Dispatched {
            department: Some("Tư pháp - Hộ tịch".to_owned()),
            ..dispatched("birth", 1, commune())
        })])
        .and([
            at(TUE_2, accepted("birth", 1, THU_4)),
            at(WED_3, completed("birth", 1)),
        ])
}

#[test]
fn birth_group_goes_to_police_and_insurance_at_once() {
    let story = birth_done().the_home_goes_on([
        Fact::Dispatched(dispatched("residence", 1, police())),
        Fact::Dispatched(dispatched("insurance", 1, insurance())),
    ]);
    // Either may be first; the result is ready with the last.
    story
        .and([
            by(insurance(), WED_3, accepted("insurance", 1, FRI_5)),
            by(police(), THU_4, accepted("residence", 1, MON_8)),
            by(police(), FRI_5, completed("residence", 1)),
        ])
        .the_home_goes_on([])
        .is(Status::InProcess)
        .and([by(insurance(), MON_8, completed("insurance", 1))])
        .the_home_goes_on([ready()])
        .is(Status::ResultReady);
}

#[test]
fn results_travel_to_the_steps_that_build_on_them() {
    let extract = document("Trích đo địa chính");
    let done = Fact::StepCompleted(dossier::step::Completed {
        step: key("survey"),
        turn: 1,
        outcome: dossier::step::StepOutcome::Approved,
        documents: vec![extract.clone()],
    });
    given(commune(), surveyed())
        .and([by(land_office(), WED_3, done)])
        .the_home_goes_on([Fact::Dispatched(Dispatched {
            documents: vec![extract],
            ..dispatched("tax", 1, tax_office())
        })]);
}

/// The land office has taken the survey.
fn surveyed() -> Vec<Line> {
    vec![
        received(&land_transfer()),
        at(
            TUE_2,
            Fact::Dispatched(dispatched("survey", 1, land_office())),
        ),
        by(land_office(), TUE_2, accepted("survey", 1, THU_4)),
    ]
}

/// The tax office has taken its step.
fn at_the_tax_office() -> Vec<Line> {
    let mut lines = surveyed();
    lines.extend([
        by(land_office(), WED_3, completed("survey", 1)),
        at(WED_3, Fact::Dispatched(dispatched("tax", 1, tax_office()))),
        by(tax_office(), WED_3, accepted("tax", 1, FRI_5)),
    ]);
    lines
}

#[test]
fn a_land_register_is_updated_once_the_tax_is_paid() {
    let purpose = "Nghĩa vụ tài chính theo thông báo TB-15";
    let story = given(commune(), at_the_tax_office())
        .and([by(
            tax_office(),
            THU_4,
            assessed("tax", 1, 2_500_000, "TB-15"),
        )])
        .the_home_goes_on([payment_asked(
            Some("tax"),
            2_500_000,
            purpose,
            WaitEffect::Pause,
        )])
        .and([by(tax_office(), FRI_5, completed("tax", 1))])
        .the_home_goes_on([])
        .is(Status::PaymentAsked);
    let paid = ConfirmPayment {
        voucher: "BL-01".to_owned(),
    };
    story
        .when(commune(), WED_10, |case| paid.decide(case))
        // Ten working days end on the 16th; 5, 8, 9, 10, 11, 12, 15, 16 remained on the 4th:
        // 11, 12, 15, 16, 17, 18, 19, 22 after the 10th.
        .done()
        .due(tests::given::of_2018(1, 22, 8, 0))
        .the_home_goes_on([Fact::Dispatched(dispatched("update", 1, land_office()))])
        .and([
            by(land_office(), WED_10, accepted("update", 1, FRI_12)),
            by(land_office(), FRI_12, completed("update", 1)),
        ])
        .the_home_goes_on([ready()]);
}

#[test]
fn where_nothing_is_owed_the_land_register_is_updated_at_once() {
    given(commune(), at_the_tax_office())
        .and([by(tax_office(), THU_4, assessed("tax", 1, 0, "TB-15"))])
        .the_home_goes_on([])
        .and([by(tax_office(), FRI_5, completed("tax", 1))])
        .the_home_goes_on([Fact::Dispatched(dispatched("update", 1, land_office()))]);
}

#[test]
fn an_obligation_that_the_citizen_was_not_told_of_holds_the_update_too() {
    // The home asks for one payment at a time: a fee is awaited when the tax is assessed.
    let story = given(commune(), at_the_tax_office()).and([
        at(
            WED_3,
            payment_asked(None, 100_000, "Lệ phí", WaitEffect::Pause),
        ),
        by(tax_office(), THU_4, assessed("tax", 1, 2_500_000, "TB-15")),
    ]);
    let story = story
        .the_home_goes_on([])
        .and([by(tax_office(), FRI_5, completed("tax", 1))])
        .the_home_goes_on([]);
    let paid = ConfirmPayment {
        voucher: "BL-01".to_owned(),
    };
    let purpose = "Nghĩa vụ tài chính theo thông báo TB-15";
    story
        .when(commune(), MON_8, |case| paid.decide(case))
        .done()
        .the_home_goes_on([payment_asked(
            Some("tax"),
            2_500_000,
            purpose,
            WaitEffect::Pause,
        )]);
}

#[test]
fn a_step_declined_for_want_of_competence_goes_elsewhere_under_the_same_code() {
    let offered = [
        received(&licence()),
        at(
            TUE_2,
            Fact::Dispatched(dispatched("appraisal", 1, district())),
        ),
    ];
    let not_ours = DeclineStep {
        step: key("appraisal"),
        reason: "Không thuộc thẩm quyền".to_owned(),
    };
    let again = Fact::Dispatched(Dispatched {
        reason: Some("Đúng thẩm quyền".to_owned()),
        ..dispatched("appraisal", 2, land_office())
    });
    given(commune(), offered)
        .when(district(), WED_3, |case| not_ours.decide(case))
        .then([step_declined("appraisal", 1)])
        .the_home_goes_on([])
        .when(commune(), WED_3, |case| {
            dispatch("appraisal", land_office()).decide(case)
        })
        .then([again])
        .is(Status::Received)
        .and([by(land_office(), THU_4, accepted("appraisal", 2, MON_8))])
        .is(Status::InProcess)
        // The first addressee has no part in it any more.
        .when(district(), FRI_5, |case| {
            Accept {
                step: key("appraisal"),
            }
            .decide(case)
        })
        .refused("step.not_held");
}

#[test]
fn an_offer_cannot_be_taken_back() {
    let offered = [
        received(&licence()),
        at(
            TUE_2,
            Fact::Dispatched(dispatched("appraisal", 1, district())),
        ),
    ];
    let story = given(commune(), offered)
        .when(commune(), WED_3, |case| {
            dispatch("appraisal", land_office()).decide(case)
        })
        .refused("route.already_given");
    let story = story
        .and([by(district(), THU_4, accepted("appraisal", 1, MON_8))])
        .when(commune(), THU_4, |case| {
            dispatch("appraisal", land_office()).decide(case)
        })
        .refused("route.already_given");
    story
        .and([by(district(), FRI_5, completed("appraisal", 1))])
        .when(commune(), FRI_5, |case| {
            dispatch("appraisal", land_office()).decide(case)
        })
        .refused("route.already_given");
}

#[test]
fn a_step_is_not_given_out_before_its_inputs_are_there() {
    let story = given(commune(), surveyed())
        .when(commune(), WED_3, |case| {
            dispatch("tax", tax_office()).decide(case)
        })
        .refused("route.inputs_open");
    story
        .when(commune(), WED_3, |case| {
            dispatch("notary", tax_office()).decide(case)
        })
        .refused("route.no_such_step");
}

#[test]
fn a_performer_never_forwards_behind_the_homes_back() {
    given(commune(), licence_in_work(&licence()))
        .when(district(), WED_3, |case| {
            dispatch("appraisal", land_office()).decide(case)
        })
        .refused("home.elsewhere");
}

#[test]
fn a_turn_is_given_out_under_the_next_number() {
    let story = given(commune(), [received(&licence())]);
    for turn in [0, 2, 7] {
        let skipped = Fact::Dispatched(dispatched("appraisal", turn, district()));
        assert!(
            story.dossier().may_write(&commune(), &skipped).is_err(),
            "turn {turn}"
        );
    }
}

fn send_back(step: &str, to: &str) -> SendBack {
    SendBack {
        step: key(step),
        to_step: key(to),
        reason: "Sai diện tích".to_owned(),
    }
}

fn again(step: &str, to: dossier::ids::UnitId, reason: Option<&str>) -> Fact {
    let reason = reason.map(str::to_owned);
    Fact::Dispatched(Dispatched {
        reason,
        ..dispatched(step, 2, to)
    })
}

#[test]
fn a_step_sent_back_for_correction_opens_a_new_turn_of_both() {
    let story = given(commune(), at_the_tax_office())
        .when(tax_office(), THU_4, |case| {
            send_back("tax", "survey").decide(case)
        })
        .then([sent_back("tax", 1, "survey")])
        .the_home_goes_on([again("survey", land_office(), Some("Sai diện tích"))]);
    assert_eq!(story.dossier().standing(&key("survey")), Standing::Offered);
    assert_eq!(story.dossier().standing(&key("tax")), Standing::SentBack);
    story
        .and([
            by(land_office(), FRI_5, accepted("survey", 2, TUE_9)),
            by(land_office(), MON_8, completed("survey", 2)),
        ])
        .the_home_goes_on([again("tax", tax_office(), None)])
        .when(tax_office(), MON_8, |case| {
            Accept { step: key("tax") }.decide(case)
        })
        .then([accepted("tax", 2, WED_10)]);
}

#[test]
fn a_step_is_sent_back_only_to_one_that_it_builds_on() {
    let story = given(commune(), at_the_tax_office())
        .when(tax_office(), THU_4, |case| {
            send_back("tax", "update").decide(case)
        })
        .refused("step.not_an_input");
    let silent = SendBack {
        reason: String::new(),
        ..send_back("tax", "survey")
    };
    let story = story
        .when(tax_office(), THU_4, |case| silent.decide(case))
        .refused("reason.missing");
    story
        .and([by(tax_office(), THU_4, sent_back("tax", 1, "survey"))])
        .when(tax_office(), FRI_5, |case| {
            send_back("tax", "survey").decide(case)
        })
        .refused("step.ended");
}

#[test]
fn a_correction_under_way_is_not_taken_back_by_a_second_one() {
    let story = given(commune(), [received(&fork())]).and([
        at(
            TUE_2,
            Fact::Dispatched(dispatched("survey", 1, land_office())),
        ),
        by(land_office(), TUE_2, accepted("survey", 1, THU_4)),
        by(land_office(), WED_3, completed("survey", 1)),
        at(WED_3, Fact::Dispatched(dispatched("tax", 1, tax_office()))),
        at(WED_3, Fact::Dispatched(dispatched("security", 1, police()))),
        by(tax_office(), WED_3, accepted("tax", 1, FRI_5)),
        by(police(), WED_3, accepted("security", 1, FRI_5)),
        by(tax_office(), THU_4, sent_back("tax", 1, "survey")),
    ]);
    let story = story
        .the_home_goes_on([again("survey", land_office(), Some("Sai diện tích"))])
        .and([by(land_office(), THU_4, accepted("survey", 2, MON_8))]);
    // The land office is already at it: its turn stays its own, and both get the corrected result.
    story
        .and([by(police(), FRI_5, sent_back("security", 1, "survey"))])
        .the_home_goes_on([])
        .and([by(land_office(), MON_8, completed("survey", 2))])
        .the_home_goes_on([
            again("tax", tax_office(), None),
            again("security", police(), None),
        ]);
}

#[test]
fn those_engaged_are_told_what_the_home_writes() {
    let story = given(commune(), at_the_tax_office());
    let engaged: Vec<_> = story.dossier().engaged().into_iter().cloned().collect();
    assert_eq!(
        engaged,
        [district(), land_office(), tax_office()],
        "the overseer and who had a turn"
    );
}
