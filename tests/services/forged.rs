//! A unit that says what is not its to say: genuine signature, wrong writer.

use async_nats::HeaderMap;
use dossier::fact::Fact;
use dossier::ids::StepKey;
use dossier::step::Accepted;
use envelope::Draft;
use tests::process::motcua;
use tests::town::{COMMUNE, POLICE, Town, at};
use unit::identity;
use uuid::Uuid;

use crate::route::received;

#[tokio::test(flavor = "multi_thread")]
async fn a_step_event_by_a_unit_that_does_not_hold_the_step_is_kept_aside() {
    let mut town = Town::simulated().await;
    let code = received(&town).await;
    let accepted = Accepted {
        step: StepKey::parse("conditions").unwrap(),
        turn: 1,
        due_at: None,
    };
    let fact = Fact::StepAccepted(accepted);
    let (kind, data) = (
        dossier::wire::kind(&fact),
        dossier::wire::write(&fact).unwrap(),
    );
    let bytes = Draft {
        id: Uuid::from_u128(77),
        unit: POLICE,
        kind,
        subject: &code,
        time: at("2018-01-02T09:00:00+07:00"),
        recorded: at("2018-01-02T09:00:00+07:00"),
        epoch: Uuid::from_u128(7),
        sequence: 1,
        causation: None,
        parents: &[],
        schema: "urn:motcua:schema:events:step.accepted.v1",
        simulated: true,
        traceparent: None,
        data: &data,
    }
    .write()
    .unwrap();
    let key = identity::load(&town.path("data"), POLICE)
        .unwrap()
        .signing
        .current();
    let signed = envelope::Signed {
        signature: key.sign_event(&bytes),
        key: key.id(),
        bytes: bytes.clone().into(),
    };
    let mut headers = HeaderMap::new();
    headers.insert("Motcua-Signature", signed.signature_text());
    headers.insert("Motcua-Key", key.id().as_str());
    headers.insert("Motcua-Link", "1");
    let subject = format!("motcua.v1.inbox.{COMMUNE}.{POLICE}.step.accepted.v1");
    town.client
        .publish_with_headers(subject, headers, bytes.into())
        .await
        .unwrap();
    town.process("motcua-commune")
        .says("put into quarantine")
        .await;
    town.end_all().await;

    let dir = town.unit_dir(COMMUNE);
    let listed = motcua(&["journal", "quarantine", dir.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(
        said.contains("H33-27-93 does not hold turn 1 of step conditions"),
        "{said}"
    );
    assert!(said.contains("1 in quarantine"), "{said}");
    assert_eq!(
        town.history(COMMUNE, &code),
        ["dossier.received", "step.dispatched"]
    );
}
