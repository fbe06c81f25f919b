//! Two streams that may be wiped, or fall back to an older copy.

use std::collections::BTreeMap;
use std::time::Duration;

use exchange::outflow::{Lane, Publication, Seen, StreamSeen};
use exchange::parcel::Parcel;
use exchange::stream::Identity;

use super::place;

/// How long a message id is remembered.
const DUPLICATES: Duration = Duration::from_secs(120);

#[derive(Clone)]
pub struct Stored {
    /// Never given twice, whatever becomes of the stream.
    pub uid: u64,
    pub parcel: Parcel,
    pub lane: Lane,
    sequence: u64,
    message_id: String,
    at: Duration,
}

#[derive(Default)]
struct Stream {
    created: i64,
    last: u64,
    messages: BTreeMap<u64, Stored>,
}

#[derive(Default)]
pub struct Broker {
    streams: [Stream; 2],
    uids: u64,
}

impl Broker {
    /// Stores a publication; gives its number, and the message when it was not a repetition.
    pub fn store(&mut self, publication: &Publication, now: Duration) -> (u64, Option<Stored>) {
        let lane = publication.lane();
        let stream = &mut self.streams[place(lane)];
        let known = stream.messages.values().rev().find(|stored| {
            stored.message_id == publication.message_id && stored.at + DUPLICATES > now
        });
        if let Some(known) = known {
            return (known.sequence, None);
        }
        self.uids += 1;
        stream.last += 1;
        let stored = Stored {
            uid: self.uids,
            parcel: publication.parcel(),
            lane,
            sequence: stream.last,
            message_id: publication.message_id.clone(),
            at: now,
        };
        stream.messages.insert(stream.last, stored.clone());
        (stream.last, Some(stored))
    }

    pub fn has(&self, stored: &Stored) -> bool {
        self.streams[place(stored.lane)]
            .messages
            .get(&stored.sequence)
            .is_some_and(|found| found.uid == stored.uid)
    }

    pub fn count(&self, lane: Lane) -> usize {
        let mut ids: Vec<&str> = self.streams[place(lane)]
            .messages
            .values()
            .map(|stored| stored.message_id.as_str())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids.len()
    }

    /// Everything is lost; streams of the same names are made anew.
    pub fn wipe(&mut self) {
        for stream in &mut self.streams {
            let created = stream.created + 1;
            *stream = Stream {
                created,
                ..Stream::default()
            };
        }
    }

    /// Only so many of a hundred messages are left, the oldest.
    pub fn fall_back(&mut self, percent: u64) {
        for stream in &mut self.streams {
            stream.last = stream.last * percent / 100;
            stream.messages.split_off(&(stream.last + 1));
        }
    }

    pub fn seen_by(&self, unit: &str) -> Seen {
        let seen = |stream: &Stream, own: &dyn Fn(&str) -> bool| StreamSeen {
            identity: Identity {
                created: stream.created,
                last: stream.last,
            },
            first: u64::from(stream.last > 0),
            own: stream
                .messages
                .values()
                .rev()
                .find(|stored| own(&stored.parcel.subject))
                .map_or(0, |stored| stored.sequence),
        };
        let is_writer = |subject: &str| subject.split('.').nth(3) == Some(unit);
        let is_sender = |subject: &str| subject.split('.').nth(4) == Some(unit);
        Seen {
            event: seen(&self.streams[0], &is_writer),
            inbox: seen(&self.streams[1], &is_sender),
        }
    }
}
