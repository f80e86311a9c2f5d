//! What sessions do by themselves.

use super::in_words;
use crate::ui::lang::Lang;
use crate::workspace::Consequence;

/// What a session does by itself, as a sentence without a full stop.
pub fn consequence(lang: Lang, does: &Consequence) -> String {
    in_words(lang, does)
}

/// Whether it opens the machine to the network, or its files: what to read first.
pub(in crate::ui) fn matters(does: &Consequence) -> bool {
    match does {
        Consequence::Listens(at) => !at.address().ip().is_loopback(),
        Consequence::SendsFiles(_)
        | Consequence::SavesFiles(_)
        | Consequence::WritesLog(_)
        | Consequence::WritesKeys(_)
        | Consequence::ConnectsThrough(_)
        | Consequence::IsProxy
        | Consequence::Runs(_) => true,
        _other => false,
    }
}
