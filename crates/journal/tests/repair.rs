//! A damaged journal is put right from copies of the same bytes, or stays as it is.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use journal::{
    Entry, Group, Head, Journal, Note, Options, Place, RepairError, RepairReport, Repaired,
    Replacement, backup_entries, repair,
};
use rand::{Rng, SeedableRng};
use support::*;
use tempfile::TempDir;

const GROUPS: u64 = 40;

/// A journal of groups of two entries, closed, and what it held.
struct Kept {
    dir: TempDir,
    head: Head,
    entries: BTreeMap<u64, Entry>,
}

fn kept(text: &str) -> Kept {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(&dir.path().join("journal"));
    for n in 1..=GROUPS {
        let mut mine = delivering(own(n), PEER, n, id(HOME, n));
        mine.signed = event(HOME, n, SUBJECT, text);
        let whole = Group {
            notes: vec![Note {
                key: format!("outcome/{n}").into(),
                value: Some(b"done".to_vec()),
            }],
            received: vec![(PEER.into(), n)],
            ..group([mine, received(n)])
        };
        append(&journal, whole).unwrap();
    }
    let entries = journal.scan(0).map(|entry| {
        let entry = entry.unwrap();
        (entry.index, entry)
    });
    let entries = entries.collect();
    journal.backup(&dir.path().join("backup"), None).unwrap();
    Kept {
        head: journal.head(),
        entries,
        dir,
    }
}

impl Kept {
    fn journal(&self) -> PathBuf {
        self.dir.path().join("journal")
    }

    fn change(&self, change: &dyn Fn(&sled::Db)) {
        let config = sled::Config::default()
            .path(self.journal())
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
    }

    /// Repairs with copies as a peer would send them: bytes without what they promised.
    fn repaired_by_peers(&self) -> Result<RepairReport, RepairError> {
        self.repair(&self.journal(), |index| {
            let entry = self.entries.get(&index)?;
            Some((entry.clone(), false))
        })
    }

    fn repair(
        &self,
        journal: &Path,
        copy: impl Fn(u64) -> Option<(Entry, bool)>,
    ) -> Result<RepairReport, RepairError> {
        repair(journal, HOME, Some(&register()), said(), &mut |damaged| {
            let (entry, deliveries) = copy(damaged.index)?;
            Some(Replacement {
                signed: entry.signed,
                origin: entry.origin,
                deliveries: deliveries.then_some(entry.deliveries),
                source: "H33-12".into(),
            })
        })
    }

    /// The journal in `path` is what was acknowledged, to the last number.
    fn is_whole(&self, path: &Path) {
        let journal = Journal::open(path, Options::new(HOME, uuid::Uuid::nil())).unwrap();
        assert_eq!(journal.head(), self.head);
        verify(&journal);
        for (index, due) in &self.entries {
            let found = journal.entry(*index).unwrap().unwrap();
            assert_eq!((&found.signed, &found.origin), (&due.signed, &due.origin));
            assert_eq!(found.deliveries, due.deliveries);
        }
        assert_eq!(journal.received_position(PEER), GROUPS);
        let outcomes = journal.notes_with_prefix(b"outcome/").unwrap();
        assert_eq!(outcomes.len() as u64, GROUPS);
    }
}

fn said() -> Repaired {
    Repaired {
        at: AT.into(),
        by: BY.into(),
        reason: REASON.into(),
        rows: Vec::new(),
    }
}

fn at(index: u64) -> [u8; 8] {
    index.to_be_bytes()
}

#[test]
fn damaged_entries_are_had_back_and_what_was_done_waits_to_be_told() {
    let kept = kept("x");
    kept.change(&|db| {
        let log = db.open_tree("log").unwrap();
        log.insert(at(4), b"?").unwrap();
        log.remove(at(6)).unwrap();
        log.insert(at(7), b"").unwrap();
    });
    let mut seen = Vec::new();
    let none = repair(&kept.journal(), HOME, None, said(), &mut |damaged| {
        seen.push((damaged.index, damaged.place.clone(), damaged.id));
        None
    });
    let Err(RepairError::Missing(missing)) = none else {
        panic!("{none:?}");
    };
    assert_eq!(missing.len(), 3);
    let own = |sequence| {
        let epoch = epoch();
        Some(Place::Own { epoch, sequence })
    };
    let came = Some(Place::Received {
        from: PEER.into(),
        link: 4,
    });
    assert_eq!(
        seen,
        [
            (4, own(3), Some(id(HOME, 3))),
            (6, own(4), Some(id(HOME, 4))),
            (7, came, Some(id(PEER, 4))),
        ]
    );
    let report = kept.repaired_by_peers().unwrap();
    let rows: Vec<u64> = report.repaired.iter().map(|row| row.index).collect();
    assert_eq!(rows, [4, 6, 7]);
    assert!(report.aside.join("db").is_file());
    kept.is_whole(&kept.journal());

    // Until the unit has told it, and then no more.
    let journal = open(&kept.journal());
    let told = journal.repaired().unwrap().unwrap();
    assert_eq!((told.by.as_str(), told.reason.as_str()), (BY, REASON));
    assert_eq!(told.rows, report.repaired);
    let telling = Group {
        notes: vec![Repaired::told()],
        ..group([support::own(GROUPS + 1)])
    };
    append(&journal, telling).unwrap();
    assert_eq!(journal.repaired().unwrap(), None);
    verify(&journal);
}

#[test]
fn copies_with_other_bytes_are_refused_and_the_journal_stays_as_it_is() {
    let kept = kept("x");
    kept.change(&|db| {
        let log = db.open_tree("log").unwrap();
        log.remove(at(4)).unwrap();
    });
    let before = names(kept.dir.path());
    let other = Entry {
        signed: event(HOME, 3, SUBJECT, "another text"),
        ..kept.entries[&4].clone()
    };
    let refused = kept.repair(&kept.journal(), |_| Some((other.clone(), true)));
    assert!(
        matches!(refused, Err(RepairError::Missing(_))),
        "{refused:?}"
    );
    // Nor when its tree hash is gone too and only the root can tell.
    kept.change(&|db| db.open_tree("hashes").unwrap().clear().unwrap());
    let refused = kept.repair(&kept.journal(), |_| Some((other.clone(), true)));
    assert!(
        matches!(refused, Err(RepairError::Differs(_))),
        "{refused:?}"
    );
    assert_eq!(names(kept.dir.path()), before);
    // With the right copy even that is put right.
    kept.repaired_by_peers().unwrap();
    kept.is_whole(&kept.journal());
}

#[test]
fn indexes_follow_from_the_entries_and_need_no_copy() {
    for index in ["by_id", "by_subject", "own", "links", "lines", "hashes"] {
        let kept = kept("x");
        kept.change(&|db| db.open_tree(index).unwrap().clear().unwrap());
        let report = kept.repair(&kept.journal(), |_| None).unwrap();
        assert_eq!(report.repaired, [], "{index}");
        kept.is_whole(&kept.journal());
    }
}

#[test]
fn a_sound_journal_is_left_alone_and_a_lost_end_is_not_made_up() {
    let kept = kept("x");
    let refused = kept.repaired_by_peers();
    assert!(matches!(refused, Err(RepairError::Sound { .. })));
    kept.change(&|db| drop(db.open_tree("log").unwrap().remove(at(GROUPS * 2 - 1))));
    let refused = kept.repaired_by_peers();
    assert!(
        matches!(refused, Err(RepairError::Beyond { .. })),
        "{refused:?}"
    );
}

#[test]
fn a_repair_that_was_cut_short_before_the_exchange_is_ended_by_opening() {
    let kept = kept("x");
    let (journal, whole) = (kept.journal(), kept.dir.path().join("journal.repaired"));
    fs::rename(&journal, &whole).unwrap();
    kept.is_whole(&journal);
    assert!(!whole.exists());
}

#[test]
fn flipped_bits_are_repaired_to_the_last_byte_or_refused() {
    let kept = kept(&"ạ".repeat(6_000));
    let wanted = kept.entries.keys().copied().collect();
    let backup = backup_entries(&kept.dir.path().join("backup"), &wanted).unwrap();
    assert_eq!(backup.len(), kept.entries.len());
    let bytes = fs::read(kept.journal().join("db")).unwrap();
    let used: Vec<usize> = (0..bytes.len()).filter(|n| bytes[*n] != 0).collect();
    let mut rng = rand::rngs::StdRng::seed_from_u64(11);
    let (mut repaired, mut refused, mut harmless) = (0, 0, 0);
    for round in 0..24 {
        let path = kept.dir.path().join(format!("copy-{round}"));
        copy(&kept.journal(), &path);
        let log = OpenOptions::new()
            .write(true)
            .open(path.join("db"))
            .unwrap();
        let place = used[rng.gen_range(0..used.len())];
        let flipped = bytes[place] ^ (1 << rng.gen_range(0..8));
        log.write_all_at(&[flipped], place as u64).unwrap();
        match kept.repair(&path, |index| Some((backup.get(&index)?.clone(), true))) {
            Ok(_) => {
                kept.is_whole(&path);
                repaired += 1;
            }
            Err(RepairError::Sound { .. }) => harmless += 1,
            Err(error) => {
                println!("byte {place}: {error}");
                refused += 1;
            }
        }
    }
    println!("repaired {repaired}, refused {refused}, harmless {harmless}");
    assert!(repaired + refused > 0, "no flip hit anything");
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

fn names(dir: &Path) -> Vec<String> {
    let files = fs::read_dir(dir).unwrap();
    let mut names: Vec<String> = files
        .map(|file| file.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
