//! The statements about one dossier in causal order, as people read them.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::statement::Statement;

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
