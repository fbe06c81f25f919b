//! A desk and a land office whose events a projector shows: three dossiers of January 2018.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use calendar::{Calendar, Limit, LimitUnit, Moment, due, parse_moment};
use dossier::fact::Fact;
use dossier::ids::{DossierCode, OfficerId, ProcedureCode, StepKey, UnitId};
use dossier::intake::{Channel, Particulars, PinnedProcedure, Received, Sealed};
use dossier::outcome::ResultReady;
use dossier::procedure::{ClockPolicy, RouteStep, WaitEffect};
use dossier::regime::Regime;
use dossier::route::Dispatched;
use dossier::{step, wire};
use envelope::{Draft, KeyRegister, PublicKeys, Signed, UnitKey};
use exchange::broker::{Broker, BrokerConfig, build_dir_above, find_or_install};
use exchange::head::Heads;
use exchange::outbox::Outbox;
use exchange::{Connection, Patience, StreamSettings, Timing, UnitToken, connect, subject};
use journal::{Group, Journal, NewEntry, Options, Origin};
use projector::directory::{Directory, Headline, Level, UnitCard};
use projector::run::{Joining, serve};
use projector::{Projector, Store};
use serde_json::json;
use tempfile::TempDir;
use tests::process::{PATIENCE, eventually};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use uuid::Uuid;

/// How often units say where they stand.
const CHECKPOINT: Duration = Duration::from_millis(300);

/// Words that a unit, a field, a procedure and a task are given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words {
    pub(crate) desk: &'static str,
    pub(crate) land: &'static str,
    pub(crate) field: &'static str,
    pub(crate) procedure: &'static str,
    pub(crate) task: &'static str,
    pub(crate) published: &'static str,
}

/// Words as they are in life.
pub(crate) const USUAL: Words = Words {
    desk: "UBND huyện Châu Thành",
    land: "Chi nhánh Văn phòng Đăng ký đất đai",
    field: "Đất đai",
    procedure: "Đăng ký biến động quyền sử dụng đất",
    task: "Kiểm tra điều kiện chuyển quyền",
    published: "Quý I/2018, số đã công bố",
};

/// What the quarter's clock says while the page is looked at.
const NOW: &str = "2018-01-20T08:00:00+07:00";

fn at(text: &str) -> Moment {
    parse_moment(&format!("2018-01-{text}:00+07:00")).unwrap()
}

fn five_days() -> Limit {
    Limit::new(5, LimitUnit::WorkingDays).unwrap()
}

/// A unit that writes, signs and publishes.
struct Unit {
    id: UnitId,
    key: Arc<UnitKey>,
    journal: Journal,
    sequence: u64,
    _dir: TempDir,
}

impl Unit {
    fn new(id: &str, number: u8) -> Self {
        let dir = TempDir::new().unwrap();
        let epoch = Uuid::from_u128(0xee00 + u128::from(number));
        Self {
            id: UnitId::parse(id).unwrap(),
            key: Arc::new(UnitKey::from_seed([number; 32])),
            journal: Journal::open(dir.path(), Options::new(id, epoch)).unwrap(),
            sequence: 0,
            _dir: dir,
        }
    }

    fn publishes(&self, wire: &Connection, stop: &watch::Receiver<bool>) {
        let token = UnitToken::parse(self.id.as_str()).unwrap();
        let (wire, journal) = (wire.clone(), self.journal.clone());
        let streams = StreamSettings::default();
        let outbox = Outbox::new(
            wire.clone(),
            journal.clone(),
            token.clone(),
            streams,
            CHECKPOINT,
        );
        tokio::spawn(outbox.run(stop.clone()));
        let now = || parse_moment(NOW).unwrap();
        let heads = Heads::new(wire, journal, token, self.key.clone(), CHECKPOINT, now);
        tokio::spawn(heads.run(stop.clone()));
    }

    async fn says(&mut self, code: &DossierCode, when: &str, fact: &Fact) {
        self.sequence += 1;
        let bytes = Draft {
            id: Uuid::from_u64_pair(self.journal.epoch().as_u64_pair().1, self.sequence),
            unit: self.id.as_str(),
            kind: wire::kind(fact),
            subject: code.as_str(),
            time: at(when),
            recorded: at(when),
            epoch: self.journal.epoch(),
            sequence: self.sequence,
            causation: None,
            parents: &[],
            schema: "urn:motcua:schema:events:test",
            simulated: true,
            traceparent: None,
            data: &wire::write(fact).unwrap(),
        }
        .write()
        .unwrap();
        let entry = NewEntry {
            origin: Origin::Own,
            signed: Signed {
                signature: self.key.sign_event(&bytes),
                bytes: bytes.into(),
                key: self.key.id(),
            },
            deliveries: Vec::new(),
        };
        let group = Group {
            entries: vec![entry],
            ..Group::default()
        };
        self.journal.append(group).await.await.unwrap();
    }
}

/// Everything that runs for a page to be seen.
pub(crate) struct Hall {
    pub(crate) http: SocketAddr,
    /// Open, promised for 10 January, at the land office since the 4th.
    pub(crate) overdue: DossierCode,
    stop: watch::Sender<bool>,
    projecting: JoinHandle<anyhow::Result<()>>,
    _broker: Broker,
    _dirs: [TempDir; 2],
}

impl Hall {
    /// Three dossiers handed in on 3 January: one done early, one late, one still open and overdue.
    pub(crate) async fn open(words: Words) -> Self {
        let dirs = [TempDir::new().unwrap(), TempDir::new().unwrap()];
        let broker = broker(dirs[0].path()).await;
        let patience = Patience::Within(PATIENCE);
        let wire = connect(&broker.url(), "hall", patience).await.unwrap();
        let (mut desk, mut land) = (Unit::new("H33-27", 1), Unit::new("H33-27-91", 2));
        let (stop, stopped) = watch::channel(false);
        let mut keys = KeyRegister::new();
        for unit in [&desk, &land] {
            let row = PublicKeys::new(unit.id.as_str(), unit.key.public(), [9; 32]);
            keys.insert(&row).unwrap();
            unit.publishes(&wire, &stopped);
        }
        let overdue = courses(&mut desk, &mut land, words).await;

        let directory = directory(&desk.id, &land.id, words);
        let projector =
            Projector::open(Store::open(dirs[1].path()).unwrap(), directory, CHECKPOINT).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let http = listener.local_addr().unwrap();
        let joining = Joining {
            connection: wire.clone(),
            name: "projector".to_owned(),
            keys: Arc::new(keys),
            heads: dirs[1].path().join("heads"),
            streams: StreamSettings::default(),
            timing: Timing {
                checkpoint: CHECKPOINT,
                ..Timing::default()
            },
            listener,
        };
        let projecting = tokio::spawn(serve(projector.clone(), joining, stopped));
        let tick = json!({ "now": NOW }).to_string();
        eventually("the projector to have heard it all", async || {
            let tick = tick.clone().into();
            wire.client.publish(subject::CLOCK, tick).await.unwrap();
            let heard = *projector.entries().borrow() == desk.sequence + land.sequence;
            (heard && projector.clock().now() == (parse_moment(NOW).unwrap(), true)).then_some(())
        })
        .await;
        Self {
            http,
            overdue,
            stop,
            projecting,
            _broker: broker,
            _dirs: dirs,
        }
    }

    /// The address of the page.
    pub(crate) fn page(&self, fragment: &str) -> String {
        format!("http://{}/{fragment}", self.http)
    }

    /// Ends everything in order.
    pub(crate) async fn close(self) {
        self.stop.send_replace(true);
        let ended = tokio::time::timeout(PATIENCE, self.projecting).await;
        ended.unwrap().unwrap().unwrap();
    }
}

async fn broker(dir: &Path) -> Broker {
    let build = build_dir_above(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let program = tokio::task::spawn_blocking(move || find_or_install(&build))
        .await
        .unwrap()
        .unwrap();
    Broker::start(BrokerConfig::new(program, dir.to_owned()))
        .await
        .unwrap()
}

fn directory(desk: &UnitId, land: &UnitId, words: Words) -> Directory {
    let card = |id: &UnitId, name: &str, level| UnitCard {
        id: id.clone(),
        name: name.to_owned(),
        level,
    };
    let cards = [
        card(desk, words.desk, Level::District),
        card(land, words.land, Level::Agency),
    ];
    let headline = Headline {
        text: words.published.to_owned(),
        rate: 9_958,
        source: None,
        unit: Some(desk.clone()),
    };
    Directory::new(cards, Some(headline))
}

/// Tells the three courses and returns the code of the open one.
async fn courses(desk: &mut Unit, land: &mut Unit, words: Words) -> DossierCode {
    let step = StepKey::parse("appraisal").unwrap();
    let given = Fact::Dispatched(Dispatched {
        step: step.clone(),
        turn: 1,
        to: land.id.clone(),
        task: words.task.to_owned(),
        limit: five_days(),
        department: None,
        documents: Vec::new(),
        reason: None,
    });
    let taken = Fact::StepAccepted(step::Accepted {
        step: step.clone(),
        turn: 1,
        due_at: Some(at("11T17:00")),
    });
    let done = Fact::StepCompleted(step::Completed {
        step,
        turn: 1,
        outcome: step::StepOutcome::Approved,
        documents: Vec::new(),
    });
    let reception = received(&land.id, words);
    let mut open = None;
    for (serial, ready) in (1..).zip([Some("08T10:00"), Some("12T10:00"), None]) {
        let code = DossierCode::issue(&desk.id, at("03T09:00").date_naive(), serial).unwrap();
        desk.says(&code, "03T09:00", &reception).await;
        desk.says(&code, "03T09:30", &given).await;
        land.says(&code, "04T07:45", &taken).await;
        if let Some(ready) = ready {
            land.says(&code, ready, &done).await;
            let fact = Fact::ResultReady(ResultReady {});
            desk.says(&code, ready, &fact).await;
        } else {
            open = Some(code);
        }
    }
    open.unwrap()
}

fn received(performer: &UnitId, words: Words) -> Fact {
    let (when, limit) = (at("03T09:00"), five_days());
    let calendar = Calendar::published();
    Fact::Received(Box::new(Received {
        channel: Channel::Direct,
        procedure: PinnedProcedure {
            code: ProcedureCode::parse("1.001193").unwrap(),
            version: "test.1".to_owned(),
            name: words.procedure.to_owned(),
            field: words.field.to_owned(),
            basis: "NĐ 61/2018/NĐ-CP".to_owned(),
        },
        competent: performer.clone(),
        overseer: None,
        applicant: Sealed {
            key: Uuid::from_u128(1),
            sealed: "AAAA".to_owned(),
        },
        delegate: None,
        papers: Vec::new(),
        route: vec![RouteStep {
            key: StepKey::parse("appraisal").unwrap(),
            task: words.task.to_owned(),
            unit: performer.clone(),
            department: None,
            inputs: Vec::new(),
            limit,
            after_payment: false,
            option: None,
            returns_result: false,
        }],
        clock: ClockPolicy::of(WaitEffect::Restart, WaitEffect::Pause),
        limit,
        due_at: due(calendar, when, limit).unwrap().due_at,
        calendar: calendar.version().to_owned(),
        regime: Regime::of(when),
        particulars: Particulars::default(),
        receipt: true,
        officer: OfficerId::parse("cb-01").unwrap(),
    }))
}
