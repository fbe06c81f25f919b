//! The sessions of an office day. They differ between provinces, so that they are data of a
//! profile; what is published here is only the default.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;

use crate::hours::moment_on;
use crate::moment::Moment;
use crate::workday::{Calendar, Day};

/// The most sessions that are believed in one day; morning and afternoon make two.
pub const SESSIONS_MAX: usize = 4;

const DAY_MINUTES: i64 = 24 * 60;

/// One session of an office day, in minutes since midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// First minute that is worked.
    pub opens_minute: i64,
    /// First minute that is not worked any more.
    pub closes_minute: i64,
}

/// 07:00 to 11:30 and 13:30 to 17:00, eight hours: the default that provincial one-stop systems
/// are delivered with. A swapped Saturday is worked in the same hours.
pub const SESSIONS: [Session; 2] = [
    Session {
        opens_minute: 7 * 60,
        closes_minute: 11 * 60 + 30,
    },
    Session {
        opens_minute: 13 * 60 + 30,
        closes_minute: 17 * 60,
    },
];

impl Session {
    pub(crate) fn on(self, date: NaiveDate) -> (Moment, Moment) {
        (
            moment_on(date, self.opens_minute),
            moment_on(date, self.closes_minute),
        )
    }
}

impl fmt::Display for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (opens, closes) = (self.opens_minute, self.closes_minute);
        let (o, c) = ((opens / 60, opens % 60), (closes / 60, closes % 60));
        write!(formatter, "{:02}:{:02}-{:02}:{:02}", o.0, o.1, c.0, c.1)
    }
}

/// Office hours that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// The text is not a session.
    #[error(
        "could not read {text:?} as a session of office hours; write it as 07:30-11:30, \
         and several with commas between them: 07:30-11:30,13:00-17:00"
    )]
    Unreadable {
        /// What was given.
        text: String,
    },
    /// None, or more than are believed.
    #[error("could not use {count} sessions of office hours; give 1 to {SESSIONS_MAX}")]
    Count {
        /// How many were given.
        count: usize,
    },
    /// A session that ends before it begins, or runs out of its day.
    #[error(
        "could not use the session {session}; it has to close after it opens, \
         both between 00:00 and 23:59 of one day"
    )]
    Backwards {
        /// Which.
        session: Session,
    },
    /// A session that begins before the one before it has ended.
    #[error(
        "could not use the session {session} after {before}; give the sessions in order, \
         none beginning before the last one has closed"
    )]
    Overlapping {
        /// The session before.
        before: Session,
        /// Which.
        session: Session,
    },
}

/// The sessions of every day that is worked: 1 to [`SESSIONS_MAX`], in order, none overlapping,
/// all within the day. They need not make eight hours.
///
/// Written `07:30-11:30,13:00-17:00`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours {
    sessions: Vec<Session>,
}

impl Hours {
    /// Office hours of these sessions.
    ///
    /// # Errors
    /// [`HoursError::Count`], [`HoursError::Backwards`] or [`HoursError::Overlapping`] naming the
    /// session that cannot be.
    pub fn new(sessions: Vec<Session>) -> Result<Self, HoursError> {
        if !(1..=SESSIONS_MAX).contains(&sessions.len()) {
            let count = sessions.len();
            return Err(HoursError::Count { count });
        }
        for &session in &sessions {
            let Session {
                opens_minute,
                closes_minute,
            } = session;
            if opens_minute < 0 || closes_minute <= opens_minute || closes_minute >= DAY_MINUTES {
                return Err(HoursError::Backwards { session });
            }
        }
        for (&before, &session) in sessions.iter().zip(sessions.iter().skip(1)) {
            if session.opens_minute < before.closes_minute {
                return Err(HoursError::Overlapping { before, session });
            }
        }
        Ok(Self { sessions })
    }

    /// The sessions, in order.
    #[must_use]
    pub fn sessions(&self) -> &[Session] {
        &self.sessions
    }

    /// How many minutes a day has.
    #[must_use]
    pub fn minutes_a_day(&self) -> i64 {
        let minutes = |session: &Session| session.closes_minute - session.opens_minute;
        self.sessions.iter().map(minutes).sum()
    }

    /// The part of a calendar's version that names these hours; none for the default.
    pub(crate) fn version_part(&self) -> Option<String> {
        (*self != Self::default()).then(|| self.to_string().replace(':', "").replace(',', "-"))
    }

    pub(crate) fn opens_minute(&self) -> i64 {
        self.sessions.first().map_or(0, |first| first.opens_minute)
    }

    pub(crate) fn closes_minute(&self) -> i64 {
        self.sessions.last().map_or(0, |last| last.closes_minute)
    }
}

impl Default for Hours {
    /// [`SESSIONS`].
    fn default() -> Self {
        Self {
            sessions: SESSIONS.to_vec(),
        }
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, session) in self.sessions.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(formatter, "{comma}{session}")?;
        }
        Ok(())
    }
}

impl FromStr for Hours {
    type Err = HoursError;

    /// Reads what [`Display`](fmt::Display) writes, also with spaces around commas and dashes.
    fn from_str(text: &str) -> Result<Self, HoursError> {
        Self::new(text.split(',').map(session).collect::<Result<_, _>>()?)
    }
}

impl Calendar {
    /// The same days with other office hours. Unless they are the published default the version
    /// names them: `vn-2018-2026.1@0730-1130-1300-1700`.
    #[must_use]
    pub fn with_hours(mut self, hours: Hours) -> Self {
        self.hours = hours;
        self.name_version();
        self
    }

    /// The office hours of every day that is worked.
    #[must_use]
    pub fn hours(&self) -> &Hours {
        &self.hours
    }

    /// The sessions of a day; none when it is not worked.
    pub(crate) fn sessions_of(&self, day: Day<'_>) -> &[Session] {
        if day.is_working() {
            self.hours.sessions()
        } else {
            &[]
        }
    }

    pub(crate) fn name_version(&mut self) {
        let mut version = self.register.clone();
        if let Some(hours) = self.hours.version_part() {
            version = format!("{version}@{hours}");
        }
        if self.declared > 0 {
            version = format!("{version}+{}", self.declared);
        }
        self.version = version;
    }
}

fn session(text: &str) -> Result<Session, HoursError> {
    let read = || {
        let (opens, closes) = text.split_once('-')?;
        Some(Session {
            opens_minute: minute(opens)?,
            closes_minute: minute(closes)?,
        })
    };
    read().ok_or_else(|| HoursError::Unreadable {
        text: text.trim().to_owned(),
    })
}

fn minute(text: &str) -> Option<i64> {
    let (hour, minute) = text.trim().split_once(':')?;
    let number = |digits: &str, below: i64| {
        let written = (1..=2).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        let value: Option<i64> = digits.parse().ok().filter(|value| *value < below);
        value.filter(|_| written)
    };
    Some(number(hour, 24)? * 60 + number(minute, 60).filter(|_| minute.len() == 2)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn the_default_day_has_eight_hours_and_others_have_what_they_say() {
        assert_eq!(Hours::default().minutes_a_day(), 480);
        let short: Hours = "08:00-12:00,13:00-16:30".parse().unwrap();
        assert_eq!(short.minutes_a_day(), 450);
        assert_eq!(short.sessions().len(), 2);
    }

    #[test]
    fn hours_are_written_as_they_are_read() {
        for text in ["07:00-11:30,13:30-17:00", "08:00-16:00", "00:00-23:59"] {
            assert_eq!(text.parse::<Hours>().unwrap().to_string(), text);
        }
        let spaced: Hours = " 7:30 - 11:30 , 13:00-17:00".parse().unwrap();
        assert_eq!(spaced.to_string(), "07:30-11:30,13:00-17:00");
    }

    #[test]
    fn hours_that_cannot_be_are_refused_with_the_session() {
        let table = [
            ("", "\"\""),
            ("sáng", "\"sáng\""),
            ("07:30", "\"07:30\""),
            ("07:30-11:30,", "\"\""),
            ("7h30-11h30", "\"7h30-11h30\""),
            ("07:30-11:60", "\"07:30-11:60\""),
            ("07:30-11:3", "\"07:30-11:3\""),
            ("+7:30-11:30", "\"+7:30-11:30\""),
            ("17:00-24:00", "\"17:00-24:00\""),
            ("07:30-11:30-12:00", "\"07:30-11:30-12:00\""),
            ("11:30-07:30", "the session 11:30-07:30; it has to close"),
            ("11:30-11:30", "the session 11:30-11:30; it has to close"),
            ("13:00-17:00,07:30-11:30", "07:30-11:30 after 13:00-17:00"),
            ("07:30-13:30,13:00-17:00", "13:00-17:00 after 07:30-13:30"),
            (
                "01:00-02:00,03:00-04:00,05:00-06:00,07:00-08:00,09:00-10:00",
                "5 sessions of office hours; give 1 to 4",
            ),
        ];
        for (text, said) in table {
            let refusal = text.parse::<Hours>().unwrap_err().to_string();
            assert!(refusal.contains(said), "{text}: {refusal}");
        }
        let before_midnight = Session {
            opens_minute: -5,
            closes_minute: 60,
        };
        assert!(Hours::new(vec![before_midnight]).is_err());
        assert!(Hours::new(Vec::new()).is_err());
    }
}
