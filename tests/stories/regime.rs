//! The regime that the reception chose stays the dossier's: what is decided later is decided by its
//! rules, whatever is in force by then.

use calendar::{Moment, parse_moment};
use dossier::fact::Fact;
use dossier::intake::Received;
use dossier::outcome::{Refuse, Refused};
use dossier::procedure::{ClockPolicy, Procedure};
use dossier::promise::{Apologise, Wait};
use dossier::regime::Regime;
use dossier::supplement::AskSupplement;
use tests::given::{Line, Story, at, given, of_2018};

use crate::cast::*;
use crate::facts::*;

fn under(regime: Regime, received_at: Moment, due_at: Moment, procedure: &Procedure) -> Line {
    let Fact::Received(received) = received_due(procedure, Some(due_at)) else {
        unreachable!()
    };
    at(
        received_at,
        Fact::Received(Box::new(Received {
            regime,
            ..*received
        })),
    )
}

fn moment(text: &str) -> Moment {
    parse_moment(&format!("{text}:00+07:00")).unwrap()
}

fn ask(item: &str) -> AskSupplement {
    AskSupplement {
        items: vec![item.to_owned()],
        reason: "Thiếu".to_owned(),
    }
}

/// Received on 27 June 2018 under NĐ 61, in 2026 still open.
fn old() -> Story {
    let (received_at, due_at) = (moment("2018-06-27T08:00"), moment("2018-07-04T17:00"));
    given(
        commune(),
        [under(Regime::Nd61, received_at, due_at, &licence())],
    )
}

#[test]
fn an_old_dossier_acted_on_in_2026_keeps_the_rules_of_its_reception() {
    let story = old();
    assert_eq!(story.dossier().rules(), Regime::Nd61.rules());
    let again = || Apologise {
        reason: "Hồ sơ thất lạc".to_owned(),
        new_due_at: moment("2026-09-18T17:00"),
    };
    let story = story
        .when(commune(), moment("2026-09-09T08:00"), |case| {
            again().decide(case)
        })
        .done();
    assert_eq!(story.dossier().received().unwrap().regime, Regime::Nd61);
    let refusal = {
        let case = dossier::case::Case {
            me: &commune(),
            at: moment("2026-09-10T08:00"),
            officer: None,
            dossier: story.dossier(),
            calendar: calendar::Calendar::published(),
        };
        again().decide(&case).unwrap_err()
    };
    assert_eq!(refusal.code, "promise.already_extended");
    assert_eq!(refusal.rule, "NĐ 61/2018/NĐ-CP điều 19 khoản 9");
}

#[test]
fn nd61_art_19_4_a_supplement_is_asked_for_within_three_working_days_or_marked_as_late() {
    // Received on Wednesday 27 June: 28, 29 June, 2 July.
    for (asked_at, late) in [
        ("2018-06-28T08:00", false),
        ("2018-07-02T16:59", false),
        ("2018-07-03T08:00", true),
    ] {
        let Fact::SupplementAsked(expected) =
            supplement_asked(None, "Bản vẽ", licence().clock.supplement)
        else {
            unreachable!()
        };
        let expected = Fact::SupplementAsked(dossier::supplement::Asked { late, ..expected });
        old()
            .when(commune(), moment(asked_at), |case| {
                ask("Bản vẽ").decide(case)
            })
            .then([expected]);
    }
}

#[test]
fn a_number_of_requests_fixed_by_the_version_is_kept_with_its_basis() {
    let once = Procedure {
        clock: ClockPolicy {
            supplement_rounds: Some(1),
            ..licence().clock
        },
        basis: "NĐ 15/2021/NĐ-CP".to_owned(),
        ..licence()
    };
    let due_at = of_2018(1, 9, 17, 0);
    let asked = supplement_asked(None, "Bản vẽ", once.clock.supplement);
    let given_back = supplement_given(once.clock.supplement, working_days(5), WED_10);
    let lines = [
        under(Regime::Qd09, TUE_2, due_at, &once),
        at(WED_3, asked),
        at(WED_3, given_back),
    ];
    let story = given(commune(), lines)
        .when(commune(), THU_4, |case| ask("Hợp đồng").decide(case))
        .saying("1 lần")
        .saying("NĐ 15/2021/NĐ-CP")
        .refused("supplement.asked_enough");
    assert!(!story.dossier().promise.waits_for(Wait::Supplement));
}

#[test]
fn a_performers_need_beyond_that_number_is_not_passed_on() {
    let never = Procedure {
        clock: ClockPolicy {
            supplement_rounds: Some(0),
            ..licence().clock
        },
        ..licence()
    };
    let story = given(commune(), licence_in_work(&never))
        .and([tests::given::by(
            district(),
            THU_4,
            needed("appraisal", 1, "Bản vẽ"),
        )])
        .the_home_goes_on([]);
    assert!(!story.dossier().promise.is_waiting());
}

#[test]
fn nd61_art_19_8_a_refusal_after_the_due_date_is_marked_as_late() {
    for (day, late) in [(TUE_9, false), (WED_10, true)] {
        let refuse = Refuse {
            reason: "Không đủ điều kiện".to_owned(),
        };
        let expected = Fact::Refused(Refused {
            reason: "Không đủ điều kiện".to_owned(),
            late,
        });
        given(commune(), [received(&licence())])
            .when(commune(), day, |case| refuse.decide(case))
            .then([expected]);
    }
}
