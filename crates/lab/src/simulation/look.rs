//! What can be seen of the province: every journal as it reads itself out, and the projector.

use std::collections::{BTreeMap, BTreeSet};

use dossier::fact::Fact;
use dossier::ids::{DossierCode, StepKey};
use dossier::wire;
use envelope::Event;
use journal::{Journal, Origin};
use sha2::{Digest, Sha256};
use unit::memory::Memory;
use unit::quarantine;
use uuid::Uuid;

use super::world::World;
use crate::seen::{JournalSeen, Line, OwnEvent, ProjectorSeen, Seen, Tallies};

impl World {
    /// Everything that can be seen now. Signatures are verified at rest only.
    ///
    /// # Errors
    /// What cannot be read.
    pub(super) fn look(&self, at_rest: bool) -> anyhow::Result<Seen> {
        let mut journals = Vec::new();
        for living in self.desks.iter().flatten() {
            journals.push(self.journal(&living.journal, at_rest)?);
        }
        let mut projectors = Vec::new();
        if let Some(reading) = &self.reader {
            projectors.push(projector(reading, at_rest)?);
        }
        Ok(Seen {
            acknowledged: self.callers.acknowledged.clone(),
            journals,
            projectors,
            told: self.callers.told(),
            at_rest,
        })
    }

    fn journal(&self, journal: &Journal, at_rest: bool) -> anyhow::Result<JournalSeen> {
        let mut seen = JournalSeen {
            unit: journal.unit().to_owned(),
            entries: journal.size(),
            ..JournalSeen::default()
        };
        let mut held = BTreeSet::new();
        for entry in journal.scan(0) {
            let entry = entry?;
            let event = Event::read(&entry.signed.bytes)?;
            match &entry.origin {
                Origin::Own => {
                    let own = OwnEvent {
                        id: event.id,
                        sequence: event.sequence,
                        cause: event.causation,
                        hash: Sha256::digest(&entry.signed.bytes).into(),
                        signed: !at_rest || self.ground.keys.verify(&entry.signed).is_ok(),
                    };
                    match seen
                        .epochs
                        .last_mut()
                        .filter(|(epoch, _)| *epoch == event.epoch)
                    {
                        Some((_, events)) => events.push(own),
                        None => seen.epochs.push((event.epoch, vec![own])),
                    }
                }
                Origin::Received { .. } => {
                    held.insert(event.id);
                }
            }
            for delivery in entry.deliveries {
                let line: &mut Line = seen.links.entry(delivery.to).or_default();
                line.deliveries.push((delivery.link, delivery.event));
            }
        }
        for place in &self.places {
            seen.links.entry(place.name.to_owned()).or_default();
        }
        for (to, line) in &mut seen.links {
            let mut next = 1;
            let numbers = line.deliveries.iter().map(|(link, _)| *link);
            for link in numbers.chain([u64::MAX]) {
                if link > next
                    && let Some(end) = journal.skipped(to, next)
                {
                    line.skipped.push((next, end));
                }
                next = link.saturating_add(1);
            }
        }
        seen.links
            .retain(|_, line| !line.deliveries.is_empty() || !line.skipped.is_empty());
        for place in &self.places {
            let position = journal.received_position(place.name);
            if position > 0 {
                seen.received.insert(place.name.to_owned(), position);
            }
        }
        seen.held = Some(held);
        Ok(seen)
    }

    /// What no verifier outside can see: a step given out twice under one number, a statement by
    /// who had no right to it, a unit whose mind differs from its journal, something put aside that
    /// no stranger sent.
    ///
    /// # Errors
    /// What cannot be read.
    pub(super) fn inside(&mut self) -> anyhow::Result<Vec<String>> {
        let mut found = Vec::new();
        let mut turns: BTreeMap<(String, StepKey, u32), Uuid> = BTreeMap::new();
        for living in self.desks.iter_mut().flatten() {
            let mut codes: BTreeSet<DossierCode> = BTreeSet::new();
            for entry in living.journal.scan(0) {
                let entry = entry?;
                let event = Event::read(&entry.signed.bytes)?;
                codes.extend(DossierCode::parse(&event.subject).ok());
                if entry.origin != Origin::Own {
                    continue;
                }
                if let Some(Fact::Dispatched(given)) = wire::read(event.kind, event.data)? {
                    let turn = (event.subject.to_string(), given.step, given.turn);
                    if let Some(other) = turns.insert(turn.clone(), event.id) {
                        found.push(format!(
                            "{turn:?} was given out by {other} and {}",
                            event.id
                        ));
                    }
                }
            }
            let mut memory = Memory::over(living.journal.clone());
            for code in codes {
                let known = living.core.show(&code)?.ok().map(|known| known.dossier);
                let read = memory.take(&code)?.map(|read| read.dossier);
                if known != read {
                    let unit = living.journal.unit();
                    found.push(format!(
                        "{unit} thinks of {code} what its journal does not say"
                    ));
                }
            }
            let (_, open) = quarantine::counted(&living.journal)?;
            for kept in living
                .journal
                .quarantined()?
                .iter()
                .filter(|_| self.strangers == 0 && open > 0)
            {
                found.push(format!(
                    "{} put aside: {}",
                    living.journal.unit(),
                    kept.reason
                ));
            }
        }
        if let Some(reading) = &self.reader {
            let contested = reading.projector.state().seen().contested;
            if contested > 0 {
                found.push(format!(
                    "{contested} statements by units without the right to them"
                ));
            }
        }
        Ok(found)
    }
}

fn projector(reading: &super::reader::Reading, at_rest: bool) -> anyhow::Result<ProjectorSeen> {
    let projector = &reading.projector;
    let mut seen = ProjectorSeen {
        positions: projector
            .state()
            .positions()
            .iter()
            .map(|((unit, epoch), position)| ((unit.to_string(), *epoch), position.sequence))
            .collect(),
        tallies: tallies(projector),
        ..ProjectorSeen::default()
    };
    if at_rest {
        for shuffle in [None, Some(7), Some(23)] {
            let comparison = projector.rebuild(shuffle, false)?;
            seen.live = comparison.live;
            seen.rebuilt.push(comparison.rebuilt);
        }
        let mut held = BTreeSet::new();
        for entry in reading.journal.scan(0) {
            held.insert(Event::read(&entry?.signed.bytes)?.id);
        }
        seen.held = Some(held);
    }
    Ok(seen)
}

/// Dossiers received, and results returned.
fn tallies(projector: &projector::Projector) -> Tallies {
    let state = projector.state();
    let received = state.rows().filter(|row| row.received_at.is_some()).count();
    let returned = state
        .rows()
        .filter(|row| row.status == dossier::status::Status::ResultReturned)
        .count();
    Tallies {
        received: received as u64,
        ended: returned as u64,
    }
}
