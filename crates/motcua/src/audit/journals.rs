//! The journals that an audit command was given.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::Args;
use dossier::ids::DossierCode;
use envelope::{Event, KeyFile, KeyRegister};
use journal::Journal;

/// Where journals lie. Their services must not be running; work on copies.
#[derive(Debug, Args)]
pub(super) struct Journals {
    /// Units' directories (each holds `journal`), or directories of such. Work on copies: a journal
    /// that a service holds open cannot be read beside it.
    #[arg(value_name = "DIR", required = true)]
    pub(super) dirs: Vec<PathBuf>,
}

/// One journal.
pub(super) struct Opened {
    /// The unit's directory.
    pub(super) dir: PathBuf,
    pub(super) journal: Journal,
}

impl Journals {
    /// Opens all of them, in order of unit.
    pub(super) fn open(&self) -> anyhow::Result<Vec<Opened>> {
        open(&self.dirs)
    }
}

/// The units' directories that are named, or lie in those that are named.
pub(super) fn units(dirs: &[PathBuf]) -> anyhow::Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    for dir in dirs {
        if is_unit(dir) {
            found.insert(real(dir)?);
            continue;
        }
        let below = fs::read_dir(dir).with_context(|| format!("reading {}", dir.display()))?;
        let mut units = Vec::new();
        for entry in below {
            let path = entry
                .with_context(|| format!("reading {}", dir.display()))?
                .path();
            if is_unit(&path) {
                units.push(real(&path)?);
            }
        }
        ensure!(
            !units.is_empty(),
            "there is no journal in {} or one level below it: name units' own directories",
            dir.display()
        );
        found.extend(units);
    }
    Ok(found)
}

/// Opens the journals of these directories, in order of unit.
pub(super) fn open(dirs: &[PathBuf]) -> anyhow::Result<Vec<Opened>> {
    let mut opened: Vec<Opened> = Vec::new();
    for dir in units(dirs)? {
        let journal = crate::journal::open(&dir)?;
        let same = opened.iter().find(|o| o.journal.unit() == journal.unit());
        if let Some(other) = same {
            anyhow::bail!(
                "{} and {} are both of unit {}: name one of them",
                other.dir.display(),
                dir.display(),
                journal.unit()
            );
        }
        opened.push(Opened { dir, journal });
    }
    opened.sort_by(|a, b| a.journal.unit().cmp(b.journal.unit()));
    Ok(opened)
}

fn is_unit(dir: &Path) -> bool {
    dir.join("journal").join("db").is_file()
}

fn real(dir: &Path) -> anyhow::Result<PathBuf> {
    dir.canonicalize()
        .with_context(|| format!("finding {}", dir.display()))
}

/// Every dossier that any of the journals speaks of. Says on standard error how far it is.
pub(super) fn dossiers(opened: &[Opened]) -> anyhow::Result<BTreeSet<DossierCode>> {
    let mut codes = BTreeSet::new();
    for Opened { journal, .. } in opened {
        for entry in journal.scan(0) {
            let entry = entry?;
            progress(journal.unit(), entry.index + 1);
            let event = Event::read(&entry.signed.bytes)
                .with_context(|| format!("reading entry {} of {}", entry.index, journal.unit()))?;
            if let Ok(code) = DossierCode::parse(&event.subject) {
                codes.insert(code);
            }
        }
    }
    Ok(codes)
}

/// Every 100,000 entries a line, so that a long walk is seen to go on.
pub(super) fn progress(what: &str, entries: u64) {
    if entries > 0 && entries.is_multiple_of(100_000) {
        eprintln!("{what}: {entries} entries …");
    }
}

/// The rows of a register of keys, and the register that they make.
pub(super) fn keys(path: &Path) -> anyhow::Result<(KeyFile, KeyRegister)> {
    let named = || format!("reading the register of keys {}", path.display());
    let bytes = fs::read(path).with_context(named)?;
    let register = KeyRegister::read(&bytes).with_context(named)?;
    Ok((
        serde_json::from_slice(&bytes).with_context(named)?,
        register,
    ))
}
