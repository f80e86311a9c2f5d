//! The packets of Packet Sender: its `packets.ini`, a file of Qt's `QSettings`, and its export as JSON. What the
//! program's manual and source tell of them. Knows no other format.
//!
//! A packet has a name, its bytes as hex, and an address that the quick sends of a session have not: it is put
//! into the note. Its repetition in seconds becomes the time to the next one.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::settings::{self, Setting};
use super::{ImportIssue, Imported, Source, line_of};
use crate::codec::Charset;
use crate::codec::compose::{Manner, Mode};
use crate::codec::hex;
use crate::model::{Fault, Problem};
use crate::workspace::FileProblem;
use crate::workspace::quick::QuickSend;

/// What is known of a packet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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

/// Whether a text is such a `packets.ini`: it has the bytes of a packet.
pub(super) fn is_ini(text: &str) -> bool {
    let mut in_group = false;
    text.lines().map(str::trim).any(|line| {
        in_group |= line.starts_with('[') && line.ends_with(']');
        let key = line.split('=').next().unwrap_or_default();
        in_group && line.contains('=') && key.rsplit('\\').next() == Some("hexString")
    })
}

/// Reads a `packets.ini`. The packets stand in the order of the list of their names, if there is one.
pub(super) fn read_ini(text: &str) -> Imported {
    let mut imported = Imported::new(Source::PacketSenderIni);
    let (found, wrong) = settings::read(text);
    for line in wrong {
        imported.remark(line, ImportIssue::NotALine);
    }
    // By the group, with the line in which each begins.
    let mut packets: BTreeMap<&str, (usize, Packet)> = BTreeMap::new();
    let mut names: Vec<(u64, usize, &str)> = Vec::new();
    for Setting { line, path, value } in &found {
        let Some((group, key)) = path.rsplit_once('/') else { continue };
        let place = group.rsplit_once('/').and_then(|(_, n)| n.parse().ok());
        if let (Some(place), "name") = (place, key) {
            names.push((place, *line, value));
            continue;
        }
        let (_, packet) = packets.entry(group).or_insert_with(|| (*line, Packet::default()));
        let slot = match key {
            "name" => &mut packet.name,
            "hexString" => packet.hex.insert(String::new()),
            "toIP" => &mut packet.to,
            "port" => &mut packet.port,
            "tcpOrUdp" => &mut packet.protocol,
            "repeat" => &mut packet.repeat,
            "requestPath" => &mut packet.request,
            // The others say what was received when, and from where.
            _ => continue,
        };
        value.clone_into(slot);
    }
    names.sort_unstable();
    let mut in_order = Vec::new();
    for (_, line, name) in names {
        match packets.remove(name) {
            Some((begins, packet)) if packet.hex.is_some() => {
                in_order.push((begins, Packet { name: name.to_owned(), ..packet }));
            }
            Some(_) | None => imported.remark(line, ImportIssue::NoContent),
        }
    }
    let rest = packets.into_iter().filter(|(_, (_, packet))| packet.hex.is_some());
    let mut rest: Vec<(usize, Packet)> = rest
        .map(|(group, (line, packet))| {
            let name = if packet.name.is_empty() { group.to_owned() } else { packet.name.clone() };
            (line, Packet { name, ..packet })
        })
        .collect();
    rest.sort_by_key(|(line, _)| *line);
    for (line, packet) in in_order.into_iter().chain(rest) {
        take(&mut imported, line, packet);
    }
    imported.remarks.sort_by_key(|remark| remark.line);
    imported
}

/// A packet as JSON has it: all values are texts, but that some versions write numbers.
#[derive(Debug, Deserialize)]
struct JsonPacket {
    #[serde(default)]
    name: Plain,
    hexstring: Option<String>,
    #[serde(default)]
    toip: Plain,
    #[serde(default)]
    port: Plain,
    #[serde(default)]
    tcporudp: Plain,
    #[serde(default)]
    repeat: Plain,
    #[serde(default)]
    requestpath: Plain,
}

/// A text or a number.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Plain {
    Text(String),
    Number(serde_json::Number),
    Nothing(()),
}

impl Default for Plain {
    fn default() -> Self {
        Self::Nothing(())
    }
}

impl From<Plain> for String {
    fn from(plain: Plain) -> Self {
        match plain {
            Plain::Text(text) => text,
            Plain::Number(number) => number.to_string(),
            Plain::Nothing(()) => Self::new(),
        }
    }
}

/// Reads an export in JSON. The program puts the newest first.
///
/// # Errors
/// When it is no array.
pub(super) fn read_json(text: &str) -> Result<Imported, FileProblem> {
    let mut imported = Imported::new(Source::PacketSenderJson);
    let elements: Vec<&serde_json::value::RawValue> =
        serde_json::from_str(text).map_err(|error| wrong(error.line(), error.column(), error.to_string()))?;
    let mut n_packets = 0;
    for element in elements {
        // The element is a part of the text itself.
        let at = (element.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        let line = line_of(text, at);
        match serde_json::from_str::<JsonPacket>(element.get()) {
            Ok(JsonPacket { name, hexstring: Some(hex), toip, port, tcporudp, repeat, requestpath }) => {
                n_packets += 1;
                let packet = Packet {
                    name: name.into(),
                    hex: Some(hex),
                    to: toip.into(),
                    port: port.into(),
                    protocol: tcporudp.into(),
                    repeat: repeat.into(),
                    request: requestpath.into(),
                };
                take(&mut imported, line, packet);
            }
            Ok(JsonPacket { hexstring: None, .. }) => imported.remark(line, ImportIssue::NoContent),
            Err(_no_packet) => imported.remark(line, ImportIssue::NotALine),
        }
    }
    if n_packets == 0 && !imported.remarks.is_empty() {
        let why = "there is no packet of Packet Sender in it: an object with \"hexstring\"".to_owned();
        return Err(wrong(1, 1, why));
    }
    Ok(imported)
}

fn wrong(line: usize, column: usize, why: String) -> FileProblem {
    FileProblem { line, column, problem: Problem::new("", Fault::Other(why)) }
}

/// The placeholders of Packet Sender.
const MACROS: [&str; 5] = ["{{TIME}}", "{{DATE}}", "{{UNIXTIME}}", "{{RANDOM}}", "{{UNIQUE}}"];

fn take(imported: &mut Imported, line: usize, packet: Packet) {
    let Packet { name, hex, to, port, protocol, repeat, request } = packet;
    let hex = hex.unwrap_or_default();
    if !["", "tcp", "udp"].contains(&protocol.trim().to_ascii_lowercase().as_str()) {
        imported.remark(line, ImportIssue::Protocol(protocol.clone()));
    }
    let (mode, content) = match hex::parse_pasted(&hex) {
        Ok(bytes) => {
            // What can be read is more use as text.
            let text = Manner { mode: Mode::Text, escapes: true, charset: Charset::Utf8 };
            let readable = std::str::from_utf8(&bytes)
                .ok()
                .filter(|text| text.chars().all(|c| !c.is_control() || ['\r', '\n', '\t'].contains(&c)));
            if let Some(text) = readable {
                for name in MACROS.iter().filter(|name| text.contains(**name)) {
                    imported.remark(line, ImportIssue::Macro((*name).to_owned()));
                }
            }
            match readable.and_then(|_| text.print(&bytes)) {
                Some(content) => (Mode::Text, content),
                None => (Mode::Hex, hex::to_text(&bytes)),
            }
        }
        Err(_no_hex) => {
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
    let address = match (to.trim(), port.trim()) {
        ("", _) => String::new(),
        (host, port) if host.contains(':') => format!("[{host}]:{port}"),
        (host, port) => format!("{host}:{port}"),
    };
    let note: Vec<&str> = [protocol.trim(), address.as_str(), request.trim()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    let quick = QuickSend { name, mode, content, note: note.join(" "), delay, ..QuickSend::default() };
    imported.push(line, quick);
}
