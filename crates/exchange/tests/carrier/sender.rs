//! A unit that publishes its journal and lets it be read.

use std::time::Duration;

use exchange::inflow::Question;
use exchange::log::{Page, PageEvent};
use exchange::outflow::{self, Outflow, Step};

use super::script::Script;
use super::{Due, INTERVAL, World};
use crate::support::token;

pub struct Sender {
    pub script: &'static Script,
    pub outflow: Outflow,
    /// How much of the script is written by now.
    pub size: u64,
    pub life: u32,
    pub publishes: bool,
    kept: Option<Vec<u8>>,
}

impl Sender {
    pub fn new(script: &'static Script) -> Sender {
        Sender {
            script,
            outflow: Outflow::new(&token(script.unit), None, INTERVAL),
            size: 0,
            life: 0,
            publishes: true,
            kept: None,
        }
    }

    pub fn restart(&mut self) {
        let unit = token(self.script.unit);
        self.outflow = Outflow::new(&unit, self.kept.as_deref(), INTERVAL);
        self.outflow.durable(self.size, Duration::ZERO);
        self.life += 1;
        self.publishes = true;
    }

    pub fn told(&mut self, due: Due, now: Duration) {
        match due {
            Due::Looked(_, life, number, seen) if life == self.life => {
                self.outflow.streams(number, seen, now);
            }
            Due::Read(_, life, number, (from, to)) if life == self.life => {
                let unit = token(self.script.unit);
                let batch = outflow::read(&self.script.journal, &unit, from, to).unwrap();
                self.outflow.read(number, batch);
            }
            Due::Confirmed(_, life, ticket, sequence) if life == self.life => {
                self.outflow.confirmed(ticket, sequence);
            }
            Due::Failed(_, life, number) if life == self.life => {
                self.outflow.failed(number, now);
            }
            _ => {}
        }
    }

    /// Answers as its log service would.
    pub fn page(&self, question: &Question) -> Page {
        let journal = &self.script.journal;
        let (last_sequence, last_link) = self.script.head(self.size);
        let (first, last, limit) = match question {
            Question::Links {
                from_link, limit, ..
            } => (*from_link, last_link, *limit),
            Question::Sequences {
                from_sequence,
                limit,
                ..
            }
            | Question::Held {
                from_sequence,
                limit,
                ..
            } => (*from_sequence, last_sequence, *limit),
        };
        let end = last.min(first.saturating_add(limit - 1));
        let events = (first..=end).map(|number| {
            let (entry, link) = match question {
                Question::Links { to, .. } => (journal.delivery(to.as_str(), number), Some(number)),
                _ => (journal.own(number), None),
            };
            PageEvent {
                signed: entry.unwrap().unwrap().signed,
                link,
            }
        });
        Page {
            unit: self.script.unit.to_owned(),
            epoch: self.script.epoch,
            events: events.collect(),
            more: end < last,
            skipped_to: None,
            last: None,
            position: None,
        }
    }
}

impl World {
    /// A few more entries are written, until the script is at its end.
    pub fn grow(&mut self, sender: usize) {
        let more = self.chance.below(4);
        let pause = Duration::from_millis(self.chance.below(2_000));
        let one = &mut self.senders[sender];
        one.size = (one.size + more).min(one.script.size());
        one.outflow.durable(one.size, self.now);
        if one.size < one.script.size() {
            self.later(pause, Due::Grow(sender));
        }
    }

    pub fn announce(&mut self, sender: usize) {
        let one = &self.senders[sender];
        let parcel = one.script.announcement(one.size);
        for receiver in 0..self.receivers.len() {
            if !self.chance.percent(self.weather.lost) {
                self.soon(Due::Head(receiver, parcel.clone()));
            }
        }
        self.later(INTERVAL, Due::Heads(sender));
    }

    pub fn publish(&mut self, sender: usize) {
        let now = self.now;
        while self.senders[sender].publishes
            && let Some(step) = self.senders[sender].outflow.poll(now)
        {
            let life = self.senders[sender].life;
            match step {
                Step::Keep(kept) => self.senders[sender].kept = Some(kept),
                Step::Look { number } => self.soon(Due::Look(sender, life, number)),
                Step::Read { number, from, to } => {
                    self.soon(Due::Read(sender, life, number, (from, to)));
                }
                Step::Publish(publication) => self.soon(Due::Publish(sender, life, publication)),
            }
        }
    }
}
