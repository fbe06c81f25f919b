//! The wrapping key: the one secret file of a vault, and the lock on it.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use data_encoding::HEXLOWER;
use envelope::{DossierKey, Sealed};
use rand::RngCore;
use rand::rngs::OsRng;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::error::{VaultError, file};

/// Bound into every wrapped key, so that it is never taken for a sealed field.
const FIELD: &str = "motcua/vault/v1";

/// The opened wrapping key. While it is held no other process opens the same vault.
pub(crate) struct Wrapping {
    key: DossierKey,
    _lock: File,
}

impl Wrapping {
    /// Takes the lock on `dir` and reads `wrapping.key` there, or draws one when the vault has
    /// no shards yet.
    pub(crate) fn open(dir: &Path) -> Result<Wrapping, VaultError> {
        let shards = dir.join("shards");
        let path = dir.join("wrapping.key");
        create_dir(dir)?;
        let lock = File::open(dir).map_err(file("open", dir))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(VaultError::InUse {
                    dir: dir.to_owned(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(file("lock", dir)(source)),
        }
        if !path.try_exists().map_err(file("look for", &path))? {
            // Its absence beside shards is a loss; a new one would hide it.
            if shards.try_exists().map_err(file("look for", &shards))? {
                return Err(VaultError::Wrapping {
                    path,
                    fault: "is missing",
                });
            }
            create_key(dir, &path)?;
        }
        let mut opened = File::open(&path).map_err(file("open", &path))?;
        let mode = opened
            .metadata()
            .map_err(file("look at", &path))?
            .permissions()
            .mode()
            & 0o777;
        if mode & 0o077 != 0 {
            return Err(VaultError::Mode { path, mode });
        }
        let mut text = Zeroizing::new(String::with_capacity(128));
        opened
            .read_to_string(&mut text)
            .map_err(file("read", &path))?;
        let bytes = HEXLOWER
            .decode(text.trim_end().as_bytes())
            .ok()
            .map(Zeroizing::new);
        let bytes: Option<[u8; 32]> = bytes.and_then(|bytes| bytes.as_slice().try_into().ok());
        let Some(bytes) = bytes else {
            return Err(VaultError::Wrapping {
                path,
                fault: "is not 64 hexadecimal digits",
            });
        };
        create_dir(&shards)?;
        // Names that a predecessor created just before it crashed may not be durable yet.
        sync_dir(dir)?;
        sync_dir(&shards)?;
        Ok(Wrapping {
            key: DossierKey::from_bytes(bytes),
            _lock: lock,
        })
    }

    /// The wrapped key as text: 24 bytes of nonce, 32 of key and 16 of tag in base64url.
    pub(crate) fn wrap(&self, id: Uuid, key: &DossierKey) -> Option<String> {
        let mut nonce = [0; 24];
        OsRng.fill_bytes(&mut nonce);
        self.key
            .seal(id, FIELD, key.expose(), nonce)
            .ok()
            .map(|sealed| sealed.boxed)
    }

    /// `None` when the text is not what [`Wrapping::wrap`] made for this id under this key.
    pub(crate) fn unwrap(&self, id: Uuid, boxed: &str) -> Option<DossierKey> {
        let plain = self
            .key
            .open(
                FIELD,
                &Sealed {
                    key: id,
                    boxed: boxed.to_owned(),
                },
            )
            .ok()?;
        plain.as_slice().try_into().ok().map(DossierKey::from_bytes)
    }
}

/// Makes the key whole and durable under another name first: a crash leaves none or all of it.
fn create_key(dir: &Path, path: &Path) -> Result<(), VaultError> {
    let fresh = dir.join("wrapping.key.new");
    let text = Zeroizing::new(HEXLOWER.encode(DossierKey::generate(&mut OsRng).expose()));
    let mut opened = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&fresh)
        .map_err(file("create", &fresh))?;
    opened
        .write_all(text.as_bytes())
        .map_err(file("write", &fresh))?;
    opened.sync_all().map_err(file("sync", &fresh))?;
    std::fs::rename(&fresh, path).map_err(file("rename to", path))?;
    sync_dir(dir)
}

fn create_dir(dir: &Path) -> Result<(), VaultError> {
    if dir.try_exists().map_err(file("look for", dir))? {
        return Ok(());
    }
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(file("create", dir))?;
    match dir.parent() {
        Some(parent) if parent != Path::new("") => sync_dir(parent),
        _ => sync_dir(Path::new(".")),
    }
}

/// Makes a new or renamed file's name survive a power cut.
pub(crate) fn sync_dir(dir: &Path) -> Result<(), VaultError> {
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(file("sync", dir))
}
