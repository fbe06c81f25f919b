//! A restored unit that took back what it wrote: it is the unit that never was restored.

use std::collections::BTreeMap;

use dossier::ids::DossierCode;
use envelope::Signed;
use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;
use unit::watch::{ERASED, LATE, LOOK, OPEN, TO_ERASE, WATCH, WORK};
use uuid::Uuid;

use crate::house::{
    BUSINESS, COMMUNE, DISTRICT, House, LAND, LAND_PROCEDURE, POLICE, TAX, command, complete,
    receive, talk,
};

const NAMES: [&str; 5] = [DISTRICT, COMMUNE, LAND, TAX, POLICE];
const NEW_EPOCH: Uuid = Uuid::from_u128(99);

/// What happens in a history. Much of it is refused; that is part of it.
async fn happens(houses: &mut [House], codes: &mut Vec<DossierCode>, id: u128, what: u8) {
    let moment = format!("2018-01-{:02}T{:02}:00", 2 + id / 8, 8 + id % 8);
    let some = codes.get(id as usize % codes.len().max(1)).cloned();
    let asked = json!({ "items": ["bản sao"], "reason": "thiếu" });
    let (home, name, sent) = match (what, some) {
        (0 | 1, _) | (_, None) => {
            let (home, procedure) = if what == 0 {
                (0, BUSINESS)
            } else {
                (1, LAND_PROCEDURE)
            };
            (home, "receive", receive(id, &moment, procedure))
        }
        (2, Some(code)) => {
            let home = usize::from(!code.as_str().contains("000.00.27"));
            (
                home,
                "ask_supplement",
                command(id, &moment, Some(&code), asked),
            )
        }
        (3, Some(code)) => {
            let home = usize::from(!code.as_str().contains("000.00.27"));
            (
                home,
                "give_supplement",
                command(id, &moment, Some(&code), json!({})),
            )
        }
        (4 | 5, _) => {
            talk(houses).await;
            return;
        }
        (9, Some(code)) => {
            let at = id as usize % houses.len();
            let _ = houses[at].reads(id, &code).await;
            return;
        }
        (10, Some(code)) => {
            let home = usize::from(!code.as_str().contains("000.00.27"));
            let to = NAMES[id as usize % NAMES.len()];
            let _ = houses[home].grants(id, &code, to).await;
            return;
        }
        (11, Some(code)) => {
            let home = usize::from(!code.as_str().contains("000.00.27"));
            let reason = json!({ "reason": "Công dân rút hồ sơ" });
            let sent = command(id, &moment, Some(&code), reason);
            let _ = houses[home].does("withdraw", &sent).await;
            let why = json!({ "basis": "subject_request", "reason": "Đơn số 3" });
            let sent = command(id + 500, &moment, Some(&code), why);
            let _ = houses[home].does("erase", &sent).await;
            return;
        }
        (12, _) => {
            for house in houses {
                house.destroys().await;
            }
            return;
        }
        (_, Some(_)) => {
            for (number, house) in houses.iter_mut().enumerate() {
                let open = house.core.worklist().unwrap().items;
                if let Some(item) = open.first() {
                    let id = id + 1_000 * (number as u128 + 1);
                    let sent = complete(id, &moment, &item.dossier, item.step.as_str());
                    let _ = house.does("complete", &sent).await;
                }
            }
            return;
        }
    };
    if let Ok(answer) = houses[home].does(name, &sent).await
        && !codes.contains(&answer.dossier)
    {
        codes.push(answer.dossier);
    }
}

/// Own events of the epoch that `lost` was in when it was backed up, which only `whole` holds.
fn later(whole: &House, lost: &House) -> Vec<Signed> {
    let (epoch, held) = (lost.journal.epoch(), lost.journal.last_sequence());
    (held + 1..=whole.journal.last_sequence())
        .map(|sequence| {
            whole
                .journal
                .own_of(epoch, sequence)
                .unwrap()
                .unwrap()
                .signed
        })
        .collect()
}

async fn takes_back(whole: &House, mut lost: House, at_once: usize) -> House {
    for page in later(whole, &lost).chunks(at_once) {
        let group = lost.core.retake(page.to_vec()).unwrap();
        lost.journal.take_back(group).await.await.unwrap();
    }
    let links = whole.journal.links();
    lost.journal.begin_epoch(NEW_EPOCH, links).await.unwrap();
    lost.restarted()
}

/// What outcomes say, but for how the dossier stood, which others' events had a part in.
fn outcomes(house: &House) -> BTreeMap<Vec<u8>, Vec<Value>> {
    let said = |note: &[u8]| {
        let note: Value = serde_json::from_slice(note).unwrap();
        let fields = ["dossier", "unit", "epoch", "sequence", "events", "listed"];
        fields.iter().map(|field| note[field].clone()).collect()
    };
    let notes = house.notes("outcome/").into_iter();
    notes.map(|(key, note)| (key, said(&note))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whenever the backup was made and whoever lost its disk.
    #[test]
    fn a_unit_that_took_back_what_it_wrote_stands_as_if_it_had_lost_nothing(
        history in prop::collection::vec(0_u8..13, 4..20),
        cut in 0_usize..20,
        who in 0_usize..4,
        at_once in 1_usize..6,
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let dir = TempDir::new().unwrap();
            let backup = dir.path().join("a.backup");
            let mut houses: Vec<House> = NAMES.into_iter().map(House::new).collect();
            let mut codes = Vec::new();
            let cut = cut % history.len();
            for (id, what) in history.into_iter().enumerate() {
                if id == cut {
                    houses[who].journal.backup(&backup, None).unwrap();
                }
                happens(&mut houses, &mut codes, id as u128 + 1, what).await;
            }
            talk(&mut houses).await;

            let whole = &houses[who];
            let lost = whole.restored_from(&backup);
            let mut again = takes_back(whole, lost, at_once).await;
            for from in houses.iter().filter(|from| from.name != NAMES[who]) {
                while again.hears_next(from).await {}
            }

            prop_assert_eq!(again.journal.last_sequence(), 0, "nothing is said twice");
            prop_assert_eq!(again.journal.size(), whole.journal.size());
            for prefix in ["serial/", "reminded/", OPEN, LOOK, WORK, WATCH, LATE, TO_ERASE, ERASED] {
                prop_assert_eq!(again.notes(prefix), whole.notes(prefix), "{}", prefix);
            }
            prop_assert_eq!(outcomes(&again), outcomes(whole));
            for code in &codes {
                let (again, whole) = (again.recalled(code), whole.recalled(code));
                let parts = |known: unit::memory::Remembered| (known.dossier, known.home_events);
                prop_assert_eq!(again.map(parts), whole.map(parts));
            }
            Ok(())
        })?;
    }
}

/// The land procedure from reception to return, as commands: at whom, which, and its data.
fn route() -> Vec<(usize, &'static str, Value)> {
    let done = |step: &str| json!({ "step": step, "outcome": "approved" });
    let owed = json!({ "step": "tax", "amount_vnd": 2_500_000, "notice": "TB-17" });
    vec![
        (2, "complete", done("conditions")),
        (2, "complete", done("transfer_slip")),
        (3, "assess_obligation", owed),
        (3, "complete", done("tax")),
        (1, "confirm_payment", json!({ "voucher": "BL-9" })),
        (2, "complete", done("registration")),
        (1, "return_result", json!({ "channel": "counter" })),
    ]
}

#[tokio::test]
async fn whoever_is_restored_wherever_in_the_middle_the_route_ends_as_it_would_have() {
    for who in [1, 2, 3] {
        ends_as_it_would_have(who, &route(), false).await;
    }
}

/// The citizen paid before the home heard that the tax office was done; when the home is back, it
/// hears of the last step before it hears again of the one before.
#[tokio::test]
async fn what_comes_again_after_what_is_new_keeps_nothing_back() {
    let mut route = route();
    route.swap(3, 4);
    ends_as_it_would_have(1, &route, true).await;
}

/// The land office did a step twice because the tax office had sent it back; the restored home hears
/// of both times before it hears why there was a second.
#[tokio::test]
async fn what_comes_before_its_reasons_is_judged_when_they_are_there() {
    let dir = TempDir::new().unwrap();
    let backup = dir.path().join("a.backup");
    let mut houses: Vec<House> = NAMES.into_iter().map(House::new).collect();
    let sent = receive(1, "2018-01-02T08:00", LAND_PROCEDURE);
    let code = houses[1].does("receive", &sent).await.unwrap().dossier;
    talk(&mut houses).await;
    houses[1].journal.backup(&backup, None).unwrap();
    let back = json!({ "step": "tax", "to_step": "transfer_slip", "reason": "Số liệu chưa khớp" });
    let mut route = route();
    route.truncate(2);
    route.extend([(3, "send_back", back), route[1].clone()]);
    for (number, (unit, name, data)) in route.iter().enumerate() {
        let moment = format!("2018-01-{:02}T08:00", number + 3);
        let sent = command(number as u128 + 2, &moment, Some(&code), data.clone());
        houses[*unit].does(name, &sent).await.unwrap();
        talk(&mut houses).await;
    }
    let lost = houses[1].restored_from(&backup);
    let mut again = takes_back(&houses[1], lost, 2).await;
    for performer in [2, 3] {
        while again.hears_next(&houses[performer]).await {}
    }
    assert_eq!(again.reasons(), Vec::<String>::new());
    let (again, whole) = (again.recalled(&code), houses[1].recalled(&code));
    assert_eq!(again.unwrap().dossier, whole.unwrap().dossier);
}

async fn ends_as_it_would_have(who: usize, route: &[(usize, &str, Value)], late: bool) {
    for cut in 0..route.len() - 1 {
        for back_at in cut + 1..=route.len() {
            let dir = TempDir::new().unwrap();
            let backup = dir.path().join("a.backup");
            let mut houses: Vec<House> = NAMES.into_iter().map(House::new).collect();
            let sent = receive(1, "2018-01-02T08:00", LAND_PROCEDURE);
            let code = houses[1].does("receive", &sent).await.unwrap().dossier;
            talk(&mut houses).await;
            for (number, (unit, name, data)) in route.iter().enumerate() {
                if number == cut {
                    houses[who].journal.backup(&backup, None).unwrap();
                }
                if number == back_at {
                    let lost = houses[who].restored_from(&backup);
                    houses[who] = takes_back(&houses[who], lost, 2).await;
                    if !late || *unit == who {
                        talk(&mut houses).await;
                    }
                }
                let moment = format!("2018-01-{:02}T08:00", number + 3);
                let sent = command(number as u128 + 2, &moment, Some(&code), data.clone());
                houses[*unit].does(name, &sent).await.unwrap();
                talk(&mut houses).await;
            }
            let answer = houses[1].core.standing(&code).unwrap().unwrap();
            assert_eq!(u8::from(answer.status), 10, "{who} from {cut} at {back_at}");
            let known = houses[1].recalled(&code).unwrap().dossier;
            assert_eq!(known.contested, 0, "{who} from {cut} at {back_at}");
        }
    }
}

#[tokio::test]
async fn the_rest_of_what_a_lost_disk_cut_off_is_done_when_the_unit_is_back() {
    let mut commune = House::new(COMMUNE);
    let dir = TempDir::new().unwrap();
    let backup = dir.path().join("a.backup");
    commune.journal.backup(&backup, None).unwrap();
    let sent = receive(1, "2018-01-02T08:00", LAND_PROCEDURE);
    let code = commune.does("receive", &sent).await.unwrap().dossier;
    assert_eq!(commune.kinds(), ["dossier.received", "step.dispatched"]);

    // Only the first event ever left the disk.
    let mut back = commune.restored_from(&backup);
    let first = later(&commune, &back).remove(0);
    let mut group = back.core.retake(vec![first]).unwrap();
    let note = br#"{"restored":{"backup_entries":0,"restored_at":"2018-01-09T08:00:00+07:00",
        "from_epoch":"00000000-0000-0000-0000-000000000007","held":1,"known":1,"taken_back":1,
        "by_holder":{},"unanswered":[],"missing":[],"officer":"qt-01","reason":"hong dia"},"owed":[]}"#;
    group.notes.push(journal::Note {
        key: b"recovery/closing/000000".to_vec(),
        value: Some(note.to_vec()),
    });
    back.journal.take_back(group).await.await.unwrap();
    let links = commune.journal.links();
    back.journal.begin_epoch(NEW_EPOCH, links).await.unwrap();
    let mut back = back.restarted();
    for group in back.core.closing().unwrap() {
        back.write(group).await;
    }
    assert_eq!(
        back.kinds(),
        ["dossier.received", "journal.restored", "step.dispatched"]
    );
    assert!(back.core.closing().unwrap().is_empty());
    let repeated = back.does("receive", &sent).await.unwrap();
    assert_eq!((repeated.dossier, repeated.sequence), (code, 1));
}
