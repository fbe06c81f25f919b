//! How a unit fares, and what of it somebody should look at.

use std::time::Duration;

use dossier::ids::UnitId;
use evidence::TwoHistories;
use exchange::status::{InboxStatus, LineStatus, OutboxStatus};
use journal::{Journal, ReadError};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::quarantine;

/// A peer that missed so many checkpoints in a row is out of contact.
const MISSED_MAX: u32 = 3;
/// Checkpoint intervals after which something that is not published, or known to exist and not
/// here, is trouble: a reconnection and a filled gap take one or two.
const WAITS_MAX: u32 = 4;

/// How a unit fares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Health {
    /// The unit.
    pub unit: UnitId,
    /// Its journal's epoch.
    pub epoch: Uuid,
    /// Entries of its journal, own and received.
    pub entries: u64,
    /// Its last own sequence in that epoch.
    pub sequence: u64,
    /// The backup that its journal was made from, while it does not yet know how far it had come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restored: Option<RestoredFrom>,
    /// How far its journal is published.
    pub outbox: OutboxHealth,
    /// How far it has come on the line of each sender.
    pub senders: Vec<SenderHealth>,
    /// What it could not accept.
    pub quarantine: QuarantineHealth,
    /// Its broker.
    pub broker: BrokerHealth,
    /// How many requests were answered "busy" since the start.
    #[serde(default)]
    pub busy: u64,
    /// Peers that showed two histories, each with both heads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub two_histories: Vec<TwoHistories>,
    /// What somebody should look at; empty when all is well.
    pub troubles: Vec<Trouble>,
}

/// Where a restored journal came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RestoredFrom {
    /// Entries that were in the backup.
    pub entries: u64,
    /// When it was restored, RFC 3339.
    pub at: String,
    /// Who has not said yet what they know of it: units, `broker` (its streams), `holders` (projectors).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waits_for: Vec<String>,
}

/// How far a journal is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OutboxHealth {
    /// Entries that the broker has not wholly confirmed.
    pub waiting: u64,
    /// Seconds that the oldest of them has waited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest_waits_seconds: Option<u64>,
}

/// How far a unit has come on the line of one sender.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SenderHealth {
    /// The sender.
    pub unit: String,
    /// The last number that is on disk here with all before it.
    pub received: u64,
    /// The highest number known to exist.
    pub known: u64,
    /// Numbers known to exist that have not come.
    pub missing: u64,
    /// Seconds for which something has been missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_seconds: Option<u64>,
    /// Seconds since it was heard; none if it was not since this unit started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silent_seconds: Option<u64>,
    /// Whether it is out of contact: that is not the same as having nothing to say.
    pub out_of_contact: bool,
}

/// What a unit could not accept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuarantineHealth {
    /// How many were ever put into quarantine.
    pub total: u64,
    /// How many of them nobody has dealt with.
    pub open: u64,
}

/// How a unit fares with its broker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BrokerHealth {
    /// Whether it can be talked to.
    pub connected: bool,
    /// How often it refused a subject since the start: anything but zero means that its permissions
    /// are wrong.
    pub violations: u64,
    /// How many messages came faster than they could be taken since the start, and were dropped.
    #[serde(default)]
    pub dropped: u64,
}

/// Something that somebody should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Trouble {
    /// What kind of thing.
    pub kind: TroubleKind,
    /// What it is, for the operator.
    pub text: String,
    /// How many there are of it.
    pub count: u64,
}

/// What an operator can be troubled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum TroubleKind {
    /// Something lies in quarantine and nobody has dealt with it.
    Quarantine,
    /// What this unit wrote has waited too long to be published.
    Undelivered,
    /// What a sender says it sent has not come.
    Missing,
    /// A sender is not heard.
    OutOfContact,
    /// The broker refuses what this unit may not do without.
    Permissions,
    /// The journal was restored and does not know yet how far it had come.
    Restored,
    /// A peer showed two histories.
    Inconsistent,
}

impl Health {
    /// How the unit of `journal` fares, whose peers speak every `interval`.
    ///
    /// # Errors
    /// [`ReadError`] when the journal is damaged.
    pub fn of(
        unit: &UnitId,
        journal: &Journal,
        outbox: &OutboxStatus,
        inbox: &InboxStatus,
        broker: BrokerHealth,
        interval: Duration,
        waits_for: &[String],
    ) -> Result<Self, ReadError> {
        let head = journal.head();
        let (total, open) = quarantine::counted(journal)?;
        let senders = inbox.lines.iter().map(|line| sender(line, interval));
        let mut health = Self {
            unit: unit.clone(),
            epoch: journal.epoch(),
            entries: head.entries,
            sequence: head.sequence,
            restored: journal.restored().map(|from| RestoredFrom {
                entries: from.entries,
                at: from.at,
                waits_for: waits_for.to_vec(),
            }),
            outbox: OutboxHealth {
                waiting: head.entries.saturating_sub(outbox.published),
                oldest_waits_seconds: outbox.oldest_waits.map(|waits| waits.as_secs()),
            },
            senders: senders.collect(),
            quarantine: QuarantineHealth { total, open },
            broker,
            busy: 0,
            two_histories: Vec::new(),
            troubles: Vec::new(),
        };
        health.troubles = health.troubles(interval);
        Ok(health)
    }

    /// The same, with the peers that showed two histories.
    pub fn with_histories(mut self, found: &[TwoHistories]) -> Self {
        self.two_histories = found.to_vec();
        self.troubles
            .extend(found.iter().map(Trouble::inconsistent));
        self
    }

    fn troubles(&self, interval: Duration) -> Vec<Trouble> {
        let too_long = (interval * WAITS_MAX).as_secs();
        let mut troubles = Vec::new();
        let mut note = |kind, count, text| troubles.push(Trouble { kind, text, count });
        if let Some(from) = &self.restored {
            let mut text = format!(
                "the journal was restored at {} from a backup of {} entries and does not know yet how far it had come",
                from.at, from.entries
            );
            if !from.waits_for.is_empty() {
                text += &format!("; it waits for {}", from.waits_for.join(", "));
            }
            note(TroubleKind::Restored, from.entries, text);
        }
        let open = self.quarantine.open;
        if open > 0 {
            let text = format!("{open} in quarantine that nobody has dealt with");
            note(TroubleKind::Quarantine, open, text);
        }
        let waits = self.outbox.oldest_waits_seconds;
        if let Some(seconds) = waits.filter(|seconds| *seconds > too_long) {
            let waiting = self.outbox.waiting;
            let text = format!("{waiting} entries are not published, the oldest for {seconds} s");
            note(TroubleKind::Undelivered, waiting, text);
        }
        for sender in &self.senders {
            let (unit, missing) = (&sender.unit, sender.missing);
            if let Some(seconds) = sender.missing_seconds.filter(|seconds| *seconds > too_long) {
                let text = format!("{missing} events from {unit} are missing for {seconds} s");
                note(TroubleKind::Missing, missing, text);
            }
            if sender.out_of_contact {
                let text = match sender.silent_seconds {
                    Some(seconds) => format!("{unit} is out of contact for {seconds} s"),
                    None => format!("{unit} was not heard since this unit started"),
                };
                note(TroubleKind::OutOfContact, 1, text);
            }
        }
        let violations = self.broker.violations;
        if violations > 0 {
            let text = format!("the broker refused {violations} subjects: correct its permissions");
            note(TroubleKind::Permissions, violations, text);
        }
        troubles
    }
}

impl Trouble {
    pub(crate) fn inconsistent(found: &TwoHistories) -> Self {
        Self {
            kind: TroubleKind::Inconsistent,
            text: found.text(),
            count: 1,
        }
    }
}

fn sender(line: &LineStatus, interval: Duration) -> SenderHealth {
    let patience = interval * MISSED_MAX;
    SenderHealth {
        unit: line.origin.clone(),
        received: line.received,
        known: line.known,
        missing: line.missing,
        missing_seconds: line.missing_for.map(|missing| missing.as_secs()),
        silent_seconds: line.heard_ago.map(|ago| ago.as_secs()),
        out_of_contact: line.heard_ago.is_none_or(|ago| ago > patience),
    }
}
