//! A commune cut off for days: its desk goes on, and everybody else says that it is not heard instead of
//! taking its silence for idleness.

use serde_json::{Value, json};
use tests::land::{
    LAND_PROCEDURE, STEPS, accept, code_in, complete, given, pay, person, receive, received, sound,
    stands,
};
use tests::process::{eventually, motcua};
use tests::town::{COMMUNE, DISTRICT, LAND, Town, ask_at, connected, message, message_at};

use crate::agencies::links;
use crate::reading::caught_up;

const CERTIFIED_COPY: &str = "2.000815";

/// Who the projector has lost sight of.
async fn provisional(town: &Town) -> Vec<Value> {
    let said = town.query("summary", &json!({})).await;
    said["provisional"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commune_cut_off_for_days_serves_its_citizens_and_is_in_order_when_it_is_back() {
    let mut town = Town::with_a_site().await;
    let _projector = town.projector().await;
    let site = town.site.as_ref().unwrap().url();
    let _beside_the_desk = town.projector_at("site-projector", &site);
    let officer = connected(&site).await;
    let here = async |name: &str, moment: &str, code: Option<&str>, data: Value| {
        ask_at(&officer, COMMUNE, name, &message_at(moment, code, data))
            .await
            .done()
    };

    // One result lies at the desk before the line breaks.
    let waiting = received(&town).await;
    for (day, (unit, step)) in (3..).zip(STEPS) {
        accept(
            &town,
            unit,
            &waiting,
            step,
            &format!("2018-01-{day:02}T08:00"),
        )
        .await;
        complete(
            &town,
            unit,
            &waiting,
            step,
            &format!("2018-01-{day:02}T15:00"),
        )
        .await;
        if step == "tax" {
            pay(&town, &waiting, &format!("2018-01-{day:02}T16:00")).await;
        }
    }
    stands(&town, COMMUNE, &waiting, 9).await;
    eventually("everyone to be in contact", async || {
        provisional(&town)
            .await
            .iter()
            .all(|unit| unit != COMMUNE)
            .then_some(())
    })
    .await;
    town.line.as_ref().unwrap().down();

    let mut codes = Vec::new();
    for day in 8..=12 {
        for hour in 8..=10 {
            let sent = receive(&format!("2018-01-{day:02}T{hour:02}:00"), LAND_PROCEDURE, 4);
            let answer = ask_at(&officer, COMMUNE, "receive", &sent).await.done();
            codes.push(code_in(&answer));
        }
        let copy = json!({
            "procedure": CERTIFIED_COPY, "channel": "direct", "at_once": true,
            "applicant": person("Trần Văn An"), "papers": [{ "paper": 1, "verdict": "original" }],
        });
        let done = here("receive", &format!("2018-01-{day:02}T11:00"), None, copy).await;
        assert_eq!(done["status"], 10);
    }
    let back = here(
        "return_result",
        "2018-01-09T09:00",
        Some(&waiting),
        json!({ "channel": "counter" }),
    )
    .await;
    assert_eq!(back["status"], 10);
    let missing = json!({ "items": ["Bản vẽ"], "reason": "Thiếu bản vẽ" });
    let asked = here(
        "ask_supplement",
        "2018-01-10T15:00",
        Some(&codes[0]),
        missing,
    )
    .await;
    assert_eq!(asked["status"], 5);
    here(
        "give_supplement",
        "2018-01-12T15:00",
        Some(&codes[0]),
        json!({ "papers": [] }),
    )
    .await;

    // The desk's machine loses power, and nobody outside is needed to bring it back.
    town.kill("motcua-commune");
    town.start("motcua-commune").await;

    // What the citizen takes home is printed on the spot.
    for code in [&codes[0], &codes[14]] {
        let receipt = eventually(&format!("the receipt of {code}"), async || {
            let arguments = ["form", COMMUNE, code, "--form", "tt01/1", "--nats", &site];
            let printed = tokio::task::block_in_place(|| motcua(&arguments));
            printed
                .status
                .success()
                .then(|| String::from_utf8_lossy(&printed.stdout).into_owned())
        })
        .await;
        assert!(
            receipt.contains(code.as_str()) && receipt.contains("Trần Văn An"),
            "{receipt}"
        );
    }

    // Meanwhile, at the hub: not heard of, by name, and no figure pretends otherwise.
    eventually("the commune to be missed", async || {
        provisional(&town)
            .await
            .iter()
            .any(|unit| unit == COMMUNE)
            .then_some(())
    })
    .await;
    let health = town.query("health", &json!({})).await;
    let lost: Vec<&Value> = health["health"]["origins"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["lost"] == true)
        .collect();
    assert!(lost.iter().any(|one| one["unit"] == COMMUNE), "{health}");
    eventually("the district's service to miss the commune", async || {
        let health = town
            .ask(DISTRICT, "health", &message(None, json!({})))
            .await;
        let health = health.done();
        let senders = health["senders"].as_array().unwrap();
        senders
            .iter()
            .any(|one| one["unit"] == COMMUNE && one["out_of_contact"] == true)
            .then_some(())
    })
    .await;
    let known = town.query("summary", &json!({})).await;
    assert_eq!(known["summary"]["total"]["received"]["total"], 1, "{known}");

    town.line.as_ref().unwrap().up();
    for code in &codes {
        given(&town, LAND, code, "conditions").await;
    }
    caught_up(&town, 1 + 15 + 5).await;
    eventually("the commune to be in contact again", async || {
        provisional(&town)
            .await
            .iter()
            .all(|unit| unit != COMMUNE)
            .then_some(())
    })
    .await;
    for code in &codes {
        let shown = town.query("dossier", &json!({ "code": code })).await;
        let sequences: Vec<u64> = shown["dossier"]["timeline"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["sequence"].as_u64().unwrap())
            .collect();
        assert!(sequences.is_sorted(), "{sequences:?}");
    }
    town.end_all().await;
    for unit in [DISTRICT, LAND] {
        let heard = links(&town, unit, COMMUNE);
        assert!(heard.len() >= 30, "{unit}: {heard:?}");
        assert_eq!(
            heard,
            (1..=heard.len() as u64).collect::<Vec<_>>(),
            "{unit}"
        );
    }
    sound(&town);
}
