//! The paper alone: the raw disk, the journal, and reading it back.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use bytes::Bytes;
use dossier::dossier::{Dossier, Told};
use dossier::ids::{DossierCode, UnitId};
use dossier::wire;
use envelope::{Draft, Event, Signed, UnitKey};
use futures::StreamExt;
use journal::{Group, Journal, NewEntry, Options, Origin};
use rand::rngs::OsRng;
use serde_json::value::{RawValue, to_raw_value};
use unit::stamp::Stamp;
use uuid::Uuid;

use super::{EVENT_BYTES, Row};

/// The raw limit: as many bytes as an event, and one fdatasync each.
pub(super) fn disk(dir: &Path) -> anyhow::Result<Row> {
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

/// The next event to measure with, signed; ten in a row are about the same thing.
pub(super) fn sample_event(
    stamp: &mut Stamp,
    key: &UnitKey,
    unit: &str,
    epoch: Uuid,
    sequence: u64,
    data: &RawValue,
) -> anyhow::Result<Signed> {
    let now = stamp.now();
    let bytes = Draft {
        id: stamp.id(),
        unit,
        kind: "vn.motcua.bench.written.v1",
        subject: &format!("bench-{}", (sequence - 1) / 10),
        time: now,
        recorded: now,
        epoch,
        sequence,
        causation: None,
        parents: &[],
        schema: "urn:motcua:schema:events:bench.written.v1",
        simulated: true,
        traceparent: None,
        data,
    }
    .write()?;
    Ok(Signed {
        signature: key.sign_event(&bytes),
        key: key.id(),
        bytes: Bytes::from(bytes),
    })
}

/// Signs and appends events, `callers` at a time; each waits until its own is durable.
pub(super) async fn append(
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
        let signed = sample_event(&mut stamp, &key, "BENCH", epoch, number as u64 + 1, &data)?;
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

/// Reads a journal from its first entry and folds every dossier.
pub(super) fn rebuild(dir: &Path, unit: &str) -> anyhow::Result<Row> {
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
