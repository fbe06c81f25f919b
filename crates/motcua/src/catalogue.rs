//! `motcua catalogue`: registers of units, procedures and routes, checked before they are used.

use std::path::PathBuf;
use std::process::ExitCode;

use ::catalogue::Catalogue;
use clap::{Args, Subcommand};

use crate::say;

/// Work on registers.
#[derive(Debug, Args)]
pub(crate) struct CatalogueCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Hold the registers against one another and against profiles; print every fault with its file
    /// and line, or what they hold.
    Check(Check),
}

#[derive(Debug, Args)]
struct Check {
    /// Directory of procedures*.csv, limits.csv, retention.csv and routes/.
    #[arg(long, value_name = "DIR", default_value = "deploy/registers")]
    registers: PathBuf,
    /// Directory of a profile's units.toml; may be given several times.
    #[arg(long, value_name = "DIR", default_values = ["deploy/chau-thanh", "deploy/an-giang"])]
    profile: Vec<PathBuf>,
}

impl CatalogueCommand {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let What::Check(check) = self.what;
        check.run()
    }
}

impl Check {
    fn run(self) -> anyhow::Result<ExitCode> {
        let mut told = Vec::new();
        for profile in &self.profile {
            match Catalogue::load(&self.registers, profile) {
                Ok(catalogue) => describe(&catalogue)?,
                Err(error) => {
                    // The registers are the same for every profile: each of their faults is told once.
                    for fault in error.faults {
                        if !told.contains(&fault) {
                            say(format_args!("{fault}"))?;
                            told.push(fault);
                        }
                    }
                }
            }
        }
        Ok(if told.is_empty() {
            ExitCode::SUCCESS
        } else {
            eprintln!(
                "motcua: {} faults; correct them and check again",
                told.len()
            );
            ExitCode::FAILURE
        })
    }
}

fn describe(catalogue: &Catalogue) -> anyhow::Result<()> {
    let held = catalogue.summary();
    say(format_args!(
        "{}: {} units; {} procedures in {} versions ({} ended), {} fields; {} limits by case; \
         {} routes for {} procedures; {} sources",
        catalogue.version(),
        held.units,
        held.procedures,
        held.versions,
        held.ended,
        held.fields,
        held.limits,
        held.routes,
        held.routed,
        held.sources,
    ))
}
