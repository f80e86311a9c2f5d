//! The packets of Packet Sender: its `packets.ini`, a file of Qt's `QSettings`, and its JSON export, according to the
//! manual and the source of the program.
//!
//! A packet has a name, its bytes in hex, and an address. Quick sends have no address, so it becomes a part of the note.
//! The repeat interval in seconds becomes the pause.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use super::settings::{self, Setting};
use super::{ImportIssue, Imported, Source, line_of};
use crate::codec::Charset;
use crate::codec::compose::{Manner, Mode};
use crate::codec::hex;
use crate::model::{Fault, Problem};
use crate::workspace::FileProblem;
use crate::workspace::quick::QuickSend;

#[derive(Default)]
struct Packet {
    name: String,
    hex: Option<String>,
    to: String,
    port: String,
    protocol: String,
    /// In seconds.
    repeat: String,
    request: String,
}

impl Packet {
    /// The field of a key: `toIP` in `packets.ini`, `toip` in JSON.
    fn field(&mut self, key: &str) -> Option<&mut String> {
        Some(match key.to_ascii_lowercase().as_str() {
            "name" => &mut self.name,
            "hexstring" => self.hex.get_or_insert_default(),
            "toip" => &mut self.to,
            "port" => &mut self.port,
            "tcporudp" => &mut self.protocol,
            "repeat" => &mut self.repeat,
            "requestpath" => &mut self.request,
            // The other keys tell when and from where it was received.
            _ => return None,
        })
    }
}

/// Whether a text is a `packets.ini`: it has the bytes of a packet.
pub(super) fn is_ini(text: &str) -> bool {
    let mut in_group = false;
    text.lines().map(str::trim).any(|line| {
        in_group |= line.starts_with('[') && line.ends_with(']');
        let key = line.split_once('=').map(|(key, _)| key.rsplit('\\').next());
        in_group && key == Some(Some("hexString"))
    })
}

/// Reads a `packets.ini`. Packets are in the order of the list of names, if there is one.
pub(super) fn read_ini(text: &str) -> Imported {
    let mut imported = Imported::new(Source::PacketSenderIni);
    let (found, invalid_lines) = settings::read(text);
    for line in invalid_lines {
        imported.remark(line, ImportIssue::NotALine);
    }
    // By group, with the first line of each.
    let mut packets: BTreeMap<&str, (usize, Packet)> = BTreeMap::new();
    let mut names: Vec<(u64, usize, &str, &str)> = Vec::new();
    for Setting { line, path, value } in &found {
        let Some((group, key)) = path.rsplit_once('/') else { continue };
        let place = group.rsplit_once('/').and_then(|(_, n)| n.parse().ok());
        if let (Some(place), "name") = (place, key) {
            names.push((place, *line, value, group));
            continue;
        }
        let (_, packet) = packets.entry(group).or_insert_with(|| (*line, Packet::default()));
        if let Some(field) = packet.field(key) {
            value.clone_into(field);
        }
    }
    names.sort_unstable();
    let mut in_order = Vec::new();
    for (_, line, name, place) in names {
        // The rest of it is in a group of its name, or beside the name.
        let found = packets.remove(name).filter(|(_, packet)| packet.hex.is_some());
        match found.or_else(|| packets.remove(place)).filter(|(_, packet)| packet.hex.is_some()) {
            Some((begins, packet)) => {
                in_order.push((begins, Packet { name: name.to_owned(), ..packet }));
            }
            None => imported.remark(line, ImportIssue::NoContent),
        }
    }
    let rest = packets.into_iter().map(|(group, (line, mut packet))| {
        if packet.name.is_empty() {
            group.clone_into(&mut packet.name);
        }
        (line, packet)
    });
    let mut rest: Vec<_> = rest.filter(|(_, packet)| packet.hex.is_some()).collect();
    rest.sort_by_key(|(line, _)| *line);
    for (line, packet) in in_order.into_iter().chain(rest) {
        add(&mut imported, line, packet);
    }
    imported.remarks.sort_by_key(|remark| remark.line);
    imported
}

/// Reads a JSON export. An error is that the text is not an array of packets.
pub(super) fn read_json(text: &str) -> Result<Imported, FileProblem> {
    let mut imported = Imported::new(Source::PacketSenderJson);
    let wrong = |error: serde_json::Error| {
        let why = error.to_string();
        let why = why.split(" at line ").next().unwrap_or_default();
        file_problem(error.line(), error.column(), why.to_owned())
    };
    let elements: Vec<&RawValue> = serde_json::from_str(text).map_err(wrong)?;
    let mut n_packets = 0;
    for element in elements {
        // The element borrows from `text`.
        let at = (element.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        let line = line_of(text, at);
        match json_packet(element.get()) {
            Some(packet) if packet.hex.is_some() => {
                n_packets += 1;
                add(&mut imported, line, packet);
            }
            Some(_) => imported.remark(line, ImportIssue::NoContent),
            None => imported.remark(line, ImportIssue::NotALine),
        }
    }
    if n_packets == 0 && !imported.remarks.is_empty() {
        return Err(file_problem(
            1,
            1,
            "no packet of Packet Sender found: expected objects with \"hexstring\"".into(),
        ));
    }
    Ok(imported)
}

/// A packet; `None` if the element is not an object, or a field has another type. Some versions write numbers.
fn json_packet(element: &str) -> Option<Packet> {
    let object: BTreeMap<String, Value> = serde_json::from_str(element).ok()?;
    let mut packet = Packet::default();
    for (key, value) in object {
        match value {
            Value::Null => {}
            Value::String(text) => packet.field(&key).into_iter().for_each(|field| field.clone_from(&text)),
            Value::Number(number) if key != "hexstring" => {
                packet.field(&key).into_iter().for_each(|field| *field = number.to_string());
            }
            _ if packet.field(&key).is_some() => return None,
            _ => {}
        }
    }
    Some(packet)
}

fn file_problem(line: usize, column: usize, why: String) -> FileProblem {
    FileProblem { line, column, problem: Problem::new("", Fault::Other(why)) }
}

/// The placeholders of Packet Sender.
const MACROS: [&str; 5] = ["{{TIME}}", "{{DATE}}", "{{UNIXTIME}}", "{{RANDOM}}", "{{UNIQUE}}"];

fn add(imported: &mut Imported, line: usize, packet: Packet) {
    let Packet { name, hex, to, port, protocol, repeat, request } = packet;
    let [to, port, protocol, request] = [&to, &port, &protocol, &request].map(|text| text.trim());
    if !["", "tcp", "udp"].iter().any(|known| protocol.eq_ignore_ascii_case(known)) {
        imported.remark(line, ImportIssue::Protocol(protocol.to_owned()));
    }
    let hex = hex.unwrap_or_default();
    let (mode, content) = match hex::parse_pasted(&hex) {
        Ok(bytes) => match readable(&bytes) {
            Some(content) => {
                for name in MACROS.into_iter().filter(|name| content.contains(name)) {
                    imported.remark(line, ImportIssue::Macro(name.to_owned()));
                }
                (Mode::Text, content)
            }
            None => (Mode::Hex, hex::to_text(&bytes)),
        },
        Err(_not_hex) => {
            imported.remark(line, ImportIssue::Hex);
            (Mode::Hex, hex)
        }
    };
    let delay = match repeat.trim().parse::<f64>() {
        _ if repeat.trim().is_empty() => String::new(),
        Ok(0.0) => String::new(),
        Ok(seconds) if (0.0..=86_400.0).contains(&seconds) => format!("{seconds}s"),
        Ok(_) | Err(_) => {
            imported.remark(line, ImportIssue::Number(repeat));
            String::new()
        }
    };
    let address = match (to, port) {
        ("", _) => String::new(),
        (host, port) if host.contains(':') => format!("[{host}]:{port}"),
        (host, port) => format!("{host}:{port}"),
    };
    let note: Vec<&str> = [protocol, &address, request].into_iter().filter(|part| !part.is_empty()).collect();
    imported
        .push(line, QuickSend { name, mode, content, note: note.join(" "), delay, ..QuickSend::default() });
}

/// The bytes as text with escapes, if they contain no other control characters than line ends and tabs.
fn readable(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let is_readable = text.chars().all(|c| !c.is_control() || "\r\n\t".contains(c));
    let manner = Manner { mode: Mode::Text, escapes: true, charset: Charset::Utf8 };
    is_readable.then(|| manner.print(bytes)).flatten()
}
