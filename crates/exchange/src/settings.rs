//! The few durations and sizes that an operator may choose.

use std::time::Duration;

/// How often things are said and checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// Between two checkpoints of one unit; also the grace before a receiver acts on one.
    pub checkpoint: Duration,
    /// How soon a receiver notices that the broker has gone silent.
    pub heartbeat: Duration,
    /// After which the broker delivers again what was not acknowledged.
    pub ack_wait: Duration,
}

impl Default for Timing {
    fn default() -> Timing {
        Timing {
            checkpoint: Duration::from_secs(30),
            heartbeat: Duration::from_secs(5),
            ack_wait: Duration::from_secs(30),
        }
    }
}
