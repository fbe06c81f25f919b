//! Facts that are about no single dossier: a day of the calendar declared by an authority, and a
//! reporting period that a unit closed.

use calendar::{Declaration, Moment};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ids::OfficerId;

/// Days of the calendar declared, swapped or revoked by the authority (Thủ tướng Chính phủ,
/// BLLĐ 2019 art. 112.3; the units hear it from the authority that their register names). Written
/// by that authority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CalendarDeclared {
    /// The how-manieth declaration of this authority, from 1: the calendar's version counts them.
    pub number: u32,
    /// The days with their basis.
    pub declaration: Declaration,
    /// The officer who entered it.
    pub officer: OfficerId,
}

/// A period of a report is closed: what it said then stays said (TT 01/2020/TT-VPCP, biểu
/// II.06a/VPCP/KSTT). Written by the reporting unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PeriodClosed {
    /// The form, `ii06a`.
    pub form: String,
    /// First moment of the period.
    pub from: Moment,
    /// The moment after its last one.
    pub to: Moment,
    /// The rule set.
    pub rules: String,
    /// Up to which moment of recording events were known.
    pub known_by: Moment,
    /// The rows of the form, as the form's own JSON.
    pub rows: serde_json::Value,
    /// The head who closed it.
    pub officer: OfficerId,
}

/// A closed period is told otherwise: events that had happened in it were recorded after it was
/// closed, or were corrected. The closed statement stays beside it. Written by the reporting unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PeriodRestated {
    /// The closed statement: the event's identity.
    pub closed: Uuid,
    /// Why, in Vietnamese.
    pub reason: String,
    /// Up to which moment of recording events are known now.
    pub known_by: Moment,
    /// The rows of the form.
    pub rows: serde_json::Value,
    /// The head who restated it.
    pub officer: OfficerId,
}
