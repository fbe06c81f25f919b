//! `motcua bench`: what this machine gives, with the disk's own limit beside it.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use bytes::Bytes;
use clap::Args;
use comfy_table::{CellAlignment, Table};
use dossier::dossier::{Dossier, Told};
use dossier::ids::{DossierCode, UnitId};
use dossier::wire;
use envelope::{Draft, Event, Signed, UnitKey};
use exchange::broker::{Broker, BrokerConfig, find_or_install};
use exchange::connect::{Connection, Patience, connect};
use exchange::subject::{self, UnitToken};
use futures::StreamExt;
use journal::{Group, Journal, NewEntry, Options, Origin};
use rand::rngs::OsRng;
use serde_json::json;
use serde_json::value::to_raw_value;
use tokio::process::{Child, Command};
use unit::stamp::Stamp;
use uuid::Uuid;

use crate::demo::{configuration, processes};

/// Bytes of a typical event; the raw disk is measured with the same.
const EVENT_BYTES: usize = 900;
/// Callers at once in the crowded rounds.
const CROWD: usize = 64;

/// Measure this machine.
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// Directory with the registers and profiles.
    #[arg(long, default_value = "deploy")]
    deploy: PathBuf,
    /// Where to measure; the disk that the journals will live on.
    #[arg(long, default_value = "target")]
    dir: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// One row: what was done, how often a second, and how long one took.
struct Row {
    what: &'static str,
    count: usize,
    took: Duration,
    each: Vec<Duration>,
}

impl Row {
    fn per_second(&self) -> f64 {
        self.count as f64 / self.took.as_secs_f64()
    }

    fn percentile(&self, hundredth: usize) -> Option<Duration> {
        let last = self.each.len().checked_sub(1)?;
        self.each.get(last * hundredth / 100).copied()
    }
}

impl Bench {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        crate::runtime()?.block_on(self.measure())
    }

    async fn measure(self) -> anyhow::Result<ExitCode> {
        std::fs::create_dir_all(&self.dir)
            .with_context(|| format!("creating {}", self.dir.display()))?;
        let scratch = tempfile::Builder::new()
            .prefix("motcua-bench-")
            .tempdir_in(&self.dir)?;
        let mut rows = vec![disk(scratch.path())?];
        rows.push(
            append(
                "journal append, 1 caller",
                &scratch.path().join("one"),
                1,
                2_000,
            )
            .await?,
        );
        rows.push(
            append(
                "journal append, 64 callers",
                &scratch.path().join("many"),
                CROWD,
                50_000,
            )
            .await?,
        );
        rows.extend(self.commands(scratch.path()).await?);
        rows.push(disk(scratch.path())?);
        if self.json {
            let rows: Vec<_> = rows
                .iter()
                .map(|row| {
                    let micros = |hundredth| row.percentile(hundredth).map(|took| took.as_micros() as u64);
                    json!({ "what": row.what, "count": row.count, "per_second": row.per_second().round(), "p50_us": micros(50), "p99_us": micros(99) })
                })
                .collect();
            println!("{}", serde_json::to_string_pretty(&rows)?);
            return Ok(ExitCode::SUCCESS);
        }
        let mut table = Table::new();
        table.set_header(["what", "count", "per second", "p50", "p99"]);
        for row in &rows {
            let shown = |hundredth| {
                row.percentile(hundredth).map_or_else(String::new, |took| {
                    format!("{:.2} ms", took.as_secs_f64() * 1e3)
                })
            };
            table.add_row([
                row.what.to_owned(),
                row.count.to_string(),
                format!("{:.0}", row.per_second()),
                shown(50),
                shown(99),
            ]);
        }
        for column in 1..5 {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        println!("{table}");
        Ok(ExitCode::SUCCESS)
    }

    async fn commands(&self, scratch: &Path) -> anyhow::Result<Vec<Row>> {
        const UNIT: &str = "H33-27-01";
        let program = find_or_install(&self.dir)?;
        let broker = Broker::start(BrokerConfig::new(program, scratch.join("broker"))).await?;
        let layout = configuration::Layout::under(scratch, &self.deploy, &broker.url());
        layout.make_keys(&[UNIT.to_owned()])?;
        let config = layout.service("motcua-commune", &[UNIT.to_owned()], None)?;
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
            let row = receive(&connection, UNIT, what, callers, count).await?;
            if what != "warm-up" {
                rows.push(row);
            }
        }
        service.kill().await.context("ending the commune")?;
        rows.push(rebuild(
            &scratch.join("data").join(UNIT).join("journal"),
            UNIT,
        )?);
        Ok(rows)
    }
}

/// The raw limit: as many bytes as an event, and one fdatasync each.
fn disk(dir: &Path) -> anyhow::Result<Row> {
    let count = 500;
    let mut file = File::create(dir.join("raw"))?;
    let bytes = [7; EVENT_BYTES];
    timed("write + fdatasync, 1 caller", count, |_| {
        file.write_all(&bytes)?;
        Ok(file.sync_data()?)
    })
}

fn timed(
    what: &'static str,
    count: usize,
    mut once: impl FnMut(usize) -> anyhow::Result<()>,
) -> anyhow::Result<Row> {
    let mut each = Vec::with_capacity(count);
    let start = Instant::now();
    for number in 0..count {
        let one = Instant::now();
        once(number)?;
        each.push(one.elapsed());
    }
    each.sort_unstable();
    Ok(Row {
        what,
        count,
        took: start.elapsed(),
        each,
    })
}

/// Signs and appends events, `callers` at a time; each waits until its own is durable.
async fn append(
    what: &'static str,
    dir: &Path,
    callers: usize,
    count: usize,
) -> anyhow::Result<Row> {
    let mut stamp = Stamp::machine();
    let epoch = stamp.id();
    let journal = Journal::open(dir, Options::new("BENCH", epoch))?;
    let key = UnitKey::generate(&mut OsRng);
    let data = to_raw_value(&"x".repeat(EVENT_BYTES - 500))?;
    let start = Instant::now();
    let mut waiting = futures::stream::FuturesOrdered::new();
    let mut each = Vec::with_capacity(count);
    for number in 0..count {
        if waiting.len() == callers
            && let Some(done) = waiting.next().await
        {
            each.push(done?);
        }
        let one = Instant::now();
        let now = stamp.now();
        let bytes = Draft {
            id: stamp.id(),
            unit: "BENCH",
            kind: "vn.motcua.bench.written.v1",
            subject: &format!("bench-{}", number / 10),
            time: now,
            recorded: now,
            epoch,
            sequence: number as u64 + 1,
            causation: None,
            parents: &[],
            schema: "urn:motcua:schema:events:bench.written.v1",
            simulated: true,
            traceparent: None,
            data: &data,
        }
        .write()?;
        let signed = Signed {
            signature: key.sign_event(&bytes),
            key: key.id(),
            bytes: Bytes::from(bytes),
        };
        let entries = vec![NewEntry {
            origin: Origin::Own,
            signed,
            deliveries: Vec::new(),
        }];
        let receipt = journal
            .append(Group {
                entries,
                ..Group::default()
            })
            .await;
        waiting.push_back(async move { receipt.await.map(|_| one.elapsed()) });
    }
    while let Some(done) = waiting.next().await {
        each.push(done?);
    }
    let took = start.elapsed();
    each.sort_unstable();
    Ok(Row {
        what,
        count,
        took,
        each,
    })
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
            json!({ "id": stamp.id(), "officer": "bench", "data": data })
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

/// Reads a journal from its first entry and folds every dossier.
fn rebuild(dir: &Path, unit: &str) -> anyhow::Result<Row> {
    let journal = Journal::open(dir, Options::new(unit, Uuid::nil()))?;
    let home = UnitId::parse(unit)?;
    let start = Instant::now();
    let mut dossiers = std::collections::BTreeMap::new();
    let mut count = 0;
    for entry in journal.scan(0) {
        let entry = entry?;
        let event = Event::read(&entry.signed.bytes)?;
        let Some(fact) = wire::read(event.kind, event.data)? else {
            continue;
        };
        let code = DossierCode::parse(&event.subject)?;
        let dossier = dossiers
            .entry(code)
            .or_insert_with_key(|code| Dossier::at(code.clone(), home.clone()));
        dossier.evolve(
            &Told {
                id: event.id,
                by: &home,
                at: event.time,
                parents: &event.parents,
            },
            &fact,
        );
        count += 1;
    }
    Ok(Row {
        what: "rebuild from the journal (events)",
        count,
        took: start.elapsed(),
        each: Vec::new(),
    })
}
