//! Form II.06a/VPCP/KSTT (TT 01/2020/TT-VPCP): the state and results of resolving procedures in a period.
//!
//! Every cell is a set of dossiers; a number is the size of a set. Each dossier stands in exactly one
//! of the columns 4, 5, 6 and in exactly one of 8, 9, 10, 12, 13; the sums 3, 7, 11 are unions.
//! Refusals, withdrawals and stops are ends like others (a refusal has to come within the limit too,
//! NĐ 61/2018/NĐ-CP art. 19.8) and are shown once more beside the form ([`Memo`]).

mod check;
mod filled;
mod sheet;
mod statement;

use std::collections::{BTreeMap, BTreeSet};

use dossier::ids::DossierCode;
use dossier::intake::Channel;
use history::Tale;
use serde::{Deserialize, Serialize};

pub use check::{Broken, Change};
pub use filled::{Checked, Filled, FilledError, FilledRow};
pub use statement::{Heard, Stated, Statement};

use crate::ended::{How, end_of};
use crate::names::Names;
use crate::ontime::{Ended, Judged, Open, RuleSet};
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

/// A row while dossiers are put into it.
#[derive(Default)]
struct Draft {
    label: String,
    columns: BTreeMap<Column, BTreeSet<DossierCode>>,
    memo: BTreeMap<Memo, BTreeSet<DossierCode>>,
    rates: Rates,
}

impl Draft {
    fn put(&mut self, placed: &Placed) {
        for column in &placed.columns {
            let cell = self.columns.entry(*column).or_default();
            cell.insert(placed.code.clone());
        }
        for memo in &placed.memo {
            let cell = self.memo.entry(*memo).or_default();
            cell.insert(placed.code.clone());
        }
        if let Some((how, judged)) = placed.judged {
            self.rates.add(how, judged, !placed.no_limit());
        }
    }

    fn row(self) -> Row {
        let listed = |set: BTreeSet<DossierCode>| set.into_iter().collect();
        Row {
            label: self.label,
            columns: self
                .columns
                .into_iter()
                .map(|(c, s)| (c, listed(s)))
                .collect(),
            memo: self.memo.into_iter().map(|(m, s)| (m, listed(s))).collect(),
            rates: self.rates,
        }
    }
}

/// Where a dossier stands in the form.
struct Placed {
    code: DossierCode,
    columns: Vec<Column>,
    memo: Vec<Memo>,
    judged: Option<(Option<How>, Judged)>,
}

impl Placed {
    fn no_limit(&self) -> bool {
        self.memo
            .iter()
            .any(|memo| matches!(memo, Memo::NoLimitEnded | Memo::NoLimitOpen))
    }
}

/// Fills the form in. Tales are to be folded at the period's cut ([`Period::cut`]); a dossier that is
/// given twice is counted once if the tales agree.
pub fn table<'a>(tales: impl IntoIterator<Item = &'a Tale>, query: Query, names: &Names) -> Table {
    let mut rows: BTreeMap<String, Draft> = BTreeMap::new();
    let mut total = Draft::default();
    let mut seen = BTreeSet::new();
    for tale in tales {
        let Some((key, label, placed)) = place(tale, &query, names) else {
            continue;
        };
        if !seen.insert(placed.code.clone()) {
            continue;
        }
        let row = rows.entry(key).or_default();
        // Names of one key may differ between versions of the register: the last in order is shown.
        if row.label < label {
            row.label = label;
        }
        row.put(&placed);
        total.put(&placed);
    }
    "Tổng cộng".clone_into(&mut total.label);
    Table {
        query,
        rows: rows
            .into_iter()
            .map(|(key, row)| (key, row.row()))
            .collect(),
        total: total.row(),
    }
}

fn place(tale: &Tale, query: &Query, names: &Names) -> Option<(String, String, Placed)> {
    let dossier = tale.dossier.as_ref()?;
    let code = dossier.code.clone();
    let period = query.period;
    let Some((received_at, received)) = &dossier.intake.received else {
        return declined(tale, query, names);
    };
    if *received_at >= period.to() || !query.scope.holds(dossier, received) {
        return None;
    }
    let end = end_of(dossier).filter(|end| end.at < period.to());
    if end.is_some_and(|end| end.at < period.from()) {
        return None;
    }
    let judged = query.rules.judge(dossier, period.last())?;
    let mut columns = vec![Column::Received];
    columns.push(if *received_at < period.from() {
        Column::CarriedOver
    } else if received.channel == Channel::Online {
        Column::Online
    } else {
        Column::Direct
    });
    columns.extend(match judged {
        Judged::Ended(Ended::Early) => [Column::Resolved, Column::Early],
        Judged::Ended(Ended::OnTime | Ended::NoLimit) => [Column::Resolved, Column::OnTime],
        Judged::Ended(Ended::Late) => [Column::Resolved, Column::Late],
        Judged::Open(Open::InTime | Open::Paused) => [Column::Open, Column::InTime],
        Judged::Open(Open::Overdue) => [Column::Open, Column::Overdue],
    });
    let mut memo = Vec::new();
    match end.map(|end| end.how) {
        Some(How::Refused) => memo.push(Memo::Refused),
        Some(How::Withdrawn) => memo.push(Memo::Withdrawn),
        Some(How::Stopped) => memo.push(Memo::Stopped),
        Some(How::Resolved) | None => {}
    }
    match judged {
        Judged::Ended(Ended::NoLimit) => memo.push(Memo::NoLimitEnded),
        Judged::Open(Open::Paused) => memo.push(Memo::Paused),
        _ => {}
    }
    let promised = query.rules.due(dossier).is_some();
    if !promised && matches!(judged, Judged::Open(Open::InTime | Open::Paused)) {
        memo.push(Memo::NoLimitOpen);
    }
    if dossier.promise.apologies > 0 {
        memo.push(Memo::Apologised);
    }
    let (key, label) = query.grouping.row(&query.scope, dossier, received, names);
    let judged = Some((end.map(|end| end.how), judged));
    let placed = Placed {
        code,
        columns,
        memo,
        judged,
    };
    Some((key, label, placed))
}

/// A dossier that was declined at the desk in the period is named beside the form.
fn declined(tale: &Tale, query: &Query, names: &Names) -> Option<(String, String, Placed)> {
    let (dossier, declined) = (tale.dossier.as_ref()?, tale.declined.as_ref()?);
    let scope = &query.scope;
    let asked = query.period.contains(dossier.intake.declined_at?)
        && scope.unit.as_ref().is_none_or(|u| *u == dossier.home)
        && scope.field.as_ref().is_none_or(|f| *f == declined.field)
        && scope
            .procedure
            .as_ref()
            .is_none_or(|p| *p == declined.procedure);
    if !asked {
        return None;
    }
    let (key, label) = match query.grouping {
        Grouping::Field => (declined.field.clone(), declined.field.clone()),
        Grouping::Procedure => (
            declined.procedure.to_string(),
            declined.procedure.to_string(),
        ),
        Grouping::Unit => (dossier.home.to_string(), names.of(&dossier.home)),
    };
    let placed = Placed {
        code: dossier.code.clone(),
        columns: Vec::new(),
        memo: vec![Memo::Declined],
        judged: None,
    };
    Some((key, label, placed))
}
