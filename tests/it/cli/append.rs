//! The messages that the command line names: their forms, and what is added to each.

use super::process::{Input, Output, path, run, start};
use super::{accept, datagrams, listen, read_all};
use tempfile::TempDir;

/// What a client sends that is given these arguments behind the address of its server; and that address.
fn sent(args: &[&str]) -> (Vec<u8>, String) {
    let (listener, address) = listen();
    let client = start(&[&["tcp-client", &address], args].concat(), Input::Empty, Output::Read);
    let stream = accept(&listener);
    let bytes = read_all(&stream);
    drop(stream);
    assert_eq!(client.end().status, 0);
    (bytes, address)
}

/// The first datagram of a session that is given these arguments behind its remote; and that.
fn first_datagram(args: &[&str]) -> (Vec<u8>, String) {
    let (socket, address) = datagrams();
    let udp = ["udp", "127.0.0.1:0", "--remote", &address, "--for", "200ms"];
    let session = start(&[&udp[..], args].concat(), Input::Empty, Output::Read);
    let mut datagram = [0; 64];
    let n = socket.recv(&mut datagram).unwrap();
    assert_eq!(session.end().status, 0);
    (datagram[..n].to_vec(), address)
}

#[test]
fn each_message_gets_what_is_appended_and_a_file_does_not() {
    let folder = TempDir::new().unwrap();
    let file = path(folder.path(), "body.bin");
    std::fs::write(&file, b"<file>").unwrap();
    let args = [
        "--append",
        "modbus",
        "--send-hex",
        "01 03 00 00 00 02",
        "--send-file",
        &file,
        "--append",
        "CRLF",
        "--send",
        "123456789",
    ];
    assert_eq!(sent(&args).0, b"\x01\x03\0\0\0\x02\xC4\x0B\r\n<file>123456789\x37\x4B\r\n");
}

#[test]
fn line_breaks_of_text_and_of_standard_input_go_as_chosen() {
    let texts = ["--send", "a\nb\r\n", "--send-mixed", "c\n[0A]", "--send-hex", "0A\n0A"];
    assert_eq!(sent(&texts).0, b"a\nb\r\nc\n\n\n\n", "as they are");
    let args = [&["--line-break", "crlf"], &texts[..]].concat();
    assert_eq!(sent(&args).0, b"a\r\nb\r\nc\r\n\n\n\n");
    for (kind, bytes) in [("lf", &b"GET /\n\n"[..]), ("crlf", b"GET /\r\n\r\n"), ("cr", b"GET /\r\r")] {
        let (listener, address) = listen();
        let mut client = start(&["tcp-client", &address, "--line-break", kind], Input::Piped, Output::Read);
        client.feed(b"GET /\r\n\n");
        let stream = accept(&listener);
        assert_eq!(read_all(&stream), bytes);
        drop(stream);
        assert_eq!(client.end().status, 0);
    }
}

#[test]
fn messages_of_every_form_are_sent_in_their_order() {
    let args = [
        "--charset",
        "gbk",
        "--send-mixed",
        r"[02]测[[\x41][0D 0A]",
        "--send-hex",
        "0000  48 65\n0002  6c 6c\n",
        "--send",
        "[0D]",
        "--send-hex",
        "{ 0x48, 101 }",
        "--send-mixed",
        "-",
    ];
    assert_eq!(sent(&args).0, b"\x02\xB2\xE2[A]\r\nHell[0D]He-");
}

#[test]
fn a_datagram_says_how_long_it_is() {
    let args = [
        "--append",
        "hex:03",
        "--append",
        "length:1:2:le",
        "--append",
        "XOR-8:from=1:to=-1:text",
        "--send",
        "~abc",
    ];
    // From the low byte of the length to the last letter.
    let xor = 6 ^ b'a' ^ b'b' ^ b'c';
    assert_eq!(first_datagram(&args).0, format!("~\x06\0abc\x03{xor:02X}").as_bytes());
}

#[test]
fn placeholders_are_filled_for_each_message_and_peer() {
    let args = [
        "--placeholders",
        "--send",
        r"{{{n:7:2}}\u{41} {peer} {unix}\n",
        "--send-hex",
        "01 {n:0:1:2:be}",
        "--append",
        "hex:FF",
        "--send-mixed",
        "[02]{random:5}{number:3-3}",
    ];
    let (bytes, address) = sent(&args);
    let line = bytes.iter().position(|byte| *byte == b'\n').unwrap();
    let text = std::str::from_utf8(&bytes[..line]).unwrap();
    let unix = text.strip_prefix(&format!("{{7}}A {address} ")).unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    assert!(now.abs_diff(unix.parse().unwrap()) < 60, "{text}");
    // The second message, which counts for itself, and the third.
    assert_eq!(bytes[line + 1..line + 7], [0xFF, 1, 0, 0, 0xFF, 2]);
    assert_eq!(bytes[line + 12..], [b'3', 0xFF]);
}

#[test]
fn datagrams_are_filled_with_where_they_go() {
    let (datagram, address) = first_datagram(&["--placeholders", "--send", "{n}{peer}"]);
    assert_eq!(datagram, format!("1{address}").as_bytes());
}

#[test]
fn what_cannot_be_appended_is_said_before_anything_is_opened() {
    for (args, says) in [
        (&["--append", "crc-99", "--send", "x"][..], "unknown item; expected cr, "),
        (&["--append", "hex:0G", "--send", "x"], "‘G’ is not a hex digit, 0-9 or A-F (at character 6)"),
        (
            &["--append", "LRC:from=2", "--send", "x"],
            "the checksum skips 2 + 0 bytes, but the message has only 1",
        ),
        (
            &["--append", "length:0:1:be", "--append", "length:0:1:be", "--send", "x"],
            "a message can have only one length field",
        ),
        (
            &["--send-mixed", "é[0D"],
            "for '--send-mixed <TEXT>': unclosed bracket; write [[ for a literal bracket (at character 2)",
        ),
        (
            &["--placeholders", "--send", "é{nn}"],
            "for '--send <TEXT>': unknown placeholder; expected one of {time[:FORMAT]}, ",
        ),
        (&["--placeholders"], "'--placeholders' needs '--send <TEXT>', '--send-hex <HEX>' or"),
        (
            &["--append", "crlf"],
            "'--append <WHAT>' needs '--send <TEXT>', '--send-hex <HEX>', '--send-mixed <TEXT>' or '--file-lines'",
        ),
    ] {
        let ended = run(&[&["tcp-client", "127.0.0.1:1"], args].concat());
        assert_eq!(ended.status, 2, "{args:?}");
        // The text is wrapped to the width of the terminal.
        let words: Vec<&str> = ended.stderr.iter().flat_map(|line| line.split_whitespace()).collect();
        assert!(words.join(" ").contains(says), "{args:?}: {words:?}");
    }
}
