//! Form II.06a/VPCP/KSTT (TT 01/2020/TT-VPCP): the state and results of resolving procedures in a period.
//!
//! Every cell is a set of dossiers; a number is the size of a set. Each dossier stands in exactly one
//! of the columns 4, 5, 6 and in exactly one of 8, 9, 10, 12, 13; the sums 3, 7, 11 are unions.
//! Refusals, withdrawals and stops are ends like others (a refusal has to come within the limit too,
//! NĐ 61/2018/NĐ-CP art. 19.8) and are shown once more beside the form ([`Memo`]).

mod beside;
mod check;
mod denominators;
mod filled;
mod placing;
mod sheet;
mod statement;

use std::collections::BTreeMap;

use dossier::ids::DossierCode;
use serde::{Deserialize, Serialize};

pub use beside::beside;
pub use check::{Broken, Change};
pub use filled::{Checked, Filled, FilledError, FilledRow};
pub use placing::table;
pub use statement::{Heard, Stated, Statement};

use crate::ontime::RuleSet;
use crate::period::Period;
use crate::rates::Rates;
use crate::scope::{Grouping, Scope};

/// A column of the form, by its printed number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// 3: received, in all (3 = 4 + 5 + 6).
    Received,
    /// 4: received in the period online.
    Online,
    /// 5: received in the period over the counter or by public post.
    Direct,
    /// 6: carried over from the period before (6 = 11 of the period before).
    CarriedOver,
    /// 7: resolved, in all (7 = 8 + 9 + 10).
    Resolved,
    /// 8: before the date.
    Early,
    /// 9: on the date; also those for which the law states no limit, named in [`Memo::NoLimitEnded`]
    /// and left out of every rate: no promise was made, so none was kept early.
    OnTime,
    /// 10: after the date.
    Late,
    /// 11: being resolved, in all (11 = 12 + 13; 3 = 7 + 11).
    Open,
    /// 12: in time, also where the clock stands still.
    InTime,
    /// 13: overdue.
    Overdue,
}

/// What stands beside the form: parts of its columns ("trong đó"), and what is not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Memo {
    /// Of 7: resolution refused.
    Refused,
    /// Of 7: withdrawn by the citizen.
    Withdrawn,
    /// Of 7: stopped.
    Stopped,
    /// Of 9: the law states no limit.
    NoLimitEnded,
    /// Of 12: the clock stands still.
    Paused,
    /// Of 12: the law states no limit.
    NoLimitOpen,
    /// Of 7 and 11: a later date was given with an apology.
    Apologised,
    /// Not in the form: declined at the desk in the period, so never received.
    Declined,
}

/// What a table is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Query {
    /// The period.
    pub period: Period,
    /// The meaning of "on time".
    pub rules: RuleSet,
    /// Which dossiers.
    pub scope: Scope,
    /// By what rows are made.
    pub grouping: Grouping,
}

/// One row: its dossiers by column.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Row {
    /// What people read.
    pub label: String,
    /// Dossiers of each column, in order of code; a column without dossiers is absent.
    pub columns: BTreeMap<Column, Vec<DossierCode>>,
    /// Dossiers of each memo column.
    pub memo: BTreeMap<Memo, Vec<DossierCode>>,
    /// The three rates, and the ends that stand apart from them.
    pub rates: Rates,
}

/// The form, filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Table {
    /// What it is of.
    pub query: Query,
    /// Rows by their key.
    pub rows: BTreeMap<String, Row>,
    /// All rows together.
    pub total: Row,
}

impl Column {
    /// Every column in the order of the form.
    pub const ALL: [Self; 11] = [
        Self::Received,
        Self::Online,
        Self::Direct,
        Self::CarriedOver,
        Self::Resolved,
        Self::Early,
        Self::OnTime,
        Self::Late,
        Self::Open,
        Self::InTime,
        Self::Overdue,
    ];

    /// The printed number.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Received => 3,
            Self::Online => 4,
            Self::Direct => 5,
            Self::CarriedOver => 6,
            Self::Resolved => 7,
            Self::Early => 8,
            Self::OnTime => 9,
            Self::Late => 10,
            Self::Open => 11,
            Self::InTime => 12,
            Self::Overdue => 13,
        }
    }
}

impl Memo {
    /// Every memo column.
    pub const ALL: [Self; 8] = [
        Self::Refused,
        Self::Withdrawn,
        Self::Stopped,
        Self::NoLimitEnded,
        Self::Paused,
        Self::NoLimitOpen,
        Self::Apologised,
        Self::Declined,
    ];
}

impl Row {
    /// The dossiers of a cell, in order of code.
    #[must_use]
    pub fn cell(&self, column: Column) -> &[DossierCode] {
        self.columns.get(&column).map_or(&[], Vec::as_slice)
    }

    /// The dossiers of a memo cell, in order of code.
    #[must_use]
    pub fn memo(&self, memo: Memo) -> &[DossierCode] {
        self.memo.get(&memo).map_or(&[], Vec::as_slice)
    }
}
