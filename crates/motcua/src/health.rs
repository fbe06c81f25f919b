//! `motcua health`: one line for each unit and for the projector, and below it one for each trouble.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use exchange::Connection;
use exchange::subject::{self, UnitToken};
use futures::StreamExt;
use projector::answer::{Answer, Body, Health as ProjectorHealth, OriginHealth};
use serde::Deserialize;
use serde_json::json;
use unit::health::Health;
use unit::stamp::Stamp;

use crate::asking::{ask, reach};
use crate::say;

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long to wait for a further service to make itself known.
const SILENCE: Duration = Duration::from_millis(500);

/// Say how units fare. Ends with status 1 when anything is wrong.
#[derive(Debug, Args)]
pub(crate) struct HealthCommand {
    /// The broker.
    #[arg(long, env = "MOTCUA_NATS", default_value = "nats://127.0.0.1:4222")]
    nats: String,
    /// The unit, such as H33-27-04; or `all`: those that run, those that the projector knows of, and it.
    #[arg(long, default_value = "all")]
    unit: String,
    /// Who asks.
    #[arg(long, default_value = "operator")]
    officer: String,
}

impl HealthCommand {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let well = crate::runtime()?.block_on(async {
            let connection = reach(&self.nats).await?;
            if self.unit == "all" {
                return self.all(&connection).await;
            }
            self.one(&connection, &self.unit).await
        })?;
        Ok(if well {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    async fn all(&self, connection: &Connection) -> anyhow::Result<bool> {
        let mut units = running(connection).await?;
        let subject = subject::query("health")?;
        let nothing = json!({});
        let asked = ask::<Answer>(connection, &subject, &nothing);
        let projector = match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(Answer {
                entries,
                body: Body::Health(health),
                ..
            })) => Some((entries, health)),
            _ => None,
        };
        let known = projector.iter().flat_map(|(_, health)| &health.origins);
        units.extend(known.map(|origin| origin.unit.to_string()));
        let mut well = true;
        for unit in &units {
            well &= self.one(connection, unit).await?;
        }
        let Some((entries, health)) = projector else {
            say(format_args!("projector  does not answer"))?;
            return Ok(false);
        };
        Ok(say_projector(entries, &health)? && well)
    }

    /// Says how one unit fares; true when well.
    async fn one(&self, connection: &Connection, unit: &str) -> anyhow::Result<bool> {
        let subject = subject::command(&UnitToken::parse(unit)?, "health")?;
        let question = json!({ "id": Stamp::machine().id(), "officer": self.officer, "data": {} });
        let asked = ask::<Health>(connection, &subject, &question);
        let health = match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(health)) => health,
            Ok(Err(error)) => {
                say(format_args!("{unit}  does not answer: {error:#}"))?;
                return Ok(false);
            }
            Err(_) => {
                let seconds = PATIENCE.as_secs();
                say(format_args!("{unit}  does not answer within {seconds} s"))?;
                return Ok(false);
            }
        };
        say_unit(&health)?;
        Ok(health.troubles.is_empty())
    }
}

fn say_unit(health: &Health) -> anyhow::Result<()> {
    let broker = if health.broker.connected {
        "connected"
    } else {
        "not connected"
    };
    say(format_args!(
        "{}  {} entries, own {}, {} not published, {} senders, {} of {} open in quarantine, {broker}",
        health.unit,
        health.entries,
        health.sequence,
        health.outbox.waiting,
        health.senders.len(),
        health.quarantine.open,
        health.quarantine.total,
    ))?;
    for trouble in &health.troubles {
        say(format_args!("  ! {}", trouble.text))?;
    }
    Ok(())
}

/// True when well.
fn say_projector(entries: u64, health: &ProjectorHealth) -> anyhow::Result<bool> {
    say(format_args!(
        "projector  {entries} entries, {} missing, {} origins, {} of {} open in quarantine",
        health.lag,
        health.origins.len(),
        health.quarantine_open,
        health.quarantined,
    ))?;
    let mut well = true;
    let mut trouble = |text: String| {
        well = false;
        say(format_args!("  ! {text}"))
    };
    if health.quarantine_open > 0 {
        let open = health.quarantine_open;
        trouble(format!("{open} in quarantine that nobody has dealt with"))?;
    }
    for found in &health.two_histories {
        trouble(found.text())?;
    }
    for origin in &health.origins {
        let OriginHealth { unit, missing, .. } = origin;
        if let Some(seconds) = origin.missing_seconds {
            trouble(format!(
                "{missing} events of {unit} are missing for {seconds} s"
            ))?;
        }
        match (origin.lost, origin.silent_seconds) {
            (true, Some(seconds)) => trouble(format!("{unit} is out of contact for {seconds} s"))?,
            (true, None) => trouble(format!("{unit} was not heard since the projector started"))?,
            (false, _) => {}
        }
    }
    Ok(well)
}

/// What a service says of itself (ADR-32).
#[derive(Debug, Deserialize)]
struct Info {
    endpoints: Vec<Endpoint>,
}

#[derive(Debug, Deserialize)]
struct Endpoint {
    subject: String,
}

/// The units that make themselves known.
async fn running(connection: &Connection) -> anyhow::Result<BTreeSet<String>> {
    let client = &connection.client;
    let inbox = client.new_inbox();
    let mut answers = client.subscribe(inbox.clone()).await?;
    client
        .publish_with_reply("$SRV.INFO", inbox, "".into())
        .await
        .context("asking which services run")?;
    let mut units = BTreeSet::new();
    while let Ok(Some(answer)) = tokio::time::timeout(SILENCE, answers.next()).await {
        let Ok(info) = serde_json::from_slice::<Info>(&answer.payload) else {
            continue;
        };
        let subjects = info.endpoints.iter().map(|endpoint| &endpoint.subject);
        units.extend(subjects.filter_map(|subject| unit_of(subject)));
    }
    if units.is_empty() {
        tracing::warn!("no unit makes itself known on this broker");
    }
    Ok(units)
}

/// The unit whose `health` is asked on this subject.
fn unit_of(subject: &str) -> Option<String> {
    let (before, name) = subject.rsplit_once('.')?;
    let (_, unit) = before.rsplit_once('.')?;
    let unit = Some(unit).filter(|_| name == "health")?;
    let token = UnitToken::parse(unit).ok()?;
    let own = subject::command(&token, name).ok()?;
    (own == subject).then(|| unit.to_owned())
}
