//! Instants as text: RFC 3339, always with the offset of Viet Nam.

use chrono::{DateTime, Datelike, FixedOffset, SecondsFormat};

/// An instant with the offset +07:00.
pub type Moment = DateTime<FixedOffset>;

/// The seventh time zone, legal time in Viet Nam, without daylight saving (QĐ 121/CP of 1967 as
/// amended by QĐ 134/2002/QĐ-TTg).
pub const VIETNAM: FixedOffset = match FixedOffset::east_opt(7 * 3600) {
    Some(offset) => offset,
    None => unreachable!(),
};

/// The text of an instant, with the fewest of 0, 3, 6 or 9 decimals that lose nothing.
/// `None` outside the years 0 to 9999, which RFC 3339 cannot say.
pub fn print(moment: &Moment) -> Option<String> {
    let local = moment.with_timezone(&VIETNAM);
    (0..=9999)
        .contains(&local.year())
        .then(|| local.to_rfc3339_opts(SecondsFormat::AutoSi, false))
}

/// Reads an RFC 3339 text with any offset and states the same instant in Viet Nam's.
/// `None` when the text is not one, or its year in Viet Nam is outside 0 to 9999.
pub fn parse(text: &str) -> Option<Moment> {
    let local = DateTime::parse_from_rfc3339(text)
        .ok()?
        .with_timezone(&VIETNAM);
    (0..=9999).contains(&local.year()).then_some(local)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn another_offset_is_the_same_instant_in_vietnam() {
        let moment = parse("2024-05-06T01:30:00Z").unwrap();
        assert_eq!(print(&moment).unwrap(), "2024-05-06T08:30:00+07:00");
    }

    #[test]
    fn a_fraction_of_a_second_is_kept() {
        let text = "2024-05-06T08:30:00.125+07:00";
        assert_eq!(print(&parse(text).unwrap()).unwrap(), text);
    }

    #[test]
    fn a_year_that_the_text_cannot_say_is_refused() {
        assert_eq!(parse("9999-12-31T23:59:59Z"), None);
        assert_eq!(parse("2024-05-06T08:30:00"), None, "an offset is required");
        assert_eq!(parse("2024-02-30T08:30:00+07:00"), None);
    }
}
