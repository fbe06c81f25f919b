//! Deeds: what the player may do next, and how each is put into words for a unit.

use calendar::Moment;
use dossier::desk::{Decline, Register};
use dossier::ids::{OfficerId, StepKey, UnitId};
use dossier::intake::Person;
use dossier::obligation::AssessObligation;
use dossier::opinion::{AskOpinion, GiveOpinion};
use dossier::outcome::{ReturnResult, Stop, Withdraw};
use dossier::payment::ConfirmPayment;
use dossier::promise::Apologise;
use dossier::receive::Receive;
use dossier::route::Dispatch;
use dossier::step::{Accept, Assign, Complete, DeclineStep, NeedSupplement, SendBack, StepOutcome};
use dossier::supplement::GiveSupplement;
use serde_json::{Value, to_value};

use crate::error::WorkloadError;
use crate::plan::{Plan, StepPlan};

/// Officers at a desk, and behind it.
const AT_THE_DESK: usize = 3;
const BEHIND_IT: usize = 6;

/// One turn of one step, by its place in the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AtStep {
    pub(crate) step: usize,
    pub(crate) turn: u32,
}

/// Something that the player will do, unless what happens until then makes it pointless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Register,
    Receive,
    Decline,
    Accept(AtStep),
    DeclineStep(AtStep),
    Redispatch(AtStep),
    Assign(AtStep),
    NeedSupplement(AtStep),
    AskOpinion(AtStep, u16),
    GiveOpinion(AtStep, u16),
    Assess(AtStep),
    SendBack(AtStep),
    Complete(AtStep),
    GiveSupplement(u32),
    StopWaiting(u32),
    ConfirmPayment(u32),
    LookAhead(u32),
    Apologise(Moment),
    Withdraw,
    StopWithdrawn,
    ReturnResult,
}

impl Deed {
    /// The deed's place among those of its dossier: fixed by what it is, whatever the order in
    /// which events were seen.
    pub(crate) fn slot(self) -> u64 {
        let (kind, at, of) = match self {
            Self::Register => (0, None, 0),
            Self::Receive => (1, None, 0),
            Self::Decline => (2, None, 0),
            Self::Accept(at) => (3, Some(at), 0),
            Self::DeclineStep(at) => (4, Some(at), 0),
            Self::Redispatch(at) => (5, Some(at), 0),
            Self::Assign(at) => (6, Some(at), 0),
            Self::NeedSupplement(at) => (7, Some(at), 0),
            Self::AskOpinion(at, number) => (8, Some(at), u64::from(number)),
            Self::GiveOpinion(at, number) => (9, Some(at), u64::from(number)),
            Self::Assess(at) => (10, Some(at), 0),
            Self::SendBack(at) => (11, Some(at), 0),
            Self::Complete(at) => (12, Some(at), 0),
            Self::GiveSupplement(round) => (13, None, u64::from(round)),
            Self::StopWaiting(round) => (14, None, u64::from(round)),
            Self::ConfirmPayment(round) => (15, None, u64::from(round)),
            Self::LookAhead(count) => (16, None, u64::from(count)),
            Self::Apologise(_) => (17, None, 0),
            Self::Withdraw => (18, None, 0),
            Self::StopWithdrawn => (19, None, 0),
            Self::ReturnResult => (20, None, 0),
        };
        let (step, turn) = at.map_or((0, 0), |at| (at.step as u64, u64::from(at.turn)));
        (turn << 24) | (step << 16) | (of << 8) | kind
    }

    /// The step that the deed is about, where the step's performer does it.
    pub(crate) fn performed(self) -> Option<AtStep> {
        match self {
            Self::Accept(at)
            | Self::DeclineStep(at)
            | Self::Assign(at)
            | Self::NeedSupplement(at)
            | Self::AskOpinion(at, _)
            | Self::GiveOpinion(at, _)
            | Self::Assess(at)
            | Self::SendBack(at)
            | Self::Complete(at) => Some(at),
            _ => None,
        }
    }

    /// The command and its fields; none for what is only thought.
    pub(crate) fn words(
        self,
        plan: &Plan,
        unit: &UnitId,
        at: Moment,
    ) -> Result<Option<(&'static str, Value)>, WorkloadError> {
        let step = |at: AtStep| plan.steps.get(at.step).map(|step| (step, step.key.clone()));
        let words = match self {
            Self::Register => (
                "register",
                to_value(Register::<Person> {
                    procedure: plan.procedure.clone(),
                    applicant: plan.applicant.clone(),
                })?,
            ),
            Self::Receive => ("receive", receive(plan)?),
            Self::Decline => {
                let reason = plan.declined.clone().unwrap_or_default();
                (
                    "decline",
                    to_value(Decline {
                        procedure: plan.procedure.clone(),
                        channel: plan.channel,
                        reason,
                    })?,
                )
            }
            Self::GiveSupplement(_) => (
                "give_supplement",
                to_value(GiveSupplement {
                    papers: plan.papers.clone(),
                })?,
            ),
            Self::StopWaiting(_) => (
                "stop",
                to_value(Stop {
                    reason: "Quá thời hạn bổ sung, công dân không bổ sung hồ sơ".to_owned(),
                })?,
            ),
            Self::ConfirmPayment(round) => (
                "confirm_payment",
                to_value(ConfirmPayment {
                    voucher: format!("CT-{}-{round}", plan.number),
                })?,
            ),
            Self::Apologise(new_due_at) => {
                let reason =
                    "Chưa hoàn thành thẩm định trong thời hạn; xin lỗi và hẹn lại ngày trả kết quả"
                        .to_owned();
                ("apologise", to_value(Apologise { reason, new_due_at })?)
            }
            Self::Withdraw => (
                "withdraw",
                to_value(Withdraw {
                    reason: "Công dân đề nghị rút hồ sơ".to_owned(),
                })?,
            ),
            Self::StopWithdrawn => (
                "stop",
                to_value(Stop {
                    reason: "Theo đề nghị rút hồ sơ của công dân".to_owned(),
                })?,
            ),
            Self::ReturnResult => (
                "return_result",
                to_value(ReturnResult {
                    channel: plan.fetched,
                })?,
            ),
            Self::LookAhead(_) => return Ok(None),
            Self::Redispatch(at) => {
                let Some((planned, key)) = step(at) else {
                    return Ok(None);
                };
                let Some(to) = planned.misdirected.clone() else {
                    return Ok(None);
                };
                let reason = "Đơn vị nhận trước trả lời không thuộc thẩm quyền".to_owned();
                (
                    "dispatch",
                    to_value(Dispatch {
                        step: key,
                        to,
                        reason,
                    })?,
                )
            }
            _ => {
                let Some((planned, key)) = self.performed().and_then(step) else {
                    return Ok(None);
                };
                self.at_work(planned, key, plan.number, unit, at)?
            }
        };
        Ok(Some(words))
    }

    fn at_work(
        self,
        planned: &StepPlan,
        step: StepKey,
        number: usize,
        unit: &UnitId,
        at: Moment,
    ) -> Result<(&'static str, Value), WorkloadError> {
        let opinion_of = |n: u16| planned.opinions.get(usize::from(n).saturating_sub(1));
        Ok(match self {
            Self::DeclineStep(_) => (
                "decline_step",
                to_value(DeclineStep {
                    step,
                    reason: "Không thuộc thẩm quyền giải quyết của đơn vị".to_owned(),
                })?,
            ),
            Self::Assign(_) => (
                "assign",
                to_value(Assign {
                    step,
                    officer: officer(unit, number, true)?,
                })?,
            ),
            Self::NeedSupplement(_) => {
                let items = planned.supplement.iter().map(|s| s.item.clone()).collect();
                let reason = "Hồ sơ chưa đủ điều kiện để giải quyết".to_owned();
                (
                    "need_supplement",
                    to_value(NeedSupplement {
                        step,
                        items,
                        reason,
                    })?,
                )
            }
            Self::AskOpinion(_, n) => {
                let days = opinion_of(n).map_or(0, |opinion| i64::from(opinion.days_allowed));
                let of = opinion_of(n)
                    .map(|opinion| opinion.of.clone())
                    .unwrap_or_default();
                let question = "Đề nghị cho ý kiến về nội dung thuộc lĩnh vực quản lý".to_owned();
                (
                    "ask_opinion",
                    to_value(AskOpinion {
                        step,
                        of,
                        question,
                        due_at: at + chrono::TimeDelta::days(days),
                    })?,
                )
            }
            Self::GiveOpinion(_, opinion) => (
                "give_opinion",
                to_value(GiveOpinion {
                    step,
                    opinion,
                    summary: "Thống nhất".to_owned(),
                })?,
            ),
            Self::Assess(_) => {
                let amount_vnd = planned
                    .obligation
                    .as_ref()
                    .map_or(0, |owed| owed.amount_vnd);
                (
                    "assess_obligation",
                    to_value(AssessObligation {
                        step,
                        amount_vnd,
                        notice: format!("TB-{number}"),
                    })?,
                )
            }
            Self::SendBack(_) => {
                let to_step = planned.sent_back_to.clone().unwrap_or_else(|| step.clone());
                let reason = "Số liệu chưa khớp, đề nghị kiểm tra lại".to_owned();
                (
                    "send_back",
                    to_value(SendBack {
                        step,
                        to_step,
                        reason,
                    })?,
                )
            }
            Self::Complete(_) => {
                let outcome = planned
                    .rejected
                    .clone()
                    .map_or(StepOutcome::Approved, StepOutcome::Rejected);
                (
                    "complete",
                    to_value(Complete {
                        step,
                        outcome,
                        documents: Vec::new(),
                    })?,
                )
            }
            _ => ("accept", to_value(Accept { step })?),
        })
    }
}

fn receive(plan: &Plan) -> Result<Value, serde_json::Error> {
    to_value(Receive::<Person> {
        procedure: plan.procedure.clone(),
        channel: plan.channel,
        applicant: plan.applicant.clone(),
        delegate: plan.delegate.clone(),
        papers: plan.papers.clone(),
        at_once: plan.at_once,
        options: Vec::new(),
        sets: 1,
        return_by: None,
        paper: None,
        aliases: Vec::new(),
        outside: false,
    })
}

/// Somebody of the unit; always the same for one dossier.
pub(crate) fn officer(
    unit: &UnitId,
    number: usize,
    behind_the_desk: bool,
) -> Result<OfficerId, WorkloadError> {
    let who = if behind_the_desk {
        AT_THE_DESK + number % BEHIND_IT
    } else {
        number % AT_THE_DESK
    } + 1;
    let id = format!("cb-{}-{who:02}", unit.as_str().to_ascii_lowercase());
    OfficerId::parse(&id).map_err(|error| WorkloadError::Unfit(error.to_string()))
}
