//! Divided time added up: per unit, per step, per procedure.

use std::collections::{BTreeMap, BTreeSet};

use dossier::ids::{ProcedureCode, StepKey, UnitId};
use dossier::promise::Wait;

use super::{Division, Owner};
use crate::names::Names;
use crate::rates::Rates;
use crate::sheet::{Cell, Column, Sheet};

/// Minutes of one unit, step or procedure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Dossiers that had any part in it.
    pub dossiers: usize,
    /// Working minutes held.
    pub minutes: i64,
    /// How often a limit was exceeded.
    pub beyond: usize,
    /// Working minutes beyond limits.
    pub beyond_minutes: i64,
}

/// Divided time of many dossiers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sums {
    /// Whole minutes of all dossiers.
    pub whole: i64,
    /// By unit that had it; the home without a step among them.
    pub by_unit: BTreeMap<UnitId, Tally>,
    /// By procedure and step; none is the home without a step.
    pub by_step: BTreeMap<(ProcedureCode, Option<StepKey>, UnitId), Tally>,
    /// By procedure: units alone, without the citizen and what is not counted.
    pub by_procedure: BTreeMap<ProcedureCode, Tally>,
    /// The citizen's minutes, by cause.
    pub applicant: BTreeMap<Wait, i64>,
    /// Minutes that are not counted, by cause.
    pub excluded: BTreeMap<Wait, i64>,
    /// The three rates by the due date in force, and the ends that stand apart.
    pub rates: Rates,
}

impl Sums {
    /// Adds the divisions up; their order makes no difference.
    pub fn of<'a>(divisions: impl IntoIterator<Item = &'a Division>) -> Self {
        let mut sums = Self::default();
        for division in divisions {
            sums.add(division);
        }
        sums
    }

    fn add(&mut self, division: &Division) {
        self.whole += division.whole;
        self.rates
            .add(division.how, division.judged, division.promised);
        let mut units = BTreeSet::new();
        let mut steps = BTreeSet::new();
        let mut held = |sums: &mut Self, unit: &UnitId, step: Option<&StepKey>, minutes: i64| {
            let key = (division.procedure.clone(), step.cloned(), unit.clone());
            let first = (units.insert(unit.clone()), steps.insert(key.clone()));
            let by_unit = sums.by_unit.entry(unit.clone()).or_default();
            by_unit.minutes += minutes;
            by_unit.dossiers += usize::from(first.0);
            let by_step = sums.by_step.entry(key).or_default();
            by_step.minutes += minutes;
            by_step.dossiers += usize::from(first.1);
            let procedure = sums.by_procedure.entry(division.procedure.clone());
            procedure.or_default().minutes += minutes;
        };
        for (owner, minutes) in &division.parts {
            match owner {
                Owner::Home(unit) => held(self, unit, None, *minutes),
                Owner::Step { unit, step, .. } => held(self, unit, Some(step), *minutes),
                Owner::Applicant(wait) => *self.applicant.entry(*wait).or_default() += minutes,
                Owner::Excluded(wait) => *self.excluded.entry(*wait).or_default() += minutes,
            }
        }
        let procedure = self.by_procedure.entry(division.procedure.clone());
        procedure.or_default().dossiers += 1;
        for beyond in &division.beyond {
            let step = beyond.step.as_ref().map(|(step, _)| step.clone());
            let key = (division.procedure.clone(), step, beyond.unit.clone());
            let procedure = self.by_procedure.entry(division.procedure.clone());
            for tally in [
                self.by_unit.entry(beyond.unit.clone()).or_default(),
                self.by_step.entry(key).or_default(),
                procedure.or_default(),
            ] {
                tally.beyond += 1;
                tally.beyond_minutes += beyond.minutes;
            }
        }
    }

    /// Three sheets: by unit, by step, by procedure. `subtitle` says of what and until when.
    #[must_use]
    pub fn sheets(&self, names: &Names, subtitle: &[String]) -> Vec<Sheet> {
        let tally = |tally: &Tally| {
            [
                Cell::from(tally.dossiers),
                Cell::from(tally.minutes),
                Cell::from(tally.beyond),
                Cell::from(tally.beyond_minutes),
            ]
        };
        let sheet = |title: &str, head: &[&str], rows: Vec<Vec<Cell>>, notes: Vec<String>| {
            let figures = [
                "Số hồ sơ",
                "Số phút làm việc đã giữ",
                "Số lần quá hạn riêng",
                "Số phút quá hạn riêng",
            ];
            let columns = head.iter().chain(&figures);
            Sheet {
                title: title.to_owned(),
                subtitle: subtitle.to_vec(),
                columns: columns.map(|name| Column::named(*name)).collect(),
                rows,
                notes,
            }
        };
        let by_unit = self.by_unit.iter().map(|(unit, t)| {
            let name = Cell::from(names.of(unit));
            [name].into_iter().chain(tally(t)).collect()
        });
        let mut by_unit: Vec<Vec<Cell>> = by_unit.collect();
        let waits = [
            ("Công dân", &self.applicant),
            ("Không tính vào thời hạn", &self.excluded),
        ];
        for (who, causes) in waits {
            by_unit.extend(causes.iter().map(|(wait, minutes)| {
                let name = Cell::from(format!("{who}: {}", wait.label()));
                vec![
                    name,
                    Cell::Empty,
                    Cell::from(*minutes),
                    Cell::Empty,
                    Cell::Empty,
                ]
            }));
        }
        let whole = Cell::from(self.whole);
        by_unit.push(vec![
            Cell::from("Tổng cộng"),
            Cell::Empty,
            whole,
            Cell::Empty,
            Cell::Empty,
        ]);
        let by_step = self.by_step.iter().map(|((procedure, step, unit), t)| {
            let step = step.as_ref().map_or("(nơi tiếp nhận giữ)", StepKey::as_str);
            [procedure.as_str(), step]
                .map(Cell::from)
                .into_iter()
                .chain([Cell::from(names.of(unit))])
                .chain(tally(t))
                .collect()
        });
        let by_procedure = self.by_procedure.iter().map(|(code, t)| {
            let code = Cell::from(code.as_str());
            [code].into_iter().chain(tally(t)).collect()
        });
        let rates = &self.rates;
        let notes = vec![
            format!(
                "Có kết quả đúng hạn: {}; đang giải quyết còn hạn: {}; cả hai: {}. \
                 Riêng: từ chối trong hạn {}, rút trong hạn {}, dừng trong hạn {}.",
                rates.finished.written(),
                rates.open.written(),
                rates.together().written(),
                rates.refused.written(),
                rates.withdrawn.written(),
                rates.stopped.written()
            ),
            "Mỗi phút thuộc đúng một nơi; các bước song song: phút thuộc bước xong sau cùng."
                .to_owned(),
        ];
        vec![
            sheet("Chậm ở đâu: theo đơn vị", &["Đơn vị"], by_unit, notes),
            sheet(
                "Chậm ở đâu: theo bước",
                &["Thủ tục", "Bước", "Đơn vị"],
                by_step.collect(),
                Vec::new(),
            ),
            sheet(
                "Chậm ở đâu: theo thủ tục",
                &["Thủ tục"],
                by_procedure.collect(),
                Vec::new(),
            ),
        ]
    }
}
