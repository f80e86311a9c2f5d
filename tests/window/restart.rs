//! What is typed outlives a window that is killed.

use std::path::Path;

use netassist::ui::lang::Lang;

use crate::driver::{Driver, Launch};

/// Whether a file below `folder` has this text in it.
fn has(folder: &Path, text: &str) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).any(|path| {
        let found = || std::fs::read_to_string(&path).is_ok_and(|found| found.contains(text));
        if path.is_dir() { has(&path, text) } else { found() }
    })
}

#[test]
fn what_is_typed_outlives_a_window_that_is_killed() {
    let lang = Lang::En;
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().to_str().expect("a plain path");
    let windows = folder.path().join("windows");
    let envs = [("NETASSIST_STATE_DIR", state)];
    let launch = Launch { envs: &envs, size: [1200, 800], ..Launch::default() };
    let mut window = Driver::launch(&launch);
    window.set_text(lang.send_box(), "survives a kill");
    window.wait_until("the tab's file", |_| has(&windows, "survives a kill"));
    window.wait_until("the window's file", |_| has(&windows, "size = [1200.0, 800.0]"));
    let second = Driver::launch(&launch);
    assert!(!second.shows("survives a kill"), "the window that has it is open");
    drop(window);
    drop(second);

    let mut again = Driver::launch(&launch);
    again.wait_for_text("survives a kill");
    let log = std::fs::read_to_string(folder.path().join("netassist.log")).expect("a log");
    assert!(log.contains("toolkit: egui"), "{log}");
    assert!(!log.contains("survives"), "the log has nothing that was typed: {log}");
}
