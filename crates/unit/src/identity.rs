//! Who a unit is: its secret keys in a file of its own, and the register of everyone's public
//! keys.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use envelope::{KeyFile, KeyRegister, KeyRing, PublicKeys, SealingKey, UnitKey};
use rand::rngs::OsRng;

mod following;
mod seeds;

pub use following::{FollowError, follow};
pub use seeds::Seeds;

/// A unit's secrets.
pub struct Identity {
    /// Sign events and checkpoints, one after the other; the first one of the file until the journal was
    /// asked which one it is now.
    pub signing: KeyRing,
    /// The seeds of those keys in their file.
    pub seeds: Seeds,
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
    /// A file of secrets that others can read.
    #[error(
        "{path} has mode {mode:o}: others may have read the unit's secrets; set 600, find out who \
             did, and replace the signing key (`rotate_key`)"
    )]
    Mode {
        /// Which file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
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
    let (seeds, sealing) = if path.exists() {
        Seeds::read(path, unit)?
    } else {
        let signing = UnitKey::generate(&mut OsRng);
        let sealing = SealingKey::generate(&mut OsRng);
        (Seeds::create(path, unit, signing, &sealing)?, sealing)
    };
    let signing = seeds.first().public();
    Ok(PublicKeys::new(unit, signing, sealing.public()))
}

/// Reads a unit's secrets.
///
/// # Errors
/// [`IdentityError`] names the file and what is wrong with it.
pub fn load(data: &Path, unit: &str) -> Result<Identity, IdentityError> {
    let (seeds, sealing) = Seeds::read(secret_file(data, unit), unit)?;
    Ok(Identity {
        signing: KeyRing::from(seeds.first()),
        seeds,
        sealing: Arc::new(sealing),
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

/// Reads the rows of a register of public keys, which is a usable one.
///
/// # Errors
/// [`IdentityError`] names the file and what is wrong with it.
pub fn read_rows(path: &Path) -> Result<Vec<PublicKeys>, IdentityError> {
    read_register(path)?;
    let file: Result<KeyFile, _> = serde_json::from_slice(&bytes(path)?);
    let file = file.map_err(|error| IdentityError::Content {
        path: path.to_owned(),
        why: error.to_string(),
    });
    Ok(file?.units)
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn secrets_that_others_may_have_read_are_not_used() {
        let data = tempfile::tempdir().unwrap();
        create(data.path(), "H33-27-04").unwrap();
        let file = secret_file(data.path(), "H33-27-04");
        load(data.path(), "H33-27-04").unwrap();
        for mode in [0o640, 0o604, 0o660] {
            fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
            let refused = load(data.path(), "H33-27-04").err().unwrap().to_string();
            for word in [
                file.to_str().unwrap(),
                &format!("{mode:o}"),
                "set 600",
                "rotate_key",
            ] {
                assert!(refused.contains(word), "{refused}");
            }
        }
        fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        load(data.path(), "H33-27-04").unwrap();
    }
}
