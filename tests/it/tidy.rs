//! The rules of the house that no compiler checks: who may import whom, where the clock, the sockets
//! and the toolkit may be spoken of, how files begin.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its helpers too")]

mod source;

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use netassist::model::{FAULT_KEYS, OptionSpec};
use source::{code, names_under, phrase, without_tests};

/// The rooms of the library, and whom each may import. `app` and `cli`, the two shells, may all but
/// each other.
const ROOMS: [(&str, &[&str]); 13] = [
    ("model", &["codec"]),
    ("codec", &[]),
    ("rules", &["model", "codec"]),
    ("workspace", &["model", "rules", "codec"]),
    ("net", &["model", "rules", "codec"]),
    ("store", &[]),
    ("journal", &["model", "store"]),
    ("analysis", &["journal", "model", "codec"]),
    ("export", &["analysis", "journal", "model", "codec"]),
    ("state", &["model", "codec", "rules", "workspace"]),
    ("ui", &["state", "workspace", "rules", "analysis", "journal", "model", "codec"]),
    ("app", &ALL_BUT_SHELLS),
    ("cli", &ALL_BUT_SHELLS),
];

const ALL_BUT_SHELLS: [&str; 11] =
    ["model", "codec", "rules", "workspace", "net", "store", "journal", "analysis", "export", "state", "ui"];

/// What may be spoken of only in some rooms, code of tests excepted.
const CONFINED: [(&str, &[&str], &[&str]); 3] = [
    ("the toolkit", &["egui", "eframe"], &["app", "ui"]),
    (
        "sockets",
        &["TcpStream", "TcpListener", "UdpSocket", "mio", "socket2", "nix::sys::socket", "nix::net"],
        &["net"],
    ),
    (
        "the clock",
        &["Instant::now", "SystemTime::now", "Timestamp::now", "Zoned::now", ".elapsed()"],
        &["app", "cli", "net"],
    ),
];

struct File {
    /// From the root of the repository, with slashes.
    name: String,
    text: String,
}

impl File {
    fn is_source(&self) -> bool {
        Path::new(&self.name).extension().is_some_and(|extension| extension == "rs")
    }

    fn is_test(&self) -> bool {
        self.name.ends_with("tests.rs") || self.name.contains("/tests/")
    }

    /// `src/ui/log.rs` → `ui`; `lib.rs` and the programs are rooms of their own here.
    fn room(&self) -> &str {
        let inner = self.name.strip_prefix("src/").unwrap_or(&self.name);
        inner.split(['/', '.']).next().unwrap_or(inner)
    }

    /// How many times `super::` leads out of all rooms: `src/net.rs` 1, `src/net/udp.rs` 2.
    fn depth(&self) -> usize {
        self.name.matches('/').count()
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Folders that hold no source: what is built, and what a search for faults has made.
const NOT_OURS: [&str; 6] =
    ["target", ".git", "fuzz/target", "fuzz/corpus", "fuzz/artifacts", "fuzz/coverage"];

/// All files below `folder` that are text, but for what is [`NOT_OURS`].
fn files(folder: &str) -> Vec<File> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let entries: Vec<PathBuf> = std::fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
            .map(|entry| entry.unwrap().path())
            .collect();
        for path in entries {
            let name = path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
            if path.is_dir() {
                if !NOT_OURS.contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if name == ".git" {
                // A work tree's pointer to its repository.
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                found.push(File { name, text });
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn source_files() -> Vec<File> {
    let mut files = files("src");
    files.retain(File::is_source);
    assert!(files.len() > 50, "only {} files: is this the right folder?", files.len());
    files
}

/// Fails with all of them at once.
#[track_caller]
fn none(violations: &str) {
    assert!(violations.is_empty(), "\n{violations}");
}

/// The rooms that this file imports but may not.
fn wrong_imports(file: &File) -> String {
    let mut wrong = String::new();
    let Some((room, allowed)) = ROOMS.iter().find(|(room, _)| *room == file.room()) else { return wrong };
    let code = code(&file.text);
    let mut named = names_under(&code, "crate");
    let out = "super::".repeat(file.depth());
    let is_room = |name: &str| ROOMS.iter().any(|(room, _)| *room == name);
    for root in [out.trim_end_matches(':'), "netassist"] {
        named.extend(names_under(&code, root).into_iter().filter(|found| is_room(&found.name)));
    }
    for found in named {
        if found.name != *room && !allowed.contains(&found.name.as_str()) {
            writeln!(wrong, "{}:{}: {room} may not import {}", file.name, found.line, found.name).unwrap();
        }
    }
    wrong
}

#[test]
fn rooms_import_only_whom_they_may() {
    let files = source_files();
    let known: Vec<&str> = ROOMS.iter().map(|(room, _)| *room).chain(["lib", "main", "console"]).collect();
    let strangers = files.iter().filter(|file| !known.contains(&file.room()));
    assert_eq!(strangers.map(|file| &file.name).collect::<Vec<_>>(), [""; 0], "of no room");
    for room in known {
        assert!(files.iter().any(|file| file.room() == room), "{room} is no room any more");
    }
    none(&files.iter().map(wrong_imports).collect::<String>());
}

#[test]
fn the_rule_of_imports_would_see_a_wrong_one() {
    let wrong = |name: &str, text: &str| {
        let file = File { name: name.to_owned(), text: text.to_owned() };
        wrong_imports(&file).lines().count()
    };
    assert_eq!(wrong("src/codec/hex.rs", "use crate::model::Flow;"), 1);
    assert_eq!(wrong("src/net/udp.rs", "use crate::{model::Flow, rules, journal, state};"), 2);
    assert_eq!(wrong("src/net.rs", "use super::journal::Writer;"), 1);
    assert_eq!(wrong("src/net/udp.rs", "use super::super::journal;"), 1);
    assert_eq!(wrong("src/net/udp.rs", "use super::log::Log; use crate::net::Clock;"), 0);
    assert_eq!(wrong("src/ui/log.rs", "fn f(x: &crate::net::Session) { netassist::app::run() }"), 2);
    assert_eq!(wrong("src/app/run.rs", "use crate::{net, journal, export};"), 0);
}

#[test]
fn toolkit_sockets_and_clock_stay_in_their_rooms() {
    let mut wrong = String::new();
    for file in source_files() {
        let code = code(&file.text);
        let code = without_tests(&code);
        for (what, words, rooms) in CONFINED {
            if file.is_test() || rooms.contains(&file.room()) {
                continue;
            }
            for found in words.iter().flat_map(|word| phrase(&code, word)) {
                writeln!(wrong, "{}:{}: {what} ({})", file.name, found.line, found.name).unwrap();
            }
        }
    }
    none(&wrong);
}

#[test]
fn each_confined_thing_is_found_where_it_may_be() {
    let files = source_files();
    for (what, words, rooms) in CONFINED {
        for room in rooms {
            let mut of_room = files.iter().filter(|file| file.room() == *room);
            let speaks = |file: &File| words.iter().any(|word| !phrase(&code(&file.text), word).is_empty());
            assert!(of_room.any(speaks), "{room} speaks of {what} no more: tighten the rule");
        }
    }
}

fn is_language(file: &File) -> bool {
    file.name.starts_with("src/ui/lang/")
}

#[test]
fn only_the_files_of_languages_speak_chinese() {
    let mut wrong = String::new();
    for file in source_files() {
        if !["app", "ui"].contains(&file.room()) || is_language(&file) || file.is_test() {
            continue;
        }
        for (n, line) in without_tests(&file.text).lines().enumerate() {
            if line.chars().any(|c| ('\u{3000}'..='\u{9FFF}').contains(&c)) {
                writeln!(wrong, "{}:{}: {line}", file.name, n + 1).unwrap();
            }
        }
    }
    none(&wrong);
}

#[test]
fn every_text_of_the_window_is_used() {
    let files = source_files();
    let english = files.iter().find(|file| file.name == "src/ui/lang/en.rs").unwrap();
    let mut used: HashSet<String> = HashSet::new();
    for file in files.iter().filter(|file| file.room() == "ui" || file.room() == "app") {
        if !is_language(file) {
            let code = code(&file.text);
            used.extend(code.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_owned));
        }
    }
    let keys = english.text.lines().filter_map(|line| line.strip_prefix("    ")?.split_once(": \""));
    let names = keys.flat_map(|(keys, _)| keys.split('(').next().unwrap_or("").split(", "));
    // Those of options and of a relay's faults are found by the names in their tables.
    let of_options = |name: &str| {
        let option = name.strip_prefix("opt_").map(|name| name.trim_end_matches("_tip").replace('_', "-"));
        option.is_some_and(|option| OptionSpec::find(&option).is_some())
    };
    let of_faults = |name: &str| {
        let key = name.strip_prefix("lf_").map(|name| name.trim_end_matches("_tip"));
        key.is_some_and(|key| FAULT_KEYS.iter().any(|(known, ..)| *known == key))
    };
    let is_used = |name: &&str| used.contains(*name) || of_options(name) || of_faults(name);
    let unused: Vec<&str> = names.filter(|name| !is_used(name)).collect();
    assert_eq!(unused, [""; 0], "not used");
}

#[test]
fn files_begin_by_saying_what_they_are() {
    for file in source_files() {
        assert!(file.text.starts_with("//! "), "{} begins without //!", file.name);
        let first = file.text.lines().take_while(|line| line.starts_with("//!")).last().unwrap_or("");
        assert!(first.ends_with(['.', ':', '`', '|']), "{}: {first:?} ends no sentence", file.name);
    }
    for file in files("tests").iter().filter(|file| file.is_source()) {
        assert!(file.text.starts_with("//! "), "{} begins without //!", file.name);
    }
}

#[test]
fn modules_are_files_with_the_name_of_their_folder() {
    let all = source_files().into_iter().chain(files("tests"));
    let wrong: Vec<String> = all.map(|file| file.name).filter(|name| name.ends_with("/mod.rs")).collect();
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn the_programs_only_start_a_shell() {
    let files = source_files();
    let programs: Vec<&File> =
        files.iter().filter(|file| ["main", "console"].contains(&file.room())).collect();
    assert_eq!(programs.len(), 2);
    for program in programs {
        let n = program.text.lines().count();
        assert!(n <= 40, "{}: {n} lines", program.name);
        let named = names_under(&code(&program.text), "netassist");
        assert!(named.iter().all(|found| ["app", "cli"].contains(&found.name.as_str())), "{named:?}");
    }
}

/// What the model's types mean is said in whole sentences; the compiler asks only for some words.
#[test]
fn the_model_is_documented_in_sentences() {
    let mut wrong = String::new();
    for file in source_files().iter().filter(|file| file.room() == "model") {
        let lines: Vec<&str> = file.text.lines().map(str::trim).collect();
        for (at, pair) in lines.windows(2).enumerate() {
            let (last, next) = (pair[0], pair[1]);
            if last.starts_with("///") && !next.starts_with("///") && !last.ends_with(['.', ':', '`']) {
                writeln!(wrong, "{}:{}: {last}", file.name, at + 1).unwrap();
            }
        }
    }
    none(&wrong);
}

#[test]
fn nothing_names_a_folder_of_the_machine_it_was_written_on() {
    // In pieces, or this file would be the first to be found.
    let homes = [["/ho", "me/"], ["/ro", "ot/"], ["/Us", "ers/"], ["\\Us", "ers\\"], ["/wo", "rk/"]];
    let homes: Vec<String> = homes.iter().map(|parts| parts.concat()).collect();
    let mut wrong = String::new();
    for file in files("") {
        for (n, line) in file.text.lines().enumerate() {
            if homes.iter().any(|home| line.contains(home.as_str())) {
                writeln!(wrong, "{}:{}: {line}", file.name, n + 1).unwrap();
            }
        }
    }
    none(&wrong);
}
