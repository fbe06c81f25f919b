//! Whose key it is, and what it may sign: the register of the units' public keys, and verification
//! against it.
//!
//! The register's own rows are the root of trust. What units say about their keys in events
//! ([`KEY_ROTATED`], [`KEY_REVOKED`]) is learnt when such an event is verified: whoever verifies a unit's
//! events in the order of their numbers knows each key before the first thing that it signed. A limit
//! that a row states is never widened by an event.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use data_encoding::HEXLOWER;
use ed25519_dalek::VerifyingKey;

use crate::brief;
use crate::event::{Event, grammar::is_unit};
use crate::sign::{Domain, KeyId, SignError, Signed};
use crate::tree::leaf_hash;
use statement::{Statement, counts, place_of, sound};
use term::{Successor, Term};

mod file;
mod statement;
mod term;

pub use file::{KeyFile, KeyFileError, PublicKeys};
pub use statement::{KEY_REVOKED, KEY_ROTATED, is_about_keys, proof_of_possession, public_key};
pub use term::{Limit, Place};

/// Which public keys belong to which unit. A clone learns for itself.
#[derive(Debug, Clone, Default)]
pub struct KeyRegister {
    units: BTreeMap<String, UnitKeys>,
}

/// Keys that were replaced stay, since what they signed stays.
type Terms = BTreeMap<KeyId, Term>;

#[derive(Debug)]
struct UnitKeys {
    terms: RwLock<Terms>,
    sealing: [u8; 32],
}

impl UnitKeys {
    fn read(&self) -> RwLockReadGuard<'_, Terms> {
        self.terms.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clone for UnitKeys {
    fn clone(&self) -> UnitKeys {
        UnitKeys {
            terms: RwLock::new(self.read().clone()),
            sealing: self.sealing,
        }
    }
}

impl KeyRegister {
    pub fn new() -> KeyRegister {
        KeyRegister::default()
    }

    /// Reads the text of a [`KeyFile`].
    ///
    /// # Errors
    /// [`KeyFileError`] says what is wrong with it.
    pub fn read(text: &[u8]) -> Result<KeyRegister, KeyFileError> {
        let file: KeyFile = serde_json::from_slice(text)?;
        let mut register = KeyRegister::new();
        for row in &file.units {
            register.insert(row)?;
        }
        Ok(register)
    }

    /// Enters a row. A further row for the same unit adds a signing key beside the earlier ones
    /// and replaces the sealing key.
    ///
    /// # Errors
    /// [`SignError::Register`] when the unit's name or a key is malformed, when the signing key
    /// is one that would accept forged signatures, or when two keys share a name.
    pub fn insert(&mut self, row: &PublicKeys) -> Result<(), SignError> {
        let refuse = |part, rule| SignError::Register {
            unit: brief(&row.unit),
            part,
            rule,
        };
        if !is_unit(&row.unit) {
            return Err(refuse("the name", "letters, digits and dashes only"));
        }
        let signing = public_key(&row.signing).ok_or_else(|| {
            let rule = "give 64 lower-case hexadecimal digits, or the U… form of NATS";
            refuse("the signing key", rule)
        })?;
        let sealing: Option<[u8; 32]> = HEXLOWER
            .decode(row.sealing.as_bytes())
            .ok()
            .and_then(|bytes| bytes.try_into().ok());
        let sealing = sealing
            .ok_or_else(|| refuse("the sealing key", "give 64 lower-case hexadecimal digits"))?;
        let key = sound(&signing)
            .ok_or_else(|| refuse("the signing key", "it is no proper Ed25519 public key"))?;
        // Whatever is sealed to this point can be opened by everyone.
        if sealing == [0; 32] {
            return Err(refuse("the sealing key", "it is all zeros, a placeholder"));
        }
        let keys = self.units.entry(row.unit.clone());
        let keys = keys.or_insert_with(|| UnitKeys {
            terms: RwLock::default(),
            sealing,
        });
        let terms = keys.terms.get_mut().unwrap_or_else(PoisonError::into_inner);
        let id = KeyId::of(&signing);
        if terms.get(&id).is_some_and(|known| known.key != key) {
            let rule = "another key has the same id, make a new one";
            return Err(refuse("the signing key", rule));
        }
        let term = Term {
            key,
            after: row.after,
            until: row.until,
            revoked: row.revoked.then(|| counts(row.earlier.clone(), row.until)),
            successor: None,
            from_file: true,
        };
        terms.insert(id, term);
        keys.sealing = sealing;
        Ok(())
    }

    /// The units in the register.
    pub fn units(&self) -> impl Iterator<Item = &str> {
        self.units.keys().map(String::as_str)
    }

    /// Whether a key of this name is known as one of the unit's, whatever it signs.
    pub fn knows(&self, unit: &str, key: &KeyId) -> bool {
        let keys = self.units.get(unit);
        keys.is_some_and(|keys| keys.read().contains_key(key))
    }

    /// Every key as it is known now, learnt ones among them: the rows of a register that needs to learn
    /// nothing more.
    pub fn rows(&self) -> Vec<PublicKeys> {
        let mut rows = Vec::new();
        for (unit, keys) in &self.units {
            let mut terms: Vec<Term> = keys.read().values().cloned().collect();
            terms.sort_by_key(|term| term.after);
            rows.extend(terms.iter().map(|term| row_of(unit, keys.sealing, term)));
        }
        rows
    }

    /// The X25519 public key to which dossier keys for this unit are granted.
    pub fn sealing_key(&self, unit: &str) -> Option<[u8; 32]> {
        self.units.get(unit).map(|keys| keys.sealing)
    }

    /// Checks that the event was signed by the unit that its `source` names, with a key that signs at
    /// its place. What it says about keys is known from then on.
    ///
    /// # Errors
    /// [`SignError::Unreadable`], [`SignError::UnknownKey`], [`SignError::NotInForce`],
    /// [`SignError::Forged`], or [`SignError::KeyStatement`] when it says about keys what does not count.
    pub fn verify(&self, signed: &Signed) -> Result<(), SignError> {
        let event = Event::read(&signed.bytes)?;
        let key = self.key_of(&event, signed)?;
        check(&key, Domain::Event, event.unit, signed)?;
        self.learn(&event, signed)
    }

    /// Checks that the key of an event that was verified earlier still signs at its place: it may have
    /// been revoked in between. The signature itself is not looked at again.
    ///
    /// # Errors
    /// [`SignError::Unreadable`], [`SignError::UnknownKey`], [`SignError::NotInForce`].
    pub fn still_signs(&self, signed: &Signed) -> Result<(), SignError> {
        let event = Event::read(&signed.bytes)?;
        self.key_of(&event, signed).map(drop)
    }

    /// Checks the signature on what a unit says of its journal, whose last own event is at `last`.
    pub(crate) fn verify_head(
        &self,
        unit: &str,
        last: Place,
        signed: &Signed,
    ) -> Result<(), SignError> {
        let key = self.term(unit, &signed.key, |term| {
            term.signs_head(last).map(|()| term.key)
        })?;
        check(&key, Domain::Checkpoint, unit, signed)
    }

    /// Like [`KeyRegister::verify`] for each event, in order, at about a quarter of the cost when all are
    /// good; one bad event costs checking all of them singly. Answers in the order given.
    ///
    /// A batch is not strict: the holder of a registered key, and nobody else, can make odd
    /// signatures that a batch sometimes takes and a single check refuses. They are on bytes of
    /// that unit's own, so nobody's words are forged; who must judge such a signature alike
    /// everywhere checks singly.
    pub fn verify_batch(&self, events: &[&Signed]) -> Vec<Result<(), SignError>> {
        let mut results = Vec::with_capacity(events.len());
        let (mut messages, mut signatures, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        for signed in events {
            let key = Event::read(&signed.bytes)
                .map_err(SignError::from)
                .and_then(|event| match is_about_keys(event.kind) {
                    // The next event may stand on it.
                    true => self.verify(signed).map(|()| None),
                    false => self.key_of(&event, signed).map(Some),
                });
            results.push(key.map(|key| {
                if let Some(key) = key {
                    messages.push(Domain::Event.message(&signed.bytes));
                    signatures.push(ed25519_dalek::Signature::from_bytes(&signed.signature));
                    keys.push(key);
                }
            }));
        }
        let messages: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
        if messages.len() < 2 || ed25519_dalek::verify_batch(&messages, &signatures, &keys).is_err()
        {
            for (result, signed) in results.iter_mut().zip(events) {
                if result.is_ok() {
                    *result = self.verify(signed);
                }
            }
        }
        results
    }

    /// The signing keys of a unit, for texts that name their key otherwise than by [`KeyId`] and have
    /// no place.
    pub(crate) fn signing_keys(&self, unit: &str, revoked_too: bool) -> Vec<VerifyingKey> {
        let Some(keys) = self.units.get(unit) else {
            return Vec::new();
        };
        let terms = keys.read();
        let counting = terms
            .values()
            .filter(|term| revoked_too || term.revoked.is_none());
        counting.map(|term| term.key).collect()
    }

    fn key_of(&self, event: &Event<'_>, signed: &Signed) -> Result<VerifyingKey, SignError> {
        self.term(event.unit, &signed.key, |term| {
            term.signs(place_of(event), &signed.bytes)
                .map(|()| term.key)
        })
    }

    fn term<T>(
        &self,
        unit: &str,
        id: &KeyId,
        within: impl Fn(&Term) -> Result<T, Limit>,
    ) -> Result<T, SignError> {
        let keys = self.units.get(unit).map(UnitKeys::read);
        let term = keys.as_ref().and_then(|terms| terms.get(id));
        let term = term.ok_or_else(|| SignError::UnknownKey {
            unit: brief(&unit),
            key: id.clone(),
        })?;
        within(term).map_err(|limit| SignError::NotInForce {
            unit: unit.to_owned(),
            key: id.clone(),
            limit,
        })
    }

    /// Enters what a verified event says about its unit's keys.
    fn learn(&self, event: &Event<'_>, signed: &Signed) -> Result<(), SignError> {
        let Some(statement) = Statement::read(event, &signed.key)? else {
            return Ok(());
        };
        let Some(keys) = self.units.get(event.unit) else {
            return Ok(());
        };
        let mut terms = keys.terms.write().unwrap_or_else(PoisonError::into_inner);
        let learnt = match statement {
            Statement::Rotated(new) => replace(&mut terms, event, signed, new),
            Statement::Revoked(id, counts) => {
                // A key that is in no register signs nothing anyway.
                if let Some(term) = terms.get_mut(&id) {
                    term.revoke(counts);
                }
                Ok(())
            }
        };
        learnt.map_err(|rule| SignError::KeyStatement {
            unit: event.unit.to_owned(),
            key: signed.key.clone(),
            rule,
        })
    }
}

/// `new` takes the place of the key that signed `event`. Two heirs of one key cannot both be right, and
/// nobody here can tell which: the first one heard of stays.
fn replace(
    terms: &mut Terms,
    event: &Event<'_>,
    signed: &Signed,
    new: VerifyingKey,
) -> Result<(), &'static str> {
    let (id, place) = (KeyId::of(new.as_bytes()), place_of(event));
    let successor = Successor {
        key: id.clone(),
        stated: leaf_hash(&signed.bytes),
    };
    if id == signed.key {
        return Err("the new key is not new");
    }
    let old = terms.get(&signed.key).ok_or("the key is not known")?;
    match &old.successor {
        Some(known) if *known == successor => return Ok(()),
        Some(_) => return Err("the key was replaced before, by another one or elsewhere"),
        None => {}
    }
    match terms.get(&id) {
        None => {
            let term = Term {
                key: new,
                after: Some(place),
                until: None,
                revoked: None,
                successor: None,
                from_file: false,
            };
            terms.insert(id, term);
        }
        Some(known) if known.from_file && known.key == new && known.successor.is_none() => {}
        Some(_) => return Err("the new key is not new"),
    }
    if let Some(old) = terms.get_mut(&signed.key) {
        old.ends_at(place);
        old.successor = Some(successor);
    }
    Ok(())
}

fn row_of(unit: &str, sealing: [u8; 32], term: &Term) -> PublicKeys {
    let mut row = PublicKeys {
        after: term.after,
        until: term.until,
        ..PublicKeys::new(unit, term.key.to_bytes(), sealing)
    };
    if let Some(counts) = &term.revoked {
        // Where it was replaced before, it counts no further than that.
        row.until = [term.until, term::last(counts)].into_iter().flatten().min();
        row.revoked = true;
        row.earlier.clone_from(counts);
        row.earlier
            .retain(|epoch, _| row.until.is_some_and(|until| *epoch < until.epoch));
    }
    row
}

fn check(key: &VerifyingKey, domain: Domain, unit: &str, signed: &Signed) -> Result<(), SignError> {
    let signature = ed25519_dalek::Signature::from_bytes(&signed.signature);
    key.verify_strict(&domain.message(&signed.bytes), &signature)
        .map_err(|_| SignError::Forged {
            unit: unit.to_owned(),
            key: signed.key.clone(),
        })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
