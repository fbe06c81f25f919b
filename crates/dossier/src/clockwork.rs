//! What a home does to the clock by itself: it stands still while an opinion is awaited that the
//! procedure does not count, starts where the competent agency takes the dossier, and is ended by time
//! alone where a supplement or a confirmation does not come.

use calendar::{Calendar, Limit, LimitUnit, Moment};
use chrono::{NaiveTime, TimeDelta};

use crate::case::Case;
use crate::clock::{Paused, Started, Turned, resumed};
use crate::dossier::Dossier;
use crate::fact::Fact;
use crate::ids::StepKey;
use crate::outcome::Stopped;
use crate::promise::Wait;
use crate::regime::ClockStart;
use crate::route::Standing;
use crate::supplement::passed;

/// What the home does to the clock by itself once a fact is known. Where the calendar does not reach
/// it does nothing; the command then says why.
pub(crate) fn react(case: &Case<'_>, fact: &Fact) -> Option<Fact> {
    let dossier = case.dossier;
    let closes_an_opinion = match fact {
        Fact::OpinionGiven(_) => true,
        // What its step no longer waits for will not come.
        Fact::StepCompleted(f) => dossier.lacks_an_opinion(&f.step, f.turn),
        Fact::StepSentBack(f) => dossier.lacks_an_opinion(&f.step, f.turn),
        _ => false,
    };
    let paused = dossier.promise.waits_for(Wait::Opinion);
    match fact {
        Fact::OpinionAsked(asked) if !paused && dossier.awaits_an_opinion() => {
            let effect = dossier.policy().opinion;
            (!effect.is_none()).then(|| {
                Fact::ClockPaused(Paused {
                    cause: Wait::Opinion,
                    effect,
                    reason: format!("Lấy ý kiến của {}", asked.of),
                    basis: dossier.wait_basis(Wait::Opinion),
                    step: Some(asked.step.clone()),
                    notice: None,
                })
            })
        }
        _ if closes_an_opinion && paused && !dossier.awaits_an_opinion() => {
            resumed(case, Wait::Opinion, None).ok()
        }
        Fact::StepAccepted(accepted) => started(case, &accepted.step, accepted.turn),
        _ => None,
    }
}

/// The clock starts when the competent agency, being another than the home, takes its first step.
fn started(case: &Case<'_>, step: &StepKey, turn: u32) -> Option<Fact> {
    let dossier = case.dossier;
    let received = dossier.received()?;
    let at = &received.competent;
    let starts_there =
        received.particulars.start == ClockStart::OnCompetentReceipt && *at != dossier.home;
    let by_it = dossier.turn(step, turn).is_some_and(|turn| turn.to == *at);
    if !starts_there || !by_it || dossier.promise.is_started() {
        return None;
    }
    let rules = received.regime.rules();
    let taken_at = dossier.work.get(&(step.clone(), turn))?.accepted_at?;
    let since = if rules.late_start.value {
        calendar::start_after_cut_off(case.calendar, taken_at).ok()?
    } else {
        taken_at
    };
    let due_at = dossier.promise.due_if_started(since, case.calendar).ok()?;
    // The reception does not say whether the regime or the procedure's own law starts the clock
    // there: both are named.
    let ruled = [rules.start, rules.start_outside]
        .into_iter()
        .find(|ruled| ruled.value == ClockStart::OnCompetentReceipt)
        .map(|ruled| ruled.basis);
    let own = Some(received.procedure.basis.as_str()).filter(|basis| !basis.is_empty());
    let basis: Vec<&str> = ruled.into_iter().chain(own).collect();
    Some(Fact::ClockStarted(Started {
        at: at.clone(),
        since,
        due_at,
        calendar: case.calendar.version().to_owned(),
        basis: basis.join("; "),
    }))
}

/// A time limit of the citizen's side that is running.
struct Running {
    limit: Limit,
    ends_at: Moment,
}

impl Dossier {
    /// Whether an opinion that this turn of a step asked for has not come.
    fn lacks_an_opinion(&self, step: &StepKey, turn: u32) -> bool {
        let work = self.work.get(&(step.clone(), turn));
        work.is_some_and(|work| work.opinions.iter().any(|o| o.given_at.is_none()))
    }

    /// Whether an opinion asked for by a step that is being worked on has not come yet.
    fn awaits_an_opinion(&self) -> bool {
        self.walk.turns.iter().any(|(step, turns)| {
            self.standing(step) == Standing::Taken
                && self.lacks_an_opinion(step, turns.len() as u32)
        })
    }

    /// How long the citizen has for a supplement after reception, and on what that rests: the
    /// procedure's version, otherwise the regime.
    fn supplement_time_out(&self) -> Option<(Limit, String)> {
        let ruled = self.rules().supplement_time_out;
        let own = self.policy().supplement_time_out;
        match (own, ruled.value) {
            (Some(own), value) if value != Some(own) => {
                Some((own, self.wait_basis(Wait::Supplement)))
            }
            (_, value) => value.map(|limit| (limit, ruled.basis.to_owned())),
        }
    }

    /// When `wait` began, while it lasts.
    fn waits_since(&self, wait: Wait) -> Option<Moment> {
        self.promise.waits_for(wait).then_some(())?;
        let course = self.promise.course.iter().rev();
        course.into_iter().find_map(|turned| match turned {
            Turned::Began {
                wait: began, at, ..
            } if *began == wait => Some(*at),
            _ => None,
        })
    }

    fn running(&self, wait: Wait, limit: Limit, calendar: &Calendar) -> Option<Running> {
        let ends_at = calendar::due(calendar, self.waits_since(wait)?, limit)
            .ok()?
            .due_at?;
        Some(Running { limit, ends_at })
    }

    fn running_supplement(&self, calendar: &Calendar) -> Option<(Running, String)> {
        let (limit, basis) = self.supplement_time_out()?;
        Some((self.running(Wait::Supplement, limit, calendar)?, basis))
    }

    fn running_consent(&self, calendar: &Calendar) -> Option<Running> {
        self.running(Wait::Consent, self.policy().consent_time_out?, calendar)
    }
}

impl Running {
    fn is_over(&self, now: Moment) -> bool {
        passed(now, self.ends_at, self.limit.unit())
    }

    /// The first second at which it is over.
    fn over_at(&self) -> Option<Moment> {
        if matches!(
            self.limit.unit(),
            LimitUnit::Hours | LimitUnit::WorkingHours
        ) {
            return self.ends_at.checked_add_signed(TimeDelta::seconds(1));
        }
        let next_day = self.ends_at.date_naive().succ_opt()?;
        let midnight = next_day.and_time(NaiveTime::MIN);
        midnight.and_local_timezone(calendar::hanoi()).single()
    }
}

/// What the home does to the clock by itself when time has passed. A dossier whose supplement did not
/// come is stopped (NĐ 301/2026/NĐ-CP art. 6.1, 10; sector laws); a confirmation that takes longer
/// than it may no longer holds the clock, which then runs from the end of that time (art. 6.3).
pub(crate) fn in_time(case: &Case<'_>) -> Vec<Fact> {
    let dossier = case.dossier;
    if let Some((running, basis)) = dossier
        .running_supplement(case.calendar)
        .filter(|(running, _)| running.is_over(case.at))
    {
        return vec![Fact::Stopped(Stopped {
            reason: format!(
                "Quá thời hạn bổ sung {} (hết ngày {}) mà công dân không bổ sung hồ sơ; căn cứ: {basis}",
                running.limit,
                running.ends_at.format("%d/%m/%Y"),
            ),
        })];
    }
    dossier
        .running_consent(case.calendar)
        .filter(|running| running.is_over(case.at))
        .and_then(|running| {
            // Another wait may have held the clock for longer still.
            let since = running.ends_at.max(dossier.promise.counted_until(case.at));
            resumed(case, Wait::Consent, Some(since)).ok()
        })
        .into_iter()
        .collect()
}

/// When [`in_time`] may have something to say next, if nothing else happens.
pub(crate) fn next_look(dossier: &Dossier, calendar: &Calendar) -> Option<Moment> {
    let supplement = dossier
        .running_supplement(calendar)
        .map(|(running, _)| running);
    let running = [supplement, dossier.running_consent(calendar)];
    running
        .into_iter()
        .flatten()
        .filter_map(|running| running.over_at())
        .min()
}
