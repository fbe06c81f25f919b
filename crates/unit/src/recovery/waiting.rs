//! A restored unit while it asks: everything is answered "recovering" but how it fares, and an
//! officer's decision not to wait for some units.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use dossier::ids::UnitId;
use exchange::service::{Request, Unable};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

use super::asking::Asker;
use super::findings::Conflict;
use super::plan::Plan;
use super::search::{Ask, Search, Told};
use crate::answer::Refused;
use crate::command::CommandEnvelope;
use crate::gauge::Gauge;
use crate::host::stopped;
use crate::officers::Staff;
use crate::quarantine::reasoned;

/// The first pause after a question that nobody answered; it doubles.
const PAUSE: Duration = Duration::from_millis(250);
/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// Decisions that may wait.
const DECISIONS: usize = 8;

/// Command: a restored unit no longer waits for these. What only they knew is lost, and numbers that
/// only they saw may be spent again: for those that are gone for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GoOnWithout {
    /// As `health` lists them under `waits_for`: units, `broker` (its streams), `holders` (projectors).
    pub names: Vec<String>,
    /// Why, in Vietnamese.
    pub reason: String,
}

/// A restored unit goes on without some.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GoneOn {
    /// The restored unit.
    pub unit: UnitId,
    /// Whom it still waits for.
    pub waits_for: Vec<String>,
}

/// An officer's decision, on its way to the search.
pub(crate) struct Decision {
    command: GoOnWithout,
    officer: String,
    reply: oneshot::Sender<Result<GoneOn, Refused>>,
}

/// How decisions reach the search.
pub(crate) fn decisions() -> (mpsc::Sender<Decision>, mpsc::Receiver<Decision>) {
    mpsc::channel(DECISIONS)
}

/// Asks until everybody has answered. Gives what follows and what officers decided meanwhile; none
/// when the unit is told to stop before.
///
/// # Errors
/// [`Conflict`] when somebody else wrote as this unit.
pub(crate) async fn search(
    search: &mut Search,
    asker: &Asker,
    waits_for: &watch::Sender<Vec<String>>,
    decisions: &mut mpsc::Receiver<Decision>,
    stop: &mut watch::Receiver<bool>,
) -> Result<Option<(Plan, String)>, Conflict> {
    let mut under_way: JoinSet<(Ask, Result<Told, String>)> = JoinSet::new();
    let mut asked: BTreeSet<Ask> = BTreeSet::new();
    let mut pauses: BTreeMap<Ask, Duration> = BTreeMap::new();
    let mut decided = String::new();
    loop {
        waits_for.send_replace(search.waits_for());
        if let Some(plan) = search.plan() {
            return plan.map(|plan| Some((plan, decided)));
        }
        for ask in search.asks() {
            if asked.insert(ask.clone()) {
                let (asker, pause) = (asker.clone(), pauses.get(&ask).copied());
                under_way.spawn(async move {
                    tokio::time::sleep(pause.unwrap_or_default()).await;
                    let told = asker.ask(&ask).await;
                    (ask, told)
                });
            }
        }
        tokio::select! {
            Some(answered) = under_way.join_next() => {
                // A question that ended badly stays open and counts as asked; none does.
                let Ok((ask, told)) = answered else { continue };
                asked.remove(&ask);
                match told {
                    Ok(told) => search.told(&ask, told),
                    Err(reason) => {
                        let unit = &asker.me;
                        tracing::info!(%unit, ?ask, reason, "a restored unit asks again");
                        let pause = pauses.entry(ask.clone()).or_insert(PAUSE / 2);
                        *pause = (*pause * 2).min(PAUSE_MAX);
                    }
                }
            }
            Some(decision) = decisions.recv() => decided += &decide(search, asker, decision),
            () = stopped(stop) => return Ok(None),
        }
    }
}

fn decide(search: &mut Search, asker: &Asker, decision: Decision) -> String {
    let Decision {
        command,
        officer,
        reply,
    } = decision;
    let waits_for = search.waits_for();
    let strange = command.names.iter().find(|name| !waits_for.contains(name));
    let (answer, text) = match strange {
        Some(name) => (Err(not_waited_for(name)), String::new()),
        None => {
            search.go_on_without(&command.names);
            let text = format!(
                "; {officer} quyết định không chờ {}: {}",
                command.names.join(", "),
                command.reason
            );
            let unit = UnitId::parse(asker.me.as_str());
            let gone = unit.map(|unit| GoneOn {
                unit,
                waits_for: search.waits_for(),
            });
            let gone = gone.map_err(|error| Refused::malformed(error.to_string()));
            (gone, text)
        }
    };
    // The caller may have gone; the decision holds.
    let _ = reply.send(answer);
    text
}

/// Answers requests until there are no more.
pub(crate) async fn answer(
    mut requests: mpsc::Receiver<Request>,
    gauge: Gauge,
    staff: Staff,
    decisions: mpsc::Sender<Decision>,
) {
    while let Some(request) = requests.recv().await {
        let name = request.name.clone();
        if !Gauge::knows(&name) && name != "go_on_without" {
            request.unable(Unable::Recovering).await;
            continue;
        }
        let read = serde_json::from_slice::<CommandEnvelope<Box<RawValue>>>(&request.payload);
        let sent = read.map_err(|error| Refused::malformed(error.to_string()));
        let permitted = sent.and_then(|sent| {
            staff.permit(&name, &sent.officer)?;
            Ok(sent)
        });
        let said = match permitted {
            Err(refused) => Err(refused),
            Ok(sent) if Gauge::knows(&name) => gauge.answer(&name, &sent.data).await,
            Ok(sent) => decided(&sent, &decisions).await,
        };
        match said {
            Ok(body) => request.ok(body).await,
            Err(refused) => {
                let body = serde_json::to_vec(&refused).unwrap_or_default();
                let code = refused.http_code();
                request.error(code, &refused.message, body.into()).await;
            }
        }
    }
}

async fn decided(
    sent: &CommandEnvelope<Box<RawValue>>,
    decisions: &mpsc::Sender<Decision>,
) -> Result<Bytes, Refused> {
    let command: GoOnWithout = serde_json::from_str(sent.data.get())
        .map_err(|error| Refused::malformed(error.to_string()))?;
    reasoned(&command.reason)?;
    let (reply, answered) = oneshot::channel();
    let decision = Decision {
        command,
        officer: sent.officer.to_string(),
        reply,
    };
    // The search is over only when everybody has answered.
    let _ = decisions.send(decision).await;
    let gone = answered.await.unwrap_or_else(|_| Err(not_recovering()))?;
    Ok(serde_json::to_vec(&gone).unwrap_or_default().into())
}

fn not_waited_for(name: &str) -> Refused {
    Refused {
        code: "recovery.not_waited_for".into(),
        message: format!("Đơn vị không chờ {name}; xem mục restored của câu hỏi health"),
        rule: "Chỉ bỏ qua đơn vị chưa trả lời".into(),
    }
}

/// There is nobody to go on without.
pub(crate) fn not_recovering() -> Refused {
    Refused {
        code: "recovery.not_recovering".into(),
        message: "Sổ điện tử của đơn vị đã đủ, không chờ đơn vị nào".into(),
        rule: "Chỉ bỏ qua đơn vị chưa trả lời khi khôi phục sổ".into(),
    }
}
