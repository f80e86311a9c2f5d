//! What a session notes in its capture by itself: a code, which programs read back, and the same in words.

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, SocketAddr};

use serde::de::DeserializeOwned;

use super::error::NetError;
use super::link::Local;
use super::proxy::ProxyNote;
use super::tls::TlsNote;
use super::websocket::WsNote;
use super::zone::Named;
use super::{CharsetChange, RecordKind};
use crate::codec::{Charset, duration};

/// Defines the notes: what each says, its arguments, its code and its words. Those with plain arguments have `{}` in the
/// place of each, those with JSON have their names.
macro_rules! notes {
    (
        $($(#[$doc:meta])* $note:ident $(($($arg:ident: $type:ty),+))? = $code:literal: $words:literal;)+
        @json
        $($(#[$json_doc:meta])* $json:ident($($value:ident: $value_type:ty),+) = $json_code:literal: $json_words:literal;)+
    ) => {
        /// A comment that a session writes by itself. [`Display`](fmt::Display) gives its words.
        ///
        /// In the capture it is `[code argument…] words`, e.g. `[listening 127.0.0.1:80] listening on 127.0.0.1:80`.
        /// The argument of an error, a saved file, an alert, TLS, WebSocket and a proxy is JSON, whose names are part of the
        /// code. Only the code is read back, so that the words may change; the codes may not. Any other text that could be
        /// taken for such a comment is written behind `[note]`. Captures made before there were codes have the words alone.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum SessionNote {
            $($(#[$doc])* $note $(($($type),+))?,)+
            $($(#[$json_doc])* $json($($value_type),+),)+
        }

        /// The code and the words of each note without JSON.
        const NOTES: &[(&str, &str)] = &[$(($code, $words)),+];

        impl SessionNote {
            /// The code and the arguments.
            fn parts(&self) -> (&'static str, Vec<String>) {
                let mut args = Vec::new();
                let code = match self {
                    $(Self::$note $(($($arg),+))? => {
                        $($($arg.write(&mut args);)+)?
                        $code
                    })+
                    $(Self::$json($($value),+) => {
                        // Only a map whose keys are no text could fail.
                        args.push(serde_json::to_string(&($($value),+)).unwrap_or_default());
                        $json_code
                    })+
                };
                (code, args)
            }

            fn from_parts(code: &str, args: &mut dyn Iterator<Item = &str>) -> Option<Self> {
                let note = match code {
                    $($code => Self::$note $(($(<$type>::read(args)?),+))?,)+
                    _ => return None,
                };
                args.next().is_none().then_some(note)
            }

            /// Reads a comment with JSON: the note, and the words.
            #[expect(unused_parens, reason = "they are around one argument or several")]
            fn from_json(comment: &str) -> Option<(Self, &str)> {
                $(if let Some((($($value),+), words)) = read_json(comment, $json_code) {
                    return Some((Self::$json($($value),+), words));
                })+
                None
            }

            /// The words of a note with JSON.
            fn words_of_json(&self) -> Option<String> {
                match self {
                    $(Self::$json($($value),+) => Some(format!($json_words)),)+
                    _ => None,
                }
            }
        }
    };
}

notes! {
    /// A TCP server listens.
    Listening(at: Local) = "listening": "listening on {}";
    /// A UDP socket is bound.
    Bound(at: Local) = "bound": "bound to {}";
    /// This machine has no IPv6, so that every address is every one of IPv4.
    OnlyIpv4 = "only-ipv4": "this machine has no IPv6";
    /// No more clients are accepted.
    StoppedListening = "stopped-listening": "stopped listening";
    /// A multicast group was joined.
    JoinedGroup(group: IpAddr) = "joined": "joined group {}";
    /// A multicast group was left.
    LeftGroup(group: IpAddr) = "left": "left group {}";
    /// The connection between the first two addresses, a client and us, is relayed over the one between the next two, us
    /// and the upstream server.
    Paired(ends: [SocketAddr; 4]) = "paired": "client {} on {} is relayed from {} to {}";
    /// A client was reset because there is no connection to this upstream server.
    NotRelayed(client: SocketAddr, upstream: String) = "not-relayed": "client {} was reset: no connection to {}";
    /// A fault of a relay has begun to stall or pause what this peer sends, or has closed or reset the connection.
    Faulted(what: String, peer: SocketAddr) = "faulted": "fault {} on what {} sends";
    /// A held message of this many bytes from this peer was passed on, since nobody decided in time.
    HoldExpired(bytes: u64, peer: SocketAddr) =
        "hold-expired": "a message of {} bytes from {} was passed on: no decision in time";
    /// Bytes that were queued for a peer when its connection ended.
    Unsent(bytes: u64, peer: SocketAddr) = "unsent": "{} bytes were not sent to {}";
    /// Bytes from this client of a relay that had no other leg when it ended.
    NotPassed(bytes: u64, client: SocketAddr) = "not-passed": "{} bytes from {} were not passed on";
    /// Bytes of an unfinished message that was not passed to rules, since the session took too much memory; its sender.
    GivenUp(bytes: u64, peer: SocketAddr) =
        "given-up": "a message of {} bytes from {} was not passed to rules: the memory limit is reached";
    /// Answers that were dropped because the peer reads too slowly, and their bytes.
    AnswersDropped(answers: u64, bytes: u64, peer: SocketAddr) =
        "answers-dropped": "{} answers of {} bytes in all to {} were dropped: the peer reads too slowly";
    /// Short connections that still had messages to send when the session ended.
    NotMade(connections: u64) = "not-made": "{} short connections were not made";
    /// A file was stopped: bytes sent, and bytes in all.
    FileStopped(done: u64, total: u64) = "file-stopped": "sending a file stopped after {} of {} bytes";
    /// The capture can be written again after this many milliseconds. Nothing is missing.
    RecordingResumed(ms: u64) = "recording-resumed": "recording resumed after {}; no data was lost";
    /// A rule has stopped the recording of data.
    RecordingStopped = "recording-stopped": "recording stopped";
    /// Bytes received and sent since recording stopped. They are not in the capture; what follows is.
    NotRecorded(received: u64, sent: u64) = "not-recorded": "not recorded: {} bytes received, {} bytes sent";
    /// Text sent is in this charset from here on, and was in the other before.
    SentCharset(to: Charset, from: Charset) = "sent-charset": "text sent is {} from here on, {} until here";
    /// The opening ended.
    Closed = "closed": "closed";
    /// The capture goes on in this part, by its number, after this many records in the parts before.
    Part(number: u64, before: u64) = "part": "part {} of the capture; {} records are in the parts before";
    /// The wall clock went forward by this many milliseconds, because it was set or the machine has slept. The times of
    /// the records follow it.
    ClockForward(ms: u64) = "clock-forward": "the clock went forward by {}";
    /// The wall clock was set by this many milliseconds. The times of the records, which never go back, are ahead of it
    /// by so many from here on.
    ClockChanged(ms: i64, ahead: u64) = "clock-changed": "the clock changed by {}; times here are {} ahead of it";
    /// The times of this opening are so many milliseconds ahead of the wall clock, which was set back before.
    ClockAhead(ms: u64) = "clock-ahead": "times here are {} ahead of the clock";
    /// Bytes from one address to the other that the imported capture lacks.
    Missing(bytes: u64, from: SocketAddr, to: SocketAddr) = "missing": "{} bytes from {} to {} are missing";
    /// Bytes from one address to the other that no receiver accepts: after the end, or of a gap that was given up.
    NotAccepted(bytes: u64, from: SocketAddr, to: SocketAddr) =
        "not-accepted": "{} bytes from {} to {} were left out: not part of the stream";
    /// An RST from one address to the other that does not fit the connection: its sequence number and acknowledgement.
    RstIgnored(seq: u32, ack: u32, from: SocketAddr, to: SocketAddr) =
        "rst-ignored": "RST with sequence number {} and acknowledgment number {} from {} to {} was ignored";
    /// A SYN with this sequence number from one address to the other within a connection.
    SynIgnored(seq: u32, from: SocketAddr, to: SocketAddr) =
        "syn-ignored": "SYN with sequence number {} from {} to {} was ignored";
    /// Segments without data of TCP connections that are not in the imported capture.
    Strays(segments: u64) = "strays": "{} TCP segments of connections that are not in the capture were left out";
    /// A packet of the imported capture with a malformed or truncated header of TCP or UDP, from one address to the other.
    Unreadable(from: SocketAddr, to: SocketAddr) = "unreadable": "an unreadable packet from {} to {} was left out";
    /// Fragments of an IP packet of the imported capture that is not complete, from one address to the other.
    Incomplete(fragments: u64, from: SocketAddr, to: SocketAddr) =
        "incomplete": "{} fragments of an incomplete packet from {} to {} were left out";
    /// Bytes from one address to the other that differ in a retransmission. The first copy is in the capture.
    Differs(bytes: u64, from: SocketAddr, to: SocketAddr) =
        "differs": "{} bytes from {} to {} differ in a retransmission; the first copy is kept";
    /// Packets of the imported capture whose link type is not supported, and its name.
    UnreadLink(packets: u64, name: String) = "unread-link": "{} packets with link type {} were left out: not supported";
    /// Packets of the imported capture with something else than TCP and UDP, and its name.
    UnreadProtocol(packets: u64, name: String) = "unread-protocol": "{} packets with protocol {} were left out: neither TCP nor UDP";
    /// Other packets of the imported capture that could not be decoded.
    LeftOut(packets: u64) = "left-out": "{} packets without readable TCP or UDP were left out";

    @json
    /// An operation failed.
    Failed(error: NetError) = "error": "{error}";
    /// A rule saved a file: its length in bytes, and its path.
    Saved(bytes: u64, path: String) = "saved": "saved {bytes} bytes as {path}";
    /// A rule notified the user: its name, and the text.
    Alert(rule: String, text: String) = "alert": "alert of {rule}: {text}";
    /// So many notifications or commands of a rule were left out, since one a second is the most.
    AlertsSkipped(n: u64, rule: String) = "alerts-skipped": "alerts of {rule} left out, at most one a second: {n}";
    /// What happens with TLS.
    Tls(note: TlsNote) = "tls": "{note}";
    /// What happens with WebSocket.
    Ws(note: WsNote) = "ws": "{note}";
    /// What happens with a proxy.
    Proxy(note: ProxyNote) = "proxy": "{note}";
}

/// What captures without codes have in the place of these words.
const OLD_WORDS: [(&str, &str); 7] = [
    ("clock-forward", "the clock went forward by {} ms"),
    ("clock-changed", "the clock changed by {} ms; times here are {} ms ahead of it"),
    ("clock-ahead", "times here are {} ms ahead of the clock"),
    ("file-stopped", "sending a file was stopped after {} of {} bytes"),
    ("recording-resumed", "the capture is written again after {} ms, nothing is missing"),
    ("not-recorded", "not recorded until now: {} bytes received, {} bytes sent"),
    ("left-out", "{} packets were left out, as they hold no TCP or UDP that can be read"),
];

/// The code of a text that is not a session's own.
const FREE: &str = "note";

/// A plain argument.
trait Argument: Sized {
    fn write(&self, args: &mut Vec<String>);
    fn read(args: &mut dyn Iterator<Item = &str>) -> Option<Self>;
}

macro_rules! arguments {
    ($($type:ty),+) => {
        $(impl Argument for $type {
            fn write(&self, args: &mut Vec<String>) {
                args.push(self.to_string());
            }

            fn read(args: &mut dyn Iterator<Item = &str>) -> Option<Self> {
                args.next()?.parse().ok()
            }
        })+
    };
}

arguments!(u32, u64, i64, String, IpAddr, SocketAddr, Charset);

impl Argument for Local {
    /// With the zone of an address by its index.
    fn write(&self, args: &mut Vec<String>) {
        args.push(match self {
            Self::At(address) => address.to_string(),
            Self::Every(_) => self.to_string(),
        });
    }

    fn read(args: &mut dyn Iterator<Item = &str>) -> Option<Self> {
        args.next()?.parse().ok()
    }
}

impl Argument for [SocketAddr; 4] {
    fn write(&self, args: &mut Vec<String>) {
        for end in self {
            end.write(args);
        }
    }

    fn read(args: &mut dyn Iterator<Item = &str>) -> Option<Self> {
        let ends: Option<Vec<SocketAddr>> = (0..4).map(|_| SocketAddr::read(args)).collect();
        ends?.try_into().ok()
    }
}

/// Reads a comment with this code and JSON: the argument, and the words.
fn read_json<'a, T: DeserializeOwned>(comment: &'a str, code: &str) -> Option<(T, &'a str)> {
    let json = comment.strip_prefix('[')?.strip_prefix(code)?.strip_prefix(' ')?;
    let mut values = serde_json::Deserializer::from_str(json).into_iter();
    let argument = values.next()?.ok()?;
    Some((argument, json.get(values.byte_offset()..)?.strip_prefix("] ")?))
}

impl SessionNote {
    /// The kind of the record that has this comment.
    pub fn kind(comment: &str) -> RecordKind {
        match Self::read(comment).0 {
            Some(Self::SentCharset(to, from)) => RecordKind::Charset(CharsetChange::new(from, to)),
            Some(Self::Ws(_)) => RecordKind::WebSocket,
            _ => RecordKind::Note,
        }
    }

    /// What programs know it by.
    pub fn code(&self) -> &'static str {
        self.parts().0
    }

    /// The comment as it is written to the capture.
    pub fn comment(&self) -> String {
        let (code, args) = self.parts();
        let code = std::iter::once(code).chain(args.iter().map(String::as_str));
        format!("[{}] {self}", code.collect::<Vec<_>>().join(" "))
    }

    /// The comment for a text that is not a session's own, so that [`read`](Self::read) does not take it for one.
    pub fn free_comment(text: &str) -> Cow<'_, str> {
        match Self::read(text) {
            (None, words) if words.len() == text.len() => Cow::Borrowed(text),
            _ => Cow::Owned(format!("[{FREE}] {text}")),
        }
    }

    /// Reads a comment: what the session noted, if it is the session's own, and the words for people.
    pub fn read(comment: &str) -> (Option<Self>, &str) {
        if let Some((note, words)) = Self::from_json(comment) {
            return (Some(note), words);
        }
        if let Some((code, words)) = comment.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
            let mut parts = code.split(' ');
            let note = parts.next().and_then(|code| Self::from_parts(code, &mut parts));
            if note.is_some() || code == FREE {
                return (note, words);
            }
        }
        let from_words = |(code, words): &(&str, &str)| {
            Self::from_parts(code, &mut arguments(words, comment)?.into_iter())
        };
        (NOTES.iter().chain(&OLD_WORDS).find_map(from_words), comment)
    }
}

impl fmt::Display for SessionNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(words) = self.words_of_json() {
            return f.write_str(&words);
        }
        let (code, args) = self.parts();
        let words = NOTES.iter().find(|(known, _)| *known == code).map_or("", |(_, words)| words);
        // An argument precedes each literal except the first. Codes have zones by their index.
        let is_one = args.first().is_some_and(|arg| arg == "1");
        let is_time = code.starts_with("clock-") || code == "recording-resumed";
        let args = args.into_iter().map(|arg| match arg.parse() {
            Ok(address) => Named(address).to_string(),
            Err(_number) if is_time => time(&arg),
            Err(_other) => arg,
        });
        let args = std::iter::once(String::new()).chain(args);
        words.split("{}").zip(args).try_for_each(|(literal, arg)| {
            let literal = if arg == "1" { of_one(literal) } else { literal.to_owned() };
            // What comes first is what the sentence is about.
            let verbs = [(" were ", " was "), (" are missing", " is missing"), (" differ ", " differs ")];
            let literal =
                verbs.iter().filter(|_| is_one).fold(literal, |text, (many, one)| text.replace(many, one));
            write!(f, "{arg}{literal}")
        })
    }
}

/// Milliseconds, which may be negative, for people.
fn time(ms: &str) -> String {
    let (sign, amount) = ms.strip_prefix('-').map_or(("", ms), |amount| ("-", amount));
    amount.parse().map_or(ms.to_owned(), |ms| format!("{sign}{}", duration::in_words(ms)))
}

/// What follows a 1: the noun at its beginning in the singular.
fn of_one(words: &str) -> String {
    let nouns = [" bytes", " packets", " answers", " fragments", " TCP segments", " short connections"];
    let noun = nouns.iter().find_map(|noun| Some((noun, words.strip_prefix(noun)?)));
    noun.map_or(words.to_owned(), |(noun, rest)| format!("{}{rest}", noun.trim_end_matches('s')))
}

/// What `text` has in the places of `{}` in `words`; `None` if it differs elsewhere.
fn arguments<'a>(words: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut literals = words.split("{}");
    let mut rest = text.strip_prefix(literals.next()?)?;
    let mut literals = literals.peekable();
    let mut args = Vec::new();
    while let Some(literal) = literals.next() {
        let at =
            if literals.peek().is_some() { rest.find(literal)? } else { rest.strip_suffix(literal)?.len() };
        let (arg, after) = rest.split_at(at);
        args.push(arg);
        rest = after.strip_prefix(literal)?;
    }
    rest.is_empty().then_some(args)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::codec::websocket::{self, Opcode};
    use crate::model::{
        Cause, CertFault, Direction, Doing, OsFault, ProxyMessage, ProxyWords, TlsCertificate, TlsMade,
        WsFrame, WsHead,
    };

    /// Every kind of note.
    #[expect(clippy::too_many_lines, reason = "one list of them")]
    fn all() -> [SessionNote; 61] {
        let (v4, v6): (SocketAddr, SocketAddr) =
            ("127.0.0.1:80".parse().unwrap(), "[fe80::1%4000000]:65535".parse().unwrap());
        let refused = Cause::Os { fault: OsFault::ConnectionRefused, number: Some(111) };
        [
            SessionNote::Listening(v4.into()),
            SessionNote::Bound(Local::Every(80)),
            SessionNote::Bound(v6.into()),
            SessionNote::OnlyIpv4,
            SessionNote::StoppedListening,
            SessionNote::JoinedGroup("239.1.2.3".parse().unwrap()),
            SessionNote::LeftGroup("ff02::1".parse().unwrap()),
            SessionNote::Paired([v4, v4, v6, v6]),
            SessionNote::NotRelayed(v4, "device:502".to_owned()),
            SessionNote::Faulted("stall".to_owned(), v4),
            SessionNote::HoldExpired(9, v4),
            SessionNote::Unsent(u64::MAX, v6),
            SessionNote::NotPassed(5, v4),
            SessionNote::GivenUp(9, v4),
            SessionNote::AnswersDropped(2, 9, v4),
            SessionNote::NotMade(3),
            SessionNote::FileStopped(5, 9),
            SessionNote::RecordingResumed(1500),
            SessionNote::RecordingStopped,
            SessionNote::NotRecorded(7, 8),
            SessionNote::SentCharset(Charset::Gbk, Charset::Utf8),
            SessionNote::Closed,
            SessionNote::Part(3, 24_690),
            SessionNote::ClockForward(7_200_000),
            SessionNote::ClockChanged(-3_600_000, 3_600_000),
            SessionNote::ClockAhead(3_600_000),
            SessionNote::Missing(7, v4, v6),
            SessionNote::NotAccepted(7, v4, v6),
            SessionNote::RstIgnored(5, u32::MAX, v4, v6),
            SessionNote::SynIgnored(5, v4, v6),
            SessionNote::Strays(3),
            SessionNote::Unreadable(v4, v6),
            SessionNote::Incomplete(2, v4, v6),
            SessionNote::Differs(5, v4, v6),
            SessionNote::UnreadLink(5, "LINKTYPE_SCTP".to_owned()),
            SessionNote::UnreadProtocol(3, "ARP".to_owned()),
            SessionNote::LeftOut(2),
            SessionNote::Failed(NetError::new(Doing::Connecting, "a] b:1", refused)),
            SessionNote::Saved(5, "/x y/] \"z\"".to_owned()),
            SessionNote::Alert("a] b".to_owned(), "c".to_owned()),
            SessionNote::AlertsSkipped(7, "a] b".to_owned()),
            SessionNote::Tls(TlsNote::Starts(v4)),
            SessionNote::Tls(TlsNote::Made(TlsMade {
                peer: v6,
                version: "TLS 1.3".to_owned(),
                suite: "TLS_AES_256_GCM_SHA384".to_owned(),
                alpn: Some("h2".to_owned()),
                name: None,
                resumed: true,
            })),
            SessionNote::Tls(TlsNote::Certificate(
                TlsCertificate {
                    peer: v4,
                    place: 1,
                    subject: "CN=a".to_owned(),
                    issuer: "CN=b".to_owned(),
                    names: vec!["a.test".to_owned()],
                    from: "2026-01-02".to_owned(),
                    to: "2027-01-02".to_owned(),
                    sha256: "00ff".to_owned(),
                }
                .into(),
            )),
            SessionNote::Tls(TlsNote::Untrusted(v4, vec![CertFault::SelfSigned])),
            SessionNote::Tls(TlsNote::Truncated(v4)),
            SessionNote::Tls(TlsNote::GivenUp(v4)),
            SessionNote::Tls(TlsNote::Unexpected(v4)),
            SessionNote::Tls(TlsNote::Authority("/x y/ca.pem".to_owned())),
            SessionNote::Tls(TlsNote::WireLeftOut(2)),
            SessionNote::Tls(TlsNote::Decrypted),
            SessionNote::Tls(TlsNote::SecretsDoNotFit),
            SessionNote::Tls(TlsNote::NoSecrets(2)),
            SessionNote::Tls(TlsNote::NoTshark),
            SessionNote::Tls(TlsNote::TsharkEnded),
            SessionNote::Ws(WsNote::Request(WsHead {
                peer: v4,
                sent: true,
                line: "GET /a] b HTTP/1.1".to_owned(),
                fields: vec![("Host".to_owned(), "a.test".to_owned())],
            })),
            SessionNote::Ws(WsNote::Response(WsHead {
                peer: v6,
                sent: false,
                line: "HTTP/1.1 101 Switching Protocols".to_owned(),
                fields: Vec::new(),
            })),
            SessionNote::Ws(WsNote::Frame(WsFrame::new(
                (v4, Direction::Received),
                Opcode::Close,
                &websocket::close(1001, "bye"),
                true,
            ))),
            SessionNote::Ws(WsNote::NoClose(v4)),
            SessionNote::Proxy(ProxyNote::Said(ProxyMessage {
                peer: v4,
                sent: true,
                what: ProxyWords::Asks("a.test:80".to_owned()),
                bytes: "05".to_owned(),
            })),
            SessionNote::Proxy(ProxyNote::Open("*:80".to_owned())),
        ]
    }

    /// Their comments.
    const COMMENTS: &str = "\
[listening 127.0.0.1:80] listening on 127.0.0.1:80
[bound *:80] bound to *:80
[bound [fe80::1%4000000]:65535] bound to [fe80::1%4000000]:65535
[only-ipv4] this machine has no IPv6
[stopped-listening] stopped listening
[joined 239.1.2.3] joined group 239.1.2.3
[left ff02::1] left group ff02::1
[paired 127.0.0.1:80 127.0.0.1:80 [fe80::1%4000000]:65535 [fe80::1%4000000]:65535] client 127.0.0.1:80 on 127.0.0.1:80 \
is relayed from [fe80::1%4000000]:65535 to [fe80::1%4000000]:65535
[not-relayed 127.0.0.1:80 device:502] client 127.0.0.1:80 was reset: no connection to device:502
[faulted stall 127.0.0.1:80] fault stall on what 127.0.0.1:80 sends
[hold-expired 9 127.0.0.1:80] a message of 9 bytes from 127.0.0.1:80 was passed on: no decision in time
[unsent 18446744073709551615 [fe80::1%4000000]:65535] 18446744073709551615 bytes were not sent to [fe80::1%4000000]:65535
[not-passed 5 127.0.0.1:80] 5 bytes from 127.0.0.1:80 were not passed on
[given-up 9 127.0.0.1:80] a message of 9 bytes from 127.0.0.1:80 was not passed to rules: the memory limit is reached
[answers-dropped 2 9 127.0.0.1:80] 2 answers of 9 bytes in all to 127.0.0.1:80 were dropped: the peer reads too slowly
[not-made 3] 3 short connections were not made
[file-stopped 5 9] sending a file stopped after 5 of 9 bytes
[recording-resumed 1500] recording resumed after 1.5 s; no data was lost
[recording-stopped] recording stopped
[not-recorded 7 8] not recorded: 7 bytes received, 8 bytes sent
[sent-charset gbk utf-8] text sent is gbk from here on, utf-8 until here
[closed] closed
[part 3 24690] part 3 of the capture; 24690 records are in the parts before
[clock-forward 7200000] the clock went forward by 2 h
[clock-changed -3600000 3600000] the clock changed by -1 h; times here are 1 h ahead of it
[clock-ahead 3600000] times here are 1 h ahead of the clock
[missing 7 127.0.0.1:80 [fe80::1%4000000]:65535] 7 bytes from 127.0.0.1:80 to [fe80::1%4000000]:65535 are missing
[not-accepted 7 127.0.0.1:80 [fe80::1%4000000]:65535] 7 bytes from 127.0.0.1:80 to [fe80::1%4000000]:65535 were left out: not part of the stream
[rst-ignored 5 4294967295 127.0.0.1:80 [fe80::1%4000000]:65535] RST with sequence number 5 and acknowledgment number 4294967295 \
from 127.0.0.1:80 to [fe80::1%4000000]:65535 was ignored
[syn-ignored 5 127.0.0.1:80 [fe80::1%4000000]:65535] SYN with sequence number 5 from 127.0.0.1:80 to [fe80::1%4000000]:65535 was ignored
[strays 3] 3 TCP segments of connections that are not in the capture were left out
[unreadable 127.0.0.1:80 [fe80::1%4000000]:65535] an unreadable packet from 127.0.0.1:80 to [fe80::1%4000000]:65535 was left out
[incomplete 2 127.0.0.1:80 [fe80::1%4000000]:65535] 2 fragments of an incomplete packet from 127.0.0.1:80 to [fe80::1%4000000]:65535 were left out
[differs 5 127.0.0.1:80 [fe80::1%4000000]:65535] 5 bytes from 127.0.0.1:80 to [fe80::1%4000000]:65535 differ in a retransmission; the first copy is kept
[unread-link 5 LINKTYPE_SCTP] 5 packets with link type LINKTYPE_SCTP were left out: not supported
[unread-protocol 3 ARP] 3 packets with protocol ARP were left out: neither TCP nor UDP
[left-out 2] 2 packets without readable TCP or UDP were left out
[error {\"doing\":\"connecting\",\"what\":\"a] b:1\",\"cause\":{\"os\":{\"fault\":\"connection-refused\",\"number\":111}}}] \
cannot connect to a] b:1: connection refused (os error 111)
[saved [5,\"/x y/] \\\"z\\\"\"]] saved 5 bytes as /x y/] \"z\"
[alert [\"a] b\",\"c\"]] alert of a] b: c
[alerts-skipped [7,\"a] b\"]] alerts of a] b left out, at most one a second: 7
[tls {\"starts\":\"127.0.0.1:80\"}] TLS starts with 127.0.0.1:80
[tls {\"made\":{\"peer\":\"[fe80::1%4000000]:65535\",\"version\":\"TLS 1.3\",\"suite\":\"TLS_AES_256_GCM_SHA384\",\
\"alpn\":\"h2\",\"resumed\":true}}] TLS with [fe80::1%4000000]:65535: TLS 1.3, TLS_AES_256_GCM_SHA384, ALPN h2, resumed
[tls {\"certificate\":{\"peer\":\"127.0.0.1:80\",\"place\":1,\"subject\":\"CN=a\",\"issuer\":\"CN=b\",\"names\":[\"a.test\"],\
\"from\":\"2026-01-02\",\"to\":\"2027-01-02\",\"sha256\":\"00ff\"}}] certificate 1 of 127.0.0.1:80: CN=a for a.test; \
issued by CN=b; valid from 2026-01-02 to 2027-01-02; SHA-256 00ff
[tls {\"untrusted\":[\"127.0.0.1:80\",[\"self-signed\"]]}] the certificate of 127.0.0.1:80 is not trusted: self-signed
[tls {\"truncated\":\"127.0.0.1:80\"}] 127.0.0.1:80 closed without close_notify: data may be missing
[tls {\"given-up\":\"127.0.0.1:80\"}] told 127.0.0.1:80 by close_notify that the handshake is over: it takes too long
[tls {\"unexpected\":\"127.0.0.1:80\"}] 127.0.0.1:80 speaks TLS: turn it on here (--tls)
[tls {\"authority\":\"/x y/ca.pem\"}] certificates are issued by your own authority: clients must trust /x y/ca.pem
[tls {\"wire-left-out\":2}] connections without their bytes on the wire, since the handshake is in an earlier file: 2
[tls \"decrypted\"] TLS, decrypted by tshark from here on
[tls \"secrets-do-not-fit\"] the secrets do not fit, or not all are there: TLS from here on is shown as on the wire
[tls {\"no-secrets\":2}] TLS connections without secrets, shown as on the wire: 2
[tls \"no-tshark\"] there are secrets of TLS: to decrypt with them, install tshark, a part of Wireshark, and open the file again
[tls \"tshark-ended\"] tshark has ended early: TLS after this is not decrypted, but shown as on the wire
[ws {\"request\":{\"peer\":\"127.0.0.1:80\",\"sent\":true,\"line\":\"GET /a] b HTTP/1.1\",\"fields\":[[\"Host\",\"a.test\"]]}}] \
WebSocket request to 127.0.0.1:80: GET /a] b HTTP/1.1; Host: a.test
[ws {\"response\":{\"peer\":\"[fe80::1%4000000]:65535\",\"sent\":false,\"line\":\"HTTP/1.1 101 Switching Protocols\",\
\"fields\":[]}}] WebSocket response from [fe80::1%4000000]:65535: HTTP/1.1 101 Switching Protocols
[ws {\"frame\":{\"peer\":\"127.0.0.1:80\",\"sent\":false,\"opcode\":\"close\",\"payload\":\"03e9627965\",\"reply\":true}}] \
Close from 127.0.0.1:80: 1001 (going away): bye, in reply
[ws {\"no-close\":\"127.0.0.1:80\"}] 127.0.0.1:80 closed without a Close frame (1006)
[proxy {\"said\":{\"peer\":\"127.0.0.1:80\",\"sent\":true,\"what\":{\"asks\":\"a.test:80\"},\"bytes\":\"05\"}}] \
proxy, to 127.0.0.1:80: connect to a.test:80
[proxy {\"open\":\"*:80\"}] everybody who can reach *:80 can connect through it: it is a proxy without a password";

    /// The comments in captures without codes.
    const OLD_COMMENTS: &str = "\
listening on 127.0.0.1:80
bound to *:80
bound to [fe80::1%4000000]:65535
this machine has no IPv6
stopped listening
joined group 239.1.2.3
left group ff02::1
client 127.0.0.1:80 on 127.0.0.1:80 is relayed from [fe80::1%4000000]:65535 to [fe80::1%4000000]:65535
client 127.0.0.1:80 was reset: no connection to device:502
fault stall on what 127.0.0.1:80 sends
a message of 9 bytes from 127.0.0.1:80 was passed on: no decision in time
18446744073709551615 bytes were not sent to [fe80::1%4000000]:65535
5 bytes from 127.0.0.1:80 were not passed on
a message of 9 bytes from 127.0.0.1:80 was not passed to rules: the memory limit is reached
2 answers of 9 bytes in all to 127.0.0.1:80 were dropped: the peer reads too slowly
3 short connections were not made
sending a file was stopped after 5 of 9 bytes
the capture is written again after 1500 ms, nothing is missing
recording stopped
not recorded until now: 7 bytes received, 8 bytes sent
text sent is gbk from here on, utf-8 until here
closed
part 3 of the capture; 24690 records are in the parts before
the clock went forward by 7200000 ms
the clock changed by -3600000 ms; times here are 3600000 ms ahead of it
times here are 3600000 ms ahead of the clock
7 bytes from 127.0.0.1:80 to [fe80::1%4000000]:65535 are missing
7 bytes from 127.0.0.1:80 to [fe80::1%4000000]:65535 were left out: not part of the stream
RST with sequence number 5 and acknowledgment number 4294967295 from 127.0.0.1:80 to [fe80::1%4000000]:65535 was ignored
SYN with sequence number 5 from 127.0.0.1:80 to [fe80::1%4000000]:65535 was ignored
3 TCP segments of connections that are not in the capture were left out
an unreadable packet from 127.0.0.1:80 to [fe80::1%4000000]:65535 was left out
2 fragments of an incomplete packet from 127.0.0.1:80 to [fe80::1%4000000]:65535 were left out
5 bytes from 127.0.0.1:80 to [fe80::1%4000000]:65535 differ in a retransmission; the first copy is kept
5 packets with link type LINKTYPE_SCTP were left out: not supported
3 packets with protocol ARP were left out: neither TCP nor UDP
2 packets were left out, as they hold no TCP or UDP that can be read";

    #[test]
    fn every_note_is_read_back_by_its_code_whatever_its_words() {
        assert_eq!(all().each_ref().map(SessionNote::comment).join("\n"), COMMENTS);
        for (note, comment) in all().into_iter().zip(COMMENTS.lines()) {
            assert_eq!(SessionNote::read(comment), (Some(note.clone()), note.to_string().as_str()));
            let code = comment.strip_suffix(&note.to_string()).unwrap();
            for words in ["", "something else", "[closed] closed", "listening on 127.0.0.1:9"] {
                assert_eq!(
                    SessionNote::read(&format!("{code}{words}")),
                    (Some(note.clone()), words),
                    "{code}"
                );
            }
        }
    }

    #[test]
    fn the_words_of_captures_without_codes_are_read() {
        // One code is twice among them.
        assert_eq!(OLD_COMMENTS.lines().count(), NOTES.len() + 1);
        for (note, words) in all().into_iter().zip(OLD_COMMENTS.lines()) {
            assert_eq!(SessionNote::read(words), (Some(note), words));
        }
    }

    #[test]
    fn one_is_not_many() {
        let (v4, note) = ("127.0.0.1:80".parse().unwrap(), |note: SessionNote| note.to_string());
        for (text, words) in [
            (note(SessionNote::Unsent(1, v4)), "1 byte was not sent to 127.0.0.1:80"),
            (note(SessionNote::Unsent(11, v4)), "11 bytes were not sent to 127.0.0.1:80"),
            (note(SessionNote::NotMade(1)), "1 short connection was not made"),
            (note(SessionNote::FileStopped(0, 1)), "sending a file stopped after 0 of 1 byte"),
            (note(SessionNote::NotRecorded(1, 2)), "not recorded: 1 byte received, 2 bytes sent"),
            (note(SessionNote::Missing(1, v4, v4)), "1 byte from 127.0.0.1:80 to 127.0.0.1:80 is missing"),
            (note(SessionNote::LeftOut(1)), "1 packet without readable TCP or UDP was left out"),
            (
                note(SessionNote::Strays(1)),
                "1 TCP segment of connections that are not in the capture was left out",
            ),
            (note(SessionNote::ClockForward(14_399_999)), "the clock went forward by 3 h 59 min 59.999 s"),
        ] {
            assert_eq!(text, words);
        }
        let dropped = note(SessionNote::AnswersDropped(1, 9, v4));
        assert!(dropped.starts_with("1 answer of 9 bytes in all to 127.0.0.1:80 was dropped"), "{dropped}");
    }

    #[test]
    fn other_comments_are_not_session_notes() {
        for text in [
            "",
            "Closed",
            "listening on nothing",
            "5 bytes were not sent to",
            "[closed]",
            "[closed 1] x",
            "[unsent 5] x",
            "[listening nothing] x",
            "[error {}] x",
            "[saved [5,7]] x",
            "[saved [5,\"x\"]]",
            "[CLOSED] closed",
            " [closed] closed",
            "[recorded 5] an unknown code",
        ] {
            assert_eq!(SessionNote::read(text), (None, text));
            assert_eq!(SessionNote::free_comment(text), text);
        }
    }

    #[test]
    fn a_text_that_looks_like_a_session_note_stays_a_text() {
        for text in COMMENTS.lines().chain(OLD_COMMENTS.lines()) {
            assert_eq!(SessionNote::read(&SessionNote::free_comment(text)), (None, text));
        }
        let nested = "[note] [note] x";
        assert_eq!(SessionNote::read(&SessionNote::free_comment(nested)), (None, nested));
    }

    proptest! {
        #[test]
        fn any_text_is_read_back_as_it_is(text in r#"(\[(note|closed|left-out 1|saved \[1,""\])\] ?)?.{0,9}"#) {
            let comment = SessionNote::free_comment(&text);
            prop_assert_eq!(SessionNote::read(&comment), (None, text.as_str()));
        }
    }
}
