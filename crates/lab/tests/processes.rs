//! A short fixed set of runs with real services; the laboratory's command does many more.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use lab::plan::Plan;
use lab::processes::run_all;

async fn holds(faults: &[&str]) {
    for fault in faults {
        let plan = Plan {
            seed: 1,
            runs: Some(1),
            minutes: None,
            fault: Some((*fault).to_owned()),
        };
        let program = Path::new(env!("CARGO_BIN_EXE_motcua-lab"));
        let rows = run_all(program, &plan).await.unwrap();
        assert_eq!(
            (rows[0].runs, rows[0].lost, rows[0].failed),
            (1, 0, 0),
            "{fault}"
        );
        assert!(rows[0].acknowledged > 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_services_lose_nothing_that_they_acknowledged() {
    holds(&["commune-killed", "all-killed"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_takes_nothing_that_was_acknowledged() {
    holds(&["power-cut-all", "power-cut-torn"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_lost_its_store_is_filled_again_by_itself() {
    holds(&["broker-wiped"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_behind_a_bad_line_catches_up_by_itself() {
    holds(&["line-cut"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_fault_is_refused_with_those_that_there_are() {
    let plan = Plan {
        seed: 1,
        runs: Some(1),
        minutes: None,
        fault: Some("flood".to_owned()),
    };
    let refused = run_all(Path::new("unused"), &plan).await.unwrap_err();
    let text = refused.to_string();
    assert!(
        text.contains("flood") && text.contains("power-cut"),
        "{text}"
    );
}
