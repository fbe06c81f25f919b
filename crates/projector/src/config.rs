//! The configuration of a projector, and the files that it names.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use catalogue::Catalogue;
use envelope::KeyRegister;
use exchange::Access;
use serde::Deserialize;

use crate::directory::{Directory, Headline, Level, UnitCard};

/// A projector's configuration file (TOML).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The broker.
    pub nats: String,
    /// Where the page and the queries are served over HTTP: on this machine alone, since it is not TLS.
    pub http: SocketAddr,
    /// Directory of the projector's journal.
    pub data: PathBuf,
    /// File with everyone's public keys.
    pub keys: PathBuf,
    /// Directory of the registers of procedures.
    pub registers: PathBuf,
    /// Directory of the profile: its units and their names.
    pub profile: PathBuf,
    /// Name of this projector at the broker, which remembers how far it read. Two projectors with
    /// the same name would each get half of the events.
    #[serde(default = "projector")]
    pub name: String,
    /// Seconds between two checkpoints of a unit, as the units are configured.
    #[serde(default = "thirty")]
    pub checkpoint_seconds: u64,
    /// Copies of the streams: 1 on one machine, 3 in a cluster.
    #[serde(default = "one")]
    pub replicas: usize,
    /// A published figure to be shown beside the computed one.
    #[serde(default)]
    pub headline: Option<Headline>,
    /// How it logs in to the broker, and with which certificates.
    #[serde(default)]
    pub access: Access,
}

fn projector() -> String {
    "projector".to_owned()
}

fn thirty() -> u64 {
    30
}

fn one() -> usize {
    1
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
        ensure!(
            config.checkpoint_seconds > 0,
            "`checkpoint_seconds` must be at least 1"
        );
        ensure!(
            config.http.ip().is_loopback(),
            "`http` is {}, which others reach without TLS: serve on 127.0.0.1 and put a proxy with TLS \
             before it",
            config.http
        );
        let good = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        ensure!(
            !config.name.is_empty() && config.name.bytes().all(good),
            "`name` is {:?}, but must be of letters, digits and dashes",
            config.name
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

    /// Reads the units of the profile.
    ///
    /// # Errors
    /// Every fault of the registers, with file and line.
    pub fn directory(&self) -> anyhow::Result<Directory> {
        let catalogue = Catalogue::load(&self.registers, &self.profile).with_context(|| {
            format!(
                "the registers of profile {} are not usable",
                self.profile.display()
            )
        })?;
        let cards = catalogue.units().map(|unit| UnitCard {
            id: unit.id.clone(),
            name: unit.name.clone(),
            level: match unit.level {
                catalogue::Level::District => Level::District,
                catalogue::Level::Commune => Level::Commune,
                catalogue::Level::Agency => Level::Agency,
            },
        });
        let authority = catalogue.calendar_authority().cloned();
        let directory = Directory::new(cards, self.headline.clone());
        Ok(directory.with_working_time(catalogue.calendar(), authority))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    const LEAST: &str = r#"
        nats = "nats://127.0.0.1:4222"
        http = "127.0.0.1:8080"
        data = "data/projector"
        keys = "keys.json"
        registers = "deploy/registers"
        profile = "deploy/chau-thanh"
    "#;

    #[test]
    fn six_settings_are_enough() {
        let config = Config::of(LEAST).unwrap();
        assert_eq!(
            (
                config.name.as_str(),
                config.checkpoint_seconds,
                config.replicas
            ),
            ("projector", 30, 1)
        );
        assert_eq!(config.headline, None);
    }

    #[test]
    fn a_published_figure_can_be_shown_beside() {
        let text = format!(
            "{LEAST}\n[headline]\ntext = \"Quý I năm 2018\"\nrate = 9958\nunit = \"H33-27\"\n"
        );
        assert_eq!(Config::of(&text).unwrap().headline.unwrap().rate, 9958);
    }

    #[test]
    fn a_misspelt_setting_is_refused_by_name() {
        let refused = Config::of(&LEAST.replace("profile", "profle")).unwrap_err();
        assert!(format!("{refused:#}").contains("profle"), "{refused:#}");
        assert!(Config::of(&format!("{LEAST}\nname = \"a b\"")).is_err());
        assert!(Config::of(&format!("{LEAST}\ncheckpoint_seconds = 0")).is_err());
    }

    #[test]
    fn a_page_that_others_would_reach_without_tls_is_refused() {
        let refused = Config::of(&LEAST.replace("127.0.0.1:8080", "0.0.0.0:8080")).unwrap_err();
        let told = format!("{refused:#}");
        assert!(
            told.contains("0.0.0.0:8080") && told.contains("proxy with TLS"),
            "{told}"
        );
        Config::of(&LEAST.replace("127.0.0.1:8080", "[::1]:8080")).unwrap();
    }
}
