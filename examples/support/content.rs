//! The bytes that are sent: an endless stream that any process can reproduce at any position, so that a
//! receiver can detect missing, duplicated and wrong bytes.

use std::error::Error;
use std::fmt;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpStream};
use std::ops::ControlFlow;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use netassist::codec::Charset;
use netassist::export::{self, Body, Format, Scope, Style};
use netassist::model::SentCharsets;

use super::child;

/// The stream consists of blocks of this many bytes.
const BLOCK: usize = 64 * 1024;

/// The kind of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// Any bytes.
    Binary,
    /// Lines of ASCII letters.
    Text,
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Binary => "binary",
            Self::Text => "text",
        })
    }
}

impl FromStr for Content {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Binary, Self::Text]
            .into_iter()
            .find(|content| content.to_string() == text)
            .ok_or_else(|| "expected binary or text".to_owned())
    }
}

/// The stream: blocks that differ only in the number at the start.
pub(crate) struct Stream {
    block: Vec<u8>,
}

impl Stream {
    pub(crate) fn new(content: Content) -> Self {
        // SplitMix64: random enough, and reproducible.
        let mut state = 0_u64;
        let mut random = || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (mixed ^ (mixed >> 31)).to_le_bytes()[0]
        };
        let byte = |n: usize| match content {
            Content::Binary => random(),
            Content::Text if n % 72 == 71 => b'\n',
            Content::Text => b'a' + random() % 26,
        };
        Self { block: (0..BLOCK).map(byte).collect() }
    }

    /// Block `number`.
    pub(crate) fn block(&mut self, number: u64) -> &[u8] {
        if let Some(head) = self.block.first_chunk_mut::<16>() {
            // Hex digits, so that text stays text.
            for (digit, byte) in head.iter_mut().rev().enumerate() {
                let nibble =
                    number.checked_shr(4 * u32::try_from(digit).unwrap_or(u32::MAX)).unwrap_or(0) & 15;
                *byte = b"0123456789abcdef"[usize::try_from(nibble).unwrap_or(0)];
            }
        }
        &self.block
    }

    /// The bytes from `at` on, up to the end of that block.
    pub(crate) fn from(&mut self, at: u64) -> &[u8] {
        let offset = usize::try_from(at % BLOCK as u64).unwrap_or_default();
        self.block(at / BLOCK as u64).get(offset..).unwrap_or_default()
    }

    /// Writes the first `n_bytes` of the stream.
    pub(crate) fn write(&mut self, n_bytes: u64, to: &mut dyn Write) -> io::Result<()> {
        let mut left = n_bytes;
        let mut number = 0;
        while left > 0 {
            let block = self.block(number);
            let n = usize::try_from(left).unwrap_or(BLOCK).min(BLOCK);
            to.write_all(block.get(..n).unwrap_or(block))?;
            left -= n as u64;
            number += 1;
        }
        Ok(())
    }
}

/// Compares what is written to it with the stream.
pub(crate) struct Comparison {
    stream: Stream,
    at: u64,
    wrong: Option<u64>,
}

impl Comparison {
    pub(crate) fn new(content: Content) -> Self {
        Self { stream: Stream::new(content), at: 0, wrong: None }
    }

    /// What is wrong, if anything, given that there should be `n_bytes`.
    pub(crate) fn verdict(&self, n_bytes: u64) -> Option<String> {
        match self.wrong {
            Some(at) => Some(format!("WRONG at byte {at}")),
            None if self.at != n_bytes => Some(format!("holds {} BYTES", self.at)),
            None => None,
        }
    }
}

impl Write for Comparison {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let expected = self.stream.from(self.at);
        let n = bytes.len().min(expected.len());
        // Comparing slices runs at memory speed.
        if self.wrong.is_none() && bytes.get(..n) != expected.get(..n) {
            let differs = bytes.iter().zip(expected).position(|(a, b)| a != b);
            self.wrong = differs.map(|at| self.at + at as u64);
        }
        self.at += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is wrong with what a capture says was received, if anything.
pub(crate) fn compare(
    capture: &Path,
    content: Content,
    n_bytes: u64,
) -> Result<Option<String>, Box<dyn Error>> {
    let mut comparison = Comparison::new(content);
    let style = Style {
        charset: Charset::Utf8,
        charsets: Arc::default(),
        sent_charsets: SentCharsets::default(),
        body: Body::Hex,
        zone: TimeZone::UTC,
        notes: None,
        words: None,
        marked: false,
    };
    let mut go_on = |_done, _total| ControlFlow::Continue(());
    export::write(capture, &Scope::ALL, Format::RawReceived, &style, &mut comparison, &mut go_on)?;
    Ok(comparison.verdict(n_bytes))
}

/// The child of a measurement over TCP: `ADDRESS BYTES CONTENT RATE`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sender {
    pub(crate) address: SocketAddr,
    pub(crate) n_bytes: u64,
    pub(crate) content: Content,
    /// Bytes per second; 0 for as fast as possible.
    pub(crate) rate: u64,
}

impl Sender {
    /// In the parent: starts the child, which connects and waits.
    pub(crate) fn start(self) -> io::Result<child::Child> {
        let Self { address, n_bytes, content, rate } = self;
        child::Child::start(&[
            address.to_string(),
            n_bytes.to_string(),
            content.to_string(),
            rate.to_string(),
        ])
    }

    /// In the child: reads the arguments from [`start`](Self::start).
    pub(crate) fn from_arguments(arguments: &[String]) -> Result<Self, String> {
        let [address, n_bytes, content, rate] = arguments else {
            return Err("ADDRESS BYTES CONTENT RATE".to_owned());
        };
        Ok(Self {
            address: address.parse().map_err(|error| format!("{address}: {error}"))?,
            n_bytes: n_bytes.parse().map_err(|error| format!("{n_bytes}: {error}"))?,
            content: content.parse()?,
            rate: rate.parse().map_err(|error| format!("{rate}: {error}"))?,
        })
    }

    /// In the child: connects, waits, sends, and closes.
    pub(crate) fn run(self) -> io::Result<()> {
        let mut stream = TcpStream::connect(self.address)?;
        let mut content = Stream::new(self.content);
        child::wait_for_go()?;
        content.write(
            self.n_bytes,
            &mut Paced { to: &mut stream, rate: self.rate, sent: 0, begun: Instant::now() },
        )
    }
}

/// Limits the rate.
struct Paced<'a> {
    to: &'a mut TcpStream,
    rate: u64,
    sent: u64,
    begun: Instant,
}

impl Write for Paced<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(due) = (self.sent.saturating_mul(1_000_000)).checked_div(self.rate) {
            let wait = Duration::from_micros(due).saturating_sub(self.begun.elapsed());
            if !wait.is_zero() {
                #[allow(clippy::disallowed_methods, reason = "a rate limit waits for a time")]
                std::thread::sleep(wait);
            }
        }
        let n = self.to.write(bytes)?;
        self.sent += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
