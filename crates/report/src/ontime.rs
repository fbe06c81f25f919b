//! What "on time" means. The sources disagree, so every meaning has a name and they are reported
//! side by side; a dossier never carries one yes or no.

use std::str::FromStr;

use calendar::{LimitUnit, Moment, hanoi};
use dossier::dossier::Dossier;
use dossier::promise::{Timeliness, Wait};
use serde::{Deserialize, Serialize};

use crate::course;
use crate::ended::end_of;

/// A meaning of "on time".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RuleSet {
    /// The form II.06a/VPCP/KSTT: against the due date in force, after every lawful pause, recount
    /// and apology. Dates in days are compared by day: by the second nothing would ever be exactly on
    /// time.
    Ii06a,
    /// Against the date first promised, as if no later one had been given. Whether a date that was
    /// put off with an apology counts as kept is stated nowhere, so both are shown.
    Original,
    /// Indicator 2.1 of QĐ 766/QĐ-TTg by the operator's formula sheet: a supplement's time is taken
    /// off the end; the first one that is still awaited ends the count where it was asked for; a second
    /// one makes the dossier overdue, even if it is finished early. (One reading of the sheet has that
    /// only for dossiers never finished; the stricter is taken.) Nothing else stops the count.
    Qd766,
    /// Indicator 1 of TT 01/2018/TT-VPCP art. 13: against the legal time, to which an apology adds
    /// nothing; two points when shorter, one when equal, none when longer.
    Tt01,
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
    /// The date had passed with the clock running (quá hạn). A dossier that was late when something
    /// was asked for stays late.
    Overdue,
    /// The clock stands still, and the date had not passed before.
    Paused,
}

/// Where a dossier stands at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Judged {
    /// Its processing has ended.
    Ended(Ended),
    /// It has not.
    Open(Open),
}

/// A text that names no rule set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a rule set; write ii06a, original, qd766 or tt01")]
pub struct UnknownRules(String);

impl Ended {
    /// The name that people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Early => "Trước hạn",
            Self::OnTime => "Đúng hạn",
            Self::Late => "Quá hạn",
            Self::NoLimit => "Không quy định thời hạn",
        }
    }

    /// Points of an indicator of TT 01/2018/TT-VPCP art. 13 on time; none without a limit.
    #[must_use]
    pub const fn points(self) -> Option<u8> {
        match self {
            Self::Early => Some(2),
            Self::OnTime => Some(1),
            Self::Late => Some(0),
            Self::NoLimit => None,
        }
    }
}

impl Open {
    /// The name that people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::InTime => "Đang giải quyết, trong hạn",
            Self::Overdue => "Đang giải quyết, quá hạn",
            Self::Paused => "Đang tạm dừng tính thời hạn",
        }
    }
}

impl Judged {
    /// The name that people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Ended(ended) => ended.label(),
            Self::Open(open) => open.label(),
        }
    }

    /// Whether it counts against those who had it: ended late, or open and overdue.
    #[must_use]
    pub const fn is_late(self) -> bool {
        matches!(self, Self::Ended(Ended::Late) | Self::Open(Open::Overdue))
    }
}

impl From<Timeliness> for Ended {
    fn from(timeliness: Timeliness) -> Self {
        match timeliness {
            Timeliness::Early => Self::Early,
            Timeliness::OnTime => Self::OnTime,
            Timeliness::Late => Self::Late,
        }
    }
}

impl RuleSet {
    /// Every rule set, in the order of reports.
    pub const ALL: [Self; 4] = [Self::Ii06a, Self::Original, Self::Qd766, Self::Tt01];

    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ii06a => "ii06a",
            Self::Original => "original",
            Self::Qd766 => "qd766",
            Self::Tt01 => "tt01",
        }
    }

    /// The name that people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Ii06a => "Theo ngày hẹn hiện hành (biểu II.06a)",
            Self::Original => "Theo ngày hẹn đầu tiên",
            Self::Qd766 => "Theo Bộ chỉ số QĐ 766/QĐ-TTg (chỉ số 2.1)",
            Self::Tt01 => "Theo thời hạn pháp luật (TT 01/2018/TT-VPCP, chỉ số 1)",
        }
    }

    /// Its source.
    #[must_use]
    pub const fn basis(self) -> &'static str {
        match self {
            Self::Ii06a => "TT 01/2020/TT-VPCP, biểu số II.06a/VPCP/KSTT",
            Self::Original => {
                "NĐ 61/2018/NĐ-CP điều 19 khoản 9 (không quy định thống kê theo ngày nào)"
            }
            Self::Qd766 => "QĐ 766/QĐ-TTg ngày 23/6/2022; mô tả công thức tính chỉ số 2.1",
            Self::Tt01 => "TT 01/2018/TT-VPCP điều 13, chỉ số 1",
        }
    }

    /// The date that it holds the end against, and by which unit; none where no limit is stated. A
    /// limit that is stated always has a date from reception on.
    #[must_use]
    pub fn due(self, dossier: &Dossier) -> Option<(Moment, LimitUnit)> {
        let promise = &dossier.promise;
        match self {
            Self::Ii06a => promise.due_at.zip(promise.limit.map(|limit| limit.unit())),
            Self::Original => promise
                .original_due_at
                .zip(dossier.received().map(|received| received.limit.unit())),
            Self::Qd766 => course::due_766(promise).map(|due| (due.due_at, due.unit)),
            Self::Tt01 => course::legal_due(promise),
        }
    }

    /// Where a dossier stands at `at`; none when it was not received by then.
    #[must_use]
    pub fn judge(self, dossier: &Dossier, at: Moment) -> Option<Judged> {
        let (received_at, _) = dossier.intake.received.as_ref()?;
        if *received_at > at {
            return None;
        }
        let end = end_of(dossier).filter(|end| end.at <= at);
        let until = match (end, self) {
            (Some(end), _) => end.judged_at,
            (None, Self::Qd766) => awaited_since(dossier).map_or(at, |asked| asked.min(at)),
            (None, _) => dossier.promise.counted_until(at),
        };
        let late = match self {
            Self::Qd766 if dossier.supplements.rounds.len() > 1 => Some(Timeliness::Late),
            Self::Qd766 => course::due_766(&dossier.promise)
                .map(|due| compare(until - due.taken_off, due.due_at, due.unit)),
            _ => self
                .due(dossier)
                .map(|(due_at, unit)| compare(until, due_at, unit)),
        };
        Some(match (end, late) {
            (Some(_), None) => Judged::Ended(Ended::NoLimit),
            (Some(_), Some(timeliness)) => Judged::Ended(timeliness.into()),
            (None, Some(Timeliness::Late)) => Judged::Open(Open::Overdue),
            (None, _) if dossier.promise.is_paused() => Judged::Open(Open::Paused),
            (None, _) => Judged::Open(Open::InTime),
        })
    }
}

/// Compares in the time of Vietnam, whatever offset an event was written with.
pub(crate) fn compare(ended_at: Moment, due_at: Moment, unit: LimitUnit) -> Timeliness {
    let local = |moment: Moment| moment.with_timezone(&hanoi());
    Timeliness::of(local(ended_at), local(due_at), unit)
}

/// Since when the citizen's first supplement is awaited.
fn awaited_since(dossier: &Dossier) -> Option<Moment> {
    if !dossier.promise.waits_for(Wait::Supplement) {
        return None;
    }
    let round = dossier.supplements.rounds.last()?;
    round.given_at.is_none().then_some(round.asked_at)
}

impl FromStr for RuleSet {
    type Err = UnknownRules;

    fn from_str(text: &str) -> Result<Self, UnknownRules> {
        Self::ALL
            .into_iter()
            .find(|rules| rules.name() == text)
            .ok_or_else(|| UnknownRules(text.chars().take(40).collect()))
    }
}
