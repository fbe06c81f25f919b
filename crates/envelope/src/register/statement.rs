//! What a unit says about its own keys, as it stands in the data of its events.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use ed25519_dalek::VerifyingKey;
use serde::Deserialize;
use uuid::Uuid;

use super::term::Place;
use crate::event::Event;
use crate::sign::{Domain, KeyId, SignError, Signature, UnitKey, nkey, parse_signature};

/// The type of the event with which a unit replaces its key.
pub const KEY_ROTATED: &str = "vn.motcua.key.rotated.v1";
/// The type of the event with which a unit revokes a key.
pub const KEY_REVOKED: &str = "vn.motcua.key.revoked.v1";

/// Whether an event of this type is about keys: a register learns from it.
pub fn is_about_keys(kind: &str) -> bool {
    matches!(kind, KEY_ROTATED | KEY_REVOKED)
}

/// Shows that whoever replaces a key has the new one: its signature over who takes it into use where.
pub fn proof_of_possession(new: &UnitKey, unit: &str, place: Place) -> Signature {
    new.sign(Domain::NewKey, &taken_into_use(unit, place, &new.public()))
}

/// Reads an Ed25519 public key: 64 lower-case hexadecimal digits, or the `U…` form of NATS; none for
/// anything else.
pub fn public_key(text: &str) -> Option<[u8; 32]> {
    let hex = HEXLOWER.decode(text.as_bytes()).ok();
    hex.and_then(|bytes| bytes.try_into().ok())
        .or_else(|| nkey::read_public(text))
}

/// A key that would not accept forged signatures.
pub(super) fn sound(public: &[u8; 32]) -> Option<VerifyingKey> {
    let key = VerifyingKey::from_bytes(public).ok();
    key.filter(|key| !key.is_weak())
}

/// The parts of `key.rotated` that a register needs.
#[derive(Deserialize)]
struct Rotated {
    replaces: KeyId,
    signing: String,
    proof: String,
}

/// The parts of `key.revoked` that a register needs.
#[derive(Deserialize)]
struct Revoked {
    key: KeyId,
    after: Place,
    #[serde(default)]
    earlier: BTreeMap<Uuid, u64>,
}

/// What an event says about keys.
pub(super) enum Statement {
    /// From the next event on this key signs.
    Rotated(VerifyingKey),
    /// This key counts up to these numbers of these epochs.
    Revoked(KeyId, BTreeMap<Uuid, u64>),
}

impl Statement {
    /// Reads a verified event that `key` signed; none where it is about something else.
    pub(super) fn read(event: &Event<'_>, key: &KeyId) -> Result<Option<Statement>, SignError> {
        let refuse = |rule| SignError::KeyStatement {
            unit: event.unit.to_owned(),
            key: key.clone(),
            rule,
        };
        match event.kind {
            KEY_ROTATED => {
                let unreadable = "its data is not that of a replaced key";
                let data: Rotated =
                    serde_json::from_str(event.data.get()).map_err(|_| refuse(unreadable))?;
                if data.replaces != *key {
                    return Err(refuse("a key is replaced by nobody but itself"));
                }
                let public = public_key(&data.signing).ok_or_else(|| refuse(unreadable))?;
                let new = sound(&public).ok_or_else(|| refuse("the new key is no proper one"))?;
                let place = place_of(event);
                let text = taken_into_use(event.unit, place, &public);
                let proof = parse_signature(&data.proof)
                    .map(|proof| ed25519_dalek::Signature::from_bytes(&proof));
                let proved = proof.is_ok_and(|proof| {
                    let text = Domain::NewKey.message(&text);
                    new.verify_strict(&text, &proof).is_ok()
                });
                if !proved {
                    return Err(refuse("nothing shows that the unit has the new key"));
                }
                Ok(Some(Statement::Rotated(new)))
            }
            KEY_REVOKED => {
                let data: Revoked = serde_json::from_str(event.data.get())
                    .map_err(|_| refuse("its data is not that of a revoked key"))?;
                if data.key == *key {
                    return Err(refuse("a key cannot revoke itself, its successor does"));
                }
                Ok(Some(Statement::Revoked(
                    data.key,
                    counts(data.earlier, Some(data.after)),
                )))
            }
            _ => Ok(None),
        }
    }
}

/// Up to which number of which epochs a revoked key counts.
pub(super) fn counts(
    mut earlier: BTreeMap<Uuid, u64>,
    until: Option<Place>,
) -> BTreeMap<Uuid, u64> {
    earlier.retain(|epoch, _| until.is_some_and(|until| *epoch < until.epoch));
    earlier.extend(until.map(|until| (until.epoch, until.sequence)));
    earlier
}

/// Where an event stands in its unit's own numbering.
pub(super) fn place_of(event: &Event<'_>) -> Place {
    Place {
        epoch: event.epoch,
        sequence: event.sequence,
    }
}

fn taken_into_use(unit: &str, place: Place, public: &[u8; 32]) -> Vec<u8> {
    let (epoch, sequence) = (place.epoch, place.sequence);
    format!("{unit}\n{epoch}\n{sequence}\n{}\n", HEXLOWER.encode(public)).into_bytes()
}
