//! What follows from what others know: which events are taken back in which order, and what is lost.

use std::collections::BTreeMap;

use envelope::Signed;
use uuid::Uuid;

use super::findings::{Conflict, Findings, Found, Numbered};

/// Numbers that are named in the event about a restored journal; more are counted only.
const MISSING_MAX: usize = 1_000;

/// How a restored unit goes on.
#[derive(Debug, Default)]
pub struct Plan {
    /// Epochs in their order, the first being the one that the journal is in.
    pub epochs: Vec<Run>,
    /// What cannot be taken back because something before it is missing, with the reason.
    pub aside: Vec<(Found, String)>,
    /// Numbers of the last epoch that nobody has.
    pub missing: Vec<u64>,
    /// The last epoch.
    pub from_epoch: Uuid,
    /// Last number of that epoch that is held afterwards.
    pub held: u64,
    /// Highest number of it that anyone knows of.
    pub known: u64,
    /// How many events were taken back from whom.
    pub by_holder: BTreeMap<String, u64>,
}

/// Events of one epoch, without a hole.
#[derive(Debug)]
pub struct Run {
    /// The epoch.
    pub epoch: Uuid,
    /// Its events that the journal lacks, in order.
    pub events: Vec<Signed>,
}

impl Plan {
    /// What follows for a journal that is in `epoch` and holds its events up to `held`.
    ///
    /// # Errors
    /// [`Conflict`] when two different events bear one number.
    pub fn of(findings: &Findings, epoch: Uuid, held: u64) -> Result<Self, Conflict> {
        if let Some(conflict) = &findings.conflict {
            return Err(conflict.clone());
        }
        let mut plan = Self::default();
        let (mut epoch, mut held) = (epoch, held);
        let mut left: BTreeMap<&Uuid, &Numbered> = findings.events.iter().collect();
        loop {
            let numbered = left.remove(&epoch);
            plan.reach(epoch, held, numbered);
            let next = findings
                .follows
                .iter()
                .find(|(next, from)| **from == epoch && left.contains_key(next));
            match next {
                Some((next, _)) => (epoch, held) = (*next, 0),
                None => break,
            }
        }
        for (epoch, numbered) in left {
            let reason = format!("nobody knows what epoch {epoch} of this unit followed on");
            let found = numbered.values().cloned();
            plan.aside
                .extend(found.map(|found| (found, reason.clone())));
        }
        Ok(plan)
    }

    fn reach(&mut self, epoch: Uuid, held: u64, numbered: Option<&Numbered>) {
        let mut run = Run {
            epoch,
            events: Vec::new(),
        };
        let empty = Numbered::new();
        let numbered = numbered.unwrap_or(&empty);
        let mut last = held;
        for (sequence, found) in numbered.range(held + 1..) {
            if *sequence == last + 1 {
                last = *sequence;
                run.events.push(found.signed.clone());
                *self.by_holder.entry(found.holder.clone()).or_default() += 1;
            } else {
                let reason = format!(
                    "it is this unit's own number {sequence}, but nobody has number {}, which it \
                     wrote before and lost with its journal",
                    last + 1
                );
                self.aside.push((found.clone(), reason));
            }
        }
        let known = numbered.last_key_value().map_or(held, |(last, _)| *last);
        self.known = known.max(held);
        let missing = (last + 1..=self.known).filter(|number| !numbered.contains_key(number));
        self.missing = missing.take(MISSING_MAX).collect();
        (self.from_epoch, self.held) = (epoch, last);
        self.epochs.push(run);
    }

    /// How many events are taken back.
    pub fn taken_back(&self) -> u64 {
        self.by_holder.values().sum()
    }
}
