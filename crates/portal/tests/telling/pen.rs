//! Events as units write and sign them.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use calendar::{Moment, parse_moment};
use catalogue::Catalogue;
use dossier::ids::{DossierCode, UnitId};
use envelope::{Draft, PublicKeys, Signed, UnitKey};
use history::Statement;
use portal::names::Names;
use portal::partner::Partner;
use portal::story::Manner;
use serde_json::{Value, json};
use uuid::Uuid;

pub const HOME: &str = "H33-27-04";
pub const TAX: &str = "H33-27-92";
pub const STRANGER: &str = "H33-27";

pub fn at(text: &str) -> Moment {
    parse_moment(&format!("{text}:00+07:00")).unwrap()
}

pub fn code(serial: u32) -> DossierCode {
    let home = UnitId::parse(HOME).unwrap();
    DossierCode::issue(&home, at("2018-01-02T08:00").date_naive(), serial).unwrap()
}

/// The sender's agreement, with codes of fields in the form of TT 01/2018/TT-VPCP art. 20.
pub fn manner() -> Manner {
    let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
    let catalogue = Catalogue::load(&deploy.join("registers"), &deploy.join("chau-thanh")).unwrap();
    let mut partner = Partner::new("000.00.00.H33");
    for (name, code) in [("Đất đai", "H33-LV01"), ("Hộ tịch", "H33-LV02")] {
        partner.fields.insert(name.to_owned(), code.to_owned());
    }
    Manner {
        partner,
        names: Names::of(catalogue),
        simulated: false,
    }
}

/// A unit that writes events. Ids are made of its number and its sequence, so that runs repeat.
#[derive(Clone)]
pub struct Pen {
    pub unit: UnitId,
    pub epoch: Uuid,
    pub key: Arc<UnitKey>,
    number: u64,
    sequence: u64,
}

impl Pen {
    pub fn new(id: &str, number: u8) -> Pen {
        Pen {
            unit: UnitId::parse(id).unwrap(),
            epoch: Uuid::from_u128(0xee00 + u128::from(number)),
            key: Arc::new(UnitKey::from_seed([number; 32])),
            number: u64::from(number),
            sequence: 0,
        }
    }

    pub fn public(&self) -> PublicKeys {
        PublicKeys::new(self.unit.as_str(), self.key.public(), [9; 32])
    }

    pub fn write(
        &mut self,
        code: &DossierCode,
        when: Moment,
        parents: &[Uuid],
        kind: &str,
        data: &Value,
    ) -> Signed {
        self.sequence += 1;
        let data = serde_json::value::to_raw_value(data).unwrap();
        let bytes = Draft {
            id: Uuid::from_u64_pair(self.number, self.sequence),
            unit: self.unit.as_str(),
            kind: &format!("vn.motcua.{kind}.v1"),
            subject: code.as_str(),
            time: when,
            recorded: when,
            epoch: self.epoch,
            sequence: self.sequence,
            causation: None,
            parents,
            schema: "https://motcua.vn/schemas/test.json",
            simulated: false,
            traceparent: None,
            data: &data,
        }
        .write()
        .unwrap();
        Signed {
            signature: self.key.sign_event(&bytes),
            bytes: Bytes::from(bytes),
            key: self.key.id(),
        }
    }
}

pub fn statement(signed: &Signed) -> Statement {
    Statement::read(&signed.bytes).unwrap()
}

/// Everything that may be said, as it stands in events.
pub fn data(kind: &str, when: Moment, turn: u32, text: &str) -> Value {
    let later = (when + chrono::Days::new(5)).to_rfc3339();
    let limit = json!({ "amount": 5, "unit": "working_days" });
    let recounted =
        json!({ "effect": "pause", "limit": limit, "due_at": later, "calendar": "vn-2018.1" });
    let sealed = json!({ "key": Uuid::from_u128(1), "box": "AAAA" });
    match kind {
        "dossier.registered" => json!({ "procedure": "1.010754", "applicant": sealed }),
        "dossier.received" => json!({
            "channel": "online",
            "procedure": { "code": "1.010754", "version": "2018.1", "name": "Đăng ký biến động",
                           "field": "Đất đai", "basis": "NĐ 43/2014/NĐ-CP" },
            "competent": HOME,
            "applicant": sealed,
            "papers": [],
            "route": [{ "key": "tax", "task": "Xác định nghĩa vụ tài chính", "unit": TAX, "limit": limit }],
            "clock": { "supplement": "pause", "payment": "pause" },
            "limit": limit, "due_at": later, "calendar": "vn-2018.1", "regime": "nd61",
            "receipt": true, "officer": "cb-01",
        }),
        "dossier.declined" => {
            json!({ "procedure": "1.010754", "field": "Đất đai", "channel": "post",
                                      "reason": text, "officer": "cb-01" })
        }
        "step.dispatched" => {
            json!({ "step": "tax", "turn": turn, "to": TAX, "task": "Xác định nghĩa vụ tài chính", "limit": limit })
        }
        "step.accepted" => json!({ "step": "tax", "turn": turn, "due_at": later }),
        "step.declined" => json!({ "step": "tax", "turn": turn, "reason": text }),
        "step.allotted" => json!({ "step": "tax", "turn": turn, "department": "Đội Trước bạ" }),
        "step.assigned" => json!({ "step": "tax", "turn": turn, "officer": "cb-77" }),
        "step.completed" => json!({ "step": "tax", "turn": turn, "outcome": "approved" }),
        "obligation.assessed" => {
            json!({ "step": "tax", "turn": turn, "amount_vnd": 2_500_000, "notice": text })
        }
        "supplement.needed" => {
            json!({ "step": "tax", "turn": turn, "items": [text], "reason": text })
        }
        "supplement.asked" => json!({ "items": [text], "reason": text, "effect": "pause" }),
        "supplement.given" | "payment.confirmed" => {
            json!({ "papers": [], "voucher": "BL-9", "recounted": recounted })
        }
        "payment.asked" => json!({ "amount_vnd": 1_250_000, "purpose": text, "effect": "pause" }),
        "dossier.apologised" => json!({ "reason": text, "old_due_at": later,
            "new_due_at": (when + chrono::Days::new(9)).to_rfc3339(), "late": false }),
        "result.returned" => json!({ "channel": "counter", "officer": "cb-01" }),
        "result.readied" => json!({}),
        "code.aliased" => json!({ "alias": { "scheme": "dvcqg", "code": "G22.99-180102-000001" } }),
        // Refused, withdrawn, stopped: a reason. A type that nobody knows takes anything.
        _ => json!({ "reason": text }),
    }
}
