//! Where time is real, what is typed in late is refused, or stands in the paper register and is shown
//! to the head.

use serde_json::{Value, json};
use tests::town::{COMMUNE, Town, message};

use crate::route::{LAND_PROCEDURE, from_paper, receive};

async fn late_entries(town: &Town) -> Vec<Value> {
    let asked = message(None, json!({}));
    let late = town.ask(COMMUNE, "backdated", &asked).await.done();
    late["items"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_reception_is_refused_or_listed_for_the_head() {
    let mut town = Town::real().await;
    let sent = receive("2018-01-02T08:00", LAND_PROCEDURE, 4);
    let refused = town.ask(COMMUNE, "receive", &sent).await;
    assert_eq!(refused.refusal(), ("422", "time.too_long_ago"));
    assert!(late_entries(&town).await.is_empty());
    let answer = town.ask(COMMUNE, "receive", &from_paper(sent)).await.done();
    assert_eq!(answer["listed"], true);
    town.kill("motcua-commune");
    town.start("motcua-commune").await;
    let late = late_entries(&town).await;
    assert_eq!(late.len(), 1);
    assert_eq!(late[0]["dossier"], answer["dossier"]);
    assert_eq!(late[0]["happened_at"], "2018-01-02T08:00:00+07:00");
}
