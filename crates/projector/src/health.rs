//! How far each origin was heard, and which are out of contact.

use std::collections::BTreeSet;
use std::time::Instant;

use dossier::ids::UnitId;
use exchange::status::InboxStatus;

use crate::answer::{AsOf, OriginHealth};
use crate::contact::Contacts;
use crate::directory::Directory;
use crate::state::State;

/// How far each origin was heard, per epoch.
pub(crate) fn as_of(state: &State) -> Vec<AsOf> {
    let positions = state.positions().iter();
    positions
        .map(|((unit, epoch), position)| AsOf {
            unit: unit.clone(),
            epoch: *epoch,
            sequence: position.sequence,
            recorded: position.recorded,
        })
        .collect()
}

/// The units that are out of contact at `now`.
pub(crate) fn lost(
    state: &State,
    directory: &Directory,
    contacts: &Contacts,
    now: Instant,
) -> Vec<UnitId> {
    let mut origins = origins(state, directory, contacts);
    origins.retain(|unit| contacts.is_lost(unit, now));
    origins.into_iter().collect()
}

/// How each origin fares at `now`.
pub(crate) fn origins_health(
    state: &State,
    directory: &Directory,
    contacts: &Contacts,
    feed: &InboxStatus,
    now: Instant,
) -> Vec<OriginHealth> {
    let one = |unit: UnitId| {
        let word = contacts.word(&unit);
        // The epoch that the unit speaks of, or else the latest that it ever wrote in.
        let known = state.positions().iter().rev().find(|((known, epoch), _)| {
            *known == unit && word.is_none_or(|word| word.epoch == *epoch)
        });
        let sequence = known.map_or(0, |(_, position)| position.sequence);
        let says = word.map(|word| word.sequence);
        let lines = || {
            feed.lines
                .iter()
                .filter(|line| line.origin == unit.as_str())
        };
        OriginHealth {
            sequence,
            says,
            // The feed knows of every epoch, the unit's own word only of the present one.
            missing: lines()
                .map(|line| line.missing)
                .sum::<u64>()
                .max(says.unwrap_or_default().saturating_sub(sequence)),
            missing_seconds: lines()
                .filter_map(|line| line.missing_for)
                .max()
                .map(|missing| missing.as_secs()),
            silent_seconds: contacts.silence(&unit, now),
            lost: contacts.is_lost(&unit, now),
            unit,
        }
    };
    origins(state, directory, contacts)
        .into_iter()
        .map(one)
        .collect()
}

/// Every unit that ought to be heard: the profile's, and whoever else ever wrote or spoke.
fn origins(state: &State, directory: &Directory, contacts: &Contacts) -> BTreeSet<UnitId> {
    let profile = directory.cards().map(|card| &card.id);
    let writers = state.positions().keys().map(|(unit, _)| unit);
    profile
        .chain(writers)
        .chain(contacts.units())
        .cloned()
        .collect()
}
