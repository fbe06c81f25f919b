//! A supplement and a payment awaited at the same time, in both orders. The dossier is received on
//! Tuesday 2 January 2018 with five working days (3, 4, 5, 8, 9), the supplement asked for on
//! Thursday the 4th, the payment on Friday the 5th. The first answer comes on Wednesday the 10th,
//! the second on Friday the 12th. Every date is counted by hand.

use calendar::Moment;
use dossier::payment::ConfirmPayment;
use dossier::procedure::{Procedure, WaitEffect};
use dossier::supplement::GiveSupplement;
use tests::given::{Story, at, given};

use crate::cast::*;
use crate::facts::*;

use WaitEffect::{None as RunsOn, Pause, Restart, SecondLimit};

fn both_asked(supplement: WaitEffect, payment: WaitEffect) -> Story {
    let procedure = Procedure {
        clock: clock(supplement, payment),
        ..licence()
    };
    given(
        commune(),
        [
            received(&procedure),
            at(THU_4, supplement_asked(None, "Bản vẽ", supplement)),
            at(FRI_5, payment_asked(None, 100_000, "Lệ phí", payment)),
        ],
    )
}

fn give(story: Story, on: Moment) -> Story {
    story
        .when(commune(), on, |case| {
            GiveSupplement { papers: Vec::new() }.decide(case)
        })
        .done()
}

fn pay(story: Story, on: Moment) -> Story {
    story
        .when(commune(), on, |case| {
            ConfirmPayment {
                voucher: "BL-01".to_owned(),
            }
            .decide(case)
        })
        .done()
}

/// Due after the first answer and whether the clock still stands; due after the second.
fn supplement_first(supplement: WaitEffect, payment: WaitEffect) -> (Moment, bool, Moment) {
    let story = give(both_asked(supplement, payment), WED_10);
    let between = (day_due(&story), story.dossier().promise.is_paused());
    let story = pay(story, FRI_12);
    assert!(!story.dossier().promise.is_paused() && !story.dossier().promise.is_waiting());
    (between.0, between.1, day_due(&story))
}

fn payment_first(supplement: WaitEffect, payment: WaitEffect) -> (Moment, bool, Moment) {
    let story = pay(both_asked(supplement, payment), WED_10);
    let between = (day_due(&story), story.dossier().promise.is_paused());
    let story = give(story, FRI_12);
    assert!(!story.dossier().promise.is_paused() && !story.dossier().promise.is_waiting());
    (between.0, between.1, day_due(&story))
}

/// The due day, written as its eight o'clock like the days of the cast.
fn day_due(story: &Story) -> Moment {
    story.dossier().promise.due_at.unwrap() - chrono::TimeDelta::hours(9)
}

#[test]
fn restart_and_pause() {
    // Anew on the 10th: 11, 12, 15, 16, 17; all five remain at the payment: 15, 16, 17, 18, 19.
    assert_eq!(supplement_first(Restart, Pause), (WED_17, true, FRI_19));
    // Anew on the 12th, whatever was before.
    assert_eq!(payment_first(Restart, Pause), (TUE_9, true, FRI_19));
}

#[test]
fn pause_and_pause_is_one_pause() {
    // 5, 8 and 9 remained on the 4th: 15, 16, 17 after the 12th.
    assert_eq!(supplement_first(Pause, Pause), (TUE_9, true, WED_17));
    assert_eq!(payment_first(Pause, Pause), (TUE_9, true, WED_17));
}

#[test]
fn pause_and_a_payment_that_lets_the_clock_run() {
    // The clock runs from the 10th: 11, 12, 15; the payment changes nothing.
    assert_eq!(supplement_first(Pause, RunsOn), (MON_15, false, MON_15));
    // The payment does not end the pause: 15, 16, 17 after the 12th.
    assert_eq!(payment_first(Pause, RunsOn), (TUE_9, true, WED_17));
}

#[test]
fn restart_and_a_payment_that_lets_the_clock_run() {
    assert_eq!(supplement_first(Restart, RunsOn), (WED_17, false, WED_17));
    assert_eq!(payment_first(Restart, RunsOn), (TUE_9, true, FRI_19));
}

#[test]
fn a_supplement_that_lets_the_clock_run_and_pause() {
    // Paused by the payment on the 5th with 8 and 9 remaining: 15, 16 after the 12th.
    assert_eq!(supplement_first(RunsOn, Pause), (TUE_9, true, TUE_16));
    // 11, 12 after the 10th.
    assert_eq!(payment_first(RunsOn, Pause), (FRI_12, false, FRI_12));
}

#[test]
fn a_second_limit_and_pause() {
    // Two days from the 10th: 11, 12; both remain at the payment: 15, 16.
    assert_eq!(
        supplement_first(SecondLimit(working_days(2)), Pause),
        (FRI_12, true, TUE_16)
    );
    // Two days from the 12th.
    assert_eq!(
        payment_first(SecondLimit(working_days(2)), Pause),
        (TUE_9, true, TUE_16)
    );
}

#[test]
fn pause_and_restart() {
    // Anew by the payment on the 12th.
    assert_eq!(supplement_first(Pause, Restart), (TUE_9, true, FRI_19));
    // Anew by the payment on the 10th, standing still until the 12th.
    assert_eq!(payment_first(Pause, Restart), (WED_17, true, FRI_19));
}

#[test]
fn restart_and_restart() {
    assert_eq!(supplement_first(Restart, Restart), (WED_17, true, FRI_19));
    assert_eq!(payment_first(Restart, Restart), (WED_17, true, FRI_19));
}

#[test]
fn neither_touches_the_clock() {
    assert_eq!(supplement_first(RunsOn, RunsOn), (TUE_9, false, TUE_9));
    assert_eq!(payment_first(RunsOn, RunsOn), (TUE_9, false, TUE_9));
}
