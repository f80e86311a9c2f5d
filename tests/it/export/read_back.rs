//! What other programs and libraries read in the formats that are for them: every byte, its time and
//! its direction.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use netassist::codec::Charset;
use netassist::export::{Body, Format, Scope};
use netassist::journal::Writer;
use netassist::model::{Cast, Direction, Origin, Recorder as _, Stamp, Transport};
use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{capture, records, saved, style};

/// A datagram: which way, and its bytes.
type Datagram = (Direction, Vec<u8>);

/// When the datagram of this index passed, in nanoseconds.
fn nanos(index: usize) -> u64 {
    1_562_853_585_162_345_678 + u64::try_from(index).unwrap() * 1_000_000_001
}

fn seconds(index: usize) -> String {
    format!("{}.{:09}", nanos(index) / 1_000_000_000, nanos(index) % 1_000_000_000)
}

fn iso(index: usize) -> String {
    let timestamp = jiff::Timestamp::from_nanosecond(i128::from(nanos(index))).unwrap();
    timestamp.strftime("%Y-%m-%dT%H:%M:%S.%9fZ").to_string()
}

fn recorded(folder: &Path, datagrams: &[Datagram]) -> PathBuf {
    let path = folder.join("datagrams.pcapng");
    let mut writer = Writer::create(&path).unwrap();
    writer.begin("read back", "udp [2001:db8::2]:9", Stamp(nanos(0)));
    let address = |text: &str| text.parse().unwrap();
    let (local, peer) = (address("[2001:db8::2]:9"), address("[2001:db8::1]:7"));
    let flow = writer.flow(Transport::Udp, local, peer, Origin::Datagram, Stamp(nanos(0))).id;
    for (index, (direction, bytes)) in datagrams.iter().enumerate() {
        writer.data(flow, *direction, Cast::Unicast, true, bytes, Stamp(nanos(index)));
    }
    writer.finish(Some(0), Stamp(nanos(datagrams.len())));
    writer.commit().unwrap();
    path
}

fn tool(name: &str, args: &[&str]) -> String {
    let output = Command::new(name).args(args).stdin(Stdio::null()).output().unwrap_or_else(|error| {
        panic!("{name}: {error}. These tests need Wireshark's tools: apt-get install tshark")
    });
    assert!(output.status.success(), "{name} {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Time, direction as pcapng counts it, and bytes of each packet that text2pcap makes of a hex dump.
pub(super) fn packets(folder: &Path, hexdump: &[u8]) -> Vec<[String; 3]> {
    let (dump, made) = (folder.join("dump.txt"), folder.join("made.pcapng"));
    fs::write(&dump, hexdump).unwrap();
    let (dump, made) = (dump.to_str().unwrap(), made.to_str().unwrap());
    // Link type 147 is for private use: all of a packet is data.
    tool("text2pcap", &["-q", "-D", "-t", "ISO", "-l", "147", dump, made]);
    let fields = ["-e", "frame.time_epoch", "-e", "frame.packet_flags_direction", "-e", "data.data"];
    let told = tool("tshark", &[&["-n", "-r", made, "-T", "fields"], &fields[..]].concat());
    let packet = |line: &str| {
        let fields: Vec<String> = line.split('\t').map(str::to_owned).collect();
        fields.try_into().unwrap_or_else(|fields| panic!("not three fields: {fields:?}"))
    };
    told.lines().map(packet).collect()
}

fn check_hexdump(folder: &Path, capture: &Path, datagrams: &[Datagram]) {
    let dump = saved(capture, &Scope::ALL, Format::Hexdump, &style(Charset::Utf8, Body::Text));
    let packet = |(index, (direction, bytes)): (usize, &Datagram)| {
        let direction = match direction {
            Direction::Received => "0x00000001",
            Direction::Sent => "0x00000002",
        };
        [seconds(index), direction.to_owned(), hex::encode(bytes)]
    };
    // text2pcap knows no empty packet.
    let full = datagrams.iter().enumerate().filter(|(_, (_, bytes))| !bytes.is_empty());
    assert_eq!(packets(folder, &dump), full.map(packet).collect::<Vec<_>>());
}

fn check_csv(capture: &Path, datagrams: &[Datagram]) {
    // Latin text has a character for each byte, so that everything gets into the text column.
    let style = style(Charset::Latin1, Body::Hex);
    let table = saved(capture, &Scope::ALL, Format::Csv, &style);
    let mut reader = csv::Reader::from_reader(&table[..]);
    assert_eq!(
        reader.headers().unwrap(),
        [
            "seq",
            "time",
            "event",
            "direction",
            "peer",
            "local",
            "length",
            "data_hex",
            "text",
            "last_time",
            "flow",
            "why"
        ]
        .as_slice()
    );
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), datagrams.len());
    for (index, (row, (direction, bytes))) in rows.iter().zip(datagrams).enumerate() {
        let direction = match direction {
            Direction::Received => "in",
            Direction::Sent => "out",
        };
        let (seq, length) = ((index + 1).to_string(), bytes.len().to_string());
        let fixed = [&seq, &iso(index), "data", direction, "[2001:db8::1]:7", "[2001:db8::2]:9", &length];
        assert_eq!(row.iter().take(7).collect::<Vec<_>>(), fixed);
        assert_eq!(hex::decode(row[7].replace(' ', "")).unwrap(), *bytes);
        assert_eq!(row[8].is_empty(), bytes.is_empty(), "{row:?}");
        assert_eq!(&row[9], "", "a record has one time");
        let may_run = |cell: &str| {
            cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && cell.parse::<f64>().is_err()
        };
        assert!(!row.iter().any(may_run), "{row:?}");
    }
}

fn check_jsonl(capture: &Path, datagrams: &[Datagram]) {
    let lines = saved(capture, &Scope::ALL, Format::Jsonl, &style(Charset::Utf8, Body::Text));
    let lines = String::from_utf8(lines).unwrap();
    let objects: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(objects.len(), datagrams.len());
    for (index, (object, (direction, bytes))) in objects.iter().zip(datagrams).enumerate() {
        let dir = match direction {
            Direction::Received => "in",
            Direction::Sent => "out",
        };
        let data = &object["data"];
        let (peer, local) = ("[2001:db8::1]:7", "[2001:db8::2]:9");
        let expected = json!({
            "seq": index + 1, "ts": iso(index), "dir": dir, "peer": peer, "local": local,
            "flow": object["flow"], "data": data,
        });
        assert_eq!(*object, expected);
        assert!(object["flow"].is_u64());
        assert_eq!(STANDARD.decode(data.as_str().unwrap()).unwrap(), *bytes);
    }
}

fn check(datagrams: &[Datagram]) {
    let folder = TempDir::new().unwrap();
    let capture = recorded(folder.path(), datagrams);
    check_hexdump(folder.path(), &capture, datagrams);
    check_csv(&capture, datagrams);
    check_jsonl(&capture, datagrams);
}

/// Bytes of any kind, and some that look like parts of a dump, a table or an object.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let tricky = prop::sample::select(&b"abAB019 \t\r\n#>|:IO=+-@,;\"'\\{}"[..]);
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..100),
        prop::collection::vec(tricky, 0..100),
        "#TEXT2PCAP|[0-9a-f]{2}( [0-9a-f]{2}){0,20} ?|0000[0-9]{2}|[=+@-][A-Z]1".prop_map(String::into_bytes),
    ]
}

fn datagram() -> impl Strategy<Value = Datagram> {
    (prop::sample::select(&[Direction::Received, Direction::Sent][..]), bytes())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn every_byte_comes_back(datagrams in prop::collection::vec(datagram(), 1..200)) {
        check(&datagrams);
    }
}

#[test]
fn the_longest_and_the_shortest_come_back() {
    let long: Vec<u8> = (0..65_507_u32).map(|n| u8::try_from(n * n % 251).unwrap()).collect();
    check(&[(Direction::Sent, long.clone()), (Direction::Sent, vec![]), (Direction::Received, long)]);
}

#[test]
fn events_are_read_back() {
    let folder = TempDir::new().unwrap();
    let capture = capture(folder.path());
    let style = style(Charset::Gbk, Body::Hex);
    let events = [
        ("note", "listening on 192.168.56.2:8080"),
        ("accepted", ""),
        ("accepted", ""),
        ("peer-fin", ""),
        ("peer-reset", ""),
        ("own-fin", ""),
        ("refused", "connecting to 192.168.56.9:1: Connection refused (os error 111)"),
    ];

    let lines = String::from_utf8(saved(&capture, &Scope::ALL, Format::Jsonl, &style)).unwrap();
    let objects: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told = objects.iter().filter_map(|object| {
        Some((object.get("event")?.as_str()?, object.get("comment").map_or("", |c| c.as_str().unwrap())))
    });
    assert_eq!(told.collect::<Vec<_>>(), [&events[..], &[("note", "two\nlines")]].concat());

    let table = saved(&capture, &Scope::ALL, Format::Csv, &style);
    let rows: Vec<_> = csv::Reader::from_reader(&table[..]).into_records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), objects.len());
    let told = rows.iter().map(|row| (&row[2], &row[8])).filter(|(event, _)| *event != "data");
    assert_eq!(told.collect::<Vec<_>>(), [&events[..], &[("note", "two\nlines")]].concat());

    let dump = saved(&capture, &Scope::ALL, Format::Hexdump, &style);
    assert_eq!(packets(folder.path(), &dump).len(), 6, "the records with bytes, and nothing else");
}

#[test]
fn a_table_of_nothing_has_a_header() {
    let folder = TempDir::new().unwrap();
    let capture = capture(folder.path());
    let scope = Scope::Whole(records(&capture)[0].offset);
    let style = style(Charset::Utf8, Body::Text);
    let table = String::from_utf8(saved(&capture, &scope, Format::Csv, &style)).unwrap();
    assert_eq!(table, "seq,time,event,direction,peer,local,length,data_hex,text,last_time,flow,why\r\n");
    assert!(saved(&capture, &scope, Format::Jsonl, &style).is_empty());
}
