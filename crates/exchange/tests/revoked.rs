//! An event that waits for its turn while the key that signed it is revoked, without a broker.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use envelope::{Draft, Event, KeyRegister, PublicKeys, Signed, UnitKey, moment};
use exchange::inflow::{Handed, Inflow, Scope, Step};
use exchange::parcel::Parcel;
use exchange::{Timing, subject};
use serde_json::json;
use uuid::Uuid;

use support::{event, id_of, key, token};

const HOME: &str = "H33-12";
const EPOCH: Uuid = Uuid::from_u128(0x018f_4a2e_6f80_7000_8000_0000_0000_0001);

fn revocation(of: &UnitKey, by: &UnitKey) -> Signed {
    let data = json!({ "key": of.id(), "after": { "epoch": EPOCH, "sequence": 1 } });
    let data = serde_json::value::to_raw_value(&data).unwrap();
    let at = moment::parse("2024-05-06T08:30:00+07:00").unwrap();
    let bytes = Draft {
        id: Uuid::from_u128(7),
        unit: HOME,
        kind: "vn.motcua.key.revoked.v1",
        subject: HOME,
        time: at,
        recorded: at,
        epoch: EPOCH,
        sequence: 2,
        causation: None,
        parents: &[],
        schema: "urn:motcua:schema:events:test",
        simulated: true,
        traceparent: None,
        data: &data,
    }
    .write()
    .unwrap();
    Signed {
        signature: by.sign_event(&bytes),
        key: by.id(),
        bytes: bytes.into(),
    }
}

fn parcel(signed: &Signed) -> Parcel {
    let kind = Event::read(&signed.bytes).unwrap().kind.to_owned();
    Parcel::of(subject::event(&token(HOME), &kind).unwrap(), signed, None)
}

/// What the host is handed: the number of an event, or why something is not fit.
fn handed(inflow: &mut Inflow<Uuid>) -> Vec<Result<(u64, Uuid), String>> {
    let mut all = Vec::new();
    while let Some(handed) = inflow.hand_over() {
        let (told, receipt) = match handed {
            Handed::Event {
                signed,
                position,
                receipt,
                ..
            } => (Ok((position, id_of(&signed))), receipt),
            Handed::Unfit { unfit, receipt } => {
                assert_eq!(unfit.position, None, "its number is still to be had");
                (Err(unfit.reason), receipt)
            }
            Handed::Contact(_) => continue,
        };
        inflow.noted(receipt, true);
        all.push(told);
    }
    all
}

#[test]
fn what_a_stolen_key_signed_is_refused_though_it_came_before_the_revocation_and_the_number_stays_open()
 {
    let (stolen, new) = (key(1), key(2));
    let mut keys = KeyRegister::new();
    for signing in [&stolen, &new] {
        keys.insert(&PublicKeys::new(HOME, signing.public(), [9; 32]))
            .unwrap();
    }
    let mut inflow: Inflow<Uuid> = Inflow::new(Scope::Feed, Arc::new(keys), Timing::default());
    let now = Duration::ZERO;
    let first = event(HOME, EPOCH, 1, &stolen);
    let revoked = revocation(&stolen, &new);
    let forged = [3, 4].map(|number| event(HOME, EPOCH, number, &stolen));
    for early in &forged {
        inflow.message(&parcel(early), id_of(early), now);
        assert_eq!(handed(&mut inflow), []);
    }
    inflow.message(&parcel(&first), id_of(&first), now);
    inflow.message(&parcel(&revoked), id_of(&revoked), now);
    let all = handed(&mut inflow);
    assert_eq!(all[..2], [Ok((1, id_of(&first))), Ok((2, id_of(&revoked)))]);
    let told = all[2].as_ref().unwrap_err();
    for word in [stolen.id().as_str(), HOME, "was revoked after number 1"] {
        assert!(told.contains(word), "{told}");
    }
    assert_eq!(all.len(), 3, "the later one waits for the number before it");

    let true_words = [3, 4].map(|number| event(HOME, EPOCH, number, &new));
    inflow.message(&parcel(&true_words[0]), id_of(&true_words[0]), now);
    let all = handed(&mut inflow);
    assert_eq!(all[0], Ok((3, id_of(&true_words[0]))));
    assert!(all[1].is_err() && all.len() == 2, "{all:?}");
    inflow.message(&parcel(&true_words[1]), id_of(&true_words[1]), now);
    assert_eq!(handed(&mut inflow), [Ok((4, id_of(&true_words[1])))]);

    let mut acknowledged = Vec::new();
    while let Some(step) = inflow.poll(now) {
        if let Step::Acknowledge(id) = step {
            acknowledged.push(id);
        }
    }
    acknowledged.sort();
    let came = [&first, &revoked]
        .into_iter()
        .chain(&forged)
        .chain(&true_words);
    let mut came: Vec<Uuid> = came.map(id_of).collect();
    came.sort();
    assert_eq!(acknowledged, came);
}
