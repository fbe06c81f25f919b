//! Poison and strangers: each message that cannot be accepted ends where it should, with its reason;
//! what is behind it goes on; an officer deals with it, and that is on record.

use std::collections::BTreeSet;

use async_nats::HeaderMap;
use envelope::{Draft, Signed};
use exchange::broker::Leaf;
use futures::StreamExt;
use serde_json::{Value, json};
use tests::process::{eventually, motcua};
use tests::town::{COMMUNE, LAND, POLICE, SERVICES, Town, at, message};
use unit::identity;
use uuid::Uuid;

use crate::route::{STEPS, WHOLE, accept, complete, pay, received, returned, walk};

/// What somebody says to the commune.
struct Word<'a> {
    id: u128,
    unit: &'a str,
    link: u64,
    kind: &'a str,
    subject: &'a str,
    data: Value,
}

impl Word<'_> {
    /// As the unit itself signs it.
    fn signed(&self, town: &Town) -> Signed {
        let data = serde_json::value::to_raw_value(&self.data).unwrap();
        let bytes = Draft {
            id: Uuid::from_u128(self.id),
            unit: self.unit,
            kind: self.kind,
            subject: self.subject,
            time: at("2018-01-02T09:00:00+07:00"),
            recorded: at("2018-01-02T09:00:00+07:00"),
            epoch: Uuid::from_u128(7),
            sequence: self.link,
            causation: None,
            parents: &[],
            schema: "urn:motcua:schema:events:test",
            simulated: true,
            traceparent: None,
            data: &data,
        }
        .write()
        .unwrap();
        let key = identity::load(&town.path("data"), self.unit)
            .unwrap()
            .signing
            .current();
        Signed {
            signature: key.sign_event(&bytes),
            key: key.id(),
            bytes: bytes.into(),
        }
    }

    async fn says(&self, town: &Town, signed: Signed) {
        let mut headers = HeaderMap::new();
        headers.insert("Motcua-Signature", signed.signature_text());
        headers.insert("Motcua-Key", signed.key.as_str());
        headers.insert("Motcua-Link", self.link.to_string());
        let kind = self.kind.strip_prefix("vn.motcua.").unwrap();
        let subject = format!("motcua.v1.inbox.{COMMUNE}.{}.{kind}", self.unit);
        let sent = town
            .client
            .publish_with_headers(subject, headers, signed.bytes);
        sent.await.unwrap();
    }
}

async fn kept(town: &Town) -> Vec<Value> {
    let asked = message(None, json!({}));
    let listed = town.ask(COMMUNE, "quarantine", &asked).await.done();
    let mut items = listed["items"].as_array().unwrap().clone();
    items.reverse();
    items
}

/// Waits until so many events lie in quarantine, and gives all that lies there, oldest first. The
/// copy on the stream and the one that the origin gives may both lie there.
async fn kept_of(town: &Town, events: usize) -> Vec<Value> {
    eventually(&format!("{events} events in quarantine"), async || {
        let kept = kept(town).await;
        let distinct: BTreeSet<String> = kept
            .iter()
            .map(|item| item["event"]["id"].to_string())
            .collect();
        (distinct.len() == events).then_some(kept)
    })
    .await
}

async fn health(town: &Town) -> Value {
    let asked = message(None, json!({}));
    town.ask(COMMUNE, "health", &asked).await.done()
}

fn said(output: &std::process::Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!(
        "{}{}",
        String::from_utf8_lossy(out),
        String::from_utf8_lossy(err)
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn each_poison_lies_there_with_its_reason_and_the_route_ends_at_the_counter() {
    let mut town = Town::simulated().await;
    let code = received(&town).await;
    let mut alerts = town
        .client
        .subscribe(format!("motcua.v1.alert.{COMMUNE}"))
        .await
        .unwrap();
    let accepted = |id, unit, link| Word {
        id,
        unit,
        link,
        kind: "vn.motcua.step.accepted.v1",
        subject: &code,
        data: json!({ "step": "conditions", "turn": 1 }),
    };
    let wrong_writer = accepted(71, POLICE, 1);
    let wrong_schema = Word {
        data: json!({ "step": 4 }),
        ..accepted(72, POLICE, 2)
    };
    let unknown_dossier = Word {
        subject: "000.04.27.H33-180102-0777",
        ..accepted(73, POLICE, 3)
    };
    let unknown_version = Word {
        kind: "vn.motcua.step.accepted.v9",
        ..accepted(74, POLICE, 4)
    };
    // Out of order: what comes early waits for what is before it.
    for word in [
        &unknown_version,
        &unknown_dossier,
        &wrong_schema,
        &wrong_writer,
    ] {
        word.says(&town, word.signed(&town)).await;
    }
    let forged = accepted(75, LAND, 1);
    let signature = accepted(76, LAND, 1).signed(&town).signature;
    let bytes = forged.signed(&town);
    forged.says(&town, Signed { signature, ..bytes }).await;

    let items = kept_of(&town, 4).await;
    let reason_of = |id: u128| {
        let id = json!(Uuid::from_u128(id));
        let item = items.iter().find(|item| item["event"]["id"] == id).unwrap();
        item["reason"].as_str().unwrap().to_owned()
    };
    for (id, reason) in [
        (71, "H33-27-93 does not hold turn 1 of step conditions"),
        (72, "the data of vn.motcua.step.accepted.v1 is not readable"),
        (73, "000.04.27.H33-180102-0777"),
        (75, "signature"),
    ] {
        assert!(reason_of(id).contains(reason), "{}", reason_of(id));
    }
    let links: Vec<u64> = items
        .iter()
        .filter_map(|item| item["link"].as_u64())
        .collect();
    assert_eq!(links, [1, 2, 3], "in the order of their line");

    let mut texts = String::new();
    for wanted in ["put into quarantine: number", "that nobody has dealt with"] {
        while !texts.contains(wanted) {
            let alert = alerts.next().await.unwrap();
            let alert: Value = serde_json::from_slice(&alert.payload).unwrap();
            assert_eq!(
                (&alert["unit"], &alert["kind"]),
                (&json!(COMMUNE), &json!("quarantine"))
            );
            texts += alert["text"].as_str().unwrap();
        }
    }
    walk(&town, &code).await;

    let items = kept(&town).await;
    let told = health(&town).await;
    assert_eq!(told["quarantine"]["open"], json!(items.len()));
    let kinds: Vec<&Value> = told["troubles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| &t["kind"])
        .collect();
    assert!(kinds.contains(&&json!("quarantine")), "{kinds:?}");
    let reject = |number: &Value| json!({ "number": number, "reason": "Không phải do đơn vị gửi" });
    let mut unnamed = message(None, reject(&json!(0)));
    unnamed["officer"] = json!("");
    let refused = town.ask(COMMUNE, "reject_quarantined", &unnamed).await;
    assert_eq!(refused.refusal(), ("400", "message.malformed"));
    for item in &items {
        let sent = message(None, reject(&item["number"]));
        let first = town.ask(COMMUNE, "reject_quarantined", &sent).await.done();
        assert_eq!(
            town.ask(COMMUNE, "reject_quarantined", &sent).await.done(),
            first
        );
    }
    assert_eq!(health(&town).await["quarantine"]["open"], 0);
    town.end_all().await;
    let own = town.history(COMMUNE, COMMUNE);
    assert_eq!(own, vec!["quarantine.rejected"; items.len()]);
    let mut history = town.history(COMMUNE, &code);
    history.retain(|kind| kind != "step.accepted.v9");
    assert_eq!(
        history.len(),
        WHOLE.len(),
        "of an unknown version is kept, once"
    );
    history.sort_unstable();
    let mut whole = WHOLE;
    whole.sort_unstable();
    assert_eq!(history, whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_its_key_is_registered_what_a_unit_said_is_let_in_and_the_route_goes_on() {
    let mut town = Town::prepared(Some("2018-01-02T08:00:00+07:00"), Leaf::Alone).await;
    let config = town.config_of("motcua-commune");
    let whole = std::fs::read_to_string(&config).unwrap();
    let keys = std::fs::read_to_string(town.path("keys.json")).unwrap();
    let mut known: Value = serde_json::from_str(&keys).unwrap();
    forget(&mut known, LAND);
    std::fs::write(town.path("fewer.json"), known.to_string()).unwrap();
    std::fs::write(&config, whole.replace("keys.json", "fewer.json")).unwrap();
    town.start_all().await;
    let code = received(&town).await;
    accept(&town, LAND, &code, "conditions", "2018-01-03T08:00").await;
    complete(&town, LAND, &code, "conditions", "2018-01-03T15:00").await;
    kept_of(&town, 2).await;

    let url = town.broker.url();
    let deal = |numbers: &[String]| {
        let mut arguments = vec!["quarantine", "retry", "--nats", &url, "--unit", COMMUNE];
        arguments.extend(["--officer", "qt-01", "--reason", "Đã bổ sung khóa"]);
        arguments.extend(numbers.iter().map(String::as_str));
        motcua(&arguments)
    };
    let early = said(&deal(&["0".to_owned()]));
    assert!(early.contains("quarantine.still_unfit"), "{early}");
    let told = motcua(&["health", "--nats", &url, "--unit", COMMUNE]);
    assert!(!told.status.success(), "trouble ends with status 1");
    assert!(
        said(&told).contains("in quarantine that nobody has dealt with"),
        "{}",
        said(&told)
    );

    std::fs::write(&config, &whole).unwrap();
    town.end("motcua-commune").await;
    town.start("motcua-commune").await;
    let numbers: Vec<String> = kept(&town)
        .await
        .iter()
        .map(|item| item["number"].to_string())
        .collect();
    let dealt = deal(&numbers);
    assert!(dealt.status.success(), "{}", said(&dealt));
    let listed = motcua(&["quarantine", "list", "--nats", &url, "--unit", COMMUNE]);
    assert!(
        said(&listed).contains(" 0 of them not dealt with"),
        "{}",
        said(&listed)
    );

    for (day, (unit, step)) in (4..).zip(&STEPS[1..]) {
        accept(&town, unit, &code, step, &format!("2018-01-{day:02}T08:00")).await;
        complete(&town, unit, &code, step, &format!("2018-01-{day:02}T15:00")).await;
        if *step == "tax" {
            pay(&town, &code, &format!("2018-01-{day:02}T16:00")).await;
        }
    }
    returned(&town, COMMUNE, &code, "2018-01-08T08:00").await;

    let projector = town.projector().await;
    let told = said(&motcua(&["health", "--nats", &url]));
    for unit in SERVICES.iter().flat_map(|(_, units)| *units) {
        let line = told
            .lines()
            .find(|line| line.starts_with(&format!("{unit}  ")));
        assert!(
            line.is_some_and(|line| line.contains(" entries, own ")),
            "{told}"
        );
    }
    assert!(told.contains("\nH33-27-01  does not answer"), "{told}");
    assert!(told.contains("\nprojector  "), "{told}");
    projector.end().await;
    town.end_all().await;
    let (mut history, mut expected) = (town.history(COMMUNE, &code), WHOLE);
    history.sort_unstable();
    expected.sort_unstable();
    assert_eq!(history, expected);
    let dir = town.unit_dir(COMMUNE);
    let register = town.path("keys.json");
    let (dir, register) = (dir.to_str().unwrap(), register.to_str().unwrap());
    let checked = said(&motcua(&["journal", "check", dir, "--keys", register]));
    assert!(
        checked.contains("0 faults, signatures verified"),
        "{checked}"
    );
}

/// Takes every row about `unit` out of a register.
fn forget(register: &mut Value, unit: &str) {
    match register {
        Value::Array(rows) => rows.retain(|row| row["unit"] != unit),
        Value::Object(fields) => fields.values_mut().for_each(|field| forget(field, unit)),
        _ => {}
    }
}
