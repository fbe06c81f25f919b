//! What a calendar refuses, and what to do about it.

use chrono::NaiveDate;

use crate::moment::Moment;

/// What a calendar refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// A date that no published register covers.
    #[error(
        "could not tell whether {date} is a working day: the calendar covers {first} to {last}; \
         publish the calendar of that year as a declaration that holds its 01/01, \
         or load a calendar register that covers this date"
    )]
    Outside {
        /// The date that was needed.
        date: NaiveDate,
        /// The first covered date.
        first: NaiveDate,
        /// The last covered date.
        last: NaiveDate,
    },
    /// A row of a register that cannot be right.
    #[error("could not read the calendar register at line {line}: {problem}")]
    Row {
        /// Line of the file, from 1.
        line: u64,
        /// What is wrong and what is expected.
        problem: String,
    },
    /// A declaration that contradicts itself, the calendar it amends, or the order of declarations.
    #[error("could not apply declaration {number} to the calendar: {problem}")]
    Declaration {
        /// The number it came under.
        number: u32,
        /// The day, what is wrong with it and what is expected.
        problem: String,
    },
    /// A calendar without a holiday that the law gives every year.
    #[error(
        "could not use these calendar days: there is no holiday on {missing}; \
         a covered year needs 01/01, 30/4, 01/5 and 02/9, and covered years follow each other"
    )]
    Incomplete {
        /// The holiday that is missing.
        missing: NaiveDate,
    },
    /// A clock that would resume before it paused.
    #[error(
        "could not resume a clock at {resumed_at} that was paused at {paused_at}; \
         give the pause first"
    )]
    ResumedBeforePaused {
        /// The pause.
        paused_at: Moment,
        /// The resumption.
        resumed_at: Moment,
    },
}
