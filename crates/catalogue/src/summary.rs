//! What a catalogue holds, counted.

use std::collections::BTreeSet;

use crate::catalogue::Catalogue;

/// Counts of a catalogue that was loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Codes of procedures.
    pub procedures: usize,
    /// Versions of them; a code that is only remembered as repealed counts as one.
    pub versions: usize,
    /// Versions that ended or will end.
    pub ended: usize,
    /// Fields (lĩnh vực).
    pub fields: usize,
    /// Limits by channel or case.
    pub limits: usize,
    /// Routes of more than one step, each counted once for all of its codes.
    pub routes: usize,
    /// Codes that have one.
    pub routed: usize,
    /// Units of the profile.
    pub units: usize,
    /// Documents that procedures, limits and routes were taken from.
    pub sources: usize,
}

impl Catalogue {
    /// Counts what is here.
    pub fn summary(&self) -> Summary {
        let versions = || self.listing.values().flatten();
        let routes = || self.routes.values().flatten();
        let limits = || self.limits.values().flatten();
        let sources = versions()
            .map(|version| &version.source)
            .chain(limits().map(|row| &row.source))
            .chain(routes().map(|route| &route.source));
        Summary {
            procedures: self.listing.len(),
            versions: versions().count(),
            ended: versions().filter(|v| v.valid.to.is_some()).count(),
            fields: count(versions().map(|version| &version.field)),
            limits: limits().count(),
            routes: count(routes().map(|route| {
                let codes = route.procedures.iter().map(|code| code.get_ref());
                (codes.collect::<Vec<_>>(), route.valid().from)
            })),
            routed: self.routes.len(),
            units: self.units.len(),
            sources: count(sources),
        }
    }
}

fn count<T: Ord>(items: impl Iterator<Item = T>) -> usize {
    items.collect::<BTreeSet<T>>().len()
}
