//! Any NATS tool can ask what a level may be told to do.

use serde_json::Value;
use tests::town::{COMMUNE, LAND, Town};

async fn endpoints(town: &Town, service: &str) -> Vec<String> {
    let answer = town
        .client
        .request(format!("$SRV.INFO.{service}"), "".into())
        .await
        .unwrap();
    let info: Value = serde_json::from_slice(&answer.payload).unwrap();
    let mut names = Vec::new();
    for endpoint in info["endpoints"].as_array().unwrap() {
        assert!(
            endpoint["metadata"]["schema"]
                .as_str()
                .unwrap()
                .starts_with("urn:motcua:schema:commands:")
        );
        names.push(endpoint["name"].as_str().unwrap().to_owned());
    }
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn each_level_lists_its_competence_and_answers_nothing_else() {
    let mut town = Town::simulated().await;
    let commune = endpoints(&town, "motcua-commune").await;
    let district = endpoints(&town, "motcua-district").await;
    let agency = endpoints(&town, "motcua-agency").await;
    for question in ["worklist", "show", "applicant", "key"] {
        for names in [&commune, &district, &agency] {
            assert!(
                names.iter().any(|name| name == question),
                "{question} in {names:?}"
            );
        }
    }
    let has = |names: &[String], name: &str| names.iter().any(|found| found == name);
    assert!(
        has(&commune, "receive") && !has(&commune, "allot") && !has(&commune, "assess_obligation")
    );
    assert!(has(&district, "receive") && has(&district, "allot"));
    assert!(
        has(&agency, "assess_obligation") && has(&agency, "send_back") && !has(&agency, "receive")
    );

    for (unit, command) in [
        (COMMUNE, "allot"),
        (LAND, "receive"),
        (LAND, "return_result"),
    ] {
        let subject = format!("motcua.v1.cmd.{unit}.{command}");
        let error = town.client.request(subject, "{}".into()).await.unwrap_err();
        assert_eq!(
            error.kind(),
            async_nats::RequestErrorKind::NoResponders,
            "{unit} {command}"
        );
    }
    town.end_all().await;
}
