//! Telling operators of trouble, over core NATS: nothing is stored, and what lasts is told again.

use std::time::Duration;

use calendar::Moment;
use dossier::ids::UnitId;
use evidence::Findings;
use exchange::subject::{self, UnitToken};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use crate::gauge::Gauge;
use crate::health::{Trouble, TroubleKind};
use crate::host;

/// How soon it is told that something went into quarantine.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Checkpoint intervals before the first repeated word: until then a peer may not have spoken yet.
const QUIET: u32 = 4;

/// Something that somebody should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Alert {
    /// Whose trouble it is.
    pub unit: UnitId,
    /// What kind of trouble.
    pub kind: TroubleKind,
    /// What it is, for the operator.
    pub text: String,
    /// When it was told.
    pub at: Moment,
    /// How many there are of it.
    pub count: u64,
}

/// Tells what goes into quarantine as it does, and every interval what is still wrong, until `stop`
/// turns true. `now` says the instant that stands in an alert.
pub(crate) async fn tell(
    gauge: Gauge,
    token: UnitToken,
    now: impl Fn() -> Moment + Send,
    mut stop: watch::Receiver<bool>,
) {
    let mut look = tokio::time::interval(LOOK_EVERY);
    let begin = tokio::time::Instant::now() + gauge.interval * QUIET;
    let mut repeat = tokio::time::interval_at(begin, gauge.interval);
    for timer in [&mut look, &mut repeat] {
        timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    }
    let mut told = gauge.journal.quarantined_count();
    let mut findings = gauge.findings.clone();
    loop {
        let troubles = tokio::select! {
            () = host::stopped(&mut stop) => return,
            _ = look.tick() => put_aside(&gauge, &mut told).into_iter().collect(),
            Ok(()) = findings.changed() => contradictions(&mut findings),
            _ = repeat.tick() => match gauge.health() {
                Ok(health) => health.troubles,
                Err(error) => {
                    tracing::error!(unit = %gauge.me, %error, "how this unit fares cannot be read");
                    continue;
                }
            },
        };
        for Trouble { kind, text, count } in troubles {
            let alert = Alert {
                unit: gauge.me.clone(),
                kind,
                text,
                at: now(),
                count,
            };
            publish(&gauge, &token, &alert).await;
        }
    }
}

/// What went into quarantine since `told`.
fn put_aside(gauge: &Gauge, told: &mut u64) -> Option<Trouble> {
    let count = gauge.journal.quarantined_count();
    let fresh = count.saturating_sub(*told);
    if fresh == 0 {
        return None;
    }
    *told = count;
    let newest = gauge.journal.quarantined_at(count - 1).ok().flatten()?;
    let (number, from) = (newest.number, crate::quarantine::cut(&newest.from));
    let reason = crate::quarantine::cut(&newest.reason);
    Some(Trouble {
        kind: TroubleKind::Quarantine,
        text: format!("put into quarantine: number {number} from {from}: {reason}"),
        count: fresh,
    })
}

/// Every peer that showed two histories; there is a new one among them.
fn contradictions(findings: &mut Findings) -> Vec<Trouble> {
    let found = findings.borrow_and_update();
    found.iter().map(Trouble::inconsistent).collect()
}

async fn publish(gauge: &Gauge, token: &UnitToken, alert: &Alert) {
    let Ok(body) = serde_json::to_vec(alert) else {
        return;
    };
    let (client, subject) = (&gauge.connection.client, subject::alert(token));
    // While no broker answers the client would keep it for later, when it is no longer true.
    if !gauge.connection.is_connected() {
        return;
    }
    if let Err(error) = client.publish(subject, body.into()).await {
        tracing::debug!(unit = %gauge.me, %error, "an alert was not sent; it is repeated while it holds");
    }
}
