//! Which deliveries a damaged entry carried: those that the index of links knows and no readable entry
//! carries.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::survey::{self, Survey};
use super::{RepairError, Replacement};
use crate::entry::{Delivery, Origin};
use crate::trees;

impl Survey {
    /// Per damaged entry what it promised. Links to one addressee run in the order of the entries that
    /// carry them, so a link belongs to a damaged entry between its neighbours' entries; mostly to
    /// that of the event itself.
    pub(super) fn promises(
        &self,
        found: &BTreeMap<u64, Replacement>,
    ) -> Result<BTreeMap<u64, Vec<Delivery>>, RepairError> {
        let mut promised: BTreeMap<u64, Vec<Delivery>> = BTreeMap::new();
        if found.is_empty() {
            return Ok(promised);
        }
        let own: BTreeMap<u64, Option<Uuid>> = self
            .damaged
            .iter()
            .filter(|entry| {
                let copy = found.get(&entry.index);
                copy.is_some_and(|copy| copy.origin == Origin::Own && copy.deliveries.is_none())
            })
            .map(|entry| (entry.index, entry.id))
            .collect();
        let carried = self.carried(found)?;
        // The entry that carried the last link to each addressee.
        let mut last: BTreeMap<String, u64> = BTreeMap::new();
        for (key, event) in survey::readable(&self.trees.links) {
            let (Some((to, link)), Ok(event)) = (trees::split(&key), Uuid::from_slice(&event))
            else {
                continue;
            };
            let here = (to.to_owned(), link);
            if let Some(index) = carried.get(&here) {
                last.insert(here.0, *index);
                continue;
            }
            let from = last.get(to).copied().unwrap_or_default();
            let next = carried.range(here.clone()..).next();
            let next = next.filter(|((name, _), _)| name == to);
            let until = next.map_or(self.entries, |(_, index)| *index);
            let mut within = own.range(from..until.max(from));
            let itself = within.clone().find(|(_, id)| **id == Some(event));
            if let Some((index, _)) = itself.or_else(|| within.next()) {
                promised.entry(*index).or_default().push(Delivery {
                    to: to.to_owned(),
                    link,
                    event,
                });
                last.insert(here.0, *index);
            }
        }
        Ok(promised)
    }

    /// Which entry carries which link, of all that are readable or found with what they carried.
    fn carried(
        &self,
        found: &BTreeMap<u64, Replacement>,
    ) -> Result<BTreeMap<(String, u64), u64>, RepairError> {
        let damaged: BTreeMap<u64, ()> = self.damaged.iter().map(|row| (row.index, ())).collect();
        let mut carried = BTreeMap::new();
        for index in 0..self.entries {
            let deliveries = if damaged.contains_key(&index) {
                let copy = found.get(&index);
                copy.and_then(|copy| copy.deliveries.clone())
                    .unwrap_or_default()
            } else {
                self.entry(index)?.deliveries
            };
            for delivery in deliveries {
                carried.insert((delivery.to, delivery.link), index);
            }
        }
        Ok(carried)
    }
}
