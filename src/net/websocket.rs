//! WebSocket over a connection: what is received goes in, what is to be sent comes out. The bytes are those on the wire, or
//! those that TLS carries.

mod handshake;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

pub(super) use self::handshake::Asked;
use self::handshake::{accept, refusal, request};
use super::outgoing::Front;
use super::time::later;
use super::tls::{Role, looks_like};
use crate::codec::websocket::head::{Head, MAX_HEAD, NoHead};
use crate::codec::websocket::{self, Decoder, MAX_CONTROL, Opcode, Received, push_head};
use crate::model::{Direction, WebSocket, WsFault, WsFrame, WsHead, WsNote};

/// The most bytes of frames that are made at once: no more before all of them are written.
pub(super) const MAX_FRAMES: usize = 60 * 1024;

/// How much of a body that explains a refusal is shown.
const SHOWN: usize = 200;

/// How long nothing must have come before a connection whose sending side is to be closed says so: over WebSocket that closes
/// both, and what the peer still answers would be lost.
const QUIET: Duration = Duration::from_millis(500);

/// The code of a close for want of memory: try again later.
const NO_MEMORY: u16 = 1013;

/// How much is kept of what a client sends before it is answered.
const MAX_EARLY: usize = 64 * 1024;

/// How far the handshake is.
#[derive(Debug)]
enum Stage {
    /// A client has not asked yet.
    Fresh,
    /// A client has asked with this key for one of these subprotocols, and waits for the response.
    Asked(String, Vec<String>),
    /// A server waits for the request.
    Listening,
    /// A server has a request and has not decided.
    Asking(Asked),
    Open,
    /// The handshake has failed.
    Refused,
}

/// WebSocket on one connection.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug)]
pub(super) struct Ws {
    role: Role,
    ends: (SocketAddr, SocketAddr),
    is_over_tls: bool,
    stage: Stage,
    /// What a client waits for before it asks: the request of the other leg's client.
    pub(super) waits: bool,
    /// A server refuses every request, as there is no upstream server.
    is_doomed: bool,
    /// The beginning of the head of the peer, or what came early behind it.
    early: Vec<u8>,
    /// A response that refuses: its status, while its body is awaited.
    refused: Option<(Head, usize)>,
    decoder: Decoder,
    masks: Masks,
    /// What is to be sent next: heads, and control frames.
    pub(super) out: Vec<u8>,
    /// The key of the frame that is being sent, and how much of its payload was.
    sending: Option<([u8; 4], u64)>,
    /// The payload of a ping that is to be answered; only the last one counts.
    pong: Option<Vec<u8>>,
    /// The payload of the close that is to be sent.
    closing: Option<Vec<u8>>,
    close_sent: bool,
    close_received: bool,
    /// The code of a failure with which the peer has closed, and the reason.
    pub(super) failure: Option<(u16, String)>,
    /// A server has accepted, and the response is not written. What comes with the request is read after that.
    answers: bool,
    /// The subprotocol that the server has chosen.
    pub(super) protocol: Option<String>,
    /// When to close, if nothing comes until then.
    pub(super) quiet_at: Option<Instant>,
    /// When the next ping is due, if they are sent at an interval.
    ping_at: Option<Instant>,
    /// What is to be noted of what was received.
    notes: Vec<WsNote>,
    /// What is to be noted of what is in `out`, once it is written.
    pub(super) sent: Vec<WsNote>,
}

impl Ws {
    pub(super) fn new(role: Role, ends: (SocketAddr, SocketAddr), is_over_tls: bool) -> Self {
        Self {
            role,
            ends,
            is_over_tls,
            stage: if role == Role::Client { Stage::Fresh } else { Stage::Listening },
            waits: false,
            is_doomed: false,
            early: Vec::new(),
            refused: None,
            decoder: Decoder::new(role == Role::Server),
            masks: Masks::default(),
            out: Vec::new(),
            sending: None,
            pong: None,
            closing: None,
            close_sent: false,
            close_received: false,
            failure: None,
            answers: false,
            protocol: None,
            quiet_at: None,
            ping_at: None,
            notes: Vec::new(),
            sent: Vec::new(),
        }
    }

    pub(super) fn is_handshaking(&self) -> bool {
        !matches!(self.stage, Stage::Open | Stage::Refused)
    }

    /// The handshake was a success.
    pub(super) fn is_made(&self) -> bool {
        matches!(self.stage, Stage::Open)
    }

    /// Messages may be sent.
    pub(super) fn is_open(&self) -> bool {
        self.is_made() && !self.close_sent
    }

    /// Memory that an unfinished message takes, in bytes.
    pub(super) fn held(&self) -> u64 {
        self.decoder.held() as u64
    }

    /// Frees that memory. The connection cannot go on.
    pub(super) fn give_up(&mut self) -> WsFault {
        let held = self.held();
        self.decoder = Decoder::new(self.role == Role::Server);
        self.closing = Some(websocket::close(NO_MEMORY, ""));
        WsFault::NoMemory(held)
    }

    /// When the next ping is due, if it could be sent then.
    pub(super) fn ping_due(&self) -> Option<Instant> {
        self.ping_at.filter(|_| self.sending.is_none())
    }

    /// What is to be noted, in order.
    pub(super) fn take_notes(&mut self) -> Vec<WsNote> {
        std::mem::take(&mut self.notes)
    }

    fn head_note(&mut self, head: &Head, sent: bool) {
        let (_, peer) = self.ends;
        let fields = handshake::shown(&head.fields);
        let head_of = WsHead { peer, sent, line: head.line.clone(), fields };
        let is_request = sent == (self.role == Role::Client);
        let note = if is_request { WsNote::Request(head_of) } else { WsNote::Response(head_of) };
        if sent { self.sent.push(note) } else { self.notes.push(note) }
    }

    fn send_head(&mut self, head: &Head, body: &str) {
        head.write(&mut self.out);
        self.out.extend_from_slice(body.as_bytes());
        self.head_note(head, true);
    }

    /// Asks, if it is a client that has not and need not wait.
    pub(super) fn begin(&mut self, options: &WebSocket, host: Option<&str>) {
        if matches!(self.stage, Stage::Fresh) && !self.waits {
            self.ask(options, host, None);
        }
    }

    /// Asks the server, in a relay for what its client has asked for.
    pub(super) fn ask(&mut self, options: &WebSocket, host: Option<&str>, client: Option<&Asked>) {
        let key = handshake::new_key();
        let (_, peer) = self.ends;
        let host = handshake::host(host, peer, self.is_over_tls);
        let head = request(options, &host, &key, client);
        self.send_head(&head, "");
        let offered = handshake::offered(options, client).to_vec();
        (self.stage, self.waits) = (Stage::Asked(key, offered), false);
    }

    /// The request that is to be decided on.
    pub(super) fn asking(&self) -> Option<&Asked> {
        if let Stage::Asking(asked) = &self.stage { Some(asked) } else { None }
    }

    /// Whether a server waits for a request, or has one that is not decided.
    pub(super) fn is_undecided(&self) -> bool {
        matches!(self.stage, Stage::Listening | Stage::Asking(_))
    }

    /// Accepts the request, with this subprotocol.
    pub(super) fn accept(&mut self, protocol: Option<&str>) {
        if let Stage::Asking(asked) = &self.stage {
            let head = accept(&asked.key, protocol);
            self.protocol = protocol.map(str::to_owned);
            self.send_head(&head, "");
            (self.stage, self.answers) = (Stage::Open, true);
        }
    }

    /// What was to be sent is written. True if something has come with the request.
    pub(super) fn answered(&mut self) -> bool {
        self.out.is_empty() && std::mem::take(&mut self.answers) && !self.early.is_empty()
    }

    /// Refuses the request, or one to come, since there is no upstream server.
    pub(super) fn doom(&mut self) -> Option<WsFault> {
        self.is_doomed = true;
        matches!(self.stage, Stage::Asking(_)).then(|| self.refuse_upstream())
    }

    fn refuse_upstream(&mut self) -> WsFault {
        self.refuse("502 Bad Gateway", "There is no WebSocket to the upstream server.\n");
        WsFault::NoUpstream
    }

    fn refuse(&mut self, status: &str, sentence: &str) {
        let head = refusal(status, sentence.len());
        self.send_head(&head, sentence);
        self.stage = Stage::Refused;
    }

    /// Takes in what was received. Passes what is whole to `each`.
    pub(super) fn received(
        &mut self,
        bytes: &[u8],
        options: &WebSocket,
        is_relay: bool,
        each: &mut dyn FnMut(&mut Vec<WsNote>, Received<'_>),
    ) -> Result<(), WsFault> {
        match self.stage {
            Stage::Open if !self.answers => return self.frames(bytes, each),
            Stage::Refused => return Ok(()),
            Stage::Open | Stage::Fresh | Stage::Asked(..) | Stage::Listening | Stage::Asking(_) => {}
        }
        self.early.extend_from_slice(bytes);
        if !matches!(self.stage, Stage::Open | Stage::Asking(_)) && self.refused.is_none() {
            let Some((head, len)) = self.read_head()? else { return Ok(()) };
            self.early.drain(..len);
            self.head_note(&head, false);
            if self.role == Role::Client {
                self.response(head)?;
            } else {
                self.request(&head, options, is_relay)?;
            }
        }
        self.refusal_body(false)?;
        let is_much = self.early.len() > MAX_EARLY;
        if is_much && !self.is_made() {
            return Err(WsFault::Response("what follows it".to_owned()));
        }
        if self.answers && !is_much { Ok(()) } else { self.catch_up(each) }
    }

    /// Takes in what came before the handshake was over.
    pub(super) fn catch_up(
        &mut self,
        each: &mut dyn FnMut(&mut Vec<WsNote>, Received<'_>),
    ) -> Result<(), WsFault> {
        if !matches!(self.stage, Stage::Open) || self.early.is_empty() {
            return Ok(());
        }
        self.answers = false;
        let early = std::mem::take(&mut self.early);
        self.frames(&early, each)
    }

    fn read_head(&mut self) -> Result<Option<(Head, usize)>, WsFault> {
        if self.early.len() >= 7 && looks_like(&self.early) {
            return Err(WsFault::Tls);
        }
        let begins: &[u8] = if self.role == Role::Client { b"HTTP/" } else { b"" };
        let n = begins.len().min(self.early.len());
        let is_http = self.early.get(..n) == begins.get(..n);
        match Head::read(&self.early) {
            Ok(read) if is_http => Ok(read),
            Err(NoHead::TooLong) if is_http => {
                let line = self.early.split(|byte| *byte == b'\n').next().unwrap_or_default();
                let line = String::from_utf8_lossy(line.get(..SHOWN).unwrap_or(line)).trim_end().to_owned();
                if self.role == Role::Client {
                    return Err(WsFault::Response(line));
                }
                let sentence = format!("The request has more than {MAX_HEAD} bytes before its blank line.\n");
                self.refuse("431 Request Header Fields Too Large", &sentence);
                Err(WsFault::Declined((line, 431, sentence.trim_end().to_owned()).into()))
            }
            Ok(_) | Err(_) => {
                let fault = self.not_http();
                if self.role == Role::Server {
                    self.refuse(
                        "400 Bad Request",
                        "This is a WebSocket server, which expects an HTTP request.\n",
                    );
                }
                Err(fault)
            }
        }
    }

    fn not_http(&self) -> WsFault {
        let shown = self.early.get(..40).unwrap_or(&self.early);
        WsFault::NotHttp(String::from_utf8_lossy(shown).escape_debug().to_string())
    }

    fn request(&mut self, head: &Head, options: &WebSocket, is_relay: bool) -> Result<(), WsFault> {
        let asked = match Asked::read(head) {
            Ok(asked) => asked,
            Err(refused) => {
                let mut response = refusal(refused.status, refused.sentence.len());
                response.fields.extend(refused.fields());
                self.send_head(&response, refused.sentence);
                self.stage = Stage::Refused;
                let number = refused.status.get(..3).and_then(|number| number.parse().ok());
                let why = refused.sentence.trim_end().to_owned();
                return Err(WsFault::Declined((head.line.clone(), number.unwrap_or(400), why).into()));
            }
        };
        let protocol = options.protocols.iter().find(|known| asked.protocols.contains(known)).cloned();
        self.stage = Stage::Asking(asked);
        if self.is_doomed {
            return Err(self.refuse_upstream());
        }
        if !is_relay {
            self.accept(protocol.as_deref());
        }
        Ok(())
    }

    fn response(&mut self, head: Head) -> Result<(), WsFault> {
        let Stage::Asked(key, offered) = &self.stage else { return Ok(()) };
        let Some((status, _)) = head.response() else { return Err(self.not_http()) };
        if status != 101 {
            let len = head.only("Content-Length").and_then(|len| len.parse().ok()).unwrap_or(usize::MAX);
            self.refused = Some((head, len));
            return Ok(());
        }
        let wrong = |name: &str| Err(WsFault::Response(name.to_owned()));
        if !head.has("Upgrade", "websocket") {
            return wrong("Upgrade");
        }
        if !head.has("Connection", "upgrade") {
            return wrong("Connection");
        }
        if head.only("Sec-WebSocket-Accept") != Some(&handshake::accept_key(key)) {
            return wrong("Sec-WebSocket-Accept");
        }
        if let Some(extension) = head.list("Sec-WebSocket-Extensions").next() {
            return Err(WsFault::Extension(extension.to_owned()));
        }
        let protocol = head.only("Sec-WebSocket-Protocol").map(str::to_owned);
        if let Some(other) = protocol.as_ref().filter(|protocol| !offered.contains(protocol)) {
            return Err(WsFault::Protocol(other.clone()));
        }
        self.protocol = protocol;
        self.stage = Stage::Open;
        Ok(())
    }

    /// The beginning of the body of a response that refuses, once there is a line of it.
    fn refusal_body(&mut self, ends: bool) -> Result<(), WsFault> {
        let Some((head, len)) = &self.refused else { return Ok(()) };
        let body = self.early.get(..SHOWN.min(*len)).unwrap_or(&self.early);
        if !ends && body.len() < SHOWN.min(*len) && !body.contains(&b'\n') {
            return Ok(());
        }
        let text = String::from_utf8_lossy(body);
        let first = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
        let status = head.line.split_once(' ').map_or("", |(_, status)| status);
        let colon = if first.is_empty() { "" } else { ": " };
        self.stage = Stage::Refused;
        Err(WsFault::Refused(format!("{status}{colon}{}", first.escape_debug())))
    }

    /// The handshake goes on once the peer has sent something.
    pub(super) fn awaits_peer(&self) -> bool {
        matches!(self.stage, Stage::Asked(..) | Stage::Listening)
    }

    /// The handshake takes too long. What the peer has refused it with, if it has.
    pub(super) fn late(&mut self) -> Option<WsFault> {
        if self.role == Role::Server {
            self.refuse("408 Request Timeout", "The request took too long.\n");
        }
        self.refusal_body(true).err()
    }

    /// The connection has ended.
    pub(super) fn end(&mut self) -> Result<(), WsFault> {
        self.refusal_body(true)?;
        match self.stage {
            Stage::Open if !self.close_received => {
                let (_, peer) = self.ends;
                self.notes.push(WsNote::NoClose(peer));
                // RFC 6455, 7.1.5.
                self.failure = (!self.close_sent).then(|| (1006, String::new()));
                Ok(())
            }
            Stage::Open | Stage::Refused => Ok(()),
            Stage::Fresh | Stage::Asked(..) | Stage::Listening | Stage::Asking(_) => Err(WsFault::Closed),
        }
    }

    fn frames(
        &mut self,
        bytes: &[u8],
        each: &mut dyn FnMut(&mut Vec<WsNote>, Received<'_>),
    ) -> Result<(), WsFault> {
        if self.quiet_at.is_some() {
            self.close_when_quiet();
        }
        let Self { decoder, notes, pong, close_sent, close_received, closing, ends, failure, .. } = self;
        let about = (ends.1, Direction::Received);
        let done = decoder.push(bytes, &mut |received| {
            let Received { opcode, payload, .. } = received;
            if opcode.is_control() || payload.is_empty() {
                let reply = opcode == Opcode::Close && *close_sent;
                notes.push(WsNote::Frame(WsFrame::new(about, opcode, payload, reply)));
            }
            match opcode {
                Opcode::Ping => *pong = Some(payload.to_vec()),
                Opcode::Close => {
                    *close_received = true;
                    let said = websocket::read_close(payload).ok().flatten();
                    let said = said.filter(|(code, _)| ![1000, 1001].contains(code) && !*close_sent);
                    *failure = said.map(|(code, reason)| (code, reason.to_owned()));
                    closing.get_or_insert_with(|| payload.to_vec());
                }
                Opcode::Text | Opcode::Binary | Opcode::Pong => {}
            }
            each(notes, received);
        });
        done.map_err(|fault| {
            self.closing = Some(websocket::close(fault.code(), &fault.to_string()));
            WsFault::Frame(fault)
        })
    }

    /// Closes once nothing has come for a while.
    pub(super) fn close_when_quiet(&mut self) {
        self.quiet_at = Some(later(Instant::now(), QUIET));
    }

    pub(super) fn close_received(&self) -> bool {
        self.close_received
    }

    /// Both sides have said that they send no more.
    pub(super) fn is_closed(&self) -> bool {
        self.close_received && self.close_sent
    }

    /// A ping need not be answered here, since the other leg answers it.
    pub(super) fn leave_ping(&mut self) {
        self.pong = None;
    }

    /// The close to send when the sending side closes.
    pub(super) fn close_with(&mut self, payload: Vec<u8>) {
        self.closing = Some(payload);
    }

    /// Appends the answer to a ping, and a ping that is due, to `out`, if no frame is being sent.
    pub(super) fn push_due(&mut self, now: Instant, every: Option<Duration>) {
        if self.sending.is_some() || !self.is_open() {
            return;
        }
        if let Some(payload) = self.pong.take() {
            self.push_control(Opcode::Pong, &payload);
        }
        if let Some(every) = every {
            if self.ping_at.is_some_and(|at| at <= now) {
                self.push_control(Opcode::Ping, b"");
                self.ping_at = None;
            }
            self.ping_at.get_or_insert(later(now, every));
        }
    }

    fn push_control(&mut self, opcode: Opcode, payload: &[u8]) {
        let payload = payload.get(..MAX_CONTROL).unwrap_or(payload);
        let key = (self.role == Role::Client).then(|| self.masks.next());
        push_head(&mut self.out, opcode, payload.len() as u64, key);
        let begin = self.out.len();
        self.out.extend_from_slice(payload);
        if let (Some(key), Some(new)) = (key, self.out.get_mut(begin..)) {
            websocket::mask(new, key, 0);
        }
        let reply = opcode == Opcode::Close && self.close_received;
        let about = (self.ends.1, Direction::Sent);
        self.sent.push(WsNote::Frame(WsFrame::new(about, opcode, payload, reply)));
    }

    /// Appends what is next of a message to `out`. Returns what it is sent as, unless it is noted.
    pub(super) fn push(&mut self, front: &Front<'_>, opcode: Opcode) -> Option<Opcode> {
        if opcode.is_control() {
            match opcode {
                Opcode::Close => self.closing = Some(front.whole.to_vec()),
                _ => self.push_control(opcode, front.whole),
            }
            return None;
        }
        if let Some(len) = front.begins {
            let key = (self.role == Role::Client).then(|| self.masks.next());
            push_head(&mut self.out, opcode, len as u64, key);
            self.sending = Some((key.unwrap_or_default(), len as u64));
            if len == 0 {
                let about = (self.ends.1, Direction::Sent);
                self.sent.push(WsNote::Frame(WsFrame::new(about, opcode, &[], false)));
            }
        }
        let begin = self.out.len();
        self.out.extend_from_slice(front.bytes);
        if let (Some((key, left)), Some(new)) = (&mut self.sending, self.out.get_mut(begin..)) {
            if self.role == Role::Client {
                websocket::mask(new, *key, 0);
                key.rotate_left(front.bytes.len() % 4);
            }
            *left -= (front.bytes.len() as u64).min(*left);
            if *left == 0 {
                self.sending = None;
            }
        }
        (front.begins != Some(0)).then_some(opcode)
    }

    /// Says that nothing more is sent. True once the peer has said so, too, and it is ours to end the connection, or if the
    /// peer does not speak WebSocket.
    pub(super) fn close(&mut self, usual: Option<&(u16, String)>, is_failed: bool, eof: bool) -> bool {
        if !matches!(self.stage, Stage::Open) {
            return !(self.is_doomed && self.is_undecided()) || eof;
        }
        if !std::mem::replace(&mut self.close_sent, true) {
            let usual = || {
                usual.map_or_else(
                    || websocket::close(1000, ""),
                    |(code, reason)| websocket::close(*code, reason),
                )
            };
            let payload = self.closing.take().unwrap_or_else(usual);
            (self.ping_at, self.quiet_at) = (None, None);
            // What is left of a frame would be cut off, and the close with it.
            if self.sending.is_none() {
                self.push_control(Opcode::Close, &payload);
            }
        }
        // The server ends the connection first (RFC 6455, 7.1.1).
        is_failed || eof || self.close_received && self.role == Role::Server
    }
}

/// Unpredictable keys to mask with, many at once from the system.
#[derive(Debug, Default)]
struct Masks(Vec<[u8; 4]>);

impl Masks {
    fn next(&mut self) -> [u8; 4] {
        if self.0.is_empty() {
            let random = handshake::random::<1024>();
            self.0 = random.as_chunks::<4>().0.to_vec();
        }
        self.0.pop().unwrap_or_default()
    }
}
