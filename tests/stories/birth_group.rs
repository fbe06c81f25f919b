//! The birth group: birth, residence, health insurance and, for who asks for it, an identity card
//! (NĐ 63/2024/NĐ-CP as amended by NĐ 301/2026/NĐ-CP art. 3, 5 and 6).

use dossier::fact::Fact;
use dossier::outcome::{PartReturned, ReturnChannel, ReturnPart, ReturnResult};
use dossier::regime::Regime;
use dossier::route::Dispatched;
use dossier::status::Status;
use dossier::step::SendBack;
use tests::given::{Story, at, by};

use crate::cast::*;
use crate::facts::*;
use crate::group_cast::*;

/// The birth is registered within the hour; police and insurance have taken their steps.
fn registered(options: &[&str]) -> Story {
    let day = |time| september(9, time);
    received_in_group(&birth(), options).and([
        out("birth", "10:00"),
        at(day("10:00"), accepted("birth", 1, september(10, "10:00"))),
        at(day("10:30"), completed("birth", 1)),
        out("residence", "10:00"),
        out("insurance", "10:00"),
        by(
            police(),
            day("10:40"),
            accepted("residence", 1, september(11, "10:00")),
        ),
        by(
            insurance(),
            day("10:40"),
            accepted("insurance", 1, september(11, "10:00")),
        ),
    ])
}

fn hand_over(step: &str) -> ReturnPart {
    ReturnPart {
        step: key(step),
        channel: ReturnChannel::Online,
    }
}

fn part_returned(step: &str) -> Fact {
    Fact::PartReturned(PartReturned {
        step: key(step),
        channel: ReturnChannel::Online,
        officer: officer(),
    })
}

#[test]
fn nd301_art_5_the_group_is_due_after_three_working_days_under_its_own_regime() {
    let story = received_in_group(&birth(), &[]).due(september(14, "09:00"));
    let received = story.dossier().received().unwrap();
    assert_eq!(received.regime, Regime::Nd63Nd301);
    assert_eq!(
        received.clock.supplement_time_out,
        Some(working_days(7)),
        "the citizen's time is the regime's where the procedure fixes none"
    );
}

#[test]
fn nd301_art_5_2_after_15_00_the_time_counts_from_the_next_working_day() {
    let late = given_at("15:01");
    let received = late.dossier().received().unwrap();
    assert_eq!(
        received.particulars.counted_from,
        Some(september(10, "07:00"))
    );
    late.due(september(15, "09:00"));
    let in_time = given_at("15:00");
    let received = in_time.dossier().received().unwrap();
    assert_eq!(received.particulars.counted_from, None);
    in_time.due(september(14, "09:00"));
}

fn given_at(time: &str) -> Story {
    tests::given::given(commune(), [])
        .at_the_desk(september(9, time), &birth(), |desk| {
            online(&[]).decide(desk)
        })
        .done()
}

#[test]
fn nd301_art_6_without_the_card_the_route_ends_with_residence_and_insurance() {
    let names: Vec<String> = route_of(&received_in_group(&birth(), &[]))
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, ["birth", "residence", "insurance"]);
    registered(&[])
        .and([by(
            police(),
            september(10, "09:00"),
            completed("residence", 1),
        )])
        .the_home_goes_on([])
        .and([by(
            insurance(),
            september(10, "10:00"),
            completed("insurance", 1),
        )])
        .the_home_goes_on([ready()]);
}

#[test]
fn nd301_art_6_1b_the_registrar_asks_within_24_hours_and_the_police_within_a_working_day() {
    let asked_late = |story: Story, unit, step, moment| {
        let need = needed(step, 1, "Văn bản thỏa thuận chọn quốc tịch");
        let (_, done) = heard(story, by(unit, moment, need.clone()), &need, moment);
        match done.first() {
            Some(Fact::SupplementAsked(asked)) => asked.late,
            other => panic!("{other:?}"),
        }
    };
    for (day, time, late) in [(10, "10:00", false), (10, "10:01", true)] {
        let told = asked_late(at_the_registrar(), commune(), "birth", september(day, time));
        assert_eq!(
            told, late,
            "the step was taken on the 9th at 10:00; {day} {time}"
        );
    }
    for (day, time, late) in [(10, "16:59", false), (11, "08:00", true)] {
        let told = asked_late(registered(&[]), police(), "residence", september(day, time));
        assert_eq!(
            told, late,
            "the step was taken on the 9th at 10:40; {day} {time}"
        );
    }
}

#[test]
fn nd301_art_6_the_card_is_made_after_the_residence() {
    let story = registered(&["the_can_cuoc"]);
    assert_eq!(
        story.dossier().received().unwrap().particulars.options,
        ["the_can_cuoc"]
    );
    story
        .and([by(
            insurance(),
            september(10, "09:00"),
            completed("insurance", 1),
        )])
        .the_home_goes_on([])
        .and([by(
            police(),
            september(10, "10:00"),
            completed("residence", 1),
        )])
        .the_home_goes_on([Fact::Dispatched(given_out(&birth(), "id_card", 1))])
        .is(Status::InProcess);
}

#[test]
fn nd301_art_6_residence_and_insurance_need_only_the_birth() {
    received_in_group(&birth(), &[])
        .and([
            out("birth", "10:00"),
            at(
                september(9, "10:00"),
                accepted("birth", 1, september(10, "10:00")),
            ),
            at(september(9, "10:30"), completed("birth", 1)),
        ])
        .the_home_goes_on([
            Fact::Dispatched(given_out(&birth(), "residence", 1)),
            Fact::Dispatched(given_out(&birth(), "insurance", 1)),
        ]);
}

#[test]
fn nd301_art_3_2_each_result_is_returned_as_it_is_done_and_once() {
    let story = registered(&[])
        .when(commune(), september(9, "10:50"), |case| {
            hand_over("birth").decide(case, &officer())
        })
        .then([part_returned("birth")])
        .is(Status::InProcess);
    let story = story
        .when(commune(), september(9, "10:55"), |case| {
            hand_over("birth").decide(case, &officer())
        })
        .refused("outcome.already_returned");
    let story = story
        .when(commune(), september(9, "10:55"), |case| {
            hand_over("residence").decide(case, &officer())
        })
        .refused("outcome.no_result");
    let story = story
        .when(commune(), september(9, "10:55"), |case| {
            hand_over("survey").decide(case, &officer())
        })
        .refused("outcome.no_part");
    story
        .when(police(), september(9, "10:55"), |case| {
            hand_over("birth").decide(case, &officer())
        })
        .refused("home.elsewhere");
}

#[test]
fn the_whole_is_returned_after_its_parts() {
    let whole = ReturnResult {
        channel: ReturnChannel::Counter,
    };
    let story = registered(&[])
        .and([
            at(september(9, "10:50"), part_returned("birth")),
            by(police(), september(10, "09:00"), completed("residence", 1)),
            by(
                insurance(),
                september(10, "09:30"),
                completed("insurance", 1),
            ),
        ])
        .the_home_goes_on([ready()])
        // What was not returned as a part before is, also now.
        .when(commune(), september(10, "10:00"), |case| {
            hand_over("residence").decide(case, &officer())
        })
        .then([part_returned("residence")])
        .when(commune(), september(10, "10:30"), |case| {
            whole.decide(case, &officer())
        })
        .done()
        .is(Status::ResultReturned);
    assert_eq!(story.dossier().outcome.parts_returned.len(), 2);
    story
        .when(commune(), september(10, "11:00"), |case| {
            hand_over("insurance").decide(case, &officer())
        })
        .refused("outcome.already_returned");
}

#[test]
fn a_done_part_is_returned_although_another_was_refused() {
    let late = "Không đủ điều kiện";
    registered(&[])
        .and([by(
            police(),
            september(10, "09:00"),
            rejected("residence", 1),
        )])
        .the_home_goes_on([refused(late)])
        .when(commune(), september(10, "10:00"), |case| {
            hand_over("birth").decide(case, &officer())
        })
        .then([part_returned("birth")]);
}

#[test]
fn nd301_art_6_an_error_in_the_birth_certificate_goes_back_for_correction() {
    let wrong = SendBack {
        step: key("residence"),
        to_step: key("birth"),
        reason: "Sai ngày sinh".to_owned(),
    };
    let again = |name: &str, turn, reason: Option<&str>| {
        Fact::Dispatched(Dispatched {
            reason: reason.map(str::to_owned),
            ..given_out(&birth(), name, turn)
        })
    };
    let story = registered(&[])
        .and([at(september(9, "10:50"), part_returned("birth"))])
        .when(police(), september(10, "08:00"), |case| wrong.decide(case))
        .done()
        .the_home_goes_on([again("birth", 2, Some("Sai ngày sinh"))])
        // The insurance goes on meanwhile; nothing is given out before the birth is corrected.
        .and([by(
            insurance(),
            september(10, "09:00"),
            completed("insurance", 1),
        )])
        .the_home_goes_on([])
        .and([
            at(
                september(10, "09:10"),
                accepted("birth", 2, september(11, "10:00")),
            ),
            at(september(10, "09:20"), completed("birth", 2)),
        ])
        .the_home_goes_on([again("residence", 2, None)]);
    // The corrected certificate is a result of its own.
    story
        .when(commune(), september(10, "09:30"), |case| {
            hand_over("birth").decide(case, &officer())
        })
        .then([part_returned("birth")]);
}
