//! What is wrong with what was typed, and what would be right. Knows not where it stands.

use super::capitalised;
use crate::codec::append::{AppendFault, MAX_BYTES};
use crate::codec::charset::Unencodable;
use crate::codec::compose::{ComposeError, ComposeProblem};
use crate::codec::escape::EscapeProblem;
use crate::codec::frame::{FramingFault, MAX_ADJUST, MAX_DELIMITER, MAX_MESSAGE, MAX_OFFSET};
use crate::codec::hex::HexProblem;
use crate::codec::query::{QueryError, QueryProblem, RegexProblem};
use crate::codec::template::{MAX_DIGITS, MAX_RANDOM, TemplateError, TemplateProblem};
use crate::state::{AppendTrouble, CycleProblem, FileProblem, FramingTrouble, Problem, SendProblem};
use crate::ui::lang::Lang;

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
        QueryProblem::Unencodable(error) => unencodable_zh(error),
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

pub(super) fn compose_zh(error: &ComposeError) -> String {
    match error.why {
        ComposeProblem::Hex(why) => hex_zh(why, error.len),
        ComposeProblem::Escape(why) => escape_zh(why),
        ComposeProblem::Unencodable(error) => unencodable_zh(error),
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
        EscapeProblem::Unencodable(error) => unencodable_zh(error),
    }
}

pub(super) fn append_zh(fault: AppendFault) -> String {
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

pub(super) fn hex_zh(why: HexProblem, len: usize) -> String {
    match why {
        HexProblem::NotHex(c) => {
            format!("“{}”不是十六进制数字；应为 0-9 和 A-F，每字节两位", c.escape_debug())
        }
        HexProblem::OddRun => format!("连续 {len} 位，不是整字节；每字节应为两位，例如 A 写作 0A"),
        HexProblem::NoDigits => "前缀后应有两位数字，例如 0x0A".into(),
        HexProblem::NotAByte => "应为 0x00 到 0xFF 或 0 到 255 的数字".into(),
    }
}

fn unencodable_zh(error: Unencodable) -> String {
    format!("所选字符集中没有“{}”", error.ch.escape_debug())
}
