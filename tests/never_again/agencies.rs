//! Some are broken: the others hear and are heard as if nothing were wrong, and whoever was away
//! learns every step in its order when it is back.

use envelope::{Draft, Event};
use exchange::broker::Leaf;
use journal::Origin;
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use tests::land::{
    LAND_PROCEDURE, STEPS, WHOLE, accept, code_in, complete, given, has_the_whole, pay, receive,
    received, returned, sound,
};
use tests::process::{Process, eventually};
use tests::town::{COMMUNE, DISTRICT, INSURANCE, LAND, POLICE, TAX, Town, at, message};
use unit::identity;
use uuid::Uuid;

use crate::reading::caught_up;

const FROM: Option<&str> = Some("2018-01-02T08:00:00+07:00");

/// A town whose tax office is a program of its own, which is not started yet.
async fn with_a_tax_office_apart() -> Town {
    let mut town = Town::prepared(FROM, Leaf::Alone).await;
    let nats = town.broker.url();
    town.configure("motcua-agency", &[LAND, POLICE, INSURANCE], &nats, FROM);
    town.configure("motcua-tax", &[TAX], &nats, FROM);
    town.start("motcua-commune").await;
    town.start("motcua-district").await;
    town.launch("motcua-agency");
    town
}

fn tax_office(town: &Town) -> Process {
    Process::service(
        "motcua-agency",
        &town.config_of("motcua-tax"),
        &town.log_of("motcua-tax"),
    )
}

/// The land office does its first two steps, after which the tax office is waited for.
async fn up_to_the_tax(town: &Town, code: &str) {
    for (step, day) in [("conditions", "03"), ("transfer_slip", "04")] {
        accept(town, LAND, code, step, &format!("2018-01-{day}T08:00")).await;
        complete(town, LAND, code, step, &format!("2018-01-{day}T15:00")).await;
    }
}

async fn from_the_tax_on(town: &Town, code: &str) {
    for (unit, step, day) in [(TAX, "tax", "05"), (LAND, "registration", "06")] {
        accept(town, unit, code, step, &format!("2018-01-{day}T08:00")).await;
        complete(town, unit, code, step, &format!("2018-01-{day}T15:00")).await;
        if unit == TAX {
            pay(town, code, &format!("2018-01-{day}T16:00")).await;
        }
    }
    returned(town, COMMUNE, code, "2018-01-08T08:00").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agency_that_is_dead_or_hangs_delays_no_other() {
    let mut town = with_a_tax_office_apart().await;
    // Hanging is worse than dead: its connection stands, and nothing comes of it.
    let tax = tax_office(&town);
    tax.says("ready").await;
    tax.signal(Signal::SIGSTOP);
    let mut codes = Vec::new();
    for _ in 0..10 {
        let code = received(&town).await;
        up_to_the_tax(&town, &code).await;
        codes.push(code);
    }
    tax.kill();
    let code = received(&town).await;
    up_to_the_tax(&town, &code).await;
    codes.push(code);
    let tax = tax_office(&town);
    for code in &codes {
        from_the_tax_on(&town, code).await;
    }
    town.end_all().await;
    tax.end().await;
    for code in &codes {
        has_the_whole(&town, code);
    }
    sound(&town);
}

/// An event that the tax office may have written, further on its line to the commune than anything
/// that the commune has heard of it.
async fn ahead_of_its_line(town: &Town, code: &str) {
    let data =
        serde_json::value::RawValue::from_string(json!({ "step": "tax", "turn": 1 }).to_string())
            .unwrap();
    let bytes = Draft {
        id: Uuid::from_u128(9),
        unit: TAX,
        kind: "vn.motcua.step.accepted.v1",
        subject: code,
        time: at("2018-01-02T09:00:00+07:00"),
        recorded: at("2018-01-02T09:00:00+07:00"),
        epoch: Uuid::from_u128(7),
        sequence: 5,
        causation: None,
        parents: &[],
        schema: "urn:motcua:schema:events:step.accepted.v1",
        simulated: true,
        traceparent: None,
        data: &data,
    }
    .write()
    .unwrap();
    let key = identity::load(&town.path("data"), TAX)
        .unwrap()
        .signing
        .current();
    let signed = envelope::Signed {
        signature: key.sign_event(&bytes),
        key: key.id(),
        bytes: bytes.into(),
    };
    let mut headers = async_nats::HeaderMap::new();
    headers.insert("Motcua-Signature", signed.signature_text());
    headers.insert("Motcua-Key", key.id().as_str());
    headers.insert("Motcua-Link", "5");
    let subject = format!("motcua.v1.inbox.{COMMUNE}.{TAX}.step.accepted.v1");
    let jetstream = async_nats::jetstream::new(town.client.clone());
    let sent = jetstream
        .publish_with_headers(subject, headers, signed.bytes)
        .await
        .unwrap();
    sent.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_of_an_agency_that_is_away_holds_up_its_own_line_alone() {
    let mut town = with_a_tax_office_apart().await;
    let code = received(&town).await;
    ahead_of_its_line(&town, &code).await;
    up_to_the_tax(&town, &code).await;
    eventually("the commune to go on to the tax office", async || {
        let subject = format!("motcua.v1.log.{COMMUNE}.read");
        let asked = json!({ "to": TAX, "from_link": 1 }).to_string();
        let page = town.client.request(subject, asked.into()).await.ok()?;
        let page: Value = serde_json::from_slice(&page.payload).ok()?;
        (!page["events"].as_array()?.is_empty()).then_some(())
    })
    .await;
    town.end_all().await;
    let history = town.history(COMMUNE, &code);
    assert_eq!(
        history
            .iter()
            .filter(|kind| *kind == "step.completed")
            .count(),
        2
    );
    assert_eq!(history.last().unwrap(), "step.dispatched");
    let commune = town.journal(COMMUNE);
    assert_eq!(
        commune.received_position(TAX),
        0,
        "nothing is taken in before what it follows"
    );
    assert_eq!(commune.quarantined().unwrap(), []);
}

/// What a unit holds about a dossier that `writer` wrote: numbers and ids, in the order of its journal.
fn of(town: &Town, unit: &str, writer: &str, code: &str) -> Vec<(u64, Uuid)> {
    let entries = town.journal(unit).of_subject(code).unwrap();
    let read = entries
        .iter()
        .map(|entry| Event::read(&entry.signed.bytes).unwrap());
    read.filter(|event| event.unit == writer)
        .map(|event| (event.sequence, event.id))
        .collect()
}

/// The numbers of everything that a unit received from another, in the order of its journal.
pub fn links(town: &Town, unit: &str, from: &str) -> Vec<u64> {
    let journal = town.journal(unit);
    let entries = journal.scan(0).map(|entry| entry.unwrap().origin);
    entries
        .filter_map(|origin| match origin {
            Origin::Received { from: sender, link } if sender == from => Some(link),
            _ => None,
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_step_between_arrives_although_the_receiver_was_away_for_all_of_them() {
    let mut town = Town::simulated().await;
    let _projector = town.projector().await;
    // The district watches over the commune's dossiers, and sleeps from the first to the last.
    town.end("motcua-district").await;
    let mut codes = Vec::new();
    for _ in 0..3 {
        codes.push(code_in(
            &town
                .ask(
                    COMMUNE,
                    "receive",
                    &receive("2018-01-02T08:00", LAND_PROCEDURE, 4),
                )
                .await
                .done(),
        ));
    }
    for (day, (unit, step)) in (3..).zip(STEPS) {
        for code in &codes {
            given(&town, unit, code, step).await;
        }
        // Nor is the home there while a step is done: it hears of taking and completing at once.
        town.end("motcua-commune").await;
        for code in &codes {
            accept(&town, unit, code, step, &format!("2018-01-{day:02}T08:00")).await;
            if step != "tax" {
                complete(&town, unit, code, step, &format!("2018-01-{day:02}T15:00")).await;
            }
        }
        town.start("motcua-commune").await;
        for code in codes.iter().filter(|_| step == "tax") {
            complete(&town, unit, code, step, &format!("2018-01-{day:02}T15:00")).await;
            pay(&town, code, &format!("2018-01-{day:02}T16:00")).await;
        }
    }
    for code in &codes {
        returned(&town, COMMUNE, code, "2018-01-08T08:00").await;
    }
    town.start("motcua-district").await;
    for code in &codes {
        eventually("the district to have heard it all", async || {
            let shown = town
                .ask(DISTRICT, "show", &message(Some(code), json!({})))
                .await;
            (shown.body["status"] == 10).then_some(())
        })
        .await;
    }
    caught_up(&town, 3).await;
    for code in &codes {
        let shown = town.query("dossier", &json!({ "code": code })).await;
        let timeline: &Vec<Value> = shown["dossier"]["timeline"].as_array().unwrap();
        assert_eq!(timeline.len(), WHOLE.len(), "{timeline:#?}");
    }
    town.end_all().await;
    for code in &codes {
        has_the_whole(&town, code);
        // Everything of this dossier, in the order in which it was written, and nothing of another.
        assert_eq!(
            of(&town, DISTRICT, COMMUNE, code),
            of(&town, COMMUNE, COMMUNE, code)
        );
        for unit in [LAND, TAX] {
            assert_eq!(of(&town, COMMUNE, unit, code), of(&town, unit, unit, code));
        }
    }
    let heard = links(&town, DISTRICT, COMMUNE);
    assert_eq!(heard, (1..=heard.len() as u64).collect::<Vec<_>>());
    sound(&town);
}
