//! `motcua journal`: a sound journal passes, a damaged one is named, and looking changes nothing.

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::Path;

use envelope::{Draft, PublicKeys, Signed, UnitKey, moment};
use journal::{Group, Journal, NewEntry, NewQuarantine, Options, Origin};
use serde_json::value::to_raw_value;
use tempfile::TempDir;
use unit::identity;
use uuid::Uuid;

use crate::{Said, motcua};

const UNIT: &str = "H33-27-04";
const ENTRIES: u64 = 60;

/// A unit's directory with keys and a journal of [`ENTRIES`] entries, and a register beside it.
async fn kept() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let public = identity::create(dir.path(), UNIT).unwrap();
    identity::write_register(&dir.path().join("keys.json"), vec![public]).unwrap();
    let key = identity::load(dir.path(), UNIT).unwrap().signing.current();
    let epoch = Uuid::from_u128(7);
    let path = dir.path().join(UNIT).join("journal");
    let journal = Journal::open(&path, Options::new(UNIT, epoch)).unwrap();
    let entries = (1..=ENTRIES).map(|sequence| NewEntry {
        origin: Origin::Own,
        signed: event(&key, epoch, sequence),
        deliveries: Vec::new(),
    });
    let group = Group {
        entries: entries.collect(),
        quarantined: vec![NewQuarantine {
            bytes: b"not an event".to_vec(),
            reason: "chữ ký sai".to_owned(),
            from: "H33-27-91".to_owned(),
            at: "2018-01-02T08:00:00+07:00".to_owned(),
            signature: None,
            key: None,
            link: None,
        }],
        ..Group::default()
    };
    journal.append(group).await.await.unwrap();
    dir
}

fn event(key: &UnitKey, epoch: Uuid, sequence: u64) -> Signed {
    let time = moment::parse("2018-01-02T08:00:00+07:00").unwrap();
    let bytes = Draft {
        id: Uuid::from_u128(u128::from(sequence)),
        unit: UNIT,
        kind: "vn.motcua.dossier.received.v1",
        subject: "H33-27-04-180102-0001",
        time,
        recorded: time,
        epoch,
        sequence,
        causation: None,
        parents: &[],
        schema: "https://motcua.vn/schemas/events/dossier.received.v1.json",
        simulated: true,
        traceparent: None,
        data: &to_raw_value(&"hồ sơ ".repeat(100)).unwrap(),
    }
    .write()
    .unwrap();
    Signed {
        signature: key.sign_event(&bytes),
        key: key.id(),
        bytes: bytes.into(),
    }
}

fn check(dir: &Path) -> Said {
    let unit = dir.join(UNIT).display().to_string();
    let keys = dir.join("keys.json").display().to_string();
    motcua(&["journal", "check", &unit, "--keys", &keys])
}

fn quarantine(dir: &Path) -> Said {
    motcua(&[
        "journal",
        "quarantine",
        &dir.join(UNIT).display().to_string(),
    ])
}

#[tokio::test]
async fn a_sound_journal_passes_with_and_without_keys() {
    let dir = kept().await;
    let said = check(dir.path()).done();
    assert_eq!(
        said,
        "H33-27-04: 60 entries, last own sequence 60, 0 faults, signatures verified\n"
    );
    let unit = dir.path().join(UNIT).display().to_string();
    let said = motcua(&["journal", "check", &unit]).done();
    assert!(
        said.contains("0 faults, signatures not looked at"),
        "{said}"
    );
    // Also by a path that does not end with the unit's name.
    motcua(&["journal", "check", &format!("{unit}/../{UNIT}/.")]).done();
}

#[tokio::test]
async fn what_is_in_quarantine_is_listed_with_its_reason() {
    let dir = kept().await;
    let said = quarantine(dir.path()).done();
    for word in [
        "H33-27-91",
        "chữ ký sai",
        "2018-01-02T08:00:00+07:00",
        "12 bytes",
        "H33-27-04: 1 in quarantine",
    ] {
        assert!(said.contains(word), "{word:?}: {said}");
    }
}

#[tokio::test]
async fn signatures_of_another_key_are_faults_entry_by_entry() {
    let dir = kept().await;
    let stranger = UnitKey::from_seed([3; 32]);
    let register = vec![PublicKeys::new(UNIT, stranger.public(), [9; 32])];
    identity::write_register(&dir.path().join("keys.json"), register).unwrap();
    let said = check(dir.path());
    assert_eq!(said.code, Some(1), "{}", said.err);
    for index in [0, ENTRIES - 1] {
        assert!(
            said.out.contains(&format!("entry {index}: ")),
            "{}",
            said.out
        );
    }
    assert!(said.out.contains("60 faults"), "{}", said.out);
}

#[tokio::test]
async fn flipped_bytes_are_found_and_named_and_never_a_panic() {
    let dir = kept().await;
    let path = dir.path().join(UNIT).join("journal/db");
    let sound = fs::read(&path).unwrap();
    let written = sound.iter().rposition(|byte| *byte != 0).unwrap();
    let mut found = 0;
    for part in 0..24 {
        let copy = tempfile::tempdir().unwrap();
        let unit = copy.path().join(UNIT);
        fs::create_dir_all(unit.join("journal")).unwrap();
        fs::copy(dir.path().join("keys.json"), copy.path().join("keys.json")).unwrap();
        for file in fs::read_dir(dir.path().join(UNIT).join("journal")).unwrap() {
            let file = file.unwrap();
            if file.file_type().unwrap().is_file() {
                fs::copy(file.path(), unit.join("journal").join(file.file_name())).unwrap();
            }
        }
        let db = fs::File::options()
            .write(true)
            .open(unit.join("journal/db"))
            .unwrap();
        let place = written * part / 24;
        db.write_all_at(&[sound[place] ^ 0x40], place as u64)
            .unwrap();
        for said in [check(copy.path()), quarantine(copy.path())] {
            let (out, err) = (&said.out, &said.err);
            assert!(!err.contains("panicked"), "byte {place}: {err}");
            match said.code {
                Some(0) => {}
                Some(1) => {
                    found += 1;
                    let named = err.contains("journal")
                        || out.contains("entry ")
                        || out.contains("index: ");
                    assert!(named, "byte {place}: {out}{err}");
                }
                other => panic!("byte {place}: {other:?} {out}{err}"),
            }
        }
    }
    assert!(found > 0, "no flipped byte was found");
}

#[tokio::test]
async fn a_journal_that_is_in_use_or_not_there_is_named_and_left_alone() {
    let dir = kept().await;
    let path = dir.path().join(UNIT).join("journal");
    let open = Journal::open(&path, Options::new(UNIT, Uuid::nil())).unwrap();
    check(dir.path()).names(&["open in another process", "journal"]);
    drop(open);

    let empty = dir.path().join("H33-27-05");
    fs::create_dir_all(empty.join("journal")).unwrap();
    let shown = empty.display().to_string();
    motcua(&["journal", "check", &shown]).names(&[&shown, "there is no journal"]);
    motcua(&["journal", "quarantine", &shown]).names(&[&shown, "there is no journal"]);
    assert_eq!(fs::read_dir(empty.join("journal")).unwrap().count(), 0);

    // Another unit's journal is not passed off as one's own.
    fs::rename(dir.path().join(UNIT), dir.path().join("H33-27-06")).unwrap();
    let moved = dir.path().join("H33-27-06").display().to_string();
    motcua(&["journal", "check", &moved]).names(&["H33-27-04", "H33-27-06"]);
}

fn backup(dir: &Path, file: &str) -> Said {
    let unit = dir.join(UNIT).display().to_string();
    let file = dir.join(file).display().to_string();
    let keys = dir.join("keys.json").display().to_string();
    motcua(&["journal", "backup", &unit, &file, "--keys", &keys])
}

fn restore(file: &str, into: &str) -> Said {
    let (who, why) = (["--officer", "officer-7"], ["--reason", "ổ đĩa hỏng"]);
    let what = ["journal", "restore", file, into];
    motcua(&[&what[..], &who, &why].concat())
}

#[tokio::test]
async fn a_backup_is_made_checked_and_restored_into_an_equal_journal_that_says_what_it_is() {
    let dir = kept().await;
    let made = backup(dir.path(), "backup").done();
    for word in [
        "unit H33-27-04, 60 entries, last own sequence 60",
        "1 in quarantine",
        "sound",
        "signatures verified",
    ] {
        assert!(made.contains(word), "{word:?}: {made}");
    }
    let file = dir.path().join("backup").display().to_string();
    let keys = dir.path().join("keys.json").display().to_string();
    let checked = motcua(&["journal", "check", &file, "--keys", &keys]).done();
    assert_eq!(checked, made);

    let away = dir.path().join("away").join(UNIT).display().to_string();
    let restored = restore(&file, &away).done();
    assert!(restored.contains("takes nothing in"), "{restored}");
    let checked = motcua(&["journal", "check", &away, "--keys", &keys]).done();
    assert!(checked.contains("60 entries"), "{checked}");
    for word in ["by officer-7 (ổ đĩa hỏng)", "from a backup of 60 entries"] {
        assert!(checked.contains(word), "{word:?}: {checked}");
    }
    // Looking at it left it as it is, and it is not restored over.
    restore(&file, &away).names(&["not empty", "journal"]);
}

#[tokio::test]
async fn a_backup_that_cannot_be_made_or_used_is_named_and_nothing_is_left() {
    let dir = kept().await;
    let path = dir.path().join(UNIT).join("journal");
    let open = Journal::open(&path, Options::new(UNIT, Uuid::nil())).unwrap();
    backup(dir.path(), "backup").names(&["while a service runs", "open in another process"]);
    drop(open);
    assert!(!dir.path().join("backup").exists());

    backup(dir.path(), "backup").done();
    backup(dir.path(), "backup").names(&["there already", "backup"]);
    let file = dir.path().join("backup").display().to_string();
    let other = dir.path().join("H33-27-05");
    let shown = other.display().to_string();
    restore(&file, &shown).names(&[UNIT, "H33-27-05"]);
    assert!(!other.exists());

    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
    motcua(&["journal", "check", &file]).names(&["damaged", "entries"]);
    let away = dir.path().join("away").join(UNIT);
    let shown = away.display().to_string();
    restore(&file, &shown).names(&["damaged", "entries"]);
    assert!(!away.exists());
}

fn repair(dir: &Path, more: &[&str]) -> Said {
    let unit = dir.join(UNIT).display().to_string();
    let keys = dir.join("keys.json").display().to_string();
    let what = ["journal", "repair", &unit, "--unit", UNIT, "--keys", &keys];
    let who = ["--officer", "officer-7", "--reason", "ổ đĩa hỏng"];
    motcua(&[&what[..], &who, more].concat())
}

/// Someone overwrites entry 5 where storage keeps it.
fn overwrite(dir: &Path) {
    let config = sled::Config::default()
        .path(dir.join(UNIT).join("journal"))
        .segment_size(4 << 20)
        .flush_every_ms(None);
    let db = config.open().unwrap();
    let log = db.open_tree("log").unwrap();
    log.insert(5_u64.to_be_bytes(), b"?").unwrap();
    db.flush().unwrap();
}

#[tokio::test]
async fn a_damaged_entry_is_put_right_from_a_backup_entry_by_entry() {
    let dir = kept().await;
    backup(dir.path(), "backup").done();
    let file = dir.path().join("backup").display().to_string();
    let sound = repair(dir.path(), &["--backup", &file]).done();
    assert!(sound.contains("nothing to repair"), "{sound}");

    overwrite(dir.path());
    let nobody = repair(dir.path(), &[]);
    nobody.names(&["1 damaged entries were found nowhere"]);
    assert!(nobody.out.contains("entry 5:"), "{}", nobody.out);
    assert!(nobody.out.contains("not found"), "{}", nobody.out);

    let done = repair(dir.path(), &["--backup", &file]).done();
    for word in ["entry 5:", "from copies", "damaged-"] {
        assert!(done.contains(word), "{word:?}: {done}");
    }
    let unit = dir.path().join(UNIT).display().to_string();
    let keys = dir.path().join("keys.json").display().to_string();
    let checked = motcua(&["journal", "check", &unit, "--keys", &keys]).done();
    assert!(checked.contains("60 entries"), "{checked}");
    assert!(checked.contains(" 0 faults"), "{checked}");
}
