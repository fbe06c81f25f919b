//! When a command happened: now, or earlier where it was recorded later. Where time is real, later has
//! a limit (`dossier::backdating`), and what a home tells of a dossier goes forward in time.

use calendar::Moment;
use dossier::backdating;
use dossier::case::Refusal;
use dossier::regime::Rules;
use serde_json::value::RawValue;

use super::Core;
use super::following::Happened;
use crate::command::CommandEnvelope;
use crate::desk::Desk;
use crate::memory::Remembered;

/// How far a caller's clock may run ahead of ours.
const AHEAD_SECONDS_MAX: i64 = 60;

impl<D: Desk> Core<D> {
    /// The moment that a command names, or now.
    pub(super) fn happened_at(&mut self, named: Option<Moment>) -> Result<Moment, Refusal> {
        const RULE: &str = "Việc ghi sổ sau chỉ được ghi thời điểm đã qua";
        let Some(at) = named.map(|at| at.with_timezone(&calendar::hanoi())) else {
            return Ok(self.pen.stamp.now());
        };
        if !self.pen.stamp.is_simulated() {
            let ahead = at.signed_duration_since(self.pen.stamp.now()).num_seconds();
            if ahead > AHEAD_SECONDS_MAX {
                return Err(Refusal::new(
                    "time.in_the_future",
                    format!("Thời điểm {at} chưa đến"),
                    RULE,
                ));
            }
        }
        Ok(at)
    }

    /// Whether what happened at `at` may be recorded now under `rules`, from paper or not. In a
    /// simulated profile the moment that is named is now.
    pub(super) fn recorded(
        &self,
        rules: &Rules,
        sent: &CommandEnvelope<Box<RawValue>>,
        at: Moment,
        paper: bool,
    ) -> Result<Happened, Refusal> {
        let now = self.pen.stamp.now();
        let listed = if self.pen.stamp.is_simulated() || sent.at.is_none() {
            false
        } else {
            backdating::permitted(rules, at, now, paper, &self.time.calendar)?
        };
        Ok(Happened { at, listed })
    }

    /// Whether a command about a known dossier may have happened at `at`.
    pub(super) fn in_order(
        &self,
        remembered: &Remembered,
        sent: &CommandEnvelope<Box<RawValue>>,
        at: Moment,
    ) -> Result<Happened, Refusal> {
        const RULE: &str = "Lịch sử hồ sơ (TT 01/2018/TT-VPCP điều 17)";
        let dossier = &remembered.dossier;
        let Some((received_at, received)) = &dossier.intake.received else {
            return Ok(Happened { at, listed: false });
        };
        if at < *received_at {
            return Err(Refusal::new(
                "time.before_reception",
                "Thời điểm ghi trước thời điểm tiếp nhận hồ sơ",
                RULE,
            ));
        }
        // What names no moment happens now, whatever a caller's clock said before.
        let named = sent.at.is_some() && !self.pen.stamp.is_simulated();
        let last = remembered
            .home_said_at
            .filter(|_| named && dossier.home == self.pen.me);
        if let Some(last) = last.filter(|last| at < *last) {
            return Err(Refusal::new(
                "time.before_last",
                format!(
                    "Thời điểm {at} trước việc đã ghi gần nhất của hồ sơ ({last}); hãy ghi các việc theo \
                     thứ tự thời gian"
                ),
                RULE,
            ));
        }
        let paper = received.particulars.paper.is_some();
        self.recorded(received.regime.rules(), sent, at, paper)
    }
}
