//! What packages contain besides the program: it fits the program, and the scripts that fill it in work.

use std::fs;
use std::path::Path;
#[cfg(unix)]
use std::process::Command;

use netassist::cli::{Parsed, parse_from};
#[cfg(unix)]
use tempfile::TempDir;

fn text(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}")).replace("\r\n", "\n")
}

/// The value of a key of the menu entry.
fn entry(key: &str) -> String {
    let text = text("assets/linux/netassist.desktop");
    text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('=')).unwrap().to_owned()
}

#[test]
fn the_menu_entry_starts_the_window_with_and_without_files() {
    let exec = entry("Exec");
    let (command, files) = exec.split_once(" %F").unwrap();
    assert_eq!(files, "");
    for files in [&[][..], &["a.pcapng"], &["a.pcapng", "lab.netassist.toml"]] {
        match parse_from(command.split(' ').chain(files.iter().copied())) {
            Ok(Parsed::Window { files: opened }) => {
                assert_eq!(opened, files.iter().map(Into::into).collect::<Vec<std::path::PathBuf>>());
            }
            other => panic!("{exec}: {other:?}"),
        }
    }
    let app = text("src/app.rs");
    assert!(app.contains(&format!(".with_app_id({:?})", entry("StartupWMClass"))), "the window's name");
}

#[test]
fn the_menu_entry_takes_the_file_types_that_are_declared() {
    let declared = text("assets/linux/netassist.xml");
    let types: Vec<&str> =
        declared.split("<mime-type type=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let mut taken: Vec<String> = entry("MimeType").split_terminator(';').map(str::to_owned).collect();
    taken.sort_by_key(|taken| types.iter().position(|declared| declared == taken));
    assert_eq!(taken, types);
}

/// What the installer installs, it removes, and only that.
#[test]
fn the_installer_removes_all_files_that_it_installs() {
    let package = text(".ci/package");
    let script = text("packaging/windows/installer.nsi");
    let copied = package.split("documents() {").nth(1).unwrap().split("\n}").next().unwrap();
    let words = copied.split(|c: char| c.is_whitespace() || c == '"' || c == '>');
    let documents = words.filter_map(|word| {
        let name = word.trim_start_matches("$1/");
        (name.starts_with(|c: char| c.is_ascii_uppercase())).then_some(name)
    });
    let mut installed: Vec<&str> =
        documents.chain(["netassist.exe", "netassist.com", "uninstall.exe"]).collect();
    let mut removed: Vec<&str> = script
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Delete \"$INSTDIR\\")?.strip_suffix('"'))
        .collect();
    installed.sort_unstable();
    removed.sort_unstable();
    assert_eq!(installed, removed);
    assert!(!script.contains("RMDir /r"), "files of the user may be there");

    // Each key that is written goes, too.
    for line in script.lines().map(str::trim).filter(|line| line.starts_with("WriteReg")) {
        let key = line.split('"').nth(1).unwrap();
        let begins = |line: &str| {
            let removed =
                line.strip_prefix("DeleteRegKey HKCU \"").or(line.strip_prefix("DeleteRegValue HKCU \""));
            removed.is_some_and(|removed| key.starts_with(removed.split('"').next().unwrap()))
        };
        assert!(script.lines().any(|line| begins(line.trim())), "stays: {line}");
    }
}

#[cfg(unix)]
#[test]
fn manifests_are_filled_in_from_checksums() {
    let folder = TempDir::new().unwrap();
    let (sums, out) = (folder.path().join("SHA256SUMS"), folder.path().join("out"));
    let version = env!("CARGO_PKG_VERSION");
    let systems = ["linux.tar.gz", "macos.dmg", "windows.zip", "windows-setup.exe"];
    let mut names: Vec<String> = systems
        .iter()
        .flat_map(|system| ["x86_64", "aarch64"].map(|arch| format!("netassist-{version}-{arch}-{system}")))
        .collect();
    let fill = |names: &[String]| {
        let lines = names.iter().enumerate().map(|(n, name)| format!("{n:064x}  {name}\n"));
        fs::write(&sums, lines.collect::<String>()).unwrap();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/manifests.py");
        let mut command = Command::new("python3");
        command.args([
            script.as_ref(),
            "https://example.org/netassist".as_ref(),
            sums.as_os_str(),
            out.as_os_str(),
        ]);
        command.output().unwrap().status.success()
    };
    assert!(fill(&names));
    let mut filled = String::new();
    for manager in fs::read_dir(&out).unwrap() {
        for file in fs::read_dir(manager.unwrap().path()).unwrap() {
            filled += &fs::read_to_string(file.unwrap().path()).unwrap();
        }
    }
    for (n, name) in names.iter().enumerate() {
        assert!(filled.contains(&format!("{n:064x}")), "{name}");
    }
    assert!(
        !filled.contains("@VERSION") && !filled.contains("@SHA") && !filled.contains("@FILES"),
        "{filled}"
    );
    names.pop();
    assert!(!fill(&names), "a file of the release is missing");
}

#[cfg(unix)]
#[test]
fn notes_of_a_release_are_those_of_its_section() {
    let folder = TempDir::new().unwrap();
    let copy = folder.path().join("packaging");
    fs::create_dir(&copy).unwrap();
    fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/notes"), copy.join("notes")).unwrap();
    fs::write(folder.path().join("Cargo.toml"), "[package]\nversion = \"1.2.3\"\n").unwrap();
    let notes = |log: &str, version: &str| {
        fs::write(folder.path().join("CHANGELOG.md"), log).unwrap();
        let output = Command::new("sh").arg(copy.join("notes")).arg(version).output().unwrap();
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
    };
    let log = "# Changelog\n\n## Unreleased\n\nlater\n\n## 1.2.3 - 2026-01-02\n\n### Added\n- this\n\n## 1.2.2\n- old\n";
    assert_eq!(notes(log, "1.2.3").unwrap().trim(), "### Added\n- this");
    assert_eq!(notes(log, "1.2.2"), None, "not the version of the program");
    assert_eq!(notes("# Changelog\n\n## Unreleased\n- this\n", "1.2.3"), None, "no section");
}
