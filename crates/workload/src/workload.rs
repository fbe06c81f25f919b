//! The quarter: every dossier drawn beforehand, none of its outcomes known.

use std::collections::{BTreeMap, BTreeSet};

use calendar::{Calendar, Moment};
use catalogue::{Acknowledge, Catalogue, Level, Unit};
use dossier::ids::UnitId;
use serde::Serialize;

use crate::arrivals::{Arrivals, on};
use crate::chance;
use crate::draw::Draws;
use crate::error::WorkloadError;
use crate::mix;
use crate::plan::Plan;
use crate::settings::QuarterSettings;

/// A drawn quarter.
#[derive(Debug, Clone, Serialize)]
pub struct Workload {
    /// What everything was drawn from.
    pub seed: u64,
    /// Version of the parameters.
    pub version: String,
    /// Nothing is done at or after this moment: what is open stays open.
    pub ends_at: Moment,
    /// The dossiers, in the order of arrival.
    pub plans: Vec<Plan>,
    /// Units at which an officer takes or declines what arrives; the others take it by themselves.
    pub by_officer: BTreeSet<UnitId>,
    #[serde(skip)]
    pub(crate) calendar: Calendar,
}

impl Workload {
    /// Draws a quarter. With a `scale`, that many dossiers are received instead of the published
    /// number, in the same proportions.
    ///
    /// # Errors
    /// [`WorkloadError`] when the parameters do not fit registers or calendar.
    pub fn new(
        seed: u64,
        catalogue: &Catalogue,
        calendar: &Calendar,
        settings: &QuarterSettings,
        scale: Option<u32>,
    ) -> Result<Self, WorkloadError> {
        let arrivals = Arrivals::of(settings, calendar)?;
        let offers = mix::offers(catalogue, settings)?;
        let draws = Draws {
            catalogue,
            settings,
            arrivals: &arrivals,
        };
        let mut plans = Vec::new();
        for (home, received) in desks(catalogue, settings, scale)? {
            let (desk, offer) = catalogue
                .unit(&home)
                .zip(offers.get(&home))
                .ok_or_else(|| WorkloadError::Unfit(format!("{home} has no desk")))?;
            let declined = (f64::from(received) * settings.desk.declined).round() as u32;
            for number in 0..received + declined {
                let mut rng = chance::of_dossier(seed, plans.len());
                plans.push(draws.plan(&mut rng, desk, offer, number >= received)?);
            }
        }
        // The sort is stable and the plans were drawn in a fixed order: numbers follow from the seed.
        plans.sort_by_key(|plan| plan.registered_at.unwrap_or(plan.arrives_at));
        for (number, plan) in plans.iter_mut().enumerate() {
            plan.number = number;
        }
        let after = settings.last_day.succ_opt().unwrap_or(settings.last_day);
        let takes = |unit: &&Unit| unit.acknowledge == Acknowledge::ByOfficer;
        Ok(Self {
            seed,
            version: settings.version.clone(),
            ends_at: on(after, 0),
            plans,
            by_officer: catalogue
                .units()
                .filter(takes)
                .map(|unit| unit.id.clone())
                .collect(),
            calendar: calendar.clone(),
        })
    }
}

fn desks(
    catalogue: &Catalogue,
    settings: &QuarterSettings,
    scale: Option<u32>,
) -> Result<BTreeMap<UnitId, u32>, WorkloadError> {
    let totals = settings.totals;
    let (district, communes) = match scale {
        None => (totals.district, totals.communes),
        Some(total) => {
            let both = f64::from(totals.district + totals.communes).max(1.0);
            let district = (f64::from(total) * f64::from(totals.district) / both).round() as u32;
            (district, total - district.min(total))
        }
    };
    let shares: Vec<&UnitId> = settings.commune_shares.keys().collect();
    let of_level = |level| {
        catalogue
            .units()
            .filter(move |unit| unit.level == level)
            .map(|unit| &unit.id)
    };
    if let Some(missing) = of_level(Level::Commune).find(|id| !shares.contains(id)) {
        return Err(WorkloadError::Unfit(format!(
            "commune_shares lacks {missing}"
        )));
    }
    let mut received = apportion(communes, &settings.commune_shares);
    let districts: Vec<&UnitId> = of_level(Level::District).collect();
    let even = districts
        .iter()
        .map(|id| ((*id).clone(), 1.0 / districts.len() as f64))
        .collect();
    received.append(&mut apportion(district, &even));
    Ok(received)
}

/// Dossiers of each desk, to the last one: shares are rounded by largest remainder.
fn apportion<K: Ord + Clone>(total: u32, shares: &BTreeMap<K, f64>) -> BTreeMap<K, u32> {
    let exact: Vec<(&K, f64)> = shares
        .iter()
        .map(|(key, share)| (key, share * f64::from(total)))
        .collect();
    let mut whole: BTreeMap<K, u32> = exact
        .iter()
        .map(|(key, n)| ((*key).clone(), n.floor() as u32))
        .collect();
    let mut by_remainder = exact;
    by_remainder.sort_by(|a, b| {
        b.1.fract()
            .total_cmp(&a.1.fract())
            .then_with(|| a.0.cmp(b.0))
    });
    let left = total.saturating_sub(whole.values().sum());
    for (key, _) in by_remainder.into_iter().take(left as usize) {
        if let Some(count) = whole.get_mut(key) {
            *count += 1;
        }
    }
    whole
}
