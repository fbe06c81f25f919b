//! What is kept in memory of every dossier: where it stands, at whom, and until when.

use calendar::{LimitUnit, Moment};
use dossier::dossier::Dossier;
use dossier::ids::{DossierCode, ProcedureCode, StepKey, UnitId};
use dossier::intake::{Alias, Channel};
use dossier::route::Standing;
use dossier::status::Status;
use report::ended::{End, end_of};
use serde::{Deserialize, Serialize};

use crate::judgement::{Judgements, judged};

use history::Tale;

/// A unit that has to act on a step now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Holder {
    /// Which unit.
    pub unit: UnitId,
    /// Which step.
    pub step: StepKey,
    /// Its department, as far as known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// Whether it has taken the step; otherwise it was offered and has not answered.
    pub taken: bool,
    /// Since when: taken at, or else given at.
    pub since: Moment,
    /// When the step is due by its own limit, once taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Moment>,
}

/// A dossier in short. A pure function of the set of events about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Row {
    /// Its code.
    pub code: DossierCode,
    /// The unit whose desk took it in and answers for it.
    pub home: UnitId,
    /// The unit that may decide.
    pub competent: Option<UnitId>,
    /// The procedure.
    pub procedure: ProcedureCode,
    /// Its field (lĩnh vực); empty before a desk has looked at an online submission.
    pub field: String,
    /// How it came in.
    pub channel: Channel,
    /// National status.
    pub status: Status,
    /// When it was received.
    pub received_at: Option<Moment>,
    /// When it was declined at the desk.
    pub declined_at: Option<Moment>,
    /// The due date in force.
    pub due_at: Option<Moment>,
    /// What the limit in force counts.
    pub limit_unit: Option<LimitUnit>,
    /// The date first promised.
    pub original_due_at: Option<Moment>,
    /// What the first limit counted.
    pub original_limit_unit: Option<LimitUnit>,
    /// How and when processing ended.
    pub end: Option<End>,
    /// How it stands under each rule set, in the order of `report::RuleSet`; none before reception.
    pub judged: Option<Judgements>,
    /// Who has to act on a step now.
    pub holders: Vec<Holder>,
    /// Whether the clock stands still.
    pub paused: bool,
    /// Whether the citizen was asked to accept a later date.
    pub apologised: bool,
    /// Statements by units that had no right to them.
    pub contested: u32,
    /// Statements that this version cannot read: unknown types and unreadable data.
    pub unread: u32,
    /// Codes that others gave it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Alias>,
    /// Whether it comes from a simulation.
    pub simulated: bool,
}

impl Row {
    /// The row of a folded dossier; none while its desk has not been heard.
    pub fn of(tale: &Tale) -> Option<Self> {
        let dossier = tale.dossier.as_ref()?;
        let received = dossier.received();
        let (procedure, field, channel) = match (received, &tale.declined, &tale.registered) {
            (Some(r), _, _) => (
                r.procedure.code.clone(),
                r.procedure.field.clone(),
                r.channel,
            ),
            (None, Some(d), _) => (d.procedure.clone(), d.field.clone(), d.channel),
            (None, None, Some(r)) => (r.procedure.clone(), String::new(), Channel::Online),
            (None, None, None) => return None,
        };
        Some(Self {
            code: dossier.code.clone(),
            home: dossier.home.clone(),
            competent: received.map(|r| r.competent.clone()),
            procedure,
            field,
            channel,
            status: dossier.status(),
            received_at: dossier.intake.received.as_ref().map(|(at, _)| *at),
            declined_at: dossier.intake.declined_at,
            due_at: dossier.promise.due_at,
            limit_unit: dossier.promise.limit.map(|limit| limit.unit()),
            original_due_at: dossier.promise.original_due_at,
            original_limit_unit: received.map(|r| r.limit.unit()),
            end: end_of(dossier),
            judged: judged(dossier),
            holders: holders(dossier),
            paused: dossier.promise.is_paused() && !dossier.outcome.is_settled(),
            apologised: dossier.promise.apologies > 0,
            contested: dossier.contested,
            unread: tale.unknown + tale.unreadable,
            aliases: dossier.intake.aliases.clone(),
            simulated: tale.simulated,
        })
    }

    /// Whether it was received and its processing has not ended.
    pub fn is_open(&self) -> bool {
        self.received_at.is_some() && self.end.is_none()
    }

    /// The units that everybody waits for: those that hold a step, or else the home.
    pub fn awaited(&self) -> Vec<&UnitId> {
        if self.holders.is_empty() {
            vec![&self.home]
        } else {
            self.holders.iter().map(|holder| &holder.unit).collect()
        }
    }
}

fn holders(dossier: &Dossier) -> Vec<Holder> {
    if dossier.outcome.is_settled() {
        return Vec::new();
    }
    let mut holders = Vec::new();
    for (step, turns) in &dossier.walk.turns {
        let Some(turn) = turns.last() else { continue };
        let taken = match dossier.standing(step) {
            Standing::Taken => true,
            Standing::Offered => false,
            _ => continue,
        };
        let number = u32::try_from(turns.len()).unwrap_or(u32::MAX);
        let work = dossier.work.get(&(step.clone(), number));
        holders.push(Holder {
            unit: turn.to.clone(),
            step: step.clone(),
            department: work
                .and_then(|w| w.department.clone())
                .or_else(|| turn.department.clone()),
            taken,
            since: work.and_then(|w| w.accepted_at).unwrap_or(turn.given_at),
            due_at: work.and_then(|w| w.due_at),
        });
    }
    holders
}
