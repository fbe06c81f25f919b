//! One dossier's history: facts told by those who may, with what the home does by itself.

use calendar::{Calendar, Limit, Moment, due, parse_moment};
use dossier::case::{Case, Refusal};
use dossier::dossier::{Dossier, Told};
use dossier::fact::Fact;
use dossier::habits;
use dossier::ids::{DossierCode, OfficerId, ProcedureCode, StepKey, UnitId};
use dossier::intake::{Channel, Particulars, PinnedProcedure, Received, Sealed};
use dossier::outcome::{ResultReady, ResultReturned, ReturnChannel, Stopped, Withdrawn};
use dossier::procedure::{ClockPolicy, RouteStep, WaitEffect};
use dossier::promise::{Apologised, Recounted};
use dossier::regime::Regime;
use dossier::{outcome, step, supplement, wire};
use history::{Content, Cut, Statement, Tale, as_known, fold};
use report::Period;
use uuid::Uuid;

pub(crate) fn at(text: &str) -> Moment {
    parse_moment(&format!("{text}:00+07:00")).unwrap()
}

pub(crate) fn unit(id: &str) -> UnitId {
    UnitId::parse(id).unwrap()
}

pub(crate) fn key(name: &str) -> StepKey {
    StepKey::parse(name).unwrap()
}

pub(crate) fn period(text: &str) -> Period {
    text.parse().unwrap()
}

pub(crate) fn step_of(name: &str, to: &UnitId, limit: Limit, inputs: &[&str]) -> RouteStep {
    RouteStep {
        key: key(name),
        task: format!("Việc {name}"),
        unit: to.clone(),
        department: None,
        inputs: inputs.iter().map(|input| key(input)).collect(),
        limit,
        after_payment: false,
        option: None,
        returns_result: false,
    }
}

/// What a dossier is received as.
#[derive(Clone)]
pub(crate) struct Setting {
    pub(crate) home: UnitId,
    pub(crate) serial: u32,
    pub(crate) received_at: Moment,
    pub(crate) channel: Channel,
    pub(crate) limit: Limit,
    pub(crate) clock: ClockPolicy,
    pub(crate) field: String,
    pub(crate) route: Vec<RouteStep>,
}

impl Setting {
    pub(crate) fn plain(serial: u32, received_at: &str) -> Self {
        Self {
            home: unit("H33-27"),
            serial,
            received_at: at(received_at),
            channel: Channel::Direct,
            limit: Limit::working_days(5),
            clock: ClockPolicy::of(WaitEffect::Restart, WaitEffect::Pause),
            field: "Đất đai".to_owned(),
            route: vec![step_of(
                "appraisal",
                &unit("G12-27"),
                Limit::working_days(5),
                &[],
            )],
        }
    }

    pub(crate) fn begin(self) -> Story {
        let date = self.received_at.date_naive();
        let code = DossierCode::issue(&self.home, date, self.serial).unwrap();
        let fact = Fact::Received(Box::new(Received {
            channel: self.channel,
            procedure: PinnedProcedure {
                code: ProcedureCode::parse("1.001193").unwrap(),
                version: "test.1".to_owned(),
                name: "Thủ tục thử".to_owned(),
                field: self.field,
                basis: "NĐ 61/2018/NĐ-CP".to_owned(),
            },
            competent: unit("G12-27"),
            overseer: None,
            applicant: Sealed {
                key: Uuid::from_u128(1),
                sealed: "AAAA".to_owned(),
            },
            delegate: None,
            papers: Vec::new(),
            route: self.route,
            clock: self.clock,
            limit: self.limit,
            due_at: due(Calendar::published(), self.received_at, self.limit)
                .unwrap()
                .due_at,
            calendar: Calendar::published().version().to_owned(),
            regime: Regime::of(self.received_at),
            particulars: Particulars::default(),
            receipt: true,
            officer: OfficerId::parse("cb-01").unwrap(),
        }));
        let mut story = Story {
            dossier: Dossier::at(code.clone(), self.home.clone()),
            code,
            home: self.home,
            statements: Vec::new(),
        };
        let home = story.home.clone();
        story.say(&home, self.received_at, fact);
        story
    }
}

pub(crate) struct Story {
    pub(crate) code: DossierCode,
    pub(crate) home: UnitId,
    pub(crate) dossier: Dossier,
    pub(crate) statements: Vec<Statement>,
}

impl Story {
    /// A fact is told, and the home does what follows by itself.
    pub(crate) fn say(&mut self, by: &UnitId, at: Moment, fact: Fact) {
        self.say_recorded(by, at, at, fact);
    }

    /// The same, recorded at another time than it happened.
    pub(crate) fn say_recorded(&mut self, by: &UnitId, at: Moment, recorded: Moment, fact: Fact) {
        let mut told = vec![(by.clone(), fact)];
        while !told.is_empty() {
            let (by, fact) = told.remove(0);
            self.dossier.may_write(&by, &fact).unwrap();
            let number = self.statements.len() as u64 + 1;
            let epoch = by
                .as_str()
                .bytes()
                .fold(0u128, |n, b| n * 257 + u128::from(b));
            let statement = Statement {
                id: Uuid::from_u64_pair(code_number(&self.code), number),
                unit: by.clone(),
                epoch: Uuid::from_u128(epoch),
                sequence: number,
                at,
                recorded,
                parents: self.dossier.heads.clone(),
                kind: wire::kind(&fact).to_owned(),
                simulated: false,
                content: Content::Fact(fact.clone()),
            };
            let told_as = Told {
                id: statement.id,
                by: &by,
                at,
                parents: &statement.parents,
            };
            self.dossier.evolve(&told_as, &fact);
            self.statements.push(statement);
            let home = self.home.clone();
            let next = habits::home(&self.case(&home, at), &fact);
            told.extend(next.into_iter().map(|fact| (home.clone(), fact)));
        }
    }

    pub(crate) fn case<'a>(&'a self, me: &'a UnitId, at: Moment) -> Case<'a> {
        Case {
            me,
            at,
            officer: None,
            dossier: &self.dossier,
            calendar: Calendar::published(),
        }
    }

    /// Commands something; what is refused leaves no trace.
    pub(crate) fn ask(
        &mut self,
        me: &UnitId,
        at: Moment,
        decide: impl FnOnce(&Case<'_>) -> Result<Vec<Fact>, Refusal>,
    ) -> bool {
        let Ok(facts) = decide(&self.case(me, at)) else {
            return false;
        };
        for fact in facts {
            self.say(me, at, fact);
        }
        true
    }

    fn home_says(&mut self, when: &str, fact: Fact) {
        let home = self.home.clone();
        self.say(&home, at(when), fact);
    }

    pub(crate) fn ready(mut self, when: &str) -> Self {
        self.home_says(when, Fact::ResultReady(ResultReady {}));
        self
    }

    pub(crate) fn returned(mut self, when: &str) -> Self {
        let officer = OfficerId::parse("cb-01").unwrap();
        let channel = ReturnChannel::Counter;
        self.home_says(
            when,
            Fact::ResultReturned(ResultReturned { channel, officer }),
        );
        self
    }

    pub(crate) fn refused(mut self, when: &str) -> Self {
        let reason = "Không đủ điều kiện".to_owned();
        self.home_says(
            when,
            Fact::Refused(outcome::Refused {
                reason,
                late: false,
            }),
        );
        self
    }

    pub(crate) fn withdrawn(mut self, when: &str) -> Self {
        let reason = String::new();
        self.home_says(when, Fact::Withdrawn(Withdrawn { reason }));
        self
    }

    pub(crate) fn stopped(mut self, when: &str) -> Self {
        let reason = "Công dân rút".to_owned();
        self.home_says(when, Fact::Stopped(Stopped { reason }));
        self
    }

    pub(crate) fn asked(self, when: &str) -> Self {
        self.asked_for(when, false)
    }

    pub(crate) fn asked_late(self, when: &str) -> Self {
        self.asked_for(when, true)
    }

    fn asked_for(mut self, when: &str, late: bool) -> Self {
        let effect = self.dossier.policy().supplement;
        self.home_says(
            when,
            Fact::SupplementAsked(supplement::Asked {
                items: vec!["Bản vẽ".to_owned()],
                reason: "Thiếu bản vẽ".to_owned(),
                step: None,
                effect,
                late,
            }),
        );
        self
    }

    pub(crate) fn given(mut self, when: &str) -> Self {
        let home = self.home.clone();
        let give = supplement::GiveSupplement { papers: Vec::new() };
        assert!(self.ask(&home, at(when), |case| give.decide(case)));
        self
    }

    pub(crate) fn apologised(mut self, when: &str, new_due_at: &str) -> Self {
        let old_due_at = self.dossier.promise.due_at.unwrap();
        self.home_says(
            when,
            Fact::Apologised(Apologised {
                reason: "Quá tải".to_owned(),
                old_due_at,
                new_due_at: at(new_due_at),
                late: false,
            }),
        );
        self
    }

    /// The clock stands still for a cause, and goes on.
    pub(crate) fn paused(mut self, cause: dossier::promise::Wait, from: &str, to: &str) -> Self {
        let promise = &self.dossier.promise;
        let (due_at, limit) = (promise.due_at.unwrap(), promise.limit.unwrap());
        let paused = dossier::clock::Paused {
            cause,
            effect: WaitEffect::Pause,
            reason: "Thông báo của chủ hệ thống".to_owned(),
            basis: "NĐ 301/2026/NĐ-CP điều 3 khoản 4".to_owned(),
            step: None,
            notice: None,
        };
        self.home_says(from, Fact::ClockPaused(paused));
        let again = calendar::resume(
            Calendar::published(),
            due_at,
            at(from),
            at(to),
            limit.unit(),
        );
        let recounted = Recounted {
            effect: WaitEffect::Pause,
            limit,
            due_at: Some(again.unwrap()),
            calendar: Calendar::published().version().to_owned(),
        };
        let resumed = dossier::clock::Resumed {
            cause,
            recounted,
            since: None,
        };
        self.home_says(to, Fact::ClockResumed(resumed));
        self
    }

    pub(crate) fn took(mut self, by: &UnitId, step: &str, when: &str) -> Self {
        let accept = step::Accept { step: key(step) };
        assert!(self.ask(by, at(when), |case| accept.decide(case)));
        self
    }

    pub(crate) fn did(mut self, by: &UnitId, step: &str, when: &str) -> Self {
        let complete = step::Complete {
            step: key(step),
            outcome: step::StepOutcome::Approved,
            documents: Vec::new(),
        };
        assert!(self.ask(by, at(when), |case| complete.decide(case)));
        self
    }

    pub(crate) fn tale(&self) -> Tale {
        fold(&self.code, &self.statements)
    }

    pub(crate) fn as_of(&self, cut: Cut) -> Tale {
        fold(&self.code, as_known(&self.statements, cut))
    }
}

fn code_number(code: &DossierCode) -> u64 {
    code.as_str().bytes().fold(7, |n: u64, b| {
        n.wrapping_mul(257).wrapping_add(u64::from(b))
    })
}
