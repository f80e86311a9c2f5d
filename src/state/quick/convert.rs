//! Quick sends into the send box and out of it. What the box cannot hold as it is typed goes as the bytes that
//! it makes.

use crate::codec::append::Step;
use crate::codec::compose::{Manner, Mode};
use crate::codec::{Charset, hex};
use crate::state::{AppendForm, Draft, Notice, QuickNotice, SendProblem};
use crate::workspace::QuickSend;

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
            placeholders: self.placeholders,
            append: steps.iter().map(ToString::to_string).collect(),
            ..QuickSend::default()
        })
    }

    /// What a quick send sends, for the box of a session of this charset.
    ///
    /// # Errors
    /// What is wrong with it, or that the box cannot hold it, because what is appended to filled placeholders
    /// has no place in its fields.
    pub fn of_quick(quick: &QuickSend, session: Charset) -> Result<Self, QuickNotice> {
        let wrong = |problem| QuickNotice::Wrong(quick.title(), problem);
        let steps = quick.steps().map_err(wrong)?;
        let own = quick.charset.unwrap_or(session);
        let draft = Self {
            text: quick.content.clone(),
            mode: quick.mode,
            escapes: quick.escapes,
            placeholders: quick.placeholders,
            append: AppendForm::default(),
        };
        let same_text = own == session || quick.mode == Mode::Hex || quick.content.is_ascii();
        match AppendForm::of_steps(&steps) {
            Some(append) if same_text => return Ok(Self { append, ..draft }),
            Some(_) | None if quick.placeholders => return Err(QuickNotice::NotForBox(quick.title())),
            Some(_) | None => {}
        }
        let manner = Manner { mode: quick.mode, escapes: quick.escapes, charset: session };
        let bytes = quick.bytes(session).map_err(wrong)?;
        let text = manner.print(&bytes);
        let (mode, text) = text.map_or_else(|| (Mode::Hex, hex::to_text(&bytes)), |text| (quick.mode, text));
        Ok(Self { text, mode, ..draft })
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
        let latin = QuickSend { content: "é".into(), charset: Some(Charset::Latin1), ..quick.clone() };
        let hanzi = QuickSend { content: "中".into(), charset: Some(Charset::Gbk), ..quick.clone() };
        let steps = QuickSend { append: vec!["LRC".into(), "XOR-8".into()], ..quick.clone() };
        for quick in [latin, hanzi, steps] {
            let draft = Draft::of_quick(&quick, Charset::Utf8).unwrap();
            let bytes = draft.to_quick().unwrap().bytes(Charset::Utf8);
            assert_eq!(bytes, quick.bytes(Charset::Utf8), "{quick:?}");
            // Not so if there is something to be filled first.
            let filled = QuickSend { placeholders: true, ..quick };
            assert!(matches!(Draft::of_quick(&filled, Charset::Utf8), Err(QuickNotice::NotForBox(_))));
        }
        let filled = QuickSend { placeholders: true, ..quick };
        assert_eq!(Draft::of_quick(&filled, Charset::Gbk).unwrap().to_quick(), Ok(filled));
    }
}
