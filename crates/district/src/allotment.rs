//! Allotment (phân phối cho phòng chuyên môn): one front for many departments.

use dossier::case::Case;
use dossier::fact::Fact;
use dossier::step::Allotted;
use unit::desk::Office;

/// A step that this district took is allotted to the department that handles the procedure's field,
/// unless the route named one already.
pub fn once_taken(office: &Office<'_>, case: &Case<'_>, fact: &Fact) -> Vec<Fact> {
    let Fact::StepAccepted(taken) = fact else {
        return Vec::new();
    };
    let turns = case.dossier.walk.turns.get(&taken.step);
    let turn = turns
        .and_then(|turns| turns.last())
        .filter(|turn| turn.to == *case.me);
    let unnamed = turn.is_some_and(|turn| turn.department.is_none());
    let field = case
        .dossier
        .received()
        .map(|received| received.procedure.field.as_str());
    let department = field
        .and_then(|field| office.unit.department_for(field))
        .filter(|_| unnamed);
    let allotted = department.map(|department| Allotted {
        step: taken.step.clone(),
        turn: taken.turn,
        department: department.to_owned(),
    });
    allotted.map(Fact::StepAllotted).into_iter().collect()
}
