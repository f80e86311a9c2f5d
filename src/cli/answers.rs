//! What a session on the command line answers by itself: one of the two usual ways, or the rules of a file.

use super::args::SessionFlags;
use super::pages::{Pages, pages};
use crate::codec::frame::Framing;
use crate::model::{Protocol, Rule, Rules, Then, UserCommand, nearest};
use crate::state::Commands;
use crate::store::{folders, settings};
use crate::workspace::{self, Consequence, FileProblem, RulesOf, WorkspaceFile};

/// What is answered.
#[derive(Debug, Default)]
pub(super) struct Answers {
    pub(super) rules: Rules,
    /// The framing in the file, if it has one.
    pub(super) framing: Option<Framing>,
    pub(super) pages: Pages,
    /// What rules set without effect.
    pub(super) warnings: Vec<String>,
}

impl Answers {
    /// As the options say.
    pub(super) fn new(session: &SessionFlags, protocol: Protocol) -> Result<Self, String> {
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
        let warnings = |of| {
            let all = file.rule_warnings(of, protocol).into_iter();
            all.map(|problem| format!("{}, {problem}", path.display())).collect()
        };
        let is_session = file.workspace.rules.is_empty();
        let mut answers = match (file.workspace.rules.is_empty(), file.workspace.sessions.len()) {
            (true, 1) => {
                let rules = file.rules(RulesOf::Session(0)).map_err(in_file)?;
                let framing = Some(file.opening(0).map_err(in_file)?.framing);
                let pages = pages(&file, 0, &rules).map_err(in_file)?;
                Self { rules, framing, pages, warnings: warnings(RulesOf::Session(0)) }
            }
            (true, n) if n > 1 => {
                return Err(wrong(&format_args!(
                    "{} has {n} sessions; expected one session, or [[rule]] tables outside sessions",
                    path.display()
                )));
            }
            (true | false, _) => {
                let of = RulesOf::None(session.charset);
                let rules = file.rules(of).map_err(in_file)?;
                if let Some(rule) = rules.rules.iter().find(|rule| matches!(rule.then, Then::Sequence(_))) {
                    let why = "a rule that runs quick sends must be in a session that has them".to_owned();
                    return Err(in_file(file.at(&format!("rule.{}.page", rule.id.0), why)));
                }
                Self { rules, warnings: warnings(of), ..Self::default() }
            }
        };
        if answers.rules.is_empty() {
            return Err(wrong(&format_args!("{} has no active rule", path.display())));
        }
        let prefix = if is_session { "session.0." } else { "" };
        let allowed = allow(&mut answers.rules, session);
        allowed.map_err(|(place, why)| in_file(file.at(&format!("{prefix}{place}"), why)))?;
        Ok(answers)
    }
}

/// Approves the folders of rules that are at or below one of those allowed, and defines their commands.
///
/// # Errors
/// When another folder or an unknown command is used: the path of the field, and why, with the flag.
pub(super) fn allow(rules: &mut Rules, session: &SessionFlags) -> Result<(), (String, String)> {
    let allowed = &session.allow_folder;
    let place = |rule: &Rule, field: &str| format!("rule.{}.{field}", rule.id.0);
    let mut commands = Commands::default();
    if let Some(rule) = rules.rules.iter().find(|rule| matches!(rule.then, Then::Run(_))) {
        let path = folders::settings_file();
        let kept = path.map_or(Ok(None), |path| settings::value::<Commands>(&path, "alert_commands"));
        commands = kept.map_err(|error| (place(rule, "command"), error.to_string()))?.unwrap_or_default();
        commands.extend(session.alert_command.iter().cloned());
        rules.define_commands(|name| commands.get(name).cloned());
    }
    rules.approve(|folder| {
        let folder = workspace::canonical(folder)?;
        allowed.iter().find(|allowed| folder.starts_with(allowed)).cloned()
    });
    for rule in &rules.rules {
        if let Then::Run(UserCommand { name: command, line: None }) = &rule.then {
            let near = nearest(command, commands.keys().map(String::as_str));
            let near = near.map_or_else(String::new, |near| format!("did you mean ‘{near}’? Else "));
            let why = format!(
                "unknown command ‘{command}’; {near}define it in the settings, or add \
                 '--alert-command {command}=COMMAND'"
            );
            return Err((place(rule, "command"), why));
        }
        let (file, does): (_, fn(String) -> Consequence) = match &rule.then {
            Then::SendFile(file) => (file, Consequence::SendsFiles),
            Then::SaveFile { file, .. } => (file, Consequence::SavesFiles),
            _other => continue,
        };
        if file.approved.is_none() {
            let folder = file.folder.display().to_string();
            let does = does(folder.clone());
            let why = format!("{does}; to allow this, add '--allow-folder {folder}'");
            return Err((place(rule, "folder"), why));
        }
    }
    Ok(())
}
