//! Drawing one dossier's plan. Nothing here knows whether it will be late: a pace is drawn, and the
//! calendar does the rest.

use calendar::due::CUT_OFF_MINUTE;
use calendar::{Limit, LimitUnit, Moment};
use catalogue::{Acknowledge, AgencyKind, Catalogue, Level, Unit};
use chrono::Timelike;
use dossier::ids::StepKey;
use dossier::intake::{Channel, PaperCheck, Verdict};
use dossier::outcome::ReturnChannel;
use dossier::procedure::{Procedure, RouteStep};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::arrivals::Arrivals;
use crate::chance::{happens, minutes, pick, spread};
use crate::error::WorkloadError;
use crate::mix::Offer;
use crate::person;
use crate::plan::{ObligationPlan, OpinionPlan, Plan, StepPlan, SupplementPlan};
use crate::settings::{Course, QuarterSettings, Spread};

/// Minutes of an office day.
const DAY: f64 = 480.0;
/// Of seven days of the calendar five are worked.
const WORKED: f64 = 5.0 / 7.0;
/// Fewer days than this leave no time to ask anybody for anything.
const DAYS_MIN_TO_ASK: f64 = 3.0;
/// What is due on the same day is taken before everything else.
const URGENT_MINUTES: u32 = 20;
/// A citizen who has not done what was asked by then is counted out of the quarter anyway.
const DAYS_MAX: u32 = 90;

const MISSING: [&str; 3] = [
    "Bản chính giấy tờ kèm theo đã quá thời hạn",
    "Thiếu chữ ký của người có quyền và nghĩa vụ liên quan",
    "Thông tin trên tờ khai không khớp với giấy tờ kèm theo",
];
const NOT_ELIGIBLE: &str = "Không đủ điều kiện theo quy định của pháp luật chuyên ngành";
const NOT_TAKEN_IN: &str = "Hồ sơ không thuộc phạm vi tiếp nhận của đơn vị; đã hướng dẫn nơi nộp";

/// What is drawn from.
pub(crate) struct Draws<'a> {
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) settings: &'a QuarterSettings,
    pub(crate) arrivals: &'a Arrivals,
}

impl Draws<'_> {
    /// A dossier at a desk; `declined` ones come on top of those received.
    pub(crate) fn plan(
        &self,
        rng: &mut ChaCha8Rng,
        desk: &Unit,
        offer: &Offer,
        declined: bool,
    ) -> Result<Plan, WorkloadError> {
        let nothing = || WorkloadError::Unfit(format!("{} offers no procedure", desk.id));
        let (procedure, _) = pick(rng, offer)
            .and_then(|i| offer.get(i))
            .ok_or_else(nothing)?;
        let settings = self.settings;
        let arrives_at = self.arrivals.at_a_desk(rng)?;
        let (mut channel, mut registered_at) = (self.channel(rng), None);
        if channel == Channel::Online {
            registered_at = self.arrivals.submitted(rng, &settings.desk, arrives_at);
            if registered_at.is_none() {
                channel = Channel::Direct;
            }
        }
        let applicant = person::invented(rng, &desk.name);
        let brought = happens(rng, settings.desk.delegate) && channel == Channel::Direct;
        let delegate = brought.then(|| person::invented(rng, &desk.name));
        let at_once = procedure.at_once
            && channel == Channel::Direct
            && self.in_time_for_at_once(rng, arrives_at);
        let course = match desk.level {
            Level::Commune => settings.course.commune,
            _ => settings.course.district,
        };
        let plain = at_once || declined;
        let withdrawn =
            happens(rng, course.withdrawn) && !plain && days(procedure.limit) >= DAYS_MIN_TO_ASK;
        let most = (days(procedure.limit) * DAY * 0.5).max(30.0);
        let withdrawn_after = rng.gen_range(30.0..=most) as u32;
        let fetched = match channel {
            Channel::Post => ReturnChannel::Post,
            _ => ReturnChannel::Counter,
        };
        Ok(Plan {
            number: 0,
            home: desk.id.clone(),
            registered_at,
            arrives_at,
            procedure: procedure.code.clone(),
            field: procedure.field.clone(),
            channel,
            applicant,
            delegate,
            papers: papers(procedure),
            at_once: at_once && !declined,
            declined: declined.then(|| NOT_TAKEN_IN.to_owned()),
            steps: if plain {
                Vec::new()
            } else {
                self.steps(rng, desk, procedure, course)
            },
            withdrawn_after_minutes: withdrawn.then_some(withdrawn_after),
            apologised: happens(rng, settings.work.apologised),
            fetched_after_days: days_of(rng, settings.citizen.fetch_days),
            fetched,
        })
    }

    fn channel(&self, rng: &mut ChaCha8Rng) -> Channel {
        let shares = self.settings.channels;
        let channels = [
            (Channel::Direct, shares.direct),
            (Channel::Online, shares.online),
            (Channel::Post, shares.post),
        ];
        pick(rng, &channels)
            .and_then(|i| channels.get(i))
            .map_or(Channel::Direct, |(channel, _)| *channel)
    }

    fn in_time_for_at_once(&self, rng: &mut ChaCha8Rng, at: Moment) -> bool {
        let finished = happens(rng, self.settings.desk.at_once_after_cut_off);
        i64::from(at.num_seconds_from_midnight()) <= CUT_OFF_MINUTE * 60 || finished
    }

    fn steps(
        &self,
        rng: &mut ChaCha8Rng,
        desk: &Unit,
        procedure: &Procedure,
        course: Course,
    ) -> Vec<StepPlan> {
        let mix = self
            .settings
            .fields
            .iter()
            .find(|mix| mix.level == desk.level && mix.field == procedure.field);
        let pace = spread(
            rng,
            mix.and_then(|mix| mix.pace)
                .unwrap_or(self.settings.work.pace),
        );
        let can_ask = days(procedure.limit) >= DAYS_MIN_TO_ASK;
        let one_of = |rng: &mut ChaCha8Rng| rng.gen_range(0..procedure.route.len().max(1));
        let missing_at = (happens(rng, course.supplement) && can_ask).then(|| one_of(rng));
        let rejected_at = happens(rng, course.refused).then(|| one_of(rng));
        let mut steps: Vec<StepPlan> = Vec::with_capacity(procedure.route.len());
        for (index, step) in procedure.route.iter().enumerate() {
            let work_minutes = self.work_minutes(rng, step.limit, pace);
            let performer = self.catalogue.unit(&step.unit);
            steps.push(StepPlan {
                key: step.key.clone(),
                acknowledge_minutes: self.acknowledge_minutes(rng, step.limit),
                work_minutes,
                misdirected: self.misdirected(rng, desk, procedure, step, performer),
                supplement: (missing_at == Some(index)).then(|| self.supplement(rng, work_minutes)),
                opinions: self.opinions(rng, procedure, step),
                obligation: self.obligation(rng, procedure, step, performer),
                sent_back_to: self.sent_back(rng, step, performer),
                rejected: (rejected_at == Some(index)).then(|| NOT_ELIGIBLE.to_owned()),
            });
        }
        steps
    }

    fn acknowledge_minutes(&self, rng: &mut ChaCha8Rng, limit: Limit) -> u32 {
        let work = self.settings.work;
        let urgent = limit.unit() == LimitUnit::SameDay;
        let most = if urgent {
            URGENT_MINUTES
        } else {
            work.acknowledge_minutes_max
        };
        minutes(rng, work.acknowledge_minutes, 1.0, most)
    }

    fn work_minutes(&self, rng: &mut ChaCha8Rng, limit: Limit, pace: f64) -> u32 {
        let work = self.settings.work;
        if limit.unit() == LimitUnit::SameDay {
            return minutes(rng, work.same_day_minutes, 1.0, DAY as u32);
        }
        let noise: f64 = rng.sample(StandardNormal);
        (days(limit) * DAY * pace * (work.step_noise * noise).exp())
            .round()
            .max(5.0) as u32
    }

    fn misdirected(
        &self,
        rng: &mut ChaCha8Rng,
        desk: &Unit,
        procedure: &Procedure,
        step: &RouteStep,
        performer: Option<&Unit>,
    ) -> Option<dossier::ids::UnitId> {
        let declines = happens(rng, self.settings.work.misdirected);
        let by_officer = performer.is_some_and(|unit| unit.acknowledge == Acknowledge::ByOfficer);
        let elsewhere = self
            .catalogue
            .alternative_for(&desk.id, &procedure.code, &step.key)?;
        (declines && by_officer && *elsewhere != step.unit).then(|| elsewhere.clone())
    }

    fn supplement(&self, rng: &mut ChaCha8Rng, work_minutes: u32) -> SupplementPlan {
        let citizen = self.settings.citizen;
        let never = happens(rng, citizen.supplement_never);
        let given = days_of(rng, citizen.supplement_days).max(1);
        SupplementPlan {
            noticed_after_minutes: (f64::from(work_minutes) * rng.gen_range(0.1..0.5)) as u32 + 1,
            item: MISSING[rng.gen_range(0..MISSING.len())].to_owned(),
            given_after_days: (!never).then_some(given),
            stopped_after_days: citizen.stop_after_days,
        }
    }

    fn opinions(
        &self,
        rng: &mut ChaCha8Rng,
        procedure: &Procedure,
        step: &RouteStep,
    ) -> Vec<OpinionPlan> {
        let opinions = &self.settings.opinions;
        let asked = happens(rng, opinions.share);
        let long_enough = days(step.limit) > f64::from(opinions.days_allowed) * WORKED;
        if !asked
            || !opinions.fields.contains(&procedure.field)
            || !step.inputs.is_empty()
            || !long_enough
        {
            return Vec::new();
        }
        let count = rng.gen_range(1..=opinions.of.len().min(2));
        let asked = opinions.of.iter().take(count);
        asked
            .map(|of| OpinionPlan {
                of: of.clone(),
                days_allowed: opinions.days_allowed,
                given_after_days: days_of(rng, opinions.days).max(1),
            })
            .collect()
    }

    /// The tax office assesses where a later step waits for the payment.
    fn obligation(
        &self,
        rng: &mut ChaCha8Rng,
        procedure: &Procedure,
        step: &RouteStep,
        performer: Option<&Unit>,
    ) -> Option<ObligationPlan> {
        let citizen = self.settings.citizen;
        let nothing = happens(rng, citizen.nothing_owed);
        let amount = (spread(rng, citizen.payment_vnd) / 1_000.0)
            .round()
            .max(10.0) as u64
            * 1_000;
        let paid_after_days = days_of(rng, citizen.payment_days).max(1);
        let assesses = performer.is_some_and(|unit| unit.kind == Some(AgencyKind::Tax));
        let paid_for = procedure
            .route
            .iter()
            .any(|later| later.after_payment && later.inputs.contains(&step.key));
        (assesses && paid_for).then_some(ObligationPlan {
            amount_vnd: if nothing { 0 } else { amount },
            paid_after_days,
        })
    }

    fn sent_back(
        &self,
        rng: &mut ChaCha8Rng,
        step: &RouteStep,
        performer: Option<&Unit>,
    ) -> Option<StepKey> {
        let wrong = happens(rng, self.settings.work.sent_back);
        let agency = performer.is_some_and(|unit| unit.level == Level::Agency);
        step.inputs.first().filter(|_| wrong && agency).cloned()
    }
}

fn days_of(rng: &mut ChaCha8Rng, of: Spread) -> u32 {
    spread(rng, of).round().clamp(0.0, f64::from(DAYS_MAX)) as u32
}

/// Office days that a limit gives, roughly: what an officer plans with.
fn days(limit: Limit) -> f64 {
    let amount = f64::from(limit.amount());
    match limit.unit() {
        LimitUnit::WorkingDays => amount,
        LimitUnit::Days => amount * WORKED,
        LimitUnit::WorkingHours => amount / 8.0,
        LimitUnit::Hours => amount / 24.0 * WORKED,
        LimitUnit::Months => amount * 30.0 * WORKED,
        LimitUnit::SameDay => 0.5,
        LimitUnit::NoneStated => 10.0,
    }
}

fn papers(procedure: &Procedure) -> Vec<PaperCheck> {
    let checked = (1u16..)
        .zip(&procedure.papers)
        .filter(|(_, paper)| paper.required);
    checked
        .map(|(paper, _)| PaperCheck {
            paper,
            name: None,
            verdict: if paper == 1 {
                Verdict::Original
            } else {
                Verdict::Copy
            },
            reason: None,
        })
        .collect()
}
