//! From the feed into the journal: in batches, and acknowledged only when durable.

use std::sync::Arc;
use std::time::Duration;

use exchange::feed::{Done, Fed};
use tokio::sync::{Notify, mpsc, watch};

use crate::clock;
use crate::store::{Arrival, Store};

/// Taken together when so many wait: one flush.
const BATCH_MAX: usize = 256;

/// Between two tries to write down a batch that was refused.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// Takes in what is fed until the feed ends or `stop` turns true, and wakes the outbox. Whatever was
/// not durable by then was not acknowledged and comes again.
pub(crate) async fn run(
    store: Store,
    mut fed: mpsc::Receiver<Fed>,
    wake: Arc<Notify>,
    mut stop: watch::Receiver<bool>,
) {
    let mut waiting = Vec::with_capacity(BATCH_MAX);
    loop {
        let count = tokio::select! {
            _ = stop.wait_for(|flag| *flag) => return,
            count = fed.recv_many(&mut waiting, BATCH_MAX) => count,
        };
        if count == 0 {
            return;
        }
        let (arrivals, receipts): (Vec<Arrival>, Vec<Done>) =
            waiting.drain(..).filter_map(sort).unzip();
        if arrivals.is_empty() {
            continue;
        }
        if let Err(error) = store.append(arrivals, clock::now()).await {
            // The receipts are dropped unacknowledged, and the broker delivers again.
            tracing::error!(%error, "what arrived could not be written down; it will come again");
            tokio::time::sleep(RETRY_PAUSE).await;
            continue;
        }
        for receipt in receipts {
            receipt.recorded();
        }
        wake.notify_one();
    }
}

fn sort(fed: Fed) -> Option<(Arrival, Done)> {
    match fed {
        Fed::Event(event) => Some((Arrival::Event(event.signed), event.done)),
        Fed::Unfit {
            bytes,
            unit,
            reason,
            done,
            ..
        } => {
            tracing::warn!(
                unit,
                reason,
                "something unfit arrived and lies in quarantine"
            );
            let unfit = Arrival::Unfit {
                bytes,
                unit,
                reason,
            };
            Some((unfit, done))
        }
        // Whether a unit is heard is the projector's to say.
        Fed::Contact { .. } => None,
    }
}
