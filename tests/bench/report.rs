//! All that was measured: a table to read, and a file for programs.

use std::path::Path;
use std::{fmt, fs, io};

use serde::Serialize;

use crate::figure::{Figure, Reached};

/// All figures, and what they were measured on.
#[derive(Serialize)]
pub(crate) struct Report {
    /// Whether less was measured than the goals are about.
    quick: bool,
    /// How many processors there are.
    processors: usize,
    /// How many processes wanted one of them when it began, on average over a minute.
    load_before: f64,
    figures: Vec<Figure>,
}

impl Report {
    /// An empty report, of this machine as it is now.
    pub(crate) fn begin(quick: bool) -> Self {
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let first = load.split_whitespace().next().unwrap_or_default();
        Self {
            quick,
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            load_before: first.parse().unwrap_or_default(),
            figures: Vec::new(),
        }
    }

    /// Adds figures, and shows them at once: the others take their time.
    pub(crate) fn add(&mut self, figures: Vec<Figure>) {
        for figure in &figures {
            println!("{}: {}", figure.what, figure.figure);
        }
        self.figures.extend(figures);
    }

    /// Whether nothing went wrong. A goal that was missed is a result.
    pub(crate) fn is_whole(&self) -> bool {
        let mut figures = self.figures.iter();
        figures.all(|figure| figure.reached != Reached::Failed)
    }

    /// Writes it as JSON.
    pub(crate) fn write(&self, file: &Path) -> io::Result<()> {
        fs::write(file, serde_json::to_string_pretty(self)? + "\n")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "On {} processors. When this began, {} processes ran or wanted to.{}\n",
            self.processors,
            self.load_before,
            if self.quick {
                " In a hurry: the goals are about more."
            } else {
                ""
            }
        )?;
        let rows: Vec<_> = self.figures.iter().map(row).collect();
        let titles = ["what", "figure", "goal", "reached"].map(str::to_owned);
        let width = |column: usize| {
            let cells = rows.iter().chain([&titles]);
            let widths = cells.map(|row| row[column].chars().count());
            widths.max().unwrap_or_default()
        };
        let widths = [width(0), width(1), width(2)];
        for [what, figure, goal, reached] in [&titles].into_iter().chain(&rows) {
            writeln!(
                f,
                "{what:<a$}  {figure:<b$}  {goal:<c$}  {reached}",
                a = widths[0],
                b = widths[1],
                c = widths[2]
            )?;
        }
        Ok(())
    }
}

fn row(figure: &Figure) -> [String; 4] {
    let Figure {
        what, figure: text, ..
    } = figure;
    [
        what.clone(),
        text.clone(),
        figure.goal.clone(),
        figure.reached.word().to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn report(figures: Vec<Figure>) -> Report {
        Report {
            quick: false,
            processors: 2,
            load_before: 0.5,
            figures,
        }
    }

    fn figure(reached: Reached) -> Figure {
        Figure {
            what: "a walk".to_owned(),
            figure: "7 µs".to_owned(),
            goal: "under 8 µs".to_owned(),
            reached,
            detail: json!({ "us": 7 }),
        }
    }

    #[test]
    fn the_table_has_a_line_for_each_figure_and_its_columns_stand_in_line() {
        let missing = Figure::unmeasured("a flight", "under 1 µs", "no\nwings");
        let table = report(vec![figure(Reached::Yes), figure(Reached::No), missing]).to_string();
        let lines: Vec<_> = table.lines().skip(2).collect();
        assert_eq!(
            lines,
            [
                "what      figure                  goal        reached",
                "a walk    7 µs                    under 8 µs  yes",
                "a walk    7 µs                    under 8 µs  NO",
                "a flight  not measured: no wings  under 1 µs  -",
            ]
        );
    }

    #[test]
    fn only_what_went_wrong_leaves_a_report_in_pieces() {
        let rest = [Reached::Yes, Reached::No, Reached::Unmeasured].map(figure);
        assert!(report(rest.to_vec()).is_whole());
        assert!(!report(vec![Figure::failed("a walk", "rain")]).is_whole());
    }

    #[test]
    fn a_program_finds_the_numbers_and_whether_the_goal_was_reached() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bench.json");
        report(vec![figure(Reached::No)]).write(&file).unwrap();
        let read: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        assert_eq!(read["figures"][0]["reached"], "no");
        assert_eq!(read["figures"][0]["detail"]["us"], 7);
    }
}
