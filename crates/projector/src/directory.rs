//! Names and levels of units, for people. Figures never depend on them.

use std::collections::BTreeMap;

use calendar::Calendar;
use dossier::ids::UnitId;
use serde::{Deserialize, Serialize};

use crate::told::Declared;

/// The level of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Cấp huyện.
    District,
    /// Cấp xã.
    Commune,
    /// Cơ quan ngành dọc.
    Agency,
}

impl Level {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::District => "district",
            Self::Commune => "commune",
            Self::Agency => "agency",
        }
    }
}

/// A unit as people know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UnitCard {
    /// Its identity.
    pub id: UnitId,
    /// Its name in Vietnamese.
    pub name: String,
    /// Its level.
    pub level: Level,
}

/// A published figure that the profile wants shown beside the computed one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Headline {
    /// What was published, in Vietnamese.
    pub text: String,
    /// The rate in hundredths of a percent: 9958 is 99.58 %.
    pub rate: u32,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The unit it is about, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitId>,
}

/// The units of a profile.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    cards: BTreeMap<UnitId, UnitCard>,
    /// Working time before any day was declared, and the unit whose declared days count.
    calendar: Option<Calendar>,
    authority: Option<UnitId>,
    /// What was published before.
    pub headline: Option<Headline>,
}

impl Directory {
    /// A directory of these units.
    pub fn new(cards: impl IntoIterator<Item = UnitCard>, headline: Option<Headline>) -> Self {
        let cards = cards
            .into_iter()
            .map(|card| (card.id.clone(), card))
            .collect();
        Self {
            cards,
            headline,
            ..Self::default()
        }
    }

    /// The same with the profile's working time, and the unit that declares days.
    #[must_use]
    pub fn with_working_time(self, calendar: Calendar, authority: Option<UnitId>) -> Self {
        Self {
            calendar: Some(calendar),
            authority,
            ..self
        }
    }

    /// The profile's calendar as the authority amended it; the published one where none is known. A
    /// declaration that does not fit is passed over: the units refused it as well.
    pub fn calendar(&self, declared: &[Declared]) -> Calendar {
        let known = self.calendar.as_ref();
        let mut calendar = known.unwrap_or_else(|| Calendar::published()).clone();
        for said in self.declared(declared).map(|d| &d.declared) {
            match calendar.amended(&said.declaration, said.number) {
                Ok(amended) => calendar = amended,
                Err(error) => tracing::warn!(%error, "a declared day does not fit"),
            }
        }
        calendar
    }

    /// What the authority declared; others may say what they want.
    pub fn declared<'a>(&'a self, declared: &'a [Declared]) -> impl Iterator<Item = &'a Declared> {
        let counts = |d: &&Declared| self.authority.as_ref() == Some(&d.unit);
        declared.iter().filter(counts)
    }

    /// Every unit, in order of identity.
    pub fn cards(&self) -> impl Iterator<Item = &UnitCard> {
        self.cards.values()
    }

    /// The name of a unit; its identity where no name is known.
    pub fn name<'a>(&'a self, unit: &'a UnitId) -> &'a str {
        self.cards
            .get(unit)
            .map_or(unit.as_str(), |card| &card.name)
    }

    /// The level of a unit, where it is known.
    pub fn level(&self, unit: &UnitId) -> Option<Level> {
        self.cards.get(unit).map(|card| card.level)
    }
}
