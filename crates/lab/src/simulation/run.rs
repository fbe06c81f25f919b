//! One run: a province is drawn, works, suffers, heals and is held against the verifier.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::agenda::{Agenda, Trace};
use super::broker::Broker;
use super::callers::Callers;
use super::chance::Chance;
use super::faults::{self, Fault};
use super::flaw::Flaw;
use super::happening::Happening;
use super::machine::{DISKS, Machine};
use super::network::Network;
use super::officers::{OFFICERS, PAUSES};
use super::town;
use super::world::World;
use crate::verifier::{Rule, verify};

/// For how long officers begin something new.
const LOAD: (Duration, Duration) = (Duration::from_secs(40), Duration::from_secs(90));
/// How many times faster than virtual time the offices' clocks may run.
const PACES: [i32; 3] = [1, 60, 400];

/// What is to be played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Determines everything else.
    pub seed: u64,
    /// This fault alone; otherwise a mix.
    pub only: Option<Fault>,
    /// A rule that all units break.
    pub flaw: Flaw,
    /// Whether what happened is kept as text.
    pub told: bool,
}

impl Plan {
    /// A mix of faults drawn from `seed`.
    pub const fn of(seed: u64) -> Self {
        Self {
            seed,
            only: None,
            flaw: Flaw::None,
            told: false,
        }
    }
}

/// What a run showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The faults that struck.
    pub faults: BTreeSet<Fault>,
    /// Commands that were acknowledged.
    pub acknowledged: u64,
    /// Answers "busy".
    pub busy: u64,
    /// Acknowledged commands that are not where they should be.
    pub lost: u64,
    /// Everything that does not hold; empty for a good run.
    pub wrong: Vec<String>,
    /// From the end of the last fault until everyone was at rest.
    pub recovery: Duration,
    /// Hash of everything that happened, in order.
    pub trace: String,
    /// What happened as text, where that was asked for.
    pub lines: Vec<String>,
}

/// Plays a run.
///
/// # Errors
/// When the registers of the profile are not usable, or a journal cannot be read at all.
pub fn play(plan: &Plan) -> anyhow::Result<Shown> {
    let mut world = drawn(plan)?;
    let nodes = 0..=world.reader_node();
    nodes.for_each(|node| world.start(node));
    for officer in 0..OFFICERS {
        world.agenda.after(
            Duration::from_millis(300 * officer as u64),
            Happening::Officer(officer),
        );
    }
    let mut healed = world.load;
    for (place, planned) in world.plan.clone().into_iter().enumerate() {
        world.agenda.at(planned.begins, Happening::Begins(place));
        world.agenda.at(planned.ends, Happening::Ends(place));
        healed = healed.max(planned.ends);
    }
    let (mut wrong, mut lost) = (Vec::new(), 0);
    let midway = world.chance.between(Duration::from_secs(5), world.load);
    world.run(midway);
    held_together(&mut world, false, &mut wrong, &mut lost)?;
    world.run(healed);
    let mut recovery = rest(&mut world, &mut wrong);
    // Whoever was refused asks once more: a copy of the command may have been followed meanwhile.
    for place in world.callers.doubtful() {
        world.send(place);
    }
    recovery = recovery.max(rest(&mut world, &mut wrong));
    wrong.append(&mut world.wrong);
    if wrong.is_empty() {
        held_together(&mut world, true, &mut wrong, &mut lost)?;
        wrong.extend(world.inside()?);
    }
    let faults = world.plan.iter().map(|planned| planned.fault).collect();
    let (acknowledged, busy) = (world.callers.followed(), world.callers.busy);
    let (trace, lines) = world.trace.end();
    Ok(Shown {
        faults,
        acknowledged,
        busy,
        lost,
        wrong,
        recovery,
        trace,
        lines,
    })
}

fn rest(world: &mut World, wrong: &mut Vec<String>) -> Duration {
    match world.come_to_rest() {
        Ok(took) => took,
        Err(waits) => {
            wrong.push(waits);
            Duration::ZERO
        }
    }
}

fn held_together(
    world: &mut World,
    at_rest: bool,
    wrong: &mut Vec<String>,
    lost: &mut u64,
) -> anyhow::Result<()> {
    for violation in verify(&world.look(at_rest)?) {
        *lost += u64::from(violation.rule == Rule::Acknowledged);
        wrong.push(violation.to_string());
    }
    Ok(())
}

fn drawn(plan: &Plan) -> anyhow::Result<World> {
    let ground = town::ground()?;
    let mut chance = Chance::of(plan.seed);
    let places = town::draw(ground, &mut chance)?;
    let load = chance.between(LOAD.0, LOAD.1);
    let nodes = places.len() + 1;
    let faults = faults::plan(plan.only, nodes, load, &mut chance);
    let pace = chance.one_of(&PACES).copied().unwrap_or(1);
    let disk = DISKS[chance.below(DISKS.len())];
    let pause = PAUSES[chance.below(PAUSES.len())];
    Ok(World {
        ground,
        begins_at: town::start()?,
        pace,
        machines: (0..nodes)
            .map(|_| Machine::new(disk))
            .collect::<Result<_, _>>()?,
        desks: places.iter().map(|_| None).collect(),
        places,
        reader: None,
        recovering: BTreeMap::new(),
        backups: BTreeMap::new(),
        broker: Broker::new(),
        network: Network::new(),
        callers: Callers::default(),
        agenda: Agenda::new(),
        chance,
        trace: Trace::new(plan.told),
        plan: faults,
        disk,
        pause,
        copies: BTreeMap::new(),
        doomed: BTreeMap::new(),
        again: BTreeMap::new(),
        load,
        wrong: Vec::new(),
        flaw: plan.flaw,
        strangers: 0,
    })
}
