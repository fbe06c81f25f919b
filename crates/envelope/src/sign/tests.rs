#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::*;
use crate::event::Draft;
use crate::moment;
use crate::register::{KeyRegister, PublicKeys};

const SEALING: [u8; 32] = [9; 32];

fn key(seed: u8) -> UnitKey {
    UnitKey::from_seed([seed; 32])
}

/// A commune with key 1 and a tax office with key 2.
fn register() -> KeyRegister {
    let mut register = KeyRegister::new();
    register
        .insert(&PublicKeys::new("H33-12-04", key(1).public(), SEALING))
        .unwrap();
    register
        .insert(&PublicKeys::new("T01", key(2).public(), SEALING))
        .unwrap();
    register
}

fn event_of(unit: &str, sequence: u64) -> Bytes {
    let data = RawValue::from_string(r#"{"a":1}"#.into()).unwrap();
    let time = moment::parse("2024-05-06T08:30:00+07:00").unwrap();
    let bytes = Draft {
        id: Uuid::from_u128(u128::from(sequence)),
        unit,
        kind: "vn.motcua.dossier.received.v1",
        subject: "H33-12-04-240506-0001",
        time,
        recorded: time,
        epoch: Uuid::from_u128(0xee),
        sequence,
        causation: None,
        parents: &[],
        schema: "https://motcua.vn/schemas/events/dossier.received.v1.json",
        simulated: false,
        traceparent: None,
        data: &data,
    }
    .write()
    .unwrap();
    Bytes::from(bytes)
}

fn signed(bytes: Bytes, key: &UnitKey) -> Signed {
    let signature = key.sign_event(&bytes);
    Signed {
        bytes,
        signature,
        key: key.id(),
    }
}

#[test]
fn a_units_own_signature_counts() {
    register()
        .verify(&signed(event_of("H33-12-04", 1), &key(1)))
        .unwrap();
}

#[test]
fn the_signature_is_the_same_one_today_and_tomorrow() {
    let signed = signed(Bytes::from_static(b"golden"), &key(1));
    assert_eq!(signed.key.as_str(), "34750f98bd59fcfc");
    // RFC 8032 signatures are deterministic; this one was also made with OpenSSL.
    let expected = "F-JpTdx4cbmhJf3FWvEI8HvW2IxlHGPc6f8pC8w7S1X\
                    yc59OI3T8fnhPmAPkjaCZ86Luh1aUbDYCXZ0rLXL8AQ";
    assert_eq!(signed.signature_text(), expected);
}

#[test]
fn another_units_key_does_not_sign_for_this_one() {
    let mut forged = signed(event_of("H33-12-04", 1), &key(2));
    let refused = register().verify(&forged).unwrap_err();
    assert!(matches!(refused, SignError::UnknownKey { .. }), "{refused}");

    forged.key = key(1).id();
    let refused = register().verify(&forged).unwrap_err();
    assert!(matches!(refused, SignError::Forged { .. }), "{refused}");
}

#[test]
fn a_bare_or_otherwise_meant_signature_does_not_count() {
    let mut signed = signed(event_of("H33-12-04", 1), &key(1));
    signed.signature = key(1).sign(Domain::Checkpoint, &signed.bytes);
    assert!(matches!(
        register().verify(&signed),
        Err(SignError::Forged { .. })
    ));
    signed.signature = key(1).secret.sign(&signed.bytes).to_bytes();
    assert!(matches!(
        register().verify(&signed),
        Err(SignError::Forged { .. })
    ));
}

#[test]
fn a_replaced_key_still_vouches_for_what_it_signed() {
    let old = signed(event_of("H33-12-04", 1), &key(1));
    let mut register = register();
    register
        .insert(&PublicKeys::new("H33-12-04", key(3).public(), [8; 32]))
        .unwrap();
    register.verify(&old).unwrap();
    register
        .verify(&signed(event_of("H33-12-04", 2), &key(3)))
        .unwrap();
    assert_eq!(register.sealing_key("H33-12-04"), Some([8; 32]));
}

#[test]
fn a_batch_answers_for_each_event_in_order() {
    let mut events: Vec<Signed> = (1..=5)
        .map(|sequence| signed(event_of("H33-12-04", sequence), &key(1)))
        .chain([signed(event_of("T01", 1), &key(2))])
        .collect();
    let all = |events: &[Signed]| register().verify_batch(&events.iter().collect::<Vec<_>>());
    assert!(all(&events).iter().all(Result::is_ok));
    assert!(all(&[]).is_empty());
    assert!(all(&events[..1])[0].is_ok());

    events[1].signature[40] ^= 1;
    events[3].bytes = Bytes::from_static(b"not an event");
    events[4].key = key(2).id();
    let results = all(&events);
    assert!(matches!(results[1], Err(SignError::Forged { .. })));
    assert!(matches!(results[3], Err(SignError::Unreadable(_))));
    assert!(matches!(results[4], Err(SignError::UnknownKey { .. })));
    assert!(results[0].is_ok() && results[2].is_ok() && results[5].is_ok());
}

#[test]
fn keys_that_would_prove_nothing_are_not_registered() {
    let good = PublicKeys::new("H33-12-04", key(1).public(), SEALING);
    let mut weak = [0; 32];
    weak[0] = 1;
    for bad in [
        PublicKeys {
            unit: "H33.12".into(),
            ..good.clone()
        },
        PublicKeys {
            signing: "00".into(),
            ..good.clone()
        },
        PublicKeys {
            signing: good.signing.to_uppercase(),
            ..good.clone()
        },
        PublicKeys::new("H33-12-04", weak, SEALING),
        PublicKeys::new("H33-12-04", key(1).public(), [0; 32]),
    ] {
        let refused = KeyRegister::new().insert(&bad).unwrap_err();
        assert!(
            matches!(refused, SignError::Register { .. }),
            "{bad:?}: {refused}"
        );
    }
}

#[test]
fn a_row_of_the_register_is_plain_text() {
    let row = PublicKeys::new("T01", [0xab; 32], [0xcd; 32]);
    let text = serde_json::to_string(&row).unwrap();
    let (signing, sealing) = ("ab".repeat(32), "cd".repeat(32));
    assert_eq!(
        text,
        format!(r#"{{"unit":"T01","signing":"{signing}","sealing":"{sealing}"}}"#)
    );
    assert_eq!(serde_json::from_str::<PublicKeys>(&text).unwrap(), row);
}

#[test]
fn a_signature_and_a_key_id_survive_being_text() {
    let signed = signed(event_of("T01", 1), &key(2));
    assert_eq!(
        parse_signature(&signed.signature_text()).unwrap(),
        signed.signature
    );
    assert_eq!(KeyId::parse(signed.key.as_str()).unwrap(), signed.key);
    assert!(parse_signature("AAAA").is_err());
    assert!(KeyId::parse("34750F98BD59FCFC").is_err());
    assert!(serde_json::from_str::<KeyId>("\"short\"").is_err());
}

#[test]
fn a_secret_key_does_not_show() {
    let shown = format!("{:?}", key(1));
    assert!(shown.contains(key(1).id().as_str()));
    assert!(
        !shown.contains("1, 1, 1") && !shown.contains("0101"),
        "{shown}"
    );
}

proptest! {
    #[test]
    fn any_flipped_bit_of_a_signed_event_is_noticed(at: prop::sample::Index, bit in 0u8..8) {
        let mut signed = signed(event_of("H33-12-04", 7), &key(1));
        let mut bytes = [&signed.bytes[..], &signed.signature].concat();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let (event, signature) = bytes.split_at(signed.bytes.len());
        signed.signature = signature.try_into().unwrap();
        signed.bytes = Bytes::copy_from_slice(event);
        prop_assert!(register().verify(&signed).is_err());
        let good = self::signed(event_of("T01", 1), &key(2));
        let results = register().verify_batch(&[&good, &signed]);
        prop_assert!(results[0].is_ok() && results[1].is_err());
    }
}
