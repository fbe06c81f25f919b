//! Payments: fees, and financial obligations that another agency assessed (nghĩa vụ tài chính,
//! status 6).

use calendar::Moment;
use serde::{Deserialize, Serialize};

use crate::case::{Case, Refusal};
use crate::fact::Fact;
use crate::ids::StepKey;
use crate::procedure::WaitEffect;
use crate::promise::{Recounted, Wait};

const RULE: &str =
    "Thông báo nộp tiền; NĐ 61/2018/NĐ-CP điều 17 khoản 1, pháp luật về phí, lệ phí và đất đai";

/// The citizen was asked to pay (thông báo nộp tiền; status 6). Written by the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Asked {
    /// Amount in đồng.
    pub amount_vnd: u64,
    /// What for, in Vietnamese.
    pub purpose: String,
    /// The step whose assessment it follows, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepKey>,
    /// What it does to the clock.
    pub effect: WaitEffect,
}

/// The payment was confirmed: from a connected database, by voucher, or recorded as owed (ghi nợ).
/// Written by the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Confirmed {
    /// Number of the voucher or of the decision to record a debt (ghi nợ).
    pub voucher: String,
    /// The promise as recounted.
    pub recounted: Recounted,
}

/// One payment: asked for, and confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Amount in đồng.
    pub amount_vnd: u64,
    /// When the citizen was asked.
    pub asked_at: Moment,
    /// When it was confirmed.
    pub confirmed_at: Option<Moment>,
}

/// State of the payments.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Payments {
    /// Every payment, in order.
    pub asked: Vec<Payment>,
}

/// Command: ask for a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AskPayment {
    /// Amount in đồng.
    pub amount_vnd: u64,
    /// What for, in Vietnamese.
    pub purpose: String,
}

impl AskPayment {
    /// One request at a time.
    pub fn decide(self, case: &Case<'_>) -> Result<Vec<Fact>, Refusal> {
        case.home_open()?;
        if self.amount_vnd == 0 {
            return Err(Refusal::new(
                "payment.nothing",
                "Số tiền phải lớn hơn 0",
                RULE,
            ));
        }
        if case.dossier.promise.waits_for(Wait::Payment) {
            return Err(Refusal::new(
                "payment.already_asked",
                "Đang chờ công dân nộp tiền",
                RULE,
            ));
        }
        Ok(vec![Fact::PaymentAsked(Asked {
            amount_vnd: self.amount_vnd,
            purpose: self.purpose,
            step: None,
            effect: case.dossier.policy().payment,
        })])
    }
}

/// Command: confirm a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConfirmPayment {
    /// Number of the voucher or of the decision to record a debt.
    pub voucher: String,
}

impl ConfirmPayment {
    /// Only what was asked for can be confirmed.
    pub fn decide(self, case: &Case<'_>) -> Result<Vec<Fact>, Refusal> {
        case.home_open()?;
        let promise = &case.dossier.promise;
        if !promise.waits_for(Wait::Payment) {
            return Err(Refusal::new(
                "payment.not_asked",
                "Không có khoản tiền nào đang chờ nộp",
                RULE,
            ));
        }
        let recounted = promise
            .recount(Wait::Payment, case.at, case.calendar)
            .map_err(|e| Refusal::calendar(&e))?;
        Ok(vec![Fact::PaymentConfirmed(Confirmed {
            voucher: self.voucher,
            recounted,
        })])
    }
}
