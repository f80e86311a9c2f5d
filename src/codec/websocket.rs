//! WebSocket (RFC 6455): frames, the messages that they make, and the heads of its HTTP handshake. Pure: bytes in, messages
//! out.

pub mod head;

use serde::{Deserialize, Serialize};

use super::{named_enum, worded_enum};

/// The longest message that is accepted, in bytes.
pub const MAX_MESSAGE: u64 = 16 << 20;

/// The longest payload of a ping, pong or close, in bytes.
pub const MAX_CONTROL: usize = 125;

/// The most fragments of a message whose lengths are kept.
const MAX_FRAGMENTS: usize = 32;

/// A larger buffer is freed after its message.
const KEEP_CAPACITY: usize = 64 * 1024;

named_enum! {
    /// What a message or a control frame is.
    #[derive(Default)]
    pub enum Opcode {
        /// A message of UTF-8 text.
        Text = "text",
        /// A message of bytes.
        #[default]
        Binary = "binary",
        /// A control frame that asks for a pong.
        Ping = "ping",
        /// The answer to a ping.
        Pong = "pong",
        /// A control frame after which its sender sends nothing more.
        Close = "close",
    }
}

impl Opcode {
    /// Its number in a frame.
    pub fn number(self) -> u8 {
        match self {
            Self::Text => 1,
            Self::Binary => 2,
            Self::Close => 8,
            Self::Ping => 9,
            Self::Pong => 10,
        }
    }

    /// Whether it is a control frame, and not a message.
    pub fn is_control(self) -> bool {
        matches!(self, Self::Ping | Self::Pong | Self::Close)
    }

    fn of(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|opcode| opcode.number() == number)
    }
}

worded_enum! {
    /// What a peer does that RFC 6455 forbids.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
    #[serde(rename_all = "kebab-case")]
    pub enum FrameFault {
        Reserved = "a frame has reserved bits set (RSV), but no extension was agreed on";
        Opcode(u8) = "a frame has the unknown opcode {0}";
        Unmasked = "a frame of the client is not masked";
        Masked = "a frame of the server is masked";
        /// A length that is not written in the shortest way, or is longer than 63 bits.
        Length = "the length of a frame is not in its shortest form";
        FragmentedControl = "a control frame is fragmented";
        LongControl(u64) = "a control frame has {0} bytes; the limit is 125";
        NothingToContinue = "a frame continues a message, but none has begun";
        Unfinished = "a message begins before the one before it has ended";
        TooLong(u64) = "a message has {0} bytes or more; the limit is 16 MiB";
        /// A text message, or the reason of a close, that is not UTF-8.
        NotUtf8 = "a text is not valid UTF-8";
        CloseLength = "a Close frame has a code of one byte";
        CloseCode(u16) = "a Close frame has the code {0}, which must not be sent";
    }
}

impl FrameFault {
    /// The code to close with because of it.
    pub fn code(self) -> u16 {
        match self {
            Self::NotUtf8 => 1007,
            Self::TooLong(_) => 1009,
            _ => 1002,
        }
    }
}

/// The name of a code of a close (RFC 6455, 7.4.1, and the registry of IANA); empty for one without.
pub fn code_name(code: u16) -> &'static str {
    match code {
        1000 => "normal closure",
        1001 => "going away",
        1002 => "protocol error",
        1003 => "unsupported data",
        1005 => "no status received",
        1006 => "abnormal closure",
        1007 => "invalid payload data",
        1008 => "policy violation",
        1009 => "message too big",
        1010 => "mandatory extension",
        1011 => "internal error",
        1012 => "service restart",
        1013 => "try again later",
        1014 => "bad gateway",
        1015 => "TLS handshake",
        3000 => "unauthorized",
        3003 => "forbidden",
        3008 => "timeout",
        _ => "",
    }
}

/// Whether a close may be sent with this code.
pub fn is_code(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

/// The payload of a close with a code and a reason, which is cut to what fits.
pub fn close(code: u16, reason: &str) -> Vec<u8> {
    let mut end = reason.len().min(MAX_CONTROL - 2);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    [&code.to_be_bytes()[..], reason.get(..end).unwrap_or_default().as_bytes()].concat()
}

/// The code and the reason in the payload of a close; `None` without a code.
///
/// # Errors
/// When the code or the reason is not allowed.
pub fn read_close(payload: &[u8]) -> Result<Option<(u16, &str)>, FrameFault> {
    match payload {
        [] => Ok(None),
        [_] => Err(FrameFault::CloseLength),
        [high, low, reason @ ..] => {
            let code = u16::from_be_bytes([*high, *low]);
            if !is_code(code) {
                return Err(FrameFault::CloseCode(code));
            }
            let reason = std::str::from_utf8(reason).map_err(|_not_utf8| FrameFault::NotUtf8)?;
            Ok(Some((code, reason)))
        }
    }
}

/// Appends the head of a frame that is a whole message, or a control frame, of `len` bytes.
pub fn push_head(out: &mut Vec<u8>, opcode: Opcode, len: u64, key: Option<[u8; 4]>) {
    let mask = if key.is_some() { 0x80 } else { 0 };
    out.push(0x80 | opcode.number());
    let long = len.to_be_bytes();
    match len {
        0..=125 => out.push(mask | long[7]),
        126..=0xffff => {
            out.push(mask | 0x7e);
            out.extend_from_slice(&long[6..]);
        }
        _ => {
            out.push(mask | 0x7f);
            out.extend_from_slice(&long);
        }
    }
    out.extend(key.into_iter().flatten());
}

/// Masks or unmasks bytes that begin at offset `at` of their payload.
pub fn mask(bytes: &mut [u8], mut key: [u8; 4], at: u64) {
    key.rotate_left((at % 4) as usize);
    let [a, b, c, d] = key;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (chunks, rest) = bytes.as_chunks_mut::<8>();
    for chunk in chunks {
        *chunk = (u64::from_ne_bytes(*chunk) ^ wide).to_ne_bytes();
    }
    rest.iter_mut().zip(key.iter().cycle()).for_each(|(byte, key)| *byte ^= key);
}

/// Something whole that has been received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received<'a> {
    /// What it is.
    pub opcode: Opcode,
    /// Its payload, unmasked.
    pub payload: &'a [u8],
    /// The lengths of the fragments of a message, if there are several; of very many the first ones.
    pub fragments: &'a [u64],
    /// How many fragments there are.
    pub n_fragments: u64,
}

/// The head of a frame.
#[derive(Debug, Clone, Copy)]
struct Head {
    is_last: bool,
    /// `None` for a continuation.
    opcode: Option<Opcode>,
    key: Option<[u8; 4]>,
    len: u64,
}

/// Splits what one side sends into messages and control frames, and checks it.
#[derive(Debug)]
pub struct Decoder {
    is_masked: bool,
    /// The beginning of the head of the next frame.
    start: Vec<u8>,
    /// The frame that is being received, and how much of it has been.
    frame: Option<(Head, u64)>,
    /// The message that is being received, and its data so far.
    message: Option<Opcode>,
    data: Vec<u8>,
    /// So much of the data is checked UTF-8.
    valid: usize,
    fragments: Vec<u64>,
    n_fragments: u64,
    control: Vec<u8>,
    /// A close was received, after which nothing counts.
    is_closed: bool,
}

impl Decoder {
    /// For what a client sends, which must be masked, or a server, which must not.
    pub fn new(is_masked: bool) -> Self {
        Self {
            is_masked,
            start: Vec::new(),
            frame: None,
            message: None,
            data: Vec::new(),
            valid: 0,
            fragments: Vec::new(),
            n_fragments: 0,
            control: Vec::new(),
            is_closed: false,
        }
    }

    /// Memory that an unfinished message takes, in bytes.
    pub fn held(&self) -> usize {
        if self.data.is_empty() { 0 } else { self.data.capacity() }
    }

    /// Takes in what was received, and passes everything that is whole now to `each`. After a close, it ignores the rest.
    ///
    /// # Errors
    /// When it breaks the protocol. Nothing may be pushed after that.
    pub fn push(&mut self, mut bytes: &[u8], each: &mut dyn FnMut(Received<'_>)) -> Result<(), FrameFault> {
        while !self.is_closed {
            let (head, done) = match self.frame {
                Some(frame) => frame,
                None => match self.head(&mut bytes)? {
                    Some(head) => (head, 0),
                    None => return Ok(()),
                },
            };
            let room = usize::try_from(head.len - done).unwrap_or(usize::MAX);
            let (now, rest) = bytes.split_at(room.min(bytes.len()));
            bytes = rest;
            let done = done + now.len() as u64;
            let is_whole = done == head.len;
            self.frame = (!is_whole).then_some((head, done));
            if head.opcode.is_some_and(Opcode::is_control) {
                self.control(&head, now, is_whole, each)?;
            } else {
                self.data(&head, now, is_whole, each)?;
            }
            if !is_whole {
                break;
            }
        }
        Ok(())
    }

    /// The next head, if it is whole.
    fn head(&mut self, bytes: &mut &[u8]) -> Result<Option<Head>, FrameFault> {
        loop {
            if let Some(head) = self.read_head()? {
                self.start.clear();
                return Ok(Some(head));
            }
            let Some((first, rest)) = bytes.split_first() else { return Ok(None) };
            self.start.push(*first);
            *bytes = rest;
        }
    }

    fn read_head(&self) -> Result<Option<Head>, FrameFault> {
        let Some((&first, rest)) = self.start.split_first() else { return Ok(None) };
        let number = first & 0x0f;
        let opcode =
            if number == 0 { None } else { Some(Opcode::of(number).ok_or(FrameFault::Opcode(number))?) };
        let is_last = first & 0x80 != 0;
        if first & 0x70 != 0 {
            return Err(FrameFault::Reserved);
        }
        let Some((&second, rest)) = rest.split_first() else { return Ok(None) };
        if (second & 0x80 != 0) != self.is_masked {
            return Err(if self.is_masked { FrameFault::Unmasked } else { FrameFault::Masked });
        }
        let (len, rest) = match second & 0x7f {
            126 => {
                let Some((long, rest)) = rest.split_first_chunk::<2>() else { return Ok(None) };
                (u64::from(u16::from_be_bytes(*long)), rest)
            }
            127 => {
                let Some((long, rest)) = rest.split_first_chunk::<8>() else { return Ok(None) };
                (u64::from_be_bytes(*long), rest)
            }
            short => (u64::from(short), rest),
        };
        let is_shortest = match second & 0x7f {
            126 => len > 125,
            127 => len > 0xffff && len >> 63 == 0,
            _ => true,
        };
        if !is_shortest {
            return Err(FrameFault::Length);
        }
        if opcode.is_some_and(Opcode::is_control) {
            if !is_last {
                return Err(FrameFault::FragmentedControl);
            }
            if len > MAX_CONTROL as u64 {
                return Err(FrameFault::LongControl(len));
            }
        } else {
            match (opcode, self.message) {
                (None, None) => return Err(FrameFault::NothingToContinue),
                (Some(_), Some(_)) => return Err(FrameFault::Unfinished),
                (None, Some(_)) | (Some(_), None) => {}
            }
            let all = len.saturating_add(self.data.len() as u64);
            if all > MAX_MESSAGE {
                return Err(FrameFault::TooLong(all));
            }
        }
        let key = if self.is_masked {
            let Some((key, _)) = rest.split_first_chunk::<4>() else { return Ok(None) };
            Some(*key)
        } else {
            None
        };
        Ok(Some(Head { is_last, opcode, key, len }))
    }

    fn control(
        &mut self,
        head: &Head,
        now: &[u8],
        is_whole: bool,
        each: &mut dyn FnMut(Received<'_>),
    ) -> Result<(), FrameFault> {
        append(&mut self.control, now, head.key);
        if !is_whole {
            return Ok(());
        }
        let Some(opcode) = head.opcode else { return Ok(()) };
        if opcode == Opcode::Close {
            read_close(&self.control)?;
            self.is_closed = true;
        }
        each(Received { opcode, payload: &self.control, fragments: &[], n_fragments: 1 });
        self.control.clear();
        Ok(())
    }

    fn data(
        &mut self,
        head: &Head,
        now: &[u8],
        is_whole: bool,
        each: &mut dyn FnMut(Received<'_>),
    ) -> Result<(), FrameFault> {
        if let Some(opcode) = head.opcode {
            // A message in one piece need not be copied.
            if is_whole
                && head.is_last
                && head.key.is_none()
                && self.message.is_none()
                && self.data.is_empty()
            {
                if opcode == Opcode::Text && std::str::from_utf8(now).is_err() {
                    return Err(FrameFault::NotUtf8);
                }
                each(Received { opcode, payload: now, fragments: &[], n_fragments: 1 });
                return Ok(());
            }
            self.message.get_or_insert(opcode);
        }
        let begin = self.data.len();
        self.data.extend_from_slice(now);
        if let (Some(key), Some(new)) = (head.key, self.data.get_mut(begin..)) {
            let done = self.frame.map_or(head.len, |(_, done)| done);
            mask(new, key, done - now.len() as u64);
        }
        let ends = is_whole && head.is_last;
        if self.message == Some(Opcode::Text) {
            match std::str::from_utf8(self.data.get(self.valid..).unwrap_or_default()) {
                Ok(text) => self.valid += text.len(),
                Err(error) if !ends && error.error_len().is_none() => self.valid += error.valid_up_to(),
                Err(_) => return Err(FrameFault::NotUtf8),
            }
        }
        if !is_whole {
            return Ok(());
        }
        self.n_fragments += 1;
        if self.fragments.len() < MAX_FRAGMENTS && !(ends && self.n_fragments == 1) {
            self.fragments.push(head.len);
        }
        if !ends {
            return Ok(());
        }
        if let Some(opcode) = self.message.take() {
            let Self { data, fragments, n_fragments, .. } = self;
            each(Received { opcode, payload: data, fragments, n_fragments: *n_fragments });
        }
        (self.valid, self.n_fragments) = (0, 0);
        self.fragments.clear();
        self.data.clear();
        if self.data.capacity() > KEEP_CAPACITY {
            self.data = Vec::new();
        }
        Ok(())
    }
}

/// Appends bytes of a control frame, unmasked.
fn append(to: &mut Vec<u8>, bytes: &[u8], key: Option<[u8; 4]>) {
    let begin = to.len();
    to.extend_from_slice(bytes);
    if let (Some(key), Some(new)) = (key, to.get_mut(begin..)) {
        mask(new, key, begin as u64);
    }
}
