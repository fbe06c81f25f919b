//! Projection is a function of the set of events: folding, rows, timeliness, counters, rebuild,
//! and the whole of it over a real broker.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod live;
mod meaning;
mod quarantine;
mod reports;
mod sample;
mod sets;
mod storing;

use std::collections::BTreeMap;

use dossier::ids::DossierCode;
use envelope::{Event, Signed};
use history::Statement;
use projector::directory::{Directory, Level, UnitCard};
use projector::state::State;
use projector::store::Arrival;
use sample::{Course, pens};

pub(crate) fn statement(signed: &Signed) -> Statement {
    Statement::read(&signed.bytes).unwrap()
}

pub(crate) fn by_dossier(events: &[Signed]) -> BTreeMap<DossierCode, Vec<Statement>> {
    let mut dossiers: BTreeMap<DossierCode, Vec<Statement>> = BTreeMap::new();
    for signed in events {
        let subject = Event::read(&signed.bytes).unwrap().subject.into_owned();
        if let Ok(code) = DossierCode::parse(&subject) {
            dossiers.entry(code).or_default().push(statement(signed));
        }
    }
    dossiers
}

pub(crate) fn batch(events: &[Signed]) -> State {
    let mut state = State::default();
    for (code, statements) in by_dossier(events) {
        state.place(&code, &history::fold(&code, &statements));
    }
    state
}

pub(crate) fn directory() -> Directory {
    let levels = [Level::District, Level::Commune, Level::Agency];
    let cards = pens().into_iter().zip(levels).map(|(pen, level)| UnitCard {
        name: format!("Đơn vị {}", pen.unit),
        id: pen.unit,
        level,
    });
    Directory::new(cards, None)
}

pub(crate) fn arrival(signed: &Signed) -> Arrival {
    Arrival::Event {
        signed: signed.clone(),
        at: "2018-01-03T09:00:00+07:00".to_owned(),
    }
}

/// Enough courses to touch every path.
pub(crate) fn many() -> Vec<Course> {
    (0..120_u8)
        .map(|n| Course {
            home: n % 2,
            day: n % 60,
            field: n % 3,
            channel: n / 3,
            limit: n / 5,
            path: n % 9,
            days: n % 14,
            noise: n,
        })
        .collect()
}
