//! `netassist run`: the plan of a session that stands in a workspace file.

use std::path::Path;
use std::sync::Arc;

use clap::ArgMatches;
use clap::parser::ValueSource;

use super::{Pages, Plan, link_of, short_wait};
use crate::cli::args::{RunFile, Sent};
use crate::model::{Protocol, Rules, SequenceRow, Then};
use crate::workspace::{FileProblem, QuickSend, RulesOf, Workspace, WorkspaceFile};

impl Plan {
    /// The plan of a session in a file. What is told on the command line as well counts as it is told there.
    pub(in crate::cli) fn of_file(args: RunFile, matches: &ArgMatches) -> Result<Self, String> {
        let RunFile { file: path, name, send_quick, send_page, max_connections, options, mut session } = args;
        let file = WorkspaceFile::read(&path).map_err(|error| error.to_string())?;
        let in_file = |problem: FileProblem| format!("{}, {problem}", path.display());
        let n = nth(&file.workspace, name.as_deref(), &path)?;
        let framing = file.opening(n).map_err(in_file)?.framing;
        // What the flags set counts, whatever the file says.
        let mut form = file.workspace.sessions.get(n).cloned().unwrap_or_default();
        options.set(&mut form.options);
        short_wait(&mut form.options, &session.answers.within)?;
        let (link, options) = link_of(&form)?;
        let rules = file.rules(RulesOf::Session(n)).map_err(in_file)?;
        if matches.value_source("charset") != Some(ValueSource::CommandLine) {
            session.charset = form.charset;
        }
        let places = matches.indices_of("send_quick").into_iter().flatten();
        let kept = |(place, name): (usize, &String)| -> Result<Sent, String> {
            Ok(Sent::plain(place, file.quick(n, name).map_err(in_file)?))
        };
        let mut kept = places.zip(&send_quick).map(kept).collect::<Result<Vec<_>, _>>()?;
        if let Some((page, place)) = send_page.as_deref().zip(matches.index_of("send_page")) {
            if options.short.is_some() {
                return Err("'--send-page <PAGE>' is not for a session with short connections".to_owned());
            }
            let rows = ticked(&file, n, page).map_err(in_file)?;
            kept.extend(rows.into_iter().map(|(row, expected)| Sent { place, row, expected }));
        }
        let is_framed = session.frame.is_some();
        let answers = session.echo || session.relay || session.rules.is_some();
        // The rules of the file hear messages.
        let heard = if rules.is_empty() { None } else { session.frame.take() };
        let mut plan = Self::new((link, options), session, kept, matches)?;
        plan.warnings =
            file.warnings().iter().map(|problem| format!("{}, {problem}", path.display())).collect();
        match heard {
            Some(framing) => plan.framing = framing,
            None if is_framed => {}
            None => plan.framing = framing,
        }
        if !answers {
            plan.pages = pages(&file, n, &rules).map_err(in_file)?;
            plan.rules = Arc::new(rules);
        }
        if max_connections.is_some() && plan.link.protocol() != Protocol::TcpServer {
            return Err("'--max-connections <N>' is for a tcp-server, and this session is none".to_owned());
        }
        plan.limits.connections = max_connections;
        Ok(plan)
    }
}

/// Which session is meant.
fn nth(workspace: &Workspace, name: Option<&str>, path: &Path) -> Result<usize, String> {
    let names: Vec<String> =
        workspace.sessions.iter().map(|session| format!("\u{2018}{}\u{2019}", session.name)).collect();
    let (path, names) = (path.display(), names.join(", "));
    let wrong = |why: &str| Err(format!("{path}: {why}; expected one of {names}"));
    match (name, workspace.sessions.len()) {
        (_, 0) => Err(format!("{path}: there is no [[session]] in it")),
        (None, 1) => Ok(0),
        (None, _) => wrong("there are several sessions in it: choose one with '--session <NAME>'"),
        (Some(name), _) => {
            let mut found = (0..).zip(&workspace.sessions).filter(|(_, session)| session.name == name);
            match (found.next(), found.next()) {
                (Some((n, _)), None) => Ok(n),
                (Some(_), Some(_)) => wrong("two sessions have this name"),
                (None, _) => wrong(&format!("no session is called \u{2018}{name}\u{2019}")),
            }
        }
    }
}

/// The sequences that rules of the nth session ask for, by their pages of quick sends: of each the rows that are
/// ticked.
pub(in crate::cli) fn pages(file: &WorkspaceFile, n: usize, rules: &Rules) -> Result<Pages, FileProblem> {
    let mut pages = Pages::new();
    for rule in &rules.rules {
        let Then::Sequence(page) = &rule.then else { continue };
        let rows = ticked(file, n, page).map_err(|problem| {
            file.at_session(n, format!("a rule runs a page of quick sends: {}", problem.problem))
        })?;
        pages.insert(page.clone(), rows.into_iter().map(|(row, _expected)| row).collect());
    }
    Ok(pages)
}

/// The quick sends that are ticked on a page of the nth session, each with the answer that it waits for, as it was
/// typed.
fn ticked(
    file: &WorkspaceFile,
    n: usize,
    page: &str,
) -> Result<Vec<(SequenceRow, Option<String>)>, FileProblem> {
    let wrong = |why: String| file.at_session(n, why);
    let session = file.workspace.sessions.get(n).ok_or_else(|| wrong("there is none".to_owned()))?;
    let row = |quick: &QuickSend| {
        let title = quick.title();
        let wrong = |problem| wrong(format!("the quick send \u{2018}{title}\u{2019}: {problem}"));
        let row = quick.sequence_row(session.charset).map_err(wrong)?;
        let expected = quick.expect.map(|kind| format!("{} {}", kind.name(), quick.pattern));
        Ok((row, expected.map(|expected| expected.trim_end().to_owned())))
    };
    let ticked = session.quick.iter().filter(|quick| quick.page == page && quick.ticked);
    let rows = ticked.map(row).collect::<Result<Vec<_>, _>>()?;
    if rows.is_empty() {
        let why = "no quick send is ticked on the page";
        return Err(wrong(format!("{why} \u{2018}{page}\u{2019}")));
    }
    Ok(rows)
}
