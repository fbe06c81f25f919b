//! What the host owes for everything it was handed: word that it is on disk.

use std::collections::{BTreeMap, BTreeSet};

use async_nats::jetstream::message::Acker;
use tokio::sync::mpsc;

use crate::order::Line;

/// The receipt for one message. Call [`Done::recorded`] once the message is durable; dropping it
/// instead means that it is not, and it will be handed over again.
#[derive(Debug)]
#[must_use = "a message whose receipt is dropped is delivered again"]
pub struct Done {
    note: Option<Note>,
    notes: mpsc::UnboundedSender<Note>,
}

/// What became of one message.
pub(super) struct Note {
    /// Its place, when it has one.
    pub(super) place: Option<(Line, u64)>,
    /// How to tell the broker, when it came from there.
    pub(super) acker: Option<Acker>,
    pub(super) recorded: bool,
}

impl std::fmt::Debug for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Note")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

impl Done {
    pub(super) fn new(
        place: Option<(Line, u64)>,
        acker: Option<Acker>,
        notes: &mpsc::UnboundedSender<Note>,
    ) -> Done {
        Done {
            note: Some(Note {
                place,
                acker,
                recorded: false,
            }),
            notes: notes.clone(),
        }
    }

    /// The message is on disk: the broker may forget it.
    pub fn recorded(mut self) {
        if let Some(note) = self.note.take() {
            // Nobody listens after the end; the broker then delivers again, and it is known.
            let _ = self.notes.send(Note {
                recorded: true,
                ..note
            });
        }
    }
}

impl Drop for Done {
    fn drop(&mut self) {
        if let Some(note) = self.note.take() {
            // As above.
            let _ = self.notes.send(note);
        }
    }
}

/// Up to where each line is known to be on disk.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    lines: BTreeMap<Line, Upto>,
}

#[derive(Debug, Default)]
struct Upto {
    position: u64,
    /// Recorded ahead of others that are not yet.
    beyond: BTreeSet<u64>,
}

impl Recorded {
    pub(super) fn begin(&mut self, line: &Line, position: u64) {
        self.lines.insert(
            line.clone(),
            Upto {
                position,
                beyond: BTreeSet::new(),
            },
        );
    }

    pub(super) fn add(&mut self, line: &Line, position: u64) {
        let upto = self.lines.entry(line.clone()).or_default();
        if position > upto.position {
            upto.beyond.insert(position);
        }
        while upto.beyond.remove(&upto.position.saturating_add(1)) {
            upto.position += 1;
        }
    }

    pub(super) fn upto(&self, line: &Line) -> u64 {
        self.lines.get(line).map_or(0, |upto| upto.position)
    }

    pub(super) fn has(&self, line: &Line, position: u64) -> bool {
        self.lines
            .get(line)
            .is_some_and(|upto| position <= upto.position || upto.beyond.contains(&position))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn only_a_prefix_without_holes_counts_as_recorded() {
        let line = Line {
            origin: "A".to_owned(),
            epoch: None,
        };
        let mut recorded = Recorded::default();
        recorded.begin(&line, 4);
        recorded.add(&line, 7);
        recorded.add(&line, 6);
        assert_eq!(recorded.upto(&line), 4);
        assert!(recorded.has(&line, 6) && !recorded.has(&line, 5));
        recorded.add(&line, 5);
        assert_eq!(recorded.upto(&line), 7);
    }
}
