//! Commands as they come in: one envelope for all, one name for each, and the part of the domain
//! that decides it.

use calendar::Moment;
use dossier::case::{Case, Refusal};
use dossier::fact::Fact;
use dossier::ids::{DossierCode, OfficerId};
use dossier::{
    alert, alias, clock, desk, erase, group, obligation, opinion, outcome, payment, promise,
    receive, repin, route, step, supplement,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::{keys, notice, quarantine, recovery};

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
#[allow(missing_docs, reason = "each is documented by the type that it holds")]
pub enum Command {
    Register(desk::Register),
    Receive(Box<receive::Receive>),
    Decline(desk::Decline),
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
    ReturnPart(outcome::ReturnPart),
    Pause(clock::Pause),
    Resume(clock::Resume),
    NoteAlias(alias::NoteAlias),
    MoveVersion(repin::MoveVersion),
    RaiseAlert(alert::RaiseAlert),
    SettleAlert(alert::SettleAlert),
    Erase(erase::Erase),
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
    ApologiseStep(group::ApologiseStep),
    DeclareDays(notice::DeclareDays),
    ClosePeriod(Box<notice::ClosePeriod>),
    RestatePeriod(Box<notice::RestatePeriod>),
    RetryQuarantined(quarantine::RetryQuarantined),
    RejectQuarantined(quarantine::RejectQuarantined),
    GoOnWithout(recovery::GoOnWithout),
    RotateKey(keys::RotateKey),
    RevokeKey(keys::RevokeKey),
}

/// What a desk may be asked by anyone who may reach it. Nothing is written for it, except that somebody
/// read personal data (`applicant`) or was given its key (`key`).
pub const QUESTIONS: [&str; 9] = [
    "worklist",
    "show",
    "applicant",
    "key",
    "readings",
    "backdated",
    "quarantine",
    "health",
    "back_up",
];

/// Commands of an operator about a unit's own record, the same at every level.
pub const UPKEEP: [&str; 5] = [
    "retry_quarantined",
    "reject_quarantined",
    "go_on_without",
    "rotate_key",
    "revoke_key",
];

/// Commands of intake: new dossiers.
pub const INTAKE: [&str; 3] = ["register", "receive", "decline"];

/// Commands of a home unit about its own dossiers.
pub const HOME: [&str; 18] = [
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
    "return_part",
    "pause",
    "resume",
    "note_alias",
    "move_version",
    "raise_alert",
    "settle_alert",
    "erase",
];

/// Commands of a unit with a desk about its own reports.
pub const PERIODS: [&str; 2] = ["close_period", "restate_period"];

/// Commands of any performer about its step.
pub const STEP: [&str; 8] = [
    "accept",
    "decline_step",
    "assign",
    "need_supplement",
    "ask_opinion",
    "give_opinion",
    "complete",
    "apologise_step",
];

impl Command {
    /// Reads the data of the command `name`, once nothing in it is in the clear.
    ///
    /// # Errors
    /// When the name is no command, or the data is not what it takes; the message names the field.
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
            "return_part" => Self::ReturnPart(of(data)?),
            "pause" => Self::Pause(of(data)?),
            "resume" => Self::Resume(of(data)?),
            "note_alias" => Self::NoteAlias(of(data)?),
            "move_version" => Self::MoveVersion(of(data)?),
            "raise_alert" => Self::RaiseAlert(of(data)?),
            "settle_alert" => Self::SettleAlert(of(data)?),
            "erase" => Self::Erase(of(data)?),
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
            "apologise_step" => Self::ApologiseStep(of(data)?),
            "declare_days" => Self::DeclareDays(of(data)?),
            "close_period" => Self::ClosePeriod(of(data)?),
            "restate_period" => Self::RestatePeriod(of(data)?),
            "retry_quarantined" => Self::RetryQuarantined(of(data)?),
            "reject_quarantined" => Self::RejectQuarantined(of(data)?),
            "go_on_without" => Self::GoOnWithout(of(data)?),
            "rotate_key" => Self::RotateKey(of(data)?),
            "revoke_key" => Self::RevokeKey(of(data)?),
            other => {
                return Err(serde::de::Error::custom(format!(
                    "there is no command {other}"
                )));
            }
        })
    }

    /// Decides a command about a dossier that this unit knows. Intake, erasure and the move to another
    /// version are decided at the desk, which has the catalogue; what is about no dossier, by the unit.
    ///
    /// # Errors
    /// The refusal, for the officer, in Vietnamese with its rule.
    pub fn decide(self, case: &Case<'_>, officer: &OfficerId) -> Result<Vec<Fact>, Refusal> {
        match self {
            Self::Register(_)
            | Self::Receive(_)
            | Self::Decline(_)
            | Self::MoveVersion(_)
            | Self::Erase(_)
            | Self::DeclareDays(_)
            | Self::ClosePeriod(_)
            | Self::RestatePeriod(_)
            | Self::RetryQuarantined(_)
            | Self::RejectQuarantined(_)
            | Self::GoOnWithout(_)
            | Self::RotateKey(_)
            | Self::RevokeKey(_) => Ok(Vec::new()),
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
            Self::ReturnPart(c) => c.decide(case, officer),
            Self::Pause(c) => c.decide(case),
            Self::Resume(c) => c.decide(case),
            Self::NoteAlias(c) => c.decide(case),
            Self::RaiseAlert(c) => c.decide(case),
            Self::SettleAlert(c) => c.decide(case),
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
            Self::ApologiseStep(c) => c.decide(case),
        }
    }
}

fn of<T: DeserializeOwned>(data: &RawValue) -> Result<T, serde_json::Error> {
    serde_json::from_str(data.get())
}
