//! A disk that fills up: the service stops rather than promise what it cannot keep.

use exchange::broker::Leaf;
use serde_json::json;
use tests::process::Process;
use tests::town::{COMMUNE, Town, message};

use crate::route::LAND_PROCEDURE;

/// Room for the journal's first segments, and not for many more.
const ROOM_KIB: u64 = 12 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_the_service_stops_and_keeps_all_that_it_acknowledged() {
    let mut town = Town::prepared(Some("2018-01-02T08:00:00+07:00"), Leaf::Alone).await;
    let (config, log) = (
        town.config_of("motcua-commune"),
        town.log_of("motcua-commune"),
    );
    let mut service = Process::service_on_a_full_disk("motcua-commune", &config, &log, ROOM_KIB);
    town.ask(COMMUNE, "worklist", &message(None, json!({})))
        .await
        .done();

    let mut acknowledged = Vec::new();
    let subject = format!("motcua.v1.cmd.{COMMUNE}.decline");
    for _ in 0..2_000 {
        let data = json!({ "procedure": LAND_PROCEDURE, "channel": "direct", "reason": "r".repeat(60_000) });
        let sent = message(None, data).to_string();
        let Ok(answer) = town.client.request(subject.clone(), sent.into()).await else {
            break;
        };
        let body: serde_json::Value = serde_json::from_slice(&answer.payload).unwrap();
        acknowledged.push(body["dossier"].as_str().unwrap().to_owned());
    }
    assert!(!acknowledged.is_empty());
    assert!(!service.ended().await.success());
    let said = service.said();
    assert!(
        said.contains("journal") && said.contains("disk full"),
        "{said}"
    );

    town.start("motcua-commune").await;
    for code in &acknowledged {
        let shown = town
            .ask(COMMUNE, "show", &message(Some(code), json!({})))
            .await
            .done();
        assert_eq!(shown["status"], 3, "{code}");
    }
    town.end_all().await;
}
