//! Alerts in the interconnected groups: sent within 10 minutes, acknowledged within 2 working hours,
//! repaired on the same day (NĐ 301/2026/NĐ-CP art. 5.4).

use calendar::Moment;
use dossier::alert::{AlertKind, RaiseAlert, Raised, SettleAlert, Settled};
use dossier::fact::Fact;
use tests::given::{Line, Story, at, by, close_of, given};

use crate::cast::*;
use crate::facts::*;
use crate::group_cast::*;

const BASIS: &str = "NĐ 301/2026/NĐ-CP điều 5 khoản 4";

fn residence_done(story: Story, done_at: Moment, heard_at: Moment) -> (Story, Vec<Fact>) {
    let taken_at = september(9, "10:50");
    let story = story.and([by(
        police(),
        taken_at,
        accepted("residence", 1, september(11, "10:00")),
    )]);
    let fact = completed("residence", 1);
    let line = by(police(), done_at, fact.clone());
    heard(story, line, &fact, heard_at)
}

fn raised(facts: &[Fact]) -> Vec<&Raised> {
    let mut found = Vec::new();
    for fact in facts {
        if let Fact::AlertRaised(raised) = fact {
            found.push(raised);
        }
    }
    found
}

fn settled(facts: &[Fact]) -> Vec<&Settled> {
    let mut found = Vec::new();
    for fact in facts {
        if let Fact::AlertSettled(settled) = fact {
            found.push(settled);
        }
    }
    found
}

#[test]
fn nd301_art_5_4_a_result_that_comes_within_10_minutes_raises_no_alert() {
    let (done_at, heard_at) = (september(10, "09:00"), september(10, "09:10"));
    let (_, facts) = residence_done(at_the_police("10:40"), done_at, heard_at);
    assert_eq!(raised(&facts), Vec::<&Raised>::new());
}

#[test]
fn nd301_art_5_4_a_result_that_comes_later_is_alerted_to_be_repaired_on_the_same_day() {
    let (done_at, heard_at) = (september(10, "09:00"), september(10, "09:11"));
    let (story, facts) = residence_done(at_the_police("10:40"), done_at, heard_at);
    let [alert] = raised(&facts)[..] else {
        panic!("{facts:?}");
    };
    assert_eq!(alert.alert, AlertKind::SentLate);
    assert_eq!((alert.step.as_str(), alert.turn), ("residence", 1));
    assert_eq!(alert.repair_by, close_of(heard_at));
    assert!(alert.reason.contains("11 phút"), "{}", alert.reason);
    assert_eq!(alert.basis, BASIS);
    // Nothing builds on it without the card: it stays open until somebody settles it.
    assert_eq!(settled(&facts), Vec::<&Settled>::new());
    let story = story
        .when(commune(), september(10, "10:00"), |case| {
            settle(AlertKind::SentLate).decide(case)
        })
        .done();
    story
        .when(commune(), september(10, "10:05"), |case| {
            settle(AlertKind::SentLate).decide(case)
        })
        .refused("alert.none_open");
}

#[test]
fn a_late_result_that_is_passed_on_settles_its_alert() {
    let fact = completed("birth", 1);
    let line = at(september(9, "10:00"), fact.clone());
    let (_, facts) = heard(at_the_registrar(), line, &fact, september(9, "10:30"));
    let [alert] = settled(&facts)[..] else {
        panic!("{facts:?}");
    };
    assert_eq!(alert.alert, AlertKind::SentLate);
    assert!(
        !alert.late && alert.repair.contains("residence"),
        "{alert:?}"
    );
}

#[test]
fn a_late_result_that_could_not_be_passed_on_at_once_is_settled_by_the_first_to_whom_it_is() {
    // Residence waits for both; only the second makes it ready.
    let both = dossier::procedure::Procedure {
        route: birth()
            .route
            .into_iter()
            .map(|mut step| {
                if step.key == key("insurance") {
                    step.inputs.clear();
                }
                if step.key == key("residence") {
                    step.inputs.push(key("insurance"));
                }
                step
            })
            .collect(),
        ..birth()
    };
    let taken = |time| accepted_lines(time);
    let story = received_in_group(&both, &[]).and(taken("10:00"));
    let birth_done = completed("birth", 1);
    let line = at(september(9, "10:10"), birth_done.clone());
    let (story, facts) = heard(story, line, &birth_done, september(9, "10:30"));
    assert_eq!((raised(&facts).len(), settled(&facts).len()), (1, 0));
    let insured = completed("insurance", 1);
    let line = by(insurance(), september(10, "08:00"), insured.clone());
    let (_, facts) = heard(story, line, &insured, september(10, "08:01"));
    let [alert] = settled(&facts)[..] else {
        panic!("{facts:?}");
    };
    assert_eq!(alert.step, key("birth"));
    assert!(alert.late, "it was to be repaired on the 9th");
}

fn accepted_lines(time: &str) -> Vec<Line> {
    let moment = september(9, time);
    vec![
        out("birth", time),
        out("insurance", time),
        at(moment, accepted("birth", 1, september(10, "10:00"))),
        by(
            insurance(),
            moment,
            accepted("insurance", 1, september(11, "10:00")),
        ),
    ]
}

#[test]
fn nd301_art_5_4_a_step_has_to_be_acknowledged_within_two_working_hours() {
    // Given out at 10:40: 50 minutes before lunch, and 70 after 13:30.
    let story = at_the_police("10:40");
    assert_eq!(seen_at(&story, september(9, "14:40")), []);
    let look = next_look(&story).unwrap();
    assert_eq!(look, september(9, "14:40") + chrono::TimeDelta::seconds(1));
    let facts = seen_at(&story, look);
    let [alert] = raised(&facts)[..] else {
        panic!("{facts:?}");
    };
    assert_eq!(alert.alert, AlertKind::NotAcknowledged);
    assert_eq!(alert.repair_by, close_of(september(9, "10:00")));
    assert_eq!(alert.basis, BASIS);
    // Once.
    let story = story.and(facts.into_iter().map(|fact| at(look, fact)));
    assert_eq!(seen_at(&story, september(11, "10:00")), []);
    assert_eq!(next_look(&story), None);
}

#[test]
fn an_answer_settles_the_alert_and_says_whether_it_came_the_same_day() {
    for (answered_at, late) in [
        (september(9, "16:00"), false),
        (september(10, "08:00"), true),
    ] {
        for answer in [
            accepted("residence", 1, september(11, "10:00")),
            step_declined("residence", 1),
        ] {
            let story = at_the_police("10:40");
            let seen = september(9, "14:41");
            let facts = seen_at(&story, seen);
            let story = story.and(facts.into_iter().map(|fact| at(seen, fact)));
            let line = by(police(), answered_at, answer.clone());
            let (story, facts) = heard(story, line, &answer, answered_at);
            let [alert] = settled(&facts)[..] else {
                panic!("{facts:?}");
            };
            assert_eq!(alert.late, late);
            assert!(
                story
                    .dossier()
                    .alerts
                    .values()
                    .all(|a| a.settled_at.is_some())
            );
        }
    }
}

#[test]
fn a_step_given_out_in_the_evening_is_acknowledged_the_next_morning() {
    let story = at_the_police("16:30");
    assert_eq!(seen_at(&story, september(10, "08:30")), []);
    let facts = seen_at(&story, september(10, "08:31"));
    assert_eq!(
        raised(&facts)[0].repair_by,
        close_of(september(10, "08:31"))
    );
    // Seen on Saturday: it is to be repaired by the end of Monday.
    let facts = seen_at(&story, september(12, "09:00"));
    assert_eq!(
        raised(&facts)[0].repair_by,
        close_of(september(14, "09:00"))
    );
}

#[test]
fn the_homes_own_step_and_the_general_mechanism_have_no_alerts() {
    let story = received_in_group(&birth(), &[]).and([out("birth", "10:00")]);
    assert_eq!(seen_at(&story, september(11, "10:00")), []);
    let story = given(
        commune(),
        [
            received(&licence()),
            at(
                TUE_2,
                Fact::Dispatched(dispatched("appraisal", 1, district())),
            ),
        ],
    );
    assert_eq!(seen_at(&story, WED_10), []);
    assert_eq!(next_look(&story), None);
    story
        .when(commune(), WED_3, |case| mismatch("appraisal").decide(case))
        .refused("alert.no_group");
}

fn mismatch(step: &str) -> RaiseAlert {
    RaiseAlert {
        step: key(step),
        reason: "Số định danh không khớp CSDL dân cư".to_owned(),
    }
}

fn settle(alert: AlertKind) -> SettleAlert {
    SettleAlert {
        alert,
        step: key("residence"),
        repair: "Đã gửi lại dữ liệu".to_owned(),
    }
}

#[test]
fn nd301_art_5_4_data_that_does_not_match_is_alerted_and_settled() {
    let kind = AlertKind::DataMismatch;
    let story = at_the_police("10:40");
    let story = story
        .when(commune(), september(9, "11:00"), |case| {
            mismatch("insurance").decide(case)
        })
        .refused("alert.step_not_given");
    let story = story
        .when(police(), september(9, "11:00"), |case| {
            mismatch("residence").decide(case)
        })
        .refused("home.elsewhere");
    let story = story
        .when(commune(), september(9, "11:00"), |case| {
            mismatch("residence").decide(case)
        })
        .done();
    let story = story
        .when(commune(), september(9, "11:05"), |case| {
            mismatch("residence").decide(case)
        })
        .refused("alert.open");
    let silent = SettleAlert {
        repair: " ".to_owned(),
        ..settle(kind)
    };
    let story = story
        .when(commune(), september(10, "08:00"), |case| {
            silent.decide(case)
        })
        .refused("reason.missing");
    story
        .when(commune(), september(10, "08:00"), |case| {
            settle(kind).decide(case)
        })
        .then([Fact::AlertSettled(Settled {
            alert: kind,
            step: key("residence"),
            turn: 1,
            repair: "Đã gửi lại dữ liệu".to_owned(),
            late: true,
        })])
        // Another mismatch is another alert.
        .when(commune(), september(10, "09:00"), |case| {
            mismatch("residence").decide(case)
        })
        .done();
}
