//! The whole of it: units that publish, a real broker, a projector that is asked over NATS and HTTP.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use dossier::ids::DossierCode;
use envelope::{Event, KeyRegister, Signed};
use exchange::broker::{Broker, BrokerConfig, build_dir_above, find_or_install};
use exchange::head::Heads;
use exchange::log::LogService;
use exchange::outbox::Outbox;
use exchange::{Connection, Patience, StreamSettings, Timing, UnitToken, connect, subject};
use journal::{Group, Journal, NewEntry, Options, Origin};
use projector::answer::{Body, Comparison};
use projector::query::QueryError;
use projector::run::{Joining, serve};
use projector::{Answer, Projector, Query, Store};
use report::RuleSet;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::sample::{Course, Pen, at, pens, register, told};
use crate::{directory, many};

/// How long a test waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(60);

fn timing() -> Timing {
    Timing {
        checkpoint: Duration::from_millis(300),
        heartbeat: Duration::from_millis(500),
        ack_wait: Duration::from_secs(2),
    }
}

async fn broker(dir: &Path) -> Broker {
    let build = build_dir_above(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let program = find_or_install(&build).unwrap();
    Broker::start(BrokerConfig::new(program, dir.to_owned()))
        .await
        .unwrap()
}

async fn connection(broker: &Broker, name: &str) -> Connection {
    connect(
        &broker.url(),
        name,
        Patience::Within(Duration::from_secs(20)),
    )
    .await
    .unwrap()
}

/// A unit that publishes its journal.
struct Origins {
    journals: BTreeMap<String, Journal>,
    stops: BTreeMap<String, watch::Sender<bool>>,
    _dirs: Vec<TempDir>,
}

impl Origins {
    fn start(pens: &[Pen], connection: &Connection) -> Origins {
        let mut origins = Origins {
            journals: BTreeMap::new(),
            stops: BTreeMap::new(),
            _dirs: Vec::new(),
        };
        for pen in pens {
            let dir = TempDir::new().unwrap();
            let journal =
                Journal::open(dir.path(), Options::new(pen.unit.as_str(), pen.epoch)).unwrap();
            let token = UnitToken::parse(pen.unit.as_str()).unwrap();
            let (stop, stopped) = watch::channel(false);
            let (streams, every) = (StreamSettings::default(), timing().checkpoint);
            let outbox = Outbox::new(
                connection.clone(),
                journal.clone(),
                token.clone(),
                streams,
                every,
            );
            tokio::spawn(outbox.run(stopped.clone()));
            let log = LogService::new(connection.clone(), journal.clone(), token.clone(), "0.1.0");
            tokio::spawn(log.run(stopped.clone()));
            let now = || at("2018-01-02T08:00");
            let heads = Heads::new(
                connection.clone(),
                journal.clone(),
                token,
                pen.key.clone(),
                every,
                now,
            );
            tokio::spawn(heads.run(stopped));
            origins.journals.insert(pen.unit.to_string(), journal);
            origins.stops.insert(pen.unit.to_string(), stop);
            origins._dirs.push(dir);
        }
        origins
    }

    async fn append(&self, events: &[Signed]) {
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
}

/// A projector that is served.
struct Served {
    http: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<anyhow::Result<()>>,
}

impl Served {
    async fn start(dir: &Path, connection: &Connection, keys: &Arc<KeyRegister>) -> Served {
        let projector =
            Projector::open(Store::open(dir).unwrap(), directory(), timing().checkpoint).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let http = listener.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        let joining = Joining {
            connection: connection.clone(),
            name: "projector".to_owned(),
            keys: keys.clone(),
            heads: dir.join("heads"),
            streams: StreamSettings::default(),
            timing: timing(),
            listener,
        };
        let task = tokio::spawn(serve(projector, joining, stopped));
        Served { http, stop, task }
    }

    async fn end(self) {
        self.stop.send_replace(true);
        tokio::time::timeout(PATIENCE, self.task)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
    }

    async fn http(&self, method: &str, path: &str) -> (u16, String, String) {
        let mut stream = TcpStream::connect(self.http).await.unwrap();
        let request =
            format!("{method} {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head.to_lowercase(), body.to_owned())
    }

    async fn get(&self, path: &str) -> Answer {
        let (status, _, body) = self.http("GET", path).await;
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }
}

async fn ask(connection: &Connection, name: &str, parameters: Value) -> Result<Answer, QueryError> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let asked = connection
            .client
            .request(subject::query(name).unwrap(), parameters.to_string().into())
            .await;
        match asked {
            Ok(reply)
                if reply
                    .headers
                    .as_ref()
                    .is_some_and(|h| h.get("Nats-Service-Error-Code").is_some()) =>
            {
                return Err(serde_json::from_slice(&reply.payload).unwrap());
            }
            Ok(reply) => return Ok(serde_json::from_slice(&reply.payload).unwrap()),
            // Not serving yet.
            Err(error) => assert!(tokio::time::Instant::now() < deadline, "{name}: {error}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Asks until the answer is as wanted.
async fn until(
    connection: &Connection,
    name: &str,
    parameters: Value,
    wanted: impl Fn(&Answer) -> bool,
) -> Answer {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let answer = ask(connection, name, parameters.clone()).await.unwrap();
        if wanted(&answer) {
            return answer;
        }
        assert!(
            tokio::time::Instant::now() < deadline,
            "gave up on {name}: {answer:?}"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Everything that the pens have written, as `at_least`.
fn everything(pens: &[Pen]) -> Value {
    let one = |pen: &Pen| json!({ "unit": pen.unit, "epoch": pen.epoch, "sequence": pen.sequence });
    pens.iter().map(one).collect()
}

async fn digest(connection: &Connection, name: &str) -> Comparison {
    match ask(connection, name, json!({})).await.unwrap().body {
        Body::Digest(compared) | Body::Rebuild(compared) => compared,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_follow_the_events_and_say_how_far_they_reach() {
    let (broker_dir, dir) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let broker = broker(broker_dir.path()).await;
    let wire = connection(&broker, "test").await;
    let (pens, events) = told(&many());
    let keys = Arc::new(register(&pens));
    let origins = Origins::start(&pens, &wire);
    let served = Served::start(dir.path(), &wire, &keys).await;
    origins.append(&events).await;

    // Over NATS and HTTP, waiting for everything, the answer is that of all events at once.
    let all = everything(&pens);
    let full = |answer: &Answer| answer.stale.is_empty();
    let by_unit = json!({ "group_by": ["unit", "field"], "at_least": all });
    let over_nats = until(&wire, "summary", by_unit, full).await;
    assert_eq!(
        (over_nats.entries, over_nats.simulated),
        (events.len() as u64, true)
    );
    let over_http = served.get("/api/summary?group_by=unit,field").await;
    assert_eq!(over_http.body, over_nats.body);
    let Body::Summary(summary) = &over_nats.body else {
        panic!("{over_nats:?}")
    };
    assert!(
        summary.total.received.total > 50 && summary.groups.len() > 4,
        "{summary:?}"
    );
    assert!(
        summary
            .total
            .rules
            .iter()
            .all(|rules| rules.ended.late > 0 && rules.ended.early > 0)
    );
    for pen in &pens {
        let known = over_nats
            .as_of
            .iter()
            .find(|as_of| as_of.unit == pen.unit)
            .unwrap();
        assert_eq!((known.epoch, known.sequence), (pen.epoch, pen.sequence));
    }

    // Everybody is in contact, nothing is behind, and a rebuild finds the same state.
    until(&wire, "units", json!({}), |answer| {
        answer.provisional.is_empty()
    })
    .await;
    let healthy =
        |answer: &Answer| matches!(&answer.body, Body::Health(h) if h.lag == 0 && h.connected);
    let health = until(&wire, "health", json!({}), healthy).await;
    let Body::Health(health) = health.body else {
        panic!()
    };
    assert!(
        health.seen.contested > 0 && health.seen.unread > 0 && health.seen.elsewhere > 0,
        "{health:?}"
    );
    let compared = digest(&wire, "digest").await;
    assert!(compared.equal, "{compared:?}");
    assert_eq!(digest(&wire, "rebuild").await, compared);

    // One dossier with its hand-over.
    let dossiers = crate::by_dossier(&events);
    let has_steps = |code: &&DossierCode| dossiers[*code].len() > 5;
    let code = dossiers.keys().find(has_steps).unwrap();
    let view = served.get(&format!("/api/dossier?code={code}")).await;
    let Body::Dossier(view) = view.body else {
        panic!("{view:?}")
    };
    assert_eq!(view.timeline.len(), dossiers[code].len());
    let handover = &view.handovers[0];
    assert!(
        handover.taken_at.unwrap() > handover.given_at,
        "{handover:?}"
    );
    for standing in &view.standing {
        assert!(
            standing.ended.is_some() != standing.open.is_some(),
            "{standing:?}"
        );
    }
    assert_eq!(view.standing.len(), RuleSet::ALL.len());

    // A unit that falls silent makes figures provisional, by name.
    origins.stops["H33-27-04"].send_replace(true);
    let named = |answer: &Answer| {
        answer
            .provisional
            .iter()
            .map(|u| u.as_str())
            .collect::<Vec<_>>()
            == ["H33-27-04"]
    };
    until(&wire, "summary", json!({}), named).await;
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_projector_that_was_away_while_the_broker_lost_everything_catches_up() {
    let (broker_dir, dir) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut broker = broker(broker_dir.path()).await;
    let wire = connection(&broker, "test").await;
    let (pens, events) = told(&many());
    let keys = Arc::new(register(&pens));
    let origins = Origins::start(&pens, &wire);
    let (before, after) = events.split_at(events.len() / 2);
    origins.append(before).await;
    let served = Served::start(dir.path(), &wire, &keys).await;
    let half = before.len() as u64;
    until(&wire, "units", json!({}), |answer| answer.entries == half).await;
    served.end().await;

    broker.kill();
    broker.wipe().unwrap();
    broker.restart().await.unwrap();
    origins.append(after).await;
    let served = Served::start(dir.path(), &wire, &keys).await;
    let whole = events.len() as u64;
    until(&wire, "units", json!({}), |answer| answer.entries == whole).await;
    let compared = digest(&wire, "digest").await;
    assert!(compared.equal, "{compared:?}");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_simulated_clock_decides_what_is_overdue_now() {
    let (broker_dir, dir) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let broker = broker(broker_dir.path()).await;
    let wire = connection(&broker, "test").await;
    let open = Course {
        home: 0,
        day: 0,
        field: 0,
        channel: 0,
        limit: 0,
        path: 6,
        days: 0,
        noise: 1,
    };
    let (pens, events) = told(&[open]);
    let origins = Origins::start(&pens, &wire);
    let served = Served::start(dir.path(), &wire, &Arc::new(register(&pens))).await;
    origins.append(&events).await;
    until(&wire, "units", json!({}), |answer| {
        answer.entries == events.len() as u64
    })
    .await;
    for (now, overdue) in [
        ("2018-01-10T16:00:00+07:00", 0),
        ("2018-01-11T08:00:00+07:00", 1),
    ] {
        let tick = json!({ "now": now }).to_string();
        wire.client
            .publish(subject::CLOCK, tick.into())
            .await
            .unwrap();
        let there = calendar::parse_moment(now).unwrap();
        let answer = until(&wire, "overdue", json!({}), |answer| answer.now == there).await;
        let Body::Overdue(found) = answer.body else {
            panic!()
        };
        assert_eq!(found.total, overdue, "{now}");
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_answered_is_said_clearly() {
    let (broker_dir, dir) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let broker = broker(broker_dir.path()).await;
    let wire = connection(&broker, "test").await;
    let served = Served::start(dir.path(), &wire, &Arc::new(register(&pens()))).await;

    let refused = ask(&wire, "summary", json!({ "colour": "red" }))
        .await
        .unwrap_err();
    assert_eq!(refused.code, "query.invalid");
    let unknown = ask(
        &wire,
        "dossier",
        json!({ "code": "000.00.27.H33-180103-0001" }),
    )
    .await
    .unwrap_err();
    assert_eq!(unknown.code, "dossier.unknown");
    for (method, path, status, code) in [
        ("GET", "/api/nothing", 404, "query.unknown"),
        ("GET", "/nowhere", 404, "http.unknown"),
        ("GET", "/api/summary?from=January", 400, "query.invalid"),
        (
            "GET",
            "/api/dossier?code=000.00.27.H33-180103-0001",
            404,
            "dossier.unknown",
        ),
        ("GET", "/api/rebuild", 405, "http.method"),
        ("DELETE", "/api/summary", 405, "http.method"),
    ] {
        let (found, _, body) = served.http(method, path).await;
        let error: QueryError = serde_json::from_str(&body).unwrap();
        assert_eq!(
            (found, error.code.as_str()),
            (status, code),
            "{method} {path}"
        );
    }
    assert_eq!(served.http("POST", "/api/rebuild").await.0, 200);

    // Whoever lists the service learns what each query takes, by the name of its schema.
    let info = wire
        .client
        .request("$SRV.INFO.motcua-projector", "".into())
        .await
        .unwrap();
    let info: Value = serde_json::from_slice(&info.payload).unwrap();
    let endpoints = info["endpoints"].as_array().unwrap();
    assert_eq!(endpoints.len(), Query::NAMES.len());
    for endpoint in endpoints {
        let name = endpoint["name"].as_str().unwrap();
        assert_eq!(
            endpoint["metadata"]["schema"],
            format!("urn:motcua:schema:queries:{name}.v1")
        );
    }

    // What nobody has written cannot be covered, and the answer says so.
    let future =
        json!({ "at_least": [{ "unit": "H33-27", "epoch": pens()[0].epoch, "sequence": 9 }] });
    let answer = ask(&wire, "summary", future).await.unwrap();
    assert_eq!(answer.stale.len(), 1);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_comes_with_a_policy_and_nothing_from_elsewhere() {
    let (broker_dir, dir) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let broker = broker(broker_dir.path()).await;
    let wire = connection(&broker, "test").await;
    let served = Served::start(dir.path(), &wire, &Arc::new(register(&pens()))).await;
    for (path, kind) in [
        ("/", "text/html"),
        ("/page.css", "text/css"),
        ("/page.js", "text/javascript"),
    ] {
        let (status, head, body) = served.http("GET", path).await;
        assert_eq!(status, 200);
        assert!(
            head.contains(kind) && head.contains("default-src 'none'"),
            "{head}"
        );
        for foreign in [
            "http:",
            "https:",
            "innerHTML",
            "<style",
            "style=",
            "onclick",
        ] {
            assert!(!body.contains(foreign), "{path} has {foreign}");
        }
    }
    served.end().await;
}
