//! Writes the initial corpora, in a folder each.

use std::error::Error;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::{env, fs};

use netassist_fuzz::file;
use netassist_fuzz::journal::Writer;
use netassist_fuzz::model::{Cast, Direction, Ending, Origin, Recorder as _, SessionNote, Stamp, Transport};
use netassist_fuzz::workspace::EXAMPLES;

fn main() -> Result<(), Box<dyn Error>> {
    let corpora = PathBuf::from(env::args_os().nth(1).ok_or("expected the folder for all corpora")?);
    let folder = |name: &str| -> Result<PathBuf, std::io::Error> {
        let folder = corpora.join(name);
        fs::create_dir_all(&folder).map(|()| folder)
    };
    let (capture, import) = (folder("capture")?, folder("import")?);
    for (name, peer, n_bytes) in
        [("v4", "127.0.0.1:2", 40), ("v6", "[::1]:2", 40), ("long", "127.0.0.1:2", 1_500)]
    {
        let made = file(name);
        conversations(&made, peer, n_bytes)?;
        let bytes = fs::read(&made)?;
        fs::write(capture.join(name), &bytes)?;
        fs::write(import.join(name), &bytes)?;
        fs::write(import.join(format!("{name}.pcap")), ethernet(&bytes))?;
    }
    let framing = folder("framing")?;
    for (n, text) in [
        "none",
        "line",
        "delimiter:0D0A",
        "fixed:3",
        "length:1:2:be:-1:whole:max=9",
        "length:0:1:le",
        "idle:1ms",
    ]
    .into_iter()
    .enumerate()
    {
        fs::write(framing.join(n.to_string()), [&[3], text.as_bytes(), b"\n\x03ab\r\nc\r\0\x01\n"].concat())?;
    }
    let websocket = folder("websocket")?;
    let masked = b"\x01\x83abcd\x04\x07\x06\x89\x80abcd\x80\x82abcd\x05\x05\x82\xfe\x00\x80abcd";
    for (name, side, bytes) in [
        ("masked", 1, &masked[..]),
        ("plain", 0, b"\x81\x05hello\x8a\x00\x02\x01\x00\x80\x00\x88\x05\x03\xe8bye"),
        ("long", 0, b"\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00\x81\x7e\x00\x7e"),
        (
            "request",
            1,
            b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: a, Upgrade\r\n\r\n\x81",
        ),
        (
            "response",
            0,
            b"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
        ),
    ] {
        fs::write(websocket.join(name), [&[3, side], bytes].concat())?;
    }
    let (workspace, rules) = (folder("workspace")?, folder("rules")?);
    for example in EXAMPLES {
        fs::write(workspace.join(example.name), example.text)?;
        let messages = b"\0hello\r\n\0{\"file\": \"a\"}\0\x01\x03\x01\x01\x01\x06\x01\x03\x01";
        fs::write(rules.join(example.name), [example.text.as_bytes(), messages].concat())?;
    }
    relay(&folder("relay")?)?;
    let lists = folder("lists")?;
    for (name, text) in [
        ("sscom.ini", "N101=1,Reset,500\r\nN1=H,13 00 FF\r\nN102=0,,1000\r\nN2=A,AT\\r\\n\r\n"),
        ("packets.ini", "[General]\n[TESTPACKET1]\nname=a\nhexString=41 0d\ntoIP=127.0.0.1\nport=7\n"),
        ("packets.json", r#"[{"name": "a", "hexString": "41 0d", "toIP": "127.0.0.1", "port": 7}]"#),
        ("own.toml", "[[quick]]\nname = 'a'\ncontent = '01 03'\nmode = 'hex'\nappend = ['CRC-16/MODBUS']\n"),
    ] {
        fs::write(lists.join(name), text)?;
    }
    let (typed, charset) = (folder("typed")?, folder("charset")?);
    for (n, text) in [
        "hello\\r\\n\\x0D\\u{4E2D}",
        "0x48, 65-6c:6C \\x6f",
        "AT[0D 0A] [[",
        "{n:08} {time:%H:%M:%S} {len:2:be} {random:4} {1}",
        "^a(?P<b>[0-9]+)|\\?A?1",
        "CRC-16/MODBUS:from=1:to=-2",
        "网络调试 ネット 한국어 кот é",
    ]
    .into_iter()
    .enumerate()
    {
        fs::write(typed.join(n.to_string()), [text.as_bytes(), &[0x80, 0]].concat())?;
        fs::write(charset.join(n.to_string()), [text.as_bytes(), &[1, 2]].concat())?;
    }
    Ok(())
}

/// A capture with everything that can be recorded.
fn conversations(path: &Path, peer: &str, n_bytes: usize) -> Result<(), Box<dyn Error>> {
    let (rx, tx) = (Direction::Received, Direction::Sent);
    let peer: SocketAddr = peer.parse()?;
    let local = if peer.is_ipv4() { "127.0.0.1:1" } else { "[::1]:1" }.parse()?;
    let bytes: Vec<u8> = b"\x05hello\r\n".iter().copied().cycle().take(n_bytes).collect();
    let mut writer = Writer::create(path)?;
    writer.begin("seed", "tcp-client 127.0.0.1:2", Stamp(1));
    writer.host("localhost", peer.ip());
    for (n, how) in [Ending::PeerFin, Ending::OwnReset].into_iter().enumerate() {
        let origin = if n == 0 { Origin::Connected } else { Origin::Accepted };
        let flow = writer.flow(Transport::Tcp, local, peer, origin, Stamp(2)).id;
        writer.connected(flow, Stamp(3));
        writer.data(flow, tx, Cast::Unicast, true, &bytes, Stamp(4));
        writer.data(flow, rx, Cast::Unicast, false, &bytes, Stamp(5_000_000));
        writer.data(flow, rx, Cast::Unicast, true, b"\n", Stamp(5_000_001));
        writer.ended(flow, how, Stamp(6_000_000));
    }
    let refused = writer.flow(Transport::Tcp, local, peer, Origin::Connected, Stamp(6_000_001)).id;
    writer.refused(refused, "connection refused", Stamp(7_000_000));
    writer.note("noted", Stamp(7_000_001));
    writer.session_note(SessionNote::Closed, Stamp(7_000_001));
    let datagrams = writer.flow(Transport::Udp, local, peer, Origin::Datagram, Stamp(8_000_000)).id;
    for cast in [Cast::Unicast, Cast::Multicast, Cast::Broadcast] {
        writer.data(datagrams, rx, cast, true, bytes.get(..20).unwrap_or_default(), Stamp(8_000_001));
    }
    writer.data(datagrams, tx, Cast::Unicast, true, b"", Stamp(8_000_002));
    writer.finish(Some(3), Stamp(9_000_000));
    writer.commit()?;
    Ok(())
}

/// The packets of one of our captures in Ethernet frames and in the older format (pcap).
fn ethernet(capture: &[u8]) -> Vec<u8> {
    let word = |at: usize| -> usize {
        let bytes = capture.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
        u32::from_le_bytes(bytes.unwrap_or_default()) as usize
    };
    let mut pcap = [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 262_144, 1].map(u32::to_le_bytes).concat();
    let mut at = 0;
    while at < capture.len() {
        if word(at) == 6 {
            let len = word(at + 20);
            let packet = capture.get(at + 28..at + 28 + len).unwrap_or_default();
            let kind: u16 = if packet.first().is_some_and(|byte| byte >> 4 == 6) { 0x86dd } else { 0x0800 };
            let len = u32::try_from(len + 14).unwrap_or_default().to_le_bytes();
            pcap.extend([[0; 4], [0; 4], len, len].concat());
            pcap.extend([&[0; 12], &kind.to_be_bytes()[..], packet].concat());
        }
        at += word(at + 4).max(12);
    }
    pcap
}

/// Requests to a proxy, answers of one, and sessions of a relay with what a client sends.
fn relay(folder: &Path) -> Result<(), Box<dyn Error>> {
    for (name, bytes) in [
        ("socks5", &b"\0\x01\x05\x01\0\x05\x01\0\x03\x0bexample.org\x01\xbbhello"[..]),
        ("socks4", b"\0\x01\x04\x01\0\x50\x7f\0\0\x01\0"),
        ("v6", b"\0\x01\x05\x02\0\x02\x05\x01\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\x50"),
        ("connect", b"\0\x01CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n"),
        ("reply", b"\x01\x01\x05\x02\x01\0\x05\0\0\x01\x7f\0\0\x01\0\x50"),
        (
            "status",
            b"\x01\x01HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
        ),
    ] {
        fs::write(folder.join(name), bytes)?;
    }
    let stream = b"\0hello\r\nworld\n\x03abc\x02de\r\n";
    for (n, (framing, faults, rule)) in [
        ("line", "delay=100ms~20ms,loss=50%,burst=2", ""),
        (
            "delimiter:0D0A",
            "corrupt=50%,bits=3,duplicate=50%,match=o",
            "then = 'drop'\nwhen = 'contains'\npattern = 'w'",
        ),
        (
            "length:0:1:be",
            "cut=50%,join=50%,slice=2,rate=9600",
            "then = 'replace'\nwhen = 'regex'\npattern = '(.)b'\ncontent = '{1}x'",
        ),
        ("fixed:3", "pause=3:2s,stall=9,close=12", "then = 'hold'\nfrom = 'client'\nand-then = 'go-on'"),
        ("line", "slice=1,pause=2:1s", ""),
        ("idle:1ms", "reset=5,loss=5%", ""),
    ]
    .into_iter()
    .enumerate()
    {
        let rule = if rule.is_empty() { String::new() } else { format!("[[session.rule]]\n{rule}\n") };
        let text = format!(
            "[[session]]\nprotocol = 'tcp-relay'\nlocal = '127.0.0.1:0'\nremote = 'a:1'\nframing = '{framing}'\n\
             options.fault = '{faults}'\noptions.seed = 7\n{rule}"
        );
        fs::write(folder.join(n.to_string()), [b"\x02\x03", text.as_bytes(), stream].concat())?;
    }
    Ok(())
}
