//! The lines between everyone and the broker: what is lost, late, twice or overtaken on them.

use std::collections::BTreeSet;
use std::time::Duration;

use super::chance::Chance;

/// Whoever has a line to the broker: units and projectors by their place in the town, then callers.
pub(super) type Node = usize;

/// How a line treats messages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Weather {
    /// Lost, in a thousand.
    pub(super) lost: u32,
    /// Carried twice, in a thousand.
    pub(super) twice: u32,
    /// How long a message takes at least and at most; whatever is drawn later may overtake.
    pub(super) delay: (Duration, Duration),
}

impl Weather {
    pub(super) const FAIR: Self = Self {
        lost: 0,
        twice: 0,
        delay: (Duration::from_micros(200), Duration::from_micros(3_000)),
    };
}

/// All lines.
#[derive(Debug)]
pub(super) struct Network {
    pub(super) weather: Weather,
    /// Whose line is cut, and they know it.
    pub(super) cut: BTreeSet<Node>,
    /// Whose line swallows everything, and nobody tells them.
    pub(super) swallowed: BTreeSet<Node>,
}

impl Network {
    pub(super) fn new() -> Self {
        Self {
            weather: Weather::FAIR,
            cut: BTreeSet::new(),
            swallowed: BTreeSet::new(),
        }
    }

    /// After how long each copy of a message arrives; no copy when it is lost.
    pub(super) fn carry(&self, node: Node, chance: &mut Chance) -> Vec<Duration> {
        let Weather { lost, twice, delay } = self.weather;
        if self.cut.contains(&node) || self.swallowed.contains(&node) || chance.per_mille(lost) {
            return Vec::new();
        }
        let mut copies = vec![chance.between(delay.0, delay.1)];
        if chance.per_mille(twice) {
            copies.push(chance.between(delay.0, delay.1 * 4));
        }
        copies
    }
}
