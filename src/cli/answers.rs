//! What a session on the command line answers by itself: one of the two usual ways, or the rules of a file.

use super::args::Session;
use super::pages::{Pages, pages};
use crate::codec::frame::Framing;
use crate::model::{Rules, Then};
use crate::workspace::{FileProblem, RulesOf, WorkspaceFile};

/// What is answered.
#[derive(Debug, Default)]
pub(super) struct Answers {
    pub(super) rules: Rules,
    /// The framing in the file, if it has one.
    pub(super) framing: Option<Framing>,
    pub(super) pages: Pages,
}

impl Answers {
    /// As the options say.
    pub(super) fn new(session: &Session) -> Result<Self, String> {
        let Some(path) = &session.rules else {
            let rules = match (session.echo, session.relay) {
                (true, _) => Rules::echo(),
                (false, true) => Rules::relay(),
                (false, false) => Rules::default(),
            };
            return Ok(Self { rules, ..Self::default() });
        };
        let wrong = |why: &dyn std::fmt::Display| format!("invalid value for '--rules <FILE.toml>': {why}");
        let in_file = |problem: FileProblem| wrong(&format_args!("{}, {problem}", path.display()));
        let file = WorkspaceFile::read(path).map_err(|error| wrong(&error))?;
        let answers = match (file.workspace.rules.is_empty(), file.workspace.sessions.len()) {
            (true, 1) => {
                let rules = file.rules(RulesOf::Session(0)).map_err(in_file)?;
                let framing = Some(file.opening(0).map_err(in_file)?.framing);
                let pages = pages(&file, 0, &rules).map_err(in_file)?;
                Self { rules, framing, pages }
            }
            (true, n) if n > 1 => {
                return Err(wrong(&format_args!(
                    "{} has {n} sessions; expected one session, or [[rule]] tables outside sessions",
                    path.display()
                )));
            }
            (true | false, _) => {
                let rules = file.rules(RulesOf::None(session.charset)).map_err(in_file)?;
                if rules.rules.iter().any(|rule| matches!(rule.then, Then::Sequence(_))) {
                    return Err(wrong(&format_args!(
                        "{}: a rule that runs quick sends must be in a session that has them",
                        path.display()
                    )));
                }
                Self { rules, ..Self::default() }
            }
        };
        if answers.rules.is_empty() {
            return Err(wrong(&format_args!("{} has no active rule", path.display())));
        }
        Ok(answers)
    }
}
