//! Values at the edges of what decoders expect.

use rand::{Rng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "1",
    "127",
    "255",
    "65535",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "-9223372036854775808",
    "18446744073709551616",
    "0.1",
    "-0.0",
    "1e308",
    "5e-324",
];

const TEXTS: &[&str] = &[
    "",
    " ",
    "\u{0}",
    "\u{feff}",
    "\u{202e}x",
    "Đ",
    "𝕏𝕏𝕏",
    "e\u{301}",
    "../../etc/passwd",
    "*",
    ">",
    "motcua.v1.>",
    "H33-27",
    "H33-27-04",
    "H33-27-",
    "h33",
    "000.00.27.H33-180102-0001",
    "H33.27-20180102-9999999",
    "1.001193",
    "cb-01",
    "appraisal",
    "vn.motcua.dossier.received.v1",
    "vn.motcua.dossier.received.v4294967296",
    "vn.motcua...v1",
    "0",
    "-1",
    "18446744073709551615",
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "FFFFFFFF-ffff-ffff-ffff-ffffffffffff",
    "{00000000-0000-0000-0000-000000000000}",
    "AAAA",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "=",
    "null",
    "[]",
    "{}",
    "\"",
    "\\",
];

/// Instants and days that calendars end at.
const TIMES: &[&str] = &[
    "2018-03-12T08:30:00+07:00",
    "0000-01-01T00:00:00+07:00",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999Z",
    "9999-12-31T23:59:59-23:59",
    "+10000-01-01T00:00:00Z",
    "+262142-12-31T23:59:59Z",
    "+262142-12-31T23:59:59-23:59",
    "-262143-01-01T00:00:00Z",
    "-262143-01-01T00:00:00+23:59",
    "2016-12-31T23:59:60Z",
    "1970-01-01T00:00:00Z",
    "2018-02-30T00:00:00Z",
    "9999-12-31",
    "+262142-12-31",
    "-262143-01-01",
    "2018-02-28",
    "0000-01-01",
];

/// A text that is worth trying.
pub(super) fn word(chance: &mut ChaCha8Rng) -> String {
    match chance.gen_range(0..10) {
        0..=3 => (*TEXTS.choose(chance).expect("some")).to_owned(),
        4..=6 => (*TIMES.choose(chance).expect("some")).to_owned(),
        7 => (*NUMBERS.choose(chance).expect("some")).to_owned(),
        8 => "x".repeat(
            *[33, 65, 101, 501, 5_000, 70_000]
                .choose(chance)
                .expect("some"),
        ),
        _ => "ữ".repeat(*[22, 65, 3_000].choose(chance).expect("some")),
    }
}

/// A JSON value that is worth trying.
pub(super) fn json_extreme(chance: &mut ChaCha8Rng) -> Value {
    match chance.gen_range(0..10) {
        0 => Value::Null,
        1 => json!(chance.gen_bool(0.5)),
        2..=4 => {
            let text = *NUMBERS.choose(chance).expect("some");
            serde_json::from_str(text).unwrap_or(Value::Null)
        }
        5 => json!([]),
        6 => json!({}),
        _ => json!(word(chance)),
    }
}

/// Another value of the same kind, at an edge.
pub(super) fn like(chance: &mut ChaCha8Rng, value: &Value) -> Value {
    match value {
        Value::Null | Value::Bool(_) => json!(chance.gen_bool(0.5)),
        Value::Number(_) => {
            let text = *NUMBERS.choose(chance).expect("some");
            serde_json::from_str(text).unwrap_or(Value::Null)
        }
        Value::String(text) if text.as_bytes().get(4) == Some(&b'-') => {
            json!(TIMES.choose(chance).expect("some"))
        }
        Value::String(text) if chance.gen_bool(0.5) => json!(text.repeat(3)),
        Value::String(_) => json!(word(chance)),
        Value::Array(list) => {
            let mut list = list.clone();
            list.shuffle(chance);
            list.truncate(chance.gen_range(0..=list.len()));
            json!(list)
        }
        Value::Object(map) => {
            let spoilt = chance.gen_range(0..map.len().max(1));
            let with = |(at, (name, value)): (usize, (&String, &Value))| {
                (
                    name.clone(),
                    if at == spoilt {
                        Value::Null
                    } else {
                        value.clone()
                    },
                )
            };
            Value::Object(map.iter().enumerate().map(with).collect())
        }
    }
}

/// A text of JSON nested deeper than anybody means.
pub(super) fn nested(chance: &mut ChaCha8Rng) -> String {
    let deep = *[100, 127, 128, 129, 5_000, 30_000]
        .choose(chance)
        .expect("some");
    match chance.gen_range(0..3) {
        0 => format!("{}{}", "[".repeat(deep), "]".repeat(deep)),
        1 => format!("{}0{}", "{\"a\":".repeat(deep), "}".repeat(deep)),
        _ => "[".repeat(deep),
    }
}
