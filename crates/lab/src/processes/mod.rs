//! Real services over real brokers: a load of real commands, one fault, recovery without hands, and
//! everything looked at from outside.
//!
//! A run is: callers begin; the fault happens at a moment of chance and ends; everything is looked at
//! while callers go on; they finish; everything comes to rest, and is looked at again. Many runs share
//! a town, so that each finds a past.

pub mod brokers;
pub mod disk;
pub mod faults;
pub mod line;
pub mod load;
pub mod reading;
pub mod route;
pub mod run;
pub mod service;
pub mod town;

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use tokio::time::Instant;

use crate::plan::Plan;
use crate::processes::brokers::Ground;
use crate::processes::faults::{FAULTS, Fault};
use crate::processes::run::{Failure, SLOW, run};
use crate::processes::town::Town;
use crate::record::Row;
use crate::verifier::{CHECKED, Rule};

/// Runs that share a town; afterwards a fresh one is built.
const RUNS_OF_A_TOWN: u64 = 20;

/// Runs what the plan says, and tells what was seen of each fault. What fails is told at once on
/// standard error, with the command that brings it about again. `program` is the laboratory's.
///
/// # Errors
/// When there is no such fault, or no town can be built.
#[expect(
    clippy::print_stderr,
    reason = "a laboratory's findings are for people"
)]
pub async fn run_all(program: &Path, plan: &Plan) -> anyhow::Result<Vec<Row>> {
    let chosen = chosen(plan)?;
    let mut rows: Vec<Row> = chosen
        .iter()
        .map(|fault| Row::of(fault.name, CHECKED))
        .collect();
    let until = plan
        .minutes
        .map(|minutes| Instant::now() + Duration::from_secs(60 * minutes));
    let runs = plan.runs.unwrap_or(if until.is_some() {
        u64::MAX
    } else {
        FAULTS.len() as u64
    });
    let mut town: Option<(Town, u64)> = None;
    for number in 0..runs {
        if until.is_some_and(|until| Instant::now() >= until) {
            break;
        }
        // Faults of one ground follow one another, so that a town serves many.
        let which =
            usize::try_from(number / RUNS_OF_A_TOWN.min(runs.div_ceil(chosen.len() as u64)))
                .unwrap_or(0)
                % chosen.len();
        let (fault, seed) = (chosen[which], plan.seed.wrapping_add(number));
        let mut place = match town.take() {
            Some((town, age)) if town.brokers.ground() == fault.ground && age < RUNS_OF_A_TOWN => {
                (town, age)
            }
            _ => (
                Town::start(program, fault.ground)
                    .await
                    .context("building a town")?,
                0,
            ),
        };
        let seen = run(&mut place.0, fault, seed).await;
        let row = &mut rows[which];
        row.runs += 1;
        row.acknowledged += seen.acknowledged;
        row.recovery_max = row.recovery_max.max(seen.recovery);
        if !seen.waited_for.is_empty() {
            eprintln!(
                "slow: {} with seed {seed} took {:.1} s; after {SLOW:?} this was waited for:",
                fault.name,
                seen.recovery.as_secs_f64()
            );
            for waited in &seen.waited_for {
                eprintln!("  {waited}");
            }
        }
        match seen.failure {
            None => town = Some((place.0, place.1 + 1)),
            Some(failure) => {
                row.failed += 1;
                row.lost += lost(&failure);
                let files = place.0.keep_files();
                eprintln!(
                    "FAILED {} with seed {seed}, as run {} of its town\n{failure}\n{}\nfiles are kept in {}\nagain: {}\nwith as long a past: {}",
                    fault.name,
                    place.1 + 1,
                    place.0.said(),
                    files.display(),
                    again(fault, seed, 1),
                    again(fault, seed.wrapping_sub(place.1), place.1 + 1)
                );
            }
        }
    }
    rows.retain(|row| row.runs > 0);
    Ok(rows)
}

fn chosen(plan: &Plan) -> anyhow::Result<Vec<&'static Fault>> {
    let wanted = |fault: &&Fault| plan.fault.as_ref().is_none_or(|name| name == fault.name);
    let mut chosen: Vec<_> = FAULTS.iter().filter(wanted).collect();
    chosen.sort_by_key(|fault| fault.ground != Ground::One);
    let names = || FAULTS.map(|fault| fault.name).join(", ");
    anyhow::ensure!(
        !chosen.is_empty(),
        "there is no fault {}; there are {}",
        plan.fault.as_deref().unwrap_or_default(),
        names()
    );
    Ok(chosen)
}

fn lost(failure: &Failure) -> u64 {
    let violations = failure.violations.iter();
    violations
        .filter(|violation| violation.rule == Rule::Acknowledged)
        .count() as u64
}

/// The command that brings runs about again: so many, the first with this seed.
fn again(fault: &Fault, seed: u64, runs: u64) -> String {
    format!(
        "cargo run --release -p lab -- --floor processes --fault {} --seed {seed} --runs {runs}",
        fault.name
    )
}
