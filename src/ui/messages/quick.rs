//! What is told of quick sends, in both languages: what is wrong with a field, what was taken over, how a
//! sequence ended.

use super::typed::{append_zh, compose_zh, hex_zh, query_error, template_error};
use super::{capitalised, grouped};
use crate::codec::append::{MAX_BYTES, StepProblem};
use crate::codec::compose::ComposeError;
use crate::codec::matcher::MatcherProblem;
use crate::codec::query::QueryError;
use crate::codec::{Charset, decode_all};
use crate::model::Missed;
use crate::state::{MAX_QUICK, QuickNotice};
use crate::ui::lang::Lang;
use crate::workspace::{MAX_IMPORTED, QuickProblem, QuickTrouble, Remark, Skipped, Source};

/// What is wrong with a field, and what would be right.
pub fn problem(lang: Lang, problem: QuickProblem) -> String {
    if lang == Lang::En {
        return capitalised(&problem.why.to_string());
    }
    match problem.why {
        QuickTrouble::Content(error) => compose_zh(&error),
        QuickTrouble::Template(error) => template_error(lang, &error),
        QuickTrouble::Step(error) => match error.why {
            StepProblem::Unknown => {
                "没有这种附加位；可用 cr、lf、crlf、hex:字节、校验算法名（如 CRC-16/MODBUS、LRC、XOR-8）、length:…".into()
            }
            StepProblem::Hex(why) => hex_zh(why, error.len),
            StepProblem::Count(_) => format!("可附加 1 到 {MAX_BYTES} 个字节"),
            StepProblem::Option => "可用 from=N、to=-N、be、le、text".into(),
            StepProblem::Twice => "重复指定".into(),
            StepProblem::Number => "应为整数，例如 from=1 或 to=-2".into(),
            StepProblem::Length(_) => "长度字段应写作 length:偏移:宽度:be|le".into(),
        },
        QuickTrouble::Append(fault) => append_zh(fault),
        QuickTrouble::Pattern(error) => match error.why {
            MatcherProblem::Empty => "没有要匹配的内容".into(),
            MatcherProblem::TooLong => "超过 64 KiB".into(),
            MatcherProblem::Hex(why) => hex_zh(why, error.len),
            MatcherProblem::Typed(why) => compose_zh(&ComposeError { at: error.at, len: error.len, why }),
            MatcherProblem::Query(why) => query_error(lang, &QueryError { at: error.at, len: error.len, why }),
        },
        QuickTrouble::Key => "应为 F1 到 F12（可加 Ctrl+、Alt+、Shift+），或 Alt+数字".into(),
        QuickTrouble::Duration => "应为不超过一天的时间：毫秒数，或带单位，例如 20ms、1.5s".into(),
    }
}

/// What the user should read.
pub(super) fn notice(lang: Lang, notice: &QuickNotice) -> String {
    match notice {
        QuickNotice::Wrong(name, problem) => {
            let problem = self::problem(lang, *problem);
            lang.pick(format!("‘{name}’ cannot be sent. {problem}"), format!("“{name}”无法发送：{problem}"))
        }
        QuickNotice::WrongLoops => {
            lang.pick("The number of rounds is 1 or more, or empty", "轮数应为正整数，或留空").into()
        }
        QuickNotice::NothingTicked => {
            lang.pick("Tick the rows of the sequence first", "请先勾选要按顺序发送的行").into()
        }
        QuickNotice::Done(rounds, unanswered) => done(lang, *rounds, *unanswered),
        QuickNotice::NoAnswer(name, missed) => no_answer(lang, name, missed),
        QuickNotice::Imported(source, n, n_remarks) => imported(lang, *source, *n, *n_remarks),
        QuickNotice::NotImported(why) => {
            lang.pick(format!("The list cannot be taken over: {why}"), format!("无法导入：{why}"))
        }
        QuickNotice::Exported(path) => {
            let path = path.display();
            lang.pick(format!("The quick sends are saved: {path}"), format!("快捷指令已保存：{path}"))
        }
        QuickNotice::NotExported(why) => {
            lang.pick(format!("The quick sends cannot be saved: {why}"), format!("无法保存快捷指令：{why}"))
        }
        QuickNotice::NotForBox(title) => lang.pick(
            format!("The send box has no fields for all that is appended to ‘{title}’, or another charset"),
            format!("发送区无法容纳“{title}”的附加位或字符集"),
        ),
        QuickNotice::Full => lang.pick(
            format!("There is room for {MAX_QUICK} quick sends, and no more"),
            format!("快捷指令最多 {MAX_QUICK} 条"),
        ),
    }
}

/// The window has a key for something else.
pub fn key_taken(lang: Lang) -> String {
    lang.pick("The window needs this key itself: F3, F5, F6", "窗口本身要用此键：F3、F5、F6").into()
}

/// Another row has the key already.
pub fn same_key(lang: Lang, name: &str) -> String {
    lang.pick(format!("‘{name}’ has this key already"), format!("“{name}”已使用此键"))
}

/// A sequence was sent to its end.
fn done(lang: Lang, rounds: u64, unanswered: u64) -> String {
    let rounds = grouped(rounds);
    if unanswered == 0 {
        return lang.pick(
            format!("The sequence is done; rounds: {rounds}"),
            format!("序列发送完毕，共 {rounds} 轮"),
        );
    }
    let unanswered = grouped(unanswered);
    lang.pick(
        format!("The sequence is done; rounds: {rounds}, without an answer: {unanswered}"),
        format!("序列发送完毕，共 {rounds} 轮，其中 {unanswered} 次未收到应答"),
    )
}

/// A row was not answered in time, and what came instead.
fn no_answer(lang: Lang, name: &str, missed: &Missed) -> String {
    let Some(last) = &missed.last else {
        return lang.pick(
            format!("‘{name}’ was not answered in time; nothing came"),
            format!("“{name}”在时限内未收到应答，也没有其他消息"),
        );
    };
    // Whatever the charset, this shows what can be read and what cannot.
    let text = decode_all(Charset::Utf8, &[], last, true).text;
    let readable = text.chars().all(|c| !c.is_control() || c.is_whitespace()) && !text.contains('\u{FFFD}');
    let head: String = if readable {
        text.trim().chars().take(60).collect()
    } else {
        crate::codec::hex::to_text(last).chars().take(60).collect()
    };
    lang.pick(
        format!("‘{name}’ was not answered in time; the last message was {head}"),
        format!("“{name}”在时限内未收到应答；最后收到的是 {head}"),
    )
}

/// A list was taken over.
fn imported(lang: Lang, source: Source, n: usize, n_remarks: usize) -> String {
    let source = source.name();
    if n_remarks == 0 {
        return lang.pick(format!("Taken over from {source}: {n}"), format!("已从 {source} 导入 {n} 条"));
    }
    lang.pick(
        format!("Taken over from {source}: {n}. Not as they stood: {n_remarks}, listed with the quick sends"),
        format!("已从 {source} 导入 {n} 条；有 {n_remarks} 处未能原样导入，见快捷指令页"),
    )
}

/// What was not taken over as it stood.
pub fn remark(lang: Lang, remark: &Remark) -> String {
    if lang == Lang::En {
        return capitalised(&remark.to_string());
    }
    let what = match &remark.what {
        Skipped::NotALine => "无法识别".into(),
        Skipped::Hex => "内容不是十六进制，已原样保留".into(),
        Skipped::NoContent => "没有内容".into(),
        Skipped::Protocol(name) => format!("不支持协议“{name}”，仅导入了发送内容"),
        Skipped::Macro(name) => format!("“{name}”作为文本保留；请改用本程序的占位符"),
        Skipped::Number(text) => format!("“{text}”不是可用的数字"),
        Skipped::ChecksumEnd => "原校验和不含末尾的字节，导入后按到末尾计算".into(),
        Skipped::TooMany => format!("只导入了前 {MAX_IMPORTED} 条"),
        Skipped::NotText => "有无法解码的字节，显示为 �".into(),
    };
    format!("第 {} 行：{what}", remark.line)
}
