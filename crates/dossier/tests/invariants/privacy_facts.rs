//! Any fact about personal data.

use dossier::fact::Fact;
use dossier::ids::UnitId;
use dossier::privacy::{
    Basis, Erased, ErasureOrdered, ErasureRefused, Field, KeyGranted, KeysDestroyed, Obstacle,
    Purpose, Read, Retention,
};
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::{BoxedStrategy, Strategy, any, prop_oneof};
use proptest::sample::select;
use std::collections::BTreeSet;
use uuid::Uuid;

use crate::world::{moment, officer, text, unit};

fn basis() -> impl Strategy<Value = Basis> + Clone {
    select(
        &[
            Basis::SubjectRequest,
            Basis::PurposeDone,
            Basis::RetentionOver,
            Basis::Decision,
        ][..],
    )
}

fn retention() -> impl Strategy<Value = Retention> + Clone {
    (option::of(any::<u16>()), text()).prop_map(|(years, basis)| Retention { years, basis })
}

fn keys() -> impl Strategy<Value = BTreeSet<Uuid>> + Clone {
    btree_set(any::<u128>().prop_map(Uuid::from_u128), 0..3)
}

fn places() -> impl Strategy<Value = BTreeSet<UnitId>> + Clone {
    btree_set(unit(), 0..3)
}

/// What the home says about the keys.
fn of_the_custodian() -> BoxedStrategy<Fact> {
    let obstacle = select(&[Obstacle::Running, Obstacle::Retained, Obstacle::Unregulated][..]);
    let refused = (
        (basis(), obstacle, option::of(retention())),
        (option::of(moment()), text(), officer(), text()),
    );
    let ordered = (
        (keys(), places(), basis()),
        (option::of(retention()), officer(), text()),
    );
    let erased = (keys(), places(), basis(), text(), officer());
    prop_oneof![
        2 => unit().prop_map(|to| Fact::KeyGranted(KeyGranted { to })),
        1 => refused.prop_map(
            |((basis, obstacle, retention), (until, message, officer, reason))| {
                let until = until.map(|until| until.date_naive());
                Fact::ErasureRefused(Box::new(ErasureRefused {
                    basis, obstacle, retention, until, message, officer, reason,
                }))
            }
        ),
        1 => ordered.prop_map(|((keys, places, basis), (retention, officer, reason))| {
            Fact::ErasureOrdered(Box::new(ErasureOrdered {
                keys, places, basis, retention, officer, reason,
            }))
        }),
        1 => erased.prop_map(|(keys, places, basis, article, officer)| {
            Fact::Erased(Box::new(Erased { keys, places, basis, article, officer }))
        }),
    ]
    .boxed()
}

/// What is said about personal data, by a home or by whoever had a step.
pub fn of_personal_data() -> BoxedStrategy<Fact> {
    let purpose = select(
        &[
            Purpose::Resolution,
            Purpose::Contact,
            Purpose::Handover,
            Purpose::Form,
            Purpose::SubjectRequest,
            Purpose::Inspection,
        ][..],
    );
    let field = select(&[Field::Name, Field::IdNumber, Field::Address, Field::Phone][..]);
    let fields = || vec(field.clone(), 0..3);
    let read = (officer(), purpose, fields(), fields());
    prop_oneof![
        2 => read.prop_map(|(officer, purpose, applicant, delegate)| {
            Fact::Read(Read { officer, purpose, applicant, delegate })
        }),
        1 => keys().prop_map(|keys| Fact::KeysDestroyed(KeysDestroyed { keys })),
        3 => of_the_custodian(),
    ]
    .boxed()
}
