//! A unit may forget and be reminded by its journal: nothing that it says depends on which.

use std::collections::{BTreeMap, BTreeSet};

use calendar::Calendar;
use dossier::ids::DossierCode;
use proptest::prelude::*;
use serde_json::json;
use unit::watch::{self, LOOK, OPEN, WATCH, WORK};

use crate::house::{
    BUSINESS, CERTIFIED_COPY, COMMUNE, DISTRICT, House, LAND, LAND_PROCEDURE, TAX, command,
    complete, hear_one, receive, talk, unit_id,
};

/// Fewer than there are dossiers.
const AT_HAND: usize = 2;
const UNITS: [&str; 4] = [COMMUNE, DISTRICT, LAND, TAX];
const STEPS: [&str; 5] = [
    "conditions",
    "transfer_slip",
    "tax",
    "registration",
    "business",
];

/// Something that may happen, sensible or not.
#[derive(Debug, Clone)]
enum Move {
    Receive {
        home: usize,
        procedure: usize,
    },
    Act {
        unit: usize,
        dossier: usize,
        step: usize,
        what: usize,
    },
    Hear {
        from: usize,
        to: usize,
    },
    Restart {
        unit: usize,
    },
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        2 => (0..2_usize, 0..3_usize).prop_map(|(home, procedure)| Move::Receive { home, procedure }),
        8 => (0..4_usize, 0..8_usize, 0..5_usize, 0..12_usize)
            .prop_map(|(unit, dossier, step, what)| Move::Act { unit, dossier, step, what }),
        8 => (0..4_usize, 0..4_usize).prop_map(|(from, to)| Move::Hear { from, to }),
        1 => (0..4_usize).prop_map(|unit| Move::Restart { unit }),
    ];
    prop::collection::vec(one, 10..60)
}

/// What an officer may try on a step or dossier.
fn attempt(what: usize, step: &str) -> (&'static str, serde_json::Value) {
    let nothing = || json!({ "reason": "vì" });
    match what {
        0..=4 => ("complete", json!({ "step": step, "outcome": "approved" })),
        5 => (
            "need_supplement",
            json!({ "step": step, "items": ["bản sao"], "reason": "thiếu" }),
        ),
        6 => ("give_supplement", json!({})),
        7 => (
            "assess_obligation",
            json!({ "step": step, "amount_vnd": 1_000_000, "notice": "TB-1" }),
        ),
        8 => ("confirm_payment", json!({ "voucher": "BL-1" })),
        9 => (
            "complete",
            json!({ "step": step, "outcome": { "rejected": "không đủ điều kiện" } }),
        ),
        10 => ("withdraw", nothing()),
        _ => (
            "ask_supplement",
            json!({ "items": ["bản sao"], "reason": "thiếu" }),
        ),
    }
}

async fn happen(houses: &mut Vec<House>, codes: &mut Vec<DossierCode>, number: usize, one: Move) {
    let moment = format!(
        "2018-01-{:02}T{:02}:{:02}",
        2 + number / 12,
        8 + number % 8,
        number % 60
    );
    let id = number as u128 + 1;
    match one {
        Move::Receive { home, procedure } => {
            let sent = receive(
                id,
                &moment,
                [LAND_PROCEDURE, BUSINESS, CERTIFIED_COPY][procedure],
            );
            codes.extend(
                houses[home]
                    .does("receive", &sent)
                    .await
                    .ok()
                    .map(|answer| answer.dossier),
            );
        }
        Move::Act {
            unit,
            dossier,
            step,
            what,
        } => {
            if let Some(code) = codes.get(dossier % codes.len().max(1)) {
                let (name, data) = attempt(what, STEPS[step]);
                // Whether it is refused is other tests' concern.
                let _ = houses[unit]
                    .does(name, &command(id, &moment, Some(code), data))
                    .await;
            }
        }
        Move::Hear { from, to } => {
            hear_one(houses, from, to).await;
        }
        Move::Restart { unit } => {
            let house = houses.remove(unit);
            houses.insert(unit, house.restarted());
        }
    }
}

/// Memory, indexes and numbering are what the journal says.
fn agrees_with_its_journal(house: &mut House, codes: &[DossierCode]) -> Result<(), TestCaseError> {
    let mut expected: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
    for code in codes {
        let recalled = house.recalled(code);
        let shown = house.core.show(code).unwrap().ok();
        prop_assert_eq!(shown.is_some(), recalled.is_some());
        if let (Some(shown), Some(recalled)) = (shown, recalled) {
            prop_assert_eq!(
                &shown.dossier,
                &recalled.dossier,
                "{} at {}",
                code,
                house.name
            );
            prop_assert_eq!(shown.home_events, recalled.home_events);
            prop_assert_eq!(recalled.dossier.contested, 0);
            expected.extend(watch::indexed(
                &recalled.dossier,
                &unit_id(house.name),
                Calendar::published(),
            ));
        }
    }
    let mut found = BTreeMap::new();
    for index in [WORK, WATCH, OPEN, LOOK] {
        found.extend(house.notes(index));
    }
    prop_assert_eq!(found, expected, "indexes of {}", house.name);
    prop_assert!(house.reasons().is_empty(), "{:?}", house.reasons());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, max_shrink_iters: 100, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happens_memory_and_indexes_are_those_of_the_journal(moves in moves()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut houses: Vec<House> = UNITS.map(|unit| House::with_memory(unit, AT_HAND)).into();
            let mut codes = Vec::new();
            for (number, one) in moves.into_iter().enumerate() {
                happen(&mut houses, &mut codes, number, one).await;
            }
            for house in &mut houses {
                agrees_with_its_journal(house, &codes)?;
            }
            talk(&mut houses).await;
            for house in &mut houses {
                agrees_with_its_journal(house, &codes)?;
            }
            Ok::<(), TestCaseError>(())
        })?;
    }
}

#[tokio::test]
async fn more_dossiers_than_are_at_hand_are_all_known() {
    let mut houses = [
        House::with_memory(DISTRICT, AT_HAND),
        House::with_memory(TAX, AT_HAND),
    ];
    let mut codes = BTreeSet::new();
    for id in 1..=20 {
        codes.insert(
            houses[0]
                .does("receive", &receive(id, "2018-01-02T08:00", BUSINESS))
                .await
                .unwrap()
                .dossier,
        );
    }
    for (id, code) in (100..).zip(&codes) {
        let done = complete(id, "2018-01-02T09:00", code, "business");
        houses[0].does("complete", &done).await.unwrap();
    }
    talk(&mut houses).await;
    assert_eq!(houses[1].core.worklist().unwrap().items.len(), 20);
    for (id, code) in (200..).zip(&codes) {
        let done = complete(id, "2018-01-02T10:00", code, "tax_code");
        houses[1].does("complete", &done).await.unwrap();
    }
    talk(&mut houses).await;
    assert!(houses[1].core.worklist().unwrap().items.is_empty());
    for code in &codes {
        assert_eq!(houses[0].dossier(code).dossier.status().code(), 9, "{code}");
    }
}
