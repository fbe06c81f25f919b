//! A service's process: reads its configuration, opens the journals of its units, and joins the
//! tasks of each. On SIGTERM or Ctrl-C everything ends in order.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use calendar::Calendar;
use catalogue::Catalogue;
use clap::Parser;
use envelope::KeyRegister;
use evidence::Logs;
use exchange::log::LogService;
use exchange::settings::Timing;
use exchange::subject::UnitToken;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::backing_up::Backups;
use crate::config::Config;
use crate::desk::Desk;
use crate::host;
use crate::identity;
use crate::officers::Officers;
use crate::stamp::Stamp;

mod house;
mod recovering;
mod ticking;

use house::House;

/// Command line of a service.
#[derive(Debug, Parser)]
struct Arguments {
    /// The service's configuration file (TOML).
    #[arg(long)]
    config: PathBuf,
}

/// Runs the service of a level. The whole of a service's `main`.
pub fn run<D: Desk + Clone>(desk: D) -> ExitCode {
    run_configured(desk, &Arguments::parse().config)
}

/// Runs the service of a level as a configuration file says, for a program that hosts several.
pub fn run_configured<D: Desk + Clone>(desk: D, config: &Path) -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info,async_nats=warn")),
        )
        .with_writer(std::io::stderr)
        .init();
    let served = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("starting the runtime")
        .and_then(|runtime| runtime.block_on(serve(desk, config)));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What the units of a process share.
#[derive(Clone)]
struct Shared {
    config: Config,
    catalogue: Arc<Catalogue>,
    calendar: Arc<Calendar>,
    keys: Arc<KeyRegister>,
    logs: Logs,
    officers: Officers,
    stop: watch::Receiver<bool>,
}

impl Shared {
    /// Where the backups of a unit are put.
    fn backups(&self, unit: &UnitToken) -> Backups {
        Backups {
            dir: self.config.data.join(unit.as_str()).join("backups"),
            keys: Arc::clone(&self.keys),
        }
    }
}

async fn serve<D: Desk + Clone>(desk: D, config: &Path) -> anyhow::Result<()> {
    let config = Config::read(config)?;
    let catalogue = Arc::new(Catalogue::load(&config.registers, &config.profile)?);
    let calendar = catalogue.calendar();
    let keys = Arc::new(identity::read_register(&config.keys)?);
    let officers = match &config.officers {
        Some(path) => Officers::read(path)?,
        None => {
            tracing::warn!(
                "no `officers` in the configuration: whoever reaches this service may give every command"
            );
            Officers::default()
        }
    };
    let (stopper, stop) = watch::channel(false);
    let shared = Shared {
        config,
        catalogue,
        calendar: Arc::new(calendar),
        keys,
        logs: Logs::new(),
        officers,
        stop,
    };
    let mut tasks: JoinSet<anyhow::Result<()>> = JoinSet::new();
    show_logs(&shared, &mut tasks).await?;
    let terminated = async {
        exchange::stop::terminated()
            .await
            .context("listening for SIGTERM")
    };
    tokio::pin!(terminated);
    // A broker that is away keeps a start waiting for ever: the signal is heard meanwhile.
    let ended = tokio::select! {
        signal = &mut terminated => signal,
        started = start_all(&desk, &shared, &mut tasks) => match started {
            Ok(()) => tokio::select! {
                signal = &mut terminated => signal,
                ended = tasks.join_next() => match ended {
                    Some(Ok(result)) => {
                        result.and_then(|()| anyhow::bail!("a task ended before its time"))
                    }
                    Some(Err(error)) => Err(error.into()),
                    None => Ok(()),
                },
            },
            Err(error) => Err(error),
        },
    };
    tracing::info!(service = desk.service(), "stopping");
    stopper.send_replace(true);
    while let Some(task) = tasks.join_next().await {
        task.context("a task ended badly while stopping")??;
    }
    ended
}

/// Serves the journals of the units as transparency logs, where that is configured.
async fn show_logs(shared: &Shared, tasks: &mut JoinSet<anyhow::Result<()>>) -> anyhow::Result<()> {
    let Some(address) = shared.config.evidence_http else {
        return Ok(());
    };
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!("listening on {address}; free the address or correct `evidence_http`")
    })?;
    let address = listener.local_addr()?;
    tracing::info!(%address, "serving transparency logs");
    let (logs, stop) = (shared.logs.clone(), shared.stop.clone());
    tasks.spawn(async move {
        let served = logs.serve(listener, stop).await;
        served.context("serving transparency logs")
    });
    Ok(())
}

async fn start_all<D: Desk + Clone>(
    desk: &D,
    shared: &Shared,
    tasks: &mut JoinSet<anyhow::Result<()>>,
) -> anyhow::Result<()> {
    for unit in &shared.config.units {
        start(desk.clone(), unit, shared, tasks)
            .await
            .with_context(|| format!("starting unit {unit}"))?;
    }
    let units = shared.config.units.len();
    tracing::info!(service = desk.service(), units, "ready");
    Ok(())
}

async fn start<D: Desk + Clone>(
    desk: D,
    unit: &str,
    shared: &Shared,
    tasks: &mut JoinSet<anyhow::Result<()>>,
) -> anyhow::Result<()> {
    let house = House::open(desk, unit, shared).await?;
    let log = LogService::new(
        house.connection.clone(),
        house.journal.clone(),
        house.token.clone(),
        env!("CARGO_PKG_VERSION"),
    );
    tasks.spawn(finished(log.run(shared.stop.clone())));
    if house.journal.restored().is_none() {
        return house.begin(shared, tasks).await;
    }
    // Other units of this process may be the ones that it has to ask.
    tasks.spawn(recovered(house, shared.clone()));
    Ok(())
}

/// A restored unit: writes nothing until it knows how far it had come, and lives from then on.
async fn recovered<D: Desk + Clone>(house: House<D>, shared: Shared) -> anyhow::Result<()> {
    if !recovering::recover(&house, &shared).await? {
        return Ok(());
    }
    let mut tasks: JoinSet<anyhow::Result<()>> = JoinSet::new();
    let mut stop = shared.stop.clone();
    house.begin(&shared, &mut tasks).await?;
    let ended = tokio::select! {
        () = host::stopped(&mut stop) => Ok(()),
        Some(ended) = tasks.join_next() => ended.map_err(Into::into).flatten(),
    };
    ended?;
    while let Some(task) = tasks.join_next().await {
        task.context("a task ended badly while stopping")??;
    }
    Ok(())
}

impl Shared {
    fn stamp(&self) -> Stamp {
        let simulated = self.config.simulated_from;
        simulated.map_or_else(Stamp::machine, Stamp::simulated)
    }

    fn timing(&self) -> Timing {
        Timing {
            checkpoint: self.config.checkpoint(),
            ..Timing::default()
        }
    }
}

async fn finished(task: impl Future<Output = ()>) -> anyhow::Result<()> {
    task.await;
    Ok(())
}
