//! Carries a plan out: what was lost is taken back into the journal, and a new epoch begins. Cut off
//! at any point, it goes on from there at the next start.

use std::collections::{BTreeMap, BTreeSet};

use calendar::{Moment, parse_moment};
use dossier::ids::{Malformed, UnitId};
use dossier::intervention::JournalRestored;
use envelope::Signed;
use journal::{
    AppendError, Group, Journal, NewQuarantine, Note, ReadError, RecoverError, Restored,
};
use uuid::Uuid;

use super::plan::Plan;
use super::search::Search;
use crate::core::{CLOSING, Closing, Core, CoreError, OWED, officer};
use crate::desk::Desk;

/// Events taken back in one group.
const EVENTS: usize = 64;
/// Deliveries that one event of a restored journal carries.
const DELIVERIES: usize = 300;

/// Numbers of each line that nobody told of and that are left out nevertheless: what an outbox had
/// under way may reach its addressee after that was asked, and be nowhere else. More than an outbox
/// publishes without confirmation.
const UNSEEN: u64 = 4_096;

/// Why a plan cannot be carried out.
#[derive(Debug, thiserror::Error)]
pub enum TakingError {
    /// An event cannot be followed.
    #[error(transparent)]
    Core(#[from] CoreError),
    /// The journal takes something not.
    #[error("what others had cannot be taken back: {0}")]
    Append(#[from] AppendError),
    /// The journal cannot go on.
    #[error(transparent)]
    Recover(#[from] RecoverError),
    /// The journal cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Who restored it is no officer's name.
    #[error(transparent)]
    Officer(#[from] Malformed),
}

/// What the event about the restored journal says besides the plan.
pub struct Account {
    /// The backup, and who put it in place.
    pub restored: Restored,
    /// Now.
    pub at: Moment,
    /// What officers decided meanwhile.
    pub decided: String,
}

/// Takes everything back and begins the next epoch. What remains to be said lies in notes, for the
/// unit to say first.
///
/// # Errors
/// [`TakingError`] when something of it cannot be followed or written.
pub async fn carry_out<D: Desk>(
    core: &mut Core<D>,
    journal: &Journal,
    search: &Search,
    plan: Plan,
    account: Account,
) -> Result<(), TakingError> {
    let mut said = statement(&plan, search, &account)?;
    let mut epoch = journal.epoch();
    for run in plan.epochs {
        if run.epoch != epoch {
            journal.follow_epoch(run.epoch).await?;
            epoch = run.epoch;
        }
        let mut events = run.events.into_iter().peekable();
        while events.peek().is_some() {
            let page: Vec<Signed> = events.by_ref().take(EVENTS).collect();
            let group = core.retake(page)?;
            journal.take_back(group).await.await?;
        }
    }
    let mut last = Group::default();
    let from = journal.unit().to_owned();
    for (found, reason) in plan.aside {
        last.quarantined.push(NewQuarantine {
            bytes: found.signed.bytes.to_vec(),
            reason,
            from: from.clone(),
            at: account.at.to_rfc3339(),
            signature: Some(found.signed.signature),
            key: Some(found.signed.key),
            link: None,
        });
    }
    // Also what was taken back before this process was cut off.
    said.taken_back = journal.size().saturating_sub(said.backup_entries);
    last.notes = closing(journal, said)?;
    journal.take_back(last).await.await?;

    let mut links = journal.links();
    for (to, known) in &search.findings().links {
        let link = links.entry(to.clone()).or_default();
        *link = (*link).max(*known);
    }
    for link in links.values_mut().filter(|link| **link > 0) {
        *link += UNSEEN;
    }
    let next = later(core.stamp().id(), journal.epoch());
    Ok(journal.begin_epoch(next, links).await?)
}

/// An epoch's identity stands behind that of the one before it, since histories are read in this order:
/// also where the clock of the new machine is behind.
fn later(drawn: Uuid, before: Uuid) -> Uuid {
    const CHANCE_BITS: u32 = 80;
    if drawn > before {
        return drawn;
    }
    let millis = (before.as_u128() >> CHANCE_BITS) + 1;
    let chance = drawn.as_u128() & ((1 << CHANCE_BITS) - 1);
    Uuid::from_u128(millis << CHANCE_BITS | chance)
}

fn statement(
    plan: &Plan,
    search: &Search,
    account: &Account,
) -> Result<JournalRestored, TakingError> {
    let Restored {
        entries,
        at,
        by,
        reason,
    } = &account.restored;
    Ok(JournalRestored {
        backup_entries: *entries,
        restored_at: parse_moment(at).unwrap_or(account.at),
        from_epoch: plan.from_epoch,
        held: plan.held,
        known: plan.known,
        taken_back: plan.taken_back(),
        by_holder: plan.by_holder.clone(),
        unanswered: search.without(),
        missing: plan.missing.clone(),
        officer: officer(by)?,
        reason: format!("{reason}{}", account.decided),
    })
}

/// What was taken back is promised to its addressees again under new numbers, in notes of a bounded
/// size. Also to those who have it: the numbers under which they have it carry nothing any more,
/// and an addressee that is restored in its turn would find nothing there.
fn closing(journal: &Journal, restored: JournalRestored) -> Result<Vec<Note>, TakingError> {
    let mut notes = Vec::new();
    let mut owed: BTreeMap<UnitId, Vec<Uuid>> = BTreeMap::new();
    let mut known: BTreeSet<(UnitId, Uuid)> = BTreeSet::new();
    for (key, value) in journal.notes_with_prefix(OWED.as_bytes())? {
        let listed: Vec<(UnitId, Uuid)> = serde_json::from_slice(&value).unwrap_or_default();
        for (to, event) in listed {
            if known.insert((to.clone(), event)) {
                owed.entry(to).or_default().push(event);
            }
        }
        notes.push(Note { key, value: None });
    }
    let owed: Vec<(UnitId, Uuid)> = owed
        .into_iter()
        .flat_map(|(to, events)| events.into_iter().map(move |event| (to.clone(), event)))
        .collect();
    let noted = journal.notes_with_prefix(CLOSING.as_bytes())?.len();
    let mut pages: Vec<&[(UnitId, Uuid)]> = owed.chunks(DELIVERIES).collect();
    // It was noted already when this process was cut off just before the new epoch.
    if pages.is_empty() && noted == 0 {
        pages.push(&[]);
    }
    for (number, page) in (noted..).zip(pages) {
        let closing = Closing {
            restored: restored.clone(),
            owed: page.to_vec(),
        };
        notes.push(closing.note(number));
    }
    Ok(notes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_stands_behind_the_one_before_it_whatever_the_clock_says() {
        let before = Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0001);
        for drawn in [
            0x0198_0000_0000_7fff_8000_0000_0000_0002,
            0x0199_0000_0000_7000_8000_0000_0000_0001,
            0x019a_0000_0000_7000_8000_0000_0000_0003,
        ] {
            let next = later(Uuid::from_u128(drawn), before);
            assert!(next > before);
            assert_eq!(next.get_version_num(), 7);
        }
    }
}
