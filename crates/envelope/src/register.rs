//! Whose key it is: the register of the units' public keys, and verification against it.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::brief;
use crate::event::{Event, grammar::is_unit};
use crate::sign::{Domain, KeyId, SignError, Signed};

/// One row of the register of keys, as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicKeys {
    pub unit: String,
    /// Ed25519 public key, 64 hexadecimal digits.
    pub signing: String,
    /// X25519 public key to which dossier keys are granted, 64 hexadecimal digits.
    pub sealing: String,
}

impl PublicKeys {
    pub fn new(unit: &str, signing: [u8; 32], sealing: [u8; 32]) -> PublicKeys {
        PublicKeys {
            unit: unit.to_owned(),
            signing: HEXLOWER.encode(&signing),
            sealing: HEXLOWER.encode(&sealing),
        }
    }
}

/// The register as a file holds it: `{"units":[…]}`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFile {
    /// Its rows.
    pub units: Vec<PublicKeys>,
}

/// A text that is no register of keys.
#[derive(Debug, Error)]
pub enum KeyFileError {
    /// It is not of the form.
    #[error("it is not a register of keys; make one with `motcua keys`: {}", brief(.0))]
    Form(#[from] serde_json::Error),
    /// One of its rows is not usable.
    #[error(transparent)]
    Row(#[from] SignError),
}

/// Which public keys belong to which unit.
#[derive(Debug, Clone, Default)]
pub struct KeyRegister {
    units: BTreeMap<String, UnitKeys>,
}

#[derive(Debug, Clone)]
struct UnitKeys {
    /// Keys that were replaced stay, since what they signed stays.
    signing: BTreeMap<KeyId, VerifyingKey>,
    sealing: [u8; 32],
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
        let hex = |part, text: &str| -> Result<[u8; 32], SignError> {
            let bytes = HEXLOWER.decode(text.as_bytes()).ok();
            bytes
                .and_then(|bytes| bytes.try_into().ok())
                .ok_or_else(|| refuse(part, "give 64 lower-case hexadecimal digits"))
        };
        let signing = hex("the signing key", &row.signing)?;
        let sealing = hex("the sealing key", &row.sealing)?;
        let verifying = VerifyingKey::from_bytes(&signing)
            .ok()
            .filter(|key| !key.is_weak())
            .ok_or_else(|| refuse("the signing key", "it is no proper Ed25519 public key"))?;
        // Whatever is sealed to this point can be opened by everyone.
        if sealing == [0; 32] {
            return Err(refuse("the sealing key", "it is all zeros, a placeholder"));
        }
        let id = KeyId::of(&signing);
        let keys = self
            .units
            .entry(row.unit.clone())
            .or_insert_with(|| UnitKeys {
                signing: BTreeMap::new(),
                sealing,
            });
        if keys
            .signing
            .get(&id)
            .is_some_and(|known| *known != verifying)
        {
            return Err(refuse(
                "the signing key",
                "another key has the same id, make a new one",
            ));
        }
        keys.signing.insert(id, verifying);
        keys.sealing = sealing;
        Ok(())
    }

    /// The units in the register.
    pub fn units(&self) -> impl Iterator<Item = &str> {
        self.units.keys().map(String::as_str)
    }

    /// The X25519 public key to which dossier keys for this unit are granted.
    pub fn sealing_key(&self, unit: &str) -> Option<[u8; 32]> {
        self.units.get(unit).map(|keys| keys.sealing)
    }

    /// Checks that the event was signed by the unit that its `source` names.
    ///
    /// # Errors
    /// [`SignError::Unreadable`], [`SignError::UnknownKey`] or [`SignError::Forged`].
    pub fn verify(&self, signed: &Signed) -> Result<(), SignError> {
        let event = Event::read(&signed.bytes)?;
        self.verify_text(Domain::Event, event.unit, signed)
    }

    pub(crate) fn verify_text(
        &self,
        domain: Domain,
        unit: &str,
        signed: &Signed,
    ) -> Result<(), SignError> {
        let key = self.signing_key(unit, &signed.key)?;
        let signature = ed25519_dalek::Signature::from_bytes(&signed.signature);
        key.verify_strict(&domain.message(&signed.bytes), &signature)
            .map_err(|_| SignError::Forged {
                unit: unit.to_owned(),
                key: signed.key.clone(),
            })
    }

    /// Like [`KeyRegister::verify`] for each event, at about a quarter of the cost when all are
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
                .and_then(|event| self.signing_key(event.unit, &signed.key));
            results.push(match key {
                Ok(key) => {
                    messages.push(Domain::Event.message(&signed.bytes));
                    signatures.push(ed25519_dalek::Signature::from_bytes(&signed.signature));
                    keys.push(*key);
                    Ok(())
                }
                Err(error) => Err(error),
            });
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

    /// The signing keys of a unit, for texts that name their key otherwise than by [`KeyId`].
    pub(crate) fn signing_keys(&self, unit: &str) -> impl Iterator<Item = &VerifyingKey> {
        self.units
            .get(unit)
            .into_iter()
            .flat_map(|keys| keys.signing.values())
    }

    fn signing_key(&self, unit: &str, id: &KeyId) -> Result<&VerifyingKey, SignError> {
        self.units
            .get(unit)
            .and_then(|keys| keys.signing.get(id))
            .ok_or_else(|| SignError::UnknownKey {
                unit: unit.to_owned(),
                key: id.clone(),
            })
    }
}
