//! A run of `motcua demo` in a directory of its own, and what the machine says of its processes.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use async_nats::Subscriber;
use exchange::subject::CLOCK;
use futures::StreamExt;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;
use tests::process::{binary, eventually};
use tests::town::connected;
use tokio::time::Instant;

/// How many dossiers are played. Every desk gets some.
pub const DOSSIERS: u32 = 500;
/// What they are drawn from.
pub const SEED: u64 = 2018;

/// How long a quarter may take on a slow machine that does other things too.
const QUARTER_PATIENCE: Duration = Duration::from_secs(600);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The registers and profiles of this repository.
pub fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy")
}

/// A demonstration that was started; nothing of it outlives this value.
pub struct Run {
    around: TempDir,
    child: Child,
}

impl Run {
    /// Starts the quarter with nobody at a terminal.
    pub fn start() -> Self {
        let around = TempDir::new().unwrap();
        let mut command = Command::new(binary("motcua"));
        command
            .arg("demo")
            .args(["--dossiers", &DOSSIERS.to_string()])
            .args(["--seed", &SEED.to_string()])
            .arg("--deploy")
            .arg(deploy())
            .arg("--dir")
            .arg(around.path().join("run"));
        Self::of(command, around)
    }

    /// Starts what is told, which writes into no directory but `around`.
    pub fn of(mut command: Command, around: TempDir) -> Self {
        let file = |name| File::create(around.path().join(name)).unwrap();
        let child = command
            .env_remove("RUST_LOG")
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(file("out"))
            .stderr(file("err"))
            // As a shell does: what is sent to the group reaches the program and its children.
            .process_group(0)
            .spawn()
            .unwrap();
        Self { around, child }
    }

    /// The directory of the run.
    pub fn dir(&self) -> PathBuf {
        self.around.path().join("run")
    }

    /// The directory in which everything lies, the output too.
    pub fn around(&self) -> &Path {
        self.around.path()
    }

    /// The program's own process, which is also the name of its group.
    pub fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).unwrap())
    }

    /// What it printed so far.
    pub fn said(&self) -> String {
        fs::read_to_string(self.around.path().join("out")).unwrap()
    }

    /// What it said of itself so far.
    pub fn errors(&self) -> String {
        fs::read_to_string(self.around.path().join("err")).unwrap()
    }

    /// Waits until it has ended.
    pub async fn ended(&mut self) -> ExitStatus {
        let deadline = Instant::now() + QUARTER_PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(
                Instant::now() < deadline,
                "the quarter does not end:\n{}{}",
                self.said(),
                self.errors()
            );
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// A living process of this run by its program's name.
    pub fn process(&self, name: &str) -> Option<Pid> {
        alive(self.around.path())
            .into_iter()
            .find(|process| process.program == name)
            .map(|process| process.pid)
    }

    /// Waits for a living process of this run.
    pub async fn has(&self, name: &str) -> Pid {
        eventually(&format!("{name} to run"), async || self.process(name)).await
    }

    /// Waits until nothing of it is left.
    pub async fn is_gone(&self) {
        eventually(
            &format!(
                "the end of all processes of {}",
                self.around.path().display()
            ),
            async || alive(self.around.path()).is_empty().then_some(()),
        )
        .await;
    }

    /// Listens to the simulated clock, from when the quarter has a broker on.
    pub async fn clock(&self) -> Clock {
        let nats = eventually("the broker's address", async || {
            let said = self.said();
            let line = said.lines().find(|line| line.trim().starts_with("NATS "))?;
            Some(line.split_whitespace().nth(1)?.to_owned())
        })
        .await;
        let client = connected(&nats).await;
        Clock(client.subscribe(CLOCK).await.unwrap())
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        for process in alive(self.around.path()) {
            let _ = kill(process.pid, Signal::SIGKILL);
        }
    }
}

/// The simulated time of a run.
pub struct Clock(Subscriber);

impl Clock {
    /// Waits until the simulated day `day` has begun (`2018-02-01`).
    pub async fn reaches(&mut self, day: &str) {
        let come = async {
            while let Some(message) = self.0.next().await {
                let tick: Value = serde_json::from_slice(&message.payload).unwrap();
                if tick["now"].as_str().is_some_and(|now| now >= day) {
                    return;
                }
            }
            panic!("the clock's subscription ended before {day}");
        };
        tokio::time::timeout(QUARTER_PATIENCE, come)
            .await
            .unwrap_or_else(|_| panic!("the quarter does not come to {day}"));
    }
}

/// A process of the machine.
#[derive(Debug)]
pub struct Running {
    pub pid: Pid,
    pub program: String,
}

/// Every process whose command line names a file below `dir`.
pub fn alive(dir: &Path) -> Vec<Running> {
    let dir = dir.to_str().unwrap();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        // A process that is gone meanwhile, or dead and not yet buried, has no command line.
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).into_owned();
        let mut words = line.split('\0');
        let program = words.next().unwrap_or_default().rsplit('/').next();
        if words.any(|word| word.starts_with(dir)) {
            found.push(Running {
                pid: Pid::from_raw(pid),
                program: program.unwrap_or_default().to_owned(),
            });
        }
    }
    found
}
