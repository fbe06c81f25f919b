//! The watch of a higher unit over the dossiers of the desks below it (NĐ 61/2018/NĐ-CP art.
//! 19.7): what is due, what is late, and the reminder that was sent.

use calendar::Moment;
use serde::{Deserialize, Serialize};

use crate::ids::{DossierCode, UnitId};

/// A unit was reminded of dossiers (NĐ 61/2018/NĐ-CP art. 19.7). Says nothing about their course: it is
/// about the watch. Written by the unit that each of them names as its overseer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reminded {
    /// The unit that is reminded.
    pub unit: UnitId,
    /// Of which dossiers.
    pub dossiers: Vec<Pressing>,
}

/// A dossier that presses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Pressing {
    /// Which.
    pub code: DossierCode,
    /// Its due date in force.
    pub due_at: Moment,
    /// Whether that has passed.
    pub overdue: bool,
}
