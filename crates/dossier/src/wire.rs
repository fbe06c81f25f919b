//! The names of facts on the wire. This table is the published language: a name, once released,
//! keeps its meaning for ever; a new meaning is a new version beside it.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::fact::Fact;

/// Data that is not of the form its type name promises.
#[derive(Debug, thiserror::Error)]
#[error("the data of {kind} is not readable: {}", cut(.source))]
pub struct Unreadable {
    kind: String,
    source: serde_json::Error,
}

/// Every type name, in the order of their publication.
pub const KINDS: [&str; 50] = [
    "vn.motcua.dossier.registered.v1",
    "vn.motcua.dossier.received.v1",
    "vn.motcua.dossier.declined.v1",
    "vn.motcua.step.dispatched.v1",
    "vn.motcua.supplement.asked.v1",
    "vn.motcua.supplement.given.v1",
    "vn.motcua.payment.asked.v1",
    "vn.motcua.payment.confirmed.v1",
    "vn.motcua.dossier.apologised.v1",
    "vn.motcua.dossier.refused.v1",
    "vn.motcua.dossier.withdrawn.v1",
    "vn.motcua.dossier.stopped.v1",
    "vn.motcua.result.readied.v1",
    "vn.motcua.result.returned.v1",
    "vn.motcua.step.accepted.v1",
    "vn.motcua.step.declined.v1",
    "vn.motcua.step.allotted.v1",
    "vn.motcua.step.assigned.v1",
    "vn.motcua.supplement.needed.v1",
    "vn.motcua.opinion.asked.v1",
    "vn.motcua.opinion.given.v1",
    "vn.motcua.obligation.assessed.v1",
    "vn.motcua.step.returned.v1",
    "vn.motcua.step.completed.v1",
    "vn.motcua.oversight.reminded.v1",
    "vn.motcua.clock.paused.v1",
    "vn.motcua.clock.resumed.v1",
    "vn.motcua.clock.started.v1",
    "vn.motcua.due_date.recomputed.v1",
    "vn.motcua.procedure.repinned.v1",
    "vn.motcua.code.aliased.v1",
    "vn.motcua.alert.raised.v1",
    "vn.motcua.alert.settled.v1",
    "vn.motcua.result.part_returned.v1",
    "vn.motcua.step.apologised.v1",
    "vn.motcua.calendar.declared.v1",
    "vn.motcua.period.closed.v1",
    "vn.motcua.period.restated.v1",
    "vn.motcua.journal.restored.v1",
    "vn.motcua.journal.repaired.v1",
    "vn.motcua.quarantine.retried.v1",
    "vn.motcua.quarantine.rejected.v1",
    "vn.motcua.personal_data.read.v1",
    "vn.motcua.personal_data.key_granted.v1",
    "vn.motcua.personal_data.erasure_refused.v1",
    "vn.motcua.personal_data.erasure_ordered.v1",
    "vn.motcua.personal_data.keys_destroyed.v1",
    "vn.motcua.personal_data.erased.v1",
    "vn.motcua.key.rotated.v1",
    "vn.motcua.key.revoked.v1",
];

/// The type name of a fact.
pub fn kind(fact: &Fact) -> &'static str {
    let row = match fact {
        Fact::Registered(_) => 0,
        Fact::Received(_) => 1,
        Fact::Declined(_) => 2,
        Fact::Dispatched(_) => 3,
        Fact::SupplementAsked(_) => 4,
        Fact::SupplementGiven(_) => 5,
        Fact::PaymentAsked(_) => 6,
        Fact::PaymentConfirmed(_) => 7,
        Fact::Apologised(_) => 8,
        Fact::Refused(_) => 9,
        Fact::Withdrawn(_) => 10,
        Fact::Stopped(_) => 11,
        Fact::ResultReady(_) => 12,
        Fact::ResultReturned(_) => 13,
        Fact::StepAccepted(_) => 14,
        Fact::StepDeclined(_) => 15,
        Fact::StepAllotted(_) => 16,
        Fact::StepAssigned(_) => 17,
        Fact::SupplementNeeded(_) => 18,
        Fact::OpinionAsked(_) => 19,
        Fact::OpinionGiven(_) => 20,
        Fact::ObligationAssessed(_) => 21,
        Fact::StepSentBack(_) => 22,
        Fact::StepCompleted(_) => 23,
        Fact::Reminded(_) => 24,
        Fact::ClockPaused(_) => 25,
        Fact::ClockResumed(_) => 26,
        Fact::ClockStarted(_) => 27,
        Fact::DueDateRecomputed(_) => 28,
        Fact::Repinned(_) => 29,
        Fact::Aliased(_) => 30,
        Fact::AlertRaised(_) => 31,
        Fact::AlertSettled(_) => 32,
        Fact::PartReturned(_) => 33,
        Fact::StepApologised(_) => 34,
        Fact::CalendarDeclared(_) => 35,
        Fact::PeriodClosed(_) => 36,
        Fact::PeriodRestated(_) => 37,
        Fact::JournalRestored(_) => 38,
        Fact::JournalRepaired(_) => 39,
        Fact::QuarantineRetried(_) => 40,
        Fact::QuarantineRejected(_) => 41,
        Fact::Read(_) => 42,
        Fact::KeyGranted(_) => 43,
        Fact::ErasureRefused(_) => 44,
        Fact::ErasureOrdered(_) => 45,
        Fact::KeysDestroyed(_) => 46,
        Fact::Erased(_) => 47,
        Fact::KeyRotated(_) => 48,
        Fact::KeyRevoked(_) => 49,
    };
    KINDS[row]
}

/// The data of a fact, as it goes into an event.
pub fn write(fact: &Fact) -> Result<Box<RawValue>, Unreadable> {
    serde_json::value::to_raw_value(fact).map_err(|source| Unreadable {
        kind: kind(fact).to_owned(),
        source,
    })
}

/// Reads the data of an event. `None` is a type that this version does not know: it is kept,
/// passed on and counted, never dropped.
pub fn read(kind: &str, data: &RawValue) -> Result<Option<Fact>, Unreadable> {
    let Some(row) = KINDS.iter().position(|known| *known == kind) else {
        return Ok(None);
    };
    let fact = match row {
        0 => Fact::Registered(part(kind, data)?),
        1 => Fact::Received(part(kind, data)?),
        2 => Fact::Declined(part(kind, data)?),
        3 => Fact::Dispatched(part(kind, data)?),
        4 => Fact::SupplementAsked(part(kind, data)?),
        5 => Fact::SupplementGiven(part(kind, data)?),
        6 => Fact::PaymentAsked(part(kind, data)?),
        7 => Fact::PaymentConfirmed(part(kind, data)?),
        8 => Fact::Apologised(part(kind, data)?),
        9 => Fact::Refused(part(kind, data)?),
        10 => Fact::Withdrawn(part(kind, data)?),
        11 => Fact::Stopped(part(kind, data)?),
        12 => Fact::ResultReady(part(kind, data)?),
        13 => Fact::ResultReturned(part(kind, data)?),
        14 => Fact::StepAccepted(part(kind, data)?),
        15 => Fact::StepDeclined(part(kind, data)?),
        16 => Fact::StepAllotted(part(kind, data)?),
        17 => Fact::StepAssigned(part(kind, data)?),
        18 => Fact::SupplementNeeded(part(kind, data)?),
        19 => Fact::OpinionAsked(part(kind, data)?),
        20 => Fact::OpinionGiven(part(kind, data)?),
        21 => Fact::ObligationAssessed(part(kind, data)?),
        22 => Fact::StepSentBack(part(kind, data)?),
        23 => Fact::StepCompleted(part(kind, data)?),
        24 => Fact::Reminded(part(kind, data)?),
        25 => Fact::ClockPaused(part(kind, data)?),
        26 => Fact::ClockResumed(part(kind, data)?),
        27 => Fact::ClockStarted(part(kind, data)?),
        28 => Fact::DueDateRecomputed(part(kind, data)?),
        29 => Fact::Repinned(part(kind, data)?),
        30 => Fact::Aliased(part(kind, data)?),
        31 => Fact::AlertRaised(part(kind, data)?),
        32 => Fact::AlertSettled(part(kind, data)?),
        33 => Fact::PartReturned(part(kind, data)?),
        34 => Fact::StepApologised(part(kind, data)?),
        35 => Fact::CalendarDeclared(part(kind, data)?),
        36 => Fact::PeriodClosed(part(kind, data)?),
        37 => Fact::PeriodRestated(part(kind, data)?),
        38 => Fact::JournalRestored(part(kind, data)?),
        39 => Fact::JournalRepaired(part(kind, data)?),
        40 => Fact::QuarantineRetried(part(kind, data)?),
        41 => Fact::QuarantineRejected(part(kind, data)?),
        42 => Fact::Read(part(kind, data)?),
        43 => Fact::KeyGranted(part(kind, data)?),
        44 => Fact::ErasureRefused(part(kind, data)?),
        45 => Fact::ErasureOrdered(part(kind, data)?),
        46 => Fact::KeysDestroyed(part(kind, data)?),
        47 => Fact::Erased(part(kind, data)?),
        48 => Fact::KeyRotated(part(kind, data)?),
        _ => Fact::KeyRevoked(part(kind, data)?),
    };
    Ok(Some(fact))
}

fn part<T: DeserializeOwned + Serialize>(kind: &str, data: &RawValue) -> Result<T, Unreadable> {
    serde_json::from_str(data.get()).map_err(|source| Unreadable {
        kind: kind.to_owned(),
        source,
    })
}

/// What the reader of JSON says. It quotes what it did not expect, however long that is.
fn cut(error: &serde_json::Error) -> String {
    error.to_string().chars().take(500).collect()
}
