//! `motcua why` and `motcua slip`: one dossier, from the projector: why it is due when it is, and its
//! hand-overs.

use std::process::ExitCode;

use anyhow::bail;
use calendar::{Moment, parse_moment};
use clap::Args;
use exchange::subject;
use projector::answer::{Answer, Body};
use serde_json::json;

use crate::asking::{ask, reach};
use crate::written::Writing;

/// A question about one dossier.
#[derive(Debug, Args)]
pub(crate) struct About {
    /// The dossier's code, or one that somebody else gave it.
    dossier: String,
    /// As it stood then, RFC 3339, such as 2026-12-31T17:00:00+07:00; now without it.
    #[arg(long, value_parser = parse_moment)]
    at: Option<Moment>,
    #[command(flatten)]
    writing: Writing,
    /// The broker.
    #[arg(long, env = "MOTCUA_NATS", default_value = "nats://127.0.0.1:4222")]
    nats: String,
}

impl About {
    /// Asks `query` of the projector and writes what it says.
    pub(crate) fn run(self, query: &str) -> anyhow::Result<ExitCode> {
        self.writing.check()?;
        let subject = subject::query(query)?;
        let question = json!({ "code": self.dossier, "at": self.at });
        let answer: Answer = crate::runtime()?.block_on(async {
            let connection = reach(&self.nats).await?;
            ask(&connection, &subject, &question).await
        })?;
        let sheets = match &answer.body {
            Body::Why(told) | Body::Slip(told) => &told.sheets,
            _ => bail!("{subject} answered something else; are both programs of one version?"),
        };
        self.writing.write(sheets, &answer)?;
        Ok(ExitCode::SUCCESS)
    }
}
