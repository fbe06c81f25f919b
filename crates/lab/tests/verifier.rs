//! The verifier finds what is wrong, and nothing where nothing is.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};

use lab::seen::{Acknowledged, JournalSeen, Line, OwnEvent, ProjectorSeen, Seen, Tallies};
use lab::verifier::{Rule, verify};
use uuid::Uuid;

const HOME: &str = "H33-27-04";
const OTHER: &str = "H33-27-91";

fn epoch(number: u128) -> Uuid {
    Uuid::from_u128(0xe000 + number)
}

fn event(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn command(number: u128) -> Uuid {
    Uuid::from_u128(0xc000 + number)
}

fn own(sequence: u64, id: u128, cause: u128) -> OwnEvent {
    OwnEvent {
        id: event(id),
        sequence,
        cause: Some(command(cause)),
        hash: [0; 32],
        signed: true,
    }
}

fn answer(number: u128, name: &str, sequence: u64, events: &[u128]) -> Acknowledged {
    Acknowledged {
        command: command(number),
        name: name.to_owned(),
        unit: HOME.to_owned(),
        dossier: Some("000.04.27.H33-180102-0001".to_owned()),
        epoch: epoch(1),
        sequence,
        events: events.iter().map(|id| event(*id)).collect(),
    }
}

/// Two commands at one unit, three events, all of them given to another; everything is at rest.
fn sound() -> Seen {
    let line = Line {
        deliveries: vec![(1, event(1)), (2, event(2)), (3, event(3))],
        skipped: Vec::new(),
    };
    Seen {
        acknowledged: vec![
            answer(1, "receive", 2, &[1, 2]),
            answer(2, "return_result", 3, &[3]),
            answer(1, "receive", 2, &[1, 2]),
        ],
        told: Tallies {
            received: 1,
            ended: 1,
        },
        journals: vec![
            JournalSeen {
                unit: HOME.to_owned(),
                epochs: vec![(epoch(1), vec![own(1, 1, 1), own(2, 2, 1), own(3, 3, 2)])],
                links: BTreeMap::from([(OTHER.to_owned(), line)]),
                entries: 3,
                ..JournalSeen::default()
            },
            JournalSeen {
                unit: OTHER.to_owned(),
                epochs: vec![(epoch(2), Vec::new())],
                received: BTreeMap::from([(HOME.to_owned(), 3)]),
                held: Some(BTreeSet::from([event(1), event(2), event(3)])),
                entries: 3,
                ..JournalSeen::default()
            },
        ],
        projectors: vec![ProjectorSeen {
            live: "a".to_owned(),
            rebuilt: vec!["a".to_owned()],
            positions: BTreeMap::from([((HOME.to_owned(), epoch(1)), 3)]),
            held: Some(BTreeSet::from([event(1), event(2), event(3)])),
            tallies: Tallies {
                received: 1,
                ended: 1,
            },
            ..ProjectorSeen::default()
        }],
        at_rest: true,
    }
}

/// Spoils one thing, and is told of it under this rule.
fn finds(rule: Rule, spoil: impl FnOnce(&mut Seen)) {
    let mut seen = sound();
    spoil(&mut seen);
    let found = verify(&seen);
    assert!(
        found.iter().any(|found| found.rule == rule),
        "{rule:?} not in {found:?}"
    );
}

#[test]
fn where_everything_holds_nothing_is_found() {
    assert_eq!(verify(&sound()), []);
}

#[test]
fn an_acknowledged_event_that_is_gone_is_found() {
    finds(Rule::Acknowledged, |seen| {
        seen.journals[0].epochs[0].1.pop();
    });
}

#[test]
fn an_acknowledged_event_that_stands_elsewhere_is_found_unless_the_unit_was_restored() {
    let elsewhere = |seen: &mut Seen| {
        let events = &mut seen.journals[0].epochs[0].1;
        (events[0].id, events[2].id) = (events[2].id, events[0].id);
        (events[0].cause, events[2].cause) = (events[2].cause, events[0].cause);
    };
    finds(Rule::Acknowledged, elsewhere);
    let mut restored = sound();
    elsewhere(&mut restored);
    restored.journals[0].epochs.push((epoch(9), Vec::new()));
    assert_eq!(verify(&restored), []);
}

#[test]
fn a_command_with_two_outcomes_is_found() {
    finds(Rule::OneOutcome, |seen| seen.acknowledged[2].sequence = 3);
    finds(Rule::OneOutcome, |seen| {
        seen.journals[0].epochs[0].1.push(own(4, 4, 2));
    });
}

#[test]
fn a_hole_or_a_repeated_number_is_found() {
    finds(Rule::Sequence, |seen| {
        seen.journals[0].epochs[0].1[1].sequence = 3
    });
    finds(Rule::Links, |seen| {
        seen.journals[0]
            .links
            .get_mut(OTHER)
            .unwrap()
            .deliveries
            .remove(1);
    });
}

#[test]
fn numbers_of_a_line_that_a_restore_skipped_are_no_hole() {
    let mut seen = sound();
    let line = seen.journals[0].links.get_mut(OTHER).unwrap();
    line.skipped = vec![(3, 5)];
    line.deliveries[2].0 = 6;
    seen.journals[1].received.insert(HOME.to_owned(), 6);
    assert_eq!(verify(&seen), []);
}

#[test]
fn an_event_that_stands_twice_is_found() {
    finds(Rule::Twice, |seen| {
        seen.journals[1].epochs[0].1.push(own(1, 3, 2));
    });
    finds(Rule::Twice, |seen| {
        let line = seen.journals[0].links.get_mut(OTHER).unwrap();
        line.deliveries[2].1 = event(1);
    });
}

#[test]
fn a_bad_signature_is_found() {
    finds(Rule::Signature, |seen| {
        seen.journals[0].epochs[0].1[0].signed = false
    });
}

#[test]
fn what_never_arrived_is_found_at_rest_and_only_then() {
    let lost = |seen: &mut Seen| {
        seen.journals[1].held.as_mut().unwrap().remove(&event(3));
        seen.journals[1].received.insert(HOME.to_owned(), 2);
        seen.journals[1].entries = 2;
    };
    finds(Rule::Delivered, lost);
    let mut under_way = sound();
    lost(&mut under_way);
    under_way.at_rest = false;
    assert_eq!(verify(&under_way), []);
}

#[test]
fn an_entry_that_nobody_gave_is_found() {
    finds(Rule::Delivered, |seen| seen.journals[1].entries = 4);
}

#[test]
fn a_projector_that_is_behind_wrong_or_not_like_its_rebuild_is_found() {
    finds(Rule::Heard, |seen| {
        seen.projectors[0].positions.clear();
    });
    finds(Rule::Heard, |seen| {
        seen.projectors[0].held.as_mut().unwrap().insert(event(9));
    });
    finds(Rule::Rebuilt, |seen| {
        seen.projectors[0].rebuilt.push("b".to_owned())
    });
    finds(Rule::Tallies, |seen| seen.projectors[0].tallies.ended = 0);
    finds(Rule::Refused, |seen| seen.projectors[0].refused = 1);
}
