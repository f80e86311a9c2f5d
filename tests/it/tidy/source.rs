//! Rust source as far as the rules need it: which names it speaks of, on which line, and whether only
//! tests do. No parser: a scanner that blanks out comments and literals, then looks at words.

/// A word or path root that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) name: String,
    /// Counted from 1.
    pub(super) line: usize,
}

/// The same text with every comment, string and character blanked out, line by line in its place.
pub(super) fn code(source: &str) -> String {
    let chars: Vec<char> = source.chars().collect();
    let mut out = String::with_capacity(source.len());
    let mut at = 0;
    while at < chars.len() {
        let end = match chars[at] {
            '/' if chars.get(at + 1) == Some(&'/') => until_line_end(&chars, at),
            '/' if chars.get(at + 1) == Some(&'*') => behind_block_comment(&chars, at),
            '"' => behind_string(&chars, at),
            'r' if !behind_word(&chars, at) => raw_string(&chars, at).unwrap_or(at),
            '\'' => character(&chars, at).unwrap_or(at),
            _ => at,
        };
        if end == at {
            out.push(chars[at]);
            at += 1;
        } else {
            out.extend(chars[at..end].iter().map(|&c| if c == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    out
}

fn until_line_end(chars: &[char], at: usize) -> usize {
    chars[at..].iter().position(|&c| c == '\n').map_or(chars.len(), |n| at + n)
}

fn behind_block_comment(chars: &[char], mut at: usize) -> usize {
    let mut depth = 0;
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn behind_string(chars: &[char], at: usize) -> usize {
    let mut end = at + 1;
    while end < chars.len() && chars[end] != '"' {
        end += if chars[end] == '\\' { 2 } else { 1 };
    }
    (end + 1).min(chars.len())
}

fn raw_string(chars: &[char], at: usize) -> Option<usize> {
    let hashes = chars[at + 1..].iter().take_while(|&&c| c == '#').count();
    let open = at + 1 + hashes;
    if chars.get(open) != Some(&'"') {
        return None;
    }
    let closed = |end: usize| {
        chars[end] == '"' && chars[end + 1..].iter().take(hashes).filter(|&&c| c == '#').count() == hashes
    };
    let end = (open + 1..chars.len()).find(|&end| closed(end))?;
    Some(end + 1 + hashes)
}

/// `'x'` or `'\n'`, but not the lifetime `'a`.
fn character(chars: &[char], at: usize) -> Option<usize> {
    if chars.get(at + 1) == Some(&'\\') {
        let end = chars[at + 3..].iter().position(|&c| c == '\'')?;
        return Some(at + 3 + end + 1);
    }
    (chars.get(at + 2) == Some(&'\'')).then_some(at + 3)
}

fn behind_word(chars: &[char], at: usize) -> bool {
    at > 0 && is_word(chars[at - 1])
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// `code` without what is compiled for tests only.
pub(super) fn without_tests(code: &str) -> String {
    let mut out = code.to_owned();
    while let Some(start) = out.find("#[cfg(test)]") {
        let rest = &out[start..];
        // An item with a body, or one that ends before any: `mod tests;`, a field.
        let body = rest.find('{').unwrap_or(rest.len());
        let end = match rest.find(';') {
            Some(semicolon) if semicolon < body => semicolon + 1,
            Some(_) | None => behind_braces(rest, body),
        };
        let blank: String = rest[..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
        out.replace_range(start..start + end, &blank);
    }
    out
}

fn behind_braces(text: &str, open: usize) -> usize {
    let mut depth = 0;
    for (at, c) in text[open..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return open + at + c.len_utf8();
        }
    }
    text.len()
}

/// Every name that follows `root::`, also in groups: `crate::{a::b, c::{d}}` names `a` and `c`.
pub(super) fn names_under(code: &str, root: &str) -> Vec<Found> {
    let path = format!("{root}::");
    let mut found = Vec::new();
    for (start, _) in code.match_indices(&path) {
        if code[..start].ends_with(|c: char| is_word(c) || c == ':') {
            continue;
        }
        let rest = &code[start + path.len()..];
        let line = code[..start].matches('\n').count() + 1;
        let blank = rest.len() - rest.trim_start().len();
        if rest[blank..].starts_with('{') {
            let group = &rest[blank + 1..behind_braces(rest, blank).max(blank + 2) - 1];
            for name in heads(group) {
                found.push(Found { name, line });
            }
        } else {
            found.push(Found { name: word(&rest[blank..]), line });
        }
    }
    found
}

/// The first word of each entry of a group.
fn heads(group: &str) -> Vec<String> {
    let mut depth = 0;
    let at_top = |c: char| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    };
    group.split(at_top).map(|entry| word(entry.trim_start())).filter(|name| !name.is_empty()).collect()
}

fn word(text: &str) -> String {
    text.chars().take_while(|&c| is_word(c)).collect()
}

/// Every place where `phrase` stands as whole words.
pub(super) fn phrase(code: &str, phrase: &str) -> Vec<Found> {
    let whole = |start: usize| {
        let before = code[..start].ends_with(is_word);
        let after = code[start + phrase.len()..].starts_with(is_word);
        !(before && phrase.starts_with(is_word) || after && phrase.ends_with(is_word))
    };
    code.match_indices(phrase)
        .filter(|&(start, _)| whole(start))
        .map(|(start, _)| Found { name: phrase.to_owned(), line: code[..start].matches('\n').count() + 1 })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(code: &str) -> Vec<String> {
        names_under(code, "crate").into_iter().map(|found| found.name).collect()
    }

    #[test]
    fn imports_are_found_in_every_form() {
        assert_eq!(names("use crate::net::Session;"), ["net"]);
        assert_eq!(names("use crate::{net, ui::{a, b}, state::x as y};"), ["net", "ui", "state"]);
        assert_eq!(names("use crate::{\n    net,\n    ui,\n};"), ["net", "ui"]);
        assert_eq!(names("let x: crate::app::App = crate :: y;"), ["app"]);
        assert_eq!(names("pub(in crate::journal) fn f()"), ["journal"]);
        assert_eq!(names("use $crate::a; use mycrate::b;"), ["a"]);
        assert!(names("").is_empty());
        assert_eq!(names_under("\n\nuse crate::a;\n", "crate")[0].line, 3);
        assert_eq!(names_under("use crate::a;", "crate")[0].line, 1);
        assert_eq!(names_under("x;\ny; crate::a", "crate")[0].line, 2);
    }

    #[test]
    fn comments_and_literals_are_no_code() {
        for source in [
            "// crate::a\n",
            "/* crate::a /* crate::b */ crate::c */",
            r#""crate::a \" crate::b""#,
            r##"r#"crate::a " crate::b"#"##,
            "r\"\\\"; // crate::a",
            "b\"crate::a\"",
        ] {
            assert!(names(&code(source)).is_empty(), "{source}");
        }
        assert_eq!(
            names(&code("'\"'; crate::a; '\\''; crate::b; fn f<'a>(x: &'a str) { crate::c }")),
            ["a", "b", "c"]
        );
        assert_eq!(names(&code("for r in crate::a {} \"x\" crate::b")), ["a", "b"]);
        assert_eq!(code("a\n/* \n */ b").lines().count(), 3);
    }

    #[test]
    fn what_only_tests_see_is_left_out() {
        let text = "a\n#[cfg(test)]\nmod tests { fn f() { b } }\nc\n#[cfg(test)]\nmod more;\nd";
        let left = without_tests(text);
        assert_eq!(left.split_whitespace().collect::<Vec<_>>(), ["a", "c", "d"]);
        assert_eq!(left.lines().count(), text.lines().count());
    }

    #[test]
    fn phrases_are_whole_words() {
        assert_eq!(phrase("Instant::now()\nMyInstant::now() Instant::nowhere", "Instant::now").len(), 1);
        assert_eq!(phrase("a\nb.elapsed()", ".elapsed()")[0].line, 2);
    }
}
