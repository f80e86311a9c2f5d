//! Rules with files on the command line: only in folders that it allows.

use std::fs;
use std::io::Write as _;

use tempfile::TempDir;

use super::process::{Input, Output, path, run, start};
use super::{call, read_all, read_exactly};

/// Rules that send and save files in `folder`, in a session or outside.
fn rules(around: &TempDir, header: &str, folder: &str) -> String {
    let file = path(around.path(), "stranger.toml");
    let of = if header.is_empty() { "rule" } else { "session.rule" };
    let text = format!(
        "{header}\n[[{of}]]\nname = 'get'\nwhen = 'regex'\npattern = '^GET (.+?)\\n$'\nthen = 'send-file'\n\
         folder = '{folder}'\nfile = '{{1}}'\n[[{of}]]\nwhen = 'regex'\npattern = '^PUT (\\S+) (.+)\\n$'\n\
         then = 'save-file'\nfolder = '{folder}'\nfile = '{{1}}'\ncontent = '{{2}}'\n"
    );
    fs::write(&file, text).unwrap();
    file
}

const SERVER: &str = "[[session]]\nprotocol = 'tcp-server'\nlocal = '127.0.0.1:0'\nframing = 'line'\n";

#[test]
fn a_folder_that_is_not_allowed_is_refused_with_the_flag() {
    let around = TempDir::new().unwrap();
    for name in ["shared", "other", "shared-not"] {
        fs::create_dir(around.path().join(name)).unwrap();
    }
    let (shared, other) = (path(around.path(), "shared"), path(around.path(), "other"));
    for (folder, allowed) in [("/", &[&*other][..]), (".", &[&*shared, &*other]), ("shared-not", &[&*shared])]
    {
        for (header, command) in [(SERVER, &["run"][..]), ("", &["udp", "127.0.0.1:0", "--rules"])] {
            let file = rules(&around, header, folder);
            for n in [0, allowed.len()] {
                let allow = allowed[..n].iter().flat_map(|folder| ["--allow-folder", *folder]);
                let args: Vec<&str> = command.iter().copied().chain([&*file]).chain(allow).collect();
                let refused = run(&args);
                let said = refused.stderr.join("\n");
                assert_eq!(refused.status, 2, "{args:?}: {said}");
                let allow = if cfg!(windows) { "--allow-folder " } else { "--allow-folder /" };
                for part in ["stranger.toml", "rule 1 ‘get’, folder: sends files from ", allow] {
                    assert!(said.contains(part), "{args:?}: {said}");
                }
            }
        }
    }
    let file = rules(&around, SERVER, "shared");
    let none = run(&["run", &file, "--allow-folder", &path(around.path(), "none")]);
    assert_eq!(none.status, 2);
    assert!(none.stderr.iter().any(|line| line.contains("--allow-folder")), "{:?}", none.stderr);
    // Other answers use no folder.
    assert_eq!(run(&["run", &file, "--echo", "--for", "1ms"]).status, 0);
}

#[test]
fn an_allowed_folder_serves_its_files_and_nothing_else() {
    let around = TempDir::new().unwrap();
    fs::create_dir_all(around.path().join("shared/sub")).unwrap();
    fs::write(around.path().join("secret"), "secret").unwrap();
    fs::write(around.path().join("shared/sub/a.txt"), "inside").unwrap();
    #[cfg(unix)]
    for (link, to) in [("up", "."), ("link", "secret"), ("new", "made"), ("down", "shared/sub")] {
        let link = around.path().join("shared").join(link);
        std::os::unix::fs::symlink(around.path().join(to), link).unwrap();
    }
    let file = rules(&around, SERVER, "shared/sub/..");
    let allowed = path(around.path(), "shared");
    let mut server =
        start(&["run", &file, "--allow-folder", &allowed, "--print", "none"], Input::Empty, Output::Read);
    let mut client = call(server.address());
    for refused in [
        "GET up/secret",
        "GET link",
        "GET up/shared/sub/a.txt",
        "GET down/a.txt",
        "GET sub",
        "GET none",
        "GET ../secret",
        "GET sub/../../secret",
        "PUT up/new x",
        "PUT new x",
        "PUT down/x x",
        "PUT ../made x",
        "PUT .profile x",
        "PUT sub/.ssh x",
        "PUT .config/x x",
        "PUT con x",
        "PUT a.txt:stream x",
        "PUT sub/a.txt x",
    ] {
        if !cfg!(unix) && refused == "PUT new x" {
            // There is no link of this name.
            continue;
        }
        writeln!(client, "{refused}").unwrap();
    }
    write!(client, "PUT sub/new.txt content\nGET sub/a.txt\n").unwrap();
    assert_eq!(read_exactly(&client, 6), b"inside", "the first answer");
    client.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(read_all(&client), b"");
    let ended = server.interrupt();
    let said = ended.stderr.join("\n");
    let links = cfg!(unix).then_some("is a symbolic link");
    for part in links.into_iter().chain(["it leaves the folder"]) {
        assert!(said.contains(part), "{part}: {said}");
    }
    let names = |folder: &str| {
        let entries = fs::read_dir(around.path().join(folder)).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names("shared/sub"), ["a.txt", "new.txt"]);
    assert_eq!(
        names("shared"),
        if cfg!(unix) { &["down", "link", "new", "sub", "up"][..] } else { &["sub"] }
    );
    assert_eq!(fs::read(around.path().join("shared/sub/a.txt")).unwrap(), b"inside");
    assert_eq!(names("."), ["secret", "shared", "stranger.toml"]);
}
