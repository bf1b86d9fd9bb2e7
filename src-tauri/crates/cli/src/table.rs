//! Columns that line up.

use std::fmt;

use anstyle::Style;
use tokenkeep_oauth::printable;

use crate::style::FAINT;

/// A table with a heading. The last column has no fixed width.
pub(crate) struct Table {
    rows: Vec<Vec<Cell>>,
}

/// A field of a table.
pub(crate) struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    pub(crate) fn styled(text: impl Into<String>, style: Style) -> Self {
        Self {
            // A line break of somebody else's would make a row of its own.
            text: printable(&text.into()).into_owned(),
            style,
        }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::styled(text, Style::new())
    }
}

impl Table {
    pub(crate) fn new(headings: &[&str]) -> Self {
        Self {
            rows: vec![
                headings
                    .iter()
                    .map(|heading| Cell::styled(*heading, FAINT))
                    .collect(),
            ],
        }
    }

    pub(crate) fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    fn width(&self, column: usize) -> usize {
        let widths = self
            .rows
            .iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.text.chars().count());
        widths.max().unwrap_or_default()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let widths: Vec<usize> = (0..columns).map(|column| self.width(column)).collect();
        for row in &self.rows {
            // What follows the last text of a row is left out, so that no line ends in spaces.
            let last = row
                .iter()
                .rposition(|cell| !cell.text.is_empty())
                .unwrap_or_default();
            for (column, Cell { text, style }) in row.iter().enumerate().take(last + 1) {
                write!(f, "{style}{text}{style:#}")?;
                if column < last {
                    let gap = widths[column] - text.chars().count() + 2;
                    write!(f, "{:gap$}", "")?;
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_no_line_ends_in_spaces() {
        let mut table = Table::new(&["NAME", "STATE", "PROBLEM"]);
        table.row(vec!["work".into(), "fresh".into(), "".into()]);
        table.row(vec![
            "a-long-name".into(),
            "sign in".into(),
            "it was revoked".into(),
        ]);
        let plain = anstream::adapter::strip_str(&table.to_string()).to_string();
        assert_eq!(
            plain,
            "NAME         STATE    PROBLEM\n\
             work         fresh\n\
             a-long-name  sign in  it was revoked\n"
        );
    }
}
