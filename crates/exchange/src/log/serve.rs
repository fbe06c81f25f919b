//! Answering others over NATS.

use std::time::Duration;

use bytes::Bytes;
use journal::Journal;
use tokio::sync::watch;
use tracing::{error, warn};

use super::answer::{Refusal, answer, answer_held};
use crate::backoff::Backoff;
use crate::connect::Connection;
use crate::service::{self, EndpointSpec, Request, ServiceSpec};
use crate::stop::pause_or_stop;
use crate::subject::UnitToken;

/// Requests that may wait for their page.
const BACKLOG: usize = 64;

/// Lets others read one unit's journal.
#[derive(Debug)]
pub struct LogService(Serving);

impl LogService {
    /// Serves `journal` as `unit`; `version` is the program's.
    pub fn new(connection: Connection, journal: Journal, unit: UnitToken, version: &str) -> Self {
        let spec = ServiceSpec {
            name: "motcua-log".to_owned(),
            version: version.to_owned(),
            description: format!("Reading the journal of {unit}"),
            group: unit.to_string(),
            endpoints: vec![EndpointSpec::log_read(&unit)],
            backlog: BACKLOG,
        };
        LogService(Serving {
            connection,
            journal,
            spec,
            answer,
        })
    }

    /// Answers until `stop` turns true.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        self.0.run(stop).await;
    }
}

/// Lets others read the events of anyone from the journal of a program that takes in everybody's. Where
/// several do, each question goes to one of them.
#[derive(Debug)]
pub struct HeldService(Serving);

impl HeldService {
    /// Serves `journal`, whose lines are named by [`super::held_line`]; `version` is the program's.
    pub fn new(connection: Connection, journal: Journal, version: &str) -> Self {
        let spec = ServiceSpec {
            name: "motcua-held".to_owned(),
            version: version.to_owned(),
            description: "Reading the events of any unit".to_owned(),
            group: "holders".to_owned(),
            endpoints: vec![EndpointSpec::held_read()],
            backlog: BACKLOG,
        };
        HeldService(Serving {
            connection,
            journal,
            spec,
            answer: answer_held,
        })
    }

    /// Answers until `stop` turns true.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        self.0.run(stop).await;
    }
}

#[derive(Debug)]
struct Serving {
    connection: Connection,
    journal: Journal,
    spec: ServiceSpec,
    answer: fn(&Journal, &[u8]) -> Result<Vec<u8>, Refusal>,
}

impl Serving {
    async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut backoff = Backoff::new(
            &self.spec.group,
            Duration::from_millis(200),
            Duration::from_secs(10),
        );
        loop {
            match service::start(&self.connection, self.spec.clone(), stop.clone()).await {
                Ok(mut requests) => {
                    while let Some(request) = requests.recv().await {
                        self.reply(request).await;
                    }
                    return;
                }
                Err(error) => error!(%error, "the journal cannot be read by others"),
            }
            if pause_or_stop(backoff.next_pause(), &mut stop).await {
                return;
            }
        }
    }

    async fn reply(&self, request: Request) {
        let (journal, payload) = (self.journal.clone(), request.payload.clone());
        let answer = self.answer;
        let reading = tokio::task::spawn_blocking(move || answer(&journal, &payload)).await;
        match reading {
            Ok(Ok(body)) => request.ok(body.into()).await,
            Ok(Err((code, text))) => request.error(code, &text, Bytes::new()).await,
            Err(error) => warn!(unit = self.journal.unit(), %error, "a reading was cut off"),
        }
    }
}
