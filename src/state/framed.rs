//! The framing of a tab, as typed, and the messages that it makes of the records.

use std::time::Duration;

use super::LengthFields;
use super::length::{name_of, read_number, word};
use crate::codec::frame::Framing;
use crate::codec::{duration, hex, named_enum};
use crate::model::{Chunked, Message, Problem};

named_enum! {
    /// The framings to choose from.
    #[derive(Default)]
    pub enum FramingKind {
        /// What one read returned is a message.
        #[default]
        AsReceived = "none",
        /// Lines.
        Line = "line",
        /// Messages end with certain bytes.
        Delimiter = "delimiter",
        /// All messages have the same length.
        Fixed = "fixed",
        /// Messages tell their length.
        Length = "length",
        /// A pause follows each message.
        Idle = "idle",
    }
}

/// A framing, as the fields of the menu show it. The session has it as one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FramingFields {
    /// Which of the fields count.
    pub kind: FramingKind,
    /// The bytes that end a message, in hex.
    pub(crate) delimiter: String,
    /// How long every message is, in bytes.
    pub(crate) size: String,
    pub(crate) length: LengthFields,
    /// The pause that ends a message, in milliseconds.
    pub(crate) pause_ms: String,
}

impl Default for FramingFields {
    fn default() -> Self {
        Self {
            kind: FramingKind::AsReceived,
            delimiter: "0D 0A".into(),
            size: "16".into(),
            length: LengthFields::default(),
            pause_ms: "20".into(),
        }
    }
}

impl FramingFields {
    fn new(kind: FramingKind) -> Self {
        Self { kind, ..Self::default() }
    }

    /// The fields for this framing.
    pub fn of(framing: &Framing) -> Self {
        match framing {
            Framing::AsReceived => Self::default(),
            Framing::Line => Self::new(FramingKind::Line),
            Framing::Delimiter(bytes) => {
                Self { delimiter: hex::to_text(bytes), ..Self::new(FramingKind::Delimiter) }
            }
            Framing::Fixed(size) => Self { size: size.to_string(), ..Self::new(FramingKind::Fixed) },
            Framing::Length(field) => {
                Self { length: LengthFields::of(field), ..Self::new(FramingKind::Length) }
            }
            Framing::Idle(pause) => {
                let text = format!("{}.{:03}", pause.as_micros() / 1000, pause.as_micros() % 1000);
                let pause_ms = text.trim_end_matches('0').trim_end_matches('.').into();
                Self { pause_ms, ..Self::new(FramingKind::Idle) }
            }
        }
    }

    /// The fields that show this text; half-typed values are shown as they are.
    pub fn read(text: &str) -> Self {
        if let Ok(framing) = text.trim().parse() {
            return Self::of(&framing);
        }
        let (name, rest) = text.trim().split_once(':').unwrap_or((text, ""));
        let kind = FramingKind::named(name).unwrap_or_default();
        let form = Self::new(kind);
        match kind {
            FramingKind::AsReceived | FramingKind::Line => Self::default(),
            FramingKind::Delimiter => Self { delimiter: rest.to_owned(), ..form },
            FramingKind::Fixed => Self { size: rest.to_owned(), ..form },
            FramingKind::Length => Self { length: LengthFields::read(rest.split(':')), ..form },
            FramingKind::Idle => {
                Self { pause_ms: rest.strip_suffix("ms").unwrap_or(rest).to_owned(), ..form }
            }
        }
    }

    /// The text of the session, half-typed values included; empty without a framing.
    pub fn text(&self) -> String {
        match self.kind {
            FramingKind::AsReceived => String::new(),
            FramingKind::Line => "line".to_owned(),
            FramingKind::Delimiter => format!("delimiter:{}", self.delimiter.trim()),
            FramingKind::Fixed => format!("fixed:{}", word(&self.size)),
            FramingKind::Idle => format!("idle:{}ms", word(&self.pause_ms)),
            FramingKind::Length => self.length.text(),
        }
    }

    /// The framing.
    ///
    /// # Errors
    /// Every field that is wrong, by its name here.
    pub fn framing(&self) -> Result<Framing, Vec<Problem>> {
        let mut wrong = Vec::new();
        let framing = match self.kind {
            FramingKind::AsReceived => Framing::AsReceived,
            FramingKind::Line => Framing::Line,
            FramingKind::Delimiter => match hex::parse(&self.delimiter) {
                Ok(bytes) => Framing::Delimiter(bytes),
                Err(error) => return Err(vec![Problem::new("delimiter", error)]),
            },
            FramingKind::Fixed => Framing::Fixed(read_number(&self.size, 0..=u32::MAX, "size", &mut wrong)),
            FramingKind::Length => Framing::Length(self.length.build()?),
            FramingKind::Idle => {
                let ms = self.pause_ms.trim();
                let is_number = ms.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
                let pause = if is_number { duration::parse_or(ms, "ms").ok() } else { None };
                Framing::Idle(pause.unwrap_or(Duration::ZERO))
            }
        };
        if wrong.is_empty() {
            let faults = framing.faults().into_iter();
            wrong.extend(faults.map(|fault| Problem::new(name_of(&fault), fault)));
        }
        if wrong.is_empty() { Ok(framing) } else { Err(wrong) }
    }
}

/// The framing of a tab, and what it has made of the records so far.
#[derive(Debug, Clone, Default)]
pub struct Framed {
    /// The framing in force.
    pub framing: Framing,
    /// The framing, as the fields of its menu show it.
    pub fields: FramingFields,
    /// The messages that have ended, in the order of the records in which they end.
    pub messages: Chunked<Message>,
    /// Those whose end has not come yet, in the same order.
    pub open: Vec<Message>,
    /// So many records have been cut.
    pub reached: u64,
    /// Changes with the framing: what a job found for another one is of no use.
    pub serial: u64,
}

/// What a job has cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FramedMore {
    pub(crate) serial: u64,
    /// More messages that have ended.
    pub(crate) messages: Vec<Message>,
    /// All that have not.
    pub(crate) open: Vec<Message>,
    /// So many records have been cut now.
    pub(crate) reached: u64,
}

impl Framed {
    /// Whether records are shown as they are.
    pub fn is_clear(&self) -> bool {
        self.framing == Framing::AsReceived
    }

    /// Changes the framing and drops its messages. False if it is the same.
    pub(super) fn set(&mut self, framing: Framing) -> bool {
        if framing == self.framing {
            return false;
        }
        self.framing = framing;
        self.restart();
        true
    }

    /// Drops the messages, to be made again.
    pub(super) fn restart(&mut self) {
        self.serial += 1;
        (self.messages, self.reached) = (Chunked::default(), 0);
        self.open.clear();
    }

    pub(super) fn framed(&mut self, framed: FramedMore) {
        if framed.serial == self.serial {
            self.messages.extend_from_slice(&framed.messages);
            (self.open, self.reached) = (framed.open, framed.reached);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::frame::FramingFault;
    use crate::model::Fault;

    #[test]
    fn every_framing_can_be_typed() {
        for text in [
            "none",
            "line",
            "delimiter:0D0A",
            "fixed:7",
            "length:2:4:le:-3:whole:max=9000",
            "length:0:1:be",
            "idle:20ms",
            "idle:1500us",
        ] {
            let framing: Framing = text.parse().unwrap();
            let fields = FramingFields::of(&framing);
            assert_eq!(fields.framing(), Ok(framing.clone()), "{text}");
            let again = FramingFields::read(&fields.text());
            assert_eq!((again.framing(), again), (Ok(framing), fields), "{text}");
        }
    }

    #[test]
    fn what_is_half_typed_is_kept() {
        for fields in [
            FramingFields { delimiter: "0D 0".into(), ..FramingFields::new(FramingKind::Delimiter) },
            FramingFields { size: "x".into(), ..FramingFields::new(FramingKind::Fixed) },
            FramingFields { pause_ms: String::new(), ..FramingFields::new(FramingKind::Idle) },
            FramingFields {
                length: LengthFields {
                    offset: String::new(),
                    max: "-".into(),
                    adjust: "-1.".into(),
                    ..LengthFields::default()
                },
                ..FramingFields::new(FramingKind::Length)
            },
        ] {
            assert_eq!(FramingFields::read(&fields.text()), fields);
        }
        assert_eq!(FramingFields::read("nothing:known"), FramingFields::default());
    }

    #[test]
    fn what_is_wrong_is_named() {
        let mut fields = FramingFields::new(FramingKind::Length);
        let length = &mut fields.length;
        (length.offset, length.width, length.max) = ("x".into(), String::new(), "-1".into());
        let wrong = fields.framing().unwrap_err();
        let names: Vec<&str> = wrong.iter().map(|problem| &problem.path[..]).collect();
        assert_eq!(names, ["offset", "width", "max"]);
        let length = &mut fields.length;
        (length.offset, length.width, length.max) = ("0".into(), "9".into(), "100".into());
        let wrong = fields.framing().unwrap_err();
        assert_eq!(wrong, [Problem::new("width", Fault::Limit(FramingFault::Width(9)))]);
        for (kind, name) in [
            (FramingKind::Delimiter, "delimiter"),
            (FramingKind::Fixed, "size"),
            (FramingKind::Idle, "pause"),
        ] {
            for text in ["0.0000001", "", "zz", "-5", "99999999999"] {
                let text: String = text.into();
                let (delimiter, size, pause_ms) = (text.clone(), text.clone(), text);
                let fields = FramingFields { kind, delimiter, size, pause_ms, ..FramingFields::default() };
                assert_eq!(fields.framing().unwrap_err()[0].path, name, "{kind:?} {:?}", fields.size);
            }
        }
    }
}
