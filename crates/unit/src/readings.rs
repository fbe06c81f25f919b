//! Who read the personal data of a dossier, as the citizen may ask of its home (Luật 91/2025/QH15 art. 14;
//! NĐ 47/2020/NĐ-CP art. 45: what a record of sharing data holds), and where its erasure stands.

use calendar::Moment;
use dossier::dossier::Dossier;
use dossier::fact::Fact;
use dossier::ids::{DossierCode, OfficerId, UnitId};
use dossier::privacy::{Basis, Field, Obstacle, Purpose};
use serde::{Deserialize, Serialize};

use crate::memory::tale::Heard;

/// Most readings in one answer.
const PAGE: usize = 500;

/// Question: who read the personal data of a dossier. Asked of its home, which hears of readings at
/// other units as soon as those can reach it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReadingsAsked {
    /// Readings to pass over, where there are more than fit into one answer.
    #[serde(default)]
    pub from: usize,
}

/// Who read it, and where its erasure stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Readings {
    /// The dossier.
    pub dossier: DossierCode,
    /// All readings that the home knows of.
    pub total: usize,
    /// At most 500 of them, in the order in which the home heard of them.
    pub items: Vec<Reading>,
    /// Units that the key was given to.
    pub keys_at: Vec<UnitId>,
    /// Erasures that were refused: whoever asked is to be told.
    pub refusals: Vec<RefusedErasure>,
    /// The erasure, once it was ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erasure: Option<ErasureStanding>,
}

/// One reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reading {
    /// When.
    pub at: Moment,
    /// At which unit.
    pub unit: UnitId,
    /// By whom.
    pub officer: OfficerId,
    /// What for.
    pub purpose: Purpose,
    /// The same in Vietnamese.
    pub purpose_label: String,
    /// What of the applicant.
    pub applicant: Vec<Field>,
    /// What of whoever handed the dossier in for them.
    pub delegate: Vec<Field>,
}

/// An erasure that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RefusedErasure {
    /// When.
    pub at: Moment,
    /// What stood against it.
    pub obstacle: Obstacle,
    /// The reason in Vietnamese, with the law.
    pub message: String,
}

/// Where an erasure stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErasureStanding {
    /// When it was ordered: from then on nothing was given out.
    pub ordered_at: Moment,
    /// On what it rests.
    pub basis: Basis,
    /// The same in Vietnamese, with the law.
    pub basis_label: String,
    /// Units whose word that they destroyed the key has not come yet.
    pub waiting_for: Vec<UnitId>,
    /// When the last of them had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<Moment>,
}

impl Readings {
    pub(crate) fn of(dossier: &Dossier, tale: &[Heard], asked: &ReadingsAsked) -> Self {
        let read = |heard: &Heard| match &heard.fact {
            Fact::Read(read) => Some(Reading {
                at: heard.at,
                unit: heard.by.clone(),
                officer: read.officer.clone(),
                purpose: read.purpose,
                purpose_label: read.purpose.label().to_owned(),
                applicant: read.applicant.clone(),
                delegate: read.delegate.clone(),
            }),
            _ => None,
        };
        let refused = |heard: &Heard| match &heard.fact {
            Fact::ErasureRefused(refused) => Some(RefusedErasure {
                at: heard.at,
                obstacle: refused.obstacle,
                message: refused.message.clone(),
            }),
            _ => None,
        };
        let privacy = &dossier.privacy;
        let standing = privacy.ordered.as_ref().map(|(at, order)| ErasureStanding {
            ordered_at: *at,
            basis: order.basis,
            basis_label: order.basis.label().to_owned(),
            waiting_for: privacy.awaited().into_iter().cloned().collect(),
            erased_at: privacy.erased_at,
        });
        let all = tale.iter().filter_map(read);
        Self {
            dossier: dossier.code.clone(),
            total: all.clone().count(),
            items: all.skip(asked.from).take(PAGE).collect(),
            keys_at: privacy.granted.iter().cloned().collect(),
            refusals: tale.iter().filter_map(refused).take(PAGE).collect(),
            erasure: standing,
        }
    }
}
