//! The desk (Bộ phận Một cửa): what it knows when someone stands before it, and its shorter answers.
//! The longer one is [`crate::receive`].

use calendar::{Calendar, DeskDays, Moment};
use serde::{Deserialize, Serialize};

use crate::case::Refusal;
use crate::fact::Fact;
use crate::ids::{OfficerId, ProcedureCode, UnitId};
use crate::intake::{Channel, Declined, Intake, Registered, Sealed, reason_given};
use crate::procedure::Procedure;

/// What a desk knows when someone stands before it: no dossier yet, or one registered online.
#[derive(Debug, Clone, Copy)]
pub struct AtTheDesk<'a> {
    /// The unit whose desk it is: the home of what it takes in.
    pub me: &'a UnitId,
    /// When.
    pub at: Moment,
    /// The officer at the desk.
    pub officer: &'a OfficerId,
    /// The procedure, with the route resolved for this desk.
    pub procedure: &'a Procedure,
    /// The unit that may decide.
    pub competent: &'a UnitId,
    /// The unit that watches over this desk.
    pub overseer: Option<&'a UnitId>,
    /// Working time.
    pub calendar: &'a Calendar,
    /// The days on which the desk receives over the counter.
    pub desk_days: DeskDays,
    /// The online submission, if this is one.
    pub registered: Option<&'a Intake>,
}

impl AtTheDesk<'_> {
    pub(crate) fn undecided(&self) -> Result<(), Refusal> {
        match self.registered {
            Some(intake) if intake.received.is_some() => Err(Refusal::new(
                "intake.already_received",
                "Hồ sơ đã được tiếp nhận",
                "NĐ 61/2018/NĐ-CP điều 17 khoản 3: mỗi hồ sơ một mã số",
            )),
            Some(intake) if intake.declined_at.is_some() => Err(Refusal::new(
                "intake.already_declined",
                "Hồ sơ đã bị từ chối tiếp nhận",
                "NĐ 61/2018/NĐ-CP điều 17 khoản 1 điểm b",
            )),
            _ => Ok(()),
        }
    }

    /// Whether it is taken in over the counter on a day on which this desk does not receive (ngày tiếp
    /// nhận: working days; Saturdays by QĐ 127/2007/QĐ-TTg). No rule forbids serving who stands there;
    /// portals and the post know no such days.
    pub(crate) fn is_off_days(&self, channel: Channel) -> Result<bool, Refusal> {
        let date = self.at.with_timezone(&calendar::hanoi()).date_naive();
        let receives = self.desk_days.receives_on(self.calendar, date);
        let receives = receives.map_err(|error| Refusal::calendar(&error))?;
        Ok(channel == Channel::Direct && !receives)
    }
}

/// Command: note an online submission. `P` is [`crate::intake::Person`] on the wire, [`Sealed`] inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Register<P = Sealed> {
    /// What is applied for.
    pub procedure: ProcedureCode,
    /// Who applies.
    pub applicant: P,
}

impl Register {
    /// A submission is noted as it came.
    pub fn decide(self) -> Vec<Fact> {
        vec![Fact::Registered(Registered {
            procedure: self.procedure,
            applicant: self.applicant,
        })]
    }
}

/// Command: do not take a dossier in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Decline {
    /// What was applied for.
    pub procedure: ProcedureCode,
    /// How it came in.
    pub channel: Channel,
    /// Reason in Vietnamese.
    pub reason: String,
}

impl Decline {
    /// Declined with its reason.
    ///
    /// # Errors
    /// [`Refusal`] when the dossier was decided already, or no reason is given.
    pub fn decide(self, desk: &AtTheDesk<'_>) -> Result<Vec<Fact>, Refusal> {
        desk.undecided()?;
        reason_given(&self.reason, "NĐ 61/2018/NĐ-CP điều 17 khoản 1 điểm b")?;
        Ok(vec![Fact::Declined(Declined {
            procedure: self.procedure,
            field: desk.procedure.field.clone(),
            channel: self.channel,
            reason: self.reason,
            officer: desk.officer.clone(),
        })])
    }
}
