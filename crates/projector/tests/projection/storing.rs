//! What is written down, and rebuilt from it: a real journal in a directory of its own.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use dossier::ids::DossierCode;
use dossier::intake::Channel;
use dossier::status::Status;
use envelope::{Event, Signed};
use projector::{Projector, Store};

use crate::sample::{Pen, at, code_of, declined, ready, told};
use crate::{arrival, batch, directory, many};

fn open(dir: &Path) -> Projector {
    let store = Store::open(dir).unwrap();
    Projector::open(store, directory(), Duration::from_secs(30)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_projectors_told_in_different_orders_agree_after_a_restart_too() {
    let (_, events) = told(&many());
    let (one_dir, other_dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (one, other) = (open(one_dir.path()), open(other_dir.path()));
    for events in events.chunks(7) {
        one.take(events.iter().map(arrival).collect())
            .await
            .unwrap();
    }
    for events in events.rchunks(50) {
        other
            .take(events.iter().chain(events).map(arrival).collect())
            .await
            .unwrap();
        other
            .take(events.iter().rev().map(arrival).collect())
            .await
            .unwrap();
    }
    let digest = one.state().digest().unwrap();
    assert_eq!(digest, other.state().digest().unwrap());
    assert_eq!(digest, batch_with_elsewhere(&events));
    assert_eq!(one.store().entries(), events.len() as u64);
    let seen = one.state().seen();
    assert!(
        seen.contested > 0 && seen.unread > 0 && seen.elsewhere > 0,
        "{seen:?}"
    );
    for seed in [None, Some(1), Some(2)] {
        let compared = other.rebuild(seed, true).unwrap();
        assert!(compared.equal, "{compared:?}");
        assert_eq!(compared.live, digest);
    }
    drop(one);
    assert_eq!(open(one_dir.path()).state().digest().unwrap(), digest);
}

fn batch_with_elsewhere(events: &[Signed]) -> String {
    let mut state = batch(events);
    for signed in events {
        let subject = Event::read(&signed.bytes).unwrap().subject.into_owned();
        if DossierCode::parse(&subject).is_err() {
            state.elsewhere(None);
        }
    }
    state.digest().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_while_events_arrive_finds_no_difference() {
    let (_, events) = told(&many());
    let dir = tempfile::tempdir().unwrap();
    let projector = open(dir.path());
    let writer = projector.clone();
    let taking = tokio::spawn(async move {
        for events in events.chunks(5) {
            writer
                .take(events.iter().map(arrival).collect())
                .await
                .unwrap();
        }
    });
    let mut rebuilds = 0;
    while !taking.is_finished() || rebuilds == 0 {
        let me = projector.clone();
        let compared = tokio::task::spawn_blocking(move || me.rebuild(Some(rebuilds), true))
            .await
            .unwrap()
            .unwrap();
        assert!(compared.equal, "{compared:?}");
        rebuilds += 1;
    }
    taking.await.unwrap();
    assert!(projector.rebuild(None, false).unwrap().equal);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_feed_goes_on_is_written_with_the_event() {
    let (pens, events) = told(&many());
    let dir = tempfile::tempdir().unwrap();
    let projector = open(dir.path());
    projector
        .take(events.iter().map(arrival).collect())
        .await
        .unwrap();
    drop(projector);
    let positions = Store::open(dir.path()).unwrap().positions().unwrap();
    let expected: BTreeMap<_, _> = pens
        .iter()
        .map(|pen| ((pen.unit.to_string(), pen.epoch), pen.sequence))
        .collect();
    assert_eq!(positions, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unfit_arrival_lies_in_quarantine_and_blocks_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let projector = open(dir.path());
    let mut same_name = Pen::new("PROJECTOR", 8);
    let mut desk = Pen::new("H33-27", 1);
    let start = at("2018-01-03T09:00");
    let code = code_of(&desk.unit, start, 1);
    let unfit = same_name.write(code.as_str(), start, &[], &ready());
    let fit = desk.write(
        code.as_str(),
        start,
        &[],
        &declined("Đất đai", Channel::Direct),
    );
    projector
        .take(vec![arrival(&unfit), arrival(&fit)])
        .await
        .unwrap();
    assert_eq!(
        (
            projector.store().entries(),
            projector.store().quarantine_counts().unwrap()
        ),
        (1, (1, 1))
    );
    assert_eq!(
        projector.state().row(&code).unwrap().status,
        Status::Declined
    );
}
