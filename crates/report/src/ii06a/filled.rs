//! A filled-in form II.06a that somebody published, and the identities that can be checked of it.

use std::fmt;

use serde::Serialize;

use super::Column;
use super::check::{CONTINUITY, IDENTITIES};

/// A row of a filled-in form. A cell that was not published is none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct FilledRow {
    /// What stands in column 2.
    pub label: String,
    cells: [Option<i64>; Column::ALL.len()],
    /// Columns 8 and 9 in one number, as reports that do not tell them apart print them.
    kept: Option<i64>,
}

/// A filled-in form.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Filled {
    /// Its rows, as they stand.
    pub rows: Vec<FilledRow>,
}

/// A file that is no filled-in form.
#[derive(Debug, thiserror::Error)]
pub enum FilledError {
    /// It is no CSV.
    #[error("reading the form: {0}")]
    Csv(#[from] csv::Error),
    /// No column of the form is among its columns.
    #[error(
        "no column of form II.06a was found; name the columns by their numbers 3 to 13 (8+9 for both in \
         one), or received, online, direct, carried_over, resolved, early, on_time, early_or_on_time, \
         late, open, in_time, overdue"
    )]
    NoColumns,
    /// A cell is no number.
    #[error(
        "line {line}, column {column}: {text:?} is not a number of dossiers; write 1234 or leave it empty"
    )]
    Cell {
        /// The line of the file.
        line: u64,
        /// The printed number of the column.
        column: u8,
        /// What stands there.
        text: String,
    },
}

/// One identity of one row, as far as it can be checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// The row.
    pub row: String,
    /// The identity, e.g. `7 = 8 + 9 + 10`.
    pub identity: &'static str,
    /// Left and right side; none where a cell was not published.
    pub sides: Option<(i64, i64)>,
}

impl Checked {
    /// Whether it does not hold.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.sides.is_some_and(|(left, right)| left != right)
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (row, identity) = (&self.row, self.identity);
        match self.sides {
            None => write!(f, "{row}: {identity} không kiểm tra được, thiếu số liệu"),
            Some((left, right)) if left == right => write!(f, "{row}: {identity} đúng ({left})"),
            Some((left, right)) => {
                write!(
                    f,
                    "{row}: {identity} SAI: {left} khác {right}, lệch {}",
                    left - right
                )
            }
        }
    }
}

impl Filled {
    /// Reads a form as CSV: the columns by their printed number (`3`, `(3)`, `Cột 3`), by the names
    /// of this program's own CSV, or by the English names; `8+9` or `early_or_on_time` where both are
    /// one number. Every other column is a label or left out.
    ///
    /// # Errors
    /// [`FilledError`] names the line and the column.
    pub fn read(text: &str) -> Result<Self, FilledError> {
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let header = reader.headers()?.clone();
        let columns: Vec<Option<Head>> = header.iter().map(head).collect();
        if columns.iter().all(Option::is_none) {
            return Err(FilledError::NoColumns);
        }
        let first = columns.iter().position(Option::is_some).unwrap_or_default();
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record?;
            // What follows in a file of this program is another sheet, with a head of its own.
            if record.len() != header.len() {
                break;
            }
            let line = record.position().map_or(0, csv::Position::line);
            let words = record
                .iter()
                .take(first)
                .filter(|t| t.parse::<i64>().is_err());
            let mut row = FilledRow {
                label: words.collect::<Vec<_>>().join(" ").trim().to_owned(),
                ..FilledRow::default()
            };
            for (text, head) in record.iter().zip(&columns) {
                match head {
                    Some(Head::Printed(column)) => {
                        row.cells[*column as usize] = number(text, line, *column)?;
                    }
                    Some(Head::Kept) => row.kept = number(text, line, Column::Early)?,
                    None => {}
                }
            }
            rows.push(row);
        }
        Ok(Self { rows })
    }

    /// Every identity of every row.
    #[must_use]
    pub fn check(&self) -> Vec<Checked> {
        let of = |row: &FilledRow| {
            IDENTITIES.map(|(identity, sum, parts)| {
                let summed = match sum {
                    Column::Resolved => row.kept().zip(row.cell(Column::Late)).map(added),
                    _ => parts.iter().map(|part| row.cell(*part)).sum(),
                };
                Checked {
                    row: row.label.clone(),
                    identity,
                    sides: row.cell(sum).zip(summed),
                }
            })
        };
        self.rows.iter().flat_map(of).collect()
    }

    /// Column 6 against column 11 of the period before, by label.
    #[must_use]
    pub fn continues(&self, before: &Self) -> Vec<Checked> {
        let of = |row: &FilledRow| {
            let then = before.rows.iter().find(|then| then.label == row.label);
            Checked {
                row: row.label.clone(),
                identity: CONTINUITY,
                sides: row
                    .cell(Column::CarriedOver)
                    .zip(then.and_then(|then| then.cell(Column::Open))),
            }
        };
        self.rows.iter().map(of).collect()
    }
}

impl FilledRow {
    /// A cell; none where it was not published.
    #[must_use]
    pub fn cell(&self, column: Column) -> Option<i64> {
        self.cells[column as usize]
    }

    /// Columns 8 and 9 together.
    pub(super) fn kept(&self) -> Option<i64> {
        let told_apart = self.cell(Column::Early).zip(self.cell(Column::OnTime));
        told_apart.map(added).or(self.kept)
    }
}

pub(super) fn added((one, other): (i64, i64)) -> i64 {
    one + other
}

/// What a column of the file holds.
enum Head {
    Printed(Column),
    Kept,
}

fn head(head: &str) -> Option<Head> {
    let bare: String = head.to_lowercase().replace("cột", "");
    let bare = bare.replace(['(', ')', ' '], "");
    match bare.as_str() {
        "8+9" | "early_or_on_time" => Some(Head::Kept),
        _ => column(head).map(Head::Printed),
    }
}

fn column(head: &str) -> Option<Column> {
    let head = head.trim().to_lowercase();
    let digits: String = head.chars().filter(char::is_ascii_digit).collect();
    let bare = head.trim_start_matches("cột").trim();
    let numbered = bare.trim_matches(['(', ')', ' ']) == digits;
    Column::ALL.into_iter().find(|column| {
        let (group, name) = column.label();
        let own = format!("{group}: {name}").to_lowercase();
        let english = serde_json::to_value(column).ok();
        (numbered && digits == column.number().to_string())
            || head == own
            || english.is_some_and(|english| english == head.as_str())
    })
}

/// A number as reports write it: with dots or spaces between thousands, empty or a dash for nothing.
fn number(text: &str, line: u64, column: Column) -> Result<Option<i64>, FilledError> {
    let digits: String = text
        .chars()
        .filter(|c| !matches!(c, '.' | ' ' | '\u{a0}'))
        .collect();
    if digits.is_empty() || digits == "-" {
        return Ok(None);
    }
    let wrong = || FilledError::Cell {
        line,
        column: column.number(),
        text: text.chars().take(40).collect(),
    };
    let number: i64 = digits.parse().map_err(|_| wrong())?;
    // Sums of a form stay far below this, and cannot overflow.
    (0..=1_000_000_000_000)
        .contains(&number)
        .then_some(Some(number))
        .ok_or_else(wrong)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn a_published_form_is_checked_row_by_row() {
        let text = "(1),(2),(3),(4),(5),(6),(7),(8),(9),(10),(11),(12),(13)\n\
            1,Đất đai,1.230,30,1.000,200,1.000,600,390,10,230,229,1\n\
            2,Hộ tịch,50,1,49,0,49,40,9,1,1,1,0\n";
        let filled = Filled::read(text).unwrap();
        let broken: Vec<String> = filled
            .check()
            .iter()
            .filter(|c| c.is_broken())
            .map(ToString::to_string)
            .collect();
        assert_eq!(broken, ["Hộ tịch: 7 = 8 + 9 + 10 SAI: 49 khác 50, lệch -1"]);
        let rates: Vec<String> = filled.rows[0]
            .rates()
            .iter()
            .map(|(_, s)| s.written())
            .collect();
        let of = ["99,00 %", "99,57 %", "99,11 %", "80,49 %"];
        assert_eq!(rates[..4], of);
        assert_eq!(rates[4..], ["98,90 %", "81,30 %", "2,91 %"]);
    }

    #[test]
    fn what_was_not_published_is_not_checked_and_gives_no_rate() {
        // UBND huyện Châu Thành (Kiên Giang), first half of 2017: 19,723 in time and 191 late were
        // published, and 99.04 %: received is taken as resolved.
        let filled =
            Filled::read("unit,received,resolved,late\nChâu Thành,19914,19914,191\n").unwrap();
        assert!(filled.check().iter().all(|checked| checked.sides.is_none()));
        let (_, share) = filled.rows[0].rates()[0];
        assert_eq!((share.part, share.written().as_str()), (19_723, "99,04 %"));
        let empty = Filled::read("unit,resolved,early,on_time\nKhông có,0,0,0\n").unwrap();
        assert_eq!(
            empty.rows[0].rates()[0].1.hundredths(),
            None,
            "nothing of nothing is no rate"
        );
    }

    #[test]
    fn column_6_is_column_11_of_the_period_before() {
        let before = Filled::read("f,open\nĐất đai,12\nHộ tịch,3\n").unwrap();
        let now = Filled::read("f,carried_over\nĐất đai,12\nHộ tịch,4\nMới,1\n").unwrap();
        let sides: Vec<_> = now.continues(&before).iter().map(|c| c.sides).collect();
        assert_eq!(sides, [Some((12, 12)), Some((4, 3)), None]);
    }

    #[test]
    fn what_is_no_form_is_refused_with_what_is() {
        assert!(matches!(
            Filled::read("a,b\n1,2\n"),
            Err(FilledError::NoColumns)
        ));
        let refused = Filled::read("f,3\nĐất đai,nhiều\n")
            .unwrap_err()
            .to_string();
        assert!(refused.contains("line 2, column 3"), "{refused}");
        assert!(Filled::read("f,3\nĐất đai,-5\n").is_err());
        assert!(Filled::read("").is_err());
    }
}
