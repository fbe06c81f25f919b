//! The player's tally held against the projector's report, number by number.

use std::collections::BTreeMap;

use projector::answer::{Figures, OpenFigures, RuleFigures, Summary};
use projector::counters::Timely;
use projector::ontime::RuleSet;
use projector::query::Dimension;
use workload::tally::{Counts, Judged, Tally};

/// Where the two disagree, in words; empty when they agree exactly.
pub(super) fn differences(tally: &Tally, report: &Summary) -> Vec<String> {
    let mut reported: BTreeMap<(String, String), Counts> = BTreeMap::new();
    for group in &report.groups {
        let part = |dimension| group.key.get(&dimension).cloned().unwrap_or_default();
        reported.insert(
            (part(Dimension::Unit), part(Dimension::Field)),
            counts(&group.figures),
        );
    }
    let mut counted: BTreeMap<(String, String), Counts> = BTreeMap::new();
    for (unit, fields) in &tally.units {
        for (field, counts) in fields {
            counted.insert((unit.as_str().to_owned(), field.clone()), *counts);
        }
    }
    let mut keys: Vec<_> = reported.keys().chain(counted.keys()).cloned().collect();
    keys.sort();
    keys.dedup();
    let of =
        |of: &BTreeMap<(String, String), Counts>, key| of.get(key).copied().unwrap_or_default();
    keys.iter()
        .filter(|key| of(&reported, key) != of(&counted, key))
        .map(|key| {
            let (unit, field) = key;
            format!(
                "{unit}, {field}:\n  counted  {:?}\n  reported {:?}",
                of(&counted, key),
                of(&reported, key)
            )
        })
        .collect()
}

/// The projector's figures in the tally's words.
fn counts(figures: &Figures) -> Counts {
    let number = |of: i64| u64::try_from(of).unwrap_or(u64::MAX);
    let rules = |wanted| figures.rules.iter().find(|rules| rules.rules == wanted);
    let in_force = rules(RuleSet::Ii06a);
    let total =
        |of: fn(&RuleFigures) -> Timely| number(in_force.map_or(0, |rules| of(rules).total()));
    Counts {
        received_online: number(figures.received.online),
        received_otherwise: number(figures.received.direct + figures.received.post),
        declined: number(figures.declined),
        refused: total(|rules| rules.by_end.refused),
        withdrawn: total(|rules| rules.by_end.withdrawn),
        stopped: total(|rules| rules.by_end.stopped),
        in_force: judged(in_force),
        original: judged(rules(RuleSet::Original)),
    }
}

fn judged(rules: Option<&RuleFigures>) -> Judged {
    let Some(rules) = rules else {
        return Judged::default();
    };
    let number = |of: i64| u64::try_from(of).unwrap_or(u64::MAX);
    let (resolved, refused) = (rules.by_end.resolved, rules.by_end.refused);
    let OpenFigures {
        in_time,
        overdue,
        paused,
        ..
    } = rules.open;
    Judged {
        early: number(resolved.early + refused.early),
        on_time: number(resolved.on_time + refused.on_time),
        late: number(resolved.late + refused.late),
        no_limit: number(resolved.no_limit + refused.no_limit),
        open_in_time: number(in_time),
        open_overdue: number(overdue),
        open_paused: number(paused),
    }
}
