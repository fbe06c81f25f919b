//! Every fact with its one writer and a story in which it may be written.

use std::collections::BTreeMap;

use calendar::Declaration;
use dossier::alert::{AlertKind, Raised, Settled};
use dossier::clock::{Recomputed, Started};
use dossier::fact::Fact;
use dossier::ids::UnitId;
use dossier::intake::{Alias, Aliased, PinnedProcedure, Repinned};
use dossier::intervention::{
    JournalRepaired, JournalRestored, KeyRevoked, KeyRotated, OwnPlace, QuarantineRejected,
    QuarantineRetried, RepairedEntry, RetryOutcome,
};
use dossier::notice::{CalendarDeclared, PeriodClosed, PeriodRestated};
use dossier::outcome::{PartReturned, ReturnChannel};
use dossier::procedure::WaitEffect;
use dossier::promise::Wait;
use dossier::step::{Allotted, Assigned, StepApologised};
use tests::given::{Line, Story, at, by, close_of, given};
use uuid::Uuid;

use crate::cast::*;
use crate::facts::*;

/// A fact, the one unit that may write it, and a story in which it may.
pub fn table() -> Vec<(Fact, UnitId, Story)> {
    let new = || given(commune(), []);
    let home = || given(commune(), [received(&licence())]);
    let offered = || {
        [
            received(&licence()),
            at(
                TUE_2,
                Fact::Dispatched(dispatched("appraisal", 1, district())),
            ),
        ]
    };
    let taken = || given(commune(), licence_in_work(&licence()));
    let with = |line: Line| taken().and([line]);
    let allotted = Allotted {
        step: key("appraisal"),
        turn: 1,
        department: "Tư pháp".to_owned(),
    };
    let assigned = Assigned {
        step: key("appraisal"),
        turn: 1,
        officer: officer(),
    };
    vec![
        (registered(), commune(), new()),
        (
            received_due(&licence(), Some(close_of(TUE_9))),
            commune(),
            new(),
        ),
        (declined(), commune(), new()),
        (
            Fact::Dispatched(dispatched("appraisal", 1, district())),
            commune(),
            home(),
        ),
        (
            supplement_asked(None, "Bản vẽ", WaitEffect::Restart),
            commune(),
            home(),
        ),
        (
            supplement_given(WaitEffect::Restart, working_days(5), WED_17),
            commune(),
            home(),
        ),
        (
            payment_asked(None, 1, "Lệ phí", WaitEffect::Pause),
            commune(),
            home(),
        ),
        (
            payment_confirmed(WaitEffect::Pause, working_days(5), FRI_12),
            commune(),
            home(),
        ),
        (apologised(TUE_9, FRI_12, false), commune(), home()),
        (refused("Không đủ điều kiện"), commune(), home()),
        (withdrawn(), commune(), home()),
        (stopped(), commune(), home()),
        (ready(), commune(), home()),
        (returned(), commune(), home()),
        (
            accepted("appraisal", 1, THU_4),
            district(),
            given(commune(), offered()),
        ),
        (
            step_declined("appraisal", 1),
            district(),
            given(commune(), offered()),
        ),
        (Fact::StepAllotted(allotted), district(), taken()),
        (Fact::StepAssigned(assigned), district(), taken()),
        (needed("appraisal", 1, "Bản vẽ"), district(), taken()),
        (opinion_asked(1), district(), taken()),
        (
            opinion_given(1),
            district(),
            with(by(district(), THU_4, opinion_asked(1))),
        ),
        (assessed("appraisal", 1, 1, "TB-15"), district(), taken()),
        (sent_back("appraisal", 1, "survey"), district(), taken()),
        (completed("appraisal", 1), district(), taken()),
        (reminded(), district(), home()),
    ]
    .into_iter()
    .chain(of_clock_and_group())
    .collect()
}

/// What the home says about the clock, the version, the codes and the group of a dossier, and the
/// apology of a late performer.
fn of_clock_and_group() -> Vec<(Fact, UnitId, Story)> {
    let version = calendar::Calendar::published().version().to_owned();
    let (step, officer) = (key("appraisal"), officer());
    let at_home = vec![
        clock_paused(Wait::Posting, WaitEffect::Pause, "Niêm yết"),
        clock_resumed(Wait::Posting, WaitEffect::Pause, working_days(5), FRI_12),
        Fact::ClockStarted(Started {
            at: district(),
            since: WED_3,
            due_at: Some(close_of(WED_10)),
            calendar: version.clone(),
            basis: "NĐ 309/2026/NĐ-CP điều 8 khoản 3".to_owned(),
        }),
        Fact::DueDateRecomputed(Recomputed {
            declaration: Uuid::from_u128(5),
            basis: "Công văn hoán đổi".to_owned(),
            old_due_at: close_of(TUE_9),
            counted_due_at: close_of(WED_10),
            due_at: close_of(WED_10),
            calendar: version,
        }),
        Fact::Repinned(Box::new(Repinned {
            procedure: PinnedProcedure::from(&licence()),
            route: licence().route,
            clock: licence().clock,
            approver: officer.clone(),
            reason: "Quy trình mới".to_owned(),
            basis: "QĐ 01/2018/QĐ-UBND".to_owned(),
        })),
        Fact::Aliased(Aliased {
            alias: Alias {
                scheme: "dvcqg".to_owned(),
                code: "G09.20-20260609-0092637".to_owned(),
            },
        }),
        Fact::AlertRaised(Raised {
            alert: AlertKind::SentLate,
            step: step.clone(),
            turn: 1,
            reason: "Gửi chậm".to_owned(),
            repair_by: close_of(TUE_2),
            basis: "NĐ 301/2026/NĐ-CP điều 5 khoản 4".to_owned(),
        }),
        Fact::AlertSettled(Settled {
            alert: AlertKind::SentLate,
            step: step.clone(),
            turn: 1,
            repair: "Đã gửi lại".to_owned(),
            late: false,
        }),
        Fact::PartReturned(PartReturned {
            step: step.clone(),
            channel: ReturnChannel::Online,
            officer,
        }),
    ];
    let apology = Fact::StepApologised(StepApologised {
        step,
        turn: 1,
        reason: "Chờ kết quả".to_owned(),
        old_due_at: close_of(THU_4),
        new_due_at: close_of(MON_8),
        late: false,
    });
    let home = || given(commune(), [received(&licence())]);
    let taken = given(commune(), licence_in_work(&licence()));
    at_home
        .into_iter()
        .map(|fact| (fact, commune(), home()))
        .chain([(apology, district(), taken)])
        .collect()
}

/// Facts about no dossier: nobody writes them about one.
pub fn about_no_dossier() -> [Fact; 9] {
    let rows = serde_json::Value::Array(Vec::new());
    [
        Fact::CalendarDeclared(CalendarDeclared {
            number: 1,
            declaration: Declaration {
                days: Vec::new(),
                basis: "Công văn hoán đổi".to_owned(),
                published_on: TUE_2.date_naive(),
            },
            officer: officer(),
        }),
        Fact::PeriodClosed(Box::new(PeriodClosed {
            form: "ii06a".to_owned(),
            from: TUE_2,
            to: TUE_9,
            rules: "nd61".to_owned(),
            known_by: WED_10,
            rows: rows.clone(),
            officer: officer(),
        })),
        Fact::PeriodRestated(Box::new(PeriodRestated {
            closed: Uuid::from_u128(6),
            reason: "Ghi nhận sau khi chốt".to_owned(),
            known_by: WED_10,
            rows,
            officer: officer(),
        })),
        Fact::JournalRestored(Box::new(JournalRestored {
            backup_entries: 40,
            restored_at: WED_3,
            from_epoch: Uuid::from_u128(7),
            held: 52,
            known: 52,
            taken_back: 12,
            by_holder: [("broker".to_owned(), 12)].into(),
            unanswered: Vec::new(),
            missing: Vec::new(),
            officer: officer(),
            reason: "Hỏng ổ đĩa".to_owned(),
        })),
        Fact::JournalRepaired(JournalRepaired {
            entries: vec![RepairedEntry {
                index: 3,
                fault: "its bytes do not have the hash of their leaf".to_owned(),
                source: district().to_string(),
            }],
            officer: officer(),
            reason: "Lỗi ổ đĩa".to_owned(),
        }),
        Fact::QuarantineRetried(Box::new(QuarantineRetried {
            number: 0,
            sha256: "ab".repeat(32),
            from: district().to_string(),
            held_for: "no such key".to_owned(),
            outcome: RetryOutcome::TakenIn,
            event: Uuid::from_u128(8),
            officer: officer(),
            reason: "Đã bổ sung khóa".to_owned(),
        })),
        Fact::QuarantineRejected(QuarantineRejected {
            number: 1,
            sha256: "cd".repeat(32),
            from: district().to_string(),
            held_for: "it is no event".to_owned(),
            officer: officer(),
            reason: "Không rõ nguồn".to_owned(),
        }),
        Fact::KeyRotated(Box::new(KeyRotated {
            replaces: "01".repeat(8),
            signing: "02".repeat(32),
            proof: "AA".to_owned(),
            officer: officer(),
            reason: "Thay khóa định kỳ".to_owned(),
        })),
        Fact::KeyRevoked(KeyRevoked {
            key: "01".repeat(8),
            after: OwnPlace {
                epoch: Uuid::from_u128(9),
                sequence: 12,
            },
            earlier: BTreeMap::new(),
            officer: officer(),
            reason: "Lộ khóa".to_owned(),
        }),
    ]
}
