//! The check of papers at the desk (kiểm tra thành phần hồ sơ).

use crate::case::Refusal;
use crate::intake::{Intake, PaperCheck, Verdict};
use crate::procedure::Paper;

/// The verdicts in the order of the procedure's list with the names that it has, once every required
/// paper is there.
pub(crate) fn checked(
    list: &[Paper],
    mut given: Vec<PaperCheck>,
) -> Result<Vec<PaperCheck>, Refusal> {
    const RULE: &str =
        "NĐ 61/2018/NĐ-CP điều 17 khoản 1 điểm a (Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ)";
    given.sort_by_key(|check| check.paper);
    if let Some(pair) = given.windows(2).find(|pair| pair[0].paper == pair[1].paper) {
        return Err(Refusal::new(
            "intake.paper_twice",
            format!("Giấy tờ số {} ghi hai lần", pair[0].paper),
            RULE,
        ));
    }
    if let Some(check) = given
        .iter()
        .find(|c| c.paper == 0 || usize::from(c.paper) > list.len())
    {
        return Err(Refusal::new(
            "intake.paper_unknown",
            format!(
                "Thành phần hồ sơ chỉ có {} giấy tờ, không có số {}",
                list.len(),
                check.paper
            ),
            RULE,
        ));
    }
    let mut missing = Vec::new();
    for (position, paper) in (1u16..).zip(list) {
        let found = given.iter().find(|check| check.paper == position);
        let absent = found.is_none_or(|check| check.verdict == Verdict::Missing);
        if absent && paper.required {
            missing.push(format!("{position}. {}", paper.name));
        }
    }
    if missing.is_empty() {
        return Ok(named(given, |position| {
            let index = usize::from(position).checked_sub(1)?;
            list.get(index).map(|paper| paper.name.clone())
        }));
    }
    Err(Refusal::new(
        "intake.papers_missing",
        format!("Hồ sơ còn thiếu: {}", missing.join("; ")),
        RULE,
    ))
}

/// What came with a supplement, with the names that were written down at reception. A dossier that
/// was moved to another version may be checked by another list: its papers keep their positions only.
pub(crate) fn supplemented(intake: &Intake, given: Vec<PaperCheck>) -> Vec<PaperCheck> {
    let received = intake.received.as_ref().map(|(_, received)| received);
    let list = received
        .filter(|_| intake.repinned.is_empty())
        .map_or(&[][..], |received| &received.papers);
    named(given, |position| {
        let known = list.iter().find(|known| known.paper == position)?;
        known.name.clone()
    })
}

fn named(mut papers: Vec<PaperCheck>, name: impl Fn(u16) -> Option<String>) -> Vec<PaperCheck> {
    for check in &mut papers {
        check.name = name(check.paper);
    }
    papers
}
