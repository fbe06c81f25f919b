//! The root over entries that are walked once, in order: keeps a few hundred hashes.

use std::collections::BTreeMap;

use envelope::tree::{self, Hash};

/// Beyond this many, those that are not needed any more are forgotten. Looking which ones they are
/// costs as much as a root, so not at every entry.
const KEPT_MAX: usize = 256;

/// Hashes of completed subtrees that later entries still need, computed from bytes, never read.
#[derive(Debug, Default)]
pub(crate) struct Frontier {
    subtrees: BTreeMap<u64, Hash>,
    entries: u64,
}

impl Frontier {
    /// How many entries were taken in.
    pub(crate) fn entries(&self) -> u64 {
        self.entries
    }

    /// Takes the next entry in, and gives the hashes that a journal stores for it; the number of a
    /// hash that is missing as the error.
    pub(crate) fn push(&mut self, leaf: Hash) -> Result<Vec<Hash>, u64> {
        let subtrees = &self.subtrees;
        let hashes = tree::stored_hashes_for(self.entries, leaf, |position| {
            subtrees.get(&position).copied().ok_or(position)
        })?;
        self.subtrees
            .extend((tree::stored_index(self.entries)..).zip(hashes.iter().copied()));
        self.entries += 1;
        if self.subtrees.len() > KEPT_MAX {
            self.forget_inner()?;
        }
        Ok(hashes)
    }

    /// The root over everything taken in; the number of a hash that is missing as the error.
    pub(crate) fn root(&self) -> Result<Hash, u64> {
        tree::root(self.entries, |position| {
            self.subtrees.get(&position).copied().ok_or(position)
        })
    }

    /// Keeps only the hashes that the root needs; later entries need no others.
    fn forget_inner(&mut self) -> Result<(), u64> {
        let mut needed = BTreeMap::new();
        tree::root(self.entries, |position| {
            let hash = self.subtrees.get(&position).copied().ok_or(position)?;
            needed.insert(position, hash);
            Ok::<Hash, u64>(hash)
        })?;
        self.subtrees = needed;
        Ok(())
    }
}
