//! A dossier's way over several units, told to the real services.

use serde_json::json;
pub use tests::land::{
    LAND_PROCEDURE, STEPS, WHOLE, accept, complete, ended_well, from_paper, given, pay, person,
    receive, received, returned, sound, stands, walk,
};
use tests::town::{DISTRICT, TAX, Town, message};

/// Business register at the district, then a tax code.
const BUSINESS: &str = "DNG-288122_1";

#[tokio::test(flavor = "multi_thread")]
async fn a_route_over_commune_land_office_and_tax_office_ends_at_the_counter() {
    let mut town = Town::simulated().await;
    let code = received(&town).await;
    walk(&town, &code).await;
    ended_well(&mut town, &code).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_real_time_a_route_over_district_and_tax_office_ends_at_the_counter() {
    let mut town = Town::real().await;
    // Paper of 2018, typed in today: the calendars that are published need not reach today.
    let answer = town
        .ask(
            DISTRICT,
            "receive",
            &from_paper(receive("2018-01-02T08:00", BUSINESS, 3)),
        )
        .await
        .done();
    assert_eq!(answer["due_at"], "2018-01-10T17:00:00+07:00");
    let code = answer["dossier"].as_str().unwrap().to_owned();
    accept(&town, DISTRICT, &code, "business", "2018-01-02T09:00").await;
    complete(&town, DISTRICT, &code, "business", "2018-01-03T08:00").await;
    accept(&town, TAX, &code, "tax_code", "2018-01-04T08:00").await;
    complete(&town, TAX, &code, "tax_code", "2018-01-05T08:00").await;
    stands(&town, DISTRICT, &code, 9).await;
    let back = message(Some(&code), json!({ "channel": "counter" }));
    assert_eq!(
        town.ask(DISTRICT, "return_result", &back).await.done()["status"],
        10
    );
    town.end_all().await;
    let options = journal::Options::new(DISTRICT, uuid::Uuid::nil());
    let journal =
        journal::Journal::open(&town.unit_dir(DISTRICT).join("journal"), options).unwrap();
    for entry in journal.scan(0) {
        let entry = entry.unwrap();
        assert!(
            !envelope::Event::read(&entry.signed.bytes)
                .unwrap()
                .simulated
        );
    }
}
