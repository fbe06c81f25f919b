//! The process: which tasks there are and what joins them.
//!
//! ```text
//! broker ─ feed ─(1,024)─▶ intake ─▶ journal, then state ◀─ queries over NATS and HTTP
//!          ├ held ────────────────────▶ journal
//!          └ clock ──────────────────▶ "now"
//! ```
//!
//! When the queue is full the feed stops asking the broker for more. One flag ends everything: the
//! feed first stops handing over, requests under way are answered, and the journal closes last.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use envelope::KeyRegister;
use evidence::Watch;
use exchange::feed::Feed;
use exchange::log::HeldService;
use exchange::stop::on_termination;
use exchange::{Connection, Patience, StreamSettings, Timing, connect_with};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::config::Config;
use crate::projector::Projector;
use crate::store::Store;
use crate::{http, intake, service};

/// What joining the exchange takes.
#[derive(Debug)]
pub struct Joining {
    /// The broker.
    pub connection: Connection,
    /// The name that the broker remembers this projector by.
    pub name: String,
    /// Everyone's public keys.
    pub keys: Arc<KeyRegister>,
    /// Directory of the heads that units showed.
    pub heads: PathBuf,
    /// How the streams are kept.
    pub streams: StreamSettings,
    /// How often units say where they stand.
    pub timing: Timing,
    /// Where HTTP is served.
    pub listener: TcpListener,
}

/// Runs a projector as configured, until SIGTERM or Ctrl-C.
///
/// # Errors
/// When it cannot start, or when a part of it fails.
pub async fn configured(path: &Path) -> anyhow::Result<()> {
    let config = Config::read(path)?;
    let (keys, directory) = (config.key_register()?, config.directory()?);
    let listener = TcpListener::bind(config.http).await.with_context(|| {
        format!(
            "listening on {}; free the address or correct `http`",
            config.http
        )
    })?;
    let timing = Timing {
        checkpoint: Duration::from_secs(config.checkpoint_seconds),
        ..Timing::default()
    };
    let data = config.data.clone();
    let opening = tokio::task::spawn_blocking(move || {
        Projector::open(Store::open(&data)?, directory, timing.checkpoint)
    });
    let projector = opening.await.context("opening the projector's journal")??;
    tracing::info!(
        entries = *projector.entries().borrow(),
        "the state is rebuilt from the journal"
    );
    let connection = connect_with(
        &config.nats,
        "motcua-projector",
        &config.access.of(&config.name),
        Patience::Forever,
    )
    .await?;
    tracing::info!(http = %config.http, nats = config.nats, "projecting");
    let stop = on_termination();
    let joining = Joining {
        connection,
        name: config.name,
        keys: Arc::new(keys),
        // Beside the journal, whose directory is its own.
        heads: config.data.with_extension("heads"),
        streams: StreamSettings {
            replicas: config.replicas,
            ..StreamSettings::default()
        },
        timing,
        listener,
    };
    serve(projector, joining, stop).await
}

/// Joins the exchange and serves, until `stop` turns true.
///
/// # Errors
/// When a part of it fails; the others are ended then.
pub async fn serve(
    projector: Projector,
    joining: Joining,
    stop: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let Joining {
        connection,
        name,
        keys,
        heads,
        streams,
        timing,
        listener,
    } = joining;
    projector.store().remind_of_keys(&keys)?;
    let positions = projector.store().positions()?;
    let (feed, fed) = Feed::new(
        connection.clone(),
        &name,
        Arc::clone(&keys),
        streams,
        timing,
        positions,
    );
    let watch = Watch::open(
        heads,
        Arc::clone(&keys),
        connection.clone(),
        timing.checkpoint,
    );
    let (watch, ear, findings) = watch.await?;
    projector.watches(ear, findings);
    projector.joins(keys, feed.status());
    let mut tasks: JoinSet<anyhow::Result<()>> = JoinSet::new();
    let halt = stop.clone();
    tasks.spawn(async move {
        watch.run(halt).await;
        Ok(())
    });
    let halt = stop.clone();
    tasks.spawn(async move {
        feed.run(halt).await;
        Ok(())
    });
    let (me, halt) = (projector.clone(), stop.clone());
    tasks.spawn(async move {
        intake::run(me, fed, halt).await;
        Ok(())
    });
    let (me, wire, halt) = (projector.clone(), connection.clone(), stop.clone());
    tasks.spawn(async move {
        service::run(me, wire, halt)
            .await
            .context("answering queries over NATS")
    });
    let held = HeldService::new(
        connection.clone(),
        projector.store().journal().clone(),
        env!("CARGO_PKG_VERSION"),
    );
    let halt = stop.clone();
    tasks.spawn(async move {
        held.run(halt).await;
        Ok(())
    });
    let (me, wire, halt) = (projector.clone(), connection, stop.clone());
    tasks.spawn(async move {
        service::follow_clock(me, wire, halt).await;
        Ok(())
    });
    let (me, halt) = (projector, stop.clone());
    tasks.spawn(async move { http::run(me, listener, halt).await.context("serving HTTP") });
    while let Some(ended) = tasks.join_next().await {
        ended.context("a task of the projector broke")??;
        // A part that ends by itself leaves a projector that only looks alive.
        anyhow::ensure!(
            *stop.borrow() || stop.has_changed().is_err(),
            "a task of the projector ended too early"
        );
    }
    Ok(())
}
