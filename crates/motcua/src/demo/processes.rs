//! The processes of the quarter: a broker and four services, each started again when it dies.

use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use exchange::broker::Broker;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};

/// Before a dead process is started again.
const AGAIN_AFTER: Duration = Duration::from_millis(300);
/// How long a service may take to end in order.
const LAST_WORDS: Duration = Duration::from_secs(15);
/// A service that dies this often is not going to live.
const LIVES_MAX: u32 = 50;

/// The services of a run.
pub(crate) const PROGRAMS: [&str; 4] = [
    "motcua-commune",
    "motcua-district",
    "motcua-agency",
    "motcua-projector",
];

/// A service and how to start it.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    /// The binary's name, such as `motcua-commune`.
    pub name: &'static str,
    /// Its configuration file.
    pub config: PathBuf,
}

/// Keeps services and broker alive until told to stop.
pub(crate) struct Supervisor {
    stop: watch::Sender<bool>,
    keepers: JoinSet<anyhow::Result<()>>,
}

/// Where the service binaries are: beside this program.
pub(crate) fn binaries() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().context("finding this program's own path")?;
    let dir = own
        .parent()
        .context("this program's path has no directory")?;
    Ok(dir.to_owned())
}

/// Where a service's binary is.
///
/// # Errors
/// When it was not built.
pub(crate) fn binary(name: &str) -> anyhow::Result<PathBuf> {
    let path = binaries()?.join(name);
    anyhow::ensure!(
        path.is_file(),
        "{} is not there: build all services with `cargo build --release --workspace`",
        path.display()
    );
    Ok(path)
}

impl Supervisor {
    /// Starts the services, each with its log in `logs`, and keeps the broker.
    pub(crate) fn start(
        broker: Broker,
        services: Vec<Service>,
        logs: &Path,
    ) -> anyhow::Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let mut keepers = JoinSet::new();
        for service in services {
            let binary = binary(service.name)?;
            let log = logs.join(format!("{}.log", service.name));
            let child = launch(&binary, &service.config, &log)?;
            keepers.spawn(keep(service, binary, log, child, stopped.clone()));
        }
        keepers.spawn(keep_broker(broker, stopped));
        Ok(Self { stop, keepers })
    }

    /// Resolves with the reason when a process cannot be kept alive.
    pub(crate) async fn failed(&mut self) -> anyhow::Error {
        match self.keepers.join_next().await.map(outcome) {
            Some(Err(error)) => error,
            Some(Ok(())) | None => anyhow::anyhow!("a keeper of a process ended unasked"),
        }
    }

    /// Ends everything in order, also where one does not end well.
    ///
    /// # Errors
    /// The first that did not.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        self.stop.send_replace(true);
        let mut ended = Ok(());
        while let Some(keeper) = self.keepers.join_next().await {
            ended = ended.and(outcome(keeper));
        }
        ended
    }
}

fn outcome(keeper: Result<anyhow::Result<()>, JoinError>) -> anyhow::Result<()> {
    keeper.context("a keeper of a process ended badly")?
}

fn launch(binary: &Path, config: &Path, log: &Path) -> anyhow::Result<Child> {
    let out = File::options()
        .create(true)
        .append(true)
        .open(log)
        .with_context(|| format!("opening the log {}", log.display()))?;
    let pid_file = log.with_extension("pid");
    let child = Command::new(binary)
        .arg("--config")
        .arg(config)
        .stdin(Stdio::null())
        .stdout(Stdio::from(out.try_clone().context("sharing the log")?))
        .stderr(Stdio::from(out))
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("starting {}", binary.display()))?;
    let pid = child.id().unwrap_or_default();
    fs::write(&pid_file, pid.to_string())
        .with_context(|| format!("writing {}", pid_file.display()))?;
    Ok(child)
}

async fn keep(
    service: Service,
    binary: PathBuf,
    log: PathBuf,
    mut child: Child,
    mut stop: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    for _ in 0..LIVES_MAX {
        tokio::select! {
            () = stopped(&mut stop) => return end(service.name, child).await,
            status = child.wait() => {
                let status = status.with_context(|| format!("waiting for {}", service.name))?;
                tokio::select! {
                    // Ctrl-C at a terminal reaches every process: this one only was the quicker.
                    () = stopped(&mut stop) => return Ok(()),
                    () = tokio::time::sleep(AGAIN_AFTER) => {}
                }
                eprintln!("{} ended ({status}); starting it again, see {}", service.name, log.display());
            }
        }
        child = launch(&binary, &service.config, &log)?;
    }
    anyhow::bail!(
        "{} died {LIVES_MAX} times; see {}",
        service.name,
        log.display()
    )
}

async fn end(name: &str, mut child: Child) -> anyhow::Result<()> {
    if let Some(pid) = child.id().and_then(|pid| i32::try_from(pid).ok()) {
        kill(Pid::from_raw(pid), Signal::SIGTERM)
            .with_context(|| format!("asking {name} to end"))?;
    }
    match tokio::time::timeout(LAST_WORDS, child.wait()).await {
        Ok(status) => {
            let status = status.with_context(|| format!("waiting for {name}"))?;
            // One that was only just started is ended by the signal itself.
            let unbegun = status.signal() == Some(Signal::SIGTERM as i32);
            anyhow::ensure!(
                status.success() || unbegun,
                "{name} did not end in order: {status}"
            );
            Ok(())
        }
        Err(_) => {
            child
                .kill()
                .await
                .with_context(|| format!("killing {name}"))?;
            anyhow::bail!(
                "{name} did not end within {} s of SIGTERM and was killed",
                LAST_WORDS.as_secs()
            )
        }
    }
}

async fn keep_broker(mut broker: Broker, mut stop: watch::Receiver<bool>) -> anyhow::Result<()> {
    loop {
        tokio::select! {
            () = stopped(&mut stop) => return Ok(()),
            () = tokio::time::sleep(AGAIN_AFTER) => {}
        }
        if !broker.is_running() {
            eprintln!("the broker ended; starting it again");
            broker.restart().await?;
        }
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that the supervisor is gone, and with it whoever wanted the processes.
    let _ = stop.wait_for(|stop| *stop).await;
}
