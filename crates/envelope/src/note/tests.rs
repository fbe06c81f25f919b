use super::*;
use crate::register::PublicKeys;
use proptest::prelude::*;

fn desk() -> (UnitKey, KeyRegister) {
    let key = UnitKey::from_seed([7; 32]);
    let mut register = KeyRegister::new();
    register
        .insert(&PublicKeys::new("H33-12-04", key.public(), [9; 32]))
        .unwrap();
    (key, register)
}

fn head() -> TreeHead {
    TreeHead {
        unit: "H33-12-04".into(),
        epoch: Uuid::from_u128(0xee),
        size: 12,
        root: [0xab; 32],
    }
}

#[test]
fn the_text_is_the_one_of_the_standard() {
    let (key, _) = desk();
    let note = String::from_utf8(sign_head(&head(), &key).unwrap()).unwrap();
    let origin = "motcua.vn/log/H33-12-04/00000000-0000-0000-0000-0000000000ee";
    let root = data_encoding::BASE64.encode(&[0xab; 32]);
    let (text, signature) = note.rsplit_once("\n\n").unwrap();
    assert_eq!(text, format!("{origin}\n12\n{root}"));
    assert!(
        signature.starts_with(&format!("— {origin} ")),
        "{signature}"
    );
}

#[test]
fn what_was_signed_is_read_back() {
    let (key, register) = desk();
    let note = sign_head(&head(), &key).unwrap();
    assert_eq!(read_head(&note, &register).unwrap(), head());
}

#[test]
fn a_client_configured_with_the_printed_key_believes_the_note() {
    let (key, _) = desk();
    let note = sign_head(&head(), &key).unwrap();
    let printed = verifier_key("H33-12-04", head().epoch, &key.public());
    let client = signed_note::StandardVerifier::new(&printed).unwrap();
    let known = signed_note::VerifierList::new(vec![Box::new(client)]);
    let read = signed_note::Note::from_bytes(&note).unwrap();
    assert_eq!(read.verify(&known).unwrap().0.len(), 1);
}

#[test]
fn signatures_of_witnesses_are_passed_over() {
    let (key, register) = desk();
    let mut note = sign_head(&head(), &key).unwrap();
    note.extend("— witness.example/one AAAAAQIDBA==\n".as_bytes());
    assert_eq!(read_head(&note, &register).unwrap(), head());
}

#[test]
fn a_unit_cannot_state_the_head_of_another() {
    let (_, mut register) = desk();
    let other = UnitKey::from_seed([8; 32]);
    register
        .insert(&PublicKeys::new("T01", other.public(), [9; 32]))
        .unwrap();
    let note = sign_head(&head(), &other).unwrap();
    let refused = read_head(&note, &register).unwrap_err();
    assert!(matches!(refused, NoteError::Unsigned { unit } if unit == "H33-12-04"));
}

#[test]
fn a_signature_on_a_checkpoint_is_none_on_a_note() {
    let (key, register) = desk();
    let text = head().text().unwrap();
    let signature = key.sign(crate::sign::Domain::Checkpoint, &text);
    let name = head().origin();
    let id = key_id(&name, &key.public());
    let line = signed_note::Signature::new(name, id, signature.to_vec()).unwrap();
    let note = signed_note::Note::new(&text, &[line]).unwrap().to_bytes();
    let refused = read_head(&note, &register).unwrap_err();
    assert!(matches!(refused, NoteError::Forged { .. }), "{refused}");
}

#[test]
fn each_changed_bit_is_noticed() {
    let (key, register) = desk();
    let note = sign_head(&head(), &key).unwrap();
    for bit in 0..note.len() * 8 {
        let mut changed = note.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(read_head(&changed, &register).is_err(), "bit {bit}");
    }
}

#[test]
fn a_head_has_one_text() {
    let (key, register) = desk();
    let signed = |text: String| {
        let name = head().origin();
        let id = key_id(&name, &key.public());
        let signature = key.sign_note(text.as_bytes()).to_vec();
        let line = signed_note::Signature::new(name, id, signature).unwrap();
        let note = signed_note::Note::new(text.as_bytes(), &[line]).unwrap();
        read_head(&note.to_bytes(), &register)
    };
    let text = String::from_utf8(head().text().unwrap()).unwrap();
    assert_eq!(signed(text.clone()).unwrap(), head());
    for other in [
        format!("{text}an extension\n"),
        text.replace("\n12\n", "\n012\n"),
        text.replace("00ee\n", "00EE\n"),
        text.replace("00000000-0000-0000-0000-", "00000000000000000000"),
        text.replace("H33-12-04/", "H33.12.04/"),
        text.replace("motcua.vn/log/", "example.com/log/"),
        format!("{text}\nmore\n"),
    ] {
        assert!(
            matches!(signed(other.clone()), Err(NoteError::Form(_))),
            "{other}"
        );
    }
}

#[test]
fn what_is_too_large_is_not_read() {
    let (_, register) = desk();
    let refused = read_head(&vec![b'a'; NOTE_BYTES_MAX + 1], &register).unwrap_err();
    assert!(matches!(refused, NoteError::TooLarge { .. }));
}

proptest! {
    #[test]
    fn nothing_makes_the_reader_fail_otherwise_than_in_words(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(read_head(&bytes, &desk().1).is_err());
    }

    #[test]
    fn no_text_that_resembles_a_note_does_either(text in "(motcua.vn/log/)?[a-z0-9/\n—= +-]{0,80}\n\n(— [a-z/]{1,9} [A-Za-z0-9+/]{0,12}={0,2}\n){0,3}") {
        prop_assert!(read_head(text.as_bytes(), &desk().1).is_err());
    }
}
