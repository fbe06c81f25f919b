//! What was repaired, kept in the journal until its unit has made an event of it.

use crate::group::Note;
use crate::journal::Journal;
use crate::record::{Fields, put_long};
use crate::trees::ReadError;

/// The note under which a repair waits to be told.
const KEY: &[u8] = b"journal/repaired";
/// An event holds at most 64 KiB; what does not fit stays in the report alone.
const ROWS_BYTES_MAX: usize = 32_000;
/// Longest of each text, in bytes.
const TEXT_BYTES_MAX: usize = 1_000;

/// A repair: when, by whom, why, and what was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repaired {
    /// When, RFC 3339.
    pub at: String,
    /// Who repaired it: the officer's id.
    pub by: String,
    /// Why, in that officer's words.
    pub reason: String,
    /// What was done entry by entry; as much as an event holds.
    pub rows: Vec<RepairedRow>,
}

/// One entry that was put right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepairedRow {
    /// Place in the journal, from 0.
    pub index: u64,
    /// What was wrong with it.
    pub fault: String,
    /// Where its bytes came from.
    pub source: String,
}

impl Repaired {
    /// Takes the repair off the list of what is to be told. Belongs into the group of the event that
    /// tells it.
    pub fn told() -> Note {
        Note {
            key: KEY.to_vec(),
            value: None,
        }
    }

    pub(super) fn note(&self) -> Note {
        let mut out = Vec::new();
        for text in [&self.at, &self.by, &self.reason] {
            put(&mut out, text);
        }
        for row in &self.rows {
            if out.len() > ROWS_BYTES_MAX {
                break;
            }
            out.extend_from_slice(&row.index.to_be_bytes());
            put(&mut out, &row.fault);
            put(&mut out, &row.source);
        }
        Note {
            key: KEY.to_vec(),
            value: Some(out),
        }
    }

    fn read(record: &[u8]) -> Option<Repaired> {
        let mut fields = Fields::of(record);
        let mut repaired = Repaired {
            at: fields.long_text()?,
            by: fields.long_text()?,
            reason: fields.long_text()?,
            rows: Vec::new(),
        };
        while fields.left() > 0 {
            repaired.rows.push(RepairedRow {
                index: fields.number()?,
                fault: fields.long_text()?,
                source: fields.long_text()?,
            });
        }
        Some(repaired)
    }
}

impl Journal {
    /// A repair that the unit has not told yet.
    ///
    /// # Errors
    /// [`ReadError`] when what is kept of it is damaged.
    pub fn repaired(&self) -> Result<Option<Repaired>, ReadError> {
        let damaged = || ReadError::damaged("what was repaired");
        self.note(KEY)?
            .map(|record| Repaired::read(&record).ok_or_else(damaged))
            .transpose()
    }
}

fn put(out: &mut Vec<u8>, text: &str) {
    let text = text
        .get(..text.floor_char_boundary(TEXT_BYTES_MAX))
        .unwrap_or_default();
    put_long(out, text.len());
    out.extend_from_slice(text.as_bytes());
}
