//! A small district as it really runs: a broker, one process for each level, their files in a
//! directory that goes away with it.
#![allow(clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_nats::{Client, HeaderMap};
use calendar::Moment;
use exchange::broker::{Broker, BrokerConfig, Leaf, build_dir_above, find_or_install};
use journal::Journal;
use serde_json::{Value, json};
use tempfile::TempDir;
use unit::config::Config;
use unit::identity;
use uuid::Uuid;

use crate::line::Line;
use crate::process::{Process, eventually};

/// A commune.
pub const COMMUNE: &str = "H33-27-04";
/// The district.
pub const DISTRICT: &str = "H33-27";
/// The land registration office.
pub const LAND: &str = "H33-27-91";
/// The tax office.
pub const TAX: &str = "H33-27-92";
/// The police.
pub const POLICE: &str = "H33-27-93";
/// The social insurance.
pub const INSURANCE: &str = "H33-27-94";

/// The services and the units that each hosts.
pub const SERVICES: [(&str, &[&str]); 3] = [
    ("motcua-commune", &[COMMUNE]),
    ("motcua-district", &[DISTRICT]),
    ("motcua-agency", &[LAND, TAX, POLICE, INSURANCE]),
];

/// How long one request may take before it is repeated.
const ANSWER: Duration = Duration::from_secs(2);

/// What a unit answered.
#[derive(Debug, Clone)]
pub struct Said {
    /// The code of a refusal, as in HTTP.
    pub refused: Option<String>,
    /// The body.
    pub body: Value,
}

impl Said {
    /// The body of what was done.
    ///
    /// # Panics
    /// When it was refused.
    pub fn done(self) -> Value {
        assert_eq!(self.refused, None, "{}", self.body);
        self.body
    }

    /// The refusal: its code as in HTTP, and its stable name.
    pub fn refusal(&self) -> (&str, &str) {
        (
            self.refused.as_deref().unwrap_or("not refused"),
            self.body["code"].as_str().unwrap_or_default(),
        )
    }
}

/// The district and everything that runs in it.
pub struct Town {
    dir: TempDir,
    /// The broker that everyone shares.
    pub broker: Broker,
    /// The broker at the commune's own site, if it has one.
    pub site: Option<Broker>,
    /// The line between that and the broker that everyone shares.
    pub line: Option<Line>,
    /// An officer's connection.
    pub client: Client,
    /// Whether programs that are started from now on say everything that they can say.
    pub telling_everything: bool,
    running: BTreeMap<&'static str, Process>,
}

impl Town {
    /// Everything running, in simulated time from 2 January 2018.
    pub async fn simulated() -> Self {
        let mut town = Self::prepared(Some("2018-01-02T08:00:00+07:00"), Leaf::Alone).await;
        town.start_all().await;
        town
    }

    /// Everything running, in real time.
    pub async fn real() -> Self {
        let mut town = Self::prepared(None, Leaf::Alone).await;
        town.start_all().await;
        town
    }

    /// Everything running, the commune with a broker of its own site.
    pub async fn with_a_site() -> Self {
        let mut town = Self::prepared(Some("2018-01-02T08:00:00+07:00"), Leaf::Hub).await;
        let line = Line::to(&town.broker.leaf_url().expect("a hub")).await;
        // A hub tells its leaves of further addresses, which would lead round the line.
        let leaf = format!(
            "leafnodes {{ remotes: [ {{ url: \"{}\", ignore_discovered_servers: true }} ] }}\n\
             mappings {{ \"$JS.API.>\": \"$JS.hub.API.>\" }}\n",
            line.url()
        );
        let config = BrokerConfig {
            jetstream: false,
            extra: leaf,
            ..broker_config(&town.path("site"))
        };
        let site = Broker::start(config).await.expect("a broker");
        town.configure(
            "motcua-commune",
            &[COMMUNE],
            &site.url(),
            Some("2018-01-02T08:00:00+07:00"),
        );
        (town.site, town.line) = (Some(site), Some(line));
        town.start_all().await;
        town
    }

    /// Broker, keys and configurations, and no service yet.
    pub async fn prepared(simulated_from: Option<&str>, leaf: Leaf) -> Self {
        let dir = TempDir::new().expect("a directory");
        let config = BrokerConfig {
            leaf,
            ..broker_config(&dir.path().join("broker"))
        };
        let broker = Broker::start(config).await.expect("a broker");
        let client = connected(&broker.url()).await;
        Self::around(dir, broker, client, simulated_from)
    }

    /// Keys and configurations around a broker that officers reach over `client`.
    pub(crate) fn around(
        dir: TempDir,
        broker: Broker,
        client: Client,
        simulated_from: Option<&str>,
    ) -> Self {
        let town = Self {
            dir,
            broker,
            site: None,
            line: None,
            client,
            telling_everything: false,
            running: BTreeMap::new(),
        };
        let mut keys = Vec::new();
        for (name, units) in SERVICES {
            for unit in units {
                keys.push(identity::create(&town.path("data"), unit).expect("keys"));
            }
            town.configure(name, units, &town.broker.url(), simulated_from);
        }
        identity::write_register(&town.path("keys.json"), keys).expect("a register");
        town
    }

    /// Writes a service's configuration.
    pub fn configure(&self, name: &str, units: &[&str], nats: &str, simulated_from: Option<&str>) {
        let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy");
        let config = Config {
            nats: nats.to_owned(),
            registers: deploy.join("registers"),
            profile: deploy.join("chau-thanh"),
            keys: self.path("keys.json"),
            data: self.path("data"),
            units: units.iter().map(|unit| (*unit).to_owned()).collect(),
            simulated_from: simulated_from.map(at),
            checkpoint_seconds: 1,
            evidence_http: None,
            replicas: 1,
            officers: None,
            officer_requests_per_second: 100,
            journal_cache_mib: 16,
            access: exchange::Access::default(),
        };
        fs::write(
            self.config_of(name),
            toml::to_string(&config).expect("a table"),
        )
        .expect("a file");
    }

    /// Puts further lines into a service's configuration.
    ///
    /// # Panics
    /// When there is none yet.
    pub fn also(&self, name: &str, lines: &str) {
        let path = self.config_of(name);
        let said = fs::read_to_string(&path).expect("a configuration");
        // In front: behind them may stand a table.
        fs::write(path, format!("{lines}\n{said}")).expect("a file");
    }

    /// A file or directory of this town.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A unit's own directory.
    pub fn unit_dir(&self, unit: &str) -> PathBuf {
        self.path("data").join(unit)
    }

    /// A service's configuration file.
    pub fn config_of(&self, name: &str) -> PathBuf {
        self.path(&format!("{name}.toml"))
    }

    /// A service's log.
    pub fn log_of(&self, name: &str) -> PathBuf {
        self.path(&format!("{name}.log"))
    }

    /// Starts every service.
    pub async fn start_all(&mut self) {
        for (name, _) in SERVICES {
            self.launch(name);
        }
        for (name, _) in SERVICES {
            self.answers(name).await;
        }
    }

    /// Starts a service and waits until its units answer.
    pub async fn start(&mut self, name: &'static str) {
        self.launch(name);
        self.answers(name).await;
    }

    /// Starts a service with its configuration, whatever it needs to answer.
    pub fn launch(&mut self, name: &'static str) {
        let process = self.process_of(name, name);
        self.running.insert(name, process);
    }

    async fn answers(&self, name: &str) {
        let client = match (&self.site, name) {
            (Some(site), "motcua-commune") => connected(&site.url()).await,
            _ => self.client.clone(),
        };
        let ping = format!("$SRV.PING.{name}");
        eventually(&format!("{name} to answer"), async || {
            client.request(ping.clone(), "".into()).await.ok()
        })
        .await;
        for unit in SERVICES
            .iter()
            .filter(|(service, _)| *service == name)
            .flat_map(|(_, units)| *units)
        {
            ask_at(&client, unit, "worklist", &message(None, json!({}))).await;
        }
    }

    /// Starts a projector beside the services and waits until it answers.
    pub async fn projector(&self) -> Process {
        let process = self.projector_at("motcua-projector", &self.broker.url());
        self.query("health", &json!({})).await;
        process
    }

    /// Starts a projector under a name of its own, on whichever broker.
    ///
    /// # Panics
    /// When it cannot be configured.
    pub fn projector_at(&self, name: &str, nats: &str) -> Process {
        let units = fs::read_to_string(self.config_of("motcua-district")).expect("a configuration");
        let units: toml::Table = units.parse().expect("TOML");
        let taken = ["registers", "profile", "keys", "checkpoint_seconds"];
        let mut config: toml::Table = taken
            .into_iter()
            .map(|name| (name.to_owned(), units[name].clone()))
            .collect();
        if let Some(access) = units.get("access") {
            config.insert("access".to_owned(), access.clone());
        }
        let data = self.path("data").join(name).display().to_string();
        for (key, value) in [
            ("nats", nats),
            ("http", "127.0.0.1:0"),
            ("name", name),
            ("data", &data),
        ] {
            config.insert(key.to_owned(), value.into());
        }
        let path = self.config_of(name);
        fs::write(&path, config.to_string()).expect("a configuration");
        self.process_of("motcua-projector", name)
    }

    fn process_of(&self, program: &str, name: &str) -> Process {
        let start = if self.telling_everything {
            Process::service_saying_everything
        } else {
            Process::service
        };
        start(program, &self.config_of(name), &self.log_of(name))
    }

    /// Asks the projector until it answers.
    pub async fn query(&self, name: &str, question: &Value) -> Value {
        let subject = format!("motcua.v1.query.{name}");
        eventually(&format!("an answer on {subject}"), async || {
            let asked = question.to_string().into();
            let answer = self.client.request(subject.clone(), asked).await.ok()?;
            serde_json::from_slice(&answer.payload).ok()
        })
        .await
    }

    /// A running service.
    ///
    /// # Panics
    /// When it does not run.
    pub fn process(&mut self, name: &str) -> &mut Process {
        self.running.get_mut(name).expect("a running service")
    }

    /// Kills a service, as a power cut would.
    pub fn kill(&mut self, name: &str) {
        self.running.remove(name).expect("a running service").kill();
    }

    /// Ends a service in order.
    pub async fn end(&mut self, name: &str) {
        self.running
            .remove(name)
            .expect("a running service")
            .end()
            .await;
    }

    /// Ends everything in order; the files stay as long as the town does.
    pub async fn end_all(&mut self) {
        for (_, process) in std::mem::take(&mut self.running) {
            process.end().await;
        }
    }

    /// Sends a command or question to a unit until it is answered.
    pub async fn ask(&self, unit: &str, name: &str, message: &Value) -> Said {
        ask_at(&self.client, unit, name, message).await
    }

    /// A unit's journal. Its service must have ended.
    ///
    /// # Panics
    /// When it does not open.
    pub fn journal(&self, unit: &str) -> Journal {
        let options = journal::Options::new(unit, Uuid::nil());
        Journal::open(&self.unit_dir(unit).join("journal"), options).expect("a journal")
    }

    /// Types of everything in a unit's journal about a dossier, shortened, in its order. The
    /// unit's service must have ended.
    pub fn history(&self, unit: &str, code: &str) -> Vec<String> {
        let entries = self.journal(unit).of_subject(code).expect("entries");
        let kinds = entries.iter().map(|entry| {
            let event = envelope::Event::read(&entry.signed.bytes).expect("an event");
            event
                .kind
                .trim_start_matches("vn.motcua.")
                .trim_end_matches(".v1")
                .to_owned()
        });
        kinds.collect()
    }
}

pub(crate) fn broker_config(dir: &Path) -> BrokerConfig {
    let build = build_dir_above(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("a workspace");
    BrokerConfig::new(
        find_or_install(&build).expect("nats-server"),
        dir.to_owned(),
    )
}

/// An instant written with its offset.
pub fn at(text: &str) -> Moment {
    calendar::parse_moment(text).expect("an instant")
}

/// Connects to a broker, and again whenever it comes back.
pub async fn connected(url: &str) -> Client {
    async_nats::ConnectOptions::new()
        .request_timeout(Some(ANSWER))
        .reconnect_delay_callback(|_| Duration::from_millis(50))
        .connect(url)
        .await
        .expect("a broker")
}

/// Sends until somebody answers: repeating is harmless, since the message carries its id.
pub async fn ask_at(client: &Client, unit: &str, name: &str, message: &Value) -> Said {
    let subject = format!("motcua.v1.cmd.{unit}.{name}");
    let answer = eventually(&format!("an answer on {subject}"), async || {
        client
            .request(subject.clone(), message.to_string().into())
            .await
            .ok()
    })
    .await;
    let header = |headers: &HeaderMap| Some(headers.get("Nats-Service-Error-Code")?.to_string());
    let refused = answer.headers.as_ref().and_then(header);
    Said {
        refused,
        body: serde_json::from_slice(&answer.payload).unwrap_or(Value::Null),
    }
}

/// A message under an id of its own, about a dossier or about none yet.
pub fn message(dossier: Option<&str>, data: Value) -> Value {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let id = Uuid::from_u64_pair(0x7000, LAST.fetch_add(1, Ordering::Relaxed) | 1 << 63);
    let mut message = json!({ "id": id, "officer": "cb-01", "data": data });
    if let Some(code) = dossier {
        message["dossier"] = code.into();
    }
    message
}

/// The same message, saying when it happened.
pub fn message_at(moment: &str, dossier: Option<&str>, data: Value) -> Value {
    let mut message = message(dossier, data);
    message["at"] = format!("{moment}:00+07:00").into();
    message
}
