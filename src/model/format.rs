//! Names of export formats, and of the ways to show data. The formats themselves are in `export`.

use std::fmt;
use std::str::FromStr;

use crate::codec::text_error::{UnknownName, by_name};

/// An export format.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// A pcapng capture from its beginning, copied as it is.
    #[default]
    Pcapng,
    /// A compact log: one line per record, with its data indented below.
    Text,
    /// The log of NetAssist up to version 4.
    NetAssist,
    /// The log of NetAssist 5.
    NetAssist5,
    /// A hex dump with one packet per record, for Wireshark's `text2pcap -D -t ISO`.
    Hexdump,
    /// A table (RFC 4180) with one row per record.
    Csv,
    /// JSON Lines: one object (RFC 8259) per record and line, with the data in Base64 (RFC 4648).
    Jsonl,
    /// All received bytes in order.
    RawReceived,
    /// All sent bytes in order.
    RawSent,
}

impl Format {
    /// All formats, in the order of the selector.
    pub const ALL: [Self; 9] = [
        Self::Pcapng,
        Self::Text,
        Self::NetAssist,
        Self::NetAssist5,
        Self::Hexdump,
        Self::Csv,
        Self::Jsonl,
        Self::RawReceived,
        Self::RawSent,
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pcapng => "pcapng",
            Self::Text => "text",
            Self::NetAssist => "netassist",
            Self::NetAssist5 => "netassist5",
            Self::Hexdump => "hexdump",
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::RawReceived => "raw-rx",
            Self::RawSent => "raw-tx",
        }
    }

    /// The usual file extension, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Pcapng => "pcapng",
            Self::Text | Self::NetAssist | Self::NetAssist5 | Self::Hexdump => "txt",
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::RawReceived | Self::RawSent => "bin",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        by_name("format", &Self::ALL, Self::name, text)
    }
}

/// How the data of a record are shown in a log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Body {
    /// As text in the charset.
    #[default]
    Text,
    /// As hex.
    Hex,
    /// As hex and printable ASCII, 16 bytes per row. NetAssist's formats show hex instead.
    Dump,
}

impl Body {
    /// All of them, in the order of the buttons.
    pub const ALL: [Self; 3] = [Self::Text, Self::Hex, Self::Dump];

    /// The name in the settings file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Hex => "hex",
            Self::Dump => "dump",
        }
    }
}
