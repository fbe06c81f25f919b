//! Invented people. Names are put together from syllables, numbers begin with zeros that no province
//! issues, so that nobody can take them for somebody.

use dossier::intake::Person;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

const ONSETS: [&str; 12] = [
    "B", "Đ", "Gi", "Kh", "L", "M", "Ng", "Ph", "S", "Th", "Tr", "V",
];
const RHYMES: [&str; 12] = [
    "ạch", "ăm", "eo", "iết", "inh", "oai", "ong", "uân", "ươn", "ửu", "yên", "ơi",
];
/// No province issued numbers that begin so, and no operator.
const NOBODY: &str = "000";

fn syllable(rng: &mut ChaCha8Rng) -> String {
    let onset = ONSETS[rng.gen_range(0..ONSETS.len())];
    let rhyme = RHYMES[rng.gen_range(0..RHYMES.len())];
    format!("{onset}{rhyme}")
}

/// Somebody who does not exist and lives in `place`.
pub(crate) fn invented(rng: &mut ChaCha8Rng, place: &str) -> Person {
    let name = [syllable(rng), syllable(rng), syllable(rng)].join(" ");
    Person {
        name: format!("{name} (giả định)"),
        id_number: Some(format!("{NOBODY}{:09}", rng.gen_range(0..1_000_000_000u32))),
        address: Some(format!("Ấp Giả Định {}, {place}", rng.gen_range(1..=9u8))),
        phone: Some(format!("{NOBODY}{:07}", rng.gen_range(0..10_000_000u32))),
    }
}
