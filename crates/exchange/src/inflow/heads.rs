//! Listening to what other units say about their journals: the only way to notice that the last
//! messages of a line were lost.

use envelope::Checkpoint;
use tracing::warn;

use super::Scope;
use super::judge::Judge;
use crate::order::Line;
use crate::parcel::Parcel;
use crate::subject;

/// A checkpoint that concerns this receiver and that its unit signed; others are dropped, since
/// the next one comes soon.
pub(super) fn hear(scope: &Scope, judge: &Judge, parcel: &Parcel) -> Option<Checkpoint> {
    let unit = subject::read_checkpoint(&parcel.subject)?;
    if let Scope::Inbox { me, journal } = scope {
        // Most checkpoints do not concern this unit; looking is far cheaper than verifying.
        let mine = format!("\"{me}\":");
        let text = std::str::from_utf8(&parcel.payload).unwrap_or_default();
        let is_addressee = || journal.last_link(unit.as_str()) > 0;
        if unit == *me || !(text.contains(&mine) || is_addressee()) {
            return None;
        }
    }
    let read = parcel.signed().and_then(|signed| {
        Checkpoint::read(&signed, judge.keys()).map_err(|error| error.to_string())
    });
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

/// Up to which number of which lines the checkpoint says that messages exist.
pub(super) fn claims(scope: &Scope, checkpoint: &Checkpoint) -> Vec<(Line, u64)> {
    let line = |epoch| Line {
        origin: checkpoint.unit.clone(),
        epoch,
    };
    let claims = match scope {
        Scope::Inbox { me, .. } => {
            let claimed = checkpoint.links.get(me.as_str()).copied().unwrap_or(0);
            vec![(line(None), claimed)]
        }
        Scope::Feed => {
            let present = (checkpoint.epoch, checkpoint.sequence);
            let earlier = checkpoint
                .earlier
                .iter()
                .map(|(epoch, last)| (*epoch, *last));
            earlier
                .chain([present])
                .map(|(epoch, last)| (line(Some(epoch)), last))
                .collect()
        }
    };
    claims.into_iter().filter(|(_, last)| *last > 0).collect()
}
