//! A day declared or swapped after dates were promised: every open dossier is told its date anew, with
//! the declaration, and none earlier. 2 January 2026 was swapped for Saturday 10 January eight days
//! before (agreed to on 25/12/2025).

use calendar::{Calendar, DayKind, Declaration, DeclaredDay, Moment, parse_moment};
use chrono::NaiveDate;
use dossier::case::{Case, Refusal};
use dossier::clock::{Recomputed, Turned};
use dossier::fact::Fact;
use dossier::intake::Received;
use dossier::procedure::{ClockPolicy, Procedure, WaitEffect};
use dossier::promise::Wait;
use dossier::recount::{counted, recomputed};
use tests::given::{Story, at, close_of, given, of_2018};
use uuid::Uuid;

use crate::cast::*;
use crate::facts::*;

const BASIS: &str = "Công văn hoán đổi ngày làm việc";

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn day(on: &str, kind: DayKind, pair: Option<&str>) -> DeclaredDay {
    DeclaredDay {
        date: date(on),
        kind,
        name: if kind == DayKind::Working {
            ""
        } else {
            "Hoán đổi"
        }
        .to_owned(),
        pair: pair.map(date),
    }
}

fn declared(calendar: &Calendar, days: Vec<DeclaredDay>, number: u32) -> Calendar {
    let declaration = Declaration {
        days,
        basis: BASIS.to_owned(),
        published_on: date("2018-01-03"),
    };
    calendar.amended(&declaration, number).unwrap()
}

/// Monday 8 January 2018 off, worked on Saturday the 13th instead.
fn monday_for_saturday() -> Calendar {
    let days = vec![
        day("2018-01-08", DayKind::SwappedOff, Some("2018-01-13")),
        day("2018-01-13", DayKind::SwappedWorking, Some("2018-01-08")),
    ];
    declared(Calendar::published(), days, 1)
}

fn monday_off() -> Calendar {
    let days = vec![day("2018-01-08", DayKind::Holiday, None)];
    declared(Calendar::published(), days, 1)
}

fn told(story: &Story, now: Moment, calendar: &Calendar) -> Result<Option<Fact>, Refusal> {
    let case = Case {
        me: &commune(),
        at: now,
        officer: None,
        dossier: story.dossier(),
        calendar,
    };
    recomputed(&case, Uuid::from_u128(9), BASIS)
}

fn moved(old: Moment, counted: Moment, due: Moment, calendar: &Calendar) -> Fact {
    Fact::DueDateRecomputed(Recomputed {
        declaration: Uuid::from_u128(9),
        basis: BASIS.to_owned(),
        old_due_at: close_of(old),
        counted_due_at: close_of(counted),
        due_at: close_of(due),
        calendar: calendar.version().to_owned(),
    })
}

#[test]
fn a_day_off_within_the_limit_moves_the_date_and_the_printed_one_is_kept() {
    let story = given(commune(), [received(&licence())]);
    // 3, 4, 5, 9, 10.
    let calendar = monday_for_saturday();
    let fact = moved(TUE_9, WED_10, WED_10, &calendar);
    assert_eq!(told(&story, THU_4, &calendar), Ok(Some(fact.clone())));
    let story = story.and([at(THU_4, fact)]).due(WED_10);
    let promise = &story.dossier().promise;
    assert_eq!(promise.original_due_at, Some(close_of(TUE_9)));
    assert!(matches!(
        promise.course.last(),
        Some(Turned::Recomputed { .. })
    ));
    assert!(!promise.is_overdue(WED_10));
    // Said once.
    assert_eq!(told(&story, FRI_5, &calendar), Ok(None));
}

#[test]
fn a_day_outside_the_limit_moves_nothing() {
    let story = given(commune(), [received(&licence())]);
    let days = vec![day("2018-01-17", DayKind::Holiday, None)];
    let calendar = declared(Calendar::published(), days, 1);
    assert_eq!(told(&story, THU_4, &calendar), Ok(None));
    assert_eq!(told(&story, THU_4, Calendar::published()), Ok(None));
}

#[test]
fn a_working_saturday_never_brings_the_promise_forward_and_is_said_once() {
    let days = vec![
        day("2018-01-06", DayKind::SwappedWorking, Some("2018-01-17")),
        day("2018-01-17", DayKind::SwappedOff, Some("2018-01-06")),
    ];
    let calendar = declared(Calendar::published(), days, 1);
    let story = given(commune(), [received(&licence())]);
    // 3, 4, 5, 6, 8.
    let fact = moved(TUE_9, MON_8, TUE_9, &calendar);
    assert_eq!(told(&story, THU_4, &calendar), Ok(Some(fact.clone())));
    let story = story.and([at(THU_4, fact)]).due(TUE_9);
    assert_eq!(told(&story, FRI_5, &calendar), Ok(None));
    let further = vec![day("2018-03-01", DayKind::Holiday, None)];
    let further = declared(&calendar, further, 2);
    assert_eq!(told(&story, FRI_5, &further), Ok(None));
}

#[test]
fn a_revoked_day_leaves_the_later_date_and_what_follows_is_counted_from_it() {
    let off = monday_off();
    let back = declared(&off, vec![day("2018-01-08", DayKind::Working, None)], 2);
    let story = given(commune(), [received(&licence())]);
    let first = told(&story, THU_4, &off).unwrap().unwrap();
    let story = story.and([at(THU_4, first)]).due(WED_10);
    let second = moved(WED_10, TUE_9, WED_10, &back);
    assert_eq!(told(&story, FRI_5, &back), Ok(Some(second.clone())));
    let story = story.and([at(FRI_5, second)]).due(WED_10);
    let paused = payment_asked(None, 100_000, "Lệ phí", WaitEffect::Pause);
    let paid = payment_confirmed(WaitEffect::Pause, working_days(5), FRI_12);
    // 9 and 10 remained on the 8th: 11, 12 after the 10th.
    let story = story.and([at(MON_8, paused), at(WED_10, paid)]).due(FRI_12);
    let promise = &story.dossier().promise;
    assert_eq!(counted(promise, &back), Ok(promise.due_at));
}

#[test]
fn what_remained_at_a_pause_is_counted_anew() {
    let asked = supplement_asked(None, "Bản vẽ", WaitEffect::Pause);
    let given_on = supplement_given(WaitEffect::Pause, working_days(5), MON_15);
    let lines = [received(&licence()), at(THU_4, asked), at(WED_10, given_on)];
    let story = given(commune(), lines).due(MON_15);
    // Monday the 8th lay within the pause: 5, 9 and 10 remained on the 4th: still 11, 12, 15.
    assert_eq!(told(&story, FRI_12, &monday_off()), Ok(None));
    let days = vec![day("2018-01-12", DayKind::Holiday, None)];
    let calendar = declared(Calendar::published(), days, 1);
    // 11, 15, 16.
    let fact = moved(MON_15, TUE_16, TUE_16, &calendar);
    assert_eq!(told(&story, WED_10, &calendar), Ok(Some(fact)));
}

#[test]
fn a_paused_clock_is_counted_up_to_its_pause() {
    let asked = supplement_asked(None, "Bản vẽ", WaitEffect::Pause);
    let story = given(commune(), [received(&licence()), at(THU_4, asked)]);
    let calendar = monday_off();
    let fact = moved(TUE_9, WED_10, WED_10, &calendar);
    let story = story.and([at(FRI_5, fact.clone())]).due(WED_10);
    assert!(story.dossier().promise.is_paused());
    assert_eq!(told(&story, FRI_5, &calendar), Ok(None));
}

#[test]
fn a_restart_is_counted_from_its_own_day() {
    let asked = supplement_asked(None, "Bản vẽ", WaitEffect::Restart);
    let again = supplement_given(WaitEffect::Restart, working_days(5), WED_17);
    let story = given(
        commune(),
        [received(&licence()), at(THU_4, asked), at(WED_10, again)],
    );
    assert_eq!(told(&story, WED_10, &monday_off()), Ok(None));
    let days = vec![day("2018-01-16", DayKind::Holiday, None)];
    let calendar = declared(Calendar::published(), days, 1);
    // 11, 12, 15, 17, 18.
    let thursday = of_2018(1, 18, 8, 0);
    let fact = moved(WED_17, thursday, thursday, &calendar);
    assert_eq!(told(&story, WED_10, &calendar), Ok(Some(fact)));
}

#[test]
fn blds_art_148_5_a_date_given_with_an_apology_moves_off_a_day_that_is_off_now() {
    let apologised = apologised(TUE_9, FRI_12, false);
    let story = given(commune(), [received(&licence()), at(MON_8, apologised)]);
    assert_eq!(told(&story, TUE_9, &monday_off()), Ok(None));
    let days = vec![day("2018-01-12", DayKind::Holiday, None)];
    let calendar = declared(Calendar::published(), days, 1);
    let fact = moved(FRI_12, MON_15, MON_15, &calendar);
    assert_eq!(told(&story, TUE_9, &calendar), Ok(Some(fact)));
}

#[test]
fn only_open_dossiers_with_a_date_are_told_and_only_by_their_home() {
    let calendar = monday_off();
    let ended = given(commune(), [received(&licence()), at(WED_3, ready())]);
    assert_eq!(told(&ended, THU_4, &calendar), Ok(None));
    let open_ended = Procedure {
        limit: calendar::Limit::NONE_STATED,
        ..licence()
    };
    let story = given(commune(), [received(&open_ended)]);
    assert_eq!(told(&story, THU_4, &calendar), Ok(None));
    let registered = given(commune(), [at(TUE_2, registered())]);
    assert_eq!(told(&registered, THU_4, &calendar), Ok(None));
    let story = given(commune(), [received(&licence())]);
    let case = Case {
        me: &district(),
        at: THU_4,
        officer: None,
        dossier: story.dossier(),
        calendar: &calendar,
    };
    let refusal = recomputed(&case, Uuid::nil(), BASIS).unwrap_err();
    assert_eq!(refusal.code, "home.elsewhere");
}

#[test]
fn january_2026_the_swap_announced_a_week_ahead() {
    let moment = |text: &str| parse_moment(&format!("{text}:00+07:00")).unwrap();
    // Known before the announcement: 2 January 2026 worked, Saturday the 10th not.
    let revoked = vec![
        day("2026-01-02", DayKind::Working, None),
        DeclaredDay {
            kind: DayKind::Weekend,
            name: String::new(),
            ..day("2026-01-10", DayKind::Weekend, None)
        },
    ];
    let before = declared(Calendar::published(), revoked, 1);
    let swapped = vec![
        day("2026-01-02", DayKind::SwappedOff, Some("2026-01-10")),
        day("2026-01-10", DayKind::SwappedWorking, Some("2026-01-02")),
    ];
    let after = declared(&before, swapped, 2);
    let received_at = moment("2025-12-24T09:00");
    let due = |calendar| calendar::due(calendar, received_at, working_days(7)).unwrap();
    let Fact::Received(received) = received_due(&licence(), due(&before).due_at) else {
        unreachable!()
    };
    let received = Received {
        limit: working_days(7),
        ..*received
    };
    let story = given(
        commune(),
        [at(received_at, Fact::Received(Box::new(received)))],
    );
    // 25, 26, 29, 30, 31 December, 2 and 5 January; then 25, 26, 29, 30, 31, 5, 6.
    let promise = &story.dossier().promise;
    assert_eq!(promise.due_at, Some(moment("2026-01-05T17:00")));
    let Ok(Some(Fact::DueDateRecomputed(fact))) = told(&story, moment("2025-12-26T08:00"), &after)
    else {
        panic!("the date moves");
    };
    assert_eq!(fact.due_at, moment("2026-01-06T17:00"));
    assert_eq!(fact.old_due_at, moment("2026-01-05T17:00"));
}

#[test]
fn a_cause_that_was_not_counted_stays_uncounted_under_the_changed_calendar() {
    let procedure = Procedure {
        clock: ClockPolicy {
            verification: WaitEffect::Pause,
            ..licence().clock
        },
        ..licence()
    };
    let story = given(
        commune(),
        [
            received(&procedure),
            at(
                THU_4,
                clock_paused(Wait::Verification, WaitEffect::Pause, "Xác minh"),
            ),
            at(
                FRI_5,
                clock_resumed(
                    Wait::Verification,
                    WaitEffect::Pause,
                    working_days(5),
                    WED_10,
                ),
            ),
        ],
    );
    // 5, 8 and 9 remained on the 4th: 8, 9, 10 after the 5th; without the 8th: 5, 9, 10 remained,
    // and 9, 10, 11 follow.
    let calendar = monday_off();
    let thursday = of_2018(1, 11, 8, 0);
    let fact = moved(WED_10, thursday, thursday, &calendar);
    assert_eq!(told(&story, FRI_5, &calendar), Ok(Some(fact)));
}
