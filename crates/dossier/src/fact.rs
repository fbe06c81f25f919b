//! Every fact that can be stated about a dossier: the table of contents of the business.
//!
//! A fact is what happened. Who may state it is part of its meaning: the home unit writes the
//! dossier's own timeline, the unit that a step was dispatched to writes about that step, and an
//! overseeing unit writes about its own watch.

use serde::Serialize;

use crate::ids::StepKey;
use crate::{
    alert, clock, intake, intervention, notice, obligation, opinion, outcome, oversight, payment,
    privacy, promise, route, step, supplement,
};

/// One fact. Each variant is described beside its part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[allow(missing_docs)]
pub enum Fact {
    // Intake (tiếp nhận), written by the unit whose desk it came to.
    Registered(intake::Registered),
    Received(Box<intake::Received>),
    Declined(intake::Declined),
    // The dossier's own timeline, written by the home unit.
    Dispatched(route::Dispatched),
    SupplementAsked(supplement::Asked),
    SupplementGiven(supplement::Given),
    PaymentAsked(payment::Asked),
    PaymentConfirmed(payment::Confirmed),
    Apologised(promise::Apologised),
    ClockPaused(clock::Paused),
    ClockResumed(clock::Resumed),
    ClockStarted(clock::Started),
    DueDateRecomputed(clock::Recomputed),
    Repinned(Box<intake::Repinned>),
    Aliased(intake::Aliased),
    AlertRaised(alert::Raised),
    AlertSettled(alert::Settled),
    Refused(outcome::Refused),
    Withdrawn(outcome::Withdrawn),
    Stopped(outcome::Stopped),
    ResultReady(outcome::ResultReady),
    ResultReturned(outcome::ResultReturned),
    PartReturned(outcome::PartReturned),
    // Work on a step, written by the unit it was dispatched to.
    StepAccepted(step::Accepted),
    StepDeclined(step::Declined),
    StepAllotted(step::Allotted),
    StepAssigned(step::Assigned),
    SupplementNeeded(step::SupplementNeeded),
    OpinionAsked(opinion::OpinionAsked),
    OpinionGiven(opinion::OpinionGiven),
    ObligationAssessed(obligation::ObligationAssessed),
    StepSentBack(step::SentBack),
    StepCompleted(step::Completed),
    StepApologised(step::StepApologised),
    // The watch over other units (NĐ 61/2018 art. 19.7), written by the overseeing unit.
    Reminded(oversight::Reminded),
    // About no single dossier: the authority over the calendar, and a unit about its own periods.
    CalendarDeclared(notice::CalendarDeclared),
    PeriodClosed(Box<notice::PeriodClosed>),
    PeriodRestated(Box<notice::PeriodRestated>),
    // What an operator did to a unit's record, written by that unit.
    JournalRestored(Box<intervention::JournalRestored>),
    JournalRepaired(intervention::JournalRepaired),
    QuarantineRetried(Box<intervention::QuarantineRetried>),
    QuarantineRejected(intervention::QuarantineRejected),
    KeyRotated(Box<intervention::KeyRotated>),
    KeyRevoked(intervention::KeyRevoked),
    // Personal data: who read it and where its key is, written by whoever had it in hand.
    Read(privacy::Read),
    KeyGranted(privacy::KeyGranted),
    ErasureRefused(Box<privacy::ErasureRefused>),
    ErasureOrdered(Box<privacy::ErasureOrdered>),
    KeysDestroyed(privacy::KeysDestroyed),
    Erased(Box<privacy::Erased>),
}

/// Who may state a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Writer<'a> {
    /// The unit whose desk takes the dossier in, and which is its home from then on.
    Desk,
    /// The dossier's home unit.
    Home,
    /// The unit that this turn of the step was dispatched to.
    Performer(&'a StepKey, u32),
    /// The dossier's home, about the keys of its personal data: also where it was never received.
    Custodian,
    /// The home or a unit that was given a step, about personal data that it had in hand.
    KeyHolder,
    /// The unit that watches over others; it says nothing about a dossier's course.
    Overseer,
    /// A unit about itself or its authority; it says nothing about a dossier.
    Itself,
}

impl Fact {
    /// Who may state this fact.
    pub fn writer(&self) -> Writer<'_> {
        match self {
            Self::Registered(_) | Self::Received(_) | Self::Declined(_) => Writer::Desk,
            Self::Dispatched(_)
            | Self::SupplementAsked(_)
            | Self::SupplementGiven(_)
            | Self::PaymentAsked(_)
            | Self::PaymentConfirmed(_)
            | Self::Apologised(_)
            | Self::ClockPaused(_)
            | Self::ClockResumed(_)
            | Self::ClockStarted(_)
            | Self::DueDateRecomputed(_)
            | Self::Repinned(_)
            | Self::Aliased(_)
            | Self::AlertRaised(_)
            | Self::AlertSettled(_)
            | Self::PartReturned(_)
            | Self::Refused(_)
            | Self::Withdrawn(_)
            | Self::Stopped(_)
            | Self::ResultReady(_)
            | Self::ResultReturned(_) => Writer::Home,
            Self::StepAccepted(f) => Writer::Performer(&f.step, f.turn),
            Self::StepDeclined(f) => Writer::Performer(&f.step, f.turn),
            Self::StepAllotted(f) => Writer::Performer(&f.step, f.turn),
            Self::StepAssigned(f) => Writer::Performer(&f.step, f.turn),
            Self::SupplementNeeded(f) => Writer::Performer(&f.step, f.turn),
            Self::OpinionAsked(f) => Writer::Performer(&f.step, f.turn),
            Self::OpinionGiven(f) => Writer::Performer(&f.step, f.turn),
            Self::ObligationAssessed(f) => Writer::Performer(&f.step, f.turn),
            Self::StepSentBack(f) => Writer::Performer(&f.step, f.turn),
            Self::StepCompleted(f) => Writer::Performer(&f.step, f.turn),
            Self::StepApologised(f) => Writer::Performer(&f.step, f.turn),
            Self::Reminded(_) => Writer::Overseer,
            Self::CalendarDeclared(_)
            | Self::PeriodClosed(_)
            | Self::PeriodRestated(_)
            | Self::JournalRestored(_)
            | Self::JournalRepaired(_)
            | Self::QuarantineRetried(_)
            | Self::QuarantineRejected(_)
            | Self::KeyRotated(_)
            | Self::KeyRevoked(_) => Writer::Itself,
            Self::KeyGranted(_)
            | Self::ErasureRefused(_)
            | Self::ErasureOrdered(_)
            | Self::Erased(_) => Writer::Custodian,
            Self::Read(_) | Self::KeysDestroyed(_) => Writer::KeyHolder,
        }
    }
}
