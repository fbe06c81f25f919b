//! Commands as they come in: one envelope for all, one name for each, and the part of the domain
//! that decides it.

use calendar::Moment;
use dossier::case::{Case, Refusal};
use dossier::fact::Fact;
use dossier::ids::{DossierCode, OfficerId};
use dossier::{intake, obligation, opinion, outcome, payment, promise, route, step, supplement};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

/// What every command carries.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CommandEnvelope<D = Box<RawValue>> {
    /// Chosen by the caller; repeating it returns the first outcome.
    pub id: Uuid,
    /// Who acts.
    pub officer: OfficerId,
    /// When it happened, where that was not now (paper back-entry, simulated profiles).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
    /// Which dossier; none for a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dossier: Option<DossierCode>,
    /// The command's own fields.
    pub data: D,
}

/// A command, read.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum Command {
    Register(intake::Register),
    Receive(Box<intake::Receive>),
    Decline(intake::Decline),
    Dispatch(route::Dispatch),
    AskSupplement(supplement::AskSupplement),
    GiveSupplement(supplement::GiveSupplement),
    AskPayment(payment::AskPayment),
    ConfirmPayment(payment::ConfirmPayment),
    Apologise(promise::Apologise),
    Withdraw(outcome::Withdraw),
    Stop(outcome::Stop),
    Refuse(outcome::Refuse),
    ReturnResult(outcome::ReturnResult),
    Accept(step::Accept),
    DeclineStep(step::DeclineStep),
    Allot(step::Allot),
    Assign(step::Assign),
    NeedSupplement(step::NeedSupplement),
    AskOpinion(opinion::AskOpinion),
    GiveOpinion(opinion::GiveOpinion),
    AssessObligation(obligation::AssessObligation),
    SendBack(step::SendBack),
    Complete(step::Complete),
}

/// What a desk may be asked by anyone who may reach it, without anything being written.
pub const QUESTIONS: [&str; 4] = ["worklist", "show", "applicant", "key"];

/// Commands of intake: new dossiers.
pub const INTAKE: [&str; 3] = ["register", "receive", "decline"];

/// Commands of a home unit about its own dossiers.
pub const HOME: [&str; 10] = [
    "dispatch",
    "ask_supplement",
    "give_supplement",
    "ask_payment",
    "confirm_payment",
    "apologise",
    "withdraw",
    "stop",
    "refuse",
    "return_result",
];

/// Commands of any performer about its step.
pub const STEP: [&str; 7] = [
    "accept",
    "decline_step",
    "assign",
    "need_supplement",
    "ask_opinion",
    "give_opinion",
    "complete",
];

impl Command {
    /// Reads the data of the command `name`, once nothing in it is in the clear.
    pub fn read(name: &str, data: &RawValue) -> Result<Self, serde_json::Error> {
        Ok(match name {
            "register" => Self::Register(of(data)?),
            "receive" => Self::Receive(of(data)?),
            "decline" => Self::Decline(of(data)?),
            "dispatch" => Self::Dispatch(of(data)?),
            "ask_supplement" => Self::AskSupplement(of(data)?),
            "give_supplement" => Self::GiveSupplement(of(data)?),
            "ask_payment" => Self::AskPayment(of(data)?),
            "confirm_payment" => Self::ConfirmPayment(of(data)?),
            "apologise" => Self::Apologise(of(data)?),
            "withdraw" => Self::Withdraw(of(data)?),
            "stop" => Self::Stop(of(data)?),
            "refuse" => Self::Refuse(of(data)?),
            "return_result" => Self::ReturnResult(of(data)?),
            "accept" => Self::Accept(of(data)?),
            "decline_step" => Self::DeclineStep(of(data)?),
            "allot" => Self::Allot(of(data)?),
            "assign" => Self::Assign(of(data)?),
            "need_supplement" => Self::NeedSupplement(of(data)?),
            "ask_opinion" => Self::AskOpinion(of(data)?),
            "give_opinion" => Self::GiveOpinion(of(data)?),
            "assess_obligation" => Self::AssessObligation(of(data)?),
            "send_back" => Self::SendBack(of(data)?),
            "complete" => Self::Complete(of(data)?),
            other => {
                return Err(serde::de::Error::custom(format!(
                    "there is no command {other}"
                )));
            }
        })
    }

    /// Decides a command about a dossier that this unit knows. Intake is decided at the desk.
    pub fn decide(self, case: &Case<'_>, officer: &OfficerId) -> Result<Vec<Fact>, Refusal> {
        match self {
            Self::Register(_) | Self::Receive(_) | Self::Decline(_) => Ok(Vec::new()),
            Self::Dispatch(c) => c.decide(case),
            Self::AskSupplement(c) => c.decide(case),
            Self::GiveSupplement(c) => c.decide(case),
            Self::AskPayment(c) => c.decide(case),
            Self::ConfirmPayment(c) => c.decide(case),
            Self::Apologise(c) => c.decide(case),
            Self::Withdraw(c) => c.decide(case),
            Self::Stop(c) => c.decide(case),
            Self::Refuse(c) => c.decide(case),
            Self::ReturnResult(c) => c.decide(case, officer),
            Self::Accept(c) => c.decide(case),
            Self::DeclineStep(c) => c.decide(case),
            Self::Allot(c) => c.decide(case),
            Self::Assign(c) => c.decide(case),
            Self::NeedSupplement(c) => c.decide(case),
            Self::AskOpinion(c) => c.decide(case),
            Self::GiveOpinion(c) => c.decide(case),
            Self::AssessObligation(c) => c.decide(case),
            Self::SendBack(c) => c.decide(case),
            Self::Complete(c) => c.decide(case),
        }
    }
}

fn of<T: DeserializeOwned>(data: &RawValue) -> Result<T, serde_json::Error> {
    serde_json::from_str(data.get())
}
