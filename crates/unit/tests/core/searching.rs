//! How a restored unit finds out how far it had come: everybody is waited for who may know what no one
//! else does.

use std::sync::Arc;

use dossier::ids::UnitId;
use envelope::{Event, KeyRegister, PublicKeys, Signed};
use tempfile::TempDir;
use unit::recovery::findings::Findings;
use unit::recovery::search::{Ask, BROKER, HOLDERS, Search, Told};

use crate::house::{COMMUNE, House, LAND, LAND_PROCEDURE, TAX, key_of, receive, unit_id};

fn keys() -> Arc<KeyRegister> {
    let mut keys = KeyRegister::new();
    let row = PublicKeys::new(COMMUNE, key_of(COMMUNE).public(), [1; 32]);
    keys.insert(&row).unwrap();
    Arc::new(keys)
}

/// A commune after three receptions, and a search for a journal of it that holds nothing.
async fn searching(others: &[&str]) -> (House, Vec<Signed>, Search) {
    let mut commune = House::new(COMMUNE);
    for id in 1..=3 {
        let sent = receive(id, "2018-01-02T08:00", LAND_PROCEDURE);
        commune.does("receive", &sent).await.unwrap();
    }
    let events = commune.entries().into_iter().map(|entry| entry.signed);
    let events = events.collect();
    let findings = Findings::new(unit_id(COMMUNE), keys(), Default::default());
    let others = others.iter().map(|unit| unit_id(unit)).collect();
    let search = Search::new(findings, commune.journal.epoch(), 0, others);
    (commune, events, search)
}

fn of(events: &[Signed]) -> Told {
    Told {
        events: events.iter().map(|signed| (signed.clone(), None)).collect(),
        ..Told::default()
    }
}

fn nothing_from_others(search: &mut Search) {
    while let Some(ask) = search.asks().first() {
        search.told(ask, Told::default());
    }
}

fn unit_of(ask: &Ask) -> Option<&UnitId> {
    match ask {
        Ask::Unit { unit, .. } => Some(unit),
        _ => None,
    }
}

#[tokio::test]
async fn whoever_may_know_more_is_waited_for_until_an_officer_says_otherwise() {
    let (_, _, mut search) = searching(&[LAND, TAX]).await;
    assert_eq!(search.waits_for(), [LAND, TAX, BROKER, HOLDERS]);
    assert!(search.plan().is_none());
    let gone = [TAX, BROKER, HOLDERS].map(str::to_owned);
    search.go_on_without(&gone);
    assert_eq!(search.without(), gone);
    let land = search.asks().remove(0);
    assert_eq!(unit_of(&land), Some(&unit_id(LAND)));
    search.told(&land, Told::default());
    assert_eq!(search.plan().unwrap().unwrap().taken_back(), 0);
}

#[tokio::test]
async fn what_one_had_and_another_had_goes_together_and_a_number_spent_is_known() {
    let (commune, events, mut search) = searching(&[LAND]).await;
    search.told(&Ask::Broker, of(&events[..2]));
    let land = Ask::Unit {
        unit: unit_id(LAND),
        from_link: 1,
    };
    let told = Told {
        events: vec![(events[2].clone(), Some(7))],
        position: Some(4),
        more: true,
        ..Told::default()
    };
    search.told(&land, told);
    let next = Ask::Unit {
        unit: unit_id(LAND),
        from_link: 8,
    };
    assert!(search.asks().contains(&next), "the page was not the last");
    // A number that an addressee is told of counts, whether its event can be had or not.
    let told = Told {
        position: Some(12),
        ..Told::default()
    };
    search.told(&next, told);
    nothing_from_others(&mut search);
    let plan = search.plan().unwrap().unwrap();
    assert_eq!((plan.held, plan.known, plan.taken_back()), (3, 3, 3));
    assert_eq!((plan.by_holder["broker"], plan.by_holder[LAND]), (2, 1));
    assert_eq!(plan.epochs[0].epoch, commune.journal.epoch());
}

#[tokio::test]
async fn what_lies_behind_a_hole_is_put_aside_and_the_hole_is_named() {
    let (_, events, mut search) = searching(&[]).await;
    let known: Vec<Signed> = [0, 1, 3, 5].map(|n: usize| events[n].clone()).to_vec();
    search.told(&Ask::Broker, of(&known));
    nothing_from_others(&mut search);
    let plan = search.plan().unwrap().unwrap();
    assert_eq!((plan.held, plan.known), (2, 6));
    assert_eq!(plan.missing, [3, 5]);
    assert_eq!(plan.aside.len(), 2);
    assert!(plan.aside[0].1.contains("nobody has number 3"));
}

#[tokio::test]
async fn two_events_under_one_number_end_the_search_with_both_names() {
    let (commune, events, mut search) = searching(&[]).await;
    let other = House::new(COMMUNE);
    let data = r#"{"step":"conditions","turn":1}"#;
    let forked = other.signs(77, "x", "vn.motcua.step.accepted.v1", data, true);
    let event = Event::read(&forked.bytes).unwrap();
    assert_eq!((event.epoch, event.sequence), (commune.journal.epoch(), 1));
    search.told(&Ask::Broker, of(&[events[0].clone(), forked.clone()]));
    nothing_from_others(&mut search);
    let conflict = search.plan().unwrap().unwrap_err();
    assert_eq!((conflict.sequence, conflict.other), (1, event.id));
}

#[tokio::test]
async fn what_somebody_else_signed_counts_for_nothing() {
    let (_, events, mut search) = searching(&[]).await;
    let forged = Signed {
        signature: [3; 64],
        ..events[0].clone()
    };
    search.told(&Ask::Broker, of(&[forged]));
    nothing_from_others(&mut search);
    assert_eq!(search.plan().unwrap().unwrap().known, 0);
}

#[tokio::test]
async fn an_epoch_that_began_after_the_backup_follows_on_the_one_that_it_names() {
    let (commune, events, mut search) = searching(&[]).await;
    let dir = TempDir::new().unwrap();
    let backup = dir.path().join("a.backup");
    commune.journal.backup(&backup, None).unwrap();
    let second = commune.restored_from(&backup);
    let (from, next) = (commune.journal.epoch(), uuid::Uuid::from_u128(5));
    let links = commune.journal.links();
    second.journal.begin_epoch(next, links).await.unwrap();
    let data = serde_json::json!({ "backup_entries": 6, "restored_at": "2018-01-09T08:00:00+07:00",
        "from_epoch": from, "held": 6, "known": 6, "taken_back": 0, "by_holder": {},
        "unanswered": [], "missing": [], "officer": "qt-01", "reason": "hỏng đĩa" });
    let kind = "vn.motcua.journal.restored.v1";
    let first = second.signs(88, COMMUNE, kind, &data.to_string(), true);
    search.told(&Ask::Broker, of(&[&events[..], &[first]].concat()));
    nothing_from_others(&mut search);
    let plan = search.plan().unwrap().unwrap();
    let epochs: Vec<_> = plan.epochs.iter().map(|run| run.epoch).collect();
    assert_eq!(epochs, [from, next]);
    assert_eq!((plan.from_epoch, plan.held, plan.known), (next, 1, 1));
}
