//! The clock of the promise, besides supplements, payments and apologies: started where the
//! competent agency has the dossier, paused for what no limit counts, resumed, and counted anew
//! because the calendar changed. Every one is a fact of the home with its basis.

use calendar::{Calendar, Limit, Moment};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::case::Case;
use crate::dossier::Dossier;
use crate::fact::Fact;
use crate::ids::{StepKey, UnitId};
use crate::procedure::WaitEffect;
use crate::promise::{Recounted, Wait};

/// The clock stands still from now on for a cause that the procedure's version excludes from the
/// limit (thời gian không tính vào thời hạn). Written by the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Paused {
    /// For what.
    pub cause: Wait,
    /// What it does to the clock, of this procedure's version.
    pub effect: WaitEffect,
    /// Why, in Vietnamese.
    pub reason: String,
    /// Legal basis.
    pub basis: String,
    /// The step that it concerns, if one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepKey>,
    /// Number of the notice, e.g. of a system's owner who announced an incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
}

/// What held the clock is over. Written by the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Resumed {
    /// What had held it.
    pub cause: Wait,
    /// The promise as recounted.
    pub recounted: Recounted,
}

/// The competent agency has the dossier, and the clock starts there (NĐ 309/2026/NĐ-CP art. 8.3).
/// The date on the receipt stays as it was promised. Written by the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Started {
    /// The competent agency.
    pub at: UnitId,
    /// When it took the dossier.
    pub since: Moment,
    /// The due date counted from there; never earlier than the one promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Moment>,
    /// Version of the calendar that counted it.
    pub calendar: String,
    /// Legal basis.
    pub basis: String,
}

/// The due date was counted anew because a day of the calendar changed (hoán đổi ngày làm việc,
/// nghỉ bù). Never moved earlier: the printed date is a promise. Written by the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Recomputed {
    /// The declaration of the authority: the event's identity.
    pub declaration: Uuid,
    /// Its basis, e.g. the number of the dispatch.
    pub basis: String,
    /// The date that was in force.
    pub old_due_at: Moment,
    /// The date that the changed calendar gives.
    pub counted_due_at: Moment,
    /// The date in force from now on: the later of the two.
    pub due_at: Moment,
    /// Version of the calendar that counted it.
    pub calendar: String,
}

/// An entry in the course of a promise's clock, as `why` tells it and as a changed calendar is
/// counted from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turned {
    /// Promised at reception.
    Made {
        /// From when it was counted.
        from: Moment,
        /// The limit.
        limit: Limit,
        /// The date promised.
        due_at: Option<Moment>,
        /// Version of the calendar.
        calendar: String,
    },
    /// Started at the competent agency.
    Started {
        /// When the agency took it.
        since: Moment,
        /// The date in force from then on.
        due_at: Option<Moment>,
        /// Version of the calendar.
        calendar: String,
        /// Legal basis.
        basis: String,
    },
    /// Something began for which the clock may stand still.
    Began {
        /// What.
        wait: Wait,
        /// What it does.
        effect: WaitEffect,
        /// When.
        at: Moment,
        /// The step that it concerns.
        step: Option<StepKey>,
        /// Why, in Vietnamese.
        reason: String,
    },
    /// It was over.
    Ended {
        /// What.
        wait: Wait,
        /// When.
        at: Moment,
        /// The promise as recounted.
        recounted: Recounted,
    },
    /// A later date was given with an apology.
    Extended {
        /// When.
        at: Moment,
        /// The new date.
        due_at: Moment,
        /// Why, in Vietnamese.
        reason: String,
        /// Whether the apology came too late.
        late: bool,
    },
    /// Counted anew after a change of the calendar.
    Recomputed {
        /// When.
        at: Moment,
        /// What was counted.
        recomputed: Recomputed,
    },
}

/// What the home does to the clock by itself once a fact is known.
pub(crate) fn react(_case: &Case<'_>, _fact: &Fact) -> Vec<Fact> {
    Vec::new()
}

/// What the home does to the clock by itself when time has passed.
pub(crate) fn in_time(_case: &Case<'_>) -> Vec<Fact> {
    Vec::new()
}

/// When [`in_time`] may have something to say next.
pub(crate) fn next_look(_dossier: &Dossier, _calendar: &Calendar) -> Option<Moment> {
    None
}
