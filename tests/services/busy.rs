//! More is asked at once than a unit can do: it says so at once, and whoever repeats is served.

use std::collections::BTreeMap;

use async_nats::HeaderMap;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use serde_json::{Value, json};
use tests::land::person;
use tests::town::{COMMUNE, Town, message_at};

const CERTIFIED_COPY: &str = "2.000815";

/// More than all queues of a unit hold together.
const AT_ONCE: usize = 6_000;

fn code(headers: Option<&HeaderMap>) -> Option<String> {
    Some(headers?.get("Nats-Service-Error-Code")?.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_answered_busy_at_once_and_whoever_repeats_is_served_once() {
    let mut town = Town::simulated().await;
    let subject = format!("motcua.v1.cmd.{COMMUNE}.receive");
    let copy = json!({
        "procedure": CERTIFIED_COPY, "channel": "direct", "at_once": true,
        "applicant": person("Trần Văn An"), "papers": [{ "paper": 1, "verdict": "original" }],
    });
    // From many officers: what is too much from one of them is refused for another reason.
    let mut waiting: Vec<Value> = (0..AT_ONCE)
        .map(|number| {
            let mut sent = message_at("2018-01-02T09:00", None, copy.clone());
            sent["officer"] = json!(format!("cb-{:03}", number % 100));
            sent
        })
        .collect();
    let mut served: BTreeMap<String, String> = BTreeMap::new();
    let mut busy = 0;
    while !waiting.is_empty() {
        let mut asking: FuturesUnordered<_> = waiting
            .drain(..)
            .map(|sent| {
                let asked = town
                    .client
                    .request(subject.clone(), sent.to_string().into());
                async move { (sent, asked.await) }
            })
            .collect();
        let mut again = Vec::new();
        while let Some((sent, answer)) = asking.next().await {
            // A caller whose patience was shorter than the queue asks again, like one who was told so.
            let Ok(answer) = answer else {
                again.push(sent);
                continue;
            };
            let body: Value = serde_json::from_slice(&answer.payload).unwrap();
            match code(answer.headers.as_ref()).as_deref() {
                None => {
                    let id = sent["id"].as_str().unwrap().to_owned();
                    let dossier = body["dossier"].as_str().unwrap().to_owned();
                    assert!(served.insert(id, dossier).is_none(), "{body}");
                }
                Some("503") => {
                    assert_eq!(body["code"], "unit.busy", "{body}");
                    assert!(body["retry_after_ms"].as_u64().unwrap() > 0, "{body}");
                    let headers = answer.headers.unwrap();
                    let seconds = headers.get("Retry-After").unwrap().to_string();
                    assert!(seconds.parse::<u64>().unwrap() > 0, "{seconds}");
                    busy += 1;
                    again.push(sent);
                }
                Some(other) => panic!("{other}: {body}"),
            }
        }
        waiting = again;
    }
    assert!(busy > 0, "nobody was told to come back");
    assert_eq!(served.len(), AT_ONCE);
    let mut codes: Vec<&String> = served.values().collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), AT_ONCE, "two callers were given one dossier");

    let health = town
        .ask(COMMUNE, "health", &tests::town::message(None, json!({})))
        .await
        .done();
    assert!(health["busy"].as_u64().unwrap() >= busy, "{health}");
    town.end_all().await;
}
