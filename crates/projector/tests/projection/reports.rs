//! What is asked about one dossier and about a period, out of a real journal.

use std::path::Path;
use std::time::Duration;

use calendar::Moment;
use data_encoding::BASE64;
use dossier::fact::Fact;
use dossier::ids::OfficerId;
use dossier::intake::{Alias, Aliased, Channel};
use dossier::notice::{PeriodClosed, PeriodRestated};
use envelope::Signed;
use projector::answer::{Answer, Body, Report};
use projector::query::QueryError;
use projector::{Projector, Question, Store};
use report::ii06a::{Column, Statement};
use serde_json::{Value, json};

use crate::sample::{Pen, at, code_of, five_days, pens, ready, received, unit};
use crate::{arrival, directory};

fn open(dir: &Path) -> Projector {
    let store = Store::open(dir).unwrap();
    Projector::open(store, directory(), Duration::from_secs(30)).unwrap()
}

async fn hears(projector: &Projector, events: &[Signed]) {
    let arrivals = events.iter().map(arrival).collect();
    projector.take(arrivals).await.unwrap();
}

async fn ask(projector: &Projector, query: &str, question: Value) -> Result<Answer, QueryError> {
    let question = Question::read(query, question.to_string().as_bytes())?;
    projector.ask(question).await
}

async fn report(projector: &Projector, question: Value) -> Report {
    match ask(projector, "report", question).await.unwrap().body {
        Body::Report(report) => report,
        other => panic!("{other:?}"),
    }
}

/// A dossier of the district, received on a day of January 2018.
fn reception(desk: &mut Pen, when: &str, serial: u32) -> (String, Signed) {
    let code = code_of(&desk.unit, at(when), serial);
    let performer = unit("G12-27");
    let limit = five_days();
    let fact = received(at(when), &performer, "Đất đai", Channel::Direct, limit);
    let event = desk.write(code.as_str(), at(when), &[], &fact);
    (code.to_string(), event)
}

fn january(column: Option<Column>) -> Value {
    json!({
        "form": "ii06a", "from": "2018-01-01", "until": "2018-01-31", "unit": "H33-27",
        "column": column,
    })
}

fn closed(desk: &mut Pen, when: Moment, stated: &Statement) -> Signed {
    let fact = PeriodClosed {
        form: "ii06a".to_owned(),
        from: at("2018-01-01T00:00"),
        to: at("2018-02-01T00:00"),
        rules: "ii06a".to_owned(),
        known_by: when,
        rows: serde_json::to_value(stated).unwrap(),
        officer: OfficerId::parse("head-1").unwrap(),
    };
    let subject = desk.unit.to_string();
    desk.write(&subject, when, &[], &Fact::PeriodClosed(Box::new(fact)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dossier_is_found_by_a_code_that_another_system_gave_it() {
    let dir = tempfile::tempdir().unwrap();
    let projector = open(dir.path());
    let mut desk = pens().remove(0);
    let alias = |code: &str| {
        Fact::Aliased(Aliased {
            alias: Alias {
                scheme: "dvcqg".to_owned(),
                code: code.to_owned(),
            },
        })
    };
    let (first, one) = reception(&mut desk, "2018-01-03T09:00", 1);
    let (second, two) = reception(&mut desk, "2018-01-03T10:00", 2);
    let noted = [
        desk.write(&first, at("2018-01-03T11:00"), &[], &alias("G01.1-7")),
        desk.write(&first, at("2018-01-03T11:01"), &[], &alias("chung")),
        desk.write(&second, at("2018-01-03T11:02"), &[], &alias("chung")),
    ];
    hears(&projector, &[one, two]).await;
    hears(&projector, &noted).await;
    let answer = ask(&projector, "dossier", json!({ "code": "G01.1-7" })).await;
    let Body::Dossier(view) = answer.unwrap().body else {
        panic!("no dossier");
    };
    assert_eq!(view.code.as_str(), first);
    let status = async |code: &str| {
        let refused = ask(&projector, "dossier", json!({ "code": code })).await;
        refused.unwrap_err().status
    };
    assert_eq!(status("chung").await, 409, "two dossiers go by it");
    assert_eq!(status("G01.1-8").await, 404);
    assert_eq!(status("").await, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_given_as_they_were_signed() {
    let dir = tempfile::tempdir().unwrap();
    let projector = open(dir.path());
    let mut desk = pens().remove(0);
    let (code, event) = reception(&mut desk, "2018-01-03T09:00", 1);
    hears(&projector, std::slice::from_ref(&event)).await;
    let answer = ask(&projector, "events", json!({ "code": code }))
        .await
        .unwrap();
    let Body::Events(told) = answer.body else {
        panic!("no events");
    };
    let [given] = told.events.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!(BASE64.decode(given.bytes.as_bytes()).unwrap(), event.bytes);
    assert_eq!(
        BASE64.decode(given.signature.as_bytes()).unwrap(),
        event.signature
    );
    assert_eq!(
        (given.key.as_str(), told.next),
        (event.key.to_string().as_str(), None)
    );
    let none = ask(&projector, "events", json!({ "code": code, "skip": 1 }))
        .await
        .unwrap();
    assert!(matches!(none.body, Body::Events(told) if told.events.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_is_explained_from_the_reception_on_and_not_before() {
    let dir = tempfile::tempdir().unwrap();
    let projector = open(dir.path());
    let mut desk = pens().remove(0);
    let (code, event) = reception(&mut desk, "2018-01-03T09:00", 1);
    hears(&projector, &[event]).await;
    for query in ["why", "slip"] {
        let asked =
            |moment: &str| ask(&projector, query, json!({ "code": code, "at": at(moment) }));
        let answer = asked("2018-01-03T09:00").await.unwrap();
        let (Body::Why(told) | Body::Slip(told)) = answer.body else {
            panic!("{query} answered something else");
        };
        assert!(!told.sheets[0].rows.is_empty(), "{query}");
        assert_eq!(
            asked("2018-01-03T08:59").await.unwrap_err().status,
            404,
            "{query}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_month_does_not_drift_and_names_what_changed_since() {
    let dir = tempfile::tempdir().unwrap();
    let projector = open(dir.path());
    let mut desk = pens().remove(0);
    let (late, one) = reception(&mut desk, "2018-01-03T09:00", 1);
    let (open_still, two) = reception(&mut desk, "2018-01-29T09:00", 2);
    let done = desk.write(&late, at("2018-01-11T09:00"), &[], &ready());
    hears(&projector, &[one, two, done]).await;

    let before = report(&projector, january(None)).await;
    assert_eq!(before.broken, Vec::<String>::new());
    let behind = report(&projector, january(Some(Column::Late))).await;
    assert_eq!(behind.sheets[0].rows[0][1].written(), late);
    let stated = before.statement.unwrap();
    let closing = closed(&mut desk, at("2018-02-01T08:00"), &stated);
    hears(&projector, &[closing]).await;

    // It was ready in January and written down in February.
    let kept_back = desk.write(&open_still, at("2018-01-31T16:00"), &[], &ready());
    hears(&projector, &[kept_back]).await;
    let after = report(&projector, january(None)).await;
    assert_eq!(after.closed[0].stated, stated, "what was said stays said");
    let changed: Vec<(Column, &str)> = after
        .changes
        .iter()
        .flat_map(|change| {
            change
                .gone
                .iter()
                .map(|code| (change.column, code.as_str()))
        })
        .collect();
    let gone = [Column::Open, Column::InTime].map(|column| (column, open_still.as_str()));
    assert_eq!(changed, gone);

    let fact = PeriodRestated {
        closed: after.closed[0].event,
        reason: "Kết quả ghi nhận muộn".to_owned(),
        known_by: at("2018-02-02T08:00"),
        rows: serde_json::to_value(after.statement.unwrap()).unwrap(),
        officer: OfficerId::parse("head-1").unwrap(),
    };
    let subject = desk.unit.to_string();
    let fact = Fact::PeriodRestated(Box::new(fact));
    let restated = desk.write(&subject, at("2018-02-02T08:00"), &[], &fact);
    hears(&projector, &[restated]).await;
    let told = report(&projector, january(None)).await;
    assert_eq!((told.changes.len(), told.closed[0].restated.len()), (0, 1));

    // What had been recorded before the closing is another question about today, not about then.
    let mut early = january(None);
    early["known_by"] = json!(at("2018-01-15T00:00"));
    let early = report(&projector, early).await;
    assert_eq!(early.closed[0].stated, stated);
    assert!(!early.changes.is_empty());

    // Another question is not closed by it.
    let mut other = january(None);
    other["rules"] = json!("original");
    assert!(report(&projector, other).await.closed.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_its_own_events_do_not_bear_out_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let projector = open(dir.path());
    let mut desk = pens().remove(0);
    let (_, one) = reception(&mut desk, "2018-01-03T09:00", 1);
    hears(&projector, &[one]).await;
    let mut stated = report(&projector, january(None)).await.statement.unwrap();
    for row in &mut stated.rows {
        row.columns.insert(Column::Early, 1_000);
    }
    let closing = closed(&mut desk, at("2018-02-01T08:00"), &stated);
    hears(&projector, &[closing]).await;
    let refused = ask(&projector, "report", january(None)).await.unwrap_err();
    assert_eq!(
        (refused.status, refused.code.as_str()),
        (409, "report.statement_differs")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_period_that_is_none_is_refused_with_what_is() {
    let dir = tempfile::tempdir().unwrap();
    let projector = open(dir.path());
    for (from, until) in [("2018-02-01", "2018-01-31"), ("2018-01-01", "0000-00-00")] {
        let question = json!({ "form": "register", "from": from, "until": until });
        assert_eq!(
            ask(&projector, "report", question)
                .await
                .unwrap_err()
                .status,
            400
        );
    }
}
