//! An agency that brings its own software speaks by the published messages alone.

use tests::python::{TaxAgency, prepare, tax_agency};
use tests::town::{COMMUNE, TAX, Town};

use crate::route::{STEPS, accept, complete, ended_well, pay, received, returned, stands};

#[tokio::test(flavor = "multi_thread")]
async fn a_python_tax_office_plays_its_step_of_a_land_dossier() {
    tokio::task::spawn_blocking(prepare).await.unwrap().unwrap();
    let mut town = Town::simulated().await;
    let agency = TaxAgency {
        unit: TAX.to_owned(),
        url: town.broker.url(),
        count: 1,
    };
    let playing = tokio::task::spawn_blocking(move || tax_agency(&agency).output().unwrap());
    let code = received(&town).await;
    for (day, (unit, step)) in (3..).zip(STEPS) {
        if step == "tax" {
            stands(&town, COMMUNE, &code, 6).await;
            pay(&town, &code, &format!("2018-01-{day:02}T16:00")).await;
            continue;
        }
        accept(&town, unit, &code, step, &format!("2018-01-{day:02}T08:00")).await;
        complete(&town, unit, &code, step, &format!("2018-01-{day:02}T15:00")).await;
    }
    returned(&town, COMMUNE, &code, "2018-01-08T08:00").await;
    let played = playing.await.unwrap();
    let said = String::from_utf8_lossy(&played.stdout).into_owned();
    assert!(
        played.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&played.stderr)
    );
    let report: serde_json::Value = serde_json::from_str(said.trim()).unwrap();
    assert_eq!(report["dossiers"][0], code);
    ended_well(&mut town, &code).await;
}
