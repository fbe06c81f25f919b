//! Putting numbered messages back in order: pure bookkeeping, no waiting and no network.
//!
//! A line is one gap-free numbering 1, 2, 3 … (a sender's deliveries to one unit, or one origin's
//! own events in one journal epoch). Messages come late, twice, early or never; what leaves here
//! leaves in order and once, and what is missing can be named.

use std::collections::BTreeMap;

use uuid::Uuid;

/// Which numbering a message belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// The unit that numbers.
    pub origin: String,
    /// The origin's journal epoch, for numberings that start again with each epoch.
    pub epoch: Option<Uuid>,
}

/// What became of a message that was placed.
#[derive(Debug, PartialEq, Eq)]
pub enum Placed<T> {
    /// These are next, in this order: the message itself and those that waited for it.
    Ready(Vec<T>),
    /// It is early and waits here for the ones before it.
    Parked,
    /// It was passed on before; handed back.
    Late(T),
    /// A copy of it is waiting already; handed back.
    Twin(T),
    /// It is early and the waiting room, its line's or that of all, is full; handed back.
    Full(T),
}

/// Numbers that are missing from a line, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The first missing number.
    pub first: u64,
    /// The last missing number.
    pub last: u64,
}

/// The order of all lines of one receiver.
#[derive(Debug)]
pub struct Order<T> {
    lines: BTreeMap<Line, LineState<T>>,
    parked_max: usize,
    /// Early messages that wait, on all lines.
    parked: usize,
    all_parked_max: usize,
}

#[derive(Debug)]
struct LineState<T> {
    /// The number that is passed on next.
    next: u64,
    /// The highest number known to exist.
    known: u64,
    parked: BTreeMap<u64, T>,
}

impl<T> Order<T> {
    /// An empty order whose lines let at most `parked_max` early messages wait, and all together
    /// at most `all_parked_max`.
    pub fn new(parked_max: usize, all_parked_max: usize) -> Order<T> {
        Order {
            lines: BTreeMap::new(),
            parked_max,
            parked: 0,
            all_parked_max,
        }
    }

    /// True when the line was begun.
    pub fn has(&self, line: &Line) -> bool {
        self.lines.contains_key(line)
    }

    /// Begins a line whose messages up to `position` were passed on earlier (0: none was). A line
    /// that exists is set back or forward to it; what waits beyond it goes on waiting.
    pub fn begin(&mut self, line: &Line, position: u64) {
        let state = self.lines.entry(line.clone()).or_insert_with(|| LineState {
            next: 1,
            known: 0,
            parked: BTreeMap::new(),
        });
        state.known = state.known.max(state.next.saturating_sub(1)).max(position);
        state.next = position.saturating_add(1);
        let beyond = state.parked.split_off(&state.next);
        self.parked -= state.parked.len();
        state.parked = beyond;
    }

    /// Takes note that the numbers up to `position` carry nothing; gives what waited for them.
    pub fn skip(&mut self, line: &Line, position: u64) -> Vec<T> {
        if self.next(line) > position {
            return Vec::new();
        }
        self.begin(line, position);
        self.follow(line)
    }

    /// The number that the line waits for: 1 for a line never seen.
    pub fn next(&self, line: &Line) -> u64 {
        self.lines.get(line).map_or(1, |state| state.next)
    }

    /// Places message number `position` of a line.
    pub fn place(&mut self, line: &Line, position: u64, item: T) -> Placed<T> {
        self.know(line, position);
        let parked_max = self.parked_max;
        let Some(state) = self.lines.get_mut(line) else {
            return Placed::Full(item);
        };
        if position < state.next {
            return Placed::Late(item);
        }
        if state.parked.contains_key(&position) {
            return Placed::Twin(item);
        }
        if position > state.next {
            if state.parked.len() >= parked_max || self.parked >= self.all_parked_max {
                return Placed::Full(item);
            }
            state.parked.insert(position, item);
            self.parked += 1;
            return Placed::Parked;
        }
        state.next = state.next.saturating_add(1);
        let mut ready = vec![item];
        ready.extend(self.follow(line));
        Placed::Ready(ready)
    }

    /// Takes out what waits for nothing any more.
    fn follow(&mut self, line: &Line) -> Vec<T> {
        let mut ready = Vec::new();
        if let Some(state) = self.lines.get_mut(line) {
            while let Some(waiting) = state.parked.remove(&state.next) {
                ready.push(waiting);
                state.next = state.next.saturating_add(1);
            }
            self.parked -= ready.len();
        }
        ready
    }

    /// Every line that was begun, with the highest number known to exist and how many early
    /// messages wait.
    pub fn lines(&self) -> impl Iterator<Item = (&Line, u64, usize)> {
        self.lines
            .iter()
            .map(|(line, state)| (line, state.known, state.parked.len()))
    }

    /// Takes note that the line reaches at least to `position`.
    pub fn know(&mut self, line: &Line, position: u64) {
        if !self.has(line) {
            self.begin(line, 0);
        }
        if let Some(state) = self.lines.get_mut(line) {
            state.known = state.known.max(position);
        }
    }

    /// Takes note that the origin itself has nothing after what is waiting or was passed on: a
    /// claim of a higher number was not true.
    pub fn unknow(&mut self, line: &Line) {
        if let Some(state) = self.lines.get_mut(line) {
            let parked = state
                .parked
                .last_key_value()
                .map_or(0, |(position, _)| *position);
            state.known = parked.max(state.next.saturating_sub(1));
        }
    }

    /// What is missing next on a line, if anything is.
    pub fn gap(&self, line: &Line) -> Option<Gap> {
        let state = self.lines.get(line)?;
        let last = match state.parked.first_key_value() {
            Some((position, _)) => position.saturating_sub(1),
            None => state.known,
        };
        (state.next <= last).then_some(Gap {
            first: state.next,
            last,
        })
    }

    /// Every line that misses something.
    pub fn gaps(&self) -> impl Iterator<Item = (&Line, Gap)> {
        self.lines
            .keys()
            .filter_map(|line| self.gap(line).map(|gap| (line, gap)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, proptest};
    use proptest::sample::subsequence;

    use super::*;

    fn line(origin: &str) -> Line {
        Line {
            origin: origin.to_owned(),
            epoch: None,
        }
    }

    #[test]
    fn an_early_message_waits_and_the_gap_is_named() {
        let (mut order, a) = (Order::new(8, 8), line("A"));
        assert_eq!(order.place(&a, 1, "one"), Placed::Ready(vec!["one"]));
        assert_eq!(order.place(&a, 4, "four"), Placed::Parked);
        assert_eq!(order.gap(&a), Some(Gap { first: 2, last: 3 }));
        assert_eq!(order.place(&a, 4, "four again"), Placed::Twin("four again"));
        assert_eq!(order.place(&a, 1, "one again"), Placed::Late("one again"));
        assert_eq!(order.place(&a, 2, "two"), Placed::Ready(vec!["two"]));
        assert_eq!(
            order.place(&a, 3, "three"),
            Placed::Ready(vec!["three", "four"])
        );
        assert_eq!(order.gap(&a), None);
    }

    #[test]
    fn a_lost_tail_is_a_gap_once_somebody_speaks_of_it() {
        let (mut order, a) = (Order::<u64>::new(8, 8), line("A"));
        order.begin(&a, 7);
        assert_eq!(order.gap(&a), None);
        order.know(&a, 9);
        assert_eq!(
            order.gaps().collect::<Vec<_>>(),
            [(&a, Gap { first: 8, last: 9 })]
        );
        order.unknow(&a);
        assert_eq!(order.gap(&a), None);
    }

    #[test]
    fn a_full_waiting_room_hands_back_and_the_rest_stays_missing() {
        let (mut order, a) = (Order::new(2, 8), line("A"));
        assert_eq!(order.place(&a, 3, 3), Placed::Parked);
        assert_eq!(order.place(&a, 4, 4), Placed::Parked);
        assert_eq!(order.place(&a, 5, 5), Placed::Full(5));
        assert_eq!(order.place(&a, 1, 1), Placed::Ready(vec![1]));
        assert_eq!(order.place(&a, 2, 2), Placed::Ready(vec![2, 3, 4]));
        assert_eq!(order.gap(&a), Some(Gap { first: 5, last: 5 }));
    }

    #[test]
    fn one_line_cannot_take_all_the_room_and_all_together_not_more_than_there_is() {
        let (mut order, a, b) = (Order::new(2, 3), line("A"), line("B"));
        for position in [3, 4] {
            assert_eq!(order.place(&a, position, position), Placed::Parked);
        }
        assert_eq!(order.place(&b, 3, 3), Placed::Parked);
        assert_eq!(order.place(&b, 4, 4), Placed::Full(4));
        assert_eq!(order.skip(&a, 2), [3, 4]);
        assert_eq!(order.place(&b, 4, 4), Placed::Parked);
        assert_eq!(order.place(&b, 1, 1), Placed::Ready(vec![1]));
        assert_eq!(order.place(&b, 2, 2), Placed::Ready(vec![2, 3, 4]));
    }

    #[test]
    fn a_line_set_back_asks_again_for_what_was_passed_on() {
        let (mut order, a) = (Order::new(8, 8), line("A"));
        for n in 1..=3 {
            order.place(&a, n, n);
        }
        order.begin(&a, 1);
        assert_eq!(order.gap(&a), Some(Gap { first: 2, last: 3 }));
    }

    #[test]
    fn epochs_are_lines_of_their_own() {
        let mut order = Order::new(8, 8);
        let first = Line {
            origin: "A".to_owned(),
            epoch: Some(Uuid::from_u128(1)),
        };
        let second = Line {
            origin: "A".to_owned(),
            epoch: Some(Uuid::from_u128(2)),
        };
        assert_eq!(order.place(&first, 1, 1), Placed::Ready(vec![1]));
        assert_eq!(order.place(&second, 1, 2), Placed::Ready(vec![2]));
    }

    fn arrivals() -> impl Strategy<Value = (u64, Vec<u64>)> {
        (1..40_u64).prop_flat_map(|count| {
            let twice: Vec<u64> = (1..=count).chain(1..=count).collect();
            (Just(count), Just(twice).prop_shuffle())
        })
    }

    proptest! {
        #[test]
        fn any_order_with_duplicates_comes_out_in_order_and_once(
            (count, arrivals) in arrivals(), start in 0..5_u64,
        ) {
            let (mut order, a) = (Order::new(1_024, 1_024), line("A"));
            order.begin(&a, start);
            let mut out = Vec::new();
            for position in arrivals {
                if let Placed::Ready(ready) = order.place(&a, position, position) {
                    out.extend(ready);
                }
            }
            prop_assert_eq!(out, (start + 1..=count).collect::<Vec<_>>());
            prop_assert_eq!(order.gap(&a), None);
        }

        #[test]
        fn filling_the_reported_gaps_always_completes_a_line(
            (count, arrived) in (1..60_u64).prop_flat_map(|count| {
                let all: Vec<u64> = (1..=count).collect();
                let len = all.len();
                (Just(count), subsequence(all, 0..=len).prop_shuffle())
            }),
            room in 1..8_usize,
            _seed in any::<bool>(),
        ) {
            let (mut order, a) = (Order::new(room, 8), line("A"));
            let mut out = Vec::new();
            for position in arrived {
                if let Placed::Ready(ready) = order.place(&a, position, position) {
                    out.extend(ready);
                }
            }
            order.know(&a, count);
            let mut rounds = 0;
            while let Some(gap) = order.gap(&a) {
                rounds += 1;
                prop_assert!(rounds <= count, "no progress at {:?}", gap);
                for position in gap.first..=gap.last {
                    if let Placed::Ready(ready) = order.place(&a, position, position) {
                        out.extend(ready);
                    }
                }
            }
            prop_assert_eq!(out, (1..=count).collect::<Vec<_>>());
        }
    }
}
