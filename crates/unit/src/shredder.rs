//! Destroys keys that were ordered to be: whatever stands under [`watch::TO_ERASE`] is destroyed in the
//! vault and then reported to the core. Ended anywhere it begins again, since the note goes only with
//! the event that says that it is done.

use journal::Journal;
use tokio::sync::{mpsc, watch as signal};
use vault::Vault;

use crate::host::{Input, stopped};
use crate::watch;

/// Destroys what is ordered until the unit stops.
pub(crate) async fn shred(
    vault: Vault,
    journal: Journal,
    mailbox: mpsc::Sender<Input>,
    mut stop: signal::Receiver<bool>,
) {
    again(&vault, &journal).await;
    let mut entries = journal.durable();
    loop {
        entries.borrow_and_update();
        for (code, keys) in noted(&journal, watch::TO_ERASE) {
            if !destroyed(&vault, &keys).await {
                continue;
            }
            if mailbox.send(Input::KeysDestroyed(code)).await.is_err() {
                return;
            }
        }
        tokio::select! {
            changed = entries.changed() => if changed.is_err() { return },
            () = stopped(&mut stop) => return,
        }
    }
}

/// A vault that was put back from an older copy holds keys that were destroyed since.
async fn again(vault: &Vault, journal: &Journal) {
    for (_, mut keys) in noted(journal, watch::ERASED) {
        keys.retain(|key| !vault.has_destroyed(*key));
        if !keys.is_empty() {
            tracing::warn!(
                keys = keys.len(),
                "the vault is from before an erasure: its keys are destroyed again"
            );
            destroyed(vault, &keys).await;
        }
    }
}

type Keys = std::collections::BTreeSet<uuid::Uuid>;

fn noted(journal: &Journal, prefix: &str) -> Vec<(dossier::ids::DossierCode, Keys)> {
    match journal.notes_with_prefix(prefix.as_bytes()) {
        Ok(notes) => notes
            .iter()
            .filter_map(|(key, value)| watch::keys_of(key, value))
            .collect(),
        Err(error) => {
            tracing::error!(unit = journal.unit(), %error, "cannot read which keys are to be destroyed");
            Vec::new()
        }
    }
}

async fn destroyed(vault: &Vault, keys: &Keys) -> bool {
    for key in keys {
        if let Err(error) = vault.destroy(*key).await {
            tracing::error!(%key, %error, "a key that is to be destroyed is not yet: mend the vault");
            return false;
        }
    }
    true
}
