//! Moving a dossier to another version of its procedure. A version is pinned at reception; leaving
//! it is an event of its own, with the name of the person who approved it.

use serde::{Deserialize, Serialize};

use crate::case::{Case, Refusal};
use crate::fact::Fact;
use crate::ids::OfficerId;
use crate::intake::{PinnedProcedure, Repinned, reason_given};
use crate::procedure::{Procedure, check_route};
use crate::receive::pinned_clock;
use crate::route;

const RULE: &str = "Quy tắc của hệ thống: hồ sơ theo phiên bản thủ tục lúc tiếp nhận; chuyển phiên bản phải được \
     phê duyệt";

/// Command: go on under another version of the same procedure. The regime, the options and the
/// promised date stay; what was given out stays with its turns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MoveVersion {
    /// Who approved it.
    pub approver: OfficerId,
    /// Why, in Vietnamese.
    pub reason: String,
    /// Legal basis.
    pub basis: String,
}

impl MoveVersion {
    /// Moved to `procedure`, the version in force at this desk.
    ///
    /// # Errors
    /// [`Refusal`] when the unit is not the home or the dossier is settled, when reason or basis is
    /// blank, when it is another procedure or the version it is under, when a step that was given
    /// out is not in the new route, and when the new route has not the options that were chosen.
    pub fn decide(self, case: &Case<'_>, procedure: &Procedure) -> Result<Vec<Fact>, Refusal> {
        case.home_open()?;
        reason_given(&self.reason, RULE)?;
        if self.basis.trim().is_empty() {
            let message = "Phải nêu căn cứ chuyển phiên bản";
            return Err(Refusal::new("repin.no_basis", message, RULE));
        }
        let dossier = case.dossier;
        let Some(received) = dossier.received() else {
            return Ok(Vec::new());
        };
        if procedure.code != received.procedure.code {
            let message = format!(
                "Hồ sơ theo thủ tục {}, không chuyển sang {}",
                received.procedure.code, procedure.code
            );
            return Err(Refusal::new("repin.other_procedure", message, RULE));
        }
        let latest = dossier.intake.repinned.last();
        let current = latest.map_or(&received.procedure, |(_, pinned)| pinned);
        if procedure.version == current.version {
            let message = format!("Hồ sơ đã theo phiên bản {}", current.version);
            return Err(Refusal::new("repin.same_version", message, RULE));
        }
        let mut steps = route::walked(procedure, &received.particulars.options)?;
        for step in dossier.walk.turns.keys() {
            let Some(place) = steps.iter_mut().find(|new| new.key == *step) else {
                let message = format!(
                    "Bước {step} đã giao nhưng không có trong phiên bản {}",
                    procedure.version
                );
                return Err(Refusal::new("repin.step_given_out", message, RULE));
            };
            if let Some(given) = dossier.walk.steps.iter().find(|old| old.key == *step) {
                place.clone_from(given);
            }
        }
        check_route(&steps).map_err(|fault| {
            let message = format!("Quy trình sau khi chuyển không đi hết được: {fault}");
            Refusal::new("repin.route", message, RULE)
        })?;
        Ok(vec![Fact::Repinned(Box::new(Repinned {
            procedure: PinnedProcedure::from(procedure),
            route: steps,
            clock: pinned_clock(procedure, received.regime.rules()),
            approver: self.approver,
            reason: self.reason,
            basis: self.basis,
        }))])
    }
}
