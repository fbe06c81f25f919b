//! Which role may give which command or ask which question. What a level of government may do at all
//! is said by its powers; this says who of its officers does it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What an officer is at their unit. One may have several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Role {
    /// Takes in at the desk, speaks with citizens and returns results (người tiếp nhận, trả kết quả).
    #[serde(rename = "tiep_nhan")]
    DeskOfficer,
    /// Does the work of a step (người xử lý).
    #[serde(rename = "xu_ly")]
    Handler,
    /// Answers for the unit: allots, refuses, stops, apologises, reports (lãnh đạo).
    #[serde(rename = "lanh_dao")]
    Head,
    /// Reads and writes nothing (thanh tra, kiểm tra).
    #[serde(rename = "thanh_tra")]
    Auditor,
    /// Keeps the unit's record and machine in order and has no part in dossiers (người quản trị).
    #[serde(rename = "quan_tri")]
    Operator,
}

use Role::{Auditor, DeskOfficer, Handler, Head, Operator};

impl Role {
    /// All of them.
    pub const ALL: [Self; 5] = [DeskOfficer, Handler, Head, Auditor, Operator];

    /// Its name in the file of officers.
    pub fn name(self) -> &'static str {
        match self {
            DeskOfficer => "tiep_nhan",
            Handler => "xu_ly",
            Head => "lanh_dao",
            Auditor => "thanh_tra",
            Operator => "quan_tri",
        }
    }

    /// Its name for people.
    pub fn label(self) -> &'static str {
        match self {
            DeskOfficer => "tiếp nhận và trả kết quả",
            Handler => "xử lý hồ sơ",
            Head => "lãnh đạo",
            Auditor => "thanh tra",
            Operator => "quản trị",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

const DESK: &[Role] = &[DeskOfficer];
const LEAD: &[Role] = &[Head];
const KEEP: &[Role] = &[Operator];
const DESK_OR_LEAD: &[Role] = &[DeskOfficer, Head];
const WORK_OR_LEAD: &[Role] = &[Handler, Head];
const AT_WORK: &[Role] = &[DeskOfficer, Handler, Head];
const ALL_BUT_KEEPING: &[Role] = &[DeskOfficer, Handler, Head, Auditor];
const OVERSIGHT: &[Role] = &[Head, Auditor, Operator];

/// Every command and every question of an officer, with the roles that it is open to.
const TABLE: [(&str, &[Role]); 49] = [
    ("register", DESK),
    ("receive", DESK),
    ("decline", DESK),
    ("dispatch", DESK_OR_LEAD),
    ("ask_supplement", AT_WORK),
    ("give_supplement", DESK),
    ("ask_payment", AT_WORK),
    ("confirm_payment", DESK),
    ("apologise", LEAD),
    ("withdraw", DESK),
    ("stop", LEAD),
    ("refuse", LEAD),
    ("return_result", DESK),
    ("return_part", DESK),
    ("pause", WORK_OR_LEAD),
    ("resume", WORK_OR_LEAD),
    ("note_alias", DESK),
    ("move_version", LEAD),
    ("raise_alert", AT_WORK),
    ("settle_alert", DESK_OR_LEAD),
    ("accept", WORK_OR_LEAD),
    ("decline_step", WORK_OR_LEAD),
    ("allot", LEAD),
    ("assign", LEAD),
    ("need_supplement", WORK_OR_LEAD),
    ("ask_opinion", WORK_OR_LEAD),
    ("give_opinion", WORK_OR_LEAD),
    ("assess_obligation", WORK_OR_LEAD),
    ("send_back", WORK_OR_LEAD),
    ("complete", WORK_OR_LEAD),
    ("apologise_step", LEAD),
    ("declare_days", LEAD),
    ("close_period", LEAD),
    ("restate_period", LEAD),
    ("erase", LEAD),
    ("retry_quarantined", KEEP),
    ("reject_quarantined", KEEP),
    ("go_on_without", KEEP),
    ("rotate_key", KEEP),
    ("revoke_key", KEEP),
    ("back_up", KEEP),
    ("worklist", ALL_BUT_KEEPING),
    ("show", ALL_BUT_KEEPING),
    // Personal data in the clear: whoever works on a dossier; neither auditors nor operators.
    ("applicant", AT_WORK),
    ("readings", &[DeskOfficer, Head, Auditor]),
    ("backdated", &[Head, Auditor]),
    ("quarantine", OVERSIGHT),
    ("health", OVERSIGHT),
    // Between units; the answer can be used by a unit that has a step in the dossier alone.
    ("key", &[]),
];

/// What a unit asks another unit, under no officer's name: answered whoever asks.
pub const BETWEEN_UNITS: [&str; 1] = ["key"];

/// The roles that a command or question is open to; none for one that no officer gives.
pub fn open_to(name: &str) -> &'static [Role] {
    let row = TABLE.iter().find(|(known, _)| *known == name);
    row.map_or(&[], |(_, roles)| roles)
}

/// The commands and questions that are open to at least one of `roles`, in the order of the table.
pub fn names_for(roles: &[Role]) -> impl Iterator<Item = &'static str> {
    let any = |open: &[Role]| open.iter().any(|role| roles.contains(role));
    TABLE
        .iter()
        .filter(move |(_, open)| any(open))
        .map(|(name, _)| *name)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::command::{HOME, INTAKE, PERIODS, QUESTIONS, STEP, UPKEEP};

    #[test]
    fn every_command_and_question_is_somebodys() {
        let all = INTAKE
            .iter()
            .chain(&HOME)
            .chain(&STEP)
            .chain(&PERIODS)
            .chain(&UPKEEP)
            .chain(&QUESTIONS);
        for name in all.filter(|name| !BETWEEN_UNITS.contains(name)) {
            assert!(!open_to(name).is_empty(), "{name}: add it to the table");
        }
        assert!(open_to("no_such_command").is_empty());
    }

    #[test]
    fn an_auditor_writes_nothing_and_an_operator_has_no_part_in_dossiers() {
        for name in names_for(&[Auditor]) {
            assert!(QUESTIONS.contains(&name), "{name}");
        }
        for name in names_for(&[Operator]) {
            let kept = [
                "rotate_key",
                "revoke_key",
                "back_up",
                "quarantine",
                "health",
            ];
            assert!(UPKEEP.contains(&name) || kept.contains(&name), "{name}");
        }
    }

    #[test]
    fn names_are_what_the_file_of_officers_says() {
        for role in Role::ALL {
            assert_eq!(serde_json::to_value(role).unwrap(), role.name());
        }
    }
}
