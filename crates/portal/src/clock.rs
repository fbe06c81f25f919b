//! What time it is: only for saying how long something has waited. No message carries it.

use std::time::SystemTime;

use calendar::{Moment, hanoi};
use chrono::{DateTime, Utc};

/// Now.
#[expect(
    clippy::disallowed_methods,
    reason = "a lag is a difference to now; nothing that is told is stamped with it"
)]
pub(crate) fn now() -> Moment {
    DateTime::<Utc>::from(SystemTime::now()).with_timezone(&hanoi())
}
