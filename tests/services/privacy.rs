//! A citizen's name: read by those who work on the dossier, and to be found in no file.

use exchange::broker::Leaf;
use serde_json::json;
use tests::search::Marks;
use tests::town::{COMMUNE, DISTRICT, LAND, POLICE, TAX, Town, message, message_at};

use crate::route::{LAND_PROCEDURE, accept, complete, given};

const NAME: &str = "Nguyễn Thị Zyxwv";
const NUMBER: &str = "079987654321";

#[tokio::test(flavor = "multi_thread")]
async fn personal_data_is_read_by_those_who_work_on_it_and_lies_nowhere_in_the_clear() {
    let mut town = Town::prepared(Some("2018-01-02T08:00:00+07:00"), Leaf::Alone).await;
    // Their logs are searched too, and they say everything that they can say.
    town.telling_everything = true;
    town.start_all().await;
    let papers: Vec<_> = (1..=4)
        .map(|n| json!({ "paper": n, "verdict": "original" }))
        .collect();
    let citizen = json!({ "name": NAME, "id_number": NUMBER });
    let data = json!({
        "procedure": LAND_PROCEDURE, "channel": "direct", "papers": papers, "applicant": citizen, "delegate": citizen,
    });
    let sent = message_at("2018-01-02T08:00", None, data);
    let answer = town.ask(COMMUNE, "receive", &sent).await.done();
    let code = answer["dossier"].as_str().unwrap().to_owned();
    let question = || message(Some(&code), json!({ "purpose": "resolution" }));

    let home = town.ask(COMMUNE, "applicant", &question()).await.done();
    assert_eq!(
        (
            home["applicant"]["name"].as_str(),
            home["delegate"]["id_number"].as_str()
        ),
        (Some(NAME), Some(NUMBER))
    );
    given(&town, LAND, &code, "conditions").await;
    let performer = town.ask(LAND, "applicant", &question()).await.done();
    assert_eq!(performer, home);
    // Again, from the performer's own vault, with the home away.
    town.end("motcua-commune").await;
    assert_eq!(town.ask(LAND, "applicant", &question()).await.done(), home);
    town.start("motcua-commune").await;

    // The district watches over the dossier and has no step in it; the others never heard of it.
    let watching = town.ask(DISTRICT, "applicant", &question()).await;
    assert_eq!(watching.refusal(), ("422", "personal_data.not_readable"));
    for stranger in [TAX, POLICE] {
        assert_eq!(
            town.ask(stranger, "applicant", &question()).await.refusal(),
            ("422", "dossier.unknown")
        );
    }
    accept(&town, LAND, &code, "conditions", "2018-01-03T08:00").await;
    complete(&town, LAND, &code, "conditions", "2018-01-03T09:00").await;
    // Refused commands carry names as well.
    let refused = json!({ "procedure": "9.999999", "channel": "direct", "applicant": citizen });
    assert!(
        town.ask(COMMUNE, "receive", &message(None, refused))
            .await
            .refused
            .is_some()
    );
    let garbled = json!({ "procedure": LAND_PROCEDURE, "applicant": citizen, "surprise": 1 });
    assert!(
        town.ask(COMMUNE, "receive", &message(None, garbled))
            .await
            .refused
            .is_some()
    );

    town.end_all().await;
    town.broker.kill();
    let mut marks = Marks::default();
    for mark in [NAME, "Zyxwv", NUMBER] {
        marks = marks.however_written(mark, mark.as_bytes());
    }
    marks.found_in(&town.path("")).nothing();
}
