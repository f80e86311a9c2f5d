//! The ready examples: workspaces of one server each, whose rules a learner can read, try and change.

/// A ready example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// Its name on the command line, and that of its file without `.toml`.
    pub name: &'static str,
    /// What it is.
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

/// All of them, the simplest first.
pub const EXAMPLES: [Example; 6] = [
    example!("upper-case", "a server that answers each line in upper case"),
    example!("chat", "a chat: each line goes to all others"),
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
    fn every_example_is_a_workspace_with_one_session_and_rules() {
        for Example { name, about, text } in EXAMPLES {
            assert!(!about.is_empty());
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
