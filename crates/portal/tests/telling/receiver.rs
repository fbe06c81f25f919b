//! A portal as the published lists describe it: it keeps one row per dossier and adds rows of
//! progress, holds every call against the field rules, and takes equal rows for one.

use std::collections::BTreeMap;

use portal::call::Service;
use portal::check;
use portal::partner::Partner;
use serde_json::{Value, json};

/// What it keeps of one dossier.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Kept {
    pub record: Value,
    pub rows: Vec<Value>,
}

/// The portal.
#[derive(Debug, Default)]
pub struct Receiver {
    pub dossiers: BTreeMap<String, Kept>,
    /// Calls that broke a rule: there must be none.
    pub broken: Vec<String>,
    /// Dossiers whose status the portal has seen, in order.
    pub statuses: BTreeMap<String, Vec<String>>,
}

impl Receiver {
    /// Takes a call in and answers.
    pub fn take(&mut self, call: &Value, partner: &Partner) -> Value {
        let faults = check::call(call, partner);
        if !faults.is_empty() {
            self.broken.extend(faults.iter().map(ToString::to_string));
            return json!({ "error_code": "99", "message": "Dữ liệu không hợp lệ" });
        }
        let service: Service = serde_json::from_value(call["service"].clone()).unwrap();
        for message in call["data"].as_array().unwrap() {
            let code = message["MaHoSo"].as_str().unwrap().to_owned();
            match (service, call["isUpdating"] == "True") {
                (Service::Dossier, updating) => {
                    if updating != self.dossiers.contains_key(&code) {
                        let message = if updating {
                            "Hồ sơ không có trên hệ thống"
                        } else {
                            "Mã hồ sơ đã tồn tại"
                        };
                        return json!({ "error_code": "97", "message": message });
                    }
                    let status = message["TrangThaiHoSo"].as_str().unwrap().to_owned();
                    self.statuses.entry(code.clone()).or_default().push(status);
                    self.dossiers.entry(code).or_default().record = message.clone();
                }
                (Service::Progress, _) => {
                    let Some(kept) = self.dossiers.get_mut(&code) else {
                        return json!({ "error_code": "98", "message": "Hồ sơ không có" });
                    };
                    if !kept.rows.contains(message) {
                        kept.rows.push(message.clone());
                    }
                }
            }
        }
        json!({ "error_code": "00", "message": "Thành công" })
    }
}
