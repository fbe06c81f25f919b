//! Whether the units keep pace with the officers. A day of the quarter begins only when every unit
//! answers and little is under way between them: a killed unit holds the calendar up instead of
//! falling weeks behind it. Waiting for complete rest each day would cost a fifth of the time.

use std::collections::BTreeMap;

use async_nats::jetstream::consumer::pull;
use dossier::ids::UnitId;
use exchange::connect::Connection;
use exchange::log::read_sequences;
use exchange::stream::INBOX_STREAM;
use exchange::subject::UnitToken;
use futures::future::join_all;

/// Events that may be under way, to one unit or from it, when the next day begins.
const UNDER_WAY_MAX: u64 = 32;

/// Who does not keep pace: a unit that does not answer, that has much to take in, or that has
/// written much that was not seen here. `None` when all do.
pub(super) async fn laggard(
    connection: &Connection,
    units: &[UnitId],
    seen: &BTreeMap<String, u64>,
) -> Option<String> {
    let written = units.iter().map(|unit| {
        unseen(
            connection,
            unit,
            seen.get(unit.as_str()).copied().unwrap_or(0),
        )
    });
    let sent = units.iter().map(|unit| untaken(connection, unit));
    // Inboxes first: what they give rise to is written before they are empty.
    let untaken = join_all(sent).await.into_iter().flatten().next();
    match untaken {
        Some(why) => Some(why),
        None => join_all(written).await.into_iter().flatten().next(),
    }
}

async fn untaken(connection: &Connection, unit: &UnitId) -> Option<String> {
    let name = format!("inbox-{unit}");
    let consumer = connection
        .jetstream
        .get_consumer_from_stream::<pull::Config, _, _>(&name, INBOX_STREAM)
        .await;
    match consumer {
        Err(error) => Some(format!("the inbox of {unit} is not to be seen: {error}")),
        Ok(consumer) => {
            let info = consumer.cached_info();
            let open = info.num_pending + info.num_ack_pending as u64;
            (open > UNDER_WAY_MAX).then(|| format!("{unit} has not taken in {open} events"))
        }
    }
}

async fn unseen(connection: &Connection, unit: &UnitId, seen: u64) -> Option<String> {
    let token = match UnitToken::parse(unit.as_str()) {
        Ok(token) => token,
        Err(error) => return Some(error.to_string()),
    };
    match read_sequences(&connection.client, &token, seen + 1, UNDER_WAY_MAX + 1).await {
        Err(error) => Some(error.to_string()),
        Ok(page) => (page.events.len() as u64 > UNDER_WAY_MAX)
            .then(|| format!("{unit} has written far more than the {seen} events seen")),
    }
}
