//! Where each dossier stands in the form.

use std::collections::{BTreeMap, BTreeSet};

use dossier::ids::DossierCode;
use dossier::intake::Channel;
use history::Tale;

use super::{Column, Memo, Query, Row, Table};
use crate::ended::{How, end_of};
use crate::names::Names;
use crate::ontime::{Ended, Judged, Open};
use crate::rates::Rates;
use crate::scope::Grouping;

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

/// Fills the form in. Tales are to be folded at the period's cut ([`crate::period::Period::cut`]); a dossier that is
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
