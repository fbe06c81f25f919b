//! Which of its keys a unit signs with: the journal is the only record of it.

use dossier::fact::Fact;
use dossier::wire;
use envelope::register::public_key;
use envelope::{Event, KeyId, Place};
use journal::{Journal, ReadError};

use super::Identity;

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

/// Brings the unit's signing keys to where its journal is, and takes revoked ones out of their file.
///
/// # Errors
/// [`FollowError`]: without its key a unit must not go on.
pub fn follow(journal: &Journal, identity: &Identity) -> Result<(), FollowError> {
    let unit = journal.unit();
    let mut lacking = None;
    for signed in journal.about_keys(unit)? {
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
