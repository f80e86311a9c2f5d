//! Quick sends into the send box and out of it. What the box cannot hold as it is typed goes as the bytes that
//! it makes.

use crate::codec::append::Step;
use crate::codec::compose::{Manner, Mode};
use crate::codec::{Charset, hex};
use crate::state::{AppendForm, Draft, Notice, SendProblem};
use crate::workspace::{QuickProblem, QuickSend};

impl Draft {
    /// The same as a quick send without a name.
    ///
    /// # Errors
    /// When a field of what is appended is wrong.
    pub fn to_quick(&self) -> Result<QuickSend, Notice> {
        let steps = self.append.steps();
        let steps = steps.map_err(|_told_beside_the_fields| Notice::CannotSend(SendProblem::AppendForm))?;
        Ok(QuickSend {
            content: self.text.clone(),
            mode: self.mode,
            escapes: self.escapes,
            append: steps.iter().map(ToString::to_string).collect(),
            ..QuickSend::default()
        })
    }

    /// What a quick send sends, for the box of a session of this charset.
    ///
    /// # Errors
    /// What is wrong with it, if it cannot go into the box as it was typed.
    pub fn of_quick(quick: &QuickSend, session: Charset) -> Result<Self, QuickProblem> {
        let steps = quick.steps()?;
        let own = quick.charset.unwrap_or(session);
        let manner = Manner { mode: quick.mode, escapes: quick.escapes, charset: own };
        let draft =
            Self { text: quick.content.clone(), mode: quick.mode, escapes: quick.escapes, ..Self::default() };
        let of_bytes = |bytes: &[u8], append: AppendForm| {
            let text = Manner { charset: session, ..manner }.print(bytes);
            let (mode, text) =
                text.map_or_else(|| (Mode::Hex, hex::to_text(bytes)), |text| (quick.mode, text));
            Self { text, mode, append, ..draft.clone() }
        };
        match AppendForm::of_steps(&steps) {
            Some(append) if own == session || quick.mode == Mode::Hex => Ok(Self { append, ..draft }),
            Some(append) => {
                let typed = QuickSend { append: Vec::new(), ..quick.clone() };
                Ok(of_bytes(&typed.bytes(session)?, append))
            }
            None => Ok(of_bytes(&quick.bytes(session)?, AppendForm::default())),
        }
    }
}

impl AppendForm {
    /// The form that makes these steps; `None` if its fields have no room for them or another order.
    pub fn of_steps(steps: &[Step]) -> Option<Self> {
        let mut form = Self { on: !steps.is_empty(), end: None, ..Self::default() };
        for step in steps {
            match step {
                Step::Length(field) => {
                    form.length = true;
                    form.offset = field.offset.to_string();
                    form.width = field.width.to_string();
                    form.length_order = field.order;
                    form.adjust = field.adjust.to_string();
                    form.whole = field.includes_header;
                }
                Step::Check(check) => {
                    form.check = true;
                    (form.checksum, form.order) = (check.checksum, check.order);
                    (form.from, form.until) = (check.from.to_string(), check.until.to_string());
                    form.text = check.written == crate::codec::append::Written::Hex;
                }
                Step::Bytes(bytes) if form.check => form.after = hex::to_text(bytes),
                Step::Bytes(bytes) => form.before = hex::to_text(bytes),
                Step::LineEnd(end) => form.end = Some(*end),
            }
        }
        if steps.is_empty() {
            return Some(Self::default());
        }
        // Whatever was overwritten or stands elsewhere shows here.
        (form.steps().as_deref() == Ok(steps)).then_some(form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_box_takes_what_its_fields_can_say() {
        for steps in [
            &[][..],
            &["crlf"],
            &["length:0:2:be", "hex:03", "CRC-16/MODBUS:from=1", "hex:04", "cr"],
            &["CRC-32:be:text"],
        ] {
            let steps: Vec<Step> = steps.iter().map(|step| step.parse().unwrap()).collect();
            let form = AppendForm::of_steps(&steps).unwrap();
            assert_eq!(form.steps().unwrap(), steps);
        }
        for steps in
            [&["crlf", "LRC"][..], &["LRC", "XOR-8"], &["hex:01", "hex:02"], &["crlf", "length:0:2:be"]]
        {
            let steps: Vec<Step> = steps.iter().map(|step| step.parse().unwrap()).collect();
            assert_eq!(AppendForm::of_steps(&steps), None);
        }
    }

    #[test]
    fn a_quick_send_goes_into_the_box_and_out_again() {
        let quick = QuickSend {
            content: "a\\n".into(),
            append: vec!["CRC-16/MODBUS".into(), "lf".into()],
            ..QuickSend::default()
        };
        let draft = Draft::of_quick(&quick, Charset::Gbk).unwrap();
        assert_eq!(draft.text, "a\\n");
        assert_eq!(draft.to_quick().unwrap(), quick);
        // What the box cannot say goes as bytes.
        let other = QuickSend { append: vec!["LRC".into(), "XOR-8".into()], ..quick.clone() };
        let draft = Draft::of_quick(&other, Charset::Gbk).unwrap();
        assert_eq!(&*draft.bytes(Charset::Gbk).unwrap(), &other.bytes(Charset::Gbk).unwrap()[..]);
        let own = QuickSend { content: "é".into(), charset: Some(Charset::Latin1), ..quick.clone() };
        let draft = Draft::of_quick(&own, Charset::Utf8).unwrap();
        assert_eq!(&*draft.bytes(Charset::Utf8).unwrap(), &own.bytes(Charset::Utf8).unwrap()[..]);
        let hanzi = QuickSend { content: "中".into(), charset: Some(Charset::Gbk), ..quick };
        let draft = Draft::of_quick(&hanzi, Charset::Utf8).unwrap();
        assert_eq!(&*draft.bytes(Charset::Utf8).unwrap(), &hanzi.bytes(Charset::Utf8).unwrap()[..]);
    }
}
