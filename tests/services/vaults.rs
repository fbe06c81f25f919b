//! Vaults of a town's units as files: copied, put back, and looked into.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tests::process::eventually;
use tests::town::Town;
use uuid::Uuid;
use vault::Vault;

pub fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copied(&path, &to);
        } else {
            fs::copy(&path, &to).unwrap();
        }
    }
}

pub fn vault_of(town: &Town, unit: &str) -> PathBuf {
    town.unit_dir(unit).join("vault")
}

/// A copy of a unit's vault, outside the town.
pub fn vault_copied(town: &Town, unit: &str) -> TempDir {
    let copy = TempDir::new().unwrap();
    copied(&vault_of(town, unit), &copy.path().join("vault"));
    copy
}

/// The older vault in the place of the present one; the service must have ended.
pub fn vault_put_back(town: &Town, unit: &str, copy: &TempDir) {
    fs::remove_dir_all(vault_of(town, unit)).unwrap();
    copied(&copy.path().join("vault"), &vault_of(town, unit));
}

/// Ids and wrapped keys in a vault, in the order in which they were kept.
pub fn wrapped_in(vault: &Path) -> Vec<(Uuid, String)> {
    let mut kept = Vec::new();
    for month in fs::read_dir(vault.join("shards")).unwrap() {
        for line in fs::read_to_string(month.unwrap().path()).unwrap().lines() {
            let (id, wrapped) = line.split_once(' ').unwrap();
            kept.push((id.parse().unwrap(), wrapped.to_owned()));
        }
    }
    kept
}

/// The key with this id, as a vault that nobody else has open gives it out.
pub fn key_in(vault: &Path, id: Uuid) -> Option<[u8; 32]> {
    let found = Vault::open(vault).unwrap().find(id).unwrap();
    found.map(|key| *key.expose())
}

/// The wrapped key of one dossier in a unit's vault, by which one sees whether it still stands there.
pub fn still_kept(town: &Town, unit: &str, id: Uuid) -> bool {
    let kept = wrapped_in(&vault_of(town, unit));
    kept.iter()
        .any(|(key, wrapped)| *key == id && !wrapped.starts_with('.'))
}

pub async fn is_destroyed(town: &Town, unit: &str, id: Uuid) {
    eventually(&format!("{unit} to destroy its key"), async || {
        (!still_kept(town, unit, id)).then_some(())
    })
    .await;
}
