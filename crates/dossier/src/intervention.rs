//! Facts that an operator's hand in a unit's own record leaves behind: who did it, why, and what
//! came of it. They are about the unit, not about a dossier; no dossier moves because of them.

use std::collections::BTreeMap;

use calendar::Moment;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ids::OfficerId;

/// The unit's journal was lost, and its record was had back from a backup and from those who
/// remembered the rest. First event of the new epoch. Written by the restored unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JournalRestored {
    /// Entries that were in the backup.
    pub backup_entries: u64,
    /// When the backup was put in place.
    pub restored_at: Moment,
    /// The epoch that ended with the loss.
    pub from_epoch: Uuid,
    /// Last sequence of that epoch that the journal holds now.
    pub held: u64,
    /// Highest sequence of that epoch that anyone knew of.
    pub known: u64,
    /// Own events taken back from others.
    pub taken_back: u64,
    /// How many of them came from whom: a unit, a projector, `broker`.
    pub by_holder: BTreeMap<String, u64>,
    /// Whom an officer decided not to wait for: units, `broker` (its streams), `holders` (projectors).
    pub unanswered: Vec<String>,
    /// Sequences of that epoch that nobody had.
    pub missing: Vec<u64>,
    /// The officer who restored the journal.
    pub officer: OfficerId,
    /// Why, in their words.
    pub reason: String,
}

/// Entries of the unit's journal were damaged, and put right from copies with the same bytes.
/// Written by the unit whose journal it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JournalRepaired {
    /// What was wrong and where the copy came from, entry by entry.
    pub entries: Vec<RepairedEntry>,
    /// The officer who repaired it.
    pub officer: OfficerId,
    /// Why, in their words.
    pub reason: String,
}

/// One entry that was put right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RepairedEntry {
    /// Place in the journal, from 0.
    pub index: u64,
    /// What was wrong with it.
    pub fault: String,
    /// Where its bytes came from: a unit, `broker`, a backup.
    pub source: String,
}

/// What lay in quarantine was judged again on an officer's word and let in. What is still unfit
/// stays where it lies, and nothing is written about it. Written by the unit whose quarantine it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuarantineRetried {
    /// Place in the quarantine, from 0.
    pub number: u64,
    /// SHA-256 of the bytes that lie there, in hex.
    pub sha256: String,
    /// Who had sent them.
    pub from: String,
    /// Why they lay there.
    pub held_for: String,
    /// What became of them.
    pub outcome: RetryOutcome,
    /// The event that they are.
    pub event: Uuid,
    /// The officer who had them judged again.
    pub officer: OfficerId,
    /// Why, in their words.
    pub reason: String,
}

/// What became of a message that was judged again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum RetryOutcome {
    /// It was taken in, with everything that follows from it.
    TakenIn,
    /// It changes nothing here and is kept in the journal.
    Kept,
    /// It had arrived another way in the meantime.
    ArrivedMeanwhile,
}

/// What lay in quarantine will never be let in. Written by the unit whose quarantine it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuarantineRejected {
    /// Place in the quarantine, from 0.
    pub number: u64,
    /// SHA-256 of the bytes that lie there, in hex.
    pub sha256: String,
    /// Who had sent them.
    pub from: String,
    /// Why they lay there.
    pub held_for: String,
    /// The officer who rejected them.
    pub officer: OfficerId,
    /// Why, in their words.
    pub reason: String,
}

/// The unit signs with another key from its next event on. Signed with the key that is replaced, and
/// told to every unit. Written by the unit whose key it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeyRotated {
    /// Id of the key that is replaced.
    pub replaces: String,
    /// The new Ed25519 public key, 64 hexadecimal digits.
    pub signing: String,
    /// Signature by the new key, base64url, over unit, epoch, number of this event and the key itself:
    /// the unit has it.
    pub proof: String,
    /// The officer who had the key replaced.
    pub officer: OfficerId,
    /// Why, in their words.
    pub reason: String,
}

/// A key of the unit came into wrong hands: what it signs behind a place counts nowhere any more, and
/// no head of a journal that it signs. Told to every unit. Written, under another key, by the unit whose
/// key it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeyRevoked {
    /// Id of the key.
    pub key: String,
    /// The last own event of the unit that the key signs.
    pub after: OwnPlace,
    /// The epochs of the unit's journal before that one, each with its last number: the key signs there,
    /// and in no epoch that somebody invents.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub earlier: BTreeMap<Uuid, u64>,
    /// The officer who revoked it.
    pub officer: OfficerId,
    /// Why, in their words.
    pub reason: String,
}

/// An own event of a unit, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OwnPlace {
    /// The epoch of its journal.
    pub epoch: Uuid,
    /// The number in it, from 1.
    pub sequence: u64,
}
