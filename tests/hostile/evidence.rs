//! What an auditor is handed and what strangers ask of a log: notes, bundles, exported journals as
//! lines and as a table, paths over HTTP; and the files that operators write.

use std::fs;
use std::io::Write;

use auditor::table::Table;
use auditor::{Bundle, Evidence, Head, Header, Line, Place, export};
use envelope::tree::{leaf_hash, stored_hashes_for};
use envelope::{KeyFile, KeyRegister, PublicKeys, Signed, TreeHead, UnitKey, note, proof, tree};
use evidence::path::Wanted;
use tempfile::NamedTempFile;
use unit::officers::Officers;
use uuid::Uuid;

use crate::golden;
use crate::paper::said;
use crate::spoil::{hold, hold_spoilt};

/// A journal of the published examples, signed by one unit whatever they say.
struct Sample {
    note: Vec<u8>,
    keys: KeyFile,
    entries: Vec<Signed>,
    bundle: Bundle,
}

fn sample() -> Sample {
    let key = UnitKey::from_seed([7; 32]);
    let rows = vec![PublicKeys::new("H33-27-04", key.public(), [9; 32])];
    let entries: Vec<Signed> = golden::bytes("events")
        .into_iter()
        .map(|bytes| Signed {
            signature: key.sign_event(&bytes),
            key: key.id(),
            bytes: bytes.into(),
        })
        .collect();
    let mut stored: Vec<tree::Hash> = Vec::new();
    for (index, entry) in (0..).zip(&entries) {
        let read = |number: u64| stored.get(number as usize).copied().ok_or(number);
        let hashes = stored_hashes_for(index, leaf_hash(&entry.bytes), read).unwrap();
        stored.extend(hashes);
    }
    let read = |number: u64| stored.get(number as usize).copied().ok_or(number);
    let size = entries.len() as u64;
    let head = TreeHead {
        unit: "H33-27-04".into(),
        epoch: Uuid::from_u128(7),
        size,
        root: tree::root(size, read).unwrap(),
    };
    let note = note::sign_head(&head, &key).unwrap();
    let mut bundle = Bundle::about("000.04.27.H33-180312-0007");
    bundle.keys = KeyFile {
        units: rows.clone(),
    };
    bundle.heads.push(Head {
        note: String::from_utf8(note.clone()).unwrap(),
        earlier: Vec::new(),
    });
    for (index, entry) in (0..).zip(entries.iter().take(3)) {
        let mut evidence = Evidence::of(entry);
        let proof = proof::prove_inclusion(index, size, read).unwrap();
        evidence.places.push(Place {
            head: 0,
            index,
            proof: auditor::bundle::write_proof(&proof),
        });
        bundle.events.push(evidence);
    }
    let keys = KeyFile { units: rows };
    Sample {
        note,
        keys,
        entries,
        bundle,
    }
}

impl Sample {
    fn header(&self) -> Header {
        Header {
            format: export::FORMAT.to_owned(),
            head: String::from_utf8(self.note.clone()).unwrap(),
            keys: self.keys.clone(),
        }
    }
}

#[test]
fn a_note_is_believed_or_its_fault_is_named() {
    let sample = sample();
    let mut keys = KeyRegister::new();
    keys.insert(&sample.keys.units[0]).unwrap();
    hold("note", std::slice::from_ref(&sample.note), |bytes| {
        let head = note::read_head(bytes, &keys).map_err(said)?;
        // Whatever is believed is what was signed: the bytes may differ in what is not signed alone.
        assert_eq!(
            (head.unit.as_str(), head.size),
            ("H33-27-04", sample.entries.len() as u64)
        );
        Ok(())
    });
}

#[test]
fn a_bundle_is_checked_whatever_stands_in_it() {
    let sample = sample();
    let good = sample.bundle.written().unwrap();
    hold("bundle", &[good], |bytes| {
        let bundle = Bundle::read(bytes).map_err(said)?;
        let report = auditor::verify(&bundle, Some(&sample.keys));
        let _ = (report.is_sound(), auditor::verify(&bundle, None).is_sound());
        let _ = auditor::page(&bundle, &report);
        Ok(())
    });
}

#[test]
fn an_export_is_walked_to_its_end_or_its_fault_is_named() {
    let sample = sample();
    let mut good = serde_json::to_vec(&sample.header()).unwrap();
    good.push(b'\n');
    for (index, entry) in (0..).zip(&sample.entries) {
        serde_json::to_writer(&mut good, &Line::of(index, entry)).unwrap();
        good.push(b'\n');
    }
    hold("export", std::slice::from_ref(&good), |bytes| {
        let report = export::verify(bytes, Some(&sample.keys), &mut |_| {}).map_err(said)?;
        assert!(
            !report.is_sound() || bytes == good,
            "a spoilt export is sound"
        );
        Ok(())
    });
}

#[test]
fn a_table_is_walked_to_its_end_or_its_fault_is_named() {
    let sample = sample();
    let mut table = Table::begin(Vec::new(), sample.header()).unwrap();
    for entry in &sample.entries {
        table.entry(entry).unwrap();
    }
    let good = table.end().unwrap();
    hold("table", &[good], |bytes| {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let file = file.reopen().unwrap();
        auditor::table::verify(file, Some(&sample.keys), &mut |_| {})
            .map(drop)
            .map_err(said)
    });
}

#[test]
fn a_path_of_a_log_is_understood_or_there_is_nothing() {
    let good = [
        "checkpoint",
        "tile/0/000",
        "tile/2/x001/x234/067.p/13",
        "tile/entries/x001/067",
        "tile/entries/000.p/255",
    ]
    .map(|path| path.as_bytes().to_vec());
    hold_spoilt("path", &good, |bytes| {
        let path = String::from_utf8_lossy(bytes);
        Wanted::parse(&path)
            .map(drop)
            .ok_or("no such resource".to_owned())
    });
}

fn on_disk(bytes: &[u8]) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    fs::write(file.path(), bytes).unwrap();
    file
}

#[test]
fn the_file_of_officers_is_read_or_its_row_is_named() {
    let good = golden::deployed("local/officers.toml");
    hold("officers", &[good], |bytes| {
        let file = on_disk(bytes);
        Officers::read(file.path()).map(drop).map_err(said)
    });
}

#[test]
fn configurations_are_read_or_their_field_is_named() {
    let file = |name: &str| golden::deployed(&format!("local/{name}.toml"));
    hold(
        "service configuration",
        &[file("commune"), file("agency")],
        |bytes| {
            let file = on_disk(bytes);
            let read = unit::config::Config::read(file.path());
            read.map(drop).map_err(|error| format!("{error:#}"))
        },
    );
    hold("projector configuration", &[file("projector")], |bytes| {
        let file = on_disk(bytes);
        let read = projector::config::Config::read(file.path());
        read.map(drop).map_err(|error| format!("{error:#}"))
    });
    hold("portal configuration", &[file("portal")], |bytes| {
        let file = on_disk(bytes);
        let read = portal::config::Config::read(file.path());
        read.map(drop).map_err(|error| format!("{error:#}"))
    });
}
