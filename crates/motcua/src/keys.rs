//! `motcua keys`: secrets of units, and the register of their public keys.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::say;
use anyhow::Context;
use clap::Args;
use envelope::register::public_key;
use envelope::sign::nkey;
use envelope::{KeyId, PublicKeys};
use exchange::subject::UnitToken;
use unit::identity;

/// Make the keys of units.
#[derive(Debug, Args)]
pub(crate) struct Keys {
    /// Directory of the units' data; each unit's secret goes to <data>/<unit>/unit.key.
    #[arg(long)]
    data: PathBuf,
    /// The register of public keys to write; every service and the projector read it. Rows that it has
    /// stay: limits of keys are stated there by hand.
    #[arg(long)]
    register: PathBuf,
    /// The units. One that has keys keeps them.
    #[arg(required = true)]
    units: Vec<String>,
}

impl Keys {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        for unit in &self.units {
            UnitToken::parse(unit)?;
        }
        let register = self.register.display();
        let mut rows = if self.register.exists() {
            identity::read_rows(&self.register)?
        } else {
            Vec::new()
        };
        let mut fingers = Vec::new();
        for unit in &self.units {
            let made = identity::create(&self.data, unit)?;
            let key = public_key(&made.signing).context("a key that was just made")?;
            fingers.push(format!("{unit} {} {}", KeyId::of(&key), nkey::public(&key)));
            let mut own = rows.iter().filter(|row| row.unit == *unit).peekable();
            if own.peek().is_none() {
                rows.push(made);
                continue;
            }
            let held = identity::load(&self.data, unit)?.seeds;
            let known = |row: &PublicKeys| {
                let key = public_key(&row.signing);
                key.is_some_and(|key| held.know(&KeyId::of(&key)))
            };
            anyhow::ensure!(
                own.any(known),
                "{register} has other keys of {unit} than its unit.key: put the right unit.key back; or take \
                 the rows of {unit} out of the register, when nothing that they signed is to count"
            );
        }
        identity::write_register(&self.register, rows)?;
        say(format_args!("{} units in {register}", self.units.len()))?;
        for line in fingers {
            say(format_args!("  {line}"))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
