//! Many runs, each with a seed of its own, and a row for every fault.

use std::ops::Range;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;

use super::faults::Fault;
use super::flaw::Flaw;
use super::run::{Plan, Shown, play};
use crate::plan;
use crate::record::Row;
use crate::verifier::CHECKED;

/// Runs between two looks at the clock.
const BATCH: u64 = 64;
/// Runs where neither a number nor a time is given.
const RUNS: u64 = 256;
/// Lines of a failed run that are shown when it is played alone.
const LINES_SHOWN: usize = 60;

/// A run that did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Its seed.
    pub seed: u64,
    /// What did not hold.
    pub wrong: Vec<String>,
    /// The command that brings it about again.
    pub command: String,
}

/// What many runs showed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Floor {
    /// A row for every fault that struck; a run of a mix counts for each of its faults.
    pub rows: Vec<Row>,
    /// Runs.
    pub runs: u64,
    /// Acknowledged commands of all runs.
    pub acknowledged: u64,
    /// Answers "busy" of all runs.
    pub busy: u64,
    /// Runs that did not hold.
    pub failures: Vec<Failure>,
}

impl Floor {
    fn note(&mut self, seed: u64, only: Option<Fault>, shown: Shown) {
        self.runs += 1;
        self.acknowledged += shown.acknowledged;
        self.busy += shown.busy;
        for fault in &shown.faults {
            self.row(&Row {
                runs: 1,
                acknowledged: shown.acknowledged,
                lost: shown.lost,
                failed: u64::from(!shown.wrong.is_empty()),
                recovery_max: shown.recovery,
                ..Row::of(fault.name(), CHECKED)
            });
        }
        if !shown.wrong.is_empty() {
            self.failures.push(Failure {
                seed,
                wrong: shown.wrong,
                command: command(seed, only),
            });
        }
    }

    fn row(&mut self, row: &Row) {
        match self.rows.iter_mut().find(|known| known.fault == row.fault) {
            Some(known) => known.add(row),
            None => self.rows.push(row.clone()),
        }
    }

    /// Adds what other runs showed.
    pub fn add(&mut self, other: Self) {
        self.runs += other.runs;
        self.acknowledged += other.acknowledged;
        self.busy += other.busy;
        self.failures.extend(other.failures);
        other.rows.iter().for_each(|row| self.row(row));
    }
}

/// Plays all `seeds` with `threads` at a time; `only` one fault, or mixes.
///
/// # Errors
/// As [`play`].
pub fn floor(seeds: Range<u64>, only: Option<Fault>, threads: u64) -> anyhow::Result<Floor> {
    let threads = threads.max(1);
    let parts: Vec<anyhow::Result<Vec<(u64, Shown)>>> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|part| {
                let seeds = seeds.clone();
                scope.spawn(move || {
                    let own = seeds.filter(|seed| seed % threads == part);
                    own.map(|seed| Ok((seed, shown(seed, only)?))).collect()
                })
            })
            .collect();
        let joined = |worker: thread::ScopedJoinHandle<'_, _>| {
            worker
                .join()
                .unwrap_or_else(|_| Err(anyhow::anyhow!("a thread of runs ended badly")))
        };
        workers.into_iter().map(joined).collect()
    });
    let mut floor = Floor::default();
    for part in parts {
        for (seed, shown) in part? {
            floor.note(seed, only, shown);
        }
    }
    floor.failures.sort_by_key(|failure| failure.seed);
    Ok(floor)
}

/// Does what the command line asks for: plays, says what failed and how to see it again, and gives
/// the rows.
///
/// # Errors
/// An unknown fault, and as [`play`].
pub fn run(asked: &plan::Plan) -> anyhow::Result<Vec<Row>> {
    let only = match &asked.fault {
        None => None,
        Some(name) => Some(Fault::named(name).with_context(|| {
            let known = Fault::ALL.map(Fault::name).join(", ");
            format!("there is no fault {name} on this floor; there are {known}")
        })?),
    };
    if asked.runs == Some(1) {
        return alone(asked.seed, only);
    }
    let (began, mut whole) = (Instant::now(), Floor::default());
    let lasts = asked
        .minutes
        .map(|minutes| Duration::from_secs(60 * minutes));
    let threads = thread::available_parallelism().map_or(1, |many| many.get() as u64);
    let most = asked
        .runs
        .unwrap_or(if lasts.is_some() { u64::MAX } else { RUNS });
    while whole.runs < most && lasts.is_none_or(|lasts| began.elapsed() < lasts) {
        let first = asked.seed + whole.runs;
        let batch = floor(first..first + BATCH.min(most - whole.runs), only, threads)?;
        batch.failures.iter().for_each(tell);
        whole.add(batch);
    }
    eprintln!(
        "simulation: {} runs from seed {}, {} commands acknowledged, {} busy answers, {} runs failed",
        whole.runs,
        asked.seed,
        whole.acknowledged,
        whole.busy,
        whole.failures.len()
    );
    Ok(whole.rows)
}

/// One run, with its story when it fails.
fn alone(seed: u64, only: Option<Fault>) -> anyhow::Result<Vec<Row>> {
    let mut floor = Floor::default();
    let shown = play(&Plan {
        only,
        told: true,
        ..Plan::of(seed)
    })?;
    if !shown.wrong.is_empty() {
        let untold = shown.lines.len().saturating_sub(LINES_SHOWN);
        shown
            .lines
            .iter()
            .skip(untold)
            .for_each(|line| eprintln!("{line}"));
    }
    floor.note(seed, only, shown);
    floor.failures.iter().for_each(tell);
    Ok(floor.rows)
}

fn tell(failure: &Failure) {
    eprintln!(
        "seed {} failed; again with: {}",
        failure.seed, failure.command
    );
    failure
        .wrong
        .iter()
        .for_each(|wrong| eprintln!("  {wrong}"));
}

fn shown(seed: u64, only: Option<Fault>) -> anyhow::Result<Shown> {
    play(&Plan {
        only,
        flaw: Flaw::None,
        ..Plan::of(seed)
    })
}

/// The command that plays one seed again.
pub fn command(seed: u64, only: Option<Fault>) -> String {
    let fault = only.map_or_else(String::new, |fault| format!(" --fault {}", fault.name()));
    format!("cargo run --release -p lab -- --floor simulation --seed {seed} --runs 1{fault}")
}
