//! What is decided while the citizen waits.

use serde_json::json;
use tests::town::{COMMUNE, Town, message_at};

use crate::route::person;

#[tokio::test(flavor = "multi_thread")]
async fn a_certified_copy_is_received_and_returned_in_one_visit() {
    let mut town = Town::simulated().await;
    let data = json!({
        "procedure": "2.000815", "channel": "direct", "at_once": true,
        "applicant": person("Trần Văn An"), "papers": [{ "paper": 1, "verdict": "original" }],
    });
    let sent = message_at("2018-01-02T09:00", None, data);
    let answer = town.ask(COMMUNE, "receive", &sent).await.done();
    assert_eq!(answer["dossier"], "000.04.27.H33-180102-0001");
    assert_eq!(answer["status"], 10);
    assert_eq!(answer["due_at"], "2018-01-02T17:00:00+07:00");
    assert_eq!(
        town.ask(COMMUNE, "receive", &sent).await.done(),
        answer,
        "the same outcome when repeated"
    );
    town.end_all().await;
    let history = town.history(COMMUNE, "000.04.27.H33-180102-0001");
    assert_eq!(
        history,
        ["dossier.received", "result.readied", "result.returned"]
    );
}
