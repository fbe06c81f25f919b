//! The journal as a transparency log: proofs, tiles and bundles at every size it has had.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::sync::LazyLock;

use envelope::proof::{check_consistency, check_inclusion};
use envelope::tree::{Hash, leaf_hash};
use journal::{Journal, TILE_WIDTH, TreeError};
use sha2::{Digest, Sha256};
use support::*;

const ENTRIES: u64 = 600;

static GROWN: LazyLock<(tempfile::TempDir, Journal, Vec<Hash>)> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    for first in (1..=ENTRIES).step_by(100) {
        append(&journal, group((first..first + 100).map(own))).unwrap();
    }
    let leaves = journal
        .scan(0)
        .map(|entry| leaf_hash(&entry.unwrap().signed.bytes));
    let leaves = leaves.collect();
    (dir, journal, leaves)
});

/// `MTH` of RFC 6962 section 2.1, over hashes of leaves.
fn mth(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Sha256::digest([]).into(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            let both = Sha256::new().chain_update([1]).chain_update(mth(left));
            both.chain_update(mth(right)).finalize().into()
        }
    }
}

#[test]
fn each_earlier_root_is_had_back_and_proved_to_be_the_beginning_of_the_present_one() {
    let (_, journal, leaves) = &*GROWN;
    let now = journal.root();
    for size in 0..=ENTRIES {
        let root = journal.root_at(size).unwrap();
        assert_eq!(root, mth(&leaves[..size as usize]), "{size}");
        let proof = journal.consistency(size, ENTRIES).unwrap();
        check_consistency(&proof, size, root, ENTRIES, now).unwrap();
    }
    assert_eq!(journal.root_at(ENTRIES).unwrap(), now);
}

#[test]
fn each_entry_is_proved_to_be_in_each_tree_that_has_it() {
    let (_, journal, leaves) = &*GROWN;
    for size in [1, 2, 3, 255, 256, 257, 511, 512, 513, ENTRIES] {
        let root = journal.root_at(size).unwrap();
        for index in 0..size {
            let proof = journal.inclusion(index, size).unwrap();
            check_inclusion(&proof, index, size, leaves[index as usize], root).unwrap();
        }
    }
}

#[test]
fn a_tile_is_what_the_standard_defines() {
    let (_, journal, leaves) = &*GROWN;
    for level in 0..3_u32 {
        let span = TILE_WIDTH.pow(level);
        let complete = ENTRIES / span;
        for n in 0..=complete / TILE_WIDTH {
            let first = n * TILE_WIDTH;
            for width in 1..=TILE_WIDTH {
                let tile = journal.tile(level, n, width);
                if first + width > complete {
                    assert!(matches!(tile, Err(TreeError::Beyond { entries: ENTRIES })));
                    continue;
                }
                let hash = |i: u64| mth(&leaves[(i * span) as usize..((i + 1) * span) as usize]);
                let due: Vec<u8> = (first..first + width).flat_map(hash).collect();
                assert_eq!(tile.unwrap(), due, "level {level} tile {n} width {width}");
            }
        }
    }
}

#[test]
fn a_bundle_holds_the_exact_events_behind_their_lengths() {
    let (_, journal, leaves) = &*GROWN;
    for (n, width) in [(0, 256), (1, 256), (2, 88), (2, 1), (0, 7)] {
        let bundle = journal.entry_bundle(n, width).unwrap();
        let mut rest = bundle.as_slice();
        for index in n * TILE_WIDTH..n * TILE_WIDTH + width {
            let (length, after) = rest.split_first_chunk().unwrap();
            let (event, after) = after.split_at(u16::from_be_bytes(*length).into());
            assert_eq!(leaf_hash(event), leaves[index as usize]);
            rest = after;
        }
        assert!(rest.is_empty());
    }
}

#[test]
fn what_the_journal_has_not_reached_is_refused() {
    let (_, journal, _) = &*GROWN;
    let beyond =
        |error: TreeError| assert!(matches!(error, TreeError::Beyond { entries: ENTRIES }));
    beyond(journal.root_at(ENTRIES + 1).unwrap_err());
    beyond(journal.inclusion(0, ENTRIES + 1).unwrap_err());
    beyond(journal.consistency(1, u64::MAX).unwrap_err());
    for (level, n, width) in [
        (0, 2, 89),
        (0, 0, 0),
        (0, 0, 257),
        (0, u64::MAX, 1),
        (1, 0, 3),
        (8, 0, 1),
        (u32::MAX, 0, 1),
    ] {
        beyond(journal.tile(level, n, width).unwrap_err());
    }
    for (n, width) in [
        (2, 89),
        (0, 0),
        (0, 257),
        (u64::MAX, 256),
        (u64::MAX / 256, 256),
    ] {
        beyond(journal.entry_bundle(n, width).unwrap_err());
    }
    assert!(matches!(
        journal.inclusion(5, 5),
        Err(TreeError::Question(_))
    ));
    assert!(matches!(
        journal.consistency(6, 5),
        Err(TreeError::Question(_))
    ));
}
