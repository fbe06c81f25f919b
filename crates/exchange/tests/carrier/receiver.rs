//! A unit, or a reader of everything, with the host behind it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use exchange::Timing;
use exchange::inflow::{Handed, Inflow, Receipt, Scope, Step};
use exchange::order::Line;
use exchange::outflow::Lane;
use exchange::parcel::Parcel;
use exchange::subject;
use journal::{Group, Journal, NewEntry, Origin};

use super::script::ADDRESSEE;
use super::{Due, INTERVAL, PATIENCE, World};
use crate::support::{register, timing};

pub struct Receiver {
    pub inflow: Inflow<u64>,
    pub life: u32,
    /// Messages that the broker is not to deliver again.
    pub done: BTreeSet<u64>,
    pub silent: bool,
    pub rebuilt: Vec<bool>,
    /// What the host has recorded, in order.
    pub log: BTreeMap<Line, Vec<u64>>,
    pub unfit: Vec<String>,
    scope: Box<dyn Fn() -> Scope>,
    lane: Lane,
    /// What the host has and has not recorded yet.
    taken: VecDeque<Taken>,
}

struct Taken {
    line: Line,
    position: u64,
    receipt: Receipt<u64>,
    entry: NewEntry,
}

impl Receiver {
    pub fn new(scope: Box<dyn Fn() -> Scope>) -> Receiver {
        let lane = match scope() {
            Scope::Inbox { .. } => Lane::Inbox,
            Scope::Feed => Lane::Event,
        };
        let mut receiver = Receiver {
            inflow: Inflow::new(Scope::Feed, register(&[("A", 1)]), timing()),
            life: 0,
            done: BTreeSet::new(),
            silent: false,
            rebuilt: Vec::new(),
            log: BTreeMap::new(),
            unfit: Vec::new(),
            scope,
            lane,
            taken: VecDeque::new(),
        };
        receiver.restart();
        receiver
    }

    /// Killed, and started again from what was recorded.
    pub fn restart(&mut self) {
        let keys = register(&[("H33", 1), ("H34", 2), (ADDRESSEE, 3)]);
        let timing = Timing {
            checkpoint: INTERVAL,
            ..timing()
        };
        self.inflow = Inflow::new((self.scope)(), keys, timing);
        let positions = self.log.iter().filter_map(|(line, positions)| {
            let key = (line.origin.clone(), line.epoch?);
            Some((key, positions.last().copied()?))
        });
        self.inflow.begin(positions.collect());
        self.taken.clear();
        self.life += 1;
    }

    pub fn is_for(&self, lane: Lane, parcel: &Parcel) -> bool {
        let addressed = || subject::read_inbox(&parcel.subject).unwrap().to.as_str() == ADDRESSEE;
        lane == self.lane && (lane == Lane::Event || addressed())
    }

    /// The host has written down what it had.
    pub fn record(&mut self) {
        let journal = match (self.scope)() {
            Scope::Inbox { journal, .. } => Some(journal),
            Scope::Feed => None,
        };
        let taken = std::mem::take(&mut self.taken);
        if let Some(journal) = journal {
            append(&journal, &taken);
        }
        for one in taken {
            self.log.entry(one.line).or_default().push(one.position);
            self.inflow.noted(one.receipt, true);
        }
    }
}

fn append(journal: &Journal, taken: &VecDeque<Taken>) {
    let group = Group {
        entries: taken.iter().map(|one| one.entry.clone()).collect(),
        received: taken
            .iter()
            .map(|one| (one.line.origin.clone(), one.position))
            .collect(),
        ..Group::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime
        .block_on(async { journal.append(group).await.await })
        .unwrap();
}

impl World {
    /// Everything that the inflow of one receiver wants now.
    pub fn receive_now(&mut self, receiver: usize) {
        let now = self.now;
        while let Some(step) = self.receivers[receiver].inflow.poll(now) {
            self.step(receiver, step);
        }
        while let Some(handed) = self.receivers[receiver].inflow.hand_over() {
            let drops = self.chance.percent(self.weather.dropped_by_host);
            let one = &mut self.receivers[receiver];
            match handed {
                Handed::Contact(_) => {}
                Handed::Unfit { unfit, receipt } => {
                    one.unfit.push(unfit.reason);
                    one.inflow.noted(receipt, true);
                }
                Handed::Event {
                    signed,
                    line,
                    position,
                    receipt,
                } => {
                    let recorded = one.log.get(&line).and_then(|log| log.last());
                    let waiting = one.taken.iter().rev().find(|taken| taken.line == line);
                    let last = waiting.map(|taken| taken.position).or(recorded.copied());
                    let expected = last.unwrap_or(0) + 1;
                    assert!(position >= expected, "{line:?} {position} came twice");
                    // Behind something that was dropped it is of no use.
                    if drops || position > expected {
                        one.inflow.noted(receipt, false);
                        continue;
                    }
                    let origin = Origin::Received {
                        from: line.origin.clone(),
                        link: position,
                    };
                    let entry = NewEntry {
                        origin,
                        signed,
                        deliveries: Vec::new(),
                    };
                    let idle = one.taken.is_empty();
                    one.taken.push_back(Taken {
                        line,
                        position,
                        receipt,
                        entry,
                    });
                    if idle {
                        self.soon(Due::Host(receiver));
                    }
                }
            }
        }
    }

    fn step(&mut self, receiver: usize, step: Step<u64>) {
        let one = &mut self.receivers[receiver];
        let life = one.life;
        match step {
            Step::Acknowledge(uid) | Step::Decline(uid) => {
                if !self.chance.percent(self.weather.lost) {
                    one.done.insert(uid);
                }
            }
            Step::Rebuild { afresh } => {
                one.rebuilt.push(afresh);
                one.silent &= !afresh;
            }
            Step::Ask { number, question } => {
                let answer = self.answer(&question);
                let delay = match &answer {
                    Ok(_) => self.chance.delay(),
                    Err(_) => PATIENCE,
                };
                self.later(delay, Due::Answer(receiver, life, number, answer));
            }
        }
    }
}
