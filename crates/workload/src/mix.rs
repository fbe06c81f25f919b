//! Which procedures people come with.

use std::collections::BTreeMap;

use catalogue::{Asked, Catalogue, Level, Unit};
use dossier::ids::{ProcedureCode, UnitId};
use dossier::procedure::Procedure;

use crate::error::WorkloadError;
use crate::settings::QuarterSettings;

/// A desk's procedures by weight.
pub(crate) type Offer = Vec<(Procedure, f64)>;

/// The offer of every desk: what the lists leave goes evenly to what they do not name.
pub(crate) fn offers(
    catalogue: &Catalogue,
    settings: &QuarterSettings,
) -> Result<BTreeMap<UnitId, Offer>, WorkloadError> {
    let mut offers = BTreeMap::new();
    for desk in catalogue.units().filter(|unit| unit.level != Level::Agency) {
        offers.insert(desk.id.clone(), offer(catalogue, settings, desk)?);
    }
    Ok(offers)
}

fn offer(
    catalogue: &Catalogue,
    settings: &QuarterSettings,
    desk: &Unit,
) -> Result<Offer, WorkloadError> {
    let codes: Vec<ProcedureCode> = catalogue
        .offered_at(&desk.id, settings.first_day)
        .into_iter()
        .cloned()
        .collect();
    let mut by_field: BTreeMap<String, Vec<Procedure>> = BTreeMap::new();
    for code in &codes {
        let (procedure, _) =
            catalogue.procedure_for(&desk.id, code, &Asked::on(settings.first_day))?;
        by_field
            .entry(procedure.field.clone())
            .or_default()
            .push(procedure);
    }
    let mut offer = Offer::new();
    let mut left = 1.0;
    for mix in settings.fields.iter().filter(|mix| mix.level == desk.level) {
        let Some(procedures) = by_field.remove(&mix.field) else {
            return Err(WorkloadError::Unfit(format!(
                "{} offers nothing in the field {:?}",
                desk.id, mix.field
            )));
        };
        if let Some(unknown) = mix
            .procedures
            .keys()
            .find(|code| procedures.iter().all(|p| p.code != **code))
        {
            return Err(WorkloadError::Unfit(format!(
                "{} offers no {unknown} in the field {:?}",
                desk.id, mix.field
            )));
        }
        let named: f64 = mix.procedures.values().sum();
        let others = procedures
            .iter()
            .filter(|p| !mix.procedures.contains_key(&p.code))
            .count();
        let each = if others == 0 {
            0.0
        } else {
            (1.0 - named).max(0.0) / others as f64
        };
        offer.extend(procedures.into_iter().map(|procedure| {
            let within = mix.procedures.get(&procedure.code).copied().unwrap_or(each);
            (procedure, mix.share * within)
        }));
        left -= mix.share;
    }
    let rest: Vec<Procedure> = by_field.into_values().flatten().collect();
    let each = if rest.is_empty() {
        0.0
    } else {
        f64::max(left, 0.0) / rest.len() as f64
    };
    offer.extend(rest.into_iter().map(|procedure| (procedure, each)));
    Ok(offer)
}
