//! What can go wrong when a quarter is drawn or played.

use calendar::CalendarError;
use catalogue::NotOffered;

/// What can go wrong when a quarter is drawn or played.
#[derive(Debug, thiserror::Error)]
pub enum WorkloadError {
    /// Parameters that cannot be used.
    #[error("the parameters in {file} cannot be used: {problem}")]
    Settings {
        /// The file.
        file: String,
        /// What is wrong and what is expected.
        problem: String,
    },
    /// Parameters that name what the registers do not have.
    #[error("the parameters do not fit the registers: {0}")]
    Unfit(String),
    /// A procedure that a desk does not offer.
    #[error(transparent)]
    NotOffered(#[from] NotOffered),
    /// A moment that the calendar does not cover.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// A command that could not be put into words.
    #[error("the data of a command cannot be written: {0}")]
    Data(#[from] serde_json::Error),
}
