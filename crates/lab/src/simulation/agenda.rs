//! Virtual time: what happens next, and a trace of everything that happened.

use std::collections::BTreeMap;
use std::time::Duration;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// What is still to happen, in order of time; at the same time, in the order in which it was put in.
#[derive(Debug)]
pub(super) struct Agenda<E> {
    now: Duration,
    put: u64,
    waiting: BTreeMap<(Duration, u64), E>,
}

impl<E> Agenda<E> {
    pub(super) fn new() -> Self {
        Self {
            now: Duration::ZERO,
            put: 0,
            waiting: BTreeMap::new(),
        }
    }

    /// Time since the run began.
    pub(super) fn now(&self) -> Duration {
        self.now
    }

    pub(super) fn after(&mut self, delay: Duration, event: E) {
        self.at(self.now + delay, event);
    }

    /// What was meant for a moment that is over happens now.
    pub(super) fn at(&mut self, when: Duration, event: E) {
        self.put += 1;
        self.waiting.insert((when.max(self.now), self.put), event);
    }

    /// The next thing, if it happens until `end`; time goes on to it.
    pub(super) fn next(&mut self, end: Duration) -> Option<E> {
        let entry = self.waiting.first_entry()?;
        if entry.key().0 > end {
            return None;
        }
        let ((now, _), event) = entry.remove_entry();
        self.now = now;
        Some(event)
    }
}

/// What happened, as a running hash: equal for two runs of one seed, or chance crept in somewhere.
/// The last lines are kept to be read by whoever looks into a failure.
#[derive(Debug)]
pub(super) struct Trace {
    hash: Sha256,
    lines: Option<Vec<String>>,
}

impl Trace {
    /// `kept` keeps what happened as text too.
    pub(super) fn new(kept: bool) -> Self {
        Self {
            hash: Sha256::new(),
            lines: kept.then(Vec::new),
        }
    }

    pub(super) fn note(&mut self, now: Duration, what: &str, numbers: &[u64]) {
        self.hash.update(now.as_micros().to_be_bytes());
        self.hash.update(what.as_bytes());
        for number in numbers {
            self.hash.update(number.to_be_bytes());
        }
        if let Some(lines) = &mut self.lines {
            lines.push(format!("{:>12.6} {what} {numbers:?}", now.as_secs_f64()));
        }
    }

    /// A line for readers only: what it says follows from what is hashed.
    pub(super) fn tell(&mut self, now: Duration, what: impl FnOnce() -> String) {
        if let Some(lines) = &mut self.lines {
            lines.push(format!("{:>12.6} {}", now.as_secs_f64(), what()));
        }
    }

    pub(super) fn end(self) -> (String, Vec<String>) {
        (
            HEXLOWER.encode(&self.hash.finalize()),
            self.lines.unwrap_or_default(),
        )
    }
}
