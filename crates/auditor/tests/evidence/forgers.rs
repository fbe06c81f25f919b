//! Whoever rewrites a bundle, with every tool but the keys of others.

use auditor::{Bundle, Earlier, Evidence, Where, verify};
use bytes::Bytes;
use data_encoding::BASE64;
use envelope::{KeyFile, Signed, UnitKey};

use crate::sample::{CODE, Desk, HOME, TAX, bundle, id, town, trusted};

fn refused(changed: &Bundle, words: &[&str]) {
    let report = verify(changed, Some(trusted()));
    assert!(!report.is_sound(), "nothing was found");
    let said: Vec<String> = report
        .faults
        .iter()
        .map(|fault| format!("{}: {}", fault.place, fault.what))
        .collect();
    for word in words {
        assert!(said.iter().any(|s| s.contains(word)), "{word:?}: {said:#?}");
    }
}

#[test]
fn an_event_taken_out_from_between_is_named_by_the_one_that_knew_it() {
    let [home, tax] = town();
    let sound = bundle(&[home, tax]);
    for number in 0..4 {
        let mut changed = sound.clone();
        let removed = changed.events.remove(number);
        let bytes = BASE64.decode(removed.event.as_bytes()).unwrap();
        let id = envelope::Event::read(&bytes).unwrap().id.to_string();
        refused(&changed, &[&id, "which is not in the bundle"]);
    }
}

#[test]
fn exchanged_events_places_and_heads_are_found() {
    let sound = bundle(&town());
    for (one, other) in [(0, 1), (1, 2), (2, 4)] {
        let mut changed = sound.clone();
        changed.events.swap(one, other);
        refused(&changed, &["does not come after"]);

        let mut changed = sound.clone();
        let places = changed.events[one].places.clone();
        changed.events[one].places = changed.events[other].places.clone();
        changed.events[other].places = places;
        refused(
            &changed,
            &[
                &format!("event {one}"),
                &format!("event {other}"),
                "not proved",
            ],
        );
    }
    let mut changed = sound.clone();
    changed.heads.swap(0, 1);
    refused(&changed, &["not proved"]);
}

#[test]
fn an_inserted_event_has_no_place() {
    let [home, tax] = town();
    let sound = bundle(&[home, tax]);
    let [home, _] = town();
    let forged = home.wrote(CODE, &[], 40);
    let mut changed = sound.clone();
    let mut evidence = Evidence::of(&forged);
    changed.events.push(evidence.clone());
    refused(
        &changed,
        &[&id(&forged).to_string(), "no place in any journal"],
    );
    evidence.places = sound.events[0].places.clone();
    changed = sound.clone();
    changed.events.push(evidence);
    refused(&changed, &[&id(&forged).to_string(), "not proved"]);
    // The same event twice.
    changed = sound.clone();
    changed.events.push(sound.events[4].clone());
    refused(&changed, &["it has the id of event 4"]);
}

#[test]
fn what_another_units_key_signed_does_not_count() {
    let [home, tax] = town();
    let sound = bundle(&[home, tax]);
    let [_, tax] = town();
    for number in 0..sound.events.len() {
        let mut changed = sound.clone();
        let bytes = BASE64
            .decode(sound.events[number].event.as_bytes())
            .unwrap();
        if envelope::Event::read(&bytes).unwrap().unit == TAX {
            continue;
        }
        let resigned = Evidence::of(&Signed {
            signature: tax.key.sign_event(&bytes),
            key: tax.key.id(),
            bytes: Bytes::from(bytes),
        });
        changed.events[number]
            .signature
            .clone_from(&resigned.signature);
        refused(
            &changed,
            &[&format!("event {number}"), "signature is not by key"],
        );
        changed.events[number].key = resigned.key;
        refused(&changed, &[&format!("event {number}"), "has no key"]);
    }
}

#[test]
fn a_register_that_comes_along_with_a_stranger_is_not_the_one_that_is_trusted() {
    let mut desks = town();
    desks[0].key = UnitKey::from_seed([77; 32]);
    for entry in &mut desks[0].entries {
        let event = envelope::Event::read(&entry.bytes).unwrap();
        if event.unit == HOME {
            entry.signature = desks[0].key.sign_event(&entry.bytes);
            entry.key = desks[0].key.id();
        }
    }
    let entries = desks[0].entries.clone();
    for entry in &mut desks[1].entries {
        if let Some(same) = entries.iter().find(|e| e.bytes == entry.bytes) {
            *entry = same.clone();
        }
    }
    let forged = bundle(&desks);
    assert!(
        verify(&forged, None).is_sound(),
        "whoever trusts the keys in it"
    );
    refused(
        &forged,
        &[
            "keys of H33-27-04",
            "not in the register that you trust",
            "head 0",
        ],
    );
}

#[test]
fn a_journal_told_in_two_ways_is_named_with_both_heads() {
    let [home, tax] = town();
    let mut changed = bundle(&[home, tax]);
    // The home tells the tax office of a journal in which the second entry was another.
    let mut other = Desk::new(HOME, 1);
    other.says(CODE, &[]);
    other.says("000.04.27.H33-180312-0009", &[]);
    other.says(CODE, &[]);
    let proof = changed.heads[0].earlier[0].proof.clone();
    let note = other.note(3);
    changed.heads[0].earlier.push(Earlier { note, proof });
    let roots = [3, 6].map(|size| {
        let desk = if size == 3 { &other } else { &town()[0] };
        BASE64.encode(&desk.head(size).root)
    });
    refused(&changed, &["head 0", "two histories", &roots[0], &roots[1]]);
}

#[test]
fn two_events_under_one_number_are_two_histories() {
    let [mut home, mut tax] = town();
    let twin = home.wrote(CODE, &[], 1);
    let mut other = Bytes::copy_from_slice(&twin.bytes).to_vec();
    let text = String::from_utf8(other.clone()).unwrap();
    let shown = id(&twin).to_string();
    other = text
        .replace(&shown, "01621880-0000-7000-8000-00000000ffff")
        .into_bytes();
    let twin = Signed {
        signature: home.key.sign_event(&other),
        key: home.key.id(),
        bytes: other.into(),
    };
    tax.entries.push(twin.clone());
    home.entries.push(twin);
    refused(
        &bundle(&[home, tax]),
        &["two histories: H33-27-04 wrote two events under number 1"],
    );
}

#[test]
fn an_event_that_its_own_unit_does_not_hold_is_named() {
    let [home, tax] = town();
    let mut changed = bundle(&[home, tax]);
    changed.events[0].places.retain(|place| place.head == 1);
    changed.put_in_order();
    refused(
        &changed,
        &["no place in the journal of its own unit H33-27-04"],
    );
}

#[test]
fn what_is_no_bundle_is_refused_with_line_and_column() {
    for bytes in [
        &b""[..],
        b"{",
        b"[]",
        b"null",
        b"{\"format\":1}",
        &[0xff; 40],
    ] {
        let refusal = Bundle::read(bytes).unwrap_err().to_string();
        assert!(refusal.contains("line"), "{refusal}");
    }
    let mut empty = Bundle::about(CODE);
    refused(&empty, &["there is no head"]);
    empty.format = "motcua-bundle/v2".to_owned();
    refused(&empty, &["motcua-bundle/v2"]);
    assert!(!verify(&empty, Some(&KeyFile { units: Vec::new() })).is_sound());
    let report = verify(&empty, None);
    assert!(
        report
            .faults
            .iter()
            .any(|fault| fault.place == Where::Whole)
    );
}
