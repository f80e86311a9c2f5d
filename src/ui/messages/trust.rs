//! What sessions do by themselves.

use super::in_words;
use crate::ui::lang::Lang;
use crate::workspace::Consequence;

/// What a session does by itself, as a sentence without a full stop.
pub fn consequence(lang: Lang, does: &Consequence) -> String {
    in_words(lang, does, |core| match does {
        Consequence::Listens(at) if at.address().ip().is_loopback() => core.does_listen_here(at),
        Consequence::Listens(at) => core.does_listen(at),
        Consequence::Connects(to) => core.does_connect(to),
        Consequence::ConnectsThrough(proxy) => core.does_connect_through(proxy),
        Consequence::IsProxy => core.is_proxy(),
        Consequence::SendsTo(to) => core.does_send_to(to),
        Consequence::Joins(groups) => core.does_join(groups),
        Consequence::Reconnects => core.does_reconnect(),
        Consequence::Answers(n) => core.does_answer(n),
        Consequence::SendsFiles(folder) => core.does_send_files(folder),
        Consequence::SavesFiles(folder) => core.does_save_files(folder),
        Consequence::WritesLog(path) => core.does_write_log(path),
        Consequence::WritesKeys(path) => core.does_write_keys(path),
        Consequence::StopsRecording => core.does_stop_recording(),
        Consequence::Notifies => core.does_notify(),
        Consequence::Runs(name) => core.does_run(name),
        Consequence::OffersFile(path) => core.does_offer_file(path),
    })
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
