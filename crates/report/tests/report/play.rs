//! Random histories, written by the real commands: what is refused does not happen.

use calendar::{Limit, LimitUnit, Moment};
use chrono::{Days, TimeDelta};
use dossier::ids::{StepKey, UnitId};
use dossier::intake::Channel;
use dossier::procedure::{ClockPolicy, WaitEffect};
use dossier::route::{Dispatch, Standing};
use dossier::step::{Accept, Complete, DeclineStep, NeedSupplement, SendBack, StepOutcome};
use dossier::{outcome, payment, promise, supplement};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any};

use crate::story::{Setting, Story, at, key, step_of, unit};

/// A number for each choice at reception, and then deeds: which, how many minutes later, at which step.
#[derive(Debug, Clone)]
pub(crate) struct Course {
    start: [u8; 6],
    deeds: Vec<(u8, u16, u8)>,
}

pub(crate) fn course() -> impl Strategy<Value = Course> {
    let deed = (0u8..18, 1u16..4_000, any::<u8>());
    (any::<[u8; 6]>(), vec(deed, 0..25)).prop_map(|(start, deeds)| Course { start, deeds })
}

pub(crate) fn courses(most: usize) -> impl Strategy<Value = Vec<Course>> {
    vec(course(), 1..most)
}

pub(crate) const EFFECTS: [WaitEffect; 4] = [
    WaitEffect::Restart,
    WaitEffect::Pause,
    WaitEffect::None,
    WaitEffect::SecondLimit(Limit::working_days(3)),
];

/// Plays courses; every dossier has a serial of its own.
pub(crate) fn play(courses: &[Course]) -> Vec<Story> {
    let numbered = (1u32..).zip(courses);
    numbered
        .map(|(serial, course)| one(serial, course))
        .collect()
}

fn one(serial: u32, course: &Course) -> Story {
    let pick = |i: usize, n: usize| usize::from(course.start[i]) % n;
    let (survey, tax) = (unit("G12-27"), unit("H33-27-92"));
    let limits = [
        Limit::working_days(5),
        Limit::SAME_DAY,
        Limit::NONE_STATED,
        Limit::new(12, LimitUnit::WorkingHours).unwrap(),
        Limit::new(10, LimitUnit::Days).unwrap(),
    ];
    let minutes = i64::from(course.start[0]) * 997 % (60 * 24 * 60);
    let received_at = at("2018-01-02T07:30") + TimeDelta::minutes(minutes);
    let mut story = Setting {
        home: [unit("H33-27"), unit("H33-27-04")][pick(1, 2)].clone(),
        serial,
        received_at,
        channel: [Channel::Direct, Channel::Online, Channel::Post][pick(2, 3)],
        limit: limits[pick(3, 5)],
        clock: ClockPolicy::of(EFFECTS[pick(4, 4)], EFFECTS[(pick(4, 16) / 4) % 4]),
        field: ["Đất đai", "Hộ tịch"][pick(5, 2)].to_owned(),
        route: vec![
            step_of("survey", &survey, Limit::working_days(2), &[]),
            step_of("tax", &tax, Limit::working_hours(6), &[]),
            step_of("update", &survey, Limit::days(1), &["survey", "tax"]),
        ],
    }
    .begin();
    let mut now = received_at;
    for (deed, minutes, aim) in &course.deeds {
        // Seconds too: whole minutes would never be lost in a sum.
        now += TimeDelta::seconds(i64::from(*minutes) * 60 + i64::from(aim % 60));
        act(&mut story, *deed, now, *aim);
    }
    story
}

/// The steps that stand so, with their performers.
fn standing(story: &Story, standing: Standing) -> Vec<(StepKey, UnitId)> {
    let turns = &story.dossier.walk.turns;
    turns
        .iter()
        .filter(|(step, _)| story.dossier.standing(step) == standing)
        .filter_map(|(step, turns)| Some((step.clone(), turns.last()?.to.clone())))
        .collect()
}

fn act(story: &mut Story, deed: u8, now: Moment, aim: u8) {
    let home = story.home.clone();
    let wanted = if deed < 4 {
        Standing::Offered
    } else {
        Standing::Taken
    };
    let aimed = standing(story, wanted);
    let one = aimed.get(usize::from(aim) % aimed.len().max(1)).cloned();
    let reason = || "Lý do thử".to_owned();
    match (deed, one) {
        (0..4, Some((step, by))) if aim > 225 => {
            let reason = reason();
            let decline = DeclineStep { step, reason };
            story.ask(&by, now, |case| decline.decide(case));
        }
        (0..4, None) => {
            let declined = standing(story, Standing::Declined);
            if let Some((step, to)) = declined.into_iter().next() {
                let reason = reason();
                let again = Dispatch { step, to, reason };
                story.ask(&home, now, |case| again.decide(case));
            }
        }
        (0..4, Some((step, by))) => {
            story.ask(&by, now, |case| Accept { step }.decide(case));
        }
        (4..8, Some((step, by))) => {
            let outcome = if aim > 240 {
                StepOutcome::Rejected(reason())
            } else {
                StepOutcome::Approved
            };
            let documents = Vec::new();
            let complete = Complete {
                step,
                outcome,
                documents,
            };
            story.ask(&by, now, |case| complete.decide(case));
        }
        (8, Some((step, by))) if aim > 128 => {
            let (items, reason) = (vec!["Bản vẽ".to_owned()], reason());
            let need = NeedSupplement {
                step,
                items,
                reason,
            };
            story.ask(&by, now, |case| need.decide(case));
        }
        (9, Some((step, by))) => {
            let (to_step, reason) = (key("survey"), reason());
            let back = SendBack {
                step,
                to_step,
                reason,
            };
            story.ask(&by, now, |case| back.decide(case));
        }
        (10, _) => {
            let (items, reason) = (vec!["Bản vẽ".to_owned()], reason());
            let ask = supplement::AskSupplement { items, reason };
            story.ask(&home, now, |case| ask.decide(case));
        }
        (8 | 11, _) => {
            let papers = Vec::new();
            let give = supplement::GiveSupplement { papers };
            story.ask(&home, now, |case| give.decide(case));
        }
        (12, _) if aim > 100 => {
            let (amount_vnd, purpose) = (50_000, "Lệ phí".to_owned());
            let ask = payment::AskPayment {
                amount_vnd,
                purpose,
            };
            story.ask(&home, now, |case| ask.decide(case));
        }
        (12 | 13, _) => {
            let voucher = "BL-01".to_owned();
            let confirm = payment::ConfirmPayment { voucher };
            story.ask(&home, now, |case| confirm.decide(case));
        }
        (14, _) => {
            let old = story.dossier.promise.due_at.unwrap_or(now);
            let new_due_at = old + Days::new(u64::from(aim % 20));
            let reason = reason();
            let apologise = promise::Apologise { reason, new_due_at };
            story.ask(&home, now, |case| apologise.decide(case));
        }
        (15, _) if aim > 200 => {
            let refuse = outcome::Refuse { reason: reason() };
            story.ask(&home, now, |case| refuse.decide(case));
        }
        (16, _) if aim > 220 => {
            let withdraw = outcome::Withdraw { reason: reason() };
            story.ask(&home, now, |case| withdraw.decide(case));
        }
        (16 | 17, _) if aim > 180 => {
            let stop = outcome::Stop { reason: reason() };
            story.ask(&home, now, |case| stop.decide(case));
        }
        (17, _) => {
            let officer = dossier::ids::OfficerId::parse("cb-02").unwrap();
            let channel = outcome::ReturnChannel::Counter;
            let back = outcome::ReturnResult { channel };
            story.ask(&home, now, |case| back.decide(case, &officer));
        }
        _ => {}
    }
}
