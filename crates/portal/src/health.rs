//! How much waits, since when and why: answered over NATS, and said in the log when it changes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use calendar::Moment;
use dossier::ids::DossierCode;
use exchange::Connection;
use exchange::service::{self, EndpointSpec, ServiceSpec};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::call::Service;
use crate::clock;
use crate::store::{Store, StoreError};

/// The query's name: `motcua.v1.query.portal_health`.
pub(crate) const QUERY: &str = "portal_health";

const SCHEMA: &str = "urn:motcua:schema:queries:portal_health.v1";

/// Requests that may wait; more are told to come back.
const BACKLOG: usize = 16;

/// Of each list, so many are shown; the counts say how many there are.
const LISTED_MAX: usize = 100;

/// How the telling fares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Health {
    /// Messages that the portal took since the start.
    pub delivered: u64,
    /// Dossiers of which something is still to be told.
    pub due: usize,
    /// Since when the oldest of them is.
    pub oldest_due_at: Option<Moment>,
    /// The same as an age in seconds.
    pub oldest_due_seconds: Option<i64>,
    /// Dossiers that wait for another try, with the reason.
    pub resting: BTreeMap<DossierCode, String>,
    /// Why the portal as a whole is not reached, if it is not.
    pub silent: Option<String>,
    /// Dossiers of which something was refused for what it says.
    pub aside: usize,
    /// What was refused.
    pub refused: Vec<RefusedMessage>,
    /// Arrivals that could not be read.
    pub quarantined: usize,
}

/// A message that the portal would not take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct RefusedMessage {
    /// The dossier.
    pub dossier: DossierCode,
    /// Where it was to go.
    pub service: Service,
    /// What the portal said.
    pub reason: String,
}

/// What the outbox knows besides the journal. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pulse(Arc<Mutex<Beat>>);

#[derive(Debug, Default)]
struct Beat {
    delivered: u64,
    resting: BTreeMap<DossierCode, String>,
    silent: Option<String>,
}

impl Pulse {
    /// The portal took a message.
    pub(crate) fn delivered(&self) {
        self.with(|beat| {
            beat.delivered += 1;
            beat.silent = None;
        });
    }

    /// A dossier waits for another try.
    pub(crate) fn rests(&self, code: &DossierCode, reason: &str) {
        self.with(|beat| beat.resting.insert(code.clone(), reason.to_owned()));
    }

    /// Nothing holds a dossier any more.
    pub(crate) fn goes_on(&self, code: &DossierCode) {
        self.with(|beat| beat.resting.remove(code));
    }

    /// The portal as a whole is not reached.
    pub(crate) fn silent(&self, reason: &str) {
        self.with(|beat| beat.silent = Some(reason.to_owned()));
    }

    /// How the telling fares at `now`.
    ///
    /// # Errors
    /// [`StoreError`] when the journal cannot be read.
    pub(crate) fn health(&self, store: &Store, now: Moment) -> Result<Health, StoreError> {
        let due = store.due()?;
        let oldest = due.values().min().copied();
        let with_aside = store.with_aside()?;
        let mut refused = Vec::new();
        for code in with_aside.iter().take(LISTED_MAX) {
            for aside in store.line(code)?.aside {
                let (dossier, service) = (code.clone(), aside.service);
                let reason = aside.reason;
                refused.push(RefusedMessage {
                    dossier,
                    service,
                    reason,
                });
            }
        }
        refused.truncate(LISTED_MAX);
        let quarantined = store.quarantined()?;
        Ok(self.with(|beat| Health {
            delivered: beat.delivered,
            due: due.len(),
            oldest_due_at: oldest,
            oldest_due_seconds: oldest.map(|since| (now - since).num_seconds()),
            resting: beat
                .resting
                .iter()
                .take(LISTED_MAX)
                .map(|(code, reason)| (code.clone(), reason.clone()))
                .collect(),
            silent: beat.silent.clone(),
            aside: with_aside.len(),
            refused,
            quarantined,
        }))
    }

    fn with<T>(&self, change: impl FnOnce(&mut Beat) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What the query takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// Answers the query until `stop` turns true.
///
/// # Errors
/// When the service cannot be registered.
pub(crate) async fn run(
    pulse: Pulse,
    store: Store,
    connection: Connection,
    name: String,
    stop: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let spec = ServiceSpec {
        name: "motcua-portal".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        description: "Tells the national public service portal about dossiers".to_owned(),
        group: name,
        endpoints: vec![EndpointSpec::query(QUERY, SCHEMA)?],
        backlog: BACKLOG,
    };
    let mut requests = service::start(&connection, spec, stop).await?;
    while let Some(request) = requests.recv().await {
        let asked: Result<Nothing, _> = match request.payload.as_ref() {
            b"" => Ok(Nothing {}),
            parameters => serde_json::from_slice(parameters),
        };
        if let Err(error) = asked {
            let message = format!("the parameters cannot be read: {error}; this query takes none");
            request.error(400, &message, Bytes::new()).await;
            continue;
        }
        let health = pulse.health(&store, clock::now());
        let body = health
            .map_err(anyhow::Error::from)
            .and_then(|health| Ok(serde_json::to_vec(&health)?));
        match body {
            Ok(body) => request.ok(Bytes::from(body)).await,
            Err(error) => {
                request
                    .error(500, &format!("{error:#}"), Bytes::new())
                    .await
            }
        }
    }
    Ok(())
}
