//! `motcua readings`: who read the personal data of a dossier, as the citizen may ask, and where its
//! erasure stands. Asked of the home; reading this list reads nobody's data.

use std::process::ExitCode;

use clap::Args;
use dossier::ids::{DossierCode, OfficerId, UnitId};
use dossier::privacy::Field;
use exchange::subject::{self, UnitToken};
use projector::answer::{Answer, Body};
use report::sheet::{Cell, Column, Sheet, moment};
use serde_json::json;
use unit::readings::{Reading, Readings};
use uuid::Uuid;

use crate::asking::{ask, reach};
use crate::written::Writing;

/// List who read the personal data of a dossier, when, what for and which of it.
#[derive(Debug, Args)]
pub(crate) struct ReadingsOf {
    /// The unit that took the dossier in, such as H33-27-04.
    #[arg(value_parser = UnitId::parse)]
    unit: UnitId,
    /// The dossier's code.
    #[arg(value_parser = DossierCode::parse)]
    dossier: DossierCode,
    /// Who asks.
    #[arg(long, default_value = "motcua", value_parser = OfficerId::parse)]
    officer: OfficerId,
    #[command(flatten)]
    writing: Writing,
    /// The broker.
    #[arg(long, env = "MOTCUA_NATS", default_value = "nats://127.0.0.1:4222")]
    nats: String,
}

impl ReadingsOf {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        self.writing.check()?;
        let subject = subject::command(&UnitToken::parse(self.unit.as_str())?, "readings")?;
        let (readings, names) = crate::runtime()?.block_on(async {
            let connection = reach(&self.nats).await?;
            let question = |from: usize| {
                json!({
                    "id": Uuid::nil(), "officer": self.officer, "dossier": self.dossier,
                    "data": { "from": from },
                })
            };
            let mut readings: Readings = ask(&connection, &subject, &question(0)).await?;
            while readings.items.len() < readings.total {
                let asked = question(readings.items.len());
                let more: Readings = ask(&connection, &subject, &asked).await?;
                if more.items.is_empty() {
                    break;
                }
                readings.items.extend(more.items);
            }
            // Without the projector units are told of by their codes.
            let units = ask::<Answer>(&connection, &subject::query("units")?, &json!({})).await;
            let names = match units.map(|answer| answer.body) {
                Ok(Body::Units(told)) => told.units.into_iter().map(|u| (u.id, u.name)).collect(),
                _ => Vec::new(),
            };
            anyhow::Ok((readings, names))
        })?;
        self.writing.write(&[sheet(&readings, &names)], &readings)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn sheet(readings: &Readings, names: &[(UnitId, String)]) -> Sheet {
    let named = |unit: &UnitId| {
        let known = names.iter().find(|(id, _)| id == unit);
        known.map_or_else(|| unit.to_string(), |(_, name)| name.clone())
    };
    let row = |reading: &Reading| {
        let read = [
            ("", &reading.applicant),
            ("người nộp thay: ", &reading.delegate),
        ];
        let read = read.into_iter().filter(|(_, fields)| !fields.is_empty());
        let read: Vec<String> = read
            .map(|(whose, fields)| format!("{whose}{}", listed(fields)))
            .collect();
        let cells = [
            moment(reading.at),
            named(&reading.unit),
            reading.officer.to_string(),
            reading.purpose_label.clone(),
            read.join("; "),
        ];
        cells.map(Cell::Text).to_vec()
    };
    let columns = [
        "Thời điểm",
        "Đơn vị",
        "Cán bộ",
        "Mục đích",
        "Dữ liệu đã xem",
    ];
    let mut notes = Vec::new();
    if readings.keys_at.is_empty() {
        notes.push("Khóa dữ liệu chưa cấp cho đơn vị nào khác".to_owned());
    } else {
        let units: Vec<String> = readings.keys_at.iter().map(&named).collect();
        notes.push(format!("Khóa dữ liệu đã cấp cho: {}", units.join(", ")));
    }
    for refused in &readings.refusals {
        notes.push(format!("{}: {}", moment(refused.at), refused.message));
    }
    if let Some(erasure) = &readings.erasure {
        notes.push(format!(
            "Lệnh xóa ngày {}: {}",
            moment(erasure.ordered_at),
            erasure.basis_label
        ));
        notes.push(match erasure.erased_at {
            Some(at) => format!(
                "Đã xóa dữ liệu cá nhân tại mọi đơn vị từ {}; không ai đọc được nữa",
                moment(at)
            ),
            None => {
                let units: Vec<String> = erasure.waiting_for.iter().map(&named).collect();
                format!("Đang chờ xác nhận hủy khóa của: {}", units.join(", "))
            }
        });
    }
    Sheet {
        title: "Các lần xem dữ liệu cá nhân".to_owned(),
        subtitle: vec![format!("Hồ sơ {}", readings.dossier)],
        columns: columns.map(Column::named).to_vec(),
        rows: readings.items.iter().map(row).collect(),
        notes,
    }
}

fn listed(fields: &[Field]) -> String {
    let labels: Vec<&str> = fields.iter().map(|field| field.label()).collect();
    labels.join(", ")
}
