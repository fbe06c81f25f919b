//! Whether anything is still under way between the units. A day of the quarter begins only
//! when the one before has come to rest: then the same seed gives the same quarter, however fast
//! this machine is and whoever was killed meanwhile.

use std::collections::BTreeMap;

use async_nats::jetstream::consumer::pull;
use dossier::ids::UnitId;
use exchange::connect::Connection;
use exchange::log::read_sequences;
use exchange::stream::INBOX_STREAM;
use exchange::subject::UnitToken;
use futures::future::join_all;

/// What is under way: an event that a unit has written and nobody here has seen, or one that was
/// sent and is not yet in its addressee's journal. `None` when everything rests.
pub(super) async fn disturbance(
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
            (open > 0).then(|| format!("{unit} has not taken in {open} events"))
        }
    }
}

async fn unseen(connection: &Connection, unit: &UnitId, seen: u64) -> Option<String> {
    let token = match UnitToken::parse(unit.as_str()) {
        Ok(token) => token,
        Err(error) => return Some(error.to_string()),
    };
    match read_sequences(&connection.client, &token, seen + 1, 1).await {
        Err(error) => Some(error.to_string()),
        Ok(page) => (!page.events.is_empty())
            .then(|| format!("{unit} has written more than the {seen} events seen")),
    }
}
