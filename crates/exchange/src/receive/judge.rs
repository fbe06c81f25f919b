//! Is this what it claims to be? Nothing passes unverified, wherever it came from.

use async_nats::HeaderMap;
use bytes::Bytes;
use envelope::{Event, KeyId, KeyRegister, Signed};
use uuid::Uuid;

use crate::headers;
use crate::log::PageEvent;
use crate::order::Line;
use crate::subject::{self, UnitToken};

use super::Scope;

/// A message that was looked at.
#[derive(Debug)]
pub(super) struct Judged {
    /// Who sent it, as far as the subject tells; empty when it does not.
    pub(super) from: String,
    /// The number that it claims, if it could be read at all.
    pub(super) place: Option<(Line, u64)>,
    pub(super) verdict: Result<Fit, Unfit>,
}

/// A verified event.
#[derive(Debug)]
pub(super) struct Fit {
    pub(super) signed: Signed,
    pub(super) id: Uuid,
}

/// Something that cannot be accepted.
#[derive(Debug)]
pub(super) struct Unfit {
    pub(super) bytes: Bytes,
    /// The signature as it came, and the key that it is said to be by.
    pub(super) mark: Option<([u8; 64], KeyId)>,
    pub(super) reason: String,
}

/// Judges a message of the stream.
pub(super) fn message(
    scope: &Scope,
    keys: &KeyRegister,
    subject: &str,
    headers: Option<&HeaderMap>,
    payload: &Bytes,
) -> Judged {
    let unfit = |reason: String| Unfit {
        bytes: payload.clone(),
        mark: headers::signed(payload, headers)
            .ok()
            .map(|signed| (signed.signature, signed.key)),
        reason,
    };
    let (from, kind) = match said_by(scope, subject) {
        Ok(said) => said,
        Err(reason) => {
            return Judged {
                from: String::new(),
                place: None,
                verdict: Err(unfit(reason)),
            };
        }
    };
    let link = match scope {
        Scope::Inbox { .. } => match headers::link(headers) {
            Ok(link) => Some(link),
            Err(reason) => {
                return Judged {
                    from: from.to_string(),
                    place: None,
                    verdict: Err(unfit(reason)),
                };
            }
        },
        Scope::Feed => None,
    };
    let on_line = |link: u64| {
        (
            Line {
                origin: from.to_string(),
                epoch: None,
            },
            link,
        )
    };
    let checked = headers::signed(payload, headers)
        .and_then(|signed| verified(scope, keys, &from, Some(&kind), signed));
    match checked {
        Ok((fit, place)) => {
            let place = link.map(on_line).or(Some(place));
            Judged {
                from: from.to_string(),
                place,
                verdict: Ok(fit),
            }
        }
        Err(reason) => {
            let place = link.map(on_line);
            Judged {
                from: from.to_string(),
                place,
                verdict: Err(unfit(reason)),
            }
        }
    }
}

/// Judges the event that `line`'s origin itself gave as its number `position`.
pub(super) fn page_event(
    scope: &Scope,
    keys: &KeyRegister,
    line: &Line,
    position: u64,
    event: PageEvent,
) -> Judged {
    let from = line.origin.clone();
    let bytes = event.signed.bytes.clone();
    let mark = Some((event.signed.signature, event.signed.key.clone()));
    let checked = UnitToken::parse(&line.origin)
        .map_err(|error| error.to_string())
        .and_then(|origin| verified(scope, keys, &origin, None, event.signed));
    match (checked, scope) {
        (Ok((fit, place)), Scope::Feed) => Judged {
            from,
            place: Some(place),
            verdict: Ok(fit),
        },
        (Ok((fit, _)), Scope::Inbox { .. }) => Judged {
            from,
            place: Some((line.clone(), position)),
            verdict: Ok(fit),
        },
        (Err(reason), _) => {
            let place = Some((line.clone(), position));
            Judged {
                from,
                place,
                verdict: Err(Unfit {
                    bytes,
                    mark,
                    reason,
                }),
            }
        }
    }
}

/// Who speaks on this subject, and of what type.
fn said_by(scope: &Scope, text: &str) -> Result<(UnitToken, String), String> {
    match scope {
        Scope::Inbox { me, .. } => subject::read_inbox(text)
            .filter(|read| read.to == *me)
            .map(|read| (read.from, read.kind))
            .ok_or_else(|| format!("{text} is not an inbox subject of {me}")),
        Scope::Feed => subject::read_event(text)
            .map(|read| (read.unit, read.kind))
            .ok_or_else(|| format!("{text} is not an event subject")),
    }
}

/// Checks signature, type and writer; gives the event with its place in its origin's numbering.
///
/// A delivery may carry an event of a third unit: whoever joins a dossier later is sent what
/// others wrote before. It counts by its writer's signature, whoever carries it. On the full
/// feed everyone speaks for himself.
fn verified(
    scope: &Scope,
    keys: &KeyRegister,
    from: &UnitToken,
    kind: Option<&str>,
    signed: Signed,
) -> Result<(Fit, (Line, u64)), String> {
    let event = Event::read(&signed.bytes).map_err(|error| error.to_string())?;
    if let Some(kind) = kind.filter(|kind| *kind != event.kind) {
        return Err(format!(
            "its subject says {kind}, the signed text says {}",
            event.kind
        ));
    }
    if matches!(scope, Scope::Feed) && event.unit != from.as_str() {
        return Err(format!("sent as {from}, but written by {}", event.unit));
    }
    keys.verify(&signed).map_err(|error| error.to_string())?;
    let line = Line {
        origin: event.unit.to_owned(),
        epoch: Some(event.epoch),
    };
    let (id, place) = (event.id, (line, event.sequence));
    Ok((Fit { signed, id }, place))
}
