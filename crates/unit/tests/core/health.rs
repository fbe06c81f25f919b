//! How a unit fares, and what of it is trouble.

use std::time::Duration;

use exchange::status::{InboxStatus, LineStatus, OutboxStatus};
use unit::health::{BrokerHealth, Health, TroubleKind};

use crate::house::{CERTIFIED_COPY, COMMUNE, DISTRICT, House, POLICE, receive, unit_id};

const INTERVAL: Duration = Duration::from_secs(30);

fn seconds(seconds: u64) -> Option<Duration> {
    Some(Duration::from_secs(seconds))
}

/// A line on which everything is well.
fn line(origin: &str) -> LineStatus {
    LineStatus {
        origin: origin.to_owned(),
        epoch: None,
        received: 7,
        known: 7,
        missing: 0,
        parked: 0,
        missing_for: None,
        heard_ago: seconds(29),
    }
}

fn health(house: &House, outbox: OutboxStatus, lines: Vec<LineStatus>, violations: u64) -> Health {
    let inbox = InboxStatus {
        lines,
        ..InboxStatus::default()
    };
    let broker = BrokerHealth {
        connected: true,
        violations,
        dropped: 0,
    };
    let unit = unit_id(house.name);
    Health::of(
        &unit,
        &house.journal,
        &outbox,
        &inbox,
        broker,
        INTERVAL,
        &[],
    )
    .unwrap()
}

fn troubles(health: &Health) -> Vec<(TroubleKind, u64)> {
    let troubles = health.troubles.iter();
    troubles
        .map(|trouble| (trouble.kind, trouble.count))
        .collect()
}

#[tokio::test]
async fn a_unit_that_waits_a_moment_and_hears_everyone_is_well() {
    let mut commune = House::new(COMMUNE);
    let sent = receive(1, "2018-01-02T08:00", CERTIFIED_COPY);
    commune.does("receive", &sent).await.unwrap();
    let entries = commune.journal.size();
    let outbox = OutboxStatus {
        published: entries - 1,
        oldest_waits: seconds(120),
        ..OutboxStatus::default()
    };
    let told = health(&commune, outbox, vec![line(DISTRICT)], 0);
    assert_eq!(troubles(&told), []);
    assert_eq!(
        (told.entries, told.sequence),
        (entries, commune.journal.last_sequence())
    );
    assert_eq!(told.epoch, commune.journal.epoch());
    assert_eq!(
        (told.outbox.waiting, told.outbox.oldest_waits_seconds),
        (1, Some(120))
    );
}

#[tokio::test]
async fn what_waits_too_long_or_is_missing_or_silent_is_trouble_with_its_measure() {
    let mut commune = House::new(COMMUNE);
    let group = commune
        .core
        .unfit(b"{}", None, POLICE, None, "no event".into());
    commune.write(group).await;
    let outbox = OutboxStatus {
        oldest_waits: seconds(121),
        ..OutboxStatus::default()
    };
    let late = LineStatus {
        known: 12,
        missing: 5,
        missing_for: seconds(121),
        ..line(DISTRICT)
    };
    let silent = LineStatus {
        heard_ago: seconds(91),
        ..line(POLICE)
    };
    let unheard = LineStatus {
        heard_ago: None,
        ..line("H33-27-92")
    };
    let told = health(&commune, outbox, vec![late, silent, unheard], 2);
    assert_eq!(
        troubles(&told),
        [
            (TroubleKind::Quarantine, 1),
            (TroubleKind::Undelivered, 0),
            (TroubleKind::Missing, 5),
            (TroubleKind::OutOfContact, 1),
            (TroubleKind::OutOfContact, 1),
            (TroubleKind::Permissions, 2),
        ]
    );
    let texts: Vec<&str> = told.troubles.iter().map(|t| t.text.as_str()).collect();
    assert_eq!(texts[2], "5 events from H33-27 are missing for 121 s");
    assert_eq!(texts[3], "H33-27-93 is out of contact for 91 s");
    assert_eq!(texts[4], "H33-27-92 was not heard since this unit started");
    let lost: Vec<bool> = told
        .senders
        .iter()
        .map(|sender| sender.out_of_contact)
        .collect();
    assert_eq!(lost, [false, true, true]);
}
