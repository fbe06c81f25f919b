//! What a declared day can do to a due date, and what it cannot.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use calendar::{
    Calendar, DayKind, Declaration, DeclaredDay, Limit, LimitUnit, Moment, due, parse_moment,
    resume,
};
use chrono::{Datelike, NaiveDate, TimeDelta, Weekday};
use proptest::prelude::*;

fn declared(date: NaiveDate, kind: DayKind, pair: Option<NaiveDate>) -> DeclaredDay {
    let name = "Ngày thử".to_owned();
    DeclaredDay {
        date,
        kind,
        name,
        pair,
    }
}

fn amended(days: Vec<DeclaredDay>) -> Calendar {
    let declaration = Declaration {
        days,
        basis: "Văn bản thử".to_owned(),
        published_on: NaiveDate::MIN,
    };
    Calendar::published().amended(&declaration, 1).unwrap()
}

/// Any second of 2020 to mid 2025, so that what is counted stays covered.
fn received() -> impl Strategy<Value = Moment> {
    let first = parse_moment("2020-01-01T00:00:00+07:00").unwrap();
    (0..2_000 * 86_400_i64).prop_map(move |seconds| first + TimeDelta::seconds(seconds))
}

fn any_limit() -> impl Strategy<Value = Limit> {
    let counted =
        |unit, most: u32| (1..=most).prop_map(move |amount| Limit::new(amount, unit).unwrap());
    prop_oneof![
        counted(LimitUnit::WorkingDays, 60),
        counted(LimitUnit::Days, 90),
        counted(LimitUnit::WorkingHours, 200),
        counted(LimitUnit::Hours, 500),
        counted(LimitUnit::Months, 4),
        Just(Limit::SAME_DAY),
    ]
}

/// Up to twelve days from the day of reception on, by their distance from it.
fn distances() -> impl Strategy<Value = Vec<i64>> {
    proptest::collection::btree_set(0..100_i64, 1..12).prop_map(|days| days.into_iter().collect())
}

fn kind(date: NaiveDate) -> DayKind {
    Calendar::published().day(date).unwrap().kind
}

/// The days at the distances from a reception that are of one of the kinds.
fn days_of(start: Moment, distances: &[i64], kinds: &[DayKind]) -> Vec<NaiveDate> {
    distances
        .iter()
        .map(|distance| start.date_naive() + TimeDelta::days(*distance))
        .filter(|date| kinds.contains(&kind(*date)))
        .collect()
}

/// The due moment after a pause that began and lasted so many minutes.
fn due_with_pause(calendar: &Calendar, start: Moment, limit: Limit, pause: (i64, i64)) -> Moment {
    let promised = due(calendar, start, limit).unwrap().due_at.unwrap();
    let paused = start + TimeDelta::minutes(pause.0);
    let resumed = paused + TimeDelta::minutes(pause.1);
    resume(calendar, promised, paused, resumed, limit.unit()).unwrap()
}

fn due_at(calendar: &Calendar, start: Moment, limit: Limit) -> Moment {
    due(calendar, start, limit).unwrap().due_at.unwrap()
}

proptest! {
    #[test]
    fn an_added_holiday_never_brings_a_due_date_forward(
        start in received(), limit in any_limit(), distances in distances(),
    ) {
        let dates = days_of(start, &distances, &[DayKind::Working, DayKind::Weekend]);
        prop_assume!(!dates.is_empty());
        let holidays = dates.iter().map(|date| declared(*date, DayKind::Holiday, None));
        let after = amended(holidays.collect());
        let (old, new) =
            (due_at(Calendar::published(), start, limit), due_at(&after, start, limit));
        prop_assert!(new >= old, "{} with holidays on {:?}: {} became {}", limit, dates, old, new);
        if !matches!(limit.unit(), LimitUnit::Hours | LimitUnit::WorkingHours) {
            prop_assert!(after.day(new.date_naive()).unwrap().is_working());
        }
    }

    #[test]
    fn an_added_holiday_never_brings_a_paused_due_date_forward(
        start in received(), limit in any_limit(), distances in distances(),
        pause in (0..60_000_i64, 0..60_000_i64),
    ) {
        let dates = days_of(start, &distances, &[DayKind::Working, DayKind::Weekend]);
        prop_assume!(!dates.is_empty());
        let holidays = dates.iter().map(|date| declared(*date, DayKind::Holiday, None));
        let after = amended(holidays.collect());
        let old = due_with_pause(Calendar::published(), start, limit, pause);
        let new = due_with_pause(&after, start, limit, pause);
        prop_assert!(new >= old, "{} with holidays on {:?}: {} became {}", limit, dates, old, new);
    }

    /// The days off that the Saturdays are worked for lie before the reception, so that only the
    /// Saturdays can matter.
    #[test]
    fn an_added_working_saturday_never_puts_a_due_date_off(
        start in received(), limit in any_limit(), weeks in 0..14_i64,
    ) {
        let calendar = Calendar::published();
        let to_saturday = 5 - i64::from(start.weekday().num_days_from_monday());
        let saturday = start.date_naive() + TimeDelta::days(to_saturday + 7 * weeks);
        prop_assume!(saturday.weekday() == Weekday::Sat && kind(saturday) == DayKind::Weekend);
        let mut off = start.date_naive().pred_opt().unwrap();
        while kind(off) != DayKind::Working {
            off = off.pred_opt().unwrap();
        }
        let after = amended(vec![
            declared(off, DayKind::SwappedOff, Some(saturday)),
            declared(saturday, DayKind::SwappedWorking, Some(off)),
        ]);
        let (old, new) = (due_at(calendar, start, limit), due_at(&after, start, limit));
        prop_assert!(new <= old, "{} with {} worked: {} became {}", limit, saturday, old, new);
        prop_assert!(new >= start);
    }
}
