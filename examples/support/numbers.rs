//! Number formatting and statistics.

/// `1,500,000,000`.
pub(crate) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A quantile: `0.5` is the median. 0 without values.
pub(crate) fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a number of measurements"
    )]
    let n = (share * (sorted.len() as f64 - 1.0)).round().max(0.0) as usize;
    sorted.get(n).copied().unwrap_or_default()
}

/// Megabytes per second.
pub(crate) fn rate(n_bytes: u64, seconds: f64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a rate needs no more than 52 bits")]
    let n_bytes = n_bytes as f64;
    n_bytes / seconds / 1e6
}
