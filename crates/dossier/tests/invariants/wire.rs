//! Facts as they are written down and read again, by this version and by later ones.

use dossier::fact::Fact;
use dossier::wire::{KINDS, kind, read, write};
use proptest::collection::{btree_map, vec};
use proptest::prelude::{Just, Strategy, any, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::Index;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::facts::fact;

fn raw(value: &Value) -> Box<RawValue> {
    serde_json::value::to_raw_value(value).unwrap()
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        // Fractions that are read back exactly: a fact with free rows is compared after reading.
        any::<i32>().prop_map(|quarters| Value::from(f64::from(quarters) / 4.0)),
        ".{0,10}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map("step|turn|reason|limit|due_at|.{0,6}", inner, 0..4)
                .prop_map(Value::from_iter),
        ]
    })
}

/// Puts `strange` in the place of some value inside.
fn spoil(value: &mut Value, path: &[Index], strange: &Value) {
    let inner: Vec<&mut Value> = match value {
        Value::Array(items) => items.iter_mut().collect(),
        Value::Object(fields) => fields.iter_mut().map(|(_, inner)| inner).collect(),
        _ => Vec::new(),
    };
    match path.split_first() {
        Some((first, rest)) if !inner.is_empty() => {
            let at = first.index(inner.len());
            if let Some(inner) = inner.into_iter().nth(at) {
                spoil(inner, rest, strange);
            }
        }
        _ => *value = strange.clone(),
    }
}

/// Adds a field to every part, as a later version may; a choice among variants is no part, nor a
/// table keyed by one.
fn grow(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(grow),
        Value::Object(fields) => {
            let parts = fields
                .iter_mut()
                .filter(|(name, _)| !matches!(name.as_str(), "clock_basis" | "by_holder"));
            parts.for_each(|(_, inner)| grow(inner));
            if !fields.contains_key("second_limit") && !fields.contains_key("rejected") {
                fields.insert("added_later".to_owned(), json!({"amount": 1}));
            }
        }
        _ => {}
    }
}

proptest! {
    #[test]
    fn invariant_7_what_was_written_is_what_is_read(fact in fact()) {
        let data = write(&fact).unwrap();
        prop_assert_eq!(read(kind(&fact), &data).unwrap(), Some(fact));
    }

    #[test]
    fn invariant_7_a_field_added_later_changes_nothing(fact in fact()) {
        let mut data: Value = serde_json::from_str(write(&fact).unwrap().get()).unwrap();
        grow(&mut data);
        prop_assert_eq!(read(kind(&fact), &raw(&data)).unwrap(), Some(fact));
    }

    #[test]
    fn invariant_7_an_unknown_kind_is_none_whatever_it_holds(name in "[a-z.]{0,30}", data in any_json()) {
        let later = format!("vn.motcua.{name}.v9");
        prop_assert_eq!(read(&later, &raw(&data)).unwrap(), None::<Fact>);
    }

    #[test]
    fn invariant_7_arbitrary_data_is_read_or_refused(data in any_json()) {
        for kind in KINDS {
            // Whatever is read must be writable again; the rest is an error that names the kind.
            match read(kind, &raw(&data)) {
                Ok(Some(fact)) => prop_assert_eq!(dossier::wire::kind(&fact), kind),
                Ok(None) => panic!("{kind} is known"),
                Err(unreadable) => assert!(unreadable.to_string().contains(kind), "{unreadable}"),
            }
        }
    }

    #[test]
    fn invariant_7_a_spoiled_fact_is_read_or_refused(
        fact in fact(),
        path in vec(any::<Index>(), 0..4),
        strange in any_json(),
    ) {
        let mut data: Value = serde_json::from_str(write(&fact).unwrap().get()).unwrap();
        spoil(&mut data, &path, &strange);
        if let Ok(read) = read(kind(&fact), &raw(&data)) {
            let again = read.expect("a known kind");
            let data = write(&again).unwrap();
            prop_assert_eq!(dossier::wire::read(kind(&again), &data).unwrap(), Some(again));
        }
    }
}

#[test]
fn every_kind_is_named_once_and_with_a_version() {
    let distinct: std::collections::BTreeSet<&str> = KINDS.into_iter().collect();
    assert_eq!(distinct.len(), KINDS.len());
    assert!(
        KINDS
            .iter()
            .all(|kind| kind.starts_with("vn.motcua.") && kind.ends_with(".v1"))
    );
}
