//! Alerts between the units of an interconnected group (NĐ 63/2024/NĐ-CP as amended by
//! NĐ 301/2026/NĐ-CP art. 5.4): a result sent late, a step not acknowledged, data that does not
//! match. Raised and settled by the home, to be repaired on the same day.

use std::collections::BTreeMap;

use calendar::Moment;
use serde::{Deserialize, Serialize};

use crate::ids::StepKey;

/// What is wrong between two units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// The result of a completed step was sent later than 10 minutes after its completion.
    SentLate,
    /// A step was not acknowledged within 2 working hours.
    NotAcknowledged,
    /// What was sent does not match what is known elsewhere.
    DataMismatch,
}

/// An alert to the parties. Written by the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Raised {
    /// What is wrong.
    pub alert: AlertKind,
    /// At which step.
    pub step: StepKey,
    /// In which turn of it.
    pub turn: u32,
    /// What was seen, in Vietnamese.
    pub reason: String,
    /// By when it has to be repaired: the end of the same working day.
    pub repair_by: Moment,
    /// Legal basis.
    pub basis: String,
}

/// An alert is over. Written by the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Settled {
    /// What was wrong.
    pub alert: AlertKind,
    /// At which step.
    pub step: StepKey,
    /// In which turn of it.
    pub turn: u32,
    /// What was done, in Vietnamese.
    pub repair: String,
    /// Whether it was repaired later than the same working day.
    pub late: bool,
}

/// One alert's course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// When it was raised.
    pub raised_at: Moment,
    /// By when it has to be repaired.
    pub repair_by: Moment,
    /// When it was settled.
    pub settled_at: Option<Moment>,
}

/// State of the alerts.
pub type Alerts = BTreeMap<(StepKey, u32, AlertKind), Alert>;
