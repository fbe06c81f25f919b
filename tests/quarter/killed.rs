//! Every process of the quarter killed again and again: it costs time and changes no figure.

use std::collections::BTreeMap;

use nix::sys::signal::{Signal, kill};
use tests::process::eventually;

use crate::run::Run;
use crate::undisturbed::{table, undisturbed};

const VICTIMS: [&str; 5] = [
    "motcua-commune",
    "motcua-district",
    "motcua-agency",
    "motcua-projector",
    "nats-server",
];

/// Simulated days on which one after the other is killed, over the whole quarter: each of them twice.
const DAYS: [&str; 10] = [
    "2018-01-03",
    "2018-01-10",
    "2018-01-18",
    "2018-01-26",
    "2018-02-02",
    "2018-02-12",
    "2018-02-23",
    "2018-03-05",
    "2018-03-14",
    "2018-03-23",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_kill_changes_the_table() {
    let mut run = Run::start();
    let mut clock = run.clock().await;
    let mut killed = BTreeMap::<&str, usize>::new();
    for (day, victim) in DAYS.into_iter().zip(VICTIMS.into_iter().cycle()) {
        clock.reaches(day).await;
        let pid = run.has(victim).await;
        assert!(
            !run.said().contains("Tổng cộng"),
            "the quarter was over on {day}"
        );
        kill(pid, Signal::SIGKILL).unwrap();
        *killed.entry(victim).or_default() += 1;
        eventually(&format!("another {victim}"), async || {
            run.process(victim).filter(|other| *other != pid)
        })
        .await;
    }
    let status = run.ended().await;
    let (said, errors) = (run.said(), run.errors());
    assert!(status.success(), "{said}{errors}");
    for (victim, times) in killed {
        let again = match victim {
            "nats-server" => "the broker ended; starting it again".to_owned(),
            service => format!("{service} ended (signal: 9"),
        };
        assert_eq!(errors.matches(&again).count(), times, "{again}: {errors}");
    }
    assert_eq!(table(&said), table(&undisturbed().await.said));
    run.is_gone().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_cannot_live_ends_the_run() {
    let mut run = Run::start();
    run.clock().await.reaches("2018-01-10").await;
    std::fs::write(run.dir().join("motcua-agency.toml"), "no = configuration").unwrap();
    kill(run.has("motcua-agency").await, Signal::SIGKILL).unwrap();
    let status = run.ended().await;
    let errors = run.errors();
    assert_eq!(status.code(), Some(1), "{errors}");
    let last = errors.lines().last().unwrap_or_default();
    assert!(
        last.starts_with("motcua: motcua-agency died") && last.contains("motcua-agency.log"),
        "{errors}"
    );
    run.is_gone().await;
}
