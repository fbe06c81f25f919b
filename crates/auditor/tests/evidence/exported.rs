//! A whole journal as lines.

use auditor::{Report, Where, export};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use envelope::Signed;
use serde_json::{Value, json};

use crate::sample::{HOME, morning, town, trusted};

fn checked(lines: &[String]) -> Report {
    checked_bytes((lines.join("\n") + "\n").as_bytes())
}

fn checked_bytes(bytes: &[u8]) -> Report {
    match export::verify(bytes, Some(trusted()), &mut |_| {}) {
        Ok(report) => report,
        Err(error) => {
            let fault = auditor::Fault {
                place: Where::Whole,
                what: error.to_string(),
            };
            Report {
                faults: vec![fault],
                fault_count: 1,
                ..Report::default()
            }
        }
    }
}

fn names(lines: &[String], index: u64, what: &str) {
    let report = checked(lines);
    let named = report.faults.iter().any(|f| f.place == Where::Entry(index));
    assert!(named, "{what} of entry {index}: {:?}", report.faults);
}

/// The lines with one member of one entry changed.
fn with(lines: &[String], index: usize, member: &str, value: Value) -> Vec<String> {
    let mut lines = lines.to_vec();
    let mut line: Value = serde_json::from_str(&lines[index + 1]).unwrap();
    line[member] = value;
    lines[index + 1] = line.to_string();
    lines
}

#[test]
fn a_sound_export_is_sound() {
    for desk in town() {
        let report = checked(&desk.export());
        assert!(report.is_sound(), "{:?}", report.faults);
        assert_eq!(report.events, desk.entries.len() as u64);
        assert_eq!(report.heads[&0].unit, desk.name);
    }
}

#[test]
fn each_bit_of_each_event_signature_and_index_is_found_and_names_its_entry() {
    let [home, _] = town();
    let lines = home.export();
    for (index, entry) in home.entries.iter().enumerate() {
        for bit in 0..entry.bytes.len() * 8 {
            let mut bytes = entry.bytes.to_vec();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let changed = with(&lines, index, "event", json!(BASE64.encode(&bytes)));
            names(&changed, index as u64, "a bit");
        }
        for bit in 0..512 {
            let mut signature = entry.signature;
            signature[bit / 8] ^= 1 << (bit % 8);
            let text = BASE64URL_NOPAD.encode(&signature);
            let changed = with(&lines, index, "signature", json!(text));
            names(&changed, index as u64, "a bit of the signature");
        }
        for bit in 0..64 {
            let changed = with(&lines, index, "index", json!(index as u64 ^ (1 << bit)));
            names(&changed, index as u64, "a bit of the index");
        }
    }
}

#[test]
fn each_bit_of_the_file_is_found_and_one_in_an_entry_names_it() {
    let [home, _] = morning();
    let lines = home.export();
    let header = lines[0].len() + 1;
    let sound = (lines.join("\n") + "\n").into_bytes();
    for bit in 0..sound.len() * 8 {
        let byte = bit / 8;
        let mut changed = sound.clone();
        changed[byte] ^= 1 << (bit % 8);
        // The last line counts without its end as well.
        if byte == sound.len() - 1 {
            continue;
        }
        let report = checked_bytes(&changed);
        assert!(!report.is_sound(), "bit {bit}");
        if byte >= header {
            let entry = sound[header..byte].iter().filter(|b| **b == b'\n').count() as u64;
            // A line's end that is none any more joins two entries.
            let found = |f: &auditor::Fault| matches!(f.place, Where::Entry(n) if n == entry);
            assert!(
                report.faults.iter().any(found),
                "bit {bit}: {:?}",
                report.faults
            );
        }
    }
}

#[test]
fn removed_exchanged_inserted_and_repeated_entries_are_found() {
    let [home, tax] = town();
    let lines = home.export();
    let renumbered = |mut lines: Vec<String>| {
        for (index, text) in lines.iter_mut().skip(1).enumerate() {
            let mut line: Value = serde_json::from_str(text).unwrap();
            line["index"] = json!(index);
            *text = line.to_string();
        }
        lines
    };
    for index in 1..lines.len() {
        let mut changed = lines.clone();
        changed.remove(index);
        assert!(!checked(&changed).is_sound());
        assert!(!checked(&renumbered(changed)).is_sound(), "removed {index}");

        let mut changed = lines.clone();
        changed.insert(index, lines[index].clone());
        assert!(
            !checked(&renumbered(changed)).is_sound(),
            "repeated {index}"
        );

        let mut changed = lines.clone();
        changed.insert(index, tax.export()[4].clone());
        assert!(
            !checked(&renumbered(changed)).is_sound(),
            "inserted {index}"
        );

        for other in 1..index {
            let mut changed = lines.clone();
            changed.swap(index, other);
            assert!(
                !checked(&renumbered(changed)).is_sound(),
                "exchanged {index}, {other}"
            );
        }
    }
    let report = checked(&lines[..lines.len() - 1]);
    let last = &report.faults[0];
    assert_eq!(last.place, Where::Entry(5));
    assert!(last.what.contains("missing"), "{last:?}");
}

#[test]
fn an_entry_signed_again_with_another_units_key_is_named() {
    let [home, tax] = town();
    let lines = home.export();
    for (index, entry) in home.entries.iter().enumerate() {
        let other = if envelope::Event::read(&entry.bytes).unwrap().unit == HOME {
            &tax
        } else {
            &home
        };
        let resigned = Signed {
            signature: other.key.sign_event(&entry.bytes),
            key: other.key.id(),
            bytes: entry.bytes.clone(),
        };
        let changed = with(&lines, index, "signature", json!(resigned.signature_text()));
        names(&changed, index as u64, "a signature by another");
        let changed = with(&changed, index, "key", json!(resigned.key.to_string()));
        names(&changed, index as u64, "a signature and key of another");
    }
}

#[test]
fn the_head_of_another_journal_does_not_fit() {
    let [home, tax] = town();
    let mut lines = home.export();
    lines[0].clone_from(&tax.export()[0]);
    assert!(!checked(&lines).is_sound());
}

#[test]
fn what_is_no_export_is_refused() {
    for bytes in [&b""[..], b"\n", b"{}\n", b"\xff\xff", b"{\"format\":\"x\"}"] {
        assert!(!checked_bytes(bytes).is_sound());
    }
    let endless = vec![b' '; 3_000_000];
    assert!(checked_bytes(&endless).faults[0].what.contains("line"));
}

proptest::proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(0u8.., 0..600)) {
        let _ = checked_bytes(&bytes);
        let _ = auditor::Bundle::read(&bytes).map(|bundle| auditor::verify(&bundle, None));
        // Also where the first line holds.
        let [home, _] = town();
        let mut after = (home.export()[0].clone() + "\n").into_bytes();
        after.extend(bytes);
        proptest::prop_assert!(!checked_bytes(&after).is_sound());
    }
}
