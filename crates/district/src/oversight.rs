//! The watch over the communes (NĐ 61/2018/NĐ-CP art. 19.7): what is due, what is late.

use std::collections::BTreeMap;

use calendar::{Calendar, Moment};
use dossier::fact::Fact;
use dossier::ids::UnitId;
use dossier::oversight::{Pressing, Reminded};
use unit::watch::Watched;

/// Most dossiers in one reminder, so that it stays far below the size of an event.
const DOSSIERS_MAX: usize = 200;

/// Reminders of dossiers that are due by the end of the next working day, or overdue, each once
/// for its due date in force. A dossier whose clock stands still presses nobody.
pub fn remind(calendar: &Calendar, now: Moment, watched: &[Watched]) -> Vec<Fact> {
    let Ok(horizon) = now.date_naive().succ_opt().map_or_else(
        || Ok(now.date_naive()),
        |tomorrow| calendar.working_day_from(tomorrow),
    ) else {
        // The calendars end here; due dates could not have been promised beyond them either.
        return Vec::new();
    };
    let mut pressing: BTreeMap<&UnitId, Vec<Pressing>> = BTreeMap::new();
    for row in watched.iter().filter(|row| !row.paused) {
        let Some(due_at) = row.due_at.filter(|due_at| due_at.date_naive() <= horizon) else {
            continue;
        };
        let overdue = due_at.date_naive() < now.date_naive();
        let told = row
            .reminded
            .is_some_and(|(for_date, as_overdue)| for_date == due_at && (as_overdue || !overdue));
        let list = pressing.entry(&row.home).or_default();
        if !told && list.len() < DOSSIERS_MAX {
            list.push(Pressing {
                code: row.code.clone(),
                due_at,
                overdue,
            });
        }
    }
    let told = pressing
        .into_iter()
        .filter(|(_, dossiers)| !dossiers.is_empty());
    told.map(|(unit, dossiers)| {
        Fact::Reminded(Reminded {
            unit: unit.clone(),
            dossiers,
        })
    })
    .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use dossier::ids::DossierCode;

    use super::*;

    fn at(text: &str) -> Moment {
        calendar::parse_moment(text).unwrap()
    }

    fn row(due: &str, reminded: Option<(&str, bool)>) -> Watched {
        Watched {
            code: DossierCode::parse("000.04.27.H33-180102-0001").unwrap(),
            home: UnitId::parse("H33-27-04").unwrap(),
            due_at: Some(at(due)),
            paused: false,
            reminded: reminded.map(|(due, overdue)| (at(due), overdue)),
        }
    }

    const FRIDAY_DUE: &str = "2018-01-05T17:00:00+07:00";

    #[test]
    fn a_dossier_due_on_the_next_working_day_presses() {
        let calendar = Calendar::published();
        assert_eq!(
            remind(
                calendar,
                at("2018-01-04T08:00:00+07:00"),
                &[row(FRIDAY_DUE, None)]
            )
            .len(),
            1
        );
        assert!(
            remind(
                calendar,
                at("2018-01-03T08:00:00+07:00"),
                &[row(FRIDAY_DUE, None)]
            )
            .is_empty()
        );
        // Friday looks across the weekend to Monday.
        let monday = row("2018-01-08T17:00:00+07:00", None);
        assert_eq!(
            remind(calendar, at("2018-01-05T08:00:00+07:00"), &[monday]).len(),
            1
        );
    }

    #[test]
    fn each_is_said_once_before_and_once_after() {
        let calendar = Calendar::published();
        let (thursday, monday) = (
            at("2018-01-04T08:00:00+07:00"),
            at("2018-01-08T08:00:00+07:00"),
        );
        let told = row(FRIDAY_DUE, Some((FRIDAY_DUE, false)));
        assert!(remind(calendar, thursday, std::slice::from_ref(&told)).is_empty());
        assert_eq!(remind(calendar, monday, &[told]).len(), 1);
        assert!(
            remind(
                calendar,
                monday,
                &[row(FRIDAY_DUE, Some((FRIDAY_DUE, true)))]
            )
            .is_empty()
        );
    }

    #[test]
    fn a_clock_that_stands_still_presses_nobody() {
        let still = Watched {
            paused: true,
            ..row(FRIDAY_DUE, None)
        };
        assert!(
            remind(
                Calendar::published(),
                at("2018-01-08T08:00:00+07:00"),
                &[still]
            )
            .is_empty()
        );
    }
}
