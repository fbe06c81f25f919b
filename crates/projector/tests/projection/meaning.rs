//! What the figures mean, on worked dates.

use dossier::fact::Fact;
use dossier::ids::{DossierCode, UnitId};
use dossier::intake::Channel;
use dossier::status::Status;
use envelope::Signed;
use history::Statement;
use projector::counters::Timely;
use projector::directory::Level;
use projector::figures;
use projector::query::{OverdueQuery, SummaryQuery};
use projector::row::Row;
use projector::state::State;
use report::ended::How;
use report::{Ended, Open, RuleSet};

use crate::sample::{
    Course, Pen, accepted, apologised, at, code_of, completed, dispatched, five_days, ready,
    received, refused, stopped, supplement_asked, told, unit, withdrawn,
};
use crate::{batch, directory, many, statement};

fn row(code: &DossierCode, events: &[Signed]) -> Row {
    let statements: Vec<Statement> = events.iter().map(statement).collect();
    Row::of(&history::fold(code, &statements)).unwrap()
}

/// A desk's dossier with a limit of five working days, received on Wednesday 3 January 2018 and
/// therefore due on Wednesday 10 January at 17:00.
fn promised(end: Option<(&str, Fact)>) -> Row {
    let mut desk = Pen::new("H33-27", 1);
    let start = at("2018-01-03T09:00");
    let code = code_of(&desk.unit, start, 1);
    let agency = unit("G12-27");
    let mut events = vec![
        desk.write(
            code.as_str(),
            start,
            &[],
            &received(start, &agency, "Đất đai", Channel::Direct, five_days()),
        ),
        desk.write(code.as_str(), start, &[], &dispatched(&agency, 1)),
    ];
    events.extend(end.map(|(when, fact)| desk.write(code.as_str(), at(when), &[], &fact)));
    row(&code, &events)
}

#[test]
fn the_promised_day_is_on_time_to_its_end_and_the_next_is_late() {
    for (when, expected) in [
        ("2018-01-09T16:59", Ended::Early),
        ("2018-01-10T07:01", Ended::OnTime),
        ("2018-01-10T17:30", Ended::OnTime),
        ("2018-01-11T07:00", Ended::Late),
    ] {
        let row = promised(Some((when, ready())));
        assert_eq!(row.ended(RuleSet::Ii06a), Some(expected), "{when}");
        assert_eq!(row.open(RuleSet::Ii06a, at("2018-02-01T08:00")), None);
    }
    let open = promised(None);
    assert_eq!(open.ended(RuleSet::Ii06a), None);
    assert_eq!(
        open.open(RuleSet::Ii06a, at("2018-01-10T23:59")),
        Some(Open::InTime)
    );
    assert_eq!(
        open.open(RuleSet::Ii06a, at("2018-01-11T00:00")),
        Some(Open::Overdue)
    );
}

#[test]
fn an_apology_moves_the_date_in_force_and_not_the_first_one() {
    let mut desk = Pen::new("H33-27", 1);
    let start = at("2018-01-03T09:00");
    let code = code_of(&desk.unit, start, 1);
    let agency = unit("G12-27");
    let events = [
        desk.write(
            code.as_str(),
            start,
            &[],
            &received(start, &agency, "Đất đai", Channel::Direct, five_days()),
        ),
        desk.write(
            code.as_str(),
            at("2018-01-08T09:00"),
            &[],
            &apologised(at("2018-01-10T17:00"), at("2018-01-16T17:00")),
        ),
        desk.write(code.as_str(), at("2018-01-15T09:00"), &[], &ready()),
    ];
    let row = row(&code, &events);
    assert_eq!(row.ended(RuleSet::Ii06a), Some(Ended::Early));
    assert_eq!(row.ended(RuleSet::Original), Some(Ended::Late));
    assert!(row.apologised);
}

#[test]
fn waiting_for_the_citizen_is_neither_in_time_nor_overdue() {
    let row = promised(Some(("2018-01-05T09:00", supplement_asked())));
    assert!(row.paused);
    assert_eq!(row.status, Status::SupplementAsked);
    assert_eq!(
        row.open(RuleSet::Ii06a, at("2018-02-01T08:00")),
        Some(Open::Paused)
    );
}

#[test]
fn what_ends_while_the_citizen_is_awaited_is_judged_where_the_clock_stopped() {
    let (asked, answered) = ("2018-01-05T09:00", "2018-02-01T09:00");
    let start = at("2018-01-03T09:00");
    for fact in [refused(), stopped(), withdrawn(), ready()] {
        for (asked, expected) in [(asked, Ended::Early), ("2018-01-11T08:00", Ended::Late)] {
            let mut desk = Pen::new("H33-27", 1);
            let code = code_of(&desk.unit, start, 1);
            let reception = received(
                start,
                &unit("G12-27"),
                "Đất đai",
                Channel::Direct,
                five_days(),
            );
            let mut say = |when, fact: &Fact| desk.write(code.as_str(), at(when), &[], fact);
            let events = [
                say("2018-01-03T09:00", &reception),
                say(asked, &supplement_asked()),
                say(answered, &fact),
            ];
            let row = row(&code, &events);
            let end = row.end.unwrap();
            assert_eq!((end.at, end.judged_at), (at(answered), at(asked)));
            for rules in RuleSet::ALL {
                assert_eq!(row.ended(rules), Some(expected), "{fact:?} asked {asked}");
            }
        }
    }
    // Where nobody is awaited, the end itself counts.
    let end = promised(Some(("2018-01-11T07:00", ready()))).end.unwrap();
    assert_eq!(end.judged_at, end.at);
}

#[test]
fn every_way_to_end_is_told_apart() {
    for (fact, how) in [
        (ready(), How::Resolved),
        (refused(), How::Refused),
        (withdrawn(), How::Withdrawn),
    ] {
        assert_eq!(
            promised(Some(("2018-01-08T09:00", fact))).end.unwrap().how,
            how
        );
    }
}

#[test]
fn an_offered_step_is_waited_for_at_its_addressee() {
    let row = promised(None);
    let [holder] = row.holders.as_slice() else {
        panic!("{:?}", row.holders)
    };
    assert_eq!(
        (&holder.unit, holder.taken, holder.since),
        (&unit("G12-27"), false, at("2018-01-03T09:00"))
    );
    assert!(
        promised(Some(("2018-01-08T09:00", ready())))
            .holders
            .is_empty()
    );
}

#[test]
fn what_others_say_before_the_desk_is_heard_waits() {
    let mut agency = Pen::new("G12-27", 3);
    let code = code_of(&unit("H33-27"), at("2018-01-03T09:00"), 1);
    let early = agency.write(
        code.as_str(),
        at("2018-01-04T09:00"),
        &[],
        &accepted(1, None),
    );
    let mut state = State::default();
    state.place(&code, &history::fold(&code, [&statement(&early)]));
    assert_eq!((state.seen().pending, state.rows().count()), (1, 0));

    let mut desk = Pen::new("H33-27", 1);
    let start = at("2018-01-03T09:00");
    let events = [
        early,
        desk.write(
            code.as_str(),
            start,
            &[],
            &received(start, &agency.unit, "Đất đai", Channel::Direct, five_days()),
        ),
        desk.write(code.as_str(), start, &[], &dispatched(&agency.unit, 1)),
    ];
    let statements: Vec<Statement> = events.iter().map(statement).collect();
    state.place(&code, &history::fold(&code, &statements));
    assert_eq!(
        (state.seen().pending, state.row(&code).unwrap().status),
        (0, Status::InProcess)
    );
}

#[test]
fn a_foreign_desk_cannot_take_a_dossier_over() {
    let mut foreign = Pen::new("H33-27-04", 2);
    let start = at("2018-01-03T09:00");
    let code = code_of(&unit("H33-27"), start, 1);
    let fact = received(
        start,
        &foreign.unit,
        "Đất đai",
        Channel::Direct,
        five_days(),
    );
    let alone = history::fold(
        &code,
        [&statement(&foreign.write(code.as_str(), start, &[], &fact))],
    );
    assert_eq!((alone.dossier, alone.pending), (None, 1));
}

#[test]
fn a_slow_clock_does_not_put_the_answer_before_the_question() {
    let (mut desk, mut agency) = (Pen::new("H33-27", 1), Pen::new("G12-27", 3));
    let code = code_of(&desk.unit, at("2018-01-03T09:00"), 1);
    let give = desk.write(
        code.as_str(),
        at("2018-01-03T10:00"),
        &[],
        &dispatched(&agency.unit, 1),
    );
    // The agency's clock is an hour behind.
    let take = agency.write(
        code.as_str(),
        at("2018-01-03T09:10"),
        &[desk.last()],
        &accepted(1, None),
    );
    let statements = [statement(&take), statement(&give)];
    let line: Vec<_> = history::timeline(&statements)
        .iter()
        .map(|s| s.kind.clone())
        .collect();
    assert_eq!(
        line,
        ["vn.motcua.step.dispatched.v1", "vn.motcua.step.accepted.v1"]
    );
}

#[test]
fn statements_that_cause_each_other_are_all_shown() {
    let (mut one, mut other) = (Pen::new("H33-27", 1), Pen::new("G12-27", 3));
    let code = code_of(&one.unit, at("2018-01-03T09:00"), 1);
    let a = one.write(
        code.as_str(),
        at("2018-01-03T10:00"),
        &[other.id(1)],
        &ready(),
    );
    let b = other.write(
        code.as_str(),
        at("2018-01-03T09:00"),
        &[one.id(1)],
        &completed(1),
    );
    let statements = [statement(&a), statement(&b)];
    assert_eq!(history::timeline(&statements).len(), 2);
}

#[test]
fn the_rate_is_rounded_to_hundredths_of_a_percent() {
    let rate = |early, on_time, late| {
        Timely {
            early,
            on_time,
            late,
            no_limit: 7,
        }
        .rate()
    };
    assert_eq!(rate(0, 0, 0), None);
    assert_eq!(rate(1, 0, 0), Some(10_000));
    assert_eq!(rate(0, 2, 1), Some(6_667));
    // 11,404 of 11,452: the published 99.58 %.
    assert_eq!(rate(11_000, 404, 48), Some(9_958));
}

#[test]
fn what_is_overdue_is_named_with_the_unit_it_waits_for() {
    let calm = Course {
        home: 0,
        day: 0,
        field: 0,
        channel: 0,
        limit: 0,
        path: 6,
        days: 0,
        noise: 1,
    };
    let (_, events) = told(&[calm, Course { day: 20, ..calm }, Course { path: 7, ..calm }]);
    let state = batch(&events);
    let answer = figures::overdue(
        &state,
        &directory(),
        &OverdueQuery::default(),
        at("2018-01-20T08:00"),
    );
    assert_eq!((answer.total, answer.dossiers.len()), (1, 1));
    assert_eq!(answer.at[0].unit, unit("G12-27"));
    let home = OverdueQuery {
        unit: Some(unit("H33-27-04")),
        ..OverdueQuery::default()
    };
    assert_eq!(
        figures::overdue(&state, &directory(), &home, at("2018-01-20T08:00")).total,
        0
    );
}

#[test]
fn a_level_is_asked_for_by_the_directory() {
    let (_, events) = told(&many());
    let state = batch(&events);
    let of = |level| {
        let query = SummaryQuery {
            level,
            ..SummaryQuery::default()
        };
        figures::summary(&state, &directory(), &query, at("2018-02-01T08:00"))
            .total
            .received
            .total
    };
    assert_eq!(
        of(None),
        of(Some(Level::District)) + of(Some(Level::Commune))
    );
    assert_eq!(of(Some(Level::Agency)), 0);
    let homes: Vec<UnitId> = state.rows().map(|row| row.home.clone()).collect();
    assert!(!homes.contains(&unit("G12-27")));
}
