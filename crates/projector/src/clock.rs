//! What time it is: the machine's, or a simulation's where a profile lives in simulated time.

use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use calendar::{Moment, hanoi, parse_moment};
use chrono::{DateTime, Utc};
use serde::Deserialize;

/// The clock of a projector. Only "overdue now" depends on it; nothing that ended does.
#[derive(Debug, Default)]
pub struct Clock(Mutex<Option<Moment>>);

/// What a simulation says on the clock's subject.
#[derive(Deserialize)]
struct Tick {
    now: String,
}

impl Clock {
    /// Now, and whether it is simulated.
    #[expect(
        clippy::disallowed_methods,
        reason = "a reader has to know what is overdue now; it stamps nothing with it"
    )]
    pub fn now(&self) -> (Moment, bool) {
        let simulated = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match simulated {
            Some(now) => (now, true),
            None => (
                DateTime::<Utc>::from(SystemTime::now()).with_timezone(&hanoi()),
                false,
            ),
        }
    }

    /// From now on it is `now`, until told otherwise.
    pub fn set(&self, now: Moment) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }

    /// Takes in a message of the clock's subject; says whether it was one.
    pub fn told(&self, payload: &[u8]) -> bool {
        let tick: Option<Tick> = serde_json::from_slice(payload).ok();
        let now = tick.and_then(|tick| parse_moment(&tick.now).ok());
        now.inspect(|now| self.set(*now)).is_some()
    }
}
