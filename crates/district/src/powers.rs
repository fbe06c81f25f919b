//! What a district may be told to do.

use dossier::case::{Case, Refusal};
use unit::command::{Command, HOME, INTAKE, PERIODS, STEP};
use unit::desk::Office;

/// Take in, answer for, perform, report, allot to departments, and send back what cannot be worked
/// on. Days of the calendar are declared where the profile names the district as their authority.
pub fn all() -> Vec<&'static str> {
    INTAKE
        .into_iter()
        .chain(HOME)
        .chain(STEP)
        .chain(PERIODS)
        .chain(["allot", "send_back", "declare_days"])
        .collect()
}

/// A step can only be allotted to a department that the district has.
pub fn permit(office: &Office<'_>, _: &Case<'_>, command: &Command) -> Result<(), Refusal> {
    let Command::Allot(allot) = command else {
        return Ok(());
    };
    if office
        .unit
        .departments
        .iter()
        .any(|department| department.name == allot.department)
    {
        return Ok(());
    }
    let names: Vec<&str> = office
        .unit
        .departments
        .iter()
        .map(|department| department.name.as_str())
        .collect();
    Err(Refusal::new(
        "allotment.no_such_department",
        format!(
            "Không có phòng {}; các phòng chuyên môn: {}",
            allot.department,
            names.join(", ")
        ),
        "Cơ cấu cơ quan chuyên môn thuộc UBND cấp huyện (NĐ 37/2014/NĐ-CP)",
    ))
}
