//! Entries are found by the numbers under which units speak of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::collections::BTreeMap;

use journal::{Journal, NewEntry, Origin, restore};
use support::*;
use uuid::Uuid;

fn came(from: &str, link: u64, event: u64) -> NewEntry {
    let mut entry = received(event);
    entry.origin = Origin::Received {
        from: from.into(),
        link,
    };
    entry
}

fn line(journal: &Journal, from: &str, link: u64, limit: usize) -> Vec<u64> {
    let entries = journal.received_on(from, link, limit).unwrap();
    let place = |entry: journal::Entry| match entry.origin {
        Origin::Received { link, .. } => link,
        Origin::Own => panic!("an own entry on a line"),
    };
    entries.into_iter().map(place).collect()
}

#[test]
fn what_was_received_is_found_by_sender_and_link_in_order_of_link() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    // One name is the beginning of another; numbers come out of order and with holes.
    for (event, (from, link)) in (1..).zip([("A", 3), ("AB", 1), ("A", 1), ("A", 260), ("A", 5)]) {
        append(&journal, group([came(from, link, event)])).unwrap();
    }
    assert_eq!(line(&journal, "A", 0, 10), [1, 3, 5, 260]);
    assert_eq!(line(&journal, "A", 4, 10), [5, 260]);
    assert_eq!(line(&journal, "A", 1, 2), [1, 3]);
    assert_eq!(line(&journal, "AB", 1, 10), [1]);
    assert_eq!(line(&journal, "B", 1, 10), Vec::<u64>::new());
    assert_eq!(journal.received_at("A", 1).unwrap().unwrap().index, 2);
    assert!(journal.received_at("A", 2).unwrap().is_none());
    verify(&journal);
}

#[test]
fn two_entries_under_one_number_do_not_hide_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    append(&journal, group([came(PEER, 1, 1), came(PEER, 1, 2)])).unwrap();
    assert_eq!(line(&journal, PEER, 1, 10), [1, 1]);
    assert_eq!(journal.received_at(PEER, 1).unwrap().unwrap().index, 1);
    verify(&journal);
}

#[test]
fn own_events_of_every_epoch_are_found_and_skipped_links_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = open(&dir.path().join("0"));
    append(
        &journal,
        group([
            delivering(own(1), PEER, 1, id(HOME, 1)),
            own(2),
            received(1),
        ]),
    )
    .unwrap();
    let mut ended = vec![(epoch(), 2)];
    // Lost and begun anew twice, the second time before anything was sent.
    for life in 1..=2_u128 {
        let backup = dir.path().join(format!("{life}.backup"));
        journal.backup(&backup, None).unwrap();
        let into = dir.path().join(life.to_string());
        restore(&backup, &into, AT, BY, REASON).unwrap();
        journal = open(&into);
        let next = Uuid::from_u128(life);
        let links = BTreeMap::from([(PEER.to_owned(), 4 * u64::try_from(life).unwrap())]);
        block_on(journal.begin_epoch(next, links)).unwrap();
        append(&journal, group([own_in(next, 1)])).unwrap();
        assert_eq!(journal.ended_epochs(), ended);
        ended.push((next, 1));
    }
    for (of, last) in &ended {
        assert_eq!(journal.epoch_last(*of), Some(*last));
        assert!(journal.own_of(*of, 0).unwrap().is_none());
        assert!(journal.own_of(*of, last + 1).unwrap().is_none());
        let entry = journal.own_of(*of, *last).unwrap().unwrap();
        let event = envelope::Event::read(&entry.signed.bytes).unwrap();
        assert_eq!((event.epoch, event.sequence), (*of, *last));
    }
    assert_eq!(journal.epoch_last(Uuid::from_u128(9)), None);
    assert!(journal.own_of(Uuid::from_u128(9), 1).unwrap().is_none());
    // 2 to 4 were skipped by the first, 5 to 8 by the second: one range for whoever asks.
    let told: Vec<_> = (1..=9).map(|link| journal.skipped(PEER, link)).collect();
    let to_8 = Some(8);
    assert_eq!(told, [None, to_8, to_8, to_8, to_8, to_8, to_8, to_8, None]);
    assert_eq!(line(&journal, PEER, 1, 10), [1], "restored with the rest");
    verify(&journal);
}
