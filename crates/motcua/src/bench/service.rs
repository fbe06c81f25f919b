//! The command path of a real service: over NATS, through the door, to the disk and back.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use bytes::Bytes;
use calendar::{Moment, parse_moment};
use exchange::broker::{Broker, BrokerConfig, find_or_install};
use exchange::connect::{Connection, Patience, connect};
use exchange::subject::{self, UnitToken};
use futures::StreamExt;
use serde_json::json;
use tokio::process::{Child, Command};
use unit::stamp::Stamp;
use uuid::Uuid;

use super::paper::rebuild;
use super::{Bench, CROWD, Row};
use crate::demo::{configuration, processes};

/// Dossiers of one day while memory is watched, just below the four digits of a day's register.
const A_DAY: usize = 9_000;

/// Days while memory is watched; a service keeps 8,192 dossiers at hand.
const DAYS: usize = 5;

/// Measures commands, memory, and the reading of the journal that they left.
pub(super) async fn commands(
    bench: &Bench,
    scratch: &Path,
) -> anyhow::Result<(Vec<Row>, Vec<Memory>)> {
    const UNIT: &str = "H33-27-01";
    let program = find_or_install(&bench.dir)?;
    let broker = Broker::start(BrokerConfig::new(program, scratch.join("broker"))).await?;
    let layout = configuration::Layout::under(scratch, &bench.deploy, &broker.url());
    layout.make_keys(&[UNIT.to_owned()])?;
    // Days named in commands: where time is real, none but today's could be taken in.
    let begins = parse_moment("2018-03-01T08:00:00+07:00")?;
    let config = layout.service("motcua-commune", &[UNIT.to_owned()], Some(begins))?;
    let binary = processes::binaries()?.join("motcua-commune");
    let mut service = Command::new(&binary)
        .arg("--config")
        .arg(&config)
        .stderr(File::create(scratch.join("commune.log"))?)
        .kill_on_drop(true)
        .spawn()
        .with_context(|| {
            format!(
                "starting {}: build it with `cargo build --release --workspace`",
                binary.display()
            )
        })?;
    let connection = connect(
        &broker.url(),
        "bench",
        Patience::Within(Duration::from_secs(5)),
    )
    .await?;
    ready(&connection, UNIT, &mut service).await?;
    let mut rows = Vec::new();
    for (what, callers, count) in [
        ("warm-up", 1, 50),
        ("durable command, 1 caller", 1, 1_000),
        ("durable command, 64 callers", CROWD, 6_000),
    ] {
        let row = receive(&connection, UNIT, what, callers, count, None).await?;
        if what != "warm-up" {
            rows.push(row);
        }
    }
    let memory = memory(&connection, UNIT, &service).await?;
    service.kill().await.context("ending the commune")?;
    rows.push(rebuild(
        &scratch.join("data").join(UNIT).join("journal"),
        UNIT,
    )?);
    Ok((rows, memory))
}

async fn ready(connection: &Connection, unit: &str, service: &mut Child) -> anyhow::Result<()> {
    let subject = subject::command(&UnitToken::parse(unit)?, "worklist")?;
    let question = json!({ "id": Uuid::nil(), "officer": "bench", "data": {} }).to_string();
    for _ in 0..200 {
        if connection
            .client
            .request(subject.clone(), question.clone().into())
            .await
            .is_ok()
        {
            return Ok(());
        }
        if let Some(status) = service.try_wait()? {
            anyhow::bail!("the commune's service ended ({status}) before it was ready");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    anyhow::bail!("the commune's service was not ready within 10 s")
}

/// Takes dossiers in over NATS: key kept, three events journalled, answered after the disk.
async fn receive(
    connection: &Connection,
    unit: &str,
    what: &'static str,
    callers: usize,
    count: usize,
    at: Option<Moment>,
) -> anyhow::Result<Row> {
    let subject = subject::command(&UnitToken::parse(unit)?, "receive")?;
    let mut stamp = Stamp::machine();
    let messages: Vec<Bytes> = (0..count)
        .map(|_| {
            let data = json!({
                "procedure": "2.000815", "channel": "direct", "at_once": true,
                "papers": [{ "paper": 1, "verdict": "original" }],
                "applicant": { "name": "Người dân thử máy" },
            });
            json!({ "id": stamp.id(), "officer": "bench", "at": at, "data": data })
                .to_string()
                .into()
        })
        .collect();
    let start = Instant::now();
    let each = futures::stream::iter(messages.into_iter().map(|message| {
        let (client, subject) = (connection.client.clone(), subject.clone());
        async move {
            let one = Instant::now();
            let answer = client.request(subject, message).await?;
            let refused = answer
                .headers
                .is_some_and(|headers| headers.get("Nats-Service-Error").is_some());
            anyhow::ensure!(
                !refused,
                "refused: {}",
                String::from_utf8_lossy(&answer.payload)
            );
            Ok(one.elapsed())
        }
    }))
    .buffer_unordered(callers)
    .collect::<Vec<anyhow::Result<Duration>>>()
    .await;
    let took = start.elapsed();
    let mut each = each.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    each.sort_unstable();
    Ok(Row {
        what,
        count,
        took,
        each,
    })
}

/// Resident memory after a number of dossiers.
pub(super) struct Memory {
    pub(super) dossiers: usize,
    pub(super) resident_kib: u64,
}

/// Takes in far more dossiers than a service keeps at hand, a day's register at a time, and looks
/// at its memory after each.
async fn memory(
    connection: &Connection,
    unit: &str,
    service: &Child,
) -> anyhow::Result<Vec<Memory>> {
    let pid = service.id().context("the commune's service is gone")?;
    let mut after = Vec::new();
    for day in 1..=DAYS {
        let at = parse_moment(&format!("2018-03-{:02}T09:00:00+07:00", 4 + day))?;
        receive(connection, unit, "memory", CROWD, A_DAY, Some(at)).await?;
        after.push(Memory {
            dossiers: day * A_DAY,
            resident_kib: resident_kib(pid)?,
        });
    }
    Ok(after)
}

/// Resident memory of a process.
pub(super) fn resident_kib(pid: u32) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))
        .with_context(|| format!("reading the memory of process {pid}"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .context("no VmRSS in /proc")?;
    let number = line.trim().trim_end_matches(" kB").trim();
    number.parse().context("reading VmRSS")
}
