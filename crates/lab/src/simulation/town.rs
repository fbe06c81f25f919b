//! The ground that every run stands on: the published profile, and a key for every unit.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use anyhow::Context;
use calendar::{Calendar, Moment};
use catalogue::{Asked, Catalogue, Level};
use chrono::NaiveDate;
use dossier::ids::{ProcedureCode, UnitId};
use envelope::{KeyRegister, PublicKeys, UnitKey};
use exchange::subject::UnitToken;

use super::chance::Chance;

/// Units that a town always has: a commune, the district that watches over it, land office and tax
/// office.
const ALWAYS: [&str; 4] = ["H33-27-01", "H33-27", "H33-27-91", "H33-27-92"];
/// Units that it may have besides.
const SOMETIMES: [&str; 2] = ["H33-27-04", "H33-27-93"];

/// What all runs share.
#[derive(Debug)]
pub(super) struct Ground {
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) calendar: Arc<Calendar>,
    pub(super) keys: Arc<KeyRegister>,
    /// By desk, with the units that walk the steps.
    offers: BTreeMap<&'static str, Vec<(Offer, BTreeSet<String>)>>,
}

/// A unit of a town.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) name: &'static str,
    pub(super) id: UnitId,
    pub(super) token: UnitToken,
    pub(super) level: Level,
    pub(super) key: Arc<UnitKey>,
    /// What citizens may hand in here, as far as all its steps are walked in this town.
    pub(super) offers: Vec<Offer>,
}

/// A procedure as a citizen brings it.
#[derive(Debug, Clone)]
pub(super) struct Offer {
    pub(super) code: String,
    pub(super) papers: usize,
    pub(super) at_once: bool,
}

/// The ground, read once for all runs of this process.
///
/// # Errors
/// What is wrong with the registers.
pub(super) fn ground() -> anyhow::Result<&'static Ground> {
    static GROUND: OnceLock<Ground> = OnceLock::new();
    if let Some(ground) = GROUND.get() {
        return Ok(ground);
    }
    let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
    let catalogue = Catalogue::load(&deploy.join("registers"), &deploy.join("chau-thanh"))
        .context("reading the registers that the simulated province stands on")?;
    let mut keys = KeyRegister::new();
    for name in ALWAYS.iter().chain(&SOMETIMES) {
        let sealing = [1; 32];
        keys.insert(&PublicKeys::new(name, key_of(name).public(), sealing))?;
    }
    let date = start()?.date_naive();
    let mut offered = BTreeMap::new();
    for name in ALWAYS.iter().chain(&SOMETIMES) {
        let desk = UnitId::parse(name)?;
        offered.insert(*name, offers(&catalogue, &desk, date));
    }
    Ok(GROUND.get_or_init(|| Ground {
        calendar: Arc::new(catalogue.calendar()),
        catalogue: Arc::new(catalogue),
        keys: Arc::new(keys),
        offers: offered,
    }))
}

/// A unit's key follows from its name: a run is determined by its seed alone.
pub(super) fn key_of(name: &str) -> UnitKey {
    let mut seed = [7; 32];
    for (place, byte) in seed.iter_mut().zip(name.bytes()) {
        *place = byte;
    }
    UnitKey::from_seed(seed)
}

/// The moment at which every run begins: a Tuesday morning.
///
/// # Errors
/// Never, as long as the text is a moment.
pub(super) fn start() -> anyhow::Result<Moment> {
    Ok(calendar::parse_moment("2018-01-02T08:00:00+07:00")?)
}

/// Draws a town of four to six units.
///
/// # Errors
/// When the profile no longer has one of the units.
pub(super) fn draw(ground: &Ground, chance: &mut Chance) -> anyhow::Result<Vec<Place>> {
    let mut names: Vec<&'static str> = ALWAYS.to_vec();
    names.extend(SOMETIMES.iter().filter(|_| chance.per_mille(400)));
    let here: BTreeSet<&str> = names.iter().copied().collect();
    let mut places = Vec::new();
    for name in names {
        let id = UnitId::parse(name)?;
        let unit = ground
            .catalogue
            .unit(&id)
            .with_context(|| format!("the profile has no unit {name}"))?;
        let walked =
            |units: &BTreeSet<String>| units.iter().all(|unit| here.contains(unit.as_str()));
        let offers = ground.offers.get(name).into_iter().flatten();
        places.push(Place {
            name,
            token: UnitToken::parse(name)?,
            level: unit.level,
            key: Arc::new(key_of(name)),
            offers: offers
                .filter(|(_, units)| walked(units))
                .map(|(offer, _)| offer.clone())
                .collect(),
            id,
        });
    }
    Ok(places)
}

fn offers(catalogue: &Catalogue, desk: &UnitId, date: NaiveDate) -> Vec<(Offer, BTreeSet<String>)> {
    let codes = catalogue.offered_at(desk, date);
    let offer = |code: &&ProcedureCode| {
        let (procedure, _) = catalogue.procedure_for(desk, code, &Asked::on(date)).ok()?;
        let units = procedure.route.iter().map(|step| step.unit.to_string());
        let units = units.collect();
        let offer = Offer {
            code: code.to_string(),
            papers: procedure.papers.len(),
            at_once: procedure.at_once,
        };
        Some((offer, units))
    };
    codes.iter().filter_map(offer).collect()
}
