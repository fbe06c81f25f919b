//! A commune of An Giang, its neighbour, the police and the social insurance as they really run, with
//! a projector beside them. Their files go away with it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use async_nats::Client;
use data_encoding::BASE64;
use exchange::broker::{Broker, BrokerConfig, build_dir_above, find_or_install};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::process::{Process, eventually};
use tests::town::{Said, ask_at, at, connected, message, message_at};
use unit::config::Config;
use unit::identity;

/// UBND xã Châu Thành.
pub const COMMUNE: &str = "H01-169";
/// UBND xã Bình An, another commune.
pub const NEIGHBOUR: &str = "H01-170";
/// The police of the province.
pub const POLICE: &str = "H01-993";
/// The social insurance of the province.
pub const INSURANCE: &str = "H01-994";

const SERVICES: [(&str, &[&str]); 2] = [
    ("motcua-commune", &[COMMUNE, NEIGHBOUR]),
    ("motcua-agency", &[POLICE, INSURANCE]),
];

/// Who the citizen of every story is.
pub const APPLICANT: &str = "Danh Thị Sà Rinh";

/// Everything that runs.
pub struct Province {
    dir: TempDir,
    broker: Broker,
    client: Client,
    from: String,
    running: BTreeMap<String, Process>,
}

impl Province {
    /// Services and projector, running in simulated time from `from`, such as `2026-10-05T07:00`.
    pub async fn running(from: &str) -> Self {
        let dir = TempDir::new().unwrap();
        let build = build_dir_above(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        let program = find_or_install(&build).unwrap();
        let config = BrokerConfig::new(program, dir.path().join("broker"));
        let broker = Broker::start(config).await.unwrap();
        let mut province = Self {
            client: connected(&broker.url()).await,
            broker,
            dir,
            from: format!("{from}:00+07:00"),
            running: BTreeMap::new(),
        };
        let units = SERVICES.iter().flat_map(|(_, units)| *units);
        let keys = units.map(|unit| identity::create(&province.path("data"), unit).unwrap());
        let keys = keys.collect();
        identity::write_register(&province.path("keys.json"), keys).unwrap();
        for (name, units) in SERVICES {
            province.configure(name, units);
            province.start(name).await;
        }
        province.start_projector().await;
        province
    }

    /// A file or directory of this province.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn configure(&self, name: &str, units: &[&str]) {
        let config = Config {
            nats: self.broker.url(),
            registers: deploy("registers"),
            profile: deploy("an-giang"),
            keys: self.path("keys.json"),
            data: self.path("data"),
            units: units.iter().map(|unit| (*unit).to_owned()).collect(),
            simulated_from: Some(at(&self.from)),
            checkpoint_seconds: 1,
            evidence_http: None,
            replicas: 1,
            officers: None,
            officer_requests_per_second: 100,
            journal_cache_mib: 16,
            access: exchange::Access::default(),
        };
        let text = toml::to_string(&config).unwrap();
        fs::write(self.path(&format!("{name}.toml")), text).unwrap();
    }

    /// Starts a service and waits until its units answer.
    pub async fn start(&mut self, name: &str) {
        self.launch(name);
        let (_, units) = SERVICES.iter().find(|(known, _)| *known == name).unwrap();
        for unit in *units {
            self.ask(unit, "worklist", &message(None, json!({}))).await;
        }
    }

    /// Starts a program with its configuration, whatever it needs to answer.
    pub fn launch(&mut self, name: &str) {
        let config = self.path(&format!("{name}.toml"));
        let process = Process::service(name, &config, &self.path(&format!("{name}.log")));
        self.running.insert(name.to_owned(), process);
    }

    /// Ends a program at once, as a power cut would.
    pub fn kill(&mut self, name: &str) {
        self.running.remove(name).unwrap().kill();
    }

    /// What a reader of all events is configured with; `more` is its own.
    pub fn configure_reader(&self, name: &str, more: toml::Table) {
        let mut config = toml::Table::new();
        config.insert("nats".to_owned(), self.broker.url().into());
        config.insert("checkpoint_seconds".to_owned(), 1.into());
        for (key, path) in [
            ("registers", deploy("registers")),
            ("profile", deploy("an-giang")),
            ("keys", self.path("keys.json")),
            ("data", self.path(name)),
        ] {
            config.insert(key.to_owned(), path.display().to_string().into());
        }
        config.extend(more);
        fs::write(self.path(&format!("{name}.toml")), config.to_string()).unwrap();
    }

    async fn start_projector(&mut self) {
        let http = ("http".to_owned(), toml::Value::from("127.0.0.1:0"));
        self.configure_reader("motcua-projector", [http].into_iter().collect());
        self.launch("motcua-projector");
        self.query("health", &json!({})).await;
    }

    /// Sends a command or question to a unit until it is answered.
    pub async fn ask(&self, unit: &str, name: &str, message: &Value) -> Said {
        ask_at(&self.client, unit, name, message).await
    }

    /// Has a unit do something at a moment, such as `2026-10-05T15:30`.
    pub async fn does(
        &self,
        unit: &str,
        name: &str,
        moment: &str,
        code: &str,
        data: Value,
    ) -> Value {
        let sent = message_at(moment, Some(code), data);
        self.ask(unit, name, &sent).await.done()
    }

    /// A dossier received over the counter with its first `papers` papers in the original.
    pub async fn receives(
        &self,
        moment: &str,
        procedure: &str,
        papers: u16,
        more: Value,
    ) -> String {
        let papers: Vec<Value> = (1..=papers)
            .map(|paper| json!({ "paper": paper, "verdict": "original" }))
            .collect();
        let applicant = json!({
            "name": APPLICANT, "id_number": "091190000012", "address": "Ấp Hòa Lợi", "phone": "0912345678",
        });
        let mut data = json!({
            "procedure": procedure, "channel": "direct", "applicant": applicant, "papers": papers,
        });
        for (key, value) in more.as_object().unwrap() {
            data[key] = value.clone();
        }
        let sent = message_at(moment, None, data);
        let answer = self.ask(COMMUNE, "receive", &sent).await.done();
        answer["dossier"].as_str().unwrap().to_owned()
    }

    /// Takes a step as soon as the unit was given it.
    pub async fn accepts(&self, unit: &str, moment: &str, code: &str, step: &str) {
        self.given(unit, code, step).await;
        self.does(unit, "accept", moment, code, json!({ "step": step }))
            .await;
    }

    /// Completes a step that was taken.
    pub async fn completes(&self, unit: &str, moment: &str, code: &str, step: &str) {
        let data = json!({ "step": step, "outcome": "approved" });
        self.does(unit, "complete", moment, code, data).await;
    }

    /// Waits until a unit has a step on its worklist, and shows it.
    pub async fn given(&self, unit: &str, code: &str, step: &str) -> Value {
        eventually(&format!("{step} at {unit}"), async || {
            let asked = message(None, json!({}));
            let list = self.ask(unit, "worklist", &asked).await.done();
            let mut items = list["items"].as_array()?.iter();
            let item = items.find(|item| item["dossier"] == code && item["step"] == step);
            item.cloned()
        })
        .await
    }

    /// Time passes in the whole province: everyone who listens hears what time it is.
    pub async fn passes(&self, moment: &str) {
        let tick = json!({ "now": format!("{moment}:00+07:00") }).to_string();
        let told = self.client.publish("motcua.v1.clock", tick.into()).await;
        told.unwrap();
        self.client.flush().await.unwrap();
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

    /// What the projector knows to have happened to a dossier, in causal order.
    pub async fn timeline(&self, code: &str) -> Vec<Value> {
        let shown = self.query("dossier", &json!({ "code": code })).await;
        let timeline = shown["dossier"]["timeline"].as_array();
        timeline.cloned().unwrap_or_default()
    }

    /// Waits until the projector knows of `times` events of a kind, and shows them.
    pub async fn hears(&self, code: &str, kind: &str, times: usize) -> Vec<Value> {
        eventually(&format!("{kind} of {code} at the projector"), async || {
            let timeline = self.timeline(code).await;
            let of_kind: Vec<Value> = timeline
                .into_iter()
                .filter(|e| kind_of(e) == kind)
                .collect();
            (of_kind.len() >= times).then_some(of_kind)
        })
        .await
    }

    /// The events about a dossier as they were signed (CloudEvents), as the projector hands them out.
    pub async fn facts(&self, code: &str) -> Vec<Value> {
        let told = self.query("events", &json!({ "code": code })).await;
        assert_eq!(told["events"]["next"], Value::Null, "one answer holds all");
        let events = told["events"]["events"].as_array().unwrap();
        let signed = events.iter().map(|event| {
            let bytes = BASE64.decode(event["bytes"].as_str().unwrap().as_bytes());
            serde_json::from_slice(&bytes.unwrap()).unwrap()
        });
        signed.collect()
    }

    /// Runs `motcua` on this broker: whether it did what was asked, what it printed, and what it said
    /// of errors.
    pub fn motcua(&self, arguments: &[&str]) -> (bool, String, String) {
        let url = self.broker.url();
        let all = [arguments, &["--nats", &url]].concat();
        // Somebody may have to answer on this runtime meanwhile.
        let output = tokio::task::block_in_place(|| tests::process::motcua(&all));
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (
            output.status.success(),
            text(&output.stdout),
            text(&output.stderr),
        )
    }

    /// What `motcua` printed when it did what was asked.
    pub fn prints(&self, arguments: &[&str]) -> String {
        let (done, printed, errors) = self.motcua(arguments);
        assert!(done, "{arguments:?}: {errors}");
        printed
    }
}

/// The type of an event without its frame, such as `step.accepted`.
pub fn kind_of(event: &Value) -> &str {
    let kind = event["kind"].as_str().or_else(|| event["type"].as_str());
    let kind = kind.unwrap();
    let kind = kind.strip_prefix("vn.motcua.").unwrap_or(kind);
    kind.strip_suffix(".v1").unwrap_or(kind)
}

/// Holds a text against parts that it must have.
pub fn holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
}

fn deploy(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../deploy")
        .join(name)
}
