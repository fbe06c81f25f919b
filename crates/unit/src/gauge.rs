//! What can be told of a unit without asking its core: told also while the disk is slow, or while a
//! restored journal waits.

use std::time::Duration;

use bytes::Bytes;
use dossier::ids::UnitId;
use evidence::Findings;
use exchange::connect::Connection;
use exchange::status::{InboxStatus, OutboxStatus};
use journal::{Journal, ReadError};
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::watch;

use crate::answer::Refused;
use crate::backing_up::{BackUp, Backups};
use crate::health::{BrokerHealth, Health};
use crate::quarantine::{self, QuarantineAsked};

/// What answers without the core.
#[derive(Clone)]
pub(crate) struct Gauge {
    /// The unit.
    pub(crate) me: UnitId,
    /// Its journal.
    pub(crate) journal: Journal,
    /// How far it is published.
    pub(crate) outbox: watch::Receiver<OutboxStatus>,
    /// How far others are received.
    pub(crate) inbox: watch::Receiver<InboxStatus>,
    /// Its broker.
    pub(crate) connection: Connection,
    /// Between two checkpoints of any unit.
    pub(crate) interval: Duration,
    /// Whom it waits for while its journal is restored.
    pub(crate) waits_for: watch::Receiver<Vec<String>>,
    /// Where its backups are put.
    pub(crate) backups: Backups,
    /// Which peers showed two histories.
    pub(crate) findings: Findings,
}

impl Gauge {
    /// Whether a question is answered here.
    pub(crate) fn knows(name: &str) -> bool {
        matches!(name, "health" | "quarantine" | "back_up")
    }

    /// Answers one of these questions.
    ///
    /// # Errors
    /// The refusal of what cannot be read: the question, or the journal.
    pub(crate) async fn answer(&self, name: &str, asked: &RawValue) -> Result<Bytes, Refused> {
        if name == "back_up" {
            return self.back_up(asked).await;
        }
        if name == "health" {
            return Ok(json(&self.health().map_err(damaged)?));
        }
        let asked: QuarantineAsked = serde_json::from_str(asked.get())
            .map_err(|error| Refused::malformed(error.to_string()))?;
        let listed = quarantine::listed(&self.journal, &self.me, &asked).map_err(damaged)?;
        Ok(json(&listed?))
    }

    async fn back_up(&self, asked: &RawValue) -> Result<Bytes, Refused> {
        let asked: BackUp = serde_json::from_str(asked.get())
            .map_err(|error| Refused::malformed(error.to_string()))?;
        let me = self.clone();
        let making =
            tokio::task::spawn_blocking(move || me.backups.make(&me.journal, &me.me, &asked));
        let made = making.await.map_err(|error| Refused {
            code: "backup.not_made".into(),
            message: format!("Việc sao lưu bị ngắt giữa chừng: {error}"),
            rule: "motcua journal backup".into(),
        })?;
        made.map(|made| json(&made))
    }

    /// How the unit fares now.
    ///
    /// # Errors
    /// [`ReadError`] when the journal is damaged.
    pub(crate) fn health(&self) -> Result<Health, ReadError> {
        let broker = BrokerHealth {
            connected: self.connection.is_connected(),
            violations: self.connection.violations(),
            dropped: self.connection.dropped(),
        };
        let (outbox, inbox) = (self.outbox.borrow(), self.inbox.borrow());
        let health = Health::of(
            &self.me,
            &self.journal,
            &outbox,
            &inbox,
            broker,
            self.interval,
            &self.waits_for.borrow(),
        )?;
        let busy = self.connection.busy();
        Ok(Health { busy, ..health }.with_histories(&self.findings.borrow()))
    }
}

fn json<T: Serialize>(value: &T) -> Bytes {
    serde_json::to_vec(value).unwrap_or_default().into()
}

fn damaged(error: ReadError) -> Refused {
    tracing::error!(%error, "a question cannot be answered");
    Refused {
        code: "journal.not_readable".into(),
        message: format!("Không đọc được sổ điện tử của đơn vị: {error}"),
        rule: "motcua journal check".into(),
    }
}
