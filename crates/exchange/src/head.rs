//! Announcing where one's own journal stands, so that others notice what they have lost.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use envelope::{Checkpoint, CheckpointError, KeyRing, Moment, UnitKey};
use journal::Journal;
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::{debug, error};
use uuid::Uuid;

use crate::connect::Connection;
use crate::headers;
use crate::parcel::Parcel;
use crate::stop::stopped;
use crate::subject::{self, UnitToken};

/// A journal that has been quiet for this long is announced without waiting for the interval.
const IDLE: Duration = Duration::from_secs(1);

/// Announces one unit's checkpoints.
pub struct Heads {
    connection: Connection,
    journal: Journal,
    unit: UnitToken,
    keys: KeyRing,
    interval: Duration,
    now: Box<dyn Fn() -> Moment + Send + Sync>,
}

impl Heads {
    /// Announces the head of `journal` every `interval` and whenever it has become quiet, signed
    /// with the one of `keys` that is in use there. `now` says the instant that stands in a checkpoint.
    pub fn new(
        connection: Connection,
        journal: Journal,
        unit: UnitToken,
        keys: impl Into<KeyRing>,
        interval: Duration,
        now: impl Fn() -> Moment + Send + Sync + 'static,
    ) -> Heads {
        Heads {
            connection,
            journal,
            unit,
            keys: keys.into(),
            interval,
            now: Box::new(now),
        }
    }

    /// Announces until `stop` turns true.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut durable = self.journal.durable();
        let mut connects = self.connection.connects();
        let idle = IDLE.min(self.interval);
        let mut next = Instant::now();
        loop {
            tokio::select! {
                () = stopped(&mut stop) => return,
                () = tokio::time::sleep_until(next) => {
                    self.announce().await;
                    next = Instant::now() + self.interval;
                }
                Ok(()) = durable.changed() => {
                    // The interval stays the upper bound, however busy the journal is.
                    next = next.min(Instant::now() + self.interval);
                    let quiet = Instant::now() + idle;
                    if self.is_quiet_until(quiet.min(next), &mut durable, &mut stop).await {
                        next = Instant::now();
                    }
                }
                // Others may have missed anything while the broker was away.
                Ok(()) = connects.changed() => next = Instant::now(),
            }
        }
    }

    async fn is_quiet_until(
        &self,
        until: Instant,
        durable: &mut watch::Receiver<u64>,
        stop: &mut watch::Receiver<bool>,
    ) -> bool {
        tokio::select! {
            () = stopped(stop) => false,
            _ = durable.changed() => {
                durable.mark_changed();
                false
            }
            () = tokio::time::sleep_until(until) => true,
        }
    }

    async fn announce(&self) {
        let at = (self.now)();
        let head = checkpoint(&self.journal, at);
        let key = self.keys.for_head(head.last());
        let parcel = match head.sign(&key) {
            Ok(signed) => Parcel::of(subject::checkpoint(&self.unit), &signed, None),
            Err(error) => return refused(&self.unit, &error),
        };
        if !self.connection.is_connected() {
            return;
        }
        let client = &self.connection.client;
        let headers = headers::of_parcel(&parcel);
        if let Err(error) = client
            .publish_with_headers(parcel.subject, headers, parcel.payload)
            .await
        {
            debug!(unit = %self.unit, %error, "a checkpoint was not sent; the next one will be");
        }
    }
}

impl fmt::Debug for Heads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heads")
            .field("unit", &self.unit)
            .finish_non_exhaustive()
    }
}

/// What `journal` says of itself at the instant `at`.
pub fn checkpoint(journal: &Journal, at: Moment) -> Checkpoint {
    let head = journal.head();
    Checkpoint {
        unit: journal.unit().to_owned(),
        epoch: journal.epoch(),
        entries: head.entries,
        sequence: head.sequence,
        root: head.root,
        links: head.links,
        earlier: ended_epochs(journal),
        at,
        note: None,
    }
}

/// What `unit` announces at the instant `at`, signed with `key`.
///
/// # Errors
/// [`CheckpointError`] when it cannot be written.
pub fn announcement(
    journal: &Journal,
    unit: &UnitToken,
    key: &UnitKey,
    at: Moment,
) -> Result<Parcel, CheckpointError> {
    let signed = checkpoint(journal, at).sign(key)?;
    Ok(Parcel::of(subject::checkpoint(unit), &signed, None))
}

/// The epochs of `journal` that ended, each with its last sequence.
fn ended_epochs(journal: &Journal) -> BTreeMap<Uuid, u64> {
    journal.ended_epochs().into_iter().collect()
}

fn refused(unit: &UnitToken, error: &CheckpointError) {
    error!(%unit, %error, "the own checkpoint could not be signed; others cannot see lost tails");
}
