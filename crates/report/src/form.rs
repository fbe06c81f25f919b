//! Which forms there are, and what is put on paper by which. The same number means different forms in
//! different circulars ("Mẫu 05" is the control slip in one and the notice of stopping in the other), so
//! a form is always named by its set and its number.

use std::fmt;
use std::str::FromStr;

use calendar::{Moment, hanoi};
use chrono::NaiveDate;
use dossier::fact::Fact;
use serde::{Serialize, Serializer};

/// A set of forms, as one circular prescribes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FormSet {
    /// The six forms of TT 01/2018/TT-VPCP art. 9, in force from 06/01/2019.
    Tt01,
    /// The seven forms of TT 03/2025/TT-VPCP Phụ lục I.
    Tt03,
}

/// TT 03/2025/TT-VPCP was signed on 15/9/2025. From when it is in force was not found; assumed here:
/// from the day of signing.
const TT03_FROM: Option<NaiveDate> = NaiveDate::from_ymd_opt(2025, 9, 15);

/// First day of TT 01/2018/TT-VPCP (its art. 23).
const TT01_FROM: Option<NaiveDate> = NaiveDate::from_ymd_opt(2019, 1, 6);

impl FormSet {
    /// Both, in the order of their time.
    pub const ALL: [Self; 2] = [Self::Tt01, Self::Tt03];

    /// The set that a form issued at `moment` is of. Before TT 01/2018 was in force its forms are
    /// taken as the nearest: the slips of QĐ 09/2015/QĐ-TTg were not found.
    #[must_use]
    pub fn at(moment: Moment) -> Self {
        if day(moment) < TT03_FROM {
            Self::Tt01
        } else {
            Self::Tt03
        }
    }

    /// The circular's number.
    #[must_use]
    pub const fn circular(self) -> &'static str {
        match self {
            Self::Tt01 => "01/2018/TT-VPCP",
            Self::Tt03 => "03/2025/TT-VPCP",
        }
    }

    /// Where the circular prescribes its forms.
    #[must_use]
    pub const fn basis(self) -> &'static str {
        match self {
            Self::Tt01 => "TT 01/2018/TT-VPCP điều 9",
            Self::Tt03 => "TT 03/2025/TT-VPCP Phụ lục I",
        }
    }

    /// What a form issued at `moment` says of itself, where its set was not in force yet.
    #[must_use]
    pub fn remark(moment: Moment) -> Option<&'static str> {
        (day(moment) < TT01_FROM)
            .then_some("lấy mẫu gần nhất, Thông tư có hiệu lực từ ngày 06/01/2019")
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Tt01 => "tt01",
            Self::Tt03 => "tt03",
        }
    }

    /// What each number means, from 1.
    const fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Tt01 => &[
                Kind::Receipt,
                Kind::Supplement,
                Kind::Refusal,
                Kind::Apology,
                Kind::ControlSlip,
                Kind::Register,
            ],
            Self::Tt03 => &[
                Kind::Receipt,
                Kind::Supplement,
                Kind::Refusal,
                Kind::Apology,
                Kind::Stop,
                Kind::ControlSlip,
                Kind::Register,
            ],
        }
    }
}

/// What a form is for, whatever its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Giấy tiếp nhận hồ sơ và hẹn trả kết quả.
    Receipt,
    /// Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ.
    Supplement,
    /// Phiếu từ chối tiếp nhận giải quyết hồ sơ.
    Refusal,
    /// Phiếu xin lỗi và hẹn lại ngày trả kết quả; since TT 03/2025 Văn bản xin lỗi và đề nghị gia hạn.
    Apology,
    /// Thông báo dừng giải quyết hồ sơ; only since TT 03/2025.
    Stop,
    /// Phiếu kiểm soát quá trình giải quyết hồ sơ.
    ControlSlip,
    /// Sổ theo dõi hồ sơ.
    Register,
}

impl Kind {
    /// What a fact is put on paper by, if it is.
    #[must_use]
    pub fn of(fact: &Fact) -> Option<Self> {
        match fact {
            Fact::Received(_) => Some(Self::Receipt),
            Fact::SupplementAsked(_) => Some(Self::Supplement),
            Fact::Declined(_) | Fact::Refused(_) => Some(Self::Refusal),
            Fact::Apologised(_) | Fact::StepApologised(_) => Some(Self::Apology),
            Fact::Stopped(_) => Some(Self::Stop),
            Fact::Dispatched(_)
            | Fact::StepAccepted(_)
            | Fact::StepDeclined(_)
            | Fact::StepSentBack(_)
            | Fact::StepCompleted(_)
            | Fact::ResultReady(_)
            | Fact::ResultReturned(_) => Some(Self::ControlSlip),
            _ => None,
        }
    }
}

/// A form: set and number together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FormId {
    set: FormSet,
    kind: Kind,
}

/// Text that names no form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} names no form; write tt01/1 to tt01/6 or tt03/1 to tt03/7")]
pub struct UnknownForm {
    text: String,
}

impl FormId {
    /// The form of `set` with this number, if there is one.
    #[must_use]
    pub fn numbered(set: FormSet, number: u8) -> Option<Self> {
        let index = usize::from(number.checked_sub(1)?);
        let kind = *set.kinds().get(index)?;
        Some(Self { set, kind })
    }

    /// The form of `set` that serves this purpose, if there is one.
    #[must_use]
    pub fn of(set: FormSet, kind: Kind) -> Option<Self> {
        set.kinds().contains(&kind).then_some(Self { set, kind })
    }

    /// Every form of every set.
    pub fn all() -> impl Iterator<Item = Self> {
        FormSet::ALL.into_iter().flat_map(|set| {
            set.kinds()
                .iter()
                .map(move |kind| Self { set, kind: *kind })
        })
    }

    /// The set.
    #[must_use]
    pub const fn set(self) -> FormSet {
        self.set
    }

    /// The number within the set.
    #[must_use]
    pub fn number(self) -> u8 {
        (1..)
            .zip(self.set.kinds())
            .find_map(|(number, kind)| (*kind == self.kind).then_some(number))
            .unwrap_or_default()
    }

    /// What it is for.
    #[must_use]
    pub const fn kind(self) -> Kind {
        self.kind
    }

    /// The title, in the words of its circular.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match (self.kind, self.set) {
            (Kind::Receipt, _) => "Giấy tiếp nhận hồ sơ và hẹn trả kết quả",
            (Kind::Supplement, _) => "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ",
            (Kind::Refusal, _) => "Phiếu từ chối tiếp nhận giải quyết hồ sơ",
            (Kind::Apology, FormSet::Tt01) => "Phiếu xin lỗi và hẹn lại ngày trả kết quả",
            (Kind::Apology, FormSet::Tt03) => {
                "Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết"
            }
            (Kind::Stop, _) => "Thông báo dừng giải quyết hồ sơ",
            (Kind::ControlSlip, _) => "Phiếu kiểm soát quá trình giải quyết hồ sơ",
            (Kind::Register, _) => "Sổ theo dõi hồ sơ",
        }
    }

    /// Number as it is printed and cited: `Mẫu số 05`.
    #[must_use]
    pub fn label(self) -> String {
        format!("Mẫu số {:02}", self.number())
    }
}

impl Serialize for FormId {
    /// As on the command line.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for FormId {
    /// As on the command line: `tt01/5`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.set.name(), self.number())
    }
}

impl FromStr for FormId {
    type Err = UnknownForm;

    fn from_str(text: &str) -> Result<Self, UnknownForm> {
        Self::all()
            .find(|form| form.to_string() == text)
            .ok_or_else(|| UnknownForm {
                text: text.chars().take(40).collect(),
            })
    }
}

fn day(moment: Moment) -> Option<NaiveDate> {
    Some(moment.with_timezone(&hanoi()).date_naive())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use calendar::parse_moment;

    #[test]
    fn the_same_number_means_two_things_and_the_set_says_which() {
        let old: FormId = "tt01/5".parse().unwrap();
        let new: FormId = "tt03/5".parse().unwrap();
        assert_eq!(old.kind(), Kind::ControlSlip);
        assert_eq!(new.kind(), Kind::Stop);
        assert_eq!(old.number(), new.number());
        assert_ne!(old, new);
    }

    #[test]
    fn there_are_six_forms_and_then_seven_and_each_is_read_from_what_it_is_written_as() {
        let count = |set| FormId::all().filter(|form| form.set() == set).count();
        assert_eq!(count(FormSet::Tt01), 6);
        assert_eq!(count(FormSet::Tt03), 7);
        for form in FormId::all() {
            assert_eq!(form.to_string().parse(), Ok(form));
            assert_eq!(FormId::numbered(form.set(), form.number()), Some(form));
            assert_eq!(FormId::of(form.set(), form.kind()), Some(form));
        }
        assert_eq!(FormId::of(FormSet::Tt01, Kind::Stop), None);
        for wrong in ["tt01/0", "tt01/7", "tt03/8", "tt02/1", "5", "tt01/+1", ""] {
            let refused = wrong.parse::<FormId>().unwrap_err().to_string();
            assert!(refused.contains(&format!("{wrong:?}")), "{refused}");
        }
    }

    #[test]
    fn the_day_chooses_the_set() {
        let at = |text| FormSet::at(parse_moment(text).unwrap());
        assert_eq!(at("2018-03-01T09:00:00+07:00"), FormSet::Tt01);
        let remark = |text| FormSet::remark(parse_moment(text).unwrap());
        assert!(remark("2019-01-05T23:59:59+07:00").is_some());
        assert_eq!(remark("2019-01-06T00:00:00+07:00"), None);
        assert_eq!(at("2025-09-14T23:59:59+07:00"), FormSet::Tt01);
        assert_eq!(at("2025-09-15T00:00:00+07:00"), FormSet::Tt03);
    }
}
