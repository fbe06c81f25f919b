//! The one source of chance of a run: everything that could go either way is drawn here.

use std::time::Duration;

use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use uuid::{Builder, Uuid};

/// A generator that a seed determines wholly.
#[derive(Debug)]
pub(super) struct Chance(ChaCha8Rng);

impl Chance {
    pub(super) fn of(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A number below `bound`; 0 for a bound of 0.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        if bound == 0 {
            0
        } else {
            self.0.gen_range(0..bound)
        }
    }

    /// True so many times in a thousand.
    pub(super) fn per_mille(&mut self, times: u32) -> bool {
        times > 0 && self.0.gen_range(0..1_000) < times
    }

    /// A duration from `least` to `most`, to the microsecond.
    pub(super) fn between(&mut self, least: Duration, most: Duration) -> Duration {
        let micros = |duration: Duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        let (least, most) = (micros(least), micros(most));
        Duration::from_micros(self.0.gen_range(least..=most.max(least)))
    }

    /// One of `things`; none of none.
    pub(super) fn one_of<'a, T>(&mut self, things: &'a [T]) -> Option<&'a T> {
        things.get(self.below(things.len()))
    }

    pub(super) fn number(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// An identity as a caller draws it.
    pub(super) fn id(&mut self) -> Uuid {
        let mut bytes = [0; 16];
        self.0.fill_bytes(&mut bytes);
        Builder::from_random_bytes(bytes).into_uuid()
    }
}
