//! What is wrong with registers: everything at once, each with its file and line.

use std::fmt;

use chrono::NaiveDate;
use dossier::ids::{ProcedureCode, UnitId};

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file, as it was opened.
    pub file: String,
    /// Its line, from 1; none where the file as a whole is meant.
    pub line: Option<u64>,
    /// What is wrong and what is expected.
    pub problem: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.problem),
            None => write!(f, "{}: {}", self.file, self.problem),
        }
    }
}

/// Registers that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the registers cannot be used; correct these {} and start again:\n{}", .faults.len(), lines(.faults))]
pub struct CatalogueError {
    /// Everything that was found wrong, in the order of files and lines.
    pub faults: Vec<Fault>,
}

fn lines(faults: &[Fault]) -> String {
    faults
        .iter()
        .map(|fault| format!("  {fault}"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// A procedure that a desk does not offer; officers read why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotOffered {
    /// The register of units has no such unit.
    #[error("{0} không phải đơn vị trong danh mục này; hãy kiểm tra lại mã đơn vị")]
    UnknownUnit(UnitId),
    /// No register of procedures has such a code.
    #[error(
        "thủ tục {code} không có trong danh mục (nơi hỏi: {desk}); hãy kiểm tra lại mã thủ tục"
    )]
    UnknownProcedure {
        /// What was asked for.
        code: ProcedureCode,
        /// Where.
        desk: UnitId,
    },
    /// It belongs to another desk.
    #[error(
        "thủ tục {code} không tiếp nhận tại {desk}; hãy đến Bộ phận Một cửa của cấp có thẩm quyền"
    )]
    NotReceivedHere {
        /// What was asked for.
        code: ProcedureCode,
        /// Where.
        desk: UnitId,
    },
    /// It was repealed, or its last version ended, before the day that was asked for.
    #[error("thủ tục {code} đã bị bãi bỏ từ {}{}", since.format("%d/%m/%Y"), instead(.successor))]
    Repealed {
        /// What was asked for.
        code: ProcedureCode,
        /// The first day without it.
        since: NaiveDate,
        /// What took its place, where that is known.
        successor: Option<ProcedureCode>,
    },
    /// Its first or next version begins after the day that was asked for.
    #[error("thủ tục {code} chỉ áp dụng từ {}; hãy chọn thủ tục đang có hiệu lực", from.format("%d/%m/%Y"))]
    NotYet {
        /// What was asked for.
        code: ProcedureCode,
        /// Its first day.
        from: NaiveDate,
    },
}

fn instead(successor: &Option<ProcedureCode>) -> String {
    successor
        .as_ref()
        .map_or_else(String::new, |code| format!("; thay bằng thủ tục {code}"))
}

/// Collects faults of one file.
pub(crate) struct Faults<'a> {
    file: &'a str,
    text: &'a str,
    pub(crate) found: Vec<Fault>,
}

impl<'a> Faults<'a> {
    pub(crate) fn of(file: &'a str, text: &'a str) -> Self {
        Self {
            file,
            text,
            found: Vec::new(),
        }
    }

    pub(crate) fn at_line(&mut self, line: u64, problem: impl Into<String>) {
        self.found.push(Fault {
            file: self.file.to_owned(),
            line: Some(line),
            // A reader quotes what it did not expect, however long that is.
            problem: problem.into().chars().take(1_000).collect(),
        });
    }

    pub(crate) fn at_byte(&mut self, byte: usize, problem: impl Into<String>) {
        let before = self
            .text
            .as_bytes()
            .get(..byte)
            .unwrap_or(self.text.as_bytes());
        let line = before.iter().filter(|b| **b == b'\n').count() as u64 + 1;
        self.at_line(line, problem);
    }

    pub(crate) fn of_toml(&mut self, error: &toml::de::Error) {
        match error.span() {
            Some(span) => self.at_byte(span.start, error.message()),
            None => self.found.push(Fault {
                file: self.file.to_owned(),
                line: None,
                problem: error.message().chars().take(1_000).collect(),
            }),
        }
    }
}
