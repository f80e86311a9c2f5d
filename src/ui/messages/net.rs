//! What a session could not do, and why; what has come of short connections. Knows no field of the window.

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

fn os_error(core: &Core, kind: std::io::ErrorKind, text: &str) -> String {
    use std::io::ErrorKind as Kind;
    let known = match kind {
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
        Kind::StorageFull => core.disk_full(),
        Kind::IsADirectory => core.is_a_folder(),
        Kind::NotADirectory => core.not_a_folder(),
        // The list of kinds is open: the system's own text is right for all others.
        _ => return text.to_owned(),
    };
    format!("{known} ({text})")
}

/// What has come of short connections: how many, and the shortest, mean and longest time.
pub fn short_tally(lang: Lang, tally: &ShortTally) -> String {
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
    fn errors_say_what_where_and_why_in_both_languages() {
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let error = NetError::new(Doing::Connecting, "127.0.0.1:1", refused);
        assert_eq!(net_error(Lang::En, &error), "Cannot connect to 127.0.0.1:1: connection refused");
        assert_eq!(net_error(Lang::ZhCn, &error), "连接 127.0.0.1:1 失败：对端拒绝连接 (connection refused)");
    }

    #[test]
    fn a_rule_that_cannot_be_followed_says_why_in_the_language_of_the_window() {
        let fault = RuleFault::Name("../x".to_owned(), NameFault::LeavesFolder);
        let error = NetError::new(Doing::Answering, "127.0.0.1:1", Cause::Rule(fault));
        assert_eq!(
            net_error(Lang::En, &error),
            "Cannot answer 127.0.0.1:1: file name ‘../x’ is not allowed: it leaves the folder"
        );
        assert_eq!(
            net_error(Lang::ZhCn, &error),
            "自动应答 127.0.0.1:1 失败：拒绝文件名“../x”：路径超出该文件夹"
        );
        let fault = AppendFault::NothingToCheck { len: 1, from: 2, until: 0 };
        let error = NetError::new(Doing::Answering, "", Cause::Rule(RuleFault::Append(fault)));
        assert_eq!(
            net_error(Lang::ZhCn, &error),
            "自动应答失败：消息长 1 字节，校验和却要跳过首 2、尾 0 字节"
        );
    }
}
