//! A unit's secret file: the seeds of its signing keys, oldest first, and of its sealing key. It is
//! replaced whole, so that a power cut leaves the one before or the one after.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use envelope::sign::nkey;
use envelope::{KeyId, SealingKey, UnitKey};
use rand::rngs::OsRng;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::IdentityError;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Secrets {
    unit: String,
    signing: String,
    sealing: String,
    /// Seeds that came after `signing`; which of them is in use, the journal says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    further: Vec<String>,
    /// Names of keys that were taken out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    former: Vec<KeyId>,
}

impl Drop for Secrets {
    fn drop(&mut self) {
        self.signing.zeroize();
        self.sealing.zeroize();
        self.further.zeroize();
    }
}

/// The signing keys of a unit as its file has them. Clones share them.
#[derive(Debug, Clone)]
pub struct Seeds(Arc<Mutex<Held>>);

#[derive(Debug)]
struct Held {
    path: PathBuf,
    unit: String,
    sealing: Zeroizing<[u8; 32]>,
    first: Arc<UnitKey>,
    further: Vec<Arc<UnitKey>>,
    former: Vec<KeyId>,
}

impl Seeds {
    /// A new file with one key.
    pub(super) fn create(
        path: PathBuf,
        unit: &str,
        signing: UnitKey,
        sealing: &SealingKey,
    ) -> Result<Seeds, IdentityError> {
        if let Some(dir) = path.parent() {
            fs::create_dir_all(dir).map_err(failed("making the directory of", &path))?;
        }
        let held = Held {
            path,
            unit: unit.to_owned(),
            sealing: sealing.seed(),
            first: Arc::new(signing),
            further: Vec::new(),
            former: Vec::new(),
        };
        held.write()?;
        Ok(Seeds(Arc::new(Mutex::new(held))))
    }

    /// What a file holds, which has to be that of `unit`.
    pub(super) fn read(path: PathBuf, unit: &str) -> Result<(Seeds, SealingKey), IdentityError> {
        let found = fs::metadata(&path).map_err(failed("looking at", &path))?;
        let mode = found.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(IdentityError::Mode { path, mode });
        }
        let bytes = Zeroizing::new(fs::read(&path).map_err(failed("reading", &path))?);
        let content = |why: String| IdentityError::Content {
            path: path.clone(),
            why,
        };
        let secrets: Secrets =
            serde_json::from_slice(&bytes).map_err(|error| content(error.to_string()))?;
        if secrets.unit != unit {
            let whose = &secrets.unit;
            return Err(content(format!("it belongs to {whose}, not to {unit}")));
        }
        let signing = |text: &String| {
            let seed = seed(text).or_else(|| nkey::read_seed(text));
            let rule = "a signing key is neither 64 hex digits nor an SU… seed of NATS";
            let seed = seed.ok_or_else(|| content(rule.to_owned()))?;
            Ok(Arc::new(UnitKey::from_seed(seed)))
        };
        let first = signing(&secrets.signing)?;
        let further: Result<_, _> = secrets.further.iter().map(signing).collect();
        let sealing = seed(&secrets.sealing)
            .ok_or_else(|| content("`sealing` is not 64 hex digits".to_owned()))?;
        let further = further?;
        let held = Held {
            unit: unit.to_owned(),
            sealing: Zeroizing::new(sealing),
            first,
            further,
            former: secrets.former.clone(),
            path,
        };
        let seeds = Seeds(Arc::new(Mutex::new(held)));
        Ok((seeds, SealingKey::from_seed(sealing)))
    }

    /// The oldest key.
    pub fn first(&self) -> Arc<UnitKey> {
        Arc::clone(&self.held().first)
    }

    /// The key of this name.
    pub fn of(&self, id: &KeyId) -> Option<Arc<UnitKey>> {
        let held = self.held();
        held.all().find(|key| key.id() == *id).cloned()
    }

    /// Whether this is or was a key of the unit.
    pub fn know(&self, id: &KeyId) -> bool {
        let held = self.held();
        held.former.contains(id) || held.all().any(|key| key.id() == *id)
    }

    /// The key that comes after the one `in_use`: durable before this returns, so that no event can name
    /// a key that a power cut takes away. One that was made and never used is given again.
    ///
    /// # Errors
    /// [`IdentityError::File`] when the file cannot be written; it is as it was then.
    pub fn next(&self, in_use: &KeyId) -> Result<Arc<UnitKey>, IdentityError> {
        let mut held = self.held();
        let mut behind = held.all().skip_while(|key| key.id() != *in_use).skip(1);
        if let Some(next) = behind.next() {
            return Ok(Arc::clone(next));
        }
        drop(behind);
        let new = Arc::new(UnitKey::generate(&mut OsRng));
        held.further.push(Arc::clone(&new));
        if let Err(error) = held.write() {
            held.further.pop();
            return Err(error);
        }
        Ok(new)
    }

    /// Takes a key that signs nothing any more out of the file.
    ///
    /// # Errors
    /// [`IdentityError::File`] when the file cannot be written.
    pub fn forget(&self, id: &KeyId) -> Result<(), IdentityError> {
        let mut held = self.held();
        let mut kept: Vec<_> = held.all().filter(|key| key.id() != *id).cloned().collect();
        if kept.is_empty() || kept.len() == held.further.len() + 1 {
            return Ok(());
        }
        held.first = kept.remove(0);
        held.former.push(id.clone());
        held.further = kept;
        held.write()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn all(&self) -> impl Iterator<Item = &Arc<UnitKey>> {
        std::iter::once(&self.first).chain(&self.further)
    }

    fn write(&self) -> Result<(), IdentityError> {
        let hex = |key: &Arc<UnitKey>| HEXLOWER.encode(key.seed().as_ref());
        let secrets = Secrets {
            unit: self.unit.clone(),
            signing: hex(&self.first),
            sealing: HEXLOWER.encode(self.sealing.as_ref()),
            further: self.further.iter().map(hex).collect(),
            former: self.former.clone(),
        };
        let path = &self.path;
        let text = serde_json::to_vec_pretty(&secrets).map_err(|error| IdentityError::Content {
            path: path.clone(),
            why: error.to_string(),
        })?;
        let text = Zeroizing::new(text);
        let beside = path.with_extension("key.new");
        let written = || -> std::io::Result<()> {
            // What a power cut left there was never in use.
            let _ = fs::remove_file(&beside);
            let mut out = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&beside)?;
            out.write_all(&text)?;
            out.sync_all()?;
            fs::rename(&beside, path)?;
            path.parent()
                .map_or(Ok(()), |dir| File::open(dir)?.sync_all())
        };
        written().map_err(failed("writing", path))
    }
}

fn failed(attempted: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> IdentityError {
    let path = path.to_owned();
    move |source| IdentityError::File {
        attempted,
        path,
        source,
    }
}

fn seed(text: &str) -> Option<[u8; 32]> {
    let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?;
    bytes.try_into().ok()
}
