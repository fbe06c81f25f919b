//! A service as a process: this very program, executed again with the service's configuration.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::Context;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::{Child, Command};

/// How long a service may take to end in order; afterwards that is a finding.
const LAST_WORDS: Duration = Duration::from_secs(20);

/// A running service; killed when dropped.
#[derive(Debug)]
pub struct Service {
    child: Child,
    log: PathBuf,
}

/// What a service is started with.
#[derive(Debug, Clone)]
pub struct Starting {
    /// The laboratory's program.
    pub program: PathBuf,
    /// Which service: `commune`, `district`, `agency` or `projector`.
    pub kind: &'static str,
    /// Its configuration.
    pub config: PathBuf,
    /// Where what it says is appended.
    pub log: PathBuf,
    /// The library to preload, with the directory that it watches and the image that it keeps.
    pub preload: Option<Preload>,
    /// The longest that a file may become, in KiB: beyond, writing fails as on a full disk.
    pub file_kib_max: Option<u64>,
}

/// The library that keeps apart what was synced.
#[derive(Debug, Clone)]
pub struct Preload {
    /// The library.
    pub library: PathBuf,
    /// What it watches.
    pub dir: PathBuf,
    /// What it keeps.
    pub image: PathBuf,
}

impl Service {
    /// Starts a service; it answers a little later.
    ///
    /// # Errors
    /// When its log or the program cannot be used.
    pub fn start(how: &Starting) -> anyhow::Result<Self> {
        let out = File::options()
            .create(true)
            .append(true)
            .open(&how.log)
            .with_context(|| format!("opening the log {}", how.log.display()))?;
        let mut command = match how.file_kib_max {
            None => Command::new(&how.program),
            Some(kib) => {
                let mut shell = Command::new("bash");
                // A signal that is ignored stays so over `exec`; the write itself then fails.
                let script = format!("trap '' XFSZ; ulimit -f {kib}; exec \"$0\" \"$@\"");
                shell.arg("-c").arg(script).arg(&how.program);
                shell
            }
        };
        command
            .args(["service", how.kind, "--config"])
            .arg(&how.config)
            .env_remove("RUST_LOG")
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::from(out.try_clone().context("sharing the log")?))
            .stderr(Stdio::from(out))
            .kill_on_drop(true);
        if let Some(preload) = &how.preload {
            command
                .env("LD_PRELOAD", &preload.library)
                .env("POWERCUT_DIR", &preload.dir)
                .env("POWERCUT_IMAGE", &preload.image);
        }
        let child = command
            .spawn()
            .with_context(|| format!("starting {}", how.program.display()))?;
        Ok(Self {
            child,
            log: how.log.clone(),
        })
    }

    /// Sends a signal.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        let pid = self.child.id().and_then(|pid| i32::try_from(pid).ok());
        let pid = pid.context("the service has ended")?;
        kill(Pid::from_raw(pid), signal).with_context(|| format!("sending {signal} to {pid}"))
    }

    /// Ends it at once.
    ///
    /// # Errors
    /// When the system does not let it be killed.
    pub async fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill().await.context("killing a service")
    }

    /// Asks it to end in order, which it must do well.
    ///
    /// # Errors
    /// When it takes too long or ends badly.
    pub async fn end(mut self) -> anyhow::Result<()> {
        self.signal(Signal::SIGTERM)?;
        let status = tokio::time::timeout(LAST_WORDS, self.child.wait())
            .await
            .with_context(|| format!("no end within {LAST_WORDS:?} of SIGTERM: {}", self.said()))?
            .context("waiting for a service")?;
        anyhow::ensure!(
            status.success(),
            "{status} after SIGTERM; it said: {}",
            self.said()
        );
        Ok(())
    }

    /// How it ended, if it has.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        self.child.try_wait().context("looking after a service")
    }

    /// The last lines that it said.
    pub fn said(&self) -> String {
        last_lines(&self.log)
    }
}

/// The last lines of a log, for people.
pub fn last_lines(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(8)..].join("\n")
}
