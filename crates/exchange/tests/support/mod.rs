//! Real brokers, real journals, and units that do nothing but record what arrives.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    dead_code,
    unreachable_pub
)]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use envelope::{Draft, Event, KeyRegister, PublicKeys, Signed, UnitKey, moment};
use exchange::broker::{Broker, BrokerConfig, build_dir_above, find_or_install};
use exchange::head::Heads;
use exchange::inbox::{Arrival, Inbox};
use exchange::log::LogService;
use exchange::outbox::Outbox;
use exchange::{Connection, Patience, StreamSettings, Timing, UnitToken, connect};
use journal::{Delivery, Group, Journal, NewEntry, NewQuarantine, Options, Origin};
use serde_json::value::RawValue;
use tempfile::TempDir;
use tokio::sync::{mpsc, watch};
use uuid::Uuid;

/// How long a test waits for what must happen.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub const KIND: &str = "vn.motcua.dossier.received.v1";

pub fn timing() -> Timing {
    Timing {
        checkpoint: Duration::from_millis(300),
        heartbeat: Duration::from_millis(500),
        ack_wait: Duration::from_secs(2),
    }
}

pub fn token(unit: &str) -> UnitToken {
    UnitToken::parse(unit).unwrap()
}

pub fn broker_config(dir: &Path) -> BrokerConfig {
    let build = build_dir_above(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    BrokerConfig::new(find_or_install(&build).unwrap(), dir.to_owned())
}

pub async fn broker(dir: &Path) -> Broker {
    Broker::start(broker_config(dir)).await.unwrap()
}

pub async fn connection(url: &str, name: &str) -> Connection {
    connect(url, name, Patience::Within(Duration::from_secs(20)))
        .await
        .unwrap()
}

/// Waits until `condition` holds.
pub async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while !condition() {
        assert!(
            tokio::time::Instant::now() < deadline,
            "gave up waiting until {what}"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub fn key(seed: u8) -> UnitKey {
    UnitKey::from_seed([seed; 32])
}

pub fn register(units: &[(&str, u8)]) -> Arc<KeyRegister> {
    let mut register = KeyRegister::new();
    for (unit, seed) in units {
        register
            .insert(&PublicKeys::new(unit, key(*seed).public(), [*seed; 32]))
            .unwrap();
    }
    Arc::new(register)
}

static IDS: AtomicU64 = AtomicU64::new(1);

/// An event of `unit` with its next own number.
pub fn event(unit: &str, epoch: Uuid, sequence: u64, key: &UnitKey) -> Signed {
    let data = RawValue::from_string(format!("{{\"n\":{sequence}}}")).unwrap();
    let at = moment::parse("2024-05-06T08:30:00+07:00").unwrap();
    let id = u128::from(IDS.fetch_add(1, Ordering::Relaxed));
    let bytes = Draft {
        id: Uuid::from_u128(0x018f_4a2e_6f80_7000_8000_0000_0000_0000 | id),
        unit,
        kind: KIND,
        subject: "H33-12-04-240506-0001",
        time: at,
        recorded: at,
        epoch,
        sequence,
        causation: None,
        parents: &[],
        schema: "https://motcua.vn/schemas/events/dossier.received.v1.json",
        simulated: true,
        traceparent: None,
        data: &data,
    }
    .write()
    .unwrap();
    let signature = key.sign_event(&bytes);
    Signed {
        bytes: Bytes::from(bytes),
        signature,
        key: key.id(),
    }
}

pub fn id_of(signed: &Signed) -> Uuid {
    Event::read(&signed.bytes).unwrap().id
}

/// One unit: a journal that is published, read by others, and takes in what arrives.
pub struct Desk {
    pub unit: UnitToken,
    pub journal: Journal,
    pub key: Arc<UnitKey>,
    pub dir: TempDir,
    stop: watch::Sender<bool>,
}

impl Desk {
    pub fn new(unit: &str, seed: u8) -> Desk {
        let dir = TempDir::new().unwrap();
        let epoch = Uuid::from_u128(0xe000 + u128::from(seed));
        let journal = Journal::open(dir.path(), Options::new(unit, epoch)).unwrap();
        let (stop, _) = watch::channel(false);
        Desk {
            unit: token(unit),
            journal,
            key: Arc::new(key(seed)),
            dir,
            stop,
        }
    }

    pub fn stop(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    /// Everything a unit runs.
    pub fn run_all(&self, connection: &Connection, keys: &Arc<KeyRegister>) {
        self.run_outbox(connection);
        self.run_log(connection);
        self.run_heads(connection);
        self.run_inbox(connection, keys);
    }

    pub fn run_outbox(&self, connection: &Connection) {
        let outbox = Outbox::new(
            connection.clone(),
            self.journal.clone(),
            self.unit.clone(),
            StreamSettings::default(),
            timing().checkpoint,
        );
        tokio::spawn(outbox.run(self.stop()));
    }

    pub fn run_log(&self, connection: &Connection) {
        let (journal, unit) = (self.journal.clone(), self.unit.clone());
        let service = LogService::new(connection.clone(), journal, unit, "0.1.0");
        tokio::spawn(service.run(self.stop()));
    }

    pub fn run_heads(&self, connection: &Connection) {
        let heads = Heads::new(
            connection.clone(),
            self.journal.clone(),
            self.unit.clone(),
            self.key.clone(),
            timing().checkpoint,
            || moment::parse("2024-05-06T08:30:00+07:00").unwrap(),
        );
        tokio::spawn(heads.run(self.stop()));
    }

    pub fn inbox(
        &self,
        connection: &Connection,
        keys: &Arc<KeyRegister>,
    ) -> mpsc::Receiver<Arrival> {
        let (inbox, arrivals) = Inbox::new(
            connection.clone(),
            self.journal.clone(),
            self.unit.clone(),
            keys.clone(),
            StreamSettings::default(),
            timing(),
        );
        tokio::spawn(inbox.run(self.stop()));
        arrivals
    }

    pub fn run_inbox(&self, connection: &Connection, keys: &Arc<KeyRegister>) {
        let arrivals = self.inbox(connection, keys);
        tokio::spawn(record(self.journal.clone(), arrivals));
    }

    /// Writes one own event and sends it to `to`.
    pub async fn write(&self, to: &[&str]) -> Signed {
        let sequence = self.journal.last_sequence() + 1;
        let signed = event(
            self.unit.as_str(),
            self.journal.epoch(),
            sequence,
            &self.key,
        );
        self.append(signed.clone(), to).await;
        signed
    }

    pub async fn append(&self, signed: Signed, to: &[&str]) {
        let id = id_of(&signed);
        let deliver = |to: &&str| Delivery {
            to: (*to).to_owned(),
            link: self.journal.last_link(to) + 1,
            event: id,
        };
        let deliveries = to.iter().map(deliver).collect();
        let entry = NewEntry {
            origin: Origin::Own,
            signed,
            deliveries,
        };
        let group = Group {
            entries: vec![entry],
            ..Group::default()
        };
        self.journal.append(group).await.await.unwrap();
    }

    /// What was received from `from`: the links, in journal order.
    pub fn links_from(&self, from: &str) -> Vec<u64> {
        self.received_from(from)
            .into_iter()
            .map(|(link, _)| link)
            .collect()
    }

    /// The numbers and ids of what was received from `from`, in journal order.
    pub fn received_from(&self, from: &str) -> Vec<(u64, Uuid)> {
        let entries = self.journal.scan(0).map(Result::unwrap);
        entries
            .filter_map(|entry| match &entry.origin {
                Origin::Received { from: sender, link } if sender == from => {
                    Some((*link, id_of(&entry.signed)))
                }
                _ => None,
            })
            .collect()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

/// A host that records everything, one group at a time.
async fn record(journal: Journal, mut arrivals: mpsc::Receiver<Arrival>) {
    while let Some(arrival) = arrivals.recv().await {
        let (group, done) = match arrival {
            Arrival::Event(event) => {
                let origin = Origin::Received {
                    from: event.from.clone(),
                    link: event.link,
                };
                let entry = NewEntry {
                    origin,
                    signed: event.signed,
                    deliveries: Vec::new(),
                };
                let received = vec![(event.from, event.link)];
                (
                    Group {
                        entries: vec![entry],
                        received,
                        ..Group::default()
                    },
                    event.done,
                )
            }
            Arrival::Unfit {
                bytes,
                from,
                link,
                reason,
                done,
                ..
            } => {
                let received = link.map(|link| (from.clone(), link)).into_iter().collect();
                let at = "2024-05-06T08:30:00+07:00".to_owned();
                let quarantined = vec![NewQuarantine {
                    bytes: bytes.to_vec(),
                    reason,
                    from,
                    at,
                    signature: None,
                    key: None,
                    link: None,
                }];
                (
                    Group {
                        quarantined,
                        received,
                        ..Group::default()
                    },
                    done,
                )
            }
            Arrival::Contact { .. } => continue,
        };
        // The inbox promises that nothing arrives twice, so a refusal here fails the test.
        journal.append(group).await.await.unwrap();
        done.recorded();
    }
}
