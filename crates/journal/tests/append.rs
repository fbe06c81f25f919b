//! What appending promises and refuses.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use envelope::{EVENT_BYTES_MAX, tree};
use journal::{AppendError, Group, Journal, NewQuarantine, Note, OpenError, Options, Origin};
use support::*;
use uuid::Uuid;

#[test]
fn an_entry_is_found_by_each_of_its_names_and_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    let first = delivering(own(1), PEER, 1, id(HOME, 1));
    let appended = append(&journal, group([first, received(1), own(2)])).unwrap();
    assert_eq!(appended.first_index, Some(0));

    let check = |journal: &Journal| {
        assert_eq!((journal.size(), journal.last_sequence()), (3, 2));
        assert_eq!(
            journal.entry(1).unwrap().unwrap().signed,
            event(PEER, 1, SUBJECT, "Đã thẩm định")
        );
        assert_eq!(journal.by_id(&id(HOME, 2)).unwrap().unwrap().index, 2);
        assert_eq!(journal.own(2).unwrap().unwrap().index, 2);
        assert_eq!(journal.delivery(PEER, 1).unwrap().unwrap().index, 0);
        let about: Vec<u64> = journal
            .of_subject(SUBJECT)
            .unwrap()
            .iter()
            .map(|e| e.index)
            .collect();
        assert_eq!(about, [0, 1, 2]);
        let origins: Vec<Origin> = journal.scan(0).map(|e| e.unwrap().origin).collect();
        assert_eq!(
            origins[1],
            Origin::Received {
                from: PEER.into(),
                link: 1
            }
        );
        assert!(journal.entry(3).unwrap().is_none());
        assert!(journal.own(3).unwrap().is_none());
        assert!(journal.delivery(PEER, 2).unwrap().is_none());
        assert!(!journal.contains(&id(HOME, 3)).unwrap());
        verify(journal);
    };
    check(&journal);
    let head = journal.head();
    drop(journal);
    let journal = open(dir.path());
    check(&journal);
    assert_eq!(journal.head(), head);
}

#[test]
fn the_root_is_that_of_the_standard_over_own_and_received_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    assert_eq!(journal.root(), tree::EMPTY_ROOT);
    let entries: Vec<_> = (1..=40).flat_map(|n| [own(n), received(n)]).collect();
    let mut stored: Vec<tree::Hash> = Vec::new();
    for (index, entry) in (0..).zip(&entries) {
        let leaf = tree::leaf_hash(&entry.signed.bytes);
        let read = |n: u64| stored.get(n as usize).copied().ok_or(n);
        let hashes = tree::stored_hashes_for(index, leaf, read).unwrap();
        stored.extend(hashes);
    }
    for pair in entries.chunks(7) {
        append(&journal, group(pair.iter().cloned())).unwrap();
    }
    let expected = tree::root(80, |n| stored.get(n as usize).copied().ok_or(n)).unwrap();
    assert_eq!(journal.root(), expected);
}

#[test]
fn an_event_already_there_refuses_its_group_and_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    append(&journal, group([received(1)])).unwrap();
    let (repeated, next) = block_on(async {
        let repeated = journal.append(group([own(1), received(1)])).await;
        let next = journal.append(group([own(1)])).await;
        (repeated.await, next.await)
    });
    assert!(matches!(repeated, Err(AppendError::Duplicate(found)) if found == id(PEER, 1)));
    assert_eq!(next.unwrap().first_index, Some(1));
    let twice = append(&journal, group([received(2), received(2)]));
    assert!(matches!(twice, Err(AppendError::Duplicate(_))));
    assert_eq!(journal.size(), 2);
    verify(&journal);
}

#[test]
fn numbers_with_a_gap_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    let skipped = append(&journal, group([own(1), own(3)]));
    assert!(matches!(
        skipped,
        Err(AppendError::Sequence {
            expected: 2,
            found: 3
        })
    ));
    let linked = append(&journal, group([delivering(own(1), PEER, 2, id(HOME, 1))]));
    assert!(matches!(
        linked,
        Err(AppendError::Link {
            expected: 1,
            found: 2,
            ..
        })
    ));
    let unknown = append(&journal, group([delivering(own(1), PEER, 1, id(HOME, 2))]));
    assert!(matches!(unknown, Err(AppendError::UnknownDelivery { .. })));
    assert_eq!(journal.head().entries, 0);
}

#[test]
fn an_event_of_the_wrong_unit_or_epoch_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    let mut foreign = received(1);
    foreign.origin = Origin::Own;
    assert!(matches!(
        append(&journal, group([foreign])),
        Err(AppendError::NotOwn { .. })
    ));
    let mut returned = own(1);
    returned.origin = Origin::Received {
        from: PEER.into(),
        link: 1,
    };
    assert!(matches!(
        append(&journal, group([returned])),
        Err(AppendError::NotReceived { .. })
    ));

    let other = tempfile::tempdir().unwrap();
    let later = Journal::open(other.path(), Options::new(HOME, Uuid::from_u128(0xef))).unwrap();
    assert!(matches!(
        append(&later, group([own(1)])),
        Err(AppendError::Epoch { .. })
    ));
}

#[test]
fn a_later_addressee_gets_an_earlier_event_under_its_own_numbers() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    append(&journal, group([own(1), received(1)])).unwrap();
    let joining = delivering(own(2), "H33-05", 1, id(HOME, 1));
    let joining = delivering(joining, "H33-05", 2, id(PEER, 1));
    let joining = delivering(joining, "H33-05", 3, id(HOME, 2));
    append(&journal, group([joining])).unwrap();
    let sent: Vec<u64> = (1..=3)
        .map(|n| journal.delivery("H33-05", n).unwrap().unwrap().index)
        .collect();
    assert_eq!(sent, [0, 1, 2]);
    assert_eq!(journal.links(), [("H33-05".to_owned(), 3)].into());
    verify(&journal);
}

#[test]
fn what_is_no_event_or_too_large_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    let mut broken = own(1);
    broken.signed.bytes = bytes::Bytes::from_static(b"{}");
    assert!(matches!(
        append(&journal, group([broken])),
        Err(AppendError::Event(_))
    ));
    let mut long = own(1);
    let padded = [&long.signed.bytes[..], &vec![b' '; EVENT_BYTES_MAX]].concat();
    long.signed.bytes = padded.into();
    assert!(matches!(
        append(&journal, group([long])),
        Err(AppendError::Event(_))
    ));
    let crowded = (1..=10_000).fold(own(1), |e, n| delivering(e, PEER, n, id(HOME, 1)));
    assert!(matches!(
        append(&journal, group([crowded])),
        Err(AppendError::TooLarge { .. })
    ));
    assert_eq!(journal.size(), 0);
}

#[test]
fn notes_positions_and_quarantine_come_and_go_with_their_group() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    let note = |key: &str, value: Option<&str>| Note {
        key: key.into(),
        value: value.map(|value| value.into()),
    };
    let quarantined = NewQuarantine {
        bytes: vec![1; EVENT_BYTES_MAX + 1],
        reason: "chữ ký không đúng".into(),
        from: PEER.into(),
        at: "2024-05-06T08:30:02+07:00".into(),
        signature: None,
        key: None,
        link: None,
    };
    append(
        &journal,
        Group {
            entries: vec![own(1)],
            notes: vec![note("serial/a", Some("1")), note("serial/b", Some("2"))],
            quarantined: vec![quarantined],
            received: vec![(PEER.into(), 7)],
        },
    )
    .unwrap();
    let refused = Group {
        entries: vec![own(5)],
        notes: vec![note("serial/a", None)],
        received: vec![(PEER.into(), 9)],
        ..Group::default()
    };
    assert!(append(&journal, refused).is_err());
    let notes_only = Group {
        notes: vec![note("serial/b", None), note("z", Some(""))],
        ..Group::default()
    };
    assert_eq!(append(&journal, notes_only).unwrap().first_index, None);
    assert_eq!(
        append(&journal, Group::default()).unwrap().first_index,
        None
    );

    drop(journal);
    let journal = open(dir.path());
    assert_eq!(
        journal.note(b"serial/a").unwrap().as_deref(),
        Some(&b"1"[..])
    );
    assert_eq!(
        journal.notes_with_prefix(b"serial/").unwrap(),
        [(b"serial/a".to_vec(), b"1".to_vec())]
    );
    assert_eq!(journal.note(b"serial/b").unwrap(), None);
    assert_eq!(journal.received_position(PEER), 7);
    let kept = journal.quarantined().unwrap();
    assert_eq!(
        (kept.len(), kept[0].length),
        (1, EVENT_BYTES_MAX as u64 + 1)
    );
    assert_eq!(kept[0].reason, "chữ ký không đúng");
}

#[test]
fn a_tail_is_woken_when_entries_are_durable() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    block_on(async {
        let mut durable = journal.durable();
        assert_eq!(*durable.borrow_and_update(), 0);
        let receipt = journal.append(group([own(1), own(2)])).await;
        durable.changed().await.unwrap();
        assert_eq!(*durable.borrow_and_update(), 2);
        assert_eq!(journal.scan(0).count(), 2);
        receipt.await.unwrap();
    });
}

#[test]
fn a_dropped_receipt_does_not_take_its_group_back() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    block_on(async {
        for sequence in 1..=50 {
            drop(journal.append(group([own(sequence)])).await);
        }
    });
    drop(journal);
    assert_eq!(open(dir.path()).last_sequence(), 50);
}

#[test]
fn many_tasks_append_and_read_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        queue: 4,
        ..Options::new(HOME, epoch())
    };
    let journal = Journal::open(dir.path(), options).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .build()
        .unwrap();
    runtime.block_on(async {
        let tasks: Vec<_> = (0..16_u64)
            .map(|task| {
                let journal = journal.clone();
                tokio::spawn(async move {
                    for n in 1..=20 {
                        let sequence = task * 20 + n;
                        let appended = journal
                            .append(group([received(sequence)]))
                            .await
                            .await
                            .unwrap();
                        let index = appended.first_index.unwrap();
                        let entry = journal.entry(index).unwrap().unwrap();
                        assert_eq!(entry.signed, received(sequence).signed);
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert_eq!(journal.size(), 320);
    verify(&journal);
}

#[test]
fn cursors_survive_an_orderly_end() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    assert_eq!(journal.cursor("outbox"), None);
    journal.set_cursor("outbox", b"1".to_vec());
    journal.set_cursor("outbox", b"2".to_vec());
    assert_eq!(journal.cursor("outbox").as_deref(), Some(&b"2"[..]));
    drop(journal);
    assert_eq!(
        open(dir.path()).cursor("outbox").as_deref(),
        Some(&b"2"[..])
    );
}

#[test]
fn an_open_journal_or_that_of_another_unit_does_not_open() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    let second = Journal::open(dir.path(), Options::new(HOME, epoch()));
    assert!(matches!(second, Err(OpenError::InUse { .. })));
    drop(journal);
    let foreign = Journal::open(dir.path(), Options::new(PEER, epoch()));
    assert!(matches!(foreign, Err(OpenError::WrongUnit { .. })));
    let kept = Journal::open(dir.path(), Options::new(HOME, Uuid::from_u128(1))).unwrap();
    assert_eq!(kept.epoch(), epoch());
}
