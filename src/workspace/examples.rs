//! The ready examples: workspaces of one server each, whose rules a learner can read, try and change.

/// A ready example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// Its name on the command line, and that of its file without `.toml`.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// What it is, in Chinese.
    pub about_zh: &'static str,
    /// The workspace file.
    pub text: &'static str,
}

macro_rules! example {
    ($name:literal, $about:literal, $about_zh:literal) => {
        Example {
            name: $name,
            about: $about,
            about_zh: $about_zh,
            text: include_str!(concat!("../../assets/examples/", $name, ".toml")),
        }
    };
}

/// All of them, the simplest first.
pub const EXAMPLES: [Example; 6] = [
    example!("upper-case", "a server that answers each line in upper case", "把每一行转成大写后返回的服务器"),
    example!("chat", "a chat: each line goes to all others", "多人聊天：每一行转发给其他所有人"),
    example!("http-hello", "an HTTP/1.1 server that says hello", "回应 hello 的 HTTP/1.1 服务器"),
    example!("modbus-device", "a Modbus TCP device with some registers", "带若干寄存器的 Modbus TCP 设备"),
    example!("file-download", "a server that answers a name with the file", "按文件名返回文件的下载服务器"),
    example!(
        "json-files",
        "a receiver of files in JSON, the length in front",
        "接收带长度前缀的 JSON 文件的服务器"
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{RulesOf, WorkspaceFile};

    #[test]
    fn every_example_is_a_workspace_with_one_session_and_rules() {
        for Example { name, about, about_zh, text } in EXAMPLES {
            assert!(!about.is_empty() && !about_zh.is_empty());
            let file = WorkspaceFile::parse(text.to_owned()).unwrap_or_else(|why| panic!("{name}: {why}"));
            file.opening(0).unwrap_or_else(|why| panic!("{name}: {why}"));
            assert_eq!(file.workspace.sessions.len(), 1, "{name}");
            let rules = file.rules(RulesOf::Session(0)).unwrap_or_else(|why| panic!("{name}: {why}"));
            assert!(!rules.is_empty(), "{name}");
            // Whoever reads it is told what it does, in both languages.
            assert!(text.starts_with("# ") && text.contains('。'), "{name}");
        }
    }
}
