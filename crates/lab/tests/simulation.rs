//! The floor of the simulation in small: a fixed set of seeds, the same run for the same seed, and
//! rules broken on purpose that have to be noticed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Duration;

use lab::simulation::floor::floor;
use lab::simulation::{Fault, Flaw, Plan, play};

/// Runs of a mix in which nothing may be lost.
const MIXES: u64 = 24;
/// Seeds within which a broken rule has to show.
const SEEDS_TO_NOTICE: u64 = 12;

#[test]
fn mixed_faults_lose_nothing_acknowledged_and_everyone_agrees_again() {
    let floor = floor(0..MIXES, None, 2).unwrap();
    assert!(floor.failures.is_empty(), "{:#?}", floor.failures);
    assert!(floor.acknowledged > 20 * MIXES, "{}", floor.acknowledged);
    assert!(floor.busy > 0, "no queue was ever full");
}

#[test]
fn each_fault_alone_heals_without_hands() {
    for fault in Fault::ALL {
        let shown = play(&Plan {
            only: Some(fault),
            ..Plan::of(1)
        })
        .unwrap();
        assert!(
            shown.wrong.is_empty(),
            "{}: {:#?}",
            fault.name(),
            shown.wrong
        );
        assert!(
            shown.recovery < Duration::from_secs(600),
            "{}",
            fault.name()
        );
    }
}

#[test]
fn the_same_seed_is_the_same_run() {
    for seed in [3, 5, 8] {
        let (first, second) = (
            play(&Plan::of(seed)).unwrap(),
            play(&Plan::of(seed)).unwrap(),
        );
        assert_eq!(first.trace, second.trace, "seed {seed}");
    }
    let other = play(&Plan::of(4)).unwrap();
    assert_ne!(play(&Plan::of(3)).unwrap().trace, other.trace);
}

fn is_noticed(flaw: Flaw, only: Fault) -> bool {
    (0..SEEDS_TO_NOTICE).any(|seed| {
        let plan = Plan {
            only: Some(only),
            flaw,
            ..Plan::of(seed)
        };
        !play(&plan).unwrap().wrong.is_empty()
    })
}

#[test]
fn a_unit_that_answers_before_its_disk_is_noticed() {
    assert!(is_noticed(
        Flaw::SpeaksBeforeTheDisk,
        Fault::PowerCutEverywhere
    ));
}

#[test]
fn a_unit_that_forgets_how_far_it_heard_is_noticed() {
    assert!(is_noticed(Flaw::ForgetsTheLink, Fault::PowerCut));
}

#[test]
fn a_unit_that_passes_over_what_arrives_is_noticed() {
    assert!(is_noticed(Flaw::PassesOver, Fault::LossyLines));
}

#[test]
fn a_unit_that_follows_a_repeated_command_again_is_noticed() {
    assert!(is_noticed(Flaw::FollowsTwice, Fault::LossyLines));
}

#[test]
fn a_province_in_which_nobody_reads_out_what_others_miss_is_noticed() {
    assert!(is_noticed(Flaw::AnswersNobody, Fault::BrokerRots));
}

#[test]
fn a_province_in_which_nobody_says_how_far_it_has_come_is_noticed() {
    assert!(is_noticed(Flaw::AnnouncesNothing, Fault::BrokerRots));
}
