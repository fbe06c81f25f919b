//! Repairing a journal whose entries or indexes are damaged: the same bytes are had from copies, a
//! sound journal is written beside the damaged one, and takes its place when it reproduces what was
//! acknowledged. Indexes and tree hashes follow from the entries and are made anew.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use envelope::KeyRegister;
use sled::Batch;
use uuid::Uuid;

use crate::entry::{Delivery, Entry, Origin};
use crate::group::{AppendError, Group, NewEntry, Note};
use crate::journal::Journal;
use crate::mark::Mark;
use crate::meta;
use crate::open::{self, OpenError, Opened, Options};
use crate::restore::append;
use crate::trees::{ReadError, contained, number};

mod promises;
mod survey;
mod told;

use survey::Survey;
pub use survey::{DamagedEntry, Place};
pub use told::{Repaired, RepairedRow};

/// Records in one transaction.
const PAGE: usize = 256;

/// A copy of what a damaged entry held.
#[derive(Debug, Clone)]
pub struct Replacement {
    /// The exact bytes with their signature.
    pub signed: envelope::Signed,
    /// Whether this unit wrote the event, or who sent it under which number.
    pub origin: Origin,
    /// What the entry promised to whom; worked out from the index of links when not known.
    pub deliveries: Option<Vec<Delivery>>,
    /// Where it came from, as the report is to say it.
    pub source: String,
}

/// What was wrong with a journal, and what was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepairReport {
    /// How many entries the journal holds, as it did.
    pub entries: u64,
    /// Entry by entry what was wrong and where its copy came from; empty when only indexes were.
    pub repaired: Vec<RepairedRow>,
    /// Where the damaged journal was put.
    pub aside: PathBuf,
}

/// Why a journal was not repaired. It is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RepairError {
    #[error("journal {dir} is sound: there is nothing to repair")]
    Sound { dir: PathBuf },
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("{what} of journal {dir} cannot be read: restore the journal from a backup instead")]
    Beyond { dir: PathBuf, what: String },
    #[error("{} damaged entries were found nowhere: name a further source, or restore from a backup", .0.len())]
    Missing(Vec<DamagedEntry>),
    #[error("the copies do not add up to what was acknowledged: {0}; nothing was changed")]
    Differs(String),
    #[error("an entry or copy does not fit into the journal: {0}; nothing was changed")]
    Contradiction(#[from] AppendError),
    #[error("storing the repaired journal failed: {0}; nothing was changed")]
    Storage(#[from] ReadError),
    #[error("{dir} is what another repair left: remove it and repair again")]
    Unfinished { dir: PathBuf },
    #[error("{what} {path} failed: {source}")]
    Files {
        what: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

/// Repairs the journal of `unit` in `dir`, which must not be open, with what `find` has for each damaged
/// entry; with `keys`, every signature is verified as well. `told` says when, by whom and why; it is
/// kept in the journal ([`Journal::repaired`]) until its unit has told others. The damaged journal is
/// kept beside it.
///
/// # Errors
/// [`RepairError`]; the journal is as it was then.
pub fn repair(
    dir: &Path,
    unit: &str,
    keys: Option<&KeyRegister>,
    told: Repaired,
    find: &mut dyn FnMut(&DamagedEntry) -> Option<Replacement>,
) -> Result<RepairReport, RepairError> {
    let (beside, whole) = (named(dir, "repairing")?, named(dir, "repaired")?);
    for left in [&beside, &whole] {
        if left.try_exists().map_err(files("looking for", left))? {
            return Err(RepairError::Unfinished { dir: left.clone() });
        }
    }
    if is_sound(dir, unit, keys) {
        let dir = dir.to_owned();
        return Err(RepairError::Sound { dir });
    }
    let survey = Survey::of(dir, unit)?;
    let mut found = BTreeMap::new();
    let mut missing = Vec::new();
    for damaged in &survey.damaged {
        match find(damaged).filter(|copy| damaged.fits(&copy.signed)) {
            Some(copy) => drop(found.insert(damaged.index, copy)),
            None => missing.push(damaged.clone()),
        }
    }
    if !missing.is_empty() {
        return Err(RepairError::Missing(missing));
    }
    let repaired = survey.rows(&found);
    let told = Repaired {
        rows: repaired.clone(),
        ..told
    };
    let at: String = told
        .at
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let aside = named(dir, &format!("damaged-{at}"))?;
    let done = build(&survey, found, &beside, keys, &told).and_then(|()| {
        fs::rename(&beside, &whole).map_err(files("renaming", &beside))?;
        // Cut short between these two, the next opening ends it.
        fs::rename(dir, &aside).map_err(files("renaming", dir))?;
        fs::rename(&whole, dir).map_err(files("renaming", &whole))?;
        Ok(open::sync_names(dir)?)
    });
    if done.is_err() {
        // Made just now and by this repair alone.
        let _ = fs::remove_dir_all(&beside);
    }
    done.map(|()| RepairReport {
        entries: survey.entries,
        repaired,
        aside,
    })
}

fn is_sound(dir: &Path, unit: &str, keys: Option<&KeyRegister>) -> bool {
    Journal::open(dir, Options::new(unit, Uuid::nil()))
        .ok()
        .and_then(|journal| journal.verify(keys, &mut |_| {}).ok())
        .is_some_and(|report| report.fault_count == 0)
}

/// Writes the sound journal into `beside` and holds it against what was acknowledged.
fn build(
    survey: &Survey,
    mut found: BTreeMap<u64, Replacement>,
    beside: &Path,
    keys: Option<&KeyRegister>,
    told: &Repaired,
) -> Result<(), RepairError> {
    let first = survey.meta.epochs.first();
    let first = first.map_or(Uuid::nil(), |epoch| epoch.id);
    let mut opened = open::open(beside, &Options::new(survey.unit.clone(), first))?;
    let mut batch = Batch::default();
    if let Some(restored) = &survey.meta.restored {
        meta::put_restored(&mut batch, restored);
    }
    for (number, epoch) in survey.meta.epochs.iter().enumerate().skip(1) {
        meta::put_epoch(&mut batch, number, epoch);
    }
    meta::write(&opened.trees, batch)?;
    let mut promised = survey.promises(&found)?;
    let mut epochs = survey.meta.epochs.iter().skip(1).peekable();
    let mut group = Group::default();
    for index in 0..=survey.entries {
        let turn = epochs.peek().is_some_and(|epoch| epoch.entries <= index);
        if turn || index == survey.entries || group.entries.len() == PAGE {
            append::<RepairError>(&mut opened, &std::mem::take(&mut group))?;
        }
        while let Some(epoch) = epochs.next_if(|epoch| epoch.entries <= index) {
            opened.state.begin(epoch.clone());
        }
        if index == survey.entries {
            break;
        }
        group.entries.push(match found.remove(&index) {
            Some(copy) => NewEntry {
                origin: copy.origin,
                signed: copy.signed,
                deliveries: copy
                    .deliveries
                    .unwrap_or_else(|| promised.remove(&index).unwrap_or_default()),
            },
            None => as_it_was(survey.entry(index)?),
        });
    }
    others(survey, &mut opened, told)?;
    settle(survey, &opened, beside)?;
    drop(opened);
    let journal = Journal::open(beside, Options::new(survey.unit.clone(), first))?;
    let report = journal.verify(keys, &mut |_| {})?;
    match report.faults.first() {
        None => Ok(()),
        Some(fault) => Err(RepairError::Differs(match fault.index {
            Some(index) => format!("entry {index}: {}", fault.what),
            None => fault.what.clone(),
        })),
    }
}

fn as_it_was(entry: Entry) -> NewEntry {
    NewEntry {
        origin: entry.origin,
        signed: entry.signed,
        deliveries: entry.deliveries,
    }
}

/// Positions, notes and quarantine have no copy in the journal: unreadable, they end the repair.
fn others(survey: &Survey, opened: &mut Opened, told: &Repaired) -> Result<(), RepairError> {
    let mut group = Group::default();
    for (from, link) in survey.all(&survey.trees.received, "received positions")? {
        let from = String::from_utf8(from.to_vec());
        let from = from.map_err(|_| survey.beyond("a received position"))?;
        let link = number(&link, format_args!("the position received from {from}"))?;
        group.received.push((from, link));
    }
    for (key, value) in survey.all(&survey.trees.notes, "notes")? {
        let (key, value) = (key.to_vec(), Some(value.to_vec()));
        group.notes.push(Note { key, value });
        if group.notes.len() == PAGE {
            append::<RepairError>(opened, &std::mem::take(&mut group))?;
        }
    }
    group.notes.push(told.note());
    append::<RepairError>(opened, &group)?;
    for (key, record) in survey.all(&survey.trees.quarantine, "quarantine")? {
        contained(format_args!("the quarantine"), || {
            opened.trees.quarantine.insert(key, record)
        })?;
    }
    // Who has no cursor begins anew, so unreadable ones cost only time.
    for (key, value) in survey
        .all(&survey.trees.cursors, "cursors")
        .unwrap_or_default()
    {
        contained(format_args!("the cursors"), || {
            opened.trees.cursors.insert(key, value)
        })?;
    }
    Ok(())
}

/// Compares with what was acknowledged, and makes what was written durable.
fn settle(survey: &Survey, opened: &Opened, dir: &Path) -> Result<(), RepairError> {
    let (state, promised) = (&opened.state, &survey.promised);
    if open::root(&opened.trees, promised.entries)? != promised.root {
        let entries = promised.entries;
        return Err(RepairError::Differs(format!(
            "the root over the first {entries} entries is another"
        )));
    }
    if state.own < promised.own {
        let (found, due) = (state.own, promised.own);
        return Err(RepairError::Differs(format!(
            "{found} own entries, {due} are due"
        )));
    }
    contained(format_args!("the log to flush it"), || opened.db.flush())?;
    let log = dir.join("db");
    opened.log_file.sync_all().map_err(files("syncing", &log))?;
    let mark = Mark {
        entries: state.entries,
        own: state.own,
        root: open::root(&opened.trees, state.entries)?,
    };
    let marked = opened.mark.write(&mark).and_then(|()| opened.mark.sync());
    marked.map_err(files("writing the mark in", dir))?;
    Ok(open::sync_names(dir)?)
}

/// Ends a repair that was cut short after the sound journal was whole and before it had its place.
pub(crate) fn end_cut_short(dir: &Path) -> io::Result<()> {
    let Some(name) = dir.file_name() else {
        return Ok(());
    };
    let mut whole = name.to_owned();
    whole.push(".repaired");
    let whole = dir.with_file_name(whole);
    if !dir.try_exists()? && whole.try_exists()? {
        fs::rename(&whole, dir)?;
        let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty());
        File::open(parent.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

fn named(dir: &Path, suffix: &str) -> Result<PathBuf, RepairError> {
    let name = dir.file_name();
    let name = name.ok_or_else(|| files("naming", dir)(io::ErrorKind::InvalidFilename.into()))?;
    let mut name = name.to_owned();
    name.push(".");
    name.push(suffix);
    Ok(dir.with_file_name(name))
}

fn files<'a>(what: &'static str, path: &'a Path) -> impl Fn(io::Error) -> RepairError + use<'a> {
    move |source| RepairError::Files {
        what,
        path: path.to_owned(),
        source,
    }
}
