//! A due moment after a pause: the time between is not counted, and nothing else changes.
//!
//! Laws that pause a clock while the applicant completes the dossier (NĐ 63/2024 art. 4.7) say
//! that the time of doing so is not counted. The day of the pause has been used; the day of
//! resumption, like the day of reception, is not counted.

use chrono::TimeDelta;

use crate::count;
use crate::due::{Reckoning, due};
use crate::error::CalendarError;
use crate::hours::{advance, time_between};
use crate::limit::{Limit, LimitUnit};
use crate::moment::{Moment, hanoi};
use crate::workday::Calendar;

/// The due moment of a clock that was due at `due_at`, paused and then resumed.
///
/// What remains is counted on from the resumption: the working days (or, for `Days` and `Months`,
/// the days of the calendar) after the day of the pause until the due day; with none remaining
/// it is the day of resumption or the next working day. Days by which the end had been rolled
/// over a holiday belong to what remains. For hours it is the exact time, for office hours the
/// office time; a same-day clock starts anew by its 15:00 rule.
///
/// A clock that paused when it was already late, or that knows no limit, stays as it was: a late
/// dossier does not become on time. The result is never earlier than `due_at`.
///
/// # Errors
/// [`CalendarError::ResumedBeforePaused`], or [`CalendarError::Outside`] when the count needs a
/// day that the calendar does not cover.
pub fn resume(
    calendar: &Calendar,
    due_at: Moment,
    paused_at: Moment,
    resumed_at: Moment,
    unit: LimitUnit,
) -> Result<Moment, CalendarError> {
    let unchanged = due_at.with_timezone(&hanoi());
    let remaining = resume_reckoned(calendar, due_at, paused_at, resumed_at, unit)?;
    Ok(remaining.due_at.unwrap_or(unchanged))
}

/// What [`resume`] answers, with the days of the remaining time: those that count after the
/// resumption and those that are passed over. A clock that stays as it was has no notes.
///
/// # Errors
/// Those of [`resume`].
pub fn resume_reckoned(
    calendar: &Calendar,
    due_at: Moment,
    paused_at: Moment,
    resumed_at: Moment,
    unit: LimitUnit,
) -> Result<Reckoning, CalendarError> {
    if resumed_at < paused_at {
        return Err(CalendarError::ResumedBeforePaused {
            paused_at,
            resumed_at,
        });
    }
    let due_at = due_at.with_timezone(&hanoi());
    if paused_at > due_at {
        return Ok(Reckoning::without_notes(Some(due_at)));
    }
    let due_date = due_at.date_naive();
    let paused_on = paused_at.with_timezone(&hanoi()).date_naive();
    let resumed_on = resumed_at.with_timezone(&hanoi()).date_naive();
    let beyond = || calendar.outside(resumed_on);
    let remaining = match unit {
        LimitUnit::WorkingDays => {
            let mut left = 0;
            let mut used = paused_on;
            while used < due_date {
                used = calendar.day_after(used)?;
                left += u32::from(calendar.day(used)?.is_working());
            }
            if left == 0 {
                count::first_worked(calendar, resumed_on)?
            } else {
                count::working_days(calendar, resumed_on, left)?
            }
        }
        LimitUnit::Days | LimitUnit::Months => {
            let left = due_date - paused_on;
            if left == TimeDelta::zero() {
                count::first_worked(calendar, resumed_on)?
            } else {
                let last = resumed_on.checked_add_signed(left).ok_or_else(beyond)?;
                count::days(calendar, resumed_on, last)?
            }
        }
        LimitUnit::Hours => {
            let end = due_at.checked_add_signed(resumed_at - paused_at);
            count::clock_time(calendar, resumed_at, end.ok_or_else(beyond)?)?
        }
        LimitUnit::WorkingHours => {
            let end = match time_between(calendar, paused_at, resumed_at)? {
                // No office time passed, e.g. from Saturday to Sunday.
                pause if pause == TimeDelta::zero() => due_at,
                pause => advance(calendar, due_at, pause)?,
            };
            count::office_time(calendar, resumed_at, end)?
        }
        LimitUnit::SameDay => due(calendar, resumed_at, Limit::SAME_DAY)?,
        LimitUnit::NoneStated => Reckoning::without_notes(Some(due_at)),
    };
    Ok(Reckoning {
        due_at: remaining.due_at.max(Some(due_at)),
        ..remaining
    })
}
