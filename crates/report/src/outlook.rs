//! From which instant on an open dossier is overdue, if nothing else happens: what a state that is
//! looked at later has to keep of it.

use calendar::{LimitUnit, Moment};
use chrono::{Days, NaiveTime, TimeDelta};
use dossier::dossier::Dossier;

use crate::course;
use crate::ended::end_of;
use crate::ontime::{Judged, Open, RuleSet};

impl RuleSet {
    /// From when on the dossier, as it stands, is overdue; none when it has ended, has no date, or
    /// its clock stands still before the date.
    #[must_use]
    pub fn overdue_from(self, dossier: &Dossier) -> Option<Moment> {
        if end_of(dossier).is_some() {
            return None;
        }
        let first = self.first_late(dossier)?;
        let overdue = Some(Judged::Open(Open::Overdue));
        (self.judge(dossier, first) == overdue).then_some(first)
    }

    /// The first instant after the date that the rule set holds an open dossier against.
    fn first_late(self, dossier: &Dossier) -> Option<Moment> {
        if self == Self::Qd766
            && let Some(second) = dossier.supplements.rounds.get(1)
        {
            return Some(second.asked_at);
        }
        let (due_at, unit) = self.due(dossier)?;
        let taken_off = match self {
            Self::Qd766 => {
                course::due_766(&dossier.promise).map_or(TimeDelta::zero(), |due| due.taken_off)
            }
            _ => TimeDelta::zero(),
        };
        let due_at = due_at.with_timezone(&calendar::hanoi());
        let first = match unit {
            LimitUnit::Hours | LimitUnit::WorkingHours => due_at + TimeDelta::milliseconds(1),
            _ => {
                let day = due_at.date_naive().checked_add_days(Days::new(1))?;
                let midnight = day.and_time(NaiveTime::MIN);
                midnight.and_local_timezone(calendar::hanoi()).single()?
            }
        };
        first.checked_add_signed(taken_off)
    }
}
