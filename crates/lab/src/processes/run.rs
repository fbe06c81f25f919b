//! One run: load, fault, recovery, and what was seen.

use std::fmt;
use std::time::Duration;

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use tokio::time::{Instant, sleep, timeout};

use crate::processes::faults::{Fault, happen, prepare};
use crate::processes::load::Load;
use crate::processes::town::Town;
use crate::verifier::{Violation, verify};

/// Callers at work at the same time.
const CALLERS: u64 = 6;
/// Dossiers of each.
const DOSSIERS: usize = 3;
/// How long callers may need to finish, and everything to come to rest, before that is a finding.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two looks at whether everything is at rest.
const LOOK_EVERY: Duration = Duration::from_millis(150);

/// What is not at rest after so long is told of, though it may be in the end.
pub const SLOW: Duration = Duration::from_secs(10);

/// What was seen of one run.
#[derive(Debug)]
pub struct Outcome {
    /// Commands that were acknowledged in it.
    pub acknowledged: u64,
    /// From the end of the fault until everything was at rest.
    pub recovery: Duration,
    /// What was still waited for after [`SLOW`], where anything was.
    pub waited_for: Vec<Violation>,
    /// What did not hold.
    pub failure: Option<Failure>,
}

/// What did not hold in a run.
#[derive(Debug)]
pub struct Failure {
    /// At which step.
    pub step: &'static str,
    /// What the verifier found.
    pub violations: Vec<Violation>,
    /// Why the run could not go on, where that was it.
    pub reason: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.step, self.reason)?;
        for violation in self.violations.iter().take(20) {
            write!(f, "\n  {violation}")?;
        }
        Ok(())
    }
}

/// Runs one fault under load by a seed.
pub async fn run(town: &mut Town, fault: &Fault, seed: u64) -> Outcome {
    let before = town.notebook.acknowledged().len();
    let mut seen = Outcome {
        acknowledged: 0,
        recovery: Duration::ZERO,
        waited_for: Vec::new(),
        failure: None,
    };
    seen.failure = steps(town, fault, seed, &mut seen).await.err();
    seen.acknowledged = (town.notebook.acknowledged().len() - before) as u64;
    seen
}

async fn steps(
    town: &mut Town,
    fault: &Fault,
    seed: u64,
    seen: &mut Outcome,
) -> Result<(), Failure> {
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    prepare(town, fault, &mut chance)
        .await
        .map_err(at("preparing"))?;
    let mut load = Load::start(&town.client, &town.notebook, seed, CALLERS, DOSSIERS);
    sleep(Duration::from_millis(chance.gen_range(0..700))).await;
    let healed = happen(town, fault, &mut chance)
        .await
        .map_err(at("the fault"))?;
    look(town, "after the fault, callers at work", false).await?;
    match timeout(PATIENCE, load.finished()).await {
        Ok(done) => done.map_err(at("callers"))?,
        Err(_) => {
            let waiting = town.notebook.waiting().join("\n  ");
            return Err(failed(
                "callers",
                format!("still waiting after {PATIENCE:?}:\n  {waiting}"),
            ));
        }
    }
    let rested = rest(town, healed, &mut seen.waited_for).await;
    seen.recovery = healed.elapsed();
    rested?;
    let fallen = town.fallen().map_err(at("services"))?;
    if fallen.is_empty() {
        Ok(())
    } else {
        Err(failed("services", fallen.join("\n")))
    }
}

/// Looks until everything is at rest and holds.
async fn rest(
    town: &mut Town,
    healed: Instant,
    waited_for: &mut Vec<Violation>,
) -> Result<(), Failure> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let failure = match look(town, "at rest", true).await {
            Ok(()) => return Ok(()),
            Err(failure) => failure,
        };
        // What must hold at any time is no matter of waiting.
        let waits = failure
            .violations
            .iter()
            .all(|found| found.rule.waits_for_rest());
        if !waits || Instant::now() >= deadline {
            return Err(failure);
        }
        if healed.elapsed() > SLOW && waited_for.is_empty() {
            *waited_for = failure.violations;
        }
        sleep(LOOK_EVERY).await;
    }
}

async fn look(town: &mut Town, step: &'static str, at_rest: bool) -> Result<(), Failure> {
    let notebook = town.notebook.clone();
    let seen = town
        .reader
        .look(&notebook, at_rest)
        .await
        .map_err(at(step))?;
    let violations = verify(&seen);
    if violations.is_empty() {
        return Ok(());
    }
    Err(Failure {
        step,
        violations,
        reason: "this does not hold".to_owned(),
    })
}

fn at(step: &'static str) -> impl FnOnce(anyhow::Error) -> Failure {
    move |error| failed(step, format!("{error:#}"))
}

fn failed(step: &'static str, reason: String) -> Failure {
    Failure {
        step,
        violations: Vec::new(),
        reason,
    }
}
