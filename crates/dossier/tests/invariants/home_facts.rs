//! What a home writes: the dossier's own timeline, its clock, the alerts of its group.

use dossier::alert::{self, AlertKind};
use dossier::clock::{Paused, Recomputed, Resumed, Started};
use dossier::fact::Fact;
use dossier::promise::Apologised;
use dossier::{outcome, payment, route, supplement};
use proptest::option;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof};
use proptest::sample::select;
use uuid::Uuid;

use crate::intake_facts::changed;
use crate::world::{
    documents, effect, key, limit, moment, officer, papers, recounted, return_channel, text, texts,
    unit, wait,
};

fn of_the_clock() -> BoxedStrategy<Fact> {
    let paused = (
        wait(),
        effect(),
        text(),
        text(),
        option::of(key()),
        option::of(text()),
    );
    let dates = (moment(), moment(), moment());
    prop_oneof![
        2 => paused.prop_map(|(cause, effect, reason, basis, step, notice)| {
            Fact::ClockPaused(Paused { cause, effect, reason, basis, step, notice })
        }),
        2 => (wait(), recounted(), option::of(moment())).prop_map(|(cause, recounted, since)| {
            Fact::ClockResumed(Resumed { cause, recounted, since })
        }),
        1 => (unit(), moment(), option::of(moment()), text(), text()).prop_map(
            |(at, since, due_at, calendar, basis)| {
                Fact::ClockStarted(Started { at, since, due_at, calendar, basis })
            }
        ),
        1 => (any::<u128>(), text(), dates, text()).prop_map(
            |(declaration, basis, (old_due_at, counted_due_at, due_at), calendar)| {
                let declaration = Uuid::from_u128(declaration);
                Fact::DueDateRecomputed(Recomputed {
                    declaration, basis, old_due_at, counted_due_at, due_at, calendar,
                })
            }
        ),
    ]
    .boxed()
}

fn of_the_alerts() -> BoxedStrategy<Fact> {
    let kind = || {
        select(
            &[
                AlertKind::SentLate,
                AlertKind::NotAcknowledged,
                AlertKind::DataMismatch,
            ][..],
        )
    };
    prop_oneof![
        (kind(), key(), 0u32..4, text(), moment(), text()).prop_map(
            |(alert, step, turn, reason, repair_by, basis)| {
                Fact::AlertRaised(alert::Raised {
                    alert,
                    step,
                    turn,
                    reason,
                    repair_by,
                    basis,
                })
            }
        ),
        (kind(), key(), 0u32..4, text(), any::<bool>()).prop_map(
            |(alert, step, turn, repair, late)| {
                Fact::AlertSettled(alert::Settled {
                    alert,
                    step,
                    turn,
                    repair,
                    late,
                })
            }
        ),
    ]
    .boxed()
}

/// What a home writes about its dossier.
pub fn of_the_home() -> BoxedStrategy<Fact> {
    let dispatched = (
        key(),
        0u32..4,
        unit(),
        text(),
        limit(),
        option::of(text()),
        documents(),
        option::of(text()),
    );
    prop_oneof![
        4 => dispatched.prop_map(|(step, turn, to, task, limit, department, documents, reason)| {
            Fact::Dispatched(route::Dispatched { step, turn, to, task, limit, department, documents, reason })
        }),
        1 => (texts(), text(), option::of(key()), effect(), any::<bool>()).prop_map(|(items, reason, step, effect, late)| {
            Fact::SupplementAsked(supplement::Asked { items, reason, step, effect, late })
        }),
        1 => (papers(), recounted()).prop_map(|(papers, recounted)| {
            Fact::SupplementGiven(supplement::Given { papers, recounted })
        }),
        1 => (any::<u64>(), text(), option::of(key()), effect()).prop_map(|(amount_vnd, purpose, step, effect)| {
            Fact::PaymentAsked(payment::Asked { amount_vnd, purpose, step, effect })
        }),
        1 => (text(), recounted()).prop_map(|(voucher, recounted)| {
            Fact::PaymentConfirmed(payment::Confirmed { voucher, recounted })
        }),
        1 => (text(), moment(), moment(), any::<bool>()).prop_map(|(reason, old_due_at, new_due_at, late)| {
            Fact::Apologised(Apologised { reason, old_due_at, new_due_at, late })
        }),
        1 => (text(), any::<bool>()).prop_map(|(reason, late)| Fact::Refused(outcome::Refused { reason, late })),
        1 => text().prop_map(|reason| Fact::Withdrawn(outcome::Withdrawn { reason })),
        1 => text().prop_map(|reason| Fact::Stopped(outcome::Stopped { reason })),
        1 => Just(Fact::ResultReady(outcome::ResultReady {})),
        1 => (return_channel(), officer()).prop_map(|(channel, officer)| {
            Fact::ResultReturned(outcome::ResultReturned { channel, officer })
        }),
        1 => (key(), return_channel(), officer()).prop_map(|(step, channel, officer)| {
            Fact::PartReturned(outcome::PartReturned { step, channel, officer })
        }),
        4 => of_the_clock(),
        1 => changed(),
        1 => of_the_alerts(),
    ]
    .boxed()
}
