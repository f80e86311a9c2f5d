//! The settings of SSCOM, a Chinese serial and network assistant: `sscom.ini` (32 rows) and, from version 5,
//! `sscom51.ini` (99 rows), according to the comments in these files and to files found in public repositories.
//!
//! ```text
//! ;N101=ORDER,COMMENT,DELAY      order in a sequence, 0 for not in it; delay in milliseconds
//! N101=1,Reset,1000
//! N1=H,13 00 FF 88               H: hex, A: text
//! N1060=,1                       the checksum of all rows: 0 none, 1 CRC-16/MODBUS, 2 sum, 3 XOR
//! N1074=,1                       the first byte of it, from 1
//! N1075=,0                       where it ends; 0 for the end of the message
//! ```
//!
//! A comma in a text is a byte 02.

use std::collections::BTreeMap;

use super::{ImportIssue, Imported, Source};
use crate::codec::compose::Mode;
use crate::codec::hex;
use crate::workspace::quick::QuickSend;

#[derive(Clone, Copy)]
struct Entry<'a> {
    line: usize,
    value: &'a str,
}

/// The number and the value of a line `N101=…`.
fn entry(line: &str) -> Option<(u32, &str)> {
    let (key, value) = line.strip_prefix('N')?.split_once('=')?;
    let digits = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| key.parse().ok()).flatten().map(|number| (number, value))
}

/// Whether a text is such a file: it has a row with content.
pub(super) fn is_one(text: &str) -> bool {
    text.lines().filter_map(entry).any(|(number, value)| (1..=99).contains(&number) && row(value).is_some())
}

/// What stands for a comma in a text.
const COMMA: char = '\u{2}';

/// `H,13 00` or `A,text`.
fn row(value: &str) -> Option<(Mode, &str)> {
    let (mode, content) = value.split_once(',')?;
    match mode {
        "H" | "h" => Some((Mode::Hex, content)),
        "A" | "a" => Some((Mode::Text, content)),
        _ => None,
    }
}

/// The steps appended to every row.
#[derive(Default)]
struct Global {
    /// The checksum.
    append: Vec<String>,
    /// Text rows end with CR LF. Hex rows do not: no device would accept it.
    has_line_end: bool,
}

/// Reads a file. Rows without content fill up the list of the program, and are omitted.
pub(super) fn read(text: &str) -> Imported {
    let mut imported = Imported::new(Source::Sscom);
    let mut entries: BTreeMap<u32, Entry<'_>> = BTreeMap::new();
    for (n, line) in text.lines().enumerate() {
        let line_number = n + 1;
        let line = line.trim_end_matches('\r');
        if line.trim().is_empty() || line.trim_start().starts_with([';', '[']) {
            continue;
        }
        match entry(line) {
            Some((number, value)) => {
                entries.insert(number, Entry { line: line_number, value });
            }
            None => imported.remark(line_number, ImportIssue::NotALine),
        }
    }
    let has_heads = entries.keys().any(|number| (101..=199).contains(number));
    let global = global(&entries, has_heads, &mut imported);
    // In the old format, the numbers after 32 are settings.
    let last = if has_heads { 99 } else { 32 };
    let mut found = Vec::new();
    for (&number, content) in entries.range(1..=last) {
        let Some((mode, text)) = row(content.value) else {
            imported.remark(content.line, ImportIssue::NotALine);
            continue;
        };
        let head = entries.get(&(number + 100)).copied().filter(|_| has_heads);
        let head = Head::read(head, number, &mut imported);
        if text.is_empty() {
            // A named row without content is a heading.
            if head.is_named {
                imported.remark(content.line, ImportIssue::NoContent);
            }
            continue;
        }
        if mode == Mode::Hex && hex::parse_pasted(text).is_err() {
            imported.remark(content.line, ImportIssue::Hex);
        }
        found.push((head.order, content.line, head.quick(mode, text, &global)));
    }
    // The rows of the sequence exchange their places so that they are in its order.
    let mut in_order: Vec<_> = found.iter().filter(|(order, ..)| *order > 0).cloned().collect();
    in_order.sort_by_key(|(order, ..)| *order);
    let mut in_order = in_order.into_iter();
    for row in found {
        let (_, line, quick) = if row.0 > 0 { in_order.next().unwrap_or(row) } else { row };
        imported.push(line, quick);
    }
    imported.remarks.sort_by_key(|remark| remark.line);
    imported
}

/// The steps appended to every row: CR LF, and from version 5 a checksum.
fn global(entries: &BTreeMap<u32, Entry<'_>>, has_heads: bool, imported: &mut Imported) -> Global {
    let value = |number: u32| {
        let entry = entries.get(&number)?;
        Some((entry.line, entry.value.strip_prefix(',').unwrap_or(entry.value).trim()))
    };
    let mut global = Global::default();
    if has_heads && let Some((line, kind)) = value(1060) {
        let check = match kind {
            "" | "0" => None,
            "1" => Some("CRC-16/MODBUS"),
            "2" => Some("SUM-8"),
            "3" => Some("XOR-8"),
            other => {
                imported.remark(line, ImportIssue::Number(other.to_owned()));
                None
            }
        };
        if let Some(check) = check {
            let from = checked_from(value(1074), imported);
            global.append.push(if from > 0 { format!("{check}:from={from}") } else { check.to_owned() });
            // The index in a list of endings to leave out; the first is none.
            if let Some((line, _)) = value(1075).filter(|(_, place)| !matches!(*place, "" | "0")) {
                imported.remark(line, ImportIssue::ChecksumEnd);
            }
        }
    }
    let new_line = value(if has_heads { 1057 } else { 37 });
    global.has_line_end = new_line.is_some_and(|(_, yes)| yes == "Y");
    global
}

/// The number of bytes before the first that the checksum covers, which is counted from 1 in the file.
fn checked_from(entry: Option<(usize, &str)>, imported: &mut Imported) -> u32 {
    let Some((line, text)) = entry.filter(|(_, text)| !text.is_empty()) else { return 0 };
    text.parse::<u32>().ok().and_then(|first| first.checked_sub(1)).unwrap_or_else(|| {
        imported.remark(line, ImportIssue::Number(text.to_owned()));
        0
    })
}

/// The line `N101=1,Reset,1000` of a row.
struct Head {
    /// The position in the sequence, from 1; 0 for none.
    order: u32,
    name: String,
    /// The name is not the default.
    is_named: bool,
    delay: String,
}

impl Head {
    fn read(entry: Option<Entry<'_>>, number: u32, imported: &mut Imported) -> Self {
        let usual = Self { order: 0, name: number.to_string(), is_named: false, delay: String::new() };
        let Some(Entry { line, value }) = entry else { return usual };
        // The comment may contain commas.
        let (order, rest) = value.split_once(',').unwrap_or((value, ""));
        let (name, delay) = rest.rsplit_once(',').unwrap_or((rest, ""));
        let order = order.trim().parse().unwrap_or_else(|_not_a_number| {
            imported.remark(line, ImportIssue::Number(order.to_owned()));
            0
        });
        let delay = delay.trim();
        let is_number = delay.len() < 9 && delay.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number {
            imported.remark(line, ImportIssue::Number(delay.to_owned()));
        }
        let name = name.trim();
        let is_named = !name.is_empty() && name != "NULL" && name != format!("{number}无注释");
        Self {
            order,
            name: if is_named { name.replace(COMMA, ",") } else { number.to_string() },
            is_named,
            delay: if is_number { delay.to_owned() } else { String::new() },
        }
    }

    fn quick(self, mode: Mode, content: &str, global: &Global) -> QuickSend {
        let mut append = global.append.clone();
        if global.has_line_end && mode == Mode::Text {
            append.push("crlf".to_owned());
        }
        QuickSend {
            name: self.name,
            mode,
            content: content.replace(COMMA, ","),
            // SSCOM has no escapes.
            escapes: false,
            append,
            ticked: self.order > 0,
            delay: self.delay,
            ..QuickSend::default()
        }
    }
}
