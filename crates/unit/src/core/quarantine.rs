//! What lies in quarantine, dealt with on an officer's word: judged again as if it came now, or
//! rejected for good.

use std::collections::BTreeSet;

use calendar::Moment;
use dossier::case::Refusal;
use dossier::fact::Fact;
use dossier::intervention::{QuarantineRejected, QuarantineRetried, RetryOutcome};
use envelope::Event;
use envelope::tree::leaf_hash;
use journal::{Group, Journal, NewEntry, Note, Origin, Quarantined};
use lru::LruCache;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::arrivals::Verdict;
use super::{Core, CoreError, Outcome};
use crate::command::CommandEnvelope;
use crate::desk::Desk;
use crate::memory::AT_HAND;
use crate::quarantine::{self, RejectQuarantined, RetryQuarantined};

/// Which events lie in quarantine, the latest of them, and which of these came again meanwhile.
pub(super) fn lying_there(
    journal: &Journal,
) -> Result<(LruCache<Uuid, ()>, BTreeSet<Uuid>), CoreError> {
    let (mut aside, mut came_again) = (LruCache::new(AT_HAND), BTreeSet::new());
    for kept in quarantine::open(journal, AT_HAND.get())? {
        let Ok(event) = Event::read(&kept.bytes) else {
            continue;
        };
        if journal.contains(&event.id)? {
            came_again.insert(event.id);
        } else {
            aside.put(event.id, ());
        }
    }
    Ok((aside, came_again))
}

impl<D: Desk> Core<D> {
    /// Notes that nobody has to deal with what came again and was fit. What is not durable yet is
    /// looked at next time; other bytes under the same identity stay for somebody to look at.
    pub(super) fn lay_in_vain(&mut self) -> Result<Vec<Note>, CoreError> {
        let mut notes = Vec::new();
        if self.came_again.is_empty() {
            return Ok(notes);
        }
        for kept in quarantine::open(&self.journal, AT_HAND.get())? {
            let Ok(event) = Event::read(&kept.bytes) else {
                continue;
            };
            if !self.came_again.contains(&event.id) {
                continue;
            }
            if let Some(entry) = self.journal.by_id(&event.id)? {
                self.came_again.remove(&event.id);
                if entry.signed.bytes == kept.bytes {
                    self.disposed.put(kept.number, ());
                    notes.push(quarantine::came_again(kept.number, event.id));
                }
            }
        }
        Ok(notes)
    }

    /// Judges it again: its signature under the register of today, then as any arrival. It uses up
    /// no number of its sender's line, which went on without it.
    pub(super) fn retry(
        &mut self,
        command: RetryQuarantined,
        sent: &CommandEnvelope<Box<RawValue>>,
        at: Moment,
    ) -> Result<Outcome, CoreError> {
        let number = command.number;
        let found = self.lying(number, &command.reason)?;
        let signed = found.and_then(|kept| quarantine::signed(&kept).map(|signed| (kept, signed)));
        let (kept, signed) = match signed {
            Ok(found) => found,
            Err(refusal) => return Ok(Outcome::Refused(refusal.into())),
        };
        let still = |why: String| {
            let refusal = quarantine::still_unfit(number, &quarantine::cut(&why));
            Ok(Outcome::Refused(refusal.into()))
        };
        if let Err(error) = self.keys.verify(&signed) {
            return still(error.to_string());
        }
        let bytes = signed.bytes.clone();
        let event = match Event::read(&bytes) {
            Ok(event) => event,
            Err(error) => return still(error.to_string()),
        };
        let (outcome, mut group) = match self.judged(&event, &kept.from)? {
            Verdict::In(because) => (RetryOutcome::TakenIn, because),
            Verdict::Kept => (RetryOutcome::Kept, Group::default()),
            Verdict::Again => (RetryOutcome::ArrivedMeanwhile, Group::default()),
            Verdict::Aside(reason) => return still(reason),
        };
        if outcome != RetryOutcome::ArrivedMeanwhile {
            self.arrived.put(event.id, leaf_hash(&bytes));
            let origin = Origin::Received {
                from: kept.from.clone(),
                link: kept.link.unwrap_or_default(),
            };
            let entry = NewEntry {
                origin,
                signed,
                deliveries: Vec::new(),
            };
            group.entries.insert(0, entry);
        }
        let fact = Fact::QuarantineRetried(Box::new(QuarantineRetried {
            number,
            sha256: quarantine::sha256(&kept.bytes),
            from: quarantine::cut(&kept.from),
            held_for: quarantine::cut(&kept.reason),
            outcome,
            event: event.id,
            officer: sent.officer.clone(),
            reason: command.reason,
        }));
        self.disposed_of(number, &fact, sent, at, group)
    }

    /// It stays where it lies, and will never be let in.
    pub(super) fn reject(
        &mut self,
        command: RejectQuarantined,
        sent: &CommandEnvelope<Box<RawValue>>,
        at: Moment,
    ) -> Result<Outcome, CoreError> {
        let number = command.number;
        let kept = match self.lying(number, &command.reason)? {
            Ok(kept) => kept,
            Err(refusal) => return Ok(Outcome::Refused(refusal.into())),
        };
        let fact = Fact::QuarantineRejected(QuarantineRejected {
            number,
            sha256: quarantine::sha256(&kept.bytes),
            from: quarantine::cut(&kept.from),
            held_for: quarantine::cut(&kept.reason),
            officer: sent.officer.clone(),
            reason: command.reason,
        });
        self.disposed_of(number, &fact, sent, at, Group::default())
    }

    /// What lies under `number` and nobody has dealt with.
    fn lying(&self, number: u64, reason: &str) -> Result<Result<Quarantined, Refusal>, CoreError> {
        if let Err(refusal) = quarantine::reasoned(reason) {
            return Ok(Err(refusal));
        }
        let Some(kept) = self.journal.quarantined_at(number)? else {
            return Ok(Err(quarantine::unknown(number)));
        };
        let noted = self.journal.note(&quarantine::disposed_key(number))?;
        if self.disposed.contains(&number) || noted.is_some() {
            return Ok(Err(quarantine::disposed(number)));
        }
        Ok(Ok(kept))
    }

    /// Says what became of it, in the same group as what followed. Every text in the fact is
    /// bounded, so that its event always fits.
    fn disposed_of(
        &mut self,
        number: u64,
        fact: &Fact,
        sent: &CommandEnvelope<Box<RawValue>>,
        at: Moment,
        mut group: Group,
    ) -> Result<Outcome, CoreError> {
        let (mut said, event) = self.written_notice(fact, sent, at, &[])?;
        group.entries.append(&mut said.entries);
        let note = quarantine::note_of(fact, event, &self.journal)?;
        group.notes.extend(note);
        self.disposed.put(number, ());
        Ok(self.noted(sent.id, event, group))
    }
}
