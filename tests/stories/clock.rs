//! The clock held for what a procedure's version does not count: paused with its basis, resumed, and
//! nothing else. The dossier is received on Tuesday 2 January 2018 with five working days (3, 4, 5, 8,
//! 9); every date is counted by hand.

use std::collections::BTreeMap;

use dossier::clock::{Pause, Resume};
use dossier::fact::Fact;
use dossier::intake::Particulars;
use dossier::opinion::{AskOpinion, GiveOpinion};
use dossier::outcome::Stop;
use dossier::procedure::{ClockPolicy, Procedure, WaitEffect};
use dossier::promise::{Apologise, Wait};
use dossier::step::{Complete, StepOutcome};
use tests::given::{Story, at, by, close_of, given};

use crate::cast::*;
use crate::facts::*;
use crate::group_cast::{birth, received_in_group, september};

/// A licence whose version does not count verification, opinions and incidents.
fn excluding(effect: WaitEffect) -> Procedure {
    Procedure {
        clock: ClockPolicy {
            verification: effect,
            opinion: effect,
            incident: effect,
            ..clock(WaitEffect::Restart, WaitEffect::Pause)
        },
        ..licence()
    }
}

fn pause(cause: Wait) -> Pause {
    Pause {
        cause,
        reason: "Xác minh thực địa".to_owned(),
        step: None,
        notice: None,
    }
}

fn verifying(procedure: &Procedure) -> Story {
    given(commune(), [received(procedure)])
        .when(commune(), THU_4, |case| {
            pause(Wait::Verification).decide(case)
        })
        .done()
}

fn resume(cause: Wait) -> Resume {
    Resume { cause }
}

#[test]
fn a_cause_that_the_version_does_not_count_stops_the_clock_until_it_is_over() {
    let paused = clock_paused(Wait::Verification, WaitEffect::Pause, "Xác minh thực địa");
    let story = given(commune(), [received(&excluding(WaitEffect::Pause))])
        .when(commune(), THU_4, |case| {
            pause(Wait::Verification).decide(case)
        })
        .then([paused]);
    assert!(story.dossier().promise.is_paused());
    assert!(!story.dossier().promise.is_overdue(FRI_12));
    // 5, 8 and 9 remained: 11, 12, 15.
    let run_on = clock_resumed(
        Wait::Verification,
        WaitEffect::Pause,
        working_days(5),
        MON_15,
    );
    let story = story
        .when(commune(), WED_10, |case| {
            resume(Wait::Verification).decide(case)
        })
        .then([run_on])
        .due(MON_15);
    assert!(!story.dossier().promise.is_paused());
    assert_eq!(
        story.dossier().promise.original_due_at,
        Some(close_of(TUE_9))
    );
}

#[test]
fn or_the_version_gives_the_time_after_it_anew() {
    let story = verifying(&excluding(WaitEffect::SecondLimit(working_days(2))));
    // 11, 12.
    story
        .when(commune(), WED_10, |case| {
            resume(Wait::Verification).decide(case)
        })
        .done()
        .due(FRI_12);
}

#[test]
fn a_cause_that_counts_is_refused_by_its_name_and_by_the_version() {
    let story = given(commune(), [received(&licence())]);
    let story = story
        .when(commune(), THU_4, |case| {
            pause(Wait::Verification).decide(case)
        })
        .saying("thẩm tra, xác minh")
        .saying("phiên bản 2018.1 của thủ tục 2.000720")
        .refused("clock.cause_counts");
    story
        .when(commune(), THU_4, |case| pause(Wait::Posting).decide(case))
        .saying("niêm yết công khai")
        .refused("clock.cause_counts")
        .due(TUE_9);
}

#[test]
fn what_the_citizen_is_asked_for_has_commands_of_its_own() {
    for cause in [Wait::Supplement, Wait::Payment] {
        let story = given(commune(), [received(&licence())])
            .when(commune(), THU_4, |case| pause(cause).decide(case))
            .refused("clock.asked_of_the_citizen");
        story
            .when(commune(), THU_4, |case| resume(cause).decide(case))
            .refused("clock.asked_of_the_citizen");
    }
}

#[test]
fn nd301_art_3_4_an_incident_stops_the_clock_when_its_owner_announced_it() {
    let story = given(commune(), [received(&excluding(WaitEffect::Pause))]);
    let silent = Pause {
        notice: Some(" ".to_owned()),
        ..pause(Wait::Incident)
    };
    let story = story
        .when(commune(), THU_4, |case| silent.decide(case))
        .refused("clock.no_notice");
    let announced = Pause {
        notice: Some("12/TB-CNTT".to_owned()),
        ..pause(Wait::Incident)
    };
    let story = story
        .when(commune(), THU_4, |case| announced.decide(case))
        .done();
    assert!(story.dossier().promise.waits_for(Wait::Incident));
}

#[test]
fn a_cause_is_paused_once_and_only_what_is_paused_is_resumed() {
    let story = verifying(&excluding(WaitEffect::Pause))
        .when(commune(), FRI_5, |case| {
            pause(Wait::Verification).decide(case)
        })
        .refused("clock.already_paused");
    let story = story
        .when(commune(), FRI_5, |case| resume(Wait::Opinion).decide(case))
        .saying("lấy ý kiến")
        .refused("clock.not_paused");
    story
        .when(commune(), WED_10, |case| {
            resume(Wait::Verification).decide(case)
        })
        .done()
        .when(commune(), FRI_12, |case| {
            resume(Wait::Verification).decide(case)
        })
        .refused("clock.not_paused");
}

#[test]
fn two_causes_at_once_are_one_pause() {
    let story = verifying(&excluding(WaitEffect::Pause))
        .when(commune(), FRI_5, |case| pause(Wait::Opinion).decide(case))
        .done()
        .when(commune(), WED_10, |case| {
            resume(Wait::Verification).decide(case)
        })
        .done()
        .due(TUE_9);
    assert!(story.dossier().promise.is_paused());
    // 5, 8 and 9 remained on the 4th: 15, 16, 17 after the 12th.
    story
        .when(commune(), FRI_12, |case| resume(Wait::Opinion).decide(case))
        .done()
        .due(WED_17);
}

#[test]
fn nothing_is_resumed_before_it_was_paused() {
    verifying(&excluding(WaitEffect::Pause))
        .when(commune(), WED_3, |case| {
            resume(Wait::Verification).decide(case)
        })
        .refused("promise.before_pause");
}

#[test]
fn a_pause_gives_its_reason_and_a_step_of_the_route() {
    let story = given(commune(), [received(&excluding(WaitEffect::Pause))]);
    let silent = Pause {
        reason: " ".to_owned(),
        ..pause(Wait::Verification)
    };
    let story = story
        .when(commune(), THU_4, |case| silent.decide(case))
        .refused("reason.missing");
    let elsewhere = Pause {
        step: Some(key("survey")),
        ..pause(Wait::Verification)
    };
    story
        .when(commune(), THU_4, |case| elsewhere.decide(case))
        .saying("survey")
        .refused("route.no_such_step");
}

#[test]
fn only_the_home_holds_the_clock_and_only_of_an_open_dossier() {
    let procedure = excluding(WaitEffect::Pause);
    given(commune(), [received(&procedure)])
        .when(district(), THU_4, |case| {
            pause(Wait::Verification).decide(case)
        })
        .refused("home.elsewhere");
    given(commune(), [received(&procedure), at(WED_3, withdrawn())])
        .when(commune(), THU_4, |case| {
            pause(Wait::Verification).decide(case)
        })
        .refused("outcome.settled");
}

#[test]
fn a_pause_rests_on_the_basis_noted_at_reception_else_on_the_procedures() {
    let basis = |story: Story| {
        let story = story
            .when(commune(), THU_4, |case| {
                pause(Wait::Verification).decide(case)
            })
            .done();
        story.dossier().wait_basis(Wait::Verification)
    };
    let noted = Particulars {
        clock_basis: BTreeMap::from([(Wait::Verification, "TT 24/2023/TT-BCA".to_owned())]),
        ..Particulars::default()
    };
    let procedure = excluding(WaitEffect::Pause);
    let noted = given(commune(), [received_with(&procedure, noted)]);
    assert_eq!(basis(noted), "TT 24/2023/TT-BCA");
    let plain = given(commune(), [received(&procedure)]);
    assert_eq!(basis(plain), procedure.basis);
}

#[test]
fn nd301_art_3_4_in_a_group_the_decree_itself_is_the_basis() {
    let story = received_in_group(&birth(), &[])
        .when(commune(), september(9, "10:00"), |case| {
            Pause {
                reason: "Chờ chủ hộ xác nhận trên VNeID".to_owned(),
                ..pause(Wait::Consent)
            }
            .decide(case)
        })
        .done();
    assert!(story.dossier().promise.is_paused());
    let basis = story.dossier().wait_basis(Wait::Consent);
    assert_eq!(basis, "NĐ 301/2026/NĐ-CP điều 3 khoản 4");
    // What the decree does not name rests on the procedure's own.
    let own = story.dossier().wait_basis(Wait::Posting);
    assert_eq!(own, birth().basis);
}

#[test]
fn an_office_that_verifies_cannot_stop_the_dossier_for_want_of_the_citizen() {
    let stop = || Stop {
        reason: "Công dân không bổ sung".to_owned(),
    };
    verifying(&excluding(WaitEffect::Pause))
        .when(commune(), WED_10, |case| stop().decide(case))
        .refused("outcome.nothing_to_stop");
}

#[test]
fn an_apology_during_a_pause_moves_the_date_and_the_rest_is_counted_from_there() {
    let apologise = || Apologise {
        reason: "Chờ trích đo".to_owned(),
        new_due_at: close_of(FRI_12),
    };
    let story = verifying(&excluding(WaitEffect::Pause))
        .when(commune(), MON_8, |case| apologise().decide(case))
        .then([apologised(TUE_9, FRI_12, false)])
        .due(FRI_12);
    assert!(story.dossier().promise.is_paused());
    // 5, 8, 9, 10, 11 and 12 remained on the 4th: 11, 12, 15, 16, 17, 18.
    story
        .when(commune(), WED_10, |case| {
            resume(Wait::Verification).decide(case)
        })
        .done()
        .due(tests::given::of_2018(1, 18, 8, 0));
}

fn ask_opinion() -> AskOpinion {
    AskOpinion {
        step: key("appraisal"),
        of: "Phòng Cảnh sát PCCC".to_owned(),
        question: "Có bảo đảm an toàn không?".to_owned(),
        due_at: close_of(MON_8),
    }
}

fn opinion_paused() -> Fact {
    let Fact::ClockPaused(paused) = clock_paused(
        Wait::Opinion,
        WaitEffect::Pause,
        "Lấy ý kiến của Phòng Cảnh sát PCCC",
    ) else {
        unreachable!()
    };
    Fact::ClockPaused(dossier::clock::Paused {
        step: Some(key("appraisal")),
        ..paused
    })
}

/// Opinions are asked for on Thursday the 4th.
fn asking(procedure: &Procedure) -> Story {
    given(commune(), licence_in_work(procedure))
        .when(district(), THU_4, |case| ask_opinion().decide(case))
        .done()
}

#[test]
fn nd61_art_19_5_an_opinion_stops_no_clock_where_the_procedure_counts_it() {
    asking(&licence()).the_home_goes_on([]).due(TUE_9);
}

#[test]
fn an_opinion_that_is_not_counted_holds_the_clock_until_it_comes() {
    let give = |number| GiveOpinion {
        step: key("appraisal"),
        opinion: number,
        summary: "Đồng ý".to_owned(),
    };
    let run_on = clock_resumed(Wait::Opinion, WaitEffect::Pause, working_days(5), MON_15);
    asking(&excluding(WaitEffect::Pause))
        .the_home_goes_on([opinion_paused()])
        // A second one changes nothing, and the first that comes leaves one open.
        .when(district(), FRI_5, |case| ask_opinion().decide(case))
        .done()
        .the_home_goes_on([])
        .when(district(), TUE_9, |case| give(2).decide(case))
        .done()
        .the_home_goes_on([])
        .when(district(), WED_10, |case| give(1).decide(case))
        .done()
        .the_home_goes_on([run_on])
        .due(MON_15);
}

#[test]
fn an_opinion_that_never_came_no_longer_holds_the_clock_when_the_step_is_done() {
    let complete = Complete {
        step: key("appraisal"),
        outcome: StepOutcome::Approved,
        documents: Vec::new(),
    };
    let run_on = clock_resumed(Wait::Opinion, WaitEffect::Pause, working_days(5), MON_15);
    asking(&excluding(WaitEffect::Pause))
        .the_home_goes_on([opinion_paused()])
        .when(district(), WED_10, |case| complete.decide(case))
        .done()
        .the_home_goes_on([run_on, ready()]);
}

#[test]
fn an_opinion_that_the_home_asks_for_itself_is_not_ended_by_a_step() {
    let story = given(commune(), licence_in_work(&excluding(WaitEffect::Pause)))
        .when(commune(), THU_4, |case| pause(Wait::Opinion).decide(case))
        .done()
        .and([by(
            district(),
            FRI_5,
            sent_back("appraisal", 1, "appraisal"),
        )])
        .the_home_goes_on([]);
    assert!(story.dossier().promise.waits_for(Wait::Opinion));
}

#[test]
fn a_step_that_goes_on_during_a_pause_of_the_office_is_not_held_up() {
    let story = verifying(&excluding(WaitEffect::Pause)).and([
        at(
            THU_4,
            Fact::Dispatched(dispatched("appraisal", 1, district())),
        ),
        by(district(), THU_4, accepted("appraisal", 1, MON_8)),
        by(district(), FRI_5, completed("appraisal", 1)),
    ]);
    let ended = story.the_home_goes_on([ready()]);
    let promise = &ended.dossier().promise;
    assert_eq!(promise.counted_until(FRI_5), THU_4);
}
