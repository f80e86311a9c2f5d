//! Errors of sessions, and the tally of short connections.

use super::{grouped, in_words};
use crate::model::{NetError, Problem, Reason, ShortTally};
use crate::ui::lang::{Core, InWords, Lang};

/// What failed, at which address, and why, without the code of the system.
pub fn net_error(lang: Lang, error: &NetError) -> String {
    let mut error = error.clone();
    error.cause.take_number();
    in_words(lang, &error)
}

/// The system's number of an error, which only tooltips have; empty if there is none.
pub(crate) fn os_code(lang: Lang, number: Option<i32>) -> String {
    number.map_or_else(String::new, |number| lang.os_code(number))
}

impl InWords for NetError {
    fn in_words(&self, core: &Core) -> String {
        let (doing, why) = (self.doing.in_words(core), self.cause.in_words(core));
        let why = match self.hint() {
            Some(hint) => core.with_hint(why, hint.in_words(core)),
            None => why,
        };
        let text = if self.what.is_empty() {
            core.failed(doing, why)
        } else {
            core.failed_at(doing, self.place(), why)
        };
        if self.times > 1 { core.times_in_all(text, self.times) } else { text }
    }
}

/// Why something with a file failed, without the [code](os_code) of the system.
pub(crate) fn reason(lang: Lang, why: &Reason) -> String {
    let mut why = why.clone();
    why.take_number();
    lang.core().map_or_else(|| why.to_string(), |core| why.in_words(core))
}

impl InWords for Reason {
    fn in_words(&self, core: &Core) -> String {
        match self {
            Self::Of(what, why) => format!("{what}: {}", why.in_words(core)),
            Self::Cause(cause) => cause.in_words(core),
            Self::Damage(at, fault) => core.at_byte(at, fault.in_words(core)),
            Self::InText(line, column, found) => core.at_line(line, column, found.in_words(core)),
            Self::Problem(found) => found.in_words(core),
            Self::Text(text) => text.in_words(core),
        }
    }
}

impl InWords for Problem {
    fn in_words(&self, core: &Core) -> String {
        let why = self.fault.in_words(core);
        if self.path.is_empty() { why } else { format!("{}: {why}", self.place()) }
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
    use crate::model::{CaptureFault, Cause, Doing, NameFault, RuleFault};

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
        assert_eq!(reason(Lang::En, &why), "a/b: no such file or folder");
        assert_eq!(reason(Lang::ZhCn, &why), "a/b: 不存在");
        assert_eq!(reason(Lang::ZhCn, &Reason::from(&*missing().to_string())), "不存在");
        assert_eq!(os_code(Lang::En, why.clone().take_number()), "OS error 2");
        assert_eq!(
            why.to_string(),
            "a/b: no such file or folder (os error 2)",
            "where there are no tooltips"
        );
        let unknown = Reason::from(io::Error::from_raw_os_error(71));
        assert!(unknown.to_string().ends_with(" (os error 71)"), "{unknown}");
        assert!(Lang::ALL.iter().all(|lang| !reason(*lang, &unknown).contains("71")));
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
