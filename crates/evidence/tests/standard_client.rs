//! A served log, read over HTTP by a client in another language that was written from the texts of
//! the standards alone (`tests/python/tlog_client.py`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use envelope::{Draft, Signed, UnitKey, moment, note};
use evidence::Logs;
use journal::{Group, Journal, NewEntry, Options, Origin};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use uuid::Uuid;

const HOME: &str = "H33-12-04";

fn key() -> Arc<UnitKey> {
    Arc::new(UnitKey::from_seed([7; 32]))
}

struct Served {
    journal: Journal,
    address: SocketAddr,
    dir: TempDir,
    _stop: watch::Sender<bool>,
}

impl Served {
    async fn start() -> Served {
        let dir = TempDir::new().unwrap();
        let options = Options::new(HOME, Uuid::from_u128(0xee));
        let journal = Journal::open(&dir.path().join("journal"), options).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        let logs = Logs::new();
        logs.open(journal.clone(), key());
        tokio::spawn(logs.serve(listener, stopped));
        Served {
            journal,
            address,
            dir,
            _stop: stop,
        }
    }

    async fn grow(&self, to: u64) {
        while self.journal.size() < to {
            let first = self.journal.last_sequence() + 1;
            let entries = (first..=to.min(first + 2_047)).map(own);
            let group = Group {
                entries: entries.collect(),
                ..Group::default()
            };
            self.journal.append(group).await.await.unwrap();
        }
    }

    fn prefix(&self) -> String {
        format!("/{HOME}/{}", self.journal.epoch())
    }

    fn verifier_key(&self) -> String {
        note::verifier_key(HOME, self.journal.epoch(), &key().public())
    }

    async fn client(&self, verifier_key: &str, earlier: Option<&Path>) -> Output {
        let client =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/python/tlog_client.py");
        let mut command = Command::new("python3");
        command
            .arg(client)
            .arg(format!("http://{}{}", self.address, self.prefix()))
            .arg(verifier_key)
            .args(earlier);
        tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap()
    }

    /// Status line and headers, and the body.
    async fn get(&self, path: &str) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
        let body = answer.split_off(end.unwrap() + 4);
        (String::from_utf8(answer).unwrap().to_lowercase(), body)
    }
}

fn own(sequence: u64) -> NewEntry {
    let data = serde_json::value::to_raw_value("Hồ sơ đã tiếp nhận").unwrap();
    let at = moment::parse("2024-05-06T08:30:00+07:00").unwrap();
    let bytes = Draft {
        id: Uuid::from_u128(u128::from(sequence)),
        unit: HOME,
        kind: "vn.motcua.dossier.received.v1",
        subject: "H33-12-04-240506-0001",
        time: at,
        recorded: at,
        epoch: Uuid::from_u128(0xee),
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
    let signature = key().sign_event(&bytes);
    let signed = Signed {
        bytes: bytes.into(),
        signature,
        key: key().id(),
    };
    NewEntry {
        origin: Origin::Own,
        signed,
        deliveries: Vec::new(),
    }
}

fn told(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_knows_the_standards_only_validates_a_log_as_it_grows() {
    let served = Served::start().await;
    let earlier = served.dir.path().join("earlier");
    let mut before = None;
    // The last size is the example of tlog-tiles: 273 full tiles and partial ones of width 112, 17 and 1.
    for (size, tiles, levels) in [
        (1, 1, 1),
        (255, 1, 1),
        (256, 2, 2),
        (700, 4, 2),
        (70_000, 277, 3),
    ] {
        served.grow(size).await;
        let told = told(&served.client(&served.verifier_key(), before).await);
        assert_eq!(told["size"], size);
        assert_eq!(
            (&told["tiles"], &told["levels"]),
            (&tiles.into(), &levels.into())
        );
        let last = served.journal.entry(size - 1).unwrap().unwrap();
        assert_eq!(told["last"].as_str().unwrap().as_bytes(), last.signed.bytes);
        std::fs::write(&earlier, told["checkpoint"].as_str().unwrap()).unwrap();
        before = Some(earlier.as_path());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_refuses_another_key_and_another_history() {
    let served = Served::start().await;
    served.grow(300).await;
    let other = UnitKey::from_seed([8; 32]);
    let stranger = note::verifier_key(HOME, served.journal.epoch(), &other.public());
    let refused = served.client(&stranger, None).await;
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("nobody known signed"), "{said}");

    let mut head = envelope::TreeHead {
        unit: HOME.into(),
        epoch: served.journal.epoch(),
        size: 200,
        root: served.journal.root_at(200).unwrap(),
    };
    let earlier = served.dir.path().join("earlier");
    std::fs::write(&earlier, note::sign_head(&head, &key()).unwrap()).unwrap();
    told(&served.client(&served.verifier_key(), Some(&earlier)).await);
    head.root = served.journal.root_at(199).unwrap();
    std::fs::write(&earlier, note::sign_head(&head, &key()).unwrap()).unwrap();
    let refused = served.client(&served.verifier_key(), Some(&earlier)).await;
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("the earlier checkpoint"), "{said}");
}

#[tokio::test]
async fn each_resource_says_what_it_is_and_how_long_it_holds() {
    let served = Served::start().await;
    served.grow(300).await;
    let prefix = served.prefix();
    for (path, kind, keep, bytes) in [
        ("checkpoint", "text/plain; charset=utf-8", "no-cache", None),
        (
            "tile/0/000",
            "application/octet-stream",
            "immutable",
            Some(8_192),
        ),
        (
            "tile/0/001.p/44",
            "application/octet-stream",
            "immutable",
            Some(44 * 32),
        ),
        // Of an earlier checkpoint, also after the tile went on.
        (
            "tile/0/000.p/7",
            "application/octet-stream",
            "immutable",
            Some(7 * 32),
        ),
        (
            "tile/1/000.p/1",
            "application/octet-stream",
            "immutable",
            Some(32),
        ),
        (
            "tile/entries/001.p/44",
            "application/octet-stream",
            "immutable",
            None,
        ),
    ] {
        let (head, body) = served.get(&format!("{prefix}/{path}")).await;
        assert!(head.starts_with("http/1.1 200"), "{path}: {head}");
        assert!(
            head.contains(&format!("content-type: {kind}\r\n")),
            "{path}: {head}"
        );
        assert!(head.contains(keep), "{path}: {head}");
        assert!(bytes.is_none_or(|bytes| body.len() == bytes), "{path}");
    }
    let (_, keys) = served.get("/").await;
    assert_eq!(
        String::from_utf8(keys).unwrap(),
        served.verifier_key() + "\n"
    );
}

#[tokio::test]
async fn what_is_not_there_yet_or_never_was_is_not_found_and_not_kept() {
    let served = Served::start().await;
    served.grow(300).await;
    let prefix = served.prefix();
    for path in [
        format!("{prefix}/tile/0/001"),
        format!("{prefix}/tile/0/001.p/45"),
        format!("{prefix}/tile/1/000.p/2"),
        format!("{prefix}/tile/2/000.p/1"),
        format!("{prefix}/tile/entries/002.p/1"),
        format!("{prefix}/tile/8/0/000"),
        format!("{prefix}/tile/0/0"),
        format!("{prefix}/"),
        format!("/{HOME}/{}/checkpoint", Uuid::from_u128(0xef)),
        format!("/{HOME}/{}/checkpoint", served.journal.epoch().simple()),
        format!("/H33/{}/checkpoint", served.journal.epoch()),
        "/checkpoint".to_owned(),
    ] {
        let (head, _) = served.get(&path).await;
        assert!(head.starts_with("http/1.1 404"), "{path}: {head}");
        assert!(head.contains("cache-control: no-store"), "{path}: {head}");
    }
}
