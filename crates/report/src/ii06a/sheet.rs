//! The form as a sheet, and the dossiers behind a cell as another.

use super::{Column, Memo, Row, Table};
use crate::names::Names;
use crate::sheet::{self, Cell, Sheet};

impl Column {
    /// Heading and name as printed.
    #[must_use]
    pub const fn label(self) -> (&'static str, &'static str) {
        const RECEIVED: &str = "Số hồ sơ tiếp nhận";
        const RESOLVED: &str = "Số hồ sơ đã giải quyết";
        const OPEN: &str = "Số hồ sơ đang giải quyết";
        match self {
            Self::Received => (RECEIVED, "Tổng số"),
            Self::Online => (RECEIVED, "Trong kỳ: trực tuyến"),
            Self::Direct => (RECEIVED, "Trong kỳ: trực tiếp, dịch vụ bưu chính"),
            Self::CarriedOver => (RECEIVED, "Từ kỳ trước chuyển qua"),
            Self::Resolved => (RESOLVED, "Tổng số"),
            Self::Early => (RESOLVED, "Trước hạn"),
            Self::OnTime => (RESOLVED, "Đúng hạn"),
            Self::Late => (RESOLVED, "Quá hạn"),
            Self::Open => (OPEN, "Tổng số"),
            Self::InTime => (OPEN, "Trong hạn"),
            Self::Overdue => (OPEN, "Quá hạn"),
        }
    }
}

impl Memo {
    /// The name that people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Refused => "Từ chối giải quyết (thuộc cột 7)",
            Self::Withdrawn => "Công dân rút (thuộc cột 7)",
            Self::Stopped => "Dừng giải quyết (thuộc cột 7)",
            Self::NoLimitEnded => "Không quy định thời hạn, đã xong (thuộc cột 9)",
            Self::Paused => "Tạm dừng tính hạn (thuộc cột 12)",
            Self::NoLimitOpen => "Không quy định thời hạn, đang làm (thuộc cột 12)",
            Self::Apologised => "Đã xin lỗi, hẹn lại (thuộc cột 7 và 11)",
            Self::Declined => "Từ chối tiếp nhận (ngoài biểu)",
        }
    }
}

impl Table {
    /// The form, and beside it what its columns hold and the three rates.
    #[must_use]
    pub fn sheets(&self, names: &Names) -> Vec<Sheet> {
        let query = &self.query;
        let subtitle = vec![
            "Tình hình, kết quả giải quyết thủ tục hành chính".to_owned(),
            query.period.to_string(),
            query.scope.written(names),
            format!("{} - {}", query.rules.label(), query.rules.basis()),
        ];
        let head = || {
            vec![
                sheet::Column::named("TT").numbered(1),
                sheet::Column::named(query.grouping.to_string()).numbered(2),
            ]
        };
        let mut columns = head();
        columns.extend(Column::ALL.map(|column| {
            let (group, name) = column.label();
            sheet::Column::under(group, name).numbered(column.number())
        }));
        let form = Sheet {
            title: "Biểu số II.06a/VPCP/KSTT".to_owned(),
            subtitle: subtitle.clone(),
            columns,
            rows: self.lines(|row| {
                Column::ALL
                    .map(|column| Cell::from(row.cell(column).len()))
                    .to_vec()
            }),
            notes: vec![
                "Đơn vị tính: số hồ sơ. 3 = 4 + 5 + 6 = 7 + 11; 7 = 8 + 9 + 10; 11 = 12 + 13; \
                 cột 6 bằng cột 11 của kỳ trước."
                    .to_owned(),
                "Hồ sơ không quy định thời hạn được xếp ở cột 9 và 12, nêu riêng ở phần trong đó \
                 và không tính vào tỷ lệ."
                    .to_owned(),
            ],
        };
        let rates = [
            "Có kết quả đúng hạn",
            "Đang giải quyết, còn hạn",
            "Cả hai",
            "Từ chối trong hạn",
            "Rút trong hạn",
            "Dừng trong hạn",
        ];
        let mut columns = head();
        columns.extend(Memo::ALL.map(|m| sheet::Column::under("Trong đó (số hồ sơ)", m.label())));
        columns.extend(rates.map(|name| sheet::Column::under("Tỷ lệ", name)));
        let beside = Sheet {
            title: "Trong đó và tỷ lệ".to_owned(),
            subtitle,
            columns,
            rows: self.lines(|row| {
                let rates = &row.rates;
                let shares = [
                    rates.finished,
                    rates.open,
                    rates.together(),
                    rates.refused,
                    rates.withdrawn,
                    rates.stopped,
                ];
                let memo = Memo::ALL.map(|m| Cell::from(row.memo(m).len()));
                memo.into_iter().chain(shares.map(Cell::from)).collect()
            }),
            notes: vec![
                "Tỷ lệ trên số hồ sơ có ngày hẹn; mẫu số bằng 0 thì không có tỷ lệ.".to_owned(),
            ],
        };
        vec![form, beside]
    }

    fn lines(&self, cells: impl Fn(&Row) -> Vec<Cell>) -> Vec<Vec<Cell>> {
        let line = |number: Cell, row: &Row| {
            let mut line = vec![number, Cell::from(row.label.as_str())];
            line.extend(cells(row));
            line
        };
        let rows = (1usize..).zip(self.rows.values());
        rows.map(|(number, row)| line(Cell::from(number), row))
            .chain([line(Cell::Empty, &self.total)])
            .collect()
    }

    /// The dossiers behind one cell; `row` is a row's key, none for the total. A key that is not in
    /// the table gives an empty list.
    #[must_use]
    pub fn behind(&self, row: Option<&str>, column: Column) -> Sheet {
        let none = Row::default();
        let row = row.map_or(&self.total, |key| self.rows.get(key).unwrap_or(&none));
        let (group, name) = column.label();
        let codes = (1usize..).zip(row.cell(column));
        Sheet {
            title: format!("Hồ sơ của cột {}", column.number()),
            subtitle: vec![
                format!("{}: {group} - {name}", row.label),
                self.query.period.to_string(),
            ],
            columns: vec![sheet::Column::named("TT"), sheet::Column::named("Mã hồ sơ")],
            rows: codes
                .map(|(number, code)| vec![Cell::from(number), Cell::from(code.as_str())])
                .collect(),
            notes: Vec::new(),
        }
    }
}
