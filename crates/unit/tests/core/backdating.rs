//! What happened and when it was written down: where time is real, late entry has a limit.

use dossier::ids::{DossierCode, StepKey};
use envelope::Event;
use serde_json::{Value, json};
use unit::command::CommandEnvelope;

use crate::house::{
    CERTIFIED_COPY, COMMUNE, DISTRICT, House, LAND, LAND_PROCEDURE, at, command, complete, receive,
    talk,
};

/// The same reception, out of the paper register.
fn from_paper(sent: CommandEnvelope) -> CommandEnvelope {
    let mut data: Value = serde_json::from_str(sent.data.get()).unwrap();
    data["paper"] = json!({ "volume": "01/2018", "number": 12 });
    CommandEnvelope {
        data: serde_json::value::to_raw_value(&data).unwrap(),
        ..sent
    }
}

fn asked(id: u128, moment: &str, code: &DossierCode) -> CommandEnvelope {
    let data = json!({ "amount_vnd": 1_000, "purpose": "Lệ phí" });
    command(id, moment, Some(code), data)
}

#[tokio::test]
async fn a_reception_of_long_ago_is_refused_unless_it_stands_in_the_paper_register() {
    let mut commune = House::in_real_time(COMMUNE);
    let sent = receive(1, "2018-01-02T08:00", CERTIFIED_COPY);
    let refused = commune.does("receive", &sent).await.unwrap_err();
    assert_eq!(refused.code, "time.too_long_ago");
    assert!(
        refused.message.contains("02/01/2018"),
        "{}",
        refused.message
    );
    assert_eq!(commune.journal.size(), 0);

    let answer = commune.does("receive", &from_paper(sent)).await.unwrap();
    assert!(
        answer.listed,
        "later than even paper may be: shown to the head"
    );
    let entry = &commune.entries()[0];
    let event = Event::read(&entry.signed.bytes).unwrap();
    assert!(event.time < event.recorded && !event.simulated);
    let late = commune.core.backdated().unwrap();
    assert_eq!(late.items.len(), 1);
    assert!(!late.more);
    assert_eq!(late.items[0].dossier, answer.dossier);
    assert_eq!(late.items[0].sequence, 1);
    assert_eq!(late.items[0].happened_at, at("2018-01-02T08:00"));
}

#[tokio::test]
async fn what_follows_on_paper_is_typed_in_too_in_the_order_in_which_it_happened() {
    let mut commune = House::in_real_time(COMMUNE);
    let sent = from_paper(receive(1, "2018-01-02T08:00", LAND_PROCEDURE));
    let code = commune.does("receive", &sent).await.unwrap().dossier;
    let answer = commune
        .does("ask_payment", &asked(2, "2018-01-04T08:00", &code))
        .await
        .unwrap();
    assert!(answer.listed);
    let paid = command(
        3,
        "2018-01-03T08:00",
        Some(&code),
        json!({ "voucher": "BL-1" }),
    );
    let refused = commune.does("confirm_payment", &paid).await.unwrap_err();
    assert_eq!(refused.code, "time.before_last");
    let paid = command(
        4,
        "2018-01-05T08:00",
        Some(&code),
        json!({ "voucher": "BL-1" }),
    );
    assert!(commune.does("confirm_payment", &paid).await.is_ok());
    // The same after a restart: the order is that of the journal.
    let mut commune = commune.restarted();
    let refused = commune
        .does("ask_payment", &asked(5, "2018-01-04T09:00", &code))
        .await
        .unwrap_err();
    assert_eq!(refused.code, "time.before_last");
    assert_eq!(commune.core.backdated().unwrap().items.len(), 3);
}

#[tokio::test]
async fn what_others_did_on_paper_goes_on_from_the_day_on_which_they_did_it() {
    let mut houses = [House::in_real_time(COMMUNE), House::in_real_time(LAND)];
    let sent = from_paper(receive(1, "2018-01-02T08:00", LAND_PROCEDURE));
    let code = houses[0].does("receive", &sent).await.unwrap().dossier;
    talk(&mut houses).await;
    let done = complete(2, "2018-01-04T10:00", &code, "conditions");
    assert!(houses[1].does("complete", &done).await.unwrap().listed);
    talk(&mut houses).await;
    let next = StepKey::parse("transfer_slip").unwrap();
    let given = &houses[0].dossier(&code).dossier.walk.turns[&next][0];
    assert_eq!(given.given_at, at("2018-01-04T10:00"));
}

#[tokio::test]
async fn in_a_simulated_profile_the_moment_that_is_named_is_now() {
    let mut district = House::new(DISTRICT);
    let answer = district
        .does("receive", &receive(1, "2018-01-02T08:00", LAND_PROCEDURE))
        .await
        .unwrap();
    assert!(!answer.listed);
    assert!(district.core.backdated().unwrap().items.is_empty());
}
