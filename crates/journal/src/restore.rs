//! Making a journal from a backup. It is built beside its place and moved there when it is whole, so
//! that a restore that was cut short leaves no journal that could be taken for one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sled::Batch;
use uuid::Uuid;

use crate::backup::content::{self, Heading};
use crate::backup::format::{ENTRIES, NOTES, QUARANTINE, RECEIVED, Reader};
use crate::backup::{BackupError, BackupReport, verify_backup};
use crate::check::Staging;
use crate::entry;
use crate::group::{AppendError, Group, NewEntry, Note};
use crate::mark::Mark;
use crate::meta;
use crate::open::{self, OpenError, Opened, Options};
use crate::recovery::Restored;
use crate::trees::{Batches, ReadError, contained};

/// Records in one transaction.
const PAGE: usize = 256;

/// Why there is no journal.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    #[error(transparent)]
    Backup(#[from] BackupError),
    #[error("`{what}` must have 1 to {SAID_BYTES_MAX} bytes: say when, who restores, and why")]
    Unsaid { what: &'static str },
    #[error("{dir} is not empty: a backup is restored into a new directory, never over a journal")]
    Occupied { dir: PathBuf },
    #[error("{dir} is what another restore left half done: remove it and restore again")]
    Unfinished { dir: PathBuf },
    #[error("a journal cannot be begun: {0}")]
    Open(#[from] OpenError),
    #[error("the backup contradicts itself: {0}; use another one")]
    Contradiction(#[from] AppendError),
    #[error("the journal written from the backup is not the one that was backed up: {0}")]
    Differs(String),
    #[error("storing what the backup holds failed: {0}")]
    Storage(#[from] ReadError),
    #[error("{what} {path} failed: {source}; nothing was restored")]
    Files {
        what: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

/// Longest of what is said about a restore, in bytes each.
const SAID_BYTES_MAX: usize = 4_000;

/// Makes the journal of `backup` in `into`, with the same entries, numbers, links and root, the same
/// notes, positions and quarantine, and marked as restored `at` (RFC 3339) `by` an
/// officer for a `reason`: it opens, answers, and
/// refuses to append until [`Journal::recovered`](crate::Journal::recovered) or
/// [`Journal::begin_epoch`](crate::Journal::begin_epoch).
///
/// # Errors
/// [`RestoreError`]; there is no journal in `into` then.
pub fn restore(
    backup: &Path,
    into: &Path,
    at: &str,
    by: &str,
    reason: &str,
) -> Result<BackupReport, RestoreError> {
    for (what, said) in [("at", at), ("by", by), ("reason", reason)] {
        if said.trim().is_empty() || said.len() > SAID_BYTES_MAX {
            return Err(RestoreError::Unsaid { what });
        }
    }
    let report = verify_backup(backup, None)?;
    if into.try_exists().map_err(files("looking for", into))? {
        let mut held = fs::read_dir(into).map_err(files("listing", into))?;
        if held.next().is_some() {
            return Err(RestoreError::Occupied {
                dir: into.to_owned(),
            });
        }
    }
    let mut name = into
        .file_name()
        .ok_or_else(|| files("naming", into)(io::ErrorKind::InvalidFilename.into()))?
        .to_owned();
    name.push(".restoring");
    let beside = into.with_file_name(name);
    let parent = beside.parent().unwrap_or(&beside);
    fs::create_dir_all(parent).map_err(files("creating", parent))?;
    match fs::create_dir(&beside) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(RestoreError::Unfinished { dir: beside });
        }
        Err(error) => return Err(files("creating", &beside)(error)),
    }
    let done = fill(backup, &beside, (at, by, reason)).and_then(|()| {
        open::sync_names(&beside)?;
        fs::rename(&beside, into).map_err(files("renaming", &beside))?;
        open::sync_names(into)?;
        Ok(report)
    });
    if done.is_err() {
        // It was made just now and by this restore alone; a full disk is the usual reason.
        let _ = fs::remove_dir_all(&beside);
    }
    done
}

fn fill(
    backup: &Path,
    dir: &Path,
    (at, by, reason): (&str, &str, &str),
) -> Result<(), RestoreError> {
    let mut reader = Reader::open(backup)?;
    let heading = Heading::read(&mut reader)?;
    let first = heading.epochs.first().map_or(Uuid::nil(), |epoch| epoch.id);
    let mut opened = open::open(dir, &Options::new(heading.unit.clone(), first))?;
    let mut batch = Batch::default();
    let restored = Restored {
        entries: heading.entries,
        at: at.to_owned(),
        by: by.to_owned(),
        reason: reason.to_owned(),
    };
    meta::put_restored(&mut batch, &restored);
    for (number, epoch) in heading.epochs.iter().enumerate().skip(1) {
        meta::put_epoch(&mut batch, number, epoch);
    }
    meta::write(&opened.trees, batch)?;
    entries(&mut reader, &heading, &mut opened)?;
    others(&mut reader, &mut opened)?;
    reader.finish()?;

    let state = &opened.state;
    let root = open::root(&opened.trees, state.entries)?;
    if (state.entries, state.own, root) != (heading.entries, heading.own(), heading.root) {
        let (entries, due) = (state.entries, heading.entries);
        return Err(RestoreError::Differs(format!(
            "{entries} entries for {due}, or another root over them"
        )));
    }
    contained(format_args!("the log to flush it"), || opened.db.flush())?;
    let log = dir.join("db");
    opened.log_file.sync_all().map_err(files("syncing", &log))?;
    let mark = Mark {
        entries: state.entries,
        own: state.own,
        root,
    };
    opened
        .mark
        .write(&mark)
        .and_then(|()| opened.mark.sync())
        .map_err(files("writing the mark in", dir))
}

fn entries(
    reader: &mut Reader,
    heading: &Heading,
    opened: &mut Opened,
) -> Result<(), RestoreError> {
    // The first epoch began when the journal was created.
    let mut epochs = heading.epochs.iter().skip(1).peekable();
    let mut index = 0;
    let mut group = Group::default();
    reader.begin(ENTRIES)?;
    loop {
        let record = reader.next()?;
        let turn = epochs.peek().is_some_and(|epoch| epoch.entries <= index);
        if turn || record.is_none() || group.entries.len() == PAGE {
            append::<RestoreError>(opened, &std::mem::take(&mut group))?;
        }
        while let Some(epoch) = epochs.next_if(|epoch| epoch.entries <= index) {
            opened.state.begin(epoch.clone());
        }
        let Some(record) = record else { return Ok(()) };
        let entry = entry::read_entry(index, &record)
            .ok_or_else(|| reader.damaged(format_args!("entry {index}: unreadable")))?;
        group.entries.push(NewEntry {
            origin: entry.origin,
            signed: entry.signed,
            deliveries: entry.deliveries,
        });
        index += 1;
    }
}

fn others(reader: &mut Reader, opened: &mut Opened) -> Result<(), RestoreError> {
    let mut group = Group::default();
    reader.begin(RECEIVED)?;
    while let Some(record) = reader.next()? {
        let position = content::read_received(&record);
        let position = position.ok_or_else(|| reader.damaged("a position is unreadable"))?;
        group.received.push(position);
    }
    reader.begin(NOTES)?;
    while let Some(record) = reader.next()? {
        let note = content::read_note(&record);
        let (key, value) = note.ok_or_else(|| reader.damaged("a note is unreadable"))?;
        group.notes.push(Note {
            key: key.to_vec(),
            value: Some(value.to_vec()),
        });
        if group.notes.len() == PAGE {
            append::<RestoreError>(opened, &std::mem::take(&mut group))?;
        }
    }
    append::<RestoreError>(opened, &group)?;
    reader.begin(QUARANTINE)?;
    // Record by record: what was cut when it came is kept as it was, with its length.
    while let Some(record) = reader.next()? {
        let mut batches = Batches::default();
        let number = opened.state.quarantined.to_be_bytes();
        batches.quarantine.insert(&number, record);
        commit(opened, &batches)?;
        opened.state.quarantined += 1;
    }
    Ok(())
}

/// Writes a group that a sound journal held, without asking whether the journal takes anything in.
pub(crate) fn append<E: From<AppendError> + From<ReadError>>(
    opened: &mut Opened,
    group: &Group,
) -> Result<(), E> {
    let mut staging = Staging::new(&opened.trees, &mut opened.state);
    staging.stage(group)?;
    staging.hash()?;
    let batches = staging.batches;
    Ok(commit(opened, &batches)?)
}

fn commit(opened: &Opened, batches: &Batches) -> Result<(), ReadError> {
    contained(format_args!("the journal while writing it"), || {
        opened.trees.commit(batches)
    })
}

fn files<'a>(what: &'static str, path: &'a Path) -> impl Fn(io::Error) -> RestoreError + use<'a> {
    move |source| RestoreError::Files {
        what,
        path: path.to_owned(),
        source,
    }
}
