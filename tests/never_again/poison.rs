//! What nobody can use is set aside with its reason, as much of it as there may be, and what comes
//! behind it on the same line does not wait.

use async_nats::{HeaderMap, jetstream};
use serde_json::json;
use tests::land::{given, has_the_whole, received, walk};
use tests::process::{eventually, motcua};
use tests::town::{COMMUNE, LAND, Town};

use crate::reading::caught_up;

/// More than a receiver asks the broker for at once.
const TIMES: usize = 300;

#[tokio::test(flavor = "multi_thread")]
async fn poison_is_set_aside_and_stops_nothing_behind_it_on_the_same_line() {
    let mut town = Town::simulated().await;
    let _projector = town.projector().await;
    let code = received(&town).await;
    given(&town, LAND, &code, "conditions").await;

    // The land office has said nothing to the commune yet: all of these pretend to be its first word.
    let jetstream = jetstream::new(town.client.clone());
    for subject in [
        format!("motcua.v1.inbox.{COMMUNE}.{LAND}.step.accepted.v1"),
        format!("motcua.v1.event.{LAND}.step.accepted.v1"),
    ] {
        for time in 0..TIMES {
            let mut headers = HeaderMap::new();
            headers.insert("Motcua-Link", "1");
            let payload = match time % 3 {
                0 => "{".repeat(time),
                1 => json!({ "specversion": "1.0", "id": time, "sequence": "1" }).to_string(),
                _ => {
                    headers.insert("Motcua-Signature", "c2lnbmVk");
                    headers.insert("Motcua-Key", "0000000000000000");
                    "\u{0}".repeat(time)
                }
            };
            let sent = jetstream
                .publish_with_headers(subject.clone(), headers, payload.into())
                .await
                .unwrap();
            sent.await.unwrap();
        }
    }
    walk(&town, &code).await;
    caught_up(&town, 1).await;
    let set_aside = eventually("the projector to have set it aside", async || {
        let health = town.query("health", &json!({})).await;
        health["health"]["quarantined"]
            .as_u64()
            .filter(|count| *count > 0)
    })
    .await;
    town.end_all().await;
    has_the_whole(&town, &code);
    let dir = town.unit_dir(COMMUNE).display().to_string();
    let listed = motcua(&["journal", "quarantine", &dir]);
    let said = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(
        said.contains(&format!("{set_aside} in quarantine")),
        "{said}"
    );
    assert!(said.contains(LAND), "{said}");
}
