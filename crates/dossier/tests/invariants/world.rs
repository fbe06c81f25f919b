//! A small world: few units, few steps, few turns, so that facts out of it meet.

use calendar::{Limit, LimitUnit, Moment, hanoi};
use chrono::DateTime;
use dossier::ids::{DossierCode, OfficerId, ProcedureCode, StepKey, UnitId};
use dossier::intake::{Alias, Channel, PaperCheck, Sealed, Verdict};
use dossier::outcome::ReturnChannel;
use dossier::procedure::{ClockPolicy, RouteStep, WaitEffect};
use dossier::promise::{Recounted, Wait};
use dossier::step::DocumentRef;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof};
use proptest::sample::select;
use uuid::Uuid;

/// The desk of the dossiers, and units that are not.
pub const UNITS: [&str; 4] = ["H33-27-04", "H33-27", "H33-27-91", "H33-27-92"];
pub const STEPS: [&str; 3] = ["survey", "tax", "update"];

pub fn home() -> UnitId {
    UnitId::parse(UNITS[0]).unwrap()
}

pub fn code() -> DossierCode {
    DossierCode::parse("000.04.27.H33-180102-0001").unwrap()
}

pub fn unit() -> impl Strategy<Value = UnitId> + Clone {
    (0..UNITS.len()).prop_map(|i| UnitId::parse(UNITS[i]).unwrap())
}

pub fn key() -> impl Strategy<Value = StepKey> + Clone {
    (0..STEPS.len()).prop_map(|i| StepKey::parse(STEPS[i]).unwrap())
}

pub fn text() -> impl Strategy<Value = String> + Clone {
    prop_oneof![
        Just(String::new()),
        Just("Thiếu bản vẽ".to_owned()),
        ".{0,12}"
    ]
}

pub fn texts() -> impl Strategy<Value = Vec<String>> + Clone {
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

pub fn officer() -> impl Strategy<Value = OfficerId> + Clone {
    "[a-z0-9][a-z0-9._-]{0,9}".prop_map(|text| OfficerId::parse(&text).unwrap())
}

pub fn procedure_code() -> impl Strategy<Value = ProcedureCode> + Clone {
    "[A-Z0-9][A-Z0-9._-]{0,9}".prop_map(|text| ProcedureCode::parse(&text).unwrap())
}

pub fn limit() -> BoxedStrategy<Limit> {
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
    .boxed()
}

pub fn effect() -> BoxedStrategy<WaitEffect> {
    prop_oneof![
        Just(WaitEffect::Restart),
        Just(WaitEffect::Pause),
        limit().prop_map(WaitEffect::SecondLimit),
        Just(WaitEffect::None),
    ]
    .boxed()
}

pub fn channel() -> impl Strategy<Value = Channel> + Clone {
    prop_oneof![
        Just(Channel::Direct),
        Just(Channel::Online),
        Just(Channel::Post)
    ]
}

pub fn sealed() -> impl Strategy<Value = Sealed> + Clone {
    (any::<u128>(), "[A-Za-z0-9_-]{0,20}").prop_map(|(key, sealed)| Sealed {
        key: Uuid::from_u128(key),
        sealed,
    })
}

pub fn papers() -> BoxedStrategy<Vec<PaperCheck>> {
    let verdict = prop_oneof![
        Just(Verdict::Original),
        Just(Verdict::Copy),
        Just(Verdict::Missing)
    ];
    let check = (
        any::<u16>(),
        option::of(text()),
        verdict,
        option::of(text()),
    );
    vec(
        check.prop_map(|(paper, name, verdict, reason)| PaperCheck {
            paper,
            name,
            verdict,
            reason,
        }),
        0..3,
    )
    .boxed()
}

pub fn documents() -> impl Strategy<Value = Vec<DocumentRef>> + Clone {
    vec(
        (text(), "[0-9a-f]{64}").prop_map(|(name, sha256)| DocumentRef { name, sha256 }),
        0..2,
    )
}

pub fn recounted() -> BoxedStrategy<Recounted> {
    (effect(), limit(), option::of(moment()), text())
        .prop_map(|(effect, limit, due_at, calendar)| Recounted {
            effect,
            limit,
            due_at,
            calendar,
        })
        .boxed()
}

pub fn wait() -> impl Strategy<Value = Wait> + Clone {
    select(&Wait::ALL[..])
}

pub fn return_channel() -> impl Strategy<Value = ReturnChannel> + Clone {
    select(
        &[
            ReturnChannel::Counter,
            ReturnChannel::Post,
            ReturnChannel::Online,
        ][..],
    )
}

pub fn alias() -> impl Strategy<Value = Alias> + Clone {
    (text(), text()).prop_map(|(scheme, code)| Alias { scheme, code })
}

/// Any effect of any wait, with rounds and time-outs.
pub fn clock() -> BoxedStrategy<ClockPolicy> {
    let effects = [(); 8].map(|()| effect());
    let limits = (option::of(0u8..3), option::of(limit()), option::of(limit()));
    (effects, limits)
        .prop_map(|(effects, (rounds, supplement, consent))| {
            let [
                asked,
                payment,
                verification,
                opinion,
                posting,
                transfer,
                incident,
                confirmation,
            ] = effects;
            ClockPolicy {
                supplement: asked,
                payment,
                verification,
                opinion,
                posting,
                transfer,
                incident,
                consent: confirmation,
                supplement_rounds: rounds,
                supplement_time_out: supplement,
                consent_time_out: consent,
            }
        })
        .boxed()
}

pub fn route() -> BoxedStrategy<Vec<RouteStep>> {
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
    vec(step, 0..4).boxed()
}
