//! Days of reception, apart from days of processing.
//!
//! QĐ 127/2007/QĐ-TTg lets desks receive and return on Saturdays (replaced by QĐ 14/2010/QĐ-TTg,
//! from memory). In Hà Nội's practice both sides work for what is resolved at once; for anything
//! else only the desk is open. Limits are therefore counted by the processing calendar alone:
//! day 1 of a dossier received on such a Saturday is the next working day (inferred; no text says
//! so in words).

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use crate::error::CalendarError;
use crate::moment::{Moment, hanoi};
use crate::sessions::Hours;
use crate::workday::{Calendar, DayKind};

const NOON_MINUTE: i64 = 12 * 60;

/// Whether a desk is open on Saturdays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SaturdayDesk {
    /// Not at all.
    #[default]
    Closed,
    /// In the sessions that open before noon.
    Morning,
    /// In all sessions.
    WholeDay,
}

impl SaturdayDesk {
    /// How many of the day's sessions, from the first.
    fn sessions(self, hours: &Hours) -> usize {
        let sessions = hours.sessions().iter();
        match self {
            Self::Closed => 0,
            Self::Morning => sessions.filter(|s| s.opens_minute < NOON_MINUTE).count(),
            Self::WholeDay => sessions.count(),
        }
    }
}

/// The days on which a desk receives and returns; by default those on which offices work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeskDays {
    /// Saturdays that offices do not work.
    #[serde(default)]
    pub saturday: SaturdayDesk,
}

impl DeskDays {
    /// Whether the desk receives on the date: on every working day of the processing calendar,
    /// and on Saturdays as it says, unless they are public holidays.
    ///
    /// # Errors
    /// [`CalendarError::Outside`] when the date is not covered.
    pub fn receives_on(&self, calendar: &Calendar, date: NaiveDate) -> Result<bool, CalendarError> {
        Ok(self.sessions_on(calendar, date)? > 0)
    }

    /// Whether the desk is open at the moment, in the office hours of the calendar.
    ///
    /// # Errors
    /// [`CalendarError::Outside`] when the day is not covered.
    pub fn receives_at(&self, calendar: &Calendar, at: Moment) -> Result<bool, CalendarError> {
        let date = at.with_timezone(&hanoi()).date_naive();
        let open = self.sessions_on(calendar, date)?;
        Ok(calendar.hours.sessions().iter().take(open).any(|session| {
            let (opens, closes) = session.on(date);
            opens <= at && at < closes
        }))
    }

    fn sessions_on(&self, calendar: &Calendar, date: NaiveDate) -> Result<usize, CalendarError> {
        let day = calendar.day(date)?;
        Ok(match day.kind {
            _ if day.is_working() => calendar.hours.sessions().len(),
            DayKind::Weekend if date.weekday() == Weekday::Sat => {
                self.saturday.sessions(&calendar.hours)
            }
            _ => 0,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::due::due;
    use crate::limit::Limit;
    use crate::moment::parse_moment;

    const MORNING: DeskDays = DeskDays {
        saturday: SaturdayDesk::Morning,
    };

    fn at(text: &str) -> Moment {
        parse_moment(&format!("{text}:00+07:00")).unwrap()
    }

    #[test]
    fn an_open_saturday_is_a_day_of_reception_unless_it_is_a_holiday() {
        let table = [
            // date, closed on Saturdays, open on Saturdays
            ("2025-03-14", true, true),
            ("2025-03-15", false, true),
            ("2025-03-16", false, false),
            // A Saturday worked in exchange for another day, and that other day.
            ("2025-04-26", true, true),
            ("2025-05-02", false, false),
            // 1 January 2022 was a Saturday.
            ("2022-01-01", false, false),
            ("2025-09-02", false, false),
        ];
        for (date, closed, open) in table {
            let date: NaiveDate = date.parse().unwrap();
            let receives = |desk: DeskDays| desk.receives_on(Calendar::published(), date).unwrap();
            assert_eq!(receives(DeskDays::default()), closed, "{date}");
            assert_eq!(receives(MORNING), open, "{date}");
        }
        let beyond = "2030-01-05".parse().unwrap();
        assert!(MORNING.receives_on(Calendar::published(), beyond).is_err());
    }

    #[test]
    fn a_saturday_morning_ends_at_lunch_and_a_whole_saturday_does_not() {
        let whole = DeskDays {
            saturday: SaturdayDesk::WholeDay,
        };
        let receives =
            |desk: DeskDays, text| desk.receives_at(Calendar::published(), at(text)).unwrap();
        assert!(receives(MORNING, "2025-03-15T11:29") && receives(whole, "2025-03-15T11:29"));
        assert!(!receives(MORNING, "2025-03-15T14:00") && receives(whole, "2025-03-15T14:00"));
        assert!(!receives(whole, "2025-03-15T12:00") && !receives(whole, "2025-03-16T09:00"));
        assert!(receives(MORNING, "2025-04-26T14:00"), "a worked Saturday");
        assert!(receives(DeskDays::default(), "2025-03-14T14:00"));
    }

    /// 15 March 2025 is a Saturday; a dossier handed in that morning waits for Monday.
    #[test]
    fn reception_on_an_open_saturday_counts_by_the_processing_calendar() {
        assert!(
            MORNING
                .receives_at(Calendar::published(), at("2025-03-15T09:00"))
                .unwrap()
        );
        let table = [
            ("2025-03-15T09:00", "3 ngày làm việc", "2025-03-19T17:00"),
            ("2025-03-15T09:00", "1 ngày làm việc", "2025-03-17T17:00"),
            ("2025-03-15T09:00", "2 ngày", "2025-03-17T17:00"),
            ("2025-03-15T09:00", "2 giờ làm việc", "2025-03-17T09:00"),
            ("2025-03-15T09:00", "trong ngày", "2025-03-17T17:00"),
            // The week of Tết follows, no day of which is worked.
            ("2026-02-14T09:00", "3 ngày làm việc", "2026-02-25T17:00"),
        ];
        for (received, limit, expected) in table {
            let limit: Limit = limit.parse().unwrap();
            let reckoning = due(Calendar::published(), at(received), limit).unwrap();
            assert_eq!(
                reckoning.due_at.unwrap(),
                at(expected),
                "{received} {limit}"
            );
        }
    }

    #[test]
    fn a_desk_says_nothing_of_saturdays_unless_it_is_open() {
        let plain: DeskDays = serde_json::from_str("{}").unwrap();
        assert_eq!(plain, DeskDays::default());
        let wire = r#"{"saturday":"whole_day"}"#;
        let whole: DeskDays = serde_json::from_str(wire).unwrap();
        assert_eq!(whole.saturday, SaturdayDesk::WholeDay);
        assert_eq!(serde_json::to_string(&whole).unwrap(), wire);
    }
}
