//! What a caller hears: an outcome, or a refusal that names the rule.

use calendar::Moment;
use dossier::case::Refusal;
use dossier::dossier::Dossier;
use dossier::ids::{DossierCode, OfficerId, StepKey, UnitId};
use dossier::status::Status;
use envelope::brief;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A command was followed, and survives a power cut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Answer {
    /// The dossier.
    pub dossier: DossierCode,
    /// National status code.
    pub status: Status,
    /// Its label in Vietnamese.
    pub status_label: String,
    /// The due date in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Moment>,
    /// The unit that answers.
    pub unit: UnitId,
    /// Its journal's epoch.
    pub epoch: Uuid,
    /// Its last own event: ask a projector for at least this position.
    pub sequence: u64,
    /// The events that the command led to at this unit.
    pub events: Vec<Uuid>,
    /// Whether it was recorded so late that the head is shown it (see the question `backdated`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub listed: bool,
}

/// A command about no dossier was followed, and survives a power cut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Noted {
    /// The unit that answers.
    pub unit: UnitId,
    /// Its journal's epoch.
    pub epoch: Uuid,
    /// Its last own event: ask a projector for at least this position.
    pub sequence: u64,
    /// The events that the command led to.
    pub events: Vec<Uuid>,
    /// Version of the calendar that holds at this unit from now on.
    pub calendar: String,
}

impl Answer {
    /// The answer about a dossier as it stands.
    pub fn about(
        dossier: &Dossier,
        unit: &UnitId,
        epoch: Uuid,
        sequence: u64,
        events: Vec<Uuid>,
    ) -> Self {
        let status = dossier.status();
        Self {
            dossier: dossier.code.clone(),
            status,
            status_label: status.label().to_owned(),
            due_at: dossier.promise.due_at,
            unit: unit.clone(),
            epoch,
            sequence,
            events,
            listed: false,
        }
    }
}

/// A command was not followed; nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Refused {
    /// Stable name of the reason.
    pub code: String,
    /// For the officer: in Vietnamese for rules, plain for malformed messages.
    pub message: String,
    /// The rule that forbids it.
    pub rule: String,
}

impl Refused {
    /// A message that could not be read.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self {
            code: "message.malformed".into(),
            message: brief(&message.into()),
            rule: "schemas/commands: every command has its JSON Schema".into(),
        }
    }

    /// The code for the header, as in HTTP: a message that is no command, one by somebody who may not
    /// give it, or one refused by rule.
    pub fn http_code(&self) -> u16 {
        match self.code.as_str() {
            "message.malformed" => 400,
            "officer.too_fast" => 429,
            code if code.starts_with("officer.") => 403,
            _ => 422,
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self {
            code: refusal.code.into(),
            message: refusal.message,
            rule: refusal.rule.into(),
        }
    }
}

/// An open step of a unit, as its worklist shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WorkItem {
    /// The dossier.
    pub dossier: DossierCode,
    /// The step.
    pub step: StepKey,
    /// The how-manieth time it was given out.
    pub turn: u32,
    /// The task in Vietnamese.
    pub task: String,
    /// The dossier's home unit.
    pub home: UnitId,
    /// When it was given.
    pub given_at: Moment,
    /// By when it has to be taken or declined: two working hours (NĐ 301/2026/NĐ-CP art. 5.4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_by: Option<Moment>,
    /// When it was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_at: Option<Moment>,
    /// When it is due by its own limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Moment>,
    /// The department that has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
}

/// A unit's open steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Worklist {
    /// The unit.
    pub unit: UnitId,
    /// Its open steps, by dossier and step.
    pub items: Vec<WorkItem>,
}

/// Something that was recorded later than even the paper register allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BackEntry {
    /// The dossier.
    pub dossier: DossierCode,
    /// First own event that was recorded, by its sequence.
    pub sequence: u64,
    /// When it is said to have happened.
    pub happened_at: Moment,
    /// When it was recorded.
    pub recorded_at: Moment,
    /// Who recorded it.
    pub officer: OfficerId,
}

/// What a unit recorded too late, for its head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Backdated {
    /// The unit.
    pub unit: UnitId,
    /// The entries, by dossier and sequence.
    pub items: Vec<BackEntry>,
    /// Whether there are more than could be answered at once.
    pub more: bool,
}
