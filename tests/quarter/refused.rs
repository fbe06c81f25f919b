//! What cannot be played is refused with its name; nothing is cleared for it and nothing left running.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use nix::sys::signal::{Signal, kill};
use tempfile::TempDir;
use tests::process::binary;

use crate::run::{Run, alive, deploy};

/// Runs a demonstration that must fail at once, naming all of `words`.
async fn refused(around: TempDir, program: &Path, arguments: &[&str], words: &[&str]) -> Run {
    let mut command = Command::new(program);
    command.arg("demo").args(arguments);
    let mut run = Run::of(command, around);
    let status = run.ended().await;
    let errors = run.errors();
    assert_eq!(status.code(), Some(1), "{errors}");
    for word in words {
        assert!(errors.contains(word), "{word:?} is not named: {errors}");
    }
    assert_eq!(run.said(), "");
    assert!(alive(run.around()).is_empty(), "something was left running");
    run
}

/// A place for a run, its path, and the path of the registers.
fn place() -> (TempDir, String, String) {
    let around = TempDir::new().unwrap();
    let dir = around.path().join("run").display().to_string();
    (around, dir, deploy().display().to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_no_run_made_is_never_cleared() {
    let (around, dir, deploy) = place();
    fs::create_dir_all(format!("{dir}/data")).unwrap();
    fs::write(format!("{dir}/data/letter"), "kept").unwrap();
    let arguments = ["--deploy", &deploy, "--dir", &dir];
    let run = refused(around, &binary("motcua"), &arguments, &[&dir, "--dir"]).await;
    assert_eq!(fs::read_dir(run.dir()).unwrap().count(), 1);
    let letter = fs::read_to_string(run.dir().join("data/letter")).unwrap();
    assert_eq!(letter, "kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn registers_that_are_not_there_are_named() {
    let (around, dir, _) = place();
    let arguments = ["--deploy", "/nowhere/deploy", "--dir", &dir];
    let words = ["/nowhere/deploy", "--deploy"];
    let run = refused(around, &binary("motcua"), &arguments, &words).await;
    assert!(!run.dir().exists());

    let (around, dir, _) = place();
    let empty = around.path().display().to_string();
    let arguments = ["--deploy", &empty, "--dir", &dir];
    let run = refused(around, &binary("motcua"), &arguments, &[&empty]).await;
    assert!(!run.dir().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_was_not_built_is_named() {
    let (around, dir, deploy) = place();
    let alone = around.path().join("motcua");
    fs::copy(binary("motcua"), &alone).unwrap();
    let words = ["motcua-commune", "cargo build"];
    let run = refused(
        around,
        &alone,
        &["--deploy", &deploy, "--dir", &dir],
        &words,
    )
    .await;
    assert!(!run.dir().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_taken_is_named() {
    let (around, dir, deploy) = place();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let arguments = ["--deploy", &deploy, "--dir", &dir, "--http", &address];
    let words = [address.as_str(), "--http"];
    let run = refused(around, &binary("motcua"), &arguments, &words).await;
    assert!(!run.dir().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_in_which_another_run_goes_on_is_left_to_it() {
    let mut first = Run::start();
    let mut clock = first.clock().await;
    clock.reaches("2018-01-05").await;
    let (around, _, deploy) = place();
    let dir = first.dir().display().to_string();
    let mut command = Command::new(binary("motcua"));
    command.args(["demo", "--deploy", &deploy, "--dir", &dir]);
    let mut second = Run::of(command, around);
    let status = second.ended().await;
    assert_eq!(status.code(), Some(1));
    let errors = second.errors();
    assert!(
        errors.contains("another demonstration") && errors.contains(&dir),
        "{errors}"
    );
    // The first goes on undisturbed.
    clock.reaches("2018-01-12").await;
    kill(first.pid(), Signal::SIGTERM).unwrap();
    assert_eq!(first.ended().await.code(), Some(130), "{}", first.errors());
}
