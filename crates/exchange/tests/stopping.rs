//! A service ends when it is told to, also while there is no broker that would take its last words.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use async_nats::Client;
use exchange::service::{self, EndpointSpec, ServiceSpec};
use exchange::subject;
use futures::FutureExt;
use support::{PATIENCE, broker, connection, token, until};
use tempfile::TempDir;
use tokio::sync::watch;

fn commune() -> ServiceSpec {
    let unit = token("H33-12-04");
    ServiceSpec {
        name: "motcua-commune".to_owned(),
        version: "0.1.0".to_owned(),
        description: "A commune desk".to_owned(),
        group: unit.to_string(),
        endpoints: vec![EndpointSpec::command(&unit, "receive", "receive.v1").unwrap()],
        backlog: 16,
    }
}

/// Says things that nobody takes until not one more finds room.
fn fill_what_waits_for_the_broker(client: &Client) {
    let say = || client.publish(subject::CLOCK, "{}".into());
    // Within the budget of its task the runtime would call the queue full before it is.
    while tokio::task::unconstrained(say()).now_or_never().is_some() {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_ends_while_the_broker_is_away_and_nothing_more_can_be_sent() {
    let dir = TempDir::new().unwrap();
    let mut broker = broker(dir.path()).await;
    let link = connection(&broker.url(), "commune").await;
    let (stop, stopped) = watch::channel(false);
    let mut requests = service::start(&link, commune(), stopped).await.unwrap();
    broker.kill();
    until("the loss is noticed", || !link.is_connected()).await;
    fill_what_waits_for_the_broker(&link.client);

    stop.send_replace(true);
    let ending = tokio::time::timeout(PATIENCE, requests.recv());
    assert!(ending.await.expect("it ends").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_finds_no_room_while_the_broker_is_away_holds_up_nobody() {
    let dir = TempDir::new().unwrap();
    let mut broker = broker(dir.path()).await;
    let link = connection(&broker.url(), "commune").await;
    let officer = connection(&broker.url(), "officer").await.client;
    let (_stop, stopped) = watch::channel(false);
    let mut requests = service::start(&link, commune(), stopped).await.unwrap();
    let command = subject::command(&token("H33-12-04"), "receive").unwrap();
    let inbox = officer.new_inbox();
    officer
        .publish_with_reply(command, inbox, "{}".into())
        .await
        .unwrap();
    let request = requests.recv().await.unwrap();
    broker.kill();
    until("the loss is noticed", || !link.is_connected()).await;
    fill_what_waits_for_the_broker(&link.client);

    let answering = tokio::time::timeout(PATIENCE, request.ok("{}".into()));
    answering.await.expect("it is given up");
}
