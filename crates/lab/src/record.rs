//! The record of a laboratory's work: a row for each fault, as it is printed and as it stands in
//! the table of the README.

use std::fmt::Write as _;
use std::time::Duration;

/// What was seen of one fault over all runs with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The fault.
    pub fault: &'static str,
    /// Runs with it.
    pub runs: u64,
    /// Commands that were acknowledged in them.
    pub acknowledged: u64,
    /// Acknowledged commands that were lost.
    pub lost: u64,
    /// Runs in which anything at all did not hold.
    pub failed: u64,
    /// The longest time from the end of the fault until everything was at rest again.
    pub recovery_max: Duration,
    /// What was checked.
    pub checked: &'static str,
}

impl Row {
    /// Nothing seen yet.
    pub fn of(fault: &'static str, checked: &'static str) -> Self {
        Self {
            fault,
            runs: 0,
            acknowledged: 0,
            lost: 0,
            failed: 0,
            recovery_max: Duration::ZERO,
            checked,
        }
    }

    /// Adds what was seen of the same fault elsewhere.
    pub fn add(&mut self, other: &Self) {
        self.runs += other.runs;
        self.acknowledged += other.acknowledged;
        self.lost += other.lost;
        self.failed += other.failed;
        self.recovery_max = self.recovery_max.max(other.recovery_max);
    }

    /// The row for a terminal.
    pub fn line(&self) -> String {
        format!(
            "{:<24} {:>6} runs {:>9} acknowledged {:>3} lost {:>3} failed  longest recovery {:>7.2} s  checked: {}",
            self.fault,
            self.runs,
            self.acknowledged,
            self.lost,
            self.failed,
            self.recovery_max.as_secs_f64(),
            self.checked
        )
    }
}

/// Rows as a Markdown table; `command` gives the command that brings a row about again.
pub fn table(rows: &[Row], command: impl Fn(&Row) -> String) -> String {
    let mut text = String::from(
        "| fault | runs | acknowledged | lost | longest recovery | command |\n|---|---|---|---|---|---|\n",
    );
    for row in rows {
        // Writing to a String does not fail.
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {:.2} s | `{}` |",
            row.fault,
            row.runs,
            row.acknowledged,
            row.lost,
            row.recovery_max.as_secs_f64(),
            command(row)
        );
    }
    text
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_one_fault_add_up_and_the_longest_recovery_stays() {
        let seen = |runs, seconds| Row {
            runs,
            acknowledged: 10 * runs,
            recovery_max: Duration::from_secs(seconds),
            ..Row::of("kill", "everything")
        };
        let mut row = seen(2, 5);
        row.add(&seen(3, 4));
        assert_eq!(row, seen(5, 5));
        let text = table(&[row], |row| format!("lab --fault {}", row.fault));
        assert!(
            text.ends_with("| kill | 5 | 50 | 0 | 5.00 s | `lab --fault kill` |\n"),
            "{text}"
        );
    }
}
