//! A unit loses its disk, is restored from a backup that knows nothing of the last days, and goes on
//! as if nothing had happened: what it had told others it takes back from them.

use std::fs;

use envelope::Event;
use serde_json::{Value, json};
use tests::process::{eventually, motcua};
use tests::town::{COMMUNE, DISTRICT, LAND, Town, message};

use crate::route::{
    LAND_PROCEDURE, STEPS, WHOLE, accept, complete, ended_well, pay, receive, received, returned,
};

async fn health(town: &Town, unit: &str) -> Value {
    town.ask(unit, "health", &message(None, json!({})))
        .await
        .done()
}

/// The running unit is backed up, and the file is carried to where its disk cannot take it along.
async fn backed_up(town: &Town, unit: &str) {
    let asked = message(None, json!({ "name": "hom-nay" }));
    let made = town.ask(unit, "back_up", &asked).await.done();
    let file = made["file"].as_str().unwrap();
    assert_eq!(fs::metadata(file).unwrap().len(), made["bytes"], "{made}");
    fs::copy(file, town.path("a.backup")).unwrap();
    // It stays, whoever asks for one of the same name.
    let same_name = message(None, json!({ "name": "hom-nay" }));
    let again = town.ask(unit, "back_up", &same_name).await;
    assert_eq!(again.refusal(), ("422", "backup.not_made"));
    let elsewhere = message(None, json!({ "name": "../hom-nay" }));
    let refused = town.ask(unit, "back_up", &elsewhere).await;
    assert_eq!(refused.refusal(), ("422", "backup.name"));
}

/// The service is killed when everything has left it, and the unit's journal is gone with its disk.
async fn loses_its_disk(town: &mut Town, service: &str, unit: &str) {
    eventually("everything to be published", async || {
        let waiting = health(town, unit).await["outbox"]["waiting"].clone();
        (waiting == 0).then_some(())
    })
    .await;
    town.kill(service);
    fs::remove_dir_all(town.unit_dir(unit).join("journal")).unwrap();
}

fn restore(town: &Town, unit: &str) {
    let (dir, file) = (town.unit_dir(unit), town.path("a.backup"));
    let (dir, file) = (dir.to_str().unwrap(), file.to_str().unwrap());
    let by = ["--officer", "qt-01", "--reason", "Hỏng đĩa máy chủ"];
    let restored = motcua(&[&["journal", "restore", file, dir][..], &by].concat());
    assert!(restored.status.success(), "{restored:?}");
}

async fn recovers(town: &Town, unit: &str) {
    eventually(&format!("{unit} to be recovered"), async || {
        let said = town.ask(unit, "worklist", &message(None, json!({}))).await;
        said.refused.is_none().then_some(())
    })
    .await;
}

async fn step(town: &Town, code: &str, number: usize) {
    let (unit, step) = STEPS[number];
    let day = number + 3;
    accept(town, unit, code, step, &format!("2018-01-{day:02}T08:00")).await;
    complete(town, unit, code, step, &format!("2018-01-{day:02}T15:00")).await;
    if step == "tax" {
        pay(town, code, &format!("2018-01-{day:02}T16:00")).await;
    }
}

/// What the unit says about its restored journal. Its service must have ended.
fn told(town: &Town, unit: &str) -> Vec<Value> {
    let entries = town.journal(unit).of_subject(unit).unwrap();
    let events = entries.iter().map(|entry| {
        let event = Event::read(&entry.signed.bytes).unwrap();
        assert_eq!(event.kind, "vn.motcua.journal.restored.v1");
        serde_json::from_str(event.data.get()).unwrap()
    });
    events.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_restored_in_the_middle_of_a_route_repeats_what_it_said_and_goes_on() {
    let mut town = Town::simulated().await;
    let projector = town.projector().await;
    let code = received(&town).await;
    step(&town, &code, 0).await;
    backed_up(&town, COMMUNE).await;
    step(&town, &code, 1).await;
    step(&town, &code, 2).await;
    let another = receive("2018-01-05T17:00", LAND_PROCEDURE, 4);
    let first = town.ask(COMMUNE, "receive", &another).await.done();

    loses_its_disk(&mut town, "motcua-commune", COMMUNE).await;
    restore(&town, COMMUNE);
    town.start("motcua-commune").await;
    recovers(&town, COMMUNE).await;
    let repeated = town.ask(COMMUNE, "receive", &another).await.done();
    assert_eq!(repeated, first);
    let third = receive("2018-01-05T17:00", LAND_PROCEDURE, 4);
    let third = town.ask(COMMUNE, "receive", &third).await.done();
    assert_ne!(third["dossier"], first["dossier"]);
    assert_ne!(third["epoch"], first["epoch"]);

    step(&town, &code, 3).await;
    returned(&town, COMMUNE, &code, "2018-01-08T08:00").await;
    projector.end().await;
    ended_well(&mut town, &code).await;
    let told = told(&town, COMMUNE);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["officer"], "qt-01");
    assert_eq!(told[0]["reason"], "Hỏng đĩa máy chủ");
    assert_eq!(told[0]["held"], told[0]["known"]);
    assert_eq!(told[0]["from_epoch"], first["epoch"]);
    assert!(told[0]["taken_back"].as_u64().unwrap() >= 4, "{}", told[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_performer_restored_in_the_middle_of_its_step_does_not_say_it_twice() {
    let mut town = Town::simulated().await;
    let projector = town.projector().await;
    let code = received(&town).await;
    backed_up(&town, LAND).await;
    step(&town, &code, 0).await;
    step(&town, &code, 1).await;
    loses_its_disk(&mut town, "motcua-agency", LAND).await;
    restore(&town, LAND);
    // Some of those that it asks live in the same process.
    town.start("motcua-agency").await;
    recovers(&town, LAND).await;
    step(&town, &code, 2).await;
    step(&town, &code, 3).await;
    returned(&town, COMMUNE, &code, "2018-01-08T08:00").await;
    projector.end().await;
    ended_well(&mut town, &code).await;
    assert_eq!(told(&town, LAND).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_brokers_store_gone_too_the_other_units_know_enough() {
    let mut town = Town::simulated().await;
    let code = received(&town).await;
    backed_up(&town, COMMUNE).await;
    step(&town, &code, 0).await;
    step(&town, &code, 1).await;
    eventually("the district to have heard", async || {
        let shown = town
            .ask(DISTRICT, "show", &message(Some(&code), json!({})))
            .await;
        shown.refused.is_none().then_some(())
    })
    .await;
    loses_its_disk(&mut town, "motcua-commune", COMMUNE).await;
    restore(&town, COMMUNE);
    town.broker.wipe().unwrap();
    town.broker.restart().await.unwrap();
    town.start("motcua-commune").await;
    // Here nobody holds everybody's events, and an officer knows it.
    eventually("only holders to be waited for", async || {
        let health = health(&town, COMMUNE).await;
        (health["restored"]["waits_for"] == json!(["holders"])).then_some(())
    })
    .await;
    let none = json!({ "names": ["holders"], "reason": "Chưa có máy chủ tổng hợp" });
    let none = message(None, none);
    let gone = town.ask(COMMUNE, "go_on_without", &none).await;
    assert_eq!(gone.done()["waits_for"], json!([]));
    recovers(&town, COMMUNE).await;
    step(&town, &code, 2).await;
    step(&town, &code, 3).await;
    returned(&town, COMMUNE, &code, "2018-01-08T08:00").await;
    ended_well(&mut town, &code).await;
    assert_eq!(town.history(COMMUNE, &code).len(), WHOLE.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn while_one_that_may_know_more_is_away_nothing_is_written_unless_an_officer_says_so() {
    let mut town = Town::simulated().await;
    let projector = town.projector().await;
    let code = received(&town).await;
    backed_up(&town, COMMUNE).await;
    step(&town, &code, 0).await;
    loses_its_disk(&mut town, "motcua-commune", COMMUNE).await;
    restore(&town, COMMUNE);
    town.end("motcua-district").await;
    town.start("motcua-commune").await;
    eventually("only the district to be waited for", async || {
        let health = health(&town, COMMUNE).await;
        (health["restored"]["waits_for"] == json!([DISTRICT])).then_some(())
    })
    .await;
    let refused = receive("2018-01-05T17:00", LAND_PROCEDURE, 4);
    let refused = town.ask(COMMUNE, "receive", &refused).await;
    assert_eq!(refused.refusal(), ("503", "unit.recovering"));
    let strange = json!({ "names": [LAND], "reason": "Đã giải thể" });
    let strange = town
        .ask(COMMUNE, "go_on_without", &message(None, strange))
        .await;
    assert_eq!(strange.refusal(), ("422", "recovery.not_waited_for"));
    let gone = json!({ "names": [DISTRICT], "reason": "Đã giải thể" });
    let gone = town
        .ask(COMMUNE, "go_on_without", &message(None, gone))
        .await;
    assert_eq!(gone.done()["waits_for"], json!([]));
    recovers(&town, COMMUNE).await;
    town.start("motcua-district").await;
    for number in 1..4 {
        step(&town, &code, number).await;
    }
    returned(&town, COMMUNE, &code, "2018-01-08T08:00").await;
    projector.end().await;
    ended_well(&mut town, &code).await;
    let told = told(&town, COMMUNE);
    assert_eq!(told[0]["unanswered"], json!([DISTRICT]));
    let reason = told[0]["reason"].as_str().unwrap();
    assert!(reason.contains("cb-01 quyết định không chờ"), "{reason}");
}
