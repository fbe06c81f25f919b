//! The life of one unit: a mailbox that thinks, and a mouth that speaks only after the disk.
//!
//! Two tasks and the queues between them:
//!
//! ```text
//! service ─▶ door (seals, up to 256 at once) ─▶ mailbox ─▶ core ─▶ journal ─┐
//! inbox ─────────────────────────────────────▶ mailbox                      │ receipt
//! clock, shredder ───────────────────────────▶ mailbox      mouth ◀─────────┘
//!                                  recounts ─▶ core
//! ```
//!
//! Personal data that was opened for an officer goes through the mailbox once more: that it was read is
//! durable before it is said.
//!
//! Every queue is bounded: a slow disk fills the journal's, which stops the mailbox, which fills
//! the service's backlog, which answers "busy".

use std::sync::Arc;

use bytes::Bytes;
use calendar::Moment;
use dossier::ids::DossierCode;
use exchange::inbox::{Arrival, Done};
use exchange::service::{Request, Unable};
use journal::{Journal, Receipt};
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::{Semaphore, mpsc, watch};

use crate::answer::Refused;
use crate::asked::{Asked, Granting, Opened};
use crate::command::{CommandEnvelope, QUESTIONS};
use crate::core::{Core, CoreError, Outcome};
use crate::desk::Desk;
use crate::door::Door;
use crate::gauge::Gauge;
use crate::identity::Seeds;
use crate::keys;
use crate::reader::Reader;

/// Requests whose personal data may be sealed at the same time; they share one sync of the vault.
const AT_THE_DOOR: usize = 256;
/// Inputs that wait for the mailbox.
const MAILBOX: usize = 256;
/// Words that wait for the disk: as many as the journal's queue can hold.
const UNSPOKEN: usize = 2_048;

/// What reaches a mailbox.
pub(crate) enum Input {
    /// A command, sealed at the door.
    Command {
        name: String,
        sent: Box<CommandEnvelope<Box<RawValue>>>,
        request: Request,
    },
    /// A question: nothing is written for it.
    Question {
        name: String,
        sent: Box<CommandEnvelope<Box<RawValue>>>,
        request: Request,
    },
    /// Personal data is open, and not given out yet.
    Opened(Box<Opened>),
    /// The keys of a dossier are destroyed in this unit's vault.
    KeysDestroyed(DossierCode),
    /// Something from another unit.
    Arrival(Arrival),
    /// Time has passed.
    Tick(Moment),
    /// Open dossiers are to be recounted after a day was declared.
    Sweep,
}

/// What is to be said once a group is durable.
pub(crate) enum Speech {
    Answer(Box<Request>, Bytes),
    Refuse(Box<Request>, Refused),
    Grant(Box<Granting>),
    Recorded(Box<Done>),
    Nothing,
}

/// Carries requests through the door into the mailbox. What can be told without the core is answered
/// at the door.
pub(crate) async fn usher(
    door: Door,
    gauge: Gauge,
    mut requests: mpsc::Receiver<Request>,
    mailbox: mpsc::Sender<Input>,
) {
    let places = Arc::new(Semaphore::new(AT_THE_DOOR));
    while let Some(request) = requests.recv().await {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let (door, mailbox, gauge) = (door.clone(), mailbox.clone(), gauge.clone());
        tokio::spawn(async move {
            let name = request.name.clone();
            match door.admit(&name, &request.payload).await {
                Ok(sent) if Gauge::knows(&name) => match gauge.answer(&name, &sent.data).await {
                    Ok(body) => request.ok(body).await,
                    Err(refused) => refuse(request, &refused).await,
                },
                Ok(sent) => {
                    let sent = Box::new(sent);
                    let input = if QUESTIONS.contains(&name.as_str()) {
                        Input::Question {
                            name,
                            sent,
                            request,
                        }
                    } else {
                        Input::Command {
                            name,
                            sent,
                            request,
                        }
                    };
                    // The mailbox is gone only when the unit stops.
                    if let Err(mpsc::error::SendError(
                        Input::Command { request, .. } | Input::Question { request, .. },
                    )) = mailbox.send(input).await
                    {
                        request.unable(Unable::Stopping).await;
                    }
                }
                Err(refused) => refuse(request, &refused).await,
            }
            drop(place);
        });
    }
    // Whoever is still at the door has an answer before the process ends.
    let all = u32::try_from(AT_THE_DOOR).unwrap_or(u32::MAX);
    let _ = places.acquire_many(all).await;
    gauge.connection.flush().await;
}

/// A place to put inputs, and the receiving end for [`live`].
pub(crate) fn mailbox() -> (mpsc::Sender<Input>, mpsc::Receiver<Input>) {
    mpsc::channel(MAILBOX)
}

/// What the life of a unit needs besides its core.
pub(crate) struct Means {
    /// Its journal.
    pub(crate) journal: Journal,
    /// Opens personal data.
    pub(crate) reader: Reader,
    /// Its secret file.
    pub(crate) seeds: Seeds,
    /// Where what was opened comes back to.
    pub(crate) mailbox: mpsc::WeakSender<Input>,
}

/// Runs a unit until every sender of its mailbox is gone, and everything written is said.
///
/// # Errors
/// [`CoreError`]: the unit must not go on.
pub(crate) async fn live<D: Desk>(
    mut core: Core<D>,
    means: Means,
    mut inputs: mpsc::Receiver<Input>,
    mut stop: watch::Receiver<bool>,
) -> Result<(), CoreError> {
    let (mouth, words) = mpsc::channel(UNSPOKEN);
    let journal = &means.journal;
    let speaking = tokio::spawn(speak(journal.unit().to_owned(), words));
    loop {
        // A recount of many dossiers takes turns with everything else.
        let input = tokio::select! {
            input = inputs.recv() => input,
            () = durable(journal, core.sweep_waits_for()) => Some(Input::Sweep),
            () = stopped(&mut stop) => None,
        };
        let Some(input) = input else { break };
        handle(&mut core, &means, &mouth, input).await?;
    }
    // What was accepted before the stop is finished: callers still get their answers.
    inputs.close();
    while let Some(input) = inputs.recv().await {
        handle(&mut core, &means, &mouth, input).await?;
    }
    drop(mouth);
    if speaking.await.is_err() {
        tracing::error!(
            unit = journal.unit(),
            "the task that answers callers ended before its time"
        );
    }
    Ok(())
}

async fn handle<D: Desk>(
    core: &mut Core<D>,
    means: &Means,
    mouth: &mpsc::Sender<(Receipt, Speech)>,
    input: Input,
) -> Result<(), CoreError> {
    let journal = &means.journal;
    let (group, speech) = match input {
        Input::Command {
            name,
            sent,
            request,
        } => {
            if name == "rotate_key"
                && let Err(refused) = lay_ready(core, &means.seeds).await
            {
                refuse(request, &refused).await;
                return Ok(());
            }
            match core.command(&name, &sent)? {
                Outcome::Followed(group, answer) => {
                    (group, Speech::Answer(Box::new(request), json(&answer)))
                }
                Outcome::Noted(group, noted) => {
                    (group, Speech::Answer(Box::new(request), json(&noted)))
                }
                Outcome::RefusedOnRecord(group, refused) => {
                    (group, Speech::Refuse(Box::new(request), refused))
                }
                Outcome::Refused(refused) => {
                    refuse(request, &refused).await;
                    return Ok(());
                }
            }
        }
        Input::Question {
            name,
            sent,
            request,
        } => {
            let asked = Asked {
                name,
                sent,
                request,
            };
            match asked.answered(core, means).await? {
                Some(recorded) => recorded,
                None => return Ok(()),
            }
        }
        Input::Opened(opened) => match opened.recorded(core).await? {
            Some(recorded) => recorded,
            None => return Ok(()),
        },
        Input::KeysDestroyed(code) => (core.destroyed(&code)?, Speech::Nothing),
        Input::Arrival(Arrival::Event(event)) => {
            let group = core.arrived(event.signed, &event.from, event.link)?;
            for kept in &group.quarantined {
                let (from, reason) = (&kept.from, &kept.reason);
                tracing::warn!(unit = journal.unit(), from, reason, "put into quarantine");
            }
            (group, Speech::Recorded(Box::new(event.done)))
        }
        Input::Arrival(Arrival::Unfit {
            bytes,
            signature,
            key,
            from,
            link,
            reason,
            done,
            ..
        }) => {
            tracing::warn!(unit = journal.unit(), from, reason, "put into quarantine");
            (
                core.unfit(&bytes, signature.zip(key), &from, link, reason),
                Speech::Recorded(Box::new(done)),
            )
        }
        // Whether a peer is heard changes nothing about a dossier.
        Input::Arrival(Arrival::Contact { .. }) => return Ok(()),
        Input::Tick(now) => {
            let group = core.wake(now)?;
            if group.entries.is_empty() && group.notes.is_empty() {
                return Ok(());
            }
            (group, Speech::Nothing)
        }
        Input::Sweep => (core.sweep()?, Speech::Nothing),
    };
    // A repeated command brings an empty group: its answer still waits for what is before it.
    let receipt = journal.append(group).await;
    // The mouth ends before the mailbox only when this process is ending.
    let _ = mouth.send((receipt, speech)).await;
    Ok(())
}

/// Makes the next key durable before the core can name it in an event.
async fn lay_ready<D: Desk>(core: &mut Core<D>, seeds: &Seeds) -> Result<(), Refused> {
    let (seeds, in_use) = (seeds.clone(), core.key_in_use());
    let made = tokio::task::spawn_blocking(move || seeds.next(&in_use)).await;
    let next = made
        .map_err(|error| error.to_string())
        .and_then(|made| made.map_err(|error| error.to_string()));
    core.lay_ready(next.map_err(|why| keys::not_made(&why))?);
    Ok(())
}

/// Resolves when the own event numbered `sequence` is durable; never for none.
async fn durable(journal: &Journal, sequence: Option<u64>) {
    let Some(sequence) = sequence else {
        return std::future::pending().await;
    };
    let mut entries = journal.durable();
    // An error means that the journal is closed; the next append tells of it.
    let _ = entries
        .wait_for(|_| journal.last_sequence() >= sequence)
        .await;
}

/// Resolves when the process is told to end.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that nobody is left to tell it.
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn speak(unit: String, mut words: mpsc::Receiver<(Receipt, Speech)>) {
    while let Some((receipt, speech)) = words.recv().await {
        if let Err(error) = receipt.await {
            // The core's state is then ahead of its journal: only a restart brings them together.
            tracing::error!(unit, %error, "the journal refused what this unit wrote; the service stops");
            std::process::exit(1);
        }
        match speech {
            Speech::Answer(request, body) => request.ok(body).await,
            Speech::Refuse(request, refused) => refuse(*request, &refused).await,
            Speech::Grant(granting) => granting.carry_out(),
            Speech::Recorded(done) => done.recorded(),
            Speech::Nothing => {}
        }
    }
}

pub(crate) async fn refuse(request: Request, refused: &Refused) {
    request
        .error(refused.http_code(), &refused.message, json(refused))
        .await;
}

pub(crate) fn json<T: Serialize>(value: &T) -> Bytes {
    serde_json::to_vec(value).unwrap_or_default().into()
}
