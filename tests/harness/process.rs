//! The real programs, run as an operator runs them: started, killed, ended in order.
#![allow(clippy::expect_used, clippy::panic)]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::time::Instant;

/// How long anything that must happen may take on a slow machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Looks again and again until there is something to be seen.
///
/// # Panics
/// When there is still nothing after [`PATIENCE`].
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(Instant::now() < deadline, "gave up waiting: {what}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// A program of this workspace, beside the directory of the running test.
///
/// # Panics
/// When it was not built; the message names the command that builds it.
pub fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    let profile = test
        .parent()
        .and_then(Path::parent)
        .expect("target/<profile>/deps/<test>");
    let path = profile.join(name);
    assert!(
        path.is_file(),
        "{} is not there: run `cargo test --workspace --no-run` (with the same profile) once, which \
         builds every program",
        path.display()
    );
    path
}

/// A running program and its log; killed when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a service with its configuration. What it says is appended to `log`.
    pub fn service(name: &str, config: &Path, log: &Path) -> Self {
        let mut command = Command::new(binary(name));
        command.arg("--config").arg(config);
        Self::spawn(command, log)
    }

    /// The same, and it says everything that it can say. The store alone stays quiet: it speaks while a
    /// thread's own memory is taken down, when the writer of the log has none any more; what it could
    /// say is in its files.
    pub fn service_saying_everything(name: &str, config: &Path, log: &Path) -> Self {
        let mut command = Command::new(binary(name));
        command.arg("--config").arg(config);
        Self::spawn_at(command, log, Some("trace,sled=warn"))
    }

    /// Starts a service that may write no file longer than `kib` KiB, as if the disk were full.
    pub fn service_on_a_full_disk(name: &str, config: &Path, log: &Path, kib: u64) -> Self {
        let mut command = Command::new("bash");
        // A signal that is ignored stays so; the write itself then fails, as on a full disk.
        let script = format!("trap '' XFSZ; ulimit -f {kib}; exec \"$0\" --config \"$1\"");
        command.arg("-c").arg(script).arg(binary(name)).arg(config);
        Self::spawn(command, log)
    }

    fn spawn(command: Command, log: &Path) -> Self {
        Self::spawn_at(command, log, None)
    }

    fn spawn_at(mut command: Command, log: &Path, level: Option<&str>) -> Self {
        let out = File::options()
            .create(true)
            .append(true)
            .open(log)
            .expect("a log");
        match level {
            Some(level) => command.env("RUST_LOG", level),
            None => command.env_remove("RUST_LOG"),
        };
        let child = command
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::from(out.try_clone().expect("a log")))
            .stderr(Stdio::from(out))
            .spawn()
            .expect("a program that can be started");
        Self {
            child,
            log: log.to_owned(),
        }
    }

    /// Ends the process at once, as a power cut would.
    pub fn kill(mut self) {
        // Both fail only when it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Sends the process a signal, such as SIGSTOP, after which it hangs, and SIGCONT.
    ///
    /// # Panics
    /// When it does not run.
    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).expect("a process id");
        kill(Pid::from_raw(pid), signal).expect("a process that runs");
    }

    /// Asks the process to end in order (SIGTERM), which it must do well.
    pub async fn end(mut self) {
        self.signal(Signal::SIGTERM);
        let status = self.ended().await;
        assert!(
            status.success(),
            "{status} after SIGTERM; it said:\n{}",
            self.said()
        );
    }

    /// Waits until the process ends by itself.
    pub async fn ended(&mut self) -> ExitStatus {
        let log = self.log.display().to_string();
        let child = &mut self.child;
        eventually(
            &format!("the end of the process that writes {log}"),
            async || child.try_wait().expect("a child"),
        )
        .await
    }

    /// Everything that it has said so far.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.log).expect("a log")
    }

    /// Waits until it has said `words`.
    pub async fn says(&self, words: &str) {
        eventually(
            &format!("{words:?} in {}", self.log.display()),
            async || self.said().contains(words).then_some(()),
        )
        .await;
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs `motcua` to its end.
pub fn motcua(arguments: &[&str]) -> Output {
    Command::new(binary("motcua"))
        .args(arguments)
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .output()
        .expect("motcua")
}
