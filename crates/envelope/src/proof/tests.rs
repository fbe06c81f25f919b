use super::*;
use crate::tree::{EMPTY_ROOT, leaf_hash, root, stored_hashes_for};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

fn node(left: Hash, right: Hash) -> Hash {
    let both = Sha256::new().chain_update([1]).chain_update(left);
    both.chain_update(right).finalize().into()
}

/// RFC 6962 section 2.1, over hashes of leaves.
fn tree(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Sha256::digest([]).into(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node(tree(left), tree(right))
        }
    }
}

/// `PATH(m, D[n])` of section 2.1.1, word for word.
fn audit_path(m: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() < 2 {
        return Vec::new();
    }
    let k = leaves.len().next_power_of_two() / 2;
    let (left, right) = leaves.split_at(k);
    let (mut path, other) = if m < k {
        (audit_path(m, left), tree(right))
    } else {
        (audit_path(m - k, right), tree(left))
    };
    path.push(other);
    path
}

/// `SUBPROOF(m, D[n], b)` of section 2.1.2, word for word.
fn subproof(m: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if m == leaves.len() {
        return if whole {
            Vec::new()
        } else {
            vec![tree(leaves)]
        };
    }
    let k = leaves.len().next_power_of_two() / 2;
    let (left, right) = leaves.split_at(k);
    let (mut path, other) = if m <= k {
        (subproof(m, left, whole), tree(right))
    } else {
        (subproof(m - k, right, false), tree(left))
    };
    path.push(other);
    path
}

struct Grown {
    leaves: Vec<Hash>,
    stored: Vec<Hash>,
}

impl Grown {
    fn to(size: u64) -> Grown {
        let (mut leaves, mut stored) = (Vec::new(), Vec::<Hash>::new());
        for index in 0..size {
            let leaf = leaf_hash(format!("entry {index}").as_bytes());
            let read = |number: u64| stored.get(number as usize).copied().ok_or(number);
            let hashes = stored_hashes_for(index, leaf, read).unwrap();
            stored.extend(hashes);
            leaves.push(leaf);
        }
        Grown { leaves, stored }
    }

    fn read(&self) -> impl Fn(u64) -> Result<Hash, u64> {
        |number| self.stored.get(number as usize).copied().ok_or(number)
    }

    fn root(&self, size: u64) -> Hash {
        root(size, self.read()).unwrap()
    }
}

const GROWN: u64 = 300;

#[test]
fn every_entry_of_every_size_is_proved_as_the_standard_says() {
    let grown = Grown::to(GROWN);
    for size in 1..=GROWN {
        let root = grown.root(size);
        let leaves = &grown.leaves[..size as usize];
        for index in 0..size {
            let proof = prove_inclusion(index, size, grown.read()).unwrap();
            // The naive path rehashes the whole tree; at round sizes and their neighbours it is held against.
            if size < 70 || (size + 1).is_power_of_two() || size.is_power_of_two() {
                assert_eq!(
                    proof,
                    audit_path(index as usize, leaves),
                    "{index} of {size}"
                );
            }
            check_inclusion(&proof, index, size, leaves[index as usize], root).unwrap();
        }
    }
}

#[test]
fn every_size_is_proved_to_begin_with_every_smaller_one() {
    let grown = Grown::to(GROWN);
    for to in 0..=GROWN {
        for from in 0..=to {
            let proof = prove_consistency(from, to, grown.read()).unwrap();
            if from > 0 && to < 70 {
                let leaves = &grown.leaves[..to as usize];
                assert_eq!(
                    proof,
                    subproof(from as usize, leaves, true),
                    "{from} to {to}"
                );
            }
            check_consistency(&proof, from, grown.root(from), to, grown.root(to)).unwrap();
        }
    }
}

#[test]
fn a_proof_holds_for_its_own_numbers_and_no_others() {
    let grown = Grown::to(40);
    for size in 2..=40 {
        let root = grown.root(size);
        for index in 0..size {
            let proof = prove_inclusion(index, size, grown.read()).unwrap();
            let leaf = grown.leaves[index as usize];
            for other in (0..size).filter(|other| *other != index) {
                let wrong = check_inclusion(&proof, other, size, leaf, root);
                assert_eq!(
                    wrong,
                    Err(ProofError::Wrong),
                    "{index} as {other} of {size}"
                );
            }
        }
    }
}

#[test]
fn two_roots_of_one_size_are_never_consistent() {
    let grown = Grown::to(9);
    let other = grown.root(8);
    assert_eq!(
        check_consistency(&[], 9, grown.root(9), 9, other),
        Err(ProofError::Wrong)
    );
    assert_eq!(
        check_consistency(&[], 0, EMPTY_ROOT, 0, other),
        Err(ProofError::Wrong)
    );
    assert_eq!(
        check_consistency(&[], 0, other, 9, grown.root(9)),
        Err(ProofError::Wrong)
    );
}

#[test]
fn a_question_without_an_answer_is_refused() {
    let grown = Grown::to(9);
    let asked = prove_inclusion(9, 9, grown.read()).unwrap_err();
    assert!(matches!(
        asked,
        MakeProofError::Question(ProofError::Question(_))
    ));
    let asked = prove_consistency(9, 8, grown.read()).unwrap_err();
    assert!(matches!(
        asked,
        MakeProofError::Question(ProofError::Question(_))
    ));
    let refused = check_inclusion(&[], u64::MAX - 1, u64::MAX, [0; 32], [0; 32]).unwrap_err();
    assert!(matches!(refused, ProofError::Question(_)));
    let refused = check_consistency(&[[0; 32]; 65], 1, [0; 32], 2, [0; 32]).unwrap_err();
    assert_eq!(refused, ProofError::TooLong(65));
}

#[test]
fn a_hash_that_cannot_be_read_is_reported_and_not_guessed() {
    let failed = prove_inclusion(0, 2, Err::<Hash, _>).unwrap_err();
    assert!(matches!(failed, MakeProofError::Read(1)));
    let failed = prove_consistency(1, 2, Err::<Hash, _>).unwrap_err();
    assert!(matches!(failed, MakeProofError::Read(1)));
}

proptest! {
    #[test]
    fn a_changed_bit_anywhere_makes_a_proof_of_nothing(
        size in 2..200_u64,
        at in any::<prop::sample::Index>(),
        hash in any::<prop::sample::Index>(),
        bit in 0..256_usize,
    ) {
        let grown = Grown::to(size);
        let index = at.index(size as usize) as u64;
        let mut proof = prove_inclusion(index, size, grown.read()).unwrap();
        let place = hash.index(proof.len());
        proof[place][bit / 8] ^= 1 << (bit % 8);
        let checked = check_inclusion(&proof, index, size, grown.leaves[index as usize], grown.root(size));
        prop_assert_eq!(checked, Err(ProofError::Wrong));

        let from = index + 1;
        let mut proof = prove_consistency(from, size, grown.read()).unwrap();
        if !proof.is_empty() {
            let place = hash.index(proof.len());
            proof[place][bit / 8] ^= 1 << (bit % 8);
            let checked = check_consistency(&proof, from, grown.root(from), size, grown.root(size));
            prop_assert_eq!(checked, Err(ProofError::Wrong));
        }
    }

    #[test]
    fn no_numbers_and_no_hashes_make_the_check_fail_otherwise_than_in_words(
        proof in prop::collection::vec(any::<Hash>(), 0..70),
        from in any::<u64>(), to in any::<u64>(), a in any::<Hash>(), b in any::<Hash>(),
    ) {
        prop_assert!(check_inclusion(&proof, from, to, a, b).is_err());
        prop_assert!(check_consistency(&proof, from, a, to, b).is_err());
        let (from, to) = (from % (1 << 60), to % (1 << 60));
        prop_assert!(check_inclusion(&proof, from.min(to), from.max(to) + 1, a, b).is_err());
        prop_assert!(check_consistency(&proof, from.min(to), a, from.max(to), b).is_err());
    }
}
