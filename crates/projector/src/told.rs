//! The events of one dossier as they were signed, for whoever prints a form, explains a date or
//! checks a signature; with the days that were declared after the calendar was published.

use data_encoding::BASE64;
use dossier::fact::Fact;
use dossier::ids::{DossierCode, UnitId};
use dossier::notice::CalendarDeclared;
use history::Statement;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::store::{Store, StoreError};

/// Bytes of events in one answer, at most: with their base64 they stay below the 1 MiB of NATS.
const BYTES_MAX: usize = 600_000;

/// Events of one dossier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Told {
    /// The dossier.
    pub code: DossierCode,
    /// Its events in the order in which the projector heard them.
    pub events: Vec<ToldEvent>,
    /// How many to skip to get the rest; none when this is the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u32>,
    /// The profile's office hours, such as `07:30-11:30,13:00-17:00`.
    pub office_hours: String,
    /// Days that the profile's authority declared after the calendar was published, in the order of
    /// their numbers.
    pub declarations: Vec<Declared>,
}

/// One event, exactly as it was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ToldEvent {
    /// The exact bytes, base64.
    pub bytes: String,
    /// The signature, base64.
    pub signature: String,
    /// The key that signed.
    pub key: String,
}

/// A declaration of days and the event that said it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Declared {
    /// The unit that declared it; only the authority of the profile counts.
    pub unit: UnitId,
    /// The event.
    pub event: Uuid,
    /// What it says.
    pub declared: CalendarDeclared,
}

/// The events about `code` among the first `upto` entries, without the first `skip`.
///
/// # Errors
/// [`StoreError`] naming the entry that cannot be read.
pub fn told(
    store: &Store,
    code: &DossierCode,
    skip: u32,
    upto: u64,
    working_time: (String, Vec<Declared>),
) -> Result<Told, StoreError> {
    let mut events = Vec::new();
    let (mut bytes, mut next) = (0, None);
    let skipped = usize::try_from(skip).unwrap_or(usize::MAX);
    for signed in store.signed_about(code, upto)?.into_iter().skip(skipped) {
        if bytes + signed.bytes.len() > BYTES_MAX && !events.is_empty() {
            next = Some(skip.saturating_add(u32::try_from(events.len()).unwrap_or(u32::MAX)));
            break;
        }
        bytes += signed.bytes.len();
        events.push(ToldEvent {
            bytes: BASE64.encode(&signed.bytes),
            signature: BASE64.encode(&signed.signature),
            key: signed.key.to_string(),
        });
    }
    Ok(Told {
        code: code.clone(),
        events,
        next,
        office_hours: working_time.0,
        declarations: working_time.1,
    })
}

/// The declaration in a statement about no dossier, if it is one.
pub(crate) fn declaration(statement: &Statement) -> Option<Declared> {
    match statement.fact()? {
        Fact::CalendarDeclared(declared) => Some(Declared {
            unit: statement.unit.clone(),
            event: statement.id,
            declared: declared.clone(),
        }),
        _ => None,
    }
}
