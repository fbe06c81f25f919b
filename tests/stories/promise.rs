//! The promised date: kept for ever as first given, moved once with an apology
//! (NĐ 61/2018/NĐ-CP art. 19.9).

use calendar::{Limit, Moment};
use dossier::fact::Fact;
use dossier::procedure::{Procedure, WaitEffect};
use dossier::promise::Apologise;
use tests::given::{at, close_of, given};

use crate::cast::*;
use crate::facts::*;

fn apologise(new: Moment) -> Apologise {
    Apologise {
        reason: "Chờ trích đo".to_owned(),
        new_due_at: close_of(new),
    }
}

#[test]
fn a_new_date_is_promised_with_an_apology_and_the_first_is_kept() {
    let story = given(commune(), [received(&licence())])
        .when(commune(), MON_8, |case| apologise(FRI_12).decide(case))
        .then([apologised(TUE_9, FRI_12, false)])
        .due(FRI_12);
    assert_eq!(
        story.dossier().promise.original_due_at,
        Some(close_of(TUE_9))
    );
    assert_eq!(story.dossier().promise.apologies, 1);
    assert!(!story.dossier().promise.is_overdue(FRI_12));
}

#[test]
fn an_apology_later_than_the_day_before_is_marked_as_late() {
    let on_the_day = given(commune(), [received(&licence())]);
    on_the_day
        .when(commune(), TUE_9, |case| apologise(FRI_12).decide(case))
        .then([apologised(TUE_9, FRI_12, true)]);
    let afterwards = given(commune(), [received(&licence())]);
    afterwards
        .when(commune(), WED_10, |case| apologise(FRI_12).decide(case))
        .then([apologised(TUE_9, FRI_12, true)]);
}

#[test]
fn a_second_apology_is_refused() {
    given(
        commune(),
        [
            received(&licence()),
            at(MON_8, apologised(TUE_9, FRI_12, false)),
        ],
    )
    .when(commune(), WED_10, |case| apologise(MON_15).decide(case))
    .refused("promise.already_extended")
    .due(FRI_12);
}

#[test]
fn a_new_date_is_a_later_one() {
    let story = given(commune(), [received(&licence())]);
    let story = story
        .when(commune(), FRI_5, |case| apologise(TUE_9).decide(case))
        .refused("promise.not_later");
    let story = story
        .when(commune(), FRI_5, |case| apologise(MON_8).decide(case))
        .refused("promise.not_later");
    story
        .when(commune(), MON_15, |case| apologise(FRI_12).decide(case))
        .refused("promise.not_later");
}

#[test]
fn a_new_date_is_a_working_day() {
    given(commune(), [received(&licence())])
        .when(commune(), MON_8, |case| apologise(SAT_13).decide(case))
        .saying("Thứ Bảy")
        .refused("promise.not_a_working_day");
}

#[test]
fn an_apology_gives_its_reason() {
    let silent = Apologise {
        reason: String::new(),
        new_due_at: close_of(FRI_12),
    };
    given(commune(), [received(&licence())])
        .when(commune(), MON_8, |case| silent.decide(case))
        .refused("reason.missing");
}

#[test]
fn where_the_law_states_no_limit_there_is_nothing_to_apologise_for() {
    let open_ended = Procedure {
        limit: Limit::NONE_STATED,
        ..licence()
    };
    given(commune(), [received(&open_ended)])
        .when(commune(), MON_8, |case| apologise(FRI_12).decide(case))
        .refused("promise.none_made");
}

#[test]
fn only_the_home_promises() {
    given(commune(), [received(&licence())])
        .when(district(), MON_8, |case| apologise(FRI_12).decide(case))
        .refused("home.elsewhere");
}

#[test]
fn nothing_is_promised_before_reception_or_after_the_end() {
    given(commune(), [at(TUE_2, registered())])
        .when(commune(), MON_8, |case| apologise(FRI_12).decide(case))
        .refused("intake.not_received");
    given(
        commune(),
        [
            received(&licence()),
            at(WED_3, refused("Không đủ điều kiện")),
        ],
    )
    .when(commune(), MON_8, |case| apologise(FRI_12).decide(case))
    .refused("outcome.settled");
}

#[test]
fn a_dossier_is_overdue_from_the_day_after_its_last_day() {
    let story = given(commune(), [received(&licence())]);
    let promise = &story.dossier().promise;
    assert!(!promise.is_overdue(close_of(TUE_9)));
    assert!(promise.is_overdue(WED_10));
}

#[test]
fn a_clock_that_stands_still_does_not_become_overdue() {
    let asked = supplement_asked(None, "Bản vẽ", WaitEffect::Restart);
    let story = given(commune(), [received(&licence()), at(THU_4, asked)]);
    assert!(story.dossier().promise.is_paused());
    assert!(!story.dossier().promise.is_overdue(FRI_12));
}

#[test]
fn a_late_dossier_does_not_become_punctual_by_asking_for_something() {
    let asked = supplement_asked(None, "Bản vẽ", WaitEffect::Restart);
    let story = given(commune(), [received(&licence()), at(WED_10, asked)]);
    assert!(story.dossier().promise.is_overdue(FRI_12));
}

#[test]
fn what_ends_during_a_pause_is_held_against_the_date_by_the_start_of_the_pause() {
    let asked = supplement_asked(None, "Bản vẽ", WaitEffect::Restart);
    let story = given(
        commune(),
        [
            received(&licence()),
            at(THU_4, asked),
            at(
                FRI_12,
                Fact::Withdrawn(dossier::outcome::Withdrawn {
                    reason: String::new(),
                }),
            ),
        ],
    );
    let ended = story.dossier().ended_at().unwrap();
    assert_eq!(ended, FRI_12);
    assert_eq!(story.dossier().promise.counted_until(ended), THU_4);
}
