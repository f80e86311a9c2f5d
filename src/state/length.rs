//! A length field as typed: that of a framing, or the one in front of what is sent.

use std::ops::RangeInclusive;
use std::str::FromStr;

use crate::codec::frame::{ByteOrder, FramingFault, LengthField};
use crate::codec::number;
use crate::model::Problem;

/// A length field, as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LengthFields {
    /// Bytes before it.
    pub(crate) offset: String,
    /// Bytes of it.
    pub(crate) width: String,
    pub(crate) order: ByteOrder,
    /// What is added to the length.
    pub(crate) adjust: String,
    /// The length counts the header, too.
    pub(crate) whole: bool,
    /// The longest message, in bytes.
    pub(crate) max: String,
}

impl Default for LengthFields {
    fn default() -> Self {
        Self::of(&LengthField::default())
    }
}

impl LengthFields {
    pub(super) fn of(field: &LengthField) -> Self {
        Self {
            offset: field.offset.to_string(),
            width: field.width.to_string(),
            order: field.order,
            adjust: field.adjust.to_string(),
            whole: field.includes_header,
            max: field.max.to_string(),
        }
    }

    /// The fields that show these words of a text; half-typed values are shown as they are.
    pub(super) fn read<'a>(mut words: impl Iterator<Item = &'a str>) -> Self {
        let mut fields = Self::default();
        words.next().unwrap_or_default().clone_into(&mut fields.offset);
        words.next().unwrap_or_default().clone_into(&mut fields.width);
        for word in words {
            match (word, word.strip_prefix("max=")) {
                ("be", _) => fields.order = ByteOrder::Big,
                ("le", _) => fields.order = ByteOrder::Little,
                ("whole", _) => fields.whole = true,
                (_, Some(max)) => max.clone_into(&mut fields.max),
                (adjust, None) => adjust.clone_into(&mut fields.adjust),
            }
        }
        fields
    }

    pub(super) fn text(&self) -> String {
        let mut words = vec!["length".to_owned(), word(&self.offset), word(&self.width)];
        words.push(self.order.name().to_owned());
        if !matches!(self.adjust.trim(), "" | "0") {
            let sign = if self.adjust.trim().starts_with(['-', '+']) { "" } else { "+" };
            words.push(format!("{sign}{}", word(&self.adjust)));
        }
        words.extend(self.whole.then(|| "whole".to_owned()));
        let has_max = self.max.trim() != Self::default().max;
        words.extend(has_max.then(|| format!("max={}", word(&self.max))));
        words.join(":")
    }

    /// The length field, or every field that is wrong, by its name here.
    pub(super) fn build(&self) -> Result<LengthField, Vec<Problem>> {
        let mut wrong = Vec::new();
        let field = LengthField {
            offset: read_number(&self.offset, 0..=u32::MAX, "offset", &mut wrong),
            width: read_number(&self.width, 0..=u8::MAX, "width", &mut wrong),
            order: self.order,
            adjust: read_number(&self.adjust, i64::MIN..=i64::MAX, "adjust", &mut wrong),
            includes_header: self.whole,
            max: read_number(&self.max, 0..=u32::MAX, "max", &mut wrong),
        };
        if wrong.is_empty() {
            let faults = field.faults().into_iter();
            wrong.extend(faults.map(|fault| Problem::new(name_of(&fault), fault)));
        }
        if wrong.is_empty() { Ok(field) } else { Err(wrong) }
    }
}

/// A value as a word of a text, in which a colon would begin the next word.
pub(super) fn word(text: &str) -> String {
    text.trim().replace(':', "")
}

/// Reads a number; the limits of the framing are checked later.
pub(super) fn read_number<T>(
    text: &str,
    range: RangeInclusive<T>,
    name: &'static str,
    wrong: &mut Vec<Problem>,
) -> T
where
    T: FromStr + PartialOrd + Default + Into<i64>,
{
    number::parse_in(text, range).unwrap_or_else(|fault| {
        wrong.push(Problem::new(name, fault));
        T::default()
    })
}

/// The field that a fault is in.
pub(super) fn name_of(fault: &FramingFault) -> &'static str {
    match fault {
        FramingFault::Delimiter(_) => "delimiter",
        FramingFault::Size(_) => "size",
        FramingFault::Offset(_) => "offset",
        FramingFault::Width(_) => "width",
        FramingFault::Adjust(_) => "adjust",
        FramingFault::Max { .. } => "max",
        FramingFault::Pause(_) => "pause",
    }
}
