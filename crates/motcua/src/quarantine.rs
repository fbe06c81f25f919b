//! `motcua quarantine`: what a running unit, or the projector, could not accept; judged again or
//! rejected.

use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use data_encoding::BASE64URL_NOPAD;
use exchange::Connection;
use exchange::subject::{self, UnitToken};
use projector::answer::{Answer, Body};
use serde_json::{Value, json};
use unit::answer::Noted;
use unit::quarantine::Quarantine;
use unit::stamp::Stamp;

use crate::asking::{ask, reach};
use crate::say;

/// The word for the projector in the place of a unit.
const PROJECTOR: &str = "projector";

/// Look at what could not be accepted, and deal with it.
#[derive(Debug, Args)]
pub(crate) struct QuarantineCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List what lies there, newest first.
    List {
        #[command(flatten)]
        at: At,
        /// Only what has a lower number: the next page.
        #[arg(long)]
        before: Option<u64>,
    },
    /// Show one of it whole, with its bytes.
    Show {
        #[command(flatten)]
        at: At,
        /// Its number.
        number: u64,
    },
    /// Have it judged again, in this order, and let in where nothing is wrong any more.
    Retry {
        #[command(flatten)]
        at: At,
        #[command(flatten)]
        why: Why,
    },
    /// Reject it for good.
    Reject {
        #[command(flatten)]
        at: At,
        #[command(flatten)]
        why: Why,
    },
}

/// Whose quarantine.
#[derive(Debug, Args)]
struct At {
    /// The unit, such as H33-27-04; or `projector`.
    #[arg(long)]
    unit: String,
    /// Who asks or acts.
    #[arg(long, default_value = "operator")]
    officer: String,
    /// The broker.
    #[arg(long, env = "MOTCUA_NATS", default_value = "nats://127.0.0.1:4222")]
    nats: String,
}

/// What is dealt with, and why.
#[derive(Debug, Args)]
struct Why {
    /// Why; it is kept for ever.
    #[arg(long)]
    reason: String,
    /// Their numbers.
    #[arg(required = true)]
    numbers: Vec<u64>,
}

impl QuarantineCommand {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        crate::runtime()?.block_on(async {
            match self.what {
                What::List { at, before } => list(&at, json!({ "before": before }), false).await,
                What::Show { at, number } => list(&at, json!({ "number": number }), true).await,
                What::Retry { at, why } => deal(&at, &why, "retry_quarantined").await,
                What::Reject { at, why } => deal(&at, &why, "reject_quarantined").await,
            }
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

impl At {
    /// Asks the unit; a command about no dossier has the same form.
    async fn unit<A: serde::de::DeserializeOwned>(
        &self,
        connection: &Connection,
        name: &str,
        data: &Value,
    ) -> anyhow::Result<A> {
        let subject = subject::command(&UnitToken::parse(&self.unit)?, name)?;
        let id = Stamp::machine().id();
        let message = json!({ "id": id, "officer": self.officer, "data": data });
        ask(connection, &subject, &message).await
    }

    /// Asks the projector, and reads its rows as those of a unit: they are of one form.
    async fn projector(&self, connection: &Connection, asked: &Value) -> anyhow::Result<Value> {
        let subject = subject::query("quarantine")?;
        let answer: Answer = ask(connection, &subject, asked).await?;
        match answer.body {
            Body::Quarantine(listed) => Ok(serde_json::to_value(listed)?),
            _ => bail!("{subject} answered something else; are both programs of one version?"),
        }
    }
}

async fn list(at: &At, asked: Value, whole: bool) -> anyhow::Result<()> {
    let connection = reach(&at.nats).await?;
    let listed = if at.unit == PROJECTOR {
        at.projector(&connection, &asked).await?
    } else {
        let listed: Quarantine = at.unit(&connection, "quarantine", &asked).await?;
        serde_json::to_value(listed)?
    };
    let items = listed["items"]
        .as_array()
        .context("an answer without items")?;
    for item in items {
        say_item(item, whole)?;
    }
    if whole {
        return Ok(());
    }
    say(format_args!(
        "{}: {} in quarantine, {} of them not dealt with",
        at.unit, listed["total"], listed["open"]
    ))?;
    if let (Some(last), Some(true)) = (items.last(), listed["more"].as_bool()) {
        say(format_args!("older ones: --before {}", last["number"]))?;
    }
    Ok(())
}

fn say_item(item: &Value, whole: bool) -> anyhow::Result<()> {
    let text = |name: &str| plain(item[name].as_str().unwrap_or_default());
    let what = match &item["disposition"] {
        Value::Null => "open".to_owned(),
        done => format!("dealt with: {done}"),
    };
    say(format_args!(
        "{}  {}  from {}  {} bytes, {what}: {}",
        item["number"],
        text("at"),
        text("from"),
        item["length"],
        text("reason")
    ))?;
    if !whole {
        return Ok(());
    }
    for name in ["link", "sha256", "key", "event"] {
        match &item[name] {
            Value::Null => {}
            Value::String(value) => say(format_args!("{name}: {}", plain(value)))?,
            value => say(format_args!("{name}: {value}"))?,
        }
    }
    let bytes = BASE64URL_NOPAD.decode(text("bytes").as_bytes())?;
    say(format_args!("{}", plain(&String::from_utf8_lossy(&bytes))))
}

/// What a stranger sent moves no cursor and rings no bell.
fn plain(text: &str) -> String {
    let shown = |c: char| if c.is_control() { '\u{b7}' } else { c };
    text.chars().map(shown).collect()
}

async fn deal(at: &At, why: &Why, name: &str) -> anyhow::Result<()> {
    let connection = reach(&at.nats).await?;
    for number in &why.numbers {
        let done = if at.unit != PROJECTOR {
            let data = json!({ "number": number, "reason": why.reason });
            let noted: Noted = at.unit(&connection, name, &data).await?;
            let event = noted.events.first().map(ToString::to_string);
            format!("written as event {}", event.unwrap_or_default())
        } else if name == "retry_quarantined" {
            let retry = json!({ "officer": at.officer, "reason": why.reason });
            let asked = json!({ "number": number, "retry": retry });
            let listed = at.projector(&connection, &asked).await?;
            format!("let in: {}", listed["items"][0]["disposition"])
        } else {
            bail!("the projector rejects nothing: what is unfit has no effect on its figures");
        };
        say(format_args!("{number}: {done}"))?;
    }
    Ok(())
}
