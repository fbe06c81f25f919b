//! What a journal says about keys: which public keys its unit has learnt, and which secret one is its
//! own now. The journal is the only record of it; a note leads to each event that says so.

use dossier::fact::Fact;
use dossier::wire;
use envelope::register::public_key;
use envelope::{Event, KeyId, KeyRegister, Place, Signed};
use journal::{Journal, Note, ReadError};
use uuid::Uuid;

use super::Identity;

/// Prefix of the notes: unit, epoch and number, so that those of one unit come in their order.
const KEYS: &str = "keys/";

/// Why a unit does not know which key it signs with.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// The journal cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The journal names a key that the file does not have.
    #[error(
        "the journal says that {unit} signs with key {key} since {since}, but its unit.key has no such \
         seed: put the file of that time back"
    )]
    Missing {
        /// The unit.
        unit: String,
        /// The key.
        key: String,
        /// The event that says so.
        since: Place,
    },
}

/// The note that leads to an event about keys.
pub(crate) fn note_of(event: &Event<'_>) -> Note {
    let Event {
        unit,
        epoch,
        sequence,
        ..
    } = event;
    Note {
        key: format!("{KEYS}{unit}/{epoch}/{sequence:020}").into_bytes(),
        value: Some(event.id.to_string().into_bytes()),
    }
}

/// Lets `keys` learn what the journal has learnt, so that a restart forgets nothing.
///
/// # Errors
/// [`ReadError`] when the journal is damaged.
pub(crate) fn learn(journal: &Journal, keys: &KeyRegister) -> Result<(), ReadError> {
    for signed in noted(journal, KEYS)? {
        if let Err(error) = keys.verify(&signed) {
            let unit = journal.unit();
            tracing::warn!(unit, %error, "the register of keys says otherwise than an event in the journal");
        }
    }
    Ok(())
}

/// Brings the unit's signing keys to where its journal is, and takes revoked ones out of their file.
///
/// # Errors
/// [`FollowError`]: without its key a unit must not go on.
pub fn follow(journal: &Journal, identity: &Identity) -> Result<(), FollowError> {
    let unit = journal.unit();
    let mut lacking = None;
    for signed in noted(journal, &format!("{KEYS}{unit}/"))? {
        let Ok(event) = Event::read(&signed.bytes) else {
            continue;
        };
        let since = Place {
            epoch: event.epoch,
            sequence: event.sequence,
        };
        match wire::read(event.kind, event.data) {
            Ok(Some(Fact::KeyRotated(fact))) => {
                let public = public_key(&fact.signing);
                let id = public.map(|public| KeyId::of(&public));
                match id.as_ref().and_then(|id| identity.seeds.of(id)) {
                    Some(key) => {
                        identity.signing.turn(since, key);
                        lacking = None;
                    }
                    // A later one took its place, or there is nothing to sign with.
                    None => {
                        lacking = Some(FollowError::Missing {
                            unit: unit.to_owned(),
                            key: id.map_or(fact.signing, |id| id.to_string()),
                            since,
                        });
                    }
                }
            }
            Ok(Some(Fact::KeyRevoked(fact))) => {
                let id = KeyId::parse(&fact.key).ok();
                let gone = id.map_or(Ok(()), |id| identity.seeds.forget(&id));
                if let Err(error) = gone {
                    tracing::warn!(unit, %error, "the seed of a revoked key is still there");
                }
            }
            _ => {}
        }
    }
    lacking.map_or(Ok(()), Err)
}

fn noted(journal: &Journal, prefix: &str) -> Result<Vec<Signed>, ReadError> {
    let mut events = Vec::new();
    for (_, value) in journal.notes_with_prefix(prefix.as_bytes())? {
        let id = std::str::from_utf8(&value).ok();
        let id = id.and_then(|id| Uuid::try_parse(id).ok());
        let entry = id.map(|id| journal.by_id(&id)).transpose()?.flatten();
        events.extend(entry.map(|entry| entry.signed));
    }
    Ok(events)
}
