//! A program with `netassist.portable` beside it keeps everything beside itself.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Runs the program of `folder` once, with a home and folders of ours, and gives what it said.
fn session(folder: &Path, home: &Path, elsewhere: &OsStr) -> String {
    let program = folder.join(format!("netassist{}", std::env::consts::EXE_SUFFIX));
    let mut command = Command::new(program);
    command.args(["udp", "127.0.0.1:0", "--stdin", "none", "--for", "1ms"]).env("HOME", home);
    for name in ["XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"] {
        command.env_remove(name);
    }
    for name in ["NETASSIST_DATA_DIR", "NETASSIST_CONFIG_DIR", "NETASSIST_STATE_DIR"] {
        command.env(name, elsewhere);
    }
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    said
}

#[test]
fn a_portable_program_keeps_captures_and_settings_beside_itself() {
    // On the disk of the program, so that a second name of it will do.
    let around = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let (folder, home, data) =
        (around.path().join("stick"), around.path().join("home"), around.path().join("stick/data"));
    fs::create_dir(&folder).unwrap();
    fs::create_dir(&home).unwrap();
    let program = format!("netassist{}", std::env::consts::EXE_SUFFIX);
    fs::hard_link(env!("CARGO_BIN_EXE_netassist"), folder.join(&program)).unwrap();
    fs::write(folder.join("netassist.portable"), "").unwrap();

    session(&folder, &home, OsStr::new(""));
    assert_eq!(names(&data), ["captures"]);
    assert_eq!(names(&data.join("captures")).iter().filter(|name| name.ends_with(".pcapng")).count(), 1);

    // It reads its settings there: with this one it says that captures take up too much.
    fs::write(data.join("settings.toml"), "warn_captures_mib = 0\n").unwrap();
    let said = session(&folder, &home, OsStr::new(""));
    assert!(said.contains("(warn_captures_mib)"), "{said}");
    assert_eq!(names(&home), [""; 0], "nothing is left with the user");

    // Who names other folders gets those.
    let elsewhere = around.path().join("elsewhere");
    let before = names(&data.join("captures"));
    session(&folder, &home, elsewhere.as_os_str());
    assert_eq!(names(&elsewhere), ["captures"]);
    assert_eq!(names(&data.join("captures")), before);

    // Without the mark it is as any other.
    if cfg!(target_os = "linux") {
        fs::remove_file(folder.join("netassist.portable")).unwrap();
        session(&folder, &home, OsStr::new(""));
        assert_eq!(names(&home.join(".local/share/netassist")), ["captures"]);
        assert_eq!(names(&data.join("captures")), before);
    }
}
