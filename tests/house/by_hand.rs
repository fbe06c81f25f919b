//! The schemas that are written by hand say what the code writes, and refuse what it refuses.

use std::collections::BTreeMap;
use std::path::Path;

use dossier::wire;
use envelope::{Checkpoint, Draft, Event, UnitKey, moment};
use exchange::broker::{Broker, BrokerConfig, build_dir_above, find_or_install};
use exchange::log::LogService;
use exchange::{Patience, UnitToken, connect, subject};
use journal::{Delivery, Group, Journal, NewEntry, Options, Origin};
use projector::clock::Clock;
use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;

use crate::{checker, samples};

#[test]
fn events_with_and_without_every_optional_attribute_follow_the_envelope() {
    let schema = checker::of("event.v1.json");
    for place in 0..wire::KINDS.len() {
        let event: Value = serde_json::from_slice(&samples::event(place).bytes).unwrap();
        checker::follows(&schema, &event, wire::KINDS[place]);
    }
    let at = moment::parse("2026-01-05T08:30:00+07:00").unwrap();
    let plain = Draft {
        id: Uuid::from_u128(1),
        unit: "H33",
        kind: "vn.motcua.thing.done.v12",
        subject: "x",
        time: at,
        recorded: at,
        epoch: Uuid::from_u128(2),
        sequence: u64::MAX,
        causation: None,
        parents: &[],
        schema: "s",
        simulated: false,
        traceparent: None,
        data: &to_raw_value(&Value::Null).unwrap(),
    };
    let plain: Value = serde_json::from_slice(&plain.write().unwrap()).unwrap();
    checker::follows(&schema, &plain, "the plainest event");
}

#[test]
fn what_the_envelope_refuses_is_refused_by_its_schema() {
    let schema = checker::of("event.v1.json");
    let good: Value = serde_json::from_slice(&samples::event(1).bytes).unwrap();
    let required = schema_required();
    let mut bad: Vec<(String, Value)> = Vec::new();
    for name in &required {
        let mut event = good.clone();
        event.as_object_mut().unwrap().remove(name);
        bad.push((format!("without {name}"), event));
    }
    for (name, value) in [
        ("specversion", json!("0.3")),
        ("id", json!("01621880-0000-7000-8000-00000000000C")),
        ("id", json!("0162188000007000800000000000000c")),
        ("source", json!("urn:other:unit:H33")),
        ("source", json!("urn:motcua:unit:H33.27")),
        ("type", json!("vn.motcua.dossier.received")),
        ("type", json!("vn.motcua.dossier.received.v0")),
        ("type", json!("vn.motcua.Dossier.received.v1")),
        ("subject", json!("")),
        ("subject", json!("a\nb")),
        ("time", json!("2018-03-12T08:30:00")),
        ("recordedtime", json!("12/03/2018")),
        ("sequence", json!(0)),
        ("sequence", json!("1")),
        ("epoch", json!("first")),
        ("causationid", json!("")),
        ("parents", json!("")),
        ("parents", json!("a b")),
        ("simulated", json!("yes")),
        ("traceparent", json!("")),
        ("datacontenttype", json!("text/xml")),
        ("dataschema", json!("")),
    ] {
        let mut event = good.clone();
        event[name] = value.clone();
        bad.push((format!("{name} = {value}"), event));
    }
    for (what, event) in bad {
        assert!(
            Event::read(event.to_string().as_bytes()).is_err(),
            "the code takes {what}"
        );
        assert!(!schema.is_valid(&event), "the schema takes {what}");
    }
}

fn schema_required() -> Vec<String> {
    let schema = crate::files::json("schemas/event.v1.json");
    serde_json::from_value(schema["required"].clone()).unwrap()
}

#[test]
fn checkpoints_follow_their_schema() {
    let checkpoint = Checkpoint {
        unit: "H33-27-04".into(),
        epoch: Uuid::from_u128(0xee),
        entries: 12,
        sequence: 9,
        root: [0xab; 32],
        links: BTreeMap::from([("H33-27".into(), 4)]),
        earlier: BTreeMap::from([(Uuid::from_u128(0xed), 7)]),
        at: moment::parse("2024-05-06T17:00:00+07:00").unwrap(),
        note: None,
    };
    let signed = checkpoint
        .sign(&UnitKey::from_seed(samples::SIGNING_SEED))
        .unwrap();
    let value = serde_json::from_slice(&signed.bytes).unwrap();
    checker::follows(&checker::of("checkpoint.v1.json"), &value, "a checkpoint");
}

#[test]
fn ticks_of_the_clock_are_taken_or_refused_as_their_schema_says() {
    let schema = checker::of("clock.v1.json");
    let clock = Clock::default();
    for (tick, good) in [
        (json!({ "now": "2018-03-12T08:30:00+07:00" }), true),
        (json!({ "now": "2018-03-12T08:30:00" }), false),
        (json!({}), false),
    ] {
        assert_eq!(clock.told(tick.to_string().as_bytes()), good, "{tick}");
        assert_eq!(schema.is_valid(&tick), good, "{tick}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_journal_is_read_as_the_schemas_of_its_log_say() {
    let home = UnitToken::parse("H33-27-04").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let build = build_dir_above(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let config = BrokerConfig::new(find_or_install(&build).unwrap(), dir.path().join("broker"));
    let broker = Broker::start(config).await.unwrap();
    let patience = Patience::Within(std::time::Duration::from_secs(20));
    let connection = connect(&broker.url(), "house", patience).await.unwrap();
    let epoch = Uuid::from_u128(0x0162_1880_0000_7000_8000_0000_0000_00ee);
    let options = Options::new(home.as_str(), epoch);
    let journal = Journal::open(&dir.path().join("journal"), options).unwrap();
    let id = Uuid::parse_str("01621880-0000-7000-8000-000000000101").unwrap();
    let deliveries = vec![Delivery {
        to: "H33-27-92".into(),
        link: 1,
        event: id,
    }];
    let entry = NewEntry {
        origin: Origin::Own,
        signed: samples::event(0),
        deliveries,
    };
    let group = Group {
        entries: vec![entry],
        ..Group::default()
    };
    journal.append(group).await.await.unwrap();
    let (stop, stopped) = watch::channel(false);
    let service = LogService::new(connection.clone(), journal, home.clone(), "0.1.0");
    let serving = tokio::spawn(service.run(stopped));

    let (asks, pages) = (
        checker::of("log_read.v1.json"),
        checker::of("answers/log_page.v1.json"),
    );
    let subject = subject::log_read(&home);
    for (ask, good) in [
        (json!({ "from_sequence": 1 }), true),
        (
            json!({ "to": "H33-27-92", "from_link": 1, "limit": 10 }),
            true,
        ),
        (json!({ "from_sequence": 2, "limit": 0 }), true),
        (json!({ "from_sequence": 1, "epoch": epoch }), true),
        (json!({ "origin": "H33-27-92", "from_link": 1 }), true),
        (json!({}), false),
        (json!({ "from_sequence": 0 }), false),
        (json!({ "from_link": 1 }), false),
        (
            json!({ "from_link": 1, "to": "H33-27-92", "origin": "H33-27-92" }),
            false,
        ),
        (
            json!({ "from_sequence": 1, "to": "H33-27-92", "from_link": 1 }),
            false,
        ),
    ] {
        assert_eq!(asks.is_valid(&ask), good, "{ask}");
        let answer = loop {
            // Until the service is known to the broker nobody answers.
            match connection
                .client
                .request(subject.clone(), ask.to_string().into())
                .await
            {
                Ok(answer) => break answer,
                Err(_) => tokio::task::yield_now().await,
            }
        };
        let refused = answer
            .headers
            .as_ref()
            .and_then(|h| h.get("Nats-Service-Error-Code"));
        assert_eq!(refused.is_none(), good, "{ask}: {refused:?}");
        if good {
            let page: Value = serde_json::from_slice(&answer.payload).unwrap();
            checker::follows(&pages, &page, &format!("the page for {ask}"));
        }
    }
    stop.send(true).unwrap();
    serving.await.unwrap();
}
