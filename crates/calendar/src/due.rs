//! The due moment of a limit, with every day that was counted or passed over.
//!
//! Bộ luật Dân sự 2015 art. 145 to 148: the day of the event is not counted (147.2), hours start
//! at the exact moment (147.1), a month ends on the corresponding day or the last of the month
//! (148.3), and a last day that is off moves to the end of the next working day (148.5). The end
//! of a day is taken as the closing of offices, when the desk can last hand out a result.

use chrono::{Months, NaiveDate, NaiveTime, TimeDelta};
use serde::{Deserialize, Serialize};

use crate::error::CalendarError;
use crate::hours::{advance, closing, moment_on, opening};
use crate::limit::{Limit, LimitUnit};
use crate::moment::{Moment, hanoi};
use crate::workday::{Calendar, Day};

/// Received later than this, in minutes since midnight, a same-day result becomes one of the next
/// working day (e.g. NĐ 23/2015 art. 7) and a dossier may be handed on the next morning
/// (NĐ 61/2018 art. 18.2). "Sau 15 giờ": 15:00:00 itself is still in time.
pub const CUT_OFF_MINUTE: i64 = 15 * 60;

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
    fn of(day: Day<'_>) -> Self {
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
/// For units of hours `counted` has the days on which time ran, with its minutes.
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
    fn empty() -> Self {
        Self {
            due_at: None,
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
    match limit.unit() {
        LimitUnit::WorkingDays => count_working_days(calendar, start_date, limit.amount()),
        LimitUnit::Days => {
            let last = start_date.checked_add_signed(TimeDelta::days(i64::from(limit.amount())));
            count_days(calendar, start_date, last)
        }
        LimitUnit::Months => {
            let last = start_date.checked_add_months(Months::new(limit.amount()));
            count_days(calendar, start_date, last)
        }
        LimitUnit::WorkingHours => count_working_hours(calendar, start, limit.amount()),
        LimitUnit::Hours => count_hours(calendar, start, limit.amount()),
        LimitUnit::SameDay => same_day(calendar, start),
        LimitUnit::NoneStated => Ok(Reckoning::empty()),
    }
}

fn count_working_days(
    calendar: &Calendar,
    start: NaiveDate,
    amount: u32,
) -> Result<Reckoning, CalendarError> {
    let mut reckoning = Reckoning::empty();
    let mut date = start;
    let mut left = amount;
    while left > 0 {
        date = calendar.day_after(date)?;
        let day = calendar.day(date)?;
        if day.is_working() {
            reckoning.counted.push(DayNote::of(day));
            left -= 1;
        } else {
            reckoning.skipped.push(DayNote::of(day));
        }
    }
    reckoning.due_at = Some(closing(date));
    Ok(reckoning)
}

/// Counts every day until the nominal last one, which must be worked or gives way to the next
/// that is.
fn count_days(
    calendar: &Calendar,
    start: NaiveDate,
    nominal: Option<NaiveDate>,
) -> Result<Reckoning, CalendarError> {
    let nominal = nominal.ok_or_else(|| calendar.outside(NaiveDate::MAX))?;
    let mut reckoning = Reckoning::empty();
    let mut date = start;
    loop {
        date = calendar.day_after(date)?;
        let day = calendar.day(date)?;
        if date < nominal {
            reckoning.counted.push(DayNote::of(day));
        } else if day.is_working() {
            reckoning.counted.push(DayNote::of(day));
            reckoning.due_at = Some(closing(date));
            return Ok(reckoning);
        } else {
            reckoning.skipped.push(DayNote::of(day));
        }
    }
}

fn count_working_hours(
    calendar: &Calendar,
    start: Moment,
    amount: u32,
) -> Result<Reckoning, CalendarError> {
    let mut reckoning = Reckoning::empty();
    let mut so_far = TimeDelta::zero();
    let due_at = advance(
        calendar,
        start,
        TimeDelta::hours(i64::from(amount)),
        |day, given| {
            if given > TimeDelta::zero() {
                let minutes = (so_far + given).num_minutes() - so_far.num_minutes();
                so_far += given;
                let reason = format!("tính {minutes} phút làm việc");
                reckoning.counted.push(DayNote {
                    date: day.date,
                    reason,
                });
            } else if day.is_working() {
                let reason = "đã hết giờ làm việc".to_owned();
                reckoning.skipped.push(DayNote {
                    date: day.date,
                    reason,
                });
            } else {
                reckoning.skipped.push(DayNote::of(day));
            }
        },
    )?;
    reckoning.due_at = Some(due_at);
    Ok(reckoning)
}

fn count_hours(
    calendar: &Calendar,
    start: Moment,
    amount: u32,
) -> Result<Reckoning, CalendarError> {
    let end = start
        .checked_add_signed(TimeDelta::hours(i64::from(amount)))
        .ok_or_else(|| calendar.outside(NaiveDate::MAX))?;
    let mut reckoning = Reckoning::empty();
    let mut from = start;
    while from < end {
        let date = calendar.day(from.date_naive())?.date;
        let until = moment_on(calendar.day_after(date)?, 0).min(end);
        let minutes = (until - start).num_minutes() - (from - start).num_minutes();
        let reason = format!("tính {minutes} phút");
        reckoning.counted.push(DayNote { date, reason });
        from = until;
    }
    // A limit that ends at midnight ends on a day on which nothing was counted.
    calendar.day(end.date_naive())?;
    reckoning.due_at = Some(end);
    Ok(reckoning)
}

fn same_day(calendar: &Calendar, start: Moment) -> Result<Reckoning, CalendarError> {
    let date = start.date_naive();
    let mut reckoning = Reckoning::empty();
    let mut day = calendar.day(date)?;
    if day.is_working() && is_after_cut_off(start) {
        let reason = "tiếp nhận sau 15 giờ".to_owned();
        reckoning.skipped.push(DayNote { date, reason });
        day = calendar.day(calendar.day_after(date)?)?;
    }
    while !day.is_working() {
        reckoning.skipped.push(DayNote::of(day));
        day = calendar.day(calendar.day_after(day.date)?)?;
    }
    reckoning.counted.push(DayNote::of(day));
    reckoning.due_at = Some(closing(day.date));
    Ok(reckoning)
}

fn is_after_cut_off(at: Moment) -> bool {
    at.time() - NaiveTime::MIN > TimeDelta::minutes(CUT_OFF_MINUTE)
}

/// The latest moment to hand a received dossier on to the unit that acts: the end of the same
/// working day, or the start of the next one when it came after 15:00 or on a day off
/// (NĐ 61/2018 art. 18.2).
///
/// # Errors
/// [`CalendarError::Outside`] when the days needed are not covered.
pub fn forward_by(calendar: &Calendar, received: Moment) -> Result<Moment, CalendarError> {
    let received = received.with_timezone(&hanoi());
    let date = received.date_naive();
    let working = calendar.day(date)?.is_working();
    if working && !is_after_cut_off(received) {
        return Ok(closing(date));
    }
    Ok(opening(
        calendar.working_day_from(calendar.day_after(date)?)?,
    ))
}
