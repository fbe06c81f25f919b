//! Any history at all, told in any portions over a way that fails in any manner.

use std::collections::BTreeSet;

use chrono::Duration;
use envelope::Signed;
use history::Statement;
use portal::call::{Call, Reply, Service, Verdict};
use portal::line::{Line, REFUSALS_MAX};
use portal::story::{Manner, story};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::course::Course;
use crate::pen::{HOME, Pen, STRANGER, TAX, at, code, data, manner, statement};
use crate::receiver::Receiver;

const KINDS: [&str; 24] = [
    "dossier.registered",
    "dossier.received",
    "dossier.declined",
    "step.dispatched",
    "step.accepted",
    "step.declined",
    "step.allotted",
    "step.assigned",
    "step.completed",
    "obligation.assessed",
    "supplement.needed",
    "supplement.asked",
    "supplement.given",
    "payment.asked",
    "payment.confirmed",
    "dossier.apologised",
    "dossier.refused",
    "dossier.withdrawn",
    "dossier.stopped",
    "result.readied",
    "result.returned",
    "code.aliased",
    "dossier.weighed",
    "step.returned",
];

/// What is said next: by whom, what, in which turn, how much later, with how long a text, knowing
/// how many of the latest events.
type Saying = (u8, usize, u32, i64, usize, usize);

fn saying() -> impl Strategy<Value = Saying> {
    let text = prop_oneof![4 => 1..40_usize, 1 => 300..900_usize];
    (
        0..5_u8,
        0..KINDS.len(),
        1..3_u32,
        0..3_i64,
        text,
        0..3_usize,
    )
}

/// A history that begins at the desk; after that anyone says anything, by right or not.
fn history(sayings: &[Saying]) -> Vec<Signed> {
    let mut pens = [Pen::new(HOME, 1), Pen::new(TAX, 2), Pen::new(STRANGER, 3)];
    let (code, mut when) = (code(1), at("2018-01-02T08:00"));
    let mut said: Vec<Signed> = Vec::new();
    let first = [(0, 1, 1, 0, 10, 0)];
    for (who, kind, turn, later, length, knows) in first.iter().chain(sayings) {
        when += Duration::hours(*later * 7);
        // The home says most, a stranger little.
        let pen = &mut pens[[0, 0, 0, 1, 2][usize::from(*who)]];
        let parents: Vec<Uuid> = said
            .iter()
            .rev()
            .take(*knows)
            .map(|signed| statement(signed).id)
            .collect();
        let data = data(KINDS[*kind], when, *turn, &"ữ ".repeat(*length));
        said.push(pen.write(&code, when, &parents, KINDS[*kind], &data));
    }
    said
}

/// What the way does to a message.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// It arrives, and so does the answer.
    Good,
    /// It does not arrive.
    Lost,
    /// It arrives, and the answer is lost; or the adapter dies before it has written it down.
    AnswerLost,
    /// The portal is busy and says so with a code of its own.
    Busy,
}

fn way() -> impl Strategy<Value = Way> {
    prop_oneof![
        4 => Just(Way::Good),
        1 => Just(Way::Lost),
        2 => Just(Way::AnswerLost),
        1 => Just(Way::Busy),
    ]
}

/// One turn of the adapter, as the outbox takes it; false when nothing is left to tell.
fn turn(
    kept: &mut String,
    known: &[Statement],
    manner: &Manner,
    receiver: &mut Receiver,
    way: Way,
) -> bool {
    // Whatever it knows, it reads from its disk.
    let mut line: Line = serde_json::from_str(kept).unwrap();
    if line.under_way.is_none() {
        let story = story(&code(1), known, &line.told, manner).unwrap();
        let before = line.told.len();
        let more = line.load(&story);
        *kept = serde_json::to_string(&line).unwrap();
        if !more {
            return line.told.len() > before;
        }
    }
    let parcel = line.under_way.clone().unwrap();
    let call = Call::new(
        "s",
        &manner.partner,
        parcel.service,
        parcel.updating,
        &parcel.data,
    );
    let call = serde_json::to_value(call).unwrap();
    let answer = match way {
        Way::Good => receiver.take(&call, &manner.partner),
        Way::Lost => return true,
        Way::AnswerLost => {
            receiver.take(&call, &manner.partner);
            return true;
        }
        Way::Busy => json!({ "error_code": "-1", "message": "Hệ thống bận" }),
    };
    let reply = Reply::read(answer.to_string().as_bytes()).unwrap();
    // Busy for so long that something is set aside is another story.
    if !matches!(way, Way::Busy) || parcel.refusals + 1 < REFUSALS_MAX {
        line.answered(&reply.verdict(&manner.partner));
    }
    *kept = serde_json::to_string(&line).unwrap();
    true
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_message_of_every_history_keeps_the_rules_and_arrives_once_in_order(
        sayings in prop::collection::vec(saying(), 0..24),
        arrival in prop::collection::vec(any::<u16>(), 25),
        ways in prop::collection::vec(way(), 0..60),
    ) {
        let manner = manner();
        let said = history(&sayings);
        let all: Vec<Statement> = said.iter().map(statement).collect();
        // Each origin's events arrive in its order, and between origins in any.
        let mut queues: Vec<Vec<&Statement>> = [HOME, TAX, STRANGER]
            .map(|unit| all.iter().rev().filter(|s| s.unit.as_str() == unit).collect())
            .to_vec();
        let mut known = vec![queues[0].pop().unwrap().clone()];
        let mut receiver = Receiver::default();
        let mut kept = serde_json::to_string(&Line::default()).unwrap();
        let mut ways = ways.into_iter();
        for number in arrival {
            let queue = &mut queues[usize::from(number) % 3];
            known.extend(queue.pop().cloned());
            for way in ways.by_ref().take(usize::from(number) % 4) {
                turn(&mut kept, &known, &manner, &mut receiver, way);
            }
        }
        known.extend(queues.iter_mut().flat_map(|queue| queue.drain(..).rev().cloned()));
        for way in ways {
            turn(&mut kept, &known, &manner, &mut receiver, way);
        }
        while turn(&mut kept, &known, &manner, &mut receiver, Way::Good) {}

        prop_assert_eq!(&receiver.broken, &Vec::<String>::new());
        let line: Line = serde_json::from_str(&kept).unwrap();
        prop_assert!(line.aside.is_empty(), "{:?}", line.aside);
        let there = &receiver.dossiers[code(1).as_str()];
        let end = story(&code(1), &known, &line.told, &manner).unwrap();
        prop_assert_eq!(&there.record, &end.record);
        prop_assert_eq!((end.rows.len(), end.held), (0, 0));

        // Every event was told once, and after everything that its writer knew.
        let told: BTreeSet<Uuid> = line.told.iter().copied().collect();
        prop_assert_eq!(told.len(), line.told.len());
        prop_assert_eq!(told, all.iter().map(|s| s.id).collect::<BTreeSet<_>>());
        for (place, id) in line.told.iter().enumerate() {
            let statement = all.iter().find(|s| s.id == *id).unwrap();
            for parent in &statement.parents {
                prop_assert!(line.told[..place].contains(parent));
            }
        }
        // The rows are there in that order: the same as when they are told at once, anew.
        let mut wanted: Vec<Value> = Vec::new();
        for from in 0..line.told.len() {
            let upto: Vec<Statement> = line.told[..=from]
                .iter()
                .map(|id| all.iter().find(|s| s.id == *id).unwrap().clone())
                .collect();
            // What a stranger says before the desk is no row.
            if let Ok(story) = story(&code(1), &upto, &line.told[..from], &manner) {
                prop_assert_eq!(story.rows.len(), 1);
                wanted.extend(story.rows[0].1.clone());
            }
        }
        prop_assert_eq!(&there.rows, &wanted);
    }
}

fn received() -> (Course, Manner) {
    (Course::new().home(2, "dossier.received"), manner())
}

fn refused(line: &mut Line, times: u32) {
    for _ in 0..times {
        line.answered(&Verdict::Refused("error_code 12: sai".to_owned()));
    }
}

#[test]
fn a_dossier_that_is_there_already_is_sent_again_as_an_update() {
    let (course, manner) = received();
    let mut line = Line::default();
    assert!(line.load(&course.told(&manner)));
    let first = line.under_way.clone().unwrap();
    assert!(!first.updating);
    line.answered(&Verdict::Exists);
    let second = line.under_way.clone().unwrap();
    assert!(second.updating);
    assert_eq!(first.data, second.data);
    line.answered(&Verdict::Done);
    assert!(line.created);
}

#[test]
fn nothing_but_done_counts_as_delivered() {
    let (course, manner) = received();
    let mut line = Line::default();
    line.load(&course.told(&manner));
    refused(&mut line, REFUSALS_MAX);
    assert!(!line.created && line.told.is_empty() && line.record.is_none());
    assert_eq!(line.aside.len(), 1);
    // Unchanged it is not sent again, and its rows wait for it.
    assert!(!line.load(&course.told(&manner)));
    // Changed it is.
    let course = course.home(3, "supplement.asked");
    assert!(line.load(&course.told(&manner)));
    line.answered(&Verdict::Done);
    assert!(line.created && line.aside.is_empty());
}

#[test]
fn one_row_that_is_refused_does_not_take_the_others_along() {
    let manner = manner();
    let course = ["payment.asked", "payment.confirmed", "result.readied"]
        .iter()
        .fold(received().0, |course, kind| course.home(3, kind));
    let told = course.told(&manner);
    let mut line = Line::default();
    line.load(&told);
    line.answered(&Verdict::Done);
    line.load(&told);
    assert_eq!(line.under_way.as_ref().unwrap().data.len(), 4);
    refused(&mut line, REFUSALS_MAX);
    let mut delivered = Vec::new();
    loop {
        let told = story(&course.code, &course.statements, &line.told, &manner).unwrap();
        if !line.load(&told) {
            break;
        }
        let parcel = line.under_way.clone().unwrap();
        assert_eq!((parcel.service, parcel.data.len()), (Service::Progress, 1));
        if parcel.data[0]["TrangThai"] == "6" {
            refused(&mut line, REFUSALS_MAX);
        } else {
            delivered.push(parcel.data[0]["TrangThai"].clone());
            line.answered(&Verdict::Done);
        }
    }
    assert_eq!(delivered, ["2", "2", "9"]);
    assert_eq!(line.aside.len(), 1);
    assert_eq!(line.told.len(), 4);
    // Once the portal's fault is mended, what was set aside is told after all.
    line.again();
    let told = story(&course.code, &course.statements, &line.told, &manner).unwrap();
    assert!(line.load(&told));
    let late = &line.under_way.unwrap().data[0];
    let what = late["NoiDungXuLy"].as_str().unwrap();
    assert!(
        what.starts_with("Yêu cầu thực hiện nghĩa vụ tài chính"),
        "{what}"
    );
    // The dossier is not turned back by it.
    assert_eq!(late["TrangThai"], "9");
}
