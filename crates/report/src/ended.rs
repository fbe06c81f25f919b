//! How and when the processing of a dossier ended, as reports count it.

use calendar::Moment;
use dossier::dossier::Dossier;
use serde::{Deserialize, Serialize};

/// How a dossier ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// With a result (có kết quả).
    Resolved,
    /// Resolution refused (từ chối giải quyết).
    Refused,
    /// The citizen took it back (rút hồ sơ), whether or not processing was stopped afterwards.
    Withdrawn,
    /// Processing stopped (dừng xử lý).
    Stopped,
}

impl How {
    /// The name that people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Resolved => "có kết quả",
            Self::Refused => "từ chối giải quyết",
            Self::Withdrawn => "công dân rút hồ sơ",
            Self::Stopped => "dừng giải quyết",
        }
    }
}

/// The end of processing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct End {
    /// When.
    pub at: Moment,
    /// How.
    pub how: How,
    /// The moment held against a due date: the end, or where the clock stood still before it.
    pub judged_at: Moment,
}

/// The end, if there is one: whatever came first. "Đã xử lý xong" (9) thereby goes before "Đã trả
/// kết quả" (10), and a stop that only confirms a withdrawal does not move the end into a later
/// period, which column 6 of form II.06a would not follow.
#[must_use]
pub fn end_of(dossier: &Dossier) -> Option<End> {
    let outcome = &dossier.outcome;
    let candidates = [
        (outcome.ready_at, How::Resolved),
        (outcome.returned_at, How::Resolved),
        (outcome.refused_at, How::Refused),
        (outcome.withdrawn_at, How::Withdrawn),
        (outcome.stopped_at, How::Stopped),
    ];
    let (at, how) = candidates
        .into_iter()
        .filter_map(|(at, how)| Some((at?, how)))
        .min_by_key(|(at, how)| (*at, *how))?;
    Some(End {
        at,
        how,
        judged_at: dossier.promise.counted_until(at),
    })
}
