//! Hex in the formats of other programs: dumps with offsets, lists in source code, strings with `\x`. The
//! format is detected.

use super::{HexError, HexProblem, parse};

/// Reads a hex dump with offsets (xxd, hexdump -C, od -tx1, tcpdump -X, Wireshark), a list of numbers in
/// braces or brackets (C, Java, Rust, `JavaScript`), a string of `\xHH`, or digits followed by `H` (device
/// manuals, assemblers); anything else as [`parse`] reads it.
///
/// A text is a dump if its offsets advance by the number of bytes in each line. Numbers of a list are decimal
/// unless they begin with `0x`, as in all these languages.
///
/// # Errors
/// At the first number of a list that is not a byte, or where [`parse`] stops.
///
/// # Example
/// ```
/// use netassist::codec::hex;
/// let dump = "0000   48 65 6c 6c 6f 2c 20 77 6f 72 6c 64 21 0d 0a 61   Hello, world!..a\n\
///             0010   62 63                                            bc\n";
/// assert_eq!(hex::parse_pasted(dump).unwrap(), b"Hello, world!\r\nabc");
/// assert_eq!(hex::parse_pasted("char x[] = {0x48, 101};").unwrap(), b"He");
/// ```
pub fn parse_pasted(text: &str) -> Result<Vec<u8>, HexError> {
    if let Some(bytes) = dump(text) {
        return Ok(bytes);
    }
    if let Some(list) = list(text) {
        return list;
    }
    let plain = parse(text);
    match plain {
        Ok(bytes) => Ok(bytes),
        Err(error) => single_row(text).or_else(|| string(text)).or_else(|| suffixed(text)).ok_or(error),
    }
}

/// The bytes of a dump of two rows or more.
fn dump(text: &str) -> Option<Vec<u8>> {
    let rows: Vec<Row<'_>> =
        text.lines().filter(|line| !line.trim().is_empty()).map(Row::of).collect::<Option<_>>()?;
    if rows.len() < 2 {
        return None;
    }
    // od counts in octal.
    [16, 8].into_iter().find_map(|radix| {
        let mut bytes = Vec::new();
        let mut widest = 0;
        for (row, next) in rows.iter().zip(rows.get(1..)?) {
            let len = next.offset(radix)?.checked_sub(row.offset(radix)?)?;
            let len = usize::try_from(len).ok().filter(|len| *len > 0)?;
            let before = bytes.len();
            row.read(len, &mut bytes);
            if bytes.len() - before != len {
                return None;
            }
            widest = widest.max(len);
        }
        rows.last()?.read(widest, &mut bytes);
        Some(bytes)
    })
}

/// The bytes of a single row with a text column; without one it could be plain digits.
fn single_row(text: &str) -> Option<Vec<u8>> {
    let row = Row::of(text.trim())?;
    let mut bytes = Vec::new();
    let has_column = row.read(usize::MAX, &mut bytes) == End::Column;
    (row.is_marked && has_column && !bytes.is_empty()).then_some(bytes)
}

/// A row of a dump.
#[derive(Debug)]
struct Row<'a> {
    offset: &'a str,
    /// A colon or two blanks follow the offset.
    is_marked: bool,
    /// What follows the offset.
    rest: &'a str,
}

/// What ended the bytes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The number wanted, or the end of the row.
    Bytes,
    /// The text column.
    Column,
    /// Something that is not a byte.
    Other,
}

impl<'a> Row<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let line = line.trim();
        let line = line.strip_prefix("0x").unwrap_or(line);
        let len = line.bytes().take_while(u8::is_ascii_hexdigit).count();
        let (offset, rest) = line.split_at_checked(len)?;
        let is_marked = rest.starts_with(':') || rest.starts_with("  ");
        let rest = rest.strip_prefix(':').unwrap_or(rest);
        let is_apart = rest.is_empty() || rest.starts_with(char::is_whitespace);
        ((4..=16).contains(&len) && is_apart).then_some(Self { offset, is_marked, rest })
    }

    fn offset(&self, radix: u32) -> Option<u64> {
        u64::from_str_radix(self.offset, radix).ok()
    }

    /// Reads at most `most` bytes, up to the text column: it begins with `|`, or is separated by two blanks
    /// or more. (Two blanks may also follow the eighth byte.)
    fn read(&self, most: usize, bytes: &mut Vec<u8>) -> End {
        let mut rest = self.rest;
        let mut n = 0;
        while n < most {
            let word = rest.trim_start();
            let gap = rest.len() - word.len();
            let len = word.find([' ', '\t', '-', '|']).unwrap_or(word.len());
            let (digits, after) = word.split_at_checked(len).unwrap_or((word, ""));
            if word.is_empty() {
                return End::Bytes;
            }
            if word.starts_with('|') || n > 0 && gap > 2 || gap == 2 && n > 0 && !(n == 8 && len == 2) {
                return End::Column;
            }
            let Some(mut group) = ::hex::decode(digits).ok().filter(|group| group.len() <= most - n) else {
                return if gap > 1 { End::Column } else { End::Other };
            };
            if group.is_empty() {
                return End::Other;
            }
            n += group.len();
            bytes.append(&mut group);
            // Some tools print a dash between the eighth and the ninth byte.
            rest = after.strip_prefix('-').unwrap_or(after);
        }
        End::Bytes
    }
}

/// The numbers between all pairs of braces, else between the last pair of brackets. `None` if there is
/// neither.
fn list(text: &str) -> Option<Result<Vec<u8>, HexError>> {
    let code = without_comments(text);
    let mut bytes = Vec::new();
    if code.contains('{') {
        let mut at = 0;
        while let Some(open) = code.get(at..)?.find('{') {
            let start = at + open + 1;
            let end = start + code.get(start..)?.find('}')?;
            if let Err(error) = numbers(code.get(start..end)?, start, &mut bytes) {
                return Some(Err(error));
            }
            at = end + 1;
        }
    } else {
        let start = code.rfind('[')? + 1;
        let end = start + code.get(start..)?.find(']')?;
        if let Err(error) = numbers(code.get(start..end)?, start, &mut bytes) {
            return Some(Err(error));
        }
    }
    Some(Ok(bytes))
}

/// The text with blanks in place of `/* … */` and `// …`, of the same length in bytes.
fn without_comments(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, comment)) = rest.find('/').and_then(|at| rest.split_at_checked(at)) {
        code.push_str(before);
        let len = if comment.starts_with("/*") {
            comment.find("*/").map_or(comment.len(), |end| end + 2)
        } else if comment.starts_with("//") {
            comment.find('\n').unwrap_or(comment.len())
        } else {
            code.push('/');
            rest = comment.get(1..).unwrap_or_default();
            continue;
        };
        code.extend(std::iter::repeat_n(' ', len));
        rest = comment.get(len..).unwrap_or_default();
    }
    code.push_str(rest);
    code
}

/// Reads numbers separated by commas; `start` is the offset of `items` in the text.
fn numbers(items: &str, start: usize, bytes: &mut Vec<u8>) -> Result<(), HexError> {
    let mut at = start;
    for item in items.split(',') {
        let number = item.trim();
        let place = at + item.len() - item.trim_start().len();
        at += item.len() + 1;
        // A comma may end the list.
        if number.is_empty() && at > start + items.len() {
            break;
        }
        let wrong = HexError { at: place, len: number.len(), why: HexProblem::NotAByte };
        bytes.push(byte(number).ok_or(wrong)?);
    }
    Ok(())
}

/// A number from 0 to 255 as in source code: `0x48`, `72`, `(byte) 0x48`, `72u8`.
fn byte(number: &str) -> Option<u8> {
    let number = number.strip_prefix("(byte)").unwrap_or(number).trim_start();
    let (digits, radix) = match number.get(..2) {
        Some("0x" | "0X") => (number.get(2..)?, 16),
        Some(_) | None => (number, 10),
    };
    let digits = digits.strip_suffix("u8").unwrap_or(digits).trim_end_matches(['u', 'U']);
    let is_plain = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    u8::from_str_radix(digits, radix).ok().filter(|_| is_plain)
}

/// The bytes of quoted strings of `\xHH`, also over several lines.
fn string(text: &str) -> Option<Vec<u8>> {
    if !text.contains("\\x") || !text.contains(['"', '\'']) {
        return None;
    }
    let lines = text.replace("\\\r\n", " ").replace("\\\n", " ");
    let bare = lines.trim_end_matches('\\').replace("b\"", " ").replace("b'", " ").replace(['"', '\''], " ");
    parse(&bare).ok()
}

/// The bytes of `01H 0AH`: two digits each, or three with a leading zero, as assemblers require.
fn suffixed(text: &str) -> Option<Vec<u8>> {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '，' | '、' | ';'));
    let byte = |word: &str| {
        let digits = word.strip_suffix(['h', 'H'])?;
        let digits = if digits.len() == 3 { digits.strip_prefix('0')? } else { digits };
        match *::hex::decode(digits).ok()? {
            [byte] => Some(byte),
            _ => None,
        }
    };
    words.filter(|word| !word.is_empty()).map(byte).collect()
}
