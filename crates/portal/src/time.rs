//! Times as the portal writes them: local time of Viet Nam without an offset.

use calendar::{Moment, hanoi};
use chrono::{NaiveDateTime, TimeZone};

/// `yyyyMMddHHmmss`, the one form that is sent.
const COMPACT: &str = "%Y%m%d%H%M%S";

/// Forms met in messages of 2026 besides it: a ministry writes `2026-06-08T07:47:28.329` and
/// `2026-06-08 07:47:28`. Read at the edge, never written.
const ALSO_READ: [&str; 2] = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S"];

/// A text that is no time of the portal's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a time: expected yyyyMMddHHmmss in local time, such as 20260608074728")]
pub struct NotATime(String);

/// Writes a moment in local time, to the second.
pub fn write(moment: Moment) -> String {
    moment.with_timezone(&hanoi()).format(COMPACT).to_string()
}

/// Reads the form that is sent.
///
/// # Errors
/// [`NotATime`] for any other.
pub fn read_sent(text: &str) -> Result<Moment, NotATime> {
    let refused = || NotATime(text.chars().take(40).collect());
    // The reader would take fewer digits, and then something else for the month.
    if text.len() != 14 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(refused());
    }
    let local = NaiveDateTime::parse_from_str(text, COMPACT).map_err(|_| refused())?;
    hanoi()
        .from_local_datetime(&local)
        .single()
        .ok_or_else(refused)
}

/// Reads any form that partners write.
///
/// # Errors
/// [`NotATime`] for what is none of them.
pub fn read(text: &str) -> Result<Moment, NotATime> {
    let other = || {
        let local = ALSO_READ
            .iter()
            .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())?;
        hanoi().from_local_datetime(&local).single()
    };
    read_sent(text).or_else(|refused| other().ok_or(refused))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use calendar::parse_moment;

    #[test]
    fn the_three_spellings_of_2026_are_the_same_second() {
        let second = parse_moment("2026-06-08T07:47:28+07:00").unwrap();
        assert_eq!(read("20260608074728").unwrap(), second);
        assert_eq!(read("2026-06-08 07:47:28").unwrap(), second);
        let with_millis = read("2026-06-08T07:47:28.329").unwrap();
        assert_eq!((with_millis - second).num_milliseconds(), 329);
    }

    #[test]
    fn a_moment_of_another_zone_is_written_in_local_time() {
        let utc = chrono::DateTime::parse_from_rfc3339("2026-12-31T17:30:00Z").unwrap();
        assert_eq!(write(utc), "20270101003000");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "2026-06-08",
            "20261308074728",
            "20260230074728",
            "2026060807472",
            "2026-06-08T07:47:28+07:00",
            "hôm qua",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        // Only one form is sent.
        assert!(read_sent("2026-06-08 07:47:28").is_err());
    }
}
