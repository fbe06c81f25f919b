//! What can be said in the stories: every fact and the commands of the desk, in few words.

use calendar::{Limit, Moment};
use dossier::clock as clock_facts;
use dossier::desk::Decline;
use dossier::fact::Fact;
use dossier::ids::{DossierCode, UnitId};
use dossier::intake::{
    Channel, PaperCheck, Particulars, PinnedProcedure, Received, Sealed, Verdict,
};
use dossier::outcome::{ResultReturned, ReturnChannel};
use dossier::procedure::{Procedure, WaitEffect};
use dossier::promise::{Recounted, Wait};
use dossier::receive::Receive;
use dossier::regime::Regime;
use dossier::route::Dispatched;
use dossier::step::{Accepted, Completed, DocumentRef, StepOutcome};
use dossier::{obligation, opinion, outcome, oversight, payment, promise, step, supplement};
use tests::given::{Line, at, by, close_of};
use uuid::Uuid;

use crate::cast::*;

fn sealed() -> Sealed {
    Sealed {
        key: Uuid::from_u128(7),
        sealed: "bWF0".to_owned(),
    }
}

pub fn seen(paper: u16, verdict: Verdict) -> PaperCheck {
    PaperCheck {
        paper,
        name: None,
        verdict,
        reason: None,
    }
}

pub fn receive(papers: Vec<PaperCheck>) -> Receive {
    Receive {
        procedure: licence().code,
        channel: Channel::Direct,
        applicant: sealed(),
        delegate: None,
        papers,
        at_once: false,
        options: Vec::new(),
        sets: 1,
        return_by: None,
        paper: None,
        aliases: Vec::new(),
        outside: false,
    }
}

pub fn decline(reason: &str) -> Decline {
    Decline {
        procedure: licence().code,
        channel: Channel::Direct,
        reason: reason.to_owned(),
    }
}

pub fn registered() -> Fact {
    let (procedure, applicant) = (licence().code, sealed());
    Fact::Registered(dossier::intake::Registered {
        procedure,
        applicant,
    })
}

pub fn declined() -> Fact {
    Fact::Declined(dossier::intake::Declined {
        procedure: licence().code,
        field: licence().field,
        channel: Channel::Direct,
        reason: "Không thuộc thẩm quyền".to_owned(),
        officer: officer(),
    })
}

/// Received on Tuesday 2 January 2018: five working days end on Tuesday the 9th, ten on Tuesday the
/// 16th.
pub fn received(procedure: &Procedure) -> Line {
    let due_at = match procedure.limit.amount() {
        5 => Some(close_of(TUE_9)),
        10 => Some(close_of(TUE_16)),
        _ => None,
    };
    at(TUE_2, received_due(procedure, due_at))
}

pub fn received_due(procedure: &Procedure, due_at: Option<Moment>) -> Fact {
    Fact::Received(Box::new(Received {
        channel: Channel::Direct,
        procedure: PinnedProcedure::from(procedure),
        competent: district(),
        overseer: Some(district()),
        applicant: sealed(),
        delegate: None,
        papers: Vec::new(),
        route: procedure.route.clone(),
        clock: procedure.clock,
        limit: procedure.limit,
        due_at,
        calendar: calendar::Calendar::published().version().to_owned(),
        regime: Regime::Qd09,
        particulars: Particulars::default(),
        receipt: true,
        officer: officer(),
    }))
}

pub fn dispatched(name: &str, turn: u32, to: UnitId) -> Dispatched {
    Dispatched {
        step: key(name),
        turn,
        to,
        task: format!("Bước {name}"),
        limit: working_days(2),
        department: None,
        documents: Vec::new(),
        reason: None,
    }
}

/// Two working days for a step taken on `moment`, a Tuesday to Thursday: the second day after.
pub fn accepted(name: &str, turn: u32, due: Moment) -> Fact {
    Fact::StepAccepted(Accepted {
        step: key(name),
        turn,
        due_at: Some(close_of(due)),
    })
}

pub fn step_declined(name: &str, turn: u32) -> Fact {
    Fact::StepDeclined(step::Declined {
        step: key(name),
        turn,
        reason: "Không thuộc thẩm quyền".to_owned(),
    })
}

pub fn completed(name: &str, turn: u32) -> Fact {
    let (outcome, documents) = (StepOutcome::Approved, Vec::new());
    Fact::StepCompleted(Completed {
        step: key(name),
        turn,
        outcome,
        documents,
    })
}

pub fn rejected(name: &str, turn: u32) -> Fact {
    let outcome = StepOutcome::Rejected("Không đủ điều kiện".to_owned());
    Fact::StepCompleted(Completed {
        step: key(name),
        turn,
        outcome,
        documents: Vec::new(),
    })
}

pub fn sent_back(name: &str, turn: u32, to: &str) -> Fact {
    let reason = "Sai diện tích".to_owned();
    Fact::StepSentBack(step::SentBack {
        step: key(name),
        turn,
        to_step: key(to),
        reason,
    })
}

pub fn needed(name: &str, turn: u32, item: &str) -> Fact {
    let (items, reason) = (vec![item.to_owned()], "Thiếu".to_owned());
    Fact::SupplementNeeded(step::SupplementNeeded {
        step: key(name),
        turn,
        items,
        reason,
    })
}

pub fn supplement_asked(step: Option<&str>, item: &str, effect: WaitEffect) -> Fact {
    let (items, reason) = (vec![item.to_owned()], "Thiếu".to_owned());
    Fact::SupplementAsked(supplement::Asked {
        items,
        reason,
        step: step.map(key),
        effect,
        late: false,
    })
}

pub fn recounted(effect: WaitEffect, limit: Limit, due: Moment) -> Recounted {
    let calendar = calendar::Calendar::published().version().to_owned();
    Recounted {
        effect,
        limit,
        due_at: Some(close_of(due)),
        calendar,
    }
}

pub fn supplement_given(effect: WaitEffect, limit: Limit, due: Moment) -> Fact {
    let recounted = recounted(effect, limit, due);
    Fact::SupplementGiven(supplement::Given {
        papers: Vec::new(),
        recounted,
    })
}

pub fn assessed(name: &str, turn: u32, amount_vnd: u64, notice: &str) -> Fact {
    let notice = notice.to_owned();
    Fact::ObligationAssessed(obligation::ObligationAssessed {
        step: key(name),
        turn,
        amount_vnd,
        notice,
    })
}

pub fn payment_asked(
    step: Option<&str>,
    amount_vnd: u64,
    purpose: &str,
    effect: WaitEffect,
) -> Fact {
    let purpose = purpose.to_owned();
    Fact::PaymentAsked(payment::Asked {
        amount_vnd,
        purpose,
        step: step.map(key),
        effect,
    })
}

pub fn payment_confirmed(effect: WaitEffect, limit: Limit, due: Moment) -> Fact {
    let recounted = recounted(effect, limit, due);
    Fact::PaymentConfirmed(payment::Confirmed {
        voucher: "BL-01".to_owned(),
        recounted,
    })
}

pub fn apologised(old: Moment, new: Moment, late: bool) -> Fact {
    Fact::Apologised(promise::Apologised {
        reason: "Chờ trích đo".to_owned(),
        old_due_at: close_of(old),
        new_due_at: close_of(new),
        late,
    })
}

pub fn refused(reason: &str) -> Fact {
    Fact::Refused(outcome::Refused {
        reason: reason.to_owned(),
        late: false,
    })
}

pub fn withdrawn() -> Fact {
    Fact::Withdrawn(outcome::Withdrawn {
        reason: String::new(),
    })
}

pub fn stopped() -> Fact {
    Fact::Stopped(outcome::Stopped {
        reason: "Công dân không bổ sung".to_owned(),
    })
}

pub fn ready() -> Fact {
    Fact::ResultReady(outcome::ResultReady {})
}

pub fn returned() -> Fact {
    Fact::ResultReturned(ResultReturned {
        channel: ReturnChannel::Counter,
        officer: officer(),
    })
}

pub fn opinion_asked(opinion: u16) -> Fact {
    Fact::OpinionAsked(opinion::OpinionAsked {
        step: key("appraisal"),
        turn: 1,
        opinion,
        of: "Phòng Cảnh sát PCCC".to_owned(),
        question: "Có bảo đảm an toàn không?".to_owned(),
        due_at: close_of(MON_8),
    })
}

pub fn opinion_given(opinion: u16) -> Fact {
    let summary = "Đồng ý".to_owned();
    Fact::OpinionGiven(opinion::OpinionGiven {
        step: key("appraisal"),
        turn: 1,
        opinion,
        summary,
    })
}

pub fn reminded() -> Fact {
    let code = DossierCode::parse("000.04.27.H33-180102-0001").unwrap();
    let pressing = oversight::Pressing {
        code,
        due_at: close_of(TUE_9),
        overdue: false,
    };
    Fact::Reminded(oversight::Reminded {
        unit: commune(),
        dossiers: vec![pressing],
    })
}

pub fn document(name: &str) -> DocumentRef {
    DocumentRef {
        name: name.to_owned(),
        sha256: "0".repeat(64),
    }
}

/// A licence received on Tuesday 2 January, given to the district and taken there on the same day.
pub fn licence_in_work(procedure: &Procedure) -> [Line; 3] {
    [
        received(procedure),
        at(
            TUE_2,
            Fact::Dispatched(dispatched("appraisal", 1, district())),
        ),
        by(district(), TUE_2, accepted("appraisal", 1, THU_4)),
    ]
}

/// The clock stands still, under the procedure's own basis.
pub fn clock_paused(cause: Wait, effect: WaitEffect, reason: &str) -> Fact {
    Fact::ClockPaused(clock_facts::Paused {
        cause,
        effect,
        reason: reason.to_owned(),
        basis: licence().basis,
        step: None,
        notice: None,
    })
}

/// The clock runs again from the moment at which that is said.
pub fn clock_resumed(cause: Wait, effect: WaitEffect, limit: Limit, due: Moment) -> Fact {
    Fact::ClockResumed(clock_facts::Resumed {
        cause,
        recounted: recounted(effect, limit, due),
        since: None,
    })
}

/// `procedure` as received, with what was particular about it.
pub fn received_with(procedure: &Procedure, particulars: Particulars) -> Line {
    let Fact::Received(received) = received_due(procedure, Some(close_of(TUE_9))) else {
        unreachable!("a reception")
    };
    let received = Received {
        particulars,
        ..*received
    };
    at(TUE_2, Fact::Received(Box::new(received)))
}
