//! A unit's directory as an auditor takes it away: the journal, the mark beside it, and the heads of
//! others that the unit kept.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use envelope::note::{self, NOTE_BYTES_MAX};
use envelope::{KeyRegister, TreeHead};

use super::journals;
use crate::say;

/// Checks a unit's directory, and says what is wrong with it.
pub(super) fn check(dir: &Path, keys: Option<&Path>) -> anyhow::Result<bool> {
    let journal = dir.join("journal");
    let mark = journal::mark_holds(&journal)
        .with_context(|| format!("reading the mark in {}", journal.display()))?;
    if !mark {
        say(format_args!(
            "mark: `acknowledged` in {} was damaged; that nothing is missing at the end of the \
             journal is shown by a head that somebody else keeps",
            journal.display()
        ))?;
    }
    let sound = crate::journal::check(dir, keys)? == ExitCode::SUCCESS;
    let kept = match keys {
        Some(keys) => kept(&dir.join("heads"), &journals::keys(keys)?.1)?,
        None => true,
    };
    Ok(sound && mark && kept)
}

/// The heads of others: each is what its unit signed.
fn kept(dir: &Path, keys: &KeyRegister) -> anyhow::Result<bool> {
    if !dir.is_dir() {
        return Ok(true);
    }
    let named = || format!("reading {}", dir.display());
    let mut paths: Vec<PathBuf> = Vec::new();
    for file in fs::read_dir(dir).with_context(named)? {
        paths.push(file.with_context(named)?.path());
    }
    paths.sort();
    let mut faults = 0;
    for path in paths
        .iter()
        .filter(|path| path.extension() == Some("note".as_ref()))
    {
        if let Err(what) = head(path, keys) {
            faults += 1;
            say(format_args!("kept head {}: {what}", path.display()))?;
        }
        if path.to_string_lossy().ends_with(".second.note") {
            faults += 1;
            say(format_args!(
                "kept head {}: its unit showed two histories, this one and the one in `.first.note`",
                path.display()
            ))?;
        }
    }
    if !paths.is_empty() {
        say(format_args!(
            "{}: {} kept heads of others, {faults} faults",
            dir.display(),
            paths.len()
        ))?;
    }
    Ok(faults == 0)
}

fn head(path: &Path, keys: &KeyRegister) -> Result<TreeHead, String> {
    let words = |error: std::io::Error| error.to_string();
    if fs::metadata(path).map_err(words)?.len() > NOTE_BYTES_MAX as u64 {
        return Err(format!("more than {NOTE_BYTES_MAX} bytes are no head"));
    }
    let head = note::read_head(&fs::read(path).map_err(words)?, keys);
    let head = head.map_err(|error| error.to_string())?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if name.starts_with(&format!("{}.{}.", head.unit, head.epoch)) {
        Ok(head)
    } else {
        Err(format!(
            "it is of {}, not what its name says",
            head.origin()
        ))
    }
}
