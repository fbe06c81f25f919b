//! The identities of the form, held as sets of dossiers; and what changed since a table was closed.

use std::collections::BTreeSet;
use std::fmt;

use dossier::ids::DossierCode;
use serde::{Deserialize, Serialize};

use super::{Column, Row, Table};

/// An identity of the form that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// The row's label.
    pub row: String,
    /// The identity, e.g. `3 = 4 + 5 + 6`.
    pub identity: &'static str,
    /// The dossiers that are on one side only, or on one side twice.
    pub dossiers: Vec<DossierCode>,
}

/// A cell that is told otherwise than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Change {
    /// The row's label.
    pub row: String,
    /// The column.
    pub column: Column,
    /// Dossiers that stand there no more.
    pub gone: Vec<DossierCode>,
    /// Dossiers that stand there now.
    pub come: Vec<DossierCode>,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let codes: Vec<&str> = self.dossiers.iter().map(DossierCode::as_str).collect();
        write!(
            f,
            "{}: {} không đúng với {}",
            self.row,
            self.identity,
            codes.join(", ")
        )
    }
}

/// The identities printed on the form: a sum and its parts. Of 3 = 7 + 11 both sides are the same
/// dossiers, counted in and counted out.
pub(super) const IDENTITIES: [(&str, Column, &[Column]); 4] = [
    (
        "3 = 4 + 5 + 6",
        Column::Received,
        &[Column::Online, Column::Direct, Column::CarriedOver],
    ),
    (
        "3 = 7 + 11",
        Column::Received,
        &[Column::Resolved, Column::Open],
    ),
    (
        "7 = 8 + 9 + 10",
        Column::Resolved,
        &[Column::Early, Column::OnTime, Column::Late],
    ),
    (
        "11 = 12 + 13",
        Column::Open,
        &[Column::InTime, Column::Overdue],
    ),
];

/// What ties a period to the one before.
pub(super) const CONTINUITY: &str = "6 = 11 của kỳ trước";

impl Table {
    /// The identities that do not hold in some row: 3 = 4 + 5 + 6 = 7 + 11, 7 = 8 + 9 + 10,
    /// 11 = 12 + 13, and the total being all rows together. A table made here has none; one that was
    /// read from elsewhere may.
    #[must_use]
    pub fn check(&self) -> Vec<Broken> {
        let mut broken = Vec::new();
        for row in self.rows.values().chain([&self.total]) {
            for (identity, sum, parts) in IDENTITIES {
                let (sum, parts) = (listed([row], &[sum]), listed([row], parts));
                broken.extend(compared(&row.label, identity, &sum, &parts));
            }
        }
        for column in Column::ALL {
            let all = listed(self.rows.values(), &[column]);
            let total = listed([&self.total], &[column]);
            broken.extend(compared(&self.total.label, "tổng = các dòng", &total, &all));
        }
        broken
    }

    /// Where column 6 is not column 11 of the period before, row by row. Both tables have to be of
    /// the same scope, grouping and state of knowledge.
    #[must_use]
    pub fn continues(&self, before: &Self) -> Vec<Broken> {
        let none = Row::default();
        let keys: BTreeSet<&String> = self.rows.keys().chain(before.rows.keys()).collect();
        let pairs = keys.into_iter().map(|key| {
            let (now, then) = (self.rows.get(key), before.rows.get(key));
            (now.unwrap_or(&none), then.unwrap_or(&none), key.as_str())
        });
        let total = (&self.total, &before.total, self.total.label.as_str());
        pairs
            .chain([total])
            .filter_map(|(now, then, label)| {
                let carried = listed([now], &[Column::CarriedOver]);
                let left = listed([then], &[Column::Open]);
                compared(label, CONTINUITY, &carried, &left)
            })
            .collect()
    }

    /// What a later table of the same question tells otherwise: the substance of a restatement.
    #[must_use]
    pub fn changes(&self, later: &Self) -> Vec<Change> {
        let none = Row::default();
        let keys: BTreeSet<&String> = self.rows.keys().chain(later.rows.keys()).collect();
        let mut changes = Vec::new();
        for key in keys {
            let was = self.rows.get(key).unwrap_or(&none);
            let is = later.rows.get(key).unwrap_or(&none);
            for column in Column::ALL {
                let (old, new) = (set(was.cell(column)), set(is.cell(column)));
                if old != new {
                    changes.push(Change {
                        row: key.clone(),
                        column,
                        gone: old.difference(&new).map(|code| (*code).clone()).collect(),
                        come: new.difference(&old).map(|code| (*code).clone()).collect(),
                    });
                }
            }
        }
        changes
    }
}

fn set(cell: &[DossierCode]) -> BTreeSet<&DossierCode> {
    cell.iter().collect()
}

/// The dossiers of some columns with their repetitions, in order.
fn listed<'a>(rows: impl IntoIterator<Item = &'a Row>, columns: &[Column]) -> Vec<&'a DossierCode> {
    let mut codes: Vec<&DossierCode> = rows
        .into_iter()
        .flat_map(|row| columns.iter().flat_map(|column| row.cell(*column)))
        .collect();
    codes.sort();
    codes
}

fn compared(
    row: &str,
    identity: &'static str,
    one: &[&DossierCode],
    other: &[&DossierCode],
) -> Option<Broken> {
    if one == other {
        return None;
    }
    let times = |list: &[&DossierCode], code: &DossierCode| {
        list.iter().filter(|other| **other == code).count()
    };
    let all: BTreeSet<&DossierCode> = one.iter().chain(other).copied().collect();
    let dossiers = all
        .into_iter()
        .filter(|code| times(one, code) != times(other, code))
        .cloned()
        .collect();
    Some(Broken {
        row: row.to_owned(),
        identity,
        dossiers,
    })
}
