//! Three rates side by side, so that none can stand for the others: what was finished on time, what is
//! open and still in time, and both together. Refusals, withdrawals and stops stand apart and lift
//! none of them.

use serde::{Deserialize, Serialize};

use crate::ended::How;
use crate::ontime::{Ended, Judged, Open};
use crate::share::Share;

/// Dossiers that had a date, by where they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Rates {
    /// Finished with a result, on time of all such.
    pub finished: Share,
    /// Open and still in time, of all open. A paused clock is in time, unless it was late before.
    pub open: Share,
    /// Refused, on time of all such.
    pub refused: Share,
    /// Withdrawn by the citizen, on time of all such.
    pub withdrawn: Share,
    /// Stopped, on time of all such.
    pub stopped: Share,
    /// Without a limit stated by law: in no rate.
    pub no_limit: u64,
}

impl Rates {
    /// Finished on time and open in time, of both together (the denominator of QĐ 766/QĐ-TTg).
    #[must_use]
    pub fn together(&self) -> Share {
        Share {
            part: self.finished.part + self.open.part,
            whole: self.finished.whole + self.open.whole,
        }
    }

    /// Adds a dossier; `how` is none while it is open, `promised` whether it had a date.
    pub fn add(&mut self, how: Option<How>, judged: Judged, promised: bool) {
        if !promised {
            self.no_limit += 1;
            return;
        }
        let share = match how {
            None => &mut self.open,
            Some(How::Resolved) => &mut self.finished,
            Some(How::Refused) => &mut self.refused,
            Some(How::Withdrawn) => &mut self.withdrawn,
            Some(How::Stopped) => &mut self.stopped,
        };
        share.whole += 1;
        let kept = match judged {
            Judged::Ended(ended) => ended != Ended::Late,
            Judged::Open(open) => open != Open::Overdue,
        };
        share.part += u64::from(kept);
    }
}
