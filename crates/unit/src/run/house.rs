//! One unit of a service: what it needs, and its tasks.

use std::path::PathBuf;
use std::sync::Arc;

use dossier::ids::UnitId;
use evidence::{Ear, Watch};
use exchange::connect::{Connection, Patience, connect_with};
use exchange::head::Heads;
use exchange::inbox::{Arrival, Inbox};
use exchange::outbox::Outbox;
use exchange::service::{self, EndpointSpec, ServiceSpec};
use exchange::stream::StreamSettings;
use exchange::subject::UnitToken;
use journal::{Journal, Options};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use uuid::Uuid;
use vault::Vault;

use super::ticking::tick;
use super::{Shared, finished};
use crate::alert;
use crate::command::{QUESTIONS, UPKEEP};
use crate::core::Core;
use crate::desk::Desk;
use crate::door::Door;
use crate::gauge::Gauge;
use crate::host::{self, Input, Means};
use crate::identity::{self, Identity};
use crate::pace::Pace;
use crate::reader::Reader;
use crate::shredder::shred;
use crate::stamp::machine_now;

/// Requests of one unit that may wait; more are answered "busy".
const BACKLOG: usize = 512;

/// One unit with everything that it needs, before it lives.
pub(super) struct House<D> {
    pub(super) desk: D,
    pub(super) me: UnitId,
    pub(super) token: UnitToken,
    pub(super) identity: Identity,
    pub(super) journal: Journal,
    pub(super) vault: Vault,
    pub(super) connection: Connection,
}

impl<D: Desk + Clone> House<D> {
    /// Opens its journal and its vault, and waits for its broker.
    pub(super) async fn open(desk: D, unit: &str, shared: &Shared) -> anyhow::Result<Self> {
        let config = &shared.config;
        let dir = config.data.join(unit);
        let epoch = shared.stamp().id();
        let (journal, vault) = open(dir, unit.to_owned(), epoch, config.journal_cache_mib).await?;
        journal.remind_of_keys(&shared.keys)?;
        let name = format!("{} {unit}", desk.service());
        let access = config.access.of(unit);
        Ok(Self {
            me: UnitId::parse(unit)?,
            token: UnitToken::parse(unit)?,
            identity: identity::load(&config.data, unit)?,
            journal,
            vault,
            connection: connect_with(&config.nats, &name, &access, Patience::Forever).await?,
            desk,
        })
    }

    /// Its core, as the journal has it now.
    pub(super) fn core(&self, shared: &Shared) -> anyhow::Result<Core<D>> {
        let core = Core::new(
            self.desk.clone(),
            self.me.clone(),
            self.identity.signing.current(),
            shared.stamp(),
            Arc::clone(&shared.catalogue),
            Arc::clone(&shared.calendar),
            self.journal.clone(),
        )?;
        let core = core.signing_with(self.identity.signing.clone());
        Ok(core.trusting(Arc::clone(&shared.keys)))
    }

    /// Says what a restore or repair left to be said, and lets every task of the unit begin.
    pub(super) async fn begin(
        self,
        shared: &Shared,
        tasks: &mut JoinSet<anyhow::Result<()>>,
    ) -> anyhow::Result<()> {
        identity::follow(&self.journal, &self.identity)?;
        let mut core = self.core(shared)?;
        for group in core.closing()? {
            self.journal.append(group).await.await?;
        }
        let spec = self.spec()?;
        let Self {
            me,
            token,
            identity,
            journal,
            vault,
            connection,
            ..
        } = self;
        let simulated = shared.config.simulated_from;
        let streams = StreamSettings {
            replicas: shared.config.replicas,
            ..StreamSettings::default()
        };
        let timing = shared.timing();
        let staff = shared.officers.of_unit(&me);
        if staff.count() == Some(0) {
            tracing::warn!(unit = %me, "the file of officers names nobody of this unit: every command is refused");
        }
        let stop = || shared.stop.clone();
        let reader = Reader {
            me: me.clone(),
            vault: vault.clone(),
            sealing: identity.sealing,
            keys: Arc::clone(&shared.keys),
            client: connection.client.clone(),
        };
        let (mailbox, inputs) = host::mailbox();
        let means = Means {
            journal: journal.clone(),
            reader,
            seeds: identity.seeds,
            mailbox: mailbox.downgrade(),
        };
        let living = host::live(core, means, inputs, stop());
        let wire = connection.clone();
        tasks.spawn(async move {
            living.await?;
            // The last answers leave before the process does.
            wire.flush().await;
            Ok(())
        });

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
        let (watch, ear, findings) = Watch::open(
            shared.config.data.join(token.as_str()).join("heads"),
            Arc::clone(&shared.keys),
            connection.clone(),
            timing.checkpoint,
        )
        .await?;
        tasks.spawn(finished(watch.run(stop())));
        let gauge = Gauge {
            me,
            journal: journal.clone(),
            outbox: published,
            inbox: inbox.status(),
            connection: connection.clone(),
            interval: timing.checkpoint,
            waits_for: watch::channel(Vec::new()).1,
            backups: shared.backups(&token),
            findings,
        };
        shared.logs.open(journal.clone(), identity.signing.clone());
        tasks.spawn(finished(inbox.run(stop())));
        tasks.spawn(finished(forward(arrivals, ear, mailbox.clone())));
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
        let alerts = alert::tell(gauge.clone(), token, now, stop());
        tasks.spawn(finished(alerts));
        tasks.spawn(finished(tick(
            connection.clone(),
            simulated.is_some(),
            mailbox.clone(),
            stop(),
        )));

        let shredding = shred(vault.clone(), journal.clone(), mailbox.clone(), stop());
        tasks.spawn(finished(shredding));
        let requests = service::start(&connection, spec, stop()).await?;
        let pace = Pace::of(shared.config.officer_requests_per_second);
        let door = Door::new(vault, journal, simulated.is_some(), staff, pace);
        tasks.spawn(finished(host::usher(door, gauge, requests, mailbox)));
        Ok(())
    }

    /// What it answers.
    pub(super) fn spec(&self) -> anyhow::Result<ServiceSpec> {
        let mut endpoints = Vec::new();
        let powers = self.desk.powers().into_iter();
        for name in powers.chain(UPKEEP).chain(QUESTIONS) {
            endpoints.push(EndpointSpec::command(
                &self.token,
                name,
                &format!("urn:motcua:schema:commands:{name}.v1"),
            )?);
        }
        Ok(ServiceSpec {
            name: self.desk.service().to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            description: format!("Commands of {}", self.me),
            group: self.me.to_string(),
            endpoints,
            backlog: BACKLOG,
        })
    }
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

async fn forward(mut arrivals: mpsc::Receiver<Arrival>, ear: Ear, mailbox: mpsc::Sender<Input>) {
    while let Some(arrival) = arrivals.recv().await {
        if let Arrival::Contact { checkpoint, .. } = &arrival {
            ear.hear(checkpoint);
        }
        if mailbox.send(Input::Arrival(arrival)).await.is_err() {
            return;
        }
    }
}
