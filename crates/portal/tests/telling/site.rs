//! Units that publish over a real broker, and the adapter as a process that is started and killed.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use envelope::{Event, Signed};
use exchange::broker::{Broker, BrokerConfig, build_dir_above, find_or_install};
use exchange::head::Heads;
use exchange::log::LogService;
use exchange::outbox::Outbox;
use exchange::{Connection, Patience, StreamSettings, UnitToken, connect};
use journal::{Group, Journal, NewEntry, Options, Origin};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::pen::{Pen, at};

/// How long a test waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(90);

const CHECKPOINT: Duration = Duration::from_secs(1);

pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(Instant::now() < deadline, "gave up waiting: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Units that publish, and the files of an adapter.
pub struct Site {
    dir: TempDir,
    _broker: Broker,
    connection: Connection,
    journals: BTreeMap<String, Journal>,
    _stop: watch::Sender<bool>,
    running: Option<Child>,
}

impl Site {
    pub async fn new(pens: &[Pen], url: &str) -> Site {
        let dir = TempDir::new().unwrap();
        let build = build_dir_above(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        let program = find_or_install(&build).unwrap();
        let broker = Broker::start(BrokerConfig::new(program, dir.path().join("broker")))
            .await
            .unwrap();
        let patience = Patience::Within(Duration::from_secs(20));
        let connection = connect(&broker.url(), "units", patience).await.unwrap();
        let (stop, stopped) = watch::channel(false);
        let mut journals = BTreeMap::new();
        for pen in pens {
            let options = Options::new(pen.unit.as_str(), pen.epoch);
            let journal = Journal::open(&dir.path().join(pen.unit.as_str()), options).unwrap();
            let token = UnitToken::parse(pen.unit.as_str()).unwrap();
            let outbox = Outbox::new(
                connection.clone(),
                journal.clone(),
                token.clone(),
                StreamSettings::default(),
                CHECKPOINT,
            );
            tokio::spawn(outbox.run(stopped.clone()));
            let log = LogService::new(connection.clone(), journal.clone(), token.clone(), "0.1.0");
            tokio::spawn(log.run(stopped.clone()));
            let heads = Heads::new(
                connection.clone(),
                journal.clone(),
                token,
                pen.key.clone(),
                CHECKPOINT,
                || at("2018-01-02T08:00"),
            );
            tokio::spawn(heads.run(stopped.clone()));
            journals.insert(pen.unit.to_string(), journal);
        }
        let keys: Vec<_> = pens.iter().map(Pen::public).collect();
        let site = Site {
            _broker: broker,
            connection,
            journals,
            _stop: stop,
            running: None,
            dir,
        };
        let keys = json!({ "units": keys }).to_string();
        fs::write(site.path("keys.json"), keys).unwrap();
        fs::write(site.path("session"), "phien-1\n").unwrap();
        let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
        let config = format!(
            "nats = {:?}\nurl = {url:?}\nsession = {:?}\ndata = {:?}\nkeys = {:?}\nregisters = {:?}\nprofile = {:?}\n\
             checkpoint_seconds = 1\nanswer_millis = 400\npause_millis = 20\npause_millis_max = 300\n\
             [partner]\nmadonvi = \"000.00.00.H33\"\nfields = {{ \"Đất đai\" = \"H33-LV01\", \"Hộ tịch\" = \"H33-LV02\" }}\n",
            site._broker.url(),
            site.path("session"),
            site.path("PORTAL"),
            site.path("keys.json"),
            deploy.join("registers"),
            deploy.join("chau-thanh"),
        );
        fs::write(site.path("portal.toml"), config).unwrap();
        site
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub async fn append(&self, events: &[Signed]) {
        for signed in events {
            let unit = Event::read(&signed.bytes).unwrap().unit.to_owned();
            let entry = NewEntry {
                origin: Origin::Own,
                signed: signed.clone(),
                deliveries: Vec::new(),
            };
            let group = Group {
                entries: vec![entry],
                ..Group::default()
            };
            self.journals[&unit].append(group).await.await.unwrap();
        }
    }

    pub fn start(&mut self, arguments: &[&str]) {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.path("log"))
            .unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_motcua-portal"))
            .arg("--config")
            .arg(self.path("portal.toml"))
            .args(arguments)
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::from(log))
            .spawn()
            .unwrap();
        self.running = Some(child);
    }

    /// Ends the adapter at once, as a power cut would.
    pub fn kill(&mut self) {
        let mut child = self.running.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Ends it in order.
    pub async fn end(&mut self) {
        let mut child = self.running.take().unwrap();
        let pid = Pid::from_raw(i32::try_from(child.id()).unwrap());
        kill(pid, Signal::SIGTERM).unwrap();
        let status = eventually("the end", async || child.try_wait().unwrap()).await;
        assert!(status.success(), "{status}: {}", self.said());
    }

    fn said(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    async fn health(&self) -> Option<Value> {
        let subject = "motcua.v1.query.portal_health";
        let answer = self.connection.client.request(subject, "".into()).await;
        serde_json::from_slice(&answer.ok()?.payload).ok()
    }

    pub async fn healthy(&self, what: &str, good: impl Fn(&Value) -> bool) -> Value {
        eventually(what, async || self.health().await.filter(&good)).await
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if let Some(mut child) = self.running.take() {
            // Both fail only when it is gone already.
            let _ = child.kill();
            let _ = child.wait();
        }
        if std::thread::panicking() {
            eprintln!("the adapter said:\n{}", self.said());
        }
    }
}
