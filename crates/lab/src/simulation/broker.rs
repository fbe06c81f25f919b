//! A broker as bad as brokers are: two streams, durable consumers that deliver again what was not
//! acknowledged, and a store that may be lost, set back or damaged.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use exchange::outflow::Seen;
use exchange::parcel::Parcel;

use super::chance::Chance;
use super::network::Node;
use super::stream::{Lane, Stored, Stream, addressed};

/// Unacknowledged messages of one consumer: as many as a receiver asks for at once.
const OUTSTANDING_MAX: usize = 256;

/// Which messages of which stream a consumer reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spec {
    pub(super) lane: Lane,
    /// For whom; none for everything.
    pub(super) to: Option<String>,
    pub(super) ack_wait: Duration,
}

#[derive(Debug, Clone)]
struct Consumer {
    spec: Spec,
    next: u64,
    pending: BTreeMap<u64, Duration>,
}

/// What survives a restart of the broker.
#[derive(Debug, Clone, Default)]
pub(super) struct Store {
    streams: BTreeMap<Lane, Stream>,
    consumers: BTreeMap<String, Consumer>,
}

/// A message on its way to a receiver.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    pub(super) session: u64,
    pub(super) number: u64,
    pub(super) parcel: Arc<Parcel>,
}

/// The broker.
#[derive(Debug)]
pub(super) struct Broker {
    pub(super) up: bool,
    /// Messages that are lost as soon as they are confirmed, in a thousand.
    pub(super) loses: u32,
    store: Store,
    /// Who asked for which consumer's messages, and in the how-manieth asking.
    sessions: BTreeMap<String, (Node, u64)>,
    /// Consumers that deliver nothing although they look well.
    silent: BTreeSet<String>,
}

impl Broker {
    pub(super) fn new() -> Self {
        Self {
            up: true,
            loses: 0,
            store: Store::default(),
            sessions: BTreeMap::new(),
            silent: BTreeSet::new(),
        }
    }

    /// Makes the streams that are missing, and says what `unit` would see of them.
    pub(super) fn look(&mut self, unit: &str, now: Duration) -> Seen {
        let mut seen = |lane| self.stream(lane, now).seen_by(unit);
        Seen {
            event: seen(Lane::Event),
            inbox: seen(Lane::Inbox),
        }
    }

    fn stream(&mut self, lane: Lane, now: Duration) -> &mut Stream {
        self.store
            .streams
            .entry(lane)
            .or_insert_with(|| Stream::new(now))
    }

    /// Takes a message into its stream; gives its number, or nothing where there is no such stream.
    /// One that is `lost` is confirmed and gone, as brokers have been seen to do.
    pub(super) fn publish(
        &mut self,
        id: &str,
        parcel: Parcel,
        lost: bool,
        now: Duration,
    ) -> Option<u64> {
        let (lane, from, to) = addressed(&parcel.subject)?;
        let stream = self.store.streams.get_mut(&lane)?;
        let stored = Stored {
            parcel: Arc::new(parcel),
            from,
            to,
        };
        Some(stream.take(id, stored, lost, now))
    }

    /// A receiver asks for the messages of its consumer, made now if there is none; `afresh` makes it
    /// anew.
    pub(super) fn open(
        &mut self,
        durable: &str,
        spec: Spec,
        session: (Node, u64),
        afresh: bool,
        now: Duration,
    ) {
        self.stream(spec.lane, now);
        if afresh {
            self.store.consumers.remove(durable);
            self.silent.remove(durable);
        }
        self.store
            .consumers
            .entry(durable.to_owned())
            .or_insert_with(|| Consumer {
                spec,
                next: 1,
                pending: BTreeMap::new(),
            });
        self.sessions.insert(durable.to_owned(), session);
    }

    /// Whether the consumer that a receiver asked is still there to answer it.
    pub(super) fn serves(&self, durable: &str, session: (Node, u64)) -> bool {
        self.up
            && self.sessions.get(durable) == Some(&session)
            && self.store.consumers.contains_key(durable)
    }

    /// A receiver is done with a message: whichever is at that place now, as brokers go.
    pub(super) fn acknowledge(&mut self, durable: &str, number: u64) {
        if let Some(consumer) = self.store.consumers.get_mut(durable) {
            consumer.pending.remove(&number);
        }
    }

    /// What a consumer has to deliver now: what waits too long for its acknowledgement, then what
    /// is new.
    pub(super) fn deliveries(&mut self, durable: &str, now: Duration) -> Vec<Delivery> {
        let Some((_, session)) = self.sessions.get(durable).copied() else {
            return Vec::new();
        };
        if !self.up || self.silent.contains(durable) {
            return Vec::new();
        }
        let Store { streams, consumers } = &mut self.store;
        let Some(consumer) = consumers.get_mut(durable) else {
            return Vec::new();
        };
        let Some(stream) = streams.get(&consumer.spec.lane) else {
            return Vec::new();
        };
        let mut numbers = Vec::new();
        for (number, until) in &mut consumer.pending {
            if *until <= now {
                *until = now + consumer.spec.ack_wait;
                numbers.push(*number);
            }
        }
        while consumer.next <= stream.last() && consumer.pending.len() < OUTSTANDING_MAX {
            let number = consumer.next;
            consumer.next += 1;
            let stored = stream.at(number);
            if stored.is_some_and(|s| consumer.spec.to.is_none() || consumer.spec.to == s.to) {
                let until = now + consumer.spec.ack_wait;
                consumer.pending.insert(number, until);
                numbers.push(number);
            }
        }
        let mut deliveries = Vec::with_capacity(numbers.len());
        for number in numbers {
            match stream.at(number) {
                Some(stored) => deliveries.push(Delivery {
                    session,
                    number,
                    parcel: Arc::clone(&stored.parcel),
                }),
                None => {
                    consumer.pending.remove(&number);
                }
            }
        }
        deliveries
    }

    /// When a consumer has to deliver something again, if nothing is acknowledged until then.
    pub(super) fn again_at(&self, durable: &str) -> Option<Duration> {
        self.store
            .consumers
            .get(durable)?
            .pending
            .values()
            .min()
            .copied()
    }

    /// Consumers that somebody reads, by name, with who does.
    pub(super) fn readers(&self) -> Vec<(String, Node)> {
        let named = |(durable, (node, _)): (&String, &(Node, u64))| (durable.clone(), *node);
        self.sessions.iter().map(named).collect()
    }

    /// The broker ends: whoever read is no longer known to it.
    pub(super) fn stop(&mut self) {
        self.up = false;
        self.sessions.clear();
    }

    pub(super) fn start(&mut self) {
        self.up = true;
    }

    /// What is on its disk now, to be put back later.
    pub(super) fn copy(&self) -> Store {
        self.store.clone()
    }

    /// Another disk, or an empty one.
    pub(super) fn put_back(&mut self, store: Store) {
        self.store = store;
        self.sessions.clear();
        self.silent.clear();
    }

    /// What a unit has sent, as far as it is still there.
    pub(super) fn sent_by(&self, unit: &str) -> impl Iterator<Item = &Parcel> {
        let stored = self
            .store
            .streams
            .values()
            .flat_map(|s| s.messages.iter().flatten());
        let own = stored.filter(move |stored| stored.from == unit);
        own.map(|stored| stored.parcel.as_ref())
    }

    /// Some messages rot on its disk.
    pub(super) fn rot(&mut self, per_mille: u32, chance: &mut Chance) {
        let streams = self.store.streams.values_mut();
        for message in streams.flat_map(|stream| &mut stream.messages) {
            if message.is_some() && chance.per_mille(per_mille) {
                *message = None;
            }
        }
    }

    /// A consumer stops to deliver and looks well all the same.
    pub(super) fn silence(&mut self, durable: &str) {
        self.silent.insert(durable.to_owned());
    }

    /// A consumer vanishes.
    pub(super) fn forget(&mut self, durable: &str) {
        self.store.consumers.remove(durable);
    }
}
