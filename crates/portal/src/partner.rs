//! What is agreed with one receiver of messages: codes that differ between receivers, and what no
//! event says.
//!
//! The defaults are the codes met in public provincial systems; where receivers are known to differ,
//! the field's comment says so.

use std::collections::BTreeMap;

use dossier::ids::ProcedureCode;
use dossier::intake::Channel;
use dossier::outcome::ReturnChannel;
use serde::Deserialize;

/// The agreement with one receiver.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partner {
    /// The sender's code (`madonvi`), in the spelling of QCVN 102:2016: `000.00.00.H33`.
    pub madonvi: String,
    /// Codes of the fields (`MaLinhVuc`) by their names in the register. The receiver publishes them
    /// by `LayDanhMucLinhVuc`; a dossier of a field without a code waits, and says so.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// `KenhThucHien`.
    #[serde(default)]
    pub channels: Channels,
    /// `HinhThuc`.
    #[serde(default)]
    pub returns: Returns,
    /// `LoaiDoiTuong`.
    #[serde(default)]
    pub applicants: Applicants,
    /// What no event says and the receiver requires.
    #[serde(default)]
    pub unsaid: Unsaid,
    /// The scheme under which the national portal's own code of a dossier is noted: a dossier that
    /// has one was handed in there (`NoiNopHoSo` 1), every other here (2).
    #[serde(default = "dvcqg")]
    pub portal_alias: String,
    /// What the answer to a creation says, or its `error_code` is, when the dossier is there already.
    /// The wording is not published; it is compared without regard to capitals.
    #[serde(default = "already")]
    pub exists: Vec<String>,
}

/// `KenhThucHien` (how it was handed in; QĐ 766/QĐ-TTg of 2022, index 3.3).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Channels {
    /// Trực tiếp.
    pub direct: String,
    /// Trực tuyến.
    pub online: String,
    /// Bưu chính công ích.
    pub post: String,
}

/// `HinhThuc` (how the result is returned).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Returns {
    /// Trực tiếp; also where the citizen did not say.
    pub counter: String,
    /// Bưu chính công ích.
    pub post: String,
    /// Electronically. The published list has no code for it; assumed to be sent as "not by post".
    pub online: String,
}

/// `LoaiDoiTuong` (who applies). Who applies is sealed in the events, so it is told by procedure.
/// Receivers differ: most use 1 công dân, 2 doanh nghiệp, 3 cơ quan nhà nước, 4 tổ chức khác, a
/// ministry in 2026 0 công dân, 1 doanh nghiệp, 2 hộ kinh doanh.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Applicants {
    /// Every code that this receiver takes.
    pub codes: Vec<String>,
    /// The code where the procedure has none of its own.
    pub usual: String,
    /// Codes of procedures that are not for citizens.
    pub by_procedure: BTreeMap<ProcedureCode, String>,
}

/// Required by the receiver and said by no event: sent as agreed, 0 unless agreed otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Unsaid {
    /// `HoSoCoThanhPhanSoHoa`: whether papers were digitised.
    pub digitised: String,
    /// `TaiKhoanDuocXacThucVoiVNeID`: whether the account was verified with VNeID.
    pub verified: String,
    /// `DuocThanhToanTrucTuyen`: 0 no, 1 at the national portal, 2 at the agency's gateway.
    pub paid_online: String,
}

impl Default for Channels {
    fn default() -> Self {
        let [direct, online, post] = ["1", "2", "3"].map(str::to_owned);
        Self {
            direct,
            online,
            post,
        }
    }
}

impl Default for Returns {
    fn default() -> Self {
        let [counter, post, online] = ["0", "1", "0"].map(str::to_owned);
        Self {
            counter,
            post,
            online,
        }
    }
}

impl Default for Applicants {
    fn default() -> Self {
        Self {
            codes: ["1", "2", "3", "4"].map(str::to_owned).to_vec(),
            usual: "1".to_owned(),
            by_procedure: BTreeMap::new(),
        }
    }
}

impl Default for Unsaid {
    fn default() -> Self {
        let [digitised, verified, paid_online] = ["0", "0", "0"].map(str::to_owned);
        Self {
            digitised,
            verified,
            paid_online,
        }
    }
}

fn dvcqg() -> String {
    "dvcqg".to_owned()
}

fn already() -> Vec<String> {
    ["đã tồn tại", "already exist"].map(str::to_owned).to_vec()
}

impl Partner {
    /// An agreement of defaults.
    pub fn new(madonvi: &str) -> Self {
        Self {
            madonvi: madonvi.to_owned(),
            fields: BTreeMap::new(),
            channels: Channels::default(),
            returns: Returns::default(),
            applicants: Applicants::default(),
            unsaid: Unsaid::default(),
            portal_alias: dvcqg(),
            exists: already(),
        }
    }

    /// The code of a channel.
    pub fn channel(&self, channel: Channel) -> &str {
        match channel {
            Channel::Direct => &self.channels.direct,
            Channel::Online => &self.channels.online,
            Channel::Post => &self.channels.post,
        }
    }

    /// The code of the way in which the result is returned.
    pub fn return_by(&self, channel: Option<ReturnChannel>) -> &str {
        match channel {
            Some(ReturnChannel::Post) => &self.returns.post,
            Some(ReturnChannel::Online) => &self.returns.online,
            Some(ReturnChannel::Counter) | None => &self.returns.counter,
        }
    }

    /// The code of who applies for a procedure.
    pub fn applicant(&self, procedure: &ProcedureCode) -> &str {
        let own = self.applicants.by_procedure.get(procedure);
        own.unwrap_or(&self.applicants.usual)
    }
}
