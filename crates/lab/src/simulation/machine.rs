//! What every process runs on, and how processes begin, end and announce themselves.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use exchange::head;
use unit::stamp::Stamp;

use super::desk::{Living, Start, Started};
use super::disk::Disk;
use super::flaw::Flaw;
use super::happening::Happening;
use super::network::Node;
use super::post::{Ask, HEARTBEAT};
use super::reader::Reading;
use super::world::{QUIET, TICK, World};

/// How long a process that ended takes to be there again.
const START: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(4));
/// How long the disks of a run take to keep something.
pub(super) const DISKS: [(Duration, Duration); 3] = [
    (Duration::from_micros(800), Duration::from_millis(9)),
    (Duration::from_millis(5), Duration::from_millis(60)),
    (Duration::from_millis(30), Duration::from_millis(400)),
];

/// What every process runs on.
#[derive(Debug)]
pub(super) struct Machine {
    pub(super) disk: Disk,
    pub(super) pace: (Duration, Duration),
    pub(super) life: u64,
    /// By how much its clock is wrong.
    pub(super) skew: TimeDelta,
    /// When its process looks next at what is due.
    pub(super) waking: Option<Duration>,
}

impl Machine {
    /// A new machine with an empty disk.
    ///
    /// # Errors
    /// When there is no room for its disk.
    pub(super) fn new(pace: (Duration, Duration)) -> anyhow::Result<Self> {
        Ok(Self {
            disk: Disk::new()?,
            pace,
            life: 0,
            skew: TimeDelta::zero(),
            waking: None,
        })
    }
}

impl World {
    pub(super) fn announce(&mut self, node: Node) {
        if self.flaw == Flaw::AnnouncesNothing {
            return;
        }
        let at = self.clock(node);
        let (Some(Some(living)), Some(place)) = (self.desks.get(node), self.places.get(node))
        else {
            return;
        };
        match head::announcement(&living.journal, &place.token, &place.key, at) {
            Ok(parcel) => self.ask(node, Ask::Announce(Arc::new(parcel))),
            Err(error) => self
                .wrong
                .push(format!("{} cannot announce: {error}", place.name)),
        }
    }

    /// A process ends, by itself or because power fails, and comes back after a while.
    pub(super) fn end(&mut self, node: Node, power_cut: bool) {
        let now = self.agenda.now();
        let kept = power_cut && self.chance.per_mille(400);
        match self.desks.get_mut(node) {
            Some(desk) => desk.take().into_iter().for_each(|d| d.cut_off(kept)),
            None => self.reader.take().into_iter().for_each(|r| r.cut_off(kept)),
        }
        self.recovering.remove(&node);
        if let Some(machine) = self.machines.get_mut(node) {
            machine.life += 1;
            machine.waking = None;
        }
        self.trace
            .note(now, "ended", &[node as u64, u64::from(power_cut)]);
        let pause = self.chance.between(START.0, START.1);
        let life = self.life(node);
        self.agenda.after(pause, Happening::Start(node, life));
    }

    /// Power fails at the worst time: while the disk works, or just after.
    pub(super) fn doom(&mut self, node: Node, works: Duration) {
        if let Some(everywhere) = self.doomed.remove(&node) {
            let at = self.chance.between(Duration::ZERO, works * 3 / 2);
            let life = self.life(node);
            let cut = Happening::Cut {
                node,
                life,
                everywhere,
            };
            self.agenda.after(at, cut);
        }
    }

    /// Power fails now.
    pub(super) fn cut_power(&mut self, node: Node, everywhere: bool) {
        if everywhere {
            (0..=self.reader_node()).for_each(|node| self.end(node, true));
        } else {
            self.end(node, true);
        }
    }

    /// A process begins over its disk.
    pub(super) fn start(&mut self, node: Node) {
        let now = self.agenda.now();
        let (at, life) = (self.clock(node), self.life(node));
        let drawn = self.chance.number();
        // As a service draws it: epochs of one unit are ordered in time.
        let epoch = Stamp::told(at, drawn).id();
        let Some(machine) = self.machines.get(node) else {
            return;
        };
        let started = match self.places.get(node) {
            Some(place) => Living::start(&Start {
                ground: self.ground,
                place,
                disk: &machine.disk,
                at,
                chance: drawn,
                epoch,
                life,
                now,
                flaw: self.flaw,
            })
            .map(|started| match started {
                Started::Working(living) => {
                    if let Some(desk) = self.desks.get_mut(node) {
                        *desk = Some(*living);
                    }
                }
                Started::Restored(journal, core) => self.recover(node, journal, *core),
            }),
            None => Reading::start(self.ground, &machine.disk, life, now)
                .map(|reading| self.reader = Some(reading)),
        };
        if let Err(error) = started {
            self.wrong
                .push(format!("node {node} does not start: {error:#}"));
            return;
        }
        self.trace.note(now, "started", &[node as u64, life]);
        if self.recovering.contains_key(&node) {
            return;
        }
        self.agenda.after(HEARTBEAT, Happening::Beat(node, life));
        if node < self.places.len() {
            let first = self.chance.between(Duration::ZERO, QUIET);
            self.agenda.after(first, Happening::Announce(node, life));
            self.agenda.after(TICK, Happening::Tick(node, life));
        }
        self.settle(node);
    }
}
