//! The journal as a transparency log: its tree at any earlier size, proofs, and the tiles and bundles
//! of entries that C2SP tlog-tiles serves (<https://c2sp.org/tlog-tiles>).
//!
//! Hashes of completed subtrees never change, so each answer about a size that the journal has
//! reached is the same for ever.

use envelope::proof::{self, MakeProofError, ProofError};
use envelope::tree::{self, Hash};

use crate::journal::Journal;
use crate::trees::ReadError;

/// Hashes in a full tile, entries in a full bundle.
pub const TILE_WIDTH: u64 = 256;

/// Levels of a tree that one level of tiles spans.
const TILE_HEIGHT: u32 = 8;

/// Why a question about the tree has no answer.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// The journal has not come so far.
    #[error("the journal has {entries} entries, which is not enough for what was asked")]
    Beyond {
        /// Its durable entries.
        entries: u64,
    },
    /// The numbers of the question contradict one another.
    #[error(transparent)]
    Question(ProofError),
    /// It could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl Journal {
    /// The root over the first `size` entries.
    ///
    /// # Errors
    /// [`TreeError::Beyond`] when there are fewer, [`TreeError::Read`] when a hash is damaged.
    pub fn root_at(&self, size: u64) -> Result<Hash, TreeError> {
        self.reaches(size)?;
        Ok(tree::root(size, |number| self.stored(number))?)
    }

    /// The proof that entry `index` is in the tree over the first `size` entries.
    ///
    /// # Errors
    /// Any [`TreeError`].
    pub fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Hash>, TreeError> {
        self.reaches(size)?;
        proof::prove_inclusion(index, size, |number| self.stored(number)).map_err(unproved)
    }

    /// The proof that the tree over the first `to` entries begins with the tree over the first
    /// `from` entries.
    ///
    /// # Errors
    /// Any [`TreeError`].
    pub fn consistency(&self, from: u64, to: u64) -> Result<Vec<Hash>, TreeError> {
        self.reaches(to)?;
        proof::prove_consistency(from, to, |number| self.stored(number)).map_err(unproved)
    }

    /// The first `width` hashes of tile `n` at a level, one after the other.
    ///
    /// # Errors
    /// [`TreeError::Beyond`] when the journal does not fill the tile so far, also for a width that
    /// no tile has, and [`TreeError::Read`].
    pub fn tile(&self, level: u32, n: u64, width: u64) -> Result<Vec<u8>, TreeError> {
        // A level beyond is higher than any tree is.
        let depth = level
            .checked_mul(TILE_HEIGHT)
            .filter(|depth| *depth < u64::BITS);
        let reached = depth.map_or(0, |depth| self.size() >> depth);
        let numbers = self.within(n, width, reached)?;
        let depth = u8::try_from(depth.unwrap_or_default()).unwrap_or_default();
        let mut tile = Vec::new();
        for number in numbers {
            tile.extend(self.stored(tree::stored_number(depth, number))?);
        }
        Ok(tile)
    }

    /// The first `width` entries of bundle `n`, each behind its length in two bytes.
    ///
    /// # Errors
    /// [`TreeError::Beyond`] when the journal does not fill the bundle so far, also for a width that
    /// no bundle has, and [`TreeError::Read`].
    pub fn entry_bundle(&self, n: u64, width: u64) -> Result<Vec<u8>, TreeError> {
        let mut bundle = Vec::new();
        for index in self.within(n, width, self.size())? {
            let what = format_args!("entry {index}");
            let entry = self.entry(index)?.ok_or_else(|| ReadError::damaged(what))?;
            let bytes = &entry.signed.bytes;
            let length = u16::try_from(bytes.len()).map_err(|_| ReadError::damaged(what))?;
            bundle.extend(length.to_be_bytes());
            bundle.extend_from_slice(bytes);
        }
        Ok(bundle)
    }

    /// The numbers of tile or bundle `n`, when all of them are among the first `reached`.
    fn within(&self, n: u64, width: u64, reached: u64) -> Result<std::ops::Range<u64>, TreeError> {
        let first = n.checked_mul(TILE_WIDTH);
        let end = first.and_then(|first| first.checked_add(width));
        match (first, end) {
            (Some(first), Some(end)) if (1..=TILE_WIDTH).contains(&width) && end <= reached => {
                Ok(first..end)
            }
            _ => Err(TreeError::Beyond {
                entries: self.size(),
            }),
        }
    }

    fn reaches(&self, size: u64) -> Result<(), TreeError> {
        let entries = self.size();
        (size <= entries)
            .then_some(())
            .ok_or(TreeError::Beyond { entries })
    }

    fn stored(&self, number: u64) -> Result<Hash, ReadError> {
        let missing = || ReadError::damaged(format_args!("tree hash {number}"));
        self.trees().hash(number)?.ok_or_else(missing)
    }
}

fn unproved(error: MakeProofError<ReadError>) -> TreeError {
    match error {
        MakeProofError::Question(question) => TreeError::Question(question),
        MakeProofError::Read(error) => TreeError::Read(error),
    }
}
