//! Rules broken on purpose: a laboratory that does not notice these notices nothing.

use calendar::Moment;
use journal::Group;
use serde_json::value::RawValue;
use unit::command::CommandEnvelope;
use uuid::Uuid;

/// Which rule the units of a run break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Flaw {
    /// None.
    #[default]
    None,
    /// Callers are answered, and receipts given, before anything is durable.
    SpeaksBeforeTheDisk,
    /// What arrives is taken in without its number on the sender's line.
    ForgetsTheLink,
    /// What arrives is said to be recorded, and is not.
    PassesOver,
    /// A repeated command is followed again.
    FollowsTwice,
    /// Nobody's journal is read out to who misses something.
    AnswersNobody,
    /// Nobody says how far its journal has come.
    AnnouncesNothing,
}

impl Flaw {
    /// What a unit with this flaw makes of a command that comes in at `at`.
    pub(super) fn before_command(self, sent: &mut CommandEnvelope<Box<RawValue>>, at: Moment) {
        if self == Self::FollowsTwice {
            let moment = u128::try_from(at.timestamp_micros()).unwrap_or_default();
            sent.id = Uuid::from_u128(sent.id.as_u128() ^ moment);
        }
    }

    /// What a unit with this flaw makes of what it has just taken in.
    pub(super) fn after_arrival(self, group: &mut Group) {
        match self {
            Self::ForgetsTheLink => group.received.clear(),
            Self::PassesOver => {
                group.entries.clear();
                group.notes.clear();
            }
            _ => {}
        }
    }
}
