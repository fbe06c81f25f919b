//! `motcua bench verify`: how fast a large journal is checked, beside what hashing and checking
//! signatures cost on this machine by themselves, on one core and on two.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

use anyhow::{Context, anyhow, ensure};
use clap::Args;
use comfy_table::{CellAlignment, Table};
use envelope::{KeyRegister, PublicKeys, Signed, UnitKey, tree};
use journal::{Group, Journal, NewEntry, Options, Origin};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;
use rand::rngs::OsRng;
use serde_json::json;
use serde_json::value::to_raw_value;
use unit::stamp::Stamp;
use uuid::Uuid;

use super::EVENT_BYTES;
use super::paper::sample_event;
use super::service::resident_kib;
use crate::say;

const UNIT: &str = "BENCH";
/// Events that are hashed and checked by themselves: enough to measure, few enough to hold.
const SAMPLE: usize = 20_000;
/// Signatures in a batch, as `verify` takes them.
const BATCH: usize = 256;
/// Events appended at once.
const GROUP: u64 = 500;
/// After so many entries it is said how far it is.
const STEP: u64 = 100_000;

/// Verify a large journal, beside the limits of hash and signature.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// How many events the journal has; a million take about 3 GiB on the disk while it runs.
    #[arg(long, default_value_t = 1_000_000)]
    events: u64,
    /// Where the journal is made; it is removed afterwards.
    #[arg(long, default_value = "target")]
    dir: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What was done on a number of cores.
struct Row {
    what: &'static str,
    cores: usize,
    events: u64,
    bytes: u64,
    seconds: f64,
}

impl Verify {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        ensure!(self.events > 0, "--events must be at least 1");
        std::fs::create_dir_all(&self.dir)
            .with_context(|| format!("creating {}", self.dir.display()))?;
        let scratch = tempfile::Builder::new()
            .prefix("motcua-bench-")
            .tempdir_in(&self.dir)?;
        let dir = scratch.path().join(UNIT);
        let key = UnitKey::generate(&mut OsRng);
        let mut keys = KeyRegister::new();
        keys.insert(&PublicKeys::new(UNIT, key.public(), [9; 32]))?;
        let sample = crate::runtime()?.block_on(written(&dir, &key, self.events))?;
        let mut rows = Vec::new();
        let mut resident = 0;
        let there = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        for cores in [1, 2].into_iter().filter(|cores| *cores <= there) {
            let round = || -> anyhow::Result<Vec<Row>> {
                stay_on(cores)?;
                let (mut verified, peak) = journal_verified(&dir, &keys, cores)?;
                verified.bytes = self.events * bytes(&sample) / sample.len() as u64;
                resident = resident.max(peak);
                let mut rows = vec![verified];
                rows.extend(limits(&sample, &keys, cores)?);
                Ok(rows)
            };
            let done = thread::scope(|scope| scope.spawn(round).join());
            rows.extend(done.map_err(|_| anyhow!("a round ended in a panic"))??);
        }
        self.tell(&rows, resident)?;
        Ok(ExitCode::SUCCESS)
    }

    fn tell(&self, rows: &[Row], resident_kib: u64) -> anyhow::Result<()> {
        if self.json {
            let rows: Vec<_> = rows
                .iter()
                .map(|row| {
                    json!({
                        "what": row.what, "cores": row.cores, "events": row.events,
                        "seconds": row.seconds, "per_second": row.per_second().round(),
                        "mib_per_second": row.mib_per_second().round(),
                    })
                })
                .collect();
            let told = json!({ "rows": rows, "resident_kib": resident_kib });
            return say(format_args!("{}", serde_json::to_string_pretty(&told)?));
        }
        let mut table = Table::new();
        table.set_header(["what", "cores", "events", "seconds", "events/s", "MiB/s"]);
        for row in rows {
            table.add_row([
                row.what.to_owned(),
                row.cores.to_string(),
                row.events.to_string(),
                format!("{:.2}", row.seconds),
                format!("{:.0}", row.per_second()),
                format!("{:.0}", row.mib_per_second()),
            ]);
        }
        for column in 1..6 {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        say(format_args!("{table}"))?;
        say(format_args!(
            "resident memory while verifying: at most {} MiB",
            resident_kib / 1024
        ))
    }
}

impl Row {
    fn per_second(&self) -> f64 {
        self.events as f64 / self.seconds
    }

    fn mib_per_second(&self) -> f64 {
        self.bytes as f64 / f64::from(1 << 20) / self.seconds
    }
}

/// Writes the journal; gives the first events of it.
async fn written(dir: &Path, key: &UnitKey, events: u64) -> anyhow::Result<Vec<Signed>> {
    let mut stamp = Stamp::machine();
    let epoch = stamp.id();
    let journal = Journal::open(dir, Options::new(UNIT, epoch))?;
    let data = to_raw_value(&"x".repeat(EVENT_BYTES - 500))?;
    let mut sample = Vec::new();
    let mut sequence = 0;
    let mut waiting = None;
    while sequence < events {
        let mut entries = Vec::new();
        for _ in 0..GROUP.min(events - sequence) {
            sequence += 1;
            let signed = sample_event(&mut stamp, key, UNIT, epoch, sequence, &data)?;
            if sample.len() < SAMPLE {
                sample.push(signed.clone());
            }
            entries.push(NewEntry {
                origin: Origin::Own,
                signed,
                deliveries: Vec::new(),
            });
        }
        let group = Group {
            entries,
            ..Group::default()
        };
        // One group is signed while the one before becomes durable.
        if let Some(before) = waiting.replace(journal.append(group).await) {
            before.await?;
        }
        progress("written", sequence);
    }
    if let Some(last) = waiting {
        last.await?;
    }
    Ok(sample)
}

/// Keeps this thread, and those that it starts, on so many of the cores that it may use.
fn stay_on(cores: usize) -> anyhow::Result<()> {
    let here = Pid::from_raw(0);
    let may = sched_getaffinity(here).context("asking for the cores of this process")?;
    let mut few = CpuSet::new();
    let mut taken = 0;
    for core in 0..CpuSet::count() {
        if taken < cores && may.is_set(core)? {
            few.set(core)?;
            taken += 1;
        }
    }
    sched_setaffinity(here, &few).context("staying on few cores")
}

/// Verifies the whole journal; also the most memory that was seen meanwhile, in KiB.
fn journal_verified(dir: &Path, keys: &KeyRegister, cores: usize) -> anyhow::Result<(Row, u64)> {
    let journal = Journal::open(dir, Options::new(UNIT, Uuid::nil()))?;
    let mut resident = 0;
    let start = Instant::now();
    let report = journal.verify(Some(keys), &mut |entries| {
        if entries.is_multiple_of(STEP) {
            resident = resident.max(resident_kib(std::process::id()).unwrap_or_default());
        }
        progress("verified", entries);
    })?;
    let seconds = start.elapsed().as_secs_f64();
    ensure!(report.faults.is_empty(), "{:?}", report.faults.first());
    let row = Row {
        what: "journal verify",
        cores,
        events: report.entries,
        bytes: 0,
        seconds,
    };
    Ok((row, resident))
}

/// Judges a part of the events; false when one is not good.
type Work<'a> = dyn Fn(&[Signed]) -> bool + Sync + 'a;

/// What cannot be gone below: hashing the same bytes, and checking their signatures.
fn limits(sample: &[Signed], keys: &KeyRegister, cores: usize) -> anyhow::Result<Vec<Row>> {
    let work: [(&'static str, &Work<'_>); 3] = [
        ("SHA-256 of the leaves alone", &|part| {
            part.iter().all(|s| tree::leaf_hash(&s.bytes) != [0; 32])
        }),
        ("Ed25519 alone, singly", &|part| {
            part.iter().all(|signed| keys.verify(signed).is_ok())
        }),
        ("Ed25519 alone, in batches", &|part| {
            part.chunks(BATCH).all(|batch| {
                let batch: Vec<&Signed> = batch.iter().collect();
                keys.verify_batch(&batch).iter().all(Result::is_ok)
            })
        }),
    ];
    let mut rows = Vec::new();
    for (what, work) in work {
        let start = Instant::now();
        let all = thread::scope(|scope| {
            let parts = sample.chunks(sample.len().div_ceil(cores));
            let running: Vec<_> = parts.map(|part| scope.spawn(move || work(part))).collect();
            running.into_iter().all(|part| part.join().unwrap_or(false))
        });
        let seconds = start.elapsed().as_secs_f64();
        ensure!(all, "{what}: an event did not verify");
        rows.push(Row {
            what,
            cores,
            events: sample.len() as u64,
            bytes: bytes(sample),
            seconds,
        });
    }
    Ok(rows)
}

fn bytes(events: &[Signed]) -> u64 {
    events.iter().map(|signed| signed.bytes.len() as u64).sum()
}

fn progress(what: &str, entries: u64) {
    if entries > 0 && entries.is_multiple_of(STEP) {
        eprintln!("{what}: {entries} entries …");
    }
}
