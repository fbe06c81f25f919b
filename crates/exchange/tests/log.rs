//! Questions to a journal and their pages, without a broker.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::collections::BTreeMap;
use std::time::Duration;

use data_encoding::HEXLOWER;
use envelope::{Signed, moment};
use exchange::inflow::{Handed, Inflow, Question, Scope, Step};
use exchange::log::{self, Page};
use exchange::{Timing, head};
use journal::{Group, Journal, NewEntry, Options, Origin};
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use support::{Desk, event, id_of, key, register, token};

const HOME: &str = "H33-12";
const PEER: &str = "T01";

fn page(journal: &Journal, question: Value) -> Page {
    let body = log::answer(journal, question.to_string().as_bytes()).unwrap();
    log::read_page(HOME, &body).unwrap()
}

fn held(journal: &Journal, question: &Question) -> Page {
    log::read_page(
        HOME,
        &log::answer_held(journal, &question.payload()).unwrap(),
    )
    .unwrap()
}

fn ids(page: &Page) -> Vec<Uuid> {
    page.events
        .iter()
        .map(|event| id_of(&event.signed))
        .collect()
}

fn numbers(page: &Page) -> Vec<u64> {
    page.events.iter().filter_map(|event| event.link).collect()
}

async fn take_in(journal: &Journal, from: &str, links: &[u64], event: impl Fn(u64) -> Signed) {
    let entry = |link: &u64| NewEntry {
        origin: Origin::Received {
            from: from.to_owned(),
            link: *link,
        },
        signed: event(*link),
        deliveries: Vec::new(),
    };
    let group = Group {
        entries: links.iter().map(entry).collect(),
        received: links
            .last()
            .map(|last| (from.to_owned(), *last))
            .into_iter()
            .collect(),
        ..Group::default()
    };
    journal.append(group).await.await.unwrap();
}

/// A unit that wrote four events to its peer, was restored to the first two, and wrote one more.
async fn restored() -> (TempDir, Journal, [Uuid; 2], Signed) {
    let home = Desk::new(HOME, 1);
    let dir = TempDir::new().unwrap();
    for _ in 0..2 {
        home.write(&[PEER]).await;
    }
    let backup = dir.path().join("backup");
    home.journal.backup(&backup, None).unwrap();
    for _ in 0..2 {
        home.write(&[PEER]).await;
    }
    let at = "2024-05-06T09:00:00+07:00";
    journal::restore(&backup, &dir.path().join("j"), at, "CC-7", "the disk broke").unwrap();
    let (first, second) = (home.journal.epoch(), Uuid::from_u128(0xe0ff));
    let journal = Journal::open(&dir.path().join("j"), Options::new(HOME, first)).unwrap();
    let links = BTreeMap::from([(PEER.to_owned(), 4)]);
    journal.begin_epoch(second, links).await.unwrap();
    let signed = event(HOME, second, 1, &home.key);
    let entry = NewEntry {
        origin: Origin::Own,
        deliveries: vec![journal::Delivery {
            to: PEER.to_owned(),
            link: 5,
            event: id_of(&signed),
        }],
        signed: signed.clone(),
    };
    let group = Group {
        entries: vec![entry],
        ..Group::default()
    };
    journal.append(group).await.await.unwrap();
    (dir, journal, [first, second], signed)
}

#[tokio::test]
async fn numbers_that_a_restore_skipped_are_named_on_the_page_that_begins_with_them() {
    let (_dir, journal, _, last) = restored().await;
    let before = page(&journal, json!({ "to": PEER, "from_link": 1 }));
    assert_eq!(numbers(&before), [1, 2]);
    assert_eq!(
        (before.skipped_to, before.more, before.last),
        (None, true, Some(5))
    );
    for from in [3, 4] {
        let skipped = page(&journal, json!({ "to": PEER, "from_link": from }));
        assert_eq!(
            (skipped.skipped_to, numbers(&skipped)),
            (Some(4), vec![5]),
            "from {from}"
        );
        assert_eq!(ids(&skipped), [id_of(&last)]);
        assert!(!skipped.more);
    }
    let end = page(&journal, json!({ "to": PEER, "from_link": 6 }));
    assert_eq!(
        (end.events.len(), end.skipped_to, end.more),
        (0, None, false)
    );
}

#[tokio::test]
async fn an_inbox_goes_on_behind_numbers_that_carry_nothing() {
    let (_dir, home, _, last) = restored().await;
    let peer = Desk::new(PEER, 2);
    take_in(&peer.journal, HOME, &[1, 2], |link| {
        home.delivery(PEER, link).unwrap().unwrap().signed
    })
    .await;
    let scope = Scope::Inbox {
        me: token(PEER),
        journal: peer.journal.clone(),
    };
    let keys = register(&[(HOME, 1), (PEER, 2)]);
    let mut inflow: Inflow<()> = Inflow::new(scope, keys, Timing::default());
    let at = moment::parse("2024-05-06T09:30:00+07:00").unwrap();
    let head = head::announcement(&home, &token(HOME), &key(1), at).unwrap();
    inflow.checkpoint(&head, Duration::ZERO);
    let mut now = Duration::ZERO;
    let mut received = Vec::new();
    for _ in 0..100 {
        while let Some(step) = inflow.poll(now) {
            if let Step::Ask { number, question } = step {
                let body = log::answer(&home, &question.payload()).unwrap();
                inflow.answered(number, log::read_page(HOME, &body), now);
            }
        }
        while let Some(handed) = inflow.hand_over() {
            if let Handed::Event {
                signed,
                position,
                receipt,
                ..
            } = handed
            {
                received.push((position, id_of(&signed)));
                inflow.noted(receipt, true);
            }
        }
        let Some(wake) = inflow.wake() else { break };
        now = now.max(wake);
    }
    assert_eq!(received, [(5, id_of(&last))]);
    assert_eq!(inflow.status(now).lines[0].missing, 0);
}

#[tokio::test]
async fn an_earlier_epoch_is_read_as_far_as_it_is_held_and_an_unknown_one_is_refused() {
    let (_dir, journal, [first, second], last) = restored().await;
    let ended = page(&journal, json!({ "from_sequence": 2, "epoch": first }));
    assert_eq!(
        (ended.epoch, ended.events.len(), ended.last, ended.more),
        (first, 1, Some(2), false)
    );
    let present = page(&journal, json!({ "from_sequence": 1 }));
    assert_eq!((present.epoch, ids(&present)), (second, vec![id_of(&last)]));
    let unknown = json!({ "from_sequence": 1, "epoch": Uuid::from_u128(9) }).to_string();
    let (code, text) = log::answer(&journal, unknown.as_bytes()).unwrap_err();
    assert_eq!(code, 404);
    assert!(text.contains("never had the epoch"), "{text}");
}

#[tokio::test]
async fn what_was_received_from_a_unit_is_read_with_its_numbers_and_its_position() {
    let peer = Desk::new(PEER, 2);
    let epoch = Uuid::from_u128(7);
    let links: Vec<u64> = (1..=200).filter(|link| link % 7 != 0).collect();
    take_in(&peer.journal, HOME, &links, |link| {
        event(HOME, epoch, link, &key(1))
    })
    .await;
    let (mut from, mut read) = (1, Vec::new());
    loop {
        let question = json!({ "origin": HOME, "from_link": from, "limit": 30 });
        let page = page(&peer.journal, question);
        assert_eq!(page.position, Some(200));
        assert!(page.events.len() <= 30);
        read.extend(numbers(&page));
        if !page.more {
            break;
        }
        from = read.last().unwrap() + 1;
    }
    assert_eq!(read, links);
    let nothing = page(&peer.journal, json!({ "origin": "T02", "from_link": 1 }));
    assert_eq!((nothing.events.len(), nothing.position), (0, Some(0)));
}

#[tokio::test]
async fn a_holder_gives_the_events_of_one_origin_and_epoch_with_what_it_lacks_left_out() {
    let holder = Desk::new("PROJECTOR", 9);
    let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let line = |epoch| log::held_line(HOME, epoch);
    for (epoch, sequences) in [(one, [1, 2, 4]), (other, [1, 3, 4])] {
        take_in(&holder.journal, &line(epoch), &sequences, |sequence| {
            event(HOME, epoch, sequence, &key(1))
        })
        .await;
    }
    let question = |epoch, from_sequence, limit| Question::Held {
        origin: HOME.to_owned(),
        epoch,
        from_sequence,
        limit,
    };
    let first = held(&holder.journal, &question(one, 1, 2));
    assert_eq!(
        (numbers(&first), first.more, first.epoch),
        (vec![1, 2], true, one)
    );
    let rest = held(&holder.journal, &question(one, 3, 100));
    assert_eq!((numbers(&rest), rest.more), (vec![4], false));
    let second = held(&holder.journal, &question(other, 1, 100));
    assert_eq!(numbers(&second), [1, 3, 4]);
    for bad in [
        json!({ "origin": HOME, "from_sequence": 1 }),
        json!({ "origin": HOME, "epoch": one, "from_sequence": 0 }),
        json!({ "origin": HOME, "epoch": one, "from_sequence": 1, "from_link": 1 }),
    ] {
        let refused = log::answer_held(&holder.journal, bad.to_string().as_bytes());
        assert_eq!(refused.unwrap_err().0, 400, "{bad}");
    }
}

#[tokio::test]
async fn a_question_that_is_none_is_refused_and_says_how_to_ask() {
    let home = Desk::new(HOME, 1);
    for bad in [
        json!({}),
        json!([]),
        json!({ "from_sequence": 0 }),
        json!({ "from_sequence": 1, "to": PEER }),
        json!({ "to": PEER }),
        json!({ "to": PEER, "origin": PEER, "from_link": 1 }),
        json!({ "origin": PEER, "from_link": 0 }),
        json!({ "to": PEER, "from_link": 1, "epoch": Uuid::nil() }),
    ] {
        let (code, text) = log::answer(&home.journal, bad.to_string().as_bytes()).unwrap_err();
        assert_eq!(code, 400, "{bad}");
        assert!(text.contains("from_sequence"), "{text}");
    }
}

#[tokio::test]
async fn the_tree_of_each_earlier_size_is_proved_to_be_the_beginning_of_a_later_one() {
    let home = Desk::new(HOME, 1);
    for _ in 0..9 {
        home.write(&[PEER]).await;
    }
    let epoch = home.journal.epoch();
    for to in 0..=9 {
        for from in 0..=to {
            let ask = json!({ "epoch": epoch, "consistency": { "from": from, "to": to } });
            let body = log::answer(&home.journal, ask.to_string().as_bytes()).unwrap();
            let body: Value = serde_json::from_slice(&body).unwrap();
            let proof = home.journal.consistency(from, to).unwrap();
            let due: Vec<String> = proof.iter().map(|hash| HEXLOWER.encode(hash)).collect();
            assert_eq!(body, json!({ "unit": HOME, "epoch": epoch, "proof": due }));
        }
    }
}

#[tokio::test]
async fn a_proof_about_another_tree_is_refused_and_not_made_up() {
    let (_dir, journal, [first, second], _) = restored().await;
    let ask = |epoch: Uuid, from: u64, to: u64| {
        let ask = json!({ "epoch": epoch, "consistency": { "from": from, "to": to } });
        log::answer(&journal, ask.to_string().as_bytes()).map_err(|(code, _)| code)
    };
    assert!(ask(second, 1, 3).is_ok());
    // The old epoch's tree went on in another order, which this journal does not know.
    assert_eq!(ask(first, 1, 2), Err(410));
    assert_eq!(ask(Uuid::nil(), 1, 2), Err(404));
    assert_eq!(ask(second, 1, 4), Err(409));
    assert_eq!(ask(second, 3, 2), Err(400));
    for bad in [
        json!({ "consistency": { "from": 1, "to": 3 } }),
        json!({ "epoch": second, "consistency": { "from": 1 } }),
        json!({ "epoch": second, "from_sequence": 1, "consistency": { "from": 1, "to": 3 } }),
    ] {
        let refused = log::answer(&journal, bad.to_string().as_bytes());
        assert_eq!(refused.unwrap_err().0, 400, "{bad}");
    }
}

#[tokio::test]
async fn a_restored_journal_proves_nothing_before_it_knows_how_far_it_had_come() {
    let home = Desk::new(HOME, 1);
    home.write(&[PEER]).await;
    let (dir, epoch) = (TempDir::new().unwrap(), home.journal.epoch());
    let backup = dir.path().join("backup");
    home.journal.backup(&backup, None).unwrap();
    let at = "2024-05-06T09:00:00+07:00";
    journal::restore(&backup, &dir.path().join("j"), at, "CC-7", "the disk broke").unwrap();
    let journal = Journal::open(&dir.path().join("j"), Options::new(HOME, epoch)).unwrap();
    let ask = json!({ "epoch": epoch, "consistency": { "from": 1, "to": 1 } });
    let refused = log::answer(&journal, ask.to_string().as_bytes()).unwrap_err();
    assert_eq!(refused.0, 503, "{}", refused.1);
}
