//! The national status codes (`TrangThaiHoSo`), derived from state and never sent as something
//! else than they are.

use serde::{Deserialize, Serialize};

use crate::dossier::Dossier;
use crate::promise::Wait;

/// Status 1 to 10 of the national portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "u8", into = "u8")]
#[cfg_attr(feature = "schema", schemars(with = "u8"))]
pub enum Status {
    /// 1
    Registered,
    /// 2
    Received,
    /// 3
    Declined,
    /// 4
    InProcess,
    /// 5
    SupplementAsked,
    /// 6
    PaymentAsked,
    /// 7
    Withdrawn,
    /// 8
    Stopped,
    /// 9
    ResultReady,
    /// 10
    ResultReturned,
}

impl Status {
    const ALL: [Self; 10] = [
        Self::Registered,
        Self::Received,
        Self::Declined,
        Self::InProcess,
        Self::SupplementAsked,
        Self::PaymentAsked,
        Self::Withdrawn,
        Self::Stopped,
        Self::ResultReady,
        Self::ResultReturned,
    ];

    /// The national code.
    pub fn code(self) -> u8 {
        match self {
            Self::Registered => 1,
            Self::Received => 2,
            Self::Declined => 3,
            Self::InProcess => 4,
            Self::SupplementAsked => 5,
            Self::PaymentAsked => 6,
            Self::Withdrawn => 7,
            Self::Stopped => 8,
            Self::ResultReady => 9,
            Self::ResultReturned => 10,
        }
    }

    /// The national label, for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Registered => "Mới đăng ký",
            Self::Received => "Được tiếp nhận",
            Self::Declined => "Không được tiếp nhận",
            Self::InProcess => "Đang xử lý",
            Self::SupplementAsked => "Yêu cầu bổ sung giấy tờ",
            Self::PaymentAsked => "Yêu cầu thực hiện nghĩa vụ tài chính",
            Self::Withdrawn => "Công dân yêu cầu rút hồ sơ",
            Self::Stopped => "Dừng xử lý",
            Self::ResultReady => "Đã xử lý xong",
            Self::ResultReturned => "Đã trả kết quả",
        }
    }
}

impl From<Status> for u8 {
    fn from(status: Status) -> Self {
        status.code()
    }
}

impl TryFrom<u8> for Status {
    type Error = String;
    fn try_from(code: u8) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|status| status.code() == code)
            .ok_or_else(|| format!("{code} is not a national status code: expected 1 to 10"))
    }
}

impl Dossier {
    /// The national status code that is true of this dossier.
    pub fn status(&self) -> Status {
        let outcome = &self.outcome;
        if self.intake.declined_at.is_some() {
            Status::Declined
        } else if outcome.returned_at.is_some() {
            Status::ResultReturned
        } else if outcome.ready_at.or(outcome.refused_at).is_some() {
            Status::ResultReady
        } else if outcome.stopped_at.is_some() {
            Status::Stopped
        } else if outcome.withdrawn_at.is_some() {
            Status::Withdrawn
        } else if self.promise.waits_for(Wait::Supplement) {
            Status::SupplementAsked
        } else if self.promise.waits_for(Wait::Payment) {
            Status::PaymentAsked
        } else if self.work.values().any(|work| work.accepted_at.is_some()) {
            Status::InProcess
        } else if self.intake.received.is_some() {
            Status::Received
        } else {
            Status::Registered
        }
    }
}
