//! Any text as a workspace, and as a stored tab: what is read is written so that it is read again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use netassist_fuzz::model::Problem;
use netassist_fuzz::workspace::{FileProblem, RulesOf, SavedTab, Workspace, WorkspaceFile};

fuzz_target!(|text: &str| {
    match WorkspaceFile::parse(text.to_owned()) {
        Ok(file) => check(&file),
        Err(problem) => check_problem(text, &problem),
    }
    match SavedTab::from_text(text, None) {
        Ok(tab) => {
            let (written, long) = tab.to_text().expect("typed values");
            let again = SavedTab::from_text(&written, long);
            assert_eq!(again.as_ref(), Ok(&tab), "{written}");
        }
        Err(problem) => assert!(!problem.to_string().is_empty()),
    }
});

fn check(file: &WorkspaceFile) {
    let (text, workspace) = (file.text(), &file.workspace);
    for (n, session) in workspace.sessions.iter().enumerate() {
        let problems = session.problems();
        problems.iter().chain(&session.unused()).for_each(check_words);
        if let Err(problem) = file.opening(n) {
            check_problem(text, &problem);
        }
        let warnings = [
            file.warnings(n, session, Vec::new()),
            file.rule_warnings(RulesOf::Session(n), session.protocol),
        ];
        warnings.iter().flatten().for_each(|warning| check_problem(text, warning));
        assert_eq!(session.link().is_err(), !problems.is_empty(), "{problems:?}");
        for quick in &session.quick {
            if let Err(problem) = file.quick(n, &quick.name) {
                check_problem(text, &problem);
            }
        }
    }
    let written = workspace.print().expect("typed values");
    let again = WorkspaceFile::parse(written.clone()).map(|file| file.workspace);
    assert_eq!(again.as_ref(), Ok::<&Workspace, &_>(workspace), "{written}");
}

/// The place of a problem is in the text.
fn check_problem(text: &str, FileProblem { line, column, problem }: &FileProblem) {
    // An error at the end of a text that ends in a line break is on the line after it.
    let lines = text.split('\n').count();
    assert!((1..=lines).contains(line) && *column >= 1, "line {line} of {lines}, column {column}");
    let chars = text.split('\n').nth(line - 1).map_or(0, |line| line.chars().count());
    assert!(*column <= chars + 1, "line {line}, column {column} of {chars}");
    check_words(problem);
}

fn check_words(problem: &Problem) {
    assert!(!problem.to_string().is_empty());
}
