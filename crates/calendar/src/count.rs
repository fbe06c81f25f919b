//! Walking from one end of a limit to the other, with a note for every day on the way.

use chrono::{NaiveDate, TimeDelta};

use crate::due::{DayNote, Reckoning};
use crate::error::CalendarError;
use crate::hours::{closing, moment_on, time_on};
use crate::moment::{Moment, hanoi};
use crate::workday::Calendar;

/// The `amount` working days strictly after a day.
pub(crate) fn working_days(
    calendar: &Calendar,
    after: NaiveDate,
    amount: u32,
) -> Result<Reckoning, CalendarError> {
    let mut reckoning = Reckoning::without_notes(None);
    let mut date = after;
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
    reckoning.due_at = Some(closing(calendar, date));
    Ok(reckoning)
}

/// Every day strictly after a day until the nominal last one, which must be worked or gives way
/// to the next that is.
pub(crate) fn days(
    calendar: &Calendar,
    after: NaiveDate,
    nominal: NaiveDate,
) -> Result<Reckoning, CalendarError> {
    let mut before_last = Vec::new();
    let mut date = calendar.day_after(after)?;
    while date < nominal {
        let day = calendar.day(date)?;
        let mut note = DayNote::of(day);
        if !day.is_working() {
            note.reason = format!("tính cả ngày nghỉ ({})", note.reason);
        }
        before_last.push(note);
        date = calendar.day_after(date)?;
    }
    let mut reckoning = first_worked(calendar, date)?;
    before_last.append(&mut reckoning.counted);
    reckoning.counted = before_last;
    Ok(reckoning)
}

/// The given day when it is worked, otherwise the next one that is.
pub(crate) fn first_worked(
    calendar: &Calendar,
    date: NaiveDate,
) -> Result<Reckoning, CalendarError> {
    let mut reckoning = Reckoning::without_notes(None);
    let mut day = calendar.day(date)?;
    while !day.is_working() {
        reckoning.skipped.push(DayNote::of(day));
        day = calendar.day(calendar.day_after(day.date)?)?;
    }
    reckoning.counted.push(DayNote::of(day));
    reckoning.due_at = Some(closing(calendar, day.date));
    Ok(reckoning)
}

/// The minutes of the clock from one moment to a later one.
pub(crate) fn clock_time(
    calendar: &Calendar,
    from: Moment,
    to: Moment,
) -> Result<Reckoning, CalendarError> {
    let (start, end) = (from.with_timezone(&hanoi()), to.with_timezone(&hanoi()));
    let mut reckoning = Reckoning::without_notes(Some(end));
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
    Ok(reckoning)
}

/// The minutes of office hours from one moment to a later one; no notes when no time lies between.
pub(crate) fn office_time(
    calendar: &Calendar,
    from: Moment,
    to: Moment,
) -> Result<Reckoning, CalendarError> {
    let (from, to) = (from.with_timezone(&hanoi()), to.with_timezone(&hanoi()));
    let mut reckoning = Reckoning::without_notes(Some(to));
    if from >= to {
        return Ok(reckoning);
    }
    let mut so_far = TimeDelta::zero();
    let mut date = from.date_naive();
    loop {
        let day = calendar.day(date)?;
        let given = time_on(calendar, day, from, to);
        if given > TimeDelta::zero() {
            let minutes = (so_far + given).num_minutes() - so_far.num_minutes();
            so_far += given;
            let reason = format!("tính {minutes} phút làm việc");
            reckoning.counted.push(DayNote { date, reason });
        } else if day.is_working() {
            let reason = "đã hết giờ làm việc".to_owned();
            reckoning.skipped.push(DayNote { date, reason });
        } else {
            reckoning.skipped.push(DayNote::of(day));
        }
        if date >= to.date_naive() {
            return Ok(reckoning);
        }
        date = calendar.day_after(date)?;
    }
}
