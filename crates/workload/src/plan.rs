//! Plans: for each dossier who comes, when, with what, and how the work will go. Plain data.

use calendar::Moment;
use dossier::ids::{ProcedureCode, StepKey, UnitId};
use dossier::intake::{Channel, PaperCheck, Person};
use dossier::outcome::ReturnChannel;
use serde::{Deserialize, Serialize};

/// One dossier of the quarter. Minutes are of office hours, days of the solar calendar.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Its number, from 0, in the order of arrival at a desk.
    pub number: usize,
    /// Where it is handed in.
    pub home: UnitId,
    /// When it was submitted online, if it was.
    pub registered_at: Option<Moment>,
    /// When the desk deals with it.
    pub arrives_at: Moment,
    /// What is applied for.
    pub procedure: ProcedureCode,
    /// Its field.
    pub field: String,
    /// How it comes in.
    pub channel: Channel,
    /// Who applies.
    pub applicant: Person,
    /// Who hands it in for them.
    pub delegate: Option<Person>,
    /// What the desk sees.
    pub papers: Vec<PaperCheck>,
    /// Whether the result is returned in the same visit.
    pub at_once: bool,
    /// Why the desk does not take it in, if it does not.
    pub declined: Option<String>,
    /// How the work on each step goes, in the order of the route; empty where there is none.
    pub steps: Vec<StepPlan>,
    /// Minutes from reception until the citizen asks for it back.
    pub withdrawn_after_minutes: Option<u32>,
    /// Whether an officer who sees it will be late apologises.
    pub apologised: bool,
    /// Days from the result until it is fetched.
    pub fetched_after_days: u32,
    /// Where it is fetched.
    pub fetched: ReturnChannel,
}

/// How the work on a step goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepPlan {
    /// The step.
    pub key: StepKey,
    /// Minutes until an officer answers an offer.
    pub acknowledge_minutes: u32,
    /// Minutes of work.
    pub work_minutes: u32,
    /// The unit it goes to after the first has declined for want of competence.
    pub misdirected: Option<UnitId>,
    /// What turns out to be missing.
    pub supplement: Option<SupplementPlan>,
    /// Opinions asked of others.
    pub opinions: Vec<OpinionPlan>,
    /// What the citizen owes, where this step assesses it.
    pub obligation: Option<ObligationPlan>,
    /// The step that it is sent back to for correction, the first time.
    pub sent_back_to: Option<StepKey>,
    /// Why it ends as not eligible, if it does.
    pub rejected: Option<String>,
}

/// What turns out to be missing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SupplementPlan {
    /// Minutes of work after which it is noticed.
    pub noticed_after_minutes: u32,
    /// What it is, in Vietnamese.
    pub item: String,
    /// Days until the citizen brings it; `None` where they never do.
    pub given_after_days: Option<u32>,
    /// Days after which the desk stops waiting.
    pub stopped_after_days: u32,
}

/// An opinion asked of another agency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OpinionPlan {
    /// Who is asked, in Vietnamese.
    pub of: String,
    /// Days that they are given.
    pub days_allowed: u32,
    /// Days that they take.
    pub given_after_days: u32,
}

/// What the citizen owes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ObligationPlan {
    /// Amount in đồng; 0 where nothing is owed.
    pub amount_vnd: u64,
    /// Days until it is paid.
    pub paid_after_days: u32,
}
