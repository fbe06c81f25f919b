//! Reading a backup from end to end: hashes, numbers, root, and signatures where keys are given.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use envelope::{Event, KeyRegister, Signed, tree};

use super::content::{self, Heading};
use super::format::{ENTRIES, NOTES, QUARANTINE, RECEIVED, Reader};
use super::{BackupError, BackupReport};
use crate::entry::{self, Entry};
use crate::epochs::Numbering;
use crate::frontier::Frontier;

/// Signatures are verified this many at once, which takes a third of the time of single ones.
const SIGNATURES: usize = 256;

/// Reads the backup in `path` as a whole and compares everything that it says of itself; with
/// `keys`, also that each event was signed by the unit that it names. Changes nothing.
///
/// # Errors
/// [`BackupError::Damaged`] names the section and the first thing that is wrong.
pub fn verify_backup(path: &Path, keys: Option<&KeyRegister>) -> Result<BackupReport, BackupError> {
    let mut reader = Reader::open(path)?;
    let heading = Heading::read(&mut reader)?;
    entries(&mut reader, &heading, keys)?;
    reader.begin(RECEIVED)?;
    while let Some(record) = reader.next()? {
        if content::read_received(&record).is_none() {
            return Err(reader.damaged("a position is unreadable"));
        }
    }
    let mut notes = 0;
    reader.begin(NOTES)?;
    while let Some(record) = reader.next()? {
        if content::read_note(&record).is_none() {
            return Err(reader.damaged("a note is unreadable"));
        }
        notes += 1;
    }
    let mut quarantined = 0;
    reader.begin(QUARANTINE)?;
    while let Some(record) = reader.next()? {
        if entry::read_quarantined(quarantined, &record).is_none() {
            return Err(reader.damaged(format_args!("number {quarantined} is unreadable")));
        }
        quarantined += 1;
    }
    if quarantined != heading.quarantined {
        let due = heading.quarantined;
        return Err(reader.damaged(format_args!("{quarantined} are there, {due} are due")));
    }
    let (bytes, sha256) = reader.finish()?;
    let epoch = heading.epochs.last().map(|epoch| epoch.id);
    Ok(BackupReport {
        unit: heading.unit,
        epoch: epoch.unwrap_or_default(),
        entries: heading.entries,
        sequence: heading.sequence,
        root: heading.root,
        notes,
        quarantined,
        bytes,
        sha256,
        signatures: keys.is_some(),
    })
}

/// The entries of the sound backup in `path` that stand at the places `wanted`.
///
/// # Errors
/// [`BackupError::Damaged`] as [`verify_backup`] says it.
pub fn backup_entries(
    path: &Path,
    wanted: &BTreeSet<u64>,
) -> Result<BTreeMap<u64, Entry>, BackupError> {
    verify_backup(path, None)?;
    let mut reader = Reader::open(path)?;
    Heading::read(&mut reader)?;
    reader.begin(ENTRIES)?;
    let mut found = BTreeMap::new();
    let mut index = 0;
    while let Some(record) = reader.next()? {
        if wanted.contains(&index) {
            let entry = entry::read_entry(index, &record);
            let entry = entry.ok_or_else(|| reader.damaged("an entry is unreadable"))?;
            found.insert(index, entry);
        }
        index += 1;
    }
    Ok(found)
}

fn entries(
    reader: &mut Reader,
    heading: &Heading,
    keys: Option<&KeyRegister>,
) -> Result<(), BackupError> {
    let mut numbering = Numbering::new(&heading.unit, &heading.epochs);
    let mut frontier = Frontier::default();
    let mut unverified: Vec<(u64, Signed)> = Vec::new();
    let mut faults = Vec::new();
    reader.begin(ENTRIES)?;
    while let Some(record) = reader.next()? {
        let index = frontier.entries();
        let at = |what: &dyn std::fmt::Display| format!("entry {index}: {what}");
        let Some(entry) = entry::read_entry(index, &record) else {
            return Err(reader.damaged(at(&"unreadable")));
        };
        let event = Event::read(&entry.signed.bytes).map_err(|error| reader.damaged(at(&error)))?;
        numbering.reach(index, &mut faults);
        numbering.follow(&entry, &event, &mut faults);
        numbering.deliver(&entry, &mut faults);
        if let Some(fault) = faults.first() {
            return Err(reader.damaged(at(fault)));
        }
        let leaf = tree::leaf_hash(&entry.signed.bytes);
        if frontier.push(leaf).is_err() {
            return Err(reader.damaged(at(&"its tree hashes cannot be computed")));
        }
        if let Some(keys) = keys {
            unverified.push((index, entry.signed));
            if unverified.len() == SIGNATURES {
                signatures(reader, keys, &mut unverified)?;
            }
        }
    }
    if let Some(keys) = keys {
        signatures(reader, keys, &mut unverified)?;
    }
    let (found, due) = (frontier.entries(), heading.entries);
    if found != due {
        return Err(reader.damaged(format_args!("{found} are there, {due} are due")));
    }
    numbering.reach(due, &mut faults);
    if let Some(fault) = faults.first() {
        return Err(reader.damaged(fault));
    }
    if numbering.own != heading.own() {
        let (found, due) = (numbering.own, heading.own());
        return Err(reader.damaged(format_args!("{found} are own, {due} are due")));
    }
    if frontier.root() != Ok(heading.root) {
        return Err(reader.damaged("the root over them is not the one the backup names"));
    }
    Ok(())
}

fn signatures(
    reader: &Reader,
    keys: &KeyRegister,
    unverified: &mut Vec<(u64, Signed)>,
) -> Result<(), BackupError> {
    let batch = std::mem::take(unverified);
    let signed: Vec<&Signed> = batch.iter().map(|(_, signed)| signed).collect();
    for ((index, _), outcome) in batch.iter().zip(keys.verify_batch(&signed)) {
        if let Err(error) = outcome {
            return Err(reader.damaged(format_args!("entry {index}: {error}")));
        }
    }
    Ok(())
}
