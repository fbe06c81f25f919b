//! What an auditor types wrongly, and what is wrong with what lies there.

use std::fs;
use std::path::Path;

use envelope::{Draft, KeyFile, PublicKeys, Signed, UnitKey, moment};
use journal::{Group, Journal, NewEntry, Options, Origin};
use uuid::Uuid;

use crate::{Said, motcua};

const UNIT: &str = "H33-27-04";
const CODE: &str = "000.04.27.H33-180312-0007";
const AT: &str = "2018-03-12T17:00:00+07:00";

fn key() -> UnitKey {
    UnitKey::from_seed([3; 32])
}

/// A unit's directory with its key and a register, and a journal of so many events.
struct Place(tempfile::TempDir);

impl Place {
    fn with(events: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let epoch = Uuid::from_u128(0xee);
        let journal = Journal::open(
            &dir.path().join(UNIT).join("journal"),
            Options::new(UNIT, epoch),
        );
        let journal = journal.unwrap();
        let at = moment::parse("2018-03-12T08:30:00+07:00").unwrap();
        let entries = (1..=events).map(|sequence| {
            let bytes = Draft {
                id: Uuid::from_u128(u128::from(sequence)),
                unit: UNIT,
                kind: "vn.motcua.thing.done.v1",
                subject: CODE,
                time: at,
                recorded: at,
                epoch,
                sequence,
                causation: None,
                parents: &[],
                schema: "s",
                simulated: true,
                traceparent: None,
                data: &serde_json::value::to_raw_value("Hồ sơ").unwrap(),
            };
            let bytes = bytes.write().unwrap();
            NewEntry {
                origin: Origin::Own,
                signed: Signed {
                    signature: key().sign_event(&bytes),
                    key: key().id(),
                    bytes: bytes.into(),
                },
                deliveries: Vec::new(),
            }
        });
        let group = Group {
            entries: entries.collect(),
            ..Group::default()
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let appended = async { journal.append(group).await.await };
        runtime.unwrap().block_on(appended).unwrap();
        let keys = KeyFile {
            units: vec![PublicKeys::new(UNIT, key().public(), [9; 32])],
        };
        let place = Self(dir);
        fs::write(place.path("keys.json"), serde_json::to_vec(&keys).unwrap()).unwrap();
        let head = envelope::TreeHead {
            unit: UNIT.to_owned(),
            epoch,
            size: journal.head().entries,
            root: journal.head().root,
        };
        let note = envelope::note::sign_head(&head, &key()).unwrap();
        fs::write(place.path("head"), note).unwrap();
        place
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    fn export(&self, name: &str) -> String {
        let file = self.path(name);
        motcua(&[
            "audit",
            "export",
            &self.path(UNIT),
            "--keys",
            &self.path("keys.json"),
            "--head",
            &self.path("head"),
            "--output",
            &file,
        ])
        .done();
        file
    }

    fn verify(&self, path: &str) -> Said {
        motcua(&["audit", "verify", path, "--keys", &self.path("keys.json")])
    }
}

/// What was said of something that is not sound.
fn not_sound(said: &Said) -> String {
    assert_eq!(said.code, Some(1), "{}{}", said.out, said.err);
    format!("{}{}", said.out, said.err)
}

#[test]
fn what_is_not_there_is_named() {
    let place = Place::with(2);
    let (dir, keys, out) = (place.path(UNIT), place.path("keys.json"), place.path("out"));
    for command in [
        vec!["history", CODE, "nowhere"],
        vec!["bundle", CODE, "nowhere", "--keys", &keys, "--output", &out],
        vec!["bundle", CODE, &dir, "--keys", "nowhere", "--output", &out],
        vec![
            "bundle", CODE, &dir, "--keys", &keys, "--output", &out, "--head", "nowhere",
        ],
        vec!["verify", "nowhere"],
        vec!["verify", &dir, "--keys", "nowhere"],
        vec!["replay", "nowhere", "--at", AT],
        vec!["diff", "nowhere", "--from", AT, "--to", AT],
        vec!["compare", &dir, "nowhere"],
        vec!["export", "nowhere", "--keys", &keys, "--output", &out],
        vec!["export", &dir, "--keys", "nowhere", "--output", &out],
    ] {
        motcua(&[&["audit"][..], &command].concat()).names(&["nowhere"]);
    }
    assert!(!Path::new(&out).exists());
    // A head is needed, and who can give one is said.
    motcua(&["audit", "export", &dir, "--keys", &keys, "--output", &out])
        .names(&[UNIT, "--head", "unit.key"]);
}

#[test]
fn a_dossier_that_nobody_speaks_of_is_named() {
    let place = Place::with(2);
    let (dir, other) = (place.path(UNIT), "000.04.27.H33-180312-0008");
    let out = place.path("out");
    for command in [
        vec!["history", other, &dir],
        vec![
            "bundle",
            other,
            &dir,
            "--keys",
            &place.path("keys.json"),
            "--output",
            &out,
        ],
        vec!["replay", &dir, "--at", AT, "--dossier", other],
        vec!["diff", &dir, "--from", AT, "--to", AT, "--dossier", other],
    ] {
        let words = [other, "name the directories"];
        motcua(&[&["audit"][..], &command].concat()).names(&words);
    }
    motcua(&["audit", "history", "7", &dir]).names(&["\"7\"", "agency-yymmdd-serial"]);
}

#[test]
fn a_time_without_its_offset_is_refused_with_one_that_has_it() {
    let place = Place::with(1);
    let dir = place.path(UNIT);
    for at in ["2018-03-12T17:00:00", "2018-03-12", "17:00", "hôm qua"] {
        motcua(&["audit", "replay", &dir, "--at", at]).names(&[at, "+07:00"]);
        motcua(&["audit", "diff", &dir, "--from", at, "--to", AT]).names(&[at, "+07:00"]);
    }
    let (earlier, later) = ("2018-03-12T16:00:00+07:00", AT);
    motcua(&["audit", "diff", &dir, "--from", later, "--to", earlier])
        .names(&["--from must not be later"]);
}

#[test]
fn a_journal_and_its_exports_are_sound_also_when_they_are_empty() {
    for events in [0, 3] {
        let place = Place::with(events);
        for path in [
            place.path(UNIT),
            place.0.path().display().to_string(),
            place.export("lines.jsonl"),
            place.export("table.parquet"),
        ] {
            let said = place.verify(&path).done();
            assert!(said.contains(&format!("{events} entries")), "{said}");
            assert!(said.contains("0 faults"), "{said}");
        }
    }
}

#[test]
fn a_file_that_was_cut_off_is_not_sound() {
    let place = Place::with(40);
    for name in ["lines.jsonl", "table.parquet"] {
        let file = place.export(name);
        let whole = fs::read(&file).unwrap();
        for part in 0..8 {
            fs::write(&file, &whole[..whole.len() * part / 8]).unwrap();
            not_sound(&place.verify(&file));
        }
    }
    for what in ["{\n", "[]", "<html>", "{\"a\":1}\n"] {
        let file = place.path("other");
        fs::write(&file, what).unwrap();
        place.verify(&file).names(&["other", "made again"]);
    }
}

#[test]
fn a_spoilt_mark_or_head_of_another_is_named() {
    let place = Place::with(3);
    let heads = place.0.path().join(UNIT).join("heads");
    fs::create_dir(&heads).unwrap();
    let note = fs::read(place.path("head")).unwrap();
    let kept = heads.join(format!("{UNIT}.{}.note", Uuid::from_u128(0xee)));
    fs::write(&kept, &note).unwrap();
    assert!(
        place
            .verify(&place.path(UNIT))
            .done()
            .contains("1 kept heads")
    );
    for bit in (0..note.len() * 8).step_by(131) {
        let mut changed = note.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        fs::write(&kept, changed).unwrap();
        let said = not_sound(&place.verify(&place.path(UNIT)));
        assert!(
            said.contains(&kept.display().to_string()),
            "bit {bit}: {said}"
        );
    }
    fs::write(&kept, &note).unwrap();
    let mark = place
        .0
        .path()
        .join(UNIT)
        .join("journal")
        .join("acknowledged");
    let sound = fs::read(&mark).unwrap();
    for byte in (0..sound.len()).step_by(11) {
        let mut changed = sound.clone();
        changed[byte] ^= 1;
        fs::write(&mark, changed).unwrap();
        let said = not_sound(&place.verify(&place.path(UNIT)));
        assert!(said.contains("`acknowledged`"), "{said}");
    }
}
