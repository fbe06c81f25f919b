//! Whatever happens to the broker, what a journal holds arrives: in order, and once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::fs;
use std::path::Path;
use std::time::Duration;

use exchange::broker::{Broker, Leaf};
use exchange::service::{self, EndpointSpec, ServiceSpec};
use exchange::stream::{EVENT_STREAM, INBOX_STREAM};
use serde_json::{Value, json};
use support::{Desk, PATIENCE, broker, broker_config, connection, register, token, until};
use tempfile::TempDir;

fn up_to(last: u64) -> Vec<u64> {
    (1..=last).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_broker_delays_and_loses_nothing() {
    let dir = TempDir::new().unwrap();
    let mut broker = broker(dir.path()).await;
    let keys = register(&[("H33-12", 1), ("H33-12-04", 2)]);
    let (a, b) = (Desk::new("H33-12", 1), Desk::new("H33-12-04", 2));
    let link = connection(&broker.url(), "faults").await;
    a.run_all(&link, &keys);
    b.run_all(&link, &keys);

    for n in 1..=150 {
        a.write(&["H33-12-04"]).await;
        b.write(&["H33-12"]).await;
        if n == 50 || n == 100 {
            broker.kill();
        }
        if n == 70 || n == 120 {
            broker.restart().await.unwrap();
        }
    }

    until("both have everything", || {
        b.journal.received_position("H33-12") == 150
            && a.journal.received_position("H33-12-04") == 150
    })
    .await;
    assert_eq!(b.links_from("H33-12"), up_to(150));
    assert_eq!(a.links_from("H33-12-04"), up_to(150));
    assert_eq!(b.journal.quarantined().unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_lost_its_store_is_filled_again_from_the_journals() {
    let dir = TempDir::new().unwrap();
    let mut broker = broker(dir.path()).await;
    let keys = register(&[("H33-12", 1), ("H33-12-04", 2)]);
    let (a, b) = (Desk::new("H33-12", 1), Desk::new("H33-12-04", 2));
    let link = connection(&broker.url(), "faults").await;
    a.run_all(&link, &keys);
    b.run_all(&link, &keys);

    for _ in 1..=60 {
        a.write(&["H33-12-04"]).await;
    }
    until("something has arrived", || {
        b.journal.received_position("H33-12") > 10
    })
    .await;
    broker.wipe().unwrap();
    for _ in 61..=120 {
        a.write(&["H33-12-04"]).await;
    }
    broker.restart().await.unwrap();
    for _ in 121..=150 {
        a.write(&["H33-12-04"]).await;
    }

    until("everything has arrived", || {
        b.journal.received_position("H33-12") == 150
    })
    .await;
    assert_eq!(b.links_from("H33-12"), up_to(150));
    for name in [EVENT_STREAM, INBOX_STREAM] {
        let stream = link.jetstream.get_stream_no_info(name).await.unwrap();
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while stream
            .get_info()
            .await
            .map_or(0, |info| info.state.messages)
            < 150
        {
            assert!(
                tokio::time::Instant::now() < deadline,
                "{name} was not filled again"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_cut_off_from_the_hub_answers_its_officers_and_sends_later() {
    let (hub_dir, leaf_dir) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut config = broker_config(hub_dir.path());
    config.leaf = Leaf::Hub;
    let mut hub = Broker::start(config).await.unwrap();
    let mut config = broker_config(leaf_dir.path());
    config.leaf = Leaf::Of(hub.leaf_url().unwrap());
    config.jetstream = false;
    let leaf = Broker::start(config).await.unwrap();

    let keys = register(&[("H33-12", 1), ("H33-12-04", 2)]);
    let (commune, district) = (Desk::new("H33-12-04", 2), Desk::new("H33-12", 1));
    let at_site = connection(&leaf.url(), "site").await;
    let at_hub = connection(&hub.url(), "hub").await;
    commune.run_all(&at_site, &keys);
    district.run_all(&at_hub, &keys);
    commune.write(&["H33-12"]).await;
    until("the line works", || {
        district.journal.received_position("H33-12-04") == 1
    })
    .await;

    let unit = token("H33-12-04");
    let spec = ServiceSpec {
        name: "motcua-commune".to_owned(),
        version: "0.1.0".to_owned(),
        description: "A commune desk".to_owned(),
        group: unit.to_string(),
        endpoints: vec![EndpointSpec::command(&unit, "receive", "receive.v1").unwrap()],
        backlog: 16,
    };
    let mut requests = service::start(&at_site, spec, commune.stop())
        .await
        .unwrap();
    hub.kill();

    let officer = connection(&leaf.url(), "officer").await;
    let subject = exchange::subject::command(&unit, "receive").unwrap();
    for _ in 2..=6 {
        let asking = officer.client.request(subject.clone(), "{}".into());
        let answering = async {
            let request = requests.recv().await.unwrap();
            commune.write(&["H33-12"]).await;
            request.ok("received".into()).await;
        };
        let (answer, ()) = tokio::join!(asking, answering);
        assert_eq!(answer.unwrap().payload, "received");
    }
    assert_eq!(district.links_from("H33-12-04"), up_to(1));

    hub.restart().await.unwrap();
    until("the site's outbox has drained", || {
        district.journal.received_position("H33-12-04") == 6
    })
    .await;
    assert_eq!(district.links_from("H33-12-04"), up_to(6));
    district.write(&["H33-12-04"]).await;
    until("the site hears the district again", || {
        commune.journal.received_position("H33-12") == 1
    })
    .await;
}

/// What the broker says of a consumer of deliveries, or why it says nothing.
async fn info(link: &exchange::Connection, consumer: &str) -> Value {
    let subject = format!("$JS.API.CONSUMER.INFO.{INBOX_STREAM}.{consumer}");
    match link.client.request(subject, "".into()).await {
        Ok(answer) => serde_json::from_slice(&answer.payload).unwrap(),
        Err(error) => json!({ "error": error.to_string() }),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_stops_without_a_word_is_made_anew() {
    let dir = TempDir::new().unwrap();
    let broker = broker(dir.path()).await;
    let keys = register(&[("H33-12", 1), ("H33-12-04", 2)]);
    let (a, b) = (Desk::new("H33-12", 1), Desk::new("H33-12-04", 2));
    let link = connection(&broker.url(), "faults").await;
    a.run_all(&link, &keys);
    b.run_all(&link, &keys);
    a.write(&["H33-12-04"]).await;
    until("the line works", || b.links_from("H33-12") == up_to(1)).await;

    // Paused, it goes on answering heartbeats and delivers nothing.
    let forever = json!({ "pause_until": "2100-01-01T00:00:00Z" });
    let inbox = "inbox-H33-12-04";
    let subject = format!("CONSUMER.PAUSE.{INBOX_STREAM}.{inbox}");
    let paused: Value = link.jetstream.request(subject, &forever).await.unwrap();
    assert_eq!(paused["paused"], true, "{paused}");
    let mut written = 1;
    let deadline = tokio::time::Instant::now() + PATIENCE;
    assert_eq!(info(&link, inbox).await["paused"], true);
    while info(&link, inbox).await["paused"] == true {
        assert!(tokio::time::Instant::now() < deadline, "it stays silent");
        a.write(&["H33-12-04"]).await;
        written += 1;
        // Meanwhile everything comes from its origin.
        until("the next has arrived", || {
            b.links_from("H33-12") == up_to(written)
        })
        .await;
    }
    assert_eq!(b.journal.quarantined().unwrap(), []);
}

/// Makes what the broker keeps of `consumer` unreadable; gives how many files that were.
fn spoil(dir: &Path, consumer: &str) -> usize {
    let mut spoilt = 0;
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            spoilt += spoil(&path, consumer);
        } else if path.ends_with(Path::new(consumer).join("o.dat")) {
            // Its second byte says in which version it is written.
            let mut bytes = fs::read(&path).unwrap();
            bytes[1] = 0xee;
            fs::write(&path, bytes).unwrap();
            spoilt += 1;
        }
    }
    spoilt
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_the_broker_can_no_longer_read_is_replaced_under_another_name() {
    let dir = TempDir::new().unwrap();
    let mut broker = broker(dir.path()).await;
    let keys = register(&[("H33-12", 1), ("H33-12-04", 2)]);
    let (a, b) = (Desk::new("H33-12", 1), Desk::new("H33-12-04", 2));
    let link = connection(&broker.url(), "faults").await;
    a.run_all(&link, &keys);
    b.run_all(&link, &keys);
    for _ in 0..10 {
        a.write(&["H33-12-04"]).await;
    }
    until("ten are there", || b.links_from("H33-12") == up_to(10)).await;
    while info(&link, "inbox-H33-12-04").await["num_ack_pending"] != 0 {}
    broker.kill();
    assert_eq!(spoil(dir.path(), "inbox-H33-12-04"), 1);
    broker.restart().await.unwrap();

    a.write(&["H33-12-04"]).await;
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let state = info(&link, "inbox-H33-12-04_1").await;
        // Everything is given again, recognised and acknowledged.
        if state["ack_floor"]["stream_seq"] == 11 {
            break;
        }
        assert!(
            tokio::time::Instant::now() < deadline,
            "no consumer took over: {state}, {}",
            info(&link, "inbox-H33-12-04").await
        );
    }
    until("all are there", || b.links_from("H33-12") == up_to(11)).await;
    assert_eq!(b.journal.quarantined().unwrap(), []);
}
