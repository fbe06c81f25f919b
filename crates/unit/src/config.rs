//! The configuration of a service: one process, one level, one unit or many.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use calendar::Moment;
use exchange::Access;
use serde::{Deserialize, Serialize};

/// A service's configuration file (TOML).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The broker, or the unit's own leaf node.
    pub nats: String,
    /// Directory of the registers of procedures.
    pub registers: PathBuf,
    /// Directory of the profile: units and their competence.
    pub profile: PathBuf,
    /// File with everyone's public keys.
    pub keys: PathBuf,
    /// Directory with one directory per unit: `unit.key`, `journal`, `vault`.
    pub data: PathBuf,
    /// The units that this process hosts.
    pub units: Vec<String>,
    /// File with the units' officers and their roles; without it everybody may do everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub officers: Option<PathBuf>,
    /// First instant of a simulated profile; absent where time is real.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simulated_from: Option<Moment>,
    /// Seconds between two checkpoints of a unit.
    #[serde(default = "thirty")]
    pub checkpoint_seconds: u64,
    /// Where the journals of these units are served as transparency logs: an address of the own
    /// machine, since what is read there is not encrypted on its way. Absent: nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence_http: Option<SocketAddr>,
    /// Requests that one officer may send to one unit in a second, on average; ten seconds' worth at once.
    #[serde(default = "hundred")]
    pub officer_requests_per_second: u32,
    /// Copies of the streams: 1 on one machine, 3 in a cluster.
    #[serde(default = "one")]
    pub replicas: usize,
    /// Page cache of one journal, in MiB.
    #[serde(default = "sixteen")]
    pub journal_cache_mib: u64,
    /// How it logs in to the broker, with which certificates; `login` names the directory with `<unit>.nk`.
    #[serde(default, skip_serializing_if = "Access::is_default")]
    pub access: Access,
}

fn thirty() -> u64 {
    30
}

fn one() -> usize {
    1
}

fn hundred() -> u32 {
    100
}

fn sixteen() -> u64 {
    16
}

impl Config {
    /// Reads a configuration file.
    ///
    /// # Errors
    /// Names the file and, in it, line and field.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        use anyhow::Context;
        let text = fs::read_to_string(path)
            .with_context(|| format!("reading the configuration {}", path.display()))?;
        catalogue::check_nesting(&text)
            .with_context(|| format!("the configuration {} is not usable", path.display()))?;
        let config: Self = toml::from_str(&text)
            .map_err(|error| anyhow::anyhow!(envelope::brief(&error)))
            .with_context(|| format!("the configuration {} is not usable", path.display()))?;
        anyhow::ensure!(
            !config.units.is_empty(),
            "{}: `units` is empty: name at least one unit",
            path.display()
        );
        anyhow::ensure!(
            config.checkpoint_seconds > 0,
            "{}: `checkpoint_seconds` must be at least 1",
            path.display()
        );
        if let Some(address) = config.evidence_http {
            anyhow::ensure!(
                address.ip().is_loopback(),
                "{}: `evidence_http` is {address}, which others reach without TLS: serve on \
                 127.0.0.1 and put a proxy with TLS before it",
                path.display()
            );
        }
        Ok(config)
    }

    /// The interval between checkpoints.
    pub fn checkpoint(&self) -> Duration {
        Duration::from_secs(self.checkpoint_seconds)
    }
}
