//! Notes of others in files: `<unit>.<epoch>.note` is the latest one, and where a unit contradicted
//! itself `<unit>.<epoch>.first.note` and `<unit>.<epoch>.second.note`. Each file is a signed note as
//! any tool for transparency logs reads it, so an auditor takes them away as they are.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use envelope::KeyRegister;
use envelope::note::{self, NOTE_BYTES_MAX};
use tempfile::NamedTempFile;

use crate::compare::{Kept, Seen};

const LATEST: &str = "note";
const FIRST: &str = "first.note";
const SECOND: &str = "second.note";

/// What was done with a file failed.
#[derive(Debug, thiserror::Error)]
#[error(
    "the notes of others under {path} cannot be {what}: {source}; mend the directory's rights or its disk"
)]
pub struct ShelfError {
    path: PathBuf,
    what: &'static str,
    #[source]
    source: io::Error,
}

/// The directory. All of it blocks.
#[derive(Debug)]
pub struct Shelf {
    dir: PathBuf,
}

impl Shelf {
    /// Opens the directory, making it if there is none, and reads what is in it. A note that cannot
    /// be believed under `keys` is put aside under another name and said.
    ///
    /// # Errors
    /// [`ShelfError`] when the directory or a file cannot be read.
    pub fn open(dir: &Path, keys: &KeyRegister) -> Result<(Shelf, Kept), ShelfError> {
        let shelf = Shelf {
            dir: dir.to_owned(),
        };
        let read = || -> io::Result<Kept> {
            fs::create_dir_all(dir)?;
            let (mut heads, mut contradicted) = (Vec::new(), Vec::new());
            for file in fs::read_dir(dir)? {
                let path = file?.path();
                let name = path.file_name().and_then(|name| name.to_str());
                let kind = name.and_then(|name| name.splitn(3, '.').nth(2));
                if kind == Some(LATEST) {
                    heads.extend(read_note(&path, keys)?);
                } else if kind == Some(FIRST) {
                    let second = read_note(&path.with_extension("").with_extension(SECOND), keys)?;
                    contradicted.extend(read_note(&path, keys)?.zip(second));
                }
            }
            Ok(Kept::of(heads, contradicted))
        };
        let kept = read().map_err(|source| shelf.failed("read", source))?;
        Ok((shelf, kept))
    }

    /// Keeps the latest note of its log in the place of the one before. After a power cut it may be
    /// the one before again, never half of one.
    ///
    /// # Errors
    /// [`ShelfError`]; the one before stays.
    pub fn keep(&self, seen: &Seen) -> Result<(), ShelfError> {
        self.write(seen, LATEST)
    }

    /// Keeps both notes, durably.
    ///
    /// # Errors
    /// [`ShelfError`]; then it is not known afterwards that there were two.
    pub fn contradict(&self, first: &Seen, second: &Seen) -> Result<(), ShelfError> {
        self.write(second, SECOND)?;
        self.write(first, FIRST)?;
        let sync = File::open(&self.dir).and_then(|dir| dir.sync_all());
        sync.map_err(|source| self.failed("written", source))
    }

    fn write(&self, seen: &Seen, kind: &str) -> Result<(), ShelfError> {
        let name = format!("{}.{}.{kind}", seen.head.unit, seen.head.epoch);
        let write = || -> io::Result<()> {
            let mut file = NamedTempFile::new_in(&self.dir)?;
            file.write_all(seen.note.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(self.dir.join(name))?;
            Ok(())
        };
        write().map_err(|source| self.failed("written", source))
    }

    fn failed(&self, what: &'static str, source: io::Error) -> ShelfError {
        ShelfError {
            path: self.dir.clone(),
            what,
            source,
        }
    }
}

/// The note in a file; none when there is no such file, or nothing to be believed in it.
fn read_note(path: &Path, keys: &KeyRegister) -> io::Result<Option<Seen>> {
    let size = match fs::metadata(path) {
        Ok(about) => about.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let too_large = size > NOTE_BYTES_MAX as u64;
    let bytes = if too_large {
        Vec::new()
    } else {
        fs::read(path)?
    };
    let read = note::read_kept_head(&bytes, keys).map_err(|error| error.to_string());
    let note = String::from_utf8(bytes).map_err(|error| error.to_string());
    match read.and_then(|head| Ok(Seen { head, note: note? })) {
        Ok(seen) => Ok(Some(seen)),
        Err(reason) => {
            let aside = path.with_extension("unreadable");
            let (path, put) = (path.display(), aside.display());
            tracing::error!(%path, %put, reason, "a kept note cannot be believed and is put aside");
            fs::rename(path.to_string(), &aside)?;
            Ok(None)
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use envelope::{PublicKeys, TreeHead, UnitKey};
    use uuid::Uuid;

    fn key() -> UnitKey {
        UnitKey::from_seed([7; 32])
    }

    fn keys() -> KeyRegister {
        let mut keys = KeyRegister::new();
        keys.insert(&PublicKeys::new("T01", key().public(), [9; 32]))
            .unwrap();
        keys
    }

    fn seen(epoch: u128, size: u64) -> Seen {
        let head = TreeHead {
            unit: "T01".into(),
            epoch: Uuid::from_u128(epoch),
            size,
            root: [3; 32],
        };
        let note = note::sign_head(&head, &key()).unwrap();
        Seen {
            note: String::from_utf8(note).unwrap(),
            head,
        }
    }

    #[test]
    fn the_latest_note_of_each_log_and_both_of_a_contradiction_are_there_again() {
        let dir = tempfile::tempdir().unwrap();
        let (shelf, _) = Shelf::open(&dir.path().join("heads"), &keys()).unwrap();
        for (epoch, size) in [(1, 5), (1, 8), (2, 6)] {
            shelf.keep(&seen(epoch, size)).unwrap();
        }
        shelf.contradict(&seen(1, 5), &seen(1, 4)).unwrap();
        let (_, kept) = Shelf::open(&dir.path().join("heads"), &keys()).unwrap();
        for seen in [seen(1, 8), seen(2, 6)] {
            assert_eq!(kept.head(&seen.log()), Some(&seen));
        }
        let found = kept.found();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].first.entries, found[0].second.entries), (5, 4));
        let name = format!("T01.{}.first.note", Uuid::from_u128(1));
        let file = fs::read_to_string(dir.path().join("heads").join(name)).unwrap();
        assert_eq!(file, seen(1, 5).note);
    }

    #[test]
    fn a_note_that_was_changed_on_disk_is_put_aside_and_not_believed() {
        let dir = tempfile::tempdir().unwrap();
        let (shelf, _) = Shelf::open(dir.path(), &keys()).unwrap();
        shelf.keep(&seen(1, 5)).unwrap();
        let file = dir.path().join(format!("T01.{}.note", Uuid::from_u128(1)));
        let changed = fs::read_to_string(&file).unwrap().replace("\n5\n", "\n4\n");
        fs::write(&file, changed).unwrap();
        let (_, kept) = Shelf::open(dir.path(), &keys()).unwrap();
        assert_eq!(kept.head(&seen(1, 5).log()), None);
        assert!(!file.exists() && file.with_extension("unreadable").exists());
    }
}
