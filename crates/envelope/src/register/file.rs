//! The register of keys as text, for a file that operators write and auditors bring.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

use super::term::Place;
use crate::brief;
use crate::sign::SignError;

/// One row of the register of keys, as text: one signing key of one unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicKeys {
    pub unit: String,
    /// Ed25519 public key: 64 hexadecimal digits, or the `U…` form of NATS.
    pub signing: String,
    /// X25519 public key to which dossier keys are granted, 64 hexadecimal digits.
    pub sealing: String,
    /// The key signs only what stands behind this place; without one, from the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Place>,
    /// The last place that the key signs; without one, it signs until its unit says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Place>,
    /// The key came into wrong hands: it signs no head any more, and of events only those up to
    /// `until` in its epoch and those in `earlier`; without `until`, nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub revoked: bool,
    /// Of a revoked key: the epochs before that of `until`, each with its last number.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub earlier: BTreeMap<Uuid, u64>,
}

impl PublicKeys {
    /// A row without limits.
    pub fn new(unit: &str, signing: [u8; 32], sealing: [u8; 32]) -> PublicKeys {
        PublicKeys {
            unit: unit.to_owned(),
            signing: HEXLOWER.encode(&signing),
            sealing: HEXLOWER.encode(&sealing),
            after: None,
            until: None,
            revoked: false,
            earlier: BTreeMap::new(),
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
