//! Who wrote it: Ed25519 signatures over exact bytes.
//!
//! Signed are the bytes behind a prefix that says what they are, so that a signature on an event
//! can never be passed off as one on a checkpoint or anything else.

use std::fmt;

use bytes::Bytes;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use ed25519_dalek::{Signer, SigningKey};
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::event::EventError;
use crate::register::Limit;

pub mod nkey;
mod ring;

pub use ring::KeyRing;

/// An Ed25519 signature.
pub type Signature = [u8; 64];

/// What kind of text a signature is on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Domain {
    Event,
    Checkpoint,
    NewKey,
}

impl Domain {
    pub(crate) fn message(self, bytes: &[u8]) -> Vec<u8> {
        let prefix: &[u8] = match self {
            Domain::Event => b"motcua/event/v1\0",
            Domain::Checkpoint => b"motcua/checkpoint/v1\0",
            Domain::NewKey => b"motcua/new-key/v1\0",
        };
        [prefix, bytes].concat()
    }
}

/// Why a key was not taken or a signature does not count.
#[derive(Debug, Error)]
pub enum SignError {
    #[error("the signature cannot be checked, since the signed text is unreadable: {0}")]
    Unreadable(#[from] EventError),
    #[error(
        "unit {unit} has no key {key} in the register: enter its public key, \
         or keep the text in quarantine until it is known"
    )]
    UnknownKey { unit: String, key: KeyId },
    #[error(
        "the signature is not by key {key} of unit {unit} over these bytes: \
         keep them in quarantine and ask {unit} for what it signed"
    )]
    Forged { unit: String, key: KeyId },
    #[error(
        "key {key} of unit {unit} {limit}: keep the text in quarantine and ask {unit} which key it \
         signs with"
    )]
    NotInForce {
        unit: String,
        key: KeyId,
        limit: Limit,
    },
    #[error(
        "what unit {unit} says about its keys under key {key} does not count ({rule}): keep it in \
         quarantine, and state the unit's keys in the register when somebody else has them"
    )]
    KeyStatement {
        unit: String,
        key: KeyId,
        rule: &'static str,
    },
    #[error("key id {found:?} is not 16 lower-case hexadecimal digits: copy it from the register")]
    KeyId { found: String },
    #[error("signature text is not 64 bytes in base64url without padding: copy it unchanged")]
    SignatureText,
    #[error("{part} of unit {unit:?} in the register of keys is not usable: {rule}")]
    Register {
        unit: String,
        part: &'static str,
        rule: &'static str,
    },
}

/// The name of a signing key: the first 16 hexadecimal digits of the SHA-256 of its public key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyId(String);

impl KeyId {
    /// The name of a public key.
    pub fn of(public: &[u8; 32]) -> KeyId {
        KeyId(HEXLOWER.encode(&Sha256::digest(public)[..8]))
    }

    /// # Errors
    /// [`SignError::KeyId`] for anything but 16 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Result<KeyId, SignError> {
        let digits = text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if text.len() == 16 && digits {
            Ok(KeyId(text.to_owned()))
        } else {
            Err(SignError::KeyId {
                found: text.chars().take(80).collect(),
            })
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for KeyId {
    type Error = SignError;

    fn try_from(text: String) -> Result<KeyId, SignError> {
        KeyId::parse(&text)
    }
}

impl From<KeyId> for String {
    fn from(id: KeyId) -> String {
        id.0
    }
}

/// A text as it travels and is stored: the exact bytes with the signature beside them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    pub bytes: Bytes,
    pub signature: Signature,
    /// The key the signature is said to be by; a hint until verified.
    pub key: KeyId,
}

impl Signed {
    /// The signature as it stands in a header or a file: base64url without padding.
    pub fn signature_text(&self) -> String {
        BASE64URL_NOPAD.encode(&self.signature)
    }
}

/// Reads what [`Signed::signature_text`] wrote.
///
/// # Errors
/// [`SignError::SignatureText`] for anything else.
pub fn parse_signature(text: &str) -> Result<Signature, SignError> {
    let bytes = BASE64URL_NOPAD
        .decode(text.as_bytes())
        .map_err(|_| SignError::SignatureText)?;
    bytes.try_into().map_err(|_| SignError::SignatureText)
}

/// A unit's secret signing key; wiped when dropped.
pub struct UnitKey {
    secret: SigningKey,
    id: KeyId,
}

impl UnitKey {
    pub fn generate(rng: &mut (impl CryptoRng + RngCore)) -> UnitKey {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut());
        UnitKey::from_seed(*seed)
    }

    pub fn from_seed(seed: [u8; 32]) -> UnitKey {
        let seed = Zeroizing::new(seed);
        let secret = SigningKey::from_bytes(&seed);
        let id = KeyId::of(secret.verifying_key().as_bytes());
        UnitKey { secret, id }
    }

    /// What [`UnitKey::from_seed`] makes this key from again; for the unit's own key file.
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.secret.to_bytes())
    }

    pub fn public(&self) -> [u8; 32] {
        self.secret.verifying_key().to_bytes()
    }

    pub fn id(&self) -> KeyId {
        self.id.clone()
    }

    /// Signs the exact bytes of an event.
    pub fn sign_event(&self, bytes: &[u8]) -> Signature {
        self.sign(Domain::Event, bytes)
    }

    /// Signs the text of a note as it is, without prefix, as C2SP signed-note has it.
    pub(crate) fn sign_note(&self, text: &[u8]) -> Signature {
        self.secret.sign(text).to_bytes()
    }

    pub(crate) fn sign(&self, domain: Domain, bytes: &[u8]) -> Signature {
        self.secret.sign(&domain.message(bytes)).to_bytes()
    }
}

impl fmt::Debug for UnitKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnitKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
