//! After a declared day: every own open dossier is recounted, a bounded number at a time, each once.

use dossier::case::Case;
use dossier::ids::DossierCode;
use dossier::recount;
use journal::{Group, Note};

use super::working_time::Sweep;
use super::{Core, CoreError};
use crate::desk::Desk;
use crate::watch;
use crate::writing::Cause;

/// Dossiers recounted in one group: far fewer than are at hand, so that none is read back from the
/// journal before the journal has it.
const DOSSIERS_MAX: usize = 256;

impl<D: Desk> Core<D> {
    /// The own sequence that has to be durable before [`Core::sweep`] can go on; none when nothing
    /// is to be recounted.
    pub fn sweep_waits_for(&self) -> Option<u64> {
        self.time.sweeps.front().map(|sweep| sweep.ready_at)
    }

    /// Recounts the next dossiers under the oldest declaration that is not done with. How far it
    /// came is in the same group, so that a unit that starts again goes on behind it.
    ///
    /// # Errors
    /// [`CoreError`] when the journal cannot be read.
    pub fn sweep(&mut self) -> Result<Group, CoreError> {
        let mut group = Group::default();
        let Some(mut sweep) = self.time.sweeps.pop_front() else {
            return Ok(group);
        };
        if self.journal.last_sequence() < sweep.ready_at {
            self.time.sweeps.push_front(sweep);
            return Ok(group);
        }
        let mut waiting = match sweep.waiting.take() {
            Some(waiting) => waiting,
            None => {
                let open = self.journal.notes_with_prefix(watch::OPEN.as_bytes())?;
                let mut codes = watch::open_codes(open);
                codes.retain(|code| sweep.after.as_ref().is_none_or(|after| code > after));
                codes.into()
            }
        };
        for code in waiting.drain(..waiting.len().min(DOSSIERS_MAX)) {
            self.recount(&sweep, &code, &mut group)?;
            sweep.after = Some(code);
        }
        let over = waiting.is_empty();
        group.notes.push(sweep.reached(over));
        let ready_at = self.pen.sequence;
        if over {
            if let Some(next) = self.time.sweeps.front_mut() {
                next.ready_at = ready_at;
            }
        } else {
            sweep.waiting = Some(waiting);
            sweep.ready_at = ready_at;
            self.time.sweeps.push_front(sweep);
        }
        Ok(group)
    }

    fn recount(
        &mut self,
        sweep: &Sweep,
        code: &DossierCode,
        group: &mut Group,
    ) -> Result<(), CoreError> {
        let Some(remembered) = self.memory.take(code)? else {
            return Ok(());
        };
        let at = self.pen.stamp.now();
        let case = Case {
            me: &self.pen.me,
            at,
            officer: None,
            dossier: &remembered.dossier,
            calendar: &sweep.calendar,
        };
        let facts = recount::recomputed(&case, sweep.declaration, &sweep.basis);
        let facts = facts.unwrap_or_else(|refusal| {
            // A date beyond the calendars: the promised one stands, and an officer may apologise.
            tracing::warn!(unit = %self.pen.me, dossier = %code, %refusal, "not recounted");
            None
        });
        let cause = Cause {
            at,
            id: Some(sweep.declaration),
        };
        let remembered = self.by_itself(remembered, cause, facts.into_iter().collect(), group)?;
        // What the indexes say rests on the calendar before: all of it is said again.
        let rows = watch::indexed(&remembered.dossier, &self.pen.me, &self.time.calendar);
        self.looks
            .extend(rows.keys().filter_map(|key| watch::look_of(key)));
        group
            .notes
            .extend(rows.into_iter().map(|(key, value)| Note {
                key,
                value: Some(value),
            }));
        self.memory.keep(remembered);
        Ok(())
    }
}
