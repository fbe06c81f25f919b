//! From journal to journal through a real broker: order, proof, gaps, answers.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::collections::BTreeMap;
use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::jetstream::message::PublishMessage;
use async_nats::service::NATS_SERVICE_ERROR_CODE;
use envelope::Signed;
use exchange::broker::Broker;
use exchange::feed::{Fed, Feed};
use exchange::inbox::Arrival;
use exchange::log::{self, LogError};
use exchange::outbox::Outbox;
use exchange::recall::{self, Recalled};
use exchange::service::{self, EndpointSpec, ServiceSpec};
use exchange::{Connection, Patience, StreamSettings, connect, headers, stream, subject};
use futures::{FutureExt, StreamExt};
use support::{
    Desk, KIND, PATIENCE, broker, broker_config, connection, event, id_of, key, register, timing,
    token, until,
};
use tempfile::TempDir;
use tokio::sync::{mpsc, watch};
use uuid::Uuid;

fn up_to(last: u64) -> Vec<u64> {
    (1..=last).collect()
}

async fn next<T>(received: &mut mpsc::Receiver<T>) -> T {
    tokio::time::timeout(PATIENCE, received.recv())
        .await
        .expect("in time")
        .expect("not ended")
}

/// Publishes a delivery as anybody could, with the headers as given.
async fn deliver(link: &Connection, subject: &str, signed: &Signed, number: Option<u64>) {
    let mut map = HeaderMap::new();
    map.insert(headers::SIGNATURE, signed.signature_text());
    map.insert(headers::KEY, signed.key.as_str());
    if let Some(number) = number {
        map.insert(headers::LINK, number.to_string());
    }
    let message = PublishMessage::build()
        .payload(signed.bytes.clone())
        .headers(map);
    link.jetstream
        .send_publish(subject.to_owned(), message)
        .await
        .unwrap()
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_journal_holds_arrives_in_the_other_in_order_and_on_the_feed() {
    let dir = TempDir::new().unwrap();
    let broker = broker(dir.path()).await;
    let keys = register(&[("H33-12", 1), ("H33-12-04", 2)]);
    let (a, b) = (Desk::new("H33-12", 1), Desk::new("H33-12-04", 2));
    for _ in 0..100 {
        a.write(&["H33-12-04"]).await;
    }
    let link = connection(&broker.url(), "flow").await;
    a.run_all(&link, &keys);
    b.run_all(&link, &keys);
    for n in 0..200 {
        a.write(if n % 2 == 0 { &["H33-12-04"] } else { &[] }).await;
        b.write(&["H33-12"]).await;
    }

    until("both have everything", || {
        b.journal.received_position("H33-12") == 200
            && a.journal.received_position("H33-12-04") == 200
    })
    .await;
    assert_eq!(b.links_from("H33-12"), up_to(200));
    assert_eq!(a.links_from("H33-12-04"), up_to(200));

    let (stop, stopped) = watch::channel(false);
    let positions = BTreeMap::from([(("H33-12".to_owned(), a.journal.epoch()), 250)]);
    let settings = StreamSettings::default();
    let (feed, mut fed) = Feed::new(
        link.clone(),
        "projector",
        keys,
        settings,
        timing(),
        positions,
    );
    let running = tokio::spawn(feed.run(stopped));
    let mut seen: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    let mut contacts = BTreeMap::new();
    while seen.values().map(Vec::len).sum::<usize>() < 250 || contacts.len() < 2 {
        match next(&mut fed).await {
            Fed::Event(event) => {
                seen.entry(event.unit).or_default().push(event.sequence);
                event.done.recorded();
            }
            Fed::Contact { unit, checkpoint } => {
                contacts.insert(unit, checkpoint.sequence);
            }
            Fed::Unfit { reason, .. } => panic!("{reason}"),
        }
    }
    assert_eq!(seen["H33-12"], (251..=300).collect::<Vec<_>>());
    assert_eq!(seen["H33-12-04"], up_to(200));
    assert_eq!(contacts["H33-12"], 300);
    stop.send_replace(true);
    tokio::time::timeout(PATIENCE, running)
        .await
        .unwrap()
        .unwrap();

    let inboxes = link
        .jetstream
        .get_stream(stream::INBOX_STREAM)
        .await
        .unwrap();
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let info = inboxes.consumer_info("inbox-H33-12-04").await.unwrap();
        if info.num_ack_pending == 0 && info.num_pending == 0 {
            break;
        }
        assert!(
            tokio::time::Instant::now() < deadline,
            "recorded messages stay unacknowledged"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_believed_is_kept_with_its_reason_and_holds_up_nothing() {
    let dir = TempDir::new().unwrap();
    let broker = broker(dir.path()).await;
    let keys = register(&[("H33-12", 1), ("H33-12-04", 2), ("T01", 3)]);
    let (a, b) = (Desk::new("H33-12", 1), Desk::new("H33-12-04", 2));
    let link = connection(&broker.url(), "flow").await;
    stream::ensure(&link.jetstream, &StreamSettings::default())
        .await
        .unwrap();
    b.run_all(&link, &keys);

    let to = token("H33-12-04");
    let lane = subject::inbox(&to, &token("H33-12"), KIND).unwrap();
    let other = subject::inbox(&to, &token("H33-12"), "vn.motcua.step.accepted.v1").unwrap();
    let epoch = a.journal.epoch();
    let mut forged = event("H33-12", epoch, 1, &key(1));
    forged.signature[7] ^= 1;
    deliver(&link, &lane, &forged, Some(1)).await;
    let foreign_key = event("H33-12", epoch, 1, &key(3));
    deliver(&link, &lane, &foreign_key, Some(1)).await;
    let unknown_key = event("H99", epoch, 1, &key(9));
    deliver(&link, &lane, &unknown_key, Some(1)).await;
    let unnumbered = event("H33-12", epoch, 1, &key(1));
    deliver(&link, &lane, &unnumbered, None).await;
    deliver(&link, &other, &unnumbered, Some(1)).await;
    let no_event = Signed {
        bytes: "{\"specversion\":\"1.0\"}".into(),
        ..forged.clone()
    };
    deliver(&link, &lane, &no_event, Some(1)).await;
    let long = Signed {
        bytes: vec![b' '; 70_000].into(),
        ..forged.clone()
    };
    deliver(&link, &lane, &long, Some(1)).await;

    until("all seven are in quarantine", || {
        b.journal.quarantined().unwrap().len() == 7
    })
    .await;
    let kept = b.journal.quarantined().unwrap();
    let said = |text: &str| kept.iter().any(|one| one.reason.contains(text));
    for text in [
        "is not by key",
        "has no key",
        "Motcua-Link is missing",
        "its subject says",
        "lacks the attribute",
        "may have 65535 bytes",
    ] {
        assert!(said(text), "nothing was kept because it {text}: {kept:#?}");
    }
    assert!(kept.iter().all(|one| one.from == "H33-12"));
    assert!(b.links_from("H33-12").is_empty());

    a.run_all(&link, &keys);
    a.write(&["H33-12-04"]).await;
    a.write(&["H33-12-04"]).await;
    until("the true events have arrived", || {
        b.links_from("H33-12") == up_to(2)
    })
    .await;
    assert_eq!(b.journal.quarantined().unwrap().len(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unfit_event_in_the_origins_own_journal_uses_up_its_number() {
    let dir = TempDir::new().unwrap();
    let broker = broker(dir.path()).await;
    let keys = register(&[("H33-12", 1), ("H33-12-04", 2)]);
    let (a, b) = (Desk::new("H33-12", 1), Desk::new("H33-12-04", 2));
    let link = connection(&broker.url(), "flow").await;
    a.run_all(&link, &keys);
    b.run_all(&link, &keys);

    a.append(
        event("H33-12", a.journal.epoch(), 1, &key(7)),
        &["H33-12-04"],
    )
    .await;
    a.write(&["H33-12-04"]).await;

    until("the line goes on", || b.links_from("H33-12") == [2]).await;
    assert_eq!(b.journal.received_position("H33-12"), 2);
    assert!(
        b.journal.quarantined().unwrap()[0]
            .reason
            .contains("has no key")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_broker_lost_is_read_from_its_origin() {
    let dir = TempDir::new().unwrap();
    let broker = broker(dir.path()).await;
    let keys = register(&[("H33-12", 1), ("H33-12-04", 2)]);
    let (a, b) = (Desk::new("H33-12", 1), Desk::new("H33-12-04", 2));
    let link = connection(&broker.url(), "flow").await;
    stream::ensure(&link.jetstream, &StreamSettings::default())
        .await
        .unwrap();
    for _ in 0..40 {
        a.write(&["H33-12-04"]).await;
    }
    // No outbox runs: the broker has only three of forty.
    let lane = subject::inbox(&token("H33-12-04"), &token("H33-12"), KIND).unwrap();
    for number in [30, 2, 3] {
        let entry = a.journal.delivery("H33-12-04", number).unwrap().unwrap();
        deliver(&link, &lane, &entry.signed, Some(number)).await;
    }
    b.run_inbox(&link, &keys);
    a.run_log(&link);
    until("the gap is filled", || b.links_from("H33-12") == up_to(30)).await;

    // Nothing follows the last ten; only a checkpoint can tell that they exist.
    a.run_heads(&link);
    until("the lost tail is filled", || {
        b.links_from("H33-12") == up_to(40)
    })
    .await;

    let settings = StreamSettings::default();
    let (feed, mut fed) = Feed::new(
        link.clone(),
        "auditor",
        keys,
        settings,
        timing(),
        BTreeMap::new(),
    );
    tokio::spawn(feed.run(b.stop()));
    let mut sequences = Vec::new();
    while sequences.len() < 40 {
        if let Fed::Event(event) = next(&mut fed).await {
            sequences.push(event.sequence);
            event.done.recorded();
        }
    }
    assert_eq!(sequences, up_to(40));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_host_did_not_record_is_handed_over_again_in_order() {
    let dir = TempDir::new().unwrap();
    let broker = broker(dir.path()).await;
    let keys = register(&[("H33-12", 1), ("H33-12-04", 2)]);
    let (a, b) = (Desk::new("H33-12", 1), Desk::new("H33-12-04", 2));
    let link = connection(&broker.url(), "flow").await;
    a.run_all(&link, &keys);
    let mut arrivals = b.inbox(&link, &keys);
    let mut sent = Vec::new();
    for _ in 0..3 {
        sent.push(id_of(&a.write(&["H33-12-04"]).await));
    }

    let (mut recorded, mut dropped) = (Vec::new(), false);
    while recorded.len() < 3 {
        let event = match next(&mut arrivals).await {
            Arrival::Event(event) => event,
            // A word of the sender's about itself may come at any time.
            Arrival::Contact { .. } => continue,
            Arrival::Unfit { reason, .. } => panic!("{reason}"),
        };
        if event.link == 2 && !dropped {
            dropped = true;
            drop(event.done);
            // What was handed over behind it is of no use to a host that must keep the order.
            while let Ok(behind) = arrivals.try_recv() {
                drop(behind);
            }
        } else if recorded.len() as u64 + 1 == event.link {
            recorded.push(id_of(&event.signed));
            event.done.recorded();
        }
    }
    assert!(dropped);
    assert_eq!(recorded, sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_outbox_goes_on_where_it_was() {
    let dir = TempDir::new().unwrap();
    let broker = broker(dir.path()).await;
    let a = Desk::new("H33-12", 1);
    let link = connection(&broker.url(), "flow").await;
    // A plain subscriber also sees what the stream would drop as a duplicate.
    let mut seen = link.client.subscribe(subject::EVENTS).await.unwrap();
    let mut count = 0;
    for round in 1..=3 {
        let (stop, stopped) = watch::channel(false);
        let (journal, unit) = (a.journal.clone(), a.unit.clone());
        let settings = StreamSettings::default();
        let outbox = Outbox::new(link.clone(), journal, unit, settings, timing().checkpoint);
        let mut published = outbox.published();
        let running = tokio::spawn(outbox.run(stopped));
        for _ in 0..5 {
            a.write(&[]).await;
        }
        let done = published.wait_for(|published| *published == round * 5);
        tokio::time::timeout(PATIENCE, done).await.unwrap().unwrap();
        stop.send_replace(true);
        tokio::time::timeout(PATIENCE, running)
            .await
            .unwrap()
            .unwrap();
        while count < round * 5 {
            tokio::time::timeout(PATIENCE, seen.next())
                .await
                .unwrap()
                .unwrap();
            count += 1;
        }
    }
    // An answer on the same connection comes behind everything that was published before.
    stream::ensure(&link.jetstream, &StreamSettings::default())
        .await
        .unwrap();
    let more = seen.next().now_or_never();
    assert!(more.is_none(), "something was published twice: {more:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_starts_again_is_noticed() {
    let dir = TempDir::new().unwrap();
    let broker = broker(dir.path()).await;
    let keys = register(&[("H33-12", 1), ("H33-12-04", 2)]);
    let (a, b) = (Desk::new("H33-12", 1), Desk::new("H33-12-04", 2));
    let link = connection(&broker.url(), "flow").await;
    a.run_all(&link, &keys);
    b.run_all(&link, &keys);
    a.write(&["H33-12-04"]).await;
    until("the first has arrived", || b.links_from("H33-12") == [1]).await;

    let lane = subject::inbox(&token("H33-12-04"), &token("H33-12"), KIND).unwrap();
    let second_life = event("H33-12", Uuid::from_u128(0xbad), 1, &key(1));
    deliver(&link, &lane, &second_life, Some(1)).await;
    until("it is in quarantine", || {
        b.journal.quarantined().unwrap().len() == 1
    })
    .await;
    assert!(
        b.journal.quarantined().unwrap()[0]
            .reason
            .contains("was another event before")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_is_read_in_pages_and_bad_questions_are_refused() {
    let dir = TempDir::new().unwrap();
    let broker = broker(dir.path()).await;
    let a = Desk::new("H33-12", 1);
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(id_of(&a.write(&["T01"]).await));
    }
    let link = connection(&broker.url(), "flow").await;
    let (unit, reader) = (token("H33-12"), token("T01"));
    let away = log::read_sequences(&link.client, &unit, 1, 3)
        .await
        .unwrap_err();
    assert!(matches!(away, LogError::Away { .. }), "{away}");

    a.run_log(&link);
    let page = loop {
        match log::read_sequences(&link.client, &unit, 2, 3).await {
            Ok(page) => break page,
            Err(LogError::Away { .. }) => tokio::time::sleep(Duration::from_millis(20)).await,
            Err(error) => panic!("{error}"),
        }
    };
    let read: Vec<_> = page
        .events
        .iter()
        .map(|event| id_of(&event.signed))
        .collect();
    assert_eq!(read, ids[1..4]);
    assert!(page.more && page.epoch == a.journal.epoch() && page.unit == "H33-12");
    let page = log::read_links(&link.client, &unit, &reader, 4, 1_000)
        .await
        .unwrap();
    assert_eq!(
        page.events
            .iter()
            .map(|event| event.link)
            .collect::<Vec<_>>(),
        [Some(4), Some(5)]
    );
    assert!(!page.more);
    register(&[("H33-12", 1)])
        .verify(&page.events[0].signed)
        .unwrap();

    let info = link
        .client
        .request("$SRV.INFO.motcua-log", "".into())
        .await
        .unwrap();
    let info: serde_json::Value = serde_json::from_slice(&info.payload).unwrap();
    assert_eq!(
        info["endpoints"][0]["metadata"]["schema"],
        "urn:motcua:schema:log_read.v1"
    );

    for bad in ["", "{}", "{\"from_sequence\":0}", "{\"to\":\"T01\"}"] {
        let answer = link
            .client
            .request(subject::log_read(&unit), bad.into())
            .await
            .unwrap();
        let code = answer
            .headers
            .unwrap()
            .get(NATS_SERVICE_ERROR_CODE)
            .unwrap()
            .to_string();
        assert_eq!(code, "400", "{bad}");
    }
}

fn commune(backlog: usize) -> ServiceSpec {
    let unit = token("H33-12-04");
    ServiceSpec {
        name: "motcua-commune".to_owned(),
        version: "0.1.0".to_owned(),
        description: "A commune desk".to_owned(),
        group: unit.to_string(),
        endpoints: vec![
            EndpointSpec::command(&unit, "receive", "commands/commune/receive.v1").unwrap(),
            EndpointSpec::command(&unit, "return", "commands/commune/return.v1").unwrap(),
        ],
        backlog,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_are_answered_refused_and_listed() {
    let dir = TempDir::new().unwrap();
    let broker = broker(dir.path()).await;
    let link = connection(&broker.url(), "commune").await;
    let officer = connection(&broker.url(), "officer").await.client;
    let (stop, stopped) = watch::channel(false);
    let mut requests = service::start(&link, commune(2), stopped).await.unwrap();
    let subject = subject::command(&token("H33-12-04"), "receive").unwrap();

    let (answer, ()) = tokio::join!(
        officer.request(subject.clone(), "{\"a\":1}".into()),
        async {
            let request = next(&mut requests).await;
            assert_eq!(
                (request.name.as_str(), &request.payload[..]),
                ("receive", &b"{\"a\":1}"[..])
            );
            request.ok("{\"code\":\"H33\"}".into()).await;
        }
    );
    assert_eq!(answer.unwrap().payload, "{\"code\":\"H33\"}");

    let (answer, ()) = tokio::join!(officer.request(subject.clone(), "{}".into()), async {
        next(&mut requests)
            .await
            .error(409, "một\nlần", "{\"why\":1}".into())
            .await;
    });
    let answer = answer.unwrap();
    let code = |answer: &async_nats::Message| {
        answer
            .headers
            .as_ref()
            .unwrap()
            .get(NATS_SERVICE_ERROR_CODE)
            .unwrap()
            .to_string()
    };
    assert_eq!(
        (code(&answer).as_str(), &answer.payload[..]),
        ("409", &b"{\"why\":1}"[..])
    );

    let long = officer
        .request(subject.clone(), vec![b'x'; 70_000].into())
        .await
        .unwrap();
    assert_eq!(code(&long), "413");

    let inbox = officer.new_inbox();
    let mut answers = officer.subscribe(inbox.clone()).await.unwrap();
    for _ in 0..3 {
        officer
            .publish_with_reply(subject.clone(), inbox.clone(), "{}".into())
            .await
            .unwrap();
    }
    let busy = tokio::time::timeout(PATIENCE, answers.next())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(code(&busy), "503");
    let headers = busy.headers.as_ref().unwrap();
    assert_eq!(headers.get("Retry-After").unwrap().as_str(), "1");
    let said: serde_json::Value = serde_json::from_slice(&busy.payload).unwrap();
    assert_eq!(
        (&said["code"], &said["retry_after_ms"]),
        (&"unit.busy".into(), &1_000.into())
    );
    assert_eq!(link.busy(), 1);

    let info = officer
        .request("$SRV.INFO.motcua-commune", "".into())
        .await
        .unwrap();
    let info: serde_json::Value = serde_json::from_slice(&info.payload).unwrap();
    let mut listed: Vec<_> = info["endpoints"].as_array().unwrap().iter().collect();
    listed.sort_by_key(|endpoint| endpoint["name"].to_string());
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0]["subject"], "motcua.v1.cmd.H33-12-04.receive");
    assert_eq!(
        listed[0]["metadata"]["schema"],
        "commands/commune/receive.v1"
    );
    assert_eq!(listed[0]["queue_group"], "H33-12-04");

    stop.send_replace(true);
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let ping = || async_nats::Request::new().timeout(Some(Duration::from_millis(200)));
    while officer
        .send_request("$SRV.PING.motcua-commune", ping())
        .await
        .is_ok()
    {
        assert!(
            tokio::time::Instant::now() < deadline,
            "a stopped service still answers"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_subject_is_counted() {
    let dir = TempDir::new().unwrap();
    let mut config = broker_config(dir.path());
    config.extra = "authorization { users: [ { user: u, password: p, \
        permissions: { publish: { deny: [\"motcua.v1.checkpoint.>\"] } } } ] }"
        .to_owned();
    let broker = Broker::start(config).await.unwrap();
    let link = connection(&broker.url().replace("nats://", "nats://u:p@"), "flow").await;
    assert_eq!(link.violations(), 0);
    let a = Desk::new("H33-12", 1);
    a.run_heads(&link);
    until("the refusal is counted", || link.violations() > 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_without_a_broker_is_told_which_one_is_missing() {
    let patience = Patience::Within(Duration::from_millis(300));
    let error = connect("nats://127.0.0.1:1", "tool", patience)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("nats://127.0.0.1:1"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_unit_once_published_is_read_back_whole() {
    let dir = TempDir::new().unwrap();
    let broker = broker(dir.path()).await;
    let link = connection(&broker.url(), "flow").await;
    let (a, other) = (Desk::new("H33-12", 1), Desk::new("H33-13", 2));
    let none = recall::events(&link, &a.unit, |_| panic!("nothing was published")).await;
    assert_eq!(none.unwrap(), Recalled::NoStream);

    let mut written = Vec::new();
    for n in 0..600 {
        written.push(id_of(&a.write(&[["T01", "T02"][n % 2]]).await));
    }
    other.write(&["T01"]).await;
    for desk in [&a, &other] {
        desk.run_outbox(&link);
    }
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let (mut events, mut deliveries) = (Vec::new(), Vec::new());
    while events.len() < 600 || deliveries.len() < 600 {
        assert!(tokio::time::Instant::now() < deadline, "not all came back");
        events.clear();
        deliveries.clear();
        let shown = recall::events(&link, &a.unit, |signed| events.push(id_of(&signed))).await;
        // The outboxes make the streams a moment later.
        match shown.unwrap() {
            Recalled::Read(shown) => assert_eq!(shown, events.len() as u64),
            Recalled::NoStream => continue,
        }
        recall::deliveries(&link, &a.unit, |to, number, signed| {
            deliveries.push((to.to_string(), number, id_of(&signed)));
        })
        .await
        .unwrap();
    }
    assert_eq!(events, written);
    deliveries.sort();
    let line = |to: &str, which: usize| -> Vec<(String, u64, uuid::Uuid)> {
        let sent = written.iter().skip(which).step_by(2);
        let numbered = sent
            .zip(1..)
            .map(|(id, number)| (to.to_owned(), number, *id));
        numbered.collect()
    };
    assert_eq!(deliveries, [line("T01", 0), line("T02", 1)].concat());
}
