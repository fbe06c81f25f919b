//! Looking at a town from outside, over documented messages only: journals by
//! `motcua.v1.log.<unit>.read`, checkpoints, and the projector's queries.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, ensure};
use async_nats::Client;
use envelope::{Event, KeyId, KeyRegister, Signed, sign};
use futures::StreamExt;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::task::AbortHandle;
use tokio::time::Instant;
use uuid::Uuid;

use crate::processes::load::Notebook;
use crate::processes::route::UNITS;
use crate::seen::{JournalSeen, Line, OwnEvent, ProjectorSeen, Seen, Tallies};

/// How long anything may take to answer once nothing is broken any more.
const PATIENCE: Duration = Duration::from_secs(90);
const AGAIN_AFTER: Duration = Duration::from_millis(50);

/// A page of a journal.
#[derive(Debug, Deserialize)]
struct Page {
    epoch: Uuid,
    events: Vec<PageEvent>,
    more: bool,
}

#[derive(Debug, Deserialize)]
struct PageEvent {
    event: String,
    signature: String,
    key: String,
    link: Option<u64>,
}

/// What a unit says of its journal.
#[derive(Debug, Clone, Deserialize)]
struct Said {
    unit: String,
    entries: u64,
}

/// The projector's answer, in part.
#[derive(Debug, Deserialize)]
struct Summed {
    as_of: Vec<AsOf>,
    summary: Summary,
}

#[derive(Debug, Deserialize)]
struct AsOf {
    unit: String,
    epoch: Uuid,
    sequence: u64,
}

#[derive(Debug, Deserialize)]
struct Summary {
    total: Figures,
}

#[derive(Debug, Deserialize)]
struct Figures {
    received: Received,
    rules: Vec<Rules>,
}

#[derive(Debug, Deserialize)]
struct Received {
    total: u64,
}

#[derive(Debug, Deserialize)]
struct Rules {
    ended: BTreeMap<String, Value>,
}

/// Somebody who looks.
#[derive(Debug)]
pub struct Reader {
    client: Client,
    keys: KeyRegister,
    /// The latest checkpoint of each unit.
    said: Arc<Mutex<BTreeMap<String, Said>>>,
    listening: AbortHandle,
    /// Events whose signature was good, by the hash of bytes and signature.
    verified: BTreeSet<[u8; 32]>,
}

impl Reader {
    /// Begins to listen to checkpoints.
    ///
    /// # Errors
    /// When the broker does not let it.
    pub async fn new(client: Client, keys: KeyRegister) -> anyhow::Result<Self> {
        let mut checkpoints = client
            .subscribe("motcua.v1.checkpoint.*")
            .await
            .context("listening to checkpoints")?;
        let said: Arc<Mutex<BTreeMap<String, Said>>> = Arc::default();
        let heard = Arc::clone(&said);
        let listening = tokio::spawn(async move {
            while let Some(message) = checkpoints.next().await {
                if let Ok(word) = serde_json::from_slice::<Said>(&message.payload) {
                    let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
                    heard.insert(word.unit.clone(), word);
                }
            }
        });
        Ok(Self {
            client,
            keys,
            said,
            listening: listening.abort_handle(),
            verified: BTreeSet::new(),
        })
    }

    /// Everything that can be seen now. What was acknowledged is taken first, so that journals that
    /// go on growing are never behind it.
    ///
    /// # Errors
    /// When somebody does not answer for too long, or not as documented.
    pub async fn look(&mut self, notebook: &Notebook, at_rest: bool) -> anyhow::Result<Seen> {
        let (acknowledged, told) = (notebook.acknowledged(), notebook.told());
        let mut journals = Vec::new();
        for unit in UNITS {
            journals.push(self.journal(unit).await?);
        }
        Ok(Seen {
            acknowledged,
            told,
            journals,
            projectors: vec![self.projector().await?],
            at_rest,
        })
    }

    async fn journal(&mut self, unit: &str) -> anyhow::Result<JournalSeen> {
        // Lines first: what they carry is then in the own events that are read after them.
        let mut links = BTreeMap::new();
        for to in UNITS.into_iter().filter(|to| *to != unit) {
            let line = self.line(unit, to).await?;
            if !line.deliveries.is_empty() {
                links.insert(to.to_owned(), line);
            }
        }
        let (mut own, mut next) = (Vec::new(), 1_u64);
        let epoch = loop {
            let page: Page = self.page(unit, &json!({ "from_sequence": next })).await?;
            for event in &page.events {
                own.push(self.own_event(unit, event)?);
            }
            next += page.events.len() as u64;
            if !page.more || page.events.is_empty() {
                break page.epoch;
            }
        };
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(JournalSeen {
            unit: unit.to_owned(),
            epochs: vec![(epoch, own)],
            links,
            entries: said.get(unit).map_or(0, |said| said.entries),
            ..JournalSeen::default()
        })
    }

    async fn line(&self, from: &str, to: &str) -> anyhow::Result<Line> {
        let (mut line, mut next) = (Line::default(), 1);
        loop {
            let ask = json!({ "to": to, "from_link": next });
            let page: Page = self.page(from, &ask).await?;
            for event in &page.events {
                let link = event.link.context("a delivery without its number")?;
                let read = Event::read(event.event.as_bytes())
                    .with_context(|| format!("{from} delivers to {to} what is no event"))?;
                line.deliveries.push((link, read.id));
                next = link + 1;
            }
            if !page.more || page.events.is_empty() {
                return Ok(line);
            }
        }
    }

    fn own_event(&mut self, unit: &str, paper: &PageEvent) -> anyhow::Result<OwnEvent> {
        let bytes = paper.event.as_bytes();
        let event = Event::read(bytes).with_context(|| format!("{unit} shows what is no event"))?;
        let mut hash = Sha256::new();
        hash.update(bytes);
        let whole: [u8; 32] = hash.clone().finalize().into();
        hash.update(&paper.signature);
        hash.update(&paper.key);
        let with_signature: [u8; 32] = hash.finalize().into();
        let signed =
            self.verified.contains(&with_signature) || event.unit == unit && self.is_signed(paper);
        if signed {
            self.verified.insert(with_signature);
        }
        Ok(OwnEvent {
            id: event.id,
            sequence: event.sequence,
            cause: event.causation,
            hash: whole,
            signed,
        })
    }

    fn is_signed(&self, paper: &PageEvent) -> bool {
        let (Ok(signature), Ok(key)) = (
            sign::parse_signature(&paper.signature),
            KeyId::parse(&paper.key),
        ) else {
            return false;
        };
        let signed = Signed {
            bytes: paper.event.clone().into_bytes().into(),
            signature,
            key,
        };
        self.keys.verify(&signed).is_ok()
    }

    async fn projector(&self) -> anyhow::Result<ProjectorSeen> {
        let answer: Value = self.asked("motcua.v1.query.digest", &json!({})).await?;
        let digest = |name: &str| answer["digest"][name].as_str().map(ToOwned::to_owned);
        let summed: Summed = self.asked("motcua.v1.query.summary", &json!({})).await?;
        let health: Value = self.asked("motcua.v1.query.health", &json!({})).await?;
        let health = &health["health"];
        let counted = [&health["quarantined"], &health["seen"]["contested"]];
        let rules = summed.summary.total.rules.first();
        let ended = rules.context("a summary without rules")?.ended.values();
        let positions = summed.as_of.into_iter();
        Ok(ProjectorSeen {
            live: digest("live").context("no digest of the live state")?,
            rebuilt: vec![digest("rebuilt").context("no digest of the rebuilt state")?],
            positions: positions
                .map(|heard| ((heard.unit, heard.epoch), heard.sequence))
                .collect(),
            tallies: Tallies {
                received: summed.summary.total.received.total,
                ended: ended.filter_map(Value::as_u64).sum(),
            },
            refused: counted.into_iter().filter_map(Value::as_u64).sum(),
            ..ProjectorSeen::default()
        })
    }

    async fn page(&self, unit: &str, ask: &Value) -> anyhow::Result<Page> {
        self.asked(&format!("motcua.v1.log.{unit}.read"), ask).await
    }

    /// Asks until somebody answers.
    async fn asked<T: DeserializeOwned>(&self, subject: &str, ask: &Value) -> anyhow::Result<T> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let asked = self
                .client
                .request(subject.to_owned(), ask.to_string().into());
            let why = match asked.await {
                Err(error) => error.to_string(),
                Ok(answer) => {
                    let text = String::from_utf8_lossy(&answer.payload);
                    let refused = answer
                        .headers
                        .as_ref()
                        .and_then(|headers| headers.get("Nats-Service-Error-Code"));
                    match refused {
                        None => {
                            return serde_json::from_slice(&answer.payload).with_context(|| {
                                format!("{subject} is answered otherwise than documented: {text}")
                            });
                        }
                        Some(code) => format!("{code}: {text}"),
                    }
                }
            };
            ensure!(
                Instant::now() < deadline,
                "{subject} is not answered for {PATIENCE:?}: {why}"
            );
            tokio::time::sleep(AGAIN_AFTER).await;
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.listening.abort();
    }
}
