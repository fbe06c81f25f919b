//! Chance: one seeded generator for each dossier, so that no draw depends on the order of others.

use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use uuid::Uuid;

use crate::settings::Spread;

/// Sets the identities of commands apart from the draws of plans.
const IDENTITIES: u64 = 0x6d6f_7463_7561_6964;

/// The generator of one dossier.
pub(crate) fn of_dossier(seed: u64, number: usize) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(number as u64 + 1);
    rng
}

/// The identity of a command: the same in every run with this seed, so that a run that is taken up
/// again repeats commands and never doubles them.
pub(crate) fn identity(seed: u64, number: usize, slot: u64) -> Uuid {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ IDENTITIES);
    rng.set_stream(number as u64 + 1);
    rng.set_word_pos(u128::from(slot) * 4);
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// Whether a case of this share comes up.
pub(crate) fn happens(rng: &mut ChaCha8Rng, share: f64) -> bool {
    rng.r#gen::<f64>() < share
}

/// A log-normal draw.
pub(crate) fn spread(rng: &mut ChaCha8Rng, spread: Spread) -> f64 {
    let normal: f64 = rng.sample(StandardNormal);
    spread.median * (spread.sigma * normal).exp()
}

/// Whole minutes of a draw, 1 to `most`.
pub(crate) fn minutes(rng: &mut ChaCha8Rng, of: Spread, unit_minutes: f64, most: u32) -> u32 {
    (spread(rng, of) * unit_minutes)
        .round()
        .clamp(1.0, f64::from(most)) as u32
}

/// One of several by weight; the first when there is no weight at all.
pub(crate) fn pick<T>(rng: &mut ChaCha8Rng, of: &[(T, f64)]) -> Option<usize> {
    let total: f64 = of.iter().map(|(_, weight)| weight).sum();
    let mut left = rng.r#gen::<f64>() * total;
    for (index, (_, weight)) in of.iter().enumerate() {
        left -= weight;
        if left < 0.0 {
            return Some(index);
        }
    }
    (!of.is_empty()).then(|| of.len() - 1)
}
