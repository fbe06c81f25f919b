//! A plain sheet: what every report becomes before it is written somewhere.

use serde::{Deserialize, Serialize};

use crate::share::Share;

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A number.
    Number(i64),
    /// Nothing.
    Empty,
}

/// A column: its name, the heading that it stands under with its neighbours, and its printed number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Column {
    /// Heading over this column and the neighbours under the same one; empty for none.
    pub group: String,
    /// Its own name.
    pub name: String,
    /// The number printed beneath, as forms have it; empty for none.
    pub number: String,
}

/// A sheet.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Sheet {
    /// Title, also the name of a worksheet.
    pub title: String,
    /// Lines under the title.
    pub subtitle: Vec<String>,
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows, each as long as there are columns.
    pub rows: Vec<Vec<Cell>>,
    /// Remarks beneath.
    pub notes: Vec<String>,
}

impl Column {
    /// A column under no heading.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            group: String::new(),
            name: name.into(),
            number: String::new(),
        }
    }

    /// A column under a heading.
    pub fn under(group: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            group: group.into(),
            ..Self::named(name)
        }
    }

    /// The same with a printed number.
    #[must_use]
    pub fn numbered(self, number: u8) -> Self {
        Self {
            number: format!("({number})"),
            ..self
        }
    }

    /// The name with its heading, where there is one line for both.
    #[must_use]
    pub fn full_name(&self) -> String {
        if self.group.is_empty() {
            self.name.clone()
        } else {
            format!("{}: {}", self.group, self.name)
        }
    }
}

impl Cell {
    /// What stands in the cell, as text.
    #[must_use]
    pub fn written(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Empty => String::new(),
        }
    }
}

impl Sheet {
    /// Headings with the number of columns that each spans, in order.
    #[must_use]
    pub fn groups(&self) -> Vec<(&str, usize)> {
        let mut groups: Vec<(&str, usize)> = Vec::new();
        for column in &self.columns {
            match groups.last_mut() {
                Some((group, width)) if *group == column.group && !group.is_empty() => *width += 1,
                _ => groups.push((&column.group, 1)),
            }
        }
        groups
    }

    /// Whether any column stands under a heading.
    #[must_use]
    pub fn is_grouped(&self) -> bool {
        self.columns.iter().any(|column| !column.group.is_empty())
    }

    /// Whether any column has a printed number.
    #[must_use]
    pub fn is_numbered(&self) -> bool {
        self.columns.iter().any(|column| !column.number.is_empty())
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<usize> for Cell {
    fn from(number: usize) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<Share> for Cell {
    fn from(share: Share) -> Self {
        Self::Text(share.written())
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(cell: Option<T>) -> Self {
        cell.map_or(Self::Empty, Into::into)
    }
}

/// A moment as forms print it: `09:32 27/10/2023`.
#[must_use]
pub fn moment(at: calendar::Moment) -> String {
    at.with_timezone(&calendar::hanoi())
        .format("%H:%M %d/%m/%Y")
        .to_string()
}
