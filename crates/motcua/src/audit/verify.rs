//! `motcua audit verify`: a bundle, an exported journal or a unit's directory, without any service.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use auditor::bundle::BUNDLE_BYTES_MAX;
use auditor::{Bundle, Report, export, table};
use clap::Args;
use envelope::KeyFile;

use super::journals::{self, progress};
use super::{directory, ended};
use crate::say;

/// How the name of a bundle's format begins.
const BUNDLE: &[u8] = b"\"motcua-bundle/";

/// Check a bundle, an exported journal or a unit's directory.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// A bundle, an export (JSON Lines or Parquet), a unit's directory (the one that holds `journal`), or a
    /// directory of such.
    #[arg(value_name = "FILE|DIR")]
    path: PathBuf,
    /// The register of public keys that you trust. A bundle and an export bring keys along, but who
    /// forges one forges these too.
    #[arg(long)]
    keys: Option<PathBuf>,
}

impl Verify {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let keys = self.keys.as_deref().map(journals::keys).transpose()?;
        if self.path.is_dir() {
            return self.directories();
        }
        let trusted = keys.as_ref().map(|(rows, _)| rows);
        let (what, report) = match form(&self.path)? {
            Form::Lines => ("entries", exported(&self.path, trusted)?),
            Form::Table => ("entries", tabled(&self.path, trusted)?),
            Form::Bundle => ("events", bundled(&self.path, trusted)?),
        };
        tell(&self.path, what, &report)?;
        Ok(ended(report.is_sound()))
    }

    /// One journal after the other, so that a journal that cannot be opened hides no other.
    fn directories(&self) -> anyhow::Result<ExitCode> {
        let mut sound = true;
        for dir in journals::units(std::slice::from_ref(&self.path))? {
            match directory::check(&dir, self.keys.as_deref()) {
                Ok(holds) => sound &= holds,
                Err(error) => {
                    say(format_args!("{}: NOT sound: {error:#}", dir.display()))?;
                    sound = false;
                }
            }
        }
        Ok(ended(sound))
    }
}

enum Form {
    Bundle,
    Lines,
    Table,
}

/// A bundle is indented; the first line of an export is a whole object.
fn form(path: &Path) -> anyhow::Result<Form> {
    let named = || format!("reading {}", path.display());
    let mut first = Vec::new();
    let from = BufReader::new(File::open(path).with_context(named)?);
    std::io::Read::take(from, 64)
        .read_until(b'\n', &mut first)
        .with_context(named)?;
    let start = first.trim_ascii();
    let compact = start.windows(BUNDLE.len()).any(|found| found == BUNDLE);
    Ok(if first.starts_with(b"PAR1") {
        Form::Table
    } else if start.starts_with(b"{") && start != b"{" && !compact {
        Form::Lines
    } else {
        Form::Bundle
    })
}

fn exported(path: &Path, trusted: Option<&KeyFile>) -> anyhow::Result<Report> {
    let named = || format!("reading {}", path.display());
    let from = BufReader::new(File::open(path).with_context(named)?);
    let shown = path.display().to_string();
    export::verify(from, trusted, &mut |entries| progress(&shown, entries)).with_context(named)
}

fn tabled(path: &Path, trusted: Option<&KeyFile>) -> anyhow::Result<Report> {
    let named = || format!("reading {}", path.display());
    let from = File::open(path).with_context(named)?;
    let shown = path.display().to_string();
    let mut said = 0;
    let mut groups = |entries: u64| {
        // A group of rows is no round number of entries.
        if entries / 100_000 > said {
            said = entries / 100_000;
            progress(&shown, said * 100_000);
        }
    };
    table::verify(from, trusted, &mut groups).with_context(named)
}

fn bundled(path: &Path, trusted: Option<&KeyFile>) -> anyhow::Result<Report> {
    let named = || format!("reading {}", path.display());
    let size = fs::metadata(path).with_context(named)?.len();
    ensure!(
        size <= BUNDLE_BYTES_MAX as u64,
        "{} has {size} bytes: it is no bundle",
        path.display()
    );
    let bundle = Bundle::read(&fs::read(path).with_context(named)?).with_context(named)?;
    Ok(auditor::verify(&bundle, trusted))
}

/// Prints what was found: each fault with its place, then the outcome.
pub(super) fn tell(path: &Path, what: &str, report: &Report) -> anyhow::Result<()> {
    for fault in &report.faults {
        say(format_args!("{}: {}", fault.place, fault.what))?;
    }
    for head in report.heads.values() {
        say(format_args!(
            "{}: {} entries, root {}",
            head.origin(),
            head.size,
            data_encoding::BASE64.encode(&head.root)
        ))?;
    }
    for condition in &report.conditions {
        say(format_args!("note: {condition}"))?;
    }
    let outcome = if report.is_sound() {
        "sound"
    } else {
        "NOT sound"
    };
    say(format_args!(
        "{}: {outcome}: {} {what}, {} heads, {} faults",
        path.display(),
        report.events,
        report.heads.len(),
        report.fault_count
    ))
}
