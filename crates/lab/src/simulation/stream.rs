//! A stream of the simulated broker: messages by number, and the ids that came lately.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use exchange::outflow::StreamSeen;
use exchange::parcel::Parcel;
use exchange::stream::Identity;
use exchange::subject;

/// How long message ids are remembered, as the streams are configured.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(120);

/// One of the two streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lane {
    Event,
    Inbox,
}

/// A message at its place in a stream.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) parcel: Arc<Parcel>,
    pub(super) from: String,
    pub(super) to: Option<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Stream {
    created: i64,
    /// By number, from 1; what was damaged is gone.
    pub(super) messages: Vec<Option<Stored>>,
    ids: BTreeMap<String, (u64, Duration)>,
}

impl Stream {
    pub(super) fn new(now: Duration) -> Self {
        Self {
            created: i64::try_from(now.as_nanos()).unwrap_or(i64::MAX),
            messages: Vec::new(),
            ids: BTreeMap::new(),
        }
    }

    /// Takes a message in, unless one of this id came lately; gives its number.
    pub(super) fn take(&mut self, id: &str, stored: Stored, lost: bool, now: Duration) -> u64 {
        if let Some((number, at)) = self.ids.get(id)
            && *at + DUPLICATE_WINDOW > now
        {
            return *number;
        }
        self.messages.push((!lost).then_some(stored));
        let number = self.last();
        self.ids.insert(id.to_owned(), (number, now));
        number
    }

    pub(super) fn last(&self) -> u64 {
        self.messages.len() as u64
    }

    pub(super) fn at(&self, number: u64) -> Option<&Stored> {
        let place = usize::try_from(number.checked_sub(1)?).ok()?;
        self.messages.get(place)?.as_ref()
    }

    pub(super) fn seen_by(&self, unit: &str) -> StreamSeen {
        let numbered = || (1_u64..).zip(&self.messages);
        let own = |stored: &Option<Stored>| stored.as_ref().is_some_and(|s| s.from == unit);
        StreamSeen {
            identity: Identity {
                created: self.created,
                last: self.last(),
            },
            first: numbered()
                .find(|(_, stored)| stored.is_some())
                .map_or(self.last() + 1, |(number, _)| number),
            own: numbered()
                .filter(|(_, stored)| own(stored))
                .last()
                .map_or(0, |(number, _)| number),
        }
    }
}

/// Which stream a subject belongs to, who speaks on it, and to whom.
pub(super) fn addressed(text: &str) -> Option<(Lane, String, Option<String>)> {
    if let Some(read) = subject::read_event(text) {
        return Some((Lane::Event, read.unit.to_string(), None));
    }
    let read = subject::read_inbox(text)?;
    Some((
        Lane::Inbox,
        read.from.to_string(),
        Some(read.to.to_string()),
    ))
}
