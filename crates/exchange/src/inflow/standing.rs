//! How far receiving has come, line by line.

use std::time::Duration;

use super::{Inflow, Scope};
use crate::order::Line;
use crate::status::{InboxStatus, LineStatus};

impl<T> Inflow<T> {
    /// How far each line has come.
    pub fn status(&self, now: Duration) -> InboxStatus {
        let lines: Vec<LineStatus> = self
            .order
            .lines()
            .map(|(line, known, parked)| {
                let next = self.order.next(line);
                let known = known.max(next - 1).max(self.gaps.claimed(line));
                let parked = parked as u64;
                let since = self.gaps.since(line);
                let heard = self.heard.get(&line.origin);
                LineStatus {
                    origin: line.origin.clone(),
                    epoch: line.epoch,
                    received: self.recorded.upto(line),
                    known,
                    missing: (known - (next - 1)).saturating_sub(parked),
                    parked,
                    missing_for: since.map(|since| now.saturating_sub(since)),
                    heard_ago: heard.map(|heard| now.saturating_sub(*heard)),
                }
            })
            .collect();
        InboxStatus {
            oldest_missing: lines.iter().filter_map(|line| line.missing_for).max(),
            rebuilds: self.watchdog.rebuilds(),
            lines,
        }
    }

    /// Begins the lines that the journal knows, so that one which stays silent is seen too.
    pub(super) fn begin_known(&mut self) {
        let Scope::Inbox { journal, .. } = &self.scope else {
            return;
        };
        let known: Vec<Line> = self
            .judge
            .units()
            .filter(|unit| journal.received_position(unit) > 0)
            .map(|unit| Line {
                origin: unit.to_owned(),
                epoch: None,
            })
            .collect();
        for line in &known {
            self.know_line(line);
        }
    }
}
