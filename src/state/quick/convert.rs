//! Quick sends into the send box and out of it.

use crate::codec::compose::{Manner, Mode};
use crate::codec::{Charset, LineBreak, hex};
use crate::state::QuickNotice;
use crate::workspace::{Draft, QuickSend};

impl Draft {
    /// The same as a quick send without a name.
    pub fn to_quick(&self) -> QuickSend {
        QuickSend {
            content: self.text().into_owned(),
            mode: self.mode,
            escapes: self.escapes,
            placeholders: self.placeholders,
            append: if self.append_off { Vec::new() } else { self.append.clone() },
            ..QuickSend::default()
        }
    }

    /// What a quick send sends, for the box of a session of this charset. Text that the session's charset would make
    /// other bytes of goes as the bytes that it makes.
    ///
    /// # Errors
    /// What is wrong with it, or that its placeholders keep it from becoming bytes.
    pub fn of_quick(quick: &QuickSend, session: Charset) -> Result<Self, QuickNotice> {
        let QuickSend { content, mode, escapes, placeholders, append, charset, .. } = quick.clone();
        let line_break = LineBreak::of(&content).filter(|_| mode != Mode::Hex);
        // The box has one kind only.
        let is_mixed = line_break.is_none() && content.contains(['\r', '\n']);
        let content = line_break.map_or(content.clone(), |_| LineBreak::Lf.apply(&content).into_owned());
        let line_break = line_break.unwrap_or_default();
        let draft = Self { mode, content, escapes, line_break, placeholders, append, append_off: false };
        let own = charset.unwrap_or(session);
        let is_same = own == session || quick.content.is_ascii();
        if quick.mode == Mode::Hex || is_same && !is_mixed {
            return Ok(draft);
        }
        if quick.placeholders {
            return Err(QuickNotice::NotForBox(quick.title()));
        }
        let manner = Manner { mode: quick.mode, escapes: quick.escapes, charset: session };
        let bare = QuickSend { append: Vec::new(), ..quick.clone() };
        let bytes = bare.bytes(session).map_err(|problem| QuickNotice::Wrong(quick.title(), problem))?;
        let text = manner.print(&bytes);
        let (mode, content) =
            text.map_or_else(|| (Mode::Hex, hex::to_text(&bytes)), |text| (quick.mode, text));
        Ok(Self { mode, content, ..draft })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quick_send_goes_into_the_box_and_out_again() {
        let quick = QuickSend {
            content: "a\\n".into(),
            append: vec!["CRC-16/MODBUS".into(), "lf".into()],
            ..QuickSend::default()
        };
        let draft = Draft::of_quick(&quick, Charset::Gbk).unwrap();
        assert_eq!(draft.content, "a\\n");
        assert_eq!(draft.to_quick(), quick);
        // Text of another charset goes as bytes.
        let latin = QuickSend { content: "é".into(), charset: Some(Charset::Latin1), ..quick.clone() };
        let hanzi = QuickSend { content: "中".into(), charset: Some(Charset::Gbk), ..quick.clone() };
        let steps = QuickSend { append: vec!["LRC".into(), "XOR-8".into()], ..latin.clone() };
        for content in ["a\nb\n", "a\r\nb\r\n", "a\rb\r", "a\r\nb\n", "中\r"] {
            let quick = QuickSend { content: content.into(), ..QuickSend::default() };
            let draft = Draft::of_quick(&quick, Charset::Utf8).unwrap();
            assert!(!draft.content.contains('\r'), "{draft:?}");
            assert_eq!(draft.to_quick().bytes(Charset::Utf8).unwrap(), content.as_bytes(), "{draft:?}");
        }
        for quick in [latin, hanzi, steps] {
            let draft = Draft::of_quick(&quick, Charset::Utf8).unwrap();
            assert_eq!(draft.to_quick().bytes(Charset::Utf8), quick.bytes(Charset::Utf8), "{quick:?}");
            // Not so if there is something to be filled first.
            let filled = QuickSend { placeholders: true, ..quick };
            assert!(matches!(Draft::of_quick(&filled, Charset::Utf8), Err(QuickNotice::NotForBox(_))));
        }
        let filled = QuickSend { placeholders: true, ..quick };
        assert_eq!(Draft::of_quick(&filled, Charset::Gbk).unwrap().to_quick(), filled);
    }
}
