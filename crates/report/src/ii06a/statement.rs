//! What a unit says when it closes a period: the numbers of the form, up to where each origin was
//! known, and the hash of the table with its dossiers. The dossiers themselves are found again by
//! telling the same events.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use dossier::ids::UnitId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Column, Memo, Query, Row, Table};

/// Up to where an origin was known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Heard {
    /// The origin.
    pub unit: UnitId,
    /// Its journal's epoch.
    pub epoch: Uuid,
    /// Its last own number that was known.
    pub sequence: u64,
}

/// The numbers of one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Stated {
    /// The row's key.
    pub key: String,
    /// What people read.
    pub label: String,
    /// Dossiers in each column; a column without dossiers is absent.
    pub columns: BTreeMap<Column, usize>,
    /// Dossiers in each memo column.
    pub memo: BTreeMap<Memo, usize>,
}

/// A closed table in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Statement {
    /// What the table was of.
    pub query: Query,
    /// The cut-off: what was known of each origin that the table rests on, in order.
    pub as_of: Vec<Heard>,
    /// The rows in order of key; the last one, with an empty key, is all together.
    pub rows: Vec<Stated>,
    /// SHA-256, hex, of the table as JSON with the dossiers of every cell.
    pub sha256: String,
}

impl Table {
    /// The table in short, as it is stated when its period is closed.
    ///
    /// # Errors
    /// None with the types as they stand; the writer of JSON has an error.
    pub fn stated(&self, mut as_of: Vec<Heard>) -> Result<Statement, serde_json::Error> {
        as_of.sort();
        let row = |key: &str, row: &Row| Stated {
            key: key.to_owned(),
            label: row.label.clone(),
            columns: row.columns.iter().map(|(c, d)| (*c, d.len())).collect(),
            memo: row.memo.iter().map(|(m, d)| (*m, d.len())).collect(),
        };
        let rows = self.rows.iter().map(|(key, of)| row(key, of));
        Ok(Statement {
            query: self.query.clone(),
            as_of,
            rows: rows.chain([row("", &self.total)]).collect(),
            sha256: HEXLOWER.encode(&Sha256::digest(serde_json::to_vec(self)?)),
        })
    }
}

impl Statement {
    /// Whether this is what the table says: the same numbers out of the same dossiers.
    #[must_use]
    pub fn is_of(&self, table: &Table) -> bool {
        table
            .stated(self.as_of.clone())
            .is_ok_and(|stated| stated == *self)
    }
}
