//! What a unit says about its journal as a whole: how long it is, its root, and how far each
//! line to another unit has come.
//!
//! Whoever keeps an old checkpoint notices when the journal shrank or was rewritten, and an
//! addressee notices when the last events of its line were lost on the way.

use std::collections::BTreeMap;

use bytes::Bytes;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

use crate::brief;
use crate::event::{EVENT_BYTES_MAX, grammar::is_unit};
use crate::moment::{self, Moment};
use crate::note::{self, NoteError, TreeHead};
use crate::register::{KeyRegister, Place};
use crate::sign::{Domain, SignError, Signed, UnitKey};
use crate::tree::Hash;

/// A checkpoint lists one number per addressee; the largest province has a few thousand units.
const CHECKPOINT_BYTES_MAX: usize = 16 * EVENT_BYTES_MAX;

/// Why a checkpoint could not be written, read or believed.
#[derive(Debug, Error)]
pub enum CheckpointError {
    #[error("the checkpoint's `{name}` must be {rule}: its unit must issue it again")]
    Field {
        name: &'static str,
        rule: &'static str,
    },
    #[error("the checkpoint has {found} bytes, {CHECKPOINT_BYTES_MAX} are allowed: drop it")]
    TooLarge { found: usize },
    #[error("the bytes are not a checkpoint ({}): ask the unit for its latest one", brief(.0))]
    Form(#[from] serde_json::Error),
    #[error("the checkpoint is not to be believed: {0}")]
    Signature(#[from] SignError),
    #[error("the checkpoint's note is not to be believed: {0}")]
    Note(#[from] NoteError),
}

/// The head of one unit's journal at one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    pub unit: String,
    /// Numbers of different epochs must not be compared.
    pub epoch: Uuid,
    /// Entries in the journal, own and received.
    pub entries: u64,
    /// The last of the unit's own sequence numbers, 0 before the first.
    pub sequence: u64,
    /// RFC 6962 root over the first `entries` entries.
    pub root: Hash,
    /// The last link number given per addressee.
    pub links: BTreeMap<String, u64>,
    /// The epochs that ended before this one (after a restore), each with its last sequence.
    pub earlier: BTreeMap<Uuid, u64>,
    pub at: Moment,
    /// Unit, epoch, entries and root once more, as a signed note that other clients read
    /// ([`crate::note`]). Signing a checkpoint writes it; one that was read may come from a program
    /// that wrote none.
    pub note: Option<String>,
}

/// The order of these fields is the order in the bytes.
#[derive(Serialize, Deserialize)]
struct Paper {
    unit: String,
    epoch: Uuid,
    entries: u64,
    sequence: u64,
    root: String,
    links: BTreeMap<String, u64>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    earlier: BTreeMap<Uuid, u64>,
    at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

impl Checkpoint {
    /// The part of it that a log is known by.
    pub fn tree_head(&self) -> TreeHead {
        TreeHead {
            unit: self.unit.clone(),
            epoch: self.epoch,
            size: self.entries,
            root: self.root,
        }
    }

    /// The unit's last own event of this epoch.
    pub fn last(&self) -> Place {
        Place {
            epoch: self.epoch,
            sequence: self.sequence,
        }
    }

    /// Writes the checkpoint down with a fresh note, and signs both.
    ///
    /// # Errors
    /// [`CheckpointError::Field`] when a unit's name or the instant cannot be written, and
    /// [`CheckpointError::TooLarge`].
    pub fn sign(&self, key: &UnitKey) -> Result<Signed, CheckpointError> {
        check_units(&self.unit, &self.links)?;
        let note = note::sign_head(&self.tree_head(), key)?;
        let bytes = serde_json::to_vec(&Paper {
            unit: self.unit.clone(),
            epoch: self.epoch,
            entries: self.entries,
            sequence: self.sequence,
            root: HEXLOWER.encode(&self.root),
            links: self.links.clone(),
            earlier: self.earlier.clone(),
            at: moment::print(&self.at).ok_or(CheckpointError::Field {
                name: "at",
                rule: "in the years 0 to 9999",
            })?,
            note: Some(String::from_utf8_lossy(&note).into_owned()),
        })?;
        check_size(&bytes)?;
        let signature = key.sign(Domain::Checkpoint, &bytes);
        Ok(Signed {
            bytes: Bytes::from(bytes),
            signature,
            key: key.id(),
        })
    }

    /// Reads a checkpoint and checks that the unit it speaks for signed it, and its note.
    ///
    /// # Errors
    /// Any [`CheckpointError`]; nothing of an unbelievable checkpoint is returned.
    pub fn read(signed: &Signed, keys: &KeyRegister) -> Result<Checkpoint, CheckpointError> {
        check_size(&signed.bytes)?;
        let paper: Paper = serde_json::from_slice(&signed.bytes)?;
        check_units(&paper.unit, &paper.links)?;
        let last = Place {
            epoch: paper.epoch,
            sequence: paper.sequence,
        };
        keys.verify_head(&paper.unit, last, signed)?;
        let root = HEXLOWER.decode(paper.root.as_bytes()).ok();
        let checkpoint = Checkpoint {
            unit: paper.unit,
            epoch: paper.epoch,
            entries: paper.entries,
            sequence: paper.sequence,
            root: root
                .and_then(|bytes| bytes.try_into().ok())
                .ok_or(CheckpointError::Field {
                    name: "root",
                    rule: "64 lower-case hexadecimal digits",
                })?,
            links: paper.links,
            earlier: paper.earlier,
            at: moment::parse(&paper.at).ok_or(CheckpointError::Field {
                name: "at",
                rule: "an RFC 3339 instant",
            })?,
            note: paper.note,
        };
        if let Some(note) = &checkpoint.note
            && note::read_head(note.as_bytes(), keys)? != checkpoint.tree_head()
        {
            return Err(CheckpointError::Field {
                name: "note",
                rule: "of the same unit, epoch, entries and root",
            });
        }
        Ok(checkpoint)
    }
}

fn check_size(bytes: &[u8]) -> Result<(), CheckpointError> {
    if bytes.len() > CHECKPOINT_BYTES_MAX {
        return Err(CheckpointError::TooLarge { found: bytes.len() });
    }
    Ok(())
}

fn check_units(unit: &str, links: &BTreeMap<String, u64>) -> Result<(), CheckpointError> {
    let rule = "units of letters, digits and dashes";
    if !is_unit(unit) {
        return Err(CheckpointError::Field { name: "unit", rule });
    }
    if !links.keys().all(|unit| is_unit(unit)) {
        return Err(CheckpointError::Field {
            name: "links",
            rule,
        });
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::register::PublicKeys;

    fn desk() -> (UnitKey, KeyRegister) {
        let key = UnitKey::from_seed([7; 32]);
        let mut register = KeyRegister::new();
        register
            .insert(&PublicKeys::new("H33-12-04", key.public(), [9; 32]))
            .unwrap();
        (key, register)
    }

    fn head() -> Checkpoint {
        Checkpoint {
            unit: "H33-12-04".into(),
            epoch: Uuid::from_u128(0xee),
            entries: 12,
            sequence: 9,
            root: [0xab; 32],
            links: BTreeMap::from([("H33-12".into(), 4), ("T01".into(), 2)]),
            earlier: BTreeMap::new(),
            at: moment::parse("2024-05-06T17:00:00+07:00").unwrap(),
            note: None,
        }
    }

    /// As it is read back: with the note that signing it wrote.
    fn noted(head: &Checkpoint, key: &UnitKey) -> Checkpoint {
        let note = note::sign_head(&head.tree_head(), key).unwrap();
        Checkpoint {
            note: Some(String::from_utf8(note).unwrap()),
            ..head.clone()
        }
    }

    #[test]
    fn the_bytes_are_these() {
        let (key, _) = desk();
        let root = "ab".repeat(32);
        let note = serde_json::to_string(&noted(&head(), &key).note).unwrap();
        assert_eq!(
            std::str::from_utf8(&head().sign(&key).unwrap().bytes).unwrap(),
            format!(
                r#"{{"unit":"H33-12-04","epoch":"00000000-0000-0000-0000-0000000000ee","entries":12,"sequence":9,"root":"{root}","links":{{"H33-12":4,"T01":2}},"at":"2024-05-06T17:00:00+07:00","note":{note}}}"#
            )
        );
    }

    #[test]
    fn what_was_signed_is_read_back() {
        let (key, register) = desk();
        assert_eq!(
            Checkpoint::read(&head().sign(&key).unwrap(), &register).unwrap(),
            noted(&head(), &key)
        );
    }

    #[test]
    fn ended_epochs_are_named_with_their_last_number() {
        let (key, register) = desk();
        let mut restored = head();
        restored.earlier = BTreeMap::from([(Uuid::from_u128(0xaa), 7)]);
        let signed = restored.sign(&key).unwrap();
        let text = std::str::from_utf8(&signed.bytes).unwrap();
        assert!(text.contains(r#""earlier":{"00000000-0000-0000-0000-0000000000aa":7}"#));
        assert_eq!(
            Checkpoint::read(&signed, &register).unwrap(),
            noted(&restored, &key)
        );
    }

    #[test]
    fn a_note_that_says_something_else_is_not_believed() {
        let (key, register) = desk();
        let mut other = head();
        other.entries += 1;
        let other = noted(&other, &key).note;
        for (note, rest) in [(other, "signed"), (Some("nothing".to_owned()), "unread")] {
            let text = String::from_utf8(head().sign(&key).unwrap().bytes.to_vec()).unwrap();
            let mut paper: Paper = serde_json::from_str(&text).unwrap();
            paper.note = note;
            let bytes = Bytes::from(serde_json::to_vec(&paper).unwrap());
            let signed = Signed {
                signature: key.sign(Domain::Checkpoint, &bytes),
                bytes,
                key: key.id(),
            };
            let refused = Checkpoint::read(&signed, &register).unwrap_err();
            let fits = match rest {
                "signed" => matches!(refused, CheckpointError::Field { name: "note", .. }),
                _ => matches!(refused, CheckpointError::Note(NoteError::Form(_))),
            };
            assert!(fits, "{refused}");
        }
    }

    #[test]
    fn a_checkpoint_of_a_program_that_wrote_no_note_is_read() {
        let (key, register) = desk();
        let text = String::from_utf8(head().sign(&key).unwrap().bytes.to_vec()).unwrap();
        let mut paper: Paper = serde_json::from_str(&text).unwrap();
        paper.note = None;
        let bytes = Bytes::from(serde_json::to_vec(&paper).unwrap());
        let signature = key.sign(Domain::Checkpoint, &bytes);
        let key = key.id();
        let signed = Signed {
            bytes,
            signature,
            key,
        };
        assert_eq!(Checkpoint::read(&signed, &register).unwrap(), head());
    }

    #[test]
    fn a_changed_number_is_not_believed() {
        let (key, register) = desk();
        let mut signed = head().sign(&key).unwrap();
        let text = std::str::from_utf8(&signed.bytes).unwrap();
        signed.bytes = Bytes::from(text.replace("\"entries\":12", "\"entries\":11"));
        let refused = Checkpoint::read(&signed, &register).unwrap_err();
        assert!(matches!(
            refused,
            CheckpointError::Signature(SignError::Forged { .. })
        ));
    }

    #[test]
    fn a_unit_cannot_speak_for_another() {
        let (_, mut register) = desk();
        let other = UnitKey::from_seed([8; 32]);
        register
            .insert(&PublicKeys::new("T01", other.public(), [9; 32]))
            .unwrap();
        let refused = Checkpoint::read(&head().sign(&other).unwrap(), &register).unwrap_err();
        assert!(matches!(
            refused,
            CheckpointError::Signature(SignError::UnknownKey { .. })
        ));
    }

    #[test]
    fn a_signature_on_an_event_is_none_on_a_checkpoint() {
        let (key, register) = desk();
        let mut signed = head().sign(&key).unwrap();
        signed.signature = key.sign_event(&signed.bytes);
        let refused = Checkpoint::read(&signed, &register).unwrap_err();
        assert!(matches!(
            refused,
            CheckpointError::Signature(SignError::Forged { .. })
        ));
    }
}
