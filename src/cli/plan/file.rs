//! `netassist run`: the plan of a session that stands in a workspace file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ArgMatches;
use clap::parser::ValueSource;

use super::{Plan, check_effect, in_flags, short_wait};
use crate::cli::answers::allow;
use crate::cli::args::{RowWords, RunFile, Sent};
use crate::cli::pages::{pages, ticked};
use crate::model::Problem;
use crate::workspace::{self, Consequence, FileProblem, RulesOf, Workspace, WorkspaceFile};

impl Plan {
    /// The plan of a session in a file. Options on the command line override those in the file.
    pub(in crate::cli) fn of_file(args: RunFile, matches: &ArgMatches) -> Result<Self, String> {
        let RunFile { file: path, name, send_quick, send_page, max_connections, options, mut session } = args;
        let file = WorkspaceFile::read(&path).map_err(|error| error.to_string())?;
        let in_file = |problem: FileProblem| format!("{}, {problem}", path.display());
        let n = nth(&file.workspace, name.as_deref(), &path)?;
        let framing = file.opening(n).map_err(in_file)?.framing;
        let mut form = file.workspace.sessions.get(n).cloned().unwrap_or_default();
        options.set(&mut form.options);
        short_wait(&mut form.options, &session.answers.within)?;
        let wrong = |problem: Problem| in_flags(&form, &problem);
        let opened = form.link().map_err(wrong)?;
        for does in form.consequences() {
            let (Consequence::WritesLog(to) | Consequence::WritesKeys(to)) = &does else { continue };
            let is_log = matches!(does, Consequence::WritesLog(_));
            if !options.typed().text(if is_log { "log-file" } else { "keylog" }).is_empty() {
                continue;
            }
            let folder = Path::new(to).parent().and_then(Path::to_str).filter(|folder| !folder.is_empty());
            let folder = folder.unwrap_or(".");
            let found = workspace::canonical(Path::new(folder));
            if !found
                .is_some_and(|found| session.allow_folder.iter().any(|allowed| found.starts_with(allowed)))
            {
                let why = format!("{does}; to allow this, add '--allow-folder {folder}'");
                let key = if is_log { "log-file" } else { "keylog" };
                return Err(in_file(file.at(&format!("session.{n}.options.{key}"), why)));
            }
        }
        let mut rules = file.rules(RulesOf::Session(n)).map_err(in_file)?;
        let answers = session.echo || session.relay || session.rules.is_some();
        if !answers {
            let allowed = allow(&mut rules, &session);
            let wrong = |(place, why): (String, String)| file.at(&format!("session.{n}.{place}"), why);
            allowed.map_err(wrong).map_err(in_file)?;
        }
        if matches.value_source("charset") != Some(ValueSource::CommandLine) {
            session.charset = form.charset;
        }
        session.send_charset = session.send_charset.or(form.send_charset);
        session.body = session.body.or(Some(form.view.body));
        let places = matches.indices_of("send_quick").into_iter().flatten();
        let kept = |(place, name): (usize, &String)| -> Result<Sent, String> {
            let sent = Sent::plain(place, file.quick(n, name).map_err(in_file)?);
            Ok(Sent { words: RowWords { name: format!("‘{name}’"), expected: None }, ..sent })
        };
        let mut kept = places.zip(&send_quick).map(kept).collect::<Result<Vec<_>, _>>()?;
        if let Some((page, place)) = send_page.as_deref().zip(matches.index_of("send_page")) {
            let rows = ticked(&file, n, page).map_err(in_file)?;
            kept.extend(rows.into_iter().map(|(row, words)| Sent { place, row, words }));
        }
        let is_framed = session.frame.is_some();
        // The rules of the file hear messages.
        let heard = if rules.is_empty() { None } else { session.frame.take() };
        let starts_tls = session.answers.start_tls;
        let mut plan = Self::new(opened, session, kept, matches)?;
        if heard.is_some() || !is_framed {
            plan.framing = heard.unwrap_or(framing);
        }
        let framed = workspace::Session { framing: plan.framing.to_string(), ..form.clone() };
        let flags = options.typed();
        plan.warnings.extend(check_effect(&framed, &flags, starts_tls)?);
        if !answers {
            plan.pages = pages(&file, n, &rules).map_err(in_file)?;
            plan.rules = Arc::new(rules);
        }
        // Those of the file, but for what the command line says.
        Arc::make_mut(&mut plan.rules).relay = form.relay_faults().map_err(wrong)?;
        let is_flag = |path: &str| path.strip_prefix("options.").is_some_and(|name| flags.has(name));
        let under_rules = plan.unused_under_rules(&form);
        if let Some(unused) = under_rules.iter().find(|problem| is_flag(&problem.path)) {
            return Err(wrong(unused.clone()));
        }
        let unused = file.warnings(n, &framed, under_rules);
        let unused = unused.into_iter().filter(|found| !is_flag(&found.problem.path));
        plan.warnings.extend(unused.map(|problem| format!("{}, {problem}", path.display())));
        if max_connections.is_some() && !plan.link.protocol().accepts() {
            return Err(
                "'--max-connections <N>' needs a session of protocol tcp-server or tcp-relay".to_owned()
            );
        }
        plan.limits.connections = max_connections;
        plan.log = form.log_file().map(PathBuf::from);
        Ok(plan)
    }
}

fn nth(workspace: &Workspace, name: Option<&str>, path: &Path) -> Result<usize, String> {
    let names: Vec<String> = workspace.sessions.iter().map(|session| format!("‘{}’", session.name)).collect();
    let (path, names) = (path.display(), names.join(", "));
    let wrong = |why: &str| Err(format!("{path}: {why}; expected one of {names}"));
    match (name, workspace.sessions.len()) {
        (_, 0) => Err(format!("{path}: no [[session]] in this file")),
        (None, 1) => Ok(0),
        (None, _) => wrong("several sessions in this file; choose one with '--session <NAME>'"),
        (Some(name), _) => {
            let mut found = (0..).zip(&workspace.sessions).filter(|(_, session)| session.name == name);
            match (found.next(), found.next()) {
                (Some((n, _)), None) => Ok(n),
                (Some(_), Some(_)) => wrong("two sessions have this name"),
                (None, _) => wrong(&format!("unknown session ‘{name}’")),
            }
        }
    }
}
