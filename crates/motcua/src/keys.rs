//! `motcua keys`: secrets of units, and the register of their public keys.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::say;
use clap::Args;
use exchange::subject::UnitToken;
use unit::identity;

/// Make the keys of units.
#[derive(Debug, Args)]
pub(crate) struct Keys {
    /// Directory of the units' data; each unit's secret goes to <data>/<unit>/unit.key.
    #[arg(long)]
    data: PathBuf,
    /// The register of public keys to write; every service and the projector read it.
    #[arg(long)]
    register: PathBuf,
    /// The units. One that has keys keeps them.
    #[arg(required = true)]
    units: Vec<String>,
}

impl Keys {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let mut public = Vec::new();
        for unit in &self.units {
            UnitToken::parse(unit)?;
            public.push(identity::create(&self.data, unit)?);
        }
        identity::write_register(&self.register, public)?;
        say(format_args!(
            "{} units in {}",
            self.units.len(),
            self.register.display()
        ))?;
        Ok(ExitCode::SUCCESS)
    }
}
