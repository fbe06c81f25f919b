//! On-time counters: whole numbers that add up across units, fields, months and projectors.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use calendar::Moment;
use chrono::Datelike;
use dossier::ids::{ProcedureCode, UnitId};
use dossier::intake::Channel;
use serde::{Deserialize, Serialize};

use report::ended::How;
use report::{Ended, RuleSet};

use crate::row::Row;

/// A month of the solar calendar, written `2018-01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "schema", schemars(with = "String"))]
pub struct Month {
    year: i32,
    month: u32,
}

/// A text that is no month.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("reading {0:?} as a month: write it as 2018-01")]
pub struct MonthError(String);

impl Month {
    /// The month in which `at` lies, in Vietnam.
    pub fn of(at: Moment) -> Self {
        let local = at.with_timezone(&calendar::hanoi());
        Self {
            year: local.year(),
            month: local.month(),
        }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for Month {
    type Err = MonthError;

    fn from_str(text: &str) -> Result<Self, MonthError> {
        let wrong = || MonthError(text.chars().take(20).collect());
        let (year, month) = text.split_once('-').ok_or_else(wrong)?;
        let digits =
            |part: &str, count| part.len() == count && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(year, 4) || !digits(month, 2) {
            return Err(wrong());
        }
        let (year, month) = year
            .parse()
            .ok()
            .zip(month.parse().ok())
            .ok_or_else(wrong)?;
        if (1..=12).contains(&month) {
            Ok(Self { year, month })
        } else {
            Err(wrong())
        }
    }
}

impl TryFrom<String> for Month {
    type Error = MonthError;
    fn try_from(text: String) -> Result<Self, MonthError> {
        text.parse()
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

/// What a counter is about. The month is that of the thing counted: of reception for receptions,
/// of the end for ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Key {
    /// The home unit.
    pub unit: UnitId,
    /// Field (lĩnh vực).
    pub field: String,
    /// Procedure.
    pub procedure: ProcedureCode,
    /// Month.
    pub month: Month,
    /// How the dossiers came in.
    pub channel: Channel,
}

/// Ended dossiers by timeliness. Signed, so that taking away is adding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Timely {
    /// Trước hạn.
    pub early: i64,
    /// Đúng hạn.
    pub on_time: i64,
    /// Quá hạn.
    pub late: i64,
    /// No date was promised.
    pub no_limit: i64,
}

impl Timely {
    /// All of them.
    pub fn total(&self) -> i64 {
        self.early + self.on_time + self.late + self.no_limit
    }

    /// Share of those not late among those with a promised date, in hundredths of a percent,
    /// rounded half up (9958 is 99.58 %); none when there are none.
    pub fn rate(&self) -> Option<u32> {
        let kept = self.early + self.on_time;
        let promised = kept + self.late;
        if promised <= 0 {
            return None;
        }
        u32::try_from((kept * 20_000 + promised) / (promised * 2)).ok()
    }

    fn add(&mut self, other: &Self, sign: i64) {
        self.early += sign * other.early;
        self.on_time += sign * other.on_time;
        self.late += sign * other.late;
        self.no_limit += sign * other.no_limit;
    }
}

/// Ended dossiers by how they ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Ends {
    /// With a result.
    pub resolved: Timely,
    /// Refused.
    pub refused: Timely,
    /// Withdrawn.
    pub withdrawn: Timely,
    /// Stopped.
    pub stopped: Timely,
}

impl Ends {
    /// All together: columns 7 to 10 of form II.06a. Every end is a column there, also a refusal
    /// (which has to come within the limit too, NĐ 61/2018/NĐ-CP art. 19.8).
    pub fn all(&self) -> Timely {
        let mut all = Timely::default();
        for part in [
            &self.resolved,
            &self.refused,
            &self.withdrawn,
            &self.stopped,
        ] {
            all.add(part, 1);
        }
        all
    }

    fn of(&mut self, how: How) -> &mut Timely {
        match how {
            How::Resolved => &mut self.resolved,
            How::Refused => &mut self.refused,
            How::Withdrawn => &mut self.withdrawn,
            How::Stopped => &mut self.stopped,
        }
    }

    fn add(&mut self, other: &Self, sign: i64) {
        self.resolved.add(&other.resolved, sign);
        self.refused.add(&other.refused, sign);
        self.withdrawn.add(&other.withdrawn, sign);
        self.stopped.add(&other.stopped, sign);
    }
}

/// The numbers under one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Count {
    /// Received (tiếp nhận).
    pub received: i64,
    /// Declined at the desk (từ chối tiếp nhận).
    pub declined: i64,
    /// Ended, under each rule set in the order of [`RuleSet::ALL`].
    pub ended: [Ends; RuleSet::ALL.len()],
}

impl Count {
    /// Adds another's numbers.
    pub fn add(&mut self, other: &Self) {
        self.fold(other, 1);
    }

    /// The ends under a rule set.
    pub fn ends(&self, rules: RuleSet) -> &Ends {
        &self.ended[rules as usize]
    }

    fn fold(&mut self, other: &Self, sign: i64) {
        self.received += sign * other.received;
        self.declined += sign * other.declined;
        for (mine, others) in self.ended.iter_mut().zip(&other.ended) {
            mine.add(others, sign);
        }
    }

    fn end(&mut self, rules: RuleSet, how: How, ended: Ended) {
        let timely = self.ended[rules as usize].of(how);
        *match ended {
            Ended::Early => &mut timely.early,
            Ended::OnTime => &mut timely.on_time,
            Ended::Late => &mut timely.late,
            Ended::NoLimit => &mut timely.no_limit,
        } += 1;
    }
}

/// All counters. A sum over rows: any order of additions and subtractions gives the same.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counters {
    cells: BTreeMap<Key, Count>,
}

impl Counters {
    /// Counts a row in.
    pub fn add(&mut self, row: &Row) {
        self.fold(row, 1);
    }

    /// Takes a row out that was counted in.
    pub fn subtract(&mut self, row: &Row) {
        self.fold(row, -1);
    }

    /// Adds the counters of a projector of other dossiers.
    pub fn merge(&mut self, other: &Self) {
        for (key, count) in &other.cells {
            self.put(key.clone(), count, 1);
        }
    }

    /// Every counter that is not zero, in order of key.
    pub fn cells(&self) -> impl Iterator<Item = (&Key, &Count)> {
        self.cells.iter()
    }

    fn fold(&mut self, row: &Row, sign: i64) {
        let key = |at: Moment| Key {
            unit: row.home.clone(),
            field: row.field.clone(),
            procedure: row.procedure.clone(),
            month: Month::of(at),
            channel: row.channel,
        };
        if let Some(at) = row.received_at {
            self.put(
                key(at),
                &Count {
                    received: 1,
                    ..Count::default()
                },
                sign,
            );
        }
        if let Some(at) = row.declined_at {
            self.put(
                key(at),
                &Count {
                    declined: 1,
                    ..Count::default()
                },
                sign,
            );
        }
        if let Some(end) = &row.end {
            let mut count = Count::default();
            for rules in RuleSet::ALL {
                if let Some(ended) = row.ended(rules) {
                    count.end(rules, end.how, ended);
                }
            }
            self.put(key(end.at), &count, sign);
        }
    }

    fn put(&mut self, key: Key, count: &Count, sign: i64) {
        let cell = self.cells.entry(key.clone()).or_default();
        cell.fold(count, sign);
        // A counter back at zero is no counter: else the state would remember its past.
        if *cell == Count::default() {
            self.cells.remove(&key);
        }
    }
}
