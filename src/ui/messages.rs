//! Messages with something put into them, in both languages, by what they are about; and how numbers read.

mod events;
mod net;
mod notices;
pub mod quick;
pub mod rules;
mod typed;

use super::lang::Lang;
use crate::model::Wholeness;

pub use events::event;
pub use net::{net_error, short_tally};
pub use notices::{exists, notice};
pub use typed::{
    append_trouble, cycle_problem, file_problem, framing_trouble, problem, query_error, send_problem,
    template_error,
};

/// So many seconds as a clock shows them: `0:05`, `1:02:03`.
pub fn clock(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// A number of bytes as people say it: `999 B`, `1.25 KiB`, `3.00 GiB`.
pub fn bytes(n: u64) -> String {
    const KIB: f64 = 1024.0;
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let value = n as f64;
    if n < 1024 {
        format!("{n} B")
    } else if value < KIB * KIB {
        format!("{:.2} KiB", value / KIB)
    } else if value < KIB * KIB * KIB {
        format!("{:.2} MiB", value / KIB / KIB)
    } else {
        format!("{:.2} GiB", value / KIB / KIB / KIB)
    }
}

/// A number with its thousands apart: `1,234,567`.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Only a part of an item's bytes is shown.
pub fn only_first(lang: Lang, shown: u64, total: u64) -> String {
    let (shown, total) = (bytes(shown), bytes(total));
    lang.pick(format!("The first {shown} of {total}"), format!("共 {total}，仅显示前 {shown}"))
}

/// Which bytes of an item: from where, and how many.
pub fn byte_range(lang: Lang, range: &std::ops::Range<usize>) -> String {
    let (at, n) = (range.start, range.len());
    let plural = if n == 1 { "byte" } else { "bytes" };
    lang.pick(format!("Offset {at} (0x{at:X}), {n} {plural}"), format!("偏移 {at} (0x{at:X})，{n} 字节"))
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// What stands for the folded rest of an item of so many bytes.
pub fn folded(lang: Lang, len: u64) -> String {
    let len = grouped(len);
    lang.pick(format!("▼ show all ({len} B)"), format!("▼ 显示全部 ({len} 字节)"))
}

/// What a message is, if it is not whole.
pub fn wholeness(lang: Lang, wholeness: Wholeness) -> Option<&'static str> {
    match wholeness {
        Wholeness::Whole => None,
        Wholeness::Open => Some(lang.pick("not complete yet", "尚未完整 (半包)")),
        Wholeness::CutOff => Some(lang.pick("cut off", "被截断")),
        Wholeness::TooLong => Some(lang.pick("too long, cut", "过长，已切断")),
        Wholeness::Nonsense => Some(lang.pick("makes no sense in this framing", "不符合分帧规则")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_counts_read_well() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(1023), "1023 B");
        assert_eq!(bytes(1536), "1.50 KiB");
        assert_eq!(bytes(5 << 30), "5.00 GiB");
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1234), "1,234");
        assert_eq!(grouped(100_000_000), "100,000,000");
    }
}
