//! What the projector could not accept, judged again once keys are right.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use dossier::ids::OfficerId;
use dossier::intervention::RetryOutcome;
use envelope::{KeyRegister, Signed};
use exchange::status::InboxStatus;
use projector::answer::{Body, Health};
use projector::quarantine::{Quarantine, QuarantineQuery, Retry};
use projector::store::Arrival;
use projector::{Projector, Query, QueryError, Store};
use tokio::sync::watch;

use crate::sample::{register, told};
use crate::{arrival, directory, many};

fn open(dir: &Path, keys: KeyRegister) -> Projector {
    let store = Store::open(dir).unwrap();
    let projector = Projector::open(store, directory(), Duration::from_secs(30)).unwrap();
    let (_, feed) = watch::channel(InboxStatus::default());
    projector.joins(Arc::new(keys), feed);
    projector
}

fn unfit(signed: &Signed) -> Arrival {
    Arrival::Unfit {
        bytes: signed.bytes.clone(),
        unit: "H33-27".to_owned(),
        signature: Some((signed.signature, signed.key.clone())),
        reason: "no such key".to_owned(),
        at: "2018-01-03T09:00:00+07:00".to_owned(),
    }
}

async fn ask(projector: &Projector, asked: QuarantineQuery) -> Result<Quarantine, QueryError> {
    let answer = projector.ask(Query::Quarantine(asked).into()).await?;
    match answer.body {
        Body::Quarantine(listed) => Ok(listed),
        other => panic!("{other:?}"),
    }
}

async fn retry(projector: &Projector, number: u64) -> Result<Quarantine, QueryError> {
    let retry = Retry {
        officer: OfficerId::parse("qt-01").unwrap(),
        reason: "the key is registered now".to_owned(),
    };
    let asked = QuarantineQuery {
        number: Some(number),
        before: None,
        retry: Some(retry),
    };
    ask(projector, asked).await
}

async fn health(projector: &Projector) -> Health {
    match projector.ask(Query::Health.into()).await.unwrap().body {
        Body::Health(health) => health,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn once_the_key_is_registered_the_figures_are_as_if_nothing_had_lain_there() {
    let (pens, events) = told(&many());
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let poisoned = |place: usize| place % 40 == 3;
    let projector = open(dir.path(), KeyRegister::new());
    let arrivals = events.iter().enumerate().map(|(place, signed)| {
        if poisoned(place) {
            unfit(signed)
        } else {
            arrival(signed)
        }
    });
    projector.take(arrivals.collect()).await.unwrap();
    let count = (0..events.len()).filter(|place| poisoned(*place)).count() as u64;
    let told = health(&projector).await;
    assert_eq!((told.quarantined, told.quarantine_open), (count, count));
    let refused = retry(&projector, 0).await.unwrap_err();
    assert_eq!(
        (refused.status, refused.code.as_str()),
        (422, "quarantine.still_unfit")
    );
    drop(projector);

    let projector = open(dir.path(), register(&pens));
    // What arrived another way is only noted; the last goes first, since order does not matter.
    let first = &events[3];
    projector.take(vec![arrival(first)]).await.unwrap();
    for number in (0..count).rev() {
        let shown = retry(&projector, number)
            .await
            .unwrap()
            .items
            .pop()
            .unwrap();
        let disposition = shown.disposition.unwrap();
        let expected = match number {
            0 => RetryOutcome::ArrivedMeanwhile,
            _ => RetryOutcome::TakenIn,
        };
        assert_eq!((shown.number, disposition.outcome), (number, expected));
        assert_eq!(disposition.officer.as_str(), "qt-01");
    }
    let told = health(&projector).await;
    assert_eq!((told.quarantined, told.quarantine_open), (count, 0));
    let untroubled = open(other.path(), KeyRegister::new());
    untroubled
        .take(events.iter().map(arrival).collect())
        .await
        .unwrap();
    let digest = untroubled.state().digest().unwrap();
    assert_eq!(projector.state().digest().unwrap(), digest);
    assert!(projector.rebuild(None, true).unwrap().equal);
    drop(projector);
    let projector = open(dir.path(), register(&pens));
    assert_eq!(projector.state().digest().unwrap(), digest);
    let refused = retry(&projector, 1).await.unwrap_err();
    assert_eq!(
        (refused.status, refused.code.as_str()),
        (409, "quarantine.disposed")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_let_in_is_refused_with_the_reason_and_stays() {
    let (pens, events) = told(&many());
    let dir = tempfile::tempdir().unwrap();
    let projector = open(dir.path(), register(&pens));
    let unsigned = Arrival::Unfit {
        bytes: events[0].bytes.clone(),
        unit: "H33-27".to_owned(),
        signature: None,
        reason: "no signature".to_owned(),
        at: "2018-01-03T09:00:00+07:00".to_owned(),
    };
    let forged = Signed {
        signature: events[1].signature,
        ..events[0].clone()
    };
    projector
        .take(vec![unsigned, unfit(&forged)])
        .await
        .unwrap();
    for (number, code) in [
        (0, "quarantine.not_signed"),
        (1, "quarantine.still_unfit"),
        (2, "quarantine.unknown"),
    ] {
        assert_eq!(retry(&projector, number).await.unwrap_err().code, code);
    }
    let listed = ask(&projector, QuarantineQuery::default()).await.unwrap();
    assert_eq!((listed.total, listed.open, listed.more), (2, 2, false));
    let numbers: Vec<u64> = listed.items.iter().map(|item| item.number).collect();
    assert_eq!(numbers, [1, 0]);
    assert!(listed.items.iter().all(|item| item.bytes.is_none()));
    assert_eq!(projector.store().entries(), 0);
    for parameters in [
        r#"{"retry":{"officer":"qt-01","reason":"x"}}"#,
        r#"{"number":0,"retry":{"reason":"x"}}"#,
    ] {
        let refused = projector::Question::read("quarantine", parameters.as_bytes());
        assert_eq!(refused.unwrap_err().status, 400, "{parameters}");
    }
}
