//! Charsets: their names, and encoding. Decoding is in `decode`.

use std::fmt;
use std::str::FromStr;

use encoding_rs::{EncoderResult, Encoding};

use super::named_enum;
use super::text_error::{TextError, UnknownName, by_name};

named_enum! {
    /// A character encoding.
    #[derive(Default)]
    pub enum Charset {
        /// UTF-8 (RFC 3629).
        #[default]
        Utf8 = "utf-8",
        /// GBK, simplified Chinese (code page 936). Also decodes GB 18030, as in the WHATWG standard.
        Gbk = "gbk",
        /// GB 18030-2022.
        Gb18030 = "gb18030",
        /// Big5 with the Hong Kong extensions, traditional Chinese.
        Big5 = "big5",
        /// Shift JIS as in Windows (code page 932).
        ShiftJis = "shift_jis",
        /// EUC-JP.
        EucJp = "euc-jp",
        /// EUC-KR as in Windows (code page 949).
        EucKr = "euc-kr",
        /// ISO-8859-1 proper: each byte is the character with the same code.
        Latin1 = "latin1",
        /// Windows-1252, Western European.
        Windows1252 = "windows-1252",
        /// Windows-1251, Cyrillic.
        Windows1251 = "windows-1251",
        /// KOI8-R, Russian.
        Koi8R = "koi8-r",
        /// UTF-16, little-endian. A byte order mark is neither written nor interpreted.
        Utf16Le = "utf-16le",
        /// UTF-16, big-endian. A byte order mark is neither written nor interpreted.
        Utf16Be = "utf-16be",
    }
}

impl Charset {
    /// The name for display: `UTF-8`, `GBK`.
    pub fn label(self) -> &'static str {
        self.row().0
    }

    /// The conversion table; `None` for Latin-1, which the WHATWG standard maps to Windows-1252.
    pub(super) fn encoding(self) -> Option<&'static Encoding> {
        self.row().1
    }

    fn row(self) -> (&'static str, Option<&'static Encoding>) {
        match self {
            Self::Utf8 => ("UTF-8", Some(encoding_rs::UTF_8)),
            Self::Gbk => ("GBK", Some(encoding_rs::GBK)),
            Self::Gb18030 => ("GB 18030", Some(encoding_rs::GB18030)),
            Self::Big5 => ("Big5", Some(encoding_rs::BIG5)),
            Self::ShiftJis => ("Shift_JIS", Some(encoding_rs::SHIFT_JIS)),
            Self::EucJp => ("EUC-JP", Some(encoding_rs::EUC_JP)),
            Self::EucKr => ("EUC-KR", Some(encoding_rs::EUC_KR)),
            Self::Latin1 => ("Latin-1", None),
            Self::Windows1252 => ("Windows-1252", Some(encoding_rs::WINDOWS_1252)),
            Self::Windows1251 => ("Windows-1251", Some(encoding_rs::WINDOWS_1251)),
            Self::Koi8R => ("KOI8-R", Some(encoding_rs::KOI8_R)),
            Self::Utf16Le => ("UTF-16LE", Some(encoding_rs::UTF_16LE)),
            Self::Utf16Be => ("UTF-16BE", Some(encoding_rs::UTF_16BE)),
        }
    }

    /// Bytes per code unit: characters begin at multiples of it.
    pub fn unit(self) -> usize {
        if matches!(self, Self::Utf16Le | Self::Utf16Be) { 2 } else { 1 }
    }

    /// Encodes `text`.
    ///
    /// # Errors
    /// At the first character that this charset lacks. There is no replacement.
    pub fn encode(self, text: &str) -> Result<Vec<u8>, TextError<Unencodable>> {
        match self {
            Self::Utf8 => Ok(text.as_bytes().to_vec()),
            Self::Utf16Le => Ok(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            Self::Utf16Be => Ok(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
            Self::Latin1 => text
                .char_indices()
                .map(|(at, ch)| u8::try_from(ch).map_err(|_beyond| self.lacks(at, ch)))
                .collect(),
            _by_table => self.encode_by_table(text),
        }
    }

    fn lacks(self, at: usize, ch: char) -> TextError<Unencodable> {
        TextError { at, len: ch.len_utf8(), why: Unencodable { ch, charset: self } }
    }

    fn encode_by_table(self, text: &str) -> Result<Vec<u8>, TextError<Unencodable>> {
        let mut encoder = self.encoding().unwrap_or(encoding_rs::UTF_8).new_encoder();
        // The worst case is two bytes for one of UTF-8; four more guarantee that every step makes progress.
        let mut bytes = vec![0; text.len().saturating_mul(2).saturating_add(4)];
        let (mut read, mut written) = (0, 0);
        loop {
            let rest = text.get(read..).unwrap_or_default();
            let room = bytes.get_mut(written..).unwrap_or_default();
            let (result, n_read, n_written) = encoder.encode_from_utf8_without_replacement(rest, room, true);
            read += n_read;
            written += n_written;
            match result {
                EncoderResult::InputEmpty => {
                    bytes.truncate(written);
                    return Ok(bytes);
                }
                EncoderResult::OutputFull => bytes.resize(bytes.len().saturating_mul(2), 0),
                EncoderResult::Unmappable(ch) => {
                    return Err(self.lacks(read.saturating_sub(ch.len_utf8()), ch));
                }
            }
        }
    }
}

impl fmt::Display for Charset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A character that a charset lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("‘{}’ (U+{:04X}) does not exist in {charset}", ch.escape_debug(), u32::from(*ch))]
pub struct Unencodable {
    /// The character.
    pub ch: char,
    /// The charset that lacks it.
    pub charset: Charset,
}

impl FromStr for Charset {
    type Err = UnknownName;

    /// Reads a [`name`](Charset::name), or any label of the WHATWG Encoding Standard, in either case; but
    /// `latin1` and `iso-8859-1` mean ISO-8859-1 proper.
    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let name = text.trim().to_ascii_lowercase();
        let latin1 = ["latin1", "latin-1", "l1", "iso-8859-1", "iso8859-1", "iso88591", "iso_8859-1"];
        if latin1.contains(&name.as_str()) {
            return Ok(Self::Latin1);
        }
        by_name("charset", &Self::ALL, Self::name, &name).or_else(|unknown| {
            let encoding = Encoding::for_label(name.as_bytes());
            let mut all = Self::ALL.into_iter();
            all.find(|charset| encoding.is_some() && charset.encoding() == encoding).ok_or(unknown)
        })
    }
}
