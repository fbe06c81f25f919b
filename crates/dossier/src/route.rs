//! The walk along the route: whose turn it is, what is ready, what is given out. The home unit
//! dispatches and a performer never forwards behind its back.

use std::collections::{BTreeMap, BTreeSet};

use calendar::{Limit, Moment};
use serde::{Deserialize, Serialize};

use crate::case::{Case, Refusal};
use crate::dossier::Dossier;
use crate::fact::Fact;
use crate::ids::{StepKey, UnitId};
use crate::procedure::{Procedure, RouteStep};
use crate::promise::Wait;
use crate::step::{DocumentRef, SupplementNeeded};
use crate::work::Work;

const RULE: &str = "NĐ 61/2018/NĐ-CP điều 19 khoản 6";

/// A step was given out (phiếu chuyển xử lý; the moment "giao" of Phiếu kiểm soát quá trình giải
/// quyết hồ sơ; NĐ 61/2018/NĐ-CP art. 18.2 and 19.6). It is an offer: from now on the addressee alone
/// answers, once. Written by the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Dispatched {
    /// Which step.
    pub step: StepKey,
    /// The how-manieth time this step is given out, from 1. What a performer of an earlier turn
    /// still writes belongs to its own turn and moves nothing.
    pub turn: u32,
    /// To whom.
    pub to: UnitId,
    /// What is to be done, in Vietnamese.
    pub task: String,
    /// Time allowed from the moment the addressee takes it.
    pub limit: Limit,
    /// The department, where the route names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// Results of the steps this one builds on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<DocumentRef>,
    /// Why it is given out again, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// One turn of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// To whom it was given.
    pub to: UnitId,
    /// When it was given.
    pub given_at: Moment,
    /// Time allowed.
    pub limit: Limit,
    /// The department named by the route.
    pub department: Option<String>,
    /// How many of the performer's needs were passed on to the citizen.
    pub supplements_asked: usize,
    /// Whether the obligation that it assessed was passed on to the citizen.
    pub payment_asked: bool,
}

/// State of the walk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Walk {
    /// The route as copied at reception.
    pub steps: Vec<RouteStep>,
    /// Turns of each step, in order.
    pub turns: BTreeMap<StepKey, Vec<Turn>>,
}

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Not given out yet.
    Waiting,
    /// Given, not answered.
    Offered,
    /// Taken and being worked on.
    Taken,
    /// Answered with "not ours".
    Declined,
    /// Sent back for correction of an earlier step.
    SentBack,
    /// Done with a result.
    Done,
    /// Done: not eligible.
    Rejected,
}

/// The route that a dossier takes: the steps that are always walked, and those that a chosen option
/// asks for. An input that is not walked is not waited for, so that a step may name several that
/// exclude one another.
pub(crate) fn walked(procedure: &Procedure, options: &[String]) -> Result<Vec<RouteStep>, Refusal> {
    options_known(procedure, options)?;
    let chosen = |step: &&RouteStep| {
        step.option
            .as_ref()
            .is_none_or(|option| options.contains(option))
    };
    let mut steps: Vec<RouteStep> = procedure.route.iter().filter(chosen).cloned().collect();
    let keys: BTreeSet<StepKey> = steps.iter().map(|step| step.key.clone()).collect();
    for step in &mut steps {
        step.inputs.retain(|input| keys.contains(input));
    }
    if steps.is_empty() {
        return Err(Refusal::new(
            "route.empty",
            format!(
                "Với các lựa chọn đã ghi, quy trình của thủ tục {} không có bước nào; {}",
                procedure.code,
                options_offered(procedure)
            ),
            RULE,
        ));
    }
    Ok(steps)
}

/// Refuses options that the procedure has not, and an option chosen twice.
pub(crate) fn options_known(procedure: &Procedure, options: &[String]) -> Result<(), Refusal> {
    /// Enough of a mistaken option to recognise it by.
    const SHOWN_CHARS: usize = 40;
    for (position, option) in options.iter().enumerate() {
        let shown: String = option.chars().take(SHOWN_CHARS).collect();
        if !offered(procedure).contains(option.as_str()) {
            return Err(Refusal::new(
                "intake.option_unknown",
                format!(
                    "Thủ tục {} không có lựa chọn \"{shown}\"; {}",
                    procedure.code,
                    options_offered(procedure)
                ),
                RULE,
            ));
        }
        if options[..position].contains(option) {
            return Err(Refusal::new(
                "intake.option_twice",
                format!("Lựa chọn \"{shown}\" ghi hai lần"),
                RULE,
            ));
        }
    }
    Ok(())
}

fn offered(procedure: &Procedure) -> BTreeSet<&str> {
    let steps = procedure.route.iter().filter_map(|s| s.option.as_deref());
    steps
        .chain(procedure.options.iter().map(String::as_str))
        .collect()
}

fn options_offered(procedure: &Procedure) -> String {
    let offered: Vec<&str> = offered(procedure).into_iter().collect();
    if offered.is_empty() {
        "thủ tục này không có lựa chọn nào".to_owned()
    } else {
        format!("các lựa chọn: {}", offered.join(", "))
    }
}

impl Dossier {
    /// Where a step stands, by its latest turn.
    pub fn standing(&self, step: &StepKey) -> Standing {
        let turn = self.walk.turns.get(step).map_or(0, Vec::len);
        if turn == 0 {
            return Standing::Waiting;
        }
        self.work
            .get(&(step.clone(), turn as u32))
            .map_or(Standing::Offered, |work| work.standing())
    }

    /// Steps that can be given out now: every input done, payment settled where it is needed, and
    /// no turn running or declined.
    fn ready(&self) -> impl Iterator<Item = &RouteStep> {
        self.walk.steps.iter().filter(|step| {
            matches!(
                self.standing(&step.key),
                Standing::Waiting | Standing::SentBack
            ) && step
                .inputs
                .iter()
                .all(|input| self.standing(input) == Standing::Done)
                && !(step.after_payment && self.owes_payment())
        })
    }

    fn owes_payment(&self) -> bool {
        self.promise.waits_for(Wait::Payment) || self.obligation_not_asked().is_some()
    }

    /// Steps with their latest turn and the work on it.
    fn latest(&self) -> impl Iterator<Item = (&StepKey, &Turn, &Work)> {
        self.walk.turns.iter().filter_map(|(step, turns)| {
            let work = self.work.get(&(step.clone(), turns.len() as u32))?;
            Some((step, turns.last()?, work))
        })
    }

    /// The first need of a performer that the citizen was not told of yet.
    pub(crate) fn need_not_asked(&self) -> Option<&SupplementNeeded> {
        self.latest()
            .filter(|(_, _, work)| work.standing() == Standing::Taken)
            .find_map(|(_, turn, work)| work.needs.get(turn.supplements_asked))
    }

    /// The first obligation that the citizen was not told of yet: of which step, how much, by which
    /// notice.
    pub(crate) fn obligation_not_asked(&self) -> Option<(&StepKey, u64, &str)> {
        self.latest().find_map(|(step, turn, work)| {
            let amount_vnd = work
                .obligation_vnd
                .filter(|amount| *amount > 0 && !turn.payment_asked)?;
            Some((step, amount_vnd, work.notice.as_deref().unwrap_or_default()))
        })
    }

    /// Whether a need of this step was not asked of the citizen yet, or was and is awaited.
    pub(crate) fn unanswered_need(&self, step: &StepKey) -> bool {
        let not_asked = self
            .latest()
            .any(|(key, turn, work)| key == step && work.needs.len() > turn.supplements_asked);
        let last = self.supplements.rounds.last();
        not_asked
            || last
                .is_some_and(|round| round.given_at.is_none() && round.step.as_ref() == Some(step))
    }

    /// Whether every step of the route is done.
    pub fn is_walked(&self) -> bool {
        self.walk
            .steps
            .iter()
            .all(|step| self.standing(&step.key) == Standing::Done)
    }

    /// Units that are told what the home writes: those that ever had a turn, and the overseer.
    pub fn engaged(&self) -> BTreeSet<&UnitId> {
        let turns = self.walk.turns.values().flatten().map(|turn| &turn.to);
        let received = self.intake.received.as_ref();
        let overseer = received.and_then(|(_, r)| {
            if r.route.is_empty() {
                None
            } else {
                r.overseer.as_ref()
            }
        });
        turns
            .chain(overseer)
            .filter(|unit| **unit != self.home)
            .collect()
    }

    fn dispatch(&self, step: &RouteStep, to: UnitId, reason: Option<String>) -> Fact {
        let turn = self.next_turn(&step.key);
        let documents = step
            .inputs
            .iter()
            .flat_map(|input| self.documents_of(input))
            .cloned()
            .collect();
        Fact::Dispatched(Dispatched {
            step: step.key.clone(),
            turn,
            department: step.department.clone().filter(|_| to == step.unit),
            to,
            task: step.task.clone(),
            limit: step.limit,
            documents,
            reason,
        })
    }

    fn documents_of(&self, step: &StepKey) -> &[DocumentRef] {
        let turn = self.walk.turns.get(step).map_or(0, Vec::len) as u32;
        self.work
            .get(&(step.clone(), turn))
            .map_or(&[], |work| &work.documents)
    }

    /// Habit of every home: give out all that is ready, at once (electronic dossiers go to all
    /// agencies at the same time, art. 19.6b).
    pub(crate) fn dispatch_ready(&self) -> Vec<Fact> {
        self.ready()
            .map(|step| self.dispatch(step, step.unit.clone(), None))
            .collect()
    }

    /// Habit of every home: a step sent back opens a new turn of the step to be corrected, unless
    /// that is being corrected already: an offer cannot be taken back by making another.
    pub(crate) fn dispatch_again(&self, step: &StepKey, reason: &str) -> Option<Fact> {
        if self.standing(step) != Standing::Done {
            return None;
        }
        let step = self.walk.steps.iter().find(|s| s.key == *step)?;
        let last = self.walk.turns.get(&step.key)?.last()?;
        Some(self.dispatch(step, last.to.clone(), Some(reason.to_owned())))
    }
}

/// Command: give a step out elsewhere, after the unit it went to declined it for want of
/// competence. The code stays the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Dispatch {
    /// Which step.
    pub step: StepKey,
    /// To whom.
    pub to: UnitId,
    /// Why there, in Vietnamese.
    pub reason: String,
}

impl Dispatch {
    /// Only a declined step can go elsewhere: an offer cannot be taken back by the one who made it.
    pub fn decide(self, case: &Case<'_>) -> Result<Vec<Fact>, Refusal> {
        case.home_open()?;
        let dossier = case.dossier;
        let Some(step) = dossier.walk.steps.iter().find(|step| step.key == self.step) else {
            return Err(Refusal::new(
                "route.no_such_step",
                format!("Quy trình không có bước {}", self.step),
                RULE,
            ));
        };
        match dossier.standing(&self.step) {
            Standing::Declined => Ok(vec![dossier.dispatch(step, self.to, Some(self.reason))]),
            Standing::Waiting | Standing::SentBack => Err(Refusal::new(
                "route.inputs_open",
                "Bước này còn chờ kết quả của bước trước hoặc nghĩa vụ tài chính",
                RULE,
            )),
            _ => Err(Refusal::new(
                "route.already_given",
                "Bước này đã giao; chỉ đơn vị nhận được trả lời, không được rút lại",
                RULE,
            )),
        }
    }
}
