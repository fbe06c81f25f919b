//! What decoders are meant to read: the published examples and deployed files.

use std::fs;
use std::path::{Path, PathBuf};

/// The checkout.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The good examples of a kind (`events`, `commands`, `queries`, `answers`): name and bytes.
pub(crate) fn examples(kind: &str) -> Vec<(String, Vec<u8>)> {
    let dir = root().join("schemas/examples").join(kind);
    let mut found: Vec<(String, Vec<u8>)> = fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter_map(|path| {
            let file = path.file_name()?.to_str()?;
            let name = file.strip_suffix(".json")?;
            // <name>.v1.<n>
            let name = name.rsplit_once('.')?.0;
            (!name.ends_with(".invalid")).then(|| (name.to_owned(), fs::read(&path).unwrap()))
        })
        .collect();
    assert!(!found.is_empty(), "no examples under {}", dir.display());
    found.sort();
    found
}

/// The bytes alone.
pub(crate) fn bytes(kind: &str) -> Vec<Vec<u8>> {
    examples(kind).into_iter().map(|(_, bytes)| bytes).collect()
}

/// A deployed file.
pub(crate) fn deployed(path: &str) -> Vec<u8> {
    fs::read(root().join("deploy").join(path)).unwrap()
}
