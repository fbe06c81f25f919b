//! Dossiers to put on paper: what was said about them, statement by statement. Also read by the test
//! that looks at the pages in a browser.

use calendar::{Limit, LimitUnit, Moment, parse_moment};
use dossier::fact::Fact;
use dossier::ids::{DossierCode, OfficerId, ProcedureCode, StepKey, UnitId};
use dossier::intake::{
    Channel, Declined, PaperCheck, Particulars, Person, PinnedProcedure, Received, Sealed, Verdict,
};
use dossier::outcome::{Refused, ResultReady, ResultReturned, ReturnChannel, Stopped, Withdrawn};
use dossier::procedure::{ClockPolicy, RouteStep, WaitEffect};
use dossier::promise::{Apologised, Recounted};
use dossier::regime::Regime;
use dossier::route::Dispatched;
use dossier::{step, supplement, wire};
use forms::{Applicant, Names};
use history::{Content, Statement};
use uuid::Uuid;

/// Words that people wrote.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words {
    pub(crate) desk: &'static str,
    pub(crate) land: &'static str,
    pub(crate) procedure: &'static str,
    pub(crate) task: &'static str,
    pub(crate) paper: &'static str,
    pub(crate) item: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) person: &'static str,
}

pub(crate) const USUAL: Words = Words {
    desk: "UBND xã Mong Thọ",
    land: "Chi nhánh Văn phòng Đăng ký đất đai Châu Thành",
    procedure: "Đăng ký biến động quyền sử dụng đất, quyền sở hữu nhà ở và tài sản khác gắn liền với đất",
    task: "Kiểm tra điều kiện chuyển quyền và trích lục bản đồ địa chính",
    paper: "Đơn đăng ký biến động đất đai theo Mẫu số 09/ĐK",
    item: "Giấy chứng nhận quyền sử dụng đất đã cấp (bản gốc)",
    reason: "Diện tích đo đạc thực tế khác diện tích ghi trên giấy chứng nhận",
    person: "Nguyễn Thị Mười Hai",
};

pub(crate) fn unit(id: &str) -> UnitId {
    UnitId::parse(id).unwrap()
}

pub(crate) fn desk() -> UnitId {
    unit("H33-27-04")
}

pub(crate) fn land() -> UnitId {
    unit("H33-27-91")
}

pub(crate) fn names(words: Words) -> Names {
    let units = [
        (desk(), words.desk.to_owned()),
        (land(), words.land.to_owned()),
    ];
    let papers = vec![
        words.paper.to_owned(),
        "Hợp đồng chuyển nhượng quyền sử dụng đất".to_owned(),
        "Văn bản ủy quyền".to_owned(),
    ];
    Names::of_units(units).with_papers(&procedure(words), papers)
}

pub(crate) fn applicant(words: Words) -> Applicant {
    let owner = Person {
        name: words.person.to_owned(),
        id_number: Some("091190000012".to_owned()),
        address: Some("Ấp Hòa An, xã Mong Thọ".to_owned()),
        phone: Some("0912 345 678".to_owned()),
    };
    Applicant {
        owner,
        delegate: None,
    }
}

fn procedure(words: Words) -> PinnedProcedure {
    PinnedProcedure {
        code: ProcedureCode::parse("1.013831").unwrap(),
        version: "test.1".to_owned(),
        name: words.procedure.to_owned(),
        field: "Đất đai".to_owned(),
        basis: "Luật Đất đai 2024".to_owned(),
    }
}

fn key() -> StepKey {
    StepKey::parse("appraisal").unwrap()
}

fn officer() -> OfficerId {
    OfficerId::parse("cb-01").unwrap()
}

fn ten_days() -> Limit {
    Limit::new(10, LimitUnit::WorkingDays).unwrap()
}

/// A dossier of one year, and everything said about it.
#[derive(Debug, Clone)]
pub(crate) struct Story {
    pub(crate) code: DossierCode,
    pub(crate) statements: Vec<Statement>,
    year: i32,
    words: Words,
}

impl Story {
    /// A dossier that nothing was said about yet, handed in on 4 March.
    pub(crate) fn of(year: i32, serial: u32, words: Words) -> Self {
        let mut story = Self {
            code: DossierCode::parse("A-250304-0001").unwrap(),
            statements: Vec::new(),
            year,
            words,
        };
        let date = story.at("03-04T09:32").date_naive();
        let text = format!("{}-{}-{serial:04}", desk().qcvn(), date.format("%y%m%d"));
        story.code = DossierCode::parse(&text).unwrap();
        story
    }

    pub(crate) fn at(&self, text: &str) -> Moment {
        parse_moment(&format!("{}-{text}:00+07:00", self.year)).unwrap()
    }

    /// Adds a statement and gives its identity.
    pub(crate) fn says(&mut self, by: &UnitId, when: &str, fact: Fact) -> Uuid {
        let number = self.statements.len() as u64 + 1;
        let at = self.at(when);
        let own = self.statements.iter().filter(|s| s.unit == *by).count();
        let id = Uuid::from_u64_pair(u64::from(self.year.unsigned_abs()), number);
        self.statements.push(Statement {
            id,
            unit: by.clone(),
            epoch: Uuid::from_u128(0xee),
            sequence: own as u64 + 1,
            at,
            recorded: at,
            parents: self.statements.last().map(|s| s.id).into_iter().collect(),
            kind: wire::kind(&fact).to_owned(),
            simulated: false,
            content: Content::Fact(fact),
        });
        id
    }

    pub(crate) fn received(&mut self) -> Uuid {
        let fact = self.reception(Particulars {
            sets: 2,
            return_by: Some(ReturnChannel::Post),
            ..Particulars::default()
        });
        self.says(&desk(), "03-04T09:32", fact)
    }

    /// Received on 4 March at 9:32, promised for 18 March at 17:00.
    pub(crate) fn reception(&self, particulars: Particulars) -> Fact {
        let checked = |paper, verdict| PaperCheck {
            paper,
            name: None,
            verdict,
            reason: None,
        };
        Fact::Received(Box::new(Received {
            channel: Channel::Direct,
            procedure: procedure(self.words),
            competent: land(),
            overseer: None,
            applicant: sealed(),
            delegate: None,
            papers: vec![
                checked(1, Verdict::Original),
                checked(2, Verdict::Copy),
                checked(3, Verdict::Missing),
            ],
            route: vec![RouteStep {
                key: key(),
                task: self.words.task.to_owned(),
                unit: land(),
                department: None,
                inputs: Vec::new(),
                limit: ten_days(),
                after_payment: false,
                option: None,
                returns_result: false,
            }],
            clock: ClockPolicy::of(WaitEffect::Restart, WaitEffect::Pause),
            limit: ten_days(),
            due_at: Some(self.at("03-18T17:00")),
            calendar: "test".to_owned(),
            regime: Regime::of(self.at("03-04T09:32")),
            particulars,
            receipt: true,
            officer: officer(),
        }))
    }

    pub(crate) fn dispatched(&mut self) -> Uuid {
        let fact = Fact::Dispatched(Dispatched {
            step: key(),
            turn: 1,
            to: land(),
            task: self.words.task.to_owned(),
            limit: ten_days(),
            department: Some("Tổ Đăng ký".to_owned()),
            documents: Vec::new(),
            reason: None,
        });
        self.says(&desk(), "03-04T14:10", fact)
    }

    pub(crate) fn accepted(&mut self) -> Uuid {
        let due_at = Some(self.at("03-19T17:00"));
        let fact = Fact::StepAccepted(step::Accepted {
            step: key(),
            turn: 1,
            due_at,
        });
        self.says(&land(), "03-05T07:45", fact)
    }

    pub(crate) fn supplement_asked(&mut self) -> Uuid {
        let fact = Fact::SupplementAsked(supplement::Asked {
            items: vec![self.words.item.to_owned(), "Bản đồ".to_owned()],
            reason: self.words.reason.to_owned(),
            step: Some(key()),
            effect: WaitEffect::Restart,
            late: false,
        });
        self.says(&desk(), "03-06T10:00", fact)
    }

    /// The limit starts anew: due on 24 March.
    pub(crate) fn supplement_given(&mut self) -> Uuid {
        let fact = Fact::SupplementGiven(supplement::Given {
            papers: Vec::new(),
            recounted: Recounted {
                effect: WaitEffect::Restart,
                limit: ten_days(),
                due_at: Some(self.at("03-24T17:00")),
                calendar: "test".to_owned(),
            },
        });
        self.says(&desk(), "03-10T08:15", fact)
    }

    /// From 24 March to 31 March.
    pub(crate) fn apologised(&mut self) -> Uuid {
        let fact = Fact::Apologised(Apologised {
            reason: self.words.reason.to_owned(),
            old_due_at: self.at("03-24T17:00"),
            new_due_at: self.at("03-31T17:00"),
            late: false,
        });
        self.says(&desk(), "03-20T15:20", fact)
    }

    pub(crate) fn step_apologised(&mut self) -> Uuid {
        let fact = Fact::StepApologised(step::StepApologised {
            step: key(),
            turn: 1,
            reason: self.words.reason.to_owned(),
            old_due_at: self.at("03-19T17:00"),
            new_due_at: self.at("03-26T17:00"),
            late: false,
        });
        self.says(&land(), "03-17T09:00", fact)
    }

    pub(crate) fn completed(&mut self) -> Uuid {
        let fact = Fact::StepCompleted(step::Completed {
            step: key(),
            turn: 1,
            outcome: step::StepOutcome::Approved,
            documents: Vec::new(),
        });
        self.says(&land(), "03-25T16:00", fact)
    }

    pub(crate) fn ready(&mut self) -> Uuid {
        let fact = Fact::ResultReady(ResultReady {});
        self.says(&desk(), "03-26T08:00", fact)
    }

    pub(crate) fn returned(&mut self) -> Uuid {
        let fact = Fact::ResultReturned(ResultReturned {
            channel: ReturnChannel::Counter,
            officer: officer(),
        });
        self.says(&desk(), "03-27T09:05", fact)
    }

    pub(crate) fn declined(&mut self) -> Uuid {
        let fact = Fact::Declined(Declined {
            procedure: procedure(self.words).code,
            field: "Đất đai".to_owned(),
            channel: Channel::Online,
            reason: self.words.reason.to_owned(),
            officer: officer(),
        });
        self.says(&desk(), "03-04T10:00", fact)
    }

    pub(crate) fn refused(&mut self) -> Uuid {
        let fact = Fact::Refused(Refused {
            reason: self.words.reason.to_owned(),
            late: false,
        });
        self.says(&desk(), "03-14T10:00", fact)
    }

    pub(crate) fn withdrawn(&mut self) -> Uuid {
        let fact = Fact::Withdrawn(Withdrawn {
            reason: self.words.reason.to_owned(),
        });
        self.says(&desk(), "03-12T10:00", fact)
    }

    pub(crate) fn stopped(&mut self) -> Uuid {
        let fact = Fact::Stopped(Stopped {
            reason: self.words.reason.to_owned(),
        });
        self.says(&desk(), "03-12T10:30", fact)
    }

    /// The whole way: supplement, apology, result, in hand on 27 March.
    pub(crate) fn whole(year: i32, words: Words) -> Self {
        let mut story = Self::of(year, 1, words);
        story.received();
        story.dispatched();
        story.accepted();
        story.supplement_asked();
        story.supplement_given();
        story.apologised();
        story.completed();
        story.ready();
        story.returned();
        story
    }

    /// Refused after reception.
    pub(crate) fn ending_refused(year: i32, words: Words) -> Self {
        let mut story = Self::of(year, 2, words);
        story.received();
        story.refused();
        story
    }

    /// Withdrawn while the land office worked on it, and stopped.
    pub(crate) fn ending_stopped(year: i32, words: Words) -> Self {
        let mut story = Self::of(year, 3, words);
        story.received();
        story.dispatched();
        story.accepted();
        story.withdrawn();
        story.stopped();
        story
    }
}

/// What nobody can open here: forms are given persons, not keys.
pub(crate) fn sealed() -> Sealed {
    Sealed {
        key: Uuid::from_u128(1),
        sealed: "AAAA".to_owned(),
    }
}
