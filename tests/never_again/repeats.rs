//! A line that comes and goes: whoever repeats a command under its own id hears one outcome, and one
//! thing happened.

use std::time::Duration;

use async_nats::ConnectOptions;
use tests::land::{LAND_PROCEDURE, code_in, receive, sound};
use tests::line::Line;
use tests::town::{COMMUNE, Town, ask_at};

const TIMES: usize = 100;

/// After which the officer tries again.
const IMPATIENCE: Duration = Duration::from_millis(250);

#[tokio::test(flavor = "multi_thread")]
async fn a_command_sent_100_times_over_a_flapping_line_is_one_event_with_one_answer() {
    let mut town = Town::simulated().await;
    let (desks, officers) = (
        Line::to(&town.broker.url()).await,
        Line::to(&town.broker.url()).await,
    );
    town.end("motcua-commune").await;
    town.configure(
        "motcua-commune",
        &[COMMUNE],
        &desks.url(),
        Some("2018-01-02T08:00:00+07:00"),
    );
    town.start("motcua-commune").await;
    let officer = ConnectOptions::new()
        .request_timeout(Some(IMPATIENCE))
        .reconnect_delay_callback(|_| Duration::from_millis(20))
        .connect(officers.url())
        .await
        .unwrap();
    let sent = receive("2018-01-02T08:00", LAND_PROCEDURE, 4);
    let subject = format!("motcua.v1.cmd.{COMMUNE}.receive");
    let mut outcomes = Vec::new();
    for time in 1..=TIMES {
        // Every other time the line breaks: before the desk has it, or before the officer hears.
        let cut: &[&Line] = match time % 6 {
            1 => &[&officers],
            3 => &[&desks],
            5 => &[&desks, &officers],
            _ => &[],
        };
        if cut.is_empty() {
            outcomes.push(ask_at(&officer, COMMUNE, "receive", &sent).await.done());
            continue;
        }
        officer
            .publish_with_reply(
                subject.clone(),
                officer.new_inbox(),
                sent.to_string().into(),
            )
            .await
            .unwrap();
        officer.flush().await.unwrap();
        for line in cut {
            line.down();
            line.up();
        }
    }
    assert!(outcomes.len() >= TIMES / 3, "{}", outcomes.len());
    let last = town.ask(COMMUNE, "receive", &sent).await.done();
    for outcome in &outcomes {
        assert_eq!(*outcome, last);
    }

    let other = town
        .ask(
            COMMUNE,
            "receive",
            &receive("2018-01-02T09:00", LAND_PROCEDURE, 4),
        )
        .await
        .done();
    assert_eq!(code_in(&last), "000.04.27.H33-180102-0001");
    assert_eq!(
        code_in(&other),
        "000.04.27.H33-180102-0002",
        "one number was used"
    );
    town.end_all().await;
    assert_eq!(
        town.history(COMMUNE, &code_in(&last)),
        ["dossier.received", "step.dispatched"]
    );
    sound(&town);
}
