//! The days: which are worked, which are not, and why.
//!
//! State offices work Monday to Friday, 40 hours a week. The rest is decided by law and by yearly
//! notices, sometimes days ahead, and is therefore a register with a version.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate, Weekday};

use crate::error::CalendarError;
use crate::register;
use crate::sessions::Hours;

/// The version of [`Calendar::published`]. Raised with every change of the register file.
pub const PUBLISHED_VERSION: &str = "vn-2018-2026.1";

const PUBLISHED_CSV: &str = include_str!("../../../deploy/registers/calendar-2018-2026.csv");

/// What a day is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DayKind {
    /// Monday to Friday (ngày làm việc).
    Working,
    /// Saturday or Sunday (nghỉ hằng tuần).
    Weekend,
    /// Public holiday, on whichever weekday (nghỉ lễ, tết).
    Holiday,
    /// Day off for a holiday that fell on a weekend (nghỉ bù).
    Compensatory,
    /// Weekday given off in exchange for a weekend day (nghỉ hoán đổi).
    SwappedOff,
    /// Weekend day worked in exchange for a weekday (làm bù).
    SwappedWorking,
}

impl DayKind {
    /// The word that registers and declarations use.
    pub(crate) const fn written(self) -> &'static str {
        match self {
            Self::Working => "working",
            Self::Weekend => "weekend",
            Self::Holiday => "holiday",
            Self::Compensatory => "compensatory",
            Self::SwappedOff => "swapped_off",
            Self::SwappedWorking => "swapped_working",
        }
    }
}

/// One day of a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day<'a> {
    /// Which day.
    pub date: NaiveDate,
    /// What it is.
    pub kind: DayKind,
    /// The occasion in Vietnamese; empty for an ordinary day.
    pub name: &'a str,
    /// The day swapped with, or the holiday compensated for.
    pub pair: Option<NaiveDate>,
    /// The law or notice it rests on; empty for an ordinary day.
    pub basis: &'a str,
}

impl Day<'_> {
    /// Whether offices work on this day.
    #[must_use]
    pub fn is_working(&self) -> bool {
        matches!(self.kind, DayKind::Working | DayKind::SwappedWorking)
    }

    /// Why the day counts or does not, as the applicant reads it.
    #[must_use]
    pub fn reason(&self) -> String {
        let pair = self
            .pair
            .map(|date| date.format("%d/%m/%Y").to_string())
            .unwrap_or_default();
        match self.kind {
            DayKind::Working => "ngày làm việc".to_owned(),
            DayKind::Weekend if self.date.weekday() == Weekday::Sat => {
                "nghỉ hằng tuần (Thứ Bảy)".to_owned()
            }
            DayKind::Weekend => "nghỉ hằng tuần (Chủ nhật)".to_owned(),
            DayKind::Holiday => format!("nghỉ lễ, tết: {}", self.name),
            DayKind::Compensatory => format!("nghỉ bù: {} ({pair})", self.name),
            DayKind::SwappedOff => format!("nghỉ hoán đổi: {}, làm bù ngày {pair}", self.name),
            DayKind::SwappedWorking => format!("làm bù cho ngày nghỉ hoán đổi {pair}"),
        }
    }
}

/// A day that is not what its weekday says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SpecialDay {
    pub(crate) kind: DayKind,
    pub(crate) name: String,
    pub(crate) pair: Option<NaiveDate>,
    pub(crate) basis: String,
}

/// The working days of whole years, under a version that events quote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// The version of the register, then of the hours, then of the declarations.
    pub(crate) version: String,
    pub(crate) register: String,
    pub(crate) hours: Hours,
    /// How many declarations have amended the register.
    pub(crate) declared: u32,
    pub(crate) first: NaiveDate,
    pub(crate) last: NaiveDate,
    pub(crate) special: BTreeMap<NaiveDate, SpecialDay>,
}

impl Calendar {
    /// Reads a register: `date,weekday,kind,name,pair,basis,source`, in the order of dates.
    ///
    /// A year is covered when it has its 01/01; swapped days may reach into the years around.
    ///
    /// # Errors
    /// [`CalendarError::Row`] with the line, [`CalendarError::Incomplete`] with the missing day.
    pub fn from_csv(version: &str, text: &str) -> Result<Self, CalendarError> {
        let special = register::read(text)?;
        let (first, last) = register::covered(&special)?;
        Ok(Self {
            version: version.to_owned(),
            register: version.to_owned(),
            hours: Hours::default(),
            declared: 0,
            first,
            last,
            special,
        })
    }

    /// The register that this program was built with: 2018 to 2026.
    #[must_use]
    pub fn published() -> &'static Self {
        static PUBLISHED: LazyLock<Calendar> = LazyLock::new(|| {
            // A test holds the built-in register to the same rules as any other. A build that
            // skipped the tests covers no day and answers every question with `Outside`.
            Calendar::from_csv(PUBLISHED_VERSION, PUBLISHED_CSV).unwrap_or_else(|_| Calendar {
                version: PUBLISHED_VERSION.to_owned(),
                register: PUBLISHED_VERSION.to_owned(),
                hours: Hours::default(),
                declared: 0,
                first: NaiveDate::MAX,
                last: NaiveDate::MIN,
                special: BTreeMap::new(),
            })
        });
        &PUBLISHED
    }

    /// The version to write into events that rest on this calendar.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The first covered date.
    #[must_use]
    pub fn first(&self) -> NaiveDate {
        self.first
    }

    /// The last covered date.
    #[must_use]
    pub fn last(&self) -> NaiveDate {
        self.last
    }

    /// What the given date is.
    ///
    /// # Errors
    /// [`CalendarError::Outside`] when the date is not covered.
    pub fn day(&self, date: NaiveDate) -> Result<Day<'_>, CalendarError> {
        if date < self.first || date > self.last {
            return Err(self.outside(date));
        }
        let ordinary = Day {
            date,
            kind: if is_weekend(date) {
                DayKind::Weekend
            } else {
                DayKind::Working
            },
            name: "",
            pair: None,
            basis: "",
        };
        Ok(self.special.get(&date).map_or(ordinary, |day| Day {
            date,
            kind: day.kind,
            name: &day.name,
            pair: day.pair,
            basis: &day.basis,
        }))
    }

    /// The given date when it is worked, otherwise the next one that is.
    ///
    /// # Errors
    /// [`CalendarError::Outside`] when there is none before the end of the covered dates.
    pub fn working_day_from(&self, date: NaiveDate) -> Result<NaiveDate, CalendarError> {
        let mut date = date;
        while !self.day(date)?.is_working() {
            date = self.day_after(date)?;
        }
        Ok(date)
    }

    pub(crate) fn day_after(&self, date: NaiveDate) -> Result<NaiveDate, CalendarError> {
        date.succ_opt().ok_or_else(|| self.outside(date))
    }

    pub(crate) fn outside(&self, date: NaiveDate) -> CalendarError {
        CalendarError::Outside {
            date,
            first: self.first,
            last: self.last,
        }
    }
}

pub(crate) fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The last working day strictly before `date`: the latest day for an apology that must be sent
/// at least one day ahead of the promised one (NĐ 61/2018 art. 19.9).
///
/// # Errors
/// [`CalendarError::Outside`] when `date` or the days before it are not covered.
pub fn last_working_day_before(
    calendar: &Calendar,
    date: NaiveDate,
) -> Result<NaiveDate, CalendarError> {
    calendar.day(date)?;
    let mut date = date;
    loop {
        date = date.pred_opt().ok_or_else(|| calendar.outside(date))?;
        if calendar.day(date)?.is_working() {
            return Ok(date);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_published_register_keeps_the_rules_of_every_register() {
        let read = Calendar::from_csv(PUBLISHED_VERSION, PUBLISHED_CSV).unwrap();
        assert_eq!(Calendar::published(), &read);
        assert_eq!(read.version(), "vn-2018-2026.1");
        assert_eq!(
            (read.first(), read.last()),
            (date("2018-01-01"), date("2026-12-31"))
        );
    }

    #[test]
    fn every_kind_of_day_says_why_in_vietnamese() {
        let reasons = [
            ("2026-08-24", "ngày làm việc"),
            ("2026-08-29", "nghỉ hằng tuần (Thứ Bảy)"),
            ("2026-08-30", "nghỉ hằng tuần (Chủ nhật)"),
            ("2026-09-02", "nghỉ lễ, tết: Quốc khánh"),
            ("2026-04-27", "nghỉ bù: Ngày Giỗ Tổ Hùng Vương (26/04/2026)"),
            (
                "2026-08-31",
                "nghỉ hoán đổi: Quốc khánh, làm bù ngày 22/08/2026",
            ),
            ("2026-08-22", "làm bù cho ngày nghỉ hoán đổi 31/08/2026"),
        ];
        for (day, reason) in reasons {
            assert_eq!(
                Calendar::published().day(date(day)).unwrap().reason(),
                reason,
                "{day}"
            );
        }
    }

    #[test]
    fn a_day_nobody_has_published_is_refused_with_what_is_covered() {
        let refusal = Calendar::published().day(date("2027-01-04")).unwrap_err();
        let expected = CalendarError::Outside {
            date: date("2027-01-04"),
            first: date("2018-01-01"),
            last: date("2026-12-31"),
        };
        assert_eq!(refusal, expected);
        assert!(
            refusal.to_string().contains("2018-01-01 to 2026-12-31"),
            "{refusal}"
        );
    }

    #[test]
    fn the_apology_is_sent_on_the_working_day_before() {
        let before = |day| last_working_day_before(Calendar::published(), date(day));
        assert_eq!(before("2025-11-05").unwrap(), date("2025-11-04"));
        // Monday 28 April 2025 follows a worked Saturday.
        assert_eq!(before("2025-04-28").unwrap(), date("2025-04-26"));
        assert_eq!(before("2026-02-23").unwrap(), date("2026-02-13"));
        assert!(
            before("2018-01-02").is_err(),
            "1 January 2018 is off, 2017 is not covered"
        );
    }
}
