//! Which forms the citizen holds. The numbers of the two sets clash ("Mẫu 05" is the control slip in
//! one and the notice of stopping in the other), so set and number stay together.

use calendar::{Moment, hanoi};
use chrono::Datelike;
use dossier::clock::Turned;
use dossier::dossier::Dossier;
use dossier::intake::Received;
use dossier::promise::Wait;
use serde::Serialize;

use crate::ended::{End, How};

/// A set of forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FormSet {
    /// The six forms of TT 01/2018/TT-VPCP (in force from 06/01/2019; for earlier dossiers, whose
    /// forms were not read, they stand as the nearest).
    Tt01,
    /// The seven forms of TT 03/2025/TT-VPCP. Its day of entry into force was not found: the day of its
    /// signature, 15/9/2025, is assumed.
    Tt03,
}

/// A form that was given to the citizen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Held {
    /// The set.
    pub set: FormSet,
    /// The number within the set.
    pub number: u8,
    /// Its title.
    pub title: &'static str,
    /// When it was issued.
    pub issued_at: Moment,
}

impl FormSet {
    /// The set in use on the day of a moment.
    #[must_use]
    pub fn on(at: Moment) -> Self {
        let day = at.with_timezone(&hanoi()).date_naive();
        if (day.year(), day.month(), day.day()) >= (2025, 9, 15) {
            Self::Tt03
        } else {
            Self::Tt01
        }
    }

    /// Its circular.
    #[must_use]
    pub const fn basis(self) -> &'static str {
        match self {
            Self::Tt01 => "TT 01/2018/TT-VPCP điều 9",
            Self::Tt03 => "TT 03/2025/TT-VPCP Phụ lục I",
        }
    }
}

impl Held {
    /// Set, number and title as people cite them.
    #[must_use]
    pub fn name(&self) -> String {
        let circular = match self.set {
            FormSet::Tt01 => "TT 01/2018/TT-VPCP",
            FormSet::Tt03 => "TT 03/2025/TT-VPCP",
        };
        format!("Mẫu {:02} ({circular}): {}", self.number, self.title)
    }
}

/// The forms given to the citizen, in order of issue.
pub(super) fn held(
    dossier: &Dossier,
    received: &Received,
    received_at: Moment,
    end: Option<End>,
) -> Vec<Held> {
    let form = |issued_at: Moment, number: u8, old: &'static str, new: &'static str| {
        let set = FormSet::on(issued_at);
        let title = match set {
            FormSet::Tt01 => old,
            FormSet::Tt03 => new,
        };
        Held {
            set,
            number,
            title,
            issued_at,
        }
    };
    let same = |issued_at, number, title| form(issued_at, number, title, title);
    let mut forms = Vec::new();
    if received.receipt {
        forms.push(same(
            received_at,
            1,
            "Giấy tiếp nhận hồ sơ và hẹn trả kết quả",
        ));
    }
    for turned in &dossier.promise.course {
        match turned {
            Turned::Began {
                wait: Wait::Supplement,
                at,
                ..
            } => forms.push(same(*at, 2, "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ")),
            Turned::Extended { at, .. } => forms.push(form(
                *at,
                4,
                "Phiếu xin lỗi và hẹn lại ngày trả kết quả",
                "Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết",
            )),
            _ => {}
        }
    }
    match end {
        Some(End {
            how: How::Refused,
            at,
            ..
        }) => forms.push(same(at, 3, "Phiếu từ chối tiếp nhận giải quyết hồ sơ")),
        // TT 01/2018 has no form for stopping.
        Some(End {
            how: How::Withdrawn | How::Stopped,
            at,
            ..
        }) if FormSet::on(at) == FormSet::Tt03 => {
            forms.push(same(at, 5, "Thông báo dừng giải quyết hồ sơ"));
        }
        _ => {}
    }
    forms.sort_by_key(|held| held.issued_at);
    forms
}
