//! WebSocket on the command line: addresses, what is printed and exported, and what tshark says of the captures.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::process::{Input, Output, path, run, start, start_in};
use super::{accept, listen};
use crate::journal::tshark::faults;
use crate::net::websocket::wire::{frame, head, next, serve};

/// The opcodes of the frames that tshark finds on the wire, with no preference but that the user's are not there.
fn frames(capture: &str) -> Vec<String> {
    let mut command = Command::new("tshark");
    command.env("HOME", Path::new(capture).parent().unwrap()).args(["-n", "-r", capture]);
    command.args(["-Y", "websocket && frame.interface_id==0", "-T", "fields", "-e", "websocket.opcode"]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.split([',', '\n']).filter(|opcode| !opcode.is_empty()).map(str::to_owned).collect()
}

fn export(capture: &str, args: &[&str]) -> String {
    let ended = run(&[&["export", capture][..], args].concat());
    assert_eq!(ended.status, 0, "{:?}", ended.stderr);
    ended.text().to_owned()
}

#[test]
fn an_address_says_all_and_both_captures_show_the_frames() {
    for tls in [false, true] {
        let (folder, state) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let [ours, theirs] = ["client.pcapng", "server.pcapng"].map(|name| path(folder.path(), name));
        let ca = path(&state.path().join("authority"), "ca.pem");
        let mut args = vec!["tcp-server", "127.0.0.1:0", "--ws", "--echo", "--max-connections", "1"];
        args.extend(["--ws-protocol", "chat", "--capture", &theirs]);
        args.extend(tls.then_some("--tls"));
        let mut server = start_in(state, &args, Input::Empty, Output::Read);
        let url = format!("{}://{}/room?n=1", if tls { "wss" } else { "ws" }, server.address());
        let mut args =
            vec!["tcp-client", &url, "--capture", &ours, "--ws-protocol", "chat", "--send", "grüße"];
        args.extend(["--send-hex", "68 69", "--ws-close", "4001 that is all", "--max-bytes", "9"]);
        if tls {
            args.extend(["--tls-ca", &ca]);
        }
        let ended = run(&args);
        assert_eq!((ended.status, ended.text()), (0, "grüßehi"), "{:?}", ended.stderr);
        let ended = server.end();
        assert_eq!(ended.status, 0, "{:?}", ended.stderr);
        for (capture, word) in [(&ours, "to"), (&theirs, "from")] {
            assert_eq!(faults(Path::new(capture)), "");
            let mut found = frames(capture);
            found.sort();
            assert_eq!(found, ["1", "1", "2", "2", "8", "8"], "text, binary and close, both ways: {capture}");
            let text = export(capture, &["--format", "text"]);
            assert!(
                text.contains("GET /room?n=1 HTTP/1.1; Host: ") && text.contains(" 7 B text\n"),
                "{text}"
            );
            assert!(text.contains(" 2 B binary\n"), "{text}");
            let close = format!(" Close {word} 127.0.0.1:");
            let close = text.lines().find(|line| line.contains(&close)).unwrap();
            assert!(close.ends_with(": 4001: that is all"), "{text}");
            let table = export(capture, &["--format", "csv"]);
            for event in [",text,in,", ",text,out,", ",binary,in,", ",close,,"] {
                assert!(table.contains(event), "{event}: {table}");
            }
            assert!(
                export(capture, &["--format", "jsonl"]).contains("\"dir\":\"out\",\"opcode\":\"binary\"")
            );
            // Messages alone, unmasked.
            assert_eq!(export(capture, &["--format", "raw-rx"]), "grüßehi");
        }
    }
}

#[test]
fn a_pipe_ends_with_a_close_once_nothing_comes() {
    let (listener, to) = listen();
    let mut client = start(&["tcp-client", &format!("ws://{to}")], Input::Piped, Output::Read);
    client.stdin.take().unwrap().write_all(b"question").unwrap();
    let server = accept(&listener);
    let request = head(&server);
    assert!(request.starts_with("GET / HTTP/1.1\r\n"), "{request}");
    serve(&server, &request, "");
    assert_eq!(next(&server), (0x81, b"question".to_vec()));
    (&server).write_all(&frame(0x81, b"answer", None)).unwrap();
    assert_eq!(next(&server), (0x88, b"\x03\xe8".to_vec()));
    (&server).write_all(&frame(0x88, b"\x03\xe8", None)).unwrap();
    drop(server);
    let ended = client.end();
    assert_eq!((ended.status, ended.text()), (0, "answer"), "{:?}", ended.stderr);
}

#[cfg(unix)]
#[test]
fn a_killed_session_leaves_its_frames() {
    let folder = TempDir::new().unwrap();
    let capture = path(folder.path(), "killed.pcapng");
    let args = ["tcp-server", "127.0.0.1:0", "--ws", "--echo", "--capture", &capture];
    let mut server = start(&args, Input::Empty, Output::Read);
    let (client, _) = crate::net::websocket::wire::upgrade(server.address(), "/", "");
    (&client).write_all(&crate::net::websocket::wire::masked(0x81, b"hello")).unwrap();
    assert_eq!(next(&client), (0x81, b"hello".to_vec()));
    // The fragments are in the capture, too.
    let masked = crate::net::websocket::wire::masked;
    (&client).write_all(&[masked(0x01, b"he"), masked(0x00, b"l"), masked(0x80, b"lo")].concat()).unwrap();
    assert_eq!(next(&client), (0x81, b"hello".to_vec()));
    server.signal("KILL");
    server.end();
    // The answer may not have been committed.
    let bytes = std::fs::read(&capture).unwrap();
    let mark = b"[ws text 3: 2+1+2]";
    assert!(bytes.windows(mark.len()).any(|window| window == mark));
    let found = frames(&capture);
    assert!(found.starts_with(&["1".to_owned()]), "{found:?}");
    assert!(export(&capture, &["--format", "text"]).contains(" 5 B text\n  hello\n"));
}

#[test]
fn what_is_wrong_is_said_with_the_exit_status() {
    let (listener, to) = listen();
    let client = start(&["tcp-client", &format!("ws://{to}/x")], Input::Empty, Output::Read);
    let server = accept(&listener);
    head(&server);
    (&server).write_all(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 9\r\n\r\nno token\n").unwrap();
    let ended = client.end();
    let said = ended.stderr.join("\n");
    assert_eq!(ended.status, 1);
    assert!(
        said.contains(&format!(
            "cannot open a WebSocket with {to}: the server answered 401 Unauthorized: no token"
        )),
        "{said}"
    );
    // The reason comes before what comes of it.
    let client = start(
        &["tcp-client", &format!("ws://{to}/x"), "--send", "x", "--expect", "text:y"],
        Input::Empty,
        Output::Read,
    );
    let server = accept(&listener);
    head(&server);
    (&server).write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").unwrap();
    let ended = client.end();
    let errors: Vec<&String> = ended.stderr.iter().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!((ended.status, errors.len()), (1, 2), "{:?}", ended.stderr);
    assert!(
        errors[0].contains("the server answered 404") && errors[1].contains("the peer left"),
        "{errors:?}"
    );
    // A server that fails.
    let client = start(&["tcp-client", &format!("ws://{to}/x")], Input::Empty, Output::Read);
    let server = accept(&listener);
    let request = head(&server);
    serve(&server, &request, "");
    (&server).write_all(&frame(0x88, b"\x03\xf3broken", None)).unwrap();
    assert_eq!(next(&server), (0x88, b"\x03\xf3broken".to_vec()));
    drop(server);
    let ended = client.end();
    let words = "the peer closed the connection with 1011 (internal error): broken";
    assert!(ended.status == 1 && ended.stderr.join("\n").contains(words), "{:?}", ended.stderr);
    for (args, words) in [
        (&["tcp-client", "ws://"][..], "invalid value 'ws://'"),
        (&["tcp-client", "ws://a b/"], "invalid value"),
        (&["tcp-client", "ws://a:1", "--ws-close", "1005"], "1001 going away"),
        (&["tcp-client", "ws://a:1", "--ws-path", "x"], "begins with /"),
        (&["tcp-client", "ws://a:1", "--ws-header", "x y"], "NAME: VALUE"),
    ] {
        let ended = run(args);
        let said = ended.stderr.join("\n");
        assert!(ended.status == 2 && said.contains(words), "{args:?}: {said}");
    }
}

#[test]
fn text_is_utf8_in_any_charset() {
    let (listener, to) = listen();
    let url = format!("ws://{to}/");
    let args = [
        "tcp-client",
        &url,
        "--charset",
        "gbk",
        "--print",
        "text",
        "--send",
        "发",
        "--send-hex",
        "B7 A2",
        "--max-bytes",
        "5",
    ];
    let client = start(&args, Input::Empty, Output::Read);
    let server = accept(&listener);
    serve(&server, &head(&server), "");
    for (first, bytes) in [(0x81, "发".as_bytes()), (0x82, b"\xB7\xA2")] {
        assert_eq!(next(&server), (first, bytes.to_vec()));
        (&server).write_all(&frame(first, bytes, None)).unwrap();
    }
    let ended = client.end();
    assert_eq!((ended.status, ended.text()), (0, "发发"), "{:?}", ended.stderr);
}
