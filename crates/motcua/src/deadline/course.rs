//! The course of a clock: the limit from its start, and what paused it, restarted it or put
//! another limit in its place, one after the other.

use anyhow::{Context, bail};
use calendar::{Calendar, DayNote, Limit, LimitUnit, Moment, working_minutes_between};
use chrono::{DateTime, NaiveDate, NaiveTime};

use super::typed::{Replaced, Span};

/// What turned the clock.
#[derive(Debug, Clone, Copy)]
pub(super) enum Turn {
    Paused(Span),
    Restarted(Moment),
    Replaced(Replaced),
}

impl Turn {
    pub(super) fn at(self) -> Moment {
        match self {
            Self::Paused(span) => span.from,
            Self::Restarted(at) => at,
            Self::Replaced(replaced) => replaced.at,
        }
    }

    /// The option that gave it.
    fn option(self) -> String {
        let (name, at) = match self {
            Self::Paused(span) => ("pause", span.from),
            Self::Restarted(at) => ("restart", at),
            Self::Replaced(replaced) => ("second-limit", replaced.at),
        };
        format!("--{name} {}", at.format("%d/%m/%Y %H:%M"))
    }
}

/// One stretch of the course, with its days.
#[derive(Debug)]
pub(super) struct Leg {
    /// What began it; none for the first.
    pub(super) turn: Option<Turn>,
    /// From when the clock ran.
    pub(super) since: Moment,
    /// The limit in force.
    pub(super) limit: Limit,
    /// The due date as it then stood.
    pub(super) due_at: Option<Moment>,
    pub(super) counted: Vec<DayNote>,
    pub(super) skipped: Vec<DayNote>,
    /// Whether a later leg counted from nothing, so that the days of this one no longer matter.
    pub(super) superseded: bool,
}

/// The stretches of a clock, in order; never empty.
#[derive(Debug)]
pub(super) struct Course {
    pub(super) legs: Vec<Leg>,
    pub(super) due_at: Option<Moment>,
}

/// Follows a clock that starts at `start` through its turns.
pub(super) fn follow(
    calendar: &Calendar,
    start: Moment,
    limit: Limit,
    turns: &[Turn],
) -> anyhow::Result<Course> {
    let mut turns = turns.to_vec();
    turns.sort_by_key(|turn| turn.at());
    let mut leg = count(calendar, None, start, limit)?;
    let mut legs = Vec::new();
    let mut reached = start;
    for turn in turns {
        let option = turn.option();
        if leg.limit == Limit::NONE_STATED {
            bail!("{option}: no limit is stated, so there is no clock to turn; leave it out");
        }
        if turn.at() < reached {
            bail!(
                "{option} lies before {}, when the clock started or was turned last; \
                 give what happened one after the other",
                reached.format("%d/%m/%Y %H:%M")
            );
        }
        let limit = leg.limit;
        let next = match turn {
            Turn::Paused(span) => paused(calendar, turn, span, &leg),
            Turn::Restarted(at) => count(calendar, Some(turn), at, limit),
            Turn::Replaced(replaced) => count(calendar, Some(turn), replaced.at, replaced.limit),
        };
        let next = next.context(option)?;
        let was_late = leg.due_at.is_some_and(|due_at| due_at < turn.at());
        cut(calendar, &mut leg, turn.at())?;
        legs.push(std::mem::replace(&mut leg, next));
        // A same-day clock has no rest to count on: it begins anew, by its 15:00 rule.
        if !matches!(turn, Turn::Paused(_)) || (limit == Limit::SAME_DAY && !was_late) {
            legs.iter_mut().for_each(|leg| leg.superseded = true);
        }
        reached = leg.since;
    }
    let due_at = leg.due_at;
    legs.push(leg);
    Ok(Course { legs, due_at })
}

fn count(
    calendar: &Calendar,
    turn: Option<Turn>,
    since: Moment,
    limit: Limit,
) -> anyhow::Result<Leg> {
    let reckoning = calendar::due(calendar, since, limit)?;
    Ok(Leg {
        turn,
        since,
        limit,
        due_at: reckoning.due_at,
        counted: reckoning.counted,
        skipped: reckoning.skipped,
        superseded: false,
    })
}

/// What remains of `leg`, counted on from the end of the pause.
fn paused(calendar: &Calendar, turn: Turn, span: Span, leg: &Leg) -> anyhow::Result<Leg> {
    let Some(due_at) = leg.due_at else {
        bail!("there is no due date to pause");
    };
    let unit = leg.limit.unit();
    let reckoning = calendar::resume_reckoned(calendar, due_at, span.from, span.to, unit)?;
    let mut skipped = Vec::new();
    if span.from <= due_at {
        let named = |date: NaiveDate| {
            let mut notes = reckoning.counted.iter().chain(&reckoning.skipped);
            notes.any(|note| note.date == date)
        };
        let (from, to) = (span.from.date_naive(), span.to.date_naive());
        for date in from.iter_days().skip(1).take_while(|date| *date <= to) {
            if !named(date) {
                let reason = "tạm dừng, không tính".to_owned();
                skipped.push(DayNote { date, reason });
            }
        }
    }
    skipped.extend(reckoning.skipped);
    Ok(Leg {
        turn: Some(turn),
        since: span.to,
        limit: leg.limit,
        due_at: reckoning.due_at,
        counted: reckoning.counted,
        skipped,
        superseded: false,
    })
}

/// Leaves the days of a leg that had come before `until`, and of that day the time until then.
fn cut(calendar: &Calendar, leg: &mut Leg, until: Moment) -> anyhow::Result<()> {
    if leg.due_at.is_some_and(|due_at| due_at <= until) {
        return Ok(());
    }
    let last = until.date_naive();
    leg.counted.retain(|note| note.date <= last);
    leg.skipped.retain(|note| note.date <= last);
    let Some(note) = leg.counted.iter_mut().find(|note| note.date == last) else {
        return Ok(());
    };
    let midnight = DateTime::from_naive_utc_and_offset(
        last.and_time(NaiveTime::MIN) - calendar::hanoi(),
        calendar::hanoi(),
    );
    let from = leg.since.max(midnight);
    let (minutes, of) = match leg.limit.unit() {
        LimitUnit::WorkingHours => (working_minutes_between(calendar, from, until)?, " làm việc"),
        LimitUnit::Hours => ((until - from).num_minutes(), ""),
        _ => return Ok(()),
    };
    note.reason = format!("tính {minutes} phút{of}, đến {}", until.format("%H:%M"));
    Ok(())
}
