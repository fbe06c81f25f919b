//! A backup is one moment of a journal that goes on, and any damage to it shows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use envelope::{KeyRegister, PublicKeys, UnitKey};
use journal::{
    BackupError, Group, Journal, NewQuarantine, Note, RestoreError, restore, verify_backup,
};
use sha2::{Digest, Sha256};
use support::*;

fn note(key: &str, value: impl Into<Option<u64>>) -> Note {
    Note {
        key: key.into(),
        value: value.into().map(|value| value.to_be_bytes().to_vec()),
    }
}

/// One of everything that a journal can hold.
fn small(dir: &Path) -> Journal {
    let journal = open(dir);
    let group = Group {
        entries: vec![
            delivering(own(1), PEER, 1, id(HOME, 1)),
            received(1),
            own(2),
        ],
        notes: vec![note("serial", 7)],
        quarantined: vec![NewQuarantine {
            bytes: b"?".to_vec(),
            reason: "chữ ký sai".into(),
            from: PEER.into(),
            at: AT.into(),
            signature: None,
            key: None,
            link: None,
        }],
        received: vec![(PEER.into(), 1)],
    };
    append(&journal, group).unwrap();
    journal
}

#[test]
fn a_backup_says_what_it_holds_and_its_hash_is_that_of_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let journal = small(&dir.path().join("journal"));
    let path = dir.path().join("backup");
    let report = journal.backup(&path, Some(&register())).unwrap();
    assert_eq!((report.unit.as_str(), report.epoch), (HOME, epoch()));
    assert_eq!((report.entries, report.sequence), (3, 2));
    assert_eq!((report.notes, report.quarantined), (1, 1));
    assert_eq!(report.root, journal.root());
    assert!(report.signatures);
    let bytes = fs::read(&path).unwrap();
    assert_eq!(report.bytes, bytes.len() as u64);
    assert_eq!(report.sha256, *Sha256::digest(&bytes));
    assert_eq!(verify_backup(&path, Some(&register())).unwrap(), report);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[test]
fn a_file_that_is_there_is_not_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let journal = small(&dir.path().join("journal"));
    let path = dir.path().join("backup");
    fs::write(&path, "something dear").unwrap();
    let refused = journal.backup(&path, None);
    assert!(matches!(refused, Err(BackupError::Exists { .. })));
    assert_eq!(fs::read(&path).unwrap(), b"something dear");
    // Nor is a directory that is not there made up.
    let refused = journal.backup(&dir.path().join("no/backup"), None);
    assert!(matches!(refused, Err(BackupError::Files { .. })));
}

#[test]
fn signatures_of_a_stranger_leave_no_file_under_the_name() {
    let dir = tempfile::tempdir().unwrap();
    let journal = small(&dir.path().join("journal"));
    let path = dir.path().join("backup");
    let mut strangers = KeyRegister::new();
    for unit in [HOME, PEER] {
        let key = UnitKey::from_seed([99; 32]);
        let row = PublicKeys::new(unit, key.public(), [9; 32]);
        strangers.insert(&row).unwrap();
    }
    let refused = journal.backup(&path, Some(&strangers)).unwrap_err();
    assert!(refused.to_string().contains("entry 0"), "{refused}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    // The next one is not in its way.
    journal.backup(&path, Some(&register())).unwrap();
}

#[test]
fn every_flipped_bit_and_every_cut_is_found_by_verifying_and_by_restoring() {
    let dir = tempfile::tempdir().unwrap();
    let journal = small(&dir.path().join("journal"));
    let sound = dir.path().join("backup");
    journal.backup(&sound, None).unwrap();
    let bytes = fs::read(&sound).unwrap();
    let path = dir.path().join("damaged");
    let into = dir.path().join("restored");
    let refused = |what: &dyn Fn() -> String| {
        let verified = verify_backup(&path, None);
        let found = matches!(verified, Err(BackupError::Damaged { .. }));
        assert!(found, "{}: {verified:?}", what());
        let restored = restore(&path, &into, AT, BY, REASON);
        let found = matches!(restored, Err(RestoreError::Backup(_)));
        assert!(found, "{}: {restored:?}", what());
        assert!(!into.exists());
    };
    fs::write(&path, &bytes).unwrap();
    let file = fs::File::options().write(true).open(&path).unwrap();
    for (place, byte) in (0..).zip(&bytes) {
        for bit in 0..8 {
            file.write_all_at(&[byte ^ 1 << bit], place).unwrap();
            refused(&|| format!("bit {bit} of byte {place}"));
        }
        file.write_all_at(&[*byte], place).unwrap();
    }
    fs::write(&path, [&bytes[..], b"\0"].concat()).unwrap();
    refused(&|| "one byte more".into());
    for end in (0..bytes.len()).rev() {
        file.set_len(end as u64).unwrap();
        refused(&|| format!("cut at {end}"));
    }
    // The sound one is none of them.
    restore(&sound, &into, AT, BY, REASON).unwrap();
}

/// Every group overwrites one note, adds one, and takes an earlier one away, so that a backup that
/// mixed two moments would show it whichever way it mixed them.
fn telling(sequence: u64) -> Group {
    let mut group = group([delivering(
        own(sequence),
        PEER,
        sequence,
        id(HOME, sequence),
    )]);
    group.notes = vec![
        note("last", sequence),
        note(&format!("n/{sequence:08}"), sequence),
        note("zz", sequence),
    ];
    if sequence > 300 {
        group
            .notes
            .push(note(&format!("n/{:08}", sequence - 300), None));
    }
    group.received = vec![(PEER.into(), sequence)];
    group
}

#[test]
fn a_backup_under_appends_is_one_moment_of_the_journal() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(&dir.path().join("journal"));
    for sequence in 1..600 {
        // The first groups need not be durable one by one.
        drop(block_on(journal.append(telling(sequence))));
    }
    append(&journal, telling(600)).unwrap();
    let stop = AtomicBool::new(false);
    let sizes: Vec<u64> = std::thread::scope(|scope| {
        scope.spawn(|| {
            for sequence in 601.. {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                append(&journal, telling(sequence)).unwrap();
            }
        });
        let sizes = (0..6)
            .map(|n| {
                let before = journal.size();
                let path = dir.path().join(format!("backup.{n}"));
                let report = journal.backup(&path, Some(&register())).unwrap();
                assert!(before <= report.entries && report.entries <= journal.size());
                // The next one is of another moment, however slow the disk is.
                let mut durable = journal.durable();
                block_on(durable.wait_for(|entries| *entries > report.entries)).unwrap();
                report.entries
            })
            .collect();
        stop.store(true, Ordering::Relaxed);
        sizes
    });
    assert!(
        sizes.is_sorted() && sizes.first() < sizes.last(),
        "{sizes:?}"
    );
    for (n, size) in sizes.into_iter().enumerate() {
        let into = dir.path().join(format!("restored.{n}"));
        restore(
            &dir.path().join(format!("backup.{n}")),
            &into,
            AT,
            BY,
            REASON,
        )
        .unwrap();
        let restored = open(&into);
        assert_eq!((restored.size(), restored.last_sequence()), (size, size));
        assert_eq!(restored.last_link(PEER), size);
        assert_eq!(restored.received_position(PEER), size);
        for (kept, entry) in restored.scan(0).zip(journal.scan(0)) {
            assert_eq!(kept.unwrap().signed, entry.unwrap().signed);
        }
        let mut due: Vec<(Vec<u8>, Vec<u8>)> = [note("last", size)]
            .into_iter()
            .chain((size.saturating_sub(300) + 1..=size).map(|s| note(&format!("n/{s:08}"), s)))
            .chain([note("zz", size)])
            .map(|note| (note.key, note.value.unwrap()))
            .collect();
        due.sort();
        assert_eq!(restored.notes_with_prefix(b"").unwrap(), due);
        verify(&restored);
    }
}
