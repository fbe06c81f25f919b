//! A consumer that looks open and gives nothing, or is gone: what was meant for it arrives all the
//! same, and nobody has to restart anything.

use async_nats::jetstream;
use serde_json::json;
use tests::land::{given, has_the_whole, received, sound, walk};
use tests::process::eventually;
use tests::town::{LAND, Town};

use crate::reading::caught_up;

const CONSUMERS: [(&str, &str); 3] = [
    ("MOTCUA_INBOX", "inbox-H33-27-91"),
    ("MOTCUA_INBOX", "inbox-H33-27-04"),
    ("MOTCUA_EVENT", "motcua-projector"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_falls_silent_while_it_looks_open_keeps_nothing_back() {
    let mut town = Town::simulated().await;
    let _projector = town.projector().await;
    let mut codes = vec![received(&town).await];
    given(&town, LAND, &codes[0], "conditions").await;
    for (stream, consumer) in CONSUMERS {
        // The broker holds it back for a century, and goes on sending heartbeats meanwhile.
        let subject = format!("$JS.API.CONSUMER.PAUSE.{stream}.{consumer}");
        let asked = json!({ "pause_until": "2126-01-01T00:00:00Z" }).to_string();
        let said = town.client.request(subject, asked.into()).await.unwrap();
        let said: serde_json::Value = serde_json::from_slice(&said.payload).unwrap();
        assert_eq!(said["paused"], true, "{said}");
    }
    codes.push(received(&town).await);
    for code in &codes {
        walk(&town, code).await;
    }
    caught_up(&town, 2).await;
    town.end_all().await;
    for code in &codes {
        has_the_whole(&town, code);
    }
    sound(&town);
}

#[tokio::test(flavor = "multi_thread")]
async fn consumers_and_streams_deleted_at_the_broker_come_back_by_themselves() {
    let mut town = Town::simulated().await;
    let _projector = town.projector().await;
    let jetstream = jetstream::new(town.client.clone());
    let mut codes = vec![received(&town).await];
    given(&town, LAND, &codes[0], "conditions").await;
    for (stream, consumer) in CONSUMERS {
        let stream = jetstream.get_stream(stream).await.unwrap();
        stream.delete_consumer(consumer).await.unwrap();
    }
    codes.push(received(&town).await);
    given(&town, LAND, &codes[1], "conditions").await;
    for stream in ["MOTCUA_INBOX", "MOTCUA_EVENT"] {
        jetstream.delete_stream(stream).await.unwrap();
    }
    codes.push(received(&town).await);
    for code in &codes {
        walk(&town, code).await;
    }
    for (stream, consumer) in CONSUMERS {
        eventually(&format!("{consumer} to be there again"), async || {
            let stream = jetstream.get_stream(stream).await.ok()?;
            stream.consumer_info(consumer).await.ok()
        })
        .await;
    }
    caught_up(&town, 3).await;
    town.end_all().await;
    for code in &codes {
        has_the_whole(&town, code);
    }
    sound(&town);
}
