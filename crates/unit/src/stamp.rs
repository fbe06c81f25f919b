//! The one place where time, identities and chance enter a unit.

use std::time::SystemTime;

use calendar::Moment;
use chrono::DateTime;
use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};
use uuid::{Builder, Uuid};

/// Draws identities and tells the time.
pub struct Stamp {
    chance: StdRng,
    /// In a simulated profile the latest instant that the generator named; else none.
    simulated: Option<Moment>,
    /// What stands in for the machine's clock, where a laboratory plays real time.
    told: Option<Moment>,
}

impl Stamp {
    /// The machine's clock and chance.
    pub fn machine() -> Self {
        Self {
            chance: StdRng::from_entropy(),
            simulated: None,
            told: None,
        }
    }

    /// A profile whose instants come from its generator, beginning at `at`.
    pub fn simulated(at: Moment) -> Self {
        Self {
            chance: StdRng::from_entropy(),
            simulated: Some(at),
            told: None,
        }
    }

    /// Given instant and chance, for tests.
    pub fn fixed(at: Moment, seed: u64) -> Self {
        Self {
            chance: StdRng::seed_from_u64(seed),
            simulated: Some(at),
            told: None,
        }
    }

    /// Real time as a laboratory plays it: the instant stands still until [`Stamp::tell`], and may
    /// jump either way as a machine's clock may.
    pub fn told(at: Moment, seed: u64) -> Self {
        Self {
            chance: StdRng::seed_from_u64(seed),
            simulated: None,
            told: Some(at),
        }
    }

    /// The instant that stands in for the machine's clock, if one does.
    pub fn tell(&mut self, now: Moment) {
        if let Some(told) = &mut self.told {
            *told = now;
        }
    }

    /// Whether instants are simulated: everything written is then marked so.
    pub fn is_simulated(&self) -> bool {
        self.simulated.is_some()
    }

    /// Now, to the millisecond.
    pub fn now(&self) -> Moment {
        self.simulated.or(self.told).unwrap_or_else(machine_now)
    }

    /// A simulated profile moves on, never back; the machine's clock is not moved.
    pub fn advance(&mut self, to: Moment) {
        if let Some(now) = self.simulated.as_mut().filter(|now| **now < to) {
            *now = to;
        }
    }

    /// A new identity (UUIDv7) of the present millisecond.
    pub fn id(&mut self) -> Uuid {
        let mut random = [0; 10];
        self.chance.fill_bytes(&mut random);
        let millis = u64::try_from(self.now().timestamp_millis()).unwrap_or(0);
        Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// Chance for keys and nonces.
    pub fn chance(&mut self) -> &mut StdRng {
        &mut self.chance
    }
}

/// The machine's time at +07:00, to the millisecond.
#[expect(clippy::disallowed_methods, reason = "the place where time enters")]
pub fn machine_now() -> Moment {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let millis = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
    DateTime::from_timestamp_millis(millis)
        .unwrap_or_default()
        .with_timezone(&calendar::hanoi())
}
