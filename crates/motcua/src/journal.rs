//! `motcua journal`: what a unit's journal holds, whether all of it holds, and a copy for bad days.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::repair::Repair;
use crate::say;
use anyhow::Context;
use clap::{Args, Subcommand};
use data_encoding::HEXLOWER;
use dossier::ids::OfficerId;
use journal::{BackupReport, Journal, OpenError, Options};
use unit::identity;
use unit::stamp::Stamp;
use uuid::Uuid;

/// Look into a journal, back it up, restore or repair it. Its service must not be running.
#[derive(Debug, Args)]
pub(crate) struct JournalCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Walk every entry: numbering, indexes, hashes, and signatures where a register is given.
    Check {
        /// The unit's directory (the one that holds `journal`), or the file of a backup.
        #[arg(value_name = "DIR|FILE")]
        path: PathBuf,
        /// The register of public keys.
        #[arg(long)]
        keys: Option<PathBuf>,
    },
    /// List what was received and could not be accepted.
    Quarantine {
        /// The unit's directory.
        dir: PathBuf,
    },
    /// Write everything that a journal holds into one file, and read it back. The keys of personal
    /// data are not in it: back up `vault` and `unit.key` apart, where erasing a key reaches its copy.
    Backup {
        /// The unit's directory.
        dir: PathBuf,
        /// The file to be made; there must be none yet.
        file: PathBuf,
        /// The register of public keys, to verify every signature as well.
        #[arg(long)]
        keys: Option<PathBuf>,
    },
    /// Make a journal from a backup. It takes nothing in until it knows from its peers how far it
    /// had come.
    Restore {
        /// The file of the backup.
        file: PathBuf,
        /// The unit's directory, named after the unit; it must not hold a journal.
        dir: PathBuf,
        /// Who restores it: the officer's id.
        #[arg(long)]
        officer: String,
        /// Why; officer and reason stand in the event by which the unit tells the others.
        #[arg(long)]
        reason: String,
    },
    Repair(Repair),
}

impl JournalCommand {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self.what {
            What::Check { path, keys } if path.is_file() => check_backup(&path, keys.as_deref()),
            What::Check { path, keys } => check(&path, keys.as_deref()),
            What::Backup { dir, file, keys } => backup(&dir, &file, keys.as_deref()),
            What::Restore {
                file,
                dir,
                officer,
                reason,
            } => restore(&file, &dir, &officer, &reason),
            What::Repair(repair) => repair.run(),
            What::Quarantine { dir } => quarantine(&dir),
        }
    }
}

/// Opens the journal of a unit's own directory, if there is one.
pub(crate) fn open(dir: &Path) -> anyhow::Result<Journal> {
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

/// Checks a journal, and says what is wrong with it.
pub(crate) fn check(dir: &Path, keys: Option<&Path>) -> anyhow::Result<ExitCode> {
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
    if let Some(restored) = journal.restored() {
        say(format_args!(
            "{}: restored at {} by {} ({}) from a backup of {} entries, and takes nothing in until it \
             knows from its peers how far it had come",
            journal.unit(),
            restored.at,
            restored.by,
            restored.reason,
            restored.entries
        ))?;
    }
    Ok(if report.fault_count == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn backup(dir: &Path, file: &Path, keys: Option<&Path>) -> anyhow::Result<ExitCode> {
    let keys = keys.map(identity::read_register).transpose()?;
    let journal = open(dir).map_err(|error| {
        let running = matches!(error.downcast_ref(), Some(OpenError::InUse { .. }));
        if running {
            error.context("while a service runs only it can back its journal up")
        } else {
            error
        }
    })?;
    let report = journal.backup(file, keys.as_ref())?;
    say_backup(file, &report)?;
    Ok(ExitCode::SUCCESS)
}

fn check_backup(file: &Path, keys: Option<&Path>) -> anyhow::Result<ExitCode> {
    let keys = keys.map(identity::read_register).transpose()?;
    let report = journal::verify_backup(file, keys.as_ref())?;
    say_backup(file, &report)?;
    Ok(ExitCode::SUCCESS)
}

fn restore(file: &Path, dir: &Path, officer: &str, reason: &str) -> anyhow::Result<ExitCode> {
    // It will stand in an event, which is no place for what is no officer.
    OfficerId::parse(officer).context("--officer must be an officer's id")?;
    // Read once more by restoring; whose it is has to be known before anything is made.
    let unit = journal::verify_backup(file, None)?.unit;
    anyhow::ensure!(
        dir.file_name().is_some_and(|name| name == unit.as_str()),
        "the backup is of unit {unit}: name a directory of that name, not {}",
        dir.display()
    );
    let at = Stamp::machine().now().to_rfc3339();
    let into = dir.join("journal");
    let report = journal::restore(file, &into, &at, officer, reason)?;
    say_backup(file, &report)?;
    say(format_args!(
        "{}: restored; it takes nothing in until it knows from its peers how far it had come",
        into.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn say_backup(file: &Path, report: &BackupReport) -> anyhow::Result<()> {
    say(format_args!(
        "{}: unit {}, {} entries, last own sequence {} of epoch {}, {} notes, {} in quarantine",
        file.display(),
        report.unit,
        report.entries,
        report.sequence,
        report.epoch,
        report.notes,
        report.quarantined
    ))?;
    let signatures = if report.signatures {
        "signatures verified"
    } else {
        "signatures not looked at (no --keys)"
    };
    say(format_args!(
        "{}: sound, {} bytes, {signatures}, root {}, SHA-256 {}",
        file.display(),
        report.bytes,
        HEXLOWER.encode(&report.root),
        HEXLOWER.encode(&report.sha256)
    ))
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
