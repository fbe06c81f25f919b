//! Asking a service over NATS and reading its answer.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Args;
use exchange::Connection;
use exchange::access::Access;
use exchange::connect::{Patience, connect_with};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// How long an answer may take: a report of a year is counted from its events.
const PATIENCE: Duration = Duration::from_secs(120);

/// How every command that speaks to a broker logs in there; said once, whichever command it is.
#[derive(Debug, Args)]
pub(crate) struct BrokerAccess {
    /// File with the secret to log in to the broker with, such as logins/operator.nk.
    #[arg(long, global = true, value_name = "FILE", env = "MOTCUA_LOGIN")]
    login: Option<PathBuf>,
    /// File with the certificates (PEM) that vouch for the broker.
    #[arg(long, global = true, value_name = "FILE", env = "MOTCUA_CA")]
    ca: Option<PathBuf>,
}

static ACCESS: OnceLock<Access> = OnceLock::new();

impl BrokerAccess {
    pub(crate) fn remember(&self) {
        ACCESS.get_or_init(|| Access {
            login: self.login.clone(),
            ca: self.ca.clone(),
            ..Access::default()
        });
    }
}

/// A connection for questions.
pub(crate) async fn reach(nats: &str) -> anyhow::Result<Connection> {
    let patience = Patience::Within(Duration::from_secs(5));
    let access = ACCESS.get_or_init(Access::default);
    Ok(connect_with(nats, "motcua", access, patience).await?)
}

/// Asks and reads; a refusal is an error with what the service said.
pub(crate) async fn ask<A: DeserializeOwned>(
    connection: &Connection,
    subject: &str,
    question: &Value,
) -> anyhow::Result<A> {
    let asked = connection
        .client
        .request(subject.to_owned(), question.to_string().into());
    let answer = tokio::time::timeout(PATIENCE, asked)
        .await
        .with_context(|| {
            let seconds = PATIENCE.as_secs();
            format!("nothing was answered on {subject} within {seconds} s")
        })?
        .with_context(|| format!("nobody answers on {subject}: is that service running?"))?;
    let headers = answer.headers.unwrap_or_default();
    let refused = headers.get("Nats-Service-Error").is_some();
    let said = || String::from_utf8_lossy(&answer.payload);
    ensure!(!refused, "{subject} refused: {}", said());
    serde_json::from_slice(&answer.payload)
        .with_context(|| format!("reading what {subject} answered"))
}
