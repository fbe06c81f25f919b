//! Reading what was just written: an answer covers what it was asked to, or says that it does not;
//! and neither a rebuild nor a kill takes a dossier from a reader or tells anybody anything twice.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use async_nats::{Request, jetstream};
use futures::FutureExt;
use futures::future::join_all;
use projector::Query;
use serde_json::{Value, json};
use tests::land::{LAND_PROCEDURE, code_in, given, receive, received};
use tests::process::{PATIENCE, eventually};
use tests::town::{COMMUNE, LAND, SERVICES, Town};

/// Waits until the projector has everything that the units' journals hold, of which so many receptions,
/// and compares what it shows with what a rebuild from its events gives.
pub async fn caught_up(town: &Town, received: u64) {
    eventually("the projector to be level with every unit", async || {
        let summary = town.query("summary", &json!({})).await;
        for unit in SERVICES.iter().flat_map(|(_, units)| *units) {
            let known = summary["as_of"]
                .as_array()?
                .iter()
                .find(|one| one["unit"] == *unit);
            let next = known.map_or(1, |one| one["sequence"].as_u64().unwrap() + 1);
            let subject = format!("motcua.v1.log.{unit}.read");
            let asked = json!({ "from_sequence": next }).to_string();
            let page = town.client.request(subject, asked.into()).await.ok()?;
            let page: Value = serde_json::from_slice(&page.payload).ok()?;
            if !page["events"].as_array()?.is_empty() {
                return None;
            }
        }
        (summary["summary"]["total"]["received"]["total"] == received).then_some(())
    })
    .await;
    let compared = town.query("digest", &json!({})).await;
    assert_eq!(compared["digest"]["equal"], true, "{compared}");
    let known = compared["as_of"].as_array().unwrap().iter();
    let events: u64 = known.map(|one| one["sequence"].as_u64().unwrap()).sum();
    assert_eq!(
        compared["entries"], events,
        "each event of each unit once: {compared}"
    );
}

/// A dossier received, and the position that the answer names.
async fn received_at(town: &Town) -> (String, Value) {
    let answer = town
        .ask(
            COMMUNE,
            "receive",
            &receive("2018-01-02T08:00", LAND_PROCEDURE, 4),
        )
        .await
        .done();
    let position =
        json!({ "unit": answer["unit"], "epoch": answer["epoch"], "sequence": answer["sequence"] });
    (code_in(&answer), position)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_waits_for_the_write_that_it_names_or_says_that_it_is_stale() {
    let town = Town::simulated().await;
    let _projector = town.projector().await;
    for _ in 0..20 {
        let (code, position) = received_at(&town).await;
        let shown = town
            .query("dossier", &json!({ "code": code, "at_least": [position] }))
            .await;
        assert_eq!(shown["stale"], Value::Null, "{shown}");
        assert_eq!(shown["dossier"]["row"]["code"], code.as_str(), "{shown}");
    }
    let (_, mut position) = received_at(&town).await;
    position["sequence"] = json!(position["sequence"].as_u64().unwrap() + 1_000);
    // It waits as long as it is willing to, which is longer than most callers are.
    let patient = Request::new()
        .payload(json!({ "at_least": [position] }).to_string().into())
        .timeout(Some(PATIENCE));
    let shown = town
        .client
        .send_request("motcua.v1.query.summary", patient)
        .await
        .unwrap();
    let shown: Value = serde_json::from_slice(&shown.payload).unwrap();
    assert_eq!(shown["stale"], json!([position]), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_says_as_of_when() {
    let town = Town::simulated().await;
    let _projector = town.projector().await;
    let (code, position) = received_at(&town).await;
    town.query("units", &json!({ "at_least": [position] }))
        .await;
    for name in Query::NAMES {
        let question = match name {
            "dossier" | "events" | "why" | "slip" => json!({ "code": code }),
            "report" => json!({ "form": "ii06a", "from": "2018-01-01", "until": "2018-01-31" }),
            _ => json!({}),
        };
        let said = town.query(name, &question).await;
        let known = said["as_of"]
            .as_array()
            .unwrap_or_else(|| panic!("{name}: {said}"));
        let home = known.iter().find(|one| one["unit"] == COMMUNE).unwrap();
        assert_eq!(home["sequence"], position["sequence"], "{name}");
        for field in ["now", "entries", "simulated", "provisional"] {
            assert!(
                !said[field].is_null(),
                "{name} does not say {field}: {said}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_takes_no_dossier_from_a_reader_and_tells_nobody_anything_again() {
    let town = Town::simulated().await;
    let _projector = town.projector().await;
    let known = Mutex::new(BTreeSet::new());
    for _ in 0..30 {
        let code = received(&town).await;
        known.lock().unwrap().insert(code);
    }
    caught_up(&town, 30).await;

    let done = AtomicBool::new(false);
    let reads = async {
        let (mut reads, mut most) = (0_u64, 0);
        while !done.load(Ordering::Relaxed) {
            let codes = known.lock().unwrap().clone();
            for code in codes.iter().rev().take(5).chain(codes.iter().take(5)) {
                let shown = town.query("dossier", &json!({ "code": code })).await;
                assert_eq!(shown["dossier"]["row"]["code"], code.as_str(), "{shown}");
            }
            let summary = town.query("summary", &json!({})).await;
            let count = summary["summary"]["total"]["received"]["total"]
                .as_u64()
                .unwrap();
            assert!(count >= most && count >= 30, "{count} after {most}");
            most = count;
            reads += 1;
        }
        reads
    };
    let writes = async {
        for _ in 0..40 {
            let (code, position) = received_at(&town).await;
            town.query("units", &json!({ "at_least": [position] }))
                .await;
            known.lock().unwrap().insert(code);
        }
    };
    let rebuilds = async {
        for _ in 0..10 {
            let swapped = town.query("rebuild", &json!({})).await;
            assert_eq!(swapped["rebuild"]["equal"], true, "{swapped}");
        }
    };
    let ((), reads) = tokio::join!(
        async {
            tokio::join!(writes, rebuilds);
            done.store(true, Ordering::Relaxed);
        },
        reads
    );
    assert!(reads > 0);

    // With nobody writing, a rebuild is not to be heard anywhere.
    caught_up(&town, 70).await;
    let counts = async || {
        let jetstream = jetstream::new(town.client.clone());
        join_all(["MOTCUA_EVENT", "MOTCUA_INBOX"].map(|name| {
            let jetstream = jetstream.clone();
            async move {
                jetstream
                    .get_stream(name)
                    .await
                    .unwrap()
                    .cached_info()
                    .state
                    .last_sequence
            }
        }))
        .await
    };
    let before = counts().await;
    let mut said = Vec::new();
    for subject in [
        "motcua.v1.event.>",
        "motcua.v1.inbox.>",
        "motcua.v1.cmd.>",
        "motcua.v1.alert.>",
    ] {
        said.push(town.client.subscribe(subject).await.unwrap());
    }
    for _ in 0..3 {
        let swapped = town.query("rebuild", &json!({})).await;
        assert_eq!(swapped["rebuild"]["equal"], true, "{swapped}");
    }
    // An answer on the same connection comes behind everything that was published before it.
    assert_eq!(counts().await, before);
    for heard in &mut said {
        let heard = futures::StreamExt::next(heard).now_or_never();
        assert!(heard.is_none(), "a rebuild was heard: {heard:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_projector_killed_at_any_time_misses_and_counts_nothing_twice() {
    let town = Town::simulated().await;
    let mut projector = town.projector().await;
    let mut last = Value::Null;
    for round in 1..=5_u64 {
        let asked = (0..10).map(|_| received_at(&town));
        let kill = async {
            // Some of this round may be in its journal, some in its hands, some on the way.
            eventually("something of this round at the projector", async || {
                let summary = town.query("summary", &json!({})).await;
                let count = summary["summary"]["total"]["received"]["total"].as_u64()?;
                (count > (round - 1) * 10).then_some(())
            })
            .await;
            projector.kill();
        };
        let (mut positions, ()) = tokio::join!(join_all(asked), kill);
        positions.sort_by_key(|(_, position)| position["sequence"].as_u64());
        last = positions.pop().unwrap().1;
        projector = town.projector().await;
    }
    let covered = town.query("units", &json!({ "at_least": [last] })).await;
    assert_eq!(covered["stale"], Value::Null, "{covered}");
    caught_up(&town, 50).await;
    let (code, _) = received_at(&town).await;
    given(&town, LAND, &code, "conditions").await;
    caught_up(&town, 51).await;
}
