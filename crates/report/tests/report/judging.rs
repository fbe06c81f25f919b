//! "On time" under each rule set, named by its rule.

use calendar::{Limit, LimitUnit};
use dossier::procedure::{ClockPolicy, WaitEffect};
use dossier::promise::Wait;
use report::{Ended, Judged, Open, RuleSet};

use crate::story::{Setting, Story, at};

const EARLY: Judged = Judged::Ended(Ended::Early);
const ON_TIME: Judged = Judged::Ended(Ended::OnTime);
const LATE: Judged = Judged::Ended(Ended::Late);
const IN_TIME: Judged = Judged::Open(Open::InTime);
const OVERDUE: Judged = Judged::Open(Open::Overdue);
const PAUSED: Judged = Judged::Open(Open::Paused);

/// Received on Wednesday 3 January 2018, due on Wednesday 10.
fn plain() -> Story {
    Setting::plain(1, "2018-01-03T09:00").begin()
}

fn paused_by_supplements() -> Story {
    let mut setting = Setting::plain(1, "2018-01-03T09:00");
    setting.clock = ClockPolicy::of(WaitEffect::Pause, WaitEffect::Pause);
    setting.begin()
}

/// II.06a, original date, QĐ 766, TT 01/2018, in this order.
#[track_caller]
fn judged(story: &Story, when: &str, expected: [Judged; 4]) {
    let judged = RuleSet::ALL.map(|rules| rules.judge(&story.dossier, at(when)).unwrap());
    assert_eq!(judged, expected);
}

#[test]
fn blds_2015_article_148_days_are_compared_by_day() {
    judged(
        &plain().ready("2018-01-09T17:00"),
        "2018-01-31T00:00",
        [EARLY; 4],
    );
    judged(
        &plain().ready("2018-01-10T07:00"),
        "2018-01-31T00:00",
        [ON_TIME; 4],
    );
    judged(
        &plain().ready("2018-01-10T23:00"),
        "2018-01-31T00:00",
        [ON_TIME; 4],
    );
    judged(
        &plain().ready("2018-01-11T07:00"),
        "2018-01-31T00:00",
        [LATE; 4],
    );
}

#[test]
fn blds_2015_article_147_1_hours_are_compared_by_minute() {
    let mut setting = Setting::plain(1, "2018-01-03T09:00");
    setting.limit = Limit::new(4, LimitUnit::WorkingHours).unwrap();
    let story = |ready| setting.clone().begin().ready(ready);
    judged(&story("2018-01-03T15:00"), "2018-01-31T00:00", [ON_TIME; 4]);
    judged(&story("2018-01-03T15:01"), "2018-01-31T00:00", [LATE; 4]);
}

#[test]
fn an_open_dossier_is_judged_by_the_last_day_of_the_period() {
    judged(&plain(), "2018-01-10T23:59", [IN_TIME; 4]);
    judged(&plain(), "2018-01-11T00:00", [OVERDUE; 4]);
}

#[test]
fn a_dossier_that_was_not_received_by_then_stands_nowhere() {
    assert_eq!(
        RuleSet::Ii06a.judge(&plain().dossier, at("2018-01-03T08:59")),
        None
    );
}

#[test]
fn nd61_article_19_9_an_apology_moves_the_date_in_force_and_no_other() {
    let story = plain()
        .apologised("2018-01-08T09:00", "2018-01-16T17:00")
        .ready("2018-01-15T09:00");
    judged(&story, "2018-01-31T00:00", [EARLY, LATE, EARLY, LATE]);
}

#[test]
fn nd61_article_19_4_a_restart_moves_all_but_the_original_date() {
    // Asked on Friday 5, given on Monday 15: five days more, until Monday 22.
    let story = plain().asked("2018-01-05T09:00").given("2018-01-15T09:00");
    let story = story.ready("2018-01-22T09:00");
    // QĐ 766 takes the ten days off the end: Friday 12 is after Wednesday 10.
    judged(&story, "2018-01-31T00:00", [ON_TIME, LATE, LATE, ON_TIME]);
}

#[test]
fn qd766_2_1_the_time_of_a_supplement_is_taken_off_the_end() {
    let story = |ready| {
        paused_by_supplements()
            .asked("2018-01-05T09:00")
            .given("2018-01-12T09:00")
            .ready(ready)
    };
    judged(
        &story("2018-01-17T09:00"),
        "2018-01-31T00:00",
        [ON_TIME, LATE, ON_TIME, ON_TIME],
    );
    judged(
        &story("2018-01-16T09:00"),
        "2018-01-31T00:00",
        [EARLY, LATE, EARLY, EARLY],
    );
    judged(&story("2018-01-18T09:00"), "2018-01-31T00:00", [LATE; 4]);
}

#[test]
fn qd766_2_1_the_first_supplement_awaited_ends_the_count_where_it_was_asked() {
    let story = plain().asked("2018-01-05T09:00");
    judged(&story, "2018-03-31T00:00", [PAUSED; 4]);
}

#[test]
fn qd766_2_1_a_second_supplement_is_overdue_even_if_finished_early() {
    let twice = paused_by_supplements()
        .asked("2018-01-04T09:00")
        .given("2018-01-04T15:00")
        .asked("2018-01-05T09:00");
    judged(
        &twice,
        "2018-01-08T00:00",
        [PAUSED, PAUSED, OVERDUE, PAUSED],
    );
    let done = twice.given("2018-01-05T15:00").ready("2018-01-08T09:00");
    judged(&done, "2018-01-31T00:00", [EARLY, EARLY, LATE, EARLY]);
}

#[test]
fn qd766_2_1_nothing_but_a_supplement_stops_the_count_of_an_open_dossier() {
    let mut story = plain();
    let ask = dossier::payment::AskPayment {
        amount_vnd: 50_000,
        purpose: "Lệ phí".to_owned(),
    };
    let home = story.home.clone();
    assert!(story.ask(&home, at("2018-01-05T09:00"), |case| ask.decide(case)));
    judged(
        &story,
        "2018-01-31T00:00",
        [PAUSED, PAUSED, OVERDUE, PAUSED],
    );
}

#[test]
fn qd766_2_1_a_date_given_after_the_supplement_already_has_its_time() {
    let story = paused_by_supplements()
        .asked("2018-01-05T09:00")
        .given("2018-01-12T09:00")
        .apologised("2018-01-15T09:00", "2018-01-19T17:00")
        .ready("2018-01-22T09:00");
    judged(&story, "2018-01-31T00:00", [LATE; 4]);
}

#[test]
fn nd301_article_3_4_an_incident_moves_every_date_but_the_original() {
    let story = plain()
        .paused(Wait::Incident, "2018-01-04T08:00", "2018-01-08T08:00")
        .ready("2018-01-12T08:00");
    judged(
        &story,
        "2018-01-31T00:00",
        [ON_TIME, LATE, ON_TIME, ON_TIME],
    );
}

#[test]
fn tt01_article_13_an_apology_before_a_pause_is_not_legal_time() {
    let story = plain()
        .apologised("2018-01-04T09:00", "2018-01-17T17:00")
        .paused(Wait::Incident, "2018-01-08T08:00", "2018-01-10T08:00");
    // In force Friday 19; by law two days after Wednesday 10.
    let on_friday = story.ready("2018-01-12T09:00");
    judged(
        &on_friday,
        "2018-01-31T00:00",
        [EARLY, LATE, EARLY, ON_TIME],
    );
}

#[test]
fn tt01_article_13_two_points_when_shorter_one_when_equal_none_when_longer() {
    let table = [
        (Ended::Early, Some(2)),
        (Ended::OnTime, Some(1)),
        (Ended::Late, Some(0)),
        (Ended::NoLimit, None),
    ];
    for (ended, points) in table {
        assert_eq!(ended.points(), points);
    }
}

#[test]
fn nd61_article_19_8_a_late_refusal_is_late() {
    judged(
        &plain().refused("2018-01-11T09:00"),
        "2018-01-31T00:00",
        [LATE; 4],
    );
}

#[test]
fn what_was_late_when_the_citizen_was_asked_stays_late() {
    let story = plain().asked("2018-01-12T09:00");
    judged(&story, "2018-01-31T00:00", [OVERDUE; 4]);
}

#[test]
fn a_limit_that_the_law_does_not_state_is_neither_early_nor_late() {
    let mut setting = Setting::plain(1, "2018-01-03T09:00");
    setting.limit = Limit::NONE_STATED;
    let story = setting.begin();
    judged(&story, "2018-12-31T00:00", [IN_TIME; 4]);
    let no_limit = Judged::Ended(Ended::NoLimit);
    judged(
        &story.ready("2018-12-28T09:00"),
        "2018-12-31T00:00",
        [no_limit; 4],
    );
}

#[test]
fn f766_ready_goes_before_returned() {
    let story = plain()
        .ready("2018-01-10T09:00")
        .returned("2018-01-25T09:00");
    judged(&story, "2018-01-31T00:00", [ON_TIME; 4]);
}

#[test]
fn rule_sets_are_read_by_their_names() {
    for rules in RuleSet::ALL {
        assert_eq!(rules.name().parse(), Ok(rules));
        assert_eq!(serde_json::to_value(rules).unwrap(), rules.name());
    }
    assert!(
        "766"
            .parse::<RuleSet>()
            .unwrap_err()
            .to_string()
            .contains("qd766")
    );
}
