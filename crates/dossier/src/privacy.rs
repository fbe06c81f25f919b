//! Personal data (dữ liệu cá nhân): who read it, which units hold its key, and that the key was
//! destroyed. The data itself stands sealed in events ([`crate::intake::Sealed`]); without its key it
//! is noise, so destroying the key everywhere erases it and leaves every byte that was signed.
//!
//! ```text
//! key_granted ─▶ …  erasure_ordered ─▶ keys_destroyed, by every unit that held it ─▶ erased
//! ```

use std::collections::BTreeSet;

use calendar::Moment;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::dossier::{Dossier, Told};
use crate::fact::Fact;
use crate::ids::{OfficerId, UnitId};

/// What an officer reads personal data for. No free text: a purpose must not name anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To resolve the dossier.
    Resolution,
    /// To reach the applicant.
    Contact,
    /// To hand over the result.
    Handover,
    /// To print a form of the dossier.
    Form,
    /// Because the person asked what is known of them.
    SubjectRequest,
    /// To inspect how the dossier was handled.
    Inspection,
}

impl Purpose {
    /// The purpose as the citizen reads it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Resolution => "Giải quyết hồ sơ",
            Self::Contact => "Liên hệ người nộp hồ sơ",
            Self::Handover => "Trả kết quả",
            Self::Form => "In biểu mẫu của hồ sơ",
            Self::SubjectRequest => "Theo yêu cầu của chủ thể dữ liệu cá nhân",
            Self::Inspection => "Thanh tra, kiểm tra việc giải quyết hồ sơ",
        }
    }
}

/// A part of what is known of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// Họ tên.
    Name,
    /// Số giấy tờ.
    IdNumber,
    /// Địa chỉ.
    Address,
    /// Số điện thoại.
    Phone,
}

impl Field {
    /// The part as the citizen reads it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Name => "Họ tên",
            Self::IdNumber => "Số giấy tờ",
            Self::Address => "Địa chỉ",
            Self::Phone => "Số điện thoại",
        }
    }
}

/// An officer read personal data. Recorded before the data was given out. Written by the unit that
/// opened it: the home, or a unit that was given a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Read {
    /// Who read it.
    pub officer: OfficerId,
    /// What for.
    pub purpose: Purpose,
    /// What of the applicant.
    pub applicant: Vec<Field>,
    /// What of whoever handed the dossier in for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delegate: Vec<Field>,
}

/// The key is being given to a unit that was given a step: from here on it has to be destroyed there
/// too. Recorded before the key left. Written by the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeyGranted {
    /// Which unit.
    pub to: UnitId,
}

/// On what an erasure rests (Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15 art. 14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The person asked for it.
    SubjectRequest,
    /// What the data was processed for is done.
    PurposeDone,
    /// The time for which it had to be kept is over.
    RetentionOver,
    /// A competent authority decided it.
    Decision,
}

impl Basis {
    /// The basis with its article, for an officer.
    pub const fn label(self) -> &'static str {
        match self {
            Self::SubjectRequest => {
                "Chủ thể dữ liệu cá nhân yêu cầu xóa (Luật 91/2025/QH15 điều 14)"
            }
            Self::PurposeDone => {
                "Đã hoàn thành mục đích xử lý dữ liệu cá nhân (Luật 91/2025/QH15 điều 14)"
            }
            Self::RetentionOver => "Hết thời hạn lưu trữ (Luật 91/2025/QH15 điều 14)",
            Self::Decision => {
                "Theo quyết định của cơ quan nhà nước có thẩm quyền (Luật 91/2025/QH15 điều 14)"
            }
        }
    }
}

/// How long personal data has to be kept after the dossier has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Retention {
    /// For how many years; none for ever (vĩnh viễn).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub years: Option<u16>,
    /// By which law, such as `NĐ 23/2015/NĐ-CP điều 14 khoản 2`.
    pub basis: String,
}

/// What stood against an erasure that was rightly asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// The dossier has not ended (Luật 91/2025/QH15 art. 14.2 with art. 19).
    Running,
    /// It has to be kept (art. 14.5).
    Retained,
    /// Nobody has written down for how long it has to be kept.
    Unregulated,
}

/// An erasure was asked for and did not take place: whoever asked has to be told why (Luật
/// 91/2025/QH15 art. 14.5). Written by the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErasureRefused {
    /// On what it would have rested.
    pub basis: Basis,
    /// What stood against it.
    pub obstacle: Obstacle,
    /// The rule under which it is kept, as the register of that day had it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<Retention>,
    /// From which day on it may be erased; none where that is never, or not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// What the officer was told, in Vietnamese, with the law.
    pub message: String,
    /// Who asked for it.
    pub officer: OfficerId,
    /// Why, in their words; never the person's own data.
    pub reason: String,
}

/// The key is to be destroyed wherever it went; from here on it is given to nobody and nothing is
/// read. Written by the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErasureOrdered {
    /// Which keys.
    pub keys: BTreeSet<Uuid>,
    /// Where they went: the home and every unit that one was granted to.
    pub places: BTreeSet<UnitId>,
    /// On what it rests.
    pub basis: Basis,
    /// The rule under which it was kept until now, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<Retention>,
    /// Who ordered it.
    pub officer: OfficerId,
    /// Why, in their words; never the person's own data.
    pub reason: String,
}

/// The keys are destroyed in this unit's vault and cannot be had back there. Written by each unit
/// that held them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeysDestroyed {
    /// Which keys.
    pub keys: BTreeSet<Uuid>,
}

/// The keys are destroyed wherever they went: the personal data of this dossier cannot be read by
/// anybody any more. Written by the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Erased {
    /// Which keys.
    pub keys: BTreeSet<Uuid>,
    /// Where they were destroyed.
    pub places: BTreeSet<UnitId>,
    /// On what it rests.
    pub basis: Basis,
    /// The basis with its article, as officers read it.
    pub article: String,
    /// Who ordered it.
    pub officer: OfficerId,
}

/// Where the personal data of a dossier stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Privacy {
    /// Keys that the dossier's sealed fields are under.
    pub keys: BTreeSet<Uuid>,
    /// Units other than the home that a key was granted to.
    pub granted: BTreeSet<UnitId>,
    /// The order to destroy the keys, and when it was given.
    pub ordered: Option<(Moment, Box<ErasureOrdered>)>,
    /// Units whose keys are destroyed.
    pub destroyed: BTreeSet<UnitId>,
    /// When they were destroyed everywhere.
    pub erased_at: Option<Moment>,
}

impl Privacy {
    /// Takes a fact in that concerns personal data; others move nothing here.
    pub(crate) fn evolve(&mut self, told: &Told<'_>, fact: &Fact) {
        match fact {
            Fact::Registered(registered) => {
                self.keys.insert(registered.applicant.key);
            }
            Fact::Received(received) => {
                self.keys.insert(received.applicant.key);
                self.keys.extend(received.delegate.iter().map(|d| d.key));
            }
            Fact::KeyGranted(granted) => {
                self.granted.insert(granted.to.clone());
            }
            Fact::ErasureOrdered(ordered) => {
                self.ordered.get_or_insert((told.at, ordered.clone()));
            }
            Fact::KeysDestroyed(_) => {
                self.destroyed.insert(told.by.clone());
            }
            Fact::Erased(_) => {
                self.erased_at.get_or_insert(told.at);
            }
            _ => {}
        }
    }

    /// The keys that `me` has to destroy, whether it has or not; none where nothing was ordered of it.
    pub fn to_destroy(&self, me: &UnitId) -> Option<&BTreeSet<Uuid>> {
        let (_, order) = self.ordered.as_ref()?;
        order.places.contains(me).then_some(&order.keys)
    }

    /// Units whose word that they destroyed the keys has not come yet.
    pub fn awaited(&self) -> Vec<&UnitId> {
        let places = self.ordered.iter().flat_map(|(_, order)| &order.places);
        places
            .filter(|unit| !self.destroyed.contains(*unit))
            .collect()
    }
}

impl Dossier {
    /// Whether `unit` was ever given a step of this dossier.
    pub fn was_given_to(&self, unit: &UnitId) -> bool {
        let mut turns = self.walk.turns.values().flatten();
        turns.any(|turn| turn.to == *unit)
    }
}
