//! Spoiling good inputs, and holding a decoder against what comes of it. Every case follows from
//! the seed, the target's name and the case's number.

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rand::{Rng, RngCore, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use sha2::{Digest, Sha256};

mod extremes;

use extremes::{json_extreme, like, nested, word};

/// Cases of one target in an ordinary run.
const CASES: u64 = 300;

/// The longest refusal that anybody should have to read, in bytes; it must not quote its cause
/// at length.
const REFUSAL_BYTES_MAX: usize = 4_000;

fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is no number")),
    )
}

/// Gives `decode` every one of `good`, which it must accept, and then spoilt ones. A refusal is
/// text that says what is wrong; a panic ends the test after the run with the cases that led to it.
pub(crate) fn hold(target: &str, good: &[Vec<u8>], decode: impl Fn(&[u8]) -> Result<(), String>) {
    for input in good {
        let read = decode(input);
        assert!(
            read.is_ok(),
            "{target} refuses what is good: {read:?}\n{}",
            String::from_utf8_lossy(input)
        );
    }
    hold_spoilt(target, good, decode);
}

/// The same for a target that refuses also what is good, where nothing of it fits together.
pub(crate) fn hold_spoilt(
    target: &str,
    good: &[Vec<u8>],
    decode: impl Fn(&[u8]) -> Result<(), String>,
) {
    let seed = number("HOSTILE_SEED").unwrap_or(1);
    let only = number("HOSTILE_ONLY");
    let cases = number("HOSTILE_CASES").unwrap_or(CASES);
    let range = only.map_or(0..cases, |case| case..case + 1);
    let mut failures = Vec::new();
    for case in range {
        let input = spoilt(target, seed, case, good);
        let fault = match catch_unwind(AssertUnwindSafe(|| decode(&input))) {
            Err(_) => "a panic".to_owned(),
            Ok(Err(refusal)) if refusal.trim().is_empty() => "a refusal without a word".to_owned(),
            Ok(Err(refusal)) if refusal.len() > REFUSAL_BYTES_MAX => {
                format!("a refusal of {} bytes", refusal.len())
            }
            Ok(_) => continue,
        };
        let shown: String = String::from_utf8_lossy(&input).chars().take(600).collect();
        failures.push(format!(
            "{target}: {fault} (HOSTILE_SEED={seed} HOSTILE_ONLY={case}, {} bytes):\n{shown}",
            input.len()
        ));
        if failures.len() == 5 {
            break;
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

/// The generator of one case.
pub(crate) fn chance(target: &str, seed: u64, case: u64) -> ChaCha8Rng {
    let mut hash = Sha256::new();
    hash.update(target);
    hash.update(seed.to_be_bytes());
    hash.update(case.to_be_bytes());
    ChaCha8Rng::from_seed(hash.finalize().into())
}

fn spoilt(target: &str, seed: u64, case: u64, good: &[Vec<u8>]) -> Vec<u8> {
    let mut chance = chance(target, seed, case);
    let chance = &mut chance;
    let mut input = good.choose(chance).cloned().unwrap_or_default();
    for _ in 0..chance.gen_range(1..=3) {
        input = if chance.gen_bool(0.7) {
            in_form(chance, &input, good).unwrap_or_else(|| in_bytes(chance, &input, good))
        } else {
            in_bytes(chance, &input, good)
        };
    }
    input
}

/// Spoils a JSON text so that most of it stays JSON; none where it is no JSON.
fn in_form(chance: &mut ChaCha8Rng, input: &[u8], good: &[Vec<u8>]) -> Option<Vec<u8>> {
    let mut value: Value = serde_json::from_slice(input).ok()?;
    let graft = || -> Option<Value> { serde_json::from_slice(good.last()?).ok() };
    let what = chance.gen_range(0..14);
    let place = any_place(chance, &mut value);
    match what {
        // What stays of its kind gets past the form, to those who have to make sense of it.
        8.. => *place = like(chance, place),
        0..=3 => *place = json_extreme(chance),
        4 => *place = graft()?,
        5 => match place {
            Value::Object(map) => {
                let name = map
                    .keys()
                    .nth(chance.gen_range(0..map.len().max(1)))?
                    .clone();
                let moved = map.remove(&name)?;
                if chance.gen_bool(0.5) {
                    map.insert(word(chance), moved);
                }
            }
            Value::Array(list) => {
                let one = list.choose(chance).cloned().unwrap_or(Value::Null);
                list.extend(std::iter::repeat_n(one, chance.gen_range(1..300)));
            }
            other => *other = Value::Array(vec![other.clone(); 3]),
        },
        6 => return Some(twice(chance, &value)),
        _ => {
            let text = serde_json::to_string(&value).ok()?;
            let at = text.find(':')? + 1;
            let (before, after) = text.split_at(at);
            return Some(format!("{before}{},\"x\":{after}", nested(chance)).into_bytes());
        }
    }
    serde_json::to_vec(&value).ok()
}

/// The value, or something within it.
fn any_place<'a>(chance: &mut ChaCha8Rng, value: &'a mut Value) -> &'a mut Value {
    let inner = match value {
        Value::Object(map) => map.len(),
        Value::Array(list) => list.len(),
        _ => 0,
    };
    if inner == 0 || chance.gen_bool(0.15) {
        return value;
    }
    let at = chance.gen_range(0..inner);
    let next = match value {
        Value::Object(map) => map.values_mut().nth(at),
        Value::Array(list) => list.get_mut(at),
        _ => None,
    };
    any_place(chance, next.expect("counted"))
}

/// The text with one of its names given twice.
fn twice(chance: &mut ChaCha8Rng, value: &Value) -> Vec<u8> {
    let text = value.to_string();
    let names: Vec<(usize, &str)> = text
        .match_indices("\":")
        .filter_map(|(end, _)| {
            let start = text[..end].rfind('"')?;
            Some((start, &text[start..end + 2]))
        })
        .collect();
    match names.choose(chance) {
        Some((start, name)) => {
            let extra = format!("{name}{},", json_extreme(chance));
            format!("{}{extra}{}", &text[..*start], &text[*start..]).into_bytes()
        }
        None => text.into_bytes(),
    }
}

/// Spoils bytes as bytes.
fn in_bytes(chance: &mut ChaCha8Rng, input: &[u8], good: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = input.to_vec();
    let at = chance.gen_range(0..=bytes.len());
    match chance.gen_range(0..8) {
        0 if !bytes.is_empty() => {
            let at = at.min(bytes.len() - 1);
            bytes[at] ^= 1 << chance.gen_range(0..8);
        }
        1 => bytes.truncate(at),
        2 => drop(bytes.drain(..at)),
        3 => {
            let other = good.choose(chance).cloned().unwrap_or_default();
            let from = chance.gen_range(0..=other.len());
            bytes.truncate(at);
            bytes.extend_from_slice(&other[from..]);
        }
        4 => {
            let text = word(chance);
            bytes.splice(at..at, text.bytes());
        }
        5 => {
            let mut noise = vec![0; chance.gen_range(1..64)];
            chance.fill_bytes(&mut noise);
            let end = (at + noise.len()).min(bytes.len());
            bytes.splice(at..end, noise);
        }
        6 => {
            let piece = bytes[at..(at + 64).min(bytes.len())].to_vec();
            let times = *[2, 50, 3_000].choose(chance).expect("some");
            bytes.splice(at..at, piece.repeat(times));
        }
        _ => {
            let four = chance.next_u32() | if chance.gen_bool(0.5) { 0x7fff_0000 } else { 0 };
            let end = (at + 4).min(bytes.len());
            bytes.splice(at..end, four.to_be_bytes());
        }
    }
    bytes
}
