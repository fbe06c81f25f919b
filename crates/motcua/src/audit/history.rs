//! `motcua audit history`: one dossier across all units.

use std::path::PathBuf;
use std::process::ExitCode;

use calendar::Moment;
use chrono::TimeDelta;
use clap::Args;
use dossier::ids::DossierCode;
use envelope::KeyRegister;
use report::Sheet;
use report::sheet::{Cell, Column};
use serde::Serialize;
use uuid::Uuid;

use super::ended;
use super::gathered::{Gathered, Said};
use super::journals::{self, Opened};
use crate::written::Writing;

/// One dossier across all units, in causal order.
#[derive(Debug, Args)]
pub(crate) struct History {
    /// The dossier's code.
    dossier: String,
    /// Units' directories or directories of such; without any, the projector is asked over the broker.
    #[arg(value_name = "DIR")]
    dirs: Vec<PathBuf>,
    /// The register of public keys, to check every signature.
    #[arg(long)]
    keys: Option<PathBuf>,
    #[command(flatten)]
    writing: Writing,
    /// The broker.
    #[arg(long, env = "MOTCUA_NATS", default_value = "nats://127.0.0.1:4222")]
    nats: String,
}

/// One event as it is told.
#[derive(Debug, Serialize)]
struct Told {
    event: Uuid,
    kind: String,
    unit: String,
    epoch: Uuid,
    sequence: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    officer: Option<String>,
    happened: Moment,
    recorded: Moment,
    /// Seconds from happening to recording; negative when it was recorded as of a later time.
    gap_seconds: i64,
    says: String,
    /// Entries that hold it: unit and index.
    held: Vec<(String, u64)>,
    /// What is wrong with its signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
}

impl History {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        self.writing.check()?;
        let keys = self.keys.as_deref().map(journals::keys).transpose()?;
        let register = keys.as_ref().map(|(_, register)| register);
        let (opened, gathered) = if self.dirs.is_empty() {
            (
                Vec::new(),
                Gathered::from_projector(&self.nats, &self.dossier)?,
            )
        } else {
            let opened = journals::open(&self.dirs)?;
            let code = DossierCode::parse(&self.dossier)?;
            let gathered = Gathered::from_journals(&opened, &code)?;
            (opened, gathered)
        };
        anyhow::ensure!(
            !gathered.said.is_empty(),
            "nothing is said about {} there: name the directories of the units that worked on it",
            self.dossier
        );
        let told: Vec<Told> = gathered
            .in_causal_order()
            .into_iter()
            .map(|said| tell(said, &opened, register))
            .collect();
        let sheet = sheet(&gathered, &told, register.is_some());
        self.writing.write(&[sheet], &told)?;
        let sound = gathered.contradictions.is_empty() && told.iter().all(|t| t.fault.is_none());
        Ok(ended(sound))
    }
}

fn tell(said: &Said, opened: &[Opened], keys: Option<&KeyRegister>) -> Told {
    let statement = &said.statement;
    let fault = keys.and_then(|keys| keys.verify(&said.signed).err());
    let unit = |number: usize| opened.get(number).map(|o| o.journal.unit().to_owned());
    let held = said.held.iter();
    Told {
        event: statement.id,
        kind: said.kind().to_owned(),
        unit: statement.unit.to_string(),
        epoch: statement.epoch,
        sequence: statement.sequence,
        officer: said.officer(),
        happened: statement.at,
        recorded: statement.recorded,
        gap_seconds: (statement.recorded - statement.at).num_seconds(),
        says: said.words(),
        held: held
            .filter_map(|(number, index)| Some((unit(*number)?, *index)))
            .collect(),
        fault: fault.map(|error| error.to_string()),
    }
}

fn sheet(gathered: &Gathered, told: &[Told], verified: bool) -> Sheet {
    let columns = [
        "happened",
        "recorded",
        "gap",
        "unit",
        "number",
        "officer",
        "what",
        "says",
        "held as entry",
    ];
    let mut rows = Vec::with_capacity(told.len());
    for told in told {
        let held: Vec<String> = told
            .held
            .iter()
            .map(|(unit, index)| format!("{unit} #{index}"))
            .collect();
        rows.push(vec![
            Cell::from(told.happened.to_rfc3339()),
            Cell::from(told.recorded.to_rfc3339()),
            Cell::from(lasting(TimeDelta::seconds(told.gap_seconds))),
            Cell::from(told.unit.as_str()),
            Cell::from(i64::try_from(told.sequence).unwrap_or(i64::MAX)),
            Cell::from(told.officer.clone()),
            Cell::from(told.kind.as_str()),
            Cell::from(told.says.as_str()),
            Cell::from(held.join(", ")),
        ]);
    }
    let tale = history::fold(&gathered.code, &gathered.statements());
    let mut notes: Vec<String> = told
        .iter()
        .filter_map(|t| Some(format!("event {}: {}", t.event, t.fault.as_ref()?)))
        .collect();
    notes.extend(gathered.contradictions.iter().cloned());
    let contested = tale.dossier.as_ref().map_or(0, |dossier| dossier.contested);
    if contested > 0 {
        notes.push(format!(
            "{contested} statements by units that had no right to them"
        ));
    }
    if tale.unknown + tale.unreadable > 0 {
        let unread = tale.unknown + tale.unreadable;
        notes.push(format!("{unread} statements that this version cannot read"));
    }
    let widest = told.iter().max_by_key(|told| told.gap_seconds);
    if let Some(widest) = widest.filter(|widest| widest.gap_seconds > 0) {
        let gap = lasting(TimeDelta::seconds(widest.gap_seconds));
        notes.push(format!(
            "recorded latest: {} of {}, after {gap}",
            widest.kind, widest.unit
        ));
    }
    notes.push(
        if verified {
            "signatures verified"
        } else {
            "signatures not looked at (no --keys)"
        }
        .to_owned(),
    );
    Sheet {
        title: format!("History of {}", gathered.code),
        subtitle: vec![format!("{} events in causal order", told.len())],
        columns: columns.map(Column::named).to_vec(),
        rows,
        notes,
    }
}

/// A length of time: `2 d 03:04:05`; nothing for less than a second.
pub(super) fn lasting(length: TimeDelta) -> String {
    let seconds = length.num_seconds();
    if seconds == 0 {
        return String::new();
    }
    let sign = if seconds < 0 { "-" } else { "" };
    let all = seconds.unsigned_abs();
    let (days, rest) = (all / 86_400, all % 86_400);
    let clock = format!("{:02}:{:02}:{:02}", rest / 3_600, rest / 60 % 60, rest % 60);
    match days {
        0 => format!("{sign}{clock}"),
        days => format!("{sign}{days} d {clock}"),
    }
}
