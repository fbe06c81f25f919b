//! The queries over NATS, as a service that can be discovered (ADR-32), and the simulated clock.

use std::sync::Arc;

use bytes::Bytes;
use exchange::Connection;
use exchange::service::{self, EndpointSpec, Request, ServiceError, ServiceSpec};
use exchange::subject::{self, SubjectError};
use futures::StreamExt;
use tokio::sync::{Semaphore, watch};

use crate::projector::Projector;
use crate::query::{Query, QueryError, Question};

/// Requests that may wait; more are told to come back.
const BACKLOG: usize = 256;

/// Answered side by side. Waiting for `at_least` takes up a place for at most 5 s.
const AT_ONCE: usize = 64;

/// The service could not be offered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OfferError {
    /// The broker refused it.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// A query's name does not fit into a subject.
    #[error(transparent)]
    Subject(#[from] SubjectError),
}

/// Offers every query on `motcua.v1.query.<name>` and answers until `stop` turns true.
///
/// # Errors
/// [`OfferError`] when the service cannot be registered.
pub(crate) async fn run(
    projector: Projector,
    connection: Connection,
    stop: watch::Receiver<bool>,
) -> Result<(), OfferError> {
    let endpoints = Query::NAMES
        .iter()
        .map(|name| EndpointSpec::query(name, &format!("urn:motcua:schema:queries:{name}.v1")))
        .collect::<Result<_, _>>()?;
    let spec = ServiceSpec {
        name: "motcua-projector".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        description: "Current state and on-time figures of all dossiers".to_owned(),
        group: "projector".to_owned(),
        endpoints,
        backlog: BACKLOG,
    };
    let mut requests = service::start(&connection, spec, stop).await?;
    let places = Arc::new(Semaphore::new(AT_ONCE));
    while let Some(request) = requests.recv().await {
        let Ok(place) = places.clone().acquire_owned().await else {
            break;
        };
        let projector = projector.clone();
        tokio::spawn(async move {
            answer(&projector, request).await;
            drop(place);
        });
    }
    // Whoever was heard has an answer before the process ends.
    let all = u32::try_from(AT_ONCE).unwrap_or(u32::MAX);
    let _ = places.acquire_many(all).await;
    connection.flush().await;
    Ok(())
}

async fn answer(projector: &Projector, request: Request) {
    let answered = match Question::read(&request.name, &request.payload) {
        Ok(question) => projector.ask(question).await,
        Err(error) => Err(error),
    };
    let body = answered.and_then(|answer| {
        serde_json::to_vec(&answer)
            .map_err(|error| QueryError::new(500, "projector.json", error.to_string()))
    });
    match body {
        Ok(body) => request.ok(Bytes::from(body)).await,
        Err(error) => {
            let body = serde_json::to_vec(&error).unwrap_or_default();
            request
                .error(error.status, &error.message, Bytes::from(body))
                .await;
        }
    }
}

/// Follows the simulated clock, where a profile publishes one, until `stop` turns true; and keeps
/// an eye on the connection meanwhile.
pub(crate) async fn follow_clock(
    projector: Projector,
    connection: Connection,
    mut stop: watch::Receiver<bool>,
) {
    let mut ticks = match connection.client.subscribe(subject::CLOCK).await {
        Ok(ticks) => ticks,
        Err(error) => return tracing::error!(%error, "the simulated clock cannot be heard"),
    };
    let mut look = tokio::time::interval(std::time::Duration::from_secs(1));
    loop {
        tokio::select! {
            _ = stop.wait_for(|flag| *flag) => return,
            _ = look.tick() => projector.connected(connection.is_connected()),
            tick = ticks.next() => match tick {
                Some(tick) if projector.clock().told(&tick.payload) => {}
                Some(_) => tracing::warn!("a tick of the simulated clock is not {{\"now\": …}}"),
                None => return,
            },
        }
    }
}
