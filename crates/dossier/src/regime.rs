//! Which rules of the one-stop mechanism a dossier stays under. The reception date chooses the regime;
//! a new decree never recomputes an old dossier. What each regime rules stands in `rules.rs`.
//!
//! What sector law settles otherwise stands in the procedure's version
//! ([`crate::procedure::ClockPolicy`]) and goes before the table.

use calendar::{Limit, Moment};
use serde::{Deserialize, Serialize};

use crate::dossier::Dossier;
use crate::procedure::WaitEffect;
use crate::promise::Wait;
use crate::rules::{ND61, ND63, ND63_ND301, ND118, ND118_ND309, QD09};

/// The rules of the one-stop mechanism that a dossier stays under, chosen by its reception date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Regime {
    /// QĐ 09/2015/QĐ-TTg, until 20/6/2018. Its steps are kept under the same facts as NĐ 61's.
    Qd09,
    /// NĐ 61/2018/NĐ-CP, from 21/6/2018.
    Nd61,
    /// NĐ 118/2025/NĐ-CP, from 1/7/2025.
    Nd118,
    /// NĐ 118/2025 as amended by NĐ 309/2026/NĐ-CP, from 5/8/2026.
    Nd118Nd309,
    /// The interconnected groups of birth and death, NĐ 63/2024/NĐ-CP, from 10/6/2024.
    Nd63,
    /// The same as amended by NĐ 301/2026/NĐ-CP, from 1/9/2026.
    Nd63Nd301,
}

/// Whether a procedure is one of the interconnected groups with rules of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// No: the general mechanism holds.
    #[default]
    None,
    /// Birth, residence, health insurance (NĐ 63/2024/NĐ-CP chapter II).
    Birth,
    /// Death, residence, funeral and survivors' benefits (NĐ 63/2024/NĐ-CP chapter III).
    Death,
}

/// When the clock of a dossier starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClockStart {
    /// With the receipt (NĐ 61/2018 art. 17.1c; NĐ 118/2025 art. 17.3 as amended).
    #[default]
    OnReceipt,
    /// When the competent agency has the dossier: received outside its territory (phi địa giới;
    /// NĐ 309/2026 art. 8.3), or where sector law says so (NĐ 99/2022 art. 16).
    OnCompetentReceipt,
}

/// How well a rule is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    /// Read in the text of the article.
    Read,
    /// Concluded from texts that were read.
    Inferred,
    /// The text was not found: what is customary, to be set per procedure version.
    Assumed,
}

/// A rule with its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ruled<T> {
    /// The rule.
    pub value: T,
    /// Its article.
    pub basis: &'static str,
    /// How well it is known.
    pub known: Known,
}

/// The rules of a regime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Name in Vietnamese, as people cite it.
    pub name: &'static str,
    /// First day: year, month, day.
    pub from: (i32, u32, u32),
    /// When the clock starts.
    pub start: Ruled<ClockStart>,
    /// When it starts for a dossier received outside the territory of the competent agency.
    pub start_outside: Ruled<ClockStart>,
    /// What the regime itself does not count into the limit, where the procedure's version follows it.
    pub not_counted: Ruled<&'static [Wait]>,
    /// What a supplement asked for after reception does, where the procedure says nothing.
    pub supplement: Ruled<WaitEffect>,
    /// How often a supplement may be asked for after reception; none: no number is fixed.
    pub supplement_rounds: Ruled<Option<u8>>,
    /// Within which time of the full reception a supplement has to be asked for; later is recorded
    /// as late.
    pub supplement_notice: Ruled<Option<Limit>>,
    /// After which time without an answer the dossier is stopped.
    pub supplement_time_out: Ruled<Option<Limit>>,
    /// How often a new date may be given with an apology.
    pub apologies: Ruled<u8>,
    /// How many days before the due date the apology has to be sent at the latest.
    pub apology_days_ahead: Ruled<u32>,
    /// Whether a refusal has to come within the limit; a late one is recorded as late.
    pub refusal_within_limit: Ruled<bool>,
    /// Whether what is received after 15:00 starts the clock on the next working day.
    pub late_start: Ruled<bool>,
    /// By when a fact has to be recorded after it happened; later is refused.
    pub record_within: Ruled<Limit>,
    /// The same for entries from the paper register; later is recorded and listed for the head.
    pub paper_record_within: Ruled<Limit>,
    /// Within how many minutes of a step's completion its result has to be sent.
    pub send_within_minutes: Ruled<Option<i64>>,
    /// Within how many working minutes a step that was given out has to be acknowledged.
    pub acknowledge_within_minutes: Ruled<Option<u32>>,
}

impl Regime {
    /// Every regime, in order.
    pub const ALL: [Self; 6] = [
        Self::Qd09,
        Self::Nd61,
        Self::Nd118,
        Self::Nd118Nd309,
        Self::Nd63,
        Self::Nd63Nd301,
    ];

    /// The regime of a dossier of the general mechanism received at `at`.
    pub fn of(at: Moment) -> Self {
        Self::for_group(at, Group::None)
    }

    /// The regime of a dossier received at `at`, whose procedure belongs to `group`.
    pub fn for_group(at: Moment, group: Group) -> Self {
        let chain: &[Self] = match group {
            Group::None => &[Self::Nd118Nd309, Self::Nd118, Self::Nd61],
            Group::Birth | Group::Death => &[Self::Nd63Nd301, Self::Nd63, Self::Nd118, Self::Nd61],
        };
        use chrono::Datelike;
        let date = at.with_timezone(&calendar::hanoi()).date_naive();
        let day = (date.year(), date.month(), date.day());
        chain
            .iter()
            .copied()
            .find(|regime| day >= regime.rules().from)
            .unwrap_or(Self::Qd09)
    }

    /// Its rules.
    pub const fn rules(self) -> &'static Rules {
        match self {
            Self::Qd09 => &QD09,
            Self::Nd61 => &ND61,
            Self::Nd118 => &ND118,
            Self::Nd118Nd309 => &ND118_ND309,
            Self::Nd63 => &ND63,
            Self::Nd63Nd301 => &ND63_ND301,
        }
    }
}

impl Dossier {
    /// The rules that this dossier stays under, whenever it is acted on. Before reception those of
    /// NĐ 61/2018/NĐ-CP, which no decision then asks for.
    pub fn rules(&self) -> &'static Rules {
        self.received()
            .map_or(Regime::Nd61, |received| received.regime)
            .rules()
    }
}
