//! Nobody has to trust a unit: its journal is served as a log that standard clients check, and its
//! peers notice when it shows one history to some and another one to others.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use envelope::{KeyRegister, TreeHead, note};
use futures::StreamExt;
use serde_json::{Value, json};
use tests::process::{PATIENCE, eventually};
use tests::town::{COMMUNE, DISTRICT, LAND, Town, message};

use crate::route::{LAND_PROCEDURE, receive, received};

fn register(town: &Town) -> KeyRegister {
    KeyRegister::read(&fs::read(town.path("keys.json")).unwrap()).unwrap()
}

/// The notes of one kind that lie in a directory, each with what it says.
fn notes(town: &Town, dir: &Path, kind: &str) -> Vec<(PathBuf, TreeHead)> {
    let files = fs::read_dir(dir).into_iter().flatten();
    let paths = files.map(|file| file.unwrap().path());
    let of_kind = paths.filter(|path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.starts_with(&format!("{COMMUNE}.")) && name.splitn(3, '.').nth(2) == Some(kind)
    });
    let keys = register(town);
    let read = |path: PathBuf| {
        let head = note::read_head(&fs::read(&path).ok()?, &keys).unwrap();
        Some((path, head))
    };
    of_kind.filter_map(read).collect()
}

async fn health(town: &Town, unit: &str) -> Value {
    town.ask(unit, "health", &message(None, json!({})))
        .await
        .done()
}

async fn entries(town: &Town) -> u64 {
    health(town, COMMUNE).await["entries"].as_u64().unwrap()
}

/// The head of the commune's journal that lies in `dir`, once it has come so far as the journal.
async fn keeps_the_latest(town: &Town, dir: &Path) -> TreeHead {
    eventually("the latest head to be kept", async || {
        let entries = entries(town).await;
        let (_, head) = notes(town, dir, "note").pop()?;
        (head.size == entries).then_some(head)
    })
    .await
}

async fn receives(town: &Town, count: usize) {
    for _ in 0..count {
        let paper = receive("2018-01-02T09:00", LAND_PROCEDURE, 4);
        town.ask(COMMUNE, "receive", &paper).await.done();
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        let target = to.join(file.file_name());
        if file.file_type().unwrap().is_dir() {
            copy(&file.path(), &target);
        } else {
            fs::copy(file.path(), target).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_that_shows_two_histories_is_noticed_by_its_peers_and_by_the_projector() {
    let mut town = Town::simulated().await;
    let projector = town.projector().await;
    received(&town).await;
    let alert = format!("motcua.v1.alert.{DISTRICT}");
    let alerts = town.client.subscribe(alert).await.unwrap();
    let shelves = [
        town.unit_dir(DISTRICT).join("heads"),
        town.unit_dir(LAND).join("heads"),
        town.path("data").join("motcua-projector.heads"),
    ];

    // Honestly: killed and started again, it goes on where it stood, and nobody is accused.
    town.kill("motcua-commune");
    let (journal, aside) = (town.unit_dir(COMMUNE).join("journal"), town.path("aside"));
    copy(&journal, &aside);
    town.start("motcua-commune").await;
    receives(&town, 2).await;
    let mut first = Vec::new();
    for shelf in &shelves {
        first.push(keeps_the_latest(&town, shelf).await);
        assert_eq!(notes(&town, shelf, "first.note"), []);
    }

    // What was told since is denied: the same journal goes on from before, and differently.
    town.kill("motcua-commune");
    fs::remove_dir_all(&journal).unwrap();
    copy(&aside, &journal);
    town.start("motcua-commune").await;
    receives(&town, 4).await;
    for (shelf, head) in shelves.iter().zip(&first) {
        let both = eventually("two histories to be noticed", async || {
            let (_, first) = notes(&town, shelf, "first.note").pop()?;
            let (_, second) = notes(&town, shelf, "second.note").pop()?;
            Some((first, second))
        });
        let (one, other) = both.await;
        assert_eq!((&one, one.epoch), (head, other.epoch));
        assert_ne!(one, other);
        assert_eq!(
            notes(&town, shelf, "note").pop().unwrap().1,
            *head,
            "the first one stays"
        );
    }

    let alert = tokio::time::timeout(PATIENCE, told(alerts)).await.unwrap();
    let noticed = health(&town, DISTRICT).await["two_histories"].clone();
    let found = &noticed[0];
    assert_eq!(found["unit"], COMMUNE);
    for head in ["first", "second"] {
        let root = found[head]["root"].as_str().unwrap();
        assert!(alert["text"].as_str().unwrap().contains(root), "{alert}");
    }
    let seen = town.query("health", &json!({})).await;
    assert_eq!(
        seen["health"]["two_histories"][0]["unit"], COMMUNE,
        "{seen}"
    );

    // It is not forgotten with the process.
    town.kill("motcua-district");
    town.start("motcua-district").await;
    let again = health(&town, DISTRICT).await;
    assert_eq!(again["two_histories"], noticed);
    projector.end().await;
}

/// The alert about two histories.
async fn told(mut alerts: async_nats::Subscriber) -> Value {
    loop {
        let alert = alerts.next().await.unwrap();
        let alert: Value = serde_json::from_slice(&alert.payload).unwrap();
        if alert["kind"] == "inconsistent" {
            return alert;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standard_client_validates_the_log_of_a_running_unit() {
    let mut town = Town::prepared(
        Some("2018-01-02T08:00:00+07:00"),
        exchange::broker::Leaf::Alone,
    )
    .await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let path = town.config_of("motcua-commune");
    let mut config: toml::Table = fs::read_to_string(&path).unwrap().parse().unwrap();
    config.insert("evidence_http".to_owned(), address.to_string().into());
    fs::write(&path, config.to_string()).unwrap();
    town.start_all().await;

    let earlier = town.path("earlier");
    let mut before: Option<&Path> = None;
    for count in [1, 3] {
        receives(&town, count).await;
        let due = entries(&town).await;
        let health = health(&town, COMMUNE).await;
        let epoch = health["epoch"].as_str().unwrap().parse().unwrap();
        let public = public_key(&town);
        let mut client = Command::new("python3");
        client
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("python/tlog_client.py"))
            .arg(format!("http://{address}/{COMMUNE}/{epoch}"))
            .arg(note::verifier_key(COMMUNE, epoch, &public))
            .args(before);
        let read = tokio::task::spawn_blocking(move || client.output().unwrap());
        let read = tokio::time::timeout(Duration::from_secs(60), read)
            .await
            .unwrap()
            .unwrap();
        assert!(
            read.status.success(),
            "{}",
            String::from_utf8_lossy(&read.stderr)
        );
        let read: Value = serde_json::from_slice(&read.stdout).unwrap();
        assert!(read["size"].as_u64().unwrap() >= due, "{read}");
        fs::write(&earlier, read["checkpoint"].as_str().unwrap()).unwrap();
        before = Some(&earlier);
    }
    town.end_all().await;
}

/// The commune's public key, out of the register and not out of what is served.
fn public_key(town: &Town) -> [u8; 32] {
    let register: Value =
        serde_json::from_slice(&fs::read(town.path("keys.json")).unwrap()).unwrap();
    let rows = register["units"].as_array().unwrap();
    let row = rows.iter().find(|row| row["unit"] == COMMUNE).unwrap();
    let key = data_encoding::HEXLOWER.decode(row["signing"].as_str().unwrap().as_bytes());
    key.unwrap().try_into().unwrap()
}
