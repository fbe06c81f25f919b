//! What a commune may be told to do (thẩm quyền của Bộ phận Một cửa cấp xã).

use dossier::case::{Case, Refusal};
use unit::command::{Command, HOME, INTAKE, PERIODS, STEP};
use unit::desk::Office;

/// Take in, answer for, perform the commune's own steps, and report.
pub fn all() -> Vec<&'static str> {
    INTAKE
        .into_iter()
        .chain(HOME)
        .chain(STEP)
        .chain(PERIODS)
        .collect()
}

/// A commune cannot decide what it only received for its superior: such a dossier is refused by
/// the unit that is competent, through the outcome of its step.
pub fn permit(_: &Office<'_>, case: &Case<'_>, command: &Command) -> Result<(), Refusal> {
    let competent = case.dossier.received().map(|received| &received.competent);
    let decided_elsewhere = competent.is_some_and(|competent| competent != case.me);
    if matches!(command, Command::Refuse(_)) && decided_elsewhere {
        return Err(Refusal::new(
            "competence.superior",
            "Hồ sơ tiếp nhận thay cấp trên: việc từ chối do cơ quan có thẩm quyền quyết định",
            "NĐ 61/2018/NĐ-CP điều 18 khoản 3, điều 19 khoản 8",
        ));
    }
    Ok(())
}
