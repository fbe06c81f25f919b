//! A dossier's way over several units, told to the real services.

use serde_json::{Value, json};
use tests::process::{eventually, motcua};
use tests::town::{COMMUNE, DISTRICT, LAND, SERVICES, TAX, Town, message, message_at};

/// Land registration, received at a commune: the land office, the tax office, the citizen's
/// payment, and the land office again.
pub const LAND_PROCEDURE: &str = "1.010754";
/// Business register at the district, then a tax code.
pub const BUSINESS: &str = "DNG-288122_1";

/// Who performs which step of the land procedure, and the service that hosts them.
pub const STEPS: [(&str, &str); 4] = [
    (LAND, "conditions"),
    (LAND, "transfer_slip"),
    (TAX, "tax"),
    (LAND, "registration"),
];

/// What the home's journal holds in the end, whatever happened on the way.
pub const WHOLE: [&str; 18] = [
    "dossier.received",
    "step.dispatched",
    "step.accepted",
    "step.completed",
    "step.dispatched",
    "step.accepted",
    "step.completed",
    "step.dispatched",
    "step.accepted",
    "obligation.assessed",
    "payment.asked",
    "step.completed",
    "payment.confirmed",
    "step.dispatched",
    "step.accepted",
    "step.completed",
    "result.readied",
    "result.returned",
];

pub fn person(name: &str) -> Value {
    json!({ "name": name, "id_number": "091234567890", "address": "Mong Thọ", "phone": "0912345678" })
}

pub fn receive(moment: &str, procedure: &str, papers: u16) -> Value {
    let papers: Vec<Value> = (1..=papers)
        .map(|n| json!({ "paper": n, "verdict": "original" }))
        .collect();
    let data = json!({ "procedure": procedure, "channel": "direct", "applicant": person("Trần Văn An"), "papers": papers });
    message_at(moment, None, data)
}

/// The same reception, out of the paper register.
pub fn from_paper(mut received: Value) -> Value {
    received["data"]["paper"] = json!({ "volume": "01/2018", "number": 12 });
    received
}

/// A land dossier, just received at the commune.
pub async fn received(town: &Town) -> String {
    let answer = town
        .ask(
            COMMUNE,
            "receive",
            &receive("2018-01-02T08:00", LAND_PROCEDURE, 4),
        )
        .await
        .done();
    answer["dossier"].as_str().unwrap().to_owned()
}

/// Waits until a unit has a step on its worklist.
pub async fn given(town: &Town, unit: &str, code: &str, step: &str) {
    eventually(&format!("{step} at {unit}"), async || {
        let list = town
            .ask(unit, "worklist", &message(None, json!({})))
            .await
            .done();
        let items = list["items"].as_array()?.iter();
        items
            .filter(|item| item["dossier"] == code && item["step"] == step)
            .count()
            .eq(&1)
            .then_some(())
    })
    .await;
}

/// Waits until the home shows a national status.
pub async fn stands(town: &Town, home: &str, code: &str, status: u64) {
    eventually(&format!("{code} to reach status {status}"), async || {
        let shown = town
            .ask(home, "show", &message(Some(code), json!({})))
            .await
            .done();
        (shown["status"] == status).then_some(())
    })
    .await;
}

pub async fn accept(town: &Town, unit: &str, code: &str, step: &str, moment: &str) {
    given(town, unit, code, step).await;
    town.ask(
        unit,
        "accept",
        &message_at(moment, Some(code), json!({ "step": step })),
    )
    .await
    .done();
}

/// Completes a step; the tax office says first what is owed.
pub async fn complete(town: &Town, unit: &str, code: &str, step: &str, moment: &str) {
    if step == "tax" {
        let owed = json!({ "step": step, "amount_vnd": 2_500_000, "notice": "TB-17" });
        town.ask(
            unit,
            "assess_obligation",
            &message_at(moment, Some(code), owed),
        )
        .await
        .done();
        stands(town, COMMUNE, code, 6).await;
    }
    let done = json!({ "step": step, "outcome": "approved" });
    town.ask(unit, "complete", &message_at(moment, Some(code), done))
        .await
        .done();
}

/// The citizen pays what the tax office assessed.
pub async fn pay(town: &Town, code: &str, moment: &str) {
    // The home hears of the tax office's last word first, so that its journal has one order.
    eventually("the payment to be confirmed", async || {
        let paid = message_at(moment, Some(code), json!({ "voucher": "BL-9" }));
        town.ask(COMMUNE, "confirm_payment", &paid)
            .await
            .refused
            .is_none()
            .then_some(())
    })
    .await;
}

pub async fn returned(town: &Town, home: &str, code: &str, moment: &str) {
    stands(town, home, code, 9).await;
    let back = message_at(moment, Some(code), json!({ "channel": "counter" }));
    let answer = town.ask(home, "return_result", &back).await.done();
    assert_eq!(answer["status"], 10);
}

/// Waits until nothing of the land procedure is open at any performer.
pub async fn walk(town: &Town, code: &str) {
    for (day, (unit, step)) in (3..).zip(STEPS) {
        accept(town, unit, code, step, &format!("2018-01-{day:02}T08:00")).await;
        complete(town, unit, code, step, &format!("2018-01-{day:02}T15:00")).await;
        if step == "tax" {
            pay(town, code, &format!("2018-01-{day:02}T16:00")).await;
        }
    }
    returned(town, COMMUNE, code, "2018-01-08T08:00").await;
}

/// Ends everything in order and holds the journals against what had to happen, exactly once.
pub async fn ended_well(town: &mut Town, code: &str) {
    town.end_all().await;
    let mut history = town.history(COMMUNE, code);
    history.sort_unstable();
    let mut whole = WHOLE;
    whole.sort_unstable();
    assert_eq!(history, whole);
    let keys = town.path("keys.json");
    for unit in SERVICES.iter().flat_map(|(_, units)| *units) {
        let dir = town.unit_dir(unit);
        let checked = motcua(&[
            "journal",
            "check",
            dir.to_str().unwrap(),
            "--keys",
            keys.to_str().unwrap(),
        ]);
        let said = String::from_utf8_lossy(&checked.stdout).into_owned();
        assert!(
            checked.status.success() && said.contains("0 faults, signatures verified"),
            "{said}"
        );
        let kept = motcua(&["journal", "quarantine", dir.to_str().unwrap()]);
        let said = String::from_utf8_lossy(&kept.stdout).into_owned();
        assert!(said.contains("0 in quarantine"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_over_commune_land_office_and_tax_office_ends_at_the_counter() {
    let mut town = Town::simulated().await;
    let code = received(&town).await;
    walk(&town, &code).await;
    ended_well(&mut town, &code).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_real_time_a_route_over_district_and_tax_office_ends_at_the_counter() {
    let mut town = Town::real().await;
    // Paper of 2018, typed in today: the calendars that are published need not reach today.
    let answer = town
        .ask(
            DISTRICT,
            "receive",
            &from_paper(receive("2018-01-02T08:00", BUSINESS, 3)),
        )
        .await
        .done();
    assert_eq!(answer["due_at"], "2018-01-10T17:00:00+07:00");
    let code = answer["dossier"].as_str().unwrap().to_owned();
    accept(&town, DISTRICT, &code, "business", "2018-01-02T09:00").await;
    complete(&town, DISTRICT, &code, "business", "2018-01-03T08:00").await;
    accept(&town, TAX, &code, "tax_code", "2018-01-04T08:00").await;
    complete(&town, TAX, &code, "tax_code", "2018-01-05T08:00").await;
    stands(&town, DISTRICT, &code, 9).await;
    let back = message(Some(&code), json!({ "channel": "counter" }));
    assert_eq!(
        town.ask(DISTRICT, "return_result", &back).await.done()["status"],
        10
    );
    town.end_all().await;
    let options = journal::Options::new(DISTRICT, uuid::Uuid::nil());
    let journal =
        journal::Journal::open(&town.unit_dir(DISTRICT).join("journal"), options).unwrap();
    for entry in journal.scan(0) {
        let entry = entry.unwrap();
        assert!(
            !envelope::Event::read(&entry.signed.bytes)
                .unwrap()
                .simulated
        );
    }
}
