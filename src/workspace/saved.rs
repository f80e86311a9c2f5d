//! Tabs stored between runs: a workspace file with one session, and the tab's own data. Unknown keys, which a newer
//! version may have written, are kept.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::is_default;
use super::session::Session;
use super::syntax::{self, FileProblem, Unknown};
use crate::model::{Fault, Problem};

/// Longer contents of the send box, in bytes, are stored in a separate file.
const LONG: usize = 64 << 10;

/// The capture of an earlier run of a tab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastCapture {
    /// The path of the file.
    pub path: PathBuf,
    /// The number of records.
    pub records: u64,
    /// The time of the last record, in RFC 3339.
    pub at: String,
}

/// A stored tab.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SavedTab {
    /// The session.
    pub session: Session,
    /// The name of its history file; empty if there is none yet.
    pub history: String,
    /// Its last capture.
    pub capture: Option<LastCapture>,
    /// It came with a workspace that the user has not approved.
    pub untrusted: bool,
    /// The approved folders of its rules, as typed, and their canonical names.
    pub folders: BTreeMap<String, String>,
    unknown: Unknown,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    #[serde(skip_serializing_if = "String::is_empty")]
    history: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    capture: Option<LastCapture>,
    #[serde(skip_serializing_if = "is_default")]
    untrusted: bool,
    #[serde(skip_serializing_if = "is_default")]
    folders: BTreeMap<String, String>,
    session: Vec<Session>,
}

impl SavedTab {
    /// A tab of these parts, without approvals, with the unknown keys of `before`.
    pub fn new(
        session: Session,
        history: String,
        capture: Option<LastCapture>,
        before: Option<&Self>,
    ) -> Self {
        let unknown = before.map(|before| before.unknown.clone()).unwrap_or_default();
        Self { session, history, capture, unknown, ..Self::default() }
    }

    /// Parses the text of a file; `long` is the contents of the send box if they were stored separately.
    ///
    /// # Errors
    /// The first invalid value.
    pub fn from_text(text: &str, long: Option<String>) -> Result<Self, FileProblem> {
        let (File { history, capture, untrusted, folders, session }, unknown) = syntax::read_keeping(text)?;
        let [mut session] = <[Session; 1]>::try_from(session).map_err(|all| {
            let fault = Fault::Other(format!("expected one session, found {}", all.len()));
            FileProblem { line: 1, column: 1, problem: Problem::new("session", fault) }
        })?;
        if let Some(long) = long.filter(|_| session.send.content.is_empty()) {
            session.send.content = long;
        }
        Ok(Self { session, history, capture, untrusted, folders, unknown })
    }

    /// The text of a file, and the contents of the send box if they are too long for it.
    ///
    /// # Errors
    /// When it cannot be written as TOML, which never happens with typed values.
    pub fn to_text(&self) -> Result<(String, Option<String>), toml::ser::Error> {
        let Self { mut session, history, capture, untrusted, folders, unknown } = self.clone();
        let content = &mut session.send.content;
        let long = (content.len() > LONG).then(|| std::mem::take(content));
        let file = File { history, capture, untrusted, folders, session: vec![session] };
        if unknown.is_empty() {
            return Ok((toml::to_string(&file)?, long));
        }
        let mut table = toml::Table::try_from(&file)?;
        syntax::put_back(&mut table, &unknown);
        Ok((toml::to_string(&table)?, long))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::any::Any as _;
    use super::*;

    #[test]
    fn unknown_keys_are_kept() {
        let text = "newer = [1, 2]\nhistory = 'a'\n[[session]]\nlocal = '[::]:1'\nzone = 'z'\n\
            [session.options]\nttl = 3\nfast-open = true\n[[session.quick]]\ncontent = 'x'\ncolour = { r = 1 }";
        let mut tab = SavedTab::from_text(text, None).unwrap();
        assert_eq!((&tab.history[..], tab.session.options.text("ttl")), ("a", "3"));
        tab.session.name = "renamed".to_owned();
        let text = tab.to_text().unwrap().0;
        let table: toml::Table = toml::from_str(&text).unwrap();
        let session = &table["session"][0];
        assert_eq!(session["name"].as_str(), Some("renamed"));
        assert_eq!(table["newer"].as_array().map(Vec::len), Some(2));
        assert_eq!(session["zone"].as_str(), Some("z"));
        assert_eq!(session["options"]["fast-open"].as_bool(), Some(true));
        assert_eq!(session["quick"][0]["colour"]["r"].as_integer(), Some(1));
        assert_eq!(SavedTab::from_text(&text, None).unwrap(), tab);
        // Those of a table in which all else has its default value, too.
        let text =
            "[[session]]\n[[session.rule]]\n[session.rule.modbus]\nnewer = 1\n[session.view]\nnewest = 2";
        let defaults = SavedTab::from_text(text, None).unwrap();
        assert_eq!(SavedTab::from_text(&defaults.to_text().unwrap().0, None).unwrap(), defaults);
        // Unknown keys are removed together with their entry of a list.
        tab.session.quick.clear();
        assert!(!tab.to_text().unwrap().0.contains("colour"));
    }

    #[test]
    fn errors_name_the_field() {
        let problem = SavedTab::from_text("[[session]]\nprotocol = 'smtp'", None).unwrap_err();
        assert_eq!((problem.line, &problem.problem.path[..]), (2, "session.0.protocol"));
        assert!(matches!(problem.problem.fault, Fault::OneOf(_)));
        assert!(SavedTab::from_text("[[session]]\n[[session]]", None).is_err(), "a tab has one session");
    }

    #[test]
    fn long_contents_are_stored_separately() {
        for (n, is_long) in [(0, false), (LONG, false), (LONG + 1, true)] {
            let mut tab = SavedTab::default();
            tab.session.send.content = "x".repeat(n);
            let (text, long) = tab.to_text().unwrap();
            assert_eq!((long.is_some(), text.len() < LONG), (is_long, is_long || n == 0));
            assert_eq!(SavedTab::from_text(&text, long).unwrap(), tab);
        }
        let text = "[[session]]\nsend.content = 'newer'";
        let stale = SavedTab::from_text(text, Some("older".into())).unwrap();
        assert_eq!(stale.session.send.content, "newer");
    }

    proptest! {
        #[test]
        fn tabs_survive_writing_and_reading(session in Session::any(), history in ".{0,9}", records in any::<u32>()) {
            let (path, at) = ("/x/y.pcapng".into(), "2026-11-20T14:51:15Z".to_owned());
            let capture = Some(LastCapture { path, records: records.into(), at });
            let mut tab = SavedTab::new(session, history, capture, None);
            tab.untrusted = records % 2 == 0;
            tab.folders.insert(tab.history.clone(), "/srv \"x\"".to_owned());
            let text = tab.to_text().unwrap().0;
            prop_assert_eq!(SavedTab::from_text(&text, None).unwrap(), tab, "{}", text);
        }
    }
}
