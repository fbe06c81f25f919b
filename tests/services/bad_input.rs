//! Nonsense is answered, and nothing is written for it.

use serde_json::json;
use tests::town::{COMMUNE, DISTRICT, LAND, Said, Town, message, message_at};

use crate::route::{LAND_PROCEDURE, person, receive, received};

async fn raw(town: &Town, name: &str, payload: String) -> Said {
    let subject = format!("motcua.v1.cmd.{COMMUNE}.{name}");
    let answer = town.client.request(subject, payload.into()).await.unwrap();
    let refused = answer
        .headers
        .as_ref()
        .and_then(|headers| headers.get("Nats-Service-Error-Code"));
    let refused = refused.map(ToString::to_string);
    Said {
        refused,
        body: serde_json::from_slice(&answer.payload).unwrap_or_default(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_is_refused_with_its_reason_and_leaves_nothing() {
    let mut town = Town::simulated().await;
    for payload in ["{", "", "null", "[]", "\u{0}", r#"{"id":"7"}"#] {
        assert_eq!(
            raw(&town, "receive", payload.to_owned()).await.refusal(),
            ("400", "message.malformed"),
            "{payload}"
        );
    }
    let mut surplus = receive("2018-01-02T08:00", LAND_PROCEDURE, 4);
    surplus["surprise"] = 1.into();
    assert_eq!(
        town.ask(COMMUNE, "receive", &surplus).await.refusal(),
        ("400", "message.malformed")
    );
    let mut inner = receive("2018-01-02T08:00", LAND_PROCEDURE, 4);
    inner["data"]["applicant"]["nickname"] = "An".into();
    assert_eq!(
        town.ask(COMMUNE, "receive", &inner).await.refusal(),
        ("400", "message.malformed")
    );

    let unknown = receive("2018-01-02T08:00", "9.999999", 1);
    assert_eq!(
        town.ask(COMMUNE, "receive", &unknown).await.refusal(),
        ("422", "procedure.not_offered")
    );
    let missing = receive("2018-01-02T08:00", LAND_PROCEDURE, 2);
    assert_eq!(
        town.ask(COMMUNE, "receive", &missing).await.refusal(),
        ("422", "intake.papers_missing")
    );
    let beyond = receive("2016-01-04T08:00", LAND_PROCEDURE, 4);
    assert_eq!(
        town.ask(COMMUNE, "receive", &beyond).await.refusal(),
        ("422", "calendar.not_covered")
    );

    let long =
        json!({ "procedure": LAND_PROCEDURE, "channel": "direct", "reason": "r".repeat(70_000) });
    let answer = raw(&town, "decline", message(None, long).to_string()).await;
    assert_eq!(answer.refused.as_deref(), Some("413"));
    // Fits as a command, but not as an event with all that stands around it.
    let close =
        json!({ "procedure": LAND_PROCEDURE, "channel": "direct", "reason": "r".repeat(65_200) });
    let answer = town.ask(COMMUNE, "decline", &message(None, close)).await;
    assert_eq!(answer.refusal(), ("422", "event.not_writable"));

    let code = received(&town).await;
    assert_eq!(
        code, "000.04.27.H33-180102-0001",
        "nothing before it used up a number"
    );
    let elsewhere = message_at(
        "2018-01-03T08:00",
        Some(&code),
        json!({ "step": "conditions" }),
    );
    assert_eq!(
        town.ask(COMMUNE, "accept", &elsewhere).await.refusal(),
        ("422", "step.not_held")
    );
    let strange = message(Some("000.00.27.H33-180102-0777"), json!({ "reason": "vì" }));
    assert_eq!(
        town.ask(DISTRICT, "withdraw", &strange).await.refusal(),
        ("422", "dossier.unknown")
    );
    crate::route::given(&town, LAND, &code, "conditions").await;

    let empty = json!({ "procedure": LAND_PROCEDURE, "channel": "direct", "applicant": person(" "), "papers": [] });
    assert_eq!(
        town.ask(COMMUNE, "receive", &message(None, empty))
            .await
            .refusal(),
        ("400", "message.malformed")
    );
    town.end_all().await;
    assert_eq!(
        town.history(COMMUNE, &code),
        ["dossier.received", "step.dispatched"]
    );
}
