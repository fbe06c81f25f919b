//! What was heard about a dossier, in the order in which it can have been said.
//!
//! A restored unit takes its own events back before the events of others that they rest on come
//! again. Until those are there the dossier is folded anew with each: what rests on an event comes
//! after it, whichever of the two was heard first.

use std::collections::BTreeSet;

use calendar::Moment;
use dossier::dossier::Told;
use dossier::fact::Fact;
use dossier::ids::UnitId;
use uuid::Uuid;

/// An event about a dossier.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) id: Uuid,
    pub(crate) by: UnitId,
    pub(crate) at: Moment,
    pub(crate) parents: Vec<Uuid>,
    /// The command or event that led to it.
    pub(crate) cause: Option<Uuid>,
    pub(crate) fact: Fact,
}

impl Heard {
    /// The same without what it says.
    pub(crate) fn told(&self) -> Told<'_> {
        Told {
            id: self.id,
            by: &self.by,
            at: self.at,
            parents: &self.parents,
        }
    }
}

/// Events that `me` rested its own on and that are not there.
pub(crate) fn awaited(me: &str, tale: &[Heard]) -> BTreeSet<Uuid> {
    let held: BTreeSet<Uuid> = tale.iter().map(|heard| heard.id).collect();
    let own = tale.iter().filter(|heard| heard.by.as_str() == me);
    own.flat_map(|heard| &heard.parents)
        .filter(|parent| !held.contains(parent))
        .copied()
        .collect()
}

/// The same events, each behind those that it rests on, otherwise as they were heard. A circle,
/// which nobody can sign, is left as it was heard.
pub(crate) fn in_order(tale: Vec<Heard>) -> Vec<Heard> {
    let mut unsaid: BTreeSet<Uuid> = tale.iter().map(|heard| heard.id).collect();
    let mut waiting: Vec<Heard> = tale;
    let mut ordered = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let ready = |heard: &Heard| {
            let mut parents = heard.parents.iter();
            parents.all(|parent| *parent == heard.id || !unsaid.contains(parent))
        };
        let next = waiting.iter().position(ready).unwrap_or(0);
        let heard = waiting.remove(next);
        unsaid.remove(&heard.id);
        ordered.push(heard);
    }
    ordered
}

/// What others said that `me` may not have followed yet: no own event rests on it, or what rests on
/// it was `cut_off`.
pub(crate) fn unfollowed(me: &UnitId, tale: &[Heard], cut_off: &BTreeSet<Uuid>) -> Vec<Heard> {
    let mut rested_on: BTreeSet<Uuid> = BTreeSet::new();
    let own = tale.iter().filter(|heard| heard.by == *me);
    let mut open: Vec<Uuid> = own.flat_map(|heard| heard.parents.clone()).collect();
    while let Some(id) = open.pop() {
        if rested_on.insert(id) {
            let of = tale.iter().filter(|heard| heard.id == id);
            open.extend(of.flat_map(|heard| heard.parents.clone()));
        }
    }
    let others = in_order(tale.to_vec()).into_iter();
    others
        .filter(|heard| heard.by != *me)
        .filter(|heard| !rested_on.contains(&heard.id) || cut_off.contains(&heard.id))
        .collect()
}
