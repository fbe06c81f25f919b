//! Telling what is due, dossier by dossier, until the portal has all of it.
//!
//! A round goes over every dossier that is due, those that failed before after the others. One that
//! fails rests, for growing pauses, and the round goes on with the next. When a round hears nothing at
//! all, the portal is away, and everything rests.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use dossier::ids::DossierCode;
use exchange::backoff::Backoff;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::call::Verdict;
use crate::client::{Heard, Portal};
use crate::health::Pulse;
use crate::store::{Store, StoreError};
use crate::story::{Manner, Untold, story};

/// After so many dossiers of which nothing was heard, in a round that heard nothing else, the portal
/// counts as away.
const SILENT_MAX: u32 = 3;

/// The longest pause while the portal is away: some dossiers that break it look the same when nothing
/// else is due, and what arrives meanwhile should not wait for their pauses.
const AWAY_MAX: Duration = Duration::from_secs(30);

/// Messages of one dossier in one round; the others have their turn then.
const MESSAGES_MAX: u32 = 50;

/// How long to wait before another try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pauses {
    /// After the first failure.
    pub floor: Duration,
    /// At most.
    pub ceiling: Duration,
}

/// Sends what is due.
#[derive(Debug)]
pub(crate) struct Outbox {
    store: Store,
    portal: Portal,
    manner: Manner,
    pauses: Pauses,
    pulse: Pulse,
    rests: BTreeMap<DossierCode, Rest>,
}

#[derive(Debug)]
struct Rest {
    pauses: Backoff,
    until: Instant,
}

/// How a dossier's turn in a round ended.
enum Turn {
    /// Nothing is left.
    Over,
    /// Its messages of this round are used up.
    More,
    /// Something else has to arrive first.
    Waits(String),
    /// It waits for another try.
    Failed(String),
    /// Nothing was heard of the portal.
    Unheard(String),
    /// No dossier will fare better.
    Shut(String),
}

/// How a round ended.
enum Round {
    /// Nothing is left but what rests.
    Over,
    /// Some dossier has more to tell.
    More,
    /// The portal as a whole is not reached.
    Away(String),
}

impl Outbox {
    /// An outbox over `store`.
    pub(crate) fn new(
        store: Store,
        portal: Portal,
        manner: Manner,
        pauses: Pauses,
        pulse: Pulse,
    ) -> Self {
        Self {
            store,
            portal,
            manner,
            pauses,
            pulse,
            rests: BTreeMap::new(),
        }
    }

    /// Sends until `stop` turns true. `wake` says that something arrived.
    ///
    /// # Errors
    /// [`StoreError`] when the journal cannot be read at all.
    pub(crate) async fn run(
        mut self,
        wake: Arc<Notify>,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(), StoreError> {
        let ceiling = self.pauses.ceiling.min(AWAY_MAX);
        let mut away = Backoff::new("portal", self.pauses.floor.min(ceiling), ceiling);
        loop {
            let round = tokio::select! {
                // A message under way is let go: it is on disk and will be sent again.
                _ = stop.wait_for(|flag| *flag) => return Ok(()),
                round = self.round() => round?,
            };
            let (wakes, pause) = match round {
                Round::More => continue,
                Round::Over => {
                    away.reset();
                    (true, self.rests.values().map(|rest| rest.until).min())
                }
                Round::Away(reason) => {
                    let pause = away.next_pause();
                    tracing::warn!(reason, ?pause, "the portal is not reached");
                    self.pulse.silent(&reason);
                    // What arrives does not bring it back.
                    (false, Some(Instant::now() + pause))
                }
            };
            tokio::select! {
                _ = stop.wait_for(|flag| *flag) => return Ok(()),
                () = wake.notified(), if wakes => {}
                () = until(pause) => {}
            }
        }
    }

    /// Once over everything that is due.
    async fn round(&mut self) -> Result<Round, StoreError> {
        let due = self.store.due()?;
        self.rests.retain(|code, _| due.contains_key(code));
        let failed = |code: &DossierCode| self.rests.get(code).map_or(0, |r| r.pauses.attempts());
        let mut order: Vec<_> = due
            .into_iter()
            .map(|(code, since)| (failed(&code), since, code))
            .collect();
        order.sort();
        let (mut heard, mut unheard, mut more) = (false, 0, false);
        for (_, _, code) in order {
            let now = Instant::now();
            if self.rests.get(&code).is_some_and(|rest| rest.until > now) {
                continue;
            }
            let turn = match self.tell(&code).await {
                Ok(turn) => turn,
                // One dossier's record that cannot be read must not hold up the others.
                Err(error) => Turn::Waits(error.to_string()),
            };
            match turn {
                Turn::Over | Turn::More => {
                    heard = true;
                    more |= matches!(turn, Turn::More);
                    self.rests.remove(&code);
                    self.pulse.goes_on(&code);
                }
                Turn::Waits(reason) => {
                    self.rests.remove(&code);
                    self.pulse.rests(&code, &reason);
                }
                Turn::Failed(reason) => {
                    heard = true;
                    self.rest(code, &reason);
                }
                Turn::Unheard(reason) => {
                    unheard += 1;
                    self.rest(code, &reason);
                    if unheard >= SILENT_MAX && !heard {
                        return Ok(Round::Away(reason));
                    }
                }
                Turn::Shut(reason) => return Ok(Round::Away(reason)),
            }
        }
        Ok(if more { Round::More } else { Round::Over })
    }

    async fn tell(&self, code: &DossierCode) -> Result<Turn, StoreError> {
        for _ in 0..MESSAGES_MAX {
            let statements = self.store.about(code)?;
            let mut line = self.store.line(code)?;
            let before = line.clone();
            if line.under_way.is_none() {
                let story = match story(code, &statements, &line.told, &self.manner) {
                    Ok(story) => story,
                    Err(Untold::Simulated) => {
                        // It will never be told, so it does not wait.
                        self.store.keep(code, &line, Some(statements.len())).await?;
                        return Ok(Turn::Over);
                    }
                    Err(untold @ Untold::Unheard) => return Ok(Turn::Waits(untold.to_string())),
                    Err(untold) => return Ok(Turn::Failed(untold.to_string())),
                };
                let more = line.load(&story);
                if !more && line.told.len() > before.told.len() {
                    self.store.keep(code, &line, None).await?;
                    continue;
                }
                if !more && story.held > 0 {
                    let held = story.held;
                    return Ok(Turn::Waits(format!(
                        "{held} events wait for others that have not arrived"
                    )));
                }
                if !more {
                    self.store.keep(code, &line, Some(statements.len())).await?;
                    return Ok(Turn::Over);
                }
                // On disk before it is sent: what is sent again is the same.
                self.store.keep(code, &line, None).await?;
            }
            let Some(parcel) = &line.under_way else {
                return Ok(Turn::Over);
            };
            let (service, updating) = (parcel.service, parcel.updating);
            let partner = &self.manner.partner;
            let heard = self
                .portal
                .send(partner, service, updating, &parcel.data)
                .await;
            let verdict = match heard {
                Heard::Reply(reply) => reply.verdict(partner),
                Heard::Refused(reason) => Verdict::Refused(reason),
                Heard::Silence(reason) => return Ok(Turn::Unheard(reason)),
                Heard::NotLetIn(reason) => {
                    return Ok(Turn::Shut(format!("{reason}: renew the session")));
                }
            };
            let set_aside = line.aside.len();
            line.answered(&verdict);
            self.store.keep(code, &line, None).await?;
            if verdict == Verdict::Done {
                self.pulse.delivered();
            }
            if let Some(aside) = line.aside.get(set_aside) {
                let reason = &aside.reason;
                tracing::error!(%code, ?service, reason, "refused for what it says, set aside");
            }
            // Refused and not set aside, it is tried again in a round to come.
            let refused = line.under_way.as_ref().filter(|p| p.refusals > 0);
            if refused.is_some() {
                return Ok(Turn::Failed(match verdict {
                    Verdict::Refused(reason) => reason,
                    _ => "the portal says that it has it already".to_owned(),
                }));
            }
        }
        Ok(Turn::More)
    }

    fn rest(&mut self, code: DossierCode, reason: &str) {
        tracing::debug!(%code, reason, "not told yet");
        self.pulse.rests(&code, reason);
        let fresh = Backoff::new(code.as_str(), self.pauses.floor, self.pauses.ceiling);
        let rest = self.rests.entry(code).or_insert_with(|| Rest {
            pauses: fresh,
            until: Instant::now(),
        });
        rest.until = Instant::now() + rest.pauses.next_pause();
    }
}

/// The end of a pause; never, where there is none.
async fn until(pause: Option<Instant>) {
    match pause {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
