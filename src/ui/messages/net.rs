//! Errors of sessions, and the tally of short connections.

use std::io::{self, ErrorKind as Kind};

use super::{grouped, in_words, rules, typed};
use crate::model::{Cause, Doing, FileChange, NetError, ShortTally};
use crate::ui::lang::{Core, Lang};

/// What failed, at which address, and why.
pub fn net_error(lang: Lang, error: &NetError) -> String {
    in_words(lang, error, |core| {
        let (doing, why) = (doing(core, error.doing), cause(core, &error.cause));
        if error.what.is_empty() { core.failed(doing, why) } else { core.failed_at(doing, &error.what, why) }
    })
}

fn doing(core: &Core, doing: Doing) -> String {
    match doing {
        Doing::Resolving => core.resolving(),
        Doing::Binding => core.binding(),
        Doing::Listening => core.listening(),
        Doing::Connecting => core.connecting(),
        Doing::Accepting => core.accepting(),
        Doing::Sending => core.sending(),
        Doing::Repeating => core.repeating(),
        Doing::RunningSequence => core.running_sequence(),
        Doing::Receiving => core.receiving(),
        Doing::HalfClosing => core.half_closing(),
        Doing::SettingOption(name) => core.setting_option(name),
        Doing::Joining => core.joining(),
        Doing::Leaving => core.leaving(),
        Doing::Recording => core.recording(),
        Doing::ReadingFile => core.reading_file(),
        Doing::SavingFile => core.saving_file(),
        Doing::Answering => core.answering(),
        Doing::Starting => core.starting(),
    }
}

fn cause(core: &Core, cause: &Cause) -> String {
    match cause {
        Cause::Os { kind, text } => os_error(core, *kind, text),
        Cause::TimedOut(ms) => core.no_answer(ms),
        Cause::NoAddress => core.no_address(),
        Cause::QueueFull(waiting, most) => core.queue_full(waiting, most),
        Cause::TooSlow(waiting) => core.too_slow(waiting),
        Cause::TooLong(len, most) => core.datagram_too_long(len, most),
        Cause::NoPeer => core.no_peer(),
        Cause::PeerGone => core.peer_gone(),
        Cause::ClosedUnanswered => core.closed_unanswered(),
        Cause::SendingClosed => core.sending_closed(),
        Cause::TooManyRepeats(most) => core.too_many_repeats(most),
        Cause::Rule(fault) => rules::fault(core, fault),
        Cause::TooManyAnswers(most) => core.too_many_answers(most),
        Cause::TooManyNotes(most) => core.too_many_notes(most),
        Cause::DiskTooSlow(waiting, most) => core.disk_too_slow(waiting, most),
        Cause::NotForThisProtocol => core.not_for_this_protocol(),
        Cause::TooManyFiles(most) => core.too_many_files(most),
        Cause::LineTooLong(most) => core.line_too_long(most),
        Cause::FileChanged(FileChange::Shrunk(sent, len)) => core.file_shrunk(sent, len),
        Cause::FileChanged(FileChange::Grown(by)) => core.file_grown(by),
        Cause::FileChanged(FileChange::Rewritten) => core.file_rewritten(),
        Cause::FileChanged(FileChange::Removed) => core.file_removed(),
        Cause::CannotAppend(fault) => typed::append(core, *fault),
    }
}

fn os_error(core: &Core, kind: Kind, text: &str) -> String {
    match kind {
        Kind::ConnectionRefused => core.refused(),
        Kind::ConnectionReset => core.reset(),
        Kind::ConnectionAborted => core.aborted(),
        Kind::NotConnected => core.not_connected(),
        Kind::AddrInUse => core.address_in_use(),
        Kind::AddrNotAvailable => core.address_not_available(),
        Kind::HostUnreachable => core.host_unreachable(),
        Kind::NetworkUnreachable => core.network_unreachable(),
        Kind::NetworkDown => core.network_down(),
        Kind::BrokenPipe => core.broken_pipe(),
        Kind::PermissionDenied => core.permission_denied(),
        Kind::NotFound => core.not_found(),
        Kind::AlreadyExists => core.already_exists(),
        Kind::TimedOut => core.timed_out(),
        Kind::StorageFull | Kind::QuotaExceeded => core.disk_full(),
        Kind::ReadOnlyFilesystem => core.read_only(),
        Kind::FileTooLarge => core.file_too_large(),
        Kind::InvalidInput => core.invalid_argument(),
        Kind::OutOfMemory => core.out_of_memory(),
        Kind::IsADirectory => core.is_a_folder(),
        Kind::NotADirectory => core.not_a_folder(),
        // `ErrorKind` is non-exhaustive; other kinds show the system's text.
        _ => core.system(text),
    }
}

/// Splits a trailing system error from a text such as `x.toml: No such file or directory (os error 2)`.
fn system_error(text: &str) -> Option<(&str, io::Error)> {
    let (_, number) = text.strip_suffix(')')?.rsplit_once("(os error ")?;
    let error = io::Error::from_raw_os_error(number.parse().ok()?);
    Some((text.strip_suffix(&error.to_string())?, error))
}

/// A reason from another module, with its trailing system error translated.
pub(super) fn reason(lang: Lang, text: &str) -> String {
    match (lang.core(), system_error(text)) {
        (Some(core), Some((before, error))) => {
            before.to_owned() + &os_error(core, error.kind(), &error.to_string())
        }
        (Some(_), None) | (None, _) => text.to_owned(),
    }
}

/// Parses the display of an error that a session has noted in its capture.
pub(super) fn known_again(text: &str) -> Option<NetError> {
    const DOING: [Doing; 17] = [
        Doing::Resolving,
        Doing::Binding,
        Doing::Listening,
        Doing::Connecting,
        Doing::Accepting,
        Doing::Sending,
        Doing::Repeating,
        Doing::RunningSequence,
        Doing::Receiving,
        Doing::HalfClosing,
        Doing::Joining,
        Doing::Leaving,
        Doing::Recording,
        Doing::ReadingFile,
        Doing::SavingFile,
        Doing::Answering,
        Doing::Starting,
    ];
    // The display with placeholders for subject and cause serves as the pattern.
    let open = || Cause::Os { kind: Kind::Other, text: "\u{2}".to_owned() };
    let known = |doing, what: &str, why: &str| Some(NetError::new(doing, what, known_cause(why)?));
    DOING.into_iter().find_map(|doing| {
        let alone = NetError::new(doing, "", open()).to_string();
        let (before, after) = alone.split_once('\u{2}')?;
        let why = text.strip_prefix(before).and_then(|why| why.strip_suffix(after));
        why.and_then(|why| known(doing, "", why)).or_else(|| {
            let whole = NetError::new(doing, "\u{1}", open()).to_string();
            let (before, rest) = whole.split_once('\u{1}')?;
            let (between, after) = rest.split_once('\u{2}')?;
            let text = text.strip_prefix(before)?.strip_suffix(after)?;
            text.match_indices(between)
                .find_map(|(at, _)| known(doing, &text[..at], &text[at + between.len()..]))
        })
    })
}

fn known_cause(text: &str) -> Option<Cause> {
    if let Some(("", error)) = system_error(text) {
        return Some(error.into());
    }
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok());
    let (n, most) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    let known = [
        Cause::TimedOut(n),
        Cause::NoAddress,
        Cause::QueueFull(n, most),
        Cause::TooSlow(n),
        Cause::TooLong(n, most),
        Cause::NoPeer,
        Cause::PeerGone,
        Cause::ClosedUnanswered,
        Cause::SendingClosed,
        Cause::TooManyRepeats(n),
        Cause::TooManyAnswers(n),
        Cause::TooManyNotes(n),
        Cause::DiskTooSlow(n, most),
        Cause::NotForThisProtocol,
        Cause::TooManyFiles(n),
        Cause::LineTooLong(n),
        Cause::FileChanged(FileChange::Shrunk(n, most)),
        Cause::FileChanged(FileChange::Grown(n)),
        Cause::FileChanged(FileChange::Rewritten),
        Cause::FileChanged(FileChange::Removed),
    ];
    known.into_iter().find(|cause| cause.to_string() == text)
}

pub(crate) fn short_tally(lang: Lang, tally: &ShortTally) -> String {
    let ShortTally { done, failed, times } = *tally;
    let (done, failed) = (grouped(done), grouped(failed));
    let (Some(times), Some(mean)) = (times, tally.mean()) else { return lang.short_tally(done, failed) };
    let ms = |time: std::time::Duration| format!("{:.2}", time.as_secs_f64() * 1e3);
    lang.short_times(done, failed, ms(times.least), ms(mean), ms(times.most))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::append::AppendFault;
    use crate::model::{NameFault, RuleFault};

    #[test]
    fn errors_say_what_where_and_why_in_the_language_of_the_window() {
        let refused = Cause::from(io::Error::from(Kind::ConnectionRefused));
        let name = Cause::Rule(RuleFault::Name("../x".to_owned(), NameFault::LeavesFolder));
        let append = AppendFault::NothingToCheck { len: 1, from: 2, until: 0 };
        let append = Cause::Rule(RuleFault::Append(append));
        let at = "127.0.0.1:1";
        for (doing, at, cause, lang, words) in [
            (Doing::Connecting, at, &refused, Lang::En, "Cannot connect to 127.0.0.1:1: connection refused"),
            (Doing::Connecting, at, &refused, Lang::ZhCn, "连接 127.0.0.1:1 失败：对端拒绝连接"),
            (
                Doing::Answering,
                at,
                &name,
                Lang::En,
                "Cannot answer 127.0.0.1:1: file name ‘../x’ is not allowed: it leaves the folder",
            ),
            (
                Doing::Answering,
                at,
                &name,
                Lang::ZhCn,
                "自动应答 127.0.0.1:1 失败：拒绝文件名“../x”：路径超出该文件夹",
            ),
            (
                Doing::Answering,
                "",
                &append,
                Lang::ZhCn,
                "自动应答失败：消息长 1 字节，校验和却要跳过首 2、尾 0 字节",
            ),
        ] {
            assert_eq!(net_error(lang, &NetError::new(doing, at, cause.clone())), words);
        }
    }

    #[test]
    fn errors_in_a_capture_are_known_again() {
        let system = io::Error::from_raw_os_error(2);
        let causes = [Cause::from(system), Cause::QueueFull(5, 7), Cause::TimedOut(5000), Cause::PeerGone];
        for doing in [Doing::Connecting, Doing::Sending, Doing::Recording, Doing::Starting] {
            for (what, cause) in
                ["[::1]:80", "a: b", ""].into_iter().flat_map(|what| causes.iter().map(move |c| (what, c)))
            {
                let error = NetError::new(doing, what, cause.clone());
                let again = known_again(&error.to_string()).map(|error| error.to_string());
                assert_eq!(again, Some(error.to_string()));
            }
        }
        for text in ["", "sending to", "what the user wrote: no such file", "sending to x: whatever"] {
            assert_eq!(known_again(text), None, "{text}");
        }
    }

    #[test]
    fn the_error_of_the_system_is_told_in_the_language_of_the_window() {
        let text = format!("a/b: {}", io::Error::from_raw_os_error(2));
        assert_eq!(reason(Lang::En, &text), text);
        assert_eq!(reason(Lang::ZhCn, &text), "a/b: 不存在");
        for text in ["disk full", "x (os error y)", "x (os error 2)"] {
            assert_eq!(reason(Lang::ZhTw, text), text);
        }
    }
}
