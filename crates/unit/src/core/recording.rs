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
pub(crate) const AHEAD_SECONDS_MAX: i64 = 60;

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
                    format!(
                        "Thời điểm {} chưa đến; hãy ghi thời điểm đã qua, hoặc bỏ trống để lấy giờ \
                         hiện tại",
                        read_aloud(at)
                    ),
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
                format!(
                    "Thời điểm {} trước khi hồ sơ được tiếp nhận ({}); hãy ghi thời điểm sau đó",
                    read_aloud(at),
                    read_aloud(*received_at)
                ),
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
                    "Thời điểm {} trước việc đã ghi gần nhất của hồ sơ ({}); hãy ghi các việc theo \
                     thứ tự thời gian",
                    read_aloud(at),
                    read_aloud(last)
                ),
                RULE,
            ));
        }
        let paper = received.particulars.paper.is_some();
        self.recorded(received.regime.rules(), sent, at, paper)
    }
}

/// A moment as officers read it, to the second: entries of one minute have an order too.
fn read_aloud(moment: Moment) -> String {
    let here = moment.with_timezone(&calendar::hanoi());
    here.format("%H:%M:%S ngày %d/%m/%Y").to_string()
}
