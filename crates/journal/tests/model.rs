//! Random groups, good and bad, against a model made of vectors and maps.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::collections::BTreeMap;

use journal::{Delivery, Group, Journal, NewEntry, NewQuarantine, Note, Origin, restore};
use proptest::prelude::*;
use support::*;

const ADDRESSEES: [&str; 3] = ["H33-12", "H33-05", "H33-05-1"];
const SUBJECTS: [&str; 3] = ["HS-1", "HS-10", "HS-1-1"];

#[derive(Debug, Clone)]
struct Step {
    own: bool,
    subject: usize,
    /// Addressee and how far back the delivered event lies.
    deliveries: Vec<(usize, usize)>,
}

#[derive(Debug, Clone)]
enum Flaw {
    None,
    Sequence,
    Link,
    Repeat,
}

#[derive(Debug, Clone)]
struct Plan {
    steps: Vec<Step>,
    notes: Vec<(u8, Option<u8>)>,
    received: Option<u64>,
    quarantined: bool,
    flaw: Flaw,
    reopen: bool,
    backup: bool,
}

fn step() -> impl Strategy<Value = Step> {
    (
        any::<bool>(),
        0..3_usize,
        prop::collection::vec((0..3_usize, 0..9_usize), 0..4),
    )
        .prop_map(|(own, subject, deliveries)| Step {
            own,
            subject,
            deliveries,
        })
}

fn plan() -> impl Strategy<Value = Plan> {
    let flaw = prop_oneof![
        5 => Just(Flaw::None),
        1 => Just(Flaw::Sequence),
        1 => Just(Flaw::Link),
        1 => Just(Flaw::Repeat),
    ];
    (
        prop::collection::vec(step(), 0..6),
        prop::collection::vec((0..6_u8, any::<Option<u8>>()), 0..3),
        any::<Option<u64>>(),
        any::<bool>(),
        flaw,
        prop::bool::weighted(0.15),
        prop::bool::weighted(0.15),
    )
        .prop_map(
            |(steps, notes, received, quarantined, flaw, reopen, backup)| Plan {
                steps,
                notes,
                received,
                quarantined,
                flaw,
                reopen,
                backup,
            },
        )
}

#[derive(Debug, Clone, Default)]
struct Model {
    entries: Vec<(NewEntry, uuid::Uuid, &'static str)>,
    own: u64,
    peer: u64,
    links: BTreeMap<String, u64>,
    sent: BTreeMap<(String, u64), usize>,
    notes: BTreeMap<Vec<u8>, Vec<u8>>,
    received: u64,
    quarantined: usize,
}

impl Model {
    /// What the model is after `plan`, and the group that says so.
    fn after(&self, plan: &Plan) -> (Model, Group) {
        let mut model = self.clone();
        let mut group = Group::default();
        for step in &plan.steps {
            let (unit, counter) = if step.own {
                (HOME, &mut model.own)
            } else {
                (PEER, &mut model.peer)
            };
            *counter += 1;
            let sequence = *counter;
            let subject = SUBJECTS[step.subject];
            let origin = if step.own {
                Origin::Own
            } else {
                Origin::Received {
                    from: PEER.into(),
                    link: sequence,
                }
            };
            let index = model.entries.len();
            let mut entry = NewEntry {
                origin,
                signed: event(unit, sequence, subject, "x"),
                deliveries: Vec::new(),
            };
            for (to, back) in &step.deliveries {
                let to = ADDRESSEES[*to].to_owned();
                let place = index.saturating_sub(*back);
                let event = if place == index {
                    id(unit, sequence)
                } else {
                    model.entries[place].1
                };
                let link = model.links.entry(to.clone()).or_default();
                *link += 1;
                entry.deliveries.push(Delivery {
                    to: to.clone(),
                    link: *link,
                    event,
                });
                model.sent.insert((to, *link), place);
            }
            model
                .entries
                .push((entry.clone(), id(unit, sequence), subject));
            group.entries.push(entry);
        }
        for (key, value) in &plan.notes {
            let (key, value) = (vec![*key], value.map(|value| vec![value]));
            match &value {
                Some(value) => model.notes.insert(key.clone(), value.clone()),
                None => model.notes.remove(&key),
            };
            group.notes.push(Note { key, value });
        }
        if let Some(position) = plan.received {
            model.received = position;
            group.received.push((PEER.into(), position));
        }
        if plan.quarantined {
            model.quarantined += 1;
            group.quarantined.push(NewQuarantine {
                bytes: b"?".to_vec(),
                reason: "r".into(),
                from: PEER.into(),
                at: "t".into(),
                signature: None,
                key: None,
                link: None,
            });
        }
        (model, group)
    }

    fn agrees(&self, journal: &Journal) {
        assert_eq!(journal.size(), self.entries.len() as u64);
        assert_eq!(journal.last_sequence(), self.own);
        assert_eq!(journal.links(), self.links);
        assert_eq!(journal.received_position(PEER), self.received);
        assert_eq!(journal.quarantined().unwrap().len(), self.quarantined);
        let notes: BTreeMap<_, _> = journal
            .notes_with_prefix(b"")
            .unwrap()
            .into_iter()
            .collect();
        assert_eq!(notes, self.notes);
        let scanned: Vec<_> = journal.scan(0).map(Result::unwrap).collect();
        assert_eq!(scanned.len(), self.entries.len());
        for (entry, (expected, id, _)) in scanned.iter().zip(&self.entries) {
            assert_eq!(entry.signed, expected.signed);
            assert_eq!(entry.origin, expected.origin);
            assert_eq!(entry.deliveries, expected.deliveries);
            assert_eq!(journal.by_id(id).unwrap().unwrap().index, entry.index);
        }
        for ((to, link), place) in &self.sent {
            let found = journal.delivery(to, *link).unwrap().unwrap().index;
            assert_eq!(found, *place as u64);
        }
        for subject in SUBJECTS {
            let found: Vec<u64> = journal
                .of_subject(subject)
                .unwrap()
                .iter()
                .map(|e| e.index)
                .collect();
            let expected: Vec<u64> = (0..)
                .zip(&self.entries)
                .filter(|(_, entry)| entry.2 == subject)
                .map(|(index, _)| index)
                .collect();
            assert_eq!(found, expected);
        }
        verify(journal);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn a_journal_is_what_its_accepted_groups_say(plans in prop::collection::vec(plan(), 1..16)) {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = open(dir.path());
        let mut model = Model::default();
        for plan in &plans {
            let (next, mut good) = model.after(plan);
            let flawed = match plan.flaw {
                Flaw::None => false,
                Flaw::Sequence => {
                    good.entries.push(own(next.own + 2));
                    true
                }
                Flaw::Link => {
                    let last = next.links.get(PEER).copied().unwrap_or_default();
                    let entry = own(next.own + 1);
                    good.entries.push(delivering(entry, PEER, last, id(HOME, next.own + 1)));
                    true
                }
                Flaw::Repeat => match next.entries.first() {
                    Some((entry, ..)) if entry.origin != Origin::Own => {
                        good.entries.push(entry.clone());
                        true
                    }
                    _ => false,
                },
            };
            let outcome = append(&journal, good);
            prop_assert_eq!(outcome.is_err(), flawed);
            if !flawed {
                model = next;
            }
            if plan.reopen {
                drop(journal);
                journal = open(dir.path());
            }
        }
        model.agrees(&journal);
        let head = journal.head();
        drop(journal);
        let journal = open(dir.path());
        prop_assert_eq!(journal.head(), head);
        model.agrees(&journal);
    }
    #[test]
    fn what_is_restored_is_the_journal_as_it_was_backed_up(
        plans in prop::collection::vec(plan(), 1..12),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = open(&dir.path().join("journal"));
        let mut model = Model::default();
        let mut backups = Vec::new();
        for (n, plan) in plans.iter().enumerate() {
            let (next, group) = model.after(plan);
            append(&journal, group).unwrap();
            model = next;
            if plan.backup || n + 1 == plans.len() {
                let path = dir.path().join(format!("backup-{n}"));
                journal.backup(&path, Some(&register())).unwrap();
                backups.push((path, model.clone(), journal.head()));
            }
            if plan.reopen {
                drop(journal);
                journal = open(&dir.path().join("journal"));
            }
        }
        let quarantined = journal.quarantined().unwrap();
        for (path, model, head) in backups {
            let into = path.with_extension("restored");
            restore(&path, &into, "t", "o", "r").unwrap();
            let restored = open(&into);
            prop_assert_eq!(restored.head(), head);
            model.agrees(&restored);
            let kept = restored.quarantined().unwrap();
            prop_assert_eq!(&kept[..], &quarantined[..model.quarantined]);
            // And backed up again it is the same file.
            let again = path.with_extension("again");
            restored.backup(&again, None).unwrap();
            prop_assert_eq!(std::fs::read(&again).unwrap(), std::fs::read(&path).unwrap());
        }
    }
}
