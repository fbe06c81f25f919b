//! Whose delay: the working minutes of a dossier divided among those who had it, adding up exactly to
//! the whole, and lateness laid at the step where it arose.
//!
//! A minute belongs to one owner, by the first of these that applies:
//! 1. what holds the clock, by the wait that began first: the citizen's (supplement, payment,
//!    confirmation) or time that is not counted (verification, posting, incident …; and the way to the
//!    competent agency where the clock starts there, NĐ 309/2026/NĐ-CP art. 8.3);
//! 2. a unit with a step that does not itself wait for the citizen. Of several side by side it is the
//!    one that was finished last, because the others would not have brought the result sooner; still
//!    running counts as last, and of two of these the one given out first;
//! 3. the citizen, where the procedure lets the clock run on but nobody else has anything to do;
//! 4. the home.

mod sums;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use calendar::{Calendar, CalendarError, Moment, hand_over_by, working_minutes_between};
use dossier::clock::Turned;
use dossier::dossier::Dossier;
use dossier::ids::{DossierCode, ProcedureCode, StepKey, UnitId};
use dossier::promise::Wait;
use history::Tale;
use serde::Serialize;

pub use sums::{Sums, Tally};

use crate::course::{self, Waiting};
use crate::ended::{How, end_of};
use crate::ontime::{Judged, RuleSet};
use crate::steps::{NotCovered, StepTurn, turns};

/// Who had a minute.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// The home, when nobody else had it.
    Home(UnitId),
    /// A unit with a turn of a step.
    Step {
        /// The unit.
        unit: UnitId,
        /// The step.
        step: StepKey,
        /// The turn.
        turn: u32,
    },
    /// The citizen.
    Applicant(Wait),
    /// Time that is not counted.
    Excluded(Wait),
}

/// Working minutes beyond a limit, where they arose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Beyond {
    /// The unit.
    pub unit: UnitId,
    /// The step and turn; none for the home's own hand-over (NĐ 61/2018/NĐ-CP art. 18.2).
    pub step: Option<(StepKey, u32)>,
    /// Working minutes, more than none.
    pub minutes: i64,
}

/// The time of one dossier, divided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Division {
    /// The dossier.
    pub code: DossierCode,
    /// Its procedure.
    pub procedure: ProcedureCode,
    /// From its reception.
    pub from: Moment,
    /// To its end, or to the moment of the report.
    pub until: Moment,
    /// How it ended, if it did.
    pub how: Option<How>,
    /// Where it stands by the due date in force.
    pub judged: Judged,
    /// Whether it had a date; the law may state no limit.
    pub promised: bool,
    /// Working minutes from reception to end.
    pub whole: i64,
    /// Whose they were, in order of owner; their sum is the whole.
    pub parts: Vec<(Owner, i64)>,
    /// Minutes beyond the limits of steps, only of those that went beyond.
    pub beyond: Vec<Beyond>,
}

impl Division {
    /// Minutes of all owners for which `of` holds.
    #[must_use]
    pub fn minutes(&self, of: impl Fn(&Owner) -> bool) -> i64 {
        let parts = self.parts.iter().filter(|(owner, _)| of(owner));
        parts.map(|(_, minutes)| minutes).sum()
    }
}

/// Divides a dossier's time from its reception to its end, or to `at`; none when it was not received
/// by then.
///
/// # Errors
/// [`NotCovered`] when a count needs a day that the calendar does not cover.
pub fn divide(
    tale: &Tale,
    at: Moment,
    calendar: &Calendar,
) -> Result<Option<Division>, NotCovered> {
    let Some(dossier) = &tale.dossier else {
        return Ok(None);
    };
    let (Some((from, received)), Some(judged)) =
        (&dossier.intake.received, RuleSet::Ii06a.judge(dossier, at))
    else {
        return Ok(None);
    };
    let end = end_of(dossier).filter(|end| end.at <= at);
    let (from, until) = (*from, end.map_or(at, |end| end.at).max(*from));
    let turns = turns(dossier, at, calendar)?;
    let course = Course {
        dossier,
        turns: &turns,
        waits: course::waits(&dossier.promise),
        starts_at: starts_at(dossier),
        until,
    };
    let not_covered = |source| NotCovered {
        code: dossier.code.clone(),
        source,
    };
    let segments = course.segments(from, calendar).map_err(not_covered)?;
    let mut parts = BTreeMap::new();
    for segment in &segments {
        *parts.entry(segment.owner.clone()).or_insert(0) += segment.minutes;
    }
    let mut beyond: Vec<Beyond> = Vec::new();
    let first_given = turns.first().map(|turn| turn.given_at);
    if !dossier.walk.steps.is_empty() {
        let by = hand_over_by(calendar, from).map_err(not_covered)?;
        let minutes = course
            .late_hand_over(by, first_given.unwrap_or(until), calendar)
            .map_err(not_covered)?;
        if minutes > 0 {
            let unit = dossier.home.clone();
            beyond.push(Beyond {
                unit,
                step: None,
                minutes,
            });
        }
    }
    let late = turns.iter().filter(|turn| turn.beyond_minutes > 0);
    beyond.extend(late.map(|turn| Beyond {
        unit: turn.unit.clone(),
        step: Some((turn.step.clone(), turn.turn)),
        minutes: turn.beyond_minutes,
    }));
    Ok(Some(Division {
        code: dossier.code.clone(),
        procedure: received.procedure.code.clone(),
        from,
        until,
        how: end.map(|end| end.how),
        judged,
        promised: RuleSet::Ii06a.due(dossier).is_some(),
        whole: segments.iter().map(|segment| segment.minutes).sum(),
        parts: parts.into_iter().collect(),
        beyond,
    }))
}

/// When the clock started at the competent agency, where it did not with the receipt.
fn starts_at(dossier: &Dossier) -> Option<Moment> {
    dossier
        .promise
        .course
        .iter()
        .find_map(|turned| match turned {
            Turned::Started { since, .. } => Some(*since),
            _ => None,
        })
}

struct Course<'a> {
    dossier: &'a Dossier,
    turns: &'a [StepTurn],
    waits: Vec<Waiting>,
    starts_at: Option<Moment>,
    until: Moment,
}

struct Segment {
    owner: Owner,
    minutes: i64,
}

impl Course<'_> {
    /// The time from `from` on, cut wherever its owner may change. Whole minutes are taken from the
    /// running total, so that what is left of a minute at a cut is not lost.
    fn segments(&self, from: Moment, calendar: &Calendar) -> Result<Vec<Segment>, CalendarError> {
        let mut cuts = vec![from, self.until];
        cuts.extend(self.starts_at);
        for turn in self.turns {
            cuts.extend([turn.given_at, turn.held_until(self.until)]);
        }
        for waiting in &self.waits {
            cuts.push(waiting.from);
            cuts.extend(waiting.until);
        }
        cuts.retain(|cut| from <= *cut && *cut <= self.until);
        cuts.sort();
        cuts.dedup();
        let mut segments = Vec::new();
        let mut total = 0;
        for cut in cuts.windows(2) {
            let [begins, ends] = cut else { continue };
            let so_far = working_minutes_between(calendar, from, *ends)?;
            segments.push(Segment {
                owner: self.owner(*begins),
                minutes: so_far - total,
            });
            total = so_far;
        }
        Ok(segments)
    }

    /// Who has the dossier from `at` until the next cut.
    fn owner(&self, at: Moment) -> Owner {
        if self.starts_at.is_some_and(|starts_at| at < starts_at) {
            return Owner::Excluded(Wait::Transfer);
        }
        let lasts =
            |waiting: &&Waiting| waiting.from <= at && waiting.until.is_none_or(|until| at < until);
        let waits: Vec<&Waiting> = self.waits.iter().filter(lasts).collect();
        if let Some(holding) = waits.iter().find(|waiting| !waiting.effect.is_none()) {
            return of_wait(holding.wait);
        }
        let holds = |turn: &&StepTurn| {
            turn.given_at <= at
                && at < turn.held_until(self.until)
                && !waits.iter().any(|waiting| turn.is_spared_by(waiting))
        };
        let last = self.turns.iter().filter(holds).max_by_key(|turn| {
            let left = turn.left.map(|(at, _)| at);
            (left.is_none(), left, Reverse((turn.given_at, &turn.step)))
        });
        if let Some(turn) = last {
            return Owner::Step {
                unit: turn.unit.clone(),
                step: turn.step.clone(),
                turn: turn.turn,
            };
        }
        match waits.iter().find(|waiting| waiting.wait.is_the_citizens()) {
            Some(waiting) => Owner::Applicant(waiting.wait),
            None => Owner::Home(self.dossier.home.clone()),
        }
    }

    /// Minutes by which the home's first hand-over came late, as far as they were its own.
    fn late_hand_over(
        &self,
        by: Moment,
        given_at: Moment,
        calendar: &Calendar,
    ) -> Result<i64, CalendarError> {
        let given_at = given_at.min(self.until);
        if given_at <= by {
            return Ok(0);
        }
        let segments = self.segments(by, calendar)?;
        let home = Owner::Home(self.dossier.home.clone());
        let after = working_minutes_between(calendar, by, given_at)?;
        let mut counted = 0;
        let mut minutes = 0;
        for segment in segments {
            if counted >= after {
                break;
            }
            counted += segment.minutes;
            if segment.owner == home {
                minutes += segment.minutes;
            }
        }
        Ok(minutes)
    }
}

fn of_wait(wait: Wait) -> Owner {
    if wait.is_the_citizens() {
        Owner::Applicant(wait)
    } else {
        Owner::Excluded(wait)
    }
}
