//! Answering requests as a NATS service (ADR-32): commands of a unit, queries of a projector,
//! reading of a journal. Services can be listed, pinged and counted with any NATS tool.

use std::collections::BTreeMap;
use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::service::{
    self, NATS_SERVICE_ERROR, NATS_SERVICE_ERROR_CODE, Service, ServiceExt, endpoint::Endpoint,
};
use bytes::Bytes;
use envelope::EVENT_BYTES_MAX;
use futures::StreamExt;
use thiserror::Error;
use tokio::sync::{mpsc, watch};
use tracing::{debug, warn};

use crate::connect::Connection;
use crate::headers::one_line;
use crate::stop::stopped;
use crate::subject::{self, SubjectError, UnitToken};

/// How long to wait for the broker to know the endpoints; without it they are known later.
const PING_PATIENCE: Duration = Duration::from_secs(5);

/// A service and what it answers.
#[derive(Debug, Clone)]
pub struct ServiceSpec {
    /// What kind of service, such as `motcua-commune`: letters, digits, `-` and `_`.
    pub name: String,
    /// Semantic version.
    pub version: String,
    /// One sentence for people.
    pub description: String,
    /// Processes that share this name share the requests; the unit, or the projector's name.
    pub group: String,
    /// What is answered.
    pub endpoints: Vec<EndpointSpec>,
    /// How many requests may wait; more are answered "busy" at once.
    pub backlog: usize,
}

/// One kind of request that a service answers.
#[derive(Debug, Clone)]
pub struct EndpointSpec {
    /// The command or query.
    pub name: String,
    /// Where it is taken.
    pub subject: String,
    /// What callers may want to know: under `schema`, the `$id` of what the payload follows.
    pub metadata: BTreeMap<String, String>,
}

impl EndpointSpec {
    /// The command `name` of `unit`, whose payload follows `schema`.
    pub fn command(unit: &UnitToken, name: &str, schema: &str) -> Result<Self, SubjectError> {
        Ok(EndpointSpec::new(
            name,
            subject::command(unit, name)?,
            schema,
        ))
    }

    /// The query `name`, whose payload follows `schema`.
    pub fn query(name: &str, schema: &str) -> Result<Self, SubjectError> {
        Ok(EndpointSpec::new(name, subject::query(name)?, schema))
    }

    /// The reading of `unit`'s journal.
    pub(crate) fn log_read(unit: &UnitToken) -> Self {
        EndpointSpec::new(
            "log-read",
            subject::log_read(unit),
            "urn:motcua:schema:log_read.v1",
        )
    }

    fn new(name: &str, subject: String, schema: &str) -> Self {
        let metadata = BTreeMap::from([("schema".to_owned(), schema.to_owned())]);
        EndpointSpec {
            name: name.to_owned(),
            subject,
            metadata,
        }
    }
}

/// A service could not be registered.
#[derive(Debug, Error)]
#[error("registering the service {name} with the broker: {reason}; correct its name or version")]
pub struct ServiceError {
    name: String,
    reason: String,
}

/// A request that waits for its answer.
#[derive(Debug)]
pub struct Request {
    /// The endpoint's name: the command or query.
    pub name: String,
    /// What was sent.
    pub payload: Bytes,
    inner: service::Request,
}

impl Request {
    /// Answers with `body`.
    pub async fn ok(self, body: Bytes) {
        self.sent(self.inner.respond(Ok(body)).await);
    }

    /// Refuses: `code` as in HTTP, `message` for the header, `body` with the details.
    pub async fn error(self, code: u16, message: &str, body: Bytes) {
        if body.is_empty() {
            return refuse(&self.inner, code, message).await;
        }
        let mut headers = HeaderMap::new();
        headers.insert(NATS_SERVICE_ERROR, one_line(message));
        headers.insert(NATS_SERVICE_ERROR_CODE, code.to_string());
        self.sent(self.inner.respond_with_headers(Ok(body), headers).await);
    }

    fn sent(&self, result: Result<(), async_nats::PublishError>) {
        // The caller repeats the request; its idempotency id makes that safe.
        if let Err(error) = result {
            debug!(name = self.name, %error, "an answer could not be sent");
        }
    }
}

/// Registers the service and returns its requests as they come. A payload over the size of an
/// event is answered 413 and, when `backlog` requests wait already, 503, both at once. Ends when
/// `stop` turns true or the receiver is dropped.
pub async fn start(
    connection: &Connection,
    spec: ServiceSpec,
    stop: watch::Receiver<bool>,
) -> Result<mpsc::Receiver<Request>, ServiceError> {
    let failed = |error: async_nats::Error| ServiceError {
        name: spec.name.clone(),
        reason: error.to_string(),
    };
    let service = connection
        .client
        .service_builder()
        .description(&spec.description)
        .queue_group(&spec.group)
        .start(&spec.name, &spec.version)
        .await
        .map_err(failed)?;
    let (requests, received) = mpsc::channel(spec.backlog.max(1));
    for endpoint in &spec.endpoints {
        let taken = service
            .endpoint_builder()
            .name(&endpoint.name)
            .metadata(endpoint.metadata.clone().into_iter().collect())
            .add(&endpoint.subject)
            .await
            .map_err(failed)?;
        tokio::spawn(admit(
            endpoint.name.clone(),
            taken,
            requests.clone(),
            stop.clone(),
        ));
    }
    // The service answers its own ping only after the broker has taken all the subscriptions that
    // were sent before it; flushing a connection would not wait for that.
    let ping = format!("$SRV.PING.{}.{}", spec.name, service.info().await.id);
    let asking = async_nats::Request::new().timeout(Some(PING_PATIENCE));
    if connection.client.send_request(ping, asking).await.is_err() {
        warn!(
            service = spec.name,
            "the broker is away; it learns of the service later"
        );
    }
    tokio::spawn(keep(service, requests, stop));
    Ok(received)
}

/// Holds the service until the end; then it no longer answers discovery.
async fn keep(service: Service, requests: mpsc::Sender<Request>, mut stop: watch::Receiver<bool>) {
    tokio::select! {
        () = stopped(&mut stop) => {}
        () = requests.closed() => {}
    }
    if let Err(error) = service.stop().await {
        debug!(%error, "a service ended untidily");
    }
}

async fn admit(
    name: String,
    mut endpoint: Endpoint,
    requests: mpsc::Sender<Request>,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        let request = tokio::select! {
            () = stopped(&mut stop) => break,
            () = requests.closed() => break,
            request = endpoint.next() => request,
        };
        let Some(inner) = request else { break };
        let payload = inner.message.payload.clone();
        if payload.len() > EVENT_BYTES_MAX {
            let text = format!("{} bytes are more than {EVENT_BYTES_MAX}", payload.len());
            refuse(&inner, 413, &text).await;
            continue;
        }
        match requests.try_send(Request {
            name: name.clone(),
            payload,
            inner,
        }) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(request)) => {
                refuse(
                    &request.inner,
                    503,
                    "busy; repeat the request in a few seconds",
                )
                .await;
            }
            Err(mpsc::error::TrySendError::Closed(request)) => {
                refuse(&request.inner, 503, "stopping; repeat the request later").await;
                break;
            }
        }
    }
    if let Err(error) = endpoint.stop().await {
        debug!(name, %error, "an endpoint ended untidily");
    }
}

async fn refuse(request: &service::Request, code: u16, message: &str) {
    let refusal = service::error::Error {
        status: one_line(message),
        code: usize::from(code),
    };
    if let Err(error) = request.respond(Err(refusal)).await {
        debug!(%error, "a refusal could not be sent");
    }
}
