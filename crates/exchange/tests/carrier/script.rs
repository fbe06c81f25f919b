//! Journals written once, of which a world sees more and more.

use envelope::{Checkpoint, Signed, UnitKey, moment};
use exchange::parcel::Parcel;
use exchange::subject;
use journal::{Delivery, Group, Journal, NewEntry, Options, Origin};
use tempfile::TempDir;
use uuid::Uuid;

use crate::support::{event, id_of, key, token};

/// The one to whom every second event is delivered.
pub const ADDRESSEE: &str = "H33-12-04";

pub struct Script {
    pub unit: &'static str,
    pub journal: Journal,
    pub key: UnitKey,
    pub epoch: Uuid,
    /// Per size of the journal: the last sequence and the last link.
    heads: Vec<(u64, u64)>,
    _dir: TempDir,
}

impl Script {
    pub fn write(unit: &'static str, seed: u8, count: u64) -> Script {
        let dir = TempDir::new().unwrap();
        let epoch = Uuid::from_u128(0xe000 + u128::from(seed));
        let journal = Journal::open(dir.path(), Options::new(unit, epoch)).unwrap();
        let key = key(seed);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let mut heads = vec![(0, 0)];
        let mut link = 0;
        let mut entries = Vec::new();
        for sequence in 1..=count {
            let signed = event(unit, epoch, sequence, &key);
            let mut deliveries = Vec::new();
            if sequence % 2 == 0 {
                link += 1;
                deliveries.push(Delivery {
                    to: ADDRESSEE.to_owned(),
                    link,
                    event: id_of(&signed),
                });
            }
            heads.push((sequence, link));
            entries.push(NewEntry {
                origin: Origin::Own,
                signed,
                deliveries,
            });
        }
        let group = Group {
            entries,
            ..Group::default()
        };
        runtime
            .block_on(async { journal.append(group).await.await })
            .unwrap();
        Script {
            unit,
            journal,
            key,
            epoch,
            heads,
            _dir: dir,
        }
    }

    pub fn size(&self) -> u64 {
        self.journal.size()
    }

    /// The last sequence and the last link when the journal had `size` entries.
    pub fn head(&self, size: u64) -> (u64, u64) {
        self.heads[size as usize]
    }

    /// What is announced when the journal has `size` entries.
    pub fn announcement(&self, size: u64) -> Parcel {
        let (sequence, link) = self.head(size);
        let signed: Signed = Checkpoint {
            unit: self.unit.to_owned(),
            epoch: self.epoch,
            entries: size,
            sequence,
            root: [0; 32],
            links: [(ADDRESSEE.to_owned(), link)].into(),
            earlier: [].into(),
            at: moment::parse("2024-05-06T08:30:00+07:00").unwrap(),
            note: None,
        }
        .sign(&self.key)
        .unwrap();
        Parcel::of(subject::checkpoint(&token(self.unit)), &signed, None)
    }
}
