//! When people come.

use calendar::{Calendar, Moment};
use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::chance::{minutes, pick};
use crate::error::WorkloadError;
use crate::settings::{Desk, QuarterSettings};

/// Days and hours by weight.
pub(crate) struct Arrivals {
    first: NaiveDate,
    days: Vec<(NaiveDate, f64)>,
    hours: Vec<((i64, i64), f64)>,
}

impl Arrivals {
    /// The working days of the quarter, weighed.
    pub(crate) fn of(
        settings: &QuarterSettings,
        calendar: &Calendar,
    ) -> Result<Self, WorkloadError> {
        let mut days = Vec::new();
        for date in settings
            .first_day
            .iter_days()
            .take_while(|date| *date <= settings.last_day)
        {
            if calendar.day(date)?.is_working() {
                // A Saturday worked in exchange is as busy as the quietest day.
                let weekday = date.weekday().num_days_from_monday() as usize;
                let usual = settings
                    .arrivals
                    .weekdays
                    .get(weekday)
                    .copied()
                    .unwrap_or(settings.arrivals.weekdays[4]);
                let season = settings
                    .arrivals
                    .seasons
                    .iter()
                    .find(|s| s.from <= date && date <= s.to);
                days.push((date, usual * season.map_or(1.0, |season| season.weight)));
            }
        }
        let hours = settings
            .arrivals
            .hours
            .iter()
            .filter_map(|hours| Some((hours.minutes()?, hours.weight)))
            .collect();
        Ok(Self {
            first: settings.first_day,
            days,
            hours,
        })
    }

    /// A moment at a desk, within office hours.
    pub(crate) fn at_a_desk(&self, rng: &mut ChaCha8Rng) -> Result<Moment, WorkloadError> {
        let nobody = || WorkloadError::Unfit("no day of the quarter is worked".to_owned());
        let (date, _) = pick(rng, &self.days)
            .and_then(|i| self.days.get(i))
            .ok_or_else(nobody)?;
        let ((from, to), _) = pick(rng, &self.hours)
            .and_then(|i| self.hours.get(i))
            .ok_or_else(nobody)?;
        Ok(on(*date, rng.gen_range(from * 60..to * 60)))
    }

    /// When a dossier was submitted online that a desk deals with at `at`; none when that would lie
    /// before the quarter.
    pub(crate) fn submitted(
        &self,
        rng: &mut ChaCha8Rng,
        desk: &Desk,
        at: Moment,
    ) -> Option<Moment> {
        let waited = minutes(rng, desk.online_wait_hours, 60.0, 7 * 24 * 60);
        Some(at - TimeDelta::minutes(i64::from(waited))).filter(|at| at.date_naive() >= self.first)
    }
}

/// A moment of a day, in seconds since midnight.
pub(crate) fn on(date: NaiveDate, second: i64) -> Moment {
    let local = date.and_time(NaiveTime::MIN) + TimeDelta::seconds(second);
    Moment::from_naive_utc_and_offset(local - calendar::hanoi(), calendar::hanoi())
}
