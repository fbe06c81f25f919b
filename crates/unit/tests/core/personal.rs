//! Personal data: recorded before it is given out, erased everywhere or reported as waited for.

use dossier::ids::DossierCode;
use envelope::tree::{self, Hash};
use proptest::prelude::*;
use serde_json::json;
use unit::answer::Refused;
use unit::readings::{Readings, ReadingsAsked};
use unit::watch::{ERASED, TO_ERASE};

use crate::house::{
    COMMUNE, DISTRICT, House, LAND, LAND_PROCEDURE, POLICE, TAX, command, complete, receive,
    register, talk,
};

const NAMES: [&str; 5] = [DISTRICT, COMMUNE, LAND, TAX, POLICE];
const HOME: usize = 1;
const LAND_OFFICE: usize = 2;
/// Certifying a signature: kept for two years.
const SIGNATURE: &str = "2.000884";

async fn a_land_dossier() -> (Vec<House>, DossierCode) {
    let mut houses: Vec<House> = NAMES.into_iter().map(House::new).collect();
    let sent = receive(1, "2018-01-02T08:00", LAND_PROCEDURE);
    let code = houses[HOME].does("receive", &sent).await.unwrap().dossier;
    talk(&mut houses).await;
    (houses, code)
}

async fn erase(
    house: &mut House,
    id: u128,
    moment: &str,
    code: &DossierCode,
) -> Result<(), Refused> {
    let why = json!({ "basis": "subject_request", "reason": "Đơn số 3" });
    let sent = command(id, moment, Some(code), why);
    house.does("erase", &sent).await.map(drop)
}

async fn withdraw(house: &mut House, code: &DossierCode) {
    let sent = command(
        2,
        "2018-01-03T09:00",
        Some(code),
        json!({ "reason": "Rút" }),
    );
    house.does("withdraw", &sent).await.unwrap();
}

fn readings(house: &mut House, code: &DossierCode) -> Readings {
    house
        .core
        .readings(code, &ReadingsAsked::default())
        .unwrap()
        .unwrap()
}

#[tokio::test]
async fn every_reading_anywhere_is_listed_at_the_home() {
    let (mut houses, code) = a_land_dossier().await;
    houses[HOME].reads(10, &code).await.unwrap();
    houses[LAND_OFFICE].reads(11, &code).await.unwrap();
    houses[LAND_OFFICE].reads(12, &code).await.unwrap();
    assert_eq!(readings(&mut houses[HOME], &code).total, 1);
    talk(&mut houses).await;
    let listed = readings(&mut houses[HOME], &code);
    let units: Vec<&str> = listed.items.iter().map(|read| read.unit.as_str()).collect();
    assert_eq!(units, [COMMUNE, LAND, LAND]);
    assert_eq!(listed.items[0].purpose_label, "Giải quyết hồ sơ");
    let rest = ReadingsAsked { from: 2 };
    let rest = houses[HOME].core.readings(&code, &rest).unwrap().unwrap();
    assert_eq!((rest.total, rest.items.len()), (3, 1));
    // Nobody else has the whole list.
    let elsewhere = houses[LAND_OFFICE]
        .core
        .readings(&code, &ReadingsAsked::default());
    assert_eq!(elsewhere.unwrap().unwrap_err().code, "home.elsewhere");
}

#[tokio::test]
async fn a_key_goes_to_whoever_has_a_step_and_is_recorded_once() {
    let (mut houses, code) = a_land_dossier().await;
    let stranger = houses[HOME].grants(10, &code, POLICE).await.unwrap_err();
    assert_eq!(stranger.code, "personal_data.not_readable");
    for id in [11, 12] {
        houses[HOME].grants(id, &code, LAND).await.unwrap();
    }
    let granted = houses[HOME].kinds();
    let granted = granted
        .iter()
        .filter(|kind| *kind == "personal_data.key_granted");
    assert_eq!(granted.count(), 1);
    let elsewhere = houses[LAND_OFFICE]
        .grants(13, &code, TAX)
        .await
        .unwrap_err();
    assert_eq!(elsewhere.code, "personal_data.not_readable");
}

#[tokio::test]
async fn a_refused_erasure_is_on_record_and_repeated_it_is_refused_once() {
    let (mut houses, code) = a_land_dossier().await;
    let home = &mut houses[HOME];
    let before = home.journal.size();
    for _ in 0..2 {
        let refused = erase(home, 20, "2018-01-03T08:00", &code)
            .await
            .unwrap_err();
        assert_eq!(refused.code, "personal_data.in_use");
    }
    assert_eq!(home.journal.size(), before + 1);
    assert_eq!(readings(home, &code).refusals.len(), 1);
    // Also for a unit that remembers nothing.
    let mut home = houses.swap_remove(HOME).restarted();
    let refused = erase(&mut home, 20, "2018-01-03T08:00", &code)
        .await
        .unwrap_err();
    assert_eq!(refused.code, "personal_data.in_use");
    assert_eq!(home.journal.size(), before + 1);
}

#[tokio::test]
async fn retention_runs_from_the_result_by_the_register() {
    let mut home = House::new(COMMUNE);
    let sent = receive(1, "2018-01-02T08:00", SIGNATURE);
    let mut sent = sent;
    let data = sent.data.get().replacen('{', "{\"at_once\":true,", 1);
    sent.data = serde_json::value::RawValue::from_string(data).unwrap();
    let code = home.does("receive", &sent).await.unwrap().dossier;
    let returned = command(
        2,
        "2018-01-02T09:00",
        Some(&code),
        json!({ "channel": "counter" }),
    );
    let _ = home.does("return_result", &returned).await;
    let refused = erase(&mut home, 3, "2020-01-01T08:00", &code)
        .await
        .unwrap_err();
    assert_eq!(refused.code, "personal_data.retained");
    assert!(
        refused.message.contains("02/01/2020"),
        "{}",
        refused.message
    );
    assert!(
        refused.message.contains("NĐ 23/2015/NĐ-CP"),
        "{}",
        refused.message
    );
    erase(&mut home, 4, "2020-01-02T08:00", &code)
        .await
        .unwrap();
    home.destroys().await;
    assert!(
        readings(&mut home, &code)
            .erasure
            .unwrap()
            .erased_at
            .is_some()
    );
}

#[tokio::test]
async fn an_erasure_waits_for_a_unit_that_is_away_and_gives_nothing_out_meanwhile() {
    let (mut houses, code) = a_land_dossier().await;
    houses[HOME].grants(10, &code, LAND).await.unwrap();
    talk(&mut houses).await;
    withdraw(&mut houses[HOME], &code).await;
    erase(&mut houses[HOME], 20, "2018-01-04T08:00", &code)
        .await
        .unwrap();
    // The land office has not heard of it yet; the home has done its part.
    houses[HOME].destroys().await;
    let standing = readings(&mut houses[HOME], &code).erasure.unwrap();
    assert_eq!(
        standing
            .waiting_for
            .iter()
            .map(|u| u.as_str())
            .collect::<Vec<_>>(),
        [LAND]
    );
    assert_eq!(standing.erased_at, None);
    assert!(houses[HOME].reads(21, &code).await.is_err());
    assert!(houses[HOME].grants(22, &code, LAND).await.is_err());
    talk(&mut houses).await;
    assert!(houses[LAND_OFFICE].reads(23, &code).await.is_err());
    // It dies between the order and the deed, and begins again.
    let mut land = houses.remove(LAND_OFFICE).restarted();
    assert_eq!(land.notes(TO_ERASE).len(), 1);
    land.destroys().await;
    land.destroys().await;
    assert_eq!(
        (land.notes(TO_ERASE).len(), land.notes(ERASED).len()),
        (0, 1)
    );
    houses.insert(LAND_OFFICE, land);
    talk(&mut houses).await;
    let standing = readings(&mut houses[HOME], &code).erasure.unwrap();
    assert!(standing.waiting_for.is_empty() && standing.erased_at.is_some());
    // The land office hears that it is over; nobody else ever heard of the keys.
    let last = houses[LAND_OFFICE].kinds();
    assert_eq!(
        last.last().map(String::as_str),
        Some("personal_data.erased")
    );
    for other in [DISTRICT, TAX, POLICE] {
        let house = houses.iter().find(|house| house.name == other).unwrap();
        assert!(
            !house
                .kinds()
                .iter()
                .any(|kind| kind.starts_with("personal_data"))
        );
    }
}

#[tokio::test]
async fn a_unit_that_asks_for_the_key_late_finds_it_gone() {
    let (mut houses, code) = a_land_dossier().await;
    withdraw(&mut houses[HOME], &code).await;
    erase(&mut houses[HOME], 20, "2018-01-04T08:00", &code)
        .await
        .unwrap();
    houses[HOME].destroys().await;
    talk(&mut houses).await;
    assert!(houses[HOME].grants(21, &code, LAND).await.is_err());
    // Without a key out there, the home's own word was enough.
    assert!(
        readings(&mut houses[HOME], &code)
            .erasure
            .unwrap()
            .erased_at
            .is_some()
    );
}

/// The root that anybody computes from the first `size` entries.
fn root_of(house: &House, size: usize) -> Hash {
    let mut stored: Vec<Hash> = Vec::new();
    for (index, entry) in (0..).zip(&house.entries()[..size]) {
        let leaf = tree::leaf_hash(&entry.signed.bytes);
        let read = |number: u64| Ok::<_, ()>(stored[number as usize]);
        let hashes = tree::stored_hashes_for(index, leaf, read).unwrap();
        stored.extend(hashes);
    }
    tree::root(size as u64, |number| Ok::<_, ()>(stored[number as usize])).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    /// Wherever in a history something is erased, every root that was ever stated and every signature
    /// stays good, at everybody who holds the events.
    #[test]
    fn invariant_1_an_erasure_anywhere_leaves_every_proof_intact(
        history in prop::collection::vec(0_u8..6, 2..16),
        erased_at in 0_usize..16,
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let (mut houses, code) = a_land_dossier().await;
            let erased_at = erased_at % history.len();
            let mut stated: Vec<(usize, usize, Hash)> = Vec::new();
            for (number, what) in history.into_iter().enumerate() {
                let id = 100 + 10 * number as u128;
                for (house, known) in houses.iter().enumerate() {
                    stated.push((house, known.journal.size() as usize, known.journal.root()));
                }
                if number == erased_at {
                    let why = json!({ "reason": "Rút" });
                    let sent = command(id, "2018-01-05T09:00", Some(&code), why);
                    let _ = houses[HOME].does("withdraw", &sent).await;
                    let _ = erase(&mut houses[HOME], id + 1, "2018-01-05T09:00", &code).await;
                }
                match what {
                    0 => { let _ = houses[HOME].grants(id + 2, &code, LAND).await; }
                    1 => { let _ = houses[LAND_OFFICE].reads(id + 2, &code).await; }
                    2 => for house in &mut houses { house.destroys().await },
                    3 => {
                        let sent = complete(id + 2, "2018-01-05T10:00", &code, "conditions");
                        let _ = houses[LAND_OFFICE].does("complete", &sent).await;
                    }
                    4 => { let _ = houses[HOME].reads(id + 2, &code).await; }
                    _ => talk(&mut houses).await,
                }
            }
            for _ in 0..2 {
                talk(&mut houses).await;
                for house in &mut houses { house.destroys().await; }
            }
            talk(&mut houses).await;
            let standing = readings(&mut houses[HOME], &code).erasure;
            prop_assert!(standing.is_some_and(|standing| standing.erased_at.is_some()));
            for (house, size, root) in stated {
                prop_assert_eq!(root_of(&houses[house], size), root);
            }
            for house in &houses {
                prop_assert_eq!(root_of(house, house.journal.size() as usize), house.journal.root());
                prop_assert_eq!(house.reasons(), Vec::<String>::new());
                for entry in house.entries() {
                    prop_assert!(register(&NAMES).verify(&entry.signed).is_ok());
                }
            }
            Ok(())
        })?;
    }
}
