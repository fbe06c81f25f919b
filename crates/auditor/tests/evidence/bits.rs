//! Every single bit.

use auditor::{Bundle, Report, Where, verify};
use data_encoding::{BASE64, BASE64URL_NOPAD};

use crate::sample::{bundle, morning, town, trusted};

fn checked(changed: &Bundle) -> Report {
    verify(changed, Some(trusted()))
}

/// Turns each bit of a text's decoded bytes, and gives the texts.
fn turned(text: &str, encoding: &data_encoding::Encoding) -> impl Iterator<Item = String> {
    let bytes = encoding.decode(text.as_bytes()).unwrap();
    (0..bytes.len() * 8).map(move |bit| {
        let mut bytes = bytes.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        encoding.encode(&bytes)
    })
}

fn names_event(report: &Report, number: usize, what: &str) {
    let named =
        |fault: &auditor::Fault| matches!(fault.place, Where::Event(found, _) if found == number);
    assert!(
        report.faults.iter().any(named),
        "{what} of event {number}: {:?}",
        report.faults
    );
}

#[test]
fn a_sound_bundle_is_sound_with_and_without_a_register() {
    let sound = bundle(&town());
    let report = checked(&sound);
    assert!(report.is_sound(), "{:?}", report.faults);
    assert_eq!((report.events, report.heads.len()), (5, 2));
    let alone = verify(&sound, None);
    assert!(alone.is_sound());
    assert!(alone.conditions[0].contains("compare them"), "{alone:?}");
    let read = Bundle::read(&sound.written().unwrap()).unwrap();
    assert_eq!(read.written().unwrap(), sound.written().unwrap());
}

#[test]
fn each_bit_of_each_event_and_signature_is_found_and_names_its_event() {
    let sound = bundle(&town());
    for number in 0..sound.events.len() {
        for event in turned(&sound.events[number].event, &BASE64) {
            let mut changed = sound.clone();
            changed.events[number].event = event;
            names_event(&checked(&changed), number, "a bit");
        }
        for signature in turned(&sound.events[number].signature, &BASE64URL_NOPAD) {
            let mut changed = sound.clone();
            changed.events[number].signature = signature;
            names_event(&checked(&changed), number, "a bit of the signature");
        }
    }
}

#[test]
fn each_bit_of_each_place_and_proof_is_found_and_names_its_event() {
    let sound = bundle(&town());
    for number in 0..sound.events.len() {
        for place in 0..sound.events[number].places.len() {
            let at = sound.events[number].places[place].clone();
            for (line, hash) in at.proof.iter().enumerate() {
                for hash in turned(hash, &BASE64) {
                    let mut changed = sound.clone();
                    changed.events[number].places[place].proof[line] = hash;
                    names_event(&checked(&changed), number, "a bit of a proof");
                }
            }
            for bit in 0..64 {
                let mut changed = sound.clone();
                changed.events[number].places[place].index ^= 1 << bit;
                names_event(&checked(&changed), number, "a bit of an index");
                let mut changed = sound.clone();
                changed.events[number].places[place].head ^= 1 << bit;
                names_event(&checked(&changed), number, "a bit of the number of a head");
            }
        }
        let mut changed = sound.clone();
        changed.events[number].places[0].proof.pop();
        names_event(&checked(&changed), number, "a proof cut short");
        changed = sound.clone();
        changed.events[number].places[0]
            .proof
            .push(BASE64.encode(&[0; 32]));
        names_event(&checked(&changed), number, "a proof with a hash more");
    }
}

#[test]
fn each_bit_of_each_head_is_found_and_names_the_head() {
    let sound = bundle(&town());
    let names_head = |changed: &Bundle, number: usize, what: &str| {
        let report = checked(changed);
        let named = report.faults.iter().any(|f| f.place == Where::Head(number));
        assert!(named, "{what} of head {number}: {:?}", report.faults);
    };
    for number in 0..sound.heads.len() {
        let note = sound.heads[number].note.clone().into_bytes();
        for bit in 0..note.len() * 8 {
            let mut note = note.clone();
            note[bit / 8] ^= 1 << (bit % 8);
            // What is no text cannot stand in the file in the first place.
            let Ok(note) = String::from_utf8(note) else {
                continue;
            };
            let mut changed = sound.clone();
            changed.heads[number].note = note;
            names_head(&changed, number, "a bit");
        }
        for place in 0..sound.heads[number].earlier.len() {
            let earlier = &sound.heads[number].earlier[place];
            let note = earlier.note.clone().into_bytes();
            for bit in 0..note.len() * 8 {
                let mut note = note.clone();
                note[bit / 8] ^= 1 << (bit % 8);
                let Ok(note) = String::from_utf8(note) else {
                    continue;
                };
                let mut changed = sound.clone();
                changed.heads[number].earlier[place].note = note;
                names_head(&changed, number, "a bit of an earlier head");
            }
            for line in 0..earlier.proof.len() {
                for hash in turned(&earlier.proof[line], &BASE64) {
                    let mut changed = sound.clone();
                    changed.heads[number].earlier[place].proof[line] = hash;
                    names_head(&changed, number, "a bit of a consistency proof");
                }
            }
        }
    }
}

#[test]
fn each_bit_of_the_file_is_found() {
    let sound = bundle(&morning());
    assert!(checked(&sound).is_sound());
    let sound = sound.written().unwrap();
    // The rows of keys name a sealing key, of which only a register that one trusts can say anything.
    for bit in 0..sound.len() * 8 {
        let mut changed = sound.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        if let Ok(bundle) = Bundle::read(&changed) {
            let report = checked(&bundle);
            let around = String::from_utf8_lossy(&sound[bit.saturating_sub(160) / 8..bit / 8]);
            assert!(!report.is_sound(), "bit {bit}, after {around:?}");
        }
    }
}
