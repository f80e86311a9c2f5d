//! Which characters the log shows. Received text must not be able to control a terminal, change the writing
//! direction or hide anything.

use unicode_width::UnicodeWidthChar;

/// The sign for an invisible character that is not an ASCII control (U+2426). U+FFFD stands for
/// bytes that are no character.
const UNSEEN: char = '\u{2426}';

/// A visible character for any character: control pictures for ASCII controls; U+2426 for other controls and
/// for characters that change direction, break lines or have no width, as combining marks; all others as they are.
pub fn visible(c: char) -> char {
    match c {
        '\0'..='\u{1F}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(UNSEEN),
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
        | '\u{E0000}'..='\u{E0FFF}' => UNSEEN,
        // What only chooses the form of the character before it, as after many emoji.
        '\u{FE00}'..='\u{FE0F}' => c,
        // Combining marks are not drawn over other characters.
        _ if c.width() == Some(0) => UNSEEN,
        _ => c,
    }
}

/// The character as it is written to a file: itself, unless it is a control, which a terminal would obey.
pub fn writable(c: char) -> char {
    if c.is_control() && !matches!(c, '\r' | '\n' | '\t') { visible(c) } else { c }
}

/// The width of a character in cells of a monospaced grid: 2 for East Asian wide and fullwidth characters
/// (UAX #11), else 1. Combining marks count 1, so that none can hide in another.
pub fn columns(c: char) -> usize {
    c.width().unwrap_or(1).clamp(1, 2)
}
