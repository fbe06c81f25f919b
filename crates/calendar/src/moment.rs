//! An instant as people in Vietnam read it: always with the offset +07:00.

use chrono::{DateTime, FixedOffset};

/// An instant with the offset +07:00. Vietnam has one time zone and no summer time.
pub type Moment = DateTime<FixedOffset>;

const HANOI: FixedOffset = match FixedOffset::east_opt(7 * 60 * 60) {
    Some(offset) => offset,
    // Evaluated by the compiler: a wrong number of seconds would not build.
    None => unreachable!(),
};

/// The legal time of Vietnam, UTC+07:00.
#[must_use]
pub const fn hanoi() -> FixedOffset {
    HANOI
}

/// Text that does not name an instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MomentError {
    /// The text is not RFC 3339 with an offset.
    #[error(
        "could not read {text:?} as a moment ({source}); write it as 2026-01-31T09:30:00+07:00"
    )]
    Unreadable {
        /// What was given, its first 80 characters.
        text: String,
        /// What the reader of RFC 3339 said.
        source: chrono::ParseError,
    },
}

/// Reads an RFC 3339 moment with any offset and gives the same instant at +07:00.
///
/// # Errors
/// [`MomentError::Unreadable`] when the text is not RFC 3339, above all when the offset is missing.
pub fn parse_moment(text: &str) -> Result<Moment, MomentError> {
    DateTime::parse_from_rfc3339(text)
        .map(|moment| moment.with_timezone(&HANOI))
        .map_err(|source| MomentError::Unreadable {
            text: text.chars().take(80).collect(),
            source,
        })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn the_same_instant_is_read_from_any_offset() {
        let here = parse_moment("2025-04-24T09:32:00+07:00").unwrap();
        assert_eq!(parse_moment("2025-04-24T02:32:00Z").unwrap(), here);
        let abroad = parse_moment("2025-04-23T22:32:00-04:00").unwrap();
        assert_eq!(abroad.to_rfc3339(), "2025-04-24T09:32:00+07:00");
    }

    #[test]
    fn a_moment_without_an_offset_is_refused_with_an_example() {
        let refusal = parse_moment("2025-04-24T09:32:00").unwrap_err().to_string();
        assert!(refusal.contains("2025-04-24T09:32:00"), "{refusal}");
        assert!(refusal.contains("+07:00"), "{refusal}");
    }
}
