//! RFC 6962 hashing of a journal: leaf `n` is the exact bytes of entry `n`.
//!
//! A journal stores, under consecutive numbers, the hashes of completed subtrees in the order in
//! which appending completes them (the order of the C2SP tlog format). Appending an entry and
//! computing a root then read about log₂ n stored hashes. The reader passed in says where they
//! are; its error is handed through.

use tlog_tiles::tlog;

/// A SHA-256 value: of a leaf, of a subtree, or of the whole tree.
pub type Hash = [u8; 32];

/// The root of a journal without entries: SHA-256 of nothing.
pub const EMPTY_ROOT: Hash = tlog::EMPTY_HASH.0;

/// The hash of an entry as a leaf.
pub fn leaf_hash(bytes: &[u8]) -> Hash {
    tlog::record_hash(bytes).0
}

/// The number under which the first of the hashes from [`stored_hashes_for`] entry `index` is
/// stored; the others follow it.
pub fn stored_index(index: u64) -> u64 {
    tlog::stored_hash_index(0, index)
}

/// The number under which the hash of the `n`-th completed subtree of 2 to the power of `level`
/// entries is stored (counted from 0). For subtrees of entries that exist; `level` below 64.
pub fn stored_number(level: u8, n: u64) -> u64 {
    tlog::stored_hash_index(level, n)
}

/// How many hashes a journal of `size` entries has stored.
pub fn stored_count(size: u64) -> u64 {
    tlog::stored_hash_count(size)
}

/// The hashes to store, from number [`stored_index`]`(index)` on, when entry `index` (counted
/// from 0) with the hash `leaf` is appended. `read` gives an earlier stored hash by its number.
///
/// # Errors
/// Those of `read`.
pub fn stored_hashes_for<E>(
    index: u64,
    leaf: Hash,
    mut read: impl FnMut(u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    let mut hashes = vec![leaf];
    let mut hash = tlog::Hash(leaf);
    // Each trailing 1 bit of the index is a subtree that this leaf completes.
    for level in (0_u8..).take(index.trailing_ones() as usize) {
        let left = read(tlog::stored_hash_index(level, (index >> level) - 1))?;
        hash = tlog::node_hash(tlog::Hash(left), hash);
        hashes.push(hash.0);
    }
    Ok(hashes)
}

/// The root over the first `size` entries. `read` gives a stored hash by its number.
///
/// # Errors
/// Those of `read`.
pub fn root<E>(size: u64, mut read: impl FnMut(u64) -> Result<Hash, E>) -> Result<Hash, E> {
    let mut root: Option<tlog::Hash> = None;
    for number in tlog::sub_tree_index(0, size, Vec::new()).into_iter().rev() {
        let left = tlog::Hash(read(number)?);
        root = Some(match root {
            Some(right) => tlog::node_hash(left, right),
            None => left,
        });
    }
    Ok(root.map_or(EMPTY_ROOT, |hash| hash.0))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    /// RFC 6962 section 2.1, word for word.
    fn naive(leaves: &[Vec<u8>]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [leaf] => Sha256::new()
                .chain_update([0])
                .chain_update(leaf)
                .finalize()
                .into(),
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                let (left, right) = leaves.split_at(split);
                Sha256::new()
                    .chain_update([1])
                    .chain_update(naive(left))
                    .chain_update(naive(right))
                    .finalize()
                    .into()
            }
        }
    }

    #[test]
    fn every_root_of_a_growing_journal_is_the_one_of_the_standard() {
        let mut leaves: Vec<Vec<u8>> = Vec::new();
        let mut stored: Vec<Hash> = Vec::new();
        for index in 0..300_u64 {
            let read = |number: u64| stored.get(number as usize).copied().ok_or(number);
            assert_eq!(root(index, read).unwrap(), naive(&leaves));
            assert_eq!(stored.len() as u64, stored_count(index));

            let leaf = format!("entry {index}").into_bytes();
            let hashes = stored_hashes_for(index, leaf_hash(&leaf), read).unwrap();
            assert_eq!(stored.len() as u64, stored_index(index));
            stored.extend(hashes);
            leaves.push(leaf);
        }
    }

    #[test]
    fn a_hash_that_cannot_be_read_is_reported_and_not_guessed() {
        assert_eq!(root(3, Err::<Hash, _>), Err(3));
        assert_eq!(stored_hashes_for(1, [0; 32], Err::<Hash, _>), Err(0));
    }
}
