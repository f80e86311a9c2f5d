//! Starts one of the two shells.
fn main() {}
