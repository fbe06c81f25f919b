//! `motcua journal`: what a unit's journal holds, and whether all of it holds.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::say;
use anyhow::Context;
use clap::{Args, Subcommand};
use journal::{Journal, Options};
use unit::identity;
use uuid::Uuid;

/// Look into a journal. Its service must not be running.
#[derive(Debug, Args)]
pub(crate) struct JournalCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Walk every entry: numbering, indexes, hashes, and signatures where a register is given.
    Check {
        /// The unit's directory (the one that holds `journal`).
        dir: PathBuf,
        /// The register of public keys.
        #[arg(long)]
        keys: Option<PathBuf>,
    },
    /// List what was received and could not be accepted.
    Quarantine {
        /// The unit's directory.
        dir: PathBuf,
    },
}

impl JournalCommand {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self.what {
            What::Check { dir, keys } => check(&dir, keys.as_deref()),
            What::Quarantine { dir } => quarantine(&dir),
        }
    }
}

fn open(dir: &Path) -> anyhow::Result<Journal> {
    let journal = dir.join("journal");
    // Opening would begin a journal where there is none; looking must leave things as they are.
    anyhow::ensure!(
        journal.join("db").is_file(),
        "there is no journal in {}: name the unit's own directory",
        journal.display()
    );
    let dir = dir
        .canonicalize()
        .with_context(|| format!("finding {}", dir.display()))?;
    let unit = dir
        .file_name()
        .and_then(|name| name.to_str())
        .context("the directory must be named after its unit")?;
    Ok(Journal::open(&journal, Options::new(unit, Uuid::nil()))?)
}

fn check(dir: &Path, keys: Option<&Path>) -> anyhow::Result<ExitCode> {
    let journal = open(dir)?;
    let keys = keys.map(identity::read_register).transpose()?;
    let report = journal.verify(keys.as_ref(), &mut |entries| {
        if entries % 100_000 == 0 {
            eprintln!("{entries} entries …");
        }
    })?;
    for fault in &report.faults {
        match fault.index {
            Some(index) => say(format_args!("entry {index}: {}", fault.what))?,
            None => say(format_args!("index: {}", fault.what))?,
        }
    }
    let signatures = if keys.is_some() {
        "signatures verified"
    } else {
        "signatures not looked at (no --keys)"
    };
    say(format_args!(
        "{}: {} entries, last own sequence {}, {} faults, {signatures}",
        journal.unit(),
        report.entries,
        journal.last_sequence(),
        report.fault_count
    ))?;
    Ok(if report.fault_count == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn quarantine(dir: &Path) -> anyhow::Result<ExitCode> {
    let journal = open(dir)?;
    let kept = journal.quarantined()?;
    for row in &kept {
        say(format_args!(
            "{}  {}  from {}  {} bytes: {}",
            row.number, row.at, row.from, row.length, row.reason
        ))?;
    }
    say(format_args!(
        "{}: {} in quarantine",
        journal.unit(),
        kept.len()
    ))?;
    Ok(ExitCode::SUCCESS)
}
