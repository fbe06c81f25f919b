//! Who a unit is: its secret keys in a file of its own, and the register of everyone's public
//! keys.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use envelope::{KeyFile, KeyRegister, PublicKeys, SealingKey, UnitKey};
use rand::rngs::OsRng;
use serde::{Deserialize, Serialize};

/// A unit's secrets.
pub struct Identity {
    /// Signs events and checkpoints.
    pub signing: Arc<UnitKey>,
    /// Opens the dossier keys that others grant.
    pub sealing: Arc<SealingKey>,
}

/// What can be wrong with keys.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// A file cannot be used.
    #[error("{attempted} {path}: {source}")]
    File {
        /// What was tried.
        attempted: &'static str,
        /// On which file.
        path: PathBuf,
        /// What failed.
        source: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{path} is not a file of keys: {why}; make keys with `motcua keys`")]
    Content {
        /// Which file.
        path: PathBuf,
        /// Why.
        why: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Secrets {
    unit: String,
    signing: String,
    sealing: String,
}

/// Where a unit's secrets lie.
pub fn secret_file(data: &Path, unit: &str) -> PathBuf {
    data.join(unit).join("unit.key")
}

/// Makes a unit's secrets, unless it has some, and returns its public keys.
///
/// # Errors
/// [`IdentityError`] names the file that cannot be read or written.
pub fn create(data: &Path, unit: &str) -> Result<PublicKeys, IdentityError> {
    let path = secret_file(data, unit);
    if path.exists() {
        let identity = load(data, unit)?;
        return Ok(PublicKeys::new(
            unit,
            identity.signing.public(),
            identity.sealing.public(),
        ));
    }
    let file = |attempted: &'static str| {
        let path = path.clone();
        move |source| IdentityError::File {
            attempted,
            path,
            source,
        }
    };
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir).map_err(file("making the directory of"))?;
    }
    let signing = UnitKey::generate(&mut OsRng);
    let sealing = SealingKey::generate(&mut OsRng);
    let secrets = Secrets {
        unit: unit.to_owned(),
        signing: hex(signing.seed().as_ref()),
        sealing: hex(sealing.seed().as_ref()),
    };
    let text = serde_json::to_vec_pretty(&secrets).map_err(|error| IdentityError::Content {
        path: path.clone(),
        why: error.to_string(),
    })?;
    let mut out = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .map_err(file("creating"))?;
    out.write_all(&text)
        .and_then(|()| out.sync_all())
        .map_err(file("writing"))?;
    Ok(PublicKeys::new(unit, signing.public(), sealing.public()))
}

/// Reads a unit's secrets.
///
/// # Errors
/// [`IdentityError`] names the file and what is wrong with it.
pub fn load(data: &Path, unit: &str) -> Result<Identity, IdentityError> {
    let path = secret_file(data, unit);
    let secrets: Secrets = read(&path)?;
    let content = |why: &str| IdentityError::Content {
        path: path.clone(),
        why: why.to_owned(),
    };
    if secrets.unit != unit {
        return Err(content(&format!(
            "it belongs to {}, not to {unit}",
            secrets.unit
        )));
    }
    let signing =
        seed(&secrets.signing).ok_or_else(|| content("`signing` is not 64 hex digits"))?;
    let sealing =
        seed(&secrets.sealing).ok_or_else(|| content("`sealing` is not 64 hex digits"))?;
    Ok(Identity {
        signing: Arc::new(UnitKey::from_seed(signing)),
        sealing: Arc::new(SealingKey::from_seed(sealing)),
    })
}

/// Writes the register of public keys.
///
/// # Errors
/// [`IdentityError`] names the file that cannot be written.
pub fn write_register(path: &Path, units: Vec<PublicKeys>) -> Result<(), IdentityError> {
    let file = |source| IdentityError::File {
        attempted: "writing",
        path: path.to_owned(),
        source,
    };
    let text =
        serde_json::to_vec_pretty(&KeyFile { units }).map_err(|error| IdentityError::Content {
            path: path.to_owned(),
            why: error.to_string(),
        })?;
    fs::write(path, text).map_err(file)
}

/// Reads the register of public keys.
///
/// # Errors
/// [`IdentityError`] names the file and what is wrong with it.
pub fn read_register(path: &Path) -> Result<KeyRegister, IdentityError> {
    KeyRegister::read(&bytes(path)?).map_err(|error| IdentityError::Content {
        path: path.to_owned(),
        why: error.to_string(),
    })
}

fn bytes(path: &Path) -> Result<Vec<u8>, IdentityError> {
    fs::read(path).map_err(|source| IdentityError::File {
        attempted: "reading",
        path: path.to_owned(),
        source,
    })
}

fn read<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<T, IdentityError> {
    serde_json::from_slice(&bytes(path)?).map_err(|error| IdentityError::Content {
        path: path.to_owned(),
        why: error.to_string(),
    })
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

fn seed(text: &str) -> Option<[u8; 32]> {
    data_encoding::HEXLOWER_PERMISSIVE
        .decode(text.as_bytes())
        .ok()?
        .try_into()
        .ok()
}
