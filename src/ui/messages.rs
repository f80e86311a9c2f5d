//! Messages with something put into them, in both languages: what failed and why, what is wrong with
//! a field, what happened on a connection.

pub mod quick;
pub mod rules;

use std::path::Path;

use super::lang::Lang;
use crate::codec::append::{AppendFault, MAX_BYTES};
use crate::codec::charset::Unencodable;
use crate::codec::compose::{ComposeError, ComposeProblem};
use crate::codec::escape::EscapeProblem;
use crate::codec::frame::{FramingFault, MAX_ADJUST, MAX_DELIMITER, MAX_MESSAGE, MAX_OFFSET};
use crate::codec::hex::HexProblem;
use crate::codec::query::{QueryError, QueryProblem, RegexProblem};
use crate::codec::template::{MAX_DIGITS, MAX_RANDOM, TemplateError, TemplateProblem};
use crate::model::{
    Cause, Doing, Ending, FileChange, Flow, NetError, Origin, RecordKind, SessionNote, ShortTally, Wholeness,
};
use crate::state::{
    AppendTrouble, CycleProblem, FileProblem, FramingTrouble, Notice, Problem, SendProblem, Task, Unwritable,
};

/// So many seconds as a clock shows them: `0:05`, `1:02:03`.
pub fn clock(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// A number of bytes as people say it: `999 B`, `1.25 KiB`, `3.00 GiB`.
pub fn bytes(n: u64) -> String {
    const KIB: f64 = 1024.0;
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let value = n as f64;
    if n < 1024 {
        format!("{n} B")
    } else if value < KIB * KIB {
        format!("{:.2} KiB", value / KIB)
    } else if value < KIB * KIB * KIB {
        format!("{:.2} MiB", value / KIB / KIB)
    } else {
        format!("{:.2} GiB", value / KIB / KIB / KIB)
    }
}

/// A number with its thousands apart: `1,234,567`.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Only a part of an item's bytes is shown.
pub fn only_first(lang: Lang, shown: u64, total: u64) -> String {
    let (shown, total) = (bytes(shown), bytes(total));
    lang.pick(format!("The first {shown} of {total}"), format!("共 {total}，仅显示前 {shown}"))
}

/// Which bytes of an item: from where, and how many.
pub fn byte_range(lang: Lang, range: &std::ops::Range<usize>) -> String {
    let (at, n) = (range.start, range.len());
    let plural = if n == 1 { "byte" } else { "bytes" };
    lang.pick(format!("Offset {at} (0x{at:X}), {n} {plural}"), format!("偏移 {at} (0x{at:X})，{n} 字节"))
}

/// What failed, at which address, and why.
pub fn net_error(lang: Lang, error: &NetError) -> String {
    match lang {
        Lang::En => capitalised(&error.to_string()),
        Lang::Zh => {
            let doing = doing_zh(error.doing);
            let cause = cause_zh(&error.cause);
            if error.what.is_empty() {
                format!("{doing}失败：{cause}")
            } else {
                format!("{doing} {} 失败：{cause}", error.what)
            }
        }
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn doing_zh(doing: Doing) -> String {
    match doing {
        Doing::Resolving => "解析主机名".into(),
        Doing::Binding => "绑定".into(),
        Doing::Listening => "监听".into(),
        Doing::Connecting => "连接".into(),
        Doing::Accepting => "接受客户端连接".into(),
        Doing::Sending => "发送到".into(),
        Doing::Repeating => "循环发送".into(),
        Doing::RunningSequence => "执行发送序列".into(),
        Doing::Receiving => "接收自".into(),
        Doing::HalfClosing => "半关闭".into(),
        Doing::SettingOption(name) => format!("设置选项 {name}"),
        Doing::Joining => "加入组播".into(),
        Doing::Leaving => "离开组播".into(),
        Doing::Recording => "写入抓包文件".into(),
        Doing::ReadingFile => "读取文件".into(),
        Doing::SavingFile => "保存文件".into(),
        Doing::Answering => "自动应答".into(),
        Doing::Starting => "启动会话".into(),
    }
}

fn cause_zh(cause: &Cause) -> String {
    match cause {
        Cause::Os { kind, text } => {
            use std::io::ErrorKind as Kind;
            let known = match kind {
                Kind::ConnectionRefused => "对端拒绝连接",
                Kind::ConnectionReset => "连接被对端复位",
                Kind::ConnectionAborted => "连接被中止",
                Kind::NotConnected => "未连接",
                Kind::AddrInUse => "地址已被占用",
                Kind::AddrNotAvailable => "本机没有这个地址",
                Kind::HostUnreachable => "主机不可达",
                Kind::NetworkUnreachable => "网络不可达",
                Kind::NetworkDown => "网络已断开",
                Kind::BrokenPipe => "连接已关闭",
                Kind::PermissionDenied => "没有权限",
                Kind::NotFound => "不存在",
                Kind::AlreadyExists => "已存在",
                Kind::TimedOut => "超时",
                Kind::StorageFull => "磁盘已满",
                Kind::IsADirectory => "这是一个文件夹",
                Kind::NotADirectory => "这不是文件夹",
                // The list of kinds is open: the system's own text is right for all others.
                _ => return text.clone(),
            };
            format!("{known} ({text})")
        }
        Cause::TimedOut(ms) => format!("{ms} 毫秒内无响应"),
        Cause::NoAddress => "该主机名没有地址".into(),
        Cause::QueueFull(waiting, most) => {
            format!("对端读取太慢：已有 {waiting} 字节待发送，最多 {most} 字节")
        }
        Cause::TooLong(len, most) => format!("报文长 {len} 字节，最多 {most} 字节"),
        Cause::NoPeer => "没有发送目标".into(),
        Cause::PeerGone => "对端已离开".into(),
        Cause::ClosedUnanswered => "对端未应答就关闭了连接".into(),
        Cause::SendingClosed => "本端发送已关闭".into(),
        Cause::TooManyRepeats(most) => format!("同时进行的已达上限 {most} 个"),
        Cause::Rule(fault) => rules::rule_fault(Lang::Zh, fault),
        Cause::TooManyAnswers(most) => format!("等待发出的应答已达上限 {most} 条"),
        Cause::TooManyNotes(most) => format!("规则添加的备注已达上限 {most} 条"),
        Cause::DiskTooSlow(waiting, most) => {
            format!("磁盘太慢：已有 {waiting} 字节待保存，最多 {most} 字节")
        }
        Cause::NotForThisProtocol => "此协议不支持该操作".into(),
        Cause::TooManyFiles(most) => format!("同时发送的文件已达上限 {most} 个"),
        Cause::LineTooLong(most) => format!("有一行超过 {most} 字节"),
        Cause::FileChanged(change) => file_change_zh(*change),
        Cause::CannotAppend(fault) => append_zh(*fault),
    }
}

/// What has come of short connections: how many, and the shortest, mean and longest time.
pub fn short_tally(lang: Lang, tally: &ShortTally) -> String {
    let ShortTally { done, failed, times } = *tally;
    let (done, failed) = (grouped(done), grouped(failed));
    let (Some(times), Some(mean)) = (times, tally.mean()) else {
        return lang.pick(
            format!("Short connections: {done} done, {failed} failed"),
            format!("短连接：成功 {done}，失败 {failed}"),
        );
    };
    let ms = |time: std::time::Duration| format!("{:.2}", time.as_secs_f64() * 1e3);
    let (least, mean, most) = (ms(times.least), ms(mean), ms(times.most));
    lang.pick(
        format!("Short connections: {done} done, {failed} failed, in {least} / {mean} / {most} ms"),
        format!("短连接：成功 {done}，失败 {failed}，耗时 {least} / {mean} / {most} 毫秒"),
    )
}

fn file_change_zh(change: FileChange) -> String {
    match change {
        FileChange::Shrunk(sent, len) => format!("发送期间文件变短：{len} 字节中只能发送 {sent} 字节"),
        FileChange::Grown(by) => format!("发送期间文件增长了 {by} 字节，增长部分未发送"),
        FileChange::Rewritten => "发送期间文件被改写，发出的可能新旧混杂".into(),
        FileChange::Removed => "发送期间文件被删除，但内容已全部发送".into(),
    }
}

/// What is wrong with how a file is to be sent, and what would be right.
pub fn file_problem(lang: Lang, problem: FileProblem) -> String {
    match problem {
        FileProblem::Chunk(most) => {
            lang.pick(format!("1 to {most} bytes, or nothing"), format!("1 到 {most} 字节，或留空"))
        }
        FileProblem::Pause => lang
            .pick("The pause is 0.1 ms to 24 h, e.g. 100 or 2s", "间隔为 0.1 毫秒到 24 小时，例如 100 或 2s")
            .into(),
        FileProblem::Rate => lang
            .pick(
                "The rate is a number of bytes a second, e.g. 9600 or 100k",
                "限速为每秒字节数，例如 9600 或 100k",
            )
            .into(),
        FileProblem::Append => lang.pick("A field of what is appended is wrong", "附加内容的设置有误").into(),
    }
}

/// What is wrong with what is to be sent again and again, and what would be right.
pub fn cycle_problem(lang: Lang, problem: CycleProblem) -> &'static str {
    match problem {
        CycleProblem::Period => lang.pick(
            "The cycle is 0.1 ms to 24 h, e.g. 1000 or 2s",
            "循环周期应为 0.1 毫秒到 24 小时，例如 1000 或 2s",
        ),
        CycleProblem::Count => {
            lang.pick("The number of times is 1 or more, or empty", "次数应为正整数，或留空")
        }
    }
}

/// What is wrong with a field, and what would be right.
pub fn problem(lang: Lang, problem: Problem) -> String {
    match problem {
        Problem::Missing => lang.pick("Something must stand here", "此处不能为空").into(),
        Problem::NotInRange(least, most) => {
            lang.pick(format!("A number from {least} to {most}"), format!("应为 {least} 到 {most} 的数字"))
        }
        Problem::NotAnAddress => lang
            .pick("An address of this machine, e.g. 127.0.0.1 or ::1", "应为本机地址，例如 127.0.0.1 或 ::1")
            .into(),
        Problem::NotAHost => lang
            .pick("An address or a host name, e.g. example.org", "应为地址或主机名，例如 example.org")
            .into(),
        Problem::NotAGroup => lang
            .pick("A multicast address, e.g. 239.1.2.3 or ff02::1", "应为组播地址，例如 239.1.2.3 或 ff02::1")
            .into(),
    }
}

/// What stands for the folded rest of an item of so many bytes.
pub fn folded(lang: Lang, len: u64) -> String {
    let len = grouped(len);
    lang.pick(format!("▼ show all ({len} B)"), format!("▼ 显示全部 ({len} 字节)"))
}

/// What a message is, if it is not whole.
pub fn wholeness(lang: Lang, wholeness: Wholeness) -> Option<&'static str> {
    match wholeness {
        Wholeness::Whole => None,
        Wholeness::Open => Some(lang.pick("not complete yet", "尚未完整 (半包)")),
        Wholeness::CutOff => Some(lang.pick("cut off", "被截断")),
        Wholeness::TooLong => Some(lang.pick("too long, cut", "过长，已切断")),
        Wholeness::Nonsense => Some(lang.pick("makes no sense in this framing", "不符合分帧规则")),
    }
}

/// What is wrong with a field of the framing, and what would be right.
pub fn framing_trouble(lang: Lang, trouble: &FramingTrouble) -> String {
    match (trouble, lang) {
        (FramingTrouble::NotANumber, Lang::En) => "A number".into(),
        (FramingTrouble::NotANumber, Lang::Zh) => "应为数字".into(),
        (FramingTrouble::Hex(error), Lang::En) => capitalised(&error.to_string()),
        (FramingTrouble::Hex(error), Lang::Zh) => hex_zh(error.why, error.len),
        (FramingTrouble::Fault(fault), Lang::En) => capitalised(&fault.to_string()),
        (FramingTrouble::Fault(fault), Lang::Zh) => match fault {
            FramingFault::Delimiter(_) => format!("应为 1 到 {MAX_DELIMITER} 个字节"),
            FramingFault::Size(_) => format!("应为 1 到 {MAX_MESSAGE} 字节"),
            FramingFault::Offset(_) => format!("应为 0 到 {MAX_OFFSET} 字节"),
            FramingFault::Width(_) => "应为 1 到 8 个字节".into(),
            FramingFault::Adjust(_) => format!("应为 -{MAX_ADJUST} 到 {MAX_ADJUST}"),
            FramingFault::Max { header, .. } => format!("应为 {header} 到 {MAX_MESSAGE} 字节"),
            FramingFault::Pause(_) => "应为 0.001 到 3600000 毫秒".into(),
        },
    }
}

/// What is wrong with what is to be found.
pub fn query_error(lang: Lang, error: &QueryError) -> String {
    if lang == Lang::En {
        return capitalised(&error.to_string());
    }
    match error.why {
        QueryProblem::Empty => "没有要查找的内容".into(),
        QueryProblem::TooLong => "超过 64 KiB".into(),
        QueryProblem::Hex(why) => hex_zh(why, error.len),
        QueryProblem::Unencodable(error) => unencodable_zh(&error),
        QueryProblem::TooLarge => "正则表达式需要过多内存".into(),
        QueryProblem::Regex(why) => match why {
            RegexProblem::GroupUnclosed => "缺少 )".into(),
            RegexProblem::GroupUnopened => "多余的 )".into(),
            RegexProblem::ClassUnclosed => "缺少 ]".into(),
            RegexProblem::Range => "字符范围不正确".into(),
            RegexProblem::Escape => "\\ 后的字符没有意义".into(),
            RegexProblem::NothingToRepeat => "* + ? { 前没有可重复的内容".into(),
            RegexProblem::Count => "{ } 中的数字不正确".into(),
            RegexProblem::UnknownClass => "没有这个 Unicode 类别".into(),
            RegexProblem::LookAround => "不支持环视".into(),
            RegexProblem::Backreference => "不支持反向引用".into(),
            RegexProblem::Flag => "(? 后的标志不正确".into(),
            RegexProblem::TooDeep => "嵌套过深".into(),
            RegexProblem::Other => "不是正则表达式".into(),
        },
    }
}

/// What is wrong in the send box, and what would be right.
pub fn send_problem(lang: Lang, problem: &SendProblem) -> String {
    match (lang, problem) {
        (Lang::En, SendProblem::Typed(error)) => capitalised(&error.to_string()),
        (_, SendProblem::Placeholder(error)) => template_error(lang, error),
        (Lang::En, SendProblem::Append(fault)) => capitalised(&fault.to_string()),
        (Lang::Zh, SendProblem::Typed(error)) => compose_zh(error),
        (Lang::Zh, SendProblem::Append(fault)) => append_zh(*fault),
        (_, SendProblem::AppendForm) => lang
            .pick(
                "What is to be appended is wrong: see the fields of its menu",
                "附加位设置有误：请检查其菜单中的输入框",
            )
            .into(),
    }
}

fn compose_zh(error: &ComposeError) -> String {
    match error.why {
        ComposeProblem::Hex(why) => hex_zh(why, error.len),
        ComposeProblem::Escape(why) => escape_zh(why),
        ComposeProblem::Unencodable(error) => unencodable_zh(&error),
        ComposeProblem::OpenBracket => "缺少 ]；方括号应写作 [[".into(),
        ComposeProblem::EmptyBrackets => "方括号中没有字节；方括号应写作 [[".into(),
    }
}

/// What is wrong with a placeholder or what stands around it, and what would be right.
pub fn template_error(lang: Lang, error: &TemplateError) -> String {
    let TemplateError { at, len, why } = *error;
    if lang == Lang::En {
        return match why {
            // There is a menu that lists them.
            TemplateProblem::Unknown => "No such placeholder: see the menu; {{ is a brace".into(),
            TemplateProblem::Typed(_)
            | TemplateProblem::OpenBrace
            | TemplateProblem::Time
            | TemplateProblem::Counter
            | TemplateProblem::Random
            | TemplateProblem::Number
            | TemplateProblem::Length
            | TemplateProblem::Group
            | TemplateProblem::Byte
            | TemplateProblem::Bytes
            | TemplateProblem::Json => capitalised(&error.to_string()),
        };
    }
    match why {
        TemplateProblem::Typed(why) => compose_zh(&ComposeError { at, len, why }),
        TemplateProblem::OpenBrace => "缺少 }；花括号应写作 {{".into(),
        TemplateProblem::Unknown => "没有这个占位符：请从占位符菜单中选择；花括号应写作 {{".into(),
        TemplateProblem::Time => "应为 strftime 格式，例如 {time:%H:%M:%S%.3f}".into(),
        TemplateProblem::Counter => format!(
            "应为起始值、步长和至多 {MAX_DIGITS} 位数字，例如 {{n:1:1:4}}，或 1 到 8 字节加字节序，例如 {{n:0:1:2:be}}"
        ),
        TemplateProblem::Random => format!("应为 1 到 {MAX_RANDOM} 的字节数，例如 {{random:8}}"),
        TemplateProblem::Number => "应为最小值和最大值，例如 {number:1-100}".into(),
        TemplateProblem::Length => format!(
            "应为增减量和至多 {MAX_DIGITS} 位数字，例如 {{length-2:4}}，或 1 到 8 字节加字节序，例如 {{length:2:be}}"
        ),
        TemplateProblem::Group => {
            "匹配模式中没有这个分组；{0} 为整条消息，{1} 为正则表达式的第一个分组".into()
        }
        TemplateProblem::Byte => {
            "应为字节位置（从 0 起，负数从末尾数）和增减量，例如 {byte:3}、{byte:-1}、{byte:3+1}".into()
        }
        TemplateProblem::Bytes => "应为起始字节和结束位置，例如 {bytes:2..6}、{bytes:-2..}".into(),
        TemplateProblem::Json => "应为以点分隔的名称或序号，例如 {json:user.name}".into(),
    }
}

fn escape_zh(why: EscapeProblem) -> String {
    match why {
        EscapeProblem::Unknown(c) => {
            format!(r"“\{}”不是转义符；可用 \r \n \t \0 \\ \xHH \u{{…}}", c.escape_debug())
        }
        EscapeProblem::Alone => r"末尾有单独的反斜杠；反斜杠应写作 \\".into(),
        EscapeProblem::BadByte => r"\x 后应有两位十六进制数字，例如 \x0A".into(),
        EscapeProblem::BadChar => r"\u 后应为花括号中的字符编号，例如 \u{6D4B}".into(),
        EscapeProblem::Unencodable(error) => unencodable_zh(&error),
    }
}

fn append_zh(fault: AppendFault) -> String {
    match fault {
        AppendFault::NothingToCheck { len, from, until } => {
            format!("消息长 {len} 字节，校验和却要跳过首 {from}、尾 {until} 字节")
        }
        AppendFault::NoPlaceForLength { len, offset } => {
            format!("消息长 {len} 字节，长度字段却在第 {offset} 字节之后")
        }
        AppendFault::LengthDoesNotFit { value, width } => format!("长度值 {value} 放不进 {width} 字节"),
        AppendFault::TooLong { len, max } => format!("消息将有 {len} 字节，长度字段最多允许 {max}"),
        AppendFault::TwoLengths => "只能有一个长度字段".into(),
    }
}

/// What is wrong with a field of what is appended, and what would be right.
pub fn append_trouble(lang: Lang, trouble: AppendTrouble) -> String {
    match trouble {
        AppendTrouble::NotANumber => framing_trouble(lang, &FramingTrouble::NotANumber),
        AppendTrouble::Hex(error) => framing_trouble(lang, &FramingTrouble::Hex(error)),
        AppendTrouble::Fault(fault) => framing_trouble(lang, &FramingTrouble::Fault(fault)),
        AppendTrouble::TooMany => {
            lang.pick(format!("At most {MAX_BYTES} bytes"), format!("最多 {MAX_BYTES} 字节"))
        }
    }
}

fn hex_zh(why: HexProblem, len: usize) -> String {
    match why {
        HexProblem::NotHex(c) => {
            format!("“{}”不是十六进制数字；应为 0-9 和 A-F，每字节两位", c.escape_debug())
        }
        HexProblem::OddRun => format!("连续 {len} 位，不是整字节；每字节应为两位，例如 A 写作 0A"),
        HexProblem::NoDigits => "前缀后应有两位数字，例如 0x0A".into(),
        HexProblem::NotAByte => "应为 0x00 到 0xFF 或 0 到 255 的数字".into(),
    }
}

fn unencodable_zh(error: &Unencodable) -> String {
    format!("所选字符集中没有“{}”", error.ch.escape_debug())
}

/// What the user should read.
pub fn notice(lang: Lang, notice: &Notice) -> String {
    match notice {
        Notice::Net(error) => net_error(lang, error),
        Notice::Ended(error) => lang.pick(
            format!("The session ended. {}", net_error(lang, error)),
            format!("会话已结束。{}", net_error(lang, error)),
        ),
        Notice::Failed(task, what, why) => {
            let task = doing(lang, *task);
            let space = if what.is_empty() { "" } else { " " };
            lang.pick(format!("{task}{space}{what} failed: {why}"), format!("{task}{space}{what} 失败：{why}"))
        }
        Notice::TooBusy => lang
            .pick(
                "The session is too busy to take this order: try again.",
                "会话太忙，未接受此操作：请重试。",
            )
            .into(),
        Notice::SettingsSetAside(path, why) => lang.pick(
            format!("The settings file could not be read and is set aside as {}: {why}", path.display()),
            format!("设置文件无法读取，已另存为 {}：{why}", path.display()),
        ),
        Notice::NoDialog => lang
            .pick(
                "No file was chosen. If no dialog appeared, type the path into the field.",
                "未选择文件。如果没有出现对话框，请在路径框中直接输入。",
            )
            .into(),
        Notice::TooMuchToCopy => lang
            .pick(
                "That is more than a clipboard takes (64 MiB): use Save As.",
                "所选内容超过剪贴板上限 (64 MiB)：请用“保存到文件”。",
            )
            .into(),
        Notice::Copied(n) => lang.pick(
            format!("Copied {}", bytes(*n as u64)),
            format!("已复制 {}", bytes(*n as u64)),
        ),
        Notice::Saved(path, n) => lang.pick(
            format!("Saved {} to {}", bytes(*n), path.display()),
            format!("已保存 {} 到 {}", bytes(*n), path.display()),
        ),
        Notice::SaveFailed(why) => {
            lang.pick(format!("Saving failed: {why}"), format!("保存失败：{why}"))
        }
        Notice::SaveCancelled => {
            lang.pick("Saving was stopped; nothing was left behind.", "已停止保存，没有留下文件。").into()
        }
        Notice::NothingToSave => lang.nothing_to_save().into(),
        Notice::NotOpen => {
            lang.pick("The session is not open: press Open first.", "会话未打开：请先点击“打开”。").into()
        }
        Notice::NoPeers => lang
            .pick("There is nobody to send to: no chosen peer is connected.", "没有发送目标：所选对端均未连接。")
            .into(),
        Notice::PeerLeft => lang
            .pick("The chosen peer has left: choose another target.", "所选对端已离开：请选择其他目标。")
            .into(),
        Notice::NoRemote => lang
            .pick(
                "Where to? Fill in Remote Host Addr and Port, or choose a peer.",
                "发到哪里？请填写远程主机地址和端口，或选择一个对端。",
            )
            .into(),
        Notice::NothingToSend => lang.pick("The send box is empty.", "发送区为空。").into(),
        Notice::CannotSend(problem) => send_problem(lang, problem),
        Notice::WrongCycle(problem) => cycle_problem(lang, *problem).into(),
        Notice::CycleDone(n) => {
            let n = grouped(*n);
            lang.pick(format!("The cycle is done: sent {n} ×."), format!("循环发送完成，共 {n} 次。"))
        }
        Notice::NoSequence(name) => lang.pick(
            format!("A rule asks for the sequence ‘{name}’: there is no such page of quick sends."),
            format!("规则要运行序列“{name}”，但没有这个快捷指令页。"),
        ),
        Notice::Quick(notice) => quick::notice(lang, notice),
        Notice::WrongFile(problem) => file_problem(lang, *problem),
        Notice::FileSent(path, n) => {
            let (n, path) = (bytes(*n), path.display());
            lang.pick(format!("Sent {path}: {n}"), format!("已发送 {path}：{n}"))
        }
        Notice::FileStopped(path, done, total) => file_stopped(lang, path, *done, *total),
        Notice::FileFailed(path, done, total) => file_failed(lang, path, *done, *total),
        Notice::CannotOpen(why) => {
            lang.pick(format!("The workspace cannot be opened: {why}"), format!("无法打开工作区：{why}"))
        }
        Notice::CannotWrite(why) => unwritable(lang, why),
        Notice::CannotRead(why) => {
            lang.pick(format!("The capture cannot be read: {why}"), format!("无法读取抓包：{why}"))
        }
        Notice::Torn => lang
            .pick(
                "The end of this capture is torn off (the program or the system stopped while writing). All that is whole is shown.",
                "此抓包的末尾不完整（程序或系统在写入时中断）。完整的部分已全部显示。",
            )
            .into(),
    }
}

/// A file of that name is there.
pub fn exists(lang: Lang, path: &Path) -> String {
    let path = path.display();
    lang.pick(format!("{path} exists already."), format!("{path} 已存在。"))
}

/// Why a session cannot be saved as a workspace.
fn unwritable(lang: Lang, why: &Unwritable) -> String {
    match why {
        Unwritable::Form => lang
            .pick(
                "The session cannot be saved: correct its settings first.",
                "无法保存会话：请先改正网络设置中的错误。",
            )
            .into(),
        Unwritable::Rule { nth, name, problem } => {
            let why = rules::rule_trouble(lang, &problem.why);
            let name = if name.is_empty() {
                String::new()
            } else {
                lang.pick(format!(" ‘{name}’"), format!("“{name}”"))
            };
            lang.pick(
                format!("The session cannot be saved: correct rule {nth}{name}, or switch it off. {why}"),
                format!("无法保存会话：请改正或停用第 {nth} 条规则{name}。{why}"),
            )
        }
        Unwritable::Faults(problem) => {
            let why = rules::rule_trouble(lang, &problem.why);
            lang.pick(
                format!("The session cannot be saved: correct the faults of its rules first. {why}"),
                format!("无法保存会话：请先改正应答故障设置。{why}"),
            )
        }
    }
}

fn file_stopped(lang: Lang, path: &Path, done: u64, total: u64) -> String {
    let (path, done, total) = (path.display(), grouped(done), grouped(total));
    lang.pick(
        format!("Stopped {path} after {done} of {total} bytes."),
        format!("已停止发送 {path}：{done} / {total} 字节。"),
    )
}

fn file_failed(lang: Lang, path: &Path, done: u64, total: u64) -> String {
    let (path, done, total) = (path.display(), grouped(done), grouped(total));
    lang.pick(
        format!("Only {done} of {total} bytes of {path} were sent."),
        format!("{path} 只发送了 {done} / {total} 字节。"),
    )
}

fn doing(lang: Lang, task: Task) -> &'static str {
    match task {
        Task::Starting => lang.pick("Starting a job:", "启动任务"),
        Task::ListingAddresses => lang.pick("Listing local addresses", "列出本机地址"),
        Task::ListingCaptures => lang.pick("Opening the folder of captures", "打开抓包文件夹"),
        Task::DeletingCapture => lang.pick("Deleting", "删除"),
        Task::RemovingOldCaptures => lang.pick("Removing old captures", "清理旧抓包"),
        Task::Reading => lang.pick("Reading", "读取"),
        Task::WritingSettings => lang.pick("Writing the settings to", "写入设置"),
        Task::ReadingSettings => lang.pick("Reading the settings from", "读取设置"),
        Task::WritingHistory => lang.pick("Writing the history to", "写入历史发送"),
        Task::ReadingHistory => lang.pick("Reading the history from", "读取历史发送"),
    }
}

/// What an event's line in the log says, behind its time. `comment` is the capture's own.
pub fn event(lang: Lang, kind: RecordKind, flow: Option<&Flow>, comment: &str) -> String {
    let peer = flow.map_or_else(|| "?".to_owned(), |flow| flow.peer.to_string());
    match kind {
        RecordKind::Connected => match flow.map(|flow| flow.origin) {
            Some(Origin::Accepted) => {
                lang.pick(format!("{peer} connected to us"), format!("{peer} 已连接（客户端上线）"))
            }
            Some(Origin::Connected | Origin::Datagram) | None => {
                lang.pick(format!("connected to {peer}"), format!("已连接到 {peer}"))
            }
        },
        // The comment says to whom.
        RecordKind::Refused => lang.pick(format!("no connection: {comment}"), format!("未能连接：{comment}")),
        RecordKind::Ended(Ending::PeerFin) => {
            lang.pick(format!("{peer} closed its sending side (FIN)"), format!("{peer} 关闭了发送 (FIN)"))
        }
        RecordKind::Ended(Ending::OwnFin) => lang.pick(
            format!("we closed our sending side to {peer} (FIN)"),
            format!("本端关闭了对 {peer} 的发送 (FIN)"),
        ),
        RecordKind::Ended(Ending::PeerReset) => {
            lang.pick(format!("{peer} reset the connection (RST)"), format!("{peer} 复位了连接 (RST)"))
        }
        RecordKind::Ended(Ending::OwnReset) => lang.pick(
            format!("we reset the connection to {peer} (RST)"),
            format!("本端复位了与 {peer} 的连接 (RST)"),
        ),
        RecordKind::Note => note(lang, comment),
        RecordKind::Received | RecordKind::Sent => String::new(),
    }
}

/// The comments that sessions write stand in the capture in English; here they are known again.
fn note(lang: Lang, comment: &str) -> String {
    let known = comment.parse::<SessionNote>().ok().filter(|_| lang == Lang::Zh);
    match known {
        None => comment.to_owned(),
        Some(SessionNote::Listening(address)) => format!("正在监听 {address}"),
        Some(SessionNote::Bound(address)) => format!("已绑定 {address}"),
        Some(SessionNote::StoppedListening) => "已停止监听".into(),
        Some(SessionNote::JoinedGroup(group)) => format!("已加入组播 {group}"),
        Some(SessionNote::LeftGroup(group)) => format!("已离开组播 {group}"),
        Some(SessionNote::FileStopped(done, total)) => format!("文件发送已停止：{done} / {total} 字节"),
        Some(SessionNote::Unsent(n, peer)) => format!("有 {n} 字节未发送给 {peer}"),
        Some(SessionNote::NotMade(n)) => format!("有 {n} 个短连接未建立"),
        Some(SessionNote::RecordingResumed(ms)) => format!("抓包文件中断 {ms} 毫秒后恢复写入，没有丢失数据"),
        Some(SessionNote::RecordingStopped) => "已停止记录".into(),
        Some(SessionNote::NotRecorded(received, sent)) => {
            format!("此前未记录：接收 {received} 字节，发送 {sent} 字节")
        }
        Some(SessionNote::Closed) => "会话已关闭".into(),
        Some(SessionNote::Missing(n, from, to)) => format!("抓包文件缺少 {from} 发往 {to} 的 {n} 字节"),
        Some(SessionNote::LeftOut(n)) => format!("有 {n} 个报文不是可识别的 TCP/UDP，已略过"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{NameFault, RuleFault};

    #[test]
    fn sizes_and_counts_read_well() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(1023), "1023 B");
        assert_eq!(bytes(1536), "1.50 KiB");
        assert_eq!(bytes(5 << 30), "5.00 GiB");
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1234), "1,234");
        assert_eq!(grouped(100_000_000), "100,000,000");
    }

    #[test]
    fn errors_say_what_where_and_why_in_both_languages() {
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let error = NetError::new(Doing::Connecting, "127.0.0.1:1", refused);
        assert_eq!(net_error(Lang::En, &error), "Connecting to 127.0.0.1:1: connection refused");
        assert_eq!(net_error(Lang::Zh, &error), "连接 127.0.0.1:1 失败：对端拒绝连接 (connection refused)");
    }

    #[test]
    fn a_rule_that_cannot_be_followed_says_why_in_the_language_of_the_window() {
        let fault = RuleFault::Name("../x".to_owned(), NameFault::LeavesFolder);
        let error = NetError::new(Doing::Answering, "127.0.0.1:1", Cause::Rule(fault));
        assert_eq!(
            net_error(Lang::En, &error),
            "Answering 127.0.0.1:1: the file name ‘../x’ is refused: it would leave the folder"
        );
        assert_eq!(
            net_error(Lang::Zh, &error),
            "自动应答 127.0.0.1:1 失败：拒绝文件名“../x”：路径超出该文件夹"
        );
        let fault = AppendFault::NothingToCheck { len: 1, from: 2, until: 0 };
        let error = NetError::new(Doing::Answering, "", Cause::Rule(RuleFault::Append(fault)));
        assert_eq!(net_error(Lang::Zh, &error), "自动应答失败：消息长 1 字节，校验和却要跳过首 2、尾 0 字节");
    }
}
