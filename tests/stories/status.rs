//! The national status codes 1 to 10: each is reached, and is the one that is true.

use std::collections::BTreeSet;

use dossier::fact::Fact;
use dossier::procedure::WaitEffect;
use dossier::status::Status;
use tests::given::{Line, at, by, given};

use crate::cast::*;
use crate::facts::*;

fn status_after(lines: impl IntoIterator<Item = Line>) -> u8 {
    given(commune(), lines).dossier().status().code()
}

fn in_work(then: impl IntoIterator<Item = Line>) -> u8 {
    status_after(licence_in_work(&licence()).into_iter().chain(then))
}

#[test]
fn each_code_is_reached() {
    let supplement = || at(THU_4, supplement_asked(None, "Bản vẽ", WaitEffect::Restart));
    let payment = || {
        at(
            THU_4,
            payment_asked(None, 100_000, "Lệ phí", WaitEffect::Pause),
        )
    };
    assert_eq!(status_after([at(TUE_2, registered())]), 1);
    assert_eq!(status_after([received(&licence())]), 2);
    assert_eq!(status_after([at(TUE_2, declined())]), 3);
    assert_eq!(in_work([]), 4);
    assert_eq!(in_work([supplement()]), 5);
    assert_eq!(in_work([payment()]), 6);
    assert_eq!(in_work([at(THU_4, withdrawn())]), 7);
    assert_eq!(in_work([at(THU_4, withdrawn()), at(FRI_5, stopped())]), 8);
    assert_eq!(
        in_work([
            by(district(), THU_4, completed("appraisal", 1)),
            at(THU_4, ready())
        ]),
        9
    );
    assert_eq!(in_work([at(THU_4, ready()), at(FRI_5, returned())]), 10);
}

#[test]
fn what_is_offered_or_declined_is_not_in_process() {
    let offered = || {
        [
            received(&licence()),
            at(
                TUE_2,
                Fact::Dispatched(dispatched("appraisal", 1, district())),
            ),
        ]
    };
    assert_eq!(status_after(offered()), 2);
    assert_eq!(
        status_after(offered().into_iter().chain([by(
            district(),
            WED_3,
            step_declined("appraisal", 1)
        )])),
        2
    );
}

#[test]
fn a_refusal_is_a_result_that_lies_at_the_desk() {
    assert_eq!(in_work([at(THU_4, refused("Không đủ điều kiện"))]), 9);
    assert_eq!(
        in_work([
            at(THU_4, refused("Không đủ điều kiện")),
            at(FRI_5, returned())
        ]),
        10
    );
}

#[test]
fn of_two_things_awaited_the_papers_come_first() {
    let supplement = at(THU_4, supplement_asked(None, "Bản vẽ", WaitEffect::Restart));
    let payment = at(
        FRI_5,
        payment_asked(None, 100_000, "Lệ phí", WaitEffect::Pause),
    );
    let given = || {
        at(
            WED_10,
            supplement_given(WaitEffect::Restart, working_days(5), WED_17),
        )
    };
    assert_eq!(in_work([payment, supplement]), 5);
    let supplement = at(THU_4, supplement_asked(None, "Bản vẽ", WaitEffect::Restart));
    let payment = at(
        FRI_5,
        payment_asked(None, 100_000, "Lệ phí", WaitEffect::Pause),
    );
    assert_eq!(in_work([supplement, payment, given()]), 6);
}

#[test]
fn there_are_ten_codes_with_a_label_each() {
    let all: Vec<Status> = (0..=u8::MAX)
        .filter_map(|code| Status::try_from(code).ok())
        .collect();
    assert_eq!(
        all.iter().map(|status| status.code()).collect::<Vec<_>>(),
        (1..=10).collect::<Vec<_>>()
    );
    assert_eq!(
        all.iter()
            .map(|status| status.label())
            .collect::<BTreeSet<_>>()
            .len(),
        10
    );
}
