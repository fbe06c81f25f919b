//! The passing of time, told to a unit.

use std::time::Duration;

use calendar::Moment;
use exchange::connect::Connection;
use exchange::subject::CLOCK;
use futures::StreamExt;
use serde::Deserialize;
use tokio::sync::{mpsc, watch};

use crate::host::{self, Input};
use crate::stamp::machine_now;

/// How often a unit looks at its watch where time is real.
const TICK: Duration = Duration::from_secs(60);

/// The simulated instant, as a profile's generator announces it.
#[derive(Debug, Deserialize)]
struct Clock {
    now: Moment,
}

/// Tells the mailbox that time passes: by the machine's clock, or as the generator announces it.
pub(super) async fn tick(
    connection: Connection,
    simulated: bool,
    mailbox: mpsc::Sender<Input>,
    mut stop: watch::Receiver<bool>,
) {
    if !simulated {
        let mut every = tokio::time::interval(TICK);
        loop {
            tokio::select! {
                _ = every.tick() => if mailbox.send(Input::Tick(machine_now())).await.is_err() { return },
                () = host::stopped(&mut stop) => return,
            }
        }
    }
    let mut clock = match connection.client.subscribe(CLOCK).await {
        Ok(clock) => clock,
        Err(error) => {
            tracing::error!(%error, "the simulated clock cannot be heard; no reminders will be sent");
            host::stopped(&mut stop).await;
            return;
        }
    };
    loop {
        let message = tokio::select! {
            message = clock.next() => message,
            () = host::stopped(&mut stop) => return,
        };
        let Some(message) = message else { return };
        match serde_json::from_slice::<Clock>(&message.payload) {
            Ok(clock) => {
                if mailbox.send(Input::Tick(clock.now)).await.is_err() {
                    return;
                }
            }
            Err(error) => {
                tracing::warn!(%error, "a message on the simulated clock is not readable")
            }
        }
    }
}
