//! What is asked about a period: the reports.

use calendar::Moment;
use chrono::NaiveDate;
use dossier::ids::{ProcedureCode, UnitId};
use report::ii06a::{self, Column};
use report::scope::{Grouping, Role, Scope};
use report::{Period, RuleSet};
use serde::{Deserialize, Serialize};

use super::{QueryError, invalid};

/// Which report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// II.06a/VPCP/KSTT (TT 01/2020/TT-VPCP).
    Ii06a,
    /// The register of dossiers (sổ theo dõi hồ sơ).
    Register,
    /// The progress indicators of QĐ 766/QĐ-TTg.
    Index766,
    /// Whose delay: working time by unit, citizen and what is not counted.
    Delay,
}

/// A report of a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReportQuery {
    /// Which.
    pub form: Form,
    /// First day of the period.
    pub from: NaiveDate,
    /// Its last day.
    pub until: NaiveDate,
    /// The meaning of "on time".
    #[serde(default = "in_force")]
    pub rules: RuleSet,
    /// Of this unit only.
    #[serde(default)]
    pub unit: Option<UnitId>,
    /// As what units are looked at.
    #[serde(default)]
    pub role: Role,
    /// Of this field only.
    #[serde(default)]
    pub field: Option<String>,
    /// Of this procedure only.
    #[serde(default)]
    pub procedure: Option<ProcedureCode>,
    /// By what the rows of form II.06a are made.
    #[serde(default)]
    pub group_by: Grouping,
    /// Only what had been recorded by then.
    #[serde(default)]
    pub known_by: Option<Moment>,
    /// The dossiers behind this column of form II.06a instead of the form.
    #[serde(default)]
    pub column: Option<Column>,
    /// In this row, by its key; in all rows together when not given.
    #[serde(default)]
    pub row: Option<String>,
    /// How many rows to skip: `next` of the answer before.
    #[serde(default)]
    pub skip: u32,
}

fn in_force() -> RuleSet {
    RuleSet::Ii06a
}

impl ReportQuery {
    /// The period.
    ///
    /// # Errors
    /// [`QueryError`] with status 400 where it ends before it begins.
    pub fn period(&self) -> Result<Period, QueryError> {
        Period::of_days(self.from, self.until).map_err(|error| invalid(error.to_string()))
    }

    /// Which dossiers.
    pub fn scope(&self) -> Scope {
        Scope {
            unit: self.unit.clone(),
            role: self.role,
            field: self.field.clone(),
            procedure: self.procedure.clone(),
        }
    }

    /// The question of form II.06a.
    pub fn table(&self, period: Period) -> ii06a::Query {
        ii06a::Query {
            period,
            rules: self.rules,
            scope: self.scope(),
            grouping: self.group_by,
        }
    }
}
