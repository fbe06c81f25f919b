//! Events of two units, and appending to a journal without ceremony.
#![allow(dead_code, unreachable_pub)]

use std::path::Path;

use envelope::{Draft, KeyRegister, PublicKeys, Signed, UnitKey, moment};
use journal::{AppendError, Appended, Delivery, Group, Journal, NewEntry, Options, Origin};
use uuid::Uuid;

pub const HOME: &str = "H33-12-04";
pub const PEER: &str = "H33-12";
pub const SUBJECT: &str = "H33-12-04-240506-0001";
/// When, by whom and why a journal is restored.
pub const AT: &str = "2024-05-07T08:00:00+07:00";
pub const BY: &str = "officer-7";
pub const REASON: &str = "Đĩa hỏng";

pub fn epoch() -> Uuid {
    Uuid::from_u128(0xee)
}

pub fn open(dir: &Path) -> Journal {
    Journal::open(dir, Options::new(HOME, epoch())).unwrap()
}

pub fn key(unit: &str) -> UnitKey {
    UnitKey::from_seed([u8::try_from(unit.len()).unwrap(); 32])
}

pub fn register() -> KeyRegister {
    let mut register = KeyRegister::new();
    for unit in [HOME, PEER] {
        register
            .insert(&PublicKeys::new(unit, key(unit).public(), [9; 32]))
            .unwrap();
    }
    register
}

/// The id of event `sequence` of `unit`: the same at every call.
pub fn id(unit: &str, sequence: u64) -> Uuid {
    Uuid::from_u128((unit.len() as u128) << 64 | u128::from(sequence))
}

pub fn event(unit: &str, sequence: u64, subject: &str, text: &str) -> Signed {
    event_in(epoch(), id(unit, sequence), unit, sequence, subject, text)
}

pub fn event_in(
    epoch: Uuid,
    id: Uuid,
    unit: &str,
    sequence: u64,
    subject: &str,
    text: &str,
) -> Signed {
    let data = serde_json::value::to_raw_value(text).unwrap();
    let bytes = Draft {
        id,
        unit,
        kind: "vn.motcua.dossier.received.v1",
        subject,
        time: moment::parse("2024-05-06T08:30:00+07:00").unwrap(),
        recorded: moment::parse("2024-05-06T08:30:02+07:00").unwrap(),
        epoch,
        sequence,
        causation: None,
        parents: &[],
        schema: "https://motcua.vn/schemas/events/dossier.received.v1.json",
        simulated: true,
        traceparent: None,
        data: &data,
    }
    .write()
    .unwrap();
    let signature = key(unit).sign_event(&bytes);
    Signed {
        bytes: bytes.into(),
        signature,
        key: key(unit).id(),
    }
}

pub fn own(sequence: u64) -> NewEntry {
    NewEntry {
        origin: Origin::Own,
        signed: event(HOME, sequence, SUBJECT, "Hồ sơ đã tiếp nhận"),
        deliveries: Vec::new(),
    }
}

/// An own event of another epoch.
pub fn own_in(epoch: Uuid, sequence: u64) -> NewEntry {
    let id = Uuid::from_u128(epoch.as_u128() << 64 | u128::from(sequence));
    NewEntry {
        origin: Origin::Own,
        signed: event_in(epoch, id, HOME, sequence, SUBJECT, "Đánh số lại"),
        deliveries: Vec::new(),
    }
}

pub fn received(sequence: u64) -> NewEntry {
    NewEntry {
        origin: Origin::Received {
            from: PEER.into(),
            link: sequence,
        },
        signed: event(PEER, sequence, SUBJECT, "Đã thẩm định"),
        deliveries: Vec::new(),
    }
}

pub fn delivering(mut entry: NewEntry, to: &str, link: u64, event: Uuid) -> NewEntry {
    entry.deliveries.push(Delivery {
        to: to.into(),
        link,
        event,
    });
    entry
}

pub fn group(entries: impl IntoIterator<Item = NewEntry>) -> Group {
    Group {
        entries: entries.into_iter().collect(),
        ..Group::default()
    }
}

pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}

pub fn append(journal: &Journal, group: Group) -> Result<Appended, AppendError> {
    block_on(async { journal.append(group).await.await })
}

pub fn take_back(journal: &Journal, group: Group) -> Result<Appended, AppendError> {
    block_on(async { journal.take_back(group).await.await })
}

/// Fails with the faults, if verification finds any.
pub fn verify(journal: &Journal) {
    let report = journal.verify(Some(&register()), &mut |_| {}).unwrap();
    assert_eq!(report.faults, vec![]);
    assert_eq!(report.entries, journal.size());
}
