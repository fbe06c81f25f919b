//! Everything that was said about one dossier, from several journals or from the projector.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::{Context, bail};
use bytes::Bytes;
use data_encoding::BASE64;
use dossier::ids::DossierCode;
use envelope::{Event, KeyId, Signed};
use history::{Statement, timeline};
use journal::Entry;
use projector::answer::{Answer, Body};
use serde_json::{Value, json};
use uuid::Uuid;

use super::journals::Opened;
use crate::asking::{ask, reach};

/// One event, and which journals hold it.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) signed: Signed,
    pub(super) statement: Statement,
    /// Number of the journal among those opened, and the entry.
    pub(super) held: Vec<(usize, u64)>,
}

/// Everything said about one dossier.
#[derive(Debug)]
pub(super) struct Gathered {
    pub(super) code: DossierCode,
    pub(super) said: BTreeMap<Uuid, Said>,
    /// Where journals do not agree on one and the same event.
    pub(super) contradictions: Vec<String>,
}

impl Gathered {
    /// From journals.
    pub(super) fn from_journals(opened: &[Opened], code: &DossierCode) -> anyhow::Result<Self> {
        let mut gathered = Self::empty(code.clone());
        for (number, Opened { journal, .. }) in opened.iter().enumerate() {
            for entry in journal.of_subject(code.as_str())? {
                let named = || format!("entry {} of {}", entry.index, journal.unit());
                gathered
                    .take(entry.signed.clone(), Some((number, &entry)))
                    .with_context(named)?;
            }
        }
        gathered.two_under_one_number();
        Ok(gathered)
    }

    /// From the projector, over the broker at `nats`.
    pub(super) fn from_projector(nats: &str, called: &str) -> anyhow::Result<Self> {
        let subject = exchange::subject::query("events")?;
        crate::runtime()?.block_on(async {
            let connection = reach(nats).await?;
            let mut gathered: Option<Self> = None;
            let mut skip = 0;
            loop {
                let question = json!({ "code": called, "skip": skip });
                let answer: Answer = ask(&connection, &subject, &question).await?;
                let Body::Events(told) = answer.body else {
                    bail!("{subject} answered something else; are both programs of one version?");
                };
                let into = gathered.get_or_insert_with(|| Self::empty(told.code.clone()));
                for event in &told.events {
                    let named = || format!("reading an event of {called}");
                    let signature = BASE64.decode(event.signature.as_bytes()).ok();
                    let signed = Signed {
                        bytes: Bytes::from(
                            BASE64.decode(event.bytes.as_bytes()).with_context(named)?,
                        ),
                        signature: signature
                            .and_then(|bytes| bytes.try_into().ok())
                            .with_context(named)?,
                        key: KeyId::parse(&event.key).with_context(named)?,
                    };
                    into.take(signed, None).with_context(named)?;
                }
                match told.next {
                    Some(next) if next > skip => skip = next,
                    _ => break,
                }
            }
            let mut gathered = gathered.context("the projector answered nothing")?;
            gathered.two_under_one_number();
            Ok(gathered)
        })
    }

    fn empty(code: DossierCode) -> Self {
        Self {
            code,
            said: BTreeMap::new(),
            contradictions: Vec::new(),
        }
    }

    fn take(&mut self, signed: Signed, held: Option<(usize, &Entry)>) -> anyhow::Result<()> {
        let statement = Statement::read(&signed.bytes)?;
        let held = held.map(|(number, entry)| (number, entry.index));
        let id = statement.id;
        let known = self.said.entry(id).or_insert_with(|| Said {
            signed: signed.clone(),
            statement,
            held: Vec::new(),
        });
        if known.signed.bytes != signed.bytes {
            self.contradictions.push(format!(
                "event {id} of {} has other bytes in one journal than in another",
                known.statement.unit
            ));
        }
        known.held.extend(held);
        Ok(())
    }

    fn two_under_one_number(&mut self) {
        let mut numbers: BTreeMap<(&str, Uuid, u64), Uuid> = BTreeMap::new();
        for said in self.said.values() {
            let Statement {
                id,
                unit,
                epoch,
                sequence,
                ..
            } = &said.statement;
            if let Some(other) = numbers.insert((unit.as_str(), *epoch, *sequence), *id) {
                self.contradictions.push(format!(
                    "{unit} wrote both {other} and {id} under number {sequence} of epoch {epoch}"
                ));
            }
        }
    }

    /// The statements, each once.
    pub(super) fn statements(&self) -> Vec<Statement> {
        self.said.values().map(|s| s.statement.clone()).collect()
    }

    /// Everything in causal order.
    pub(super) fn in_causal_order(&self) -> Vec<&Said> {
        let statements = self.statements();
        timeline(&statements)
            .into_iter()
            .filter_map(|statement| self.said.get(&statement.id))
            .collect()
    }
}

impl Said {
    /// The type, without what all types begin with.
    pub(super) fn kind(&self) -> &str {
        self.statement.kind.trim_start_matches("vn.motcua.")
    }

    fn data(&self) -> Value {
        let event = Event::read(&self.signed.bytes);
        let data = event.map(|event| serde_json::from_str(event.data.get()));
        data.map_or(Value::Null, Result::unwrap_or_default)
    }

    /// The officer whom the event names, if it names one.
    pub(super) fn officer(&self) -> Option<String> {
        self.data()["officer"].as_str().map(str::to_owned)
    }

    /// What the event says, as far as it is said in single words and numbers: `step=tax, turn=1`.
    /// Sealed personal data is none of these.
    pub(super) fn words(&self) -> String {
        let mut words = String::new();
        let Value::Object(data) = self.data() else {
            return words;
        };
        for (name, value) in data.iter().filter(|(name, _)| *name != "officer") {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Number(_) | Value::Bool(_) => value.to_string(),
                Value::Object(_) | Value::Array(_) | Value::Null => continue,
            };
            let between = if words.is_empty() { "" } else { ", " };
            // Writing to a String cannot fail.
            let _ = write!(words, "{between}{name}={text}");
        }
        words
    }
}
