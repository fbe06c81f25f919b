//! What "on time" means. The sources disagree, so every meaning has a name and they are reported
//! side by side; a dossier never carries one yes or no.

use calendar::{LimitUnit, Moment};
use dossier::promise::Timeliness;
use serde::{Deserialize, Serialize};

use crate::row::Row;

/// A meaning of "on time".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RuleSet {
    /// The monthly form II.06a/VPCP/KSTT: against the due date in force, after every lawful pause,
    /// recount and apology. Dates in days are compared by day: by the second nothing would ever be
    /// exactly on time.
    Ii06a,
    /// Against the date first promised, as if no later one had been given. Whether a date that was
    /// put off with an apology counts as kept is stated nowhere, so both are shown.
    Original,
}

/// An ended dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// Before the promised day (trước hạn).
    Early,
    /// On it (đúng hạn).
    OnTime,
    /// After it (quá hạn).
    Late,
    /// No date was promised, because the law states no limit.
    NoLimit,
}

/// An open dossier at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Open {
    /// The date has not passed, or there is none (trong hạn).
    InTime,
    /// The date has passed with the clock running (quá hạn).
    Overdue,
    /// The clock stands still: the citizen has to do something.
    Paused,
}

impl RuleSet {
    /// Every rule set, in the order of reports.
    pub const ALL: [Self; 2] = [Self::Ii06a, Self::Original];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ii06a => "ii06a",
            Self::Original => "original",
        }
    }

    /// The name that people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Ii06a => "Theo ngày hẹn hiện hành (biểu II.06a)",
            Self::Original => "Theo ngày hẹn đầu tiên",
        }
    }

    fn due(self, row: &Row) -> Option<(Moment, LimitUnit)> {
        match self {
            Self::Ii06a => row.due_at.zip(row.limit_unit),
            Self::Original => row.original_due_at.zip(row.original_limit_unit),
        }
    }

    /// Where an ended dossier belongs; none while it is open. What ended during a pause is judged at
    /// the pause's beginning, since the clock ran no further.
    pub fn ended(self, row: &Row) -> Option<Ended> {
        let end = row.end.as_ref()?;
        let Some((due_at, unit)) = self.due(row) else {
            return Some(Ended::NoLimit);
        };
        Some(match Timeliness::of(end.judged_at(), due_at, unit) {
            Timeliness::Early => Ended::Early,
            Timeliness::OnTime => Ended::OnTime,
            Timeliness::Late => Ended::Late,
        })
    }

    /// Where an open dossier stands at `now`; none when it is not open.
    pub fn open(self, row: &Row, now: Moment) -> Option<Open> {
        if !row.is_open() {
            return None;
        }
        Some(match self.due(row) {
            _ if row.paused => Open::Paused,
            Some((due_at, unit)) if Timeliness::of(now, due_at, unit) == Timeliness::Late => {
                Open::Overdue
            }
            _ => Open::InTime,
        })
    }
}
