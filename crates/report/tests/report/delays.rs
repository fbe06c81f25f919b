//! Whose delay: minutes divided, lateness laid where it arose.

use calendar::{Calendar, Limit};
use dossier::ids::UnitId;
use dossier::procedure::{ClockPolicy, WaitEffect};
use dossier::promise::{Timeliness, Wait};
use report::delay::{Division, Owner, Sums, divide};
use report::steps::{Left, turns};

use crate::story::{Setting, Story, at, key, step_of, unit};

fn survey() -> UnitId {
    unit("G12-27")
}

fn tax() -> UnitId {
    unit("H33-27-92")
}

/// Survey and tax side by side, two days and eight hours.
fn side_by_side(received_at: &str) -> Story {
    let mut setting = Setting::plain(1, received_at);
    setting.route = vec![
        step_of("survey", &survey(), Limit::working_days(2), &[]),
        step_of("tax", &tax(), Limit::working_hours(8), &[]),
    ];
    setting.begin()
}

fn divided(story: &Story, now: &str) -> Division {
    let division = divide(&story.tale(), at(now), Calendar::published())
        .unwrap()
        .unwrap();
    let sum: i64 = division.parts.iter().map(|(_, minutes)| minutes).sum();
    assert_eq!(sum, division.whole);
    division
}

fn of_step(division: &Division, name: &str) -> i64 {
    division.minutes(|owner| matches!(owner, Owner::Step { step, .. } if *step == key(name)))
}

fn of_wait(division: &Division, wait: Wait) -> i64 {
    division
        .minutes(|owner| matches!(owner, Owner::Applicant(w) | Owner::Excluded(w) if *w == wait))
}

fn of_home(division: &Division) -> i64 {
    division.minutes(|owner| matches!(owner, Owner::Home(_)))
}

#[test]
fn a_shared_minute_belongs_to_the_step_that_was_finished_last() {
    let story = side_by_side("2018-01-03T08:00")
        .took(&tax(), "tax", "2018-01-03T09:00")
        .took(&survey(), "survey", "2018-01-03T09:00")
        .did(&tax(), "tax", "2018-01-03T10:00")
        .did(&survey(), "survey", "2018-01-04T08:00");
    let division = divided(&story, "2018-01-31T08:00");
    assert_eq!(division.whole, 480);
    assert_eq!(
        (of_step(&division, "survey"), of_step(&division, "tax")),
        (480, 0)
    );
    assert!(division.beyond.is_empty());
}

#[test]
fn lateness_is_laid_at_the_late_step_and_nowhere_else() {
    // Tax has eight office hours from Wednesday 9:00 and is done on Friday at 9:00.
    let story = side_by_side("2018-01-03T08:00")
        .took(&tax(), "tax", "2018-01-03T09:00")
        .took(&survey(), "survey", "2018-01-03T09:00")
        .did(&survey(), "survey", "2018-01-04T09:00")
        .did(&tax(), "tax", "2018-01-05T09:00");
    let division = divided(&story, "2018-01-31T08:00");
    let late: Vec<_> = division
        .beyond
        .iter()
        .map(|b| (b.unit.clone(), b.step.clone(), b.minutes))
        .collect();
    assert_eq!(late, [(tax(), Some((key("tax"), 1)), 480)]);
    let sums = Sums::of([&division]);
    assert_eq!(sums.by_unit[&tax()].beyond_minutes, 480);
    assert!(
        sums.by_unit
            .get(&survey())
            .is_none_or(|tally| tally.beyond == 0)
    );
}

#[test]
fn the_citizens_time_is_the_citizens() {
    // Asked on Wednesday at 10:00, given on Monday at 10:00: three working days.
    let story = side_by_side("2018-01-03T08:00")
        .took(&survey(), "survey", "2018-01-03T09:00")
        .took(&tax(), "tax", "2018-01-03T09:00")
        .asked("2018-01-03T10:00")
        .given("2018-01-08T10:00")
        .did(&tax(), "tax", "2018-01-08T14:30")
        .did(&survey(), "survey", "2018-01-09T09:00");
    let division = divided(&story, "2018-01-31T08:00");
    assert_eq!(of_wait(&division, Wait::Supplement), 3 * 480);
    assert_eq!(division.whole, 4 * 480 + 60);
    assert!(division.beyond.is_empty(), "{:?}", division.beyond);
}

#[test]
fn time_that_is_not_counted_has_its_cause() {
    let story = side_by_side("2018-01-03T08:00").paused(
        Wait::Incident,
        "2018-01-03T14:00",
        "2018-01-04T08:00",
    );
    let division = divided(&story, "2018-01-04T09:00");
    assert_eq!(of_wait(&division, Wait::Incident), 3 * 60 + 60);
    assert_eq!(division.how, None);
}

#[test]
fn a_citizen_who_lets_the_clock_run_on_has_only_what_nobody_else_works_in() {
    let mut setting = Setting::plain(1, "2018-01-03T08:00");
    setting.clock = ClockPolicy::of(WaitEffect::None, WaitEffect::None);
    setting.route = vec![step_of("survey", &survey(), Limit::working_days(2), &[])];
    let story = setting
        .begin()
        .took(&survey(), "survey", "2018-01-03T08:00")
        .asked("2018-01-03T09:00")
        .did(&survey(), "survey", "2018-01-03T11:00");
    let division = divided(&story, "2018-01-04T08:00");
    assert_eq!(of_step(&division, "survey"), 3 * 60);
    assert_eq!(of_wait(&division, Wait::Supplement), 480 - 3 * 60);
}

#[test]
fn what_was_offered_and_not_taken_is_the_addressees() {
    let story = side_by_side("2018-01-03T08:00").took(&survey(), "survey", "2018-01-03T08:30");
    let story = story.did(&survey(), "survey", "2018-01-03T09:00");
    let division = divided(&story, "2018-01-04T08:00");
    assert_eq!(of_step(&division, "tax"), 480);
    assert_eq!(of_home(&division), 0);
}

#[test]
fn nd61_article_18_2_the_homes_own_hand_over_can_be_late() {
    let mut setting = Setting::plain(1, "2018-01-03T09:00");
    setting.route = vec![step_of("survey", &survey(), Limit::working_days(2), &[])];
    let mut story = setting.begin();
    // The desk gave it out at once; told again as if it had not until Friday.
    let given = story.statements.remove(1);
    assert!(given.kind.contains("dispatched"));
    let division = divided(&story, "2018-01-05T09:00");
    assert_eq!(of_home(&division), 2 * 480);
    // By the close of Wednesday it should have been given out.
    assert_eq!(division.beyond.len(), 1);
    assert_eq!(
        (division.beyond[0].step.clone(), division.beyond[0].minutes),
        (None, 480 + 120)
    );
}

#[test]
fn a_step_has_its_own_time() {
    let story = side_by_side("2018-01-03T08:00")
        .took(&survey(), "survey", "2018-01-03T09:00")
        .paused(Wait::Incident, "2018-01-04T08:00", "2018-01-05T08:00")
        .did(&survey(), "survey", "2018-01-08T08:00");
    let turns = turns(
        &story.dossier,
        at("2018-01-31T08:00"),
        Calendar::published(),
    )
    .unwrap();
    let survey = turns
        .iter()
        .find(|turn| turn.step == key("survey"))
        .unwrap();
    // Two days from Wednesday, one day of which did not count: Monday.
    assert_eq!(survey.due_at, Some(at("2018-01-08T17:00")));
    assert_eq!(survey.timeliness, Some(Timeliness::OnTime));
    assert_eq!(survey.left, Some((at("2018-01-08T08:00"), Left::Done)));
}

#[test]
fn an_apology_of_its_performer_adds_nothing_to_a_steps_own_time() {
    let mut story = side_by_side("2018-01-03T08:00").took(&tax(), "tax", "2018-01-03T09:00");
    let apology = dossier::step::StepApologised {
        step: key("tax"),
        turn: 1,
        reason: "Quá tải".to_owned(),
        old_due_at: at("2018-01-04T09:00"),
        new_due_at: at("2018-01-10T09:00"),
        late: false,
    };
    let fact = dossier::fact::Fact::StepApologised(apology);
    story.say(&tax(), at("2018-01-04T08:00"), fact);
    let story = story.did(&tax(), "tax", "2018-01-05T09:00");
    let turns = turns(
        &story.dossier,
        at("2018-01-31T08:00"),
        Calendar::published(),
    )
    .unwrap();
    let tax = turns.iter().find(|turn| turn.step == key("tax")).unwrap();
    assert_eq!(
        (tax.timeliness, tax.beyond_minutes),
        (Some(Timeliness::Late), 480)
    );
    assert_eq!(tax.put_off_to, Some(at("2018-01-10T09:00")));
}

#[test]
fn a_dossier_that_was_never_received_has_no_time() {
    let story = side_by_side("2018-01-03T08:00");
    let before = at("2018-01-03T07:59");
    assert_eq!(
        divide(&story.tale(), before, Calendar::published()),
        Ok(None)
    );
}

#[test]
fn days_that_no_calendar_covers_are_an_error_that_names_the_dossier() {
    let story = side_by_side("2018-01-03T08:00");
    let refusal = divide(&story.tale(), at("2031-01-03T08:00"), Calendar::published()).unwrap_err();
    assert!(
        refusal.to_string().contains(story.code.as_str()),
        "{refusal}"
    );
}
