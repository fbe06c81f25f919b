//! A day declared a week ahead: every unit hears it, and every open dossier is counted anew, once,
//! although services are killed in the middle. The printed date stays what was promised.

use std::collections::BTreeSet;

use dossier::fact::Fact;
use dossier::wire;
use futures::future::join_all;
use serde_json::{Value, json};
use tests::process::{Process, eventually};
use tests::town::{COMMUNE, DISTRICT, SERVICES, Town, message, message_at};
use uuid::Uuid;

use crate::route::{LAND_PROCEDURE, receive};

/// More than one part of a recount takes.
const DOSSIERS: usize = 600;
const PRINTED: &str = "2018-01-16T17:00:00+07:00";
const RECOUNTED: &str = "2018-01-17T17:00:00+07:00";

/// Friday 5 January becomes a day off, worked on Saturday 3 February instead.
fn swap() -> Value {
    let data = json!({
        "days": [
            { "date": "2018-01-05", "kind": "swapped_off", "name": "Nghỉ hoán đổi", "pair": "2018-02-03" },
            { "date": "2018-02-03", "kind": "swapped_working", "name": "Làm bù", "pair": "2018-01-05" },
        ],
        "basis": "Văn bản 01/2018", "published_on": "2018-01-03",
    });
    message_at("2018-01-03T09:00", None, data)
}

/// Dossiers at the commune's desk, received side by side.
async fn open_dossiers(town: &Town) -> BTreeSet<String> {
    let ask = async || {
        let mut codes = Vec::new();
        for _ in 0..DOSSIERS / 12 {
            let sent = receive("2018-01-02T08:00", LAND_PROCEDURE, 4);
            let answer = town.ask(COMMUNE, "receive", &sent).await.done();
            assert_eq!(answer["due_at"], PRINTED);
            codes.push(answer["dossier"].as_str().unwrap().to_owned());
        }
        codes
    };
    let asked = join_all((0..12).map(|_| ask())).await;
    let codes: BTreeSet<String> = asked.into_iter().flatten().collect();
    assert_eq!(codes.len(), DOSSIERS);
    codes
}

async fn due_at(town: &Town, code: &str) -> String {
    let question = message(Some(code), json!({}));
    let shown = town.ask(COMMUNE, "show", &question).await.done();
    shown["due_at"].as_str().unwrap().to_owned()
}

/// What a unit's journal holds about recounted dates: codes, in its order.
fn recounted(town: &Town, unit: &str) -> Vec<String> {
    let options = journal::Options::new(unit, Uuid::nil());
    let journal = journal::Journal::open(&town.unit_dir(unit).join("journal"), options).unwrap();
    let mut codes = Vec::new();
    for entry in journal.scan(0) {
        let entry = entry.unwrap();
        let event = envelope::Event::read(&entry.signed.bytes).unwrap();
        if let Ok(Some(Fact::DueDateRecomputed(fact))) = wire::read(event.kind, event.data) {
            assert_eq!(fact.basis, "Văn bản 01/2018");
            assert_eq!(fact.old_due_at.to_rfc3339(), PRINTED);
            assert_eq!(fact.due_at.to_rfc3339(), RECOUNTED);
            codes.push(event.subject.to_string());
        }
    }
    codes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_declared_late_recounts_every_open_dossier_once_through_kills() {
    let mut town = Town::simulated().await;
    let projector = projector(&town).await;
    let codes = open_dossiers(&town).await;
    let (first, last) = (codes.first().unwrap(), codes.last().unwrap());

    let declared = swap();
    let answer = town.ask(DISTRICT, "declare_days", &declared).await.done();
    assert!(
        answer["calendar"].as_str().unwrap().ends_with("+1"),
        "{answer}"
    );
    town.kill("motcua-district");
    town.start("motcua-district").await;
    // The recount has begun, and the commune dies with it.
    eventually("the recount to begin", async || {
        (due_at(&town, first).await == RECOUNTED).then_some(())
    })
    .await;
    town.kill("motcua-commune");
    town.start("motcua-commune").await;
    eventually("the recount to end", async || {
        (due_at(&town, last).await == RECOUNTED).then_some(())
    })
    .await;
    let again = town.ask(DISTRICT, "declare_days", &declared).await.done();
    assert_eq!(again, answer, "the same outcome when repeated");

    eventually("the projector to show both dates", async || {
        let asked = json!({ "code": first }).to_string();
        let subject = "motcua.v1.query.dossier";
        let said = town.client.request(subject, asked.into()).await.ok()?;
        let said: Value = serde_json::from_slice(&said.payload).ok()?;
        let said = said.to_string();
        let both = said.contains("due_date.recomputed") && said.contains(PRINTED);
        (both && said.contains(RECOUNTED)).then_some(())
    })
    .await;
    projector.end().await;

    town.end_all().await;
    let found = recounted(&town, COMMUNE);
    assert_eq!(found.len(), DOSSIERS, "each once");
    assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), codes);
    for unit in SERVICES.iter().flat_map(|(_, units)| *units) {
        assert_eq!(
            town.history(unit, DISTRICT),
            ["calendar.declared"],
            "{unit}"
        );
    }
}

/// A projector beside the town's services.
async fn projector(town: &Town) -> Process {
    let units = town.config_of("motcua-district");
    let units: toml::Table = std::fs::read_to_string(units).unwrap().parse().unwrap();
    let mut config = toml::Table::new();
    for name in ["nats", "registers", "profile", "keys", "checkpoint_seconds"] {
        config.insert(name.to_owned(), units[name].clone());
    }
    config.insert("http".to_owned(), "127.0.0.1:0".into());
    let data = town.path("projector").display().to_string();
    config.insert("data".to_owned(), data.into());
    let path = town.path("motcua-projector.toml");
    std::fs::write(&path, config.to_string()).unwrap();
    let process = Process::service("motcua-projector", &path, &town.log_of("motcua-projector"));
    eventually("the projector to answer", async || {
        let asked = town.client.request("motcua.v1.query.health", "{}".into());
        asked.await.ok()
    })
    .await;
    process
}
