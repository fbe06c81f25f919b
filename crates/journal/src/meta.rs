//! What a journal says of itself: its layout, its unit, its epochs, and whether it was restored.

use std::path::Path;

use sled::Batch;
use uuid::Uuid;

use crate::epochs::Epoch;
use crate::open::{OpenError, Options};
use crate::record::{Fields, put_long};
use crate::recovery::Restored;
use crate::trees::{self, ReadError, Trees, contained};

const LAYOUT: &[u8] = b"motcua journal 2";
const RESTORED: &str = "restored";
/// The first epoch stands under `epoch`, each later one under this and its number.
const LATER_EPOCH: &[u8] = b"epoch/";

/// What a journal says of itself, apart from its layout and unit.
#[derive(Debug)]
pub(crate) struct Meta {
    pub(crate) epochs: Vec<Epoch>,
    pub(crate) restored: Option<Restored>,
}

/// Checks whose journal this is and reads the rest; writes it down when the journal is new.
pub(crate) fn identify(
    dir: &Path,
    options: &Options,
    trees: &Trees,
    new: bool,
) -> Result<Meta, OpenError> {
    let storage = |source| OpenError::Storage {
        dir: dir.to_owned(),
        source,
    };
    let contradiction = |what: &str| OpenError::Contradiction {
        dir: dir.to_owned(),
        what: what.to_owned(),
    };
    let read = |key: &str| {
        contained(format_args!("what the journal is"), || trees.meta.get(key)).map_err(storage)
    };
    let Some(layout) = read("layout")? else {
        if !new {
            return Err(contradiction(
                "it has acknowledged entries but does not say whose it is",
            ));
        }
        if trees::end_of(&trees.log, "the log", 0).map_err(storage)? > 0 {
            return Err(contradiction("it has entries but does not say whose it is"));
        }
        let mut batch = Batch::default();
        batch.insert("layout", LAYOUT);
        batch.insert("unit", options.unit.as_bytes());
        batch.insert("epoch", options.new_epoch.as_bytes());
        write(trees, batch).map_err(storage)?;
        return Ok(Meta {
            epochs: vec![Epoch::first(options.new_epoch)],
            restored: None,
        });
    };
    if layout != LAYOUT {
        let found = String::from_utf8_lossy(&layout).into_owned();
        return Err(OpenError::WrongLayout {
            dir: dir.to_owned(),
            found,
        });
    }
    let unit = read("unit")?.ok_or_else(|| contradiction("it does not say whose it is"))?;
    if unit != options.unit.as_bytes() {
        return Err(OpenError::WrongUnit {
            dir: dir.to_owned(),
            expected: options.unit.clone(),
            found: String::from_utf8_lossy(&unit).into_owned(),
        });
    }
    let epoch = read("epoch")?.ok_or_else(|| contradiction("it does not say its epoch"))?;
    let epoch = Uuid::from_slice(&epoch).map_err(|_| contradiction("its epoch is not an id"))?;
    let mut epochs = vec![Epoch::first(epoch)];
    let later = contained(format_args!("the epochs"), || {
        trees
            .meta
            .scan_prefix(LATER_EPOCH)
            .values()
            .collect::<sled::Result<Vec<_>>>()
    })
    .map_err(storage)?;
    for record in later {
        let epoch = Epoch::read(&record).ok_or_else(|| contradiction("an epoch is unreadable"))?;
        epochs.push(epoch);
    }
    let restored = match read(RESTORED)? {
        Some(record) => Some(
            read_restored(&record)
                .ok_or_else(|| contradiction("what it was restored from is unreadable"))?,
        ),
        None => None,
    };
    Ok(Meta { epochs, restored })
}

/// Adds epoch `number`, counted from 0; the first one is there from the creation on.
pub(crate) fn put_epoch(batch: &mut Batch, number: usize, epoch: &Epoch) {
    let mut key = LATER_EPOCH.to_vec();
    key.extend_from_slice(&(number as u64).to_be_bytes());
    batch.insert(key, epoch.write());
}

/// Marks the journal as restored.
pub(crate) fn put_restored(batch: &mut Batch, restored: &Restored) {
    let mut record = restored.entries.to_be_bytes().to_vec();
    for text in [&restored.at, &restored.by, &restored.reason] {
        put_long(&mut record, text.len());
        record.extend_from_slice(text.as_bytes());
    }
    batch.insert(RESTORED, record);
}

/// Takes the mark of a restored journal away.
pub(crate) fn remove_restored(batch: &mut Batch) {
    batch.remove(RESTORED);
}

fn read_restored(record: &[u8]) -> Option<Restored> {
    let mut fields = Fields::of(record);
    Some(Restored {
        entries: fields.number()?,
        at: fields.long_text()?,
        by: fields.long_text()?,
        reason: fields.long_text()?,
    })
}

/// Writes all of `batch` or none of it. Not yet durable afterwards.
pub(crate) fn write(trees: &Trees, batch: Batch) -> Result<(), ReadError> {
    contained(format_args!("what the journal is"), || {
        trees.meta.apply_batch(batch)
    })
}
