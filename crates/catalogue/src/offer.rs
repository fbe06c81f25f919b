//! What a desk offers: procedures with their routes resolved to units.

use std::collections::BTreeMap;

use dossier::ids::{ProcedureCode, StepKey, UnitId};
use dossier::procedure::{ClockPolicy, Paper, Procedure, RouteStep, WaitEffect};
use dossier::regime::Group;

use crate::catalogue::Catalogue;
use crate::error::NotOffered;
use crate::procedures::Listed;
use crate::routes::Route;
use crate::unit::{Level, Role, Unit};

/// What waiting does where no route says otherwise: after a supplement the whole limit anew (NĐ 61/2018/NĐ-CP
/// art. 19.4), and time in which the citizen pays is not counted.
const ORDINARY_CLOCK: ClockPolicy = ClockPolicy::of(WaitEffect::Restart, WaitEffect::Pause);

/// The one step of a procedure without a route of its own.
const ORDINARY_STEP: &str = "processing";
const ORDINARY_TASK: &str = "Thẩm định hồ sơ, trình ký và chuyển kết quả cho Bộ phận Một cửa";
const ORDINARY_PAPER: &str = "Đơn, tờ khai theo mẫu";

impl Catalogue {
    /// The procedure as `home`'s desk takes it in, with the units that perform its steps, and the
    /// unit that is competent to decide.
    ///
    /// # Errors
    /// [`NotOffered`] for an unknown unit or code, or a code that is not received at this desk.
    pub fn procedure_for(
        &self,
        home: &UnitId,
        code: &ProcedureCode,
    ) -> Result<(Procedure, UnitId), NotOffered> {
        let (desk, listed) = self.offered(home, code)?;
        let nowhere = || NotOffered::NotReceivedHere {
            code: code.clone(),
            desk: home.clone(),
        };
        let own = listed.levels.contains(&desk.level);
        let by_level = if own {
            home
        } else {
            desk.overseer.as_ref().ok_or_else(nowhere)?
        };
        let written = self.routes.get(code);
        let competent = match written.and_then(|route| route.competent) {
            Some(role) => self.player(desk, role).ok_or_else(nowhere)?,
            None => by_level,
        };
        let route = match written {
            Some(route) => self.resolved(desk, listed, route).ok_or_else(nowhere)?,
            None => vec![self.ordinary_step(listed, competent).ok_or_else(nowhere)?],
        };
        let procedure = Procedure {
            code: code.clone(),
            version: self.version().to_owned(),
            name: listed.name.clone(),
            field: listed.field.clone(),
            papers: written.map_or_else(
                || {
                    vec![Paper {
                        name: ORDINARY_PAPER.to_owned(),
                        required: true,
                    }]
                },
                |route| route.papers.clone(),
            ),
            limit: listed.limit,
            at_once: listed.at_once,
            clock: written.map_or(ORDINARY_CLOCK, |route| route.clock),
            clock_basis: BTreeMap::new(),
            group: Group::None,
            start: None,
            route,
            basis: written.map_or(&listed.basis, |route| &route.basis).clone(),
        };
        Ok((procedure, competent.clone()))
    }

    /// The codes that a desk takes in; none for agencies, which have no desk.
    pub fn offered_at(&self, desk: &UnitId) -> Vec<&ProcedureCode> {
        self.listed
            .keys()
            .filter(|code| self.offered(desk, code).is_ok())
            .collect()
    }

    /// The unit that a step goes to when the first declines it for want of competence, where the
    /// route names one.
    pub fn alternative_for(
        &self,
        home: &UnitId,
        code: &ProcedureCode,
        step: &StepKey,
    ) -> Option<&UnitId> {
        let steps = &self.routes.get(code)?.steps;
        let step = steps
            .iter()
            .find(|written| written.key.get_ref() == step.as_str())?;
        self.player(self.units.get(home)?, step.alternative?)
    }

    fn offered(&self, home: &UnitId, code: &ProcedureCode) -> Result<(&Unit, &Listed), NotOffered> {
        let desk = self
            .units
            .get(home)
            .ok_or_else(|| NotOffered::UnknownUnit(home.clone()))?;
        let listed = self
            .listed
            .get(code)
            .ok_or_else(|| NotOffered::UnknownProcedure {
                code: code.clone(),
                desk: home.clone(),
            })?;
        let received = desk.level != Level::Agency
            && (listed.levels.contains(&desk.level) || desk.receives_for_superior.contains(code));
        if received {
            Ok((desk, listed))
        } else {
            Err(NotOffered::NotReceivedHere {
                code: code.clone(),
                desk: home.clone(),
            })
        }
    }

    fn player<'a>(&'a self, desk: &'a Unit, role: Role) -> Option<&'a UnitId> {
        match role {
            Role::Home => Some(&desk.id),
            Role::Commune => (desk.level == Level::Commune).then_some(&desk.id),
            Role::District => (desk.level == Level::District)
                .then_some(&desk.id)
                .or(desk.overseer.as_ref()),
            _ => self
                .units
                .values()
                .find(|unit| unit.roles.contains(&role))
                .map(|unit| &unit.id),
        }
    }

    fn resolved(&self, desk: &Unit, listed: &Listed, route: &Route) -> Option<Vec<RouteStep>> {
        let step = |step: &crate::routes::Step| {
            let unit = self.player(desk, step.role)?.clone();
            let by_field = || self.department_for(&unit, &listed.field).map(str::to_owned);
            let department = step.department.clone().or_else(by_field);
            step.resolved(unit, department)
        };
        route.steps.iter().map(step).collect()
    }

    fn ordinary_step(&self, listed: &Listed, competent: &UnitId) -> Option<RouteStep> {
        Some(RouteStep {
            key: StepKey::parse(ORDINARY_STEP).ok()?,
            task: ORDINARY_TASK.to_owned(),
            unit: competent.clone(),
            department: self
                .department_for(competent, &listed.field)
                .map(str::to_owned),
            inputs: Vec::new(),
            limit: listed.limit,
            after_payment: false,
            option: None,
            returns_result: false,
        })
    }
}
