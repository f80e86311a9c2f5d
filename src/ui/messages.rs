//! Composed messages, by topic, and the formatting of numbers.

mod events;
mod layers;
mod library;
mod net;
mod notices;
pub(crate) mod quick;
pub mod rules;
pub mod trust;
mod typed;

use super::lang::{InWords, Lang};
use crate::model::{Leg, Wholeness};
use crate::workspace::Example;

pub(crate) use events::{Weight, event, event_code, event_icon, weight};
pub use net::net_error;
pub(crate) use net::{os_code, reason, short_tally};
pub use notices::notice;
pub use typed::{fault, send_problem};
pub(crate) use typed::{fault_of, query_error};

/// Seconds in clock format: `0:05`, `1:02:03`.
pub(crate) fn clock(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// The way of what comes from this side of a relay.
pub(crate) fn way(lang: Lang, from: Leg) -> &'static str {
    match from {
        Leg::Client => lang.way_up(),
        Leg::Upstream => lang.way_down(),
    }
}

/// A size in readable form: `999 B`, `1.25 KiB`, `3.00 GiB`.
pub(crate) fn bytes(n: u64) -> String {
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

/// The end of an address, by which the peers of one host, or of one network, differ: `.21:46534`, or `:80` of IPv6.
pub(crate) fn end_of_address(address: &str) -> &str {
    address.rfind(['.', ']']).map_or("", |at| address[at..].trim_start_matches(']'))
}

/// A number with thousands separators: `1,234,567`.
pub(crate) fn grouped(n: u64) -> String {
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

/// The first `most` bytes in hex, and whether there are more.
pub(crate) fn hex_head(bytes: &[u8], most: usize) -> String {
    let rest = if bytes.len() > most { " …" } else { "" };
    crate::codec::hex::to_text(bytes.get(..most).unwrap_or(bytes)) + rest
}

pub(crate) fn byte_range(lang: Lang, range: &std::ops::Range<usize>) -> String {
    let (at, hex) = (range.start, format!("{:X}", range.start));
    if range.len() == 1 { lang.byte_range_one(at, hex) } else { lang.byte_range(at, hex, range.len()) }
}

/// The English text of another module as a sentence, or its translation into the language of the window.
fn in_words(lang: Lang, told: &(impl std::fmt::Display + InWords)) -> String {
    lang.core().map_or_else(|| capitalised(&told.to_string()), |core| told.in_words(core))
}

/// The text with a capital first: what is within a sentence, as one of its own.
pub(crate) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// What the other ends of a session are called.
pub(crate) fn peers(lang: Lang, is_stream: bool) -> &'static str {
    if is_stream { lang.connections() } else { lang.known_peers() }
}

/// What is wrong with a message that is not whole.
pub(crate) fn wholeness(lang: Lang, wholeness: Wholeness) -> Option<&'static str> {
    match wholeness {
        Wholeness::Whole => None,
        Wholeness::Open => Some(lang.message_open()),
        Wholeness::CutOff => Some(lang.message_cut_off()),
        Wholeness::TooLong => Some(lang.message_too_long()),
        Wholeness::Nonsense => Some(lang.message_nonsense()),
    }
}

/// Description of an example.
pub fn example(lang: Lang, example: &Example) -> String {
    let Some(core) = lang.core() else { return capitalised(example.about) };
    match example.name {
        "upper-case" => core.example_upper_case(),
        "chat" => core.example_chat(),
        "http-hello" => core.example_http_hello(),
        "modbus-device" => core.example_modbus_device(),
        "file-download" => core.example_file_download(),
        "json-files" => core.example_json_files(),
        "relay" => core.example_relay(),
        "socks-proxy" => core.example_socks_proxy(),
        "websocket-chat" => core.example_websocket_chat(),
        _ => capitalised(example.about),
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

    #[test]
    fn every_example_is_told_in_every_language() {
        for lang in &Lang::ALL[1..] {
            for shown in crate::workspace::EXAMPLES {
                assert_ne!(example(*lang, &shown), shown.about);
            }
        }
    }
}
