//! What stands in a cell of the log for a character. Nothing received may interpret itself there: no
//! terminal escape, no change of writing direction, no invisible text.

use unicode_width::UnicodeWidthChar;

/// A character that can be seen, for one that cannot: control pictures for the controls of ASCII,
/// U+FFFD for the other controls and for what changes direction, breaks lines or has no width.
/// Anything else stays as it is.
pub fn visible(c: char) -> char {
    match c {
        '\0'..='\u{1F}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\u{7F}' => '\u{2421}',
        '\u{80}'..='\u{9F}'
        // Soft hyphen, Arabic letter mark, Mongolian vowel separator.
        | '\u{AD}' | '\u{61C}' | '\u{180E}'
        // Zero width, marks of direction.
        | '\u{200B}'..='\u{200F}'
        // Line and paragraph separator, embeddings and overrides of direction.
        | '\u{2028}'..='\u{202E}'
        // Invisible operators, isolates of direction, deprecated format characters.
        | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}'
        // Interlinear annotation.
        | '\u{FFF9}'..='\u{FFFB}'
        // Tags: a whole invisible alphabet.
        | '\u{E0000}'..='\u{E0FFF}' => char::REPLACEMENT_CHARACTER,
        _ => c,
    }
}

/// How many cells of a monospaced grid a character takes, 1 or 2: East Asian wide and fullwidth
/// characters (UAX #11) take two. Combining marks take one here, so that none can hide in another.
pub fn columns(c: char) -> usize {
    c.width().unwrap_or(1).clamp(1, 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_replaced() {
        for (c, shown) in [
            ('\0', '␀'),
            ('\n', '␊'),
            ('\u{1B}', '␛'),
            ('\u{7F}', '␡'),
            ('\u{9B}', '\u{FFFD}'),
            ('\u{202E}', '\u{FFFD}'),
            ('\u{2066}', '\u{FFFD}'),
            ('\u{FEFF}', '\u{FFFD}'),
            ('a', 'a'),
            ('测', '测'),
            ('\u{301}', '\u{301}'),
        ] {
            assert_eq!(visible(c), shown, "{c:?}");
        }
    }

    #[test]
    fn no_control_is_left_and_replacing_twice_changes_nothing() {
        for c in '\0'..=char::MAX {
            let shown = visible(c);
            assert!(!shown.is_control(), "{c:?}");
            assert_eq!(visible(shown), shown, "{c:?}");
        }
    }

    #[test]
    fn cells_are_one_or_two() {
        for (c, n) in
            [('a', 1), ('é', 1), ('\u{301}', 1), ('测', 2), ('Ａ', 2), ('ｱ', 1), ('😀', 2), ('␛', 1)]
        {
            assert_eq!(columns(c), n, "{c:?}");
        }
        assert!(('\0'..=char::MAX).all(|c| (1..=2).contains(&columns(c))));
    }
}
