//! The answering side: one unit's journal, page by page.

use std::time::Duration;

use bytes::Bytes;
use journal::{Entry, Journal, ReadError};
use tokio::sync::watch;
use tracing::{error, warn};

use super::{Ask, EventPaper, PAGE_EVENTS_MAX, PagePaper};
use crate::backoff::Backoff;
use crate::connect::Connection;
use crate::service::{self, EndpointSpec, Request, ServiceSpec};
use crate::stop::pause_or_stop;
use crate::subject::UnitToken;

/// The size of a page; its last event may cross it.
const PAGE_BYTES: usize = 512 * 1024;

/// Requests that may wait for their page.
const BACKLOG: usize = 64;

/// Lets others read one unit's journal.
#[derive(Debug)]
pub struct LogService {
    connection: Connection,
    journal: Journal,
    unit: UnitToken,
    version: String,
}

impl LogService {
    /// Serves `journal` as `unit`; `version` is the program's.
    pub fn new(connection: Connection, journal: Journal, unit: UnitToken, version: &str) -> Self {
        LogService {
            connection,
            journal,
            unit,
            version: version.to_owned(),
        }
    }

    /// Answers until `stop` turns true.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut backoff = Backoff::new(
            self.unit.as_str(),
            Duration::from_millis(200),
            Duration::from_secs(10),
        );
        let spec = ServiceSpec {
            name: "motcua-log".to_owned(),
            version: self.version.clone(),
            description: format!("Reading the journal of {}", self.unit),
            group: self.unit.to_string(),
            endpoints: vec![EndpointSpec::log_read(&self.unit)],
            backlog: BACKLOG,
        };
        loop {
            match service::start(&self.connection, spec.clone(), stop.clone()).await {
                Ok(mut requests) => {
                    while let Some(request) = requests.recv().await {
                        self.answer(request).await;
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

    async fn answer(&self, request: Request) {
        let (journal, payload) = (self.journal.clone(), request.payload.clone());
        let reading = tokio::task::spawn_blocking(move || page(&journal, &payload)).await;
        match reading {
            Ok(Ok(body)) => request.ok(body.into()).await,
            Ok(Err(Refusal::Bad(text))) => request.error(400, &text, Bytes::new()).await,
            Ok(Err(Refusal::Broken(error))) => {
                error!(unit = %self.unit, %error, "the own journal could not be read");
                request
                    .error(500, "the journal could not be read", Bytes::new())
                    .await;
            }
            Err(error) => warn!(unit = %self.unit, %error, "a reading was cut off"),
        }
    }
}

#[derive(Debug)]
enum Refusal {
    Bad(String),
    Broken(ReadError),
}

impl From<ReadError> for Refusal {
    fn from(error: ReadError) -> Refusal {
        Refusal::Broken(error)
    }
}

fn page(journal: &Journal, payload: &[u8]) -> Result<Vec<u8>, Refusal> {
    let usage = "send {\"from_sequence\":n} or {\"to\":\"<unit>\",\"from_link\":n}, n from 1";
    let ask: Ask = serde_json::from_slice(payload)
        .map_err(|error| Refusal::Bad(format!("not understood ({error}): {usage}")))?;
    let limit = ask
        .limit
        .unwrap_or(PAGE_EVENTS_MAX)
        .clamp(1, PAGE_EVENTS_MAX);
    let (from, last, to) = match (ask.from_sequence, &ask.to, ask.from_link) {
        (Some(from), None, None) if from > 0 => (from, journal.last_sequence(), None),
        (None, Some(to), Some(from)) if from > 0 => (from, journal.last_link(to), Some(to)),
        _ => return Err(Refusal::Bad(usage.to_owned())),
    };
    let mut events = Vec::new();
    let (mut next, mut bytes) = (from, 0);
    while next <= last && (events.len() as u64) < limit && bytes < PAGE_BYTES {
        let (entry, link) = match to {
            Some(to) => (journal.delivery(to, next)?, Some(next)),
            None => (journal.own(next)?, None),
        };
        let Some(entry) = entry else { break };
        let paper = event_paper(&entry, link);
        // Quotes and backslashes double when the event becomes a JSON text in the page.
        bytes += paper.event.len() + paper.event.matches(['"', '\\']).count() + 160;
        events.push(paper);
        next += 1;
    }
    let unit = journal.unit().to_owned();
    let paper = PagePaper {
        unit,
        epoch: journal.epoch(),
        events,
        more: next <= last,
    };
    serde_json::to_vec(&paper).map_err(|error| Refusal::Bad(error.to_string()))
}

fn event_paper(entry: &Entry, link: Option<u64>) -> EventPaper {
    EventPaper {
        // Events are JSON texts; the journal takes in nothing else.
        event: String::from_utf8_lossy(&entry.signed.bytes).into_owned(),
        signature: entry.signed.signature_text(),
        key: entry.signed.key.to_string(),
        link,
    }
}
