//! A capture with a bit of everything, saved in each format, against files in `tests/data/export`.
//!
//! With `UPDATE_GOLDEN=1` in the environment the files are written instead of compared.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail at once")]

mod parts;
mod read_back;

use std::fs;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use netassist::codec::Charset;
use netassist::export::{self, Body, Destination, ExportError, Format, Scope, Style};
use netassist::journal::{Writer, scan};
use netassist::model::{
    Cast, Direction, Ending, Origin, Record, Recorder as _, SentCharsets, SessionNote, Stamp, Transport,
};
use tempfile::TempDir;

/// 2019-07-11 21:59:45.162 in China, and some milliseconds.
fn at(ms: u64) -> Stamp {
    Stamp((1_562_853_585_162 + ms) * 1_000_000 + 345_678)
}

fn style(charset: Charset, body: Body) -> Style {
    Style {
        charset,
        charsets: Arc::default(),
        sent_charsets: SentCharsets::default(),
        body,
        zone: jiff::tz::TimeZone::fixed(jiff::tz::offset(8)),
        notes: None,
        words: None,
        marked: false,
    }
}

fn go_on(_done: u64, _total: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// One server's session: a client that sends GBK split inside a character, another that resets, a
/// call in vain, and a datagram over IPv6.
fn capture(folder: &Path) -> PathBuf {
    let path = folder.join("session.pcapng");
    let mut writer = Writer::create(&path).unwrap();
    let address = |text: &str| text.parse::<SocketAddr>().unwrap();
    let local = address("192.168.56.2:8080");
    let peer = address("192.168.56.1:13474");
    writer.begin("export", "tcp-server 192.168.56.2:8080", at(0));
    writer.session_note(SessionNote::Listening(local.into()), at(0));
    let a = writer.flow(Transport::Tcp, local, peer, Origin::Accepted, at(10)).id;
    writer.connected(a, at(10));
    let received = Direction::Received;
    writer.data(a, received, Cast::Unicast, true, b"hello\r\n", at(3207));
    writer.data(a, received, Cast::Unicast, true, b"\xB2\xE2\xCA", at(3300));
    writer.data(a, received, Cast::Unicast, true, b"\xD4\x1B[2J\tx\n\nlast\xB2", at(3301));
    writer.data(a, Direction::Sent, Cast::Unicast, true, b"\x55\x00\x0A", at(4000));
    let b = writer.flow(Transport::Tcp, local, address("[::1]:40000"), Origin::Accepted, at(5000)).id;
    writer.connected(b, at(5000));
    writer.data(b, Direction::Sent, Cast::Unicast, true, b"0123456789abcdefghijklmnopqrstuvwxyz", at(5001));
    writer.ended(a, Ending::PeerFin, at(6000));
    writer.ended(b, Ending::PeerReset, at(6001));
    writer.ended(a, Ending::OwnFin, at(6002));
    let c = writer.flow(Transport::Tcp, local, address("192.168.56.9:1"), Origin::Connected, at(7000)).id;
    writer.refused(c, "connecting to 192.168.56.9:1: Connection refused (os error 111)", at(7001));
    let d =
        writer.flow(Transport::Udp, address("[::1]:9"), address("[::1]:7"), Origin::Datagram, at(8000)).id;
    writer.data(d, received, Cast::Unicast, true, b"", at(8000));
    writer.data(d, received, Cast::Unicast, true, b"\xC0", at(8001));
    writer.note("two\nlines", at(8002));
    writer.finish(Some(0), at(9000));
    writer.commit().unwrap();
    path
}

fn saved(capture: &Path, scope: &Scope, format: Format, style: &Style) -> Vec<u8> {
    let mut out = Vec::new();
    export::write(capture, scope, format, style, &mut out, &mut go_on).unwrap();
    out
}

fn records(capture: &Path) -> Vec<Record> {
    let mut all = Vec::new();
    let end = scan(capture, 0, u64::MAX, &mut |batch| {
        all.extend(batch.records);
        ControlFlow::Continue(())
    });
    assert!(!end.unwrap().torn);
    all
}

#[test]
fn logs_are_as_in_the_golden_files() {
    let folder = TempDir::new().unwrap();
    let capture = capture(folder.path());
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/export");
    for (name, format, body) in [
        ("text.txt", Format::Text, Body::Text),
        ("text-hex.txt", Format::Text, Body::Hex),
        ("text-dump.txt", Format::Text, Body::Dump),
        ("netassist.txt", Format::NetAssist, Body::Text),
        ("netassist-hex.txt", Format::NetAssist, Body::Hex),
        ("netassist5.txt", Format::NetAssist5, Body::Text),
        ("netassist5-hex.txt", Format::NetAssist5, Body::Dump),
        ("hexdump.txt", Format::Hexdump, Body::Text),
        ("table.csv", Format::Csv, Body::Hex),
        ("lines.jsonl", Format::Jsonl, Body::Text),
    ] {
        let out = saved(&capture, &Scope::ALL, format, &style(Charset::Gbk, body));
        let file = golden.join(name);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&file, &out).unwrap();
        }
        let expected = fs::read(&file).unwrap();
        assert_eq!(String::from_utf8_lossy(&out), String::from_utf8_lossy(&expected), "{name}");
    }
}

#[test]
fn every_character_that_decodes_is_saved_as_itself() {
    let text =
        "می\u{200C}خواهم 👨\u{200D}👩 \u{FEFF}x a\u{200B}b \u{202E}\u{AD}\u{2028}\u{E0067} e\u{301}\tc";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("characters.pcapng");
    let mut writer = Writer::create(&path).unwrap();
    writer.begin("udp", "udp", at(0));
    let (local, peer) = ("127.0.0.1:1".parse().unwrap(), "127.0.0.1:2".parse().unwrap());
    let flow = writer.flow(Transport::Udp, local, peer, Origin::Datagram, at(0)).id;
    // Bytes that are no character, and a control that terminals obey.
    let bytes = [text.as_bytes(), b"\xFF\x1B"].concat();
    writer.data(flow, Direction::Received, Cast::Unicast, true, &bytes, at(1));
    writer.commit().unwrap();
    for format in [Format::Text, Format::NetAssist, Format::NetAssist5, Format::Csv] {
        let bytes = saved(&path, &Scope::ALL, format, &style(Charset::Utf8, Body::Text));
        let log = String::from_utf8(bytes).unwrap();
        assert!(log.contains(&format!("{text}\u{FFFD}␛")), "{format:?}: {log}");
    }
}

#[test]
fn raw_is_the_bytes_of_one_direction() {
    let folder = TempDir::new().unwrap();
    let capture = capture(folder.path());
    let style = style(Charset::Utf8, Body::Text);
    let received = saved(&capture, &Scope::ALL, Format::RawReceived, &style);
    assert_eq!(received, b"hello\r\n\xB2\xE2\xCA\xD4\x1B[2J\tx\n\nlast\xB2\xC0");
    let sent = saved(&capture, &Scope::ALL, Format::RawSent, &style);
    assert_eq!(sent, b"\x55\x00\x0A0123456789abcdefghijklmnopqrstuvwxyz");
}

#[test]
fn a_copy_is_the_whole_blocks_byte_by_byte() {
    let folder = TempDir::new().unwrap();
    let capture = capture(folder.path());
    let style = style(Charset::Utf8, Body::Text);
    let whole = fs::read(&capture).unwrap();
    assert_eq!(saved(&capture, &Scope::ALL, Format::Pcapng, &style), whole);

    let cut = records(&capture)[4].offset;
    for torn in 1..12 {
        let until = cut + torn;
        let copy = saved(&capture, &Scope::Whole(until), Format::Pcapng, &style);
        assert_eq!(copy, whole[..usize::try_from(cut).unwrap()], "torn {torn} bytes into a block");
    }
    let torn = folder.path().join("torn.pcapng");
    fs::write(&torn, &whole[..whole.len() - 5]).unwrap();
    let copy = saved(&torn, &Scope::ALL, Format::Pcapng, &style);
    assert!(copy.len() < whole.len() - 5 && whole.starts_with(&copy));
    // A log of it ends there too, without complaint.
    assert!(!saved(&torn, &Scope::ALL, Format::Text, &style).is_empty());
}

/// Everything in a folder, so that nothing can be left behind unseen.
fn listing(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_is_there_whole_or_not_at_all() {
    let folder = TempDir::new().unwrap();
    let capture = capture(folder.path());
    let style = style(Charset::Gbk, Body::Text);
    let to = |name: &str, overwrite| Destination { path: folder.path().join(name), overwrite };
    let save = |to: &Destination, progress: export::Progress<'_>| {
        export::to_file(&capture, &Scope::ALL, Format::Text, &style, to, progress)
    };

    let cancelled = save(&to("log.txt", false), &mut |_, _| ControlFlow::Break(()));
    assert!(matches!(cancelled, Err(ExportError::Cancelled)), "{cancelled:?}");
    assert_eq!(listing(folder.path()), ["session.pcapng"]);

    save(&to("log.txt", false), &mut go_on).unwrap();
    let log = fs::read(folder.path().join("log.txt")).unwrap();
    assert_eq!(log, saved(&capture, &Scope::ALL, Format::Text, &style));
    assert_eq!(listing(folder.path()), ["log.txt", "session.pcapng"]);

    fs::write(folder.path().join("log.txt"), "mine").unwrap();
    let exists = save(&to("log.txt", false), &mut go_on);
    assert!(matches!(exists, Err(ExportError::Exists(_))), "{exists:?}");
    assert_eq!(fs::read(folder.path().join("log.txt")).unwrap(), b"mine");
    save(&to("log.txt", true), &mut go_on).unwrap();
    assert_eq!(fs::read(folder.path().join("log.txt")).unwrap(), log);

    let itself = save(&to("session.pcapng", true), &mut go_on);
    assert!(matches!(itself, Err(ExportError::IsTheCapture(_))), "{itself:?}");
    let a_folder = save(&Destination { path: folder.path().to_owned(), overwrite: true }, &mut go_on);
    assert!(matches!(a_folder, Err(ExportError::NotAFile(_))), "{a_folder:?}");
    let nowhere = save(&to("no/such/folder/log.txt", false), &mut go_on);
    assert!(matches!(nowhere, Err(ExportError::Writing(..))), "{nowhere:?}");
    let why = nowhere.unwrap_err().to_string();
    assert!(!why.contains(".netassist-"), "the name of the temporary file tells nobody anything: {why}");
    assert_eq!(listing(folder.path()), ["log.txt", "session.pcapng"]);
}

#[test]
fn errors_name_the_file_and_the_side() {
    let folder = TempDir::new().unwrap();
    let style = style(Charset::Utf8, Body::Text);
    let absent = folder.path().join("absent.pcapng");
    for format in Format::ALL {
        let error =
            export::write(&absent, &Scope::ALL, format, &style, &mut Vec::new(), &mut go_on).unwrap_err();
        assert!(matches!(&error, ExportError::Reading(path, _) if *path == absent), "{format}: {error}");
    }
    let capture = capture(folder.path());
    for format in Format::ALL {
        // A writer that takes only so much.
        let mut small = [0; 20];
        let error = export::write(&capture, &Scope::ALL, format, &style, &mut &mut small[..], &mut go_on)
            .unwrap_err();
        assert!(matches!(error, ExportError::Writing(..)), "{format}: {error}");
    }
    assert_eq!("TEXT".parse(), Ok(Format::Text));
    assert!("doc".parse::<Format>().unwrap_err().to_string().contains("raw-rx"));
}

#[test]
fn a_datagram_has_the_local_address_of_its_packet() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("udp.pcapng");
    let mut writer = Writer::create(&path).unwrap();
    let [group, own, peer] = ["239.1.2.3:9", "10.0.0.1:9", "10.0.0.2:7"].map(|text| text.parse().unwrap());
    writer.begin("udp", "udp 0.0.0.0:9", at(0));
    let flow = writer.flow(Transport::Udp, group, peer, Origin::Datagram, at(0)).id;
    for (n, local) in (0..).zip([group, own, group, own]) {
        writer.local(flow, local);
        let direction = if n % 2 == 0 { Direction::Received } else { Direction::Sent };
        writer.data(flow, direction, Cast::Unicast, true, b"x", at(n));
    }
    writer.commit().unwrap();
    let style = style(Charset::Utf8, Body::Text);
    let locals = |capture: &Path| {
        let lines = saved(capture, &Scope::ALL, Format::Jsonl, &style);
        let lines = String::from_utf8(lines).unwrap();
        let lines = lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        lines.map(|line| format!("{} {}", line["flow"], line["local"])).collect::<Vec<_>>()
    };
    let [heard, sent] = ["0 \"239.1.2.3:9\"", "0 \"10.0.0.1:9\""];
    assert_eq!(locals(&path), [heard, sent, heard, sent]);
    let table = String::from_utf8(saved(&path, &Scope::ALL, Format::Csv, &style)).unwrap();
    assert_eq!(table.matches(",10.0.0.2:7,239.1.2.3:9,").count(), 2, "{table}");
    let part = folder.path().join("part.pcapng");
    let scope = parts::picked(&path, &[0, 1, 2, 3]);
    fs::write(&part, saved(&path, &scope, Format::Pcapng, &style)).unwrap();
    assert_eq!(locals(&part), [heard, sent, heard, sent]);
}
