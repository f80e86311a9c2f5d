//! Which characters the log shows. Received text must not be able to control a terminal, change the writing
//! direction or hide anything.

use unicode_width::UnicodeWidthChar;

/// A visible character for any character: control pictures for ASCII controls; U+FFFD for other controls and
/// for characters that change direction, break lines or have no width; all others as they are.
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
        // Tags: a complete invisible alphabet.
        | '\u{E0000}'..='\u{E0FFF}' => char::REPLACEMENT_CHARACTER,
        _ => c,
    }
}

/// The width of a character in cells of a monospaced grid: 2 for East Asian wide and fullwidth characters
/// (UAX #11), else 1. Combining marks count 1, so that none can hide in another.
pub fn columns(c: char) -> usize {
    c.width().unwrap_or(1).clamp(1, 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_characters_are_replaced() {
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
    fn replacing_twice_changes_nothing_and_leaves_no_control() {
        for c in '\0'..=char::MAX {
            let shown = visible(c);
            assert!(!shown.is_control(), "{c:?}");
            assert_eq!(visible(shown), shown, "{c:?}");
        }
    }

    #[test]
    fn widths_are_one_or_two() {
        for (c, n) in
            [('a', 1), ('é', 1), ('\u{301}', 1), ('测', 2), ('Ａ', 2), ('ｱ', 1), ('😀', 2), ('␛', 1)]
        {
            assert_eq!(columns(c), n, "{c:?}");
        }
        assert!(('\0'..=char::MAX).all(|c| (1..=2).contains(&columns(c))));
    }
}
