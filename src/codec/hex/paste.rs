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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::codec::{Charset, CopyAs};

    #[track_caller]
    fn check(text: &str, bytes: &[u8]) {
        assert_eq!(parse_pasted(text).as_deref(), Ok(bytes), "{text}");
    }

    /// The output of each tool.
    #[test]
    fn dumps_of_known_tools_are_read() {
        let text = b"deadbeef cafe 0123456789\n";
        for dump in [
            "00000000: 6465 6164 6265 6566 2063 6166 6520 3031  deadbeef cafe 01\n\
             00000010: 3233 3435 3637 3839 0a                   23456789.\n",
            "00000000  64 65 61 64 62 65 65 66  20 63 61 66 65 20 30 31  |deadbeef cafe 01|\n\
             00000010  32 33 34 35 36 37 38 39  0a                       |23456789.|\n\
             00000019\n",
            "0000000 64 65 61 64 62 65 65 66 20 63 61 66 65 20 30 31\n\
             0000020 32 33 34 35 36 37 38 39 0a\n\
             0000031\n",
            "0000   64 65 61 64 62 65 65 66 20 63 61 66 65 20 30 31   deadbeef cafe 01\r\n\
             0010   32 33 34 35 36 37 38 39 0a                        23456789.\r\n",
            "\t0x0000:  6465 6164 6265 6566 2063 6166 6520 3031  deadbeef.cafe.01\n\
             \t0x0010:  3233 3435 3637 3839 0a                   23456789.\n",
            "00000000: 64 65 61 64 62 65 65 66  deadbeef\n\
             00000008: 20 63 61 66 65 20 30 31   cafe 01\n\
             00000010: 32 33 34 35 36 37 38 39  23456789\n\
             00000018: 0a                       .\n",
            "00000100  64 65 61 64 62 65 65 66-20 63 61 66 65 20 30 31  deadbeef cafe 01\n\
             00000110  32 33 34 35 36 37 38 39-0a                       23456789.\n",
        ] {
            check(dump, text);
        }
        check("00000000: 6465 6164 0a                             dead.\n", b"dead\n");
        check("00000010  64 65 61 64 0a  |dead.|", b"dead\n");
    }

    #[test]
    fn plain_digits_are_not_a_dump() {
        check("0001 0203", &[0, 1, 2, 3]);
        check("0000  48 65", &[0, 0, 0x48, 0x65]);
        check("0001\n0203\n0405", &[0, 1, 2, 3, 4, 5]);
        check("0000 01 02\n0003 04", &[0, 0, 1, 2, 0, 3, 4]);
        check("", &[]);
        for text in ["0001: 02 0G", "0001 02 zz", "0000: zz"] {
            assert_eq!(parse_pasted(text), parse(text), "{text}");
            assert!(parse_pasted(text).is_err(), "{text}");
        }
    }

    #[test]
    fn lists_of_source_code_are_read() {
        check("{}", b"");
        check("{ 0x48, 101, }", b"He");
        check("const uint8_t x[2] = { 0x48u, /* 72, */ 0x65 // e }\n};", b"He");
        check("char a[] = {0x48};\nchar b[] = { 0x65 };\nint n = 2 / 1;", b"He");
        check("byte[] x = { (byte) 0x48, (byte)0xFF };", b"H\xFF");
        check("[0x48, 0x65]", b"He");
        check("let x: [u8; 2] = [72u8, 101u8];", b"He");
        for (text, at, len) in [
            ("{72, 256}", 5, 3),
            ("{72,,1}", 4, 0),
            ("{0x48 0x65}", 1, 9),
            ("{/**/ é}", 6, 2),
            ("[+1]", 1, 2),
        ] {
            assert_eq!(parse_pasted(text), Err(HexError { at, len, why: HexProblem::NotAByte }), "{text}");
        }
        assert!(matches!(
            parse_pasted("{ 48"),
            Err(HexError { at: 0, len: 1, why: HexProblem::NotHex('{') })
        ));
    }

    #[test]
    fn digits_followed_by_h_are_read() {
        check("01H 03h,0aH", &[1, 3, 10]);
        check("01H、0FFH", &[1, 255]);
        for text in ["01H 3H", "01H 03", "h", "1FFH", "01HH", "01H03H"] {
            assert_eq!(parse_pasted(text), parse(text), "{text}");
            assert!(parse_pasted(text).is_err(), "{text}");
        }
    }

    #[test]
    fn strings_are_read() {
        check("b'\\x48\\x65'", b"He");
        check("\"\\x48\\x65\" \\\n\"\\x0a\"", b"He\n");
        assert!(parse_pasted("\"\\x48e\"").is_err());
        assert!(parse_pasted("\"48\"").is_err());
    }

    proptest! {
        #[test]
        fn copied_text_can_be_pasted(bytes in prop::collection::vec(any::<u8>(), 1..80), n in 0usize..5) {
            let kind = [CopyAs::Hex, CopyAs::Dump, CopyAs::C, CopyAs::Rust, CopyAs::JavaScript][n];
            let text = kind.text_of(&bytes, Charset::Utf8);
            prop_assert_eq!(parse_pasted(&text), Ok(bytes), "{}", text);
        }

        #[test]
        fn any_text_is_read_or_refused_within_it(
            text in "((0000|0010|00000000:?)? {0,3}([0-9a-f]{1,4}[ \t]{0,3}){0,9}[|{}\\[\\],/*\"x\\\\é-]{0,3}\n?){0,4}|.{0,40}",
        ) {
            if let Err(error) = parse_pasted(&text) {
                prop_assert!(text.get(error.at..error.at + error.len).is_some(), "{:?}", error);
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }
}
