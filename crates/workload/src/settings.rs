//! Parameters of a quarter, as a profile writes them. Each carries its source, or says that it is a prior.

use std::collections::BTreeMap;
use std::path::Path;

use catalogue::Level;
use chrono::NaiveDate;
use dossier::ids::{ProcedureCode, UnitId};
use serde::Deserialize;

use crate::error::WorkloadError;

/// The register of a quarter's parameters, in the directory of a profile.
pub const QUARTER: &str = "quarter.toml";

/// A quarter's parameters.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct QuarterSettings {
    pub version: String,
    pub first_day: NaiveDate,
    pub last_day: NaiveDate,
    pub totals: Totals,
    pub commune_shares: BTreeMap<UnitId, f64>,
    pub arrivals: Arrivals,
    pub channels: Channels,
    pub desk: Desk,
    pub course: Courses,
    pub work: Work,
    pub citizen: Citizen,
    pub opinions: Opinions,
    pub fields: Vec<FieldMix>,
}

/// A log-normal draw: half of all cases lie below the median; sigma is that of the logarithm.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    /// The middle case.
    pub median: f64,
    /// How far apart cases lie.
    pub sigma: f64,
}

/// Dossiers received in the whole quarter.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Totals {
    pub district: u32,
    pub communes: u32,
}

/// When people come: weights, not counts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Arrivals {
    /// Monday to Friday.
    pub weekdays: [f64; 5],
    pub hours: Vec<Hours>,
    pub seasons: Vec<Season>,
}

/// A stretch of the day; times as `HH:MM`, within office hours.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Hours {
    pub from: String,
    pub to: String,
    pub weight: f64,
}

impl Hours {
    /// Minutes since midnight.
    pub(crate) fn minutes(&self) -> Option<(i64, i64)> {
        let minute = |text: &str| {
            let (hour, minute) = text.split_once(':')?;
            Some(hour.parse::<i64>().ok()? * 60 + minute.parse::<i64>().ok()?)
        };
        Some((minute(&self.from)?, minute(&self.to)?)).filter(|(from, to)| from < to)
    }
}

/// Days on which more or fewer people come, both included.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Season {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub weight: f64,
}

/// Shares of channels; they add up to 1.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Channels {
    pub direct: f64,
    pub online: f64,
    pub post: f64,
}

/// At the desk. Shares, unless the name says otherwise.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Desk {
    pub delegate: f64,
    pub declined: f64,
    pub at_once_after_cut_off: f64,
    pub online_wait_hours: Spread,
}

/// Courses of dossiers by the level of their home.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Courses {
    pub district: Course,
    pub commune: Course,
}

/// Shares of dossiers that take another course than the plain one.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Course {
    pub supplement: f64,
    pub refused: f64,
    pub withdrawn: f64,
}

/// At the performers. Shares, unless the name says otherwise; minutes are of office hours.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Work {
    pub acknowledge_minutes: Spread,
    pub acknowledge_minutes_max: u32,
    pub pace: Spread,
    pub step_noise: f64,
    pub same_day_minutes: Spread,
    pub misdirected: f64,
    pub sent_back: f64,
    pub apologised: f64,
}

/// On the citizen's side. Days are of the solar calendar.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Citizen {
    pub supplement_days: Spread,
    pub supplement_never: f64,
    pub stop_after_days: u32,
    pub payment_days: Spread,
    pub payment_vnd: Spread,
    pub nothing_owed: f64,
    pub fetch_days: Spread,
}

/// Opinions asked of others.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Opinions {
    pub fields: Vec<String>,
    pub share: f64,
    pub of: Vec<String>,
    pub days: Spread,
    pub days_allowed: u32,
}

/// A field's share at the desks of a level.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct FieldMix {
    pub level: Level,
    pub field: String,
    pub share: f64,
    /// Shares of procedures within the field.
    #[serde(default)]
    pub procedures: BTreeMap<ProcedureCode, f64>,
    pub pace: Option<Spread>,
}

impl QuarterSettings {
    /// Reads a profile's parameters.
    ///
    /// # Errors
    /// [`WorkloadError::Settings`] with what is wrong: the file, a name, a share outside 0 to 1.
    pub fn load(profile_dir: &Path) -> Result<Self, WorkloadError> {
        let path = profile_dir.join(QUARTER);
        let wrong = |problem: String| WorkloadError::Settings {
            file: path.display().to_string(),
            problem,
        };
        let text = std::fs::read_to_string(&path).map_err(|error| wrong(error.to_string()))?;
        catalogue::check_nesting(&text).map_err(|nested| wrong(nested.to_string()))?;
        let settings: Self = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        settings.check().map_err(wrong)?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), String> {
        if self.first_day > self.last_day {
            return Err(format!(
                "first_day {} lies after last_day {}",
                self.first_day, self.last_day
            ));
        }
        let Self {
            channels,
            desk,
            course,
            work,
            citizen,
            opinions,
            ..
        } = self;
        let spreads = [
            desk.online_wait_hours,
            work.acknowledge_minutes,
            work.pace,
            work.same_day_minutes,
            citizen.supplement_days,
            citizen.payment_days,
            citizen.payment_vnd,
            citizen.fetch_days,
            opinions.days,
        ];
        let paces = self.fields.iter().filter_map(|mix| mix.pace);
        if let Some(bad) = spreads
            .into_iter()
            .chain(paces)
            .find(|s| !(s.median > 0.0 && (0.0..=5.0).contains(&s.sigma)))
        {
            return Err(format!("{bad:?}: a median is above 0, a sigma from 0 to 5"));
        }
        let courses = [course.district, course.commune]
            .into_iter()
            .flat_map(|c| [c.supplement, c.refused, c.withdrawn]);
        let shares = [
            desk.delegate,
            desk.declined,
            desk.at_once_after_cut_off,
            work.misdirected,
            work.sent_back,
            work.apologised,
            citizen.supplement_never,
            citizen.nothing_owed,
            opinions.share,
        ];
        if let Some(bad) = shares
            .into_iter()
            .chain(courses)
            .find(|share| !(0.0..=1.0).contains(share))
        {
            return Err(format!("{bad} is no share; give 0 to 1"));
        }
        let sums = [
            (
                "channels",
                channels.direct + channels.online + channels.post,
            ),
            ("commune_shares", self.commune_shares.values().sum()),
        ];
        if let Some((name, sum)) = sums.into_iter().find(|(_, sum)| (sum - 1.0).abs() > 1e-9) {
            return Err(format!("{name} add up to {sum}; make it 1"));
        }
        for level in [Level::District, Level::Commune] {
            let sum: f64 = self
                .fields
                .iter()
                .filter(|mix| mix.level == level)
                .map(|mix| mix.share)
                .sum();
            if sum > 1.0 + 1e-9 {
                return Err(format!(
                    "fields of {level:?} add up to {sum}; make it at most 1"
                ));
            }
        }
        for mix in &self.fields {
            let sum: f64 = mix.procedures.values().sum();
            if sum > 1.0 + 1e-9
                || mix.share < 0.0
                || mix.procedures.values().any(|share| *share < 0.0)
            {
                return Err(format!(
                    "procedures of {} add up to {sum}; make it at most 1, none below 0",
                    mix.field
                ));
            }
        }
        if let Some(bad) = self
            .arrivals
            .hours
            .iter()
            .find(|hours| hours.minutes().is_none())
        {
            return Err(format!(
                "hours from {} to {}: write HH:MM, the earlier first",
                bad.from, bad.to
            ));
        }
        if self.arrivals.hours.is_empty() || opinions.of.is_empty() {
            return Err(
                "give at least one stretch of hours and one agency that is asked for opinions"
                    .to_owned(),
            );
        }
        Ok(())
    }
}
