//! Where the files of a run lie, and the configurations that the services are started with.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use calendar::Moment;
use unit::config::Config;
use unit::identity;

/// Unit name under which the projector keeps its journal.
pub(crate) const PROJECTOR: &str = "PROJECTOR";

/// The directories of one run.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    /// Everything that this run writes.
    pub run: PathBuf,
    /// Registers of procedures and calendars.
    pub registers: PathBuf,
    /// Units and parameters of the district.
    pub profile: PathBuf,
    /// The broker.
    pub nats: String,
}

impl Layout {
    /// A run under `run`, with the registers of `deploy` and the broker at `nats`.
    pub(crate) fn under(run: &Path, deploy: &Path, nats: &str) -> Self {
        Self {
            run: run.to_owned(),
            registers: deploy.join("registers"),
            profile: deploy.join("chau-thanh"),
            nats: nats.to_owned(),
        }
    }

    /// The register of public keys.
    pub(crate) fn keys(&self) -> PathBuf {
        self.run.join("keys.json")
    }

    /// The directory of the units' data.
    pub(crate) fn data(&self) -> PathBuf {
        self.run.join("data")
    }

    /// Makes the units' keys and the register.
    pub(crate) fn make_keys(&self, units: &[String]) -> anyhow::Result<()> {
        let public = units
            .iter()
            .map(|unit| identity::create(&self.data(), unit));
        identity::write_register(&self.keys(), public.collect::<Result<_, _>>()?)?;
        Ok(())
    }

    /// Writes the configuration of a service of one level.
    pub(crate) fn service(
        &self,
        name: &str,
        units: &[String],
        simulated_from: Option<Moment>,
    ) -> anyhow::Result<PathBuf> {
        let config = Config {
            nats: self.nats.clone(),
            registers: self.registers.clone(),
            profile: self.profile.clone(),
            keys: self.keys(),
            data: self.data(),
            units: units.to_vec(),
            simulated_from,
            checkpoint_seconds: 2,
            evidence_http: None,
            replicas: 1,
            officers: None,
            // A load generator speaks for all officers of a unit under a few names.
            officer_requests_per_second: 1_000_000,
            journal_cache_mib: 16,
            access: exchange::Access::default(),
        };
        self.write(name, &toml::to_string(&config)?)
    }

    /// Writes a configuration file.
    pub(crate) fn write(&self, name: &str, text: &str) -> anyhow::Result<PathBuf> {
        let path = self.run.join(format!("{name}.toml"));
        fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
        Ok(path)
    }
}
