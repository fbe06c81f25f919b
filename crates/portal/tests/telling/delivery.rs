//! The adapter as a process, over a way that fails, to a portal that fails.

use std::collections::BTreeMap;
use std::fs;

use dossier::ids::DossierCode;
use envelope::Signed;
use history::Statement;
use portal::story::story;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::pen::{HOME, Pen, TAX, at, code, data, manner, statement};
use crate::site::{Site, eventually};
use crate::stand_in::{Manners, StandIn};

/// Courses that dossiers take, as they could have happened.
const COURSES: [&[&str]; 5] = [
    &[
        "dossier.received",
        "step.dispatched",
        "step.accepted",
        "step.allotted",
        "step.assigned",
        "obligation.assessed",
        "payment.asked",
        "step.completed",
        "payment.confirmed",
        "code.aliased",
        "result.readied",
        "result.returned",
    ],
    &[
        "dossier.registered",
        "dossier.received",
        "step.dispatched",
        "step.accepted",
        "supplement.needed",
        "supplement.asked",
        "supplement.given",
        "dossier.apologised",
        "supplement.asked",
    ],
    &["dossier.registered", "dossier.declined"],
    &["dossier.received", "dossier.withdrawn", "dossier.stopped"],
    &["dossier.received", "step.dispatched", "payment.asked"],
];

/// The first `count` dossiers, a course each: what is said, in an order in which it could be.
fn courses(pens: &mut [Pen; 2], count: u32) -> BTreeMap<DossierCode, Vec<Signed>> {
    let mut dossiers = BTreeMap::new();
    for serial in 1..=count {
        let (code, mut when) = (code(serial), at("2018-01-02T08:00"));
        let mut said: Vec<Signed> = Vec::new();
        for kind in COURSES[serial as usize % COURSES.len()] {
            let by_tax = kind.starts_with("step.") && *kind != "step.dispatched"
                || ["obligation.assessed", "supplement.needed"].contains(kind);
            let parents: Vec<Uuid> = said.last().map(|s| statement(s).id).into_iter().collect();
            let data = data(kind, when, 1, "Thiếu bản chính");
            let pen = &mut pens[usize::from(by_tax)];
            said.push(pen.write(&code, when, &parents, kind, &data));
            when += chrono::Duration::minutes(7);
        }
        dossiers.insert(code, said);
    }
    dossiers
}

/// Each unit's events in its own order, the dossiers mixed.
fn mixed(pens: &[Pen; 2], dossiers: &BTreeMap<DossierCode, Vec<Signed>>) -> Vec<Signed> {
    let all = dossiers.values().flatten();
    let mut events: Vec<_> = all.map(|signed| (statement(signed), signed)).collect();
    events.sort_by_key(|(s, _)| (s.unit != pens[0].unit, s.sequence));
    events
        .into_iter()
        .map(|(_, signed)| signed.clone())
        .collect()
}

/// What the portal has to have of a dossier: its message, and every row in order.
fn wanted(code: &DossierCode, said: &[Signed]) -> (Value, Vec<Value>) {
    let manner = manner();
    let statements: Vec<Statement> = said.iter().map(statement).collect();
    let ids: Vec<Uuid> = statements.iter().map(|s| s.id).collect();
    let mut rows = Vec::new();
    for upto in 0..ids.len() {
        let story = story(code, &statements[..=upto], &ids[..upto], &manner).unwrap();
        rows.extend(story.rows.into_iter().filter_map(|(_, row)| row));
    }
    (
        story(code, &statements, &ids, &manner).unwrap().record,
        rows,
    )
}

fn pens() -> [Pen; 2] {
    [Pen::new(HOME, 1), Pen::new(TAX, 2)]
}

fn everything_is_there(stand_in: &StandIn, dossiers: &BTreeMap<DossierCode, Vec<Signed>>) {
    stand_in.told(|told| {
        assert_eq!(told.broken, Vec::<String>::new());
        assert_eq!(told.dossiers.len(), dossiers.len());
        for (code, said) in dossiers {
            let there = &told.dossiers[code.as_str()];
            let (record, rows) = wanted(code, said);
            assert_eq!(there.record, record, "{code}");
            assert_eq!(there.rows, rows, "{code}");
        }
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_arrives_once_and_in_order_through_failures_and_kills() {
    let seed = 20_180_102;
    let mut pens = pens();
    let dossiers = courses(&mut pens, 15);
    let events = mixed(&pens, &dossiers);
    let manners = Manners {
        failing: 35,
        session: Some("phien-1".to_owned()),
        ..Manners::default()
    };
    let stand_in = StandIn::new(seed, manners, manner().partner);
    let (address, _server) = stand_in.listen("127.0.0.1:0").await;
    let mut site = Site::new(&pens, &format!("http://{address}/")).await;
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let portions: Vec<&[Signed]> = events.chunks(events.len().div_ceil(5)).collect();
    for portion in portions {
        site.append(portion).await;
        site.start(&[]);
        // In the middle of the work: after some calls more, whatever it is doing then.
        let until = stand_in.calls() + chance.gen_range(3..12);
        eventually("calls", async || (stand_in.calls() >= until).then_some(())).await;
        site.kill();
    }
    site.start(&[]);
    let health = site
        .healthy("everything to be told", |health| health["due"] == 0)
        .await;
    assert_eq!(
        (&health["aside"], &health["quarantined"]),
        (&json!(0), &json!(0))
    );
    everything_is_there(&stand_in, &dossiers);
    // Nobody who waits for the citizen was told as finished on the way.
    stand_in.told(|told| {
        for (code, statuses) in &told.statuses {
            let said = &dossiers[&DossierCode::parse(code).unwrap()];
            let finished = said.iter().any(|s| statement(s).kind.contains("result."));
            assert!(finished || !statuses.contains(&"9".to_owned()), "{code}");
        }
    });
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dossiers_that_break_the_portal_delay_no_other() {
    let mut pens = pens();
    let dossiers = courses(&mut pens, 12);
    // More than it takes for the portal to be thought away.
    let (broken, good): (BTreeMap<_, _>, BTreeMap<_, _>) = dossiers
        .clone()
        .into_iter()
        .partition(|(dossier, _)| (1..=5).any(|serial| *dossier == code(serial)));
    let manners = Manners {
        breaks_on: broken.keys().map(ToString::to_string).collect(),
        ..Manners::default()
    };
    let stand_in = StandIn::new(1, manners, manner().partner);
    let (address, _server) = stand_in.listen("127.0.0.1:0").await;
    let mut site = Site::new(&pens, &format!("http://{address}/")).await;
    site.append(&mixed(&pens, &dossiers)).await;
    site.start(&[]);
    let health = site
        .healthy("the others", |health| health["due"] == 5)
        .await;
    let reason = health["resting"][code(1).as_str()].as_str().unwrap();
    assert!(reason.contains("500"), "{health}");
    assert!(health["oldest_due_seconds"].is_number(), "{health}");
    everything_is_there(&stand_in, &good);
    stand_in.manners(Manners::default());
    site.healthy("the last", |health| health["due"] == 0).await;
    everything_is_there(&stand_in, &dossiers);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_listed_and_sent_again_when_an_operator_says_so() {
    let mut pens = pens();
    let dossiers = courses(&mut pens, 4);
    let manners = Manners {
        refuses: Some("Công dân xin rút hồ sơ".to_owned()),
        ..Manners::default()
    };
    let stand_in = StandIn::new(1, manners, manner().partner);
    let (address, _server) = stand_in.listen("127.0.0.1:0").await;
    let mut site = Site::new(&pens, &format!("http://{address}/")).await;
    site.append(&mixed(&pens, &dossiers)).await;
    site.start(&[]);
    let health = site
        .healthy("the refusal", |health| {
            health["due"] == 0 && health["aside"] == 1
        })
        .await;
    let refused = &health["refused"][0];
    assert_eq!(refused["dossier"], code(3).as_str());
    assert_eq!(refused["service"], "CapNhatTienDoHoSoMC");
    assert_eq!(refused["reason"], "error_code 12: Sai nội dung");
    let rows = |code: &DossierCode| stand_in.told(|told| told.dossiers[code.as_str()].rows.len());
    // Received and stopped are there; the row between them is not.
    assert_eq!(rows(&code(3)), 2);
    site.end().await;
    stand_in.manners(Manners::default());
    site.start(&["--again"]);
    site.healthy("the rest", |health| {
        health["due"] == 0 && health["aside"] == 0
    })
    .await;
    assert_eq!(rows(&code(3)), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_that_is_away_is_seen_and_told_everything_when_it_is_back() {
    let mut pens = pens();
    let dossiers = courses(&mut pens, 6);
    let manners = Manners {
        session: Some("phien-2".to_owned()),
        ..Manners::default()
    };
    let stand_in = StandIn::new(1, manners, manner().partner);
    // An address on which nobody listens for now.
    let (address, server) = stand_in.listen("127.0.0.1:0").await;
    server.abort();
    let mut site = Site::new(&pens, &format!("http://{address}/")).await;
    site.append(&mixed(&pens, &dossiers)).await;
    site.start(&[]);
    let health = site
        .healthy("the silence to be seen", |health| {
            health["due"] == 6 && health["silent"].is_string()
        })
        .await;
    assert_eq!(health["delivered"], 0);
    let (_, _server) = stand_in.listen(&address.to_string()).await;
    site.healthy("the old session to be turned away", |health| {
        let silent = health["silent"].as_str().unwrap_or_default();
        silent.contains("401")
    })
    .await;
    // A renewed session needs no restart.
    fs::write(site.path("session"), "phien-2").unwrap();
    site.healthy("everything to be told", |health| health["due"] == 0)
        .await;
    everything_is_there(&stand_in, &dossiers);
}
