//! `motcua audit replay`: how a dossier, or everything, stood at a time.

use std::process::ExitCode;

use anyhow::Context;
use calendar::{Moment, parse_moment};
use clap::Args;
use dossier::ids::{DossierCode, UnitId};
use history::{Statement, fold};
use projector::answer::{GroupFigures, Summary};
use projector::directory::Directory;
use projector::figures;
use projector::query::{Dimension, SummaryQuery};
use projector::row::Row;
use projector::state::State;
use report::sheet::{Cell, Column};
use report::{RuleSet, Sheet};
use serde_json::{Value, json};

use super::cut::By;
use super::gathered::Gathered;
use super::journals::{self, Journals, Opened};
use crate::written::Writing;

/// How a dossier, or all figures, stood at a time.
#[derive(Debug, Args)]
pub(crate) struct Replay {
    #[command(flatten)]
    journals: Journals,
    /// When, RFC 3339, such as 2018-03-12T17:00:00+07:00.
    #[arg(long, value_parser = parse_moment)]
    at: Moment,
    /// Whether what was recorded, or what had happened by then counts.
    #[arg(long, value_enum, default_value_t = By::Recorded)]
    by: By,
    /// This dossier; all figures without it.
    #[arg(long, value_parser = DossierCode::parse)]
    dossier: Option<DossierCode>,
    #[command(flatten)]
    writing: Writing,
}

impl Replay {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        self.writing.check()?;
        let opened = self.journals.open()?;
        let as_of = format!("as of {}, {}", self.at.to_rfc3339(), self.by.words());
        match &self.dossier {
            Some(code) => {
                let statements = Gathered::from_journals(&opened, code)?.statements();
                anyhow::ensure!(
                    !statements.is_empty(),
                    "nothing is said about {code} there: name the directories of units that worked on it"
                );
                let row = row_at(code, &statements, self.at, self.by);
                self.writing
                    .write(&[stands(code, row.as_ref(), as_of)?], &row)?;
            }
            None => {
                let state = state_at(&opened, self.at, self.by)?;
                let summary = summary_at(&state, self.at);
                let digest = state.digest().context("writing the state as JSON")?;
                let sheet = figures_sheet(&summary, &state, as_of, &digest);
                let behind = json!({ "figures": summary, "digest": digest, "seen": state.seen() });
                self.writing.write(&[sheet], &behind)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Where a dossier stood; none while its desk had not been heard.
pub(super) fn row_at(
    code: &DossierCode,
    statements: &[Statement],
    at: Moment,
    by: By,
) -> Option<Row> {
    Row::of(&fold(code, by.until(statements, at)))
}

/// The state of everything that the journals speak of.
pub(super) fn state_at(opened: &[Opened], at: Moment, by: By) -> anyhow::Result<State> {
    let mut state = State::default();
    for code in journals::dossiers(opened)? {
        let statements = Gathered::from_journals(opened, &code)?.statements();
        let known: Vec<&Statement> = by.until(&statements, at).collect();
        if !known.is_empty() {
            state.place(&code, &fold(&code, known));
        }
    }
    Ok(state)
}

/// All figures of a state, by home unit.
pub(super) fn summary_at(state: &State, at: Moment) -> Summary {
    let query = SummaryQuery {
        group_by: vec![Dimension::Unit],
        ..SummaryQuery::default()
    };
    figures::summary(state, &Directory::default(), &query, at)
}

/// A row as names and values, in the order of the names.
pub(super) fn fields(row: Option<&Row>) -> anyhow::Result<Vec<(String, String)>> {
    let Value::Object(fields) = serde_json::to_value(row).context("writing a dossier's state")?
    else {
        return Ok(Vec::new());
    };
    let text = |value: Value| match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    };
    Ok(fields.into_iter().map(|(n, v)| (n, text(v))).collect())
}

fn stands(code: &DossierCode, row: Option<&Row>, as_of: String) -> anyhow::Result<Sheet> {
    let rows = fields(row)?
        .into_iter()
        .map(|(name, value)| vec![Cell::from(name), Cell::from(value)])
        .collect();
    let notes = match row {
        Some(_) => Vec::new(),
        None => vec!["nothing was known of it from its desk".to_owned()],
    };
    Ok(Sheet {
        title: format!("State of {code}"),
        subtitle: vec![as_of],
        columns: ["field", "value"].map(Column::named).to_vec(),
        rows,
        notes,
    })
}

fn figures_sheet(summary: &Summary, state: &State, as_of: String, digest: &str) -> Sheet {
    let columns = [
        "unit", "rules", "received", "declined", "early", "on time", "late", "no limit", "rate %",
        "open", "in time", "overdue", "paused",
    ];
    let total = GroupFigures {
        key: Default::default(),
        name: None,
        figures: summary.total.clone(),
    };
    let mut rows = Vec::new();
    for group in summary.groups.iter().chain([&total]) {
        let unit = group
            .key
            .get(&Dimension::Unit)
            .map_or("all", String::as_str);
        for under in &group.figures.rules {
            let rate = under.rate.map(|r| format!("{}.{:02}", r / 100, r % 100));
            rows.push(vec![
                Cell::from(unit),
                Cell::from(rules_name(under.rules)),
                Cell::from(group.figures.received.total),
                Cell::from(group.figures.declined),
                Cell::from(under.ended.early),
                Cell::from(under.ended.on_time),
                Cell::from(under.ended.late),
                Cell::from(under.ended.no_limit),
                Cell::from(rate),
                Cell::from(under.open.total),
                Cell::from(under.open.in_time),
                Cell::from(under.open.overdue),
                Cell::from(under.open.paused),
            ]);
        }
    }
    Sheet {
        title: "All figures".to_owned(),
        subtitle: vec![as_of],
        columns: columns.map(Column::named).to_vec(),
        rows,
        notes: vec![format!(
            "{} dossiers; digest of the state {digest}",
            state.rows().count()
        )],
    }
}

/// The name of a rule set on the wire.
fn rules_name(rules: RuleSet) -> String {
    let name = serde_json::to_value(rules);
    name.ok()
        .and_then(|name| name.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// Units in order, each once, for a line.
pub(super) fn listed<'a>(units: impl IntoIterator<Item = &'a UnitId>) -> String {
    let units: std::collections::BTreeSet<&str> = units.into_iter().map(UnitId::as_str).collect();
    units.into_iter().collect::<Vec<_>>().join(", ")
}
