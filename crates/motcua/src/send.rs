//! `motcua send` and `motcua ask`: a command to a unit, a query to the projector, by the documented
//! messages.

use std::io::Read;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use exchange::subject::{self, UnitToken};

use crate::asking::reach;
use crate::say;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Send a command to a unit.
#[derive(Debug, Args)]
pub(crate) struct Send {
    /// The broker.
    #[arg(long, env = "MOTCUA_NATS", default_value = "nats://127.0.0.1:4222")]
    nats: String,
    /// The unit, such as H33-27-04.
    unit: String,
    /// The command or question, such as receive, accept, worklist.
    command: String,
    /// The message as JSON; `-` reads it from standard input.
    #[arg(default_value = "-")]
    message: String,
}

impl Send {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let unit = UnitToken::parse(&self.unit)?;
        let subject = subject::command(&unit, &self.command)?;
        request(&self.nats, &subject, &self.message)
    }
}

/// Ask the projector.
#[derive(Debug, Args)]
pub(crate) struct Ask {
    /// The broker.
    #[arg(long, env = "MOTCUA_NATS", default_value = "nats://127.0.0.1:4222")]
    nats: String,
    /// The query: summary, overdue, dossier, events, why, slip, report, units, digest, rebuild,
    /// health, quarantine.
    /// `portal_health` is answered by the adapter of the national portal.
    query: String,
    /// What is asked, as JSON; `-` reads it from standard input.
    #[arg(default_value = "{}")]
    question: String,
}

impl Ask {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        request(&self.nats, &subject::query(&self.query)?, &self.question)
    }
}

/// Sends a message and prints the answer; a refusal ends with status 2.
fn request(nats: &str, subject: &str, message: &str) -> anyhow::Result<ExitCode> {
    let mut message = message.to_owned();
    if message == "-" {
        message.clear();
        std::io::stdin()
            .read_to_string(&mut message)
            .context("reading the message from standard input")?;
    }
    crate::runtime()?.block_on(async {
        let connection = reach(nats).await?;
        let asked = connection.client.request(subject.to_owned(), message.into());
        let answer = tokio::time::timeout(PATIENCE, asked)
            .await
            .with_context(|| format!("nothing was answered on {subject} within {} s", PATIENCE.as_secs()))?
            .with_context(|| format!("nobody answers on {subject}: is that service running, and does its level know this?"))?;
        say(format_args!("{}", String::from_utf8_lossy(&answer.payload)))?;
        let headers = answer.headers.unwrap_or_default();
        let refused = headers.get("Nats-Service-Error").is_some();
        Ok(if refused { ExitCode::from(2) } else { ExitCode::SUCCESS })
    })
}
