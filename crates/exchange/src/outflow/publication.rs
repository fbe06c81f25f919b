//! Turning journal entries into what is published.

use envelope::{Event, Signed};
use journal::{Entry, Journal, Origin};

use crate::parcel::Parcel;
use crate::subject::{self, UnitToken};

/// Entries read from the journal at once.
const READ_ENTRIES: u64 = 128;

/// Which stream a message belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Everybody's events.
    Event,
    /// Deliveries from unit to unit.
    Inbox,
}

/// One message to be published.
#[derive(Debug, Clone)]
pub struct Publication {
    /// What it is called when it is confirmed.
    pub ticket: u64,
    /// Where it belongs.
    pub subject: String,
    /// What a stream recognises a repetition by.
    pub message_id: String,
    /// The event.
    pub signed: Signed,
    /// Its number on the line to its addressee, for deliveries.
    pub link: Option<u64>,
    /// With it confirmed, the journal is published up to this index.
    pub(crate) completes: Option<u64>,
}

/// What some entries of the journal have to say.
#[derive(Debug)]
pub struct Batch {
    pub(crate) publications: Vec<Publication>,
    /// The index after the last entry read.
    pub(crate) next: u64,
}

impl Publication {
    /// The stream that takes it.
    pub fn lane(&self) -> Lane {
        match self.link {
            Some(_) => Lane::Inbox,
            None => Lane::Event,
        }
    }

    /// What whoever receives it sees.
    pub fn parcel(&self) -> Parcel {
        Parcel::of(self.subject.clone(), &self.signed, self.link)
    }
}

/// Reads some entries of `unit`'s journal from index `from` on, all before `to`. Blocks.
///
/// # Errors
/// A sentence that names the entry which cannot be read or published.
pub fn read(journal: &Journal, unit: &UnitToken, from: u64, to: u64) -> Result<Batch, String> {
    let mut batch = Batch {
        publications: Vec::new(),
        next: from,
    };
    let end = to.min(from.saturating_add(READ_ENTRIES));
    for entry in journal.scan(from) {
        if batch.next >= end {
            break;
        }
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
            ticket: 0,
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
            ticket: 0,
            // Duplicate detection of a stream looks at nothing but this id.
            message_id: format!("{}:{}:{}", delivery.event, delivery.to, delivery.link),
            completes: None,
            signed: delivered.signed.clone(),
            link: Some(delivery.link),
        });
    }
    Ok(())
}
