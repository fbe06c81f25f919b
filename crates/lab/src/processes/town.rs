//! The laboratory's town: brokers, a line from each service to its broker, the services themselves,
//! and somebody who looks.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use async_nats::{Client, ConnectOptions};
use exchange::broker::{build_dir_above, find_or_install};
use serde_json::json;
use tempfile::TempDir;
use unit::config::Config;
use unit::identity;

use crate::processes::brokers::{Brokers, Ground};
use crate::processes::disk;
use crate::processes::line::Line;
use crate::processes::load::Notebook;
use crate::processes::reading::Reader;
use crate::processes::route::{COMMUNE, DISTRICT, INSURANCE, LAND, POLICE, TAX};
use crate::processes::service::{Preload, Service, Starting, last_lines};

/// Before a caller repeats a command that was not answered.
const ANSWER: Duration = Duration::from_secs(1);

/// A service of the town, with the units that it hosts.
pub type Member = (&'static str, &'static [&'static str]);

/// The services.
pub const MEMBERS: [Member; 4] = [
    ("commune", &[COMMUNE]),
    ("district", &[DISTRICT]),
    ("agency", &[LAND, TAX, POLICE, INSURANCE]),
    ("projector", &[]),
];

/// A town with everything running.
pub struct Town {
    dir: TempDir,
    program: PathBuf,
    library: PathBuf,
    /// Its brokers.
    pub brokers: Brokers,
    /// The line of each service.
    pub lines: BTreeMap<&'static str, Line>,
    services: BTreeMap<&'static str, Service>,
    /// The callers' connection.
    pub client: Client,
    /// What callers were answered.
    pub notebook: Notebook,
    /// Somebody who looks.
    pub reader: Reader,
}

impl Town {
    /// Builds a town in a directory of its own and starts everything. `program` is the laboratory's.
    ///
    /// # Errors
    /// When something is missing or does not start.
    pub async fn start(program: &Path, ground: Ground) -> anyhow::Result<Self> {
        let dir = TempDir::new().context("making a directory for the town")?;
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let build = build_dir_above(manifest).context("finding the workspace")?;
        let broker = tokio::task::spawn_blocking(move || find_or_install(&build)).await??;
        let brokers = Brokers::start(broker, dir.path(), ground).await?;
        let client = ConnectOptions::new()
            .request_timeout(Some(ANSWER))
            .reconnect_delay_callback(|_| Duration::from_millis(50))
            .max_reconnects(None)
            .connect(brokers.urls())
            .await
            .context("connecting to the town's broker")?;
        let mut keys = Vec::new();
        for (kind, units) in MEMBERS {
            for unit in units {
                keys.push(identity::create(&dir.path().join(kind), unit)?);
            }
        }
        let register = dir.path().join("keys.json");
        identity::write_register(&register, keys)?;
        let reader = Reader::new(client.clone(), identity::read_register(&register)?).await?;
        let mut town = Self {
            library: library(program)?,
            program: program.to_owned(),
            brokers,
            lines: BTreeMap::new(),
            services: BTreeMap::new(),
            client,
            notebook: Notebook::default(),
            reader,
            dir,
        };
        for (number, member) in MEMBERS.into_iter().enumerate() {
            let line = Line::to(town.brokers.port_for(member.0, number)).await?;
            town.configure(member, &line)?;
            town.lines.insert(member.0, line);
            town.launch(member.0)?;
        }
        // A service that is told to end before it listens for that ends by the signal itself.
        let nobody = Notebook::default();
        town.reader
            .look(&nobody, false)
            .await
            .context("waiting for the town's services")?;
        Ok(town)
    }

    fn configure(&self, (kind, units): Member, line: &Line) -> anyhow::Result<()> {
        let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
        let (registers, profile) = (deploy.join("registers"), deploy.join("chau-thanh"));
        let keys = self.path("keys.json");
        let text = if kind == "projector" {
            let text = |path: PathBuf| path.display().to_string();
            toml::to_string(&json!({
                "nats": line.url(), "http": "127.0.0.1:0", "data": text(self.data(kind)),
                "keys": text(keys), "registers": text(registers), "profile": text(profile),
                "checkpoint_seconds": 1, "replicas": self.brokers.replicas(),
            }))
        } else {
            toml::to_string(&Config {
                nats: line.url(),
                registers,
                profile,
                keys,
                data: self.data(kind),
                units: units.iter().map(|unit| (*unit).to_owned()).collect(),
                simulated_from: Some(calendar::parse_moment("2018-01-02T08:00:00+07:00")?),
                checkpoint_seconds: 1,
                evidence_http: None,
                replicas: self.brokers.replicas(),
                officers: None,
                // A load generator speaks for all officers of a unit under a few names.
                officer_requests_per_second: 1_000_000,
                journal_cache_mib: 16,
                access: exchange::Access::default(),
            })
        };
        let text = text.context("writing a configuration")?;
        fs::write(self.path(&format!("{kind}.toml")), text).context("writing a configuration")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Where a service keeps everything that must not be lost.
    pub fn data(&self, kind: &str) -> PathBuf {
        self.path(kind)
    }

    /// Where the image of it is kept.
    pub fn image(&self, kind: &str) -> PathBuf {
        self.path(&format!("{kind}.image"))
    }

    fn starting(&self, kind: &'static str) -> Starting {
        Starting {
            program: self.program.clone(),
            kind,
            config: self.path(&format!("{kind}.toml")),
            log: self.path(&format!("{kind}.log")),
            preload: None,
            file_kib_max: None,
        }
    }

    /// Starts a service.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn launch(&mut self, kind: &'static str) -> anyhow::Result<()> {
        let service = Service::start(&self.starting(kind))?;
        self.services.insert(kind, service);
        Ok(())
    }

    /// Starts a service that may write no file longer than `kib` KiB.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn launch_with_little_room(&mut self, kind: &'static str, kib: u64) -> anyhow::Result<()> {
        let mut how = self.starting(kind);
        how.file_kib_max = Some(kib);
        self.services.insert(kind, Service::start(&how)?);
        Ok(())
    }

    /// Starts a service with an image kept of what it syncs. What it has on disk now counts as synced.
    ///
    /// # Errors
    /// When the first image cannot be made or the service not be started.
    pub fn launch_with_an_image(&mut self, kind: &'static str) -> anyhow::Result<()> {
        let (dir, image) = (self.data(kind), self.image(kind));
        disk::remove(&image)?;
        fs::create_dir_all(&dir).with_context(|| format!("making {}", dir.display()))?;
        disk::copy(&dir, &image)?;
        let mut how = self.starting(kind);
        how.preload = Some(Preload {
            library: self.library.clone(),
            dir,
            image,
        });
        self.services.insert(kind, Service::start(&how)?);
        Ok(())
    }

    /// A running service.
    ///
    /// # Errors
    /// When there is none of that kind.
    pub fn service(&mut self, kind: &str) -> anyhow::Result<&mut Service> {
        self.services
            .get_mut(kind)
            .with_context(|| format!("{kind} does not run"))
    }

    /// Kills a service.
    ///
    /// # Errors
    /// When it does not run.
    pub async fn kill(&mut self, kind: &str) -> anyhow::Result<()> {
        let service = self.services.remove(kind);
        let service = service.with_context(|| format!("{kind} does not run"))?;
        service.kill().await
    }

    /// Ends a service in order.
    ///
    /// # Errors
    /// When it does not end well.
    pub async fn end(&mut self, kind: &str) -> anyhow::Result<()> {
        let service = self.services.remove(kind);
        let service = service.with_context(|| format!("{kind} does not run"))?;
        service
            .end()
            .await
            .with_context(|| format!("ending {kind} in order"))
    }

    /// Services that ended without being told to, with what they said last.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn fallen(&mut self) -> anyhow::Result<Vec<String>> {
        let mut fallen = Vec::new();
        for (kind, service) in &mut self.services {
            if let Some(status) = service.ended()? {
                fallen.push(format!(
                    "{kind} ended by itself ({status}): {}",
                    service.said()
                ));
            }
        }
        Ok(fallen)
    }

    /// What every service said last.
    pub fn said(&self) -> String {
        let said = MEMBERS.iter().map(|(kind, _)| {
            let last = last_lines(&self.path(&format!("{kind}.log")));
            format!("--- {kind}\n{last}")
        });
        said.collect::<Vec<_>>().join("\n")
    }

    /// Keeps the town's files when it is gone, and says where they are.
    pub fn keep_files(&mut self) -> PathBuf {
        self.dir.disable_cleanup(true);
        self.dir.path().to_owned()
    }
}

/// The library to preload, built with the laboratory.
fn library(program: &Path) -> anyhow::Result<PathBuf> {
    let built = program.parent().context("the program has no directory")?;
    let places = [built.join("deps"), built.to_owned()];
    let mut found = places.iter().map(|place| place.join("libpowercut.so"));
    found
        .find(|path| path.is_file())
        .with_context(|| format!("no libpowercut.so in {}; build with cargo", built.display()))
}
