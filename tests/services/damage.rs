//! What an operator may meet: damaged files, two of the same, a wrong address.

use std::fs;
use std::os::unix::fs::FileExt;

use exchange::broker::Leaf;
use serde_json::json;
use tests::process::{Process, motcua};
use tests::town::{COMMUNE, Town, message};

use crate::route::LAND_PROCEDURE;

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_journal_is_not_opened() {
    let mut town = Town::simulated().await;
    for _ in 0..8 {
        let declined = json!({ "procedure": LAND_PROCEDURE, "channel": "direct", "reason": "r".repeat(30_000) });
        town.ask(COMMUNE, "decline", &message(None, declined))
            .await
            .done();
    }
    town.end_all().await;
    let db = fs::File::options()
        .read(true)
        .write(true)
        .open(town.unit_dir(COMMUNE).join("journal/db"))
        .unwrap();
    let length = db.metadata().unwrap().len();
    // One wrong bit in every thousand bytes.
    for place in (0..length).step_by(1_000) {
        let mut byte = [0];
        db.read_exact_at(&mut byte, place).unwrap();
        db.write_all_at(&[byte[0] ^ 0x40], place).unwrap();
    }
    let (config, log) = (town.config_of("motcua-commune"), town.path("damaged.log"));
    let mut service = Process::service("motcua-commune", &config, &log);
    let status = service.ended().await;
    assert!(!status.success());
    let said = service.said();
    assert!(
        said.contains("starting unit H33-27-04") && said.contains("journal"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_on_the_same_journal_is_refused() {
    let mut town = Town::simulated().await;
    let (config, log) = (town.config_of("motcua-commune"), town.path("second.log"));
    let mut second = Process::service("motcua-commune", &config, &log);
    assert!(!second.ended().await.success());
    assert!(
        second.said().contains("is open in another process"),
        "{}",
        second.said()
    );
    // The first is not disturbed.
    town.ask(COMMUNE, "worklist", &message(None, json!({})))
        .await
        .done();
    town.end_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_broker_a_service_says_so_and_goes_on_trying() {
    let mut town = Town::prepared(None, Leaf::Alone).await;
    let nats = town.broker.url();
    town.broker.kill();
    let (config, log) = (
        town.config_of("motcua-commune"),
        town.log_of("motcua-commune"),
    );
    let service = Process::service("motcua-commune", &config, &log);
    service.says("no broker answers").await;
    let sent = motcua(&["send", "--nats", &nats, COMMUNE, "worklist", "{}"]);
    assert!(!sent.status.success());
    let said = String::from_utf8_lossy(&sent.stderr).into_owned();
    assert!(
        said.contains(&nats) && said.contains("start nats-server there"),
        "{said}"
    );
    // It can be ended while it waits.
    service.end().await;

    let service = Process::service("motcua-commune", &config, &log);
    town.broker.restart().await.unwrap();
    town.ask(COMMUNE, "worklist", &message(None, json!({})))
        .await
        .done();
    service.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_to_nobody_says_what_may_be_wrong() {
    let town = Town::prepared(None, Leaf::Alone).await;
    let sent = motcua(&[
        "send",
        "--nats",
        &town.broker.url(),
        COMMUNE,
        "worklist",
        "{}",
    ]);
    assert!(!sent.status.success());
    let said = String::from_utf8_lossy(&sent.stderr).into_owned();
    assert!(
        said.contains("nobody answers on motcua.v1.cmd.H33-27-04.worklist"),
        "{said}"
    );
}
