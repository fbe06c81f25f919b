//! Everything that is stored of an entry, changed bit by bit: verification names the entry.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use envelope::{Draft, KeyRegister, PublicKeys, Signed, UnitKey, moment, tree};
use rand::{Rng, SeedableRng};
use sled::{IVec, Tree};
use uuid::Uuid;

use crate::{Delivery, Group, Journal, NewEntry, Options, Origin, trees};

const HOME: &str = "H33-12-04";
const PEER: &str = "H33-12";

fn key_of(unit: &str) -> UnitKey {
    UnitKey::from_seed([u8::try_from(unit.len()).unwrap(); 32])
}

fn register() -> KeyRegister {
    let mut register = KeyRegister::new();
    for unit in [HOME, PEER] {
        let row = PublicKeys::new(unit, key_of(unit).public(), [9; 32]);
        register.insert(&row).unwrap();
    }
    register
}

fn id(unit: &str, sequence: u64) -> Uuid {
    Uuid::from_u128((unit.len() as u128) << 64 | u128::from(sequence))
}

fn event(unit: &str, sequence: u64) -> Signed {
    let at = moment::parse("2024-05-06T08:30:00+07:00").unwrap();
    let bytes = Draft {
        id: id(unit, sequence),
        unit,
        kind: "vn.motcua.thing.done.v1",
        subject: &format!("HS-{}", sequence / 10),
        time: at,
        recorded: at,
        epoch: Uuid::from_u128(0xee),
        sequence,
        causation: None,
        parents: &[],
        schema: "s",
        simulated: true,
        traceparent: None,
        data: &serde_json::value::to_raw_value("Hồ sơ").unwrap(),
    }
    .write()
    .unwrap();
    Signed {
        signature: key_of(unit).sign_event(&bytes),
        key: key_of(unit).id(),
        bytes: bytes.into(),
    }
}

/// A journal of own events, each of them delivered, with every third entry a received one.
struct Sample {
    journal: Journal,
    keys: KeyRegister,
    /// Which entry delivers under a link number.
    links: BTreeMap<u64, u64>,
    _dir: tempfile::TempDir,
}

impl Sample {
    fn of(entries: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(dir.path(), Options::new(HOME, Uuid::from_u128(0xee))).unwrap();
        let (mut own, mut from_peer, mut links) = (0, 0, BTreeMap::new());
        let entries = (0..entries).map(|index| {
            if index % 3 == 1 {
                from_peer += 1;
                let from = PEER.into();
                return NewEntry {
                    origin: Origin::Received {
                        from,
                        link: from_peer,
                    },
                    signed: event(PEER, from_peer),
                    deliveries: Vec::new(),
                };
            }
            own += 1;
            links.insert(own, index);
            NewEntry {
                origin: Origin::Own,
                signed: event(HOME, own),
                deliveries: vec![Delivery {
                    to: PEER.into(),
                    link: own,
                    event: id(HOME, own),
                }],
            }
        });
        let group = Group {
            entries: entries.collect(),
            received: vec![(PEER.to_owned(), from_peer)],
            ..Group::default()
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime
            .unwrap()
            .block_on(async { journal.append(group).await.await })
            .unwrap();
        let sample = Self {
            journal,
            keys: register(),
            links,
            _dir: dir,
        };
        assert_eq!(sample.faults(), []);
        sample
    }

    fn faults(&self) -> Vec<super::Fault> {
        let report = self.journal.verify(Some(&self.keys), &mut |_| {});
        report.unwrap().faults
    }

    /// Every tree in which something of an entry stands, with its name.
    fn trees(&self) -> [(&'static str, &Tree); 7] {
        let trees = self.journal.trees();
        [
            ("entry", &trees.log),
            ("index of ids", &trees.by_id),
            ("index of subjects", &trees.by_subject),
            ("index of own numbers", &trees.own),
            ("links", &trees.links),
            ("lines", &trees.lines),
            ("tree hash", &trees.hashes),
        ]
    }

    /// The entry that a row stands for.
    fn entry_of(&self, name: &str, key: &[u8], value: &[u8]) -> u64 {
        let last = |bytes: &[u8]| u64::from_be_bytes(*bytes.last_chunk().unwrap());
        match name {
            "index of ids" | "index of own numbers" => last(value),
            "links" => self.links[&trees::split(key).unwrap().1],
            "tree hash" => (0..)
                .find(|index| last(key) < tree::stored_index(index + 1))
                .unwrap(),
            _ => last(key),
        }
    }

    /// Puts another row in the place of one, has the journal verified, and puts it back.
    fn named(&self, name: &str, tree: &Tree, row: &(IVec, IVec), key: &[u8], value: &[u8]) {
        let due = self.entry_of(name, &row.0, &row.1);
        tree.remove(&row.0).unwrap();
        let overwritten = tree.insert(key, value).unwrap();
        let faults = self.faults();
        let found = faults.iter().any(|fault| fault.index == Some(due));
        assert!(found, "{name} of entry {due}, {key:x?}: {faults:#?}");
        tree.remove(key).unwrap();
        if let Some(other) = overwritten {
            tree.insert(key, other).unwrap();
        }
        tree.insert(&row.0, &row.1).unwrap();
    }
}

fn turned(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[bit / 8] ^= 1 << (bit % 8);
    bytes
}

fn replace(bytes: &mut [u8], what: &[u8], with: &[u8]) {
    let mut places = bytes.windows(what.len());
    let place = places.position(|found| found == what).unwrap();
    bytes[place..place + what.len()].copy_from_slice(with);
}

fn rows(tree: &Tree) -> Vec<(IVec, IVec)> {
    tree.iter().collect::<sled::Result<_>>().unwrap()
}

#[test]
fn each_bit_of_all_that_a_small_journal_stores_of_its_entries_is_found_and_names_the_entry() {
    let sample = Sample::of(3);
    let mut bits = 0;
    for (name, tree) in sample.trees() {
        for row in rows(tree) {
            for bit in 0..row.0.len() * 8 {
                sample.named(name, tree, &row, &turned(&row.0, bit), &row.1);
            }
            for bit in 0..row.1.len() * 8 {
                sample.named(name, tree, &row, &row.0, &turned(&row.1, bit));
            }
            bits += (row.0.len() + row.1.len()) * 8;
        }
    }
    assert!(bits > 10_000, "only {bits} bits were there");
    assert_eq!(sample.faults(), []);
}

#[test]
fn bits_drawn_from_a_large_journal_are_found_and_name_the_entry() {
    let sample = Sample::of(1_000);
    let mut rng = rand::rngs::StdRng::seed_from_u64(5);
    for (name, tree) in sample.trees() {
        let rows = rows(tree);
        for _ in 0..6 {
            let row = &rows[rng.gen_range(0..rows.len())];
            let key = turned(&row.0, rng.gen_range(0..row.0.len() * 8));
            sample.named(name, tree, row, &key, &row.1);
            if !row.1.is_empty() {
                let value = turned(&row.1, rng.gen_range(0..row.1.len() * 8));
                sample.named(name, tree, row, &row.0, &value);
            }
        }
    }
    assert_eq!(sample.faults(), []);
}

#[test]
fn removed_exchanged_and_inserted_entries_and_those_of_another_key_are_named() {
    let sample = Sample::of(9);
    let log = &sample.journal.trees().log;
    let entries = rows(log);
    let named = |index: usize, what: &str| {
        let faults = sample.faults();
        let due = Some(index as u64);
        assert!(
            faults.iter().any(|fault| fault.index == due),
            "{what} {index}: {faults:#?}"
        );
        for (key, value) in &entries {
            log.insert(key, value).unwrap();
        }
    };
    for (index, (key, record)) in entries.iter().enumerate() {
        log.remove(key).unwrap();
        named(index, "removed");
        for (other, (beside, another)) in entries.iter().enumerate().skip(index + 1) {
            log.insert(key, another).unwrap();
            log.insert(beside, record).unwrap();
            named(index, "exchanged");
            // Everything after it moved on by one, as if it had always stood there.
            for (place, (_, moved)) in entries.iter().enumerate().skip(index) {
                let after = (place as u64 + 1).to_be_bytes();
                if place + 1 < entries.len() {
                    log.insert(after, moved).unwrap();
                }
            }
            log.insert(key, &entries[other].1).unwrap();
            named(index, "inserted");
        }
        // The unit's words, signed by another one.
        let entry = sample.journal.entry(index as u64).unwrap().unwrap().signed;
        let other = if entry.key == key_of(HOME).id() {
            key_of(PEER)
        } else {
            key_of(HOME)
        };
        let signature = other.sign_event(&entry.bytes);
        let mut resigned = record.to_vec();
        replace(&mut resigned, &entry.signature, &signature);
        log.insert(key, resigned.clone()).unwrap();
        named(index, "signed by another");
        let (mine, theirs) = (entry.key, other.id());
        replace(
            &mut resigned,
            mine.as_str().as_bytes(),
            theirs.as_str().as_bytes(),
        );
        log.insert(key, resigned).unwrap();
        named(index, "signed by another with the name of its key");
    }
    assert_eq!(sample.faults(), []);
}
