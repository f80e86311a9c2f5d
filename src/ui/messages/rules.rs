//! Messages about rules in both languages: what is wrong with a field, what a rule does, what comes of a message.

use super::capitalised;
use super::typed::{append_zh, compose_zh, hex_zh, query_error, template_error};
use crate::codec::hex as hex_text;
use crate::codec::matcher::{MatchKind, MatcherError, MatcherProblem};
use crate::codec::query::QueryError;
use crate::model::{NameFault, Recipients, RuleFault};
use crate::rules::{Answer, Deed};
use crate::ui::lang::Lang;
use crate::workspace::{ModbusTrouble, RuleForm, RuleTrouble, ThenKind};

/// So many characters of a pattern or content stand in a row.
const IN_ROW: usize = 40;
/// So many bytes of an answer are shown.
const IN_ANSWER: usize = 256;

/// What is wrong with a field of a rule, and what would be right.
pub fn rule_trouble(lang: Lang, trouble: &RuleTrouble) -> String {
    match (lang, trouble) {
        (_, RuleTrouble::Template(error)) => template_error(lang, error),
        (Lang::En, _) => capitalised(&trouble.to_string()),
        (Lang::Zh, RuleTrouble::Pattern(error)) => matcher_zh(error),
        (Lang::Zh, RuleTrouble::Length) => "应为字节数或范围，例如 8、2..20、2.. 或 ..20".into(),
        (Lang::Zh, RuleTrouble::NoChecksum) => "应为校验和，例如 CRC-16/MODBUS 或 XOR-8:from=1".into(),
        (Lang::Zh, RuleTrouble::Step(_)) => {
            "写法有误，例如 crlf、hex:0D 0A、CRC-16/MODBUS:from=1:to=-2:be".into()
        }
        (Lang::Zh, RuleTrouble::Address) => {
            "应为地址，可带端口，例如 192.0.2.1、192.0.2.1:80 或 [::1]:80".into()
        }
        (Lang::Zh, RuleTrouble::Content(error)) => compose_zh(error),
        (Lang::Zh, RuleTrouble::Missing) => "此处不能为空".into(),
        (Lang::Zh, RuleTrouble::Delay) => "应为时间或范围，例如 20ms、1.5s 或 5ms..20ms，最长一天".into(),
        (Lang::Zh, RuleTrouble::Duration) => "应为时间，例如 20ms、1.5s，最长一天".into(),
        (Lang::Zh, RuleTrouble::Number) => "应为整数".into(),
        (Lang::Zh, RuleTrouble::Modbus(trouble)) => match trouble {
            ModbusTrouble::Unit => "应为 0 到 255，留空应答所有单元".into(),
            ModbusTrouble::Bits => "应为地址和 0/1，例如 0: 1 0 1; 100-199: 0".into(),
            ModbusTrouble::Registers => {
                "应为地址和数值（-32768 到 65535 或 0xFFFF），例如 0: 100 0x1F; 40-49: 0".into()
            }
        },
    }
}

fn matcher_zh(error: &MatcherError) -> String {
    match error.why {
        MatcherProblem::Empty => "匹配内容不能为空".into(),
        MatcherProblem::TooLong => "超过 64 KiB".into(),
        MatcherProblem::Hex(why) => hex_zh(why, error.len),
        MatcherProblem::Typed(why) => {
            compose_zh(&crate::codec::compose::ComposeError { at: error.at, len: error.len, why })
        }
        MatcherProblem::Query(why) => {
            query_error(Lang::Zh, &QueryError { at: error.at, len: error.len, why })
        }
    }
}

/// How a pattern is compared.
pub fn match_kind(lang: Lang, kind: MatchKind) -> &'static str {
    match kind {
        MatchKind::Anything => lang.rule_anything(),
        MatchKind::Equals => lang.rule_equals(),
        MatchKind::Starts => lang.rule_starts(),
        MatchKind::Ends => lang.rule_ends(),
        MatchKind::Contains => lang.rule_contains(),
        MatchKind::Regex => lang.rule_regex(),
    }
}

/// What a rule does.
pub fn then_kind(lang: Lang, then: ThenKind) -> &'static str {
    match then {
        ThenKind::Reply => lang.rule_reply(),
        ThenKind::Echo => lang.rule_echo_it(),
        ThenKind::SendFile => lang.rule_send_file(),
        ThenKind::SaveFile => lang.rule_save_file(),
        ThenKind::Modbus => lang.rule_modbus(),
        ThenKind::Sequence => lang.rule_sequence(),
        ThenKind::Close => lang.rule_close(),
        ThenKind::Reset => lang.rule_reset(),
        ThenKind::StopRecording => lang.rule_stop_recording(),
        ThenKind::Highlight => lang.rule_highlight(),
        ThenKind::Note => lang.rule_note(),
    }
}

/// To whom an answer goes.
pub fn recipients(lang: Lang, to: Recipients) -> &'static str {
    match to {
        Recipients::Sender => lang.rule_to_sender(),
        Recipients::All => lang.rule_to_all(),
        Recipients::Others => lang.rule_to_others(),
    }
}

/// A rule in its row: its name, or what it says.
pub fn rule_title(lang: Lang, form: &RuleForm) -> String {
    if !form.name.trim().is_empty() {
        return form.name.trim().to_owned();
    }
    let short = |text: &str| text.chars().take(IN_ROW).map(crate::codec::glyph::visible).collect::<String>();
    let when = match form.when {
        MatchKind::Anything => String::from("*"),
        kind @ (MatchKind::Equals
        | MatchKind::Starts
        | MatchKind::Ends
        | MatchKind::Contains
        | MatchKind::Regex) => format!("{} {}", match_kind(lang, kind), short(&form.pattern)),
    };
    let content = if form.then.has_content() { short(&form.content) } else { String::new() };
    format!("{when} → {} {content}", then_kind(lang, form.then)).trim_end().to_owned()
}

/// What a rule does because of a message, in one or more lines.
pub fn answer(lang: Lang, answer: &Answer) -> String {
    let Answer { rule: _, flow: _, after, to, what } = answer;
    let bytes = |bytes: &[u8]| {
        let shown = bytes.get(..IN_ANSWER).unwrap_or(bytes);
        let dots = if shown.len() < bytes.len() { " …" } else { "" };
        format!("{} B: {}{dots}\n{}", bytes.len(), hex_text::to_text(shown), visible(shown))
    };
    let what = match what {
        Deed::Send(message) => bytes(message),
        Deed::SendCut { head, pause, tail } => {
            format!("{}\n+{pause:?}\n{}", bytes(head), bytes(tail))
        }
        Deed::SendFile(file) => {
            format!("{} {}", lang.rule_send_file(), file.folder.join(&file.name).display())
        }
        Deed::SaveFile(file, content) => {
            let path = file.folder.join(&file.name);
            format!("{} {}\n{}", lang.rule_save_file(), path.display(), bytes(content))
        }
        Deed::Close => lang.rule_close().to_owned(),
        Deed::Reset => lang.rule_reset().to_owned(),
        Deed::StopRecording => lang.rule_stop_recording().to_owned(),
        Deed::Highlight => lang.rule_highlight().to_owned(),
        Deed::Note(text) => format!("{}: {text}", lang.rule_note()),
        Deed::Sequence(page) => format!("{} {page}", lang.rule_sequence()),
        Deed::Fail(fault) => rule_fault(lang, fault),
    };
    let after = if after.is_zero() { String::new() } else { format!("+{after:?} ") };
    format!("{after}→ {}: {what}", recipients(lang, *to))
}

fn visible(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars().map(crate::codec::glyph::visible).collect()
}

/// Why a rule could not be followed.
pub fn rule_fault(lang: Lang, fault: &RuleFault) -> String {
    match (lang, fault) {
        (Lang::En, _) => capitalised(&fault.to_string()),
        (Lang::Zh, RuleFault::Append(fault)) => append_zh(*fault),
        (Lang::Zh, RuleFault::Name(name, why)) => {
            let why = match why {
                NameFault::Empty => "名称为空",
                NameFault::TooLong => "名称过长",
                NameFault::LeavesFolder => "路径超出该文件夹",
                NameFault::Character => "含有文件名不允许的字符",
                NameFault::Device => "是设备名，或以点、空格结尾",
                NameFault::NoText => "不是该字符集的文本",
            };
            format!("拒绝文件名“{}”：{why}", name.escape_debug())
        }
    }
}
