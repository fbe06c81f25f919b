//! The head of a journal as a C2SP signed note (`tlog-checkpoint`), which clients and witnesses of
//! transparency logs everywhere read.
//!
//! The text has three lines: the origin `motcua.vn/log/<unit>/<epoch>`, the number of entries, the
//! RFC 6962 root. The key's name is the origin, its algorithm Ed25519 over the text itself. What
//! else a unit signs begins with another prefix (`sign`), so no signature serves for both. A
//! restored journal is a new epoch and thereby a new log: the order of its entries is another.
//!
//! Sources: <https://c2sp.org/signed-note>, <https://c2sp.org/tlog-checkpoint>.

use ed25519_dalek::VerifyingKey;
use thiserror::Error;
use tlog_tiles::{Checkpoint, tlog};
use uuid::Uuid;

use crate::brief;
use crate::event::grammar::is_unit;
use crate::register::KeyRegister;
use crate::sign::UnitKey;
use crate::tree::Hash;

/// What every origin line starts with; the unit and the epoch follow.
pub const ORIGIN: &str = "motcua.vn/log/";

/// A note may bear 16 signatures of others, of up to five kilobytes each.
pub const NOTE_BYTES_MAX: usize = 128 * 1024;

/// `0x01` of the signature types of signed-note.
const ED25519: u8 = 1;

/// Why a note could not be written, read or believed.
#[derive(Debug, Error)]
pub enum NoteError {
    /// It is larger than any note.
    #[error("the note has {found} bytes, {NOTE_BYTES_MAX} are allowed: drop it")]
    TooLarge {
        /// Its bytes.
        found: usize,
    },
    /// It is not of the form.
    #[error("the bytes are not a signed head of a journal ({0}): ask its unit for the latest one")]
    Form(&'static str),
    /// No registered key of the unit signed it.
    #[error(
        "no key registered for unit {} signed the head: enter its public key, \
         or keep the head aside and ask that unit",
        brief(unit)
    )]
    Unsigned {
        /// The unit that the origin names.
        unit: String,
    },
    /// It bears the name of a registered key, whose signature it is not.
    #[error(
        "the signature on the head is not by the key of unit {} that it names: drop it",
        brief(unit)
    )]
    Forged {
        /// The unit that the origin names.
        unit: String,
    },
}

/// The head of one unit's journal in one epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeHead {
    /// Whose journal.
    pub unit: String,
    /// Each epoch is a log of its own.
    pub epoch: Uuid,
    /// Entries in the tree, own and received.
    pub size: u64,
    /// RFC 6962 root over them.
    pub root: Hash,
}

impl TreeHead {
    /// The origin line: the identity of the log, and the name of its key.
    pub fn origin(&self) -> String {
        origin(&self.unit, self.epoch)
    }

    /// The text that is signed, as the signature covers it.
    ///
    /// # Errors
    /// [`NoteError::Form`] when the unit's name cannot stand in an origin.
    pub fn text(&self) -> Result<Vec<u8>, NoteError> {
        if !is_unit(&self.unit) {
            return Err(NoteError::Form("a unit has letters, digits and dashes"));
        }
        Checkpoint::new(&self.origin(), self.size, tlog::Hash(self.root), "")
            .map(|text| text.to_bytes())
            .map_err(|_| NoteError::Form("the origin cannot be written"))
    }
}

/// The origin line of a unit's log in an epoch.
pub fn origin(unit: &str, epoch: Uuid) -> String {
    format!("{ORIGIN}{unit}/{epoch}")
}

/// A unit's key for one of its logs, in the form that other clients are configured with:
/// `<origin>+<key id>+<base64 of algorithm and key>`.
pub fn verifier_key(unit: &str, epoch: Uuid, public: &[u8; 32]) -> String {
    let key = [&[ED25519], public.as_slice()].concat();
    let name = origin(unit, epoch);
    let id = signed_note::key_id(&name, &key);
    format!("{name}+{id:08x}+{}", data_encoding::BASE64.encode(&key))
}

/// Signs the head as a note.
///
/// # Errors
/// [`NoteError::Form`] when the unit's name cannot stand in an origin.
pub fn sign_head(head: &TreeHead, key: &UnitKey) -> Result<Vec<u8>, NoteError> {
    let text = head.text()?;
    let name = head.origin();
    let id = key_id(&name, &key.public());
    let unwritable = |_| NoteError::Form("the note cannot be written");
    let line = signed_note::Signature::new(name, id, key.sign_note(&text).to_vec());
    let note = signed_note::Note::new(&text, &[line.map_err(unwritable)?]).map_err(unwritable)?;
    Ok(note.to_bytes())
}

/// Reads a note and checks that the unit in its origin signed it. Signatures of others (witnesses)
/// are passed over.
///
/// # Errors
/// Any [`NoteError`]; nothing of an unbelievable note is returned.
pub fn read_head(bytes: &[u8], keys: &KeyRegister) -> Result<TreeHead, NoteError> {
    read(bytes, |unit| keys.signing_keys(unit, false))
}

/// Reads a note that was believed when it came, and is read from the own disk: its key may have
/// been revoked since, which makes no head forgotten.
///
/// # Errors
/// As [`read_head`].
pub fn read_kept_head(bytes: &[u8], keys: &KeyRegister) -> Result<TreeHead, NoteError> {
    read(bytes, |unit| keys.signing_keys(unit, true))
}

fn read(bytes: &[u8], keys: impl Fn(&str) -> Vec<VerifyingKey>) -> Result<TreeHead, NoteError> {
    if bytes.len() > NOTE_BYTES_MAX {
        return Err(NoteError::TooLarge { found: bytes.len() });
    }
    let note = signed_note::Note::from_bytes(bytes).map_err(|_| NoteError::Form("no note"))?;
    let head = read_text(note.text())?;
    let name = head.origin();
    let own = keys(&head.unit).into_iter().map(|key| {
        let id = key_id(&name, key.as_bytes());
        let name = name.clone();
        Box::new(Strict { name, id, key }) as Box<dyn signed_note::Verifier>
    });
    match note.verify(&signed_note::VerifierList::new(own.collect())) {
        Ok(_) => Ok(head),
        Err(signed_note::NoteError::InvalidSignature { .. }) => {
            Err(NoteError::Forged { unit: head.unit })
        }
        Err(_) => Err(NoteError::Unsigned { unit: head.unit }),
    }
}

fn read_text(text: &[u8]) -> Result<TreeHead, NoteError> {
    let read = Checkpoint::from_bytes(text).map_err(|_| NoteError::Form("no checkpoint"))?;
    let names = read
        .origin()
        .strip_prefix(ORIGIN)
        .and_then(|names| names.split_once('/'));
    let (unit, epoch) = names.ok_or(NoteError::Form("the origin is not one of these logs"))?;
    let head = TreeHead {
        unit: unit.to_owned(),
        epoch: Uuid::try_parse(epoch).map_err(|_| NoteError::Form("the origin names no epoch"))?,
        size: read.size(),
        root: read.hash().0,
    };
    // One head has one text: no other spelling of a number or an epoch, no lines that nobody audits.
    if head.text()? != text {
        return Err(NoteError::Form("it is not written as its unit writes it"));
    }
    Ok(head)
}

fn key_id(name: &str, public: &[u8; 32]) -> u32 {
    signed_note::key_id(name, &[&[ED25519], public.as_slice()].concat())
}

/// As everywhere in this crate a signature counts only when it is the one that the key makes.
struct Strict {
    name: String,
    id: u32,
    key: VerifyingKey,
}

impl signed_note::Verifier for Strict {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> u32 {
        self.id
    }

    fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        ed25519_dalek::Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(text, &signature).is_ok())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
