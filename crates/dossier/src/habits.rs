//! What a home unit does by itself once a fact is known. A desk calls this; it is not inherited.

use calendar::{Calendar, Moment};

use crate::case::Case;
use crate::dossier::Dossier;
use crate::fact::Fact;
use crate::outcome::{Refused, ResultReady, refused_late};
use crate::promise::Wait;
use crate::step::{Completed, StepOutcome};
use crate::{clockwork, erase, group, payment, supplement};

/// The facts by which a home carries its dossier on: gives out what is ready, passes a performer's
/// need on to the citizen, closes when the last step is done, and sees an erasure through.
pub fn home(case: &Case<'_>, fact: &Fact) -> Vec<Fact> {
    if let Some(fact) = erase::completed(case, fact) {
        return vec![fact];
    }
    let dossier = case.dossier;
    if dossier.home != *case.me || dossier.intake.received.is_none() || dossier.outcome.is_settled()
    {
        return Vec::new();
    }
    let mut facts: Vec<Fact> = clockwork::react(case, fact).into_iter().collect();
    facts.extend(carried_on(case, fact));
    facts.extend(group::react(case, fact));
    facts
}

/// What a home does by itself when time has passed: the clock's time-outs and the group's alerts.
pub fn in_time(case: &Case<'_>) -> Vec<Fact> {
    let dossier = case.dossier;
    if dossier.home != *case.me || dossier.intake.received.is_none() || dossier.outcome.is_settled()
    {
        return Vec::new();
    }
    let mut facts = clockwork::in_time(case);
    facts.extend(group::in_time(case));
    facts
}

/// The next moment at which [`in_time`] may have something to say, if nothing else happens.
pub fn next_look(dossier: &Dossier, calendar: &Calendar) -> Option<Moment> {
    if dossier.intake.received.is_none() || dossier.outcome.is_settled() {
        return None;
    }
    let looks = [
        clockwork::next_look(dossier, calendar),
        group::next_look(dossier, calendar),
    ];
    looks.into_iter().flatten().min()
}

fn carried_on(case: &Case<'_>, fact: &Fact) -> Vec<Fact> {
    let dossier = case.dossier;
    match fact {
        Fact::Received(received) if received.receipt => dossier.dispatch_ready(),
        Fact::StepCompleted(Completed {
            outcome: StepOutcome::Rejected(reason),
            ..
        }) => {
            vec![Fact::Refused(Refused {
                reason: reason.clone(),
                late: refused_late(case),
            })]
        }
        Fact::StepSentBack(back) => dossier
            .dispatch_again(&back.to_step, &back.reason)
            .into_iter()
            .collect(),
        Fact::StepCompleted(_)
        | Fact::SupplementNeeded(_)
        | Fact::SupplementGiven(_)
        | Fact::ObligationAssessed(_)
        | Fact::PaymentConfirmed(_)
        | Fact::Repinned(_) => onward(case),
        // Nothing goes on because a clock does, except where somebody was waited for.
        Fact::ClockResumed(resumed) if resumed.cause.is_the_citizens() => onward(case),
        _ => Vec::new(),
    }
}

/// What can go on now. The citizen has one request of a kind at a time, and the result is ready
/// when every step is done and nothing more is asked of them.
fn onward(case: &Case<'_>) -> Vec<Fact> {
    let dossier = case.dossier;
    let mut facts = Vec::new();
    if let Some(need) = dossier
        .need_not_asked()
        .filter(|_| !dossier.promise.waits_for(Wait::Supplement) && !dossier.has_asked_enough())
    {
        let late = dossier.asks_late(Some(&need.step), case.at, case.calendar);
        facts.push(Fact::SupplementAsked(supplement::Asked {
            items: need.items.clone(),
            reason: need.reason.clone(),
            step: Some(need.step.clone()),
            effect: dossier.policy().supplement,
            // Where the calendar does not reach, nobody can be said to be late.
            late: late.unwrap_or(false),
        }));
    }
    let owed = dossier
        .obligation_not_asked()
        .filter(|_| !dossier.promise.waits_for(Wait::Payment));
    if let Some((step, amount_vnd, notice)) = owed {
        facts.push(Fact::PaymentAsked(payment::Asked {
            amount_vnd,
            purpose: format!("Nghĩa vụ tài chính theo thông báo {notice}"),
            step: Some(step.clone()),
            effect: dossier.policy().payment,
        }));
    }
    if facts.is_empty() && dossier.is_walked() && !dossier.promise.is_waiting() {
        return vec![Fact::ResultReady(ResultReady {})];
    }
    facts.extend(dossier.dispatch_ready());
    facts
}
