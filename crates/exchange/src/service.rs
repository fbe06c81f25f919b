//! Answering requests as a NATS service (ADR-32): commands of a unit, queries of a projector,
//! reading of a journal. Services can be listed, pinged and counted with any NATS tool.

mod unable;

use std::collections::BTreeMap;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::service::{
    self, NATS_SERVICE_ERROR, NATS_SERVICE_ERROR_CODE, Service, ServiceExt, endpoint::Endpoint,
};
use async_nats::{Client, HeaderMap, PublishError};
use bytes::Bytes;
use envelope::EVENT_BYTES_MAX;
use futures::StreamExt;
use thiserror::Error;
use tokio::sync::{mpsc, watch};
use tracing::{debug, warn};

use crate::connect::{ANSWER_PATIENCE, Connection};
use crate::headers::one_line;
use crate::stop::stopped;
use crate::subject::{self, SubjectError, UnitToken};
pub use unable::{RETRY_AFTER, Unable};

/// How long to wait for the broker to know the endpoints; without it they are known later.
const PING_PATIENCE: Duration = Duration::from_secs(5);

/// How long an endpoint may take to end. Without a broker it could wait for one for ever.
const ENDING_PATIENCE: Duration = Duration::from_secs(2);

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

    /// The reading of everybody's events.
    pub(crate) fn held_read() -> Self {
        EndpointSpec::new(
            "held-read",
            subject::HELD_READ.to_owned(),
            "urn:motcua:schema:held_read.v1",
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
    client: Client,
}

impl Request {
    /// Answers with `body`.
    pub async fn ok(self, body: Bytes) {
        self.send(self.inner.respond(Ok(body))).await;
    }

    /// Refuses: `code` as in HTTP, `message` for the header, `body` with the details.
    pub async fn error(self, code: u16, message: &str, body: Bytes) {
        self.refused(code, message, body, HeaderMap::new()).await;
    }

    /// Refuses for now: 503, and after how long the same request is worth repeating.
    pub async fn unable(self, why: Unable) {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, why.retry_after().as_secs().max(1).to_string());
        self.refused(503, why.message(), why.body(), headers).await;
    }

    async fn refused(self, code: u16, message: &str, body: Bytes, mut headers: HeaderMap) {
        headers.insert(NATS_SERVICE_ERROR, one_line(message));
        headers.insert(NATS_SERVICE_ERROR_CODE, code.to_string());
        self.send(self.inner.respond_with_headers(Ok(body), headers))
            .await;
    }

    /// Waits for room only while somebody takes: without a broker the caller is out of reach too, and
    /// a unit that waited with each answer could not end. The caller repeats the request; its
    /// idempotency id makes that safe.
    async fn send(&self, sending: impl Future<Output = Result<(), PublishError>>) {
        let patience = match self.client.connection_state() {
            State::Connected => ANSWER_PATIENCE,
            State::Pending | State::Disconnected => Duration::ZERO,
        };
        match tokio::time::timeout(patience, sending).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => debug!(name = self.name, %error, "an answer could not be sent"),
            Err(_) => debug!(name = self.name, "an answer found no room and is given up"),
        }
    }
}

/// Registers the service and returns its requests as they come. A payload over the size of an
/// event is answered 413 and, when `backlog` requests wait already, [`Unable::Busy`], both at once.
/// When `stop` turns true or the receiver is dropped, the subscriptions end first; what came before
/// and was not given out is answered [`Unable::Stopping`].
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
            connection.clone(),
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
    connection: Connection,
    mut stop: watch::Receiver<bool>,
) {
    let request = |inner: service::Request| Request {
        name: name.clone(),
        payload: inner.message.payload.clone(),
        inner,
        client: connection.client.clone(),
    };
    loop {
        let taken = tokio::select! {
            () = stopped(&mut stop) => break,
            () = requests.closed() => break,
            taken = endpoint.next() => taken,
        };
        let Some(request) = taken.map(request) else {
            break;
        };
        let length = request.payload.len();
        if length > EVENT_BYTES_MAX {
            let text = format!("{length} bytes are more than {EVENT_BYTES_MAX}");
            request.error(413, &text, Bytes::new()).await;
            continue;
        }
        match requests.try_send(request) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(request)) => {
                connection.count_busy();
                request.unable(Unable::Busy).await;
            }
            Err(mpsc::error::TrySendError::Closed(request)) => {
                request.unable(Unable::Stopping).await;
                break;
            }
        }
    }
    let ending = async {
        if let Err(error) = endpoint.stop().await {
            debug!(name, %error, "an endpoint ended untidily");
        }
        // No more will come; who came already is not left waiting.
        while let Some(request) = endpoint.next().await.map(request) {
            request.unable(Unable::Stopping).await;
        }
    };
    if tokio::time::timeout(ENDING_PATIENCE, ending).await.is_err() {
        debug!(name, "an endpoint was given up: the broker is away");
    }
}
