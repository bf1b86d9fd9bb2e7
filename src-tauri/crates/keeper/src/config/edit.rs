//! Changes to the configuration's text that leave the rest of it as a person wrote it.

use toml_edit::visit_mut::{VisitMut, visit_table_mut};
use toml_edit::{DocumentMut, Item, Table};

/// Adds `table` as `[parent.name]`, after the parent's other tables. Does nothing if `parent` is not a table.
pub(super) fn add(document: &mut DocumentMut, parent: &str, name: &str, table: Table) {
    let mut implicit = Table::new();
    implicit.set_implicit(true);
    let parent = document.entry(parent).or_insert(Item::Table(implicit));
    if let Some(parent) = parent.as_table_mut() {
        parent.insert(name, Item::Table(table));
    } else if let Some(parent) = parent.as_inline_table_mut() {
        parent.insert(name, table.into_inline_table().into());
    }
}

/// Removes `[parent.name]`, and the comment directly above it. A comment above an empty line is kept, because it is about
/// more than this table.
pub(super) fn remove(document: &mut DocumentMut, parent: &str, name: &str) {
    let Some(parent) = document.get_mut(parent).and_then(Item::as_table_like_mut) else {
        return;
    };
    let Some(Item::Table(removed)) = parent.remove(name) else {
        return;
    };
    let above = removed
        .decor()
        .prefix()
        .and_then(|prefix| prefix.as_str())
        .unwrap_or_default();
    let kept = beyond_empty_line(above);
    if kept.is_empty() {
        return;
    }
    let mut next = NextTable {
        after: removed.position(),
        found: None,
    };
    next.visit_document_mut(document);
    let mut give = GiveComment {
        to: next.found,
        comment: kept.to_owned(),
    };
    if next.found.is_some() {
        give.visit_document_mut(document);
    } else {
        let trailing = document.trailing().as_str().unwrap_or_default();
        document.set_trailing(format!("{kept}{trailing}"));
    }
}

/// The part of the text above a table's header that an empty line separates from the header.
fn beyond_empty_line(above: &str) -> &str {
    let mut end = 0;
    let mut start = 0;
    for line in above.split_inclusive('\n') {
        start += line.len();
        if line.trim().is_empty() {
            end = start;
        }
    }
    let kept = &above[..end];
    if kept.trim().is_empty() {
        ""
    } else {
        kept.trim_end_matches(['\n', '\r'])
    }
}

/// Finds the next table in the file after a position.
struct NextTable {
    after: Option<isize>,
    found: Option<isize>,
}

impl VisitMut for NextTable {
    fn visit_table_mut(&mut self, table: &mut Table) {
        let position = table
            .position()
            .filter(|at| Some(*at) > self.after && !table.is_implicit());
        self.found = match (self.found, position) {
            (Some(found), Some(position)) => Some(found.min(position)),
            (found, position) => found.or(position),
        };
        visit_table_mut(self, table);
    }
}

/// Puts a comment above the table at a position.
struct GiveComment {
    to: Option<isize>,
    comment: String,
}

impl VisitMut for GiveComment {
    fn visit_table_mut(&mut self, table: &mut Table) {
        if table.position() == self.to && !table.is_implicit() {
            let decor = table.decor_mut();
            let own = decor
                .prefix()
                .and_then(|prefix| prefix.as_str())
                .unwrap_or_default();
            let both = format!("{}\n{own}", self.comment);
            decor.set_prefix(both);
        } else {
            visit_table_mut(self, table);
        }
    }
}
