//! What holds for every date, held against a second, naive account of the same years.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;

use calendar::{
    Calendar, CalendarError, Limit, LimitUnit, Moment, add_working_minutes, due, hand_over_by,
    hanoi, is_open, last_working_day_before, next_opening, parse_moment, resume, resume_reckoned,
    working_minutes_between,
};
use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, TimeDelta, Weekday};
use proptest::prelude::*;

/// Weekdays off and weekend days worked, typed in from the yearly notices and not from the
/// register that the program reads: year, days off, days worked (day/month).
const NOTICES: [(i32, &str, &str); 9] = [
    (
        2018,
        "1/1 14/2 15/2 16/2 19/2 20/2 25/4 30/4 1/5 3/9 31/12",
        "",
    ),
    (
        2019,
        "1/1 4/2 5/2 6/2 7/2 8/2 15/4 29/4 30/4 1/5 2/9",
        "5/1 4/5",
    ),
    (2020, "1/1 23/1 24/1 27/1 28/1 29/1 2/4 30/4 1/5 2/9", ""),
    (
        2021,
        "1/1 10/2 11/2 12/2 15/2 16/2 21/4 30/4 3/5 2/9 3/9",
        "",
    ),
    (2022, "3/1 31/1 1/2 2/2 3/2 4/2 11/4 2/5 3/5 1/9 2/9", ""),
    (2023, "2/1 20/1 23/1 24/1 25/1 26/1 1/5 2/5 3/5 1/9 4/9", ""),
    (
        2024,
        "1/1 8/2 9/2 12/2 13/2 14/2 18/4 29/4 30/4 1/5 2/9 3/9",
        "4/5",
    ),
    (
        2025,
        "1/1 27/1 28/1 29/1 30/1 31/1 7/4 30/4 1/5 2/5 1/9 2/9",
        "26/4",
    ),
    (
        2026,
        "1/1 2/1 16/2 17/2 18/2 19/2 20/2 27/4 30/4 1/5 31/8 1/9 2/9 24/11",
        "10/1 22/8",
    ),
];

fn works_by_notice(date: NaiveDate) -> bool {
    let (_, off, worked) = NOTICES
        .iter()
        .find(|notice| notice.0 == date.year())
        .unwrap();
    let written = format!("{}/{}", date.day(), date.month());
    let listed = |days: &str| days.split(' ').any(|day| day == written);
    let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
    if weekend {
        listed(worked)
    } else {
        !listed(off)
    }
}

fn first() -> Moment {
    parse_moment("2018-01-01T00:00:00+07:00").unwrap()
}

/// Any second of 2018 to mid 2025, so that a year and a half of counting stays covered.
fn covered_moment() -> impl Strategy<Value = Moment> {
    (0..7 * 365 * 86_400_i64).prop_map(|seconds| first() + TimeDelta::seconds(seconds))
}

fn any_unit() -> impl Strategy<Value = LimitUnit> {
    prop_oneof![
        Just(LimitUnit::WorkingDays),
        Just(LimitUnit::Days),
        Just(LimitUnit::WorkingHours),
        Just(LimitUnit::Hours),
        Just(LimitUnit::Months),
        Just(LimitUnit::SameDay),
    ]
}

fn limit_of(unit: LimitUnit, amount: u32) -> Limit {
    match unit {
        LimitUnit::SameDay | LimitUnit::NoneStated => Limit::new(0, unit).unwrap(),
        LimitUnit::Months => Limit::new(amount.div_ceil(20), unit).unwrap(),
        _ => Limit::new(amount, unit).unwrap(),
    }
}

fn due_at(start: Moment, limit: Limit) -> Moment {
    due(Calendar::published(), start, limit)
        .unwrap()
        .due_at
        .unwrap()
}

fn working(date: NaiveDate) -> bool {
    Calendar::published().day(date).unwrap().is_working()
}

#[test]
fn the_register_agrees_with_the_notices_on_every_day() {
    let mut date = Calendar::published().first();
    while date <= Calendar::published().last() {
        assert_eq!(working(date), works_by_notice(date), "{date}");
        date = date.succ_opt().unwrap();
    }
}

proptest! {
    #[test]
    fn nothing_is_due_before_it_was_received(
        start in covered_moment(), unit in any_unit(), amount in 1..200_u32,
    ) {
        let end = due_at(start, limit_of(unit, amount));
        prop_assert!(end >= start, "received {}, due {}", start, end);
    }

    #[test]
    fn a_day_limit_ends_on_a_working_day(
        start in covered_moment(), unit in any_unit(), amount in 1..200_u32,
    ) {
        let end = due_at(start, limit_of(unit, amount));
        if !matches!(unit, LimitUnit::Hours | LimitUnit::WorkingHours) {
            prop_assert!(working(end.date_naive()));
            prop_assert_eq!(end.format("%H:%M:%S").to_string(), "17:00:00");
        }
    }

    #[test]
    fn working_days_agree_with_a_naive_walk(start in covered_moment(), amount in 1..200_u32) {
        let mut date = start.date_naive();
        let mut left = amount;
        while left > 0 {
            date = date.succ_opt().unwrap();
            left -= u32::from(works_by_notice(date));
        }
        let limit = Limit::new(amount, LimitUnit::WorkingDays).unwrap();
        prop_assert_eq!(due_at(start, limit).date_naive(), date);
    }

    #[test]
    fn a_reckoning_accounts_for_every_day_once(
        start in covered_moment(), months in any::<bool>(), amount in 1..200_u32,
    ) {
        let unit = if months { LimitUnit::Days } else { LimitUnit::WorkingDays };
        let reckoning =
            due(Calendar::published(), start, Limit::new(amount, unit).unwrap()).unwrap();
        let mut dates: Vec<_> =
            reckoning.counted.iter().chain(&reckoning.skipped).map(|note| note.date).collect();
        dates.sort_unstable();
        let end = reckoning.due_at.unwrap().date_naive();
        let all: Vec<_> = start.date_naive().iter_days().skip(1).take_while(|d| *d <= end).collect();
        prop_assert_eq!(dates, all);
        prop_assert_eq!(reckoning.counted.len(), usize::try_from(amount).unwrap());
    }

    #[test]
    fn a_longer_limit_or_a_later_start_is_never_due_earlier(
        start in covered_moment(), later in 0..100_000_i64, unit in any_unit(), amount in 1..200_u32,
    ) {
        let limit = limit_of(unit, amount);
        let end = due_at(start, limit);
        prop_assert!(end <= due_at(start + TimeDelta::minutes(later), limit));
        let longer = due_at(start, limit_of(unit, amount + 1));
        prop_assert!(end <= longer);
        if unit == LimitUnit::WorkingDays {
            prop_assert!(end < longer);
        }
    }

    #[test]
    fn adding_office_minutes_and_counting_them_again_is_the_identity(
        start in covered_moment(), minutes in 0..40_000_u32,
    ) {
        let calendar = Calendar::published();
        let end = add_working_minutes(calendar, start, minutes).unwrap();
        prop_assert_eq!(
            working_minutes_between(calendar, start, end).unwrap(), i64::from(minutes)
        );
    }

    #[test]
    fn the_next_opening_is_open_and_nothing_is_open_before_it(start in covered_moment()) {
        let calendar = Calendar::published();
        let opens = next_opening(calendar, start).unwrap();
        prop_assert!(is_open(calendar, opens).unwrap());
        prop_assert_eq!(opens == start, is_open(calendar, start).unwrap());
        prop_assert_eq!(working_minutes_between(calendar, start, opens).unwrap(), 0);
    }

    #[test]
    fn a_pause_never_brings_the_due_date_forward(
        start in covered_moment(), unit in any_unit(), amount in 1..60_u32,
        until_pause in 0..60_000_i64, pause in 0..60_000_i64,
    ) {
        let calendar = Calendar::published();
        let end = due_at(start, limit_of(unit, amount));
        let paused = start + TimeDelta::minutes(until_pause);
        let resumed = paused + TimeDelta::minutes(pause);
        let resumed_end = resume(calendar, end, paused, resumed, unit).unwrap();
        prop_assert!(resumed_end >= end);
        let remaining = resume_reckoned(calendar, end, paused, resumed, unit).unwrap();
        prop_assert_eq!(remaining.due_at, Some(resumed_end));
        let notes = || remaining.counted.iter().chain(&remaining.skipped);
        let within = resumed.date_naive()..=resumed_end.date_naive();
        prop_assert!(notes().all(|note| within.contains(&note.date)), "{:?}", remaining);
        let dates: BTreeSet<_> = notes().map(|note| note.date).collect();
        prop_assert_eq!(dates.len(), notes().count(), "no day is named twice");
        if paused > end {
            prop_assert_eq!(resumed_end, end);
        } else if unit != LimitUnit::SameDay {
            let no_pause = resume(calendar, end, paused, paused, unit).unwrap();
            prop_assert_eq!(no_pause, end, "a pause of no length changes nothing");
        }
    }

    #[test]
    fn the_offset_in_which_a_moment_is_written_changes_nothing(
        start in covered_moment(), unit in any_unit(), amount in 1..200_u32,
        hours_east in -12..=14_i32,
    ) {
        let elsewhere = start.with_timezone(&FixedOffset::east_opt(hours_east * 3600).unwrap());
        let limit = limit_of(unit, amount);
        let calendar = Calendar::published();
        let here = due(calendar, start, limit).unwrap();
        let there = due(calendar, elsewhere, limit).unwrap();
        prop_assert_eq!(there.due_at.unwrap().to_rfc3339(), here.due_at.unwrap().to_rfc3339());
        prop_assert_eq!(there, here);
        prop_assert_eq!(is_open(calendar, elsewhere), is_open(calendar, start));
        prop_assert_eq!(hand_over_by(calendar, elsewhere), hand_over_by(calendar, start));
    }

    #[test]
    fn any_moment_from_1900_to_2200_gets_an_answer_or_the_covered_dates(
        seconds in -2_208_988_800..7_258_118_400_i64, other in -2_208_988_800..7_258_118_400_i64,
        unit in any_unit(), amount in 1..=3_650_u32,
    ) {
        let calendar = Calendar::published();
        let moment = |seconds| DateTime::from_timestamp(seconds, 0).unwrap().with_timezone(&hanoi());
        let (at, then) = (moment(seconds), moment(other));
        let answers = [
            due(calendar, at, limit_of(unit, amount)).err(),
            hand_over_by(calendar, at).err(),
            is_open(calendar, at).err(),
            next_opening(calendar, at).err(),
            add_working_minutes(calendar, at, amount).err(),
            working_minutes_between(calendar, at, then).err(),
            last_working_day_before(calendar, at.date_naive()).err(),
            resume(calendar, then, at.min(then), at.max(then), unit).err(),
        ];
        for refusal in answers.into_iter().flatten() {
            let outside = matches!(refusal, CalendarError::Outside { .. });
            prop_assert!(outside, "{refusal}");
            let said = refusal.to_string();
            prop_assert!(said.contains("2018-01-01 to 2026-12-31"), "{}", said);
        }
    }
}
