//! Playing the quarter: officers and citizens act at their simulated instants, by the documented
//! commands, on what they see in the event feed. Nobody here looks into a service.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use anyhow::Context;
use async_nats::Client;
use calendar::Moment;
use chrono::TimeDelta;
use dossier::ids::{DossierCode, UnitId};
use dossier::wire;
use envelope::{Checkpoint, Event};
use exchange::connect::Connection;
use exchange::feed::{Fed, FedEvent};
use exchange::subject::{self, CLOCK, UnitToken};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use serde_json::json;
use tokio::sync::mpsc;
use unit::answer::{Answer, Refused};
use workload::action::Action;
use workload::player::Player;

use super::pace;
use super::progress::Progress;

/// Officers who act at the same time.
const OFFICERS: usize = 96;
/// After which an officer asks again; the command's id makes that safe.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);
/// How long a service may be away before an officer gives up.
const PATIENCE: Duration = Duration::from_secs(90);
/// Simulated hours that are played at once.
const HOURS_AT_ONCE: i64 = 24;
/// How long everything may take to come to rest after an act.
const REST_PATIENCE: Duration = Duration::from_secs(120);
/// Between two looks when nothing happens, and between two announcements of the simulated clock.
const LOOK_AGAIN: Duration = Duration::from_millis(10);
const CLOCK_EVERY: Duration = Duration::from_millis(500);

/// What an act led to.
enum Done {
    Followed(Answer),
    /// Somebody else was quicker: the step was taken, or the dossier settled, before this officer
    /// came to it.
    Overtaken,
    Refused(Refused),
}

/// The stage of a run.
pub(super) struct Quarter {
    connection: Connection,
    feed: mpsc::Receiver<Fed>,
    /// Per unit, the last own number seen on the feed, and the last one that was answered.
    seen: BTreeMap<String, u64>,
    answered: BTreeMap<String, u64>,
    heads: BTreeMap<String, Checkpoint>,
    progress: Progress,
    /// Refusals that nobody expected.
    pub faults: Vec<String>,
    /// Acts that somebody else had made pointless.
    pub(crate) overtaken: u64,
    /// Events seen.
    pub events: u64,
}

impl Quarter {
    /// A stage on which nothing has happened yet.
    pub(super) fn new(
        connection: Connection,
        feed: mpsc::Receiver<Fed>,
        progress: Progress,
    ) -> Self {
        Self {
            connection,
            feed,
            seen: BTreeMap::new(),
            answered: BTreeMap::new(),
            heads: BTreeMap::new(),
            progress,
            faults: Vec::new(),
            overtaken: 0,
            events: 0,
        }
    }

    /// Plays until the last instant of the quarter, and until everything has come to rest. Returns
    /// the position that each unit's journal had then.
    pub(super) async fn play(
        &mut self,
        player: &mut Player,
        units: &[UnitId],
    ) -> anyhow::Result<BTreeMap<String, Checkpoint>> {
        let end = player.workload().ends_at;
        let mut until = begins_at(player);
        let mut waiting = Agenda::default();
        let mut acting = FuturesUnordered::new();
        let mut clock = Instant::now();
        let mut resting: Option<Instant> = None;
        self.announce(until).await?;
        loop {
            player
                .due(until)?
                .into_iter()
                .for_each(|action| waiting.add(action));
            while acting.len() < OFFICERS
                && let Some(action) = waiting.take()
            {
                let client = self.connection.client.clone();
                acting.push(async move { (act(&client, &action).await, action) });
            }
            if clock.elapsed() > CLOCK_EVERY {
                clock = Instant::now();
                self.announce(until).await?;
            }
            let mut idle = false;
            tokio::select! {
                biased;
                Some((done, action)) = acting.next(), if !acting.is_empty() => {
                    waiting.finished(action.number);
                    self.answered(player, &action, done?)?;
                }
                fed = self.feed.recv() => self.fed(player, fed.context("the feed of events ended")?)?,
                () = tokio::time::sleep(LOOK_AGAIN) => idle = true,
            }
            while let Ok(fed) = self.feed.try_recv() {
                self.fed(player, fed)?;
            }
            let quiet =
                acting.is_empty() && waiting.is_empty() && self.has_seen_what_was_answered();
            if !quiet || player.next_instant().is_some_and(|next| next <= until) {
                resting = None;
                continue;
            }
            let since = *resting.get_or_insert_with(Instant::now);
            let why = if until < end {
                pace::laggard(&self.connection, units, &self.seen).await
            } else if idle {
                self.unrest(units)
            } else {
                continue;
            };
            match why {
                None if until < end => {
                    until = (until + TimeDelta::hours(HOURS_AT_ONCE)).min(end);
                    self.announce(until).await?;
                    resting = None;
                }
                None => return Ok(std::mem::take(&mut self.heads)),
                Some(why) => anyhow::ensure!(
                    since.elapsed() < REST_PATIENCE,
                    "the units did not come to rest within {} s: {why}",
                    REST_PATIENCE.as_secs()
                ),
            }
        }
    }

    /// How long the quarter has taken.
    pub(super) fn elapsed(&self) -> Duration {
        self.progress.elapsed()
    }

    async fn announce(&mut self, now: Moment) -> anyhow::Result<()> {
        self.progress.show(now, self.events);
        let tick = json!({ "now": now }).to_string();
        self.connection
            .client
            .publish(CLOCK, tick.into())
            .await
            .context("announcing the simulated clock")
    }

    fn answered(&mut self, player: &mut Player, action: &Action, done: Done) -> anyhow::Result<()> {
        match done {
            Done::Followed(answer) => {
                let last = self
                    .answered
                    .entry(answer.unit.as_str().to_owned())
                    .or_default();
                *last = (*last).max(answer.sequence);
                if action.dossier.is_none() {
                    self.progress.opened();
                }
                let answer = workload::action::Answer {
                    dossier: answer.dossier,
                    due_at: answer.due_at,
                };
                player.answered(action.id, &answer)?;
            }
            Done::Overtaken => self.overtaken += 1,
            Done::Refused(refused) => {
                let dossier = action
                    .dossier
                    .as_ref()
                    .map_or("a new dossier", DossierCode::as_str);
                self.faults.push(format!(
                    "{} at {} for {dossier} was refused: {} {}",
                    action.command, action.unit, refused.code, refused.message
                ));
            }
        }
        Ok(())
    }

    fn fed(&mut self, player: &mut Player, fed: Fed) -> anyhow::Result<()> {
        match fed {
            Fed::Event(event) => self.told(player, event),
            Fed::Unfit { unit, reason, .. } => {
                anyhow::bail!("an event of {unit} cannot be accepted: {reason}")
            }
            Fed::Contact { unit, checkpoint } => {
                self.heads.insert(unit, checkpoint);
                Ok(())
            }
        }
    }

    fn told(&mut self, player: &mut Player, fed: FedEvent) -> anyhow::Result<()> {
        self.events += 1;
        let event = Event::read(&fed.signed.bytes)?;
        let fact = wire::read(event.kind, event.data)?;
        if let (Some(fact), Ok(code)) = (fact, DossierCode::parse(&event.subject)) {
            player.told(&code, event.time, &fact)?;
        }
        self.seen.insert(fed.unit, fed.sequence);
        fed.done.recorded();
        Ok(())
    }

    fn has_seen_what_was_answered(&self) -> bool {
        self.answered
            .iter()
            .all(|(unit, sequence)| self.seen.get(unit).copied().unwrap_or(0) >= *sequence)
    }

    /// What is still under way between the units, as their own checkpoints tell: an event written
    /// and not yet seen here, or sent and not yet in the addressee's journal.
    fn unrest(&self, units: &[UnitId]) -> Option<String> {
        for unit in units {
            let Some(head) = self.heads.get(unit.as_str()) else {
                return Some(format!("{unit} has not announced where it stands"));
            };
            let seen = self.seen.get(unit.as_str()).copied().unwrap_or(0);
            if head.sequence != seen {
                return Some(format!(
                    "{unit} stands at {}, seen are {seen}",
                    head.sequence
                ));
            }
            let sent: u64 = self
                .heads
                .values()
                .filter_map(|other| other.links.get(unit.as_str()))
                .sum();
            let taken_in = head.entries - head.sequence;
            if sent != taken_in {
                return Some(format!(
                    "{unit} was sent {sent} events and has taken in {taken_in}"
                ));
            }
        }
        None
    }
}

/// What is to be done, in order: one act at a time for each dossier, many dossiers side by side.
#[derive(Default)]
struct Agenda {
    free: VecDeque<Action>,
    /// Dossiers that are being acted upon, and what comes after.
    busy: BTreeMap<usize, VecDeque<Action>>,
}

impl Agenda {
    fn add(&mut self, action: Action) {
        match self.busy.get_mut(&action.number) {
            Some(after) => after.push_back(action),
            None => {
                self.busy.insert(action.number, VecDeque::new());
                self.free.push_back(action);
            }
        }
    }

    fn take(&mut self) -> Option<Action> {
        self.free.pop_front()
    }

    fn finished(&mut self, number: usize) {
        match self.busy.get_mut(&number).and_then(VecDeque::pop_front) {
            Some(next) => self.free.push_back(next),
            None => {
                self.busy.remove(&number);
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.busy.is_empty()
    }
}

/// The first moment at which something is to be done.
pub(super) fn begins_at(player: &Player) -> Moment {
    player.next_instant().unwrap_or(player.workload().ends_at)
}

/// Acts as an officer would: asks again while a service is away or busy, or has not been told yet.
async fn act(client: &Client, action: &Action) -> anyhow::Result<Done> {
    let subject = subject::command(&UnitToken::parse(action.unit.as_str())?, &action.command)?;
    let message = action.message().to_string();
    let began = Instant::now();
    let mut pause = Duration::from_millis(5);
    loop {
        let request = async_nats::Request::new()
            .payload(message.clone().into())
            .timeout(Some(ANSWER_WITHIN));
        let why = match client.send_request(subject.clone(), request).await {
            Ok(answer) => {
                let header = |name| {
                    answer
                        .headers
                        .as_ref()
                        .and_then(|headers| headers.get(name))
                        .map(|value| value.as_str())
                };
                match header("Nats-Service-Error-Code") {
                    None => {
                        let answer = serde_json::from_slice(&answer.payload)
                            .with_context(|| format!("the answer on {subject} is not readable"))?;
                        return Ok(Done::Followed(answer));
                    }
                    Some("503") => "busy".to_owned(),
                    Some(_) => {
                        let refused: Refused = serde_json::from_slice(&answer.payload)
                            .with_context(|| format!("the refusal on {subject} is not readable"))?;
                        match (refused.code.as_str(), action.command.as_str()) {
                            // The feed is faster than the inbox: the unit will be told.
                            ("dossier.unknown" | "step.not_held", _)
                            | ("step.ended", "accept")
                            | ("route.already_given", "dispatch") => refused.message,
                            ("step.already_taken", "accept") | ("outcome.settled", _) => {
                                return Ok(Done::Overtaken);
                            }
                            _ => return Ok(Done::Refused(refused)),
                        }
                    }
                }
            }
            Err(error) => error.to_string(),
        };
        anyhow::ensure!(
            began.elapsed() < PATIENCE,
            "{subject} was not answered within {} s: {why}",
            PATIENCE.as_secs()
        );
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(500));
    }
}
