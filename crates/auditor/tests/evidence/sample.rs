//! Two units that work on one dossier, with journals that are lists.

use std::sync::OnceLock;

use auditor::bundle::write_proof;
use auditor::{Bundle, Earlier, Evidence, Head, Header, Line, Place, export};
use envelope::tree::{self, Hash};
use envelope::{Draft, KeyFile, PublicKeys, Signed, TreeHead, UnitKey, moment, note, proof};
use serde_json::value::to_raw_value;
use uuid::Uuid;

pub const CODE: &str = "000.04.27.H33-180312-0007";
pub const HOME: &str = "H33-27-04";
pub const TAX: &str = "H33-27-92";

/// A unit with what its journal holds.
pub struct Desk {
    pub name: &'static str,
    pub key: UnitKey,
    pub entries: Vec<Signed>,
    sequence: u64,
}

impl Desk {
    pub fn new(name: &'static str, seed: u8) -> Self {
        Self {
            name,
            key: UnitKey::from_seed([seed; 32]),
            entries: Vec::new(),
            sequence: 0,
        }
    }

    pub fn epoch(&self) -> Uuid {
        Uuid::from_u128(0x0162_1880_0000_7000_8000_0000_0000_0000 + self.name.len() as u128)
    }

    /// Writes an event and keeps it.
    pub fn says(&mut self, subject: &str, parents: &[Uuid]) -> Signed {
        self.sequence += 1;
        let signed = self.wrote(subject, parents, self.sequence);
        self.entries.push(signed.clone());
        signed
    }

    /// An event that is nowhere yet.
    pub fn wrote(&self, subject: &str, parents: &[Uuid], sequence: u64) -> Signed {
        let at = moment::parse("2018-03-12T08:30:00+07:00").unwrap();
        let bytes = Draft {
            id: Uuid::from_u128(
                0x0162_1880_0000_7000_8000_0000_0000_0000
                    + u128::from(sequence)
                    + (self.key.public()[0] as u128) * 0x1_0000,
            ),
            unit: self.name,
            kind: "vn.motcua.thing.done.v1",
            subject,
            time: at,
            recorded: at,
            epoch: self.epoch(),
            sequence,
            causation: None,
            parents,
            schema: "s",
            simulated: true,
            traceparent: None,
            data: &to_raw_value(&sequence).unwrap(),
        }
        .write()
        .unwrap();
        Signed {
            signature: self.key.sign_event(&bytes),
            key: self.key.id(),
            bytes: bytes.into(),
        }
    }

    /// Stored hashes of the first `size` entries.
    fn hashes(&self, size: usize) -> Vec<Hash> {
        let mut stored: Vec<Hash> = Vec::new();
        for (index, entry) in (0..).zip(&self.entries[..size]) {
            let read = |number: u64| stored.get(number as usize).copied().ok_or(number);
            let hashes = tree::stored_hashes_for(index, tree::leaf_hash(&entry.bytes), read);
            stored.extend(hashes.unwrap());
        }
        stored
    }

    pub fn head(&self, size: usize) -> TreeHead {
        let stored = self.hashes(size);
        let read = |number: u64| stored.get(number as usize).copied().ok_or(number);
        TreeHead {
            unit: self.name.to_owned(),
            epoch: self.epoch(),
            size: size as u64,
            root: tree::root(size as u64, read).unwrap(),
        }
    }

    pub fn note(&self, size: usize) -> String {
        String::from_utf8(note::sign_head(&self.head(size), &self.key).unwrap()).unwrap()
    }

    pub fn consistency(&self, from: usize) -> Vec<String> {
        let size = self.entries.len();
        let stored = self.hashes(size);
        let read = |number: u64| stored.get(number as usize).copied().ok_or(number);
        write_proof(&proof::prove_consistency(from as u64, size as u64, read).unwrap())
    }

    pub fn inclusion(&self, index: usize) -> Vec<String> {
        let size = self.entries.len();
        let stored = self.hashes(size);
        let read = |number: u64| stored.get(number as usize).copied().ok_or(number);
        write_proof(&proof::prove_inclusion(index as u64, size as u64, read).unwrap())
    }

    pub fn row(&self) -> PublicKeys {
        PublicKeys::new(self.name, self.key.public(), [9; 32])
    }

    /// The whole journal as an export, line by line.
    pub fn export(&self) -> Vec<String> {
        let header = Header {
            format: export::FORMAT.to_owned(),
            head: self.note(self.entries.len()),
            keys: trusted().clone(),
        };
        let lines = (0..).zip(&self.entries);
        let lines = lines.map(|(index, signed)| serde_json::to_string(&Line::of(index, signed)));
        [serde_json::to_string(&header)]
            .into_iter()
            .chain(lines)
            .map(Result::unwrap)
            .collect()
    }
}

pub fn id(signed: &Signed) -> Uuid {
    envelope::Event::read(&signed.bytes).unwrap().id
}

pub fn register(desks: &[Desk]) -> KeyFile {
    KeyFile {
        units: desks.iter().map(Desk::row).collect(),
    }
}

/// The register of this town, made once: each bit that is tried is tried against it.
pub fn trusted() -> &'static KeyFile {
    static TRUSTED: OnceLock<KeyFile> = OnceLock::new();
    TRUSTED.get_or_init(|| register(&town()))
}

/// The home and the tax office, who have told each other everything about one dossier; the home holds
/// an event about another as well.
pub fn town() -> [Desk; 2] {
    let (mut home, mut tax) = (Desk::new(HOME, 1), Desk::new(TAX, 2));
    let received = home.says(CODE, &[]);
    home.says("000.04.27.H33-180312-0008", &[]);
    let dispatched = home.says(CODE, &[id(&received)]);
    tax.entries.extend([received, dispatched.clone()]);
    let accepted = tax.says(CODE, &[id(&dispatched)]);
    let completed = tax.says(CODE, &[id(&accepted)]);
    home.entries.extend([accepted, completed.clone()]);
    let ended = home.says(CODE, &[id(&completed)]);
    tax.entries.push(ended);
    [home, tax]
}

/// The same units after the first two events: what is tried bit by bit as a whole.
pub fn morning() -> [Desk; 2] {
    let [mut home, mut tax] = town();
    home.entries.drain(1..2);
    home.entries.truncate(2);
    tax.entries.truncate(2);
    [home, tax]
}

/// The bundle about the dossier, with an earlier head of the home that the tax office has kept.
pub fn bundle(desks: &[Desk; 2]) -> Bundle {
    let mut bundle = Bundle::about(CODE);
    bundle.keys = register(desks);
    for desk in desks {
        let before = desk.entries.len() / 2;
        let earlier = (desk.name == HOME).then(|| Earlier {
            note: desk.note(before),
            proof: desk.consistency(before),
        });
        bundle.heads.push(Head {
            note: desk.note(desk.entries.len()),
            earlier: earlier.into_iter().collect(),
        });
    }
    for (head, desk) in desks.iter().enumerate() {
        for (index, signed) in desk.entries.iter().enumerate() {
            if envelope::Event::read(&signed.bytes).unwrap().subject != CODE {
                continue;
            }
            let evidence = Evidence::of(signed);
            let known = bundle.events.iter().position(|e| e.event == evidence.event);
            let place = known.unwrap_or_else(|| {
                bundle.events.push(evidence);
                bundle.events.len() - 1
            });
            bundle.events[place].places.push(Place {
                head,
                index: index as u64,
                proof: desk.inclusion(index),
            });
        }
    }
    bundle.put_in_order();
    bundle
}
