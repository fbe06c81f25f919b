//! What other units send: taken in once, from those who may say it, and kept aside otherwise.

use dossier::fact::Fact;
use dossier::ids::{DossierCode, OfficerId, StepKey};
use dossier::oversight::{Pressing, Reminded};
use dossier::step::{Accepted, Assigned, SupplementNeeded};
use envelope::Event;

use crate::house::{
    BUSINESS, COMMUNE, DISTRICT, House, LAND, LAND_PROCEDURE, POLICE, TAX, at, complete, kind,
    receive, talk, unit_id,
};

fn accepted(step: &str) -> Fact {
    Fact::StepAccepted(Accepted {
        step: StepKey::parse(step).unwrap(),
        turn: 1,
        due_at: None,
    })
}

/// A business dossier whose second step lies with the tax office.
async fn at_the_tax_office() -> (House, House, DossierCode) {
    let (mut district, tax) = (House::new(DISTRICT), House::new(TAX));
    let code = district
        .does("receive", &receive(1, "2018-01-02T08:00", BUSINESS))
        .await
        .unwrap()
        .dossier;
    district
        .does(
            "complete",
            &complete(2, "2018-01-02T09:00", &code, "business"),
        )
        .await
        .unwrap();
    (district, tax, code)
}

#[tokio::test]
async fn whoever_joins_late_gets_the_whole_story_with_consecutive_links() {
    let (district, mut tax, code) = at_the_tax_office().await;
    while tax.hears_next(&district).await {}
    let told: Vec<_> = (1..=district.journal.last_link(TAX))
        .map(|link| kind(&district.journal.delivery(TAX, link).unwrap().unwrap()))
        .collect();
    // The home's part; how it worked on its own step is nobody else's concern.
    assert_eq!(
        told,
        ["dossier.received", "step.dispatched", "step.dispatched"]
    );
    assert_eq!(
        tax.kinds(),
        [
            "dossier.received",
            "step.dispatched",
            "step.dispatched",
            "step.accepted"
        ]
    );
    assert_eq!(tax.dossier(&code).dossier.home, unit_id(DISTRICT));
    assert_eq!(tax.journal.received_position(DISTRICT), 3);
    assert_eq!(tax.core.worklist().unwrap().items.len(), 1);
}

#[tokio::test]
async fn the_same_event_twice_is_taken_in_once() {
    let (district, mut tax, _) = at_the_tax_office().await;
    while tax.hears_next(&district).await {}
    let (size, position) = (tax.journal.size(), tax.journal.received_position(DISTRICT));
    let first = district.journal.delivery(TAX, 1).unwrap().unwrap().signed;
    tax.hears(first, DISTRICT, position + 1).await;
    assert_eq!(tax.journal.size(), size);
    assert_eq!(
        tax.journal.received_position(DISTRICT),
        position + 1,
        "its number is used up"
    );
    assert!(tax.reasons().is_empty());
}

#[tokio::test]
async fn the_same_event_twice_before_the_disk_has_the_first_is_taken_in_once() {
    let (district, mut tax, code) = at_the_tax_office().await;
    let mut groups = Vec::new();
    for link in 1..=3 {
        let signed = district
            .journal
            .delivery(TAX, link)
            .unwrap()
            .unwrap()
            .signed;
        groups.push(
            tax.core
                .arrived(signed.clone(), DISTRICT, 2 * link - 1)
                .unwrap(),
        );
        groups.push(tax.core.arrived(signed, DISTRICT, 2 * link).unwrap());
    }
    for group in groups {
        tax.write(group).await;
    }
    assert_eq!(
        tax.kinds(),
        [
            "dossier.received",
            "step.dispatched",
            "step.dispatched",
            "step.accepted"
        ]
    );
    assert!(tax.reasons().is_empty());
    assert_eq!(
        tax.dossier(&code).dossier,
        tax.recalled(&code).unwrap().dossier
    );
}

#[tokio::test]
async fn what_its_writer_may_not_say_is_kept_aside_with_the_reason() {
    let (mut district, tax, code) = at_the_tax_office().await;
    let police = House::new(POLICE);
    let (before, size) = (district.dossier(&code).dossier, district.journal.size());
    district
        .hears(police.forges(101, &code, &accepted("tax_code")), POLICE, 1)
        .await;
    let strange = DossierCode::parse("000.00.27.H33-180102-0777").unwrap();
    district
        .hears(tax.forges(102, &strange, &accepted("tax_code")), TAX, 1)
        .await;
    district
        .hears(
            tax.signs(103, code.as_str(), "vn.motcua.step.accepted.v1", "{}", true),
            TAX,
            2,
        )
        .await;
    district
        .hears(
            tax.signs(
                104,
                "no code",
                "vn.motcua.step.accepted.v1",
                r#"{"step":"a","turn":1}"#,
                true,
            ),
            TAX,
            3,
        )
        .await;
    let reasons = district.reasons();
    assert_eq!(reasons.len(), 4, "{reasons:#?}");
    assert!(
        reasons[0].contains("H33-27-93 does not hold turn 1 of step tax_code"),
        "{}",
        reasons[0]
    );
    assert!(reasons[1].contains("does not hold"), "{}", reasons[1]);
    assert!(reasons[2].contains("not readable"), "{}", reasons[2]);
    assert!(reasons[3].contains("not a dossier code"), "{}", reasons[3]);
    assert_eq!(district.dossier(&code).dossier, before);
    assert_eq!(district.journal.size(), size);
    assert_eq!(district.journal.received_position(TAX), 3);
    assert!(
        district.core.show(&strange).unwrap().is_err(),
        "it does not know a dossier by hearsay"
    );
}

#[tokio::test]
async fn an_event_of_an_unknown_type_is_kept_and_moves_nothing() {
    let (mut district, tax, code) = at_the_tax_office().await;
    let (before, size) = (district.dossier(&code).dossier, district.journal.size());
    district
        .hears(
            tax.signs(101, code.as_str(), "vn.motcua.step.dreamt.v3", "{}", true),
            TAX,
            1,
        )
        .await;
    assert_eq!(district.core.unknown_types(), 1);
    assert_eq!(district.journal.size(), size + 1);
    assert_eq!(district.dossier(&code).dossier, before);
    assert_eq!(district.recalled(&code).unwrap().dossier, before);
}

#[tokio::test]
async fn an_event_that_claims_to_be_our_own_is_kept_aside() {
    let (mut district, _, code) = at_the_tax_office().await;
    // Written before a restore that lost it, and sent back by someone who still has it.
    let officer = OfficerId::parse("cb-07").unwrap();
    let step = StepKey::parse("business").unwrap();
    let assigned = Fact::StepAssigned(Assigned {
        step,
        turn: 1,
        officer,
    });
    let code = {
        let sent = receive(3, "2018-01-02T10:00", BUSINESS);
        assert_ne!(district.does("receive", &sent).await.unwrap().dossier, code);
        DossierCode::parse("000.00.27.H33-180102-0002").unwrap()
    };
    let ours = district.forges(101, &code, &assigned);
    district.hears(ours, TAX, 1).await;
    assert!(
        district.reasons()[0].contains("own"),
        "{:?}",
        district.reasons()
    );
    assert_eq!(district.journal.received_position(TAX), 1);
}

#[tokio::test]
async fn simulated_events_do_not_reach_real_dossiers() {
    let (mut commune, mut land) = (House::new(COMMUNE), House::in_real_time(LAND));
    commune
        .does("receive", &receive(1, "2018-01-02T08:00", LAND_PROCEDURE))
        .await
        .unwrap();
    assert!(land.hears_next(&commune).await);
    assert_eq!(land.journal.size(), 0);
    assert!(
        land.reasons()[0].contains("simulated"),
        "{:?}",
        land.reasons()
    );
}

#[tokio::test]
async fn an_event_that_the_home_cannot_answer_is_kept_aside_and_nothing_ends() {
    let (mut district, mut tax, code) = at_the_tax_office().await;
    while tax.hears_next(&district).await {}
    while district.hears_next(&tax).await {}
    let (before, size) = (district.dossier(&code).dossier, district.journal.size());
    let needed = |reason: usize| {
        let (step, items) = (StepKey::parse("tax_code").unwrap(), vec!["x".to_owned()]);
        Fact::SupplementNeeded(SupplementNeeded {
            step,
            turn: 1,
            items,
            reason: "r".repeat(reason),
        })
    };
    // As long as an event can be: passing the reason on to the citizen takes more than that.
    let bare = tax.forges(101, &code, &needed(0)).bytes.len();
    let longest = tax.forges(101, &code, &needed(envelope::EVENT_BYTES_MAX - bare));
    let link = district.journal.received_position(TAX) + 1;
    district.hears(longest, TAX, link).await;
    assert_eq!(district.dossier(&code).dossier, before);
    assert_eq!(district.journal.size(), size);
    assert!(
        district.reasons()[0].contains("65535 bytes"),
        "{:?}",
        district.reasons()
    );
    let next = district
        .does("receive", &receive(9, "2018-01-04T08:00", BUSINESS))
        .await
        .unwrap();
    assert_eq!(next.sequence, district.journal.last_sequence());
}

#[tokio::test]
async fn a_reminder_counts_from_the_overseer_alone() {
    let (mut commune, district, police) = (
        House::new(COMMUNE),
        House::new(DISTRICT),
        House::new(POLICE),
    );
    let code = DossierCode::parse("000.00.27.H33-180102-0001").unwrap();
    let pressing = Pressing {
        code: code.clone(),
        due_at: at("2018-01-09T17:00"),
        overdue: false,
    };
    let reminded = Fact::Reminded(Reminded {
        unit: unit_id(COMMUNE),
        dossiers: vec![pressing],
    });
    let data = dossier::wire::write(&reminded).unwrap();
    let kind = dossier::wire::kind(&reminded);
    commune
        .hears(
            district.signs(101, COMMUNE, kind, data.get(), true),
            DISTRICT,
            1,
        )
        .await;
    assert!(commune.reasons().is_empty());
    commune
        .hears(
            police.signs(102, COMMUNE, kind, data.get(), true),
            POLICE,
            1,
        )
        .await;
    assert!(
        commune.reasons()[0].contains("H33-27-93"),
        "{:?}",
        commune.reasons()
    );
    // Under a dossier's name it does not make that dossier known.
    commune
        .hears(
            district.signs(103, code.as_str(), kind, data.get(), true),
            DISTRICT,
            2,
        )
        .await;
    assert!(commune.core.show(&code).unwrap().is_err());
}

#[tokio::test]
async fn a_route_over_three_units_ends_at_the_home() {
    let mut houses = [
        House::new(COMMUNE),
        House::new(LAND),
        House::new(TAX),
        House::new(DISTRICT),
    ];
    let code = houses[0]
        .does("receive", &receive(1, "2018-01-02T08:00", LAND_PROCEDURE))
        .await
        .unwrap()
        .dossier;
    let steps = [
        (1, "conditions"),
        (1, "transfer_slip"),
        (2, "tax"),
        (1, "registration"),
    ];
    for (day, (unit, step)) in (3..).zip(steps) {
        talk(&mut houses).await;
        let done = complete(day, &format!("2018-01-{day:02}T09:00"), &code, step);
        houses[unit].does("complete", &done).await.unwrap();
    }
    talk(&mut houses).await;
    let home = &houses[0];
    assert!(
        home.kinds().contains(&"result.readied".to_owned()),
        "{:?}",
        home.kinds()
    );
    for house in &houses {
        assert!(
            house.reasons().is_empty(),
            "{}: {:?}",
            house.name,
            house.reasons()
        );
        for (entry, expected) in house
            .entries()
            .iter()
            .filter(|e| e.origin == journal::Origin::Own)
            .zip(1..)
        {
            assert_eq!(Event::read(&entry.signed.bytes).unwrap().sequence, expected);
        }
    }
}
