//! What was read from the journal and is not yet confirmed, in order.

use std::collections::VecDeque;
use std::time::Duration;

use super::Step;
use super::pacing::Pacing;
use super::publication::{Batch, Lane, Publication};

/// Publications that may be unconfirmed at once.
pub(super) const SIZE: u64 = 256;

/// From the first unconfirmed publication to the last entry read.
#[derive(Debug)]
pub(super) struct Window {
    /// Index of the first entry that is not wholly confirmed.
    published: u64,
    /// The index after the last entry read.
    read_to: u64,
    /// The reading that is under way.
    reading: Option<u64>,
    waiting: VecDeque<Publication>,
    sent: VecDeque<Sent>,
    /// While a backlog is worked off.
    pacing: Option<Pacing>,
}

/// A publication on its way.
#[derive(Debug)]
struct Sent {
    ticket: u64,
    lane: Lane,
    completes: Option<u64>,
    confirmed: bool,
}

impl Window {
    /// Begins at entry `next` of a journal of `size` entries: what lies between is a backlog.
    pub(super) fn new(next: u64, size: u64, now: Duration) -> Window {
        Window {
            published: next,
            read_to: next,
            reading: None,
            waiting: VecDeque::new(),
            sent: VecDeque::new(),
            pacing: (next < size).then(|| Pacing::new(size, now)),
        }
    }

    pub(super) fn published(&self) -> u64 {
        self.published
    }

    pub(super) fn is_draining(&self) -> bool {
        self.pacing.is_some()
    }

    /// True when the reading or the publication `number` is under way.
    pub(super) fn has(&self, number: u64) -> bool {
        self.reading == Some(number) || self.sent.iter().any(|sent| sent.ticket == number)
    }

    pub(super) fn read(&mut self, number: u64, batch: Batch) {
        if self.reading.take_if(|reading| *reading == number).is_some() {
            self.waiting.extend(batch.publications);
            self.read_to = self.read_to.max(batch.next);
        }
    }

    /// Takes note of a confirmation, in whatever order they come; none when it is not awaited.
    pub(super) fn confirm(&mut self, ticket: u64) -> Option<Lane> {
        let sent = self.sent.iter_mut().find(|sent| sent.ticket == ticket)?;
        sent.confirmed = true;
        Some(sent.lane)
    }

    /// Lets go of what is confirmed with all before it; true when nothing is left to be done.
    pub(super) fn settle(&mut self) -> bool {
        while let Some(sent) = self.sent.pop_front_if(|sent| sent.confirmed) {
            self.published = sent.completes.unwrap_or(self.published);
        }
        let idle = self.waiting.is_empty() && self.sent.is_empty() && self.reading.is_none();
        if idle {
            // Entries at the end that had nothing to publish.
            self.published = self.read_to;
        }
        self.pacing.take_if(|pacing| pacing.is_over(self.published));
        idle
    }

    /// The next thing to do, under `number`, for a journal of `size` entries.
    pub(super) fn next(&mut self, number: u64, size: u64, now: Duration) -> Option<Step> {
        if self.waiting.is_empty() && self.reading.is_none() && self.read_to < size {
            self.reading = Some(number);
            return Some(Step::Read {
                number,
                from: self.read_to,
                to: size,
            });
        }
        if !self.has_room()
            || self
                .pacing
                .as_ref()
                .is_some_and(|pacing| pacing.due() > now)
        {
            return None;
        }
        let mut publication = self.waiting.pop_front()?;
        publication.ticket = number;
        self.sent.push_back(Sent {
            ticket: number,
            lane: publication.lane(),
            completes: publication.completes,
            confirmed: false,
        });
        if let Some(pacing) = &mut self.pacing {
            pacing.sent(now);
        }
        Some(Step::Publish(publication))
    }

    /// When the pace allows the next publication.
    pub(super) fn wake(&self) -> Option<Duration> {
        let sends = !self.waiting.is_empty() && self.has_room();
        self.pacing.as_ref().filter(|_| sends).map(Pacing::due)
    }

    fn has_room(&self) -> bool {
        (self.sent.len() as u64) < SIZE
    }
}
