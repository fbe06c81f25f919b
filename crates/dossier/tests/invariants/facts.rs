//! Any fact at all: of a desk, a home, a performer, an overseer, or about no dossier.

use calendar::{DayKind, Declaration, DeclaredDay};
use dossier::fact::Fact;
use dossier::ids::StepKey;
use dossier::intervention::{
    JournalRepaired, JournalRestored, QuarantineRejected, QuarantineRetried, RepairedEntry,
    RetryOutcome,
};
use dossier::notice::{CalendarDeclared, PeriodClosed, PeriodRestated};
use dossier::step::{self, StepOutcome};
use dossier::{obligation, opinion, oversight};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{BoxedStrategy, Strategy, any, prop_oneof};
use proptest::sample::select;
use serde_json::Value;
use uuid::Uuid;

use crate::home_facts::of_the_home;
use crate::intake_facts::of_the_desk;
use crate::privacy_facts::of_personal_data;
use crate::world::{code, documents, key, moment, officer, text, texts, unit};

/// What a performer writes about a turn of a step.
pub fn of_a_performer() -> BoxedStrategy<Fact> {
    let turn = || (key(), 0u32..4);
    prop_oneof![
        3 => (turn(), option::of(moment())).prop_map(|((step, turn), due_at)| {
            Fact::StepAccepted(step::Accepted { step, turn, due_at })
        }),
        1 => (turn(), text()).prop_map(|((step, turn), reason)| {
            Fact::StepDeclined(step::Declined { step, turn, reason })
        }),
        1 => (turn(), text()).prop_map(|((step, turn), department)| {
            Fact::StepAllotted(step::Allotted { step, turn, department })
        }),
        1 => (turn(), officer()).prop_map(|((step, turn), officer)| {
            Fact::StepAssigned(step::Assigned { step, turn, officer })
        }),
        1 => (turn(), texts(), text()).prop_map(|((step, turn), items, reason)| {
            Fact::SupplementNeeded(step::SupplementNeeded { step, turn, items, reason })
        }),
        1 => (turn(), 0u16..3, text(), text(), moment()).prop_map(|((step, turn), opinion, of, question, due_at)| {
            Fact::OpinionAsked(opinion::OpinionAsked { step, turn, opinion, of, question, due_at })
        }),
        1 => (turn(), 0u16..3, text()).prop_map(|((step, turn), opinion, summary)| {
            Fact::OpinionGiven(opinion::OpinionGiven { step, turn, opinion, summary })
        }),
        1 => (turn(), any::<u64>(), text()).prop_map(|((step, turn), amount_vnd, notice)| {
            Fact::ObligationAssessed(obligation::ObligationAssessed { step, turn, amount_vnd, notice })
        }),
        1 => (turn(), key(), text()).prop_map(|((step, turn), to_step, reason)| {
            Fact::StepSentBack(step::SentBack { step, turn, to_step, reason })
        }),
        1 => (turn(), option::of(text()), documents()).prop_map(|((step, turn), why, documents)| {
            let outcome = why.map_or(StepOutcome::Approved, StepOutcome::Rejected);
            Fact::StepCompleted(step::Completed { step, turn, outcome, documents })
        }),
        1 => (turn(), text(), moment(), moment(), any::<bool>()).prop_map(
            |((step, turn), reason, old_due_at, new_due_at, late)| {
                Fact::StepApologised(step::StepApologised {
                    step, turn, reason, old_due_at, new_due_at, late,
                })
            }
        ),
    ]
    .boxed()
}

/// What a unit says about no dossier.
fn notice() -> BoxedStrategy<Fact> {
    let kind = select(
        &[
            DayKind::Working,
            DayKind::Weekend,
            DayKind::Holiday,
            DayKind::Compensatory,
            DayKind::SwappedOff,
            DayKind::SwappedWorking,
        ][..],
    );
    let day =
        (moment(), kind, text(), option::of(moment())).prop_map(|(date, kind, name, pair)| {
            let (date, pair) = (date.date_naive(), pair.map(|pair| pair.date_naive()));
            DeclaredDay {
                date,
                kind,
                name,
                pair,
            }
        });
    let declaration = (vec(day, 0..3), text(), moment()).prop_map(|(days, basis, published)| {
        let published_on = published.date_naive();
        Declaration {
            days,
            basis,
            published_on,
        }
    });
    let rows = || vec(any::<u32>(), 0..4).prop_map(Value::from);
    let period = (
        text(),
        moment(),
        moment(),
        text(),
        moment(),
        rows(),
        officer(),
    );
    prop_oneof![
        (any::<u32>(), declaration, officer()).prop_map(|(number, declaration, officer)| {
            Fact::CalendarDeclared(CalendarDeclared {
                number,
                declaration,
                officer,
            })
        }),
        period.prop_map(|(form, from, to, rules, known_by, rows, officer)| {
            Fact::PeriodClosed(Box::new(PeriodClosed {
                form,
                from,
                to,
                rules,
                known_by,
                rows,
                officer,
            }))
        }),
        (any::<u128>(), text(), moment(), rows(), officer()).prop_map(
            |(closed, reason, known_by, rows, officer)| {
                let closed = Uuid::from_u128(closed);
                Fact::PeriodRestated(Box::new(PeriodRestated {
                    closed,
                    reason,
                    known_by,
                    rows,
                    officer,
                }))
            }
        ),
    ]
    .boxed()
}

/// What an operator's hand in a unit's record leaves behind.
fn intervention() -> BoxedStrategy<Fact> {
    let who_why = || (officer(), text());
    let restored = (
        (any::<[u64; 4]>(), moment(), any::<u128>()),
        vec((text(), any::<u64>()), 0..3),
        (vec(text(), 0..3), vec(any::<u64>(), 0..3)),
        who_why(),
    );
    let entry = (any::<u64>(), text(), text()).prop_map(|(index, fault, source)| RepairedEntry {
        index,
        fault,
        source,
    });
    let outcome = select(
        &[
            RetryOutcome::TakenIn,
            RetryOutcome::Kept,
            RetryOutcome::ArrivedMeanwhile,
        ][..],
    );
    let kept = || (any::<u64>(), text(), text(), text());
    prop_oneof![
        restored.prop_map(
            |((counts, restored_at, epoch), holders, lacking, who_why)| {
                let [backup_entries, held, known, taken_back] = counts;
                let (unanswered, missing) = lacking;
                let (officer, reason) = who_why;
                Fact::JournalRestored(Box::new(JournalRestored {
                    backup_entries,
                    restored_at,
                    from_epoch: Uuid::from_u128(epoch),
                    held,
                    known,
                    taken_back,
                    by_holder: holders.into_iter().collect(),
                    unanswered,
                    missing,
                    officer,
                    reason,
                }))
            }
        ),
        (vec(entry, 0..3), who_why()).prop_map(|(entries, (officer, reason))| {
            Fact::JournalRepaired(JournalRepaired {
                entries,
                officer,
                reason,
            })
        }),
        (kept(), outcome, any::<u128>(), who_why()).prop_map(
            |((number, sha256, from, held_for), outcome, event, (officer, reason))| {
                Fact::QuarantineRetried(Box::new(QuarantineRetried {
                    number,
                    sha256,
                    from,
                    held_for,
                    outcome,
                    event: Uuid::from_u128(event),
                    officer,
                    reason,
                }))
            }
        ),
        (kept(), who_why()).prop_map(|((number, sha256, from, held_for), (officer, reason))| {
            Fact::QuarantineRejected(QuarantineRejected {
                number,
                sha256,
                from,
                held_for,
                officer,
                reason,
            })
        }),
    ]
    .boxed()
}

/// Any fact of any kind.
pub fn fact() -> BoxedStrategy<Fact> {
    prop_oneof![
        3 => of_the_desk(),
        14 => of_the_home(),
        12 => of_a_performer(),
        1 => (unit(), moment(), any::<bool>()).prop_map(|(unit, due_at, overdue)| {
            let dossiers = vec![oversight::Pressing { code: code(), due_at, overdue }];
            Fact::Reminded(oversight::Reminded { unit, dossiers })
        }),
        1 => notice(),
        1 => intervention(),
        4 => of_personal_data(),
    ]
    .boxed()
}

/// The turn that a performer's fact is about, to be aimed at another.
pub fn turn_of(fact: &mut Fact) -> Option<(&mut StepKey, &mut u32)> {
    match fact {
        Fact::StepAccepted(f) => Some((&mut f.step, &mut f.turn)),
        Fact::StepDeclined(f) => Some((&mut f.step, &mut f.turn)),
        Fact::StepAllotted(f) => Some((&mut f.step, &mut f.turn)),
        Fact::StepAssigned(f) => Some((&mut f.step, &mut f.turn)),
        Fact::SupplementNeeded(f) => Some((&mut f.step, &mut f.turn)),
        Fact::OpinionAsked(f) => Some((&mut f.step, &mut f.turn)),
        Fact::OpinionGiven(f) => Some((&mut f.step, &mut f.turn)),
        Fact::ObligationAssessed(f) => Some((&mut f.step, &mut f.turn)),
        Fact::StepSentBack(f) => Some((&mut f.step, &mut f.turn)),
        Fact::StepCompleted(f) => Some((&mut f.step, &mut f.turn)),
        Fact::StepApologised(f) => Some((&mut f.step, &mut f.turn)),
        _ => None,
    }
}
