//! Errors of sessions, and the tally of short connections.

use super::{grouped, in_words, library, proxy, rules, tls, typed, websocket};
use crate::model::{
    CaptureFault, Cause, Doing, FileChange, Hint, NetError, OsFault, Problem, Reason, ShortTally,
};
use crate::ui::lang::{Core, Lang};

/// What failed, at which address, and why.
pub fn net_error(lang: Lang, error: &NetError) -> String {
    in_words(lang, error, |core| {
        let (doing, why) = (doing(core, error.doing), cause(core, &error.cause));
        let why = match error.hint() {
            Some(Hint::Privileged) => core.hint_privileged(why),
            Some(Hint::NeedsZone(names)) => core.hint_zone(why, names.join(", ")),
            Some(Hint::Tls(hint)) => tls::hint(core, &why, hint),
            Some(Hint::Proxy(hint)) => proxy::hint(core, &why, hint),
            None => why,
        };
        let text = if error.what.is_empty() {
            core.failed(doing, why)
        } else {
            core.failed_at(doing, error.place(), why)
        };
        if error.times > 1 { core.times_in_all(text, error.times) } else { text }
    })
}

/// Why it failed.
pub(super) fn why(lang: Lang, error: &NetError) -> String {
    in_words(lang, &error.cause, |core| cause(core, &error.cause))
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
        Doing::StartingTls => core.starting_tls(),
        Doing::Upgrading => core.upgrading(),
        Doing::Proxying => core.proxying(),
        Doing::SettingOption => core.setting_option(),
        Doing::Joining => core.joining(),
        Doing::Leaving => core.leaving(),
        Doing::Recording => core.recording(),
        Doing::ReadingFile => core.reading_file(),
        Doing::SavingFile => core.saving_file(),
        Doing::Answering => core.answering(),
        Doing::Notifying => core.notifying(),
        Doing::RunningCommand => core.running_command(),
        Doing::Starting => core.starting(),
    }
}

pub(super) fn cause(core: &Core, cause: &Cause) -> String {
    match cause {
        Cause::Os { fault, number } => os_fault(core, *fault, *number),
        Cause::Other(Some(number), _) => core.os_error(number),
        Cause::Other(None, text) => library::said(core, text),
        Cause::OtherFamily(true) => core.other_family("IPv4", "IPv6"),
        Cause::OtherFamily(false) => core.other_family("IPv6", "IPv4"),
        Cause::SelfConnected => core.self_connected(),
        Cause::RelaysToItself => core.relays_to_itself(),
        Cause::NotAFile => core.not_a_file(),
        Cause::TimedOut(ms) => core.no_answer(ms),
        Cause::HandshakeLate(ms) => core.handshake_late(ms),
        Cause::NoAddress => core.no_address(),
        Cause::StillResolving(unsent) => core.still_resolving(unsent),
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
        Cause::TooManyClients(most) => core.too_many_clients(most),
        Cause::NotForThisProtocol => core.not_for_this_protocol(),
        Cause::TooManyFiles(most) => core.too_many_files(most),
        Cause::LineTooLong(most) => core.line_too_long(most),
        Cause::FileChanged(FileChange::Shrunk(sent, len)) => core.file_shrunk(sent, len),
        Cause::FileChanged(FileChange::Grown(by)) => core.file_grown(by),
        Cause::FileChanged(FileChange::Rewritten) => core.file_rewritten(),
        Cause::FileChanged(FileChange::Removed) => core.file_removed(),
        Cause::NoNotifications => core.no_notifications(),
        Cause::CommandFailed(Some(status)) => core.exit_status(status),
        Cause::CommandFailed(None) => core.ended_by_signal(),
        Cause::CommandStopped => core.command_stopped(),
        Cause::Tls(fault) => tls::fault(core, fault),
        Cause::Ws(fault) => websocket::fault(core, fault),
        Cause::Proxy(at, fault) => core.proxy_failed(at, proxy::fault(core, fault)),
        Cause::ProxyClient(fault) => proxy::client_fault(core, fault),
        Cause::AlreadyEncrypted => core.tls_already(),
        Cause::StillSending(queued) => core.still_sending(queued),
        Cause::CannotAppend(fault) => typed::append(core, *fault),
    }
}

fn os_fault(core: &Core, fault: OsFault, number: Option<i32>) -> String {
    let words = match fault {
        OsFault::ConnectionRefused => core.os_connection_refused(),
        OsFault::ConnectionReset => core.os_connection_reset(),
        OsFault::ConnectionAborted => core.os_connection_aborted(),
        OsFault::NotConnected => core.os_not_connected(),
        OsFault::BrokenPipe => core.os_broken_pipe(),
        OsFault::AddressInUse => core.os_address_in_use(),
        OsFault::AddressNotAvailable => core.os_address_not_available(),
        OsFault::HostUnreachable => core.os_host_unreachable(),
        OsFault::NetworkUnreachable => core.os_network_unreachable(),
        OsFault::NetworkDown => core.os_network_down(),
        OsFault::TimedOut => core.os_timed_out(),
        OsFault::PermissionDenied => core.os_permission_denied(),
        OsFault::NotFound => core.os_not_found(),
        OsFault::AlreadyExists => core.os_already_exists(),
        OsFault::IsAFolder => core.os_is_a_folder(),
        OsFault::NotAFolder => core.os_not_a_folder(),
        OsFault::FolderNotEmpty => core.os_folder_not_empty(),
        OsFault::BadFileName => core.os_bad_file_name(),
        OsFault::FileTooLarge => core.os_file_too_large(),
        OsFault::DiskFull => core.os_disk_full(),
        OsFault::QuotaExceeded => core.os_quota_exceeded(),
        OsFault::ReadOnly => core.os_read_only(),
        OsFault::StaleFile => core.os_stale_file(),
        OsFault::Busy => core.os_busy(),
        OsFault::OtherDisk => core.os_other_disk(),
        OsFault::InvalidArgument => core.os_invalid_argument(),
        OsFault::Unsupported => core.os_unsupported(),
        OsFault::OutOfMemory => core.os_out_of_memory(),
        OsFault::TryAgain => core.os_try_again(),
        OsFault::Interrupted => core.os_interrupted(),
        OsFault::NothingWritten => core.os_nothing_written(),
        OsFault::EndOfFile => core.os_end_of_file(),
        OsFault::TooManyOpenFiles => core.os_too_many_open_files(),
        OsFault::MessageTooLong => core.os_message_too_long(),
        OsFault::NoBufferSpace => core.os_no_buffer_space(),
        OsFault::FamilyNotSupported => core.os_family_not_supported(),
        OsFault::InputOutput => core.os_input_output(),
        OsFault::NoSuchDevice => core.os_no_such_device(),
        OsFault::TooManyLinks => core.os_too_many_links(),
        OsFault::UnknownHost => core.os_unknown_host(),
        OsFault::NoNameServer => core.os_no_name_server(),
    };
    number.map_or(words.clone(), |number| core.os_number(words, number))
}

/// Why something with a file failed.
pub(crate) fn reason(lang: Lang, why: &Reason) -> String {
    let Some(core) = lang.core() else { return why.to_string() };
    match why {
        Reason::Of(what, why) => format!("{what}: {}", reason(lang, why)),
        Reason::Cause(cause) => self::cause(core, cause),
        Reason::Damage(at, fault) => core.at_byte(at, capture_fault(core, fault)),
        Reason::InText(line, column, found) => core.at_line(line, column, problem(lang, found)),
        Reason::Problem(found) => problem(lang, found),
        Reason::Text(text) => library::said(core, text),
    }
}

fn problem(lang: Lang, problem: &Problem) -> String {
    let why = typed::fault(lang, &problem.fault);
    if problem.path.is_empty() { why } else { format!("{}: {why}", problem.place()) }
}

fn capture_fault(core: &Core, fault: &CaptureFault) -> String {
    match fault {
        CaptureFault::Empty => core.capture_empty(),
        CaptureFault::NoCapture => core.no_capture(),
        CaptureFault::Snoop => core.other_format("snoop"),
        CaptureFault::BluetoothSnoop => core.capture_bluetooth(),
        CaptureFault::NetworkMonitor => core.other_format("Network Monitor"),
        CaptureFault::Sniffer => core.other_format("Sniffer"),
        CaptureFault::NetXRay => core.other_format("NetXRay"),
        CaptureFault::Compressed => core.capture_compressed(),
        CaptureFault::Packed(why) => core.capture_packed(library::said(core, why)),
        CaptureFault::TooLarge(most) => core.capture_too_large(most),
        CaptureFault::LinkType(name) => core.capture_link_type(name),
        CaptureFault::ByteOrder => core.capture_byte_order(),
        CaptureFault::PacketLength(len) => core.capture_packet_length(len),
        CaptureFault::BlockLength(len) => core.capture_block_length(len),
        CaptureFault::Trailer => core.capture_trailer(),
        CaptureFault::InterfaceCutOff => core.capture_interface_cut_off(),
        CaptureFault::Interfaces => core.capture_interfaces(),
        CaptureFault::PacketCutOff => core.capture_packet_cut_off(),
        CaptureFault::NoInterface => core.capture_no_interface(),
        CaptureFault::PacketTooLong => core.capture_packet_too_long(),
        CaptureFault::OtherPacket => core.capture_other_packet(),
        CaptureFault::OtherNote => core.capture_other_note(),
        CaptureFault::OtherBlock => core.capture_other_block(),
        CaptureFault::NoRoom => core.capture_no_room(),
        CaptureFault::Fragment => core.capture_fragment(),
        CaptureFault::NoIp => core.capture_no_ip(),
        CaptureFault::NoTransport => core.capture_no_transport(),
        CaptureFault::Lengths => core.capture_lengths(),
        CaptureFault::NotWhole => core.capture_not_whole(),
    }
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
    use std::io;

    use super::*;
    use crate::codec::append::AppendFault;
    use crate::model::{NameFault, RuleFault};

    #[test]
    fn errors_say_what_where_and_why_in_the_language_of_the_window() {
        let refused = Cause::from(io::Error::from(io::ErrorKind::ConnectionRefused));
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
    fn addresses_have_their_zones_and_those_that_need_one_are_told_which_there_are() {
        let invalid = || Cause::from(io::Error::from(io::ErrorKind::InvalidInput));
        let bare = NetError::new(Doing::Connecting, "[fe80::1]:7", invalid());
        let is_up = |found: &if_addrs::Interface| found.index.is_some();
        for found in if_addrs::get_if_addrs().unwrap().into_iter().filter(is_up) {
            for lang in Lang::ALL {
                assert!(net_error(*lang, &bare).contains(&found.name), "{lang:?}");
                let at = format!("[fe80::1%{}]:7", found.index.unwrap());
                let named = NetError::new(Doing::Connecting, at, invalid());
                assert!(
                    net_error(*lang, &named).contains(&format!("[fe80::1%{}]:7", found.name)),
                    "{lang:?}"
                );
            }
        }
    }

    #[test]
    fn the_error_of_the_system_is_told_in_the_language_of_the_window() {
        let missing = || io::Error::from_raw_os_error(2);
        let why = Reason::of("a/b", missing());
        assert_eq!(reason(Lang::En, &why), "a/b: no such file or folder (os error 2)");
        assert_eq!(reason(Lang::ZhCn, &why), "a/b: 不存在（系统错误 2）");
        assert_eq!(reason(Lang::ZhCn, &Reason::from(&*missing().to_string())), "不存在（系统错误 2）");
        for text in ["disk full", "x (os error y)", "x (os error 2)"] {
            assert_eq!(reason(Lang::ZhTw, &Reason::from(text)), format!("其他錯誤（{text}）"));
        }
    }

    #[test]
    fn what_is_wrong_in_a_file_is_told_in_the_language_of_the_window() {
        let damage = Reason::Damage(24, CaptureFault::BlockLength(7)).error(io::ErrorKind::InvalidData);
        let damage = Reason::of("a.pcapng", damage);
        assert_eq!(reason(Lang::En, &damage), "a.pcapng: at byte 24: invalid block length 7");
        assert_eq!(reason(Lang::ZhCn, &damage), "a.pcapng: 字节 24 处：块长度 7 无效");
        let toml = |text: &str| crate::workspace::WorkspaceFile::parse(text.to_owned()).unwrap_err().into();
        for (text, en, zh) in [
            ("x", "line 1, column 2: not valid TOML: ", "第 1 行第 2 列：TOML 语法错误："),
            (
                "quick = 5",
                "line 1, column 9: quick: expected a list, e.g. [1, 2]",
                "第 1 行第 9 列：quick: 应为列表，例如 [1, 2]",
            ),
            (
                "[[session]]\nstart = 1",
                "line 2, column 9: session 1, start: expected true or false",
                "第 2 行第 9 列：session 1, start: 应为 true 或 false",
            ),
            (
                "[[session]]\nview = 1",
                "line 2, column 8: session 1, view: expected a table, e.g. { key = \"value\" }",
                "第 2 行第 8 列：session 1, view: 应为由“键 = 值”组成的表",
            ),
            (
                "[[session]]\nname = 1",
                "line 2, column 8: session 1, name: expected text in quotes",
                "第 2 行第 8 列：session 1, name: 应为引号中的文本",
            ),
            (
                "[[session]]\nprotocol = 'tcp'",
                "line 2, column 12: session 1, protocol: expected one of udp, tcp-client, tcp-server, tcp-relay, udp-relay",
                "第 2 行第 12 列：session 1, protocol: 应为 udp, tcp-client, tcp-server, tcp-relay, udp-relay 之一",
            ),
            ("a.b = 1\na.b = 2", "line 2, column 3: a.b: duplicate key", "第 2 行第 3 列：a.b: 键重复"),
        ] {
            let why = toml(text);
            assert!(reason(Lang::En, &why).starts_with(en), "{}", reason(Lang::En, &why));
            assert!(reason(Lang::ZhCn, &why).starts_with(zh), "{}", reason(Lang::ZhCn, &why));
            assert!(!reason(Lang::En, &why).contains('\n'));
        }
        // What the store says of a settings file.
        let settings = Reason::from("line 3, column 5: unclosed table");
        assert_eq!(reason(Lang::ZhTw, &settings), "第 3 行第 5 欄：引號或括號沒有關閉");
    }
}
