//! The framing of a tab, as typed, and the messages that it makes of the records.

use std::time::Duration;

use crate::codec::frame::{ByteOrder, Framing, FramingFault, LengthField};
use crate::codec::hex::{self, HexError};
use crate::model::{Chunked, Message};

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

/// A field of the framing that may hold something wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FramingField {
    /// The bytes that end a message.
    Delimiter,
    /// How long every message is.
    Size,
    /// Bytes before the length field.
    Offset,
    /// Bytes of the length field.
    Width,
    /// What is added to the length.
    Adjust,
    /// The longest message.
    Max,
    /// The pause that ends a message.
    Pause,
}

/// What is wrong with one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FramingTrouble {
    /// It must be a whole number.
    NotANumber,
    /// It must be hex.
    Hex(HexError),
    /// It is out of its limits.
    Fault(FramingFault),
}

/// The framing, as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FramingForm {
    /// Which one.
    pub kind: FramingKind,
    /// The bytes that end a message, in hex.
    pub delimiter: String,
    /// How long every message is, in bytes.
    pub size: String,
    /// Bytes before the length field.
    pub offset: String,
    /// Bytes of the length field.
    pub width: String,
    /// Which of its bytes comes first.
    pub order: ByteOrder,
    /// What is added to the length.
    pub adjust: String,
    /// The length counts the header, too.
    pub includes_header: bool,
    /// The longest message, in bytes.
    pub max: String,
    /// The pause that ends a message, in milliseconds.
    pub pause_ms: String,
}

impl Default for FramingForm {
    fn default() -> Self {
        let field = LengthField::default();
        Self {
            kind: FramingKind::AsReceived,
            delimiter: "0D 0A".into(),
            size: "16".into(),
            offset: field.offset.to_string(),
            width: field.width.to_string(),
            order: field.order,
            adjust: field.adjust.to_string(),
            includes_header: field.includes_header,
            max: field.max.to_string(),
            pause_ms: "20".into(),
        }
    }
}

impl FramingForm {
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
                form = Self {
                    kind: FramingKind::Length,
                    offset: field.offset.to_string(),
                    width: field.width.to_string(),
                    order: field.order,
                    adjust: field.adjust.to_string(),
                    includes_header: field.includes_header,
                    max: field.max.to_string(),
                    ..form
                };
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

    /// The framing.
    ///
    /// # Errors
    /// Every field that holds something wrong.
    pub fn framing(&self) -> Result<Framing, Vec<(FramingField, FramingTrouble)>> {
        let mut wrong = Vec::new();
        let framing = match self.kind {
            FramingKind::AsReceived => Framing::AsReceived,
            FramingKind::Line => Framing::Line,
            FramingKind::Delimiter => match hex::parse(&self.delimiter) {
                Ok(bytes) => Framing::Delimiter(bytes),
                Err(error) => return Err(vec![(FramingField::Delimiter, FramingTrouble::Hex(error))]),
            },
            FramingKind::Fixed => Framing::Fixed(number(&self.size, FramingField::Size, &mut wrong)),
            FramingKind::Length => Framing::Length(LengthField {
                offset: number(&self.offset, FramingField::Offset, &mut wrong),
                width: number(&self.width, FramingField::Width, &mut wrong),
                order: self.order,
                adjust: number(&self.adjust, FramingField::Adjust, &mut wrong),
                includes_header: self.includes_header,
                max: number(&self.max, FramingField::Max, &mut wrong),
            }),
            FramingKind::Idle => {
                let ms: f64 = number(&self.pause_ms, FramingField::Pause, &mut wrong);
                let pause = Duration::try_from_secs_f64(ms / 1000.0);
                Framing::Idle(pause.unwrap_or(Duration::ZERO))
            }
        };
        if wrong.is_empty() {
            wrong.extend(
                framing.faults().into_iter().map(|fault| (field(fault), FramingTrouble::Fault(fault))),
            );
        }
        if wrong.is_empty() { Ok(framing) } else { Err(wrong) }
    }
}

fn number<T: std::str::FromStr + Default>(
    text: &str,
    field: FramingField,
    wrong: &mut Vec<(FramingField, FramingTrouble)>,
) -> T {
    text.trim().parse().unwrap_or_else(|_not_a_number| {
        wrong.push((field, FramingTrouble::NotANumber));
        T::default()
    })
}

fn field(fault: FramingFault) -> FramingField {
    match fault {
        FramingFault::Delimiter(_) => FramingField::Delimiter,
        FramingFault::Size(_) => FramingField::Size,
        FramingFault::Offset(_) => FramingField::Offset,
        FramingFault::Width(_) => FramingField::Width,
        FramingFault::Adjust(_) => FramingField::Adjust,
        FramingFault::Max { .. } => FramingField::Max,
        FramingFault::Pause(_) => FramingField::Pause,
    }
}

/// The framing of a tab, and what it has made of the records so far.
#[derive(Debug, Clone, Default)]
pub struct Framed {
    /// The framing in force.
    pub framing: Framing,
    /// The framing, as typed.
    pub form: FramingForm,
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
    /// For which framing.
    pub serial: u64,
    /// More messages that have ended.
    pub messages: Vec<Message>,
    /// All that have not.
    pub open: Vec<Message>,
    /// So many records have been cut now.
    pub reached: u64,
}

impl Framed {
    /// Whether records are shown as they are.
    pub fn is_clear(&self) -> bool {
        self.framing == Framing::AsReceived
    }

    /// Another framing: what was cut is made anew. False if it is the same.
    pub(super) fn set(&mut self, framing: Framing) -> bool {
        if framing == self.framing {
            return false;
        }
        self.framing = framing;
        self.restart();
        true
    }

    /// Other records: what was cut is made anew.
    pub(super) fn restart(&mut self) {
        self.serial += 1;
        (self.messages, self.reached) = (Chunked::default(), 0);
        self.open.clear();
    }

    /// Takes in what a job has cut.
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
            assert_eq!(FramingForm::of(&framing).framing(), Ok(framing), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_beside_its_field() {
        let mut form = FramingForm { kind: FramingKind::Length, ..FramingForm::default() };
        (form.offset, form.width, form.max) = ("x".into(), String::new(), "-1".into());
        let fields: Vec<_> = form.framing().unwrap_err().into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, [FramingField::Offset, FramingField::Width, FramingField::Max]);
        (form.offset, form.width, form.max) = ("0".into(), "9".into(), "100".into());
        let wrong = form.framing().unwrap_err();
        assert_eq!(wrong, [(FramingField::Width, FramingTrouble::Fault(FramingFault::Width(9)))]);
        for (kind, field) in [
            (FramingKind::Delimiter, FramingField::Delimiter),
            (FramingKind::Fixed, FramingField::Size),
            (FramingKind::Idle, FramingField::Pause),
        ] {
            for text in ["0.0000001", "", "zz", "-5", "99999999999"] {
                let text: String = text.into();
                let (delimiter, size, pause_ms) = (text.clone(), text.clone(), text);
                let form = FramingForm { kind, delimiter, size, pause_ms, ..FramingForm::default() };
                assert_eq!(form.framing().unwrap_err()[0].0, field, "{kind:?} {:?}", form.size);
            }
        }
    }
}
