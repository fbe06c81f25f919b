//! `motcua audit diff`: what changed between two times, and by whom.

use std::collections::BTreeSet;
use std::process::ExitCode;

use anyhow::ensure;
use calendar::{Moment, parse_moment};
use clap::Args;
use dossier::ids::{DossierCode, UnitId};
use report::Sheet;
use report::sheet::{Cell, Column};
use serde::Serialize;
use uuid::Uuid;

use super::cut::By;
use super::gathered::{Gathered, Said};
use super::journals::{self, Journals, Opened};
use super::replay::{fields, listed, row_at};
use crate::written::Writing;

/// What changed between two times.
#[derive(Debug, Args)]
pub(crate) struct Diff {
    #[command(flatten)]
    journals: Journals,
    /// After this time, RFC 3339.
    #[arg(long, value_parser = parse_moment)]
    from: Moment,
    /// Up to and with this time, RFC 3339.
    #[arg(long, value_parser = parse_moment)]
    to: Moment,
    /// Whether what was recorded, or what had happened by then counts.
    #[arg(long, value_enum, default_value_t = By::Recorded)]
    by: By,
    /// Of this dossier; of all without it.
    #[arg(long, value_parser = DossierCode::parse)]
    dossier: Option<DossierCode>,
    #[command(flatten)]
    writing: Writing,
}

/// What changed of one dossier.
#[derive(Debug, Serialize)]
struct Changed {
    dossier: DossierCode,
    /// Fields of its state: name, before, after.
    fields: Vec<(String, String, String)>,
    /// What was said in between, in causal order.
    events: Vec<Happened>,
}

/// One of the events between the two times.
#[derive(Debug, Serialize)]
struct Happened {
    event: Uuid,
    kind: String,
    unit: UnitId,
    #[serde(skip_serializing_if = "Option::is_none")]
    officer: Option<String>,
    happened: Moment,
    recorded: Moment,
    says: String,
}

impl Diff {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        self.writing.check()?;
        ensure!(self.from <= self.to, "--from must not be later than --to");
        let opened = self.journals.open()?;
        let codes = match &self.dossier {
            Some(code) => BTreeSet::from([code.clone()]),
            None => journals::dossiers(&opened)?,
        };
        let mut changed = Vec::new();
        for code in codes {
            changed.extend(self.changed(&opened, code)?);
        }
        let sheets = match &self.dossier {
            Some(_) => changed
                .first()
                .map_or_else(|| vec![self.overview(&[])], |c| self.details(c)),
            None => vec![self.overview(&changed)],
        };
        self.writing.write(&sheets, &changed)?;
        Ok(ExitCode::SUCCESS)
    }

    fn changed(&self, opened: &[Opened], code: DossierCode) -> anyhow::Result<Option<Changed>> {
        let gathered = Gathered::from_journals(opened, &code)?;
        ensure!(
            !gathered.said.is_empty(),
            "nothing is said about {code} there: name the directories of units that worked on it"
        );
        let between = |said: &&Said| {
            let at = self.by.time(&said.statement);
            self.from < at && at <= self.to
        };
        let events: Vec<Happened> = gathered
            .in_causal_order()
            .into_iter()
            .filter(between)
            .map(Happened::of)
            .collect();
        if events.is_empty() {
            return Ok(None);
        }
        let statements = gathered.statements();
        let before = fields(row_at(&code, &statements, self.from, self.by).as_ref())?;
        let after = fields(row_at(&code, &statements, self.to, self.by).as_ref())?;
        Ok(Some(Changed {
            dossier: code,
            fields: differing(&before, &after),
            events,
        }))
    }

    fn between(&self) -> String {
        format!(
            "after {}, up to {}; {}",
            self.from.to_rfc3339(),
            self.to.to_rfc3339(),
            self.by.words()
        )
    }

    fn overview(&self, changed: &[Changed]) -> Sheet {
        let rows = changed.iter().map(|changed| {
            let status = changed.fields.iter().find(|(name, ..)| name == "status");
            let due = changed.fields.iter().find(|(name, ..)| name == "due_at");
            let cell = |field: Option<&(String, String, String)>| {
                Cell::from(field.map(|(_, before, after)| format!("{before} → {after}")))
            };
            vec![
                Cell::from(changed.dossier.as_str()),
                Cell::from(changed.events.len()),
                cell(status),
                cell(due),
                Cell::from(listed(changed.events.iter().map(|event| &event.unit))),
            ]
        });
        Sheet {
            title: "Changes".to_owned(),
            subtitle: vec![self.between()],
            columns: ["dossier", "events", "status", "due date", "by"]
                .map(Column::named)
                .to_vec(),
            rows: rows.collect(),
            notes: vec![format!("{} dossiers changed", changed.len())],
        }
    }

    fn details(&self, changed: &Changed) -> Vec<Sheet> {
        let fields = changed.fields.iter().map(|(name, before, after)| {
            vec![
                Cell::from(name.as_str()),
                Cell::from(before.as_str()),
                Cell::from(after.as_str()),
            ]
        });
        let events = changed.events.iter().map(|event| {
            vec![
                Cell::from(event.happened.to_rfc3339()),
                Cell::from(event.recorded.to_rfc3339()),
                Cell::from(event.unit.as_str()),
                Cell::from(event.officer.clone()),
                Cell::from(event.kind.as_str()),
                Cell::from(event.says.as_str()),
            ]
        });
        vec![
            Sheet {
                title: format!("Changes of {}", changed.dossier),
                subtitle: vec![self.between()],
                columns: ["field", "before", "after"].map(Column::named).to_vec(),
                rows: fields.collect(),
                notes: Vec::new(),
            },
            Sheet {
                title: "What was said in between".to_owned(),
                columns: ["happened", "recorded", "unit", "officer", "what", "says"]
                    .map(Column::named)
                    .to_vec(),
                rows: events.collect(),
                ..Sheet::default()
            },
        ]
    }
}

impl Happened {
    fn of(said: &Said) -> Self {
        Self {
            event: said.statement.id,
            kind: said.kind().to_owned(),
            unit: said.statement.unit.clone(),
            officer: said.officer(),
            happened: said.statement.at,
            recorded: said.statement.recorded,
            says: said.words(),
        }
    }
}

/// Fields that are not the same on both sides; one that is missing is empty.
fn differing(
    before: &[(String, String)],
    after: &[(String, String)],
) -> Vec<(String, String, String)> {
    let names: BTreeSet<&String> = before.iter().chain(after).map(|(name, _)| name).collect();
    let of = |side: &[(String, String)], name: &String| {
        let found = side.iter().find(|(known, _)| known == name);
        found.map_or_else(String::new, |(_, value)| value.clone())
    };
    names
        .into_iter()
        .map(|name| (name.clone(), of(before, name), of(after, name)))
        .filter(|(_, before, after)| before != after)
        .collect()
}
