//! Chores: set-up, try, test.

fn main() {}
