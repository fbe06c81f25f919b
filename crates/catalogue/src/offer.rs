//! What a desk offers: procedures with their routes resolved to units.

use std::collections::{BTreeMap, BTreeSet};

use calendar::Limit;
use chrono::NaiveDate;
use dossier::ids::{ProcedureCode, StepKey, UnitId};
use dossier::intake::Channel;
use dossier::procedure::{ClockPolicy, Paper, Procedure, RouteStep, WaitEffect};
use dossier::regime::Group;

use crate::catalogue::Catalogue;
use crate::error::NotOffered;
use crate::limits::CaseLimit;
use crate::procedures::Listed;
use crate::routes::Route;
use crate::unit::{Level, Role, Unit};

/// What waiting does where no route says otherwise: after a supplement the whole limit anew
/// (NĐ 61/2018/NĐ-CP art. 19.4), and time in which the citizen pays is not counted.
const ORDINARY_CLOCK: ClockPolicy = ClockPolicy::of(WaitEffect::Restart, WaitEffect::Pause);

/// The one step of a procedure without a route of its own.
const ORDINARY_STEP: &str = "processing";
const ORDINARY_TASK: &str = "Thẩm định hồ sơ, trình ký và chuyển kết quả cho Bộ phận Một cửa";
const ORDINARY_PAPER: &str = "Đơn, tờ khai theo mẫu";

/// What someone asks a desk for, besides the procedure: it chooses the version and the limit.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The day of reception: the version that holds on it is taken, and no later one.
    pub date: NaiveDate,
    /// How the dossier comes in.
    pub channel: Channel,
    /// The options chosen at the desk.
    pub options: &'a [String],
}

impl Asked<'_> {
    /// Over the counter, without options.
    #[must_use]
    pub const fn on(date: NaiveDate) -> Self {
        Self {
            date,
            channel: Channel::Direct,
            options: &[],
        }
    }
}

impl Catalogue {
    /// The procedure as `home`'s desk takes it in, in the version of that day, with the limit of
    /// that channel and those options, the units that perform its steps, and the unit that is
    /// competent to decide.
    ///
    /// # Errors
    /// [`NotOffered`] for an unknown unit or code, a code that is not received at this desk, and one
    /// that is repealed or not in force on that day.
    pub fn procedure_for(
        &self,
        home: &UnitId,
        code: &ProcedureCode,
        asked: &Asked<'_>,
    ) -> Result<(Procedure, UnitId), NotOffered> {
        let (desk, listed) = self.offered(home, code, asked.date)?;
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
        let written = self.route_of(code, asked.date);
        let competent = match written.and_then(|route| route.competent) {
            Some(role) => self.player(desk, role).ok_or_else(nowhere)?,
            None => by_level,
        };
        let case = self.limit_rows(code, asked.date);
        let case = case
            .into_iter()
            .find(|row| row.is_for(asked.channel, asked.options));
        let limit = case.map_or(listed.limit, |row| row.limit);
        let route = match written {
            Some(route) => self.resolved(desk, listed, route).ok_or_else(nowhere)?,
            None => vec![
                self.ordinary_step(listed, limit, competent)
                    .ok_or_else(nowhere)?,
            ],
        };
        let basis = written.map_or(&listed.basis, |route| &route.basis);
        let procedure = Procedure {
            code: code.clone(),
            version: self.version_of(code, listed),
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
            limit,
            at_once: listed.at_once,
            clock: written.map_or(ORDINARY_CLOCK, |route| (*route.clock.get_ref()).into()),
            clock_basis: written.map_or_else(BTreeMap::new, |route| route.clock_basis.clone()),
            group: written.map_or(Group::None, |route| route.group),
            start: written.and_then(|route| route.start),
            route,
            options: self.options_of(code, asked.date),
            basis: match case {
                Some(row) if row.basis != *basis => format!("{basis}; {}", row.basis),
                _ => basis.clone(),
            },
        };
        Ok((procedure, competent.clone()))
    }

    /// The codes that a desk takes in on a day; none for agencies, which have no desk.
    pub fn offered_at(&self, desk: &UnitId, date: NaiveDate) -> Vec<&ProcedureCode> {
        self.listing
            .keys()
            .filter(|code| self.offered(desk, code, date).is_ok())
            .collect()
    }

    /// The options that a desk may choose on a day, named by the route or by a limit.
    fn options_of(&self, code: &ProcedureCode, date: NaiveDate) -> Vec<String> {
        let of_route = self
            .route_of(code, date)
            .into_iter()
            .flat_map(|route| route.options.keys());
        let rows = self.limit_rows(code, date);
        let of_limits = rows.iter().flat_map(|row| &row.options);
        let options: BTreeSet<&String> = of_route.chain(of_limits).collect();
        options.into_iter().cloned().collect()
    }

    /// The unit that a step goes to when the first declines it for want of competence, where the
    /// route names one.
    pub fn alternative_for(
        &self,
        home: &UnitId,
        code: &ProcedureCode,
        step: &StepKey,
    ) -> Option<&UnitId> {
        let steps = self.routes.get(code)?.iter().flat_map(|route| &route.steps);
        let step = steps
            .into_iter()
            .find(|written| written.key.get_ref() == step.as_str())?;
        self.player(self.units.get(home)?, step.alternative?)
    }

    fn offered(
        &self,
        home: &UnitId,
        code: &ProcedureCode,
        date: NaiveDate,
    ) -> Result<(&Unit, &Listed), NotOffered> {
        let desk = self
            .units
            .get(home)
            .ok_or_else(|| NotOffered::UnknownUnit(home.clone()))?;
        let versions = self
            .listing
            .get(code)
            .ok_or_else(|| NotOffered::UnknownProcedure {
                code: code.clone(),
                desk: home.clone(),
            })?;
        let listed = versions
            .iter()
            .find(|version| version.valid.holds_on(date))
            .ok_or_else(|| not_on(code, versions, date))?;
        let received = desk.level != Level::Agency
            && (listed.levels.contains(&desk.level)
                || (desk.receives_for_superior.contains(code)
                    && listed.levels == [Level::District]));
        if received {
            Ok((desk, listed))
        } else {
            Err(NotOffered::NotReceivedHere {
                code: code.clone(),
                desk: home.clone(),
            })
        }
    }

    /// The register's version, and the row's first day where a code has several rows.
    fn version_of(&self, code: &ProcedureCode, listed: &Listed) -> String {
        let several = self.listing.get(code).is_some_and(|v| v.len() > 1);
        match listed.valid.from {
            Some(from) if several => format!("{}+{from}", self.version()),
            _ => self.version().to_owned(),
        }
    }

    fn route_of(&self, code: &ProcedureCode, date: NaiveDate) -> Option<&Route> {
        let routes = self.routes.get(code)?;
        routes.iter().find(|route| route.valid().holds_on(date))
    }

    fn limit_rows(&self, code: &ProcedureCode, date: NaiveDate) -> Vec<&CaseLimit> {
        let rows = self.limits.get(code).map_or(&[][..], Vec::as_slice);
        rows.iter().filter(|row| row.valid.holds_on(date)).collect()
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

    fn ordinary_step(
        &self,
        listed: &Listed,
        limit: Limit,
        competent: &UnitId,
    ) -> Option<RouteStep> {
        Some(RouteStep {
            key: StepKey::parse(ORDINARY_STEP).ok()?,
            task: ORDINARY_TASK.to_owned(),
            unit: competent.clone(),
            department: self
                .department_for(competent, &listed.field)
                .map(str::to_owned),
            inputs: Vec::new(),
            limit,
            after_payment: false,
            option: None,
            returns_result: false,
        })
    }
}

/// Why a code has no version on a day: a next one begins later, or the last one ended.
fn not_on(code: &ProcedureCode, versions: &[Listed], date: NaiveDate) -> NotOffered {
    let code = code.clone();
    let begins = versions.iter().filter_map(|version| version.valid.from);
    if let Some(from) = begins.filter(|from| *from > date).min() {
        return NotOffered::NotYet { code, from };
    }
    let last = versions.iter().max_by_key(|version| version.valid.to);
    NotOffered::Repealed {
        code,
        since: last
            .and_then(|version| version.valid.to?.succ_opt())
            .unwrap_or(date),
        successor: last.and_then(|version| version.successor.clone()),
    }
}
