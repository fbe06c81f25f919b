//! What an agency may be told to do.

use catalogue::AgencyKind;
use dossier::case::{Case, Refusal};
use unit::command::{Command, STEP};
use unit::desk::Office;

/// Perform steps, assess obligations, return for correction. Nothing of a desk.
pub fn all() -> Vec<&'static str> {
    STEP.into_iter()
        .chain(["assess_obligation", "send_back"])
        .collect()
}

/// Financial obligations are assessed by the tax authority, and by social insurance for its own
/// contributions; not by the land office, whose slip (Mẫu 19) only carries the facts to them.
pub fn permit(office: &Office<'_>, _: &Case<'_>, command: &Command) -> Result<(), Refusal> {
    let assesses = matches!(
        office.unit.kind,
        Some(AgencyKind::Tax | AgencyKind::Insurance)
    );
    if matches!(command, Command::AssessObligation(_)) && !assesses {
        return Err(Refusal::new(
            "competence.no_assessment",
            format!(
                "{} không có thẩm quyền xác định nghĩa vụ tài chính",
                office.unit.name
            ),
            "Luật Quản lý thuế; pháp luật đất đai về xác định nghĩa vụ tài chính",
        ));
    }
    Ok(())
}
