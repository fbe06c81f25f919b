//! The evidence bundle: the history of one dossier in one JSON file. This is the text that outsiders get
//! as well (`schemas/evidence.md`).
//!
#![doc = include_str!("../../../schemas/evidence.md")]

use data_encoding::BASE64;
use envelope::tree::Hash;
use envelope::{KeyFile, PublicKeys, Signed};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What `format` says.
pub const FORMAT: &str = "motcua-bundle/v1";

/// Far more than the history of any dossier; larger files are not read into memory.
pub const BUNDLE_BYTES_MAX: usize = 256 << 20;

/// A file that is no bundle.
#[derive(Debug, Error)]
pub enum BundleError {
    /// Not of the form; the place in the file is named by line and column.
    #[error("it is not an evidence bundle ({0}): have it made again by `motcua audit bundle`")]
    Form(String),
    /// Larger than any bundle.
    #[error("it has {found} bytes, a bundle has at most {BUNDLE_BYTES_MAX}: it is something else")]
    TooLarge {
        /// Its bytes.
        found: usize,
    },
}

impl From<serde_json::Error> for BundleError {
    fn from(error: serde_json::Error) -> Self {
        Self::Form(envelope::brief(&error))
    }
}

/// The history of one dossier with everything that proves it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// [`FORMAT`].
    pub format: String,
    /// What it is about.
    pub asked: Asked,
    /// Rows of the register of keys, of the units that signed something here.
    pub keys: KeyFile,
    /// Heads of journals.
    pub heads: Vec<Head>,
    /// The events, in order of their first place.
    pub events: Vec<Evidence>,
}

/// What a bundle is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The code of the dossier.
    pub dossier: String,
}

/// The signed head of one journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The C2SP note.
    pub note: String,
    /// What others kept of the same journal before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Earlier>,
}

/// An earlier head, and the proof that the later one goes on from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Earlier {
    /// The C2SP note.
    pub note: String,
    /// Hashes of the consistency proof, base64.
    pub proof: Vec<String>,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The exact bytes, base64.
    pub event: String,
    /// The signature, base64url without padding.
    pub signature: String,
    /// The name of the key.
    pub key: String,
    /// Where it stands.
    pub places: Vec<Place>,
}

/// Where an event stands in one journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Under which of the heads, counted from 0.
    pub head: usize,
    /// As which entry, counted from 0.
    pub index: u64,
    /// Hashes of the inclusion proof, base64.
    pub proof: Vec<String>,
}

impl Bundle {
    /// An empty bundle about a dossier.
    pub fn about(dossier: &str) -> Self {
        Self {
            format: FORMAT.to_owned(),
            asked: Asked {
                dossier: dossier.to_owned(),
            },
            keys: KeyFile { units: Vec::new() },
            heads: Vec::new(),
            events: Vec::new(),
        }
    }

    /// Reads the form; what is said in it is not believed before [`crate::verify`].
    ///
    /// # Errors
    /// [`BundleError`].
    pub fn read(bytes: &[u8]) -> Result<Self, BundleError> {
        if bytes.len() > BUNDLE_BYTES_MAX {
            return Err(BundleError::TooLarge { found: bytes.len() });
        }
        Ok(serde_json::from_slice(bytes)?)
    }

    /// The bundle as a file, indented for people; the same bundle gives the same bytes.
    ///
    /// # Errors
    /// [`BundleError::Form`], which no bundle is known to give.
    pub fn written(&self) -> Result<Vec<u8>, BundleError> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        Ok(text)
    }

    /// Puts events, their places and the rows of keys in the order of the format.
    pub fn put_in_order(&mut self) {
        for event in &mut self.events {
            event.places.sort_by_key(|place| place.head);
        }
        let first = |event: &Evidence| event.places.first().map(|place| (place.head, place.index));
        self.events.sort_by_key(first);
        let row = |row: &PublicKeys| (row.unit.clone(), row.signing.clone());
        self.keys.units.sort_by_key(row);
    }
}

impl Evidence {
    /// An event as signed, without a place.
    pub fn of(signed: &Signed) -> Self {
        Self {
            event: BASE64.encode(&signed.bytes),
            signature: signed.signature_text(),
            key: signed.key.to_string(),
            places: Vec::new(),
        }
    }
}

/// The hashes of a proof as they stand in a bundle.
pub fn write_proof(proof: &[Hash]) -> Vec<String> {
    proof.iter().map(|hash| BASE64.encode(hash)).collect()
}

/// Reads what [`write_proof`] wrote; none when a text is no hash.
pub(crate) fn read_proof(proof: &[String]) -> Option<Vec<Hash>> {
    let hash = |text: &String| BASE64.decode(text.as_bytes()).ok()?.try_into().ok();
    proof.iter().map(hash).collect()
}
