//! A service's process: reads its configuration, opens the journals of its units, and joins the
//! tasks of each. On SIGTERM or Ctrl-C everything ends in order.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use calendar::{Calendar, Moment};
use catalogue::Catalogue;
use clap::Parser;
use dossier::ids::UnitId;
use envelope::KeyRegister;
use exchange::connect::{Connection, Patience, connect};
use exchange::head::Heads;
use exchange::inbox::Inbox;
use exchange::log::LogService;
use exchange::outbox::Outbox;
use exchange::service::{self, EndpointSpec, ServiceSpec};
use exchange::settings::Timing;
use exchange::stream::StreamSettings;
use exchange::subject::{CLOCK, UnitToken};
use futures::StreamExt;
use journal::{Journal, Options};
use serde::Deserialize;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use uuid::Uuid;
use vault::Vault;

use crate::alert;
use crate::command::{QUESTIONS, UPKEEP};
use crate::config::Config;
use crate::core::Core;
use crate::desk::Desk;
use crate::door::Door;
use crate::gauge::Gauge;
use crate::host::{self, Input};
use crate::identity;
use crate::reader::Reader;
use crate::stamp::{Stamp, machine_now};

/// How often a unit looks at its watch where time is real.
const TICK: Duration = Duration::from_secs(60);
/// Requests of one unit that may wait; more are answered "busy".
const BACKLOG: usize = 512;

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
struct Shared {
    config: Config,
    catalogue: Arc<Catalogue>,
    calendar: Arc<Calendar>,
    keys: Arc<KeyRegister>,
    stop: watch::Receiver<bool>,
}

async fn serve<D: Desk + Clone>(desk: D, config: &Path) -> anyhow::Result<()> {
    let config = Config::read(config)?;
    let catalogue = Arc::new(Catalogue::load(&config.registers, &config.profile)?);
    let calendar = catalogue.calendar();
    let keys = Arc::new(identity::read_register(&config.keys)?);
    let (stopper, stop) = watch::channel(false);
    let shared = Shared {
        config,
        catalogue,
        calendar: Arc::new(calendar),
        keys,
        stop,
    };
    let mut tasks: JoinSet<anyhow::Result<()>> = JoinSet::new();
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
    let config = &shared.config;
    let me = UnitId::parse(unit)?;
    let token = UnitToken::parse(unit)?;
    let identity = identity::load(&config.data, unit)?;
    let dir = config.data.join(unit);
    let simulated = config.simulated_from;
    let mut stamp = simulated.map_or_else(Stamp::machine, Stamp::simulated);
    let (journal, vault) = open(dir, unit.to_owned(), stamp.id(), config.journal_cache_mib).await?;
    let connection = connect(
        &config.nats,
        &format!("{} {unit}", desk.service()),
        Patience::Forever,
    )
    .await?;
    let streams = StreamSettings {
        replicas: config.replicas,
        ..StreamSettings::default()
    };
    let timing = Timing {
        checkpoint: config.checkpoint(),
        ..Timing::default()
    };
    let stop = || shared.stop.clone();

    let core = Core::new(
        desk.clone(),
        me.clone(),
        Arc::clone(&identity.signing),
        stamp,
        Arc::clone(&shared.catalogue),
        Arc::clone(&shared.calendar),
        journal.clone(),
    )?
    .trusting(Arc::clone(&shared.keys));
    let reader = Reader {
        me: me.clone(),
        vault: vault.clone(),
        sealing: identity.sealing,
        keys: Arc::clone(&shared.keys),
        client: connection.client.clone(),
    };
    let (mailbox, inputs) = host::mailbox();
    let living = host::live(core, journal.clone(), reader, inputs, stop());
    tasks.spawn(async move { Ok(living.await?) });

    let outbox = Outbox::new(
        connection.clone(),
        journal.clone(),
        token.clone(),
        streams,
        timing.checkpoint,
    );
    let published = outbox.status();
    tasks.spawn(finished(outbox.run(stop())));
    let (inbox, arrivals) = Inbox::new(
        connection.clone(),
        journal.clone(),
        token.clone(),
        Arc::clone(&shared.keys),
        streams,
        timing,
    );
    let gauge = Gauge {
        me,
        journal: journal.clone(),
        outbox: published,
        inbox: inbox.status(),
        connection: connection.clone(),
        interval: timing.checkpoint,
    };
    tasks.spawn(finished(inbox.run(stop())));
    tasks.spawn(finished(forward(arrivals, mailbox.clone())));
    let log = LogService::new(
        connection.clone(),
        journal.clone(),
        token.clone(),
        env!("CARGO_PKG_VERSION"),
    );
    tasks.spawn(finished(log.run(stop())));
    let now = move || simulated.unwrap_or_else(machine_now);
    let heads = Heads::new(
        connection.clone(),
        journal.clone(),
        token.clone(),
        identity.signing,
        timing.checkpoint,
        now,
    );
    tasks.spawn(finished(heads.run(stop())));
    let alerts = alert::tell(gauge.clone(), token.clone(), now, stop());
    tasks.spawn(finished(alerts));
    tasks.spawn(finished(tick(
        connection.clone(),
        simulated.is_some(),
        mailbox.clone(),
        stop(),
    )));

    let requests = service::start(&connection, spec(&desk, unit, &token)?, stop()).await?;
    let door = Door::new(vault, journal, simulated.is_some());
    tasks.spawn(finished(host::usher(door, gauge, requests, mailbox)));
    Ok(())
}

async fn open(
    dir: PathBuf,
    unit: String,
    epoch: Uuid,
    cache_mib: u64,
) -> anyhow::Result<(Journal, Vault)> {
    let opened = tokio::task::spawn_blocking(move || -> anyhow::Result<(Journal, Vault)> {
        let options = Options {
            cache_bytes: cache_mib * 1024 * 1024,
            ..Options::new(unit, epoch)
        };
        Ok((
            Journal::open(&dir.join("journal"), options)?,
            Vault::open(&dir.join("vault"))?,
        ))
    });
    opened.await?
}

fn spec<D: Desk>(desk: &D, unit: &str, token: &UnitToken) -> anyhow::Result<ServiceSpec> {
    let mut endpoints = Vec::new();
    for name in desk.powers().into_iter().chain(UPKEEP).chain(QUESTIONS) {
        endpoints.push(EndpointSpec::command(
            token,
            name,
            &format!("urn:motcua:schema:commands:{name}.v1"),
        )?);
    }
    Ok(ServiceSpec {
        name: desk.service().to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        description: format!("Commands of {unit}"),
        group: unit.to_owned(),
        endpoints,
        backlog: BACKLOG,
    })
}

async fn finished(task: impl Future<Output = ()>) -> anyhow::Result<()> {
    task.await;
    Ok(())
}

async fn forward(
    mut arrivals: mpsc::Receiver<exchange::inbox::Arrival>,
    mailbox: mpsc::Sender<Input>,
) {
    while let Some(arrival) = arrivals.recv().await {
        if mailbox.send(Input::Arrival(arrival)).await.is_err() {
            return;
        }
    }
}

/// The simulated instant, as a profile's generator announces it.
#[derive(Debug, Deserialize)]
struct Clock {
    now: Moment,
}

async fn tick(
    connection: Connection,
    simulated: bool,
    mailbox: mpsc::Sender<Input>,
    mut stop: watch::Receiver<bool>,
) {
    if !simulated {
        let mut every = tokio::time::interval(TICK);
        loop {
            tokio::select! {
                _ = every.tick() => if mailbox.send(Input::Tick(machine_now())).await.is_err() { return },
                () = host::stopped(&mut stop) => return,
            }
        }
    }
    let mut clock = match connection.client.subscribe(CLOCK).await {
        Ok(clock) => clock,
        Err(error) => {
            tracing::error!(%error, "the simulated clock cannot be heard; no reminders will be sent");
            host::stopped(&mut stop).await;
            return;
        }
    };
    loop {
        let message = tokio::select! {
            message = clock.next() => message,
            () = host::stopped(&mut stop) => return,
        };
        let Some(message) = message else { return };
        match serde_json::from_slice::<Clock>(&message.payload) {
            Ok(clock) => {
                if mailbox.send(Input::Tick(clock.now)).await.is_err() {
                    return;
                }
            }
            Err(error) => {
                tracing::warn!(%error, "a message on the simulated clock is not readable")
            }
        }
    }
}
