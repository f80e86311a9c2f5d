//! The framing of a tab, as typed, and the messages that it makes of the records.

use std::time::Duration;

use super::LengthFields;
use super::length::{name_of, read_number, word};
use crate::codec::frame::Framing;
use crate::codec::{duration, hex};
use crate::model::{Chunked, Message, Problem};

/// The framings to choose from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum FramingKind {
    /// What one read returned is a message.
    #[default]
    AsReceived,
    /// Lines.
    Line,
    /// What ends with certain bytes.
    Delimiter,
    /// So many bytes each.
    Fixed,
    /// What says how long it is.
    Length,
    /// What is followed by a pause.
    Idle,
}

impl FramingKind {
    /// All of them, in the order of the list.
    pub const ALL: [Self; 6] =
        [Self::AsReceived, Self::Line, Self::Delimiter, Self::Fixed, Self::Length, Self::Idle];
}

/// A framing, as the fields of the menu show it. The session has it as one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FramingFields {
    pub(crate) kind: FramingKind,
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
    /// The form that has this framing.
    pub fn of(framing: &Framing) -> Self {
        let mut form = Self::default();
        match framing {
            Framing::AsReceived => {}
            Framing::Line => form.kind = FramingKind::Line,
            Framing::Delimiter(bytes) => {
                (form.kind, form.delimiter) = (FramingKind::Delimiter, hex::to_text(bytes));
            }
            Framing::Fixed(size) => (form.kind, form.size) = (FramingKind::Fixed, size.to_string()),
            Framing::Length(field) => {
                (form.kind, form.length) = (FramingKind::Length, LengthFields::of(field));
            }
            Framing::Idle(pause) => {
                form.kind = FramingKind::Idle;
                let (ms, us) = (pause.as_micros() / 1000, pause.as_micros() % 1000);
                form.pause_ms = if us == 0 {
                    ms.to_string()
                } else {
                    format!("{ms}.{us:03}").trim_end_matches('0').into()
                };
            }
        }
        form
    }

    /// The fields that show this text; half-typed values are shown as they are.
    pub fn read(text: &str) -> Self {
        if let Ok(framing) = text.trim().parse() {
            return Self::of(&framing);
        }
        let mut fields = Self::default();
        let (kind, rest) = text.trim().split_once(':').unwrap_or((text, ""));
        match kind {
            "delimiter" => (fields.kind, fields.delimiter) = (FramingKind::Delimiter, rest.to_owned()),
            "fixed" => (fields.kind, fields.size) = (FramingKind::Fixed, rest.to_owned()),
            "idle" => {
                let ms = rest.strip_suffix("ms").unwrap_or(rest);
                (fields.kind, fields.pause_ms) = (FramingKind::Idle, ms.to_owned());
            }
            "length" => {
                (fields.kind, fields.length) = (FramingKind::Length, LengthFields::read(rest.split(':')));
            }
            _ => {}
        }
        fields
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
            FramingFields {
                kind: FramingKind::Delimiter,
                delimiter: "0D 0".into(),
                ..FramingFields::default()
            },
            FramingFields { kind: FramingKind::Fixed, size: "x".into(), ..FramingFields::default() },
            FramingFields { kind: FramingKind::Idle, pause_ms: String::new(), ..FramingFields::default() },
            FramingFields {
                kind: FramingKind::Length,
                length: LengthFields {
                    offset: String::new(),
                    max: "-".into(),
                    adjust: "-1.".into(),
                    ..LengthFields::default()
                },
                ..FramingFields::default()
            },
        ] {
            assert_eq!(FramingFields::read(&fields.text()), fields);
        }
        assert_eq!(FramingFields::read("nothing:known"), FramingFields::default());
    }

    #[test]
    fn what_is_wrong_is_named() {
        let mut fields = FramingFields { kind: FramingKind::Length, ..FramingFields::default() };
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
