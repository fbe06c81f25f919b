//! Damaged files are reported. They never panic, and never give back what was not put in.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;

use journal::{Journal, OpenError, Options};
use rand::{Rng, SeedableRng};
use support::*;

const ENTRIES: u64 = 400;

/// A journal of [`ENTRIES`] own entries, closed; written in several sittings.
fn written(dir: &Path) {
    for sitting in 0..4 {
        let journal = open(dir);
        for n in 0..10 {
            let first = (sitting * 10 + n) * 10 + 1;
            let entries = (first..first + 10)
                .map(|sequence| delivering(own(sequence), PEER, sequence, id(HOME, sequence)));
            append(&journal, group(entries)).unwrap();
        }
    }
    let journal = open(dir);
    assert_eq!(journal.size(), ENTRIES);
    verify(&journal);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        let target = to.join(file.file_name());
        if file.file_type().unwrap().is_dir() {
            copy(&file.path(), &target);
        } else {
            fs::copy(file.path(), target).unwrap();
        }
    }
}

fn snapshots(dir: &Path) -> Vec<std::path::PathBuf> {
    fs::read_dir(dir)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| {
            path.file_name()
                .unwrap()
                .to_string_lossy()
                .starts_with("snap.")
        })
        .collect()
}

fn complete(dir: &Path) {
    let journal = open(dir);
    assert_eq!(journal.size(), ENTRIES);
    verify(&journal);
}

#[test]
fn a_torn_snapshot_costs_nothing() {
    let dir = tempfile::tempdir().unwrap();
    written(dir.path());
    assert!(
        !snapshots(dir.path()).is_empty(),
        "storage keeps a snapshot to tear"
    );
    for kept in [0, 1, 7, 20] {
        for path in snapshots(dir.path()) {
            OpenOptions::new()
                .write(true)
                .open(path)
                .unwrap()
                .set_len(kept)
                .unwrap();
        }
        complete(dir.path());
    }
    for path in snapshots(dir.path()) {
        fs::remove_file(path).unwrap();
    }
    complete(dir.path());
}

#[test]
fn a_snapshot_left_half_generated_costs_nothing() {
    let dir = tempfile::tempdir().unwrap();
    written(dir.path());
    for content in [&b""[..], b"torn", &[0xff; 300]] {
        let path = dir.path().join("snap.00000000000FFFFF.generating");
        fs::write(&path, content).unwrap();
        complete(dir.path());
        assert!(!path.exists());
    }
}

#[test]
fn a_journal_cut_short_does_not_open_as_a_shorter_one() {
    let sound = tempfile::tempdir().unwrap();
    written(sound.path());
    let bytes = fs::read(sound.path().join("db")).unwrap();
    let length = bytes.iter().rposition(|byte| *byte != 0).unwrap() as u64;
    let mut refused = 0;
    for part in 0..16 {
        let dir = tempfile::tempdir().unwrap();
        copy(sound.path(), dir.path());
        let log = OpenOptions::new()
            .write(true)
            .open(dir.path().join("db"))
            .unwrap();
        log.set_len(length * part / 16).unwrap();
        for path in snapshots(dir.path()) {
            fs::remove_file(path).unwrap();
        }
        match Journal::open(dir.path(), Options::new(HOME, epoch())) {
            Err(OpenError::Lost {
                promised: ENTRIES,
                found,
                ..
            }) if found < ENTRIES => {
                refused += 1;
            }
            Err(OpenError::Contradiction { .. } | OpenError::Storage { .. }) => refused += 1,
            Err(error) => panic!("cut at {part}/16: {error}"),
            // The end of the log may be what storage writes for itself when it closes.
            Ok(journal) => {
                assert_eq!(journal.size(), ENTRIES, "cut at {part}/16");
                verify(&journal);
            }
        }
    }
    assert!(refused > 0, "only {refused} cuts hit anything");
}

#[test]
fn bytes_flipped_under_an_open_journal_are_faults_of_the_entries_they_hit() {
    let text = "ạ".repeat(6_000);
    let entry = |sequence| {
        let mut entry = own(sequence);
        entry.signed = event(HOME, sequence, SUBJECT, &text);
        entry
    };
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        cache_bytes: 1 << 18,
        ..Options::new(HOME, epoch())
    };
    let journal = Journal::open(dir.path(), options).unwrap();
    for first in (0..60).map(|n| n * 10 + 1) {
        append(&journal, group((first..first + 10).map(entry))).unwrap();
    }
    let log = OpenOptions::new()
        .read(true)
        .write(true)
        .open(dir.path().join("db"))
        .unwrap();
    let length = log.metadata().unwrap().len();
    for place in (0..length).step_by(50_021) {
        let mut byte = [0];
        log.read_exact_at(&mut byte, place).unwrap();
        log.write_all_at(&[!byte[0]], place).unwrap();
    }
    let mut unreadable = 0;
    for index in 0..journal.size() {
        match journal.entry(index) {
            Ok(found) => assert_eq!(found.unwrap().signed, entry(index + 1).signed),
            Err(_) => unreadable += 1,
        }
    }
    assert!(unreadable > 0, "the flips hit no entry");
    match journal.verify(None, &mut |_| {}) {
        Ok(report) => assert!(report.fault_count >= unreadable),
        Err(error) => println!("{error}"),
    }
    // An orderly end would write over what was damaged here.
    std::mem::forget(journal);
}

/// Someone with access to the files changes a journal behind its back.
#[test]
fn verification_names_what_was_changed() {
    let tree_of = |db: &sled::Db, name: &str| db.open_tree(name).unwrap();
    let change = |change: &dyn Fn(&sled::Db)| {
        let dir = tempfile::tempdir().unwrap();
        let journal = open(dir.path());
        let entries = (1..=20).map(|n| delivering(own(n), PEER, n, id(HOME, n)));
        append(&journal, group(entries)).unwrap();
        drop(journal);
        let config = sled::Config::default()
            .path(dir.path())
            .segment_size(4 << 20)
            .flush_every_ms(None);
        // Storage lets go of its lock a moment after it is closed.
        let db = loop {
            match config.open() {
                Err(sled::Error::Io(error)) if error.to_string().contains("lock") => {
                    std::thread::yield_now();
                }
                opened => break opened.unwrap(),
            }
        };
        change(&db);
        db.flush().unwrap();
        drop(db);
        let report = open(dir.path())
            .verify(Some(&register()), &mut |_| {})
            .unwrap();
        assert_eq!(report.fault_count, report.faults.len() as u64);
        report
            .faults
            .into_iter()
            .map(|fault| (fault.index, fault.what))
            .collect::<Vec<_>>()
    };
    let at = |index: u64| index.to_be_bytes();
    let names = |faults: &[(Option<u64>, String)], index: Option<u64>, what: &str| {
        let found = faults
            .iter()
            .any(|fault| fault.0 == index && fault.1.contains(what));
        assert!(found, "no fault {what:?} at {index:?} in {faults:#?}");
    };

    assert_eq!(change(&|_| {}), []);

    let faults = change(&|db| {
        let log = tree_of(db, "log");
        let mut record = log.get(at(5)).unwrap().unwrap().to_vec();
        let place = record
            .windows(4)
            .position(|window| window == b"ti\xe1\xba")
            .unwrap();
        record[place] = b'T';
        log.insert(at(5), record).unwrap();
    });
    names(&faults, Some(5), "tree hash");
    names(&faults, Some(5), "not by key");
    assert!(
        faults
            .iter()
            .all(|fault| fault.0.is_some_and(|i| i >= 5) || fault.0.is_none())
    );

    let faults = change(&|db| {
        let log = tree_of(db, "log");
        let (a, b) = (
            log.get(at(3)).unwrap().unwrap(),
            log.get(at(4)).unwrap().unwrap(),
        );
        log.insert(at(3), b).unwrap();
        log.insert(at(4), a).unwrap();
    });
    names(&faults, Some(3), "sequence 5 after 3");
    names(&faults, Some(3), "tree hash");

    let faults = change(&|db| {
        tree_of(db, "log").remove(at(7)).unwrap();
    });
    names(&faults, Some(7), "missing");

    let faults = change(&|db| {
        tree_of(db, "by_id").remove(id(HOME, 9).as_bytes()).unwrap();
        tree_of(db, "by_subject")
            .insert([b"HS\0", &at(1)[..]].concat(), &[])
            .unwrap();
        tree_of(db, "own").insert(at(2), &at(2)).unwrap();
        tree_of(db, "hashes").insert(at(0), &[0; 32]).unwrap();
    });
    names(&faults, Some(8), "index of ids");
    names(&faults, None, "index of subjects");
    names(&faults, Some(1), "own sequence 2");
    names(&faults, Some(0), "tree hash 0");

    let faults = change(&|db| {
        let key = [PEER.as_bytes(), &[0], &at(4)].concat();
        tree_of(db, "links")
            .insert(key, id(HOME, 1).as_bytes())
            .unwrap();
    });
    names(&faults, Some(3), "link 4");
}

#[test]
fn a_flipped_byte_in_a_short_journal_is_reported_or_harmless() {
    flip(40, "Hồ sơ đã tiếp nhận", 60);
}

/// A log of several segments: storage then drops single pages where it drops the end of a short
/// log, and the journal must notice both.
#[test]
fn a_flipped_byte_in_a_long_journal_is_reported_or_harmless() {
    flip(60, &"ạ".repeat(6_000), 24);
}

/// Flips one bit after the other in copies of a journal of `groups` groups of ten.
fn flip(groups: u64, text: &str, rounds: u32) {
    let entry = |sequence| {
        let mut entry = delivering(own(sequence), PEER, sequence, id(HOME, sequence));
        entry.signed = event(HOME, sequence, SUBJECT, text);
        entry
    };
    let sound = tempfile::tempdir().unwrap();
    let journal = open(sound.path());
    for first in (0..groups).map(|n| n * 10 + 1) {
        append(&journal, group((first..first + 10).map(entry))).unwrap();
    }
    let entries = journal.size();
    drop(journal);
    let bytes = fs::read(sound.path().join("db")).unwrap();
    // Most zeros are room that nobody has used.
    let used: Vec<usize> = (0..bytes.len())
        .filter(|place| bytes[*place] != 0)
        .collect();
    let mut rng = rand::rngs::StdRng::seed_from_u64(7);
    let (mut refused, mut faulty, mut harmless) = (0, 0, 0);
    for round in 0..rounds {
        let dir = tempfile::tempdir().unwrap();
        copy(sound.path(), dir.path());
        if round % 2 == 0 {
            for path in snapshots(dir.path()) {
                fs::remove_file(path).unwrap();
            }
        }
        let log = OpenOptions::new()
            .write(true)
            .open(dir.path().join("db"))
            .unwrap();
        let place = used[rng.gen_range(0..used.len())];
        let flipped = bytes[place] ^ (1 << rng.gen_range(0..8));
        log.write_all_at(&[flipped], place as u64).unwrap();

        let Ok(journal) = Journal::open(dir.path(), Options::new(HOME, epoch())) else {
            refused += 1;
            continue;
        };
        for index in 0..journal.size() {
            if let Ok(Some(found)) = journal.entry(index) {
                assert_eq!(found.signed, entry(index + 1).signed, "byte {place}");
            }
        }
        match journal.verify(Some(&register()), &mut |_| {}) {
            Ok(report) if report.faults.is_empty() => {
                assert_eq!(
                    journal.size(),
                    entries,
                    "byte {place}: shorter and not reported"
                );
                harmless += 1;
            }
            Ok(report) => {
                println!(
                    "byte {place}: {} faults, first {:?}",
                    report.fault_count, report.faults[0]
                );
                faulty += 1;
            }
            Err(error) => {
                println!("byte {place}: {error}");
                faulty += 1;
            }
        }
    }
    println!("refused {refused}, faulty {faulty}, harmless {harmless}");
    assert!(refused + faulty > 0, "no flip hit anything");
}
