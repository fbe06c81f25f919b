//! Actions: what somebody does at a unit, in the form that goes over the wire.

use calendar::Moment;
use dossier::ids::{DossierCode, OfficerId, UnitId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One command to one unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Action {
    /// The same in every run with the same seed.
    pub id: Uuid,
    /// Number of the plan that it belongs to.
    pub number: usize,
    /// The unit that is asked.
    pub unit: UnitId,
    /// Name of the command, such as `receive`.
    pub command: String,
    /// Who acts.
    pub officer: OfficerId,
    /// When, in simulated time.
    pub at: Moment,
    /// Which dossier; none for a new one.
    pub dossier: Option<DossierCode>,
    /// The command's own fields.
    pub data: serde_json::Value,
}

impl Action {
    /// The message: what every command carries, and its data.
    pub fn message(&self) -> serde_json::Value {
        let mut message = serde_json::json!({
            "id": self.id,
            "officer": self.officer,
            "at": self.at,
            "data": self.data,
        });
        if let (Some(dossier), Some(fields)) = (&self.dossier, message.as_object_mut()) {
            fields.insert(
                "dossier".to_owned(),
                serde_json::Value::from(dossier.as_str()),
            );
        }
        message
    }
}

/// What the unit answered to an action that opened a dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The code that was issued.
    pub dossier: DossierCode,
    /// The promised moment, if there is one.
    pub due_at: Option<Moment>,
}
