//! Personal data (dữ liệu cá nhân) in an event: present as ciphertext under a key per dossier.
//!
//! Hashes and signatures are over the ciphertext, so destroying the key makes the field
//! unreadable for good and breaks no proof (Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15: erasure).
//! The cipher is XChaCha20-Poly1305. The key id and the field's name are bound in: a ciphertext
//! moved to another field or dossier does not open.

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use crypto_box::{PublicKey, SecretKey};
use data_encoding::BASE64URL_NOPAD;
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use thiserror::Error;
use uuid::Uuid;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const NONCE_BYTES: usize = 24;

/// Why something could not be sealed or opened. No variant carries clear text or key bytes.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SealError {
    #[error("field {field} could not be sealed under key {key}: it is too long for the cipher")]
    Seal { field: String, key: Uuid },
    #[error(
        "field {field} does not open under key {key}: it was sealed under another key or for \
         another field, or it is damaged; compare it with the event it came in"
    )]
    Open { field: String, key: Uuid },
    #[error("key {key} could not be granted: check the receiving unit's sealing key")]
    Grant { key: Uuid },
    #[error(
        "the grant of key {key} does not open with this unit's sealing key: it was made for \
         another unit or is damaged; ask the granting unit to repeat it"
    )]
    OpenGrant { key: Uuid },
}

/// The secret key of one dossier's personal fields; wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct DossierKey([u8; 32]);

/// A key that came in is compared with one that is kept: in a time that says nothing about either.
impl PartialEq for DossierKey {
    fn eq(&self, other: &DossierKey) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for DossierKey {}

/// A sealed field as it stands in an event's data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// The id of the dossier key, under which a vault keeps it.
    pub key: Uuid,
    /// Nonce (24 bytes) and ciphertext, base64url without padding.
    #[serde(rename = "box")]
    pub boxed: String,
}

impl DossierKey {
    pub fn generate(rng: &mut (impl CryptoRng + RngCore)) -> DossierKey {
        let mut key = DossierKey([0; 32]);
        rng.fill_bytes(&mut key.0);
        key
    }

    pub fn from_bytes(bytes: [u8; 32]) -> DossierKey {
        DossierKey(bytes)
    }

    /// The secret itself, for whoever keeps it.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// Seals the field `field`. The nonce must come from a generator and never be used again
    /// under this key; 24 bytes are long enough to draw at random.
    ///
    /// # Errors
    /// [`SealError::Seal`] for a text longer than the cipher allows (256 GiB).
    pub fn seal(
        &self,
        key_id: Uuid,
        field: &str,
        plain: &[u8],
        nonce: [u8; NONCE_BYTES],
    ) -> Result<Sealed, SealError> {
        let aad = bound_to(key_id, field);
        let ciphertext = XChaCha20Poly1305::new(&self.0.into())
            .encrypt(
                XNonce::from_slice(&nonce),
                Payload {
                    msg: plain,
                    aad: &aad,
                },
            )
            .map_err(|_| SealError::Seal {
                field: field.to_owned(),
                key: key_id,
            })?;
        let boxed = BASE64URL_NOPAD.encode(&[&nonce[..], &ciphertext].concat());
        Ok(Sealed { key: key_id, boxed })
    }

    /// Opens the field `field`.
    ///
    /// # Errors
    /// [`SealError::Open`] when key, field or ciphertext is not the one that was sealed.
    pub fn open(&self, field: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let refused = || SealError::Open {
            field: field.to_owned(),
            key: sealed.key,
        };
        let bytes = BASE64URL_NOPAD
            .decode(sealed.boxed.as_bytes())
            .map_err(|_| refused())?;
        let (nonce, ciphertext) = bytes.split_at_checked(NONCE_BYTES).ok_or_else(refused)?;
        let aad = bound_to(sealed.key, field);
        XChaCha20Poly1305::new(&self.0.into())
            .decrypt(
                XNonce::from_slice(nonce),
                Payload {
                    msg: ciphertext,
                    aad: &aad,
                },
            )
            .map(Zeroizing::new)
            .map_err(|_| refused())
    }
}

fn bound_to(key_id: Uuid, field: &str) -> Vec<u8> {
    [key_id.as_bytes().as_slice(), field.as_bytes()].concat()
}

impl fmt::Debug for DossierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DossierKey(..)")
    }
}

/// A dossier key on its way to another unit: a libsodium sealed box that only the receiver opens.
/// It says nothing about who made it; it counts by the signed event that carries it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The id of the granted key.
    pub key: Uuid,
    /// The sealed box over key id and key, base64url without padding.
    #[serde(rename = "box")]
    pub boxed: String,
}

impl Grant {
    /// Seals `key` to the unit whose X25519 public key is `to`.
    ///
    /// # Errors
    /// [`SealError::Grant`] when the box cannot be made.
    pub fn seal(
        key_id: Uuid,
        key: &DossierKey,
        to: &[u8; 32],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Grant, SealError> {
        // The id travels inside too, so that a grant cannot be relabelled.
        let plain = Zeroizing::new([key_id.as_bytes().as_slice(), &key.0].concat());
        let sealed = PublicKey::from_bytes(*to)
            .seal(rng, &plain)
            .map_err(|_| SealError::Grant { key: key_id })?;
        Ok(Grant {
            key: key_id,
            boxed: BASE64URL_NOPAD.encode(&sealed),
        })
    }
}

/// A unit's secret X25519 key, to which other units grant dossier keys; wiped when dropped.
pub struct SealingKey(Zeroizing<[u8; 32]>);

impl SealingKey {
    pub fn generate(rng: &mut (impl CryptoRng + RngCore)) -> SealingKey {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut());
        SealingKey(seed)
    }

    pub fn from_seed(seed: [u8; 32]) -> SealingKey {
        SealingKey(Zeroizing::new(seed))
    }

    /// What [`SealingKey::from_seed`] makes this key from again; for the unit's own key file.
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        self.0.clone()
    }

    /// The public key for the register.
    pub fn public(&self) -> [u8; 32] {
        SecretKey::from_bytes(*self.0).public_key().to_bytes()
    }

    /// Opens a grant made to this unit.
    ///
    /// # Errors
    /// [`SealError::OpenGrant`] when it was made for another unit or another key id, or is damaged.
    pub fn open_grant(&self, grant: &Grant) -> Result<DossierKey, SealError> {
        let refused = || SealError::OpenGrant { key: grant.key };
        let sealed = BASE64URL_NOPAD
            .decode(grant.boxed.as_bytes())
            .map_err(|_| refused())?;
        let plain = SecretKey::from_bytes(*self.0)
            .unseal(&sealed)
            .map_err(|_| refused())?;
        let plain = Zeroizing::new(plain);
        let (id, key) = plain.split_at_checked(16).ok_or_else(refused)?;
        if id != grant.key.as_bytes() {
            return Err(refused());
        }
        key.try_into().map(DossierKey).map_err(|_| refused())
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(..)")
    }
}

#[cfg(test)]
mod tests;
