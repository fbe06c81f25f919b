//! Asking the origin for what is missing, with patience.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use async_nats::Client;
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use tokio::time::Instant;

use crate::backoff::Backoff;
use crate::log::{self, LogError, PAGE_EVENTS_MAX, Page};
use crate::order::{Gap, Line, Order};
use crate::subject::UnitToken;

/// Most gaps close by themselves in a moment, when messages overtook each other.
const GRACE: Duration = Duration::from_millis(100);

/// The longest pause between two questions to an origin that is away.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// Origins asked at the same time.
const FETCHES_MAX: usize = 8;

type Fetched = (Line, u64, Result<Page, LogError>);

/// The missing numbers of all lines of one receiver.
pub(super) struct Gaps {
    client: Client,
    /// The addressee, for lines to one unit; none for the full feed.
    me: Option<UnitToken>,
    interval: Duration,
    fetches: FuturesUnordered<BoxFuture<'static, Fetched>>,
    busy: BTreeSet<Line>,
    waits: BTreeMap<Line, Wait>,
    claims: BTreeMap<Line, Claim>,
}

struct Wait {
    backoff: Backoff,
    until: Instant,
}

/// What a checkpoint said exists, and from when on its absence is a loss.
struct Claim {
    position: u64,
    from: Instant,
}

impl Gaps {
    pub(super) fn new(client: Client, me: Option<UnitToken>, interval: Duration) -> Gaps {
        Gaps {
            client,
            me,
            interval,
            fetches: FuturesUnordered::new(),
            busy: BTreeSet::new(),
            waits: BTreeMap::new(),
            claims: BTreeMap::new(),
        }
    }

    /// Takes note of a checkpoint's number. What is on its way gets one interval to arrive.
    pub(super) fn claim(&mut self, line: &Line, position: u64, next: u64) {
        if position < next {
            self.claims.remove(line);
        } else {
            let from = Instant::now() + self.interval;
            self.claims
                .entry(line.clone())
                .or_insert(Claim { position, from });
        }
    }

    /// Asks for whatever is missing and due.
    pub(super) fn start<T>(&mut self, order: &mut Order<T>) {
        let now = Instant::now();
        for (line, claim) in self.claims.extract_if(.., |_, claim| claim.from <= now) {
            order.know(&line, claim.position);
        }
        let gaps: Vec<(Line, Gap)> = order
            .gaps()
            .map(|(line, gap)| (line.clone(), gap))
            .collect();
        self.waits
            .retain(|line, _| gaps.iter().any(|(gap, _)| gap == line));
        for (line, gap) in gaps {
            let wait = self.waits.entry(line.clone()).or_insert_with(|| Wait {
                backoff: Backoff::new(&line.origin, GRACE, PAUSE_MAX),
                until: now + GRACE,
            });
            if wait.until <= now && self.fetches.len() < FETCHES_MAX && !self.busy.contains(&line) {
                self.busy.insert(line.clone());
                self.fetches.push(Box::pin(fetch(
                    self.client.clone(),
                    self.me.clone(),
                    line,
                    gap,
                )));
            }
        }
    }

    /// When [`Gaps::start`] has something to do again.
    pub(super) fn wake(&self) -> Option<Instant> {
        let free = self.fetches.len() < FETCHES_MAX;
        let waits = self
            .waits
            .iter()
            .filter(|(line, _)| free && !self.busy.contains(*line))
            .map(|(_, wait)| wait.until);
        waits
            .chain(self.claims.values().map(|claim| claim.from))
            .min()
    }

    /// The next answer; waits as long as there is none to come.
    pub(super) async fn next(&mut self) -> Option<Fetched> {
        let fetched = self.fetches.next().await;
        if let Some((line, ..)) = &fetched {
            self.busy.remove(line);
        }
        fetched
    }

    /// The line got further: go on at once if more is missing.
    pub(super) fn filled(&mut self, line: &Line) {
        if let Some(wait) = self.waits.get_mut(line) {
            wait.backoff.reset();
            wait.until = Instant::now();
        }
    }

    /// The line did not get further: ask again later.
    pub(super) fn failed(&mut self, line: &Line) {
        if let Some(wait) = self.waits.get_mut(line) {
            wait.until = Instant::now() + wait.backoff.next_pause();
        }
    }
}

async fn fetch(client: Client, me: Option<UnitToken>, line: Line, gap: Gap) -> Fetched {
    let limit = (gap.last - gap.first)
        .saturating_add(1)
        .min(PAGE_EVENTS_MAX);
    let result = match (UnitToken::parse(&line.origin), &me) {
        (Ok(origin), Some(me)) => log::read_links(&client, &origin, me, gap.first, limit).await,
        (Ok(origin), None) => log::read_sequences(&client, &origin, gap.first, limit).await,
        (Err(error), _) => Err(LogError::Away {
            unit: line.origin.clone(),
            reason: error.to_string(),
        }),
    };
    (line, gap.first, result)
}
