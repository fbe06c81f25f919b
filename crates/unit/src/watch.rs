//! The host's own small records beside the events: open work, watched dossiers, open dossiers and
//! when to look at them next, keys to destroy, last reminders, serial numbers, outcomes of commands.
//! Work, watch, open, look and keys are a function of a dossier's state. Each is written in the same transaction as the event
//! that changed it, so it can be made anew from the journal.

use std::collections::{BTreeMap, BTreeSet};

use calendar::{Calendar, Moment, parse_moment};
use chrono::{NaiveDate, SecondsFormat, Utc};
use dossier::dossier::Dossier;
use dossier::habits;
use dossier::ids::{DossierCode, UnitId};
use dossier::route::Standing;
use journal::Note;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::answer::WorkItem;

/// Prefix of open steps of this unit.
pub const WORK: &str = "work/";
/// Prefix of open dossiers under this unit's watch.
pub const WATCH: &str = "watch/";
/// Prefix of this unit's own open dossiers.
pub const OPEN: &str = "open/";
/// Prefix of the moments at which this unit looks at an own open dossier by itself.
pub const LOOK: &str = "look/";
/// Prefix of what was recorded later than even the paper register allows, for the head to see.
pub const LATE: &str = "late/";
/// Prefix of dossiers whose keys this unit still has to destroy.
pub const TO_ERASE: &str = "erase/";
/// Prefix of dossiers whose keys this unit destroyed: a vault from an older copy is held against them.
pub const ERASED: &str = "erased/";
/// Prefix of the last reminders of watched dossiers.
const REMINDED: &str = "reminded/";
/// Working minutes within which a dispatched step has to be answered (NĐ 301/2026/NĐ-CP art. 5.4).
const ANSWER_WITHIN_MINUTES: u32 = 2 * 60;

/// An open dossier of another desk, under this unit's watch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watched {
    /// Which dossier.
    pub code: DossierCode,
    /// Whose it is.
    pub home: UnitId,
    /// Its due date in force.
    pub due_at: Option<Moment>,
    /// Whether its clock stands still.
    pub paused: bool,
    /// For which due date the home was reminded, and whether as overdue; kept beside the index,
    /// since it does not follow from the dossier.
    #[serde(skip)]
    pub reminded: Option<(Moment, bool)>,
}

/// Key of the serial number of a day.
pub fn serial_key(date: NaiveDate) -> Vec<u8> {
    format!("serial/{date}").into_bytes()
}

/// Key of the outcome of a command.
pub fn outcome_key(command: &Uuid) -> Vec<u8> {
    format!("outcome/{command}").into_bytes()
}

/// Key of an open dossier.
fn open_key(code: &DossierCode) -> Vec<u8> {
    format!("{OPEN}{code}").into_bytes()
}

/// Key of the moment at which a dossier is to be looked at. In UTC, so that keys stand in the order
/// of time.
pub fn look_key(at: Moment, code: &DossierCode) -> Vec<u8> {
    let at = at
        .with_timezone(&Utc)
        .to_rfc3339_opts(SecondsFormat::Nanos, true);
    format!("{LOOK}{at}/{code}").into_bytes()
}

/// What [`look_key`] wrote.
pub fn look_of(key: &[u8]) -> Option<(Moment, DossierCode)> {
    let text = std::str::from_utf8(key).ok()?.strip_prefix(LOOK)?;
    let (at, code) = text.split_once('/')?;
    Some((parse_moment(at).ok()?, DossierCode::parse(code).ok()?))
}

/// Key of a dossier whose keys are to be destroyed.
pub fn to_erase_key(code: &DossierCode) -> Vec<u8> {
    format!("{TO_ERASE}{code}").into_bytes()
}

/// Key of a late entry: the dossier and the first own sequence of what was recorded.
pub fn late_key(code: &DossierCode, sequence: u64) -> Vec<u8> {
    format!("{LATE}{code}/{sequence:020}").into_bytes()
}

/// Key of a watched dossier.
pub fn watch_key(code: &DossierCode) -> Vec<u8> {
    format!("{WATCH}{code}").into_bytes()
}

/// Key of the last reminder of a watched dossier.
pub fn reminder_key(code: &DossierCode) -> Vec<u8> {
    format!("{REMINDED}{code}").into_bytes()
}

/// Everything that the indexes of `me` say about a dossier.
pub fn indexed(dossier: &Dossier, me: &UnitId, calendar: &Calendar) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut rows = BTreeMap::new();
    if let Some(keys) = dossier.privacy.to_destroy(me)
        && let Ok(value) = serde_json::to_vec(keys)
    {
        let done = dossier.privacy.destroyed.contains(me);
        let prefix = if done { ERASED } else { TO_ERASE };
        rows.insert(format!("{prefix}{}", dossier.code).into_bytes(), value);
    }
    if dossier.outcome.is_settled() || dossier.intake.received.is_none() {
        return rows;
    }
    for step in &dossier.walk.steps {
        let turns = dossier
            .walk
            .turns
            .get(&step.key)
            .map_or(&[][..], Vec::as_slice);
        let Some(turn) = turns.last().filter(|turn| turn.to == *me) else {
            continue;
        };
        if !matches!(
            dossier.standing(&step.key),
            Standing::Offered | Standing::Taken
        ) {
            continue;
        }
        let number = turns.len() as u32;
        let work = dossier.work.get(&(step.key.clone(), number));
        let item = WorkItem {
            dossier: dossier.code.clone(),
            step: step.key.clone(),
            turn: number,
            task: step.task.clone(),
            home: dossier.home.clone(),
            given_at: turn.given_at,
            answer_by: calendar::add_working_minutes(
                calendar,
                turn.given_at,
                ANSWER_WITHIN_MINUTES,
            )
            .ok(),
            accepted_at: work.and_then(|work| work.accepted_at),
            due_at: work.and_then(|work| work.due_at),
            department: work.and_then(|work| work.department.clone()),
        };
        if let Ok(value) = serde_json::to_vec(&item) {
            rows.insert(
                format!("{WORK}{}/{}", dossier.code, step.key).into_bytes(),
                value,
            );
        }
    }
    let watched = dossier
        .received()
        .is_some_and(|r| r.overseer.as_ref() == Some(me) && !r.route.is_empty());
    if watched && dossier.home != *me {
        let row = Watched {
            code: dossier.code.clone(),
            home: dossier.home.clone(),
            due_at: dossier.promise.due_at,
            paused: dossier.promise.is_paused(),
            reminded: None,
        };
        if let Ok(value) = serde_json::to_vec(&row) {
            rows.insert(watch_key(&dossier.code), value);
        }
    }
    if dossier.home == *me {
        rows.insert(open_key(&dossier.code), Vec::new());
        if let Some(at) = habits::next_look(dossier, calendar) {
            rows.insert(look_key(at, &dossier.code), Vec::new());
        }
    }
    rows
}

/// The dossier and the keys of a note under [`TO_ERASE`] or [`ERASED`].
pub fn keys_of(key: &[u8], value: &[u8]) -> Option<(DossierCode, BTreeSet<Uuid>)> {
    let (_, code) = std::str::from_utf8(key).ok()?.split_once('/')?;
    Some((
        DossierCode::parse(code).ok()?,
        serde_json::from_slice(value).ok()?,
    ))
}

/// The codes of this unit's own open dossiers, out of the notes under [`OPEN`].
pub fn open_codes(notes: impl IntoIterator<Item = (Vec<u8>, Vec<u8>)>) -> Vec<DossierCode> {
    let code = |key: &[u8]| {
        let text = std::str::from_utf8(key).ok()?.strip_prefix(OPEN)?;
        DossierCode::parse(text).ok()
    };
    notes
        .into_iter()
        .filter_map(|(key, _)| code(&key))
        .collect()
}

/// The notes that lead from one state of the indexes to the next.
pub fn changes(
    before: &BTreeMap<Vec<u8>, Vec<u8>>,
    after: BTreeMap<Vec<u8>, Vec<u8>>,
) -> Vec<Note> {
    let gone = before.keys().filter(|key| !after.contains_key(*key));
    let mut notes = Vec::new();
    for key in gone {
        if let Some(code) = key.strip_prefix(WATCH.as_bytes()) {
            // With the watch over a dossier ends what was said about it.
            notes.push(Note {
                key: [REMINDED.as_bytes(), code].concat(),
                value: None,
            });
        }
        notes.push(Note {
            key: key.clone(),
            value: None,
        });
    }
    for (key, value) in after {
        if before.get(&key) != Some(&value) {
            if let Some(code) = key.strip_prefix(ERASED.as_bytes())
                && !before.contains_key(&[TO_ERASE.as_bytes(), code].concat())
            {
                // A restored unit hears of the order after its own word that it followed it: the vault
                // that it has now may be from before both.
                notes.push(Note {
                    key: [TO_ERASE.as_bytes(), code].concat(),
                    value: Some(value.clone()),
                });
            }
            notes.push(Note {
                key,
                value: Some(value),
            });
        }
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_heard_after_ones_own_word_that_it_was_followed_is_followed_again() {
        let row = |prefix: &str| {
            (
                format!("{prefix}H33-27-04-180102-0001").into_bytes(),
                vec![1],
            )
        };
        let note = |(key, value): (Vec<u8>, Vec<u8>)| Note {
            key,
            value: Some(value),
        };
        let (to_erase, erased) = (row(TO_ERASE), row(ERASED));
        let done = || BTreeMap::from([erased.clone()]);
        let again = changes(&BTreeMap::new(), done());
        assert_eq!(again, [note(to_erase.clone()), note(erased.clone())]);
        // As it goes otherwise: what was noted is done, and stays so.
        let gone = Note {
            key: to_erase.0.clone(),
            value: None,
        };
        let before = BTreeMap::from([to_erase]);
        assert_eq!(changes(&before, done()), [gone, note(erased.clone())]);
        assert_eq!(changes(&done(), done()), []);
    }
}
