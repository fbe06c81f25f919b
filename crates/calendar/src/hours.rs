//! Office hours, and counting within them.
//!
//! Moments keep their seconds: an hour limit starts at the exact moment (Bộ luật Dân sự 2015
//! art. 147.1). A moment of opening belongs to the session, a moment of closing does not.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta};

use crate::error::CalendarError;
use crate::moment::{Moment, hanoi};
use crate::workday::{Calendar, Day};

pub use crate::sessions::{SESSIONS, Session};

pub(crate) fn moment_on(date: NaiveDate, minute: i64) -> Moment {
    let local = date.and_time(NaiveTime::MIN) + TimeDelta::minutes(minute);
    DateTime::from_naive_utc_and_offset(local - hanoi(), hanoi())
}

/// When offices open on a day that is worked.
pub(crate) fn opening(calendar: &Calendar, date: NaiveDate) -> Moment {
    moment_on(date, calendar.hours.opens_minute())
}

/// When offices close on a day that is worked: the end of the last day of a limit.
pub(crate) fn closing(calendar: &Calendar, date: NaiveDate) -> Moment {
    moment_on(date, calendar.hours.closes_minute())
}

/// Walks through office hours until `amount` is used up.
///
/// The result is the earliest moment at which the amount is used up: the close of a session
/// rather than the opening of the next one. An amount of zero gives `from`, or the next opening
/// when offices are closed.
pub(crate) fn advance(
    calendar: &Calendar,
    from: Moment,
    amount: TimeDelta,
) -> Result<Moment, CalendarError> {
    let from = from.with_timezone(&hanoi());
    let mut date = from.date_naive();
    let mut left = amount;
    loop {
        let day = calendar.day(date)?;
        for session in calendar.sessions_of(day) {
            let (opens, closes) = session.on(date);
            let begins = opens.max(from);
            if begins >= closes {
                continue;
            }
            let here = closes - begins;
            if left <= here {
                return Ok(begins + left);
            }
            left -= here;
        }
        date = calendar.day_after(date)?;
    }
}

/// The office time that lies on one day between two moments in order.
pub(crate) fn time_on(calendar: &Calendar, day: Day<'_>, from: Moment, to: Moment) -> TimeDelta {
    let sessions = calendar.sessions_of(day).iter();
    sessions
        .map(|session| {
            let (opens, closes) = session.on(day.date);
            (closes.min(to) - opens.max(from)).max(TimeDelta::zero())
        })
        .sum()
}

/// The office time between two moments in order.
pub(crate) fn time_between(
    calendar: &Calendar,
    from: Moment,
    to: Moment,
) -> Result<TimeDelta, CalendarError> {
    let (from, to) = (from.with_timezone(&hanoi()), to.with_timezone(&hanoi()));
    let mut total = TimeDelta::zero();
    let mut date = from.date_naive();
    loop {
        total += time_on(calendar, calendar.day(date)?, from, to);
        if date >= to.date_naive() {
            return Ok(total);
        }
        date = calendar.day_after(date)?;
    }
}

/// Whole minutes of office hours from `from` to `to`; negative when `to` is earlier.
///
/// # Errors
/// [`CalendarError::Outside`] when a day between them is not covered.
pub fn working_minutes_between(
    calendar: &Calendar,
    from: Moment,
    to: Moment,
) -> Result<i64, CalendarError> {
    if to < from {
        return Ok(-time_between(calendar, to, from)?.num_minutes());
    }
    Ok(time_between(calendar, from, to)?.num_minutes())
}

/// The earliest moment by which `minutes` of office hours have passed since `from`. For 0 it is
/// `from` itself, or the next opening when offices are closed.
///
/// # Errors
/// [`CalendarError::Outside`] when the count runs past the covered dates.
pub fn add_working_minutes(
    calendar: &Calendar,
    from: Moment,
    minutes: u32,
) -> Result<Moment, CalendarError> {
    advance(calendar, from, TimeDelta::minutes(i64::from(minutes)))
}

/// Whether offices are open at the moment.
///
/// # Errors
/// [`CalendarError::Outside`] when the day is not covered.
pub fn is_open(calendar: &Calendar, at: Moment) -> Result<bool, CalendarError> {
    let date = at.with_timezone(&hanoi()).date_naive();
    let within = |session: &Session| {
        let (opens, closes) = session.on(date);
        opens <= at && at < closes
    };
    Ok(calendar.sessions_of(calendar.day(date)?).iter().any(within))
}

/// The moment itself when offices are open, otherwise when they open next.
///
/// # Errors
/// [`CalendarError::Outside`] when they do not open before the covered dates end.
pub fn next_opening(calendar: &Calendar, at: Moment) -> Result<Moment, CalendarError> {
    advance(calendar, at, TimeDelta::zero())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::moment::parse_moment;

    fn at(text: &str) -> Moment {
        parse_moment(&format!("{text}:00+07:00")).unwrap()
    }

    #[test]
    fn offices_are_open_from_the_minute_of_opening_until_before_closing() {
        let open = |text| is_open(Calendar::published(), at(text)).unwrap();
        assert!(open("2025-03-12T07:00") && open("2025-03-12T11:29"));
        assert!(open("2025-03-12T13:30") && open("2025-03-12T16:59"));
        assert!(!open("2025-03-12T06:59") && !open("2025-03-12T11:30"));
        assert!(!open("2025-03-12T13:29") && !open("2025-03-12T17:00"));
        assert!(open("2025-04-26T09:00"), "a worked Saturday");
        assert!(!open("2025-05-02T09:00"), "the Friday it was worked for");
    }

    #[test]
    fn the_next_opening_skips_lunch_nights_and_days_off() {
        let next = |text| next_opening(Calendar::published(), at(text)).unwrap();
        assert_eq!(next("2025-03-12T09:15"), at("2025-03-12T09:15"));
        assert_eq!(next("2025-03-12T05:00"), at("2025-03-12T07:00"));
        assert_eq!(next("2025-03-12T11:30"), at("2025-03-12T13:30"));
        assert_eq!(next("2025-03-12T17:00"), at("2025-03-13T07:00"));
        assert_eq!(next("2026-02-13T17:00"), at("2026-02-23T07:00"));
    }

    #[test]
    fn minutes_are_counted_in_office_hours_only_and_in_both_directions() {
        let between = |a, b| working_minutes_between(Calendar::published(), at(a), at(b)).unwrap();
        assert_eq!(between("2025-03-12T11:00", "2025-03-12T14:00"), 60);
        assert_eq!(between("2025-03-12T14:00", "2025-03-12T11:00"), -60);
        assert_eq!(
            between("2025-04-30T09:00", "2025-05-04T09:00"),
            0,
            "days off"
        );
        assert_eq!(
            between("2025-04-25T07:00", "2025-04-28T07:00"),
            960,
            "a worked Saturday"
        );
    }

    #[test]
    fn seconds_are_kept() {
        let from = parse_moment("2025-03-12T11:29:40+07:00").unwrap();
        let minute_later = add_working_minutes(Calendar::published(), from, 1).unwrap();
        assert_eq!(
            minute_later,
            parse_moment("2025-03-12T13:30:40+07:00").unwrap()
        );
    }
}
