//! A small world in virtual time: journals, a broker that loses, repeats and reorders, and the
//! two halves of the exchange that run in production.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    dead_code,
    unreachable_pub
)]

pub mod broker;
pub mod receiver;
pub mod script;
pub mod sender;

use std::collections::BTreeMap;
use std::time::Duration;

use exchange::inflow::{Question, Scope};
use exchange::log::{LogError, Page};
use exchange::outflow::{Lane, Publication, Seen};
use exchange::parcel::Parcel;

use broker::{Broker, Stored};
use receiver::Receiver;
use script::Script;
use sender::Sender;

/// The interval of checkpoints and of looks at the streams.
pub const INTERVAL: Duration = Duration::from_secs(10);

/// After which the broker delivers again, and a question counts as unanswered.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// How often of a hundred something goes wrong.
#[derive(Debug, Clone, Copy)]
pub struct Weather {
    pub lost: u64,
    pub repeated: u64,
    pub dropped_by_host: u64,
    /// Every second: a participant is killed, or the broker loses messages.
    pub killed: u64,
}

pub const FAIR: Weather = Weather {
    lost: 0,
    repeated: 0,
    dropped_by_host: 0,
    killed: 0,
};

/// Chances from a seed (splitmix64).
pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound.max(1)
    }

    pub fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// On its way: mostly quick, sometimes slow enough to be overtaken.
    pub fn delay(&mut self) -> Duration {
        let most = if self.percent(10) { 900 } else { 20 };
        Duration::from_millis(1 + self.below(most))
    }
}

/// Something that will happen. Participants are named by their place and their life: what was
/// meant for an earlier life reaches nobody.
pub enum Due {
    Grow(usize),
    Heads(usize),
    Head(usize, Parcel),
    Look(usize, u32, u64),
    Looked(usize, u32, u64, Seen),
    Read(usize, u32, u64, (u64, u64)),
    Publish(usize, u32, Publication),
    Confirmed(usize, u32, u64, u64),
    Failed(usize, u32, u64),
    Deliver(usize, Stored),
    Answer(usize, u32, u64, Result<Page, LogError>),
    Host(usize),
    Misfortune,
}

pub struct World {
    pub now: Duration,
    pub chance: Chance,
    pub weather: Weather,
    pub broker: Broker,
    pub senders: Vec<Sender>,
    pub receivers: Vec<Receiver>,
    /// Origins that answer no questions.
    pub away: Vec<String>,
    agenda: BTreeMap<(Duration, u64), Due>,
    count: u64,
}

impl World {
    pub fn new(seed: u64, weather: Weather, scripts: &[&'static Script]) -> World {
        let senders: Vec<Sender> = scripts.iter().map(|script| Sender::new(script)).collect();
        let mut world = World {
            now: Duration::ZERO,
            chance: Chance(seed),
            weather,
            broker: Broker::default(),
            senders,
            receivers: Vec::new(),
            away: Vec::new(),
            agenda: BTreeMap::new(),
            count: 0,
        };
        world.later(Duration::from_secs(1), Due::Misfortune);
        for sender in 0..world.senders.len() {
            world.later(Duration::ZERO, Due::Grow(sender));
            world.later(Duration::from_secs(1), Due::Heads(sender));
        }
        world
    }

    pub fn receive(&mut self, scope: impl Fn() -> Scope + 'static) -> usize {
        self.receivers.push(Receiver::new(Box::new(scope)));
        self.receivers.len() - 1
    }

    pub fn later(&mut self, delay: Duration, due: Due) {
        self.count += 1;
        self.agenda.insert((self.now + delay, self.count), due);
    }

    pub fn soon(&mut self, due: Due) {
        let delay = self.chance.delay();
        self.later(delay, due);
    }

    /// Lets things happen until `end`.
    pub fn run_until(&mut self, end: Duration) {
        while self.now < end {
            self.act();
            let publishing = self.senders.iter().filter(|sender| sender.publishes);
            let wakes = publishing.filter_map(|sender| sender.outflow.wake());
            let wakes = wakes.chain(self.receivers.iter().filter_map(|one| one.inflow.wake()));
            let next = self.agenda.keys().next().map(|(at, _)| *at);
            let Some(at) = wakes.chain(next).chain([end]).min() else {
                return;
            };
            self.now = self.now.max(at);
            while let Some(first) = self.agenda.first_entry()
                && first.key().0 <= self.now
            {
                let due = first.remove();
                self.happen(due);
            }
        }
    }

    /// Every machine does what it wants to do now.
    fn act(&mut self) {
        for sender in 0..self.senders.len() {
            self.publish(sender);
        }
        for receiver in 0..self.receivers.len() {
            self.receive_now(receiver);
        }
    }

    fn happen(&mut self, due: Due) {
        match due {
            Due::Grow(sender) => self.grow(sender),
            Due::Heads(sender) => self.announce(sender),
            Due::Head(receiver, parcel) => {
                let now = self.now;
                self.receivers[receiver].inflow.checkpoint(&parcel, now);
            }
            Due::Look(sender, life, number) => {
                let seen = self.broker.seen_by(self.senders[sender].script.unit);
                self.soon(Due::Looked(sender, life, number, seen));
            }
            Due::Publish(sender, life, publication) => self.store(sender, life, publication),
            Due::Deliver(receiver, stored) => self.deliver(receiver, stored),
            Due::Host(receiver) => self.receivers[receiver].record(),
            Due::Misfortune => self.misfortune(),
            Due::Answer(receiver, life, number, answer) => {
                let (one, now) = (&mut self.receivers[receiver], self.now);
                if one.life == life {
                    one.inflow.answered(number, answer, now);
                }
            }
            Due::Looked(sender, ..)
            | Due::Read(sender, ..)
            | Due::Confirmed(sender, ..)
            | Due::Failed(sender, ..) => self.senders[sender].told(due, self.now),
        }
        self.act();
    }

    fn misfortune(&mut self) {
        self.later(Duration::from_secs(1), Due::Misfortune);
        if !self.chance.percent(self.weather.killed) {
            return;
        }
        let (senders, receivers) = (self.senders.len() as u64, self.receivers.len() as u64);
        match self.chance.below(6) {
            0 => self.broker.wipe(),
            1 => {
                let kept = self.chance.below(100);
                self.broker.fall_back(kept);
            }
            2 | 3 => {
                let sender = self.chance.below(senders) as usize;
                self.senders[sender].restart();
            }
            _ => {
                let receiver = self.chance.below(receivers) as usize;
                self.receivers[receiver].restart();
            }
        }
        for sender in &mut self.senders {
            sender.outflow.reconnected();
        }
    }

    /// The broker takes a message, or loses it, or its confirmation.
    fn store(&mut self, sender: usize, life: u32, publication: Publication) {
        let ticket = publication.ticket;
        if self.chance.percent(self.weather.lost) {
            return self.later(PATIENCE, Due::Failed(sender, life, ticket));
        }
        let lane = publication.lane();
        let (sequence, fresh) = self.broker.store(&publication, self.now);
        if let Some(stored) = fresh {
            for receiver in 0..self.receivers.len() {
                if self.receivers[receiver].is_for(lane, &stored.parcel) {
                    self.soon(Due::Deliver(receiver, stored.clone()));
                }
            }
        }
        if self.chance.percent(self.weather.lost) {
            self.later(PATIENCE, Due::Failed(sender, life, ticket));
        } else {
            self.soon(Due::Confirmed(sender, life, ticket, sequence));
        }
    }

    /// The consumer gives a message, and will again until it is acknowledged.
    fn deliver(&mut self, receiver: usize, stored: Stored) {
        let one = &mut self.receivers[receiver];
        if one.done.contains(&stored.uid) || !self.broker.has(&stored) {
            return;
        }
        let lost = self.chance.percent(self.weather.lost);
        if !one.silent && !lost && one.inflow.takes_in() {
            one.inflow.message(&stored.parcel, stored.uid, self.now);
        }
        if self.chance.percent(self.weather.repeated) {
            self.soon(Due::Deliver(receiver, stored.clone()));
        }
        self.later(PATIENCE, Due::Deliver(receiver, stored));
    }

    /// What `question` is answered.
    pub fn answer(&mut self, question: &Question) -> Result<Page, LogError> {
        let away = self.away.iter().any(|unit| unit == question.origin());
        let held = matches!(question, Question::Held { .. });
        let lost = self.chance.percent(self.weather.lost);
        let asked = self
            .senders
            .iter()
            .find(|sender| sender.script.unit == question.origin());
        match asked {
            Some(sender) if !lost && (held || !away) => Ok(sender.page(question)),
            _ => Err(LogError::Away {
                unit: question.origin().to_owned(),
                reason: "no answer".to_owned(),
            }),
        }
    }
}

/// The stream's place of a lane.
pub fn place(lane: Lane) -> usize {
    match lane {
        Lane::Event => 0,
        Lane::Inbox => 1,
    }
}
