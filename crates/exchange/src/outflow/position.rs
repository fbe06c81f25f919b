//! Where an outbox stands, and whether the streams still hold what it says.

use serde::{Deserialize, Serialize};

use super::publication::Lane;
use crate::stream::{Identities, Identity};

/// One stream as it was found, from the point of view of one unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamSeen {
    /// Which stream it is, and how far it reaches.
    pub identity: Identity,
    /// The first message number that it still keeps.
    pub first: u64,
    /// The last message number that carries something of this unit; 0 when none does.
    pub own: u64,
}

/// Both streams as they were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The stream of events.
    pub event: StreamSeen,
    /// The stream of deliveries.
    pub inbox: StreamSeen,
}

/// The position of an outbox, kept beside the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// Index of the first entry that is not wholly confirmed.
    pub(super) next: u64,
    /// The streams in which the entries before it are.
    streams: Identities,
    /// Where this unit's last messages are in them. The identity alone would not tell a stream
    /// that came back shorter and was filled by others before this unit looked.
    #[serde(default)]
    own: Own,
}

/// Message numbers; 0 where nothing is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Own {
    event: u64,
    inbox: u64,
}

impl Cursor {
    /// At entry `next`, with streams as they were seen.
    pub(super) fn new(next: u64, seen: &Seen) -> Cursor {
        Cursor {
            next,
            streams: Identities {
                event: seen.event.identity,
                inbox: seen.inbox.identity,
            },
            own: Own {
                event: seen.event.own,
                inbox: seen.inbox.own,
            },
        }
    }

    /// The stream of `lane` confirmed a message as its number `sequence`.
    pub(super) fn confirm(&mut self, lane: Lane, sequence: u64) {
        let (identity, own) = match lane {
            Lane::Event => (&mut self.streams.event, &mut self.own.event),
            Lane::Inbox => (&mut self.streams.inbox, &mut self.own.inbox),
        };
        identity.last = identity.last.max(sequence);
        *own = sequence.max(*own);
    }

    /// True when the streams hold everything that they held when this was written.
    pub(super) fn is_held_by(&self, now: &Seen) -> bool {
        continues(&self.streams.event, self.own.event, &now.event)
            && continues(&self.streams.inbox, self.own.inbox, &now.inbox)
    }
}

fn continues(known: &Identity, own: u64, now: &StreamSeen) -> bool {
    // What the stream has let go by its age was not lost.
    let holds_own = now.own >= own || now.first > own;
    known.continues_as(&now.identity) && holds_own
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn seen(last: u64, first: u64, own: u64) -> Seen {
        let stream = StreamSeen {
            identity: Identity { created: 7, last },
            first,
            own,
        };
        Seen {
            event: stream,
            inbox: stream,
        }
    }

    #[test]
    fn an_older_copy_of_a_stream_is_known_although_others_have_filled_it_up() {
        let cursor = Cursor::new(50, &seen(1_000, 1, 990));
        assert!(cursor.is_held_by(&seen(1_000, 1, 990)));
        assert!(cursor.is_held_by(&seen(1_400, 1, 1_200)));
        assert!(!cursor.is_held_by(&seen(900, 1, 890)));
        assert!(!cursor.is_held_by(&seen(1_400, 1, 890)));
    }

    #[test]
    fn what_a_stream_let_go_by_age_is_not_lost() {
        let cursor = Cursor::new(50, &seen(1_000, 1, 990));
        assert!(cursor.is_held_by(&seen(5_000, 2_000, 0)));
    }

    #[test]
    fn a_position_of_an_earlier_version_is_still_read() {
        let kept = r#"{"next":3,"streams":{"event":{"created":7,"last":9},"inbox":{"created":7,"last":0}}}"#;
        let cursor: Cursor = serde_json::from_str(kept).unwrap();
        assert!(cursor.is_held_by(&seen(9, 1, 0)));
    }
}
