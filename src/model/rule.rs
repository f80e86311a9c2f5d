//! What a session does by itself when it hears a message: rules, in order, and the faults that are put into
//! its answers. Plain data, made ready to be used; knows no socket and no clock.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::codec::Charset;
use crate::codec::matcher::Matcher;
use crate::codec::template::Template;

/// The longest that an answer may wait, or a cool-down may last.
pub const MAX_WAIT: Duration = Duration::from_hours(24);

/// All the rules of a session. Empty, which is the default, they do nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// The rules, in the order in which a message is held against them.
    pub rules: Vec<Rule>,
    /// What is done to the answers to test the other side.
    pub faults: Faults,
    /// The same seed gives the same random numbers, in placeholders, delays and faults.
    pub seed: u64,
}

impl Rules {
    /// One rule that sends everything back to whom it came from.
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

    /// Whether they do nothing.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether they send everything back to whom it came from, at once, and do no more. How the bytes are cut
    /// into messages is then of no meaning.
    pub fn is_plain_echo(&self) -> bool {
        let [Rule { id: _, name: _, when, from, then, after, to, limits }] = self.rules.as_slice() else {
            return false;
        };
        // Whether rules behind it are looked at is of no meaning: there are none.
        let Limits { cool_down, at_most, and_then: _ } = limits;
        self.faults.is_none()
            && when.is_anything()
            && (from, then, to) == (&Sender::Anyone, &Then::Echo, &Recipients::Sender)
            && after.end().is_zero()
            && cool_down.is_zero()
            && at_most.is_none()
    }
}

/// Names a rule for the time of one opening, whatever place it has among the others. Whoever makes the rules
/// picks the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub u32);

/// When something is done, and what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its name among the rules; no other has it.
    pub id: RuleId,
    /// What people call it; may be empty.
    pub name: String,
    /// What the message must be.
    pub when: Matcher,
    /// From whom it must come.
    pub from: Sender,
    /// What is done.
    pub then: Then,
    /// How long after the message, drawn anew each time if it is a range; at most [`MAX_WAIT`].
    pub after: RangeInclusive<Duration>,
    /// To whom an answer goes.
    pub to: Recipients,
    /// How often.
    pub limits: Limits,
}

impl Rule {
    /// Does this at every message, at once, and toward its sender.
    pub fn new(id: RuleId, then: Then) -> Self {
        Self {
            id,
            name: String::new(),
            when: Matcher::default(),
            from: Sender::Anyone,
            then,
            after: Duration::ZERO..=Duration::ZERO,
            to: Recipients::Sender,
            limits: Limits::default(),
        }
    }
}

/// From whom a message must come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Sender {
    /// Whoever it is.
    #[default]
    Anyone,
    /// From this address, whatever the port.
    Address(IpAddr),
    /// From this address and port.
    Endpoint(SocketAddr),
}

impl Sender {
    /// Whether this peer is one of those meant. An IPv4 address within IPv6 is the IPv4 address.
    pub fn admits(self, peer: SocketAddr) -> bool {
        match self {
            Self::Anyone => true,
            Self::Address(address) => address.to_canonical() == peer.ip().to_canonical(),
            Self::Endpoint(endpoint) => {
                endpoint.ip().to_canonical() == peer.ip().to_canonical() && endpoint.port() == peer.port()
            }
        }
    }
}

/// To whom an answer goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Recipients {
    /// To whom the message came from.
    #[default]
    Sender,
    /// To every peer that is there when it goes.
    All,
    /// To every peer but the sender.
    Others,
}

impl Recipients {
    /// All of them, in the order of a list to choose from.
    pub const ALL: [Self; 3] = [Self::Sender, Self::All, Self::Others];

    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sender => "sender",
            Self::All => "all",
            Self::Others => "others",
        }
    }
}

/// How often a rule is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Limits {
    /// After it was used, it is passed over for this time, whoever sends; zero for never. At most
    /// [`MAX_WAIT`].
    pub cool_down: Duration,
    /// It is used so many times an opening; `None` for no end.
    pub at_most: Option<u64>,
    /// Whether the rules behind it are held against the message, too.
    pub and_then: AndThen,
}

/// What follows after a rule was used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum AndThen {
    /// Nothing: the message is done with.
    #[default]
    Stop,
    /// The next rules are held against the message as well.
    GoOn,
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Then {
    /// Sends the message itself.
    Echo,
    /// Sends what this makes of the message.
    Reply(Arc<Template>),
    /// Sends the file of this name in the folder.
    SendFile(InFolder),
    /// Writes a file of this name into the folder; one that is there already is left alone.
    SaveFile {
        /// Where, and under which name.
        file: InFolder,
        /// What is written.
        content: Arc<Template>,
    },
    /// Answers as a Modbus TCP device does.
    Modbus(Arc<ModbusTable>),
    /// Closes the connection to the sender once all that waits is sent; forgets a peer of UDP.
    Close,
    /// Breaks the connection to the sender off.
    Reset,
    /// Writes no more payload into the capture.
    StopRecording,
    /// Makes the message stand out in the log, by a [note](super::highlight) with the name of the rule.
    Highlight,
    /// Writes a note on the message, in this charset.
    Note(Arc<Template>, Charset),
    /// Runs the quick sends of this page as a sequence.
    Sequence(String),
}

/// A file in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InFolder {
    /// The folder, which nothing leaves.
    pub folder: PathBuf,
    /// The name of the file below it, in this charset.
    pub name: Arc<Template>,
    /// How the bytes of the name are read.
    pub charset: Charset,
}

/// What a Modbus device has, each value by its address from 0. An address that is not here is an exception to
/// ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModbusTable {
    /// Only requests to this unit are answered; `None` for all.
    pub unit: Option<u8>,
    /// Bits to read and write (functions 1, 5 and 15).
    pub coils: BTreeMap<u16, bool>,
    /// Bits to read (function 2).
    pub discrete_inputs: BTreeMap<u16, bool>,
    /// Numbers to read and write (functions 3, 6 and 16).
    pub holding_registers: BTreeMap<u16, u16>,
    /// Numbers to read (function 4).
    pub input_registers: BTreeMap<u16, u16>,
}

/// What is done to answers to see how the other side takes it. Answers are counted from 1 over all rules and
/// peers; `every` N means the Nth, the 2Nth and so on, 0 none. What is random repeats with the seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults {
    /// These answers do not go.
    pub drop_every: u32,
    /// In these, one bit is wrong: of the checksum that the answer has appended, else of its last byte.
    pub corrupt_every: u32,
    /// These go in two sends, cut at a random place.
    pub cut_every: u32,
    /// The pause between the two.
    pub cut_pause: Duration,
    /// So many answers to the same recipients go in one send; 0 or 1 for each in its own.
    pub join: u32,
    /// So long they wait for each other at most.
    pub join_within: Duration,
    /// These go later.
    pub delay_every: u32,
    /// By this, drawn anew each time if it is a range.
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
    /// Whether answers go as they are.
    pub fn is_none(&self) -> bool {
        (self.drop_every, self.corrupt_every, self.cut_every, self.delay_every) == (0, 0, 0, 0)
            && self.join <= 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_unconditional_echo_is_plain() {
        let named = |rule: Rule| Rules { rules: vec![rule], ..Rules::default() };
        let echo = || Rule::new(RuleId(7), Then::Echo);
        assert!(Rules::echo().is_plain_echo());
        assert!(named(Rule { name: "back".to_owned(), ..echo() }).is_plain_echo());
        assert!(!Rules::default().is_plain_echo() && Rules::default().is_empty());
        assert!(!Rules::relay().is_plain_echo() && !Rules::relay().is_empty());
        let late = Duration::ZERO..=Duration::from_millis(1);
        for other in [
            named(Rule { when: Matcher::default().with_len(1..=2), ..echo() }),
            named(Rule { from: Sender::Address([127, 0, 0, 1].into()), ..echo() }),
            named(Rule { after: late, ..echo() }),
            named(Rule { limits: Limits { at_most: Some(3), ..Limits::default() }, ..echo() }),
            named(Rule { then: Then::Close, ..echo() }),
            Rules { faults: Faults { drop_every: 2, ..Faults::default() }, ..Rules::echo() },
            Rules { rules: vec![echo(), Rule::new(RuleId(8), Then::Highlight)], ..Rules::default() },
        ] {
            assert!(!other.is_plain_echo(), "{other:?}");
        }
    }

    #[test]
    fn a_sender_is_an_address_with_or_without_a_port() {
        let peer: SocketAddr = "192.0.2.1:80".parse().unwrap();
        let mapped: SocketAddr = "[::ffff:192.0.2.1]:80".parse().unwrap();
        let other: SocketAddr = "192.0.2.1:81".parse().unwrap();
        for (sender, expected) in [
            (Sender::Anyone, [true; 3]),
            (Sender::Address(peer.ip()), [true; 3]),
            (Sender::Address([192, 0, 2, 2].into()), [false; 3]),
            (Sender::Endpoint(peer), [true, true, false]),
            (Sender::Endpoint(mapped), [true, true, false]),
        ] {
            assert_eq!([peer, mapped, other].map(|peer| sender.admits(peer)), expected, "{sender:?}");
        }
    }
}
