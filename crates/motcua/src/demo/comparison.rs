//! The player's tally held against the projector's report, number by number.

use std::collections::BTreeMap;

use projector::answer::{Figures, OpenFigures, RuleFigures, Summary};
use projector::counters::Timely;
use projector::query::Dimension;
use report::RuleSet;
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use dossier::ids::UnitId;
    use projector::answer::{GroupFigures, Received};
    use projector::counters::Ends;

    use super::*;

    const DISTRICT: &str = "H33-27";
    const COMMUNE: &str = "H33-27-04";
    const LAND: &str = "Đất đai";

    /// What a projector would say of these counts, every number in its own place.
    fn reported(tally: &Tally) -> Summary {
        let mut groups = Vec::new();
        for (unit, fields) in &tally.units {
            for (field, counts) in fields {
                groups.push(GroupFigures {
                    key: BTreeMap::from([
                        (Dimension::Unit, unit.as_str().to_owned()),
                        (Dimension::Field, field.clone()),
                    ]),
                    name: None,
                    figures: figures(counts),
                });
            }
        }
        Summary {
            total: Figures::default(),
            groups,
        }
    }

    fn figures(counts: &Counts) -> Figures {
        let number = |of: u64| i64::try_from(of).unwrap();
        let (online, direct) = (
            number(counts.received_online),
            number(counts.received_otherwise),
        );
        let under = |rules, judged: &Judged| RuleFigures {
            rules,
            label: String::new(),
            ended: Timely::default(),
            by_end: Ends {
                resolved: Timely {
                    early: number(judged.early),
                    on_time: number(judged.on_time - counts.refused),
                    late: number(judged.late),
                    no_limit: number(judged.no_limit),
                },
                refused: Timely {
                    on_time: number(counts.refused),
                    ..Timely::default()
                },
                withdrawn: Timely {
                    early: number(counts.withdrawn),
                    ..Timely::default()
                },
                stopped: Timely {
                    late: number(counts.stopped),
                    ..Timely::default()
                },
            },
            rate: None,
            open: OpenFigures {
                total: number(judged.open()),
                in_time: number(judged.open_in_time),
                overdue: number(judged.open_overdue),
                paused: number(judged.open_paused),
            },
        };
        Figures {
            received: Received {
                total: online + direct,
                online,
                direct,
                post: 0,
            },
            carried_over: 0,
            declined: number(counts.declined),
            rules: vec![
                under(RuleSet::Ii06a, &counts.in_force),
                under(RuleSet::Original, &counts.original),
            ],
        }
    }

    /// Different numbers everywhere, so that none can stand in for another.
    fn tally() -> Tally {
        let judged = |from| Judged {
            early: from,
            on_time: from + 20,
            late: from + 2,
            no_limit: from + 3,
            open_in_time: from + 4,
            open_overdue: from + 5,
            open_paused: from + 6,
        };
        let counts = |from| Counts {
            received_online: from,
            received_otherwise: from + 1,
            declined: from + 2,
            refused: 3,
            withdrawn: from + 4,
            stopped: from + 5,
            in_force: judged(from + 100),
            original: judged(from + 200),
        };
        let fields = |from| {
            BTreeMap::from([
                (LAND.to_owned(), counts(from)),
                ("Hộ tịch".to_owned(), counts(from + 7)),
            ])
        };
        Tally {
            units: BTreeMap::from([
                (UnitId::parse(DISTRICT).unwrap(), fields(10)),
                (UnitId::parse(COMMUNE).unwrap(), fields(1_000)),
            ]),
        }
    }

    fn land_of_the_commune(tally: &mut Tally) -> &mut Counts {
        let unit = tally
            .units
            .get_mut(&UnitId::parse(COMMUNE).unwrap())
            .unwrap();
        unit.get_mut(LAND).unwrap()
    }

    #[test]
    fn equal_figures_agree() {
        let tally = tally();
        assert_eq!(differences(&tally, &reported(&tally)), Vec::<String>::new());
    }

    #[test]
    fn one_more_or_less_of_anything_is_seen_and_named() {
        let changes: [fn(&mut Counts) -> &mut u64; 20] = [
            |counts| &mut counts.received_online,
            |counts| &mut counts.received_otherwise,
            |counts| &mut counts.declined,
            |counts| &mut counts.refused,
            |counts| &mut counts.withdrawn,
            |counts| &mut counts.stopped,
            |counts| &mut counts.in_force.early,
            |counts| &mut counts.in_force.on_time,
            |counts| &mut counts.in_force.late,
            |counts| &mut counts.in_force.no_limit,
            |counts| &mut counts.in_force.open_in_time,
            |counts| &mut counts.in_force.open_overdue,
            |counts| &mut counts.in_force.open_paused,
            |counts| &mut counts.original.early,
            |counts| &mut counts.original.on_time,
            |counts| &mut counts.original.late,
            |counts| &mut counts.original.no_limit,
            |counts| &mut counts.original.open_in_time,
            |counts| &mut counts.original.open_overdue,
            |counts| &mut counts.original.open_paused,
        ];
        let counted = tally();
        for (number, change) in changes.into_iter().enumerate() {
            for by in [1, -1] {
                let mut other = counted.clone();
                let changed = change(land_of_the_commune(&mut other));
                *changed = changed.checked_add_signed(by).unwrap();
                let found = differences(&counted, &reported(&other));
                assert_eq!(found.len(), 1, "change {number} by {by}: {found:#?}");
                assert!(found[0].starts_with("H33-27-04, Đất đai:"), "{}", found[0]);
            }
        }
    }

    #[test]
    fn what_is_missing_on_either_side_is_seen() {
        let counted = tally();
        let mut less = counted.clone();
        less.units.remove(&UnitId::parse(COMMUNE).unwrap());
        for (tally, report) in [(&counted, &less), (&less, &counted)] {
            let found = differences(tally, &reported(report));
            assert_eq!(found.len(), 2, "{found:#?}");
            assert!(
                found
                    .iter()
                    .all(|difference| difference.starts_with(COMMUNE))
            );
        }
        assert_eq!(differences(&Tally::default(), &reported(&counted)).len(), 4);
    }

    #[test]
    fn a_report_without_rule_sets_does_not_pass() {
        let counted = tally();
        let mut report = reported(&counted);
        for group in &mut report.groups {
            group.figures.rules.clear();
        }
        assert_eq!(differences(&counted, &report).len(), 4);
    }
}
