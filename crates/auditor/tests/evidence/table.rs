//! A whole journal as a table.

use auditor::table::{self, Table, TableError};
use auditor::{Header, Report, Where};
use bytes::Bytes;
use envelope::Signed;

use crate::sample::{Desk, HOME, TAX, town, trusted};

fn written(header: &str, entries: &[Signed]) -> Vec<u8> {
    let header: Header = serde_json::from_str(header).unwrap();
    let mut table = Table::begin(Vec::new(), header).unwrap();
    for entry in entries {
        table.entry(entry).unwrap();
    }
    table.end().unwrap()
}

fn table_of(desk: &Desk) -> Vec<u8> {
    written(&desk.export()[0], &desk.entries)
}

fn checked(bytes: Vec<u8>) -> Result<Report, TableError> {
    table::verify(Bytes::from(bytes), Some(trusted()), &mut |_| {})
}

fn names(bytes: Vec<u8>, entry: usize, what: &str) {
    let report = checked(bytes).unwrap();
    let place = Where::Entry(entry as u64);
    assert!(
        report.faults.iter().any(|fault| fault.place == place),
        "{what} of entry {entry}: {:?}",
        report.faults
    );
}

#[test]
fn a_sound_table_is_sound_also_without_a_row() {
    for desk in town() {
        let report = checked(table_of(&desk)).unwrap();
        assert!(report.is_sound(), "{:?}", report.faults);
        assert_eq!(report.events, desk.entries.len() as u64);
    }
    let nothing_yet = Desk::new(HOME, 1);
    let report = checked(table_of(&nothing_yet)).unwrap();
    assert!(report.is_sound(), "{:?}", report.faults);
}

#[test]
fn each_bit_of_each_event_and_signature_is_found_and_names_its_entry() {
    let [home, _] = town();
    let sound = table_of(&home);
    for (index, entry) in home.entries.iter().enumerate() {
        for (what, stored) in [("event", &entry.bytes[..]), ("signature", &entry.signature)] {
            let mut places = sound.windows(stored.len());
            let place = places.position(|found| found == stored).unwrap();
            for bit in 0..stored.len() * 8 {
                let mut changed = sound.clone();
                changed[place + bit / 8] ^= 1 << (bit % 8);
                names(changed, index, what);
            }
        }
    }
}

#[test]
fn removed_exchanged_inserted_and_resigned_entries_are_found() {
    let [home, tax] = town();
    let header = &home.export()[0];
    for index in 0..home.entries.len() {
        let mut fewer = home.entries.clone();
        let entry = fewer.remove(index);
        assert!(!checked(written(header, &fewer)).unwrap().is_sound());
        let mut more = home.entries.clone();
        more.insert(index, tax.entries[3].clone());
        assert!(!checked(written(header, &more)).unwrap().is_sound());
        for other in 0..index {
            let mut exchanged = home.entries.clone();
            exchanged.swap(index, other);
            assert!(!checked(written(header, &exchanged)).unwrap().is_sound());
        }
        let of_tax = envelope::Event::read(&entry.bytes).unwrap().unit == TAX;
        let other = if of_tax { &home.key } else { &tax.key };
        let mut resigned = home.entries.clone();
        resigned[index].signature = other.sign_event(&entry.bytes);
        names(written(header, &resigned), index, "another's signature");
        resigned[index].key = other.id();
        names(
            written(header, &resigned),
            index,
            "another's signature and key",
        );
    }
    let others = written(&tax.export()[0], &home.entries);
    assert!(!checked(others).unwrap().is_sound());
}

#[test]
fn a_column_that_says_something_else_than_its_event_is_found() {
    let [home, _] = town();
    let sound = table_of(&home);
    // The kind stands in the dictionary of its column, in the statistics and in the events.
    let kind = b"thing.done";
    let places = sound.windows(kind.len()).enumerate();
    let first = places.clone().find(|(_, found)| found == kind).unwrap().0;
    let mut changed = sound.clone();
    changed[first] ^= 1;
    names(changed, 0, "the kind");
}

#[test]
fn what_is_no_table_of_a_journal_is_refused_and_never_panics() {
    let [home, _] = town();
    let sound = table_of(&home);
    for bytes in [&b""[..], b"PAR1", b"PAR1PAR1", &[0xff; 100]] {
        assert!(checked(bytes.to_vec()).is_err());
    }
    for end in (0..sound.len()).step_by(7) {
        assert!(checked(sound[..end].to_vec()).is_err(), "cut at {end}");
    }
    // Whatever a changed file is read as, it is not a sound journal of other entries.
    for place in (0..sound.len()).step_by(3) {
        let mut changed = sound.clone();
        changed[place] ^= 0x55;
        if let Ok(report) = checked(changed)
            && report.is_sound()
        {
            assert_eq!(report.events, home.entries.len() as u64, "byte {place}");
        }
    }
}
