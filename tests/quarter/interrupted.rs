//! Ctrl-C and SIGTERM, at any time: everything ends in order, and nothing is left running.

use nix::sys::signal::{Signal, kill, killpg};
use tests::process::motcua;

use crate::run::Run;

/// The exit status of shells for what Ctrl-C ended.
const INTERRUPTED: Option<i32> = Some(130);

async fn ended_in_order(mut run: Run) -> Run {
    let status = run.ended().await;
    let errors = run.errors();
    assert_eq!(status.code(), INTERRUPTED, "{errors}");
    for word in ["starting it again", "did not end", "motcua: "] {
        assert!(!errors.contains(word), "{errors}");
    }
    assert!(!run.said().contains("Tổng cộng"), "{}", run.said());
    run.is_gone().await;
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_in_the_middle_ends_everything_in_order() {
    let run = Run::start();
    run.clock().await.reaches("2018-02-01").await;
    // A terminal sends it to every process at once.
    killpg(run.pid(), Signal::SIGINT).unwrap();
    let run = ended_in_order(run).await;
    for unit in ["H33-27", "H33-27-01", "H33-27-91"] {
        let journal = run.dir().join("data").join(unit);
        let checked = motcua(&["journal", "check", journal.to_str().unwrap()]);
        let said = String::from_utf8_lossy(&checked.stdout).into_owned();
        assert!(said.contains(" 0 faults"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_to_the_program_alone_ends_everything_in_order() {
    for (signal, day) in [
        (Signal::SIGINT, "2018-01-15"),
        (Signal::SIGTERM, "2018-01-05"),
    ] {
        let run = Run::start();
        run.clock().await.reaches(day).await;
        kill(run.pid(), signal).unwrap();
        ended_in_order(run).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_while_everything_starts_leaves_nothing_behind() {
    for began in ["nats-server", "motcua-commune", "motcua-projector"] {
        let run = Run::start();
        run.has(began).await;
        kill(run.pid(), Signal::SIGINT).unwrap();
        ended_in_order(run).await;
    }
}
