//! What is missing, and when to ask whom for it, with patience.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::backoff::Backoff;
use crate::order::{Gap, Line, Order};

/// Most gaps close by themselves in a moment, when messages overtook each other.
const GRACE: Duration = Duration::from_millis(100);

/// The longest pause between two questions to an origin that is away.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// Questions open at the same time.
const ASKED_MAX: usize = 8;

/// Of these, questions about lines that got no answer last time. A unit that does not answer costs
/// a whole time-out; however many there are, half of the room is left for the others.
const RETRIED_MAX: usize = 4;

/// The missing numbers of all lines of one receiver.
#[derive(Debug)]
pub(super) struct Gaps {
    interval: Duration,
    waits: BTreeMap<Line, Wait>,
    claims: BTreeMap<Line, Claim>,
    asked: BTreeMap<u64, Asked>,
    numbers: u64,
}

/// A line that misses something.
#[derive(Debug)]
struct Wait {
    backoff: Backoff,
    until: Duration,
    since: Duration,
    /// The next question goes to whoever holds everybody's events.
    holder: bool,
    /// The question that is open.
    asked: Option<u64>,
}

/// What a checkpoint said exists, and when.
#[derive(Debug)]
struct Claim {
    position: u64,
    at: Duration,
}

/// An open question.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) line: Line,
    pub(super) first: u64,
    pub(super) holder: bool,
    retried: bool,
}

/// A question to be asked.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) number: u64,
    pub(super) line: Line,
    pub(super) gap: Gap,
    pub(super) holder: bool,
}

impl Gaps {
    pub(super) fn new(interval: Duration) -> Gaps {
        Gaps {
            interval,
            waits: BTreeMap::new(),
            claims: BTreeMap::new(),
            asked: BTreeMap::new(),
            numbers: 0,
        }
    }

    /// Takes note of a checkpoint's number. What is on its way gets one interval to arrive.
    pub(super) fn claim(&mut self, line: &Line, position: u64, next: u64, now: Duration) {
        if position < next {
            self.claims.remove(line);
        } else {
            let claim = Claim { position, at: now };
            self.claims.entry(line.clone()).or_insert(claim);
        }
    }

    /// Claims whose time has come enter the order; gives when each was made that is still unmet.
    pub(super) fn ripen<T>(&mut self, order: &mut Order<T>, now: Duration) -> Vec<Duration> {
        let interval = self.interval;
        let ripe = self
            .claims
            .extract_if(.., |_, claim| claim.at + interval <= now);
        let mut unmet = Vec::new();
        for (line, claim) in ripe {
            if claim.position >= order.next(&line) {
                unmet.push(claim.at);
            }
            order.know(&line, claim.position);
            if order.gap(&line).is_some() {
                let mut wait = Wait::new(&line, now);
                wait.since = claim.at;
                self.waits.entry(line).or_insert(wait);
            }
        }
        unmet
    }

    /// The next question that is due; the line that has waited longest comes first.
    pub(super) fn next<T>(&mut self, order: &Order<T>, now: Duration) -> Option<Wanted> {
        self.waits.retain(|line, _| order.gap(line).is_some());
        for (line, _) in order.gaps() {
            if !self.waits.contains_key(line) {
                self.waits.insert(line.clone(), Wait::new(line, now));
            }
        }
        if self.asked.len() >= ASKED_MAX {
            return None;
        }
        let retries = self.asked.values().filter(|asked| asked.retried).count();
        let (line, wait) = self
            .waits
            .iter_mut()
            .filter(|(_, wait)| wait.asked.is_none() && wait.until <= now)
            .filter(|(_, wait)| retries < RETRIED_MAX || !wait.is_retried())
            .min_by_key(|(_, wait)| wait.until)?;
        let gap = order.gap(line)?;
        self.numbers += 1;
        wait.asked = Some(self.numbers);
        let asked = Asked {
            line: line.clone(),
            first: gap.first,
            holder: wait.holder,
            retried: wait.is_retried(),
        };
        self.asked.insert(self.numbers, asked);
        Some(Wanted {
            number: self.numbers,
            line: line.clone(),
            gap,
            holder: wait.holder,
        })
    }

    /// When there is something to do again without any input.
    pub(super) fn wake(&self) -> Option<Duration> {
        let retries = self.asked.values().filter(|asked| asked.retried).count();
        let room = self.asked.len() < ASKED_MAX;
        let waits = self
            .waits
            .values()
            .filter(|wait| room && wait.asked.is_none())
            .filter(|wait| retries < RETRIED_MAX || !wait.is_retried())
            .map(|wait| wait.until);
        waits
            .chain(self.claims.values().map(|claim| claim.at + self.interval))
            .min()
    }

    /// The question `number` came back; none when it is not open.
    pub(super) fn answered(&mut self, number: u64) -> Option<Asked> {
        let asked = self.asked.remove(&number)?;
        if let Some(wait) = self.waits.get_mut(&asked.line) {
            wait.asked.take_if(|open| *open == number);
        }
        Some(asked)
    }

    /// The line got further: go on at once if more is missing.
    pub(super) fn filled(&mut self, line: &Line, now: Duration) {
        if let Some(wait) = self.waits.get_mut(line) {
            wait.backoff.reset();
            wait.until = now;
        }
    }

    /// The line did not get further. Where others may hold what is missing (`others`), one of them
    /// is asked at once; otherwise the origin later.
    pub(super) fn failed(&mut self, asked: &Asked, others: bool, now: Duration) {
        if let Some(wait) = self.waits.get_mut(&asked.line) {
            wait.holder = others && !asked.holder;
            wait.until = match wait.holder {
                true => now,
                false => now + wait.backoff.next_pause(),
            };
        }
    }

    /// Since when something has been missing from the line.
    pub(super) fn since(&self, line: &Line) -> Option<Duration> {
        let wait = self.waits.get(line).map(|wait| wait.since);
        let claim = self.claims.get(line).map(|claim| claim.at);
        wait.into_iter().chain(claim).min()
    }

    /// The number that a checkpoint spoke of, while it gets its time to arrive.
    pub(super) fn claimed(&self, line: &Line) -> u64 {
        self.claims.get(line).map_or(0, |claim| claim.position)
    }
}

impl Wait {
    fn new(line: &Line, now: Duration) -> Wait {
        Wait {
            backoff: Backoff::new(&line.origin, GRACE, PAUSE_MAX),
            until: now + GRACE,
            since: now,
            holder: false,
            asked: None,
        }
    }

    fn is_retried(&self) -> bool {
        self.backoff.attempts() > 0
    }
}
