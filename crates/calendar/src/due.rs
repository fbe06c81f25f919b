//! The due moment of a limit, with every day that was counted or passed over.
//!
//! Bộ luật Dân sự 2015 art. 145 to 148: the day of the event is not counted (147.2), hours start
//! at the exact moment (147.1), a month ends on the corresponding day or the last of the month
//! (148.3), and a last day that is off moves to the end of the next working day (148.5). The end
//! of a day is taken as the closing of offices, when the desk can last hand out a result.

use chrono::{Datelike, Months, NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};

use crate::count;
use crate::cut_off::is_after_cut_off;
use crate::error::CalendarError;
use crate::hours::{advance, closing, moment_on};
use crate::limit::{Limit, LimitUnit};
use crate::moment::{Moment, hanoi};
use crate::workday::{Calendar, Day};

pub use crate::cut_off::CUT_OFF_MINUTE;

/// One day of a count and why it counted or not, as the applicant reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DayNote {
    /// Which day.
    pub date: NaiveDate,
    /// Why, in Vietnamese.
    pub reason: String,
}

impl DayNote {
    pub(crate) fn of(day: Day<'_>) -> Self {
        Self {
            date: day.date,
            reason: day.reason(),
        }
    }
}

/// How a due moment came about.
///
/// For units of days `counted` has one note for each day of the limit, the last being the due
/// day, and `skipped` the days between that did not count or on which the limit could not end.
/// For units of hours `counted` has the days on which time ran, with its minutes. A month names
/// the day it corresponds to, or that the month has none (Bộ luật Dân sự 2015 art. 148.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reckoning {
    /// When the result is due; none when the law states no limit.
    pub due_at: Option<Moment>,
    /// The days that were counted, in order.
    pub counted: Vec<DayNote>,
    /// The days that were passed over, in order.
    pub skipped: Vec<DayNote>,
}

impl Reckoning {
    pub(crate) fn without_notes(due_at: Option<Moment>) -> Self {
        Self {
            due_at,
            counted: Vec::new(),
            skipped: Vec::new(),
        }
    }
}

/// When a limit that starts at `start` ends.
///
/// # Errors
/// [`CalendarError::Outside`] when the count needs a day that the calendar does not cover.
pub fn due(calendar: &Calendar, start: Moment, limit: Limit) -> Result<Reckoning, CalendarError> {
    let start = start.with_timezone(&hanoi());
    let start_date = start.date_naive();
    calendar.day(start_date)?;
    let beyond = || calendar.outside(NaiveDate::MAX);
    let amount = limit.amount();
    match limit.unit() {
        LimitUnit::WorkingDays => count::working_days(calendar, start_date, amount),
        LimitUnit::Days => {
            let last = start_date.checked_add_signed(TimeDelta::days(i64::from(amount)));
            count::days(calendar, start_date, last.ok_or_else(beyond)?)
        }
        LimitUnit::Months => {
            let last = start_date.checked_add_months(Months::new(amount));
            months(calendar, start_date, last.ok_or_else(beyond)?)
        }
        LimitUnit::WorkingHours => {
            let end = advance(calendar, start, TimeDelta::hours(i64::from(amount)))?;
            count::office_time(calendar, start, end)
        }
        LimitUnit::Hours => {
            let end = start.checked_add_signed(TimeDelta::hours(i64::from(amount)));
            count::clock_time(calendar, start, end.ok_or_else(beyond)?)
        }
        LimitUnit::SameDay => same_day(calendar, start),
        LimitUnit::NoneStated => Ok(Reckoning::without_notes(None)),
    }
}

/// Counts the days and says why the limit nominally ends on the day it does.
fn months(
    calendar: &Calendar,
    start: NaiveDate,
    nominal: NaiveDate,
) -> Result<Reckoning, CalendarError> {
    let mut reckoning = count::days(calendar, start, nominal)?;
    let why = if nominal.day() == start.day() {
        format!("ngày tương ứng với {}", start.format("%d/%m/%Y"))
    } else {
        format!("ngày cuối tháng, vì tháng không có ngày {}", start.day())
    };
    let notes = reckoning.counted.iter_mut().chain(&mut reckoning.skipped);
    for note in notes.filter(|note| note.date == nominal) {
        note.reason = format!("{}; {why}", note.reason);
    }
    Ok(reckoning)
}

fn same_day(calendar: &Calendar, start: Moment) -> Result<Reckoning, CalendarError> {
    let date = start.date_naive();
    let mut reckoning = Reckoning::without_notes(None);
    let mut day = calendar.day(date)?;
    if day.is_working() && is_after_cut_off(calendar, start) {
        // Offices that close before 15:00 have no cut-off but their closing.
        let after_15 = start > moment_on(date, CUT_OFF_MINUTE);
        let hour = if after_15 {
            "15 giờ"
        } else {
            "giờ làm việc"
        };
        let reason = format!("tiếp nhận sau {hour}");
        reckoning.skipped.push(DayNote { date, reason });
        day = calendar.day(calendar.day_after(date)?)?;
    }
    while !day.is_working() {
        reckoning.skipped.push(DayNote::of(day));
        day = calendar.day(calendar.day_after(day.date)?)?;
    }
    reckoning.counted.push(DayNote::of(day));
    reckoning.due_at = Some(closing(calendar, day.date));
    Ok(reckoning)
}
