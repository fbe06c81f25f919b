//! Listening to what other units say about their journals: the only way to notice that the last
//! messages of a line were lost.

use async_nats::{Message, Subscriber};
use envelope::{Checkpoint, KeyRegister};
use futures::StreamExt;
use tracing::warn;

use super::Scope;
use crate::headers;
use crate::order::Line;
use crate::subject;

/// A checkpoint that concerns this receiver and that its unit signed; others are dropped, since
/// the next one comes soon.
pub(super) fn hear(scope: &Scope, keys: &KeyRegister, message: &Message) -> Option<Checkpoint> {
    let unit = subject::read_checkpoint(&message.subject)?;
    if let Scope::Inbox { me, .. } = scope {
        // Most checkpoints do not concern this unit; looking is far cheaper than verifying.
        let mine = format!("\"{me}\":");
        let text = std::str::from_utf8(&message.payload).unwrap_or_default();
        if !text.contains(&mine) {
            return None;
        }
    }
    let read = headers::signed(&message.payload, message.headers.as_ref())
        .and_then(|signed| Checkpoint::read(&signed, keys).map_err(|error| error.to_string()));
    match read {
        Ok(checkpoint) if checkpoint.unit == unit.as_str() => Some(checkpoint),
        Ok(checkpoint) => {
            warn!(%unit, found = checkpoint.unit, "a checkpoint came under another's name");
            None
        }
        Err(reason) => {
            warn!(%unit, reason, "a checkpoint is not to be believed");
            None
        }
    }
}

/// Up to which number of which line the checkpoint says that messages exist.
pub(super) fn claim(scope: &Scope, checkpoint: &Checkpoint) -> (Line, u64) {
    let origin = checkpoint.unit.clone();
    match scope {
        Scope::Inbox { me, .. } => {
            let claimed = checkpoint.links.get(me.as_str()).copied().unwrap_or(0);
            (
                Line {
                    origin,
                    epoch: None,
                },
                claimed,
            )
        }
        Scope::Feed => (
            Line {
                origin,
                epoch: Some(checkpoint.epoch),
            },
            checkpoint.sequence,
        ),
    }
}

/// The next message; waits for ever when nothing is heard.
pub(super) async fn next(heads: &mut Option<Subscriber>) -> Option<Message> {
    match heads {
        Some(heads) => heads.next().await,
        None => std::future::pending().await,
    }
}
