//! `netassist run`: a session of a workspace file without a window.

use std::io::Write as _;

use super::process::{Input, Output, run, start};
use super::{accept, call, datagrams, listen, path, read_all, read_exactly};
use tempfile::TempDir;

/// A client in GBK that calls `address`, and a server.
fn lab(address: &str) -> (TempDir, String) {
    let folder = TempDir::new().unwrap();
    let file = path(folder.path(), "lab.toml");
    let text = format!(
        "[[session]]\nname = 'client'\nprotocol = 'tcp-client'\nremote = '{address}'\ncharset = 'gbk'\n\
         framing = 'line'\n[[session.quick]]\nname = '你好'\ncontent = '你好'\nappend = ['lf']\n\
         [[session.quick]]\nname = 'bad'\nmode = 'hex'\ncontent = '0'\n\
         [[session]]\nname = 'server'\nprotocol = 'tcp-server'\nlocal = 'here:1'\n\
         [[session]]\nname = 'echo'\nlocal = '127.0.0.1:0'\n[[session.rule]]\nthen = 'echo'\n\
         [[session]]\nname = 'closer'\nprotocol = 'tcp-server'\n\
         framing = 'line'\nlocal = '127.0.0.1:0'\n[[session.rule]]\nthen = 'close'\n"
    );
    std::fs::write(&file, text).unwrap();
    (folder, file)
}

#[test]
fn it_opens_what_the_file_says_and_sends_its_quick_sends_in_order() {
    let (listener, address) = listen();
    let (_folder, file) = lab(&address);
    let args = [
        "run",
        &file,
        "--session",
        "client",
        "--send",
        "a",
        "--send-quick",
        "你好",
        "--send",
        "啊",
        "--print",
        "hex",
    ];
    let client = start(&args, Input::Empty, Output::Read);
    let mut stream = accept(&listener);
    assert_eq!(read_exactly(&stream, 8), b"a\xC4\xE3\xBA\xC3\n\xB0\xA1", "in the charset of the file");
    stream.write_all(b"one\ntwo").unwrap();
    drop(stream);
    let ended = client.end();
    assert_eq!(
        (ended.status, ended.text()),
        (0, "6F 6E 65 0A\n74 77 6F\n"),
        "by its framing: {:?}",
        ended.stderr
    );
}

#[test]
fn what_the_command_line_says_counts() {
    let (listener, address) = listen();
    let (_folder, file) = lab(&address);
    let args = [
        "run",
        &file,
        "--session",
        "client",
        "--charset",
        "utf-8",
        "--send",
        "啊",
        "--frame",
        "fixed:2",
        "--print",
        "hex",
    ];
    let client = start(&args, Input::Empty, Output::Read);
    let mut stream = accept(&listener);
    assert_eq!(read_exactly(&stream, 3), "啊".as_bytes());
    stream.write_all(b"one\n").unwrap();
    drop(stream);
    assert_eq!(client.end().text(), "6F 6E\n65 0A\n");
}

#[test]
fn its_rules_hear_messages_by_its_framing() {
    let (_folder, file) = lab("127.0.0.1:1");
    let args = ["run", &file, "--session", "closer", "--max-connections", "1"];
    let mut server = start(&args, Input::Empty, Output::Read);
    let mut client = call(server.address());
    client.write_all(b"not yet").unwrap();
    client.write_all(b" but now\n").unwrap();
    assert_eq!(read_all(&client), b"");
    let ended = server.end();
    assert_eq!((ended.status, ended.text()), (0, "not yet but now\n"), "{:?}", ended.stderr);
}

#[test]
fn an_echo_is_a_rule() {
    let (_folder, file) = lab("127.0.0.1:1");
    let mut server =
        start(&["run", &file, "--session", "echo", "--max-bytes", "3"], Input::Empty, Output::Read);
    let address = server.address();
    let (socket, _) = datagrams();
    socket.send_to(b"abc", address).unwrap();
    let mut buffer = [0; 16];
    let (n, _) = socket.recv_from(&mut buffer).unwrap();
    assert_eq!(&buffer[..n], b"abc");
    assert_eq!(server.end().status, 0);
}

#[test]
fn what_is_wrong_is_told_with_its_line_and_status_2() {
    let (_folder, file) = lab("127.0.0.1:1");
    let (_listener, _address) = listen();
    for (args, says) in [
        (
            &["run", &file][..],
            "choose one with '--session <NAME>'; expected one of ‘client’, ‘server’, ‘echo’, ‘closer’",
        ),
        (&["run", &file, "--session", "x"], "unknown session ‘x’; expected one of"),
        (
            &["run", &file, "--session", "server"],
            "lab.toml, line 18, column 1: local.host: expected an address",
        ),
        (
            &["run", &file, "--session", "client", "--send-quick", "bad"],
            "lab.toml, line 14, column 1: content: ",
        ),
        (&["run", &file, "--session", "client", "--send-quick", "x"], "expected ‘你好’, ‘bad’"),
        (
            &["run", &file, "--session", "client", "--send-page", "x"],
            "no quick send is ticked on the page ‘x’",
        ),
        (
            &["run", &file, "--session", "client", "--max-connections", "1"],
            "needs a session of protocol tcp-server",
        ),
        (&["run", super::MANIFEST], ": package: unknown key"),
    ] {
        let ended = run(args);
        assert_eq!(ended.status, 2, "{args:?}: {:?}", ended.stderr);
        let told = ended.stderr.join("\n");
        assert!(told.contains(says), "{args:?}: {told}");
    }
}

#[test]
fn a_page_of_quick_sends_is_run_with_its_answers_and_delays() {
    let (listener, address) = listen();
    let folder = TempDir::new().unwrap();
    let file = path(folder.path(), "page.toml");
    let row = |content: &str, more: &str| format!("[[session.quick]]\ncontent = '{content}'\n{more}\n");
    let asks = "page = 'init'\nticked = true\nexpect = 'contains'\npattern = 'OK'\nwithin = '20s'";
    let text = [
        format!("[[session]]\nprotocol = 'tcp-client'\nremote = '{address}'\n"),
        row("A", asks),
        row("elsewhere", "ticked = true"),
        row("not ticked", "page = 'init'"),
        row("B", "page = 'init'\nticked = true\ndelay = '1ms'"),
        row("C", &asks.replace("20s", "50ms")),
    ];
    std::fs::write(&file, text.concat()).unwrap();
    let args = ["run", &file, "--send-page", "init", "--loops", "2"];
    let client = start(&args, Input::Empty, Output::Read);
    let mut stream = accept(&listener);
    for (message, answer) in [(&b"A"[..], &b"OK"[..]), (b"BC", b"OK"), (b"A", b"OK"), (b"BC", b"no")] {
        assert_eq!(read_exactly(&stream, message.len()), message);
        stream.write_all(answer).unwrap();
    }
    assert_eq!(read_all(&stream), b"", "no more than that");
    drop(stream);
    let ended = client.end();
    assert_eq!((ended.status, ended.text()), (1, "OKOKOKno"), "{:?}", ended.stderr);
    let said = ended.stderr.iter().find(|line| line.contains("no answer")).unwrap();
    assert_eq!(
        said,
        "error: no answer contains OK to ‘C’ in round 2 of 2 within 50ms: instead came ‘no’ (2 bytes)"
    );
}

#[test]
fn short_connections_of_a_file_are_made_for_what_is_sent() {
    let (listener, address) = listen();
    let folder = TempDir::new().unwrap();
    let file = path(folder.path(), "short.toml");
    let text = format!(
        "[[session]]\nprotocol = 'tcp-client'\nremote = '{address}'\n[session.options]\nshort = 'answer'\n"
    );
    std::fs::write(&file, text).unwrap();
    let nothing = run(&["run", &file]);
    assert_eq!(nothing.status, 2);
    assert!(nothing.stderr.join("\n").contains("there is nothing to send"), "{:?}", nothing.stderr);
    let args = ["run", &file, "--send", "ping", "--every", "1ms", "--count", "3", "--print", "none"];
    let client = start(&args, Input::Empty, Output::Read);
    for _connection in 0..3 {
        let mut stream = accept(&listener);
        assert_eq!(read_exactly(&stream, 4), b"ping");
        stream.write_all(b"pong").unwrap();
        assert_eq!(read_all(&stream), b"");
    }
    let ended = client.end();
    assert_eq!(ended.status, 0, "{:?}", ended.stderr);
}

#[test]
fn the_command_line_says_how_the_rules_of_a_file_hear() {
    let (_folder, file) = lab("127.0.0.1:1");
    let args = ["run", &file, "--session", "closer", "--frame", "fixed:2", "--max-connections", "1"];
    let mut server = start(&args, Input::Empty, Output::Read);
    let mut stream = call(server.address());
    stream.write_all(b"ab").unwrap();
    assert_eq!(read_all(&stream), b"", "two bytes are a message, and the rule closes");
    drop(stream);
    assert_eq!(server.end().status, 0);
}
