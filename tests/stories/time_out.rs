//! What time alone does: a supplement that does not come in time stops the dossier, a confirmation
//! that takes longer than it may no longer holds the clock (NĐ 301/2026/NĐ-CP art. 6, 10).

use calendar::{Limit, Moment};
use dossier::clock::{Pause, Resume, Resumed};
use dossier::fact::Fact;
use dossier::procedure::{ClockPolicy, Procedure, WaitEffect};
use dossier::promise::{Recounted, Wait};
use dossier::status::Status;
use dossier::supplement::{AskSupplement, GiveSupplement};
use tests::given::{Story, at, by, given, of_2018};

use crate::cast::*;
use crate::facts::*;
use crate::group_cast::{birth, next_look, received_in_group, seen_at, september};

fn with(clock: ClockPolicy) -> Procedure {
    Procedure { clock, ..licence() }
}

/// Seven working days for the citizen: asked on Thursday the 4th, until Monday the 15th.
fn asked() -> Story {
    let procedure = with(ClockPolicy {
        supplement_time_out: Some(working_days(7)),
        ..clock(WaitEffect::Pause, WaitEffect::Pause)
    });
    given(commune(), [received(&procedure)])
        .when(commune(), THU_4, |case| ask().decide(case))
        .done()
}

fn ask() -> AskSupplement {
    AskSupplement {
        items: vec!["Bản vẽ".to_owned()],
        reason: "Thiếu".to_owned(),
    }
}

fn midnight(day: u32) -> Moment {
    calendar::parse_moment(&format!("2018-01-{day:02}T00:00:00+07:00")).unwrap()
}

#[test]
fn a_dossier_whose_supplement_does_not_come_is_stopped_after_its_last_day() {
    let story = asked();
    assert_eq!(next_look(&story), Some(midnight(16)));
    assert_eq!(seen_at(&story, of_2018(1, 15, 23, 59)), []);
    let stopped = seen_at(&story, midnight(16));
    let [Fact::Stopped(stop)] = &stopped[..] else {
        panic!("{stopped:?}");
    };
    for said in ["7 ngày làm việc", "15/01/2018", &licence().basis] {
        assert!(stop.reason.contains(said), "{}", stop.reason);
    }
    let story = story
        .and([at(TUE_16, stopped[0].clone())])
        .is(Status::Stopped);
    assert_eq!((next_look(&story), seen_at(&story, WED_17)), (None, vec![]));
}

#[test]
fn what_came_in_time_is_not_stopped_and_the_next_request_has_its_own_time() {
    let give = GiveSupplement { papers: Vec::new() };
    let story = asked()
        .when(commune(), WED_10, |case| give.decide(case))
        .done();
    assert_eq!((next_look(&story), seen_at(&story, WED_17)), (None, vec![]));
    let again = AskSupplement { ..ask() };
    let story = story
        .when(commune(), FRI_12, |case| again.decide(case))
        .done();
    // 15 to 19, 22, 23.
    assert_eq!(next_look(&story), Some(midnight(24)));
}

#[test]
fn without_a_time_limit_the_citizen_is_waited_for() {
    let asked = supplement_asked(None, "Bản vẽ", WaitEffect::Restart);
    let story = given(commune(), [received(&licence()), at(THU_4, asked)]);
    assert_eq!(next_look(&story), None);
    assert_eq!(seen_at(&story, of_2018(12, 3, 8, 0)), []);
}

#[test]
fn nd301_art_6_1_the_group_gives_seven_working_days() {
    let story = received_in_group(&birth(), &[])
        .when(commune(), september(9, "10:00"), |case| ask().decide(case))
        .done();
    // 10, 11, 14 to 18.
    assert_eq!(seen_at(&story, september(18, "23:00")), []);
    let stopped = seen_at(&story, september(19, "00:00"));
    let [Fact::Stopped(stop)] = &stopped[..] else {
        panic!("{stopped:?}");
    };
    assert!(
        stop.reason.contains("NĐ 301/2026/NĐ-CP điều 6"),
        "{}",
        stop.reason
    );
}

/// A confirmation asked for on Wednesday the 3rd that may take five working days, until the 10th.
fn confirming() -> Story {
    let procedure = with(ClockPolicy {
        consent: WaitEffect::Pause,
        consent_time_out: Some(working_days(5)),
        ..clock(WaitEffect::Pause, WaitEffect::Pause)
    });
    let pause = Pause {
        cause: Wait::Consent,
        reason: "Chờ chủ hộ xác nhận trên VNeID".to_owned(),
        step: None,
        notice: None,
    };
    given(commune(), [received(&procedure)])
        .when(commune(), WED_3, |case| pause.decide(case))
        .done()
}

#[test]
fn nd301_art_6_3_beyond_five_working_days_a_confirmation_counts_again() {
    let story = confirming();
    assert_eq!(next_look(&story), Some(midnight(11)));
    assert_eq!(seen_at(&story, of_2018(1, 10, 18, 0)), []);
    // However late the home looks, the clock runs from the end of those five days: 4, 5, 8 and 9
    // remained: 11, 12, 15, 16.
    let run_on = Fact::ClockResumed(Resumed {
        cause: Wait::Consent,
        recounted: Recounted {
            ..recounted(WaitEffect::Pause, working_days(5), TUE_16)
        },
        since: Some(of_2018(1, 10, 17, 0)),
    });
    let seen = seen_at(&story, MON_15);
    assert_eq!(seen, [run_on]);
    let story = story.and([at(MON_15, seen[0].clone())]).due(TUE_16);
    assert!(!story.dossier().promise.is_paused());
    assert!(story.dossier().promise.is_overdue(WED_17));
    story
        .when(commune(), WED_17, |case| {
            Resume {
                cause: Wait::Consent,
            }
            .decide(case)
        })
        .refused("clock.not_paused");
}

#[test]
fn a_confirmation_that_comes_in_time_is_not_counted_at_all() {
    let resume = Resume {
        cause: Wait::Consent,
    };
    let story = confirming()
        .when(commune(), TUE_9, |case| resume.decide(case))
        .done();
    // 10, 11, 12, 15.
    assert_eq!(next_look(&story.due(MON_15)), None);
}

#[test]
fn the_result_waits_for_a_confirmation_and_comes_when_it_is_there() {
    let done = confirming().and([
        at(
            WED_3,
            Fact::Dispatched(dispatched("appraisal", 1, district())),
        ),
        by(district(), THU_4, accepted("appraisal", 1, MON_8)),
        by(district(), FRI_5, completed("appraisal", 1)),
    ]);
    let resume = Resume {
        cause: Wait::Consent,
    };
    done.the_home_goes_on([])
        .when(commune(), TUE_9, |case| resume.decide(case))
        .done()
        .the_home_goes_on([ready()]);
}

#[test]
fn a_time_limit_in_hours_ends_by_the_second() {
    let procedure = with(ClockPolicy {
        supplement_time_out: Some(Limit::hours(24)),
        ..clock(WaitEffect::Pause, WaitEffect::Pause)
    });
    let story = given(commune(), [received(&procedure)])
        .when(commune(), THU_4, |case| ask().decide(case))
        .done();
    let second = chrono::TimeDelta::seconds(1);
    assert_eq!(next_look(&story), Some(FRI_5 + second));
    assert_eq!(seen_at(&story, FRI_5), []);
    assert_eq!(seen_at(&story, FRI_5 + second).len(), 1);
}
