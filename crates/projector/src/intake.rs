//! From the feed into the journal and the state: in batches, and acknowledged only when durable.

use std::time::Duration;

use envelope::Checkpoint;
use exchange::feed::{Done, Fed};
use tokio::sync::{mpsc, watch};

use crate::projector::Projector;
use crate::store::Arrival;

/// Taken together when so many wait: one flush, and each dossier is folded once.
const BATCH_MAX: usize = 256;

/// Between two tries to write down a batch that was refused.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// Takes in what is fed until the feed ends or `stop` turns true. Whatever was not durable by then
/// was not acknowledged and comes again.
pub(crate) async fn run(
    projector: Projector,
    mut fed: mpsc::Receiver<Fed>,
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
        let (mut arrivals, mut receipts) = (Vec::new(), Vec::new());
        let mut checkpoints = Vec::new();
        for fed in waiting.drain(..) {
            match sort(&projector, fed) {
                Ok((arrival, done)) => {
                    arrivals.push(arrival);
                    receipts.push(done);
                }
                Err(checkpoint) => checkpoints.push(*checkpoint),
            }
        }
        if let Err(error) = projector.take(arrivals).await {
            // The receipts are dropped unacknowledged, and the broker delivers again.
            tracing::error!(%error, "what arrived could not be written down; it will come again");
            tokio::time::sleep(RETRY_PAUSE).await;
            continue;
        }
        for receipt in receipts {
            receipt.recorded();
        }
        for checkpoint in checkpoints {
            projector.heard(&checkpoint);
        }
    }
}

fn sort(projector: &Projector, fed: Fed) -> Result<(Arrival, Done), Box<Checkpoint>> {
    let at = || projector.clock().now().0.to_rfc3339();
    match fed {
        Fed::Event(event) => Ok((
            Arrival::Event {
                signed: event.signed,
                at: at(),
            },
            event.done,
        )),
        Fed::Unfit {
            bytes,
            signature,
            key,
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
            Ok((
                Arrival::Unfit {
                    bytes,
                    unit,
                    signature: signature.zip(key),
                    reason,
                    at: at(),
                },
                done,
            ))
        }
        Fed::Contact { checkpoint, .. } => Err(Box::new(checkpoint)),
    }
}
