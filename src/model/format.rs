//! Names of export formats, and of the ways to show data. The formats themselves are in `export`.

use std::fmt;
use std::str::FromStr;

use crate::codec::named_enum;
use crate::codec::text_error::{UnknownName, by_name};

named_enum! {
    /// An export format.
    #[derive(Default)]
    pub enum Format {
        /// A pcapng capture from its beginning, copied as it is.
        #[default]
        Pcapng = "pcapng",
        /// A compact log: one line per record, with its data indented below.
        Text = "text",
        /// The log of NetAssist up to version 4.
        NetAssist = "netassist",
        /// The log of NetAssist 5.
        NetAssist5 = "netassist5",
        /// A hex dump with one packet per record, for Wireshark's `text2pcap -D -t ISO`.
        Hexdump = "hexdump",
        /// A table (RFC 4180) with one row per record.
        Csv = "csv",
        /// JSON Lines: one object (RFC 8259) per record and line, with the data in Base64 (RFC 4648).
        Jsonl = "jsonl",
        /// All received bytes in order.
        RawReceived = "raw-rx",
        /// All sent bytes in order.
        RawSent = "raw-tx",
    }
}

impl Format {
    /// Whether it shows data as text in a charset.
    pub fn has_text(self) -> bool {
        matches!(self, Self::Text | Self::NetAssist | Self::NetAssist5 | Self::Csv | Self::Jsonl)
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

named_enum! {
    /// How the data of a record are shown in a log.
    #[derive(Default)]
    pub enum Body {
        /// As text in the charset.
        #[default]
        Text = "text",
        /// As hex.
        Hex = "hex",
        /// As hex and printable ASCII, 16 bytes per row. NetAssist's formats show hex instead.
        Dump = "dump",
    }
}
