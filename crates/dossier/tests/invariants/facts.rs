//! Any fact at all, out of a small world: few units, few steps, few turns, so that they meet.

use calendar::{Limit, LimitUnit, Moment, hanoi};
use chrono::DateTime;
use dossier::fact::Fact;
use dossier::ids::{DossierCode, OfficerId, ProcedureCode, StepKey, UnitId};
use dossier::intake::{
    Channel, Declined, PaperCheck, Particulars, PinnedProcedure, Received, Registered, Sealed,
    Verdict,
};
use dossier::procedure::{ClockPolicy, RouteStep, WaitEffect};
use dossier::promise::{Apologised, Recounted};
use dossier::regime::Regime;
use dossier::step::{self, DocumentRef, StepOutcome};
use dossier::{obligation, opinion, outcome, oversight, payment, route, supplement};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof};
use uuid::Uuid;

/// The desk of the dossiers, and units that are not.
pub const UNITS: [&str; 4] = ["H33-27-04", "H33-27", "H33-27-91", "H33-27-92"];
const STEPS: [&str; 3] = ["survey", "tax", "update"];

pub fn home() -> UnitId {
    UnitId::parse(UNITS[0]).unwrap()
}

pub fn code() -> DossierCode {
    DossierCode::parse("000.04.27.H33-180102-0001").unwrap()
}

pub fn unit() -> impl Strategy<Value = UnitId> + Clone {
    (0..UNITS.len()).prop_map(|i| UnitId::parse(UNITS[i]).unwrap())
}

fn key() -> impl Strategy<Value = StepKey> + Clone {
    (0..STEPS.len()).prop_map(|i| StepKey::parse(STEPS[i]).unwrap())
}

fn text() -> impl Strategy<Value = String> + Clone {
    prop_oneof![
        Just(String::new()),
        Just("Thiếu bản vẽ".to_owned()),
        ".{0,12}"
    ]
}

fn texts() -> impl Strategy<Value = Vec<String>> + Clone {
    vec(text(), 0..3)
}

/// A minute of 2018.
pub fn moment() -> impl Strategy<Value = Moment> + Clone {
    (0i64..525_600).prop_map(|minute| {
        DateTime::from_timestamp(1_514_739_600 + minute * 60, 0)
            .unwrap()
            .with_timezone(&hanoi())
    })
}

fn officer() -> impl Strategy<Value = OfficerId> + Clone {
    "[a-z0-9][a-z0-9._-]{0,9}".prop_map(|text| OfficerId::parse(&text).unwrap())
}

fn procedure_code() -> impl Strategy<Value = ProcedureCode> + Clone {
    "[A-Z0-9][A-Z0-9._-]{0,9}".prop_map(|text| ProcedureCode::parse(&text).unwrap())
}

fn limit() -> impl Strategy<Value = Limit> + Clone {
    let counted = prop_oneof![
        Just(LimitUnit::WorkingDays),
        Just(LimitUnit::Days),
        Just(LimitUnit::WorkingHours),
        Just(LimitUnit::Hours),
        Just(LimitUnit::Months),
    ];
    prop_oneof![
        (1u32..60, counted).prop_map(|(amount, unit)| Limit::new(amount, unit).unwrap()),
        Just(Limit::SAME_DAY),
        Just(Limit::NONE_STATED),
    ]
}

fn effect() -> impl Strategy<Value = WaitEffect> + Clone {
    prop_oneof![
        Just(WaitEffect::Restart),
        Just(WaitEffect::Pause),
        limit().prop_map(WaitEffect::SecondLimit),
        Just(WaitEffect::None),
    ]
}

fn channel() -> impl Strategy<Value = Channel> + Clone {
    prop_oneof![
        Just(Channel::Direct),
        Just(Channel::Online),
        Just(Channel::Post)
    ]
}

fn sealed() -> impl Strategy<Value = Sealed> + Clone {
    (any::<u128>(), "[A-Za-z0-9_-]{0,20}").prop_map(|(key, sealed)| Sealed {
        key: Uuid::from_u128(key),
        sealed,
    })
}

fn papers() -> impl Strategy<Value = Vec<PaperCheck>> + Clone {
    let verdict = prop_oneof![
        Just(Verdict::Original),
        Just(Verdict::Copy),
        Just(Verdict::Missing)
    ];
    let check = (any::<u16>(), verdict, option::of(text()));
    vec(
        check.prop_map(|(paper, verdict, reason)| PaperCheck {
            paper,
            verdict,
            reason,
        }),
        0..3,
    )
}

fn documents() -> impl Strategy<Value = Vec<DocumentRef>> + Clone {
    vec(
        (text(), "[0-9a-f]{64}").prop_map(|(name, sha256)| DocumentRef { name, sha256 }),
        0..2,
    )
}

fn recounted() -> impl Strategy<Value = Recounted> + Clone {
    (effect(), limit(), option::of(moment()), text()).prop_map(
        |(effect, limit, due_at, calendar)| Recounted {
            effect,
            limit,
            due_at,
            calendar,
        },
    )
}

fn route() -> impl Strategy<Value = Vec<RouteStep>> + Clone {
    let step = (
        key(),
        text(),
        unit(),
        option::of(text()),
        vec(key(), 0..3),
        limit(),
        any::<bool>(),
    );
    let step = step.prop_map(
        |(key, task, unit, department, inputs, limit, after_payment)| RouteStep {
            key,
            task,
            unit,
            department,
            inputs,
            limit,
            after_payment,
            option: None,
            returns_result: false,
        },
    );
    vec(step, 0..4)
}

pub fn received() -> impl Strategy<Value = Fact> + Clone {
    let procedure = (procedure_code(), text(), text(), text(), text()).prop_map(
        |(code, version, name, field, basis)| PinnedProcedure {
            code,
            version,
            name,
            field,
            basis,
        },
    );
    let people = (
        sealed(),
        option::of(sealed()),
        officer(),
        unit(),
        option::of(unit()),
    );
    let clock =
        (effect(), effect()).prop_map(|(supplement, payment)| ClockPolicy::of(supplement, payment));
    let promise = (clock, limit(), option::of(moment()), text(), any::<bool>());
    let regime = prop_oneof![
        Just(Regime::Qd09),
        Just(Regime::Nd61),
        Just(Regime::Nd118),
        Just(Regime::Nd118Nd309)
    ];
    (
        channel(),
        procedure,
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
                    particulars: Particulars::default(),
                    receipt,
                    officer,
                }))
            },
        )
}

fn of_the_home() -> BoxedStrategy<Fact> {
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
        1 => (texts(), text(), option::of(key()), effect()).prop_map(|(items, reason, step, effect)| {
            Fact::SupplementAsked(supplement::Asked { items, reason, step, effect })
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
        1 => text().prop_map(|reason| Fact::Refused(outcome::Refused { reason, late: false })),
        1 => text().prop_map(|reason| Fact::Withdrawn(outcome::Withdrawn { reason })),
        1 => text().prop_map(|reason| Fact::Stopped(outcome::Stopped { reason })),
        1 => Just(Fact::ResultReady(outcome::ResultReady {})),
        1 => officer().prop_map(|officer| {
            let channel = outcome::ReturnChannel::Post;
            Fact::ResultReturned(outcome::ResultReturned { channel, officer })
        }),
    ]
    .boxed()
}

fn of_a_performer() -> BoxedStrategy<Fact> {
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
    ]
    .boxed()
}

/// Any fact of any kind.
pub fn fact() -> BoxedStrategy<Fact> {
    prop_oneof![
        1 => (procedure_code(), sealed()).prop_map(|(procedure, applicant)| {
            Fact::Registered(Registered { procedure, applicant })
        }),
        1 => received(),
        1 => (procedure_code(), text(), channel(), text(), officer()).prop_map(
            |(procedure, field, channel, reason, officer)| {
                Fact::Declined(Declined { procedure, field, channel, reason, officer })
            }
        ),
        8 => of_the_home(),
        12 => of_a_performer(),
        1 => (unit(), moment(), any::<bool>()).prop_map(|(unit, due_at, overdue)| {
            let dossiers = vec![oversight::Pressing { code: code(), due_at, overdue }];
            Fact::Reminded(oversight::Reminded { unit, dossiers })
        }),
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
        _ => None,
    }
}
