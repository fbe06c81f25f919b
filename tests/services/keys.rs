//! Units replace their signing keys while dossiers are on their way, and die at once after; a key that
//! was stolen is noticed, and refused by everybody once it is revoked.

use async_nats::HeaderMap;
use envelope::{Draft, Event, KeyId, KeyRegister, Signed, UnitKey};
use serde_json::{Value, json};
use std::fs;
use std::sync::Arc;
use tests::process::eventually;
use tests::town::{COMMUNE, DISTRICT, LAND, POLICE, SERVICES, TAX, Town, at, message};
use unit::identity;
use uuid::Uuid;

use crate::route::{STEPS, accept, complete, ended_well, pay, received, returned};

const DUE: &str = "Đến hạn thay khóa ký";

async fn rotates(town: &Town, unit: &str) {
    let sent = message(None, json!({ "reason": DUE }));
    town.ask(unit, "rotate_key", &sent).await.done();
}

fn key_of(town: &Town, unit: &str) -> Arc<UnitKey> {
    let identity = identity::load(&town.path("data"), unit).unwrap();
    identity.signing.current()
}

async fn quarantine(town: &Town, unit: &str) -> Vec<Value> {
    let listed = town
        .ask(unit, "quarantine", &message(None, json!({})))
        .await;
    listed.done()["items"].as_array().unwrap().clone()
}

/// The register as its file has it: a checker who was told of no new key.
fn register(town: &Town) -> KeyRegister {
    KeyRegister::read(&fs::read(town.path("keys.json")).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_unit_replaces_its_key_on_the_way_of_a_dossier_and_dies_at_once_after() {
    let mut town = Town::simulated().await;
    let first: Vec<(&str, KeyId)> = [COMMUNE, LAND, TAX]
        .map(|unit| (unit, key_of(&town, unit).id()))
        .into();
    let projector = town.projector().await;
    let code = received(&town).await;
    // Nobody at the agencies hears of it yet.
    town.kill("motcua-agency");
    rotates(&town, COMMUNE).await;
    town.kill("motcua-commune");
    town.start("motcua-commune").await;
    town.start("motcua-agency").await;
    projector.kill();
    for (day, (unit, step)) in (3..).zip(STEPS) {
        accept(&town, unit, &code, step, &format!("2018-01-{day:02}T08:00")).await;
        rotates(&town, unit).await;
        town.kill("motcua-agency");
        town.start("motcua-agency").await;
        complete(&town, unit, &code, step, &format!("2018-01-{day:02}T15:00")).await;
        if step == "tax" {
            town.kill("motcua-commune");
            town.start("motcua-commune").await;
            pay(&town, &code, &format!("2018-01-{day:02}T16:00")).await;
        }
    }
    returned(&town, COMMUNE, &code, "2018-01-08T08:00").await;
    // A projector that starts again believes what was signed with keys it learnt, and with later ones.
    let projector = town.projector().await;
    let about = json!({ "code": code });
    eventually("the projector to tell of the return", async || {
        let told = town.query("dossier", &about).await;
        told.to_string().contains("result.returned").then_some(())
    })
    .await;
    let aside = town.query("quarantine", &json!({})).await;
    assert_eq!(aside["quarantine"]["total"], 0, "{aside}");
    for unit in [COMMUNE, LAND, TAX, DISTRICT] {
        assert_eq!(quarantine(&town, unit).await, Vec::<Value>::new(), "{unit}");
    }
    projector.end().await;
    ended_well(&mut town, &code).await;

    for unit in SERVICES.iter().flat_map(|(_, units)| *units) {
        let journal = town.journal(unit);
        let report = journal.verify(Some(&register(&town)), &mut |_| {}).unwrap();
        assert_eq!(report.faults, [], "{unit}");
    }
    for (unit, old) in first {
        let journal = town.journal(unit);
        let own: Vec<KeyId> = journal
            .scan(0)
            .map(|entry| entry.unwrap().signed)
            .filter(|signed| Event::read(&signed.bytes).unwrap().unit == unit)
            .map(|signed| signed.key)
            .collect();
        assert!(
            own.first() == Some(&old) && own.last() != Some(&old),
            "{unit}: {own:?}"
        );
        let rotations = journal.about_keys(unit).unwrap().len();
        let mut keys = own.clone();
        keys.dedup();
        assert_eq!(keys.len(), rotations + 1, "{unit}: each key in its turn");
    }
}

/// Says something to the commune in the name of the police, over its line.
async fn says(town: &Town, key: &UnitKey, id: u128, (epoch, sequence): (Uuid, u64), link: u64) {
    let data = serde_json::value::to_raw_value(&json!({})).unwrap();
    let bytes = Draft {
        id: Uuid::from_u128(id),
        unit: POLICE,
        // Of a later version: the commune keeps it, and nothing moves.
        kind: "vn.motcua.step.accepted.v9",
        subject: "000.04.27.H33-180102-0777",
        time: at("2018-01-02T09:00:00+07:00"),
        recorded: at("2018-01-02T09:00:00+07:00"),
        epoch,
        sequence,
        causation: None,
        parents: &[],
        schema: "urn:motcua:schema:events:test",
        simulated: true,
        traceparent: None,
        data: &data,
    }
    .write()
    .unwrap();
    let signed = Signed {
        signature: key.sign_event(&bytes),
        key: key.id(),
        bytes: bytes.into(),
    };
    let mut headers = HeaderMap::new();
    headers.insert("Motcua-Signature", signed.signature_text());
    headers.insert("Motcua-Key", signed.key.as_str());
    headers.insert("Motcua-Link", link.to_string());
    let subject = format!("motcua.v1.inbox.{COMMUNE}.{POLICE}.step.accepted.v9");
    let sent = town
        .client
        .publish_with_headers(subject, headers, signed.bytes);
    sent.await.unwrap();
}

async fn lies_there(town: &Town, words: &[&str]) -> Value {
    eventually(&format!("something in quarantine: {words:?}"), async || {
        let items = quarantine(town, COMMUNE).await;
        let told = |item: &Value| {
            let reason = item["reason"].as_str().unwrap_or_default();
            words.iter().all(|word| reason.contains(word))
        };
        items.into_iter().find(|item| told(item))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thief_with_an_old_key_is_noticed_before_its_revocation_and_refused_by_name_after() {
    let mut town = Town::simulated().await;
    let stolen = key_of(&town, POLICE);
    // Before anybody knows: it takes the place of what the police says next, and that is seen.
    let health = |unit| {
        let (town, asked) = (&town, message(None, json!({})));
        async move { town.ask(unit, "health", &asked).await.done() }
    };
    let epoch: Uuid = {
        let about = health(POLICE).await;
        serde_json::from_value(about["epoch"].clone()).unwrap_or_else(|_| panic!("{about}"))
    };
    says(&town, &stolen, 71, (epoch, 1), 1).await;
    eventually(
        "the commune to take it for the word of the police",
        async || {
            let about = health(COMMUNE).await;
            (about["entries"] == 1).then_some(())
        },
    )
    .await;
    rotates(&town, POLICE).await;
    let words = ["number 1 of the line from H33-27-93 was another event before"];
    let item = lies_there(&town, &words).await;
    assert_eq!(item["event"]["kind"], "vn.motcua.key.rotated.v1", "{item}");
    // An officer lets the true word in.
    let retry = json!({ "number": item["number"], "reason": "Công an xác nhận đã thay khóa" });
    town.ask(COMMUNE, "retry_quarantined", &message(None, retry))
        .await
        .done();

    let revoked = json!({ "key": stolen.id(), "after": { "epoch": epoch, "sequence": 0 },
        "reason": "Khóa ký bị đánh cắp" });
    town.ask(POLICE, "revoke_key", &message(None, revoked))
        .await
        .done();
    eventually("the commune to hear of it", async || {
        let about = health(COMMUNE).await;
        (about["entries"] == 4).then_some(())
    })
    .await;
    town.kill("motcua-commune");
    town.start("motcua-commune").await;
    for (id, place) in [(72, (epoch, 1)), (73, (epoch, 9)), (74, (Uuid::nil(), 1))] {
        says(&town, &stolen, id, place, 3).await;
        let item = eventually("the thief's word to be kept aside", async || {
            let items = quarantine(&town, COMMUNE).await;
            let event = json!(Uuid::from_u128(id));
            items.into_iter().find(|item| item["event"]["id"] == event)
        })
        .await;
        let reason = item["reason"].as_str().unwrap();
        for word in [stolen.id().as_str(), POLICE, "was revoked after number 0"] {
            assert!(reason.contains(word), "{reason}");
        }
    }
    town.end_all().await;
    // The seed is nowhere in the unit's file any more once it has started again.
    town.start("motcua-agency").await;
    town.end_all().await;
    let file = fs::read_to_string(identity::secret_file(&town.path("data"), POLICE)).unwrap();
    let seed: String = stolen
        .seed()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert!(!file.contains(&seed));
}
