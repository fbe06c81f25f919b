//! The keys that a unit signs with: replaced and revoked on an officer's word, and told to everybody.

use std::collections::BTreeMap;
use std::sync::Arc;

use calendar::Moment;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use dossier::fact::Fact;
use dossier::ids::UnitId;
use dossier::intervention::{KeyRevoked, KeyRotated};
use envelope::register::proof_of_possession;
use envelope::{KeyId, KeyRing, Place, UnitKey};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{Core, CoreError, Outcome};
use crate::command::CommandEnvelope;
use crate::desk::Desk;
use crate::keys::{self, RevokeKey, RotateKey};
use crate::quarantine::reasoned;

impl<D: Desk> Core<D> {
    /// Tells others that sign for this unit which key it is at.
    #[must_use]
    pub fn signing_with(mut self, ring: KeyRing) -> Self {
        self.pen.key = ring.current();
        self.ring = Some(ring);
        self
    }

    /// The name of the key that signs now.
    pub fn key_in_use(&self) -> KeyId {
        self.pen.key.id()
    }

    /// The key to sign with after the next `rotate_key`; it has to survive a power cut already.
    pub fn lay_ready(&mut self, next: Arc<UnitKey>) {
        self.next_key = Some(next);
    }

    pub(super) fn rotate(
        &mut self,
        command: RotateKey,
        sent: &CommandEnvelope<Box<RawValue>>,
        at: Moment,
    ) -> Result<Outcome, CoreError> {
        if let Err(refusal) = reasoned(&command.reason) {
            return Ok(Outcome::Refused(refusal.into()));
        }
        let in_use = self.pen.key.id();
        let Some(new) = self.next_key.take().filter(|new| new.id() != in_use) else {
            let refusal = keys::not_made("rotate_key");
            return Ok(Outcome::Refused(refusal.into()));
        };
        let place = self.place(1);
        let proof = proof_of_possession(&new, self.pen.me.as_str(), place);
        let fact = Fact::KeyRotated(Box::new(KeyRotated {
            replaces: in_use.to_string(),
            signing: HEXLOWER.encode(&new.public()),
            proof: BASE64URL_NOPAD.encode(&proof),
            officer: sent.officer.clone(),
            reason: command.reason,
        }));
        let said = self.about_own_keys(&fact, sent, at)?;
        if let Outcome::Noted(..) = said {
            if let Some(ring) = &self.ring {
                ring.turn(place, Arc::clone(&new));
            }
            self.pen.key = new;
        }
        Ok(said)
    }

    pub(super) fn revoke(
        &mut self,
        command: RevokeKey,
        sent: &CommandEnvelope<Box<RawValue>>,
        at: Moment,
    ) -> Result<Outcome, CoreError> {
        let key = KeyId::parse(&command.key).ok();
        let known = |key: &KeyId| self.keys.knows(self.pen.me.as_str(), key);
        let after = Place {
            epoch: command.after.epoch,
            sequence: command.after.sequence,
        };
        let mut lived_in: BTreeMap<Uuid, u64> = self.journal.ended_epochs().into_iter().collect();
        lived_in.insert(self.pen.epoch, self.pen.sequence);
        let refusal = match (reasoned(&command.reason), key.filter(known)) {
            (Err(refusal), _) => Some(refusal),
            (_, None) => Some(keys::unknown(&command.key)),
            (_, Some(key)) if key == self.pen.key.id() => Some(keys::in_use()),
            _ if after > self.place(0) || !lived_in.contains_key(&after.epoch) => {
                Some(keys::not_said_yet())
            }
            _ => None,
        };
        if let Some(refusal) = refusal {
            return Ok(Outcome::Refused(refusal.into()));
        }
        let fact = Fact::KeyRevoked(KeyRevoked {
            key: command.key,
            after: command.after,
            earlier: lived_in
                .range(..after.epoch)
                .map(|(epoch, last)| (*epoch, *last))
                .collect(),
            officer: sent.officer.clone(),
            reason: command.reason,
        });
        self.about_own_keys(&fact, sent, at)
    }

    /// Tells every unit, also those that nothing was sent to yet: each has to know it before the first
    /// thing that stands on it. What the own register would not believe is not said.
    fn about_own_keys(
        &mut self,
        fact: &Fact,
        sent: &CommandEnvelope<Box<RawValue>>,
        at: Moment,
    ) -> Result<Outcome, CoreError> {
        let (sequence, links) = (self.pen.sequence, self.pen.links.clone());
        let (group, event) = self.written_notice(fact, sent, at, &self.all_units())?;
        let mut said = group.entries.iter();
        if let Err(error) = said.try_for_each(|entry| self.keys.verify(&entry.signed)) {
            (self.pen.sequence, self.pen.links) = (sequence, links);
            let refusal = keys::not_counting(&error.to_string());
            return Ok(Outcome::Refused(refusal.into()));
        }
        Ok(self.noted(sent.id, event, group))
    }

    fn all_units(&self) -> Vec<UnitId> {
        self.catalogue.units().map(|unit| unit.id.clone()).collect()
    }

    fn place(&self, ahead: u64) -> Place {
        Place {
            epoch: self.pen.epoch,
            sequence: self.pen.sequence + ahead,
        }
    }
}
