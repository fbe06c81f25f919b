use std::collections::BTreeSet;

use bytes::Bytes;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::event::Draft;
use crate::moment;
use crate::note::{self, TreeHead};
use crate::sign::{UnitKey, nkey};
use crate::{Checking, Checkpoint, CheckpointError, NoteError};

const UNIT: &str = "H33-12-04";
const PLAIN: &str = "vn.motcua.dossier.received.v1";

fn key(seed: u8) -> UnitKey {
    UnitKey::from_seed([seed; 32])
}

fn place(epoch: u128, sequence: u64) -> Place {
    Place {
        epoch: Uuid::from_u128(epoch),
        sequence,
    }
}

fn row(key: &UnitKey) -> PublicKeys {
    PublicKeys::new(UNIT, key.public(), [9; 32])
}

fn register(rows: &[PublicKeys]) -> KeyRegister {
    let mut register = KeyRegister::new();
    for row in rows {
        register.insert(row).unwrap();
    }
    register
}

fn says(by: &UnitKey, at: Place, kind: &str, data: &Value) -> Signed {
    let data = serde_json::value::to_raw_value(data).unwrap();
    let time = moment::parse("2024-05-06T08:30:00+07:00").unwrap();
    let bytes = Draft {
        id: Uuid::from_u128(u128::from(at.sequence)),
        unit: UNIT,
        kind,
        subject: UNIT,
        time,
        recorded: time,
        epoch: at.epoch,
        sequence: at.sequence,
        causation: None,
        parents: &[],
        schema: "urn:motcua:schema:events:test",
        simulated: false,
        traceparent: None,
        data: &data,
    }
    .write()
    .unwrap();
    let signature = by.sign_event(&bytes);
    Signed {
        bytes: Bytes::from(bytes),
        signature,
        key: by.id(),
    }
}

fn plain(by: &UnitKey, at: Place) -> Signed {
    says(by, at, PLAIN, &json!({}))
}

fn rotated(old: &UnitKey, new: &UnitKey, at: Place) -> Signed {
    let proof = proof_of_possession(new, UNIT, at);
    let data = json!({ "replaces": old.id(), "signing": HEXLOWER.encode(&new.public()),
        "proof": BASE64URL_NOPAD.encode(&proof) });
    says(old, at, KEY_ROTATED, &data)
}

fn revoked(by: &UnitKey, key: &UnitKey, after: Place, at: Place) -> Signed {
    revoked_since(by, key, &BTreeMap::new(), after, at)
}

fn revoked_since(
    by: &UnitKey,
    key: &UnitKey,
    earlier: &BTreeMap<Uuid, u64>,
    after: Place,
    at: Place,
) -> Signed {
    let data = json!({ "key": key.id(), "after": after, "earlier": earlier });
    says(by, at, KEY_REVOKED, &data)
}

fn checkpoint(by: &UnitKey, last: Place) -> Signed {
    let head = Checkpoint {
        unit: UNIT.to_owned(),
        epoch: last.epoch,
        entries: last.sequence + 7,
        sequence: last.sequence,
        root: [3; 32],
        links: BTreeMap::new(),
        earlier: BTreeMap::new(),
        at: moment::parse("2024-05-06T08:30:00+07:00").unwrap(),
        note: None,
    };
    head.sign(by).unwrap()
}

#[track_caller]
fn refused(register: &KeyRegister, signed: &Signed, words: &[&str]) {
    let said = register.verify(signed).unwrap_err().to_string();
    for word in words {
        assert!(said.contains(word), "{said} does not say {word}");
    }
    assert!(
        register.verify_batch(&[signed, signed])[0].is_err(),
        "a batch takes it"
    );
}

#[test]
fn after_a_rotation_the_new_key_signs_and_the_old_one_does_not() {
    let (old, new) = (key(1), key(2));
    let keys = register(&[row(&old)]);
    let first = plain(&new, place(1, 6));
    refused(&keys, &first, &["has no key", new.id().as_str()]);
    keys.verify(&rotated(&old, &new, place(1, 5))).unwrap();

    keys.verify(&plain(&old, place(1, 4))).unwrap();
    keys.verify(&first).unwrap();
    keys.verify(&plain(&new, place(2, 1))).unwrap();
    let id = old.id();
    let words = ["was replaced", id.as_str(), "number 5 of epoch"];
    refused(&keys, &plain(&old, place(1, 6)), &words);
    refused(&keys, &plain(&old, place(2, 1)), &words);
    refused(
        &keys,
        &plain(&new, place(1, 5)),
        &["signs only what stands behind"],
    );
}

#[test]
fn a_batch_learns_of_a_key_before_the_events_that_it_signed() {
    let (old, new) = (key(1), key(2));
    let keys = register(&[row(&old)]);
    let said = [
        plain(&old, place(1, 1)),
        rotated(&old, &new, place(1, 2)),
        plain(&new, place(1, 3)),
        plain(&old, place(1, 4)),
    ];
    let said: Vec<&Signed> = said.iter().collect();
    let outcome: Vec<bool> = keys.verify_batch(&said).iter().map(Result::is_ok).collect();
    assert_eq!(outcome, [true, true, true, false]);
}

#[test]
fn nobody_takes_a_key_into_use_that_is_not_theirs() {
    let (old, new, other) = (key(1), key(2), key(3));
    let keys = register(&[row(&old)]);
    let at = place(1, 5);
    let with = |proof: [u8; 64], replaces: &UnitKey| {
        let data = json!({ "replaces": replaces.id(), "signing": HEXLOWER.encode(&new.public()),
            "proof": BASE64URL_NOPAD.encode(&proof) });
        says(&old, at, KEY_ROTATED, &data)
    };
    let elsewhere = proof_of_possession(&new, UNIT, place(1, 4));
    let anothers = proof_of_possession(&new, "H33-12-05", at);
    let by_another = proof_of_possession(&other, UNIT, at);
    for proof in [elsewhere, anothers, by_another, [0; 64]] {
        refused(
            &keys,
            &with(proof, &old),
            &["nothing shows that the unit has"],
        );
    }
    let right = proof_of_possession(&new, UNIT, at);
    refused(
        &keys,
        &with(right, &other),
        &["replaced by nobody but itself"],
    );
    refused(&keys, &rotated(&old, &old, at), &["the new key is not new"]);
    keys.verify(&plain(&old, place(1, 6))).unwrap();
    let untouched = keys.rows();
    assert_eq!(untouched, [row(&old)]);
}

/// Whoever stole a key has it signed for a successor of their own.
#[test]
fn of_two_heirs_of_one_key_the_first_stays_and_the_register_overrules_both() {
    let (old, new, thiefs) = (key(1), key(2), key(3));
    let keys = register(&[row(&old)]);
    let theft = rotated(&old, &thiefs, place(1, 5));
    let right = rotated(&old, &new, place(1, 6));
    keys.verify(&theft).unwrap();
    refused(&keys, &right, &["was replaced"]);
    let same_place = rotated(&old, &new, place(1, 5));
    refused(
        &keys,
        &same_place,
        &["replaced before", "state the unit's keys in the register"],
    );

    let stated = PublicKeys {
        until: Some(place(1, 4)),
        revoked: true,
        ..row(&old)
    };
    let next = PublicKeys {
        after: Some(place(1, 4)),
        ..row(&new)
    };
    let keys = register(&[stated, next]);
    refused(&keys, &theft, &["was revoked after number 4"]);
    refused(&keys, &plain(&thiefs, place(1, 6)), &["has no key"]);
    keys.verify(&plain(&old, place(1, 4))).unwrap();
    keys.verify(&plain(&new, place(1, 5))).unwrap();
}

#[test]
fn a_revoked_key_counts_as_far_as_was_said_and_signs_no_head() {
    let (old, new) = (key(1), key(2));
    let keys = register(&[row(&old)]);
    let handed_over = rotated(&old, &new, place(1, 9));
    keys.verify(&handed_over).unwrap();
    let head = checkpoint(&old, place(1, 4));
    Checkpoint::read(&head, &keys).unwrap();
    let itself = revoked(&old, &old, place(1, 2), place(1, 3));
    refused(&keys, &itself, &["cannot revoke itself"]);

    keys.verify(&revoked(&new, &old, place(1, 4), place(1, 10)))
        .unwrap();
    keys.verify(&plain(&old, place(1, 4))).unwrap();
    refused(
        &keys,
        &plain(&old, place(1, 5)),
        &["was revoked after number 4"],
    );
    // The successor stands on this statement.
    keys.verify(&handed_over).unwrap();
    keys.verify(&plain(&new, place(1, 11))).unwrap();
    let error = Checkpoint::read(&head, &keys).unwrap_err();
    assert!(matches!(
        error,
        CheckpointError::Signature(SignError::NotInForce { .. })
    ));
    // A later revocation cannot give back what an earlier one took.
    keys.verify(&revoked(&new, &old, place(1, 8), place(1, 12)))
        .unwrap();
    refused(
        &keys,
        &plain(&old, place(1, 5)),
        &["was revoked after number 4"],
    );
}

#[test]
fn heads_are_signed_by_the_key_of_their_last_event() {
    let (old, new) = (key(1), key(2));
    let keys = register(&[row(&old)]);
    keys.verify(&rotated(&old, &new, place(1, 5))).unwrap();
    let read = |by: &UnitKey, last| Checkpoint::read(&checkpoint(by, last), &keys).is_ok();
    for (by, last, counts) in [
        (&old, place(1, 4), true),
        (&old, place(1, 5), true),
        (&new, place(1, 5), true),
        (&new, place(1, 6), true),
        (&new, place(2, 0), true),
        (&new, place(1, 4), false),
        (&old, place(1, 6), false),
        (&old, place(2, 0), false),
    ] {
        assert_eq!(read(by, last), counts, "{last}");
    }
}

#[test]
fn a_kept_head_is_not_forgotten_when_its_key_is_revoked() {
    let (old, new) = (key(1), key(2));
    let keys = register(&[row(&old)]);
    let head = TreeHead {
        unit: UNIT.to_owned(),
        epoch: Uuid::from_u128(1),
        size: 4,
        root: [3; 32],
    };
    let text = note::sign_head(&head, &old).unwrap();
    keys.verify(&rotated(&old, &new, place(1, 5))).unwrap();
    assert_eq!(note::read_head(&text, &keys).unwrap(), head);
    keys.verify(&revoked(&new, &old, place(1, 4), place(1, 6)))
        .unwrap();
    let error = note::read_head(&text, &keys).unwrap_err();
    assert!(matches!(error, NoteError::Unsigned { .. }), "{error}");
    assert_eq!(note::read_kept_head(&text, &keys).unwrap(), head);
}

#[test]
fn a_register_file_takes_both_forms_of_a_key_and_its_limits() {
    let old = key(1);
    let rows = json!({ "units": [
        { "unit": UNIT, "signing": nkey::public(&old.public()), "sealing": "09".repeat(32),
          "until": place(1, 4), "revoked": true },
        { "unit": UNIT, "signing": HEXLOWER.encode(&key(2).public()), "sealing": "09".repeat(32),
          "after": place(1, 4) },
    ] });
    let keys = KeyRegister::read(rows.to_string().as_bytes()).unwrap();
    keys.verify(&plain(&old, place(1, 4))).unwrap();
    refused(
        &keys,
        &plain(&old, place(1, 5)),
        &["was revoked after number 4"],
    );
    keys.verify(&plain(&key(2), place(1, 5))).unwrap();
    let again = serde_json::to_vec(&KeyFile { units: keys.rows() }).unwrap();
    assert_eq!(KeyRegister::read(&again).unwrap().rows(), keys.rows());
}

#[test]
fn a_clone_learns_for_itself() {
    let (old, new) = (key(1), key(2));
    let keys = register(&[row(&old)]);
    let other = keys.clone();
    keys.verify(&rotated(&old, &new, place(1, 5))).unwrap();
    assert!(keys.knows(UNIT, &new.id()) && !other.knows(UNIT, &new.id()));
}

/// What a unit does with its keys between two events.
#[derive(Debug, Clone)]
enum Deed {
    Says,
    Rotates,
    /// The `which`-th of its earlier keys, back to so many events before it was replaced.
    Revokes {
        which: usize,
        back: u64,
    },
    /// The journal was restored: a new epoch.
    Restored,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        4 => Just(Deed::Says),
        2 => Just(Deed::Rotates),
        2 => (any::<usize>(), 0..6_u64).prop_map(|(which, back)| Deed::Revokes { which, back }),
        1 => Just(Deed::Restored),
    ];
    proptest::collection::vec(deed, 1..40)
}

#[test]
fn many_cores_judge_as_one_does_in_the_order_of_the_journal() {
    let (old, new) = (key(1), key(2));
    let keys = register(&[row(&old)]);
    let mut checking = Checking::new(&keys);
    let said = |number: u64| match number {
        ..700 => plain(&old, place(1, number + 1)),
        700 => rotated(&old, &new, place(1, 701)),
        // A thief of the old key.
        1_000 | 1_999 => plain(&old, place(1, number + 1)),
        1_500 => revoked(&new, &old, place(1, 701), place(1, 1_501)),
        _ => plain(&new, place(1, number + 1)),
    };
    (0..2_000).for_each(|number| checking.push(number, said(number)));
    let refused = checking.end();
    let numbers: Vec<u64> = refused.errors.keys().copied().collect();
    assert_eq!((numbers, refused.count), (vec![1_000, 1_999], 2));
    assert!(
        keys.verify(&said(701)).is_err(),
        "what was learnt beside it is not learnt here"
    );
}

proptest! {
    /// After any sequence of rotations and revocations: what was valid when it was written verifies
    /// unless its key was revoked from there, and nothing else does, whoever listens to all of it, as
    /// often as they like, and from the rows of the register as well.
    #[test]
    fn what_was_valid_when_written_verifies_and_nothing_else(deeds in deeds()) {
        let mut ring = vec![key(1)];
        let keys = register(&[row(&ring[0])]);
        let (mut epoch, mut sequence) = (1, 0);
        let mut ended = BTreeMap::new();
        let mut history = Vec::new();
        // Who signed where; and from where on each key was replaced or revoked.
        let mut written: Vec<(usize, Place, bool)> = Vec::new();
        let mut until: Vec<Option<Place>> = vec![None];
        let mut gone = BTreeSet::new();
        for deed in deeds {
            if let Deed::Restored = deed {
                ended.insert(Uuid::from_u128(epoch), sequence);
                (epoch, sequence) = (epoch + 1, 0);
                continue;
            }
            let (current, at) = (ring.len() - 1, place(epoch, sequence + 1));
            let said = match deed {
                Deed::Rotates => {
                    let new = key(ring.len() as u8 + 1);
                    let said = rotated(&ring[current], &new, at);
                    ring.push(new);
                    until[current] = Some(at);
                    until.push(None);
                    said
                }
                Deed::Revokes { which, back } if current > 0 => {
                    let which = which % current;
                    let last = until[which].unwrap();
                    let after = place(last.epoch.as_u128(), last.sequence.saturating_sub(back));
                    until[which] = Some(after);
                    gone.insert(which);
                    revoked_since(&ring[current], &ring[which], &ended, after, at)
                }
                _ => plain(&ring[current], at),
            };
            sequence += 1;
            written.push((current, at, matches!(deed, Deed::Rotates)));
            prop_assert!(keys.verify(&said).is_ok(), "valid when written");
            history.push(said);
        }
        for (said, (by, at, hands_over)) in history.iter().zip(&written) {
            let valid = *hands_over || until[*by].is_none_or(|until| *at <= until);
            prop_assert_eq!(keys.verify(said).is_ok(), valid, "key {} at {}", by, at);
        }
        let rows = register(&keys.rows());
        for which in gone {
            // An epoch that the unit never lived in, before and between its own.
            for invented in [Uuid::from_u128(0), Uuid::from_u128(1 << 64)] {
                let at = Place { epoch: invented, sequence: 1 };
                prop_assert!(keys.verify(&plain(&ring[which], at)).is_err());
            }
        }
        for (number, signer) in ring.iter().enumerate() {
            for (_, at, _) in &written {
                let forged = plain(signer, *at);
                let lower = written.iter().filter(|(by, _, _)| *by < number).map(|(_, at, _)| *at).max();
                let valid = lower.is_none_or(|lower| *at > lower)
                    && until[number].is_none_or(|until| *at <= until);
                prop_assert_eq!(keys.verify(&forged).is_ok(), valid);
                prop_assert_eq!(rows.verify(&forged).is_ok(), valid, "from the rows");
                prop_assert!(keys.verify(&plain(&key(200), *at)).is_err());
            }
        }
        // Somebody else hears it all at once, and again.
        let other = register(&[row(&ring[0])]);
        let all: Vec<&Signed> = history.iter().collect();
        for said in &all {
            prop_assert!(other.verify(said).is_ok());
        }
        let judged: Vec<bool> = other.verify_batch(&all).iter().map(Result::is_ok).collect();
        let here: Vec<bool> = all.iter().map(|said| keys.verify(said).is_ok()).collect();
        prop_assert_eq!(judged, here);
    }
}
