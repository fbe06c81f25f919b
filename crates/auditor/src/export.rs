//! A whole journal as JSON Lines, checked while it is read.
//!
//! The form is described in `schemas/evidence.md` (see [`crate::bundle`]).

use std::collections::BTreeMap;
use std::io::{BufRead, Read};

use bytes::Bytes;
use data_encoding::BASE64;
use envelope::sign::parse_signature;
use envelope::tree::{self, Hash};
use envelope::{Checking, EVENT_BYTES_MAX, Event, KeyFile, KeyId, Signed, TreeHead, note};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::finding::{Report, Where};
use crate::verify::register;

/// What `format` says.
pub const FORMAT: &str = "motcua-export/v1";

/// How often the one who waits is told how far it is, in entries.
const STEP: u64 = 256;

/// Subtrees beyond this many are looked through for those that nothing needs any more, which costs as
/// much as a root.
const SUBTREES_MAX: usize = 256;

/// An entry with everything around it; the header's line names at most some thousand units.
const LINE_BYTES_MAX: u64 = (EVENT_BYTES_MAX as u64 * 4 / 3 + 1_024) * 16;

/// The first line.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// [`FORMAT`].
    pub format: String,
    /// The signed head, a C2SP note.
    pub head: String,
    /// Rows of the register of keys.
    pub keys: KeyFile,
}

/// Every further line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The entry's place in the journal, from 0.
    pub index: u64,
    /// The exact bytes, base64.
    pub event: String,
    /// The signature, base64url without padding.
    pub signature: String,
    /// The name of the key.
    pub key: String,
}

impl Line {
    /// An entry as it stands on its line.
    pub fn of(index: u64, signed: &Signed) -> Self {
        Self {
            index,
            event: BASE64.encode(&signed.bytes),
            signature: signed.signature_text(),
            key: signed.key.to_string(),
        }
    }

    fn signed(&self) -> Result<Signed, String> {
        let bytes = BASE64.decode(self.event.as_bytes());
        let words = |error: envelope::SignError| error.to_string();
        Ok(Signed {
            bytes: Bytes::from(bytes.map_err(|error| format!("`event` is not base64: {error}"))?),
            signature: parse_signature(&self.signature).map_err(words)?,
            key: KeyId::parse(&self.key).map_err(words)?,
        })
    }
}

/// An export that is being checked, line by line.
pub struct Exported {
    signatures: Checking,
    head: Option<TreeHead>,
    report: Report,
    tree: Tree,
    /// Lines so far, readable or not.
    lines: u64,
    /// The last number of the unit's own events, with its epoch.
    own: Option<(Uuid, u64)>,
}

impl Exported {
    /// Begins with the first line. With `trusted` signatures count under that register alone.
    ///
    /// # Errors
    /// [`ExportError::Header`] when it is no header.
    pub fn begin(first: &[u8], trusted: Option<&KeyFile>) -> Result<Self, ExportError> {
        let header = serde_json::from_slice(first);
        let header = header.map_err(|error| ExportError::Header(envelope::brief(&error)))?;
        Ok(Self::under(&header, FORMAT, trusted))
    }

    pub(crate) fn under(header: &Header, format: &str, trusted: Option<&KeyFile>) -> Self {
        let mut report = Report::default();
        if header.format != format {
            let text = format!("`format` is {:?}, this reads {format:?}", header.format);
            report.fault(Where::Whole, text);
        }
        let keys = register(&header.keys, trusted, &mut report);
        let head = match note::read_head(header.head.as_bytes(), &keys) {
            Ok(head) => Some(head),
            Err(error) => {
                report.fault(Where::Head(0), error);
                None
            }
        };
        Self {
            signatures: Checking::new(&keys),
            head,
            report,
            tree: Tree::default(),
            lines: 0,
            own: None,
        }
    }

    /// Takes the next line.
    pub fn line(&mut self, line: &[u8]) {
        let read = serde_json::from_slice::<Line>(line).map_err(|error| envelope::brief(&error));
        let taken = read.and_then(|line| line.signed().map(|signed| (line.index, signed)));
        let (index, signed) = match taken {
            Ok(taken) => taken,
            Err(what) => {
                self.unreadable(what);
                return;
            }
        };
        self.entry(index, signed);
    }

    /// Something is wrong with the entry that is due.
    pub(crate) fn fault(&mut self, what: impl std::fmt::Display) {
        self.report.fault(Where::Entry(self.lines), what);
    }

    /// The entry that is due is there, but cannot be read.
    pub(crate) fn unreadable(&mut self, what: impl std::fmt::Display) {
        self.fault(what);
        self.lines += 1;
        self.tree.broken = true;
    }

    /// How many entries there were so far.
    pub(crate) fn entries(&self) -> u64 {
        self.lines
    }

    /// Takes the next entry, which calls itself by this number.
    pub(crate) fn entry(&mut self, index: u64, signed: Signed) {
        let due = self.lines;
        if index != due {
            self.fault(format_args!("it calls itself entry {index}"));
        }
        self.lines += 1;
        self.tree.push(&signed.bytes);
        self.number(due, &signed.bytes);
        self.signatures.push(due, signed);
    }

    /// The journal's unit numbers its own events without holes.
    fn number(&mut self, index: u64, bytes: &[u8]) {
        let Some(head) = &self.head else { return };
        // What cannot be read is found with its signature.
        let Ok(event) = Event::read(bytes) else {
            return;
        };
        if event.unit != head.unit {
            return;
        }
        let due = match self.own {
            Some((epoch, last)) if epoch == event.epoch => last.saturating_add(1),
            _ => 1,
        };
        if event.sequence != due {
            let (found, epoch) = (event.sequence, event.epoch);
            let text = format!("its own number is {found} of epoch {epoch}, {due} is due");
            self.report.fault(Where::Entry(index), text);
        }
        self.own = Some((event.epoch, event.sequence));
    }

    /// Ends: everything that was there is held against the head.
    pub fn end(mut self) -> Report {
        let refused = self.signatures.end();
        let listed = refused.errors.len() as u64;
        for (index, error) in refused.errors {
            self.report.fault(Where::Entry(index), error);
        }
        self.report.fault_count += refused.count - listed;
        self.report.events = self.lines;
        if let Some(head) = self.head {
            if head.size > self.lines {
                let text = format!("it is missing; the head has {} entries", head.size);
                self.report.fault(Where::Entry(self.lines), text);
            } else if head.size < self.lines {
                let text = format!("it is one too many; the head has {} entries", head.size);
                self.report.fault(Where::Entry(head.size), text);
            } else if !self.tree.broken && self.tree.root() != Some(head.root) {
                let text = "the entries are not those that the head was signed over: some were \
                            changed, moved or exchanged";
                self.report.fault(Where::Whole, text);
            }
            self.report.heads.insert(0, head);
        }
        self.report
            .conditions
            .push("nothing is proved about what the journal took in after this head".to_owned());
        self.report
    }
}

/// Checks a whole export as it is read; `progress` is told the number of entries, once per 256.
///
/// # Errors
/// [`ExportError`] for what cannot be read and for a first line that is no header.
pub fn verify(
    mut from: impl BufRead,
    trusted: Option<&KeyFile>,
    progress: &mut dyn FnMut(u64),
) -> Result<Report, ExportError> {
    let mut line = Vec::new();
    next(&mut from, &mut line)?;
    let mut exported = Exported::begin(&line, trusted)?;
    while next(&mut from, &mut line)? {
        exported.line(&line);
        if exported.lines.is_multiple_of(STEP) {
            progress(exported.lines);
        }
    }
    Ok(exported.end())
}

/// An export that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The file.
    #[error("reading the export failed: {0}")]
    Read(#[from] std::io::Error),
    /// Its first line.
    #[error(
        "its first line is not the header of an exported journal ({0}): have it made again by \
         `motcua audit export`"
    )]
    Header(String),
    /// A line that never ends.
    #[error("a line has more than {LINE_BYTES_MAX} bytes: it is not an export of a journal")]
    LongLine,
}

/// The next line without its end; false after the last.
fn next(from: &mut impl BufRead, line: &mut Vec<u8>) -> Result<bool, ExportError> {
    line.clear();
    from.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', line)?;
    if line.len() as u64 == LINE_BYTES_MAX {
        return Err(ExportError::LongLine);
    }
    let any = !line.is_empty();
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    Ok(any)
}

/// The tree over what was walked: a few hundred hashes.
#[derive(Default)]
struct Tree {
    subtrees: BTreeMap<u64, Hash>,
    size: u64,
    /// An entry could not be read, so that there is no root.
    broken: bool,
}

impl Tree {
    fn push(&mut self, bytes: &[u8]) {
        let subtrees = &self.subtrees;
        let read = |number| subtrees.get(&number).copied().ok_or(number);
        let Ok(hashes) = tree::stored_hashes_for(self.size, tree::leaf_hash(bytes), read) else {
            self.broken = true;
            return;
        };
        let first = tree::stored_index(self.size);
        self.subtrees.extend((first..).zip(hashes));
        self.size += 1;
        if self.subtrees.len() <= SUBTREES_MAX {
            return;
        }
        let mut needed = BTreeMap::new();
        let kept = tree::root(self.size, |number| {
            let hash = self.subtrees.get(&number).copied().ok_or(number)?;
            needed.insert(number, hash);
            Ok::<Hash, u64>(hash)
        });
        match kept {
            Ok(_) => self.subtrees = needed,
            Err(_) => self.broken = true,
        }
    }

    fn root(&self) -> Option<Hash> {
        let read = |number| self.subtrees.get(&number).copied().ok_or(number);
        tree::root(self.size, read).ok()
    }
}
