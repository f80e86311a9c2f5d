//! `netassist examples`: the ready examples of rules, to begin with.

use std::fmt::Write as _;
use std::io::Write as _;

use super::Failure;
use crate::workspace::EXAMPLES;

/// Prints the example of this name, or lists all.
pub(super) fn run(name: Option<&str>) -> Result<(), Failure> {
    let mut text = String::new();
    match name.map(|name| (name, EXAMPLES.iter().find(|example| example.name == name))) {
        Some((_name, Some(example))) => text.push_str(example.text),
        Some((name, None)) => {
            let names: Vec<&str> = EXAMPLES.iter().map(|example| example.name).collect();
            let names = names.join(", ");
            return Err(Failure::Usage(format!("unknown example ‘{name}’; expected one of {names}")));
        }
        None => {
            for example in EXAMPLES {
                // A string takes all that is written to it.
                writeln!(text, "{:14} {}", example.name, example.about).unwrap_or_default();
            }
        }
    }
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| Failure::Network(format!("printing: {error}")))
}
