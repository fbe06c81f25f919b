//! What a floor is asked to do.

/// The command line, as both floors take it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Seed of the first run; the next run has the next seed.
    pub seed: u64,
    /// How many runs; none for as many as time allows.
    pub runs: Option<u64>,
    /// For how many minutes; none for as long as it takes.
    pub minutes: Option<u64>,
    /// Only this fault.
    pub fault: Option<String>,
}
