//! The player's own count of the quarter: from the moments at which things were done and the dates
//! that were promised, and never from a projector, so that the two can be held against each other.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use calendar::{LimitUnit, Moment};
use dossier::ids::UnitId;
use dossier::promise::Timeliness;
use serde::{Deserialize, Serialize};

/// Counts by home unit and field.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Tally {
    /// By home unit, then by field.
    pub units: BTreeMap<UnitId, BTreeMap<String, Counts>>,
}

/// Dossiers of one desk and field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Counts {
    /// Received online.
    pub received_online: u64,
    /// Received over the counter or by post.
    pub received_otherwise: u64,
    /// Not taken in; in none of the other counts.
    pub declined: u64,
    /// Refused: resolved, and judged below like a result.
    pub refused: u64,
    /// Asked back by the citizen, whether or not processing was stopped after it; not judged.
    pub withdrawn: u64,
    /// Stopped because the citizen never came back; not judged.
    pub stopped: u64,
    /// Judged by the due date in force.
    pub in_force: Judged,
    /// Judged by the date first promised.
    pub original: Judged,
}

/// Dossiers resolved (result ready, or refused) and open, against one kind of due date. What was
/// resolved while the clock stood still is judged at the moment it stopped, whichever date is meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Judged {
    /// Resolved on an earlier day than promised.
    pub early: u64,
    /// Resolved on the promised day.
    pub on_time: u64,
    /// Resolved after it.
    pub late: u64,
    /// Resolved, with nothing promised.
    pub no_limit: u64,
    /// Open, and not due yet or nothing promised.
    pub open_in_time: u64,
    /// Open and past due.
    pub open_overdue: u64,
    /// Open, waiting for the citizen with the clock stopped before the date.
    pub open_paused: u64,
}

impl Judged {
    /// Everything resolved.
    pub fn resolved(&self) -> u64 {
        self.early + self.on_time + self.late + self.no_limit
    }

    /// Everything open.
    pub fn open(&self) -> u64 {
        self.open_in_time + self.open_overdue + self.open_paused
    }

    /// Resolved in time, of all resolved; none when nothing was.
    pub fn on_time_rate(&self) -> Option<f64> {
        (self.resolved() > 0).then(|| 1.0 - self.late as f64 / self.resolved() as f64)
    }

    pub(crate) fn resolved_at(&mut self, at: Moment, due_at: Option<Moment>, unit: LimitUnit) {
        match due_at.map(|due_at| Timeliness::of(at, due_at, unit)) {
            None => self.no_limit += 1,
            Some(Timeliness::Early) => self.early += 1,
            Some(Timeliness::OnTime) => self.on_time += 1,
            Some(Timeliness::Late) => self.late += 1,
        }
    }

    /// Open at `as_of`. What was late when the clock stopped stays late.
    pub(crate) fn open_at(
        &mut self,
        as_of: Moment,
        due_at: Option<Moment>,
        unit: LimitUnit,
        paused_at: Option<Moment>,
    ) {
        let until = paused_at.map_or(as_of, |paused_at| as_of.min(paused_at));
        if due_at.is_some_and(|due_at| Timeliness::of(until, due_at, unit) == Timeliness::Late) {
            self.open_overdue += 1;
        } else if paused_at.is_some() {
            self.open_paused += 1;
        } else {
            self.open_in_time += 1;
        }
    }
}

impl Counts {
    /// Everything received.
    pub fn received(&self) -> u64 {
        self.received_online + self.received_otherwise
    }
}

impl AddAssign for Judged {
    fn add_assign(&mut self, other: Self) {
        self.early += other.early;
        self.on_time += other.on_time;
        self.late += other.late;
        self.no_limit += other.no_limit;
        self.open_in_time += other.open_in_time;
        self.open_overdue += other.open_overdue;
        self.open_paused += other.open_paused;
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.received_online += other.received_online;
        self.received_otherwise += other.received_otherwise;
        self.declined += other.declined;
        self.refused += other.refused;
        self.withdrawn += other.withdrawn;
        self.stopped += other.stopped;
        self.in_force += other.in_force;
        self.original += other.original;
    }
}

impl Tally {
    /// All fields of the units that `wanted` names, together.
    pub fn total(&self, wanted: impl Fn(&UnitId) -> bool) -> Counts {
        let mut total = Counts::default();
        for (_, fields) in self.units.iter().filter(|(unit, _)| wanted(unit)) {
            for counts in fields.values() {
                total += *counts;
            }
        }
        total
    }

    pub(crate) fn of(&mut self, home: &UnitId, field: &str) -> &mut Counts {
        self.units
            .entry(home.clone())
            .or_default()
            .entry(field.to_owned())
            .or_default()
    }
}
