//! Turning journal entries into what is published.

use async_nats::jetstream::message::PublishMessage;
use envelope::{Event, Signed};
use journal::{Entry, Journal, Origin};

use crate::headers;
use crate::subject::{self, UnitToken};

/// Entries read from the journal at once.
const READ_ENTRIES: u64 = 128;

/// One message to be published.
#[derive(Debug)]
pub(super) struct Publication {
    pub(super) subject: String,
    pub(super) message_id: String,
    /// With it confirmed, the journal is published up to this index.
    pub(super) completes: Option<u64>,
    signed: Signed,
    link: Option<u64>,
}

/// What some entries of the journal have to say.
pub(super) struct Batch {
    pub(super) publications: Vec<Publication>,
    /// The index after the last entry read.
    pub(super) next: u64,
}

impl Publication {
    pub(super) fn message(&self) -> PublishMessage {
        // The headers come first: setting them replaces the map with the message id in it.
        PublishMessage::build()
            .payload(self.signed.bytes.clone())
            .headers(headers::of_event(&self.signed, self.link))
            .message_id(&self.message_id)
    }
}

/// Reads some entries from index `from` on. Errors name the entry.
pub(super) async fn read(journal: &Journal, unit: &UnitToken, from: u64) -> Result<Batch, String> {
    let (journal, unit) = (journal.clone(), unit.clone());
    tokio::task::spawn_blocking(move || read_blocking(&journal, &unit, from))
        .await
        .map_err(|error| format!("reading the journal from entry {from}: {error}"))?
}

fn read_blocking(journal: &Journal, unit: &UnitToken, from: u64) -> Result<Batch, String> {
    let mut batch = Batch {
        publications: Vec::new(),
        next: from,
    };
    for entry in journal.scan(from) {
        let entry =
            entry.map_err(|error| format!("reading journal entry {}: {error}", batch.next))?;
        let index = entry.index;
        let before = batch.publications.len();
        add(journal, unit, &entry, &mut batch.publications)
            .map_err(|reason| format!("publishing journal entry {index}: {reason}"))?;
        batch.next = index + 1;
        if let Some(last) = batch
            .publications
            .get_mut(before..)
            .and_then(<[_]>::last_mut)
        {
            last.completes = Some(batch.next);
        }
        if batch.next >= from + READ_ENTRIES {
            break;
        }
    }
    Ok(batch)
}

fn add(
    journal: &Journal,
    unit: &UnitToken,
    entry: &Entry,
    out: &mut Vec<Publication>,
) -> Result<(), String> {
    let text = |error: &dyn ToString| error.to_string();
    if entry.origin == Origin::Own {
        let event = Event::read(&entry.signed.bytes).map_err(|error| text(&error))?;
        out.push(Publication {
            subject: subject::event(unit, event.kind).map_err(|error| text(&error))?,
            message_id: event.id.to_string(),
            completes: None,
            signed: entry.signed.clone(),
            link: None,
        });
    }
    for delivery in &entry.deliveries {
        let found = journal
            .by_id(&delivery.event)
            .map_err(|error| text(&error))?;
        let delivered =
            found.ok_or_else(|| format!("event {} is not in the journal", delivery.event))?;
        let event = Event::read(&delivered.signed.bytes).map_err(|error| text(&error))?;
        let to = UnitToken::parse(&delivery.to).map_err(|error| text(&error))?;
        out.push(Publication {
            subject: subject::inbox(&to, unit, event.kind).map_err(|error| text(&error))?,
            // Duplicate detection of a stream looks at nothing but this id.
            message_id: format!("{}:{}:{}", delivery.event, delivery.to, delivery.link),
            completes: None,
            signed: delivered.signed.clone(),
            link: Some(delivery.link),
        });
    }
    Ok(())
}
