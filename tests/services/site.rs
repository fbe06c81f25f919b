//! A commune with a broker of its own site goes on receiving while its line is down.

use async_nats::jetstream;
use tests::process::eventually;
use tests::town::{COMMUNE, LAND, Town, ask_at, connected};

use crate::route::{LAND_PROCEDURE, given, receive};

#[tokio::test(flavor = "multi_thread")]
async fn a_commune_cut_off_receives_and_sends_when_the_line_is_back() {
    let mut town = Town::with_a_site().await;
    let officer = connected(&town.site.as_ref().unwrap().url()).await;
    town.broker.kill();
    let mut codes = Vec::new();
    for hour in 8..12 {
        let sent = receive(&format!("2018-01-02T{hour:02}:00"), LAND_PROCEDURE, 4);
        let answer = ask_at(&officer, COMMUNE, "receive", &sent).await.done();
        codes.push(answer["dossier"].as_str().unwrap().to_owned());
    }
    town.broker.restart().await.unwrap();
    for code in &codes {
        given(&town, LAND, code, "conditions").await;
    }
    // What a line loses is read from journals, so arriving does not show that anything is published:
    // the hub's stream has to have it.
    let jetstream = jetstream::new(town.client.clone());
    let said = format!("motcua.v1.event.{COMMUNE}.dossier.received");
    eventually("the commune's events in the hub's stream", async || {
        let stream = jetstream.get_stream("MOTCUA_EVENT").await.ok()?;
        stream
            .get_last_raw_message_by_subject(&format!("{said}.v1"))
            .await
            .ok()
    })
    .await;
    town.end_all().await;
}
