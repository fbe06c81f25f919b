//! The course of a promise's clock, replayed: what each entry moved, and who was waited for when.

use std::collections::BTreeMap;

use calendar::{Limit, LimitUnit, Moment};
use chrono::TimeDelta;
use dossier::clock::Turned;
use dossier::ids::StepKey;
use dossier::procedure::WaitEffect;
use dossier::promise::{Promise, Recounted, Wait};

/// One entry of the course with the dates around it.
#[derive(Debug, Clone, Copy)]
pub struct Move<'a> {
    /// What happened.
    pub turned: &'a Turned,
    /// The date in force before.
    pub before: Option<Moment>,
    /// The date in force after.
    pub after: Option<Moment>,
    /// The limit in force after.
    pub limit: Option<Limit>,
    /// Where the clock stood still before this entry, if it did.
    pub paused_at: Option<Moment>,
    /// Whether another wait still holds the clock after this entry.
    pub held: bool,
}

/// A time in which something besides the work on the dossier was waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// For what.
    pub wait: Wait,
    /// What it does to the clock.
    pub effect: WaitEffect,
    /// The step that it concerns; none where it concerns the whole dossier.
    pub step: Option<StepKey>,
    /// Since when.
    pub from: Moment,
    /// Until when; none while it lasts.
    pub until: Option<Moment>,
}

/// Every entry of the course, in the home's order, with the dates around it.
#[must_use]
pub fn replay(promise: &Promise) -> Vec<Move<'_>> {
    let mut moves = Vec::with_capacity(promise.course.len());
    let (mut due_at, mut limit, mut paused_at) = (None, None, None);
    let mut waits: BTreeMap<Wait, WaitEffect> = BTreeMap::new();
    for turned in &promise.course {
        let (before, stood) = (due_at, paused_at);
        match turned {
            Turned::Made {
                limit: made,
                due_at: promised,
                ..
            } => (limit, due_at) = (Some(*made), *promised),
            Turned::Started {
                since,
                due_at: started,
                ..
            } => {
                due_at = *started;
                // A clock that stands still when it is started has its whole limit ahead of it.
                paused_at = paused_at.map(|at: Moment| at.max(*since));
            }
            Turned::Began {
                wait, effect, at, ..
            } => {
                waits.insert(*wait, *effect);
                if !effect.is_none() {
                    paused_at.get_or_insert(*at);
                }
            }
            Turned::Ended {
                wait,
                at,
                recounted,
            } => {
                waits.remove(wait);
                (limit, due_at) = (Some(recounted.limit), recounted.due_at);
                let anew = matches!(
                    recounted.effect,
                    WaitEffect::Restart | WaitEffect::SecondLimit(_)
                );
                if waits.values().all(WaitEffect::is_none) {
                    paused_at = None;
                } else if anew && paused_at.is_some() {
                    paused_at = Some(*at);
                }
            }
            Turned::Extended { due_at: given, .. } => due_at = Some(*given),
            Turned::Recomputed { recomputed, .. } => due_at = Some(recomputed.due_at),
        }
        moves.push(Move {
            turned,
            before,
            after: due_at,
            limit,
            paused_at: stood,
            held: !waits.values().all(WaitEffect::is_none),
        });
    }
    moves
}

/// Every wait in the order of its beginning.
#[must_use]
pub fn waits(promise: &Promise) -> Vec<Waiting> {
    let mut all: Vec<Waiting> = Vec::new();
    for turned in &promise.course {
        match turned {
            Turned::Began {
                wait,
                effect,
                at,
                step,
                ..
            } => {
                let lasting = all.iter().any(|w| w.wait == *wait && w.until.is_none());
                if !lasting {
                    all.push(Waiting {
                        wait: *wait,
                        effect: *effect,
                        step: step.clone(),
                        from: *at,
                        until: None,
                    });
                }
            }
            Turned::Ended { wait, at, .. } => {
                let lasting = |w: &&mut Waiting| w.wait == *wait && w.until.is_none();
                if let Some(waiting) = all.iter_mut().find(lasting) {
                    waiting.until = Some(*at.max(&waiting.from));
                }
            }
            _ => {}
        }
    }
    all.sort_by_key(|w| (w.from, w.wait));
    all
}

/// The date by the legal time alone: as in force, without what an apology gave. Where a pause or a
/// changed calendar moved a date that had been put off, the legal date moves by as many days.
#[must_use]
pub fn legal_due(promise: &Promise) -> Option<(Moment, LimitUnit)> {
    let mut legal: Option<Moment> = None;
    for entry in replay(promise) {
        match entry.turned {
            Turned::Extended { .. } => {}
            Turned::Ended {
                recounted:
                    Recounted {
                        effect: WaitEffect::Pause,
                        ..
                    },
                ..
            }
            | Turned::Recomputed { .. } => {
                legal = match (legal, entry.before, entry.after) {
                    // A date at the end of all dates moves no further.
                    (Some(legal), Some(before), Some(after)) => {
                        Some(legal.checked_add_signed(after - before).unwrap_or(after))
                    }
                    (_, _, after) => after,
                };
            }
            Turned::Began { .. } => {}
            Turned::Ended { recounted, .. } if recounted.effect.is_none() => {}
            _ => legal = entry.after,
        }
    }
    Some((legal?, promise.limit?.unit()))
}

/// The date against which QĐ 766/QĐ-TTg holds the end of processing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due766 {
    /// The last date that no supplement moved.
    pub due_at: Moment,
    /// What the limit that gave it counts.
    pub unit: LimitUnit,
    /// Time of the supplements given since, to be taken off the end.
    pub taken_off: TimeDelta,
}

/// By which date, and less how much time, indicator 2.1 judges; none without a date. (The formula
/// sheet takes a supplement's time off the end and does not say that the date had moved for the same
/// reason; counting both would give the time twice.)
#[must_use]
pub fn due_766(promise: &Promise) -> Option<Due766> {
    let mut due = None;
    let mut asked_at = None;
    for entry in replay(promise) {
        match entry.turned {
            Turned::Began {
                wait: Wait::Supplement,
                at,
                ..
            } => asked_at = Some(*at),
            Turned::Ended {
                wait: Wait::Supplement,
                at,
                recounted,
            } => {
                let asked_at = asked_at.take().filter(|_| !recounted.effect.is_none());
                if let (Some(asked_at), Some(Due766 { taken_off, .. })) = (asked_at, &mut due) {
                    *taken_off += (*at - asked_at).max(TimeDelta::zero());
                }
            }
            _ if entry.after != entry.before => {
                due = entry.after.zip(entry.limit).map(|(due_at, limit)| Due766 {
                    due_at,
                    unit: limit.unit(),
                    taken_off: TimeDelta::zero(),
                });
            }
            _ => {}
        }
    }
    due
}
