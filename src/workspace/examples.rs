//! The built-in examples: workspaces with one server each, whose rules can be read, tried and changed.

/// A built-in example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// The name on the command line, and of its file without `.toml`.
    pub name: &'static str,
    /// A short description.
    pub about: &'static str,
    /// The workspace file.
    pub text: &'static str,
}

macro_rules! example {
    ($name:literal, $about:literal) => {
        Example {
            name: $name,
            about: $about,
            text: include_str!(concat!("../../assets/examples/", $name, ".toml")),
        }
    };
}

/// All examples, the simplest first.
pub const EXAMPLES: [Example; 9] = [
    example!("upper-case", "a server that answers each line in upper case"),
    example!("chat", "a chat: each line goes to all others"),
    example!("websocket-chat", "a chat over WebSocket, for browsers, too"),
    example!("relay", "a relay that changes what passes"),
    example!("socks-proxy", "a SOCKS5 proxy, to look at any program"),
    example!("http-hello", "an HTTP/1.1 server that says hello"),
    example!("modbus-device", "a Modbus TCP device with some registers"),
    example!("file-download", "a server that answers a name with the file"),
    example!("json-files", "a receiver of files in JSON, the length in front"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{RulesOf, WorkspaceFile};

    #[test]
    fn every_example_has_one_session_and_rules() {
        for Example { name, about, text } in EXAMPLES {
            assert!(!about.is_empty());
            let file = WorkspaceFile::parse(text.to_owned()).unwrap_or_else(|why| panic!("{name}: {why}"));
            file.opening(0).unwrap_or_else(|why| panic!("{name}: {why}"));
            assert_eq!(file.workspace.sessions.len(), 1, "{name}");
            let rules = file.rules(RulesOf::Session(0)).unwrap_or_else(|why| panic!("{name}: {why}"));
            assert!(!rules.is_empty(), "{name}");
            // It begins with a comment in both languages.
            assert!(text.starts_with("# ") && text.contains('。'), "{name}");
        }
    }
}
