//! The events about one dossier: a set, folded in one canonical order, whatever order they came in.
//!
//! The home's own events come first, in its numbering, then each performer's in theirs. That is
//! enough: the home's facts never depend on a performer's, and a performer's move only its own turn
//! of its own step (see `dossier::dossier`). People read the same set in causal order instead,
//! [`timeline`].

use std::collections::{BTreeMap, BTreeSet};

use calendar::Moment;
use dossier::dossier::{Dossier, Told};
use dossier::fact::Fact;
use dossier::ids::{DossierCode, Malformed, UnitId};
use dossier::intake::{Declined, Registered};
use dossier::wire;
use envelope::{Event, EventError};
use uuid::Uuid;

/// What an event says, as far as this version can read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A fact.
    Fact(Fact),
    /// A type this version does not know: kept and counted, never dropped.
    Unknown,
    /// A known type whose data is not what the type promises: kept and counted.
    Unreadable,
}

/// One event about a dossier, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The event's identity.
    pub id: Uuid,
    /// Who wrote it.
    pub unit: UnitId,
    /// The epoch of the writer's journal.
    pub epoch: Uuid,
    /// The writer's own number within the epoch.
    pub sequence: u64,
    /// When it happened.
    pub at: Moment,
    /// When the writer's journal took it in.
    pub recorded: Moment,
    /// Latest events about the dossier that the writer knew.
    pub parents: Vec<Uuid>,
    /// The type name.
    pub kind: String,
    /// Whether it comes from a simulation.
    pub simulated: bool,
    /// What it says.
    pub content: Content,
}

/// Bytes that cannot be a statement of a unit.
#[derive(Debug, thiserror::Error)]
pub enum StatementError {
    /// Not an event.
    #[error("reading a journal entry as an event: {0}")]
    Event(#[from] EventError),
    /// Its writer is not named as units are.
    #[error("reading the writer of an event: {0}")]
    Unit(#[from] Malformed),
}

impl Statement {
    /// Reads the exact bytes of an event. Data that cannot be read is no error: see [`Content`].
    ///
    /// # Errors
    /// [`StatementError`] when the envelope itself is not readable.
    pub fn read(bytes: &[u8]) -> Result<Self, StatementError> {
        let event = Event::read(bytes)?;
        let content = match wire::read(event.kind, event.data) {
            Ok(Some(fact)) => Content::Fact(fact),
            Ok(None) => Content::Unknown,
            Err(_) => Content::Unreadable,
        };
        Ok(Self {
            id: event.id,
            unit: UnitId::parse(event.unit)?,
            epoch: event.epoch,
            sequence: event.sequence,
            at: event.time,
            recorded: event.recorded,
            parents: event.parents,
            kind: event.kind.to_owned(),
            simulated: event.simulated,
            content,
        })
    }

    /// The fact, if it is one that this version knows.
    pub fn fact(&self) -> Option<&Fact> {
        match &self.content {
            Content::Fact(fact) => Some(fact),
            Content::Unknown | Content::Unreadable => None,
        }
    }

    /// A writer's own order. Epochs are UUIDv7, so their byte order is the order of their creation.
    fn own_order(&self) -> (&UnitId, Uuid, u64, Uuid) {
        (&self.unit, self.epoch, self.sequence, self.id)
    }
}

/// A dossier as folded from the statements about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tale {
    /// The folded dossier; none while no desk has been heard.
    pub dossier: Option<Dossier>,
    /// What was registered online, if that is how it began.
    pub registered: Option<Registered>,
    /// What was declined, if it was.
    pub declined: Option<Declined>,
    /// Statements of types that this version does not know.
    pub unknown: u32,
    /// Statements of known types with unreadable data.
    pub unreadable: u32,
    /// Statements of others that wait until the desk is heard.
    pub pending: u32,
    /// Whether any statement comes from a simulation.
    pub simulated: bool,
}

/// Folds a set of statements. Their order and repetitions make no difference.
pub fn fold<'a>(code: &DossierCode, statements: impl IntoIterator<Item = &'a Statement>) -> Tale {
    let set: BTreeMap<Uuid, &Statement> = statements.into_iter().map(|s| (s.id, s)).collect();
    let mut ordered: Vec<&Statement> = set.into_values().collect();
    let home = home_of(code, &ordered);
    ordered.sort_by_key(|s| (home.as_ref() != Some(&s.unit), s.own_order()));
    let mut tale = Tale {
        dossier: home.map(|home| Dossier::at(code.clone(), home)),
        registered: None,
        declined: None,
        unknown: 0,
        unreadable: 0,
        pending: 0,
        simulated: ordered.iter().any(|s| s.simulated),
    };
    for statement in ordered {
        let fact = match &statement.content {
            Content::Fact(fact) => fact,
            Content::Unknown => {
                tale.unknown += 1;
                continue;
            }
            Content::Unreadable => {
                tale.unreadable += 1;
                continue;
            }
        };
        let Some(dossier) = &mut tale.dossier else {
            tale.pending += 1;
            continue;
        };
        let contested = dossier.contested;
        let (by, parents) = (&statement.unit, statement.parents.as_slice());
        dossier.evolve(
            &Told {
                id: statement.id,
                by,
                at: statement.at,
                parents,
            },
            fact,
        );
        if dossier.contested == contested {
            match fact {
                Fact::Registered(registered) => tale.registered = Some(registered.clone()),
                Fact::Declined(declined) => tale.declined = Some(declined.clone()),
                _ => {}
            }
        }
    }
    tale
}

/// The unit at whose desk the dossier began: the one that issued its code and says so.
fn home_of(code: &DossierCode, statements: &[&Statement]) -> Option<UnitId> {
    let began = |s: &&&Statement| {
        matches!(
            s.fact(),
            Some(Fact::Registered(_) | Fact::Received(_) | Fact::Declined(_))
        )
    };
    statements
        .iter()
        .filter(began)
        .map(|s| &s.unit)
        .filter(|unit| code.issued_by(unit))
        .min()
        .cloned()
}

/// The same set in causal order: after everything its writer knew, and after the writer's own
/// earlier ones; what has no cause between it is ordered by time, unit and number. Clocks that
/// disagree therefore never turn cause and effect around.
pub fn timeline(statements: &[Statement]) -> Vec<&Statement> {
    let set: BTreeMap<Uuid, &Statement> = statements.iter().map(|s| (s.id, s)).collect();
    let mut causes: BTreeMap<Uuid, BTreeSet<Uuid>> = BTreeMap::new();
    for statement in set.values() {
        let known = statement
            .parents
            .iter()
            .filter(|p| set.contains_key(*p) && **p != statement.id);
        causes.insert(statement.id, known.copied().collect());
    }
    let mut own: Vec<&Statement> = set.values().copied().collect();
    own.sort_by_key(|s| s.own_order());
    for pair in own.windows(2) {
        if let [before, after] = pair
            && before.unit == after.unit
        {
            causes.entry(after.id).or_default().insert(before.id);
        }
    }
    let mut effects: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
    for (effect, of) in &causes {
        for cause in of {
            effects.entry(*cause).or_default().push(*effect);
        }
    }
    let rank = |s: &'_ Statement| (s.at, s.unit.clone(), s.epoch, s.sequence, s.id);
    let mut waiting: BTreeMap<_, &Statement> = set.values().map(|s| (rank(s), *s)).collect();
    let mut ready: BTreeSet<_> = waiting
        .iter()
        .filter(|(_, s)| causes.get(&s.id).is_none_or(BTreeSet::is_empty))
        .map(|(r, _)| r.clone())
        .collect();
    let mut ordered = Vec::with_capacity(set.len());
    // Statements that name each other as causes cannot both be true; the earliest goes first.
    while let Some(next) = ready.pop_first().or_else(|| waiting.keys().next().cloned()) {
        let Some(statement) = waiting.remove(&next) else {
            continue;
        };
        ordered.push(statement);
        for effect in effects.get(&statement.id).into_iter().flatten() {
            let left = causes.get_mut(effect).map(|of| {
                of.remove(&statement.id);
                of.is_empty()
            });
            if left == Some(true)
                && let Some(free) = set.get(effect).map(|s| rank(s))
                && waiting.contains_key(&free)
            {
                ready.insert(free);
            }
        }
    }
    ordered
}
