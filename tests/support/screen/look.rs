//! What is to be seen in a window, as far as it can be told from its pixels.

use std::collections::HashSet;

/// The bytes of a pixel.
const PIXEL: usize = 4;
/// An empty page has but a few colours; text has more, at its edges.
const COLOURS_OF_NOTHING: usize = 16;
/// Another page differs in at least one pixel of so many. What blinks or is
/// typed is less.
const ANOTHER_PAGE: usize = 50;

/// The pixels of a window.
#[derive(PartialEq, Eq)]
pub(crate) struct Look {
    width: usize,
    bytes: Vec<u8>,
}

impl Look {
    pub(super) fn new(width: usize, bytes: Vec<u8>) -> Self {
        Self { width, bytes }
    }

    /// Whether there is any text.
    pub(crate) fn has_text(&self) -> bool {
        let colours: HashSet<_> = self.pixels().collect();
        colours.len() > COLOURS_OF_NOTHING
    }

    /// Whether everything at the edge has the same colour.
    pub(crate) fn edge_is_plain(&self) -> bool {
        let lines: Vec<_> = self.bytes.chunks_exact(self.width * PIXEL).collect();
        let [top, .., bottom] = lines[..] else {
            return false;
        };
        let ends = lines.iter().flat_map(|line| [first(line), last(line)]);
        let edge = top.chunks_exact(PIXEL).chain(bottom.chunks_exact(PIXEL));
        let colours: HashSet<_> = edge.chain(ends).collect();
        colours.len() == 1
    }

    /// Whether this is another page than the one that was there before.
    pub(crate) fn is_another_page_than(&self, before: &Self) -> bool {
        let pairs = self.pixels().zip(before.pixels());
        let different = pairs.filter(|(now, before)| now != before).count();
        different > before.pixels().count() / ANOTHER_PAGE
    }

    fn pixels(&self) -> impl Iterator<Item = &[u8]> {
        self.bytes.chunks_exact(PIXEL)
    }
}

fn first(line: &[u8]) -> &[u8] {
    &line[..PIXEL]
}

fn last(line: &[u8]) -> &[u8] {
    &line[line.len() - PIXEL..]
}
