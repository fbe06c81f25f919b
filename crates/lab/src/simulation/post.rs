//! What stands round outflow and inflow in a process: the line to the broker, time-outs, and what
//! was delivered and waits to be taken in. The two themselves are those of the services.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use exchange::inflow::{Handed, Inflow, Question, Receipt, Step};
use exchange::log::{LogError, Page};
use exchange::outflow::{self, Outflow, Seen};
use exchange::parcel::Parcel;
use exchange::subject::UnitToken;
use journal::Journal;

use super::broker::Delivery;

/// How long a publication, a look at the streams or a question may take.
const CONFIRMED_WITHIN: Duration = Duration::from_secs(5);
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);
/// How often a receiver hears that its consumer is alive; after two misses it asks anew.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(5);

/// More askings than one life ever sees, so that those of two lives differ.
const SESSIONS_MAX: u64 = 1_000_000;

/// How one delivery is acknowledged: by its number in the stream.
pub(super) type Token = u64;

/// What goes out to the broker.
#[derive(Debug)]
pub(super) enum Ask {
    Look {
        number: u64,
    },
    Publish {
        ticket: u64,
        id: String,
        parcel: Parcel,
    },
    Open {
        session: u64,
        afresh: bool,
    },
    Acknowledge(Token),
    Announce(Arc<Parcel>),
    Question {
        number: u64,
        question: Question,
    },
    /// A page for who asked.
    Page {
        to: usize,
        life: u64,
        number: u64,
        body: Result<Vec<u8>, (u16, String)>,
    },
    /// Whether the consumer is still there.
    Beat {
        session: u64,
    },
}

/// Where an outflow publishes from.
#[derive(Debug)]
struct Outbox {
    outflow: Outflow,
    unit: UnitToken,
    /// By when what was asked or published has to be answered.
    open: BTreeMap<u64, Duration>,
}

/// The post of one process.
#[derive(Debug)]
pub(super) struct Post {
    outbox: Option<Outbox>,
    pub(super) inflow: Inflow<Token>,
    /// The how-manieth asking for the consumer, over all lives of the process.
    session: u64,
    is_open: bool,
    heard_at: Duration,
    /// Delivered, and not taken in yet.
    delivered: VecDeque<Delivery>,
    asked: BTreeMap<u64, Duration>,
}

impl Post {
    /// A projector's post only receives; `unit` publishes too.
    pub(super) fn new(
        unit: Option<(&UnitToken, &Journal)>,
        inflow: Inflow<Token>,
        (life, check_every): (u64, Duration),
        now: Duration,
    ) -> Self {
        let outbox = unit.map(|(unit, journal)| {
            let kept = journal.cursor(outflow::CURSOR);
            let mut outflow = Outflow::new(unit, kept.as_deref(), check_every);
            outflow.durable(journal.size(), now);
            Outbox {
                outflow,
                unit: unit.clone(),
                open: BTreeMap::new(),
            }
        });
        Self {
            outbox,
            inflow,
            session: life * SESSIONS_MAX,
            is_open: false,
            heard_at: now,
            delivered: VecDeque::new(),
            asked: BTreeMap::new(),
        }
    }

    /// Everything that is to go out now.
    pub(super) fn outgoing(&mut self, journal: &Journal, now: Duration) -> Vec<Ask> {
        let mut asks = Vec::new();
        self.give_up(now);
        if !self.is_open {
            asks.push(self.open(false, now));
        }
        if let Some(outbox) = &mut self.outbox {
            outbox.outgoing(journal, now, &mut asks);
        }
        self.take_in(now);
        while let Some(step) = self.inflow.poll(now) {
            match step {
                Step::Acknowledge(token) | Step::Decline(token) => {
                    asks.push(Ask::Acknowledge(token));
                }
                Step::Ask { number, question } => {
                    self.asked.insert(number, now + ANSWERED_WITHIN);
                    asks.push(Ask::Question { number, question });
                }
                Step::Rebuild { afresh } => asks.push(self.open(afresh, now)),
            }
        }
        asks
    }

    /// What waited too long has failed.
    fn give_up(&mut self, now: Duration) {
        if let Some(outbox) = &mut self.outbox {
            for number in late(&outbox.open, now) {
                outbox.fail(number, now);
            }
        }
        for number in late(&self.asked, now) {
            self.page(number, Err(away("no answer came in time")), now);
        }
    }

    fn open(&mut self, afresh: bool, now: Duration) -> Ask {
        self.session += 1;
        self.is_open = true;
        self.heard_at = now;
        self.delivered.clear();
        Ask::Open {
            session: self.session,
            afresh,
        }
    }

    fn take_in(&mut self, now: Duration) {
        while self.inflow.takes_in() {
            let Some(delivery) = self.delivered.pop_front() else {
                return;
            };
            self.inflow.message(&delivery.parcel, delivery.number, now);
        }
    }

    /// A message came from the consumer.
    pub(super) fn delivered(&mut self, delivery: Delivery, now: Duration) {
        if delivery.session == self.session {
            self.heard_at = now;
            self.delivered.push_back(delivery);
        }
    }

    /// The broker answered that the consumer is alive.
    pub(super) fn alive(&mut self, session: u64, now: Duration) {
        if session == self.session {
            self.heard_at = now;
        }
    }

    /// Once every heartbeat: asks whether the consumer is alive, or asks for it anew.
    pub(super) fn beat(&mut self, now: Duration) -> Ask {
        if now > self.heard_at + HEARTBEAT * 2 {
            self.open(false, now)
        } else {
            Ask::Beat {
                session: self.session,
            }
        }
    }

    /// The line is there again: the broker may have forgotten everything that it was asked.
    pub(super) fn reconnected(&mut self, now: Duration) -> Ask {
        if let Some(outbox) = &mut self.outbox {
            outbox.open.clear();
            outbox.outflow.reconnected();
        }
        self.open(false, now)
    }

    pub(super) fn streams(&mut self, number: u64, seen: Seen, now: Duration) {
        if let Some(outbox) = &mut self.outbox
            && outbox.open.remove(&number).is_some()
        {
            outbox.outflow.streams(number, seen, now);
        }
    }

    pub(super) fn confirmed(&mut self, ticket: u64, number: u64) {
        if let Some(outbox) = &mut self.outbox
            && outbox.open.remove(&ticket).is_some()
        {
            outbox.outflow.confirmed(ticket, number);
        }
    }

    /// The broker has no such stream.
    pub(super) fn refused(&mut self, ticket: u64, now: Duration) {
        if let Some(outbox) = &mut self.outbox
            && outbox.open.contains_key(&ticket)
        {
            outbox.fail(ticket, now);
        }
    }

    pub(super) fn page(&mut self, number: u64, page: Result<Page, LogError>, now: Duration) {
        if self.asked.remove(&number).is_some() {
            self.inflow.answered(number, page, now);
        }
    }

    /// More of the journal is durable.
    pub(super) fn durable(&mut self, size: u64, now: Duration) {
        if let Some(outbox) = &mut self.outbox {
            outbox.outflow.durable(size, now);
        }
    }

    /// The next message for the host.
    pub(super) fn hand_over(&mut self, now: Duration) -> Option<Handed<Token>> {
        let handed = self.inflow.hand_over();
        self.take_in(now);
        handed
    }

    pub(super) fn noted(&mut self, receipt: Receipt<Token>, recorded: bool) {
        self.inflow.noted(receipt, recorded);
    }

    /// When something is to be done though nothing came.
    pub(super) fn wake(&self) -> Option<Duration> {
        let outbox = self.outbox.as_ref();
        let publishing = outbox.and_then(|outbox| {
            let waits = outbox.open.values().copied();
            waits.chain(outbox.outflow.wake()).min()
        });
        let asked = self.asked.values().copied();
        asked.chain(publishing).chain(self.inflow.wake()).min()
    }

    /// How many entries are wholly published; none for who publishes nothing.
    pub(super) fn published(&self, now: Duration) -> Option<u64> {
        let outbox = self.outbox.as_ref()?;
        Some(outbox.outflow.status(now).published)
    }

    /// Whether nothing waits to be taken in or handed over.
    pub(super) fn is_quiet(&self) -> bool {
        self.delivered.is_empty() && !self.inflow.waits_to_hand_over()
    }
}

impl Outbox {
    fn outgoing(&mut self, journal: &Journal, now: Duration, asks: &mut Vec<Ask>) {
        while let Some(step) = self.outflow.poll(now) {
            match step {
                outflow::Step::Look { number } => {
                    self.open.insert(number, now + CONFIRMED_WITHIN);
                    asks.push(Ask::Look { number });
                }
                outflow::Step::Read { number, from, to } => {
                    match outflow::read(journal, &self.unit, from, to) {
                        Ok(batch) => self.outflow.read(number, batch),
                        Err(_) => self.fail(number, now),
                    }
                }
                outflow::Step::Publish(publication) => {
                    let ticket = publication.ticket;
                    self.open.insert(ticket, now + CONFIRMED_WITHIN);
                    asks.push(Ask::Publish {
                        ticket,
                        id: publication.message_id.clone(),
                        parcel: publication.parcel(),
                    });
                }
                outflow::Step::Keep(position) => journal.set_cursor(outflow::CURSOR, position),
            }
        }
    }

    /// Everything else that is open is given up with it.
    fn fail(&mut self, number: u64, now: Duration) {
        self.open.remove(&number);
        if self.outflow.failed(number, now).is_some() {
            self.open.clear();
        }
    }
}

fn late(open: &BTreeMap<u64, Duration>, now: Duration) -> Vec<u64> {
    let late = open.iter().filter(|(_, until)| **until <= now);
    late.map(|(number, _)| *number).collect()
}

/// Why a question has no answer.
pub(super) fn away(reason: &str) -> LogError {
    LogError::Away {
        unit: String::new(),
        reason: reason.to_owned(),
    }
}
