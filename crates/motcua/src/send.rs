//! `motcua send`: a command or a question to a unit, by the documented messages.

use std::io::Read;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use exchange::connect::{Patience, connect};
use exchange::subject::{self, UnitToken};

/// How long a unit may take to answer.
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
        let mut message = self.message.clone();
        if message == "-" {
            message.clear();
            std::io::stdin()
                .read_to_string(&mut message)
                .context("reading the message from standard input")?;
        }
        crate::runtime()?.block_on(self.send(message))
    }

    async fn send(self, message: String) -> anyhow::Result<ExitCode> {
        let unit = UnitToken::parse(&self.unit)?;
        let subject = subject::command(&unit, &self.command)?;
        let connection = connect(
            &self.nats,
            "motcua send",
            Patience::Within(Duration::from_secs(5)),
        )
        .await?;
        let asked = connection.client.request(subject.clone(), message.into());
        let answer = tokio::time::timeout(PATIENCE, asked)
            .await
            .with_context(|| format!("{unit} did not answer on {subject} within {} s", PATIENCE.as_secs()))?
            .with_context(|| format!("nobody answers on {subject}: is the service of {unit} running, and is this a command of its level?"))?;
        println!("{}", String::from_utf8_lossy(&answer.payload));
        let refused = answer
            .headers
            .as_ref()
            .is_some_and(|headers| headers.get("Nats-Service-Error").is_some());
        Ok(if refused {
            ExitCode::from(2)
        } else {
            ExitCode::SUCCESS
        })
    }
}
