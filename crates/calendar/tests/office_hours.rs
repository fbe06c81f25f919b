//! Office hours as data: what a province's own sessions change, and what they do not.
//!
//! The vectors are a widely used portal's (VietOpenCPS/opencps-v2 at 2c71985, `DueDateUtils.java`)
//! in its own sessions of 07:30 to 11:30 and 13:00 to 17:00. 12 March 2025 is a Wednesday.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use calendar::{
    Calendar, Declaration, DeskDays, Hours, Limit, LimitUnit, Moment, add_working_minutes, due,
    hand_over_by, is_open, next_opening, parse_moment, resume, start_after_cut_off,
    working_minutes_between,
};
use proptest::prelude::*;

fn at(text: &str) -> Moment {
    parse_moment(&format!("{text}:00+07:00")).unwrap()
}

fn open(hours: &str) -> Calendar {
    Calendar::published()
        .clone()
        .with_hours(hours.parse().unwrap())
}

fn due_at(calendar: &Calendar, received: &str, limit: &str) -> Moment {
    let reckoning = due(calendar, at(received), limit.parse().unwrap()).unwrap();
    reckoning.due_at.unwrap()
}

const OPENCPS: &str = "07:30-11:30,13:00-17:00";

#[test]
fn the_vectors_of_a_peer_in_its_own_sessions() {
    let calendar = open(OPENCPS);
    let table = [
        // received, minutes, answered there, right
        (
            "2025-03-12T08:40",
            450,
            "2025-03-13T16:30",
            "2025-03-13T08:10",
        ),
        (
            "2025-03-12T11:30",
            180,
            "2025-03-12T14:30",
            "2025-03-12T16:00",
        ),
        (
            "2025-03-12T11:30",
            60,
            "2025-03-12T13:00",
            "2025-03-12T14:00",
        ),
        (
            "2025-03-12T17:55",
            180,
            "2025-03-13T11:25",
            "2025-03-13T10:30",
        ),
    ];
    for (received, minutes, wrong, right) in table {
        let end = add_working_minutes(&calendar, at(received), minutes).unwrap();
        assert_eq!(end, at(right), "{received} + {minutes} minutes");
        assert_ne!(end, at(wrong), "{received} + {minutes} minutes");
        let used = working_minutes_between(&calendar, at(received), end).unwrap();
        assert_eq!(used, i64::from(minutes), "{received}");
        if minutes % 60 == 0 {
            let hours = Limit::new(minutes / 60, LimitUnit::WorkingHours).unwrap();
            assert_eq!(
                due(&calendar, at(received), hours).unwrap().due_at,
                Some(end)
            );
        }
    }
}

#[test]
fn a_limit_in_days_ends_when_these_offices_close() {
    let early = open("07:00-11:00,13:00-16:30");
    for (limit, expected) in [
        ("3 ngày làm việc", "2025-03-17T16:30"),
        ("3 ngày", "2025-03-17T16:30"),
        ("1 tháng", "2025-04-14T16:30"),
        ("trong ngày", "2025-03-12T16:30"),
    ] {
        assert_eq!(
            due_at(&early, "2025-03-12T09:00", limit),
            at(expected),
            "{limit}"
        );
    }
    let unit = LimitUnit::WorkingDays;
    let resumed = resume(
        &early,
        at("2025-03-14T16:30"),
        at("2025-03-13T09:00"),
        at("2025-03-17T09:00"),
        unit,
    );
    assert_eq!(resumed.unwrap(), at("2025-03-18T16:30"));
}

#[test]
fn opening_and_closing_are_those_of_the_sessions() {
    let calendar = open(OPENCPS);
    let opens = |text| is_open(&calendar, at(text)).unwrap();
    assert!(!opens("2025-03-12T07:29") && opens("2025-03-12T07:30"));
    assert!(opens("2025-03-12T13:00") && !opens("2025-03-12T17:00"));
    assert!(opens("2025-04-26T08:00"), "a worked Saturday");
    let next = next_opening(&calendar, at("2025-03-12T17:00")).unwrap();
    assert_eq!(next, at("2025-03-13T07:30"));
    let handed_on = hand_over_by(&calendar, at("2025-03-14T15:01")).unwrap();
    assert_eq!(handed_on, at("2025-03-17T07:30"));
    let started = start_after_cut_off(&calendar, at("2025-03-12T15:01")).unwrap();
    assert_eq!(started, at("2025-03-13T07:30"));
}

/// A day without a break, and one of nine hours: nowhere are eight assumed.
#[test]
fn a_day_has_the_hours_it_has() {
    let short = open("08:00-14:00");
    assert_eq!(
        due_at(&short, "2025-03-12T08:00", "8 giờ làm việc"),
        at("2025-03-13T10:00")
    );
    let long = open("07:00-11:30,13:00-17:30");
    assert_eq!(
        due_at(&long, "2025-03-12T07:00", "18 giờ làm việc"),
        at("2025-03-13T17:30")
    );
}

/// 15:00 is the law's; offices that close before it receive until they close.
#[test]
fn what_comes_after_an_early_closing_waits_for_the_next_day() {
    let short = open("08:00-14:00");
    assert_eq!(
        due_at(&short, "2025-03-12T14:00", "trong ngày"),
        at("2025-03-12T14:00")
    );
    let reckoning = due(&short, at("2025-03-12T14:30"), Limit::SAME_DAY).unwrap();
    assert_eq!(reckoning.due_at, Some(at("2025-03-13T14:00")));
    assert_eq!(reckoning.skipped[0].reason, "tiếp nhận sau giờ làm việc");
    let handed_on = hand_over_by(&short, at("2025-03-12T14:30")).unwrap();
    assert_eq!(handed_on, at("2025-03-13T08:00"));
}

#[test]
fn the_version_names_hours_that_are_not_the_default() {
    let published = Calendar::published().clone();
    assert_eq!(published.version(), "vn-2018-2026.1");
    let same = published.clone().with_hours(Hours::default());
    assert_eq!(same, published);
    let other = open(OPENCPS);
    assert_eq!(other.version(), "vn-2018-2026.1@0730-1130-1300-1700");
    assert_eq!(other.hours().to_string(), OPENCPS);
    assert_eq!(other.with_hours(Hours::default()), published);
}

#[test]
fn hours_and_declarations_stand_in_the_version_in_one_order() {
    let declaration: Declaration = serde_json::from_str(
        r#"{"basis":"Văn bản thử","published_on":"2026-10-01","days":[
            {"date":"2026-10-16","kind":"swapped_off","name":"thử","pair":"2026-10-24"},
            {"date":"2026-10-24","kind":"swapped_working","name":"thử","pair":"2026-10-16"}]}"#,
    )
    .unwrap();
    let back: Declaration = serde_json::from_str(
        r#"{"basis":"Văn bản thử 2","published_on":"2026-10-02","days":[
            {"date":"2026-10-16","kind":"working","name":""},
            {"date":"2026-10-24","kind":"weekend","name":""}]}"#,
    )
    .unwrap();
    let hours: Hours = OPENCPS.parse().unwrap();
    let first = open(OPENCPS).amended(&declaration, 1).unwrap();
    assert_eq!(first.version(), "vn-2018-2026.1@0730-1130-1300-1700+1");
    let later = Calendar::published().amended(&declaration, 1).unwrap();
    assert_eq!(later.version(), "vn-2018-2026.1+1");
    assert_eq!(later.with_hours(hours), first);
    let second = first.amended(&back, 2).unwrap();
    assert_eq!(second.version(), "vn-2018-2026.1@0730-1130-1300-1700+2");
    assert_eq!(
        due_at(&second, "2026-10-15T09:00", "1 ngày làm việc"),
        at("2026-10-16T17:00")
    );
}

#[test]
fn a_saturday_desk_keeps_the_sessions_before_noon() {
    let desk: DeskDays = serde_json::from_str(r#"{"saturday":"morning"}"#).unwrap();
    let calendar = open("07:00-09:00,09:15-11:30,13:00-15:00,15:15-17:00");
    let receives = |text| desk.receives_at(&calendar, at(text)).unwrap();
    assert!(receives("2025-03-15T08:59") && receives("2025-03-15T11:00"));
    assert!(!receives("2025-03-15T09:05") && !receives("2025-03-15T14:00"));
}

fn any_hours() -> impl Strategy<Value = Hours> {
    proptest::collection::btree_set(0..1_440_i64, 2..=8).prop_filter_map("pairs", |minutes| {
        let minutes: Vec<i64> = minutes.into_iter().collect();
        let sessions = minutes.chunks_exact(2).map(|pair| calendar::Session {
            opens_minute: pair[0],
            closes_minute: pair[1],
        });
        Hours::new(sessions.collect()).ok()
    })
}

proptest! {
    #[test]
    fn in_any_hours_nothing_is_due_before_it_was_received(
        hours in any_hours(), minute in 0..3 * 365 * 1_440_i64, amount in 1..60_u32, unit in 0..4_u8,
    ) {
        // A minute a day would lead past the covered years.
        prop_assume!(hours.minutes_a_day() > 60);
        let calendar = Calendar::published().clone().with_hours(hours);
        let received = at("2020-01-01T00:00") + chrono::TimeDelta::minutes(minute);
        let limit = match unit {
            0 => Limit::working_days(amount),
            1 => Limit::days(amount),
            2 => Limit::working_hours(amount),
            _ => Limit::SAME_DAY,
        };
        let end = due(&calendar, received, limit).unwrap().due_at.unwrap();
        prop_assert!(end >= received);
        prop_assert!(calendar.day(end.date_naive()).unwrap().is_working());
    }

    #[test]
    fn in_any_hours_minutes_added_are_minutes_between(
        hours in any_hours(), minute in 0..3 * 365 * 1_440_i64, amount in 0..9_000_u32,
    ) {
        prop_assume!(hours.minutes_a_day() > 60);
        let text = hours.to_string();
        prop_assert_eq!(text.parse::<Hours>().unwrap(), hours.clone());
        let calendar = Calendar::published().clone().with_hours(hours);
        let from = at("2020-01-01T00:00") + chrono::TimeDelta::minutes(minute);
        let end = add_working_minutes(&calendar, from, amount).unwrap();
        prop_assert_eq!(working_minutes_between(&calendar, from, end).unwrap(), i64::from(amount));
    }
}
