//! The command `tokenkeep`.

fn main() {}
