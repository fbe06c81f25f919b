//! Events to project: written, signed and numbered as units do it.

use std::sync::Arc;

use bytes::Bytes;
use calendar::{Calendar, Limit, LimitUnit, Moment, due, parse_moment};
use dossier::fact::Fact;
use dossier::ids::{DossierCode, OfficerId, ProcedureCode, StepKey, UnitId};
use dossier::intake::{
    Channel, Declined, Particulars, PinnedProcedure, Received, Registered, Sealed,
};
use dossier::outcome::{Refused, ResultReady, ResultReturned, ReturnChannel, Stopped, Withdrawn};
use dossier::procedure::{ClockPolicy, RouteStep, WaitEffect};
use dossier::promise::{Apologised, Recounted};
use dossier::regime::Regime;
use dossier::route::Dispatched;
use dossier::{step, supplement, wire};
use envelope::{Draft, KeyRegister, PublicKeys, Signed, UnitKey};
use serde_json::value::RawValue;
use uuid::Uuid;

pub(crate) fn at(text: &str) -> Moment {
    parse_moment(&format!("{text}:00+07:00")).unwrap()
}

pub(crate) fn unit(id: &str) -> UnitId {
    UnitId::parse(id).unwrap()
}

/// A unit that writes events. Ids are made of its number and its sequence, so that runs repeat.
#[derive(Clone)]
pub(crate) struct Pen {
    pub(crate) unit: UnitId,
    pub(crate) epoch: Uuid,
    pub(crate) key: Arc<UnitKey>,
    number: u64,
    pub(crate) sequence: u64,
}

impl Pen {
    pub(crate) fn new(id: &str, number: u8) -> Pen {
        Pen {
            unit: unit(id),
            epoch: Uuid::from_u128(0xee00 + u128::from(number)),
            key: Arc::new(UnitKey::from_seed([number; 32])),
            number: u64::from(number),
            sequence: 0,
        }
    }

    pub(crate) fn public(&self) -> PublicKeys {
        PublicKeys::new(self.unit.as_str(), self.key.public(), [9; 32])
    }

    pub(crate) fn write(
        &mut self,
        code: &str,
        when: Moment,
        parents: &[Uuid],
        fact: &Fact,
    ) -> Signed {
        self.raw(
            code,
            when,
            parents,
            wire::kind(fact),
            &wire::write(fact).unwrap(),
        )
    }

    pub(crate) fn raw(
        &mut self,
        subject: &str,
        when: Moment,
        parents: &[Uuid],
        kind: &str,
        data: &RawValue,
    ) -> Signed {
        self.sequence += 1;
        let bytes = Draft {
            id: self.id(self.sequence),
            unit: self.unit.as_str(),
            kind,
            subject,
            time: when,
            recorded: when,
            epoch: self.epoch,
            sequence: self.sequence,
            causation: None,
            parents,
            schema: "https://motcua.vn/schemas/test.json",
            simulated: true,
            traceparent: None,
            data,
        }
        .write()
        .unwrap();
        Signed {
            signature: self.key.sign_event(&bytes),
            bytes: Bytes::from(bytes),
            key: self.key.id(),
        }
    }

    pub(crate) fn id(&self, sequence: u64) -> Uuid {
        Uuid::from_u64_pair(self.number, sequence)
    }

    pub(crate) fn last(&self) -> Uuid {
        self.id(self.sequence)
    }
}

pub(crate) fn register<'a>(pens: impl IntoIterator<Item = &'a Pen>) -> KeyRegister {
    let mut keys = KeyRegister::new();
    for pen in pens {
        keys.insert(&pen.public()).unwrap();
    }
    keys
}

pub(crate) fn five_days() -> Limit {
    Limit::new(5, LimitUnit::WorkingDays).unwrap()
}

fn sealed() -> Sealed {
    Sealed {
        key: Uuid::from_u128(1),
        sealed: "AAAA".to_owned(),
    }
}

fn officer() -> OfficerId {
    OfficerId::parse("cb-01").unwrap()
}

pub(crate) fn step_key() -> StepKey {
    StepKey::parse("appraisal").unwrap()
}

pub(crate) fn received(
    when: Moment,
    performer: &UnitId,
    field: &str,
    channel: Channel,
    limit: Limit,
) -> Fact {
    let clock = ClockPolicy::of(WaitEffect::Restart, WaitEffect::Pause);
    let step = RouteStep {
        key: step_key(),
        task: "Thẩm định hồ sơ".to_owned(),
        unit: performer.clone(),
        department: None,
        inputs: Vec::new(),
        limit,
        after_payment: false,
        option: None,
        returns_result: false,
    };
    Fact::Received(Box::new(Received {
        channel,
        procedure: PinnedProcedure {
            code: ProcedureCode::parse("1.001193").unwrap(),
            version: "test.1".to_owned(),
            name: "Thủ tục thử".to_owned(),
            field: field.to_owned(),
            basis: "NĐ 61/2018/NĐ-CP".to_owned(),
        },
        competent: performer.clone(),
        overseer: None,
        applicant: sealed(),
        delegate: None,
        papers: Vec::new(),
        route: vec![step],
        clock,
        limit,
        due_at: due(Calendar::published(), when, limit).unwrap().due_at,
        calendar: Calendar::published().version().to_owned(),
        regime: Regime::of(when),
        particulars: Particulars::default(),
        receipt: true,
        officer: officer(),
    }))
}

pub(crate) fn registered() -> Fact {
    Fact::Registered(Registered {
        procedure: ProcedureCode::parse("1.001193").unwrap(),
        applicant: sealed(),
    })
}

pub(crate) fn declined(field: &str, channel: Channel) -> Fact {
    Fact::Declined(Declined {
        procedure: ProcedureCode::parse("1.001193").unwrap(),
        field: field.to_owned(),
        channel,
        reason: "Không thuộc thẩm quyền".to_owned(),
        officer: officer(),
    })
}

pub(crate) fn dispatched(to: &UnitId, turn: u32) -> Fact {
    Fact::Dispatched(Dispatched {
        step: step_key(),
        turn,
        to: to.clone(),
        task: "Thẩm định hồ sơ".to_owned(),
        limit: five_days(),
        department: None,
        documents: Vec::new(),
        reason: None,
    })
}

pub(crate) fn accepted(turn: u32, due_at: Option<Moment>) -> Fact {
    Fact::StepAccepted(step::Accepted {
        step: step_key(),
        turn,
        due_at,
    })
}

pub(crate) fn completed(turn: u32) -> Fact {
    let outcome = step::StepOutcome::Approved;
    Fact::StepCompleted(step::Completed {
        step: step_key(),
        turn,
        outcome,
        documents: Vec::new(),
    })
}

pub(crate) fn supplement_asked() -> Fact {
    Fact::SupplementAsked(supplement::Asked {
        late: false,
        items: vec!["Bản sao".to_owned()],
        reason: "Thiếu".to_owned(),
        step: None,
        effect: WaitEffect::Restart,
    })
}

pub(crate) fn supplement_given(when: Moment) -> Fact {
    let limit = five_days();
    Fact::SupplementGiven(supplement::Given {
        papers: Vec::new(),
        recounted: Recounted {
            effect: WaitEffect::Restart,
            limit,
            due_at: due(Calendar::published(), when, limit).unwrap().due_at,
            calendar: Calendar::published().version().to_owned(),
        },
    })
}

pub(crate) fn apologised(old_due_at: Moment, new_due_at: Moment) -> Fact {
    Fact::Apologised(Apologised {
        reason: "Quá tải".to_owned(),
        old_due_at,
        new_due_at,
        late: false,
    })
}

pub(crate) fn ready() -> Fact {
    Fact::ResultReady(ResultReady {})
}

pub(crate) fn returned() -> Fact {
    Fact::ResultReturned(ResultReturned {
        channel: ReturnChannel::Counter,
        officer: officer(),
    })
}

pub(crate) fn refused() -> Fact {
    Fact::Refused(Refused {
        reason: "Không đủ điều kiện".to_owned(),
        late: false,
    })
}

pub(crate) fn withdrawn() -> Fact {
    Fact::Withdrawn(Withdrawn {
        reason: String::new(),
    })
}

pub(crate) fn stopped() -> Fact {
    Fact::Stopped(Stopped {
        reason: "Công dân rút".to_owned(),
    })
}

/// The course that a dossier takes; every number chooses something.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Course {
    pub(crate) home: u8,
    pub(crate) day: u8,
    pub(crate) field: u8,
    pub(crate) channel: u8,
    pub(crate) limit: u8,
    pub(crate) path: u8,
    pub(crate) days: u8,
    pub(crate) noise: u8,
}

/// Units of the sample: two desks and an agency.
pub(crate) fn pens() -> Vec<Pen> {
    vec![
        Pen::new("H33-27", 1),
        Pen::new("H33-27-04", 2),
        Pen::new("G12-27", 3),
    ]
}

/// Everything that is said in these courses, in an order in which it could have happened.
pub(crate) fn told(courses: &[Course]) -> (Vec<Pen>, Vec<Signed>) {
    let mut pens = pens();
    let mut events = Vec::new();
    for (number, course) in courses.iter().enumerate() {
        let serial = u32::try_from(number + 1).unwrap();
        tell(&mut pens, &mut events, serial, course);
    }
    (pens, events)
}

pub(crate) fn code_of(home: &UnitId, when: Moment, serial: u32) -> DossierCode {
    DossierCode::issue(home, when.date_naive(), serial).unwrap()
}

fn tell(pens: &mut [Pen], events: &mut Vec<Signed>, serial: u32, course: &Course) {
    let (h, a) = (usize::from(course.home % 2), 2);
    let start = at("2018-01-03T09:00") + chrono::Days::new(u64::from(course.day % 60));
    let later = |days: u64| start + chrono::Days::new(days);
    let field = ["Đất đai", "Hộ tịch", "Chứng thực"][usize::from(course.field % 3)];
    let channel =
        [Channel::Direct, Channel::Online, Channel::Post][usize::from(course.channel % 3)];
    let limit = [five_days(), Limit::SAME_DAY, Limit::NONE_STATED][usize::from(course.limit % 3)];
    let (home, agency) = (pens[h].unit.clone(), pens[a].unit.clone());
    let code = code_of(&home, start, serial);
    let code = code.as_str();
    let end = later(u64::from(course.days % 14) + 1);
    let mut say = |who: usize, when: Moment, fact: &Fact| {
        let parents = [pens[h].last()];
        let signed = pens[who].write(code, when, &parents, fact);
        events.push(signed);
    };
    if course.path == 0 {
        say(h, start, &declined(field, channel));
        return;
    }
    if course.channel % 3 == 1 {
        say(h, start, &registered());
    }
    if course.path == 1 {
        return;
    }
    say(h, start, &received(start, &agency, field, channel, limit));
    say(h, start, &dispatched(&agency, 1));
    say(a, later(1), &accepted(1, None));
    match course.path % 8 {
        2 => say(h, end, &refused()),
        3 => {
            say(h, end, &withdrawn());
            say(h, end, &stopped());
        }
        4 => {
            say(h, later(1), &supplement_asked());
            if course.noise.is_multiple_of(2) {
                say(h, end, &supplement_given(end));
                say(a, end, &completed(1));
                say(h, end + chrono::Days::new(1), &ready());
            }
        }
        5 => {
            let due_at = due(Calendar::published(), start, limit).unwrap().due_at;
            if let Some(old) = due_at {
                say(h, later(1), &apologised(old, old + chrono::Days::new(7)));
            }
            say(a, end, &completed(1));
            say(h, end, &ready());
        }
        6 => {}
        _ => {
            say(a, end, &completed(1));
            say(h, end, &ready());
            say(h, end, &returned());
        }
    }
    if course.noise.is_multiple_of(5) {
        // The agency has no right to say this, and the other desk none at all.
        say(a, end, &ready());
        say(1 - h, end, &withdrawn());
    }
    if course.noise.is_multiple_of(7) {
        let data = RawValue::from_string(r#"{"new":true}"#.to_owned()).unwrap();
        let parents = [pens[h].last()];
        events.push(pens[h].raw(code, end, &parents, "vn.motcua.dossier.weighed.v1", &data));
        events.push(pens[a].raw(code, end, &parents, "vn.motcua.step.accepted.v1", &data));
        events.push(pens[h].raw(
            "H33-27-05",
            end,
            &[],
            "vn.motcua.oversight.reminded.v1",
            &data,
        ));
    }
}
