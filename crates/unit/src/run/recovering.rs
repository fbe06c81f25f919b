//! The first life of a unit whose journal was restored.

use std::sync::Arc;

use dossier::ids::UnitId;
use exchange::service;
use exchange::status::{InboxStatus, OutboxStatus};
use tokio::sync::watch;

use super::Shared;
use super::house::House;
use crate::alert;
use crate::desk::Desk;
use crate::gauge::Gauge;
use crate::recovery::asking::Asker;
use crate::recovery::findings::Findings;
use crate::recovery::search::Search;
use crate::recovery::taking::{Account, carry_out};
use crate::recovery::waiting;
use crate::stamp::machine_now;

/// Asks, takes back and begins a new epoch; false when it is told to stop before it has begun.
///
/// # Errors
/// When somebody else wrote as this unit, or what was taken back cannot be followed.
pub(super) async fn recover<D: Desk + Clone>(
    house: &House<D>,
    shared: &Shared,
) -> anyhow::Result<bool> {
    let Some(restored) = house.journal.restored() else {
        return Ok(true);
    };
    let (unit, entries) = (&house.me, restored.entries);
    tracing::warn!(%unit, entries, "the journal was restored: asking everyone how far it had come");
    let (waits_for, seen) = watch::channel(Vec::new());
    let gauge = Gauge {
        me: house.me.clone(),
        journal: house.journal.clone(),
        outbox: watch::channel(OutboxStatus::default()).1,
        inbox: watch::channel(InboxStatus::default()).1,
        connection: house.connection.clone(),
        interval: shared.timing().checkpoint,
        waits_for: seen,
        backups: shared.backups(&house.token),
        findings: watch::channel(Vec::new()).1,
    };
    let (over, until) = watch::channel(false);
    let requests = service::start(&house.connection, house.spec()?, until.clone()).await?;
    let simulated = shared.config.simulated_from;
    let now = move || simulated.unwrap_or_else(machine_now);
    let telling = tokio::spawn(alert::tell(gauge.clone(), house.token.clone(), now, until));
    let (decide, mut decisions) = waiting::decisions();
    let staff = shared.officers.of_unit(&house.me);
    let answering = tokio::spawn(waiting::answer(requests, gauge, staff, decide));

    // A unit without a key has never taken part.
    let keys = Arc::clone(&shared.keys);
    let takes_part = |unit: &UnitId| keys.units().any(|known| known == unit.as_str());
    let others = shared.catalogue.units().map(|unit| unit.id.clone());
    let others = others.filter(|unit| *unit != house.me && takes_part(unit));
    let others = others.collect();
    let findings = Findings::new(house.me.clone(), Arc::clone(&keys), house.journal.links());
    let ended = house.journal.ended_epochs();
    let findings = findings.leaving_out(ended.into_iter().map(|(epoch, _)| epoch));
    let (epoch, held) = (house.journal.epoch(), house.journal.last_sequence());
    let mut search = Search::new(findings, epoch, held, others);
    let asker = Asker {
        connection: house.connection.clone(),
        me: house.token.clone(),
        journal: house.journal.clone(),
    };
    let mut stop = shared.stop.clone();
    let found = waiting::search(&mut search, &asker, &waits_for, &mut decisions, &mut stop).await?;
    let Some((plan, decided)) = found else {
        over.send_replace(true);
        answering.await?;
        telling.await?;
        return Ok(false);
    };
    let (taken_back, known) = (plan.taken_back(), plan.known);
    let account = Account {
        restored,
        at: now(),
        decided,
    };
    let mut core = house.core(shared)?;
    carry_out(&mut core, &house.journal, &search, plan, account).await?;
    tracing::warn!(%unit, taken_back, known, "the journal is recovered; a new epoch begins");
    drop(decisions);
    over.send_replace(true);
    answering.await?;
    telling.await?;
    Ok(true)
}
