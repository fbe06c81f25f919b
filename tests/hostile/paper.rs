//! Evidence: events, heads, registers of keys, sealed fields and grants.

use bytes::Bytes;
use envelope::{
    Checkpoint, DossierKey, Event, Grant, KeyId, KeyRegister, PublicKeys, Sealed, SealingKey,
    Signed, UnitKey, brief, sign::parse_signature,
};
use history::statement::Statement;
use serde_json::json;
use uuid::Uuid;

use crate::golden;
use crate::spoil::{hold, hold_spoilt};

pub(crate) fn said(error: impl ToString) -> String {
    error.to_string()
}

#[test]
fn an_event_is_read_or_its_fault_is_named() {
    hold("event", &golden::bytes("events"), |bytes| {
        let event = Event::read(bytes).map_err(said)?;
        // What was read can be looked at from all sides.
        let _ = format!("{event:?}");
        Ok(())
    });
}

#[test]
fn what_an_event_says_is_read_or_counted_as_unreadable() {
    hold("statement", &golden::bytes("events"), |bytes| {
        Statement::read(bytes).map(drop).map_err(said)
    });
}

fn head() -> (Signed, KeyRegister) {
    let key = UnitKey::from_seed([7; 32]);
    let mut keys = KeyRegister::new();
    keys.insert(&PublicKeys::new("H33-27", key.public(), [9; 32]))
        .unwrap();
    let head = Checkpoint {
        unit: "H33-27".into(),
        epoch: Uuid::from_u128(7),
        entries: 12,
        sequence: 9,
        root: [0xab; 32],
        links: [("H33-27-04".to_owned(), 4)].into(),
        earlier: [(Uuid::from_u128(6), 3)].into(),
        at: envelope::moment::parse("2018-03-12T08:30:00+07:00").unwrap(),
        note: None,
    };
    (head.sign(&key).unwrap(), keys)
}

#[test]
fn a_head_is_believed_as_it_was_signed_and_not_otherwise() {
    let (signed, keys) = head();
    let good = signed.bytes.to_vec();
    hold("head", std::slice::from_ref(&good), |bytes| {
        let spoilt = Signed {
            bytes: Bytes::copy_from_slice(bytes),
            ..signed.clone()
        };
        let read = Checkpoint::read(&spoilt, &keys);
        assert!(
            read.is_err() || bytes == good,
            "a head that nobody signed is believed"
        );
        read.map(drop).map_err(said)
    });
}

#[test]
fn a_register_of_keys_is_read_or_the_unit_is_named() {
    let row = |unit: &str, seed: u8| {
        PublicKeys::new(
            unit,
            UnitKey::from_seed([seed; 32]).public(),
            SealingKey::from_seed([seed; 32]).public(),
        )
    };
    let file = json!({ "units": [row("H33-27", 1), row("H33-27-04", 2), row("H33-27", 3)] });
    let good = serde_json::to_vec(&file).unwrap();
    hold("keys", &[good], |bytes| {
        KeyRegister::read(bytes).map(drop).map_err(said)
    });
}

#[test]
fn a_sealed_field_opens_or_says_which() {
    let key = DossierKey::from_bytes([2; 32]);
    let sealed = key
        .seal(Uuid::from_u128(1), "applicant", b"{}", [3; 24])
        .unwrap();
    let good = serde_json::to_vec(&sealed).unwrap();
    hold("sealed", std::slice::from_ref(&good), |bytes| {
        let read: Sealed = serde_json::from_slice(bytes).map_err(|error| brief(&error))?;
        key.open("applicant", &read).map(drop).map_err(said)
    });
}

#[test]
fn a_grant_opens_or_says_which() {
    use rand::SeedableRng;
    let unit = SealingKey::from_seed([4; 32]);
    let key = DossierKey::from_bytes([2; 32]);
    let mut chance = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let grant = Grant::seal(Uuid::from_u128(1), &key, &unit.public(), &mut chance).unwrap();
    let good = serde_json::to_vec(&grant).unwrap();
    hold("grant", &[good], |bytes| {
        let read: Grant = serde_json::from_slice(bytes).map_err(|error| brief(&error))?;
        unit.open_grant(&read).map(drop).map_err(said)
    });
}

#[test]
fn signatures_and_names_of_keys_as_headers_carry_them() {
    let key = UnitKey::from_seed([7; 32]);
    let signed = Signed {
        bytes: Bytes::new(),
        signature: key.sign_event(b""),
        key: key.id(),
    };
    let good = [
        signed.signature_text().into_bytes(),
        key.id().to_string().into_bytes(),
    ];
    hold_spoilt("signature", &good, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        parse_signature(&text).map_err(said)?;
        KeyId::parse(&text).map(drop).map_err(said)
    });
}
