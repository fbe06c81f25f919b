//! The period of a report: whole local days, half-open in instants.

use std::fmt;
use std::str::FromStr;

use calendar::{Moment, hanoi};
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta};
use history::Cut;
use serde::{Deserialize, Serialize};

/// A period of whole days in Vietnam, both days included: "từ ngày … đến ngày …" of the forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "Written")]
pub struct Period {
    from: NaiveDate,
    until: NaiveDate,
}

/// A period as it stands in a document, before it is believed.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Period"))]
struct Written {
    from: NaiveDate,
    until: NaiveDate,
}

impl TryFrom<Written> for Period {
    type Error = PeriodError;
    fn try_from(written: Written) -> Result<Self, PeriodError> {
        Self::of_days(written.from, written.until)
    }
}

/// What is no period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// The text is not one of the accepted forms.
    #[error(
        "could not read {0:?} as a period; write 2018, 2018-Q1, 2018-01, 2018-01-15 \
         or 2018-01-01..2018-03-31"
    )]
    Unreadable(String),
    /// It ends before it begins.
    #[error("the period ends on {until}, before it begins on {from}; give the earlier day first")]
    Backwards {
        /// First day.
        from: NaiveDate,
        /// Last day.
        until: NaiveDate,
    },
    /// Its days cannot be written as dates of four-digit years.
    #[error("the period from {from} to {until} lies outside the years 1 to 9998")]
    Outside {
        /// First day.
        from: NaiveDate,
        /// Last day.
        until: NaiveDate,
    },
    /// It does not begin and end with a day in Vietnam.
    #[error("the period from {from} to {to} does not consist of whole days in Vietnam (+07:00)")]
    NotWholeDays {
        /// First moment.
        from: Moment,
        /// The moment after the last.
        to: Moment,
    },
}

impl Period {
    /// From a day to another, both included.
    ///
    /// # Errors
    /// [`PeriodError::Backwards`]; [`PeriodError::Outside`] beyond the years 1 to 9998.
    pub fn of_days(from: NaiveDate, until: NaiveDate) -> Result<Self, PeriodError> {
        if from.year() < 1 || until.year() > 9998 {
            return Err(PeriodError::Outside { from, until });
        }
        if until < from {
            return Err(PeriodError::Backwards { from, until });
        }
        Ok(Self { from, until })
    }

    /// From an instant to another, the latter excluded, as a closed period states them.
    ///
    /// # Errors
    /// [`PeriodError::NotWholeDays`], and those of [`Period::of_days`].
    pub fn of_instants(from: Moment, to: Moment) -> Result<Self, PeriodError> {
        let local = |moment: Moment| moment.with_timezone(&hanoi());
        let whole = [from, to]
            .into_iter()
            .all(|moment| local(moment).time() == NaiveTime::MIN);
        let last = local(to).date_naive().pred_opt();
        match last {
            Some(last) if whole => Self::of_days(local(from).date_naive(), last),
            _ => Err(PeriodError::NotWholeDays { from, to }),
        }
    }

    /// First day.
    #[must_use]
    pub fn first_day(self) -> NaiveDate {
        self.from
    }

    /// Last day.
    #[must_use]
    pub fn last_day(self) -> NaiveDate {
        self.until
    }

    /// First instant.
    #[must_use]
    pub fn from(self) -> Moment {
        midnight(self.from)
    }

    /// The instant after the last.
    #[must_use]
    pub fn to(self) -> Moment {
        midnight(self.until) + TimeDelta::days(1)
    }

    /// The last instant: what is open is judged here, on the last day of the period.
    #[must_use]
    pub fn last(self) -> Moment {
        self.to() - TimeDelta::nanoseconds(1)
    }

    /// Whether the instant lies in the period.
    #[must_use]
    pub fn contains(self, at: Moment) -> bool {
        self.from() <= at && at < self.to()
    }

    /// The cut at which tales are folded for this period: nothing that happened after it, and, if
    /// given, nothing that was recorded after `recorded_by`. A period that was closed is told again
    /// with the same `recorded_by` and cannot drift.
    #[must_use]
    pub fn cut(self, recorded_by: Option<Moment>) -> Cut {
        Cut {
            happened_by: self.last(),
            recorded_by,
        }
    }
}

fn midnight(date: NaiveDate) -> Moment {
    DateTime::from_naive_utc_and_offset(date.and_time(NaiveTime::MIN) - hanoi(), hanoi())
}

impl fmt::Display for Period {
    /// As the forms head it, in Vietnamese.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Từ ngày {} đến ngày {}",
            self.from.format("%d/%m/%Y"),
            self.until.format("%d/%m/%Y")
        )
    }
}

impl FromStr for Period {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let wrong = || PeriodError::Unreadable(text.chars().take(40).collect());
        if let Some((from, until)) = text.split_once("..") {
            return Self::of_days(
                date(from).ok_or_else(wrong)?,
                date(until).ok_or_else(wrong)?,
            );
        }
        let parts: Vec<&str> = text.split('-').collect();
        let (first, months) = match parts.as_slice() {
            [_, _, _] => {
                let day = date(text).ok_or_else(wrong)?;
                return Self::of_days(day, day);
            }
            [year] => (month(year, "01"), 12),
            [year, quarter] if quarter.starts_with('Q') => {
                let first = match *quarter {
                    "Q1" => "01",
                    "Q2" => "04",
                    "Q3" => "07",
                    "Q4" => "10",
                    _ => return Err(wrong()),
                };
                (month(year, first), 3)
            }
            [year, number] => (month(year, number), 1),
            _ => return Err(wrong()),
        };
        let first = first.ok_or_else(wrong)?;
        let last = first
            .checked_add_months(chrono::Months::new(months))
            .and_then(|next| next.checked_sub_days(Days::new(1)));
        Self::of_days(first, last.ok_or_else(wrong)?)
    }
}

fn digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|b| b.is_ascii_digit())
}

fn month(year: &str, month: &str) -> Option<NaiveDate> {
    if !digits(year, 4) || !digits(month, 2) {
        return None;
    }
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, 1)
}

fn date(text: &str) -> Option<NaiveDate> {
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(i, b)| match i {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        });
    shaped.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_written_as_year_quarter_month_day_or_range() {
        let table = [
            ("2018", "2018-01-01", "2018-12-31"),
            ("2018-Q1", "2018-01-01", "2018-03-31"),
            ("2026-Q4", "2026-10-01", "2026-12-31"),
            ("2020-02", "2020-02-01", "2020-02-29"),
            ("2018-01-15", "2018-01-15", "2018-01-15"),
            ("2017-12-15..2018-03-14", "2017-12-15", "2018-03-14"),
        ];
        for (text, from, until) in table {
            let period: Period = text.parse().unwrap();
            assert_eq!(period.first_day().to_string(), from, "{text}");
            assert_eq!(period.last_day().to_string(), until, "{text}");
            assert_eq!(Period::of_instants(period.from(), period.to()), Ok(period));
        }
    }

    #[test]
    fn what_is_no_period_is_refused_with_examples() {
        for text in [
            "",
            "2018-",
            "2018-Q5",
            "2018-13",
            "2018-1",
            "18-01",
            "2018-02-30",
            "x..y",
            "9999",
            "+018-01",
            "2018-Q1-1",
            "0000",
        ] {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
        let refusal = "2018-03-31..2018-01-01".parse::<Period>().unwrap_err();
        assert!(matches!(refusal, PeriodError::Backwards { .. }));
    }

    #[test]
    fn the_day_after_belongs_to_the_next_period_from_its_first_instant() {
        let (january, february): (Period, Period) =
            ("2018-01".parse().unwrap(), "2018-02".parse().unwrap());
        assert_eq!(january.to(), february.from());
        assert!(january.contains(january.last()));
        assert!(!january.contains(january.to()));
        assert_eq!(january.last().date_naive(), january.last_day());
    }

    #[test]
    fn a_stored_period_is_checked_when_it_is_read() {
        let period: Period = "2018-01".parse().unwrap();
        let json = serde_json::to_string(&period).unwrap();
        assert_eq!(serde_json::from_str::<Period>(&json).unwrap(), period);
        let backwards = r#"{"from":"2018-02-01","until":"2018-01-01"}"#;
        assert!(serde_json::from_str::<Period>(backwards).is_err());
    }
}
