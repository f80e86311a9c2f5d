//! Rules on the command line, and each ready example with a client that was written for it in Python.

use std::fs;
use std::io::Write as _;
use std::net::Shutdown;
use std::path::Path;
use std::process::{Command, Stdio};

use netassist::workspace::EXAMPLES;
use tempfile::TempDir;

use super::process::{Input, Output, Process, path, run, start};
use super::{call, datagrams, read_exactly};

fn server(args: &[&str]) -> Process {
    start(&[&["tcp-server", "127.0.0.1:0"], args].concat(), Input::Empty, Output::Read)
}

/// A file with this text in it.
fn file(folder: &TempDir, text: &str) -> String {
    let file = path(folder.path(), "rules.toml");
    fs::write(&file, text).unwrap();
    file
}

/// The example, with another charset and folder for its files.
fn example(name: &str, charset: &str, folder: &Path) -> String {
    let example = EXAMPLES.iter().find(|example| example.name == name).unwrap();
    let quoted = |text: &str| format!("{:?}", text.replace('\\', "/"));
    let folder = quoted(folder.to_str().unwrap());
    let text = example.text.replace("charset = \"utf-8\"", &format!("charset = {}", quoted(charset)));
    ["shared", "received"].iter().fold(text, |text, known| {
        text.replace(&format!("folder = {}", quoted(known)), &format!("folder = {folder}"))
    })
}

/// Lets the client of that name speak to the server of the example, and gives what the server printed.
fn speak(name: &str, charset: &str, folder: &TempDir, client: &str, args: &[&str]) -> Vec<String> {
    // A relative folder counts from the file, not from where this runs.
    let rules = file(folder, &example(name, charset, Path::new("files")));
    let files = path(folder.path(), "files");
    let mut server = server(&["--rules", &rules, "--allow-folder", &files, "--print", "none"]);
    let port = server.address().port().to_string();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(client);
    let done = Command::new("python3")
        .arg("-B")
        .arg(script)
        .arg(&port)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("python3 is needed for the clients: {error}"));
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    let ended = server.interrupt();
    assert!(done.status.success(), "{client}: {said}\nserver: {:?}", ended.stderr);
    ended.stderr
}

fn folder_with_files() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("files")).unwrap();
    folder
}

#[test]
fn the_upper_case_server_speaks_any_charset() {
    for charset in ["utf-8", "gbk", "latin-1"] {
        speak("upper-case", charset, &folder_with_files(), "upper_case.py", &[charset]);
    }
}

#[test]
fn the_receiver_of_json_saves_what_it_may() {
    let folder = folder_with_files();
    let files = folder.path().join("files");
    speak("json-files", "utf-8", &folder, "json_files.py", &[files.to_str().unwrap()]);
    assert_eq!(fs::read_to_string(files.join("greeting.txt")).unwrap(), "hello, 你好\n");
    assert_eq!(fs::read_to_string(files.join("second.txt")).unwrap(), "");
    assert_eq!(fs::read_dir(&files).unwrap().count(), 2);
    assert!(!folder.path().join("outside.txt").exists());
}

#[test]
fn the_http_server_says_hello() {
    speak("http-hello", "utf-8", &folder_with_files(), "http_hello.py", &[]);
}

#[test]
fn the_modbus_device_keeps_what_is_written() {
    speak("modbus-device", "utf-8", &folder_with_files(), "modbus.py", &[]);
}

#[test]
fn the_download_server_sends_what_is_in_its_folder_and_nothing_else() {
    let folder = folder_with_files();
    let files = folder.path().join("files");
    fs::write(files.join("hello.txt"), "hello\n").unwrap();
    fs::write(files.join("空 文件.bin"), [0, 1, 2, 255].repeat(100_000)).unwrap();
    fs::write(folder.path().join("secret.txt"), "secret").unwrap();
    speak("file-download", "utf-8", &folder, "file_download.py", &[files.to_str().unwrap()]);
}

#[test]
fn the_chat_tells_all_others() {
    speak("chat", "utf-8", &folder_with_files(), "chat.py", &[]);
}

#[test]
fn examples_are_listed_and_printed() {
    let all = run(&["examples"]);
    assert_eq!(all.status, 0);
    for example in EXAMPLES {
        assert!(all.text().lines().any(|line| line.starts_with(example.name)), "{}", example.name);
        let one = run(&["examples", example.name]);
        assert_eq!((one.status, one.text()), (0, example.text));
    }
    let none = run(&["examples", "nothing"]);
    assert_eq!(none.status, 2);
    assert!(none.stderr[0].contains("expected one of upper-case, chat"), "{:?}", none.stderr);
}

#[test]
fn what_arrives_goes_to_all_others() {
    let mut server = server(&["--relay"]);
    let address = server.address();
    let one = call(address);
    let two = call(address);
    (&one).write_all(b"from one").unwrap();
    assert_eq!(read_exactly(&two, 8), b"from one");
    (&two).write_all(b"from two").unwrap();
    assert_eq!(read_exactly(&one, 8), b"from two");
}

#[test]
fn rules_of_a_file_answer_messages_under_the_frame() {
    let folder = TempDir::new().unwrap();
    let rules = file(&folder, "[[rule]]\nwhen = 'starts'\npattern = 'a'\ncontent = '<{0}>'\n");
    let mut server = server(&["--rules", &rules, "--frame", "fixed:2"]);
    let client = call(server.address());
    (&client).write_all(b"a1b2a").unwrap();
    (&client).write_all(b"3").unwrap();
    assert_eq!(read_exactly(&client, 8), b"<a1><a3>");

    let mut udp = start(&["udp", "127.0.0.1:0", "--rules", &rules], Input::Empty, Output::Read);
    let (socket, _address) = datagrams();
    socket.send_to(b"a1b2", udp.address()).unwrap();
    let mut seen = [0; 9];
    let n = socket.recv(&mut seen).unwrap();
    assert_eq!(&seen[..n], b"<a1b2>");
}

#[test]
fn a_rule_runs_a_page_of_quick_sends() {
    let folder = TempDir::new().unwrap();
    let text = "[[session]]\nname = 'device'\nprotocol = 'tcp-server'\nlocal = '127.0.0.1:0'\nframing = 'line'\n\
        [[session.rule]]\nwhen = 'starts'\npattern = 'report'\nthen = 'sequence'\npage = 'values'\n\
        [[session.quick]]\npage = 'values'\ncontent = 'one;'\nticked = true\ndelay = '5ms'\n\
        [[session.quick]]\npage = 'values'\ncontent = 'not this'\n\
        [[session.quick]]\npage = 'values'\ncontent = 'two'\nticked = true\n";
    let device = file(&folder, text);
    for args in [&["run", &device][..], &["tcp-server", "127.0.0.1:0", "--rules", &device]] {
        let mut server = start(args, Input::Empty, Output::Read);
        let address = server.address();
        let (asks, listens) = (call(address), call(address));
        (&asks).write_all(b"report\nreport\n").unwrap();
        // The two run beside each other.
        let mut seen = read_exactly(&asks, 14);
        let mut sent = b"one;twoone;two".to_vec();
        seen.sort_unstable();
        sent.sort_unstable();
        assert_eq!(seen, sent);
        asks.shutdown(Shutdown::Write).unwrap();
        (&listens).write_all(b"hello\n").unwrap();
        listens.shutdown(Shutdown::Write).unwrap();
        assert_eq!(super::read_all(&listens), b"", "it goes to who asked alone");
    }
    let none = file(&folder, &text.replace("'values'\n[[", "'none'\n[["));
    let ended = run(&["run", &none]);
    assert_eq!(ended.status, 2);
    assert!(
        ended.stderr[0].contains("page: no quick send is ticked on the page ‘none’"),
        "{:?}",
        ended.stderr
    );
}

#[test]
fn a_page_that_a_rule_runs_and_that_fails_fails_the_run() {
    let folder = TempDir::new().unwrap();
    for (more, leaves, why) in [
        ("", false, "no answer contains OK to ‘ask’ within 50ms: "),
        ("on-timeout = 'go-on'", false, "1 answer did not come in time"),
        (
            "within = '1h'",
            true,
            "the peer left before the sequence was done: no answer contains OK to ‘ask’: instead came ‘no\\n’",
        ),
    ] {
        let within = if more.starts_with("within") { "" } else { "within = '50ms'" };
        let device = file(
            &folder,
            &format!(
                "[[session]]\nprotocol = 'tcp-server'\nlocal = '127.0.0.1:0'\nframing = 'line'\n\
                 [[session.rule]]\nwhen = 'starts'\npattern = 'report'\nthen = 'sequence'\npage = 'values'\n\
                 [[session.quick]]\npage = 'values'\nname = 'ask'\ncontent = 'now?'\nticked = true\n\
                 expect = 'contains'\npattern = 'OK'\n{within}\n{more}\n"
            ),
        );
        let args = ["run", &device, "--max-connections", "1"];
        let mut server = start(&args, Input::Empty, Output::Read);
        let client = call(server.address());
        (&client).write_all(b"report\n").unwrap();
        assert_eq!(read_exactly(&client, 4), b"now?");
        (&client).write_all(b"no\n").unwrap();
        if leaves {
            client.shutdown(Shutdown::Write).unwrap();
        }
        let said = server.line("error: the page ‘values’ that a rule ran: ");
        assert!(said.starts_with(why), "{said}");
        drop(client);
        assert_eq!(server.end().status, 1);
    }
}

#[test]
fn what_is_wrong_with_rules_is_said_with_its_line() {
    let folder = TempDir::new().unwrap();
    for (text, why) in [
        ("[[rule]]\nwenn = 'starts'\n", "line 2, column 1: rule 1, wenn: unknown key; did you mean ‘when’?"),
        (
            "[[rule]]\ncontent = 'a'\n\n[[rule]]\nafter = 'soon'\ncontent = 'b'\n",
            "line 5, column 1: rule 2, after: ",
        ),
        ("", "has no active rule"),
        ("[[session]]\nlocal = ':1'\n[[session]]\n", "has 2 sessions"),
    ] {
        let rules = file(&folder, text);
        let ended = run(&["tcp-server", "127.0.0.1:0", "--rules", &rules]);
        assert_eq!(ended.status, 2, "{text}");
        assert!(ended.stderr.iter().any(|line| line.contains(why)), "{text}: {:?}", ended.stderr);
    }
    for args in [&["--echo", "--relay"][..], &["--rules", "a.toml", "--echo"], &["--rules", "/no/such/file"]]
    {
        let ended = run(&[&["tcp-server", "127.0.0.1:0"], args].concat());
        assert_eq!(ended.status, 2, "{args:?}");
    }
}

#[test]
fn messages_that_were_given_up_are_told_once_and_counted() {
    let folder = TempDir::new().unwrap();
    let rules = file(&folder, "[[rule]]\nwhen = 'contains'\npattern = 'x'\nthen = 'echo'\n");
    let args = ["--rules", &rules, "--framing", "line", "--rule-memory", "1", "--max-connections", "2"];
    let mut server = server(&[&args[..], &["--print", "none"]].concat());
    let address = server.address();
    for _peer in 0..2 {
        let mut peer = call(address);
        peer.write_all(&vec![b'y'; 3 << 20]).unwrap();
        peer.shutdown(Shutdown::Write).unwrap();
        super::read_all(&peer);
    }
    let said = server.end().stderr;
    let first = "warning: a message was not passed to rules: the memory limit is reached (--rule-memory)";
    assert_eq!(said.iter().filter(|line| *line == first).count(), 1, "{said:?}");
    assert!(said.contains(&"warning: 2 messages were not passed to rules".to_owned()), "{said:?}");
}
