//! Who and what the stories are about: units of one district, days of 2018, five procedures.

use calendar::{Limit, LimitUnit, Moment};
use dossier::ids::{OfficerId, ProcedureCode, StepKey, UnitId};
use std::collections::BTreeMap;

use dossier::procedure::{ClockPolicy, Paper, Procedure, RouteStep, WaitEffect};
use dossier::regime::Group;
use tests::given::of_2018;

pub const TUE_2: Moment = of_2018(1, 2, 8, 0);
pub const WED_3: Moment = of_2018(1, 3, 8, 0);
pub const THU_4: Moment = of_2018(1, 4, 8, 0);
pub const FRI_5: Moment = of_2018(1, 5, 8, 0);
pub const MON_8: Moment = of_2018(1, 8, 8, 0);
pub const TUE_9: Moment = of_2018(1, 9, 8, 0);
pub const WED_10: Moment = of_2018(1, 10, 8, 0);
pub const FRI_12: Moment = of_2018(1, 12, 8, 0);
pub const SAT_13: Moment = of_2018(1, 13, 8, 0);
pub const MON_15: Moment = of_2018(1, 15, 8, 0);
pub const TUE_16: Moment = of_2018(1, 16, 8, 0);
pub const WED_17: Moment = of_2018(1, 17, 8, 0);
pub const FRI_19: Moment = of_2018(1, 19, 8, 0);

pub fn unit(id: &str) -> UnitId {
    UnitId::parse(id).unwrap()
}

pub fn commune() -> UnitId {
    unit("H33-27-04")
}

pub fn district() -> UnitId {
    unit("H33-27")
}

pub fn land_office() -> UnitId {
    unit("H33-27-91")
}

pub fn tax_office() -> UnitId {
    unit("H33-27-92")
}

pub fn police() -> UnitId {
    unit("H33-27-93")
}

pub fn insurance() -> UnitId {
    unit("H33-27-94")
}

pub fn everyone() -> [UnitId; 6] {
    [
        commune(),
        district(),
        land_office(),
        tax_office(),
        police(),
        insurance(),
    ]
}

pub fn key(name: &str) -> StepKey {
    StepKey::parse(name).unwrap()
}

pub fn officer() -> OfficerId {
    OfficerId::parse("cb-01").unwrap()
}

pub fn working_days(amount: u32) -> Limit {
    Limit::new(amount, LimitUnit::WorkingDays).unwrap()
}

pub fn clock(supplement: WaitEffect, payment: WaitEffect) -> ClockPolicy {
    ClockPolicy::of(supplement, payment)
}

pub fn route_step(name: &str, unit: UnitId, inputs: &[&str]) -> RouteStep {
    RouteStep {
        key: key(name),
        task: format!("Bước {name}"),
        unit,
        department: None,
        inputs: inputs.iter().map(|input| key(input)).collect(),
        limit: working_days(2),
        after_payment: false,
        option: None,
        returns_result: false,
    }
}

/// One step at the district, five working days, the clock of NĐ 61/2018 art. 19.4.
pub fn licence() -> Procedure {
    Procedure {
        code: ProcedureCode::parse("2.000720").unwrap(),
        version: "2018.1".to_owned(),
        name: "Cấp giấy phép".to_owned(),
        field: "Kinh doanh".to_owned(),
        papers: vec![
            Paper {
                name: "Đơn đề nghị".to_owned(),
                required: true,
            },
            Paper {
                name: "Bản vẽ".to_owned(),
                required: true,
            },
            Paper {
                name: "Giấy ủy quyền".to_owned(),
                required: false,
            },
        ],
        limit: working_days(5),
        at_once: false,
        clock: clock(WaitEffect::Restart, WaitEffect::Pause),
        clock_basis: BTreeMap::new(),
        group: Group::None,
        start: None,
        route: vec![route_step("appraisal", district(), &[])],
        options: Vec::new(),
        basis: "NĐ 61/2018/NĐ-CP".to_owned(),
    }
}

/// Certified copies: returned in the same visit.
pub fn certified_copy() -> Procedure {
    Procedure {
        at_once: true,
        limit: Limit::SAME_DAY,
        papers: Vec::new(),
        ..licence()
    }
}

/// Birth, residence and health insurance in one dossier: after the birth is registered, police and
/// social insurance work side by side.
pub fn birth_group() -> Procedure {
    let birth = RouteStep {
        department: Some("Tư pháp - Hộ tịch".to_owned()),
        ..route_step("birth", commune(), &[])
    };
    Procedure {
        papers: Vec::new(),
        route: vec![
            birth,
            route_step("residence", police(), &["birth"]),
            route_step("insurance", insurance(), &["birth"]),
        ],
        ..licence()
    }
}

/// Land: surveyed, taxed, and entered in the register once the tax is paid.
pub fn land_transfer() -> Procedure {
    let update = RouteStep {
        after_payment: true,
        ..route_step("update", land_office(), &["tax"])
    };
    Procedure {
        papers: Vec::new(),
        limit: working_days(10),
        route: vec![
            route_step("survey", land_office(), &[]),
            route_step("tax", tax_office(), &["survey"]),
            update,
        ],
        ..licence()
    }
}

/// Survey, then two units that both build on it.
pub fn fork() -> Procedure {
    Procedure {
        route: vec![
            route_step("survey", land_office(), &[]),
            route_step("tax", tax_office(), &["survey"]),
            route_step("security", police(), &["survey"]),
        ],
        ..land_transfer()
    }
}
