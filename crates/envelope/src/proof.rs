//! Proofs about an RFC 6962 tree that fit on a page: that an entry is in it (section 2.1.1), and
//! that a longer tree begins with a shorter one (section 2.1.2).
//!
//! Making a proof reads about log₂ n stored hashes; checking one needs nothing but the numbers and
//! hashes given. Whoever holds two signed heads and a proof between them needs no journal.

use std::cell::RefCell;

use thiserror::Error;
use tlog_tiles::tlog;

use crate::tree::Hash;

/// The path of a proof has at most one hash per level of the tree.
pub const PROOF_HASHES_MAX: usize = 64;

/// More entries than any journal can have; beyond it the arithmetic of trees would overflow.
const SIZE_MAX: u64 = 1 << 60;

/// Why a proof proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProofError {
    /// The numbers of the question contradict one another.
    #[error("there is nothing to prove: {0}")]
    Question(&'static str),
    /// The proof has more hashes than a tree has levels.
    #[error("the proof has {0} hashes, no tree has more than {PROOF_HASHES_MAX} levels: drop it")]
    TooLong(usize),
    /// The hashes do not lead to the root.
    #[error(
        "the proof does not hold: the hashes do not lead from what is to be proved to the root"
    )]
    Wrong,
}

/// Why a proof could not be made.
#[derive(Debug, Error)]
pub enum MakeProofError<E> {
    /// The numbers of the question contradict one another.
    #[error(transparent)]
    Question(ProofError),
    /// A stored hash could not be read.
    #[error("a hash of the tree could not be read: {0}")]
    Read(E),
}

/// The proof that entry `index` (counted from 0) is in the tree over the first `size` entries.
/// `read` gives a stored hash by its number (see [`crate::tree`]).
///
/// # Errors
/// [`MakeProofError::Question`] when there is no such entry, else those of `read`.
pub fn prove_inclusion<E>(
    index: u64,
    size: u64,
    read: impl FnMut(u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, MakeProofError<E>> {
    inside(index, size).map_err(MakeProofError::Question)?;
    make(read, |stored| tlog::prove_record(size, index, stored))
}

/// Checks that the entry with the hash `leaf` is entry `index` (counted from 0) of the tree of
/// `size` entries with this `root`.
///
/// # Errors
/// [`ProofError`] says why it is not proved.
pub fn check_inclusion(
    proof: &[Hash],
    index: u64,
    size: u64,
    leaf: Hash,
    root: Hash,
) -> Result<(), ProofError> {
    inside(index, size)?;
    let path = path(proof)?;
    tlog::check_record(&path, size, tlog::Hash(root), index, tlog::Hash(leaf))
        .map_err(|_| ProofError::Wrong)
}

/// The proof that the tree over the first `to` entries begins with the tree over the first `from`
/// entries. `read` gives a stored hash by its number (see [`crate::tree`]). Nothing needs to be
/// proved about the empty tree; its proof has no hashes.
///
/// # Errors
/// [`MakeProofError::Question`] when `from` is more than `to`, else those of `read`.
pub fn prove_consistency<E>(
    from: u64,
    to: u64,
    read: impl FnMut(u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, MakeProofError<E>> {
    ordered(from, to).map_err(MakeProofError::Question)?;
    if from == 0 {
        return Ok(Vec::new());
    }
    make(read, |stored| tlog::prove_tree(to, from, stored))
}

/// Checks that the tree of `to` entries with the root `to_root` begins with the tree of `from`
/// entries with the root `from_root`.
///
/// # Errors
/// [`ProofError`] says why it is not proved. Two different roots of one size are
/// [`ProofError::Wrong`] whatever the proof.
pub fn check_consistency(
    proof: &[Hash],
    from: u64,
    from_root: Hash,
    to: u64,
    to_root: Hash,
) -> Result<(), ProofError> {
    ordered(from, to)?;
    let path = path(proof)?;
    if from == 0 {
        let empty = from_root == crate::tree::EMPTY_ROOT;
        let same = to > 0 || to_root == from_root;
        return (path.is_empty() && empty && same)
            .then_some(())
            .ok_or(ProofError::Wrong);
    }
    let (to_root, from_root) = (tlog::Hash(to_root), tlog::Hash(from_root));
    tlog::check_tree(&path, to, to_root, from, from_root).map_err(|_| ProofError::Wrong)
}

fn inside(index: u64, size: u64) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Question(
            "the entry is not among those of the tree",
        ));
    }
    ordered(index, size)
}

fn ordered(from: u64, to: u64) -> Result<(), ProofError> {
    if from > to {
        return Err(ProofError::Question(
            "the earlier tree is larger than the later one",
        ));
    }
    if to > SIZE_MAX {
        return Err(ProofError::Question("no journal has so many entries"));
    }
    Ok(())
}

fn path(proof: &[Hash]) -> Result<Vec<tlog::Hash>, ProofError> {
    if proof.len() > PROOF_HASHES_MAX {
        return Err(ProofError::TooLong(proof.len()));
    }
    Ok(proof.iter().copied().map(tlog::Hash).collect())
}

/// Reads stored hashes for the tree's library and keeps the first error, for which it has no room.
struct Stored<R, E> {
    read: RefCell<R>,
    failed: RefCell<Option<E>>,
}

impl<R: FnMut(u64) -> Result<Hash, E>, E> tlog::HashReader for Stored<R, E> {
    fn read_hashes(&self, numbers: &[u64]) -> Result<Vec<tlog::Hash>, tlog::Error> {
        let mut read = self.read.borrow_mut();
        let mut hash = |number| match read(number) {
            Ok(hash) => Ok(tlog::Hash(hash)),
            Err(error) => {
                self.failed.replace(Some(error));
                Err(tlog::Error::IndexesNotInTree)
            }
        };
        numbers.iter().map(|number| hash(*number)).collect()
    }
}

fn make<R: FnMut(u64) -> Result<Hash, E>, E>(
    read: R,
    prove: impl FnOnce(&Stored<R, E>) -> Result<Vec<tlog::Hash>, tlog::Error>,
) -> Result<Vec<Hash>, MakeProofError<E>> {
    let stored = Stored {
        read: RefCell::new(read),
        failed: RefCell::new(None),
    };
    let made = prove(&stored);
    if let Some(error) = stored.failed.into_inner() {
        return Err(MakeProofError::Read(error));
    }
    let path = made.map_err(|_| MakeProofError::Question(ProofError::Wrong))?;
    Ok(path.into_iter().map(|hash| hash.0).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
