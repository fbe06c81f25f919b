//! In a group the late agency apologises for its own step (NĐ 301/2026/NĐ-CP art. 3); elsewhere the home
//! does for the whole.

use calendar::Moment;
use dossier::fact::Fact;
use dossier::group::ApologiseStep;
use dossier::step::StepApologised;
use tests::given::{Story, by, close_of, given};

use crate::cast::*;
use crate::facts::*;
use crate::group_cast::*;

fn apologise(new_due_at: Moment) -> ApologiseStep {
    ApologiseStep {
        step: key("residence"),
        reason: "Chờ chủ hộ xác nhận".to_owned(),
        new_due_at,
    }
}

/// The police have until Friday the 11th.
fn taken_by_the_police() -> Story {
    at_the_police("10:40").and([by(
        police(),
        september(9, "10:50"),
        accepted("residence", 1, september(11, "10:00")),
    )])
}

#[test]
fn nd301_art_3_the_late_agency_apologises_itself_once_in_its_turn() {
    let friday = close_of(september(11, "10:00"));
    let monday = close_of(september(14, "10:00"));
    for (asked_at, late) in [
        (september(10, "16:00"), false),
        (september(11, "08:00"), true),
    ] {
        let story = taken_by_the_police()
            .when(police(), asked_at, |case| apologise(monday).decide(case))
            .then([Fact::StepApologised(StepApologised {
                step: key("residence"),
                turn: 1,
                reason: "Chờ chủ hộ xác nhận".to_owned(),
                old_due_at: friday,
                new_due_at: monday,
                late,
            })]);
        let work = &story.dossier().work[&(key("residence"), 1)];
        assert_eq!(work.due_at, Some(monday));
        story
            .when(police(), september(11, "09:00"), |case| {
                apologise(close_of(september(15, "10:00"))).decide(case)
            })
            .refused("step.already_extended");
    }
}

#[test]
fn a_steps_new_date_lies_ahead_on_a_working_day() {
    let story = taken_by_the_police();
    let now = september(10, "10:00");
    let story = story
        .when(police(), now, |case| {
            apologise(september(11, "09:00")).decide(case)
        })
        .refused("step.not_later");
    let story = story
        .when(police(), now, |case| {
            apologise(september(12, "09:00")).decide(case)
        })
        .refused("step.not_a_working_day");
    let story = story
        .when(insurance(), now, |case| {
            apologise(september(14, "09:00")).decide(case)
        })
        .refused("step.not_held");
    let silent = ApologiseStep {
        reason: String::new(),
        ..apologise(september(14, "09:00"))
    };
    story
        .when(police(), now, |case| silent.decide(case))
        .refused("reason.missing");
}

#[test]
fn elsewhere_the_home_apologises() {
    let apology = ApologiseStep {
        step: key("appraisal"),
        ..apologise(close_of(FRI_12))
    };
    given(commune(), licence_in_work(&licence()))
        .when(district(), WED_3, |case| apology.decide(case))
        .refused("step.home_apologises");
}
