//! The projector's own journal: what it was told, before it says that it was.
//!
//! An event and the position it brings its origin to are one group, so they survive together or
//! not at all. The projector writes no events of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use bytes::Bytes;
use dossier::ids::{DossierCode, UnitId};
use envelope::{Event, KeyId, KeyRegister, Signed};
use journal::{
    AppendError, Group, Journal, NewEntry, NewQuarantine, Note, OpenError, Options, Origin,
    ReadError,
};
use uuid::Uuid;

use history::{Statement, StatementError};

/// The name under which a projector keeps its journal; no agency has it.
pub const PROJECTOR: &str = "PROJECTOR";

/// A rebuild reads much, and there is one journal in the process.
const CACHE_BYTES: u64 = 64 << 20;

const POSITION: &[u8] = b"position/";

/// Something to be written down.
#[derive(Debug)]
pub enum Arrival {
    /// A verified event.
    Event {
        /// Its exact bytes with the signature.
        signed: Signed,
        /// RFC 3339, when it came.
        at: String,
    },
    /// Something that cannot be accepted.
    Unfit {
        /// The bytes as they came.
        bytes: Bytes,
        /// Who sent it, as far as known.
        unit: String,
        /// The signature that came with it, unverified, and the key that it is said to be by.
        signature: Option<([u8; 64], KeyId)>,
        /// What is wrong with it.
        reason: String,
        /// RFC 3339, when it came.
        at: String,
    },
}

/// The store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It did not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A group was refused.
    #[error("writing down what arrived: {0}")]
    Append(#[from] AppendError),
    /// An entry cannot be read.
    #[error("reading the projector's journal: {0}; delete its directory, it is filled again")]
    Read(#[from] ReadError),
    /// The state cannot be written down to be compared.
    #[error("writing the state as JSON: {0}")]
    Digest(serde_json::Error),
    /// An entry is no statement.
    #[error("reading entry {index} of the projector's journal: {source}")]
    Statement {
        /// Its place.
        index: u64,
        /// What is wrong with it.
        source: StatementError,
    },
}

/// The projector's journal. Clones share it.
#[derive(Debug, Clone)]
pub struct Store(Journal);

impl Store {
    /// Opens it in `dir`, creating it where there is none. Blocks.
    ///
    /// # Errors
    /// [`StoreError::Open`].
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        // An epoch numbers own events, and there will be none.
        let options = Options {
            cache_bytes: CACHE_BYTES,
            ..Options::new(PROJECTOR, Uuid::nil())
        };
        Ok(Self(Journal::open(dir, options)?))
    }

    /// Over a journal that its host has opened, and writes into itself.
    pub fn over(journal: Journal) -> Self {
        Self(journal)
    }

    /// How many entries are durable.
    pub fn entries(&self) -> u64 {
        self.0.size()
    }

    /// Writes down what arrived and waits until it is durable; what is known already is passed
    /// over. Gives the number of new events.
    ///
    /// # Errors
    /// [`StoreError`]: nothing of these arrivals was written.
    pub async fn append(&self, arrivals: Vec<Arrival>) -> Result<usize, StoreError> {
        let group = self.group(arrivals)?;
        let new = group.entries.len();
        if new == 0 && group.quarantined.is_empty() {
            return Ok(0);
        }
        self.0.append(group).await.await?;
        Ok(new)
    }

    /// What has to be written down for these arrivals, in one group; nothing for what is known.
    ///
    /// # Errors
    /// [`StoreError`] when an arrival is no event, or the journal cannot be read.
    pub fn group(&self, arrivals: Vec<Arrival>) -> Result<Group, StoreError> {
        let mut group = Group::default();
        let mut ids = BTreeSet::new();
        let mut positions: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
        for arrival in arrivals {
            match arrival {
                Arrival::Event { signed, at } => {
                    let (id, unit, epoch, sequence) = {
                        let event = Event::read(&signed.bytes).map_err(AppendError::Event)?;
                        (event.id, event.unit.to_owned(), event.epoch, event.sequence)
                    };
                    if !ids.insert(id) || self.0.contains(&id)? {
                        continue;
                    }
                    let last = positions.entry(position_key(&unit, epoch)).or_default();
                    *last = (*last).max(sequence);
                    // What is taken in here can be read at every later rebuild.
                    match Self::entry(signed.clone()) {
                        Ok((_, entry)) => group.entries.push(entry),
                        Err(reason) => group.quarantined.push(NewQuarantine {
                            bytes: signed.bytes.to_vec(),
                            reason,
                            from: unit,
                            at,
                            signature: Some(signed.signature),
                            key: Some(signed.key),
                            link: Some(sequence),
                        }),
                    }
                }
                Arrival::Unfit {
                    bytes,
                    unit,
                    signature,
                    reason,
                    at,
                } => {
                    let (signature, key) = signature.unzip();
                    group.quarantined.push(NewQuarantine {
                        bytes: bytes.to_vec(),
                        reason,
                        from: unit,
                        at,
                        signature,
                        key,
                        link: None,
                    });
                }
            }
        }
        for (key, sequence) in positions {
            let value = Some(sequence.to_be_bytes().to_vec());
            group.notes.push(Note { key, value });
        }
        Ok(group)
    }

    /// Lets `keys` know again what units said about their keys.
    ///
    /// # Errors
    /// [`StoreError::Read`].
    pub fn remind_of_keys(&self, keys: &KeyRegister) -> Result<(), StoreError> {
        Ok(self.0.remind_of_keys(keys)?)
    }

    /// The last number written down per origin and epoch: where a feed goes on.
    ///
    /// # Errors
    /// [`StoreError::Read`].
    pub fn positions(&self) -> Result<BTreeMap<(String, Uuid), u64>, StoreError> {
        let notes = self.0.notes_with_prefix(POSITION)?;
        Ok(notes
            .into_iter()
            .filter_map(|(key, value)| read_position(&key, &value))
            .collect())
    }

    /// The journal itself.
    pub(crate) fn journal(&self) -> &Journal {
        &self.0
    }

    /// What a verified event becomes here, with its identity; or why it cannot be an entry.
    pub(crate) fn entry(signed: Signed) -> Result<(Uuid, NewEntry), String> {
        let statement = Statement::read(&signed.bytes).map_err(|error| error.to_string())?;
        if statement.unit.as_str() == PROJECTOR {
            return Err(format!("no unit may be called {PROJECTOR}"));
        }
        let origin = Origin::Received {
            from: line(statement.unit.as_str(), statement.epoch),
            link: statement.sequence,
        };
        let entry = NewEntry {
            origin,
            signed,
            deliveries: Vec::new(),
        };
        Ok((statement.id, entry))
    }

    /// What is said about one dossier among the first `upto` entries.
    ///
    /// # Errors
    /// [`StoreError`] naming the entry that cannot be read.
    pub fn about(&self, code: &DossierCode, upto: u64) -> Result<Vec<Statement>, StoreError> {
        let entries = self.0.of_subject(code.as_str())?;
        entries
            .iter()
            .filter(|entry| entry.index < upto)
            .map(|entry| statement(entry.index, &entry.signed.bytes))
            .collect()
    }

    /// The events about one dossier among the first `upto` entries, as they were signed.
    ///
    /// # Errors
    /// [`StoreError`] naming the entry that cannot be read.
    pub fn signed_about(&self, code: &DossierCode, upto: u64) -> Result<Vec<Signed>, StoreError> {
        let entries = self.0.of_subject(code.as_str())?;
        let durable = entries.into_iter().filter(|entry| entry.index < upto);
        Ok(durable.map(|entry| entry.signed).collect())
    }

    /// At most `limit` events of `epoch` of `origin` from its number `from_sequence` on, in order of
    /// number, as they were signed. Numbers whose events never came are passed over; two events under
    /// one number are both there.
    ///
    /// # Errors
    /// [`StoreError::Read`].
    pub fn held(
        &self,
        origin: &str,
        epoch: Uuid,
        from_sequence: u64,
        limit: usize,
    ) -> Result<Vec<Signed>, StoreError> {
        let entries = self
            .0
            .received_on(&line(origin, epoch), from_sequence, limit)?;
        Ok(entries.into_iter().map(|entry| entry.signed).collect())
    }

    /// Shows entries `from..upto` in order: index and exact bytes.
    ///
    /// # Errors
    /// [`StoreError`], or what `see` returns.
    pub fn walk(
        &self,
        from: u64,
        upto: u64,
        mut see: impl FnMut(u64, &Bytes) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        for entry in self.0.scan(from) {
            let entry = entry?;
            if entry.index >= upto {
                break;
            }
            see(entry.index, &entry.signed.bytes)?;
        }
        Ok(())
    }
}

/// Reads an entry as a statement.
pub(crate) fn statement(index: u64, bytes: &[u8]) -> Result<Statement, StoreError> {
    Statement::read(bytes).map_err(|source| StoreError::Statement { index, source })
}

/// Sequences begin again with every epoch of a unit, so each epoch is a line of its own.
fn line(unit: &str, epoch: Uuid) -> String {
    format!("{unit}/{}", epoch.hyphenated())
}

fn position_key(unit: &str, epoch: Uuid) -> Vec<u8> {
    [
        POSITION,
        unit.as_bytes(),
        b"/",
        epoch.hyphenated().to_string().as_bytes(),
    ]
    .concat()
}

fn read_position(key: &[u8], value: &[u8]) -> Option<((String, Uuid), u64)> {
    let text = std::str::from_utf8(key.strip_prefix(POSITION)?).ok()?;
    let (unit, epoch) = text.rsplit_once('/')?;
    let sequence = u64::from_be_bytes(value.try_into().ok()?);
    Some(((unit.to_owned(), Uuid::try_parse(epoch).ok()?), sequence))
}

/// The dossier and the writer that an event names.
pub(crate) fn subject_of(event: &Event<'_>) -> (Option<DossierCode>, Option<UnitId>) {
    (
        DossierCode::parse(&event.subject).ok(),
        UnitId::parse(event.unit).ok(),
    )
}
