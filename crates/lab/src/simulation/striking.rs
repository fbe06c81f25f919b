//! Faults as they strike, and as they are over.

use std::time::Duration;

use bytes::Bytes;
use chrono::TimeDelta;
use exchange::parcel::Parcel;
use exchange::subject;

use super::broker::Store;
use super::faults::{Fault, Planned};
use super::happening::Happening;
use super::machine::Machine;
use super::network::{Node, Weather};
use super::world::World;

/// A disk that takes its time.
const SLOW: (Duration, Duration) = (Duration::from_millis(60), Duration::from_millis(1_200));
/// Between two processes of a rolling restart.
const ROLLS_EVERY: Duration = Duration::from_secs(2);
/// Messages of strangers at a time.
const STRANGERS: usize = 6;

impl World {
    /// A fault strikes.
    pub(super) fn begins(&mut self, place: usize) {
        let Some(Planned { fault, at, .. }) = self.plan.get(place).copied() else {
            return;
        };
        let now = self.agenda.now();
        self.trace.note(now, fault.name(), &[at as u64]);
        let ms = Duration::from_millis;
        match fault {
            Fault::LossyLines => {
                self.network.weather.lost = 150;
                self.network.weather.twice = 150;
            }
            Fault::LateMessages => self.network.weather.delay = (ms(1), ms(3_000)),
            Fault::CutLine => {
                self.network.cut.insert(at);
            }
            Fault::HalfOpenLine => {
                self.network.swallowed.insert(at);
            }
            Fault::BrokerDown | Fault::BrokerWiped => self.broker.stop(),
            Fault::BrokerSetBack => {
                self.copies.insert(place, self.broker.copy());
            }
            Fault::BrokerRots => {
                self.broker.rot(200, &mut self.chance);
                self.broker.loses = 300;
            }
            Fault::BrokerForgets => self.broker.rot(1_000, &mut self.chance),
            Fault::ConsumerSilent => {
                let durable = self.durable(at);
                self.broker.silence(&durable);
            }
            Fault::ConsumerGone => {
                let durable = self.durable(at);
                self.broker.forget(&durable);
            }
            Fault::PowerCut => self.threaten(at.min(self.places.len() - 1), false),
            Fault::PowerCutEverywhere => self.threaten(at, true),
            Fault::ProjectorPowerCut => self.threaten(self.reader_node(), false),
            Fault::RollingRestart => self.roll(),
            Fault::OldBackup => self.back_up(place, at.min(self.places.len() - 1)),
            Fault::SlowDisk => self.on_disk(at, |machine| machine.pace = SLOW),
            Fault::DiskFull => self.on_disk(at, |machine| machine.disk.full(true)),
            Fault::ClockSkew => {
                let seconds = self
                    .chance
                    .between(Duration::ZERO, Duration::from_secs(7_200));
                let skew = TimeDelta::from_std(seconds).unwrap_or_default();
                let skew = if self.chance.per_mille(500) {
                    skew
                } else {
                    -skew
                };
                self.on_disk(at, |machine| machine.skew = skew);
            }
            Fault::Strangers => (0..STRANGERS).for_each(|_| self.stranger()),
        }
    }

    /// A fault is over.
    pub(super) fn ends(&mut self, place: usize) {
        let Some(Planned { fault, at, .. }) = self.plan.get(place).copied() else {
            return;
        };
        let now = self.agenda.now();
        self.trace.note(now, "over", &[at as u64]);
        match fault {
            Fault::LossyLines | Fault::LateMessages => self.network.weather = Weather::FAIR,
            Fault::CutLine => {
                if self.network.cut.remove(&at) {
                    self.reconnect(at);
                }
            }
            Fault::HalfOpenLine => {
                self.network.swallowed.remove(&at);
            }
            Fault::BrokerDown => self.broker_is_back(None),
            Fault::BrokerWiped => self.broker_is_back(Some(Store::default())),
            Fault::BrokerSetBack => {
                let copy = self.copies.remove(&place);
                self.broker_is_back(copy);
            }
            Fault::OldBackup => self.lose(place, at.min(self.places.len() - 1)),
            Fault::SlowDisk => {
                let pace = self.disk;
                self.on_disk(at, |machine| machine.pace = pace);
            }
            Fault::PowerCut | Fault::PowerCutEverywhere | Fault::ProjectorPowerCut => {
                // Its disk had nothing to do meanwhile.
                if let Some((node, everywhere)) = self.doomed.pop_first() {
                    self.cut_power(node, everywhere);
                }
            }
            Fault::DiskFull => self.on_disk(at, |machine| machine.disk.full(false)),
            Fault::ClockSkew => self.on_disk(at, |machine| machine.skew = TimeDelta::zero()),
            Fault::BrokerRots => self.broker.loses = 0,
            Fault::BrokerForgets
            | Fault::ConsumerSilent
            | Fault::ConsumerGone
            | Fault::RollingRestart
            | Fault::Strangers => {}
        }
    }

    /// Power will fail: now, or when it hurts most.
    fn threaten(&mut self, node: Node, everywhere: bool) {
        if self.chance.per_mille(250) {
            self.cut_power(node, everywhere);
        } else {
            self.doomed.insert(node, everywhere);
        }
    }

    fn on_disk(&mut self, at: Node, change: impl FnOnce(&mut Machine)) {
        if let Some(machine) = self.machines.get_mut(at) {
            change(machine);
        }
    }

    fn broker_is_back(&mut self, store: Option<Store>) {
        if let Some(store) = store {
            self.broker.stop();
            self.broker.put_back(store);
        }
        self.broker.start();
        (0..=self.reader_node()).for_each(|node| self.reconnect(node));
    }

    /// A node's line is there again, and it knows.
    fn reconnect(&mut self, node: Node) {
        let now = self.agenda.now();
        let ask = self.post(node).map(|post| post.reconnected(now));
        ask.into_iter().for_each(|ask| self.ask(node, ask));
        self.settle(node);
    }

    fn roll(&mut self) {
        for node in 0..self.places.len() {
            let life = self.life(node);
            let after = ROLLS_EVERY * u32::try_from(node).unwrap_or_default();
            self.agenda.after(after, Happening::Stop(node, life));
        }
    }

    /// Something that nobody here sent: garbage, a forgery under a number that is yet to come, or
    /// under one that never will.
    fn stranger(&mut self) {
        let now = self.agenda.now();
        let units: Vec<_> = self
            .places
            .iter()
            .map(|place| place.token.clone())
            .collect();
        let (Some(to), Some(from)) = (self.chance.one_of(&units), self.chance.one_of(&units))
        else {
            return;
        };
        let kind = "vn.motcua.step.accepted.v1";
        let line = self
            .desks
            .iter()
            .flatten()
            .find(|living| living.journal.unit() == from.as_str());
        let next = line.map_or(1, |living| living.journal.last_link(to.as_str()) + 1);
        let subject = match self.chance.below(3) {
            0 => subject::event(from, kind),
            _ => subject::inbox(to, from, kind),
        };
        let Ok(subject) = subject else { return };
        let link = match self.chance.below(3) {
            0 => next,
            1 => 1_000_000 + next,
            _ => 0,
        };
        let genuine = line.and_then(|living| living.journal.entry(0).ok().flatten());
        let payload = match genuine.filter(|_| self.chance.per_mille(500)) {
            Some(entry) => entry.signed.bytes,
            None => Bytes::from_static(b"{\"specversion\":\"1.0\"}"),
        };
        let parcel = Parcel {
            subject,
            payload,
            signature: Some(data_encoding::BASE64URL_NOPAD.encode(&[7; 64])),
            key: Some("0123456789abcdef".to_owned()),
            link: Some(link.to_string()),
        };
        let id = self.chance.id().to_string();
        if self.broker.up && self.broker.publish(&id, parcel, false, now).is_some() {
            self.strangers += 1;
        }
    }
}
