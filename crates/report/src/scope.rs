//! Which dossiers a report is about, and by what it groups them.

use std::fmt;

use dossier::dossier::Dossier;
use dossier::ids::{ProcedureCode, UnitId};
use dossier::intake::Received;
use serde::{Deserialize, Serialize};

use crate::names::Names;

/// As what a unit stands in a report. The two differ where a dossier was received for another
/// agency, and neither is derived from the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The desk that took it in (nơi tiếp nhận).
    #[default]
    Home,
    /// The unit that may decide (cơ quan có thẩm quyền giải quyết); form II.06a is filled in by it.
    Competent,
}

/// Which dossiers; everything that is none asks for all.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Scope {
    /// Of one unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitId>,
    /// As what units are looked at, also when dossiers are grouped by unit.
    #[serde(default)]
    pub role: Role,
    /// Of one field (lĩnh vực).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Of one procedure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub procedure: Option<ProcedureCode>,
}

/// By what rows are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Grouping {
    /// By field (lĩnh vực).
    #[default]
    Field,
    /// By procedure.
    Procedure,
    /// By unit, as the scope's role looks at them.
    Unit,
}

impl Role {
    /// The unit that stands in this role.
    #[must_use]
    pub fn unit<'a>(self, dossier: &'a Dossier, received: &'a Received) -> &'a UnitId {
        match self {
            Self::Home => &dossier.home,
            Self::Competent => &received.competent,
        }
    }
}

impl Scope {
    /// Whether the dossier belongs to it. Field and procedure are those pinned at reception: a later
    /// move to another version does not carry a dossier into another row.
    #[must_use]
    pub fn holds(&self, dossier: &Dossier, received: &Received) -> bool {
        self.unit
            .as_ref()
            .is_none_or(|unit| unit == self.role.unit(dossier, received))
            && self
                .field
                .as_ref()
                .is_none_or(|field| *field == received.procedure.field)
            && self
                .procedure
                .as_ref()
                .is_none_or(|code| *code == received.procedure.code)
    }

    /// What the report says about its extent, in Vietnamese.
    #[must_use]
    pub fn written(&self, names: &Names) -> String {
        let mut parts = Vec::new();
        if let Some(unit) = &self.unit {
            let role = match self.role {
                Role::Home => "Nơi tiếp nhận",
                Role::Competent => "Cơ quan giải quyết",
            };
            parts.push(format!("{role}: {}", names.of(unit)));
        }
        if let Some(field) = &self.field {
            parts.push(format!("Lĩnh vực: {field}"));
        }
        if let Some(code) = &self.procedure {
            parts.push(format!("Thủ tục: {code}"));
        }
        if parts.is_empty() {
            return "Toàn bộ đơn vị, lĩnh vực và thủ tục".to_owned();
        }
        parts.join("; ")
    }
}

impl Grouping {
    /// The row of a dossier: a key that sorts, and what people read.
    #[must_use]
    pub fn row(
        self,
        scope: &Scope,
        dossier: &Dossier,
        received: &Received,
        names: &Names,
    ) -> (String, String) {
        let procedure = &received.procedure;
        match self {
            Self::Field => (procedure.field.clone(), procedure.field.clone()),
            Self::Procedure => (
                procedure.code.to_string(),
                format!("{} ({})", procedure.name, procedure.code),
            ),
            Self::Unit => {
                let unit = scope.role.unit(dossier, received);
                (unit.to_string(), names.of(unit))
            }
        }
    }
}

impl fmt::Display for Grouping {
    /// The head of the column, in Vietnamese.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Field => "Lĩnh vực",
            Self::Procedure => "Thủ tục hành chính",
            Self::Unit => "Đơn vị",
        })
    }
}
