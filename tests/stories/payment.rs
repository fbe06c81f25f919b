//! Payments: asked by the home for itself or because a performer assessed an obligation.

use dossier::fact::Fact;
use dossier::obligation::AssessObligation;
use dossier::payment::{AskPayment, ConfirmPayment};
use dossier::procedure::WaitEffect;
use dossier::status::Status;
use tests::given::{Line, at, by, given};

use crate::cast::*;
use crate::facts::*;

fn ask(amount_vnd: u64) -> AskPayment {
    AskPayment {
        amount_vnd,
        purpose: "Lệ phí".to_owned(),
    }
}

fn confirm() -> ConfirmPayment {
    ConfirmPayment {
        voucher: "BL-01".to_owned(),
    }
}

fn assess(step: &str, amount_vnd: u64) -> AssessObligation {
    AssessObligation {
        step: key(step),
        amount_vnd,
        notice: "TB-15".to_owned(),
    }
}

fn of_notice(step: &str, amount_vnd: u64, notice: &str) -> Fact {
    let purpose = format!("Nghĩa vụ tài chính theo thông báo {notice}");
    payment_asked(Some(step), amount_vnd, &purpose, WaitEffect::Pause)
}

#[test]
fn a_payment_is_asked_for_and_confirmed() {
    given(commune(), [received(&licence())])
        .when(commune(), FRI_5, |case| ask(100_000).decide(case))
        .then([payment_asked(None, 100_000, "Lệ phí", WaitEffect::Pause)])
        .is(Status::PaymentAsked)
        .when(commune(), WED_10, |case| confirm().decide(case))
        // 8 and 9 remained: 11, 12.
        .then([payment_confirmed(
            WaitEffect::Pause,
            working_days(5),
            FRI_12,
        )])
        .is(Status::Received);
}

#[test]
fn nothing_is_not_asked_for() {
    given(commune(), [received(&licence())])
        .when(commune(), FRI_5, |case| ask(0).decide(case))
        .refused("payment.nothing");
}

#[test]
fn one_payment_is_asked_for_at_a_time() {
    let asked = payment_asked(None, 100_000, "Lệ phí", WaitEffect::Pause);
    given(commune(), [received(&licence()), at(FRI_5, asked)])
        .when(commune(), MON_8, |case| ask(50_000).decide(case))
        .refused("payment.already_asked");
}

#[test]
fn a_payment_that_was_not_asked_for_is_not_confirmed() {
    let story = given(commune(), [received(&licence())])
        .when(commune(), MON_8, |case| confirm().decide(case))
        .refused("payment.not_asked");
    let asked = payment_asked(None, 100_000, "Lệ phí", WaitEffect::Pause);
    story
        .and([
            at(FRI_5, asked),
            at(
                WED_10,
                payment_confirmed(WaitEffect::Pause, working_days(5), FRI_12),
            ),
        ])
        .when(commune(), FRI_12, |case| confirm().decide(case))
        .refused("payment.not_asked");
}

#[test]
fn only_the_home_takes_money() {
    let story = given(commune(), licence_in_work(&licence()));
    let story = story
        .when(district(), MON_8, |case| ask(100_000).decide(case))
        .refused("home.elsewhere");
    story
        .when(district(), MON_8, |case| confirm().decide(case))
        .refused("home.elsewhere");
}

#[test]
fn an_assessed_obligation_is_asked_for_by_the_home_by_itself() {
    let story = given(commune(), licence_in_work(&licence()))
        .when(district(), FRI_5, |case| {
            assess("appraisal", 2_500_000).decide(case)
        })
        .then([assessed("appraisal", 1, 2_500_000, "TB-15")])
        .the_home_goes_on([of_notice("appraisal", 2_500_000, "TB-15")])
        .is(Status::PaymentAsked);
    assert_eq!(story.dossier().payments.asked[0].amount_vnd, 2_500_000);
}

#[test]
fn where_nothing_is_owed_nobody_is_asked() {
    given(commune(), licence_in_work(&licence()))
        .when(district(), FRI_5, |case| {
            assess("appraisal", 0).decide(case)
        })
        .then([assessed("appraisal", 1, 0, "TB-15")])
        .the_home_goes_on([])
        .is(Status::InProcess);
}

#[test]
fn an_obligation_is_assessed_once_in_a_turn() {
    let story = given(commune(), licence_in_work(&licence()))
        .and([by(
            district(),
            FRI_5,
            assessed("appraisal", 1, 2_500_000, "TB-15"),
        )])
        .when(district(), MON_8, |case| {
            assess("appraisal", 2_500_000).decide(case)
        })
        .refused("obligation.already_assessed");
    assert!(
        story
            .dossier()
            .may_write(&district(), &assessed("appraisal", 1, 1, "TB-16"))
            .is_err()
    );
}

#[test]
fn an_obligation_is_assessed_by_who_works_on_the_step() {
    given(commune(), licence_in_work(&licence()))
        .when(tax_office(), FRI_5, |case| {
            assess("appraisal", 2_500_000).decide(case)
        })
        .refused("step.not_held");
}

/// Tax office and police both work on what the survey gave.
fn forked() -> Vec<Line> {
    vec![
        received(&fork()),
        at(
            TUE_2,
            Fact::Dispatched(dispatched("survey", 1, land_office())),
        ),
        by(land_office(), TUE_2, accepted("survey", 1, THU_4)),
        by(land_office(), WED_3, completed("survey", 1)),
        at(WED_3, Fact::Dispatched(dispatched("tax", 1, tax_office()))),
        at(WED_3, Fact::Dispatched(dispatched("security", 1, police()))),
        by(tax_office(), WED_3, accepted("tax", 1, FRI_5)),
        by(police(), WED_3, accepted("security", 1, FRI_5)),
    ]
}

#[test]
fn two_obligations_are_asked_for_one_after_the_other_and_each_is_confirmed() {
    let story = given(commune(), forked())
        .and([by(
            tax_office(),
            THU_4,
            assessed("tax", 1, 2_500_000, "TB-15"),
        )])
        .the_home_goes_on([of_notice("tax", 2_500_000, "TB-15")])
        .and([by(
            police(),
            FRI_5,
            assessed("security", 1, 80_000, "TB-16"),
        )])
        .the_home_goes_on([]);
    let story = story
        .when(commune(), MON_8, |case| confirm().decide(case))
        .done()
        .the_home_goes_on([of_notice("security", 80_000, "TB-16")])
        .is(Status::PaymentAsked);
    let story = story
        .when(commune(), WED_10, |case| confirm().decide(case))
        .done()
        .the_home_goes_on([]);
    let confirmed: Vec<_> = story
        .dossier()
        .payments
        .asked
        .iter()
        .map(|p| p.confirmed_at)
        .collect();
    assert_eq!(confirmed, [Some(MON_8), Some(WED_10)]);
}

#[test]
fn the_result_is_not_ready_while_a_payment_is_awaited() {
    let story = given(commune(), licence_in_work(&licence()))
        .and([at(
            THU_4,
            payment_asked(None, 100_000, "Lệ phí", WaitEffect::Pause),
        )])
        .and([by(district(), FRI_5, completed("appraisal", 1))])
        .the_home_goes_on([])
        .is(Status::PaymentAsked);
    story
        .when(commune(), WED_10, |case| confirm().decide(case))
        .done()
        .the_home_goes_on([ready()])
        .is(Status::ResultReady);
}
