//! What lies in quarantine: judged again, let in with everything that follows from it, or rejected.

use dossier::fact::Fact;
use dossier::ids::{DossierCode, StepKey};
use dossier::intervention::RetryOutcome;
use dossier::step::Accepted;
use dossier::wire;
use envelope::{Event, Signed};
use serde_json::json;
use unit::answer::{Noted, Refused};
use unit::command::CommandEnvelope;
use unit::quarantine::{self, Done, Quarantine, QuarantineAsked};
use uuid::Uuid;

use crate::house::{
    BUSINESS, COMMUNE, DISTRICT, House, POLICE, TAX, at, command, complete, receive, unit_id,
};

const WHEN: &str = "2018-01-05T08:00";

fn dealing(id: u128, number: u64) -> CommandEnvelope {
    let data = json!({ "number": number, "reason": "Đã bổ sung khóa của huyện" });
    command(id, WHEN, None, data)
}

async fn retry(house: &mut House, id: u128, number: u64) -> Result<Noted, Refused> {
    house
        .notes_down("retry_quarantined", &dealing(id, number))
        .await
}

async fn reject(house: &mut House, id: u128, number: u64) -> Result<Noted, Refused> {
    house
        .notes_down("reject_quarantined", &dealing(id, number))
        .await
}

fn listed(house: &House, asked: &QuarantineAsked) -> Quarantine {
    quarantine::listed(&house.journal, &unit_id(house.name), asked)
        .unwrap()
        .unwrap()
}

fn all(house: &House) -> Quarantine {
    listed(house, &QuarantineAsked::default())
}

/// What the tax office is sent about a business dossier, and that dossier.
async fn told_to_the_tax_office() -> (House, Vec<Signed>, DossierCode) {
    let mut district = House::new(DISTRICT);
    let received = receive(1, "2018-01-02T08:00", BUSINESS);
    let code = district.does("receive", &received).await.unwrap().dossier;
    let done = complete(2, "2018-01-02T09:00", &code, "business");
    district.does("complete", &done).await.unwrap();
    let told = (1..=district.journal.last_link(TAX))
        .map(|link| {
            district
                .journal
                .delivery(TAX, link)
                .unwrap()
                .unwrap()
                .signed
        })
        .collect();
    (district, told, code)
}

/// Puts the first event aside as the exchange does with a signature that does not verify, and hears
/// the others.
async fn hears_with_a_poisoned_first(house: &mut House, told: &[Signed]) {
    let first = told[0].clone();
    let signature = Some((first.signature, first.key));
    let reason = "no such key".to_owned();
    let group = house
        .core
        .unfit(&first.bytes, signature, DISTRICT, Some(1), reason);
    house.write(group).await;
    for (link, signed) in (2..).zip(&told[1..]) {
        house.hears(signed.clone(), DISTRICT, link).await;
    }
}

#[tokio::test]
async fn after_the_key_was_added_everything_is_let_in_as_if_nothing_had_happened() {
    let (_district, told, code) = told_to_the_tax_office().await;
    let mut tax = House::new(TAX).restarted_trusting(&[COMMUNE]);
    hears_with_a_poisoned_first(&mut tax, &told).await;
    assert_eq!(
        tax.journal.received_position(DISTRICT),
        3,
        "the line went on"
    );
    assert!(tax.entries().is_empty());
    let refused = retry(&mut tax, 20, 0).await.unwrap_err();
    assert_eq!(refused.code, "quarantine.still_unfit");
    assert!(refused.message.contains("H33-27"), "{}", refused.message);

    let mut tax = tax.restarted_trusting(&[COMMUNE, DISTRICT]);
    for number in 0..3 {
        retry(&mut tax, 30 + u128::from(number), number)
            .await
            .unwrap();
    }
    assert_eq!(
        tax.kinds(),
        [
            "dossier.received",
            "quarantine.retried",
            "step.dispatched",
            "quarantine.retried",
            "step.dispatched",
            "step.accepted",
            "quarantine.retried",
        ]
    );
    assert_eq!(tax.core.worklist().unwrap().items.len(), 1);
    assert_eq!(tax.journal.received_position(DISTRICT), 3);
    let mut untroubled = House::new(TAX);
    for (link, signed) in (1..).zip(told) {
        untroubled.hears(signed, DISTRICT, link).await;
    }
    let (known, expected) = (tax.dossier(&code), untroubled.dossier(&code));
    assert_eq!(known.dossier.status(), expected.dossier.status());
    assert_eq!(known.dossier.walk, expected.dossier.walk);
    assert_eq!(tax.recalled(&code).unwrap().dossier, known.dossier);
    let (kept, open) = (all(&tax), all(&tax).open);
    assert_eq!((kept.total, open), (3, 0));
}

#[tokio::test]
async fn the_event_about_it_says_what_lay_there_and_who_let_it_in() {
    let (_district, told, _) = told_to_the_tax_office().await;
    let mut tax = House::new(TAX);
    hears_with_a_poisoned_first(&mut tax, &told).await;
    let noted = retry(&mut tax, 30, 0).await.unwrap();
    let entry = tax.journal.by_id(&noted.events[0]).unwrap().unwrap();
    let event = Event::read(&entry.signed.bytes).unwrap();
    assert_eq!(
        (event.subject.as_ref(), event.causation),
        (TAX, Some(Uuid::from_u128(30)))
    );
    assert!(entry.deliveries.is_empty());
    let Some(Fact::QuarantineRetried(fact)) = wire::read(event.kind, event.data).unwrap() else {
        panic!("{}", event.kind);
    };
    assert_eq!(fact.sha256, quarantine::sha256(&told[0].bytes));
    assert_eq!(fact.event, Event::read(&told[0].bytes).unwrap().id);
    assert_eq!(
        (fact.from.as_str(), fact.held_for.as_str()),
        (DISTRICT, "no such key")
    );
    assert_eq!(fact.outcome, RetryOutcome::TakenIn);
    assert_eq!(
        (fact.officer.as_str(), fact.reason.as_str()),
        ("cb-01", "Đã bổ sung khóa của huyện")
    );
}

#[tokio::test]
async fn a_repeated_command_returns_its_first_outcome_and_does_nothing() {
    let (_district, told, _) = told_to_the_tax_office().await;
    let mut tax = House::new(TAX);
    hears_with_a_poisoned_first(&mut tax, &told).await;
    let first = retry(&mut tax, 30, 0).await.unwrap();
    let rejected = reject(&mut tax, 31, 1).await.unwrap();
    let size = tax.journal.size();
    let mut tax = tax.restarted();
    assert_eq!(retry(&mut tax, 30, 0).await.unwrap(), first);
    assert_eq!(reject(&mut tax, 31, 1).await.unwrap(), rejected);
    assert_eq!(tax.journal.size(), size);
}

#[tokio::test]
async fn what_is_rejected_stays_rejected() {
    let (_district, told, _) = told_to_the_tax_office().await;
    let mut tax = House::new(TAX);
    hears_with_a_poisoned_first(&mut tax, &told).await;
    let noted = reject(&mut tax, 30, 0).await.unwrap();
    let item = all(&tax).items.pop().unwrap();
    let disposition = item.disposition.unwrap();
    assert_eq!((item.number, disposition.done), (0, Done::Rejected));
    assert_eq!(disposition.event, noted.events[0]);
    let mut tax = tax.restarted();
    for refused in [retry(&mut tax, 31, 0).await, reject(&mut tax, 32, 0).await] {
        assert_eq!(refused.unwrap_err().code, "quarantine.disposed");
    }
    assert_eq!(tax.kinds(), ["quarantine.rejected"]);
}

#[tokio::test]
async fn dealt_with_twice_before_the_disk_has_the_first_is_dealt_with_once() {
    let (_district, told, _) = told_to_the_tax_office().await;
    let mut tax = House::new(TAX);
    hears_with_a_poisoned_first(&mut tax, &told).await;
    let sent = dealing(30, 0);
    let unit::core::Outcome::Noted(group, _) =
        tax.core.command("reject_quarantined", &sent).unwrap()
    else {
        panic!("not rejected");
    };
    let refused = retry(&mut tax, 31, 0).await.unwrap_err();
    assert_eq!(refused.code, "quarantine.disposed");
    tax.write(group).await;
}

#[tokio::test]
async fn what_arrived_another_way_is_only_noted() {
    let (_district, told, _) = told_to_the_tax_office().await;
    let mut tax = House::new(TAX);
    hears_with_a_poisoned_first(&mut tax, &told).await;
    tax.hears(told[0].clone(), DISTRICT, 4).await;
    retry(&mut tax, 30, 0).await.unwrap();
    assert_eq!(tax.kinds(), ["dossier.received", "quarantine.retried"]);
    let disposition = all(&tax).items.pop().unwrap().disposition.unwrap();
    assert_eq!(
        disposition.done,
        Done::Retried(RetryOutcome::ArrivedMeanwhile)
    );
}

#[tokio::test]
async fn what_its_writer_may_not_say_is_refused_again_and_nothing_is_written() {
    let (mut district, _, code) = told_to_the_tax_office().await;
    let police = House::new(POLICE);
    let accepted = Fact::StepAccepted(Accepted {
        step: StepKey::parse("tax_code").unwrap(),
        turn: 1,
        due_at: None,
    });
    district
        .hears(police.forges(101, &code, &accepted), POLICE, 1)
        .await;
    let (before, size) = (district.dossier(&code).dossier, district.journal.size());
    let refused = retry(&mut district, 30, 0).await.unwrap_err();
    assert_eq!(refused.code, "quarantine.still_unfit");
    assert!(
        refused.message.contains("does not hold turn 1"),
        "{}",
        refused.message
    );
    assert_eq!(district.dossier(&code).dossier, before);
    assert_eq!(district.journal.size(), size);
    assert_eq!(all(&district).open, 1);
}

#[tokio::test]
async fn without_its_signature_or_its_end_it_can_only_be_rejected() {
    let (_district, told, _) = told_to_the_tax_office().await;
    let mut tax = House::new(TAX);
    let first = told[0].clone();
    let group = tax
        .core
        .unfit(&first.bytes, None, DISTRICT, None, "no signature".into());
    tax.write(group).await;
    let long = [&first.bytes[..], &[b' '; envelope::EVENT_BYTES_MAX]].concat();
    let signature = Some((first.signature, first.key));
    let group = tax
        .core
        .unfit(&long, signature, DISTRICT, None, "too long".into());
    tax.write(group).await;
    for number in [0, 1] {
        let refused = retry(&mut tax, 30, number).await.unwrap_err();
        assert_eq!(refused.code, "quarantine.not_signed");
    }
    for number in [0, 1] {
        reject(&mut tax, 40 + u128::from(number), number)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_command_says_which_one_and_why_and_names_no_dossier() {
    let (_district, told, code) = told_to_the_tax_office().await;
    let mut tax = House::new(TAX);
    hears_with_a_poisoned_first(&mut tax, &told).await;
    let mut refusal = async |sent: CommandEnvelope| {
        let refused = tax.notes_down("reject_quarantined", &sent).await;
        refused.unwrap_err().code
    };
    let data = |reason: &str| json!({ "number": 0, "reason": reason });
    assert_eq!(refusal(dealing(30, 3)).await, "quarantine.unknown");
    for reason in [" ", &"x".repeat(1_001)] {
        let sent = command(31, WHEN, None, data(reason));
        assert_eq!(refusal(sent).await, "quarantine.no_reason");
    }
    for sent in [
        command(32, WHEN, Some(&code), data("Thử")),
        command(33, WHEN, None, json!({ "number": 0 })),
    ] {
        assert_eq!(refusal(sent).await, "message.malformed");
    }
    let unnamed = json!({ "id": Uuid::from_u128(34), "officer": " ", "data": data("Thử") });
    assert!(serde_json::from_value::<CommandEnvelope>(unnamed).is_err());
}

#[tokio::test]
async fn it_is_listed_newest_first_page_by_page_and_shown_whole() {
    let mut tax = House::new(TAX);
    for number in 0..120 {
        let reason = format!("{number} {}", "lý do ".repeat(200));
        let group = tax.core.unfit(b"{}", None, POLICE, None, reason);
        tax.write(group).await;
    }
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = listed(
            &tax,
            &QuarantineAsked {
                number: None,
                before,
            },
        );
        assert_eq!((page.total, page.open), (120, 120));
        assert!(
            page.items
                .iter()
                .all(|item| item.reason.chars().count() == 500)
        );
        seen.extend(page.items.iter().map(|item| item.number));
        before = seen.last().copied();
        if !page.more {
            break;
        }
    }
    assert_eq!(seen, (0..120).rev().collect::<Vec<_>>());
    let asked = QuarantineAsked {
        number: Some(7),
        before: None,
    };
    let shown = listed(&tax, &asked).items.pop().unwrap();
    assert_eq!(shown.bytes.as_deref(), Some("e30"));
    assert!(shown.reason.chars().count() > 500);
    let asked = QuarantineAsked {
        number: Some(120),
        before: None,
    };
    let none = quarantine::listed(&tax.journal, &unit_id(TAX), &asked).unwrap();
    assert_eq!(none.unwrap_err().code, "quarantine.unknown");
}

#[tokio::test]
async fn a_disposition_is_not_noted_of_other_bytes_under_the_same_number() {
    let (_district, told, _) = told_to_the_tax_office().await;
    let mut tax = House::new(TAX);
    hears_with_a_poisoned_first(&mut tax, &told).await;
    let noted = reject(&mut tax, 30, 0).await.unwrap();
    let entry = tax.journal.by_id(&noted.events[0]).unwrap().unwrap();
    let event = Event::read(&entry.signed.bytes).unwrap();
    let fact = wire::read(event.kind, event.data).unwrap().unwrap();
    let note = quarantine::note_of(&fact, event.id, &tax.journal).unwrap();
    assert_eq!(
        tax.notes(quarantine::DISPOSED).into_iter().next(),
        note.map(|note| (note.key, note.value.unwrap()))
    );
    let mut other = House::new(TAX);
    let group = other.core.unfit(b"{}", None, POLICE, None, "other".into());
    other.write(group).await;
    let note = quarantine::note_of(&fact, event.id, &other.journal).unwrap();
    assert_eq!(note, None);
}

#[tokio::test]
async fn whichever_of_the_events_were_poisoned_the_dossier_ends_as_if_none_had_been() {
    let (_district, told, code) = told_to_the_tax_office().await;
    let mut untroubled = House::new(TAX);
    for (link, signed) in (1..).zip(&told) {
        untroubled.hears(signed.clone(), DISTRICT, link).await;
    }
    let expected = untroubled.dossier(&code).dossier;
    for poisoned in 1..1_u32 << told.len() {
        let mut tax = House::new(TAX);
        for (place, signed) in told.iter().enumerate() {
            let link = place as u64 + 1;
            if poisoned & 1 << place == 0 {
                tax.hears(signed.clone(), DISTRICT, link).await;
                continue;
            }
            let signature = Some((signed.signature, signed.key.clone()));
            let reason = "no such key".to_owned();
            let group = tax
                .core
                .unfit(&signed.bytes, signature, DISTRICT, Some(link), reason);
            tax.write(group).await;
        }
        for number in 0..all(&tax).total {
            let id = 100 + u128::from(number);
            retry(&mut tax, id, number).await.unwrap();
        }
        assert_eq!(all(&tax).open, 0, "{poisoned:b}");
        let known = tax.dossier(&code).dossier;
        assert_eq!(known.status(), expected.status(), "{poisoned:b}");
        assert_eq!(known.walk, expected.walk, "{poisoned:b}");
        assert_eq!(tax.core.worklist().unwrap().items.len(), 1, "{poisoned:b}");
        assert_eq!(tax.recalled(&code).unwrap().dossier, known, "{poisoned:b}");
        let accepted = tax
            .kinds()
            .iter()
            .filter(|kind| *kind == "step.accepted")
            .count();
        assert_eq!(accepted, 1, "{poisoned:b}");
    }
}

#[tokio::test]
async fn what_lies_there_and_comes_again_fit_needs_nobody() {
    let (_district, told, _) = told_to_the_tax_office().await;
    let first = told[0].clone();
    let signature = || Some((first.signature, first.key.clone()));
    let poison = |house: &mut House, link| {
        let reason = "number 1 of the line was another event before".to_owned();
        house
            .core
            .unfit(&first.bytes, signature(), DISTRICT, Some(link), reason)
    };

    // Before it is durable, and after a restart.
    for restarts in [false, true] {
        let mut tax = House::new(TAX);
        let group = poison(&mut tax, 1);
        tax.write(group).await;
        assert_eq!(all(&tax).open, 1);
        tax.hears(first.clone(), DISTRICT, 2).await;
        if restarts {
            tax = tax.restarted();
        }
        let group = tax.core.wake(at(WHEN)).unwrap();
        tax.write(group).await;
        let lies = all(&tax);
        let disposition = lies.items[0].disposition.clone().unwrap();
        assert_eq!((lies.total, lies.open), (1, 0));
        assert_eq!(disposition.done, Done::CameAgain);
        assert_eq!(tax.kinds(), ["dossier.received"]);
        assert!(
            tax.core
                .wake(at("2018-01-05T08:01"))
                .unwrap()
                .notes
                .is_empty()
        );
    }

    // What was taken in already is not put aside.
    let mut tax = House::new(TAX);
    tax.hears(first.clone(), DISTRICT, 2).await;
    let group = poison(&mut tax, 1);
    assert!(group.quarantined.is_empty());
}
