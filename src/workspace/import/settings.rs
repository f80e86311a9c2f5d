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
            settings.push(Setting { line: n + 1, path, value: unescape_value(value.trim()) });
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
