//! What a reception after 15:00 changes. The law knows three effects, and which of them apply is
//! a matter of the procedure:
//!
//! 1. the dossier may be handed on the next morning: [`hand_over_by`], for every dossier;
//! 2. a same-day result becomes one of the next working day (e.g. NĐ 23/2015 art. 7):
//!    [`due`](fn@crate::due) with [`Limit::SAME_DAY`](crate::Limit::SAME_DAY);
//! 3. the clock itself starts on the next working day: [`start_after_cut_off`], only where a text
//!    says so.
//!
//! Otherwise 15:00 shifts no limit in days: the day of reception is not counted anyway.

use chrono::{NaiveTime, TimeDelta};

use crate::error::CalendarError;
use crate::hours::{closing, opening};
use crate::moment::{Moment, hanoi};
use crate::workday::Calendar;

/// 15:00 in minutes since midnight. "Sau 15 giờ" is read as later than this: 15:00:00 itself is
/// still in time.
pub const CUT_OFF_MINUTE: i64 = 15 * 60;

/// Later than 15:00, or than the closing of offices that close before that.
pub(crate) fn is_after_cut_off(calendar: &Calendar, at: Moment) -> bool {
    let minute = CUT_OFF_MINUTE.min(calendar.hours.closes_minute());
    at.time() - NaiveTime::MIN > TimeDelta::minutes(minute)
}

/// The opening of the next working day when `received_at` is after 15:00 or on a day off.
fn put_off(calendar: &Calendar, received_at: Moment) -> Result<Option<Moment>, CalendarError> {
    let received_at = received_at.with_timezone(&hanoi());
    let date = received_at.date_naive();
    if calendar.day(date)?.is_working() && !is_after_cut_off(calendar, received_at) {
        return Ok(None);
    }
    let next = calendar.working_day_from(calendar.day_after(date)?)?;
    Ok(Some(opening(calendar, next)))
}

/// The latest moment to hand a received dossier on to the unit that acts: the end of the same
/// working day, or the opening of the next one when it came after 15:00 or on a day off
/// (NĐ 61/2018 art. 18.2; kept by NĐ 118/2025 as amended by NĐ 309/2026 art. 9).
///
/// # Errors
/// [`CalendarError::Outside`] when the days needed are not covered.
pub fn hand_over_by(calendar: &Calendar, received_at: Moment) -> Result<Moment, CalendarError> {
    let same_day = closing(calendar, received_at.with_timezone(&hanoi()).date_naive());
    Ok(put_off(calendar, received_at)?.unwrap_or(same_day))
}

/// The start of the clock where "after 15:00 the time is counted from the next working day"
/// (NĐ 63/2024 as amended by NĐ 301/2026 art. 5.2): the opening of the next working day when
/// received after 15:00 or on a day off, otherwise the moment of reception itself.
///
/// Assumed, as no text settles it: the dossier then counts as received at that opening, so that
/// day 1 of a limit in days is the working day after it.
///
/// # Errors
/// [`CalendarError::Outside`] when the days needed are not covered.
pub fn start_after_cut_off(
    calendar: &Calendar,
    received_at: Moment,
) -> Result<Moment, CalendarError> {
    let unchanged = received_at.with_timezone(&hanoi());
    Ok(put_off(calendar, received_at)?.unwrap_or(unchanged))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::due::due;
    use crate::limit::Limit;
    use crate::moment::parse_moment;

    fn at(text: &str) -> Moment {
        parse_moment(&format!("{text}+07:00")).unwrap()
    }

    /// NĐ 61/2018 art. 18.2. 12 March 2025 is a Wednesday.
    #[test]
    fn nd61_article_18_2_a_dossier_goes_on_the_same_day_or_the_next_morning() {
        let table = [
            ("2025-03-12T09:00:00", "2025-03-12T17:00:00"),
            ("2025-03-12T15:00:00", "2025-03-12T17:00:00"),
            ("2025-03-12T15:00:01", "2025-03-13T07:00:00"),
            ("2025-03-14T16:00:00", "2025-03-17T07:00:00"),
            ("2025-03-15T09:00:00", "2025-03-17T07:00:00"),
            // The Saturday is worked.
            ("2025-04-25T16:00:00", "2025-04-26T07:00:00"),
            ("2026-02-13T15:01:00", "2026-02-23T07:00:00"),
        ];
        for (received, expected) in table {
            let handed = hand_over_by(Calendar::published(), at(received)).unwrap();
            assert_eq!(handed, at(expected), "{received}");
        }
    }

    /// NĐ 301/2026 art. 5.2.
    #[test]
    fn nd301_article_5_2_the_clock_starts_on_the_next_working_day() {
        let table = [
            ("2026-09-09T06:30:00", "2026-09-09T06:30:00"),
            ("2026-09-09T15:00:00", "2026-09-09T15:00:00"),
            ("2026-09-09T15:00:01", "2026-09-10T07:00:00"),
            ("2026-09-11T16:00:00", "2026-09-14T07:00:00"),
            ("2026-09-12T09:00:00", "2026-09-14T07:00:00"),
            ("2026-09-02T09:00:00", "2026-09-03T07:00:00"),
        ];
        for (received, expected) in table {
            let start = start_after_cut_off(Calendar::published(), at(received)).unwrap();
            assert_eq!(start, at(expected), "{received}");
        }
    }

    #[test]
    fn only_a_moved_start_moves_a_limit_in_days() {
        let calendar = Calendar::published();
        let late = at("2026-09-09T15:01:00");
        let limit = Limit::working_days(3);
        let ordinary = due(calendar, late, limit).unwrap().due_at.unwrap();
        assert_eq!(ordinary, at("2026-09-14T17:00:00"));
        let start = start_after_cut_off(calendar, late).unwrap();
        let moved = due(calendar, start, limit).unwrap().due_at.unwrap();
        assert_eq!(moved, at("2026-09-15T17:00:00"));
    }

    #[test]
    fn days_that_nobody_has_published_are_refused() {
        let late = at("2026-12-31T15:01:00");
        assert!(hand_over_by(Calendar::published(), late).is_err());
        assert!(start_after_cut_off(Calendar::published(), late).is_err());
    }
}
