//! The province: who is there, what happens next, and what each happening leads to. One heap of
//! events, one generator, no clock: the same seed is the same run.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use calendar::Moment;
use chrono::TimeDelta;

use super::agenda::{Agenda, Trace};
use super::broker::{Broker, Store};
use super::callers::Callers;
use super::chance::Chance;
use super::desk::Living;
use super::faults::Planned;
use super::flaw::Flaw;
use super::happening::Happening;
use super::machine::Machine;
use super::mail::Out;
use super::network::{Network, Node};
use super::post::{HEARTBEAT, Post};
use super::reader::Reading;
use super::recovering::Recovering;
use super::town::{Ground, Place};

/// Between two announcements of a unit's journal, as services are set up.
const CHECKPOINT: Duration = Duration::from_secs(30);
/// A journal that has been quiet for so long is announced at once.
pub(super) const QUIET: Duration = Duration::from_secs(1);
/// Between two looks of a unit at what it watches over.
pub(super) const TICK: Duration = Duration::from_secs(5);
/// How long one input is thought about.
const THOUGHT: (Duration, Duration) = (Duration::from_micros(40), Duration::from_micros(400));

/// The province.
pub(super) struct World {
    pub(super) ground: &'static Ground,
    pub(super) begins_at: Moment,
    /// How many times faster than virtual time the offices' clocks run.
    pub(super) pace: i32,
    pub(super) places: Vec<Place>,
    pub(super) machines: Vec<Machine>,
    pub(super) desks: Vec<Option<Living>>,
    pub(super) reader: Option<Reading>,
    /// Units that were restored and do not know yet how far they had come.
    pub(super) recovering: BTreeMap<Node, Recovering>,
    /// Backups that are still to be restored, by the fault that does.
    pub(super) backups: BTreeMap<usize, PathBuf>,
    pub(super) broker: Broker,
    pub(super) network: Network,
    pub(super) callers: Callers,
    pub(super) agenda: Agenda<Happening>,
    pub(super) chance: Chance,
    pub(super) trace: Trace,
    pub(super) plan: Vec<Planned>,
    /// How long the disks of this run take, while nothing is wrong with them.
    pub(super) disk: (Duration, Duration),
    /// Between two things that one officer does.
    pub(super) pause: (Duration, Duration),
    /// Copies of the broker's store that were put aside, by the fault that did.
    pub(super) copies: BTreeMap<usize, Store>,
    pub(super) again: BTreeMap<String, Duration>,
    /// Whose power fails about the time its disk works next, and whether everyone's does.
    pub(super) doomed: BTreeMap<Node, bool>,
    /// Until when officers begin something new.
    pub(super) load: Duration,
    /// What must never have happened.
    pub(super) wrong: Vec<String>,
    pub(super) flaw: Flaw,
    /// Messages of strangers that were put into the streams.
    pub(super) strangers: u64,
}

impl World {
    /// The node of the projector; callers come after it.
    pub(super) fn reader_node(&self) -> Node {
        self.places.len()
    }

    /// What a node's clock shows.
    pub(super) fn clock(&self, node: Node) -> Moment {
        let passed = TimeDelta::from_std(self.agenda.now()).unwrap_or_default() * self.pace;
        let skew = self.machines.get(node).map(|machine| machine.skew);
        self.begins_at + passed + skew.unwrap_or_default()
    }

    pub(super) fn lives(&self, node: Node, life: u64) -> bool {
        let alive = match self.desks.get(node) {
            Some(desk) => desk.is_some() || self.recovering.contains_key(&node),
            None => self.reader.is_some(),
        };
        alive && self.life(node) == life
    }

    pub(super) fn life(&self, node: Node) -> u64 {
        self.machines.get(node).map_or(0, |machine| machine.life)
    }

    pub(super) fn post(&mut self, node: Node) -> Option<&mut Post> {
        match self.desks.get_mut(node) {
            Some(desk) => desk.as_mut().map(|living| &mut living.post),
            None => self.reader.as_mut().map(|reading| &mut reading.post),
        }
    }

    /// Lets things happen until `end`, or until something is wrong.
    pub(super) fn run(&mut self, end: Duration) {
        while self.wrong.is_empty()
            && let Some(happening) = self.agenda.next(end)
        {
            self.happen(happening);
        }
    }

    fn happen(&mut self, happening: Happening) {
        let now = self.agenda.now();
        match happening {
            Happening::AtBroker { from, life, ask } => self.at_broker(from, life, &ask),
            Happening::AtNode { to, life, word } if self.lives(to, life) => {
                self.at_node(to, &word);
                self.settle(to);
            }
            Happening::AtDesk { unit, command } => self.at_desk(unit, command),
            Happening::AtCaller {
                unit,
                command,
                said,
            } => self.at_caller(unit, command, &said),
            Happening::Due(node, life) if self.lives(node, life) => {
                if let Some(machine) = self.machines.get_mut(node) {
                    machine.waking = None;
                }
                self.settle(node);
            }
            Happening::Think(node, life) if self.lives(node, life) => {
                let at = self.clock(node);
                let desk = self.desks.get_mut(node).and_then(Option::as_mut);
                let out = desk.map(|living| living.think(at));
                self.follow(node, out.unwrap_or_default());
                self.settle(node);
            }
            Happening::Synced(node, life) if self.lives(node, life) => self.synced(node),
            Happening::Announce(node, life) if self.lives(node, life) => {
                self.announce(node);
                self.agenda
                    .after(CHECKPOINT, Happening::Announce(node, life));
            }
            Happening::Quiet(node, life, size) if self.lives(node, life) => {
                let desk = self.desks.get(node).and_then(Option::as_ref);
                if desk.is_some_and(|living| living.journal.size() == size) {
                    self.announce(node);
                }
            }
            Happening::Beat(node, life) if self.lives(node, life) => {
                if let Some(ask) = self.post(node).map(|post| post.beat(now)) {
                    self.ask(node, ask);
                }
                self.agenda.after(HEARTBEAT, Happening::Beat(node, life));
            }
            Happening::Tick(node, life) if self.lives(node, life) => {
                if let Some(living) = self.desks.get_mut(node).and_then(Option::as_mut) {
                    living.tick();
                }
                self.settle(node);
                self.agenda.after(TICK, Happening::Tick(node, life));
            }
            Happening::Search(node, life) if self.lives(node, life) => self.search(node),
            Happening::Lose { place, node } => self.lose(place, node),
            Happening::Start(node, life) if self.life(node) == life && !self.lives(node, life) => {
                self.start(node);
            }
            Happening::Cut {
                node,
                life,
                everywhere,
            } if self.lives(node, life) => {
                self.cut_power(node, everywhere);
            }
            Happening::Stop(node, life) if self.lives(node, life) => {
                if let Some(living) = self.desks.get_mut(node).and_then(Option::as_mut) {
                    living.stop();
                }
                self.settle(node);
            }
            Happening::Again(durable) => {
                self.again.remove(&durable);
                self.pump(&durable);
            }
            Happening::Officer(officer) => self.officer(officer),
            Happening::Impatient { command, asked } => self.impatient(command, asked),
            Happening::Begins(place) => self.begins(place),
            Happening::Ends(place) => self.ends(place),
            // For a process that is no more.
            _ => {}
        }
    }

    /// A node goes on as far as it can.
    pub(super) fn settle(&mut self, node: Node) {
        let now = self.agenda.now();
        let at = self.clock(node);
        let out = match self.desks.get_mut(node) {
            Some(desk) => desk.as_mut().map(|living| living.settle(now)),
            None => {
                let at = at.to_rfc3339();
                self.reader.as_mut().map(|reading| reading.settle(&at, now))
            }
        };
        self.follow(node, out.unwrap_or_default());
        let Some(due) = self.post(node).and_then(|post| post.wake()) else {
            return;
        };
        // What is due now and did not happen waits for something else.
        let due = due.max(now + Duration::from_millis(1));
        let life = self.life(node);
        if let Some(machine) = self.machines.get_mut(node)
            && machine.waking.is_none_or(|waking| due < waking)
        {
            machine.waking = Some(due);
            self.agenda.at(due, Happening::Due(node, life));
        }
    }

    pub(super) fn follow(&mut self, node: Node, out: Vec<Out>) {
        let life = self.life(node);
        for out in out {
            match out {
                Out::Ask(ask) => self.ask(node, ask),
                Out::Say(command, said) => self.say(node, command, said),
                Out::Think => {
                    let thought = self.chance.between(THOUGHT.0, THOUGHT.1);
                    self.agenda.after(thought, Happening::Think(node, life));
                }
                Out::Sync => {
                    let pace = self.machines.get(node).map_or(self.disk, |m| m.pace);
                    let works = self.chance.between(pace.0, pace.1);
                    self.agenda.after(works, Happening::Synced(node, life));
                    self.doom(node, works);
                }
                Out::Stopped | Out::DiskFull => self.end(node, false),
                Out::Wrong(what) => self.wrong.push(what),
            }
        }
    }

    fn synced(&mut self, node: Node) {
        let now = self.agenda.now();
        let life = self.life(node);
        let out = match self.desks.get_mut(node) {
            Some(desk) => desk.as_mut().map(|living| living.synced(now)),
            None => self.reader.as_mut().map(|reading| reading.synced()),
        };
        self.follow(node, out.unwrap_or_default());
        if let Some(living) = self.desks.get(node).and_then(Option::as_ref) {
            let size = living.journal.size();
            self.trace.note(now, "synced", &[node as u64, size]);
            self.agenda.after(QUIET, Happening::Quiet(node, life, size));
        }
        if self.lives(node, life) {
            self.settle(node);
        }
    }
}
