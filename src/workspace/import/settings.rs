//! The INI files of Qt's `QSettings`, according to Qt's documentation: groups and keys with percent signs, values with
//! quotes and escapes.

pub(super) struct Setting {
    /// The line, from 1.
    pub(super) line: usize,
    /// The groups and the key, with slashes between them.
    pub(super) path: String,
    pub(super) value: String,
}

/// Returns the settings in order, and the lines that are invalid.
pub(super) fn read(text: &str) -> (Vec<Setting>, Vec<usize>) {
    let (mut settings, mut invalid_lines) = (Vec::new(), Vec::new());
    let mut group = String::new();
    for (n, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with(';') {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            group = match name {
                "General" | "general" => String::new(),
                // A group that is really called so.
                "%General" => "General/".to_owned(),
                name => format!("{}/", unescape_key(name)),
            };
        } else if let Some((key, value)) = line.split_once('=') {
            let path = format!("{group}{}", unescape_key(key.trim()));
            settings.push(Setting { line: n + 1, path, value: decode(unescape_value(value.trim())) });
        } else {
            invalid_lines.push(n + 1);
        }
    }
    (settings, invalid_lines)
}

/// `a%20b\c` → `a b/c`. Bytes above 7F are Latin-1 (`%E9`), other characters `%U6D4B`; newer versions of Qt write
/// UTF-8.
fn unescape_key(key: &str) -> String {
    let mut text = String::with_capacity(key.len());
    let mut rest = key;
    while let Some(c) = rest.chars().next() {
        let hex = |from: usize, len: usize| {
            let digits = rest.get(from..from + len)?;
            let all = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            all.then(|| u32::from_str_radix(digits, 16).ok()).flatten().and_then(char::from_u32)
        };
        let (c, len) = match c {
            '\\' => ('/', 1),
            '%' if rest.starts_with("%U") => hex(2, 4).map_or(('%', 1), |c| (c, 6)),
            '%' => hex(1, 2).map_or(('%', 1), |c| (c, 3)),
            c => (c, c.len_utf8()),
        };
        text.push(c);
        rest = rest.get(len..).unwrap_or_default();
    }
    text
}

/// Values that are not text: `@ByteArray(…)`, `@Variant(…)`; a text that begins with `@` has another before it. What is
/// not understood is kept.
fn decode(value: String) -> String {
    let inside = |name: &str| value.strip_prefix(name)?.strip_suffix(')').map(bytes);
    if let Some(text) = value.strip_prefix("@@") {
        return format!("@{text}");
    }
    let found = match inside("@ByteArray(") {
        Some(bytes) => bytes.and_then(|bytes| String::from_utf8(bytes).ok()),
        None if value == "@Invalid()" => Some(String::new()),
        None => inside("@Variant(").flatten().and_then(|bytes| variant(&bytes)),
    };
    found.unwrap_or(value)
}

/// Bytes that are written as characters up to U+00FF.
fn bytes(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
}

/// A `QVariant` as `QDataStream` writes it: the number of its type, for some versions a flag for null, and its value.
fn variant(bytes: &[u8]) -> Option<String> {
    let (&kind, value) = bytes.split_first_chunk()?;
    let kind = u32::from_be_bytes(kind);
    let number = |len: usize| match value {
        [0 | 1, rest @ ..] if rest.len() == len => Some(rest),
        value => Some(value).filter(|value| value.len() == len),
    };
    let four = || number(4)?.try_into().ok();
    let eight = || number(8)?.try_into().ok();
    // A text has its length before it.
    let rest = |flag: usize| {
        let (&len, text) = value.get(flag..)?.split_first_chunk()?;
        let len = Some(u32::from_be_bytes(len)).filter(|len| *len != u32::MAX).unwrap_or(0);
        Some(text).filter(|text| text.len() as u64 == u64::from(len))
    };
    let text = || rest(0).or_else(|| rest(1));
    Some(match kind {
        1 => number(1)?.first().map(|yes| (*yes != 0).to_string())?,
        2 => i32::from_be_bytes(four()?).to_string(),
        3 => u32::from_be_bytes(four()?).to_string(),
        4 => i64::from_be_bytes(eight()?).to_string(),
        5 => u64::from_be_bytes(eight()?).to_string(),
        6 => f64::from_be_bytes(eight()?).to_string(),
        38 | 135 => f32::from_be_bytes(four()?).to_string(),
        10 => {
            let units = text()?.chunks(2).map(|unit| Some(u16::from_be_bytes(unit.try_into().ok()?)));
            String::from_utf16(&units.collect::<Option<Vec<u16>>>()?).ok()?
        }
        12 => String::from_utf8(text()?.to_vec()).ok()?,
        _ => return None,
    })
}

/// `"a\"b\x6d4b"` → `a"b测`. Invalid escapes are kept.
fn unescape_value(value: &str) -> String {
    let inner = value.strip_prefix('"').map(|rest| rest.strip_suffix('"').unwrap_or(rest));
    let value = inner.unwrap_or(value);
    let mut text = String::with_capacity(value.len());
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match chars.next() {
            Some('a') => text.push('\u{7}'),
            Some('b') => text.push('\u{8}'),
            Some('f') => text.push('\u{C}'),
            Some('v') => text.push('\u{B}'),
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('t') => text.push('\t'),
            Some('0') => text.push('\0'),
            Some('x') => {
                let mut code: u32 = 0;
                while let Some(digit) = chars.peek().and_then(|c| c.to_digit(16)) {
                    code = code.saturating_mul(16).saturating_add(digit);
                    chars.next();
                }
                text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            Some(c) => text.push(c),
            None => text.push('\\'),
        }
    }
    text
}
