//! "Delivered" is said by the receiver's disk alone: a broker that is told so may forget the message,
//! and nothing of it is lost.

use std::collections::BTreeSet;

use async_nats::{Subscriber, jetstream};
use envelope::Event;
use futures::future::join_all;
use futures::{FutureExt, StreamExt};
use serde_json::Value;
use tests::land::{LAND_PROCEDURE, code_in, given, receive, sound};
use tests::town::{COMMUNE, LAND, Town};

use crate::agencies::links;

/// The message of the stream that an acknowledgement is about, out of
/// `$JS.ACK.<stream>.<consumer>.<deliveries>.<message>.…`
fn acknowledged(subject: &str) -> u64 {
    subject.split('.').nth(5).unwrap().parse().unwrap()
}

/// Has the land office killed as soon as it acknowledges something of what comes at once; gives the
/// dossiers, and all that it acknowledged.
async fn killed_at_work(town: &mut Town, acks: &mut Subscriber) -> (Vec<String>, BTreeSet<u64>) {
    let sent: Vec<Value> = (0..20)
        .map(|_| receive("2018-01-02T08:00", LAND_PROCEDURE, 4))
        .collect();
    let (subject, nowhere) = (
        format!("motcua.v1.cmd.{COMMUNE}.receive"),
        town.client.new_inbox(),
    );
    for one in &sent {
        let payload = one.to_string().into();
        let asked = town
            .client
            .publish_with_reply(subject.clone(), nowhere.clone(), payload);
        asked.await.unwrap();
    }
    let mut said = BTreeSet::from([acknowledged(&acks.next().await.unwrap().subject)]);
    town.kill("motcua-agency");
    // Repeated, each says which dossier it was.
    let codes = join_all(sent.iter().map(|one| town.ask(COMMUNE, "receive", one))).await;
    while let Some(Some(ack)) = acks.next().now_or_never() {
        said.insert(acknowledged(&ack.subject));
    }
    (
        codes
            .into_iter()
            .map(|said| code_in(&said.done()))
            .collect(),
        said,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_counts_as_delivered_that_is_not_in_the_receivers_journal() {
    let mut town = Town::simulated().await;
    let jetstream = jetstream::new(town.client.clone());
    let told = format!("$JS.ACK.MOTCUA_INBOX.inbox-{LAND}.>");
    let mut acks = town.client.subscribe(told).await.unwrap();
    let mut codes = Vec::new();
    let mut counted = 0;
    for _ in 0..5 {
        let (more, said) = killed_at_work(&mut town, &mut acks).await;
        codes.extend(more);
        counted += said.len();
        let stream = jetstream.get_stream("MOTCUA_INBOX").await.unwrap();
        let journal = town.journal(LAND);
        for number in said {
            let message = stream.get_raw_message(number).await.unwrap();
            let event = Event::read(&message.payload).unwrap();
            assert!(
                journal.contains(&event.id).unwrap(),
                "{number} was acknowledged and is not there"
            );
        }
        drop(journal);
        town.start("motcua-agency").await;
    }
    assert!(counted > 20, "{counted}");
    for code in &codes {
        given(&town, LAND, code, "conditions").await;
    }
    town.end_all().await;
    let heard = links(&town, LAND, COMMUNE);
    assert_eq!(
        heard,
        (1..=heard.len() as u64).collect::<Vec<_>>(),
        "each once and in order"
    );
    for code in &codes {
        assert_eq!(
            town.history(LAND, code),
            ["dossier.received", "step.dispatched"]
        );
    }
    sound(&town);
}
