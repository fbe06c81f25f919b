//! A restored journal is what was backed up, and gives out no number a second time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use envelope::Event;
use journal::{
    AppendError, Group, Journal, Known, Origin, RecoverError, RestoreError, Restored, restore,
};
use support::*;
use uuid::Uuid;

/// A journal that wrote `before` groups, was backed up, and wrote `after` more.
struct Lost {
    dir: tempfile::TempDir,
    journal: Journal,
}

fn step(n: u64) -> Group {
    group([delivering(own(n), PEER, n, id(HOME, n)), received(n)])
}

fn lost(before: u64, after: u64) -> Lost {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(&dir.path().join("journal"));
    for n in 1..=before {
        append(&journal, step(n)).unwrap();
    }
    journal.backup(&dir.path().join("backup"), None).unwrap();
    for n in before + 1..=before + after {
        append(&journal, step(n)).unwrap();
    }
    Lost { dir, journal }
}

impl Lost {
    fn restored(&self, name: &str) -> (PathBuf, Journal) {
        let into = self.dir.path().join(name);
        restore(&self.dir.path().join("backup"), &into, AT, BY, REASON).unwrap();
        (into.clone(), open(&into))
    }
}

fn recovered(journal: &Journal, sequence: u64, links: &[(&str, u64)]) -> Result<(), RecoverError> {
    let known = Known {
        sequence,
        links: named(links),
    };
    block_on(journal.recovered(known))
}

fn begin_epoch(journal: &Journal, id: Uuid, links: &[(&str, u64)]) -> Result<(), RecoverError> {
    block_on(journal.begin_epoch(id, named(links)))
}

fn named(links: &[(&str, u64)]) -> BTreeMap<String, u64> {
    links.iter().map(|(to, n)| ((*to).into(), *n)).collect()
}

#[test]
fn nothing_is_restored_over_what_is_there() {
    let lost = lost(2, 1);
    let backup = lost.dir.path().join("backup");
    let there = lost.dir.path().join("journal");
    let refused = restore(&backup, &there, AT, BY, REASON);
    assert!(matches!(refused, Err(RestoreError::Occupied { .. })));
    assert_eq!(lost.journal.size(), 6);
    verify(&lost.journal);
    // Nor is what an interrupted restore left behind taken for a journal.
    let into = lost.dir.path().join("new");
    fs::create_dir(lost.dir.path().join("new.restoring")).unwrap();
    let refused = restore(&backup, &into, AT, BY, REASON);
    assert!(matches!(refused, Err(RestoreError::Unfinished { .. })));
    assert!(!into.exists());
    // An empty directory is a place.
    fs::remove_dir(lost.dir.path().join("new.restoring")).unwrap();
    fs::create_dir(&into).unwrap();
    restore(&backup, &into, AT, BY, REASON).unwrap();
}

#[test]
fn a_restored_journal_answers_and_refuses_to_append_until_recovered() {
    let lost = lost(3, 0);
    let head = lost.journal.head();
    let (into, mut journal) = lost.restored("new");
    for _ in 0..2 {
        assert_eq!(journal.head(), head);
        let due = Restored {
            entries: 6,
            at: AT.into(),
            by: BY.into(),
            reason: REASON.into(),
        };
        assert_eq!(journal.restored(), Some(due));
        verify(&journal);
        assert!(matches!(
            append(&journal, step(4)),
            Err(AppendError::Restored)
        ));
        // What has no entries is refused too: notes say what was done.
        let empty = append(&journal, Group::default());
        assert!(matches!(empty, Err(AppendError::Restored)));
        // Also after it was closed and opened.
        drop(journal);
        journal = open(&into);
    }
    recovered(&journal, 3, &[(PEER, 3)]).unwrap();
    assert_eq!(journal.restored(), None);
    append(&journal, step(4)).unwrap();
    drop(journal);
    let journal = open(&into);
    assert_eq!((journal.restored(), journal.size()), (None, 8));
    append(&journal, step(5)).unwrap();
    verify(&journal);
}

#[test]
fn a_journal_is_not_recovered_while_others_know_more_than_it_holds() {
    let lost = lost(3, 2);
    let (_, journal) = lost.restored("new");
    let refused = recovered(&journal, 5, &[]).unwrap_err();
    assert_eq!(refused, RecoverError::Sequence { held: 3, known: 5 });
    let refused = recovered(&journal, 3, &[(PEER, 3), ("H33-05", 1)]).unwrap_err();
    let to = "H33-05".to_owned();
    assert_eq!(
        refused,
        RecoverError::Link {
            to,
            held: 0,
            known: 1
        }
    );
    assert!(journal.restored().is_some());
    assert!(matches!(
        append(&journal, step(4)),
        Err(AppendError::Restored)
    ));
}

#[test]
fn taking_everything_back_in_order_leads_to_the_same_root() {
    let lost = lost(3, 4);
    let (into, journal) = lost.restored("new");
    for n in 4..=7 {
        take_back(&journal, step(n)).unwrap();
    }
    // A restart meanwhile does not make it forget that it is not complete.
    drop(journal);
    let journal = open(&into);
    assert!(journal.restored().is_some());
    assert_eq!(journal.head(), lost.journal.head());
    recovered(&journal, 7, &[(PEER, 7)]).unwrap();
    append(&journal, step(8)).unwrap();
    append(&lost.journal, step(8)).unwrap();
    assert_eq!(journal.head(), lost.journal.head());
    verify(&journal);
}

#[test]
fn what_is_taken_back_must_be_the_next_and_only_a_restored_journal_takes_back() {
    let lost = lost(3, 4);
    let (_, journal) = lost.restored("new");
    let skipped = take_back(&journal, group([own(5)]));
    assert!(matches!(
        skipped,
        Err(AppendError::Sequence {
            expected: 4,
            found: 5
        })
    ));
    let again = take_back(&journal, step(3));
    assert!(matches!(again, Err(AppendError::Sequence { .. })));
    let never = take_back(&lost.journal, step(8));
    assert!(matches!(never, Err(AppendError::NotRestored)));
    for refused in [
        recovered(&lost.journal, 7, &[]),
        begin_epoch(&lost.journal, Uuid::from_u128(1), &[(PEER, 7)]),
    ] {
        assert_eq!(refused, Err(RecoverError::NotRestored));
    }
}

#[test]
fn own_events_taken_back_without_their_deliveries_are_delivered_by_later_ones() {
    let lost = lost(2, 3);
    let (into, mut journal) = lost.restored("new");
    // What peers and the broker gave back says nothing of who was promised what.
    for sequence in 3..=5 {
        let back = Group {
            notes: vec![note("outcome", sequence)],
            ..group([own(sequence)])
        };
        take_back(&journal, back).unwrap();
        // Killed after each: what was taken back stays, and it goes on where it was.
        drop(journal);
        journal = open(&into);
        assert!(journal.restored().is_some());
        assert_eq!(journal.last_sequence(), sequence);
        assert_eq!(
            journal.note(b"outcome").unwrap(),
            Some(vec![sequence as u8])
        );
    }
    let next = Uuid::from_u128(1);
    begin_epoch(&journal, next, &[(PEER, 6)]).unwrap();
    let again = delivering(own_in(next, 1), PEER, 7, id(HOME, 4));
    append(&journal, group([delivering(again, PEER, 8, id(HOME, 5))])).unwrap();
    for (link, due) in [(7, 4), (8, 5)] {
        let sent = journal.delivery(PEER, link).unwrap().unwrap();
        let event = Event::read(&sent.signed.bytes).unwrap();
        assert_eq!((event.epoch, event.sequence), (epoch(), due));
    }
    assert_eq!(journal.skipped(PEER, 3), Some(6));
    verify(&journal);
}

fn note(key: &str, value: u64) -> journal::Note {
    journal::Note {
        key: key.into(),
        value: Some(vec![value as u8]),
    }
}

#[test]
fn an_epoch_that_began_after_the_backup_is_followed_and_still_nothing_is_appended() {
    let lost = lost(2, 1);
    let (into, journal) = lost.restored("new");
    let (followed, next) = (Uuid::from_u128(1), Uuid::from_u128(2));
    take_back(&journal, group([own(3)])).unwrap();
    block_on(journal.follow_epoch(followed)).unwrap();
    let used = block_on(journal.follow_epoch(epoch()));
    assert_eq!(used, Err(RecoverError::EpochUsed(epoch())));
    take_back(&journal, group([own_in(followed, 1)])).unwrap();
    drop(journal);
    let journal = open(&into);
    assert_eq!((journal.epoch(), journal.last_sequence()), (followed, 1));
    assert_eq!(journal.restored().unwrap().by, BY);
    let early = append(&journal, group([own_in(followed, 2)]));
    assert!(matches!(early, Err(AppendError::Restored)));
    // What was given out in it is said once, when the journal goes on.
    begin_epoch(&journal, next, &[(PEER, 5)]).unwrap();
    append(&journal, group([own_in(next, 1)])).unwrap();
    assert_eq!(journal.ended_epochs(), [(epoch(), 3), (followed, 1)]);
    let never = block_on(journal.follow_epoch(Uuid::from_u128(3)));
    assert_eq!(never, Err(RecoverError::NotRestored));
    verify(&journal);
}

#[test]
fn nobody_restores_without_saying_who_and_why() {
    let lost = lost(1, 0);
    let (backup, into) = (lost.dir.path().join("backup"), lost.dir.path().join("new"));
    for (by, reason) in [("", REASON), (BY, " "), (BY, &"x".repeat(5_000))] {
        let refused = restore(&backup, &into, AT, by, reason);
        assert!(matches!(refused, Err(RestoreError::Unsaid { .. })));
        assert!(!into.exists());
    }
}

/// Every number that a journal has given out.
#[derive(Default)]
struct Spent {
    /// Of own events.
    numbers: BTreeSet<(Uuid, u64)>,
    /// Per addressee.
    links: BTreeSet<(String, u64)>,
}

fn spent(journal: &Journal) -> Spent {
    let mut spent = Spent::default();
    for entry in journal.scan(0).map(Result::unwrap) {
        if entry.origin == Origin::Own {
            let event = Event::read(&entry.signed.bytes).unwrap();
            assert!(spent.numbers.insert((event.epoch, event.sequence)));
        }
        for delivery in entry.deliveries {
            assert!(spent.links.insert((delivery.to, delivery.link)));
        }
    }
    spent
}

#[test]
fn a_new_epoch_repeats_no_pair_of_epoch_and_sequence_and_no_link() {
    let lost = lost(3, 4);
    let (mut into, mut journal) = lost.restored("new");
    let before = spent(&lost.journal);
    let held = spent(&journal);
    // Restored, begun anew and lost again, over and over.
    let mut link = 7;
    for life in 1..=3_u128 {
        let epoch = Uuid::from_u128(life);
        begin_epoch(&journal, epoch, &[(PEER, link)]).unwrap();
        assert_eq!((journal.epoch(), journal.last_sequence()), (epoch, 0));
        assert_eq!(journal.last_link(PEER), link);
        assert!(journal.delivery(PEER, 4).unwrap().is_none());
        let stale = append(&journal, group([own(4)]));
        assert!(matches!(stale, Err(AppendError::Epoch { .. })));
        for sequence in 1..=2 {
            link += 1;
            let entry = own_in(epoch, sequence);
            let id = Event::read(&entry.signed.bytes).unwrap().id;
            append(&journal, group([delivering(entry, PEER, link, id)])).unwrap();
            let kept = journal.own(sequence).unwrap().unwrap();
            assert_eq!(Event::read(&kept.signed.bytes).unwrap().id, id);
            assert_eq!(
                journal.delivery(PEER, link).unwrap().unwrap().index,
                kept.index
            );
        }
        verify(&journal);
        let head = journal.head();
        drop(journal);
        journal = open(&into);
        assert_eq!((journal.head(), journal.epoch()), (head.clone(), epoch));
        verify(&journal);

        let backup = lost.dir.path().join(format!("backup.{life}"));
        let report = journal.backup(&backup, Some(&register())).unwrap();
        assert_eq!((report.epoch, report.sequence), (epoch, 2));
        into = lost.dir.path().join(format!("new.{life}"));
        restore(&backup, &into, AT, BY, REASON).unwrap();
        journal = open(&into);
        assert_eq!((journal.head(), journal.epoch()), (head, epoch));
        verify(&journal);
        let used = begin_epoch(&journal, epoch, &[(PEER, link)]);
        assert_eq!(used, Err(RecoverError::EpochUsed(epoch)));
        // One link more was given out and lost.
        link += 1;
    }
    let after = spent(&journal);
    assert_eq!(after.numbers.len(), 3 + 6);
    let mut new = after.numbers.difference(&held.numbers);
    assert!(new.all(|number| !before.numbers.contains(number)));
    let mut new = after.links.difference(&held.links);
    assert!(new.all(|link| !before.links.contains(link)));
}

#[test]
fn a_new_epoch_forgets_no_addressee() {
    let lost = lost(3, 1);
    let (_, journal) = lost.restored("new");
    let epoch = Uuid::from_u128(1);
    let refused = begin_epoch(&journal, epoch, &[("H33-05", 2)]);
    assert_eq!(refused, Err(RecoverError::Unsaid(PEER.into())));
    let refused = begin_epoch(&journal, epoch, &[(PEER, 4), ("", 1)]);
    assert_eq!(refused, Err(RecoverError::Name(String::new())));
    let refused = begin_epoch(&journal, support::epoch(), &[(PEER, 4)]);
    assert_eq!(refused, Err(RecoverError::EpochUsed(support::epoch())));
    // Who knows less than the journal holds is sent the rest again; who was first met after the
    // backup is named too.
    begin_epoch(&journal, epoch, &[(PEER, 1), ("H33-05", 2)]).unwrap();
    assert_eq!(journal.links(), named(&[(PEER, 3), ("H33-05", 2)]));
    assert!(journal.delivery(PEER, 2).unwrap().is_some());
    assert!(journal.delivery("H33-05", 2).unwrap().is_none());
    verify(&journal);
}

#[test]
fn a_restored_journal_that_loses_its_end_does_not_open() {
    let lost = lost(200, 0);
    let (into, journal) = lost.restored("new");
    drop(journal);
    let log = fs::File::options()
        .write(true)
        .open(into.join("db"))
        .unwrap();
    log.set_len(0).unwrap();
    remove_snapshots(&into);
    let refused = Journal::open(&into, journal::Options::new(HOME, Uuid::from_u128(9)));
    assert!(refused.is_err());
}

fn remove_snapshots(dir: &Path) {
    for file in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        if file.file_name().to_string_lossy().starts_with("snap.") {
            fs::remove_file(file.path()).unwrap();
        }
    }
}
