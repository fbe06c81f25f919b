//! Days declared after the register was published, often days ahead.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::workday::DayKind;

/// Days that an authority declares, swaps or revokes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Declaration {
    /// The days.
    pub days: Vec<DeclaredDay>,
    /// Number of the dispatch or decision.
    pub basis: String,
    /// When it was published.
    pub published_on: NaiveDate,
}

/// A declared day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeclaredDay {
    /// Which day.
    pub date: NaiveDate,
    /// What it is from now on.
    pub kind: DayKind,
    /// The occasion in Vietnamese; empty where the day becomes an ordinary one again.
    pub name: String,
    /// The day swapped with, or the holiday compensated for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pair: Option<NaiveDate>,
}
