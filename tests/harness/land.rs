//! A land dossier's way over commune, land office and tax office, told to the real services.
#![allow(clippy::expect_used, clippy::panic)]

use serde_json::{Value, json};

use crate::process::{eventually, motcua};
use crate::town::{COMMUNE, LAND, SERVICES, TAX, Town, message, message_at};

/// Land registration, received at a commune: the land office, the tax office, the citizen's
/// payment, and the land office again.
pub const LAND_PROCEDURE: &str = "1.010754";
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

/// A citizen as the desk writes them down.
pub fn person(name: &str) -> Value {
    json!({ "name": name, "id_number": "091234567890", "address": "Mong Thọ", "phone": "0912345678" })
}

/// The command of a reception with its first papers in the original.
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

/// The code of the dossier that an answer is about.
///
/// # Panics
/// When it is about none.
pub fn code_in(answer: &Value) -> String {
    answer["dossier"].as_str().expect("a code").to_owned()
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
    code_in(&answer)
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

/// Takes a step as soon as the unit was given it.
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

/// Returns the result as soon as it lies at the desk.
pub async fn returned(town: &Town, home: &str, code: &str, moment: &str) {
    stands(town, home, code, 9).await;
    let back = message_at(moment, Some(code), json!({ "channel": "counter" }));
    let answer = town.ask(home, "return_result", &back).await.done();
    assert_eq!(answer["status"], 10);
}

/// Leads a land dossier from its first step to its return.
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
    has_the_whole(town, code);
    sound(town);
}

/// The home's journal holds the whole course of a dossier, everything once.
///
/// # Panics
/// When something is missing or there twice.
pub fn has_the_whole(town: &Town, code: &str) {
    let mut history = town.history(COMMUNE, code);
    history.sort_unstable();
    let mut whole = WHOLE;
    whole.sort_unstable();
    assert_eq!(history, whole, "{code}");
}

/// Every journal passes its check with signatures, and nothing lies in quarantine.
///
/// # Panics
/// With what the check said.
pub fn sound(town: &Town) {
    let keys = town.path("keys.json").display().to_string();
    for unit in SERVICES.iter().flat_map(|(_, units)| *units) {
        let dir = town.unit_dir(unit).display().to_string();
        let checked = motcua(&["journal", "check", &dir, "--keys", &keys]);
        let said = String::from_utf8_lossy(&checked.stdout).into_owned();
        assert!(
            checked.status.success() && said.contains("0 faults, signatures verified"),
            "{said}"
        );
        let kept = motcua(&["journal", "quarantine", &dir]);
        let said = String::from_utf8_lossy(&kept.stdout).into_owned();
        assert!(said.contains("0 in quarantine"), "{said}");
    }
}
