//! The state: a row for every dossier, and the counters over them.

use std::collections::{BTreeMap, BTreeSet};

use calendar::Moment;
use data_encoding::HEXLOWER;
use dossier::fact::Fact;
use dossier::ids::{DossierCode, UnitId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::closed::{self, ClosedPeriod};
use crate::counters::Counters;
use crate::row::Row;
use crate::told::{self, Declared};
use history::{Statement, Tale};

/// How far an origin has been heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Its own number; nothing before it is missing.
    pub sequence: u64,
    /// When its latest event was recorded by it.
    pub recorded: Moment,
}

/// What was seen, by kind of thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Seen {
    /// Events about something else than a dossier.
    pub elsewhere: u64,
    /// Events of unknown type or with unreadable data, about dossiers.
    pub unread: u64,
    /// Events that wait until their dossier's desk is heard.
    pub pending: u64,
    /// Statements by units that had no right to them.
    pub contested: u64,
}

/// A dossier: its row, or what waits for its desk.
#[derive(Debug, Clone)]
enum Place {
    Known(Box<Row>),
    Waiting { pending: u32, unread: u32 },
}

/// The whole state. A pure function of the set of events it was given.
#[derive(Debug, Clone, Default)]
pub struct State {
    places: BTreeMap<DossierCode, Place>,
    open: BTreeSet<DossierCode>,
    counters: Counters,
    seen: Seen,
    simulated: u64,
    /// Dossiers by the codes that others gave them. Two may claim the same one.
    aliases: BTreeMap<String, BTreeSet<DossierCode>>,
    /// Days declared after the calendar was published, by number and event.
    declarations: Vec<Declared>,
    /// Statements that close periods or restate them, by event.
    periods: BTreeMap<Uuid, Statement>,
    positions: BTreeMap<(UnitId, Uuid), Position>,
    /// How many journal entries it covers.
    entries: u64,
}

impl State {
    /// Puts a dossier as folded now in the place of what was known of it.
    pub fn place(&mut self, code: &DossierCode, tale: &Tale) {
        if let Some(old) = self.places.remove(code) {
            self.take_out(code, &old);
        }
        let place = match Row::of(tale) {
            Some(row) => Place::Known(Box::new(row)),
            None => Place::Waiting {
                pending: tale.pending,
                unread: tale.unknown + tale.unreadable,
            },
        };
        match &place {
            Place::Known(row) => {
                self.counters.add(row);
                self.seen.contested += u64::from(row.contested);
                self.seen.unread += u64::from(row.unread);
                self.simulated += u64::from(row.simulated);
                if row.is_open() {
                    self.open.insert(code.clone());
                }
                for alias in &row.aliases {
                    let known = self.aliases.entry(alias.code.clone()).or_default();
                    known.insert(code.clone());
                }
            }
            Place::Waiting { pending, unread } => {
                self.seen.pending += u64::from(*pending);
                self.seen.unread += u64::from(*unread);
            }
        }
        self.places.insert(code.clone(), place);
    }

    fn take_out(&mut self, code: &DossierCode, old: &Place) {
        match old {
            Place::Known(row) => {
                self.counters.subtract(row);
                self.seen.contested -= u64::from(row.contested);
                self.seen.unread -= u64::from(row.unread);
                self.simulated -= u64::from(row.simulated);
                self.open.remove(code);
                for alias in &row.aliases {
                    if let Some(known) = self.aliases.get_mut(&alias.code) {
                        known.remove(code);
                        if known.is_empty() {
                            self.aliases.remove(&alias.code);
                        }
                    }
                }
            }
            Place::Waiting { pending, unread } => {
                self.seen.pending -= u64::from(*pending);
                self.seen.unread -= u64::from(*unread);
            }
        }
    }

    /// Notes that an origin was heard up to a number, and how many entries are covered by now.
    pub fn heard(&mut self, unit: &UnitId, epoch: Uuid, position: Position) {
        let known = self
            .positions
            .entry((unit.clone(), epoch))
            .or_insert(position);
        if known.sequence < position.sequence {
            *known = position;
        }
    }

    /// Counts an event about something that is not a dossier, and keeps what it declares.
    pub fn elsewhere(&mut self, statement: Option<&Statement>) {
        self.seen.elsewhere += 1;
        if let Some(statement) = statement
            && let Some(Fact::PeriodClosed(_) | Fact::PeriodRestated(_)) = statement.fact()
        {
            self.periods.insert(statement.id, statement.clone());
        }
        let said = statement.and_then(told::declaration);
        if let Some(declared) = said {
            let place = |d: &Declared| (d.declared.number, d.event);
            let at = self
                .declarations
                .partition_point(|known| place(known) < place(&declared));
            self.declarations.insert(at, declared);
        }
    }

    /// Periods that were closed.
    pub fn closed(&self) -> Vec<ClosedPeriod> {
        closed::periods(self.periods.values())
    }

    /// Days declared after the calendar was published, in the order of their numbers.
    pub fn declarations(&self) -> &[Declared] {
        &self.declarations
    }

    /// The state now covers the first `entries` entries of the journal.
    pub fn covers(&mut self, entries: u64) {
        self.entries = entries;
    }

    /// How many journal entries it covers.
    pub fn entries(&self) -> u64 {
        self.entries
    }

    /// How far each origin was heard, per epoch.
    pub fn positions(&self) -> &BTreeMap<(UnitId, Uuid), Position> {
        &self.positions
    }

    /// The counters.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// What was seen.
    pub fn seen(&self) -> Seen {
        self.seen
    }

    /// Whether any dossier comes from a simulation.
    pub fn is_simulated(&self) -> bool {
        self.simulated > 0
    }

    /// Whether anything was heard about a dossier.
    pub fn knows(&self, code: &DossierCode) -> bool {
        self.places.contains_key(code)
    }

    /// The row of a dossier.
    pub fn row(&self, code: &DossierCode) -> Option<&Row> {
        match self.places.get(code)? {
            Place::Known(row) => Some(row),
            Place::Waiting { .. } => None,
        }
    }

    /// The dossiers that somebody else's code names.
    pub fn aliased(&self, alias: &str) -> impl Iterator<Item = &DossierCode> {
        self.aliases.get(alias).into_iter().flatten()
    }

    /// Every row, in order of code.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.places.values().filter_map(|place| match place {
            Place::Known(row) => Some(row.as_ref()),
            Place::Waiting { .. } => None,
        })
    }

    /// The rows of open dossiers, in order of code.
    pub fn open(&self) -> impl Iterator<Item = &Row> {
        self.open.iter().filter_map(|code| self.row(code))
    }

    /// SHA-256, in hex, over rows, counters, declared days and closed periods as JSON lines in order:
    /// two projectors that were told the same set of events have the same digest.
    ///
    /// # Errors
    /// When a row cannot be written as JSON, which no row is known to do.
    pub fn digest(&self) -> Result<String, serde_json::Error> {
        let mut hash = Sha256::new();
        for row in self.rows() {
            hash.update(serde_json::to_vec(row)?);
            hash.update(b"\n");
        }
        for cell in self.counters.cells() {
            hash.update(serde_json::to_vec(&cell)?);
            hash.update(b"\n");
        }
        for declared in &self.declarations {
            hash.update(serde_json::to_vec(declared)?);
            hash.update(b"\n");
        }
        for period in self.closed() {
            hash.update(serde_json::to_vec(&period)?);
            hash.update(b"\n");
        }
        hash.update(serde_json::to_vec(&self.seen)?);
        hash.update(b"\n");
        Ok(HEXLOWER.encode(&hash.finalize()))
    }
}
