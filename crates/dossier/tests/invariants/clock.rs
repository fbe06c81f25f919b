//! The clock of the promise in histories that commands and habits have written: what was counted as
//! it went can be counted again from the whole course.

use calendar::{
    Calendar, DayKind, Declaration, DeclaredDay, Limit, LimitUnit, Moment, parse_moment,
};
use chrono::{Days, TimeDelta};
use dossier::case::{Case, Refusal};
use dossier::clock::{Pause, Resume};
use dossier::dossier::{Dossier, Told};
use dossier::fact::Fact;
use dossier::habits;
use dossier::ids::{OfficerId, StepKey, UnitId};
use dossier::intake::Received;
use dossier::opinion::{AskOpinion, GiveOpinion};
use dossier::payment::{AskPayment, ConfirmPayment};
use dossier::procedure::{ClockPolicy, RouteStep};
use dossier::promise::{Apologise, Wait};
use dossier::recount::{counted, recomputed};
use dossier::regime::ClockStart;
use dossier::step::Accept;
use dossier::supplement::{AskSupplement, GiveSupplement};
use proptest::collection::vec;
use proptest::prelude::{
    BoxedStrategy, Just, Strategy, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use proptest::sample::select;
use uuid::Uuid;

use crate::intake_facts::received;
use crate::world::{clock, code, home, limit, wait};

/// What may be asked for next; whether it is followed is for the rules to say.
#[derive(Debug, Clone)]
enum Deed {
    Ask,
    Give,
    Charge,
    Pay,
    Pause(Wait),
    Resume(Wait),
    Apologise(u64),
    Accept,
    AskOpinion,
    GiveOpinion,
    TimePasses,
}

fn deed() -> impl Strategy<Value = Deed> + Clone {
    prop_oneof![
        1 => Just(Deed::Ask),
        1 => Just(Deed::Give),
        1 => Just(Deed::Charge),
        1 => Just(Deed::Pay),
        3 => wait().prop_map(Deed::Pause),
        3 => wait().prop_map(Deed::Resume),
        1 => (1u64..40).prop_map(Deed::Apologise),
        1 => Just(Deed::Accept),
        1 => Just(Deed::AskOpinion),
        1 => Just(Deed::GiveOpinion),
        1 => Just(Deed::TimePasses),
    ]
}

/// Deeds and the minutes before each.
fn deeds(most: usize) -> impl Strategy<Value = Vec<(i64, Deed)>> + Clone {
    vec((0i64..6_000, deed()), 0..most)
}

fn competent() -> UnitId {
    UnitId::parse("H33-27").unwrap()
}

fn step() -> StepKey {
    StepKey::parse("survey").unwrap()
}

/// A reception with one step at the competent unit, and a date counted as a desk counts it.
fn reception() -> BoxedStrategy<Box<Received>> {
    let start = select(&[ClockStart::OnReceipt, ClockStart::OnCompetentReceipt][..]);
    (received(), clock(), limit(), start)
        .prop_map(|(fact, clock, limit, start)| {
            let Fact::Received(mut received) = fact else {
                unreachable!()
            };
            received.clock = ClockPolicy {
                supplement_rounds: None,
                ..clock
            };
            received.competent = competent();
            received.route = vec![one_step()];
            received.limit = limit;
            received.receipt = true;
            received.particulars.start = start;
            received.particulars.counted_from = (start == ClockStart::OnCompetentReceipt)
                .then(|| calendar::hand_over_by(Calendar::published(), morning()).unwrap());
            let from = received.particulars.counted_from.unwrap_or(morning());
            received.due_at = calendar::due(Calendar::published(), from, limit)
                .unwrap()
                .due_at;
            received
        })
        .boxed()
}

fn one_step() -> RouteStep {
    RouteStep {
        key: step(),
        task: "Thẩm định".to_owned(),
        unit: competent(),
        department: None,
        inputs: Vec::new(),
        limit: Limit::working_days(3),
        after_payment: false,
        option: None,
        returns_result: false,
    }
}

/// Monday 5 March 2018, a quarter past eight.
fn morning() -> Moment {
    parse_moment("2018-03-05T08:15:00+07:00").unwrap()
}

struct Course {
    dossier: Dossier,
    told: u128,
    now: Moment,
}

impl Course {
    fn begun(received: Box<Received>) -> Self {
        let mut course = Self {
            dossier: Dossier::at(code(), home()),
            told: 0,
            now: morning(),
        };
        course.say(
            &home(),
            vec![Fact::Received(received)],
            Calendar::published(),
        );
        course
    }

    /// What is said, and what the home does by itself because of it.
    fn say(&mut self, by: &UnitId, facts: Vec<Fact>, calendar: &Calendar) {
        let mut waiting: std::collections::VecDeque<(UnitId, Fact)> =
            facts.into_iter().map(|fact| (by.clone(), fact)).collect();
        while let Some((by, fact)) = waiting.pop_front() {
            self.dossier.may_write(&by, &fact).unwrap();
            self.told += 1;
            let parents = self.dossier.heads.clone();
            let told = Told {
                id: Uuid::from_u128(self.told),
                by: &by,
                at: self.now,
                parents: &parents,
            };
            self.dossier.evolve(&told, &fact);
            let done = habits::home(&self.case(&home(), None, calendar), &fact);
            waiting.extend(done.into_iter().map(|fact| (home(), fact)));
        }
    }

    fn case<'a>(
        &'a self,
        me: &'a UnitId,
        officer: Option<&'a OfficerId>,
        calendar: &'a Calendar,
    ) -> Case<'a> {
        Case {
            me,
            at: self.now,
            officer,
            dossier: &self.dossier,
            calendar,
        }
    }

    fn decided(&self, me: &UnitId, deed: Deed, calendar: &Calendar) -> Result<Vec<Fact>, Refusal> {
        let officer = OfficerId::parse("cb-01").unwrap();
        let case = self.case(me, Some(&officer), calendar);
        let why = || "Lý do".to_owned();
        match deed {
            Deed::Ask => AskSupplement {
                items: vec![why()],
                reason: why(),
            }
            .decide(&case),
            Deed::Give => GiveSupplement { papers: Vec::new() }.decide(&case),
            Deed::Charge => AskPayment {
                amount_vnd: 1,
                purpose: why(),
            }
            .decide(&case),
            Deed::Pay => ConfirmPayment { voucher: why() }.decide(&case),
            Deed::Pause(cause) => Pause {
                cause,
                reason: why(),
                step: None,
                notice: Some(why()),
            }
            .decide(&case),
            Deed::Resume(cause) => Resume { cause }.decide(&case),
            Deed::Apologise(days) => {
                let due_at = self.dossier.promise.due_at.unwrap_or(self.now);
                let new_due_at = due_at.max(self.now) + Days::new(days);
                Apologise {
                    reason: why(),
                    new_due_at,
                }
                .decide(&case)
            }
            Deed::Accept => Accept { step: step() }.decide(&case),
            Deed::AskOpinion => AskOpinion {
                step: step(),
                of: why(),
                question: why(),
                due_at: self.now + Days::new(3),
            }
            .decide(&case),
            Deed::GiveOpinion => {
                let work = self.dossier.work.get(&(step(), 1));
                GiveOpinion {
                    step: step(),
                    opinion: work.map_or(0, |work| work.opinions.len()) as u16,
                    summary: why(),
                }
                .decide(&case)
            }
            Deed::TimePasses => Ok(habits::in_time(&case)),
        }
    }

    fn goes_on(&mut self, (minutes, deed): (i64, Deed), calendar: &Calendar) {
        self.now += TimeDelta::minutes(minutes);
        let me = match deed {
            Deed::Accept | Deed::AskOpinion | Deed::GiveOpinion => competent(),
            _ => home(),
        };
        if let Ok(facts) = self.decided(&me, deed, calendar) {
            self.say(&me, facts, calendar);
        }
    }
}

/// The published calendar with one ordinary working day more off, and the same with that revoked.
fn off_and_revoked(days_ahead: u64) -> (Calendar, Calendar) {
    let published = Calendar::published();
    let mut date = morning().date_naive() + Days::new(days_ahead);
    while published.day(date).unwrap().kind != DayKind::Working {
        date = date + Days::new(1);
    }
    let declared = |kind, name: &str| Declaration {
        days: vec![DeclaredDay {
            date,
            kind,
            name: name.to_owned(),
            pair: None,
        }],
        basis: "Thông cáo đặc biệt".to_owned(),
        published_on: morning().date_naive(),
    };
    let holiday = declared(DayKind::Holiday, "Quốc tang");
    let amended = published.amended(&holiday, 1).unwrap();
    let revoked = amended.amended(&declared(DayKind::Working, ""), 2).unwrap();
    (amended, revoked)
}

proptest! {
    #[test]
    fn invariant_7_what_was_counted_as_it_went_is_counted_again_from_the_course(
        received in reception(),
        deeds in deeds(30),
    ) {
        let original = received.due_at;
        let mut course = Course::begun(received);
        for deed in deeds {
            course.goes_on(deed, Calendar::published());
            let promise = &course.dossier.promise;
            prop_assert_eq!(counted(promise, Calendar::published()).unwrap(), promise.due_at);
            prop_assert_eq!(promise.original_due_at, original);
            let me = home();
            let case = course.case(&me, None, Calendar::published());
            prop_assert_eq!(recomputed(&case, Uuid::nil(), "CV").unwrap(), None);
        }
        prop_assert_eq!(course.dossier.contested, 0);
    }

    #[test]
    fn invariant_8_no_declared_day_moves_a_promise_earlier(
        received in reception(),
        before in deeds(15),
        between in deeds(10),
        after in deeds(15),
        days_ahead in 0u64..60,
    ) {
        let (amended, revoked) = off_and_revoked(days_ahead);
        let mut course = Course::begun(received);
        let me = home();
        for deed in before {
            course.goes_on(deed, Calendar::published());
        }
        let new = counted(&course.dossier.promise, &amended).unwrap();
        // A pause in office hours that the new holiday shortens gives less back to a date that was
        // not counted but given with an apology; it is kept all the same.
        let given = course.dossier.promise.apologies > 0;
        prop_assert!(new >= course.dossier.promise.due_at || given, "{:?}", new);
        for (calendar, deeds) in [(&amended, between), (&revoked, after)] {
            let old = course.dossier.promise.due_at;
            let said = recomputed(&course.case(&me, None, calendar), Uuid::nil(), "CV").unwrap();
            course.say(&me, said.into_iter().collect(), calendar);
            prop_assert!(course.dossier.promise.due_at >= old);
            let again = recomputed(&course.case(&me, None, calendar), Uuid::nil(), "CV").unwrap();
            prop_assert_eq!(again, None);
            let told = course.dossier.promise.course.len();
            for deed in deeds {
                course.goes_on(deed, calendar);
            }
            let promise = &course.dossier.promise;
            // What followed was counted on from the date in force.
            if promise.course.len() > told && !course.dossier.outcome.is_settled() {
                prop_assert_eq!(counted(promise, calendar).unwrap(), promise.due_at);
            }
        }
    }

    #[test]
    fn a_due_date_in_days_is_a_working_day_and_never_before_reception(
        received in reception(),
        deeds in deeds(30),
    ) {
        let mut course = Course::begun(received);
        for deed in deeds {
            course.goes_on(deed, Calendar::published());
            let promise = &course.dossier.promise;
            let Some((due_at, limit)) = promise.due_at.zip(promise.limit) else { continue };
            prop_assert!(due_at >= morning());
            let in_days = matches!(limit.unit(), LimitUnit::WorkingDays | LimitUnit::Days | LimitUnit::Months);
            if in_days {
                prop_assert!(Calendar::published().day(due_at.date_naive()).unwrap().is_working());
            }
        }
    }

    #[test]
    fn when_nothing_is_to_be_looked_at_nothing_happens_by_itself(
        received in reception(),
        deeds in deeds(20),
        minutes in 0i64..200_000,
    ) {
        let mut course = Course::begun(received);
        for deed in deeds {
            course.goes_on(deed, Calendar::published());
        }
        let look = habits::next_look(&course.dossier, Calendar::published());
        course.now += TimeDelta::minutes(minutes);
        let me = home();
        let done = habits::in_time(&course.case(&me, None, Calendar::published()));
        prop_assert_eq!(done.is_empty(), look.is_none_or(|look| course.now < look), "{:?} {:?}", look, done);
    }
}
