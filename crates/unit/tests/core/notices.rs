//! What is about no dossier: days declared late and the recount that follows, and closed periods.

use std::collections::BTreeMap;

use dossier::fact::Fact;
use dossier::ids::DossierCode;
use dossier::wire;
use envelope::Event;
use serde_json::{Value, json};
use unit::command::CommandEnvelope;
use unit::watch::OPEN;

use crate::house::{
    BUSINESS, COMMUNE, DISTRICT, House, LAND, LAND_PROCEDURE, TAX, at, command, receive,
};

/// Friday 5 January 2018 becomes a day off, worked on Saturday 3 February instead.
fn swapped(id: u128) -> CommandEnvelope {
    command(
        id,
        "2018-01-03T09:00",
        None,
        swap("2018-01-05", "2018-02-03"),
    )
}

fn swap(off: &str, worked: &str) -> Value {
    json!({
        "days": [
            { "date": off, "kind": "swapped_off", "name": "Nghỉ hoán đổi", "pair": worked },
            { "date": worked, "kind": "swapped_working", "name": "Làm bù", "pair": off },
        ],
        "basis": "Văn bản 01/2018", "published_on": "2018-01-03",
    })
}

/// What the journal says about recounted dates, by dossier.
fn recounted(house: &House) -> BTreeMap<String, Vec<dossier::clock::Recomputed>> {
    let mut found: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for entry in house.entries() {
        let event = Event::read(&entry.signed.bytes).unwrap();
        let fact = wire::read(event.kind, event.data).unwrap();
        if let Some(Fact::DueDateRecomputed(fact)) = fact {
            found
                .entry(event.subject.to_string())
                .or_default()
                .push(fact);
        }
    }
    found
}

async fn open_dossiers(house: &mut House, many: u128) -> Vec<DossierCode> {
    let mut codes = Vec::new();
    for id in 1..=many {
        let sent = receive(id, "2018-01-02T08:00", BUSINESS);
        codes.push(house.does("receive", &sent).await.unwrap().dossier);
    }
    codes
}

#[tokio::test]
async fn a_declared_day_recounts_every_open_dossier_once_and_keeps_the_printed_date() {
    let mut district = House::new(DISTRICT);
    let codes = open_dossiers(&mut district, 3).await;
    let printed = at("2018-01-10T17:00");
    let settled = command(
        10,
        "2018-01-03T08:00",
        Some(&codes[2]),
        json!({ "reason": "vì" }),
    );
    district.does("withdraw", &settled).await.unwrap();

    let noted = district
        .notes_down("declare_days", &swapped(20))
        .await
        .unwrap();
    assert!(noted.calendar.ends_with("+1"), "{}", noted.calendar);
    district.sweeps().await;
    let recounted = recounted(&district);
    assert_eq!(recounted.len(), 2, "the withdrawn one is left alone");
    for code in &codes[..2] {
        let [fact] = &recounted[code.as_str()][..] else {
            panic!("{code} was recounted more than once");
        };
        assert_eq!(fact.declaration, noted.events[0]);
        assert_eq!(fact.basis, "Văn bản 01/2018");
        assert_eq!(fact.due_at, at("2018-01-11T17:00"));
        let promise = district.dossier(code).dossier.promise;
        assert_eq!(promise.due_at, Some(at("2018-01-11T17:00")));
        assert_eq!(promise.original_due_at, Some(printed));
    }
    // What is received from now on counts with the declared day; a repeated command says the same.
    let next = receive(30, "2018-01-03T10:00", BUSINESS);
    let answer = district.does("receive", &next).await.unwrap();
    assert_eq!(answer.due_at, Some(at("2018-01-12T17:00")));
    let again = district
        .notes_down("declare_days", &swapped(20))
        .await
        .unwrap();
    assert_eq!(again, noted);
}

#[tokio::test]
async fn a_unit_that_starts_again_in_the_middle_of_a_recount_recounts_each_dossier_once() {
    let mut district = House::new(DISTRICT);
    open_dossiers(&mut district, 300).await;
    district
        .notes_down("declare_days", &swapped(1_000))
        .await
        .unwrap();
    // The disk has the first part; the second was thought and lost.
    let first = district.core.sweep().unwrap();
    assert_eq!(first.entries.len(), 256);
    district.write(first).await;
    let lost = district.core.sweep().unwrap();
    assert_eq!(lost.entries.len(), 44);
    drop(lost);
    let mut district = district.restarted();
    assert!(district.core.sweep_waits_for().is_some());
    district.sweeps().await;
    let recounted = recounted(&district);
    assert_eq!(recounted.len(), 300);
    assert!(recounted.values().all(|facts| facts.len() == 1));
    let district = district.restarted();
    assert_eq!(district.core.sweep_waits_for(), None);
    assert!(district.notes("sweep/").is_empty());
    assert_eq!(district.notes(OPEN).len(), 300);
}

#[tokio::test]
async fn a_second_declaration_before_the_first_recount_is_done_keeps_each_to_its_basis() {
    let mut district = House::new(DISTRICT);
    let codes = open_dossiers(&mut district, 2).await;
    let both = [
        (10, "2018-01-05", "2018-02-03"),
        (11, "2018-01-08", "2018-02-10"),
    ];
    let mut events = Vec::new();
    for (id, off, worked) in both {
        let sent = command(id, "2018-01-03T09:00", None, swap(off, worked));
        let noted = district.notes_down("declare_days", &sent).await.unwrap();
        events.extend(noted.events);
    }
    let mut district = district.restarted();
    district.sweeps().await;
    let recounted = recounted(&district);
    for code in &codes {
        let facts = &recounted[code.as_str()];
        let declarations: Vec<_> = facts.iter().map(|fact| fact.declaration).collect();
        assert_eq!(declarations, events);
        let dates: Vec<_> = facts.iter().map(|fact| fact.due_at).collect();
        assert_eq!(dates, [at("2018-01-11T17:00"), at("2018-01-12T17:00")]);
    }
}

#[tokio::test]
async fn a_recount_waits_until_the_dossiers_before_it_are_on_the_disk() {
    let mut district = House::new(DISTRICT);
    let received = receive(1, "2018-01-02T08:00", BUSINESS);
    let (group, _) = district.thinks("receive", &received).unwrap();
    let unit::core::Outcome::Noted(declared, _) =
        district.core.command("declare_days", &swapped(2)).unwrap()
    else {
        panic!("refused");
    };
    let early = district.core.sweep().unwrap();
    assert!(early.entries.is_empty() && early.notes.is_empty());
    district.write(group).await;
    district.write(declared).await;
    district.sweeps().await;
    assert_eq!(recounted(&district).len(), 1);
}

#[tokio::test]
async fn every_other_unit_hears_of_it_and_recounts_its_own() {
    let (mut commune, mut district) = (House::new(COMMUNE), House::new(DISTRICT));
    let (mut land, mut tax) = (House::new(LAND), House::new(TAX));
    let sent = receive(1, "2018-01-02T08:00", LAND_PROCEDURE);
    let before = commune.does("receive", &sent).await.unwrap();
    district
        .notes_down("declare_days", &swapped(2))
        .await
        .unwrap();
    for house in [&mut commune, &mut land, &mut tax] {
        while house.hears_next(&district).await {}
        house.sweeps().await;
        assert!(house.kinds().contains(&"calendar.declared".to_owned()));
        assert!(house.reasons().is_empty());
    }
    let shown = commune.core.standing(&before.dossier).unwrap().unwrap();
    assert!(shown.due_at > before.due_at);
    // The same calendar after a restart.
    let mut commune = commune.restarted();
    let next = receive(3, "2018-01-03T09:30", LAND_PROCEDURE);
    let due = commune.does("receive", &next).await.unwrap().due_at;
    let mut beside = House::new(COMMUNE);
    assert!(due > beside.does("receive", &next).await.unwrap().due_at);
}

#[tokio::test]
async fn nobody_but_the_authority_declares_days_and_none_is_left_out() {
    let (mut commune, district) = (House::new(COMMUNE), House::new(DISTRICT));
    let refused = commune
        .notes_down("declare_days", &swapped(1))
        .await
        .unwrap_err();
    assert_eq!(refused.code, "calendar.no_authority");
    let declared = |number: u32| {
        let declaration = swap("2018-01-05", "2018-02-03");
        json!({ "number": number, "declaration": declaration, "officer": "cb-01" }).to_string()
    };
    let kind = "vn.motcua.calendar.declared.v1";
    let land = House::new(LAND);
    let foreign = land.signs(1, LAND, kind, &declared(1), true);
    commune.hears(foreign, LAND, 1).await;
    let second = district.signs(2, DISTRICT, kind, &declared(2), true);
    commune.hears(second, DISTRICT, 1).await;
    let reasons = commune.reasons();
    assert!(
        reasons[0].contains("the authority is H33-27"),
        "{reasons:?}"
    );
    assert!(reasons[1].contains("does not follow 0"), "{reasons:?}");
    assert_eq!(commune.core.sweep_waits_for(), None);
}

#[tokio::test]
async fn a_day_that_cannot_be_declared_is_refused_with_its_name() {
    let mut district = House::new(DISTRICT);
    let holiday = json!({
        "days": [{ "date": "2018-09-02", "kind": "weekend", "name": "" }],
        "basis": "Văn bản 02/2018", "published_on": "2018-01-03",
    });
    let refused = district
        .notes_down(
            "declare_days",
            &command(1, "2018-01-03T09:00", None, holiday),
        )
        .await
        .unwrap_err();
    assert_eq!(refused.code, "calendar.not_declarable");
    assert!(
        refused.message.contains("2018-09-02"),
        "{}",
        refused.message
    );
    assert_eq!(district.journal.size(), 0);
}

fn closing(id: u128, moment: &str) -> CommandEnvelope {
    let data = json!({
        "form": "ii06a", "from": "2018-01-01T00:00:00+07:00", "to": "2018-04-01T00:00:00+07:00",
        "rules": "f766", "known_by": format!("{moment}:00+07:00"), "rows": [{ "c3": 12 }],
    });
    command(id, moment, None, data)
}

fn restating(id: u128, closed: &str, reason: &str) -> CommandEnvelope {
    let data = json!({
        "closed": closed, "reason": reason, "known_by": "2018-04-20T08:00:00+07:00",
        "rows": [{ "c3": 13 }],
    });
    command(id, "2018-04-20T08:00", None, data)
}

#[tokio::test]
async fn a_period_is_closed_once_when_it_is_over_and_told_otherwise_with_a_reason() {
    let mut commune = House::new(COMMUNE);
    let early = commune
        .notes_down("close_period", &closing(1, "2018-03-31T17:00"))
        .await;
    assert_eq!(early.unwrap_err().code, "period.not_over");
    let closed = commune
        .notes_down("close_period", &closing(2, "2018-04-02T08:00"))
        .await
        .unwrap();
    let again = commune
        .notes_down("close_period", &closing(3, "2018-04-03T08:00"))
        .await;
    assert_eq!(again.unwrap_err().code, "period.closed");
    let mut commune = commune.restarted();
    let again = commune
        .notes_down("close_period", &closing(4, "2018-04-03T08:00"))
        .await;
    assert_eq!(again.unwrap_err().code, "period.closed");

    let event = closed.events[0].to_string();
    let unknown = uuid::Uuid::from_u128(77).to_string();
    for (closed, reason, code) in [
        (unknown.as_str(), "vì", "period.not_closed"),
        (&event, " ", "period.no_reason"),
    ] {
        let sent = restating(5, closed, reason);
        let refused = commune
            .notes_down("restate_period", &sent)
            .await
            .unwrap_err();
        assert_eq!(refused.code, code);
    }
    let sent = restating(6, &event, "Nhập bổ sung từ sổ giấy");
    commune.notes_down("restate_period", &sent).await.unwrap();
    assert_eq!(commune.kinds(), ["period.closed", "period.restated"]);
    let entry = &commune.entries()[0];
    let told = Event::read(&entry.signed.bytes).unwrap();
    assert_eq!(told.subject, COMMUNE, "about the unit itself");
}
