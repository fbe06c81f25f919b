//! The routes that callers drive: real procedures of the registers, as commands in their order.

use serde_json::{Value, json};

/// A commune.
pub const COMMUNE: &str = "H33-27-04";
/// The district.
pub const DISTRICT: &str = "H33-27";
/// The land registration office.
pub const LAND: &str = "H33-27-91";
/// The tax office.
pub const TAX: &str = "H33-27-92";
/// The police, to whom some civil status goes.
pub const POLICE: &str = "H33-27-93";
/// The social insurance.
pub const INSURANCE: &str = "H33-27-94";

/// Every unit of the laboratory's town.
pub const UNITS: [&str; 6] = [COMMUNE, DISTRICT, LAND, TAX, POLICE, INSURANCE];

/// One command of a route.
#[derive(Debug)]
pub struct Deed {
    /// Who is asked.
    pub unit: &'static str,
    /// What for.
    pub name: &'static str,
    /// When it happened, in simulated time.
    pub at: &'static str,
    what: What,
}

#[derive(Debug, Clone, Copy)]
enum What {
    Receive {
        procedure: &'static str,
        papers: u16,
        at_once: bool,
    },
    Step(&'static str),
    Complete(&'static str),
    Assess(&'static str),
    Paid,
    Returned,
}

const fn deed(unit: &'static str, name: &'static str, at: &'static str, what: What) -> Deed {
    Deed {
        unit,
        name,
        at,
        what,
    }
}

const fn receive(unit: &'static str, procedure: &'static str, papers: u16, at_once: bool) -> Deed {
    let what = What::Receive {
        procedure,
        papers,
        at_once,
    };
    deed(unit, "receive", "2018-01-02T08:00:00+07:00", what)
}

/// Land registration received at a commune: land office, tax office, the citizen's payment, land
/// office again (`deploy/registers/routes/land_transfer.toml`).
const LAND_TRANSFER: &[Deed] = &[
    receive(COMMUNE, "1.010754", 4, false),
    deed(
        LAND,
        "accept",
        "2018-01-03T08:00:00+07:00",
        What::Step("conditions"),
    ),
    deed(
        LAND,
        "complete",
        "2018-01-03T15:00:00+07:00",
        What::Complete("conditions"),
    ),
    deed(
        LAND,
        "accept",
        "2018-01-04T08:00:00+07:00",
        What::Step("transfer_slip"),
    ),
    deed(
        LAND,
        "complete",
        "2018-01-04T15:00:00+07:00",
        What::Complete("transfer_slip"),
    ),
    deed(
        TAX,
        "accept",
        "2018-01-05T08:00:00+07:00",
        What::Step("tax"),
    ),
    deed(
        TAX,
        "assess_obligation",
        "2018-01-05T15:00:00+07:00",
        What::Assess("tax"),
    ),
    deed(
        TAX,
        "complete",
        "2018-01-05T15:00:00+07:00",
        What::Complete("tax"),
    ),
    deed(
        COMMUNE,
        "confirm_payment",
        "2018-01-08T08:00:00+07:00",
        What::Paid,
    ),
    deed(
        LAND,
        "accept",
        "2018-01-09T08:00:00+07:00",
        What::Step("registration"),
    ),
    deed(
        LAND,
        "complete",
        "2018-01-09T15:00:00+07:00",
        What::Complete("registration"),
    ),
    deed(
        COMMUNE,
        "return_result",
        "2018-01-10T08:00:00+07:00",
        What::Returned,
    ),
];

/// A household's business register at the district, then its tax code
/// (`deploy/registers/routes/household_business.toml`).
const HOUSEHOLD_BUSINESS: &[Deed] = &[
    receive(DISTRICT, "DNG-288122_1", 3, false),
    deed(
        DISTRICT,
        "accept",
        "2018-01-02T09:00:00+07:00",
        What::Step("business"),
    ),
    deed(
        DISTRICT,
        "complete",
        "2018-01-03T08:00:00+07:00",
        What::Complete("business"),
    ),
    deed(
        TAX,
        "accept",
        "2018-01-04T08:00:00+07:00",
        What::Step("tax_code"),
    ),
    deed(
        TAX,
        "complete",
        "2018-01-05T08:00:00+07:00",
        What::Complete("tax_code"),
    ),
    deed(
        DISTRICT,
        "return_result",
        "2018-01-08T08:00:00+07:00",
        What::Returned,
    ),
];

/// A certified copy, while the citizen waits (`deploy/registers/routes/certified_copy.toml`).
const CERTIFIED_COPY: &[Deed] = &[receive(COMMUNE, "2.000815", 1, true)];

/// The routes, each as often as it is driven.
pub const ALL: [&[Deed]; 4] = [
    LAND_TRANSFER,
    HOUSEHOLD_BUSINESS,
    LAND_TRANSFER,
    CERTIFIED_COPY,
];

impl Deed {
    /// The command's own fields.
    pub fn data(&self) -> Value {
        match self.what {
            What::Receive {
                procedure,
                papers,
                at_once,
            } => {
                let papers: Vec<Value> = (1..=papers)
                    .map(|paper| json!({ "paper": paper, "verdict": "original" }))
                    .collect();
                let applicant = json!({
                    "name": "Trần Văn An", "id_number": "091234567890",
                    "address": "Mong Thọ", "phone": "0912345678",
                });
                let mut data = json!({
                    "procedure": procedure, "channel": "direct", "applicant": applicant, "papers": papers,
                });
                if at_once {
                    data["at_once"] = true.into();
                }
                data
            }
            What::Step(step) => json!({ "step": step }),
            What::Complete(step) => json!({ "step": step, "outcome": "approved" }),
            What::Assess(step) => {
                json!({ "step": step, "amount_vnd": 2_500_000, "notice": "TB-17" })
            }
            What::Paid => json!({ "voucher": "BL-9" }),
            What::Returned => json!({ "channel": "counter" }),
        }
    }
}
