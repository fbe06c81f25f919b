//! Stories about one dossier, told as a clerk would note them down: given what happened, when
//! somebody asks for something, then this is written or that is the reason why not.

#![allow(clippy::expect_used, clippy::panic)]

use calendar::{Calendar, DeskDays, Moment, hanoi};
use chrono::{DateTime, NaiveDate};
use dossier::case::{Case, Refusal};
use dossier::desk::AtTheDesk;
use dossier::dossier::{Dossier, Told, Trespass};
use dossier::fact::Fact;
use dossier::habits;
use dossier::ids::{DossierCode, OfficerId, UnitId};
use dossier::procedure::Procedure;
use dossier::status::Status;
use uuid::Uuid;

/// A moment of 2018 at +07:00; `hour` is 7 or later, as office hours are.
pub const fn of_2018(month: u32, day: u32, hour: u32, minute: u32) -> Moment {
    let date = NaiveDate::from_ymd_opt(2018, month, day).expect("a date of 2018");
    let utc = date
        .and_hms_opt(hour - 7, minute, 0)
        .expect("an office hour");
    DateTime::from_naive_utc_and_offset(utc, hanoi())
}

/// The end of the office day of `moment`, when limits in days end.
pub fn close_of(moment: Moment) -> Moment {
    let date = moment.date_naive();
    let closing = date.and_hms_opt(10, 0, 0).expect("17:00 at +07:00");
    DateTime::from_naive_utc_and_offset(closing, hanoi())
}

/// A line of a story: who wrote what, and when it happened.
pub struct Line {
    by: Option<UnitId>,
    at: Moment,
    fact: Fact,
}

/// A line written by the home.
pub fn at(moment: Moment, fact: Fact) -> Line {
    Line {
        by: None,
        at: moment,
        fact,
    }
}

/// A line written by another unit.
pub fn by(unit: UnitId, moment: Moment, fact: Fact) -> Line {
    Line {
        by: Some(unit),
        at: moment,
        fact,
    }
}

/// A dossier and what was last written about it.
#[derive(Debug)]
pub struct Story {
    dossier: Dossier,
    told: u128,
    at: Moment,
    last: Vec<Fact>,
}

/// The story of a dossier of `home` so far. Every line must be one that its writer may write.
pub fn given(home: UnitId, lines: impl IntoIterator<Item = Line>) -> Story {
    let start = of_2018(1, 2, 7, 0);
    let code = DossierCode::issue(&home, start.date_naive(), 1).expect("the first serial of a day");
    let mut story = Story {
        dossier: Dossier::at(code, home),
        told: 0,
        at: start,
        last: Vec::new(),
    };
    for line in lines {
        let by = line.by.unwrap_or_else(|| story.dossier.home.clone());
        story = story.written(&by, line.at, vec![line.fact]);
    }
    story
}

impl Story {
    fn written(mut self, by: &UnitId, at: Moment, facts: Vec<Fact>) -> Self {
        for fact in &facts {
            if let Err(trespass) = self.dossier.may_write(by, fact) {
                panic!("{trespass}: {fact:?}");
            }
            self.told += 1;
            let parents = self.dossier.heads.clone();
            let told = Told {
                id: Uuid::from_u128(self.told),
                by,
                at,
                parents: &parents,
            };
            self.dossier.evolve(&told, fact);
        }
        self.at = at;
        self.last = facts;
        self
    }

    /// The story goes on with further lines.
    pub fn and(mut self, lines: impl IntoIterator<Item = Line>) -> Self {
        for line in lines {
            let by = line.by.unwrap_or_else(|| self.dossier.home.clone());
            self = self.written(&by, line.at, vec![line.fact]);
        }
        self
    }

    /// `unit` is asked to do something at `at`.
    pub fn when(
        self,
        unit: UnitId,
        at: Moment,
        command: impl FnOnce(&Case<'_>) -> Result<Vec<Fact>, Refusal>,
    ) -> Answer {
        let officer = OfficerId::parse("cb-01").expect("an officer");
        let case = Case {
            me: &unit,
            at,
            officer: Some(&officer),
            dossier: &self.dossier,
            calendar: Calendar::published(),
        };
        let decided = command(&case);
        Answer {
            story: self,
            by: unit,
            at,
            decided,
        }
    }

    /// Someone stands at the home's desk at `at`, with an online submission if the story has one.
    pub fn at_the_desk(
        self,
        at: Moment,
        procedure: &Procedure,
        command: impl FnOnce(&AtTheDesk<'_>) -> Result<Vec<Fact>, Refusal>,
    ) -> Answer {
        let officer = OfficerId::parse("cb-01").expect("an officer");
        let home = self.dossier.home.clone();
        let desk = AtTheDesk {
            me: &home,
            at,
            officer: &officer,
            procedure,
            competent: &home,
            overseer: None,
            calendar: Calendar::published(),
            desk_days: DeskDays::default(),
            registered: Some(&self.dossier.intake),
        };
        let decided = command(&desk);
        Answer {
            story: self,
            by: home,
            at,
            decided,
        }
    }

    /// What the home does by itself because of the last line, all of it and nothing else.
    pub fn the_home_goes_on(self, expected: impl IntoIterator<Item = Fact>) -> Self {
        let home = self.dossier.home.clone();
        let case = Case {
            me: &home,
            at: self.at,
            officer: None,
            dossier: &self.dossier,
            calendar: Calendar::published(),
        };
        let done: Vec<Fact> = self
            .last
            .iter()
            .flat_map(|fact| habits::home(&case, fact))
            .collect();
        assert_eq!(
            done,
            expected.into_iter().collect::<Vec<_>>(),
            "what the home does by itself"
        );
        let at = self.at;
        self.written(&home, at, done)
    }

    /// Every unit but `writer` is refused the fact, and hearing it from them moves nothing.
    pub fn nobody_else_writes(self, writer: &UnitId, fact: &Fact, others: &[UnitId]) -> Self {
        self.dossier
            .may_write(writer, fact)
            .expect("the one who may");
        for other in others.iter().filter(|other| *other != writer) {
            let trespass = self.dossier.may_write(other, fact);
            assert!(
                matches!(
                    trespass,
                    Err(Trespass::ForeignCode { .. }
                        | Trespass::NotHome { .. }
                        | Trespass::NotHeld { .. }
                        | Trespass::NoKey { .. }
                        | Trespass::NotOverseer { .. })
                ),
                "{other} writes {fact:?}: {trespass:?}"
            );
            let mut heard = self.dossier.clone();
            let told = Told {
                id: Uuid::from_u128(u128::MAX),
                by: other,
                at: self.at,
                parents: &[],
            };
            heard.evolve(&told, fact);
            assert_eq!(
                heard.contested,
                self.dossier.contested + 1,
                "{other} writes {fact:?}"
            );
            heard.contested = self.dossier.contested;
            heard.heads.clone_from(&self.dossier.heads);
            assert_eq!(heard, self.dossier, "{other} moved the dossier by {fact:?}");
        }
        self
    }

    /// The national status is this one.
    pub fn is(self, status: Status) -> Self {
        assert_eq!(self.dossier.status(), status);
        self
    }

    /// The due date in force is the close of the day of `moment`.
    pub fn due(self, moment: Moment) -> Self {
        assert_eq!(
            self.dossier.promise.due_at,
            Some(close_of(moment)),
            "the due date in force"
        );
        self
    }

    /// The dossier as it stands.
    pub fn dossier(&self) -> &Dossier {
        &self.dossier
    }
}

/// What a command was answered with.
#[derive(Debug)]
pub struct Answer {
    story: Story,
    by: UnitId,
    at: Moment,
    decided: Result<Vec<Fact>, Refusal>,
}

impl Answer {
    /// Exactly these facts are written.
    pub fn then(self, expected: impl IntoIterator<Item = Fact>) -> Story {
        let expected: Vec<Fact> = expected.into_iter().collect();
        assert_eq!(self.decided.as_ref(), Ok(&expected));
        self.story.written(&self.by, self.at, expected)
    }

    /// It is done; what is written is looked at in the dossier.
    pub fn done(self) -> Story {
        match self.decided {
            Ok(facts) => self.story.written(&self.by, self.at, facts),
            Err(refusal) => panic!("{refusal}"),
        }
    }

    /// It is refused under this code, with a sentence for the officer; the story stays as it was.
    pub fn refused(self, code: &str) -> Story {
        match self.decided {
            Ok(facts) => panic!("not refused, but: {facts:?}"),
            Err(refusal) => {
                assert_eq!(refusal.code, code, "{refusal}");
                assert!(
                    !refusal.message.is_empty() && !refusal.rule.is_empty(),
                    "{refusal:?}"
                );
            }
        }
        self.story
    }

    /// The refusal says this to the officer.
    pub fn saying(self, words: &str) -> Self {
        match &self.decided {
            Ok(facts) => panic!("not refused, but: {facts:?}"),
            Err(refusal) => assert!(refusal.message.contains(words), "{refusal}"),
        }
        self
    }
}
