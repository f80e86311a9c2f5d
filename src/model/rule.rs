//! Automatic answers: rules, in order, and the faults injected into their answers.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::RelayFaults;
use crate::codec::Charset;
use crate::codec::matcher::Matcher;
use crate::codec::named_enum;
use crate::codec::template::Template;

/// The longest delay of an answer, and the longest cool-down.
pub const MAX_WAIT: Duration = Duration::from_hours(24);

/// The rules of a session. The default is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// The rules, in the order in which they are tried on a message.
    pub rules: Vec<Rule>,
    /// Faults injected into answers to test the peer.
    pub faults: Faults,
    /// The seed of random numbers in placeholders, delays and faults.
    pub seed: u64,
    /// Faults that a relay puts into what it passes on.
    pub relay: RelayFaults,
}

impl Rules {
    /// One rule that sends everything back to its sender.
    pub fn echo() -> Self {
        Self { rules: vec![Rule::new(RuleId(0), Then::Echo)], ..Self::default() }
    }

    /// One rule that sends everything to all other peers.
    pub fn relay() -> Self {
        Self {
            rules: vec![Rule { to: Recipients::Others, ..Rule::new(RuleId(0), Then::Echo) }],
            ..Self::default()
        }
    }

    /// Sets which command line each command of the user's stands for, as `of` says.
    pub fn define_commands(&mut self, mut of: impl FnMut(&str) -> Option<String>) {
        for rule in &mut self.rules {
            if let Then::Run(command) = &mut rule.then {
                command.line = of(&command.name);
            }
        }
    }

    /// Sets which approved folder each folder belongs to, as `of` says.
    pub fn approve(&mut self, mut of: impl FnMut(&Path) -> Option<PathBuf>) {
        for rule in &mut self.rules {
            if let Then::SendFile(file) | Then::SaveFile { file, .. } = &mut rule.then {
                file.approved = of(&file.folder);
            }
        }
    }

    /// Whether there are no rules.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether the rules only send everything back to its sender at once. The framing does not matter then.
    pub fn is_plain_echo(&self) -> bool {
        let [Rule { id: _, name: _, when, silence, from, then, after, to, limits }] = self.rules.as_slice()
        else {
            return false;
        };
        // With a single rule, this makes no difference.
        let Limits { cool_down, at_most, and_then: _ } = limits;
        self.faults.is_none()
            && self.relay.is_none()
            && when.is_anything()
            && silence.is_none()
            && (from, then, to) == (&Sender::Anyone, &Then::Echo, &Recipients::Sender)
            && after.end().is_zero()
            && cool_down.is_zero()
            && at_most.is_none()
    }
}

/// Identifies a rule while the session is open, independent of its position. The caller picks the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub u32);

/// A condition and an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its ID, unique among the rules.
    pub id: RuleId,
    /// The user's name for it; may be empty.
    pub name: String,
    /// The condition on the message.
    pub when: Matcher,
    /// The rule is used when nothing was received for this long, instead of on a message: once, until something is
    /// received again.
    pub silence: Option<Duration>,
    /// The condition on the sender.
    pub from: Sender,
    /// The action.
    pub then: Then,
    /// The delay after the message, random if it is a range; at most [`MAX_WAIT`].
    pub after: RangeInclusive<Duration>,
    /// The receivers of an answer.
    pub to: Recipients,
    /// How often the rule may be used.
    pub limits: Limits,
}

impl Rule {
    /// Its place in the list, from 1, and its name if it has one.
    pub fn title(&self) -> String {
        let name = if self.name.is_empty() { String::new() } else { format!(" ‘{}’", self.name) };
        format!("rule {}{name}", self.id.0.saturating_add(1))
    }

    /// A rule that applies to every message, at once, towards its sender.
    pub fn new(id: RuleId, then: Then) -> Self {
        Self {
            id,
            name: String::new(),
            when: Matcher::default(),
            silence: None,
            from: Sender::Anyone,
            then,
            after: Duration::ZERO..=Duration::ZERO,
            to: Recipients::Sender,
            limits: Limits::default(),
        }
    }
}

named_enum! {
    /// A side of a relay: where something comes from.
    #[derive(Default)]
    pub enum Leg {
        /// The clients.
        #[default]
        Client = "client",
        /// The server.
        Upstream = "upstream",
    }
}

/// The condition on the sender of a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Sender {
    /// Any sender.
    #[default]
    Anyone,
    /// This address, with any port.
    Address(IpAddr),
    /// This address and port.
    Endpoint(SocketAddr),
    /// This side of a relay.
    Leg(Leg),
}

impl Sender {
    /// Whether `peer` meets the condition, which is on this side of a relay, if it is one. An IPv4-mapped IPv6 address
    /// counts as the IPv4 address.
    pub fn admits(self, peer: SocketAddr, leg: Option<Leg>) -> bool {
        match self {
            Self::Anyone => true,
            Self::Leg(wanted) => leg == Some(wanted),
            Self::Address(address) => address.to_canonical() == peer.ip().to_canonical(),
            Self::Endpoint(endpoint) => {
                endpoint.ip().to_canonical() == peer.ip().to_canonical() && endpoint.port() == peer.port()
            }
        }
    }
}

named_enum! {
    /// The receivers of an answer. In a relay, these are the two sides of one client.
    #[derive(Default)]
    pub enum Recipients {
        /// The sender of the message.
        #[default]
        Sender = "sender",
        /// Every peer present when the answer is sent.
        All = "all",
        /// Every peer but the sender.
        Others = "others",
    }
}

/// How often a rule may be used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Limits {
    /// How long the rule is inactive after each use, whoever sends; at most [`MAX_WAIT`].
    pub cool_down: Duration,
    /// How many times the rule is used per opening; `None` for no limit.
    pub at_most: Option<u64>,
    /// Whether the next rules are tried on the same message.
    pub and_then: AndThen,
}

named_enum! {
    /// What follows after a rule was used.
    #[derive(Default)]
    pub enum AndThen {
        /// No other rules are tried on the message.
        #[default]
        Stop = "stop",
        /// The next rules are tried on the message, too.
        GoOn = "go-on",
    }
}

/// The action of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Then {
    /// Sends the message back.
    Echo,
    /// Sends a message made from the template.
    Reply(Arc<Template>),
    /// Sends a file from a folder.
    SendFile(FolderFile),
    /// Writes a new file into a folder; an existing file is left alone.
    SaveFile {
        /// The folder and the name.
        file: FolderFile,
        /// The contents.
        content: Arc<Template>,
    },
    /// Answers as a Modbus TCP device does.
    Modbus(Arc<ModbusTable>),
    /// In a relay, passes the message on with each match of the condition replaced.
    Replace(Arc<Template>),
    /// In a relay, does not pass the message on.
    Drop,
    /// In a relay, holds the message until somebody decides, or for this long.
    Hold(Option<Duration>),
    /// Closes the connection to the sender once the answers of all rules to the message and other queued data are
    /// sent (TCP), or forgets the peer (UDP).
    Close,
    /// Aborts the connection to the sender.
    Reset,
    /// Stops recording data.
    StopRecording,
    /// Highlights the message in the log, with a [note](super::highlight) that names the rule.
    Highlight,
    /// Attaches a note to the message, decoded in this charset.
    Note(Arc<Template>, Charset),
    /// Runs the quick sends of this page as a sequence.
    Sequence(String),
    /// Shows a notification on the desktop, decoded in this charset.
    Notify(Arc<Template>, Charset),
    /// Runs a command of the user's, which gets the message on its standard input.
    Run(UserCommand),
}

impl Then {
    /// Whether it decides what a relay passes on.
    pub fn decides(&self) -> bool {
        matches!(self, Self::Replace(_) | Self::Drop | Self::Hold(_))
    }

    /// Whether it does something to the sender of a message.
    pub fn needs_peer(&self) -> bool {
        use Then::{Close, Echo, Modbus, Reply, Reset, SendFile, Sequence};
        matches!(self, Echo | Reply(_) | SendFile(_) | Modbus(_) | Close | Reset | Sequence(_))
    }
}

/// A command that the user has defined in the settings. Rules only name it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UserCommand {
    /// Its name.
    pub name: String,
    /// What is given to the shell; `None` if the user has no command of this name.
    pub line: Option<String>,
}

/// A file in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderFile {
    /// The folder.
    pub folder: PathBuf,
    /// The canonical name of the folder that the user has approved: the folder is this one or below it. Without one,
    /// the rule reads and writes nothing.
    pub approved: Option<PathBuf>,
    /// The name of the file below it, encoded in `charset`.
    pub name: Arc<Template>,
    /// The charset of the name.
    pub charset: Charset,
}

/// The values of a Modbus device, by address from 0. A request for any other address is answered with an
/// exception.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModbusTable {
    /// The unit that is answered; `None` for all.
    pub unit: Option<u8>,
    /// Readable and writable bits (functions 1, 5 and 15).
    pub coils: BTreeMap<u16, bool>,
    /// Readable bits (function 2).
    pub discrete_inputs: BTreeMap<u16, bool>,
    /// Readable and writable registers (functions 3, 6 and 16).
    pub holding_registers: BTreeMap<u16, u16>,
    /// Readable registers (function 4).
    pub input_registers: BTreeMap<u16, u16>,
}

/// Faults injected into answers to test the peer. Answers are counted from 1 over all rules and peers;
/// `every` N selects the Nth, the 2Nth and so on, 0 none. Random choices depend on the seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults {
    /// These answers are dropped.
    pub drop_every: u32,
    /// One bit of these is flipped: of the appended checksum, or of the last byte if there is none.
    pub corrupt_every: u32,
    /// These are sent in two parts, cut at a random place.
    pub cut_every: u32,
    /// The pause between the two parts.
    pub cut_pause: Duration,
    /// The number of answers to the same receivers that are sent as one; 0 or 1 for no joining.
    pub join: u32,
    /// The longest time that answers wait to be joined.
    pub join_within: Duration,
    /// These are delayed.
    pub delay_every: u32,
    /// The delay, random if it is a range.
    pub delay: RangeInclusive<Duration>,
}

impl Default for Faults {
    /// None.
    fn default() -> Self {
        Self {
            drop_every: 0,
            corrupt_every: 0,
            cut_every: 0,
            cut_pause: Duration::ZERO,
            join: 0,
            join_within: Duration::ZERO,
            delay_every: 0,
            delay: Duration::ZERO..=Duration::ZERO,
        }
    }
}

impl Faults {
    /// Whether answers are sent unchanged.
    pub fn is_none(&self) -> bool {
        (self.drop_every, self.corrupt_every, self.cut_every, self.delay_every) == (0, 0, 0, 0)
            && self.join <= 1
    }
}
