//! Where a journal stands: what the next entry, link and position have to be.

use std::collections::BTreeMap;
use std::sync::Arc;

use uuid::Uuid;

use crate::epochs::Epoch;
use crate::meta::Meta;
use crate::recovery::Restored;
use crate::trees::{self, ReadError, Trees, contained};

/// Where the journal stands, as far as it has been staged.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub(crate) unit: String,
    /// In the order in which they began; the last is the present one.
    pub(crate) epochs: Arc<Vec<Epoch>>,
    pub(crate) entries: u64,
    /// Own entries, over all epochs.
    pub(crate) own: u64,
    /// Last link number per addressee.
    pub(crate) links: BTreeMap<String, u64>,
    pub(crate) received: BTreeMap<String, u64>,
    pub(crate) quarantined: u64,
    pub(crate) restored: Option<Restored>,
}

impl State {
    pub(crate) fn load(trees: &Trees, unit: String, meta: Meta) -> Result<State, ReadError> {
        let mut links = BTreeMap::new();
        // Addressees are few and links many: jump from the last link of one to the first of the
        // next. A key of the next addressee sorts after `name` followed by byte 1.
        let mut from = Vec::new();
        while let Some((key, _)) = contained(format_args!("the links"), || {
            trees.links.range(from.clone()..).next().transpose()
        })? {
            let (name, _) = trees::split(&key).ok_or_else(|| ReadError::damaged("a link"))?;
            let last = contained(format_args!("the links to {name}"), || {
                trees
                    .links
                    .scan_prefix(trees::prefix(name))
                    .next_back()
                    .transpose()
            })?;
            let last = last.as_ref().and_then(|(key, _)| trees::split(key));
            let (_, link) = last.ok_or_else(|| ReadError::damaged("a link"))?;
            links.insert(name.to_owned(), link);
            from = name.as_bytes().to_vec();
            from.push(1);
        }
        for epoch in &meta.epochs {
            raise(&mut links, epoch);
        }
        let mut received = BTreeMap::new();
        contained(format_args!("the received positions"), || {
            for position in &trees.received {
                let (name, link) = position?;
                received.insert(name, link);
            }
            Ok(())
        })?;
        let received = received
            .into_iter()
            .map(|(name, link)| {
                let name = String::from_utf8(name.to_vec())
                    .map_err(|_| ReadError::damaged("a received position"))?;
                let link = trees::number(&link, format_args!("the position received from {name}"))?;
                Ok((name, link))
            })
            .collect::<Result<_, ReadError>>()?;
        Ok(State {
            unit,
            epochs: Arc::new(meta.epochs),
            entries: trees::end_of(&trees.log, "the log", 0)?,
            own: trees::end_of(&trees.own, "the own sequence", 1)? - 1,
            links,
            received,
            quarantined: trees::end_of(&trees.quarantine, "the quarantine", 0)?,
            restored: meta.restored,
        })
    }

    /// The epoch in which own events are numbered.
    pub(crate) fn epoch(&self) -> Uuid {
        self.epochs.last().map_or(Uuid::nil(), |epoch| epoch.id)
    }

    /// Last own sequence of the present epoch; 0 before its first.
    pub(crate) fn sequence(&self) -> u64 {
        let before = self.epochs.last().map_or(0, |epoch| epoch.own);
        self.own.saturating_sub(before)
    }

    /// Lets own events be numbered under `epoch` from here on.
    pub(crate) fn begin(&mut self, epoch: Epoch) {
        raise(&mut self.links, &epoch);
        Arc::make_mut(&mut self.epochs).push(epoch);
    }
}

fn raise(links: &mut BTreeMap<String, u64>, epoch: &Epoch) {
    for (to, (_, spent)) in &epoch.skipped {
        let last = links.entry(to.clone()).or_default();
        *last = (*last).max(*spent);
    }
}
