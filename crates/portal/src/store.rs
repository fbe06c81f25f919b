//! The adapter's own journal: what it was told, and how far it has told it.
//!
//! An event, the position it brings its origin to and the mark that its dossier is due are one group,
//! so they survive together or not at all. How far a dossier was told is a note beside them, and what
//! is lost with it is only sent again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use calendar::{Moment, parse_moment};
use dossier::ids::DossierCode;
use envelope::register::is_about_keys;
use envelope::{Event, KeyRegister, Signed};
use history::{Statement, StatementError};
use journal::{
    AppendError, Group, Journal, NewEntry, NewQuarantine, Note, OpenError, Options, Origin,
    ReadError,
};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::line::Line;

/// The name under which the adapter keeps its journal; no agency has it.
pub(crate) const PORTAL: &str = "PORTAL";

const POSITION: &str = "position/";
const DUE: &str = "due/";
const LINE: &str = "line/";
const ASIDE: &str = "aside/";

/// Something to be written down.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// A verified event: its exact bytes with the signature.
    Event(Signed),
    /// Something that cannot be accepted.
    Unfit {
        /// The bytes as they came.
        bytes: Bytes,
        /// Who sent it, as far as known.
        unit: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// The store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// It did not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A group was refused.
    #[error("writing into the adapter's journal: {0}")]
    Append(#[from] AppendError),
    /// An entry cannot be read.
    #[error(
        "reading the adapter's journal: {0}; delete its directory: it is filled again, and everything is told again"
    )]
    Read(#[from] ReadError),
    /// An entry is no statement.
    #[error("reading an entry of the adapter's journal: {0}")]
    Statement(#[from] StatementError),
    /// How far a dossier was told cannot be read or written.
    #[error("how far {code} was told: {source}")]
    Line {
        /// The dossier.
        code: DossierCode,
        /// What is wrong.
        source: serde_json::Error,
    },
}

/// The adapter's journal. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    journal: Journal,
    /// Between looking at what a dossier holds and writing that nothing of it is due, nothing may
    /// arrive.
    writing: Arc<Mutex<()>>,
}

impl Store {
    /// Opens it in `dir`, creating it where there is none. Blocks.
    ///
    /// # Errors
    /// [`StoreError::Open`].
    pub(crate) fn open(dir: &Path) -> Result<Self, StoreError> {
        // An epoch numbers own events, and there will be none.
        let journal = Journal::open(dir, Options::new(PORTAL, Uuid::nil()))?;
        Ok(Self {
            journal,
            writing: Arc::default(),
        })
    }

    /// Writes down what arrived at `at` and waits until it is durable; what is known already and what
    /// is about neither a dossier nor keys is passed over. Gives the number of new events.
    ///
    /// # Errors
    /// [`StoreError`]: nothing of these arrivals was written.
    pub(crate) async fn append(
        &self,
        arrivals: Vec<Arrival>,
        at: Moment,
    ) -> Result<usize, StoreError> {
        let _writing = self.writing.lock().await;
        let mut group = Group::default();
        let mut ids = BTreeSet::new();
        let mut positions: BTreeMap<String, u64> = BTreeMap::new();
        let mut due: BTreeSet<DossierCode> = BTreeSet::new();
        for arrival in arrivals {
            let signed = match arrival {
                Arrival::Event(signed) => signed,
                Arrival::Unfit {
                    bytes,
                    unit,
                    reason,
                } => {
                    group.quarantined.push(NewQuarantine {
                        bytes: bytes.to_vec(),
                        reason,
                        from: unit,
                        at: at.to_rfc3339(),
                        signature: None,
                        key: None,
                        link: None,
                    });
                    continue;
                }
            };
            let event = Event::read(&signed.bytes).map_err(AppendError::Event)?;
            let (id, unit, sequence) = (event.id, event.unit.to_owned(), event.sequence);
            let code = DossierCode::parse(&event.subject);
            // Sequences begin again with every epoch of a unit.
            let line = format!("{unit}/{}", event.epoch.hyphenated());
            let key = format!("{POSITION}{line}");
            let last = positions.entry(key).or_default();
            *last = (*last).max(sequence);
            let known = !ids.insert(id) || self.journal.contains(&id)?;
            // What units say about their keys is needed to believe them after a restart.
            if known || (code.is_err() && !is_about_keys(event.kind)) {
                continue;
            }
            // What is taken in here can be read whenever its dossier is told.
            if let Err(error) = Statement::read(&signed.bytes) {
                group.quarantined.push(NewQuarantine {
                    bytes: signed.bytes.to_vec(),
                    reason: error.to_string(),
                    from: unit,
                    at: at.to_rfc3339(),
                    signature: None,
                    key: None,
                    link: None,
                });
                continue;
            }
            due.extend(code);
            group.entries.push(NewEntry {
                origin: Origin::Received {
                    from: line,
                    link: sequence,
                },
                signed,
                deliveries: Vec::new(),
            });
        }
        let new = group.entries.len();
        for (key, sequence) in positions {
            group
                .notes
                .push(note(&key, Some(sequence.to_be_bytes().to_vec())));
        }
        for code in due {
            let key = format!("{DUE}{code}");
            if self.journal.note(key.as_bytes())?.is_none() {
                group
                    .notes
                    .push(note(&key, Some(at.to_rfc3339().into_bytes())));
            }
        }
        if new > 0 || !group.notes.is_empty() || !group.quarantined.is_empty() {
            self.journal.append(group).await.await?;
        }
        Ok(new)
    }

    /// Lets `keys` know again what units said about their keys.
    ///
    /// # Errors
    /// [`StoreError::Read`].
    pub(crate) fn remind_of_keys(&self, keys: &KeyRegister) -> Result<(), StoreError> {
        Ok(self.journal.remind_of_keys(keys)?)
    }

    /// The last number written down per origin and epoch: where a feed goes on.
    ///
    /// # Errors
    /// [`StoreError::Read`].
    pub(crate) fn positions(&self) -> Result<BTreeMap<(String, Uuid), u64>, StoreError> {
        let notes = self.journal.notes_with_prefix(POSITION.as_bytes())?;
        Ok(notes
            .into_iter()
            .filter_map(|(key, value)| read_position(&key, &value))
            .collect())
    }

    /// The dossiers of which something is still to be told, each since when.
    ///
    /// # Errors
    /// [`StoreError::Read`].
    pub(crate) fn due(&self) -> Result<BTreeMap<DossierCode, Moment>, StoreError> {
        let notes = self.journal.notes_with_prefix(DUE.as_bytes())?;
        Ok(notes
            .into_iter()
            .filter_map(|(key, value)| {
                let since = parse_moment(std::str::from_utf8(&value).ok()?).ok()?;
                Some((code_of(DUE, &key)?, since))
            })
            .collect())
    }

    /// The dossiers of which something was set aside.
    ///
    /// # Errors
    /// [`StoreError::Read`].
    pub(crate) fn with_aside(&self) -> Result<Vec<DossierCode>, StoreError> {
        let notes = self.journal.notes_with_prefix(ASIDE.as_bytes())?;
        Ok(notes
            .iter()
            .filter_map(|(key, _)| code_of(ASIDE, key))
            .collect())
    }

    /// How many arrivals lie in quarantine.
    ///
    /// # Errors
    /// [`StoreError::Read`].
    pub(crate) fn quarantined(&self) -> Result<usize, StoreError> {
        Ok(self.journal.quarantined()?.len())
    }

    /// Everything that is said about a dossier.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn about(&self, code: &DossierCode) -> Result<Vec<Statement>, StoreError> {
        let entries = self.journal.of_subject(code.as_str())?;
        let statements = entries
            .iter()
            .map(|entry| Statement::read(&entry.signed.bytes));
        Ok(statements.collect::<Result<_, _>>()?)
    }

    /// How far a dossier was told.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn line(&self, code: &DossierCode) -> Result<Line, StoreError> {
        match self.journal.note(format!("{LINE}{code}").as_bytes())? {
            Some(text) => serde_json::from_slice(&text).map_err(|source| StoreError::Line {
                code: code.clone(),
                source,
            }),
            None => Ok(Line::default()),
        }
    }

    /// Writes down how far a dossier was told. `all_of` is the number of statements when nothing was
    /// left to tell of them: it is not due any more, unless more has arrived since.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn keep(
        &self,
        code: &DossierCode,
        line: &Line,
        all_of: Option<usize>,
    ) -> Result<(), StoreError> {
        let _writing = self.writing.lock().await;
        let due = match all_of {
            Some(all) if self.journal.of_subject(code.as_str())?.len() == all => {
                Some(note(&format!("{DUE}{code}"), None))
            }
            _ => None,
        };
        self.write(code, line, due).await
    }

    /// Takes up again, from `at` on, everything that was set aside. Gives the number of dossiers.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn again(&self, at: Moment) -> Result<usize, StoreError> {
        let codes = self.with_aside()?;
        for code in &codes {
            let mut line = self.line(code)?;
            line.again();
            let since = at.to_rfc3339().into_bytes();
            let due = note(&format!("{DUE}{code}"), Some(since));
            self.write(code, &line, Some(due)).await?;
        }
        Ok(codes.len())
    }

    /// A dossier's line and what goes with it, as one.
    async fn write(
        &self,
        code: &DossierCode,
        line: &Line,
        due: Option<Note>,
    ) -> Result<(), StoreError> {
        let text = serde_json::to_vec(line).map_err(|source| StoreError::Line {
            code: code.clone(),
            source,
        })?;
        let aside = (!line.aside.is_empty()).then(Vec::new);
        let mut notes = vec![
            note(&format!("{LINE}{code}"), Some(text)),
            note(&format!("{ASIDE}{code}"), aside),
        ];
        notes.extend(due);
        let group = Group {
            notes,
            ..Group::default()
        };
        self.journal.append(group).await.await?;
        Ok(())
    }
}

fn note(key: &str, value: Option<Vec<u8>>) -> Note {
    Note {
        key: key.as_bytes().to_vec(),
        value,
    }
}

fn code_of(prefix: &str, key: &[u8]) -> Option<DossierCode> {
    let text = std::str::from_utf8(key).ok()?.strip_prefix(prefix)?;
    DossierCode::parse(text).ok()
}

fn read_position(key: &[u8], value: &[u8]) -> Option<((String, Uuid), u64)> {
    let text = std::str::from_utf8(key).ok()?.strip_prefix(POSITION)?;
    let (unit, epoch) = text.rsplit_once('/')?;
    let sequence = u64::from_be_bytes(value.try_into().ok()?);
    Some(((unit.to_owned(), Uuid::try_parse(epoch).ok()?), sequence))
}
