//! What a home does by itself when time has passed: a supplement that never came, and nothing else.

use std::sync::Arc;

use catalogue::Catalogue;
use dossier::ids::DossierCode;
use serde_json::json;
use unit::watch::{LOOK, OPEN};

use crate::house::{BUSINESS, DISTRICT, House, at, catalogue_with, command, receive};

/// The profile in which a supplement to the business register is waited for two working days.
fn impatient() -> Arc<Catalogue> {
    catalogue_with("registers/routes/household_business.toml", |text| {
        text.replace(
            "[clock]\n",
            "[clock]\nsupplement_time_out = { amount = 2, unit = \"working_days\" }\n",
        )
    })
}

async fn asked_for_a_supplement(district: &mut House, id: u128) -> DossierCode {
    let code = district
        .does("receive", &receive(id, "2018-01-02T08:00", BUSINESS))
        .await
        .unwrap()
        .dossier;
    let data = json!({ "items": ["bản sao"], "reason": "thiếu" });
    let asked = command(id + 1_000, "2018-01-02T09:00", Some(&code), data);
    district.does("ask_supplement", &asked).await.unwrap();
    code
}

#[tokio::test]
async fn a_supplement_that_never_comes_stops_the_dossier_once() {
    let mut district = House::under(DISTRICT, impatient());
    let code = asked_for_a_supplement(&mut district, 1).await;
    assert_eq!(district.notes(LOOK).len(), 1);
    district.wakes("2018-01-04T16:00").await;
    assert!(!district.kinds().contains(&"dossier.stopped".to_owned()));
    let size = district.journal.size();
    // Twice before the disk has the first, and once more after a restart.
    let first = district.core.wake(at("2018-01-05T08:00")).unwrap();
    let second = district.core.wake(at("2018-01-05T08:01")).unwrap();
    assert_eq!(first.entries.len(), 1);
    assert!(second.entries.is_empty());
    district.write(first).await;
    district.write(second).await;
    let mut district = district.restarted();
    district.wakes("2018-01-05T09:00").await;
    assert_eq!(district.journal.size(), size + 1);
    assert!(district.dossier(&code).dossier.outcome.stopped_at.is_some());
    assert!(district.notes(LOOK).is_empty() && district.notes(OPEN).is_empty());
}

#[tokio::test]
async fn what_was_waited_for_and_came_is_not_looked_at() {
    let mut district = House::under(DISTRICT, impatient());
    let code = asked_for_a_supplement(&mut district, 1).await;
    let given = command(2, "2018-01-04T09:00", Some(&code), json!({}));
    district.does("give_supplement", &given).await.unwrap();
    assert!(district.notes(LOOK).is_empty());
    assert_eq!(district.notes(OPEN).len(), 1);
    let size = district.journal.size();
    district.wakes("2018-01-31T08:00").await;
    assert_eq!(district.journal.size(), size);
}

#[tokio::test]
async fn more_dossiers_than_one_look_takes_are_all_looked_at_in_the_end() {
    let mut district = House::under(DISTRICT, impatient());
    for id in 1..=300 {
        asked_for_a_supplement(&mut district, id).await;
    }
    let stopped = |district: &House| {
        let kinds = district.kinds();
        kinds
            .iter()
            .filter(|kind| *kind == "dossier.stopped")
            .count()
    };
    district.wakes("2018-01-05T08:00").await;
    assert_eq!(stopped(&district), 256);
    district.wakes("2018-01-05T08:01").await;
    assert_eq!(stopped(&district), 300);
}
