//! What is appended to each message of the send box, as typed, and the steps that it makes.

use serde::{Deserialize, Serialize};

use crate::codec::append::{Check, LineEnd, MAX_BYTES, Step, Written};
use crate::codec::frame::{ByteOrder, Framing, FramingFault, LengthField};
use crate::codec::hex::{self, HexError};
use crate::codec::{Checksum, checksum};

/// A field of it that may hold something wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AppendField {
    /// Bytes of the message before its length.
    Offset,
    /// Bytes of the length.
    Width,
    /// What the length does not count.
    Adjust,
    /// Fixed bytes before the checksum.
    Before,
    /// How many first bytes the checksum leaves out.
    From,
    /// How many last bytes the checksum leaves out.
    Until,
    /// Fixed bytes behind the checksum.
    After,
}

/// What is wrong with one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AppendTrouble {
    /// It must be a whole number.
    NotANumber,
    /// It must be hex.
    Hex(HexError),
    /// There are more bytes than can be appended.
    TooMany,
    /// It is out of its limits.
    Fault(FramingFault),
}

/// What is appended, as typed, in the order in which it goes: the length in front, bytes, a checksum,
/// bytes, a line end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one tick box of the menu")]
pub struct AppendForm {
    /// Something is appended at all.
    pub on: bool,
    /// The length is put in front.
    pub length: bool,
    /// Bytes of the message before it.
    pub offset: String,
    /// Bytes of it.
    pub width: String,
    /// The low byte of the length comes first.
    #[serde(with = "order_name")]
    pub length_order: ByteOrder,
    /// What it does not count.
    pub adjust: String,
    /// The length counts the header, too.
    pub whole: bool,
    /// Fixed bytes before the checksum, in hex.
    pub before: String,
    /// A checksum is appended.
    pub check: bool,
    /// Which one.
    #[serde(with = "checksum_name")]
    pub checksum: Checksum,
    /// How many first bytes it leaves out.
    pub from: String,
    /// How many last bytes it leaves out.
    pub until: String,
    /// Which of its bytes comes first.
    #[serde(with = "order_name")]
    pub order: ByteOrder,
    /// It is written as hex digits.
    pub text: bool,
    /// Fixed bytes behind the checksum, in hex.
    pub after: String,
    /// The line end, if there is one.
    #[serde(with = "line_end_name")]
    pub end: Option<LineEnd>,
}

impl Default for AppendForm {
    fn default() -> Self {
        let field = LengthField::default();
        let checksum = Checksum::default();
        Self {
            on: false,
            length: false,
            offset: field.offset.to_string(),
            width: field.width.to_string(),
            length_order: field.order,
            adjust: field.adjust.to_string(),
            whole: field.includes_header,
            before: String::new(),
            check: false,
            checksum,
            from: "0".into(),
            until: "0".into(),
            order: checksum.usual_order(),
            text: false,
            after: String::new(),
            end: Some(LineEnd::CrLf),
        }
    }
}

impl AppendForm {
    /// The steps; none if nothing is appended.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn steps(&self) -> Result<Vec<Step>, Vec<(AppendField, AppendTrouble)>> {
        let mut steps = Vec::new();
        if !self.on {
            return Ok(steps);
        }
        let mut wrong = Vec::new();
        if self.length {
            let field = LengthField {
                offset: number(&self.offset, AppendField::Offset, &mut wrong),
                width: number(&self.width, AppendField::Width, &mut wrong),
                order: self.length_order,
                adjust: number(&self.adjust, AppendField::Adjust, &mut wrong),
                includes_header: self.whole,
                ..LengthField::default()
            };
            if wrong.is_empty() {
                let faults = field.faults().into_iter();
                wrong.extend(faults.map(|fault| (field_of(fault), AppendTrouble::Fault(fault))));
            }
            steps.push(Step::Length(field));
        }
        steps.extend(bytes(&self.before, AppendField::Before, &mut wrong));
        if self.check {
            steps.push(Step::Check(Check {
                checksum: self.checksum,
                from: number(&self.from, AppendField::From, &mut wrong),
                until: number(&self.until, AppendField::Until, &mut wrong),
                order: self.order,
                written: if self.text { Written::Hex } else { Written::Bytes },
            }));
        }
        steps.extend(bytes(&self.after, AppendField::After, &mut wrong));
        steps.extend(self.end.map(Step::LineEnd));
        if wrong.is_empty() { Ok(steps) } else { Err(wrong) }
    }

    /// Whether what is sent is framed so, as far as this can frame it; `None` if it cannot.
    pub fn frames(&self, framing: &Framing) -> Option<bool> {
        let mut framed = self.clone();
        framed.frame(framing).then(|| framed == *self)
    }

    /// Frames what is sent from now on so that this framing reads it, beside all else that is appended.
    /// False if nothing that is appended could do that.
    pub fn frame(&mut self, framing: &Framing) -> bool {
        // The usual line end is what somebody wants who ticks nothing else.
        let end = self.end.filter(|_| self.on);
        match framing {
            Framing::AsReceived | Framing::Fixed(_) | Framing::Idle(_) => return false,
            Framing::Line => (self.length, self.end) = (false, Some(end.unwrap_or(LineEnd::CrLf))),
            Framing::Delimiter(bytes) => {
                (self.length, self.end, self.after) = (false, None, hex::to_text(bytes));
            }
            Framing::Length(field) => {
                let LengthField { offset, width, order, adjust, includes_header, max: _ } = *field;
                (self.length, self.end, self.length_order, self.whole) = (true, end, order, includes_header);
                (self.offset, self.width, self.adjust) =
                    (offset.to_string(), width.to_string(), adjust.to_string());
            }
        }
        self.on = true;
        true
    }

    /// Frames what is sent no more like this.
    pub fn unframe(&mut self, framing: &Framing) {
        match framing {
            Framing::AsReceived | Framing::Fixed(_) | Framing::Idle(_) => {}
            Framing::Line => self.end = None,
            Framing::Delimiter(_) => self.after.clear(),
            Framing::Length(_) => self.length = false,
        }
        let is_blank = |text: &str| text.trim().is_empty();
        let left = self.length || self.check || self.end.is_some();
        self.on = left || !is_blank(&self.before) || !is_blank(&self.after);
    }

    /// Another checksum, which has a usual order of its own.
    pub fn choose(&mut self, checksum: Checksum) {
        (self.checksum, self.order) = (checksum, checksum.usual_order());
    }
}

fn number<T: std::str::FromStr + Default>(
    text: &str,
    field: AppendField,
    wrong: &mut Vec<(AppendField, AppendTrouble)>,
) -> T {
    text.trim().parse().unwrap_or_else(|_not_a_number| {
        wrong.push((field, AppendTrouble::NotANumber));
        T::default()
    })
}

fn bytes(text: &str, field: AppendField, wrong: &mut Vec<(AppendField, AppendTrouble)>) -> Option<Step> {
    match hex::parse(text) {
        Ok(bytes) if bytes.is_empty() => None,
        Ok(bytes) if bytes.len() > MAX_BYTES => {
            wrong.push((field, AppendTrouble::TooMany));
            None
        }
        Ok(bytes) => Some(Step::Bytes(bytes)),
        Err(error) => {
            wrong.push((field, AppendTrouble::Hex(error)));
            None
        }
    }
}

fn field_of(fault: FramingFault) -> AppendField {
    match fault {
        FramingFault::Width(_) => AppendField::Width,
        FramingFault::Adjust(_) => AppendField::Adjust,
        // The others are of other framings, or not typed here.
        FramingFault::Offset(_)
        | FramingFault::Max { .. }
        | FramingFault::Delimiter(_)
        | FramingFault::Size(_)
        | FramingFault::Pause(_) => AppendField::Offset,
    }
}

/// A byte order by its name; one that is not known is the usual one.
mod order_name {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::ByteOrder;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    pub(super) fn serialize<S: Serializer>(order: &ByteOrder, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(match order {
            ByteOrder::Big => "be",
            ByteOrder::Little => "le",
        })
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<ByteOrder, D::Error> {
        let is_little = String::deserialize(from)? == "le";
        Ok(if is_little { ByteOrder::Little } else { ByteOrder::Big })
    }
}

/// A checksum by its name.
mod checksum_name {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use super::{Checksum, checksum::UnknownChecksum};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    pub(super) fn serialize<S: Serializer>(checksum: &Checksum, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(checksum.name())
    }

    /// One that is not known is an error: to append another one would be worse than to say so.
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Checksum, D::Error> {
        String::deserialize(from)?.parse().map_err(|error: UnknownChecksum| D::Error::custom(error))
    }
}

/// A line end by its name, `none` for none.
mod line_end_name {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::LineEnd;

    #[expect(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    pub(super) fn serialize<S: Serializer>(end: &Option<LineEnd>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(end.map_or("none", LineEnd::name))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<LineEnd>, D::Error> {
        let name = String::deserialize(from)?;
        Ok(LineEnd::ALL.into_iter().find(|end| end.name() == name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(form: &AppendForm) -> Vec<String> {
        form.steps().unwrap().iter().map(ToString::to_string).collect()
    }

    fn full() -> AppendForm {
        let mut form = AppendForm {
            on: true,
            length: true,
            offset: " 1".into(),
            adjust: "-2".into(),
            length_order: ByteOrder::Little,
            whole: true,
            before: "03".into(),
            check: true,
            from: "1".into(),
            until: "2".into(),
            text: true,
            after: "0x7E, 7E".into(),
            end: Some(LineEnd::Cr),
            ..AppendForm::default()
        };
        form.choose("CRC-32".parse().unwrap());
        form
    }

    #[test]
    fn everything_can_be_typed() {
        assert_eq!(AppendForm::default().steps(), Ok(vec![]), "nothing unless it is wanted");
        assert_eq!(steps(&AppendForm { on: true, ..AppendForm::default() }), ["crlf"]);
        let form = full();
        assert_eq!(
            steps(&form),
            ["length:1:2:le:-2:whole", "hex:03", "CRC-32/ISO-HDLC:from=1:to=-2:text", "hex:7E7E", "cr"]
        );
        assert_eq!(form.order, ByteOrder::Little, "as is usual for it");
        assert_eq!(steps(&AppendForm { on: true, end: None, ..AppendForm::default() }), [""; 0]);
    }

    #[test]
    fn what_is_wrong_is_told_beside_its_field() {
        let many = "00".repeat(MAX_BYTES + 1);
        let form = AppendForm {
            offset: String::new(),
            width: "x".into(),
            adjust: "1.5".into(),
            before: "0".into(),
            from: "-1".into(),
            until: "99999999999".into(),
            after: many,
            ..full()
        };
        let fields: Vec<AppendField> =
            form.steps().unwrap_err().into_iter().map(|(field, _)| field).collect();
        assert_eq!(
            fields,
            [
                AppendField::Offset,
                AppendField::Width,
                AppendField::Adjust,
                AppendField::Before,
                AppendField::From,
                AppendField::Until,
                AppendField::After,
            ]
        );
        let form =
            AppendForm { offset: "2000".into(), width: "9".into(), adjust: "99999999".into(), ..full() };
        let wrong = form.steps().unwrap_err();
        let [_, (AppendField::Width, AppendTrouble::Fault(FramingFault::Width(9))), _] = wrong[..] else {
            panic!("{wrong:?}");
        };
        assert_eq!(AppendForm { on: false, ..form }.steps(), Ok(vec![]), "not looked at");
    }

    #[test]
    fn it_is_saved_as_typed() {
        let form = AppendForm { before: "not hex".into(), end: None, ..full() };
        let text = toml::to_string(&form).unwrap();
        assert_eq!(toml::from_str::<AppendForm>(&text).unwrap(), form, "{text}");
        assert_eq!(toml::from_str::<AppendForm>("").unwrap(), AppendForm::default());
        assert!(toml::from_str::<AppendForm>("checksum = 'CRC-99'").is_err());
    }

    #[test]
    fn what_is_framed_is_read_by_the_framing() {
        use crate::codec::append;
        use crate::codec::frame::{Cut, Framer, Verdict};
        let check = AppendForm { on: true, check: true, end: None, ..AppendForm::default() };
        let length = LengthField { offset: 1, width: 4, order: ByteOrder::Little, ..LengthField::default() };
        let whole = LengthField { adjust: -1, includes_header: true, ..LengthField::default() };
        for framing in [
            Framing::Line,
            Framing::Delimiter(b"\x7E\x7E".to_vec()),
            Framing::Length(length),
            Framing::Length(whole),
        ] {
            for before in [AppendForm::default(), check.clone(), AppendForm { on: true, ..full() }] {
                let mut form = before.clone();
                assert_eq!(form.frames(&framing), Some(false), "{framing:?}");
                assert!(form.frame(&framing));
                assert_eq!(form.frames(&framing), Some(true), "{framing:?}");
                assert_eq!(form.check, before.check, "all else stays");
                let message = append::apply(&form.steps().unwrap(), b"xyz".to_vec()).unwrap();
                let mut framer = Framer::new(&framing);
                let mut cuts = Vec::new();
                framer.push(&message.repeat(3), 0, &mut |cut| cuts.push(cut));
                framer.finish(&mut |cut| cuts.push(cut));
                let whole = |n: usize| Cut { end: (n * message.len()) as u64, verdict: Verdict::Whole };
                assert_eq!(cuts, [1, 2, 3].map(whole), "{framing:?} {message:?}");
                form.unframe(&framing);
                assert_eq!(form.frames(&framing), Some(false), "{framing:?}");
                let any = !AppendForm { on: true, ..form.clone() }.steps().unwrap().is_empty();
                assert_eq!(form.on, any);
            }
        }
        for framing in [Framing::AsReceived, Framing::Fixed(4)] {
            let mut form = check.clone();
            assert_eq!((form.frames(&framing), form.frame(&framing)), (None, false));
            assert_eq!(form, check);
        }
    }
}
