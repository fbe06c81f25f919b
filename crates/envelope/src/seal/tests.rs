#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::*;

const NAME: &str = "applicant.name";
const CLEAR: &str = "Nguyễn Thị Hoa";

fn key() -> DossierKey {
    DossierKey::from_bytes([0x5a; 32])
}

fn id() -> Uuid {
    Uuid::from_u128(0x018f_4a2e)
}

fn sealed() -> Sealed {
    key().seal(id(), NAME, CLEAR.as_bytes(), [3; 24]).unwrap()
}

#[test]
fn a_sealed_field_is_an_id_and_a_box() {
    let text = serde_json::to_string(&sealed()).unwrap();
    assert!(text.starts_with(r#"{"key":"00000000-0000-0000-0000-0000018f4a2e","box":"AwMD"#));
    assert!(!text.contains("Hoa"));
    assert_eq!(serde_json::from_str::<Sealed>(&text).unwrap(), sealed());
}

#[test]
fn the_right_key_opens_the_right_field() {
    assert_eq!(
        key().open(NAME, &sealed()).unwrap().as_slice(),
        CLEAR.as_bytes()
    );
}

#[test]
fn another_key_field_or_key_id_does_not_open() {
    let refused = |result: Result<Zeroizing<Vec<u8>>, SealError>| {
        assert!(matches!(result, Err(SealError::Open { .. })));
    };
    refused(DossierKey::from_bytes([0x5b; 32]).open(NAME, &sealed()));
    refused(key().open("applicant.phone", &sealed()));
    refused(key().open(
        NAME,
        &Sealed {
            key: Uuid::from_u128(1),
            ..sealed()
        },
    ));
    refused(key().open(
        NAME,
        &Sealed {
            boxed: "AwMD".into(),
            ..sealed()
        },
    ));
    refused(key().open(
        NAME,
        &Sealed {
            boxed: "not base64!".into(),
            ..sealed()
        },
    ));
}

#[test]
fn a_granted_key_opens_for_its_receiver_only() {
    let mut rng = StdRng::seed_from_u64(1);
    let (receiver, stranger) = (
        SealingKey::generate(&mut rng),
        SealingKey::generate(&mut rng),
    );
    let grant = Grant::seal(id(), &key(), &receiver.public(), &mut rng).unwrap();
    assert_eq!(receiver.open_grant(&grant).unwrap(), key());

    let refused = SealError::OpenGrant { key: id() };
    assert_eq!(stranger.open_grant(&grant).unwrap_err(), refused);
    let other = Uuid::from_u128(1);
    let relabelled = Grant {
        key: other,
        ..grant.clone()
    };
    assert_eq!(
        receiver.open_grant(&relabelled).unwrap_err(),
        SealError::OpenGrant { key: other }
    );
    for boxed in ["", "AAAA", &grant.boxed[..60]] {
        let cut = Grant {
            key: id(),
            boxed: boxed.into(),
        };
        assert_eq!(receiver.open_grant(&cut).unwrap_err(), refused);
    }
}

#[test]
fn a_sealing_key_comes_back_from_its_seed() {
    let key = SealingKey::generate(&mut StdRng::seed_from_u64(2));
    assert_eq!(SealingKey::from_seed(*key.seed()).public(), key.public());
}

#[test]
fn secrets_do_not_show() {
    assert_eq!(format!("{:?}", key()), "DossierKey(..)");
    assert_eq!(
        format!("{:?}", SealingKey::from_seed([1; 32])),
        "SealingKey(..)"
    );
}

proptest! {
    #[test]
    fn any_text_is_opened_as_it_was_sealed_and_any_damage_is_noticed(
        plain: Vec<u8>, seed: u64, at: prop::sample::Index, bit in 0u8..8,
    ) {
        let mut rng = StdRng::seed_from_u64(seed);
        let key = DossierKey::generate(&mut rng);
        let mut nonce = [0; 24];
        rand::RngCore::fill_bytes(&mut rng, &mut nonce);
        let sealed = key.seal(id(), NAME, &plain, nonce).unwrap();
        let opened = key.open(NAME, &sealed).unwrap();
        prop_assert_eq!(opened.as_slice(), &plain[..]);

        let mut bytes = BASE64URL_NOPAD.decode(sealed.boxed.as_bytes()).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let damaged = Sealed { boxed: BASE64URL_NOPAD.encode(&bytes), ..sealed };
        prop_assert!(key.open(NAME, &damaged).is_err());
    }
}
