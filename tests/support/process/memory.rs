//! What a process has in its memory.

use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;

use memchr::memmem::Finder;

use super::Process;

/// How much is looked at in one go, in bytes.
const STEP: u64 = 1 << 21;
/// The bytes that `pagemap` has for each page.
const ENTRY: usize = 8;
/// In the last of them: the page is present, or swapped out.
const IN_USE: u8 = 0b1100_0000;

impl Process {
    /// Those of the texts that are anywhere in the memory that it has written to.
    pub fn remembers<'t>(&self, texts: &[&'t str]) -> Vec<&'t str> {
        let mut left: Vec<_> = texts
            .iter()
            .map(|text| (*text, Finder::new(*text)))
            .collect();
        let open = |name: &str| {
            File::open(format!("/proc/{}/{name}", self.id()))
                .expect("a process may look into those that it has started")
        };
        let (memory, pages) = (open("mem"), open("pagemap"));
        let maps = self.file("maps");
        let mut found = Vec::new();
        for step in maps.lines().filter_map(writable).flat_map(steps) {
            for run in runs(&pages, &step) {
                let bytes = bytes(&memory, run.start, run.end - run.start);
                let here = left.extract_if(.., |(_, finder)| finder.find(&bytes).is_some());
                found.extend(here.map(|(text, _)| text));
            }
        }
        found
    }
}

/// The addresses in a line of `maps` (proc(5)), where they can be written to.
fn writable(line: &str) -> Option<Range<u64>> {
    let (addresses, rest) = line.split_once(' ')?;
    let (start, end) = addresses.split_once('-')?;
    let address = |text| u64::from_str_radix(text, 16).ok();
    rest.starts_with("rw")
        .then_some(address(start)?..address(end)?)
}

/// A range in steps that overlap, because a text may lie across their ends.
fn steps(range: Range<u64>) -> impl Iterator<Item = Range<u64>> {
    let end = range.end;
    range
        .step_by(usize::try_from(STEP).unwrap_or_default())
        .map(move |start| start..end.min(start + STEP + page()))
}

/// The addresses at which there is anything. Web views reserve many gigabytes of
/// which they use next to nothing.
fn runs(pages: &File, range: &Range<u64>) -> Vec<Range<u64>> {
    let page = page();
    let per_page = |addresses: u64| addresses / page * ENTRY as u64;
    let length = per_page(range.end - range.start);
    let entries = bytes(pages, per_page(range.start), length);
    let mut runs: Vec<Range<u64>> = Vec::new();
    let mut start = range.start;
    for entry in entries.chunks_exact(ENTRY) {
        let end = start + page;
        if entry[ENTRY - 1] & IN_USE != 0 {
            match runs.last_mut() {
                Some(last) if last.end == start => last.end = end,
                _ => runs.push(start..end),
            }
        }
        start = end;
    }
    runs
}

fn page() -> u64 {
    rustix::param::page_size() as u64
}

/// What can be read of so many bytes.
fn bytes(file: &File, from: u64, length: u64) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
    let read = file.read_at(&mut bytes, from).unwrap_or_default();
    bytes.truncate(read);
    bytes
}
