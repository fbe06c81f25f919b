//! From the journal to the state: from zero, or only what is new. Both end in the same state.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::Bytes;
use dossier::ids::{DossierCode, UnitId};
use envelope::Event;
use uuid::Uuid;

use crate::state::{Position, State};
use crate::store::{Store, StoreError, statement, subject_of};
use history::{Statement, StatementError};

/// How many events are held in memory at once while rebuilding: about 100 MB.
const EVENTS_HELD_MAX: u64 = 65_536;

/// Builds the state of the first `upto` entries from nothing. With a `shuffle`, dossiers and their
/// events are taken in an order drawn from that seed: the outcome must not depend on it.
///
/// # Errors
/// [`StoreError`] naming the entry that cannot be read.
pub(crate) fn from_zero(
    store: &Store,
    upto: u64,
    shuffle: Option<u64>,
) -> Result<State, StoreError> {
    let mut state = State::default();
    // Walking several times, each time for some of the dossiers, bounds the memory whatever the
    // size of the journal.
    let parts = upto / EVENTS_HELD_MAX + 1;
    for part in 0..parts {
        let mut held: BTreeMap<DossierCode, Vec<(u64, Bytes)>> = BTreeMap::new();
        store.walk(0, upto, |index, bytes| {
            let event = read(index, bytes)?;
            let (code, writer) = subject_of(&event);
            if part == 0 {
                note(&mut state, &event, writer.as_ref());
                if code.is_none() {
                    state.elsewhere(Statement::read(bytes).ok().as_ref());
                }
            }
            if let Some(code) = code
                && part_of(&code, parts) == part
            {
                held.entry(code).or_default().push((index, bytes.clone()));
            }
            Ok(())
        })?;
        let mut dossiers: Vec<_> = held.into_iter().collect();
        if let Some(seed) = shuffle {
            shuffled(&mut dossiers, seed);
        }
        for (code, mut events) in dossiers {
            if let Some(seed) = shuffle {
                let own_seed = seed ^ events.len() as u64;
                shuffled(&mut events, own_seed);
            }
            let statements = events
                .iter()
                .map(|(index, bytes)| statement(*index, bytes))
                .collect::<Result<Vec<Statement>, _>>()?;
            state.place(&code, &history::fold(&code, &statements));
        }
    }
    state.covers(upto);
    Ok(state)
}

/// What new entries change, worked out without touching the state.
#[derive(Debug)]
pub(crate) struct Change {
    tales: Vec<(DossierCode, history::Tale)>,
    heard: Vec<(UnitId, Uuid, Position)>,
    elsewhere: Vec<Option<Statement>>,
    upto: u64,
}

/// Works out what entries `from..upto` change: every dossier that they speak of, folded anew.
///
/// # Errors
/// [`StoreError`] naming the entry that cannot be read.
pub(crate) fn change(store: &Store, from: u64, upto: u64) -> Result<Change, StoreError> {
    let mut touched = BTreeSet::new();
    let mut change = Change {
        tales: Vec::new(),
        heard: Vec::new(),
        elsewhere: Vec::new(),
        upto,
    };
    store.walk(from, upto, |index, bytes| {
        let event = read(index, bytes)?;
        let (code, writer) = subject_of(&event);
        if let Some(writer) = writer {
            let position = Position {
                sequence: event.sequence,
                recorded: event.recorded,
            };
            change.heard.push((writer, event.epoch, position));
        }
        match code {
            Some(code) => {
                touched.insert(code);
            }
            None => change.elsewhere.push(Statement::read(bytes).ok()),
        }
        Ok(())
    })?;
    for code in touched {
        let tale = history::fold(&code, &store.about(&code, upto)?);
        change.tales.push((code, tale));
    }
    Ok(change)
}

impl Change {
    /// Makes the change.
    pub(crate) fn apply(self, state: &mut State) {
        for (code, tale) in &self.tales {
            state.place(code, tale);
        }
        for (unit, epoch, position) in &self.heard {
            state.heard(unit, *epoch, *position);
        }
        for statement in &self.elsewhere {
            state.elsewhere(statement.as_ref());
        }
        state.covers(self.upto);
    }
}

fn read(index: u64, bytes: &Bytes) -> Result<Event<'_>, StoreError> {
    let wrong = |source| StoreError::Statement {
        index,
        source: StatementError::Event(source),
    };
    Event::read(bytes).map_err(wrong)
}

fn note(state: &mut State, event: &Event<'_>, writer: Option<&UnitId>) {
    if let Some(writer) = writer {
        let position = Position {
            sequence: event.sequence,
            recorded: event.recorded,
        };
        state.heard(writer, event.epoch, position);
    }
}

/// Which walk a dossier belongs to. Any spread will do: the outcome does not depend on it.
fn part_of(code: &DossierCode, parts: u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    code.hash(&mut hasher);
    hasher.finish() % parts
}

/// Fisher and Yates with a small generator: enough to upset an order, reproducibly.
fn shuffled<T>(items: &mut [T], seed: u64) {
    let mut state = seed;
    for last in (1..items.len()).rev() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let bound = last as u64 + 1;
        items.swap(
            last,
            usize::try_from((state >> 33) % bound).unwrap_or_default(),
        );
    }
}
