//! The due date counted anew: the whole course of a promise replayed under another calendar, because
//! a day was declared or swapped after it was promised (hoán đổi ngày làm việc, nghỉ bù;
//! BLLĐ 2019 art. 112.3). What was printed is a promise and is never moved earlier.

use calendar::{Calendar, CalendarError, Limit, Moment};
use chrono::NaiveTime;
use uuid::Uuid;

use crate::case::{Case, Refusal};
use crate::clock::{Recomputed, Turned};
use crate::fact::Fact;
use crate::promise::Promise;

/// The due date that the promise's course gives under `calendar`: counted from where it was made or
/// started, every wait taken by its effect, a date given with an apology kept and, where it is off
/// now, moved to the end of the next working day (BLDS 2015 art. 148.5). While the clock stands still
/// it is the date as it was when the pause began.
///
/// A date that was kept because a count gave an earlier one stays a floor for whatever followed it,
/// as it was then in force. The moment from which it was counted is taken as it stands, also where
/// 15:00 had put it off to a day that is off now.
///
/// # Errors
/// [`CalendarError::Outside`] when the count needs a day that the calendar does not cover;
/// [`CalendarError::ResumedBeforePaused`] for a course that no command could have led to.
pub fn counted(promise: &Promise, calendar: &Calendar) -> Result<Option<Moment>, CalendarError> {
    let mut replayed = Promise::default();
    let mut kept: Option<Moment> = None;
    for turned in &promise.course {
        if let Turned::Recomputed { recomputed, .. } = turned {
            kept = kept.max(Some(recomputed.old_due_at));
            continue;
        }
        if let Some(kept) = kept.take() {
            replayed.keep(kept);
        }
        replay(&mut replayed, turned, calendar)?;
    }
    Ok(replayed.due_at)
}

fn replay(
    replayed: &mut Promise,
    turned: &Turned,
    calendar: &Calendar,
) -> Result<(), CalendarError> {
    match turned {
        Turned::Made {
            from,
            limit,
            due_at,
            ..
        } => {
            let due_at = match due_at {
                Some(_) => calendar::due(calendar, *from, *limit)?.due_at,
                None => None,
            };
            *replayed = Promise::made(*from, *limit, due_at, calendar.version());
        }
        Turned::Started { since, basis, .. } => {
            let due_at = replayed.due_if_started(*since, calendar)?;
            replayed.run_from(*since, due_at, calendar.version(), basis);
        }
        Turned::Began {
            wait,
            effect,
            at,
            step,
            reason,
            late,
        } => replayed.begin_wait(*wait, *effect, *at, step.as_ref(), reason, *late),
        Turned::Ended { wait, at, .. } => {
            let recounted = replayed.recount(*wait, *at, calendar)?;
            replayed.end_wait(*wait, *at, &recounted);
        }
        Turned::Extended { due_at, .. } => replayed.due_at = Some(worked(*due_at, calendar)?),
        Turned::Recomputed { .. } => {}
    }
    Ok(())
}

/// The moment itself on a day that is worked, otherwise the end of the next one that is.
fn worked(moment: Moment, calendar: &Calendar) -> Result<Moment, CalendarError> {
    let date = moment.with_timezone(&calendar::hanoi()).date_naive();
    if calendar.day(date)?.is_working() {
        return Ok(moment);
    }
    let midnight = date.and_time(NaiveTime::MIN);
    let start = midnight.and_local_timezone(calendar::hanoi()).single();
    let end = calendar::due(calendar, start.unwrap_or(moment), Limit::SAME_DAY)?;
    Ok(end.due_at.unwrap_or(moment))
}

/// What the home says about an open dossier after the authority's `declaration`, whose document is
/// `basis`; `case.calendar` is the amended calendar. Nothing where no date was promised, the dossier
/// is settled, the count gives the date in force, or gave the same when it was last said.
///
/// # Errors
/// Refused elsewhere than at the home, and where the calendar does not reach.
pub fn recomputed(
    case: &Case<'_>,
    declaration: Uuid,
    basis: &str,
) -> Result<Option<Fact>, Refusal> {
    case.home()?;
    let dossier = case.dossier;
    let promise = &dossier.promise;
    let Some(old_due_at) = promise.due_at.filter(|_| !dossier.outcome.is_settled()) else {
        return Ok(None);
    };
    let counted_due_at =
        counted(promise, case.calendar).map_err(|error| Refusal::calendar(&error))?;
    let Some(counted_due_at) = counted_due_at.filter(|counted| *counted != old_due_at) else {
        return Ok(None);
    };
    let said = promise.course.last().is_some_and(|turned| {
        matches!(turned, Turned::Recomputed { recomputed, .. } if recomputed.counted_due_at == counted_due_at)
    });
    if said {
        return Ok(None);
    }
    Ok(Some(Fact::DueDateRecomputed(Recomputed {
        declaration,
        basis: basis.to_owned(),
        old_due_at,
        counted_due_at,
        due_at: old_due_at.max(counted_due_at),
        calendar: case.calendar.version().to_owned(),
    })))
}
