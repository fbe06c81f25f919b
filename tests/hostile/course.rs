//! Facts that are readable and mean the impossible: whatever one unit says about a dossier, folding
//! it, judging it, explaining it and telling of it goes on.

use std::sync::Arc;

use calendar::{Calendar, Moment, parse_moment};
use catalogue::Catalogue;
use dossier::ids::DossierCode;
use history::statement::Statement;
use history::tale::{Tale, fold};
use history::timeline::timeline;
use portal::names::Names as PortalNames;
use portal::partner::Partner;
use portal::story::{Manner, story};
use projector::state::State;
use report::ii06a;
use report::scope::{Grouping, Scope};
use report::{Names, Period, RuleSet};

use crate::golden;
use crate::paper::said;
use crate::spoil::hold;

const CODE: &str = "000.04.27.H33-180312-0007";

fn moments() -> [Moment; 3] {
    [
        "2018-03-12T08:30:00+07:00",
        "2018-06-01T10:00:00+07:00",
        "9999-12-31T16:59:59Z",
    ]
    .map(|text| parse_moment(text).unwrap())
}

fn look_at(tale: &Tale, statements: &[Statement]) {
    let calendar = Calendar::published();
    let Some(dossier) = &tale.dossier else { return };
    let _ = (dossier.status().label(), dossier.engaged());
    for rules in RuleSet::ALL {
        let _ = (rules.due(dossier), rules.overdue_from(dossier));
        for at in moments() {
            let _ = rules.judge(dossier, at);
        }
    }
    let promise = &dossier.promise;
    let _ = report::course::replay(promise);
    let _ = report::course::waits(promise);
    let _ = report::course::legal_due(promise);
    let _ = report::course::due_766(promise);
    let names = Names::default();
    for at in moments() {
        let _ = report::delay::divide(tale, at, calendar);
        let _ = report::slip::slip(tale, at, calendar, &names);
        let _ = report::steps::turns(dossier, at, calendar);
        let _ = report::why::explain(tale, at, calendar).map(|why| why.map(|why| why.sheet()));
    }
    let day = |text: &str| text.parse().unwrap();
    let period = Period::of_days(day("2018-01-01"), day("2018-12-31")).unwrap();
    let scope = Scope::default();
    for rules in RuleSet::ALL {
        let query = ii06a::Query {
            period,
            rules,
            scope: scope.clone(),
            grouping: Grouping::default(),
        };
        let table = ii06a::table([tale], query, &names);
        let _ = (table.check(), table.sheets(&names));
    }
    let _ = report::index766::index([tale], period, &scope, calendar)
        .map(|index| index.sheet(period, &scope, &names));
    let sheet = report::register::register([tale], period, &scope, &names);
    let _ = report::render::html(&[sheet]);
    let _ = (
        timeline(statements),
        forms::available(&tale_code(), statements),
    );
}

fn tale_code() -> DossierCode {
    DossierCode::parse(CODE).unwrap()
}

fn manner() -> Manner {
    let deploy = golden::root().join("deploy");
    let catalogue = Catalogue::load(&deploy.join("registers"), &deploy.join("chau-thanh")).unwrap();
    Manner {
        partner: Partner::new("000.00.00.H33"),
        names: PortalNames::of(catalogue),
        simulated: true,
    }
}

#[test]
fn a_dossier_is_folded_and_judged_whatever_one_fact_says() {
    let events: Vec<Vec<u8>> = golden::bytes("events");
    let good: Vec<Statement> = events
        .iter()
        .map(|bytes| Statement::read(bytes).unwrap())
        .collect();
    let about: Vec<Vec<u8>> = events
        .into_iter()
        .filter(|bytes| String::from_utf8_lossy(bytes).contains(CODE))
        .collect();
    let manner = Arc::new(manner());
    hold("course", &about, |bytes| {
        let spoilt = Statement::read(bytes).map_err(said)?;
        let (kind, unit) = (spoilt.kind.clone(), spoilt.unit.clone());
        // Among all the others, and alone after what began it.
        let mut all: Vec<Statement> = good
            .iter()
            .filter(|one| one.kind != kind || one.unit != unit)
            .cloned()
            .collect();
        all.push(spoilt.clone());
        let mut few: Vec<Statement> = good
            .iter()
            .filter(|one| one.kind.contains("dossier.received") && one.kind != kind)
            .cloned()
            .collect();
        few.push(spoilt);
        let mut state = State::default();
        for statements in [all, few] {
            let tale = fold(&tale_code(), &statements);
            look_at(&tale, &statements);
            state.place(&tale_code(), &tale);
            state.elsewhere(statements.last());
            state.digest().map_err(said)?;
            let _ = story(&tale_code(), &statements, &[], &manner);
        }
        Ok(())
    });
}
