//! The process: which tasks there are and what joins them.
//!
//! ```text
//! broker ─ feed ─(1,024)─▶ intake ─▶ journal ◀─ outbox ─ HTTPS ─▶ portal
//!                             └──── wakes ────────┘
//! ```
//!
//! When the queue is full the feed stops asking the broker for more. One flag ends everything: the
//! message under way is let go, since it is on disk and will be sent again.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use exchange::feed::Feed;
use exchange::stop::on_termination;
use exchange::{Patience, StreamSettings, Timing, connect_with};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::client::Portal;
use crate::clock;
use crate::config::Config;
use crate::health::{self, Pulse};
use crate::intake;
use crate::outbox::{Outbox, Pauses};
use crate::store::Store;
use crate::story::Manner;

/// Runs the adapter as configured, until SIGTERM or Ctrl-C. With `again` it takes up first what was
/// set aside.
///
/// # Errors
/// When it cannot start, or when a part of it fails.
pub async fn configured(path: &Path, again: bool) -> anyhow::Result<()> {
    let config = Config::read(path)?;
    let keys = Arc::new(config.key_register()?);
    let manner = Manner {
        names: config.names()?,
        partner: config.partner.clone(),
        simulated: config.simulated,
    };
    let portal = Portal::new(
        &config.url,
        config.session.clone(),
        config.session_header.clone(),
        Duration::from_millis(config.answer_millis),
    )?;
    let data = config.data.clone();
    let store = tokio::task::spawn_blocking(move || Store::open(&data))
        .await
        .context("opening the adapter's journal")??;
    if again {
        let dossiers = store.again(clock::now()).await?;
        tracing::info!(dossiers, "what was set aside is sent again");
    }
    let connection = connect_with(
        &config.nats,
        "motcua-portal",
        &config.access.of(&config.name),
        Patience::Forever,
    )
    .await?;
    let timing = Timing {
        checkpoint: Duration::from_secs(config.checkpoint_seconds),
        ..Timing::default()
    };
    let streams = StreamSettings {
        replicas: config.replicas,
        ..StreamSettings::default()
    };
    store.remind_of_keys(&keys)?;
    let positions = store.positions()?;
    let wire = connection.clone();
    let (feed, fed) = Feed::new(wire, &config.name, keys, streams, timing, positions);
    let stop = on_termination();
    let (wake, pulse) = (Arc::new(Notify::new()), Pulse::default());
    let pauses = Pauses {
        floor: Duration::from_millis(config.pause_millis),
        ceiling: Duration::from_millis(config.pause_millis_max),
    };
    let outbox = Outbox::new(store.clone(), portal, manner, pauses, pulse.clone());
    tracing::info!(url = config.url, nats = config.nats, "telling the portal");

    let mut tasks: JoinSet<anyhow::Result<()>> = JoinSet::new();
    let halt = stop.clone();
    tasks.spawn(async move {
        feed.run(halt).await;
        Ok(())
    });
    let (kept, waker, halt) = (store.clone(), wake.clone(), stop.clone());
    tasks.spawn(async move {
        intake::run(kept, fed, waker, halt).await;
        Ok(())
    });
    let halt = stop.clone();
    tasks.spawn(async move { Ok(outbox.run(wake, halt).await?) });
    let halt = stop.clone();
    tasks.spawn(async move {
        health::run(pulse, store, connection, config.name, halt)
            .await
            .context("answering over NATS")
    });
    while let Some(ended) = tasks.join_next().await {
        ended.context("a task of the adapter broke")??;
        // A part that ends by itself leaves an adapter that only looks alive.
        anyhow::ensure!(
            *stop.borrow() || stop.has_changed().is_err(),
            "a task of the adapter ended too early"
        );
    }
    Ok(())
}
