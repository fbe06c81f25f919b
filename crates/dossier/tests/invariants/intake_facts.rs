//! What a desk writes down: registered, received, declined; and what changes of it later.

use dossier::fact::Fact;
use dossier::intake::{
    Aliased, Declined, PaperRegister, Particulars, PinnedProcedure, Received, Registered, Repinned,
};
use dossier::regime::{ClockStart, Group, Regime};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::{BoxedStrategy, Strategy, any, prop_oneof};
use proptest::sample::select;

use crate::world::{
    alias, channel, clock, limit, moment, officer, papers, procedure_code, return_channel, route,
    sealed, text, texts, unit, wait,
};

fn pinned() -> BoxedStrategy<PinnedProcedure> {
    (procedure_code(), text(), text(), text(), text())
        .prop_map(|(code, version, name, field, basis)| PinnedProcedure {
            code,
            version,
            name,
            field,
            basis,
        })
        .boxed()
}

fn particulars() -> BoxedStrategy<Particulars> {
    let group = select(&[Group::None, Group::Birth, Group::Death][..]);
    let start = select(&[ClockStart::OnReceipt, ClockStart::OnCompetentReceipt][..]);
    let paper =
        (text(), any::<u32>()).prop_map(|(volume, number)| PaperRegister { volume, number });
    let rules = (
        btree_map(wait(), text(), 0..3),
        group,
        start,
        option::of(moment()),
    );
    let chosen = (
        texts(),
        1u16..1000,
        option::of(return_channel()),
        option::of(paper),
        vec(alias(), 0..2),
    );
    (rules, chosen)
        .prop_map(|(rules, chosen)| {
            let (clock_basis, group, start, counted_from): (_, _, _, _) = rules;
            let (options, sets, return_by, paper, aliases) = chosen;
            Particulars {
                clock_basis,
                group,
                start,
                counted_from,
                options,
                sets,
                return_by,
                paper,
                off_days: false,
                aliases,
            }
        })
        .boxed()
}

pub fn received() -> BoxedStrategy<Fact> {
    let people = (
        sealed(),
        option::of(sealed()),
        officer(),
        unit(),
        option::of(unit()),
    );
    let promise = (
        clock(),
        limit(),
        option::of(moment()),
        text(),
        any::<bool>(),
    );
    let regime = (select(&Regime::ALL[..]), particulars());
    (
        channel(),
        pinned(),
        people,
        papers(),
        route(),
        promise,
        regime,
    )
        .prop_map(
            |(channel, procedure, people, papers, route, promise, regime)| {
                let (applicant, delegate, officer, competent, overseer) = people;
                let (clock, limit, due_at, calendar, receipt) = promise;
                let (regime, particulars) = regime;
                Fact::Received(Box::new(Received {
                    channel,
                    procedure,
                    competent,
                    overseer,
                    applicant,
                    delegate,
                    papers,
                    route,
                    clock,
                    limit,
                    due_at,
                    calendar,
                    regime,
                    particulars,
                    receipt,
                    officer,
                }))
            },
        )
        .boxed()
}

/// What a desk writes before there is a dossier.
pub fn of_the_desk() -> BoxedStrategy<Fact> {
    prop_oneof![
        (procedure_code(), sealed()).prop_map(|(procedure, applicant)| {
            Fact::Registered(Registered {
                procedure,
                applicant,
            })
        }),
        received(),
        (procedure_code(), text(), channel(), text(), officer()).prop_map(
            |(procedure, field, channel, reason, officer)| {
                Fact::Declined(Declined {
                    procedure,
                    field,
                    channel,
                    reason,
                    officer,
                })
            }
        ),
    ]
    .boxed()
}

/// What the home changes of it later.
pub fn changed() -> BoxedStrategy<Fact> {
    let approved = (officer(), text(), text());
    prop_oneof![
        (pinned(), route(), clock(), approved).prop_map(
            |(procedure, route, clock, (approver, reason, basis))| {
                Fact::Repinned(Box::new(Repinned {
                    procedure,
                    route,
                    clock,
                    approver,
                    reason,
                    basis,
                }))
            }
        ),
        alias().prop_map(|alias| Fact::Aliased(Aliased { alias })),
    ]
    .boxed()
}
