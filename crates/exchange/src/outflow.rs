//! What an outbox publishes, and when: pure bookkeeping, no broker, no waiting and no clock.
//!
//! The journal is the queue. A cursor remembers up to which entry the broker has confirmed
//! everything, and what the streams looked like then: a stream that was made anew, or that came
//! back shorter, is filled again from the first entry. Time is an argument, counted from any
//! fixed start.

mod lag;
mod pacing;
mod position;
mod publication;
mod window;

use std::time::Duration;

use tracing::{error, warn};

use crate::backoff::Backoff;
use crate::status::OutboxStatus;
use crate::subject::UnitToken;
use lag::Lag;
use position::Cursor;
pub use position::{Seen, StreamSeen};
pub use publication::{Batch, Lane, Publication, read};
use window::Window;

/// The journal's name for the cursor.
pub const CURSOR: &str = "outbox";

/// Between two attempts after a failure: at least, and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// What is to be done. Each is answered under its number, or its failure is told.
#[derive(Debug)]
pub enum Step {
    /// Make sure of the streams and look at them; answered by [`Outflow::streams`].
    Look {
        /// The number of this question.
        number: u64,
    },
    /// Read the journal; answered by [`Outflow::read`].
    Read {
        /// The number of this question.
        number: u64,
        /// The first entry wanted.
        from: u64,
        /// The first entry that is not wanted.
        to: u64,
    },
    /// Publish this; answered by [`Outflow::confirmed`] under its ticket.
    Publish(Publication),
    /// Keep this beside the journal under [`CURSOR`]. Not answered.
    Keep(Vec<u8>),
}

/// Decides what the outbox of one unit does.
#[derive(Debug)]
pub struct Outflow {
    unit: UnitToken,
    check_every: Duration,
    backoff: Backoff,
    size: u64,
    lag: Lag,
    /// Where it stands. None before anything was ever published.
    cursor: Option<Cursor>,
    /// The cursor has to be kept.
    unkept: bool,
    /// The entry up to which the kept cursor reaches.
    kept: u64,
    phase: Phase,
    /// The question about the streams that is open, with the position when it was asked:
    /// what is confirmed later need not be in the answer.
    look: Option<(u64, Option<Cursor>)>,
    numbers: u64,
}

#[derive(Debug)]
enum Phase {
    Pausing { until: Duration },
    Looking,
    Publishing { window: Window, next_look: Duration },
}

impl Outflow {
    /// For `unit`, going on where `kept` says (what [`Step::Keep`] gave last, as the journal
    /// returns it). The streams are looked at every `check_every`.
    pub fn new(unit: &UnitToken, kept: Option<&[u8]>, check_every: Duration) -> Outflow {
        let (floor, ceiling) = PAUSES;
        let cursor: Option<Cursor> = kept.and_then(|bytes| serde_json::from_slice(bytes).ok());
        let kept = cursor.map_or(0, |cursor| cursor.next);
        Outflow {
            unit: unit.clone(),
            check_every,
            backoff: Backoff::new(unit.as_str(), floor, ceiling),
            size: 0,
            lag: Lag::default(),
            cursor,
            unkept: false,
            kept,
            phase: Phase::Looking,
            look: None,
            numbers: 0,
        }
    }

    /// The journal has `size` durable entries.
    pub fn durable(&mut self, size: u64, now: Duration) {
        self.size = self.size.max(size);
        self.lag.grew(self.size, now);
        self.lag.published(self.published());
    }

    /// The streams are these.
    pub fn streams(&mut self, number: u64, seen: Seen, now: Duration) {
        let Some((_, asked_at)) = self.look.take_if(|(asked, _)| *asked == number) else {
            return;
        };
        let holds = asked_at.is_none_or(|cursor| cursor.is_held_by(&seen));
        if let (Phase::Publishing { next_look, .. }, true) = (&mut self.phase, holds) {
            *next_look = now + self.check_every;
            return;
        }
        let next = match asked_at {
            Some(_) if holds => self.published().min(self.size),
            Some(cursor) if cursor.next > 0 => {
                warn!(unit = %self.unit, entries = cursor.next, "the broker lost messages; \
                    publishing the journal again from its beginning");
                0
            }
            _ => 0,
        };
        self.cursor = Some(Cursor::new(next, &seen));
        self.unkept = true;
        self.phase = Phase::Publishing {
            window: Window::new(next, self.size, now),
            next_look: now + self.check_every,
        };
    }

    /// The journal was read.
    pub fn read(&mut self, number: u64, batch: Batch) {
        if let Phase::Publishing { window, .. } = &mut self.phase {
            window.read(number, batch);
            self.settle();
        }
    }

    /// The broker took the publication `ticket`, as its stream's message number `sequence`.
    pub fn confirmed(&mut self, ticket: u64, sequence: u64) {
        if let (Phase::Publishing { window, .. }, Some(cursor)) =
            (&mut self.phase, &mut self.cursor)
            && let Some(lane) = window.confirm(ticket)
        {
            cursor.confirm(lane, sequence);
            self.backoff.reset();
            self.settle();
        }
    }

    /// A question or a publication failed. Everything unconfirmed is given up; after the pause
    /// that is returned, publishing goes on from the last confirmed entry. None when nothing by
    /// this number is open any more.
    pub fn failed(&mut self, number: u64, now: Duration) -> Option<Duration> {
        let asked = self
            .look
            .as_ref()
            .is_some_and(|(asked, _)| *asked == number);
        let open = match &self.phase {
            Phase::Publishing { window, .. } => window.has(number),
            Phase::Pausing { .. } | Phase::Looking => false,
        };
        if !asked && !open {
            return None;
        }
        let pause = self.backoff.next_pause();
        self.interrupt(Phase::Pausing { until: now + pause });
        Some(pause)
    }

    /// The broker came back, and may have lost anything.
    pub fn reconnected(&mut self) {
        self.interrupt(Phase::Looking);
    }

    /// What to do next; ask until there is nothing, after every input and when [`Outflow::wake`]
    /// has come.
    pub fn poll(&mut self, now: Duration) -> Option<Step> {
        if let Phase::Pausing { until } = self.phase
            && until <= now
        {
            self.phase = Phase::Looking;
        }
        if std::mem::take(&mut self.unkept)
            && let Some(kept) = self.position()
        {
            self.kept = self.published();
            return Some(Step::Keep(kept));
        }
        match &mut self.phase {
            Phase::Pausing { .. } => None,
            Phase::Looking => self.look.is_none().then(|| self.ask()),
            Phase::Publishing { next_look, .. } if *next_look <= now && self.look.is_none() => {
                Some(self.ask())
            }
            Phase::Publishing { window, .. } => {
                let number = self.numbers + 1;
                let step = window.next(number, self.size, now)?;
                self.numbers = number;
                Some(step)
            }
        }
    }

    /// When there is something to do without any input.
    pub fn wake(&self) -> Option<Duration> {
        match &self.phase {
            Phase::Pausing { until } => Some(*until),
            Phase::Looking => None,
            Phase::Publishing { window, next_look } => {
                let look = self.look.is_none().then_some(*next_look);
                look.into_iter().chain(window.wake()).min()
            }
        }
    }

    /// How many entries of the journal are wholly published.
    pub fn published(&self) -> u64 {
        self.cursor.map_or(0, |cursor| cursor.next)
    }

    /// What to keep before ending, so that the next start repeats as little as possible.
    pub fn position(&self) -> Option<Vec<u8>> {
        match serde_json::to_vec(self.cursor.as_ref()?) {
            Ok(bytes) => Some(bytes),
            // Without a cursor the next start publishes again, which is harmless.
            Err(error) => {
                error!(unit = %self.unit, %error, "the outbox position was not kept");
                None
            }
        }
    }

    /// How far publishing has come.
    pub fn status(&self, now: Duration) -> OutboxStatus {
        let draining = match &self.phase {
            Phase::Publishing { window, .. } => window.is_draining(),
            Phase::Pausing { .. } | Phase::Looking => false,
        };
        OutboxStatus {
            published: self.published(),
            size: self.size,
            oldest_waits: self.lag.oldest(now),
            draining,
        }
    }

    fn ask(&mut self) -> Step {
        self.numbers += 1;
        self.look = Some((self.numbers, self.cursor));
        Step::Look {
            number: self.numbers,
        }
    }

    fn interrupt(&mut self, phase: Phase) {
        self.phase = phase;
        self.look = None;
    }

    /// Moves the cursor behind what is wholly confirmed.
    fn settle(&mut self) {
        let (Phase::Publishing { window, .. }, Some(cursor)) = (&mut self.phase, &mut self.cursor)
        else {
            return;
        };
        let idle = window.settle();
        cursor.next = window.published();
        self.lag.published(cursor.next);
        // Often enough for a short repetition after a crash, seldom enough to cost nothing.
        let far = cursor.next - self.kept.min(cursor.next) >= window::SIZE;
        self.unkept |= far || (idle && cursor.next != self.kept);
    }
}
