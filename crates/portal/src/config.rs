//! The configuration of the adapter, and the files that it names.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use catalogue::Catalogue;
use envelope::KeyRegister;
use exchange::Access;
use serde::Deserialize;

use crate::names::Names;
use crate::partner::Partner;

/// The adapter's configuration file (TOML).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The broker.
    pub nats: String,
    /// The portal's adapter: the address that takes every service.
    pub url: String,
    /// File with the session's token, read before each message.
    #[serde(default)]
    pub session: Option<PathBuf>,
    /// Header that carries the token besides the envelope, where a gateway on the way asks for one.
    #[serde(default)]
    pub session_header: Option<String>,
    /// Directory of the adapter's journal.
    pub data: PathBuf,
    /// File with everyone's public keys.
    pub keys: PathBuf,
    /// Directory of the registers of procedures.
    pub registers: PathBuf,
    /// Directory of the profile: its units and their names.
    pub profile: PathBuf,
    /// What is agreed with the receiver.
    pub partner: Partner,
    /// Whether invented dossiers are told: to a test portal only.
    #[serde(default)]
    pub simulated: bool,
    /// Name of this adapter at the broker, which remembers how far it read. Two adapters with the
    /// same name would each get half of the events.
    #[serde(default = "portal")]
    pub name: String,
    /// Seconds between two checkpoints of a unit, as the units are configured.
    #[serde(default = "thirty")]
    pub checkpoint_seconds: u64,
    /// Copies of the streams: 1 on one machine, 3 in a cluster.
    #[serde(default = "one")]
    pub replicas: usize,
    /// How long the portal may take for an answer, in milliseconds.
    #[serde(default = "half_a_minute")]
    pub answer_millis: u64,
    /// The pause after a first failure, in milliseconds; it doubles with each further one.
    #[serde(default = "two_seconds")]
    pub pause_millis: u64,
    /// The longest pause, in milliseconds.
    #[serde(default = "ten_minutes")]
    pub pause_millis_max: u64,
    /// How it logs in to the broker, and with which certificates.
    #[serde(default)]
    pub access: Access,
}

fn portal() -> String {
    "portal".to_owned()
}

fn thirty() -> u64 {
    30
}

fn one() -> usize {
    1
}

fn half_a_minute() -> u64 {
    30_000
}

fn two_seconds() -> u64 {
    2_000
}

fn ten_minutes() -> u64 {
    600_000
}

impl Config {
    /// Reads a configuration file.
    ///
    /// # Errors
    /// Names the file and, in it, line and field.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path)
            .with_context(|| format!("reading the configuration {}", path.display()))?;
        Self::of(&text)
            .with_context(|| format!("the configuration {} is not usable", path.display()))
    }

    fn of(text: &str) -> anyhow::Result<Self> {
        catalogue::check_nesting(text)?;
        let config: Self =
            toml::from_str(text).map_err(|error| anyhow::anyhow!(envelope::brief(&error)))?;
        for (name, value) in [
            ("checkpoint_seconds", config.checkpoint_seconds),
            ("answer_millis", config.answer_millis),
            ("pause_millis", config.pause_millis),
        ] {
            ensure!(value > 0, "`{name}` must be at least 1");
        }
        ensure!(
            config.pause_millis_max >= config.pause_millis,
            "`pause_millis_max` must be at least `pause_millis`"
        );
        let good = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        ensure!(
            !config.name.is_empty() && config.name.bytes().all(good),
            "`name` is {:?}, but must be of letters, digits and dashes",
            config.name
        );
        ensure!(
            !config.partner.madonvi.trim().is_empty(),
            "`madonvi` must be the code that the portal gave this sender"
        );
        Ok(config)
    }

    /// Reads the register of public keys.
    ///
    /// # Errors
    /// Names the file and what is wrong with it.
    pub fn key_register(&self) -> anyhow::Result<KeyRegister> {
        let path = self.keys.display();
        let bytes =
            fs::read(&self.keys).with_context(|| format!("reading the register of keys {path}"))?;
        KeyRegister::read(&bytes)
            .with_context(|| format!("the register of keys {path} is not usable"))
    }

    /// Reads the names of units and procedures.
    ///
    /// # Errors
    /// Every fault of the registers, with file and line.
    pub fn names(&self) -> anyhow::Result<Names> {
        let catalogue = Catalogue::load(&self.registers, &self.profile).with_context(|| {
            format!(
                "the registers of profile {} are not usable",
                self.profile.display()
            )
        })?;
        Ok(Names::of(catalogue))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    const LEAST: &str = r#"
        nats = "nats://127.0.0.1:4222"
        url = "https://adapter.example/dvcqg"
        data = "data/PORTAL"
        keys = "keys.json"
        registers = "deploy/registers"
        profile = "deploy/chau-thanh"
        partner = { madonvi = "000.00.00.H33" }
    "#;

    #[test]
    fn what_is_agreed_by_default_are_the_common_codes() {
        let config = Config::of(LEAST).unwrap();
        assert_eq!(config.partner, Partner::new("000.00.00.H33"));
        assert!(!config.simulated);
    }

    #[test]
    fn another_receivers_codes_can_be_agreed() {
        let ministry = r#"{ madonvi = "G09", applicants = { codes = ["0", "1", "2"], usual = "0", by_procedure = { "1.001612" = "2" } } }"#;
        let text = LEAST.replace(r#"{ madonvi = "000.00.00.H33" }"#, ministry);
        let partner = Config::of(&text).unwrap().partner;
        let code = |text: &str| dossier::ids::ProcedureCode::parse(text).unwrap();
        assert_eq!(partner.applicant(&code("1.001612")), "2");
        assert_eq!(partner.applicant(&code("1.001193")), "0");
    }

    #[test]
    fn a_misspelt_setting_is_refused_by_name() {
        let refused = Config::of(&LEAST.replace("madonvi", "ma_don_vi")).unwrap_err();
        assert!(format!("{refused:#}").contains("ma_don_vi"), "{refused:#}");
        let refused = |line: &str| Config::of(&format!("{line}\n{LEAST}")).is_err();
        assert!(refused("name = \"a b\""));
        assert!(refused("answer_millis = 0"));
        assert!(refused("pause_millis_max = 1"));
        assert!(Config::of(&LEAST.replace("000.00.00.H33", " ")).is_err());
    }
}
