//! What a capture can be saved as, and how its data are shown. Names only: `export` knows how.

use std::fmt;
use std::str::FromStr;

use crate::codec::text_error::{UnknownName, by_name};

/// What a capture can be saved as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// A pcapng capture, as it is, always from its beginning.
    #[default]
    Pcapng,
    /// A compact log: one line for each record, its data indented below.
    Text,
    /// The log of NetAssist up to version 4.
    NetAssist,
    /// The log of NetAssist 5.
    NetAssist5,
    /// A hex dump of the data, one packet a record, that Wireshark's `text2pcap -D -t ISO` reads.
    Hexdump,
    /// A table (RFC 4180), one row for each record.
    Csv,
    /// JSON Lines: an object (RFC 8259) for each record, one a line, the data in Base64 (RFC 4648).
    Jsonl,
    /// All received bytes, in order, and nothing else.
    RawReceived,
    /// All sent bytes, in order, and nothing else.
    RawSent,
}

impl Format {
    /// All of them, in the order of a list to choose from.
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

    /// The usual ending of a file's name, without the dot.
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
    /// As hex and printable ASCII, 16 bytes a row. NetAssist's formats have no such thing and give hex.
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
