//! From when until when a row, a route or a profile holds.

use chrono::NaiveDate;

/// Days, both included; an end that is not given is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Period {
    pub(crate) from: Option<NaiveDate>,
    pub(crate) to: Option<NaiveDate>,
}

impl Period {
    /// A period whose ends are in order.
    pub(crate) fn of(from: Option<NaiveDate>, to: Option<NaiveDate>) -> Result<Self, String> {
        match (from, to) {
            (Some(from), Some(to)) if from > to => Err(format!(
                "valid_from {from} lies after valid_to {to}; give the earlier day first"
            )),
            _ => Ok(Self { from, to }),
        }
    }

    /// Reads two columns; an empty one is an open end.
    pub(crate) fn parse(from: &str, to: &str) -> Result<Self, String> {
        let day = |column: &str, text: &str| {
            let text = text.trim();
            if text.is_empty() {
                return Ok(None);
            }
            NaiveDate::parse_from_str(text, "%Y-%m-%d")
                .map(Some)
                .map_err(|_| format!("{column} {text:?} is no date; write it as 2025-07-01"))
        };
        Self::of(day("valid_from", from)?, day("valid_to", to)?)
    }

    pub(crate) fn holds_on(&self, date: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= date) && self.to.is_none_or(|to| date <= to)
    }

    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        let starts_by_the_end_of = |one: &Self, two: &Self| match (one.from, two.to) {
            (Some(from), Some(to)) => from <= to,
            _ => true,
        };
        starts_by_the_end_of(self, other) && starts_by_the_end_of(other, self)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    #[test]
    fn two_periods_overlap_where_one_day_is_in_both() {
        let cases = [
            (("", ""), ("", ""), true),
            (("", "2025-06-30"), ("2025-07-01", ""), false),
            (("", "2025-07-01"), ("2025-07-01", ""), true),
            (("2018-01-01", "2018-12-31"), ("", "2018-01-01"), true),
            (
                ("2018-01-01", "2018-12-31"),
                ("2019-01-01", "2020-01-01"),
                false,
            ),
            (("2018-01-01", ""), ("2017-01-01", "2017-12-31"), false),
            (
                ("2018-05-01", "2018-05-01"),
                ("2018-01-01", "2018-12-31"),
                true,
            ),
        ];
        let read = |(from, to): (&str, &str)| Period::parse(from, to).unwrap();
        for (one, two, expected) in cases {
            assert_eq!(read(one).overlaps(&read(two)), expected, "{one:?} {two:?}");
            assert_eq!(read(two).overlaps(&read(one)), expected, "{two:?} {one:?}");
        }
    }

    #[test]
    fn both_ends_belong_to_a_period() {
        let period = Period::parse("2018-01-01", "2018-12-31").unwrap();
        let holds = |day: &str| period.holds_on(day.parse().unwrap());
        assert!(holds("2018-01-01") && holds("2018-12-31"));
        assert!(!holds("2017-12-31") && !holds("2019-01-01"));
    }
}
