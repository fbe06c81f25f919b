//! The records of a backup that are not already records of the journal.

use std::collections::BTreeMap;

use envelope::tree::Hash;

use crate::epochs::Epoch;
use crate::frozen::Frozen;
use crate::record::{Fields, put_short};

use super::BackupError;
use super::format::{EPOCHS, HEAD, Reader};

/// What a backup says of itself first.
#[derive(Debug)]
pub(crate) struct Heading {
    pub(crate) unit: String,
    pub(crate) entries: u64,
    /// Last own sequence of the last epoch.
    pub(crate) sequence: u64,
    pub(crate) root: Hash,
    pub(crate) epochs: Vec<Epoch>,
    pub(crate) quarantined: u64,
}

impl Heading {
    /// Own entries, over all epochs.
    pub(crate) fn own(&self) -> u64 {
        let before = self.epochs.last().map_or(0, |epoch| epoch.own);
        before.saturating_add(self.sequence)
    }

    /// Reads the sections of which it is made.
    pub(crate) fn read(reader: &mut Reader) -> Result<Heading, BackupError> {
        reader.begin(HEAD)?;
        let Some(mut heading) = reader.next()?.as_deref().and_then(read_head) else {
            return Err(reader.damaged("it does not say what the backup is of"));
        };
        if reader.next()?.is_some() {
            return Err(reader.damaged("it says twice what the backup is of"));
        }
        reader.begin(EPOCHS)?;
        while let Some(record) = reader.next()? {
            let Some(epoch) = Epoch::read(&record) else {
                return Err(reader.damaged("an epoch is unreadable"));
            };
            heading.epochs.push(epoch);
        }
        let first = heading.epochs.first();
        if first.is_none_or(|first| *first != Epoch::first(first.id)) {
            return Err(reader.damaged("the first epoch does not begin with the journal"));
        }
        if !heading.epochs.is_sorted_by_key(|epoch| epoch.entries) {
            return Err(reader.damaged("the epochs are not in order"));
        }
        Ok(heading)
    }
}

pub(crate) fn write_head(frozen: &Frozen) -> Vec<u8> {
    let mut out = Vec::new();
    put_short(&mut out, frozen.journal.unit().as_bytes());
    out.extend_from_slice(&frozen.head.entries.to_be_bytes());
    out.extend_from_slice(&frozen.head.sequence.to_be_bytes());
    out.extend_from_slice(&frozen.quarantined.to_be_bytes());
    out.extend_from_slice(&frozen.head.root);
    out
}

fn read_head(record: &[u8]) -> Option<Heading> {
    let mut fields = Fields::of(record);
    let heading = Heading {
        unit: fields.short_text()?,
        entries: fields.number()?,
        sequence: fields.number()?,
        quarantined: fields.number()?,
        root: fields.array()?,
        epochs: Vec::new(),
    };
    (fields.left() == 0).then_some(heading)
}

pub(crate) fn write_received(received: &BTreeMap<String, u64>) -> Vec<Vec<u8>> {
    let record = |(from, link): (&String, &u64)| {
        let mut out = link.to_be_bytes().to_vec();
        out.extend_from_slice(from.as_bytes());
        out
    };
    received.iter().map(record).collect()
}

pub(crate) fn read_received(record: &[u8]) -> Option<(String, u64)> {
    let mut fields = Fields::of(record);
    let link = fields.number()?;
    Some((String::from_utf8(fields.rest().to_vec()).ok()?, link))
}

/// Keys of notes have at most 255 bytes.
pub(crate) fn write_note(key: &[u8], value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(key.len() + value.len() + 1);
    put_short(&mut out, key);
    out.extend_from_slice(value);
    out
}

/// Key and value of a note.
pub(crate) fn read_note(record: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = record.split_first()?;
    rest.split_at_checked(usize::from(*length))
}
