//! Up to a time: by when things happened, or by when they were recorded.

use calendar::Moment;
use clap::ValueEnum;
use history::Statement;

/// Which of an event's two times counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum By {
    /// What had been written down by then: how it was known at that time.
    Recorded,
    /// What had happened by then, whenever it was written down: how it was, as known today.
    Happened,
}

impl By {
    /// The time of a statement that counts.
    pub(super) fn time(self, statement: &Statement) -> Moment {
        match self {
            Self::Recorded => statement.recorded,
            Self::Happened => statement.at,
        }
    }

    /// The statements up to a time.
    pub(super) fn until(
        self,
        statements: &[Statement],
        at: Moment,
    ) -> impl Iterator<Item = &Statement> {
        statements.iter().filter(move |s| self.time(s) <= at)
    }

    /// In words, after "as".
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Recorded => "recorded by then",
            Self::Happened => "happened by then",
        }
    }
}
