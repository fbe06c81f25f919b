//! Officers at work: callers that drive dossiers along real routes and write down what they are
//! answered. Everything that they do comes from a seed; a command that is not answered is repeated
//! under the same id until it is.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use async_nats::Client;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde::Deserialize;
use serde_json::json;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::processes::route::{self, Deed};
use crate::seen::{Acknowledged, Tallies};

/// Before a command without an answer, or one that comes too early, is repeated.
const AGAIN_AFTER: Duration = Duration::from_millis(40);

/// The national status of a dossier whose result was returned.
const RETURNED: u64 = 10;

/// What was answered so far, outside of everything that can break.
#[derive(Debug, Clone, Default)]
pub struct Notebook(Arc<Mutex<Notes>>);

#[derive(Debug, Default)]
struct Notes {
    acknowledged: Vec<Acknowledged>,
    received: BTreeSet<String>,
    ended: BTreeSet<String>,
    /// What some caller is waiting for.
    waiting: Vec<(Uuid, String)>,
}

impl Notebook {
    /// Dossiers received and ended, by the answers.
    pub fn told(&self) -> Tallies {
        let notes = self.notes();
        Tallies {
            received: notes.received.len() as u64,
            ended: notes.ended.len() as u64,
        }
    }

    /// Everything that was acknowledged so far.
    pub fn acknowledged(&self) -> Vec<Acknowledged> {
        self.notes().acknowledged.clone()
    }

    /// What callers wait for, with the last reason why.
    pub fn waiting(&self) -> Vec<String> {
        let notes = self.notes();
        let waiting = notes.waiting.iter();
        waiting.map(|(id, what)| format!("{id}: {what}")).collect()
    }

    fn notes(&self) -> std::sync::MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn waits(&self, id: Uuid, what: String) {
        let mut notes = self.notes();
        notes.waiting.retain(|(other, _)| *other != id);
        notes.waiting.push((id, what));
    }

    fn answered(&self, answer: Acknowledged, status: u64) {
        let mut notes = self.notes();
        if let Some(code) = &answer.dossier {
            notes.received.insert(code.clone());
            if status == RETURNED {
                notes.ended.insert(code.clone());
            }
        }
        notes.waiting.retain(|(id, _)| *id != answer.command);
        notes.acknowledged.push(answer);
    }
}

/// The part of an answer that is held against journals.
#[derive(Debug, Deserialize)]
struct Answer {
    dossier: Option<String>,
    status: u64,
    epoch: Uuid,
    sequence: u64,
    events: Vec<Uuid>,
}

/// Callers under way.
#[derive(Debug)]
pub struct Load {
    callers: JoinSet<anyhow::Result<()>>,
}

impl Load {
    /// Sets `callers` to work, each on `dossiers` dossiers one after the other, by the seed `seed`.
    pub fn start(
        client: &Client,
        notebook: &Notebook,
        seed: u64,
        callers: u64,
        dossiers: usize,
    ) -> Self {
        let mut set = JoinSet::new();
        for number in 0..callers {
            let mut chance = ChaCha8Rng::seed_from_u64(seed);
            chance.set_stream(number + 1);
            let caller = Caller {
                client: client.clone(),
                notebook: notebook.clone(),
                chance,
                done: Vec::new(),
            };
            set.spawn(caller.work(dossiers));
        }
        Self { callers: set }
    }

    /// Resolves when every caller has done its work.
    ///
    /// # Errors
    /// The first answer that no caller can go on with.
    pub async fn finished(&mut self) -> anyhow::Result<()> {
        while let Some(ended) = self.callers.join_next().await {
            ended.context("a caller broke")??;
        }
        Ok(())
    }
}

struct Sent {
    id: Uuid,
    subject: String,
    payload: Vec<u8>,
    name: &'static str,
    unit: &'static str,
}

struct Caller {
    client: Client,
    notebook: Notebook,
    chance: ChaCha8Rng,
    /// What was acknowledged to this caller, for stale repeats.
    done: Vec<Sent>,
}

impl Caller {
    async fn work(mut self, dossiers: usize) -> anyhow::Result<()> {
        for _ in 0..dossiers {
            let route = route::ALL[self.chance.gen_range(0..route::ALL.len())];
            let mut dossier = None;
            for deed in route {
                let sent = self.worded(deed, dossier.as_deref());
                // Somebody who is impatient sends the same again before the answer.
                let answer = if self.chance.gen_bool(0.1) {
                    let (first, _) = tokio::try_join!(self.followed(&sent), self.followed(&sent))?;
                    first
                } else {
                    self.followed(&sent).await?
                };
                dossier = dossier.or(answer.dossier);
                self.done.push(sent);
                if self.chance.gen_bool(0.1) {
                    let old = self.chance.gen_range(0..self.done.len());
                    self.followed(&self.done[old]).await?;
                }
            }
        }
        Ok(())
    }

    fn worded(&mut self, deed: &Deed, dossier: Option<&str>) -> Sent {
        let id = uuid::Builder::from_random_bytes(self.chance.r#gen()).into_uuid();
        let mut message =
            json!({ "id": id, "officer": "cb-01", "at": deed.at, "data": deed.data() });
        if let Some(code) = dossier {
            message["dossier"] = code.into();
        }
        Sent {
            id,
            subject: format!("motcua.v1.cmd.{}.{}", deed.unit, deed.name),
            payload: message.to_string().into_bytes(),
            name: deed.name,
            unit: deed.unit,
        }
    }

    /// Sends until it is followed, and notes the answer. Repeating is what a caller may do.
    async fn followed(&self, sent: &Sent) -> anyhow::Result<Answer> {
        loop {
            let asked = self
                .client
                .request(sent.subject.clone(), sent.payload.clone().into());
            let why = match asked.await {
                Err(error) => error.to_string(),
                Ok(answer) => {
                    let code = answer
                        .headers
                        .as_ref()
                        .and_then(|headers| headers.get("Nats-Service-Error-Code"));
                    match code {
                        None => return self.noted(sent, &answer.payload),
                        // Too early: what it builds on has not arrived; or busy, or stopping.
                        Some(code) if code.as_str() != "400" => {
                            String::from_utf8_lossy(&answer.payload).into_owned()
                        }
                        Some(_) => {
                            anyhow::bail!(
                                "{} refused {}: {}",
                                sent.unit,
                                String::from_utf8_lossy(&sent.payload),
                                String::from_utf8_lossy(&answer.payload)
                            )
                        }
                    }
                }
            };
            let (name, unit) = (sent.name, sent.unit);
            self.notebook
                .waits(sent.id, format!("{name} at {unit}: {why}"));
            tokio::time::sleep(AGAIN_AFTER).await;
        }
    }

    fn noted(&self, sent: &Sent, body: &[u8]) -> anyhow::Result<Answer> {
        let answer: Answer = serde_json::from_slice(body).with_context(|| {
            format!(
                "{} answered {} with {:?}",
                sent.unit,
                sent.name,
                String::from_utf8_lossy(body)
            )
        })?;
        let acknowledged = Acknowledged {
            command: sent.id,
            name: sent.name.to_owned(),
            unit: sent.unit.to_owned(),
            dossier: answer.dossier.clone(),
            epoch: answer.epoch,
            sequence: answer.sequence,
            events: answer.events.clone(),
        };
        self.notebook.answered(acknowledged, answer.status);
        Ok(answer)
    }
}
