//! Units (đơn vị), their level, and the parts they play in routes.

use std::collections::BTreeSet;

use calendar::DeskDays;
use dossier::ids::{CodeForm, ProcedureCode, SerialWidth, UnitId};
use serde::{Deserialize, Serialize};

/// A unit of the profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Canonical identifier.
    pub id: UnitId,
    /// Name in Vietnamese.
    pub name: String,
    /// Code of the General Statistics Office, for units of territory.
    pub gso_code: Option<String>,
    /// Level of government, or an agency with a line of command of its own.
    pub level: Level,
    /// What an agency does; none for units of territory.
    pub kind: Option<AgencyKind>,
    /// The unit that watches over its desk (NĐ 61/2018/NĐ-CP art. 19.7).
    pub overseer: Option<UnitId>,
    /// Parts that it plays in routes.
    pub roles: BTreeSet<Role>,
    /// Departments (phòng chuyên môn) and the fields that each handles.
    pub departments: Vec<Department>,
    /// Who takes a step that arrives.
    pub acknowledge: Acknowledge,
    /// Procedures of the overseer's competence that this desk takes in.
    pub receives_for_superior: BTreeSet<ProcedureCode>,
    /// The days on which its desk receives.
    pub desk_days: DeskDays,
    /// Digits of the serial in its dossier codes.
    pub serial_width: SerialWidth,
    /// Form of its dossier codes, where it is not that of the day.
    pub code_form: Option<CodeForm>,
}

impl Unit {
    /// The department that handles `field`, if one does.
    pub fn department_for(&self, field: &str) -> Option<&str> {
        let handles = |department: &&Department| department.fields.iter().any(|f| f == field);
        self.departments
            .iter()
            .find(handles)
            .map(|department| department.name.as_str())
    }
}

/// Level of a unit in the three-tier model of 2018.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// UBND cấp huyện.
    District,
    /// UBND cấp xã.
    Commune,
    /// An agency with a line of command of its own; it has no desk.
    Agency,
}

/// What an agency does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgencyKind {
    /// Land registration (Chi nhánh Văn phòng Đăng ký đất đai).
    Land,
    /// Tax (Chi cục Thuế).
    Tax,
    /// Police (Công an huyện).
    Police,
    /// Social insurance (Bảo hiểm xã hội).
    Insurance,
    /// Home affairs (cơ quan nội vụ), for people with merit.
    HomeAffairs,
    /// Health (cơ quan y tế), for social protection since 2025.
    Health,
    /// A department of the province (Sở) or what acts for it.
    ProvincialDepartment,
    /// The committee of the province (UBND tỉnh) or its office.
    Province,
    /// The board of an economic zone (Ban Quản lý khu kinh tế).
    EconomicZone,
    /// The organisation that holds an auction.
    Auction,
    /// The military command of the district (Ban Chỉ huy quân sự huyện).
    MilitaryDistrict,
    /// The military command of the province (Bộ Chỉ huy quân sự tỉnh).
    MilitaryProvince,
    /// The command of the military zone (Bộ Tư lệnh quân khu).
    MilitaryZone,
}

/// A part in a route. Routes name parts and never units, so that one route serves every profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The desk that took the dossier in.
    Home,
    /// That desk, being a commune.
    Commune,
    /// The district that watches over that desk, or is it.
    District,
    /// The land registration office.
    LandOffice,
    /// The tax office.
    Tax,
    /// The police.
    Police,
    /// The social insurance.
    Insurance,
    /// Home affairs.
    HomeAffairs,
    /// Health.
    Health,
    /// A department of the province.
    ProvincialDepartment,
    /// The committee of the province.
    Province,
    /// The board of an economic zone.
    EconomicZone,
    /// The organisation that holds an auction.
    Auction,
    /// The military command of the district.
    MilitaryDistrict,
    /// The military command of the province.
    MilitaryProvince,
    /// The command of the military zone.
    MilitaryZone,
}

impl Role {
    /// Parts that a unit has whoever the home is, and which one unit of a profile plays.
    pub(crate) fn is_of_an_agency(self) -> bool {
        !matches!(self, Self::Home | Self::Commune | Self::District)
    }

    /// The part that an agency of this kind plays.
    pub(crate) fn of(kind: AgencyKind) -> Self {
        match kind {
            AgencyKind::Land => Self::LandOffice,
            AgencyKind::Tax => Self::Tax,
            AgencyKind::Police => Self::Police,
            AgencyKind::Insurance => Self::Insurance,
            AgencyKind::HomeAffairs => Self::HomeAffairs,
            AgencyKind::Health => Self::Health,
            AgencyKind::ProvincialDepartment => Self::ProvincialDepartment,
            AgencyKind::Province => Self::Province,
            AgencyKind::EconomicZone => Self::EconomicZone,
            AgencyKind::Auction => Self::Auction,
            AgencyKind::MilitaryDistrict => Self::MilitaryDistrict,
            AgencyKind::MilitaryProvince => Self::MilitaryProvince,
            AgencyKind::MilitaryZone => Self::MilitaryZone,
        }
    }
}

/// A department and the fields (lĩnh vực) that it handles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Department {
    /// Name in Vietnamese.
    pub name: String,
    /// Its fields.
    pub fields: Vec<String>,
}

/// Who takes a step that arrives at a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Acknowledge {
    /// The unit's system, as it arrives.
    OnArrival,
    /// An officer.
    ByOfficer,
}
