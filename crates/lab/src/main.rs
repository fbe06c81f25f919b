//! The laboratory's command: see the crate's documentation.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand, ValueEnum};
use lab::plan::Plan;
use lab::record::{Row, table};
use lab::{processes, simulation};

/// Tries to lose an acknowledged command: faults under a seed, one verifier over everything.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Where: everything in one process in virtual time, or real services over real brokers.
    #[arg(long, value_enum, default_value = "simulation")]
    floor: Floor,
    /// Seed of the first run; the next run has the next one.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// For how long.
    #[arg(long)]
    minutes: Option<u64>,
    /// How many runs.
    #[arg(long)]
    runs: Option<u64>,
    /// This fault only.
    #[arg(long, value_name = "NAME")]
    fault: Option<String>,
    /// Appends the rows as Markdown to this file.
    #[arg(long, value_name = "FILE")]
    table: Option<PathBuf>,
    #[command(subcommand)]
    service: Option<Hidden>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Floor {
    Simulation,
    Processes,
}

/// What the laboratory starts itself as.
#[derive(Debug, Subcommand)]
enum Hidden {
    /// One of the services.
    #[command(hide = true)]
    Service {
        #[arg(value_enum)]
        kind: Kind,
        #[arg(long)]
        config: PathBuf,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    Commune,
    District,
    Agency,
    Projector,
}

#[expect(clippy::print_stderr, reason = "a command says why it failed")]
fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(Hidden::Service { kind, config }) = &arguments.service {
        return match kind {
            Kind::Commune => unit::run::run_configured(commune::Commune, config),
            Kind::District => unit::run::run_configured(district::District, config),
            Kind::Agency => unit::run::run_configured(agency::Agency, config),
            Kind::Projector => projecting(config),
        };
    }
    match tried(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("motcua-lab: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The projector, as its own program runs it.
fn projecting(config: &Path) -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new("info,async_nats=warn"))
        .with_writer(std::io::stderr)
        .init();
    let served = tokio::runtime::Runtime::new()
        .context("starting the runtime")
        .and_then(|runtime| runtime.block_on(projector::run::configured(config)));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs what was asked for; whether everything held.
#[expect(clippy::print_stdout, reason = "the rows are what a command is for")]
fn tried(arguments: &Arguments) -> anyhow::Result<bool> {
    let plan = Plan {
        seed: arguments.seed,
        runs: arguments.runs,
        minutes: arguments.minutes,
        fault: arguments.fault.clone(),
    };
    let (floor, rows) = match arguments.floor {
        Floor::Simulation => ("simulation", simulation::run(&plan)?),
        Floor::Processes => {
            let program = std::env::current_exe().context("finding this program's own path")?;
            let runtime = tokio::runtime::Runtime::new().context("starting the runtime")?;
            (
                "processes",
                runtime.block_on(processes::run_all(&program, &plan))?,
            )
        }
    };
    for row in &rows {
        println!("{}", row.line());
    }
    if let Some(path) = &arguments.table {
        let command = |row: &Row| {
            format!(
                "cargo run --release -p lab -- --floor {floor} --fault {} --seed {} --runs {}",
                row.fault, plan.seed, row.runs
            )
        };
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .and_then(|mut file| file.write_all(table(&rows, command).as_bytes()))
            .with_context(|| format!("writing the table {}", path.display()))?;
    }
    Ok(rows.iter().all(|row| row.failed == 0))
}
