//! One month's file of wrapped keys.
//!
//! A line is always 134 bytes: the key id, a space, the wrapped key in base64url, a newline. So
//! a line is found by its number, and an index of a month costs 24 bytes a key and no secrets. A
//! destroyed key leaves its line with dots where the wrapped key was.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Datelike};
use uuid::Uuid;

use crate::error::{VaultError, file, stop};
use crate::wrapping::sync_dir;

const ID_BYTES: usize = 36;
const WRAPPED_BYTES: usize = 96;
/// What stands where a destroyed key stood; no letter of base64url.
const BLANK: u8 = b'.';
pub(crate) const LINE_BYTES: usize = ID_BYTES + 1 + WRAPPED_BYTES + 1;
/// A crash cuts short at most one group of keys, which is well below this.
const TORN_BYTES_MAX: u64 = 64 * 1024;

/// An open month.
pub(crate) struct Shard {
    pub(crate) path: PathBuf,
    pub(crate) file: Arc<File>,
    /// The number of each key's line, from 0.
    pub(crate) lines: BTreeMap<Uuid, u64>,
    /// How many lines there are.
    pub(crate) count: u64,
}

/// The file a key belongs in, by the time in its id: no clock is asked, and a key is looked for
/// where it was put. UTC, since no month of anybody's is meant.
pub(crate) fn path_of(shards: &Path, key: Uuid) -> Result<PathBuf, VaultError> {
    let seconds = (key.get_version_num() == 7)
        .then(|| key.get_timestamp())
        .flatten()
        .and_then(|time| i64::try_from(time.to_unix().0).ok())
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    let month = seconds.ok_or(VaultError::NotV7 { key })?;
    Ok(shards.join(format!("{:04}-{:02}.keys", month.year(), month.month())))
}

/// The line of one key.
pub(crate) fn line(key: Uuid, wrapped: &str) -> String {
    format!("{key} {wrapped}\n")
}

impl Shard {
    /// Opens a month's file and reads which key is on which line; `None` when there is none.
    /// Bytes after the last whole line are the writer's, on their way, and not counted yet.
    pub(crate) fn open(path: &Path) -> Result<Option<Shard>, VaultError> {
        let opened = match OpenOptions::new().read(true).write(true).open(path) {
            Ok(opened) => opened,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(file("open", path)(error)),
        };
        let bytes = std::fs::read(path).map_err(file("read", path))?;
        let mut lines = BTreeMap::new();
        let mut count = 0;
        for line in bytes.chunks_exact(LINE_BYTES) {
            let (id, _) = parse(line).ok_or_else(|| damaged(path, count, "is no key line"))?;
            if lines.insert(id, count).is_some() {
                return Err(damaged(path, count, "repeats a key id"));
            }
            count += 1;
        }
        Ok(Some(Shard {
            path: path.to_owned(),
            file: Arc::new(opened),
            lines,
            count,
        }))
    }

    /// Writes dots over the wrapped key on the line of `key`, if it has one, and syncs them.
    pub(crate) fn blank(&self, key: Uuid) -> std::io::Result<()> {
        let Some(&number) = self.lines.get(&key) else {
            return Ok(());
        };
        let at = number * LINE_BYTES as u64 + ID_BYTES as u64 + 1;
        self.file.write_all_at(&[BLANK; WRAPPED_BYTES], at)?;
        self.file.sync_data()
    }

    /// The wrapped key on the line of `key`.
    pub(crate) fn wrapped(&self, key: Uuid) -> Result<Option<String>, VaultError> {
        let Some(&number) = self.lines.get(&key) else {
            return Ok(None);
        };
        let mut line = [0; LINE_BYTES];
        self.file
            .read_exact_at(&mut line, number * LINE_BYTES as u64)
            .map_err(file("read", &self.path))?;
        match parse(&line) {
            Some((id, wrapped)) if id == key => Ok(Some(wrapped.to_owned())),
            _ => Err(self.damaged(key, "has changed since it was read")),
        }
    }

    /// The complaint about the line of `key`.
    pub(crate) fn damaged(&self, key: Uuid, fault: &'static str) -> VaultError {
        damaged(
            &self.path,
            self.lines.get(&key).copied().unwrap_or(self.count),
            fault,
        )
    }
}

/// Makes a month's file, empty and durable, unless it exists.
pub(crate) fn create(path: &Path) -> Result<(), VaultError> {
    match OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
    {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(()),
        Err(error) => return Err(file("create", path)(error)),
    }
    if let Some(dir) = path.parent()
        && let Err(error) = sync_dir(dir)
    {
        stop(path, &error);
    }
    Ok(())
}

/// Brings a file of lines that are all `line_bytes` long into order after a crash: removes what
/// stands after the last newline, which was never acknowledged, and syncs the rest, which may never
/// have been.
pub(crate) fn settle(path: &Path, line_bytes: u64) -> Result<(), VaultError> {
    let opened = OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .map_err(file("open", path))?;
    let size = opened.metadata().map_err(file("look at", path))?.len();
    let from = size.saturating_sub(TORN_BYTES_MAX);
    let mut tail = vec![0; usize::try_from(size - from).unwrap_or(0)];
    opened
        .read_exact_at(&mut tail, from)
        .map_err(file("read", path))?;
    let whole = match tail.iter().rposition(|byte| *byte == b'\n') {
        Some(newline) => from + newline as u64 + 1,
        None if from == 0 => 0,
        None => {
            return Err(damaged(
                path,
                from / line_bytes,
                "and what follows is no text",
            ));
        }
    };
    if whole % line_bytes != 0 {
        return Err(damaged(
            path,
            whole / line_bytes,
            "or one before it lost its length",
        ));
    }
    if whole < size {
        tracing::warn!(path = %path.display(), bytes = size - whole, "removed a torn last line");
        opened.set_len(whole).map_err(file("shorten", path))?;
    }
    opened.sync_all().map_err(file("sync", path))
}

fn parse(line: &[u8]) -> Option<(Uuid, &str)> {
    let text = std::str::from_utf8(line).ok()?.strip_suffix('\n')?;
    let (id, wrapped) = text.split_once(' ')?;
    let base64 = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let form = wrapped.bytes().all(base64) || is_blank(wrapped);
    let whole = id.len() == ID_BYTES && wrapped.len() == WRAPPED_BYTES && form;
    whole
        .then(|| Uuid::try_parse(id).ok())
        .flatten()
        .map(|id| (id, wrapped))
}

/// Whether the key that stood here was destroyed.
pub(crate) fn is_blank(wrapped: &str) -> bool {
    wrapped.bytes().all(|byte| byte == BLANK)
}

/// Finishes what a crash interrupted: in the file `path`, writes dots over the wrapped keys of
/// `destroyed`, however far that had come. Lines are found by their id alone, since a line that was
/// being overwritten is no key line.
pub(crate) fn finish(path: &Path, destroyed: &[Uuid]) -> Result<(), VaultError> {
    let opened = match OpenOptions::new().write(true).open(path) {
        Ok(opened) => opened,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(file("open", path)(error)),
    };
    let bytes = std::fs::read(path).map_err(file("read", path))?;
    let ids: BTreeSet<String> = destroyed.iter().map(Uuid::to_string).collect();
    for (number, line) in (0u64..).zip(bytes.chunks_exact(LINE_BYTES)) {
        let (id, rest) = line.split_at(ID_BYTES);
        let named = std::str::from_utf8(id).is_ok_and(|id| ids.contains(id));
        let wrapped = &rest[1..=WRAPPED_BYTES];
        if named && wrapped.iter().any(|byte| *byte != BLANK) {
            let at = number * LINE_BYTES as u64 + ID_BYTES as u64 + 1;
            opened
                .write_all_at(&[BLANK; WRAPPED_BYTES], at)
                .map_err(file("overwrite a key in", path))?;
        }
    }
    // Also what was overwritten before the crash may not have been synced.
    opened.sync_all().map_err(file("sync", path))
}

pub(crate) fn damaged(path: &Path, number: u64, fault: &'static str) -> VaultError {
    VaultError::Damaged {
        path: path.to_owned(),
        line: number + 1,
        fault,
    }
}
