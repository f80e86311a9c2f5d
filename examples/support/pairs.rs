//! Pairs of runs: of a minimal receiver, and of a session that records.

use std::error::Error;

use super::numbers::{quantile, rate};
use super::receiving::Recorded;
use super::stopwatch::Took;

/// Prints a table of pairs, and the median of the ratios. False if it is below `wanted`, or a recording is not equal to what
/// was sent.
pub(crate) fn table(
    (n_pairs, n_bytes, wanted): (u32, u64, f64),
    minimal: impl Fn() -> Result<Took, Box<dyn Error>>,
    record: impl Fn() -> Result<Recorded, Box<dyn Error>>,
) -> Result<bool, Box<dyn Error>> {
    println!();
    println!("pair   minimal MB/s (CPU s)   recorded MB/s (CPU s)   ratio   recording");
    let mut ratios = Vec::new();
    let mut equal = true;
    for pair in 1..=n_pairs {
        // Alternating the order cancels drift.
        let (plain, (recorded, difference)) = if pair % 2 == 1 {
            (minimal()?, record()?)
        } else {
            let recorded = record()?;
            (minimal()?, recorded)
        };
        let ratio = plain.wall / recorded.wall;
        ratios.push(ratio);
        equal &= difference.is_none();
        println!(
            "{pair:>4}   {:>12.0} ({:>5.2})   {:>13.0} ({:>5.2})   {ratio:>5.2}   {}",
            rate(n_bytes, plain.wall),
            plain.processor,
            rate(n_bytes, recorded.wall),
            recorded.processor,
            difference.unwrap_or_else(|| "equal to what was sent".to_owned()),
        );
    }
    let median = quantile(&ratios, 0.5);
    let reached = median >= wanted;
    println!();
    println!(
        "median ratio {median:.2}, wanted {wanted:.2} {}",
        if reached { "– reached" } else { "– MISSED" }
    );
    Ok(reached && equal)
}
