//! Every service killed in the middle of the way, as often as there are steps.

use tests::town::{COMMUNE, Town};

use crate::route::{STEPS, accept, complete, ended_well, pay, received, returned};

#[tokio::test(flavor = "multi_thread")]
async fn a_route_survives_the_death_of_every_service_at_every_step() {
    let mut town = Town::simulated().await;
    let code = received(&town).await;
    // The home dies with its dispatch hardly on the disk.
    town.kill("motcua-commune");
    town.start("motcua-commune").await;
    for (day, (unit, step)) in (3..).zip(STEPS) {
        accept(&town, unit, &code, step, &format!("2018-01-{day:02}T08:00")).await;
        town.kill("motcua-agency");
        town.kill("motcua-district");
        town.start("motcua-agency").await;
        complete(&town, unit, &code, step, &format!("2018-01-{day:02}T15:00")).await;
        town.kill("motcua-commune");
        town.kill("motcua-agency");
        town.start("motcua-agency").await;
        town.start("motcua-commune").await;
        town.start("motcua-district").await;
        if step == "tax" {
            pay(&town, &code, &format!("2018-01-{day:02}T16:00")).await;
        }
    }
    returned(&town, COMMUNE, &code, "2018-01-08T08:00").await;
    ended_well(&mut town, &code).await;
}
