//! The broker is transport: what it forgets is said again.

use async_nats::jetstream;
use tests::process::eventually;
use tests::town::{COMMUNE, Town};

use crate::route::{STEPS, accept, complete, ended_well, pay, received, returned};

/// Waits until the broker holds so many deliveries, and then loses them all.
async fn forgets(town: &mut Town, deliveries: u64) {
    let jetstream = jetstream::new(town.client.clone());
    eventually("deliveries at the broker", async || {
        let stream = jetstream.get_stream("MOTCUA_INBOX").await.ok()?;
        (stream.cached_info().state.messages >= deliveries).then_some(())
    })
    .await;
    town.broker.wipe().unwrap();
    town.broker.restart().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_survives_the_loss_of_everything_that_the_broker_stored() {
    let mut town = Town::simulated().await;
    // What was sent to units that are away is lost before they hear it: reception and the first
    // step to the land office, and both of them to the district that watches.
    town.end("motcua-agency").await;
    town.end("motcua-district").await;
    let code = received(&town).await;
    forgets(&mut town, 4).await;
    town.start("motcua-agency").await;
    for (day, (unit, step)) in (3..).zip(STEPS) {
        accept(&town, unit, &code, step, &format!("2018-01-{day:02}T08:00")).await;
        if step == "transfer_slip" {
            // The other way: the home is away while the land office completes.
            town.end("motcua-commune").await;
            complete(&town, unit, &code, step, &format!("2018-01-{day:02}T15:00")).await;
            forgets(&mut town, 1).await;
            town.start("motcua-commune").await;
            continue;
        }
        complete(&town, unit, &code, step, &format!("2018-01-{day:02}T15:00")).await;
        if step == "tax" {
            pay(&town, &code, &format!("2018-01-{day:02}T16:00")).await;
        }
    }
    town.start("motcua-district").await;
    returned(&town, COMMUNE, &code, "2018-01-08T08:00").await;
    ended_well(&mut town, &code).await;
}
