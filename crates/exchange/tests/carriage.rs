//! The two pure halves of the exchange over a carrier that loses, repeats and reorders, in virtual
//! time: whatever happens, what one journal holds arrives in the other, in order and once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod carrier;
mod support;

use std::sync::LazyLock;
use std::time::Duration;

use carrier::script::{ADDRESSEE, Script};
use carrier::{FAIR, INTERVAL, Weather, World};
use exchange::inflow::Scope;
use exchange::order::Line;
use exchange::outflow::Lane;
use journal::{Journal, Options};
use proptest::prelude::{ProptestConfig, Strategy, any, prop_assert_eq, proptest};
use support::token;
use tempfile::TempDir;
use uuid::Uuid;

static H33: LazyLock<Script> = LazyLock::new(|| Script::write("H33", 1, 60));
static H34: LazyLock<Script> = LazyLock::new(|| Script::write("H34", 2, 40));

/// Everything has certainly been written and tried by then; the longest pauses are 30 s.
const STORM: Duration = Duration::from_secs(90);
const CALM: Duration = Duration::from_secs(600);

fn up_to(last: u64) -> Vec<u64> {
    (1..=last).collect()
}

fn line(script: &Script, epoch: Option<Uuid>) -> Line {
    Line {
        origin: script.unit.to_owned(),
        epoch,
    }
}

fn of_feed(world: &World, receiver: usize, script: &Script) -> Vec<u64> {
    let line = line(script, Some(script.epoch));
    let log = &world.receivers[receiver].log;
    log.get(&line).cloned().unwrap_or_default()
}

fn of_inbox(world: &World, receiver: usize, script: &Script) -> Vec<u64> {
    let log = &world.receivers[receiver].log;
    log.get(&line(script, None)).cloned().unwrap_or_default()
}

fn desk() -> (TempDir, Journal) {
    let dir = TempDir::new().unwrap();
    let options = Options::new(ADDRESSEE, Uuid::from_u128(0xe0ff));
    let journal = Journal::open(dir.path(), options).unwrap();
    (dir, journal)
}

fn inbox(journal: &Journal) -> impl Fn() -> Scope + 'static {
    let journal = journal.clone();
    move || Scope::Inbox {
        me: token(ADDRESSEE),
        journal: journal.clone(),
    }
}

fn weather() -> impl Strategy<Value = Weather> {
    (0..40_u64, 0..40_u64, 0..20_u64, 0..20_u64).prop_map(
        |(lost, repeated, dropped_by_host, killed)| Weather {
            lost,
            repeated,
            dropped_by_host,
            killed,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn i2_i5_any_carrier_only_delays(seed in any::<u64>(), weather in weather()) {
        let mut world = World::new(seed, weather, &[&H33, &H34]);
        let feed = world.receive(|| Scope::Feed);
        world.run_until(STORM);
        world.weather = FAIR;
        world.run_until(STORM + CALM);
        for script in [&*H33, &*H34] {
            prop_assert_eq!(of_feed(&world, feed, script), up_to(script.size()));
        }
        // The journals have filled the streams again, whatever was lost.
        prop_assert_eq!(world.broker.count(Lane::Event) as u64, H33.size() + H34.size());
        prop_assert_eq!(world.broker.count(Lane::Inbox) as u64, (H33.size() + H34.size()) / 2);
        for line in world.receivers[feed].inflow.status(world.now).lines {
            prop_assert_eq!((line.missing, line.parked, line.missing_for), (0, 0, None));
        }
        for sender in &world.senders {
            let status = sender.outflow.status(world.now);
            prop_assert_eq!(status.published, status.size);
            prop_assert_eq!(status.oldest_waits, None);
        }
    }
}

proptest! {
    // Each case writes a journal of its own.
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn i2_i4_i5_an_inbox_records_every_link_once(seed in any::<u64>(), weather in weather()) {
        let (_dir, journal) = desk();
        let mut world = World::new(seed, weather, &[&H33, &H34]);
        let inbox = world.receive(inbox(&journal));
        world.run_until(STORM);
        world.weather = FAIR;
        world.run_until(STORM + CALM);
        for script in [&*H33, &*H34] {
            prop_assert_eq!(of_inbox(&world, inbox, script), up_to(script.size() / 2));
            prop_assert_eq!(journal.received_position(script.unit), script.size() / 2);
        }
    }
}

#[test]
fn an_origin_that_is_away_delays_nobody_else() {
    let (_dir, journal) = desk();
    let mut world = World::new(7, FAIR, &[&H33, &H34]);
    let inbox = world.receive(inbox(&journal));
    // What it had sent is lost, it sends no more and answers nobody; that its events exist is known.
    world.run_until(Duration::from_secs(3));
    world.away.push("H33".to_owned());
    world.senders[0].publishes = false;
    world.broker.wipe();
    world.run_until(STORM);
    assert!(of_inbox(&world, inbox, &H33).len() < 30);
    assert_eq!(of_inbox(&world, inbox, &H34), up_to(20));
    let status = world.receivers[inbox].inflow.status(world.now);
    let missing: Vec<_> = status.lines.iter().map(|line| line.missing > 0).collect();
    assert_eq!(missing, [true, false]);
    assert!(status.oldest_missing > Some(INTERVAL));

    world.away.clear();
    world.senders[0].restart();
    world.run_until(STORM + CALM);
    assert_eq!(of_inbox(&world, inbox, &H33), up_to(30));
}

#[test]
fn a_feed_reads_what_an_absent_origin_wrote_from_whoever_holds_it() {
    let mut world = World::new(8, FAIR, &[&H33, &H34]);
    let feed = world.receive(|| Scope::Feed);
    world.away.push("H33".to_owned());
    world.receivers[feed].silent = true;
    world.run_until(STORM);
    assert_eq!(of_feed(&world, feed, &H33), up_to(H33.size()));
}

#[test]
fn a_consumer_that_falls_silent_is_rebuilt_and_only_then_made_anew() {
    let mut world = World::new(9, FAIR, &[&H33, &H34]);
    let feed = world.receive(|| Scope::Feed);
    world.run_until(Duration::from_secs(1));
    world.receivers[feed].silent = true;
    world.run_until(Duration::from_secs(1) + INTERVAL * 12);
    assert_eq!(world.receivers[feed].rebuilt, [false, true]);
    assert!(!world.receivers[feed].silent);
    assert_eq!(world.receivers[feed].inflow.status(world.now).rebuilds, 2);
    for script in [&*H33, &*H34] {
        assert_eq!(of_feed(&world, feed, script), up_to(script.size()));
    }
}
