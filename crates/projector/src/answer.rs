//! What is answered. Plain data, the same over NATS, over HTTP and within a program.

use std::collections::BTreeMap;

use calendar::Moment;
use dossier::ids::{DossierCode, StepKey, UnitId};
use evidence::TwoHistories;
use report::ii06a::{Change, Statement};
use report::{Ended, Open, RuleSet, Sheet};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::closed::ClosedPeriod;
use crate::counters::{Ends, Timely};
use crate::directory::{Headline, UnitCard};
use crate::quarantine::Quarantine;
use crate::query::{AtLeast, Dimension, Form};
use crate::row::Row;
use crate::state::Seen;
use crate::told::Told;

/// An answer, with how far it can be relied on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Answer {
    /// The instant at which "open" and "overdue" were judged.
    pub now: Moment,
    /// Whether that instant, or any dossier, is simulated.
    pub simulated: bool,
    /// How many events it covers.
    pub entries: u64,
    /// How far each origin was heard.
    pub as_of: Vec<AsOf>,
    /// Units that have been out of contact, so that what they did last may be missing.
    pub provisional: Vec<UnitId>,
    /// What was asked to be covered and is not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stale: Vec<AtLeast>,
    /// The answer itself.
    #[serde(flatten)]
    pub body: Body,
}

/// How far one origin was heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AsOf {
    /// The origin.
    pub unit: UnitId,
    /// Its journal's epoch.
    pub epoch: Uuid,
    /// Its last own number that is covered.
    pub sequence: u64,
    /// When it recorded that.
    pub recorded: Moment,
}

/// The answer itself, under the name of its query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each is documented by the type that it holds")]
pub enum Body {
    Summary(Summary),
    Overdue(Overdue),
    Dossier(Box<DossierView>),
    Events(Told),
    Why(Sheets),
    Slip(Sheets),
    Report(Report),
    Units(Units),
    Digest(Comparison),
    Rebuild(Comparison),
    Health(Health),
    Quarantine(Quarantine),
}

/// Figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Summary {
    /// All groups together.
    pub total: Figures,
    /// The groups, in order.
    pub groups: Vec<GroupFigures>,
}

/// The figures of one group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GroupFigures {
    /// What the group is: a value for each dimension asked for.
    pub key: BTreeMap<Dimension, String>,
    /// The name of the unit, when grouped by unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its figures.
    pub figures: Figures,
}

/// Figures as in form II.06a: `carried_over + received.total` is always `ended + open`, under
/// every rule set, as long as no month but the last is left out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Figures {
    /// Received in the period (columns 4 and 5).
    pub received: Received,
    /// Open before the period began (column 6).
    pub carried_over: i64,
    /// Declined at the desk; not among the received.
    pub declined: i64,
    /// Under each rule set.
    pub rules: Vec<RuleFigures>,
}

/// Receptions by channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Received {
    /// All.
    pub total: i64,
    /// Over a portal.
    pub online: i64,
    /// Over the counter.
    pub direct: i64,
    /// By post.
    pub post: i64,
}

/// Figures under one rule set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RuleFigures {
    /// Which.
    pub rules: RuleSet,
    /// Its name for people.
    pub label: String,
    /// Everything that ended (columns 7 to 10).
    pub ended: Timely,
    /// The same by how it ended.
    pub by_end: Ends,
    /// Share not late among those with a promised date, in hundredths of a percent.
    pub rate: Option<u32>,
    /// Open now (columns 11 to 13).
    pub open: OpenFigures,
}

/// Open dossiers at the answer's instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OpenFigures {
    /// All.
    pub total: i64,
    /// Trong hạn, with the clock running.
    pub in_time: i64,
    /// Quá hạn.
    pub overdue: i64,
    /// Waiting for the citizen, the clock standing still.
    pub paused: i64,
}

/// What is overdue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Overdue {
    /// By which due date.
    pub rules: RuleSet,
    /// How many there are.
    pub total: u64,
    /// The longest overdue, as many as asked for.
    pub dossiers: Vec<Row>,
    /// How many wait for each unit. A dossier may wait for several.
    pub at: Vec<Awaited>,
}

/// A unit that overdue dossiers wait for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Awaited {
    /// Which.
    pub unit: UnitId,
    /// Its name.
    pub name: String,
    /// How many.
    pub dossiers: u64,
}

/// One dossier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DossierView {
    /// Its code.
    pub code: DossierCode,
    /// Where it stands; none while its desk has not been heard.
    pub row: Option<Row>,
    /// The status in Vietnamese.
    pub status: String,
    /// Whether the promise is or was kept, under each rule set.
    #[serde(default)]
    pub standing: Vec<Standing>,
    /// Name of the procedure in Vietnamese.
    pub procedure: Option<String>,
    /// Time allowed, in Vietnamese.
    pub limit: Option<String>,
    /// Legal basis of limit and route.
    pub basis: Option<String>,
    /// Names of the units that occur.
    pub units: BTreeMap<UnitId, String>,
    /// Every hand-over with both its moments (giao, nhận).
    pub handovers: Vec<Handover>,
    /// Everything that happened, in causal order.
    pub timeline: Vec<Happening>,
    /// Statements of others that wait until the desk is heard.
    pub pending: u32,
}

/// One dossier under one rule set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Standing {
    /// Which rule set.
    pub rules: RuleSet,
    /// How it ended, once it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
    /// How it stands at the answer's instant, while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<Open>,
}

/// A hand-over of a step (phiếu kiểm soát quá trình giải quyết hồ sơ, Mẫu 05 TT 01/2018/TT-VPCP).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Handover {
    /// The step.
    pub step: StepKey,
    /// The how-manieth time.
    pub turn: u32,
    /// The task in Vietnamese.
    pub task: String,
    /// To whom.
    pub to: UnitId,
    /// The moment "giao".
    pub given_at: Moment,
    /// The moment "nhận".
    pub taken_at: Option<Moment>,
    /// When it was due.
    pub due_at: Option<Moment>,
    /// When it was answered "not ours".
    pub declined_at: Option<Moment>,
    /// When it was sent back.
    pub sent_back_at: Option<Moment>,
    /// When it was completed.
    pub completed_at: Option<Moment>,
}

/// One event of a dossier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Happening {
    /// The event.
    pub id: Uuid,
    /// Who wrote it.
    pub unit: UnitId,
    /// The writer's own number.
    pub sequence: u64,
    /// The type name.
    pub kind: String,
    /// What happened, in Vietnamese.
    pub title: String,
    /// When it happened.
    pub at: Moment,
    /// When it was recorded.
    pub recorded: Moment,
    /// The step it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepKey>,
    /// The unit a step was given to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<UnitId>,
    /// The due date that it set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Moment>,
}

/// What is said about one dossier, as plain sheets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Sheets {
    /// The dossier.
    pub code: DossierCode,
    /// As of when.
    pub at: Moment,
    /// What is said.
    pub sheets: Vec<Sheet>,
}

/// A report of a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// Which.
    pub form: Form,
    /// What it says, as plain sheets.
    pub sheets: Vec<Sheet>,
    /// How many rows to skip to get the rest; none when this is the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u32>,
    /// Identities of the form that do not hold: none, or this projector is at fault.
    pub broken: Vec<String>,
    /// What a unit states that closes the period (form II.06a).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<Statement>,
    /// What was stated when the period was closed, and later.
    pub closed: Vec<ClosedPeriod>,
    /// What is told otherwise today than in the latest of these statements.
    pub changes: Vec<Change>,
}

/// The units of the profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Units {
    /// Every unit, in order of identity.
    pub units: Vec<UnitCard>,
    /// A published figure to be shown beside the computed one.
    pub headline: Option<Headline>,
}

/// The live state beside one rebuilt from zero out of the same entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Comparison {
    /// SHA-256 of the live state, hex.
    pub live: String,
    /// SHA-256 of the rebuilt state, hex.
    pub rebuilt: String,
    /// Whether they are equal.
    pub equal: bool,
    /// Out of how many entries.
    pub entries: u64,
}

/// How the projector fares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Health {
    /// Every origin.
    pub origins: Vec<OriginHealth>,
    /// Counts of what could not be placed.
    pub seen: Seen,
    /// Arrivals that were not accepted.
    pub quarantined: u64,
    /// How many of them were not let in since.
    #[serde(default)]
    pub quarantine_open: u64,
    /// Events that origins say they have and that have not come yet, in all.
    pub lag: u64,
    /// Whether the broker can be talked to.
    pub connected: bool,
    /// Units that showed two histories, each with both heads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub two_histories: Vec<TwoHistories>,
}

/// How one origin fares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OriginHealth {
    /// Which.
    pub unit: UnitId,
    /// Its last own number here.
    pub sequence: u64,
    /// Its last own number as it says itself.
    pub says: Option<u64>,
    /// How many of its events are known to exist and have not come.
    #[serde(default)]
    pub missing: u64,
    /// Seconds for which something of it has been missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_seconds: Option<u64>,
    /// Seconds since it was heard.
    pub silent_seconds: Option<u64>,
    /// Whether it is out of contact.
    pub lost: bool,
}
