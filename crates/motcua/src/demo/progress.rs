//! What is shown while the quarter runs.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use calendar::Moment;

/// Between two lines where the output is kept rather than watched.
const LINE_EVERY: Duration = Duration::from_secs(10);
/// Between two strokes on a terminal.
const STROKE_EVERY: Duration = Duration::from_millis(200);

/// A line of progress on standard error.
pub(super) struct Progress {
    began: Instant,
    shown: Instant,
    events_then: u64,
    dossiers: u64,
    of: u64,
    watched: bool,
}

impl Progress {
    /// Progress towards `of` dossiers.
    pub(super) fn towards(of: u64) -> Self {
        let now = Instant::now();
        Self {
            began: now,
            shown: now,
            events_then: 0,
            dossiers: 0,
            of,
            watched: std::io::stderr().is_terminal(),
        }
    }

    /// One more dossier came to a desk.
    pub(super) fn opened(&mut self) {
        self.dossiers += 1;
    }

    /// Shows the simulated date, when it is time to.
    pub(super) fn show(&mut self, simulated: Moment, events: u64) {
        let since = self.shown.elapsed();
        if since
            < if self.watched {
                STROKE_EVERY
            } else {
                LINE_EVERY
            }
        {
            return;
        }
        let rate = (events - self.events_then) as f64 / since.as_secs_f64();
        let line = format!(
            "{}  {} of {} dossiers  {events} events  {rate:.0} events/s  {:.0} s",
            simulated.format("%d/%m/%Y"),
            self.dossiers,
            self.of,
            self.began.elapsed().as_secs_f64(),
        );
        let mut out = std::io::stderr();
        // Progress that cannot be shown is no reason to stop the quarter.
        let _ = if self.watched {
            write!(out, "\r\x1b[K{line}")
        } else {
            writeln!(out, "{line}")
        };
        let _ = out.flush();
        (self.shown, self.events_then) = (Instant::now(), events);
    }

    /// How long it has taken so far.
    pub(super) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }
}
