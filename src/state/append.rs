//! What a draft appends, as the fields of the menu show it. The draft has it as a list of steps as typed.

use super::LengthFields;
use super::length::word;
use crate::codec::append::{MAX_BYTES, Step};
use crate::codec::frame::{ByteOrder, Framing, LengthField};
use crate::codec::{Checksum, LineBreak, hex, number};
use crate::model::{Fault, Problem};
use crate::workspace::Draft;

/// What is appended, in the order in which it goes: the length in front, bytes, a checksum, bytes, a line end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppendFields {
    /// The length is put in front.
    pub(crate) length: bool,
    /// The field in which it is.
    pub(crate) length_field: LengthFields,
    /// Fixed bytes before the checksum, in hex.
    pub(crate) before: String,
    /// A checksum is appended.
    pub(crate) check: bool,
    pub(crate) checksum: Checksum,
    /// How many first bytes it leaves out.
    pub(crate) from: String,
    /// How many last bytes it leaves out.
    pub(crate) until: String,
    /// Which of its bytes comes first.
    pub(crate) order: ByteOrder,
    /// It is written as hex digits.
    pub(crate) text: bool,
    /// Fixed bytes behind the checksum, in hex.
    pub(crate) after: String,
    /// The line end, if there is one.
    pub(crate) end: Option<LineBreak>,
}

impl Default for AppendFields {
    fn default() -> Self {
        let checksum = Checksum::default();
        Self {
            length: false,
            length_field: LengthFields::default(),
            before: String::new(),
            check: false,
            checksum,
            from: "0".into(),
            until: "0".into(),
            order: checksum.usual_order(),
            text: false,
            after: String::new(),
            end: None,
        }
    }
}

impl AppendFields {
    /// The fields that show this list; `None` if they have no room for it or another order. Values that are half-typed
    /// are shown as they are.
    pub fn of(append: &[String]) -> Option<Self> {
        let mut fields = Self::default();
        for text in append {
            let mut words = text.trim().split(':');
            let name = words.next().unwrap_or_default();
            match (name, text.trim().parse()) {
                (_, Ok(Step::LineEnd(end))) => fields.end = Some(end),
                ("length", _) => (fields.length, fields.length_field) = (true, LengthFields::read(words)),
                ("hex", _) => {
                    let bytes = words.collect::<Vec<_>>().join(":");
                    if fields.check || !fields.before.is_empty() {
                        fields.after = bytes;
                    } else {
                        fields.before = bytes;
                    }
                }
                (name, _) => fields.take_check(name.parse().ok()?, words),
            }
        }
        // What was overwritten or is at another place shows here.
        let has_max = fields.length_field.max != LengthFields::default().max;
        (!has_max && same(&fields.to_append(), append)).then_some(fields)
    }

    fn take_check<'a>(&mut self, checksum: Checksum, words: impl Iterator<Item = &'a str>) {
        self.check = true;
        self.choose(checksum);
        for word in words {
            match (word, word.split_once('=')) {
                (_, Some(("from", n))) => n.clone_into(&mut self.from),
                (_, Some(("to", n))) => n.strip_prefix('-').unwrap_or(n).clone_into(&mut self.until),
                ("be", _) => self.order = ByteOrder::Big,
                ("le", _) => self.order = ByteOrder::Little,
                ("text", _) => self.text = true,
                _ => {}
            }
        }
    }

    /// The list, half-typed values included.
    pub fn to_append(&self) -> Vec<String> {
        let is_none = |text: &str| matches!(text.trim(), "" | "0");
        let mut append = Vec::new();
        if self.length {
            append.push(self.length_field.text());
        }
        let bytes = |text: &str| (!text.trim().is_empty()).then(|| format!("hex:{}", text.trim()));
        append.extend(bytes(&self.before));
        if self.check {
            let mut words = vec![self.checksum.name().to_owned()];
            words.extend((!is_none(&self.from)).then(|| format!("from={}", word(&self.from))));
            words.extend((!is_none(&self.until)).then(|| format!("to=-{}", word(&self.until))));
            let has_order = self.order != self.checksum.usual_order();
            words.extend(has_order.then(|| self.order.name().to_owned()));
            words.extend(self.text.then(|| "text".to_owned()));
            append.push(words.join(":"));
        }
        append.extend(bytes(&self.after));
        append.extend(self.end.map(|end| Step::LineEnd(end).to_string()));
        append
    }

    /// Every field that is wrong, by its name here.
    pub fn problems(&self) -> Vec<Problem> {
        let mut wrong = Vec::new();
        if self.length {
            wrong.extend(self.length_field.build().err().into_iter().flatten());
        }
        for (text, name) in [(&self.before, "before"), (&self.after, "after")] {
            match hex::parse(text) {
                Ok(bytes) if bytes.len() > MAX_BYTES => {
                    wrong.push(Problem::new(name, Fault::TooLong(MAX_BYTES as u64)));
                }
                Ok(_) => {}
                Err(error) => wrong.push(Problem::new(name, error)),
            }
        }
        if self.check {
            for (text, name) in [(&self.from, "from"), (&self.until, "until")] {
                let read = number::parse_in(text, 0..=u32::MAX);
                wrong.extend(read.err().map(|fault| Problem::new(name, fault)));
            }
        }
        wrong
    }

    /// Another checksum, which has a usual order of its own.
    pub fn choose(&mut self, checksum: Checksum) {
        (self.checksum, self.order) = (checksum, checksum.usual_order());
    }
}

/// Whether two lists append the same; if they are half-typed, whether they read the same.
fn same(a: &[String], b: &[String]) -> bool {
    let steps =
        |list: &[String]| list.iter().map(|step| step.trim().parse::<Step>()).collect::<Result<Vec<_>, _>>();
    match (steps(a), steps(b)) {
        (Ok(a), Ok(b)) => a == b,
        (Err(_), Err(_)) => a == b,
        (Ok(_), Err(_)) | (Err(_), Ok(_)) => false,
    }
}

impl Draft {
    /// Whether what is sent is framed like this, as far as something that is appended can frame it; `None` if it cannot.
    pub fn frames(&self, framing: &Framing) -> Option<bool> {
        let mut framed = self.clone();
        framed.frame(framing).then(|| self.steps() == framed.steps())
    }

    /// Frames what is sent from now on so that this framing reads it, in addition to all else that is appended. False
    /// if nothing that is appended could do that.
    pub fn frame(&mut self, framing: &Framing) -> bool {
        let Ok(mut steps) = self.steps() else { return false };
        let is_length = |step: &Step| matches!(step, Step::Length(_));
        match framing {
            Framing::AsReceived | Framing::Fixed(_) | Framing::Idle(_) => return false,
            Framing::Line => {
                steps.retain(|step| !is_length(step));
                if !matches!(steps.last(), Some(Step::LineEnd(_))) {
                    steps.push(Step::LineEnd(LineBreak::CrLf));
                }
            }
            Framing::Delimiter(bytes) => {
                steps.retain(|step| !is_length(step) && !matches!(step, Step::LineEnd(_)));
                if steps.last() != Some(&Step::Bytes(bytes.clone())) {
                    steps.push(Step::Bytes(bytes.clone()));
                }
            }
            Framing::Length(field) => {
                steps.retain(|step| !is_length(step));
                steps.insert(0, Step::Length(LengthField { max: LengthField::default().max, ..*field }));
            }
        }
        self.set_steps(&steps);
        true
    }

    /// Frames what is sent no more like this.
    pub fn unframe(&mut self, framing: &Framing) {
        let Ok(mut steps) = self.steps() else { return };
        match framing {
            Framing::AsReceived | Framing::Fixed(_) | Framing::Idle(_) => {}
            Framing::Line => steps.retain(|step| !matches!(step, Step::LineEnd(_))),
            Framing::Delimiter(bytes) => {
                if steps.last() == Some(&Step::Bytes(bytes.clone())) {
                    steps.pop();
                }
            }
            Framing::Length(_) => steps.retain(|step| !matches!(step, Step::Length(_))),
        }
        self.set_steps(&steps);
    }

    fn set_steps(&mut self, steps: &[Step]) {
        self.append = steps.iter().map(ToString::to_string).collect();
        self.append_off = false;
    }

    /// Appends what is listed, or nothing for the time being. An empty list becomes a line end.
    pub fn set_appends(&mut self, on: bool) {
        self.append_off = !on;
        if on && self.append.is_empty() {
            self.append = vec!["crlf".to_owned()];
        }
    }

    /// Whether something is appended.
    pub fn appends(&self) -> bool {
        !self.append_off && !self.append.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::append;
    use crate::codec::frame::{Cut, Framer, Verdict};

    fn full() -> AppendFields {
        let mut fields = AppendFields {
            length: true,
            length_field: LengthFields {
                offset: " 1".into(),
                adjust: "-2".into(),
                order: ByteOrder::Little,
                whole: true,
                ..LengthFields::default()
            },
            before: "03".into(),
            check: true,
            from: "1".into(),
            until: "2".into(),
            text: true,
            after: "7E7E".into(),
            end: Some(LineBreak::Cr),
            ..AppendFields::default()
        };
        fields.choose("CRC-32".parse().unwrap());
        fields
    }

    #[test]
    fn fields_and_lists_are_the_same() {
        assert!(AppendFields::default().to_append().is_empty(), "nothing unless it is wanted");
        let fields = full();
        let list =
            ["length:1:2:le:-2:whole", "hex:03", "CRC-32/ISO-HDLC:from=1:to=-2:text", "hex:7E7E", "cr"];
        assert_eq!(fields.to_append(), list);
        assert_eq!(fields.order, ByteOrder::Little, "as is usual for it");
        let read = AppendFields::of(&fields.to_append()).unwrap();
        let length_field = LengthFields { offset: " 1".into(), ..read.length_field.clone() };
        assert_eq!(AppendFields { length_field, ..read }, fields);
        for list in [&["crlf"][..], &["CRC-32:be:text"], &["hex:01"], &["hex:01", "hex:02"], &[]] {
            let list: Vec<String> = list.iter().map(|&step| step.to_owned()).collect();
            let read = AppendFields::of(&list).unwrap();
            assert!(same(&read.to_append(), &list), "{list:?} {:?}", read.to_append());
        }
        for list in [
            &["length:0:2:be:max=9"][..],
            &["crlf", "LRC"],
            &["LRC", "XOR-8"],
            &["crlf", "length:0:2:be"],
            &["what"],
        ] {
            let list: Vec<String> = list.iter().map(|&step| step.to_owned()).collect();
            assert_eq!(AppendFields::of(&list), None, "{list:?}");
        }
    }

    #[test]
    fn what_is_half_typed_is_kept() {
        let length_field = LengthFields { width: String::new(), ..full().length_field };
        let half = AppendFields { from: "x".into(), before: "0".into(), length_field, ..full() };
        let read = AppendFields::of(&half.to_append()).unwrap();
        assert_eq!((&read.from[..], &read.before[..], &read.length_field.width[..]), ("x", "0", ""));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let length = |offset: &str, width: &str, adjust: &str| LengthFields {
            offset: offset.into(),
            width: width.into(),
            adjust: adjust.into(),
            ..full().length_field
        };
        let wrong = AppendFields {
            length_field: length("", "x", "1.5"),
            before: "0".into(),
            from: "-1".into(),
            until: "99999999999".into(),
            after: "00".repeat(MAX_BYTES + 1),
            ..full()
        };
        let problems = wrong.problems();
        let names: Vec<&str> = problems.iter().map(|problem| &problem.path[..]).collect();
        assert_eq!(names, ["offset", "width", "adjust", "before", "after", "from", "until"]);
        let wrong = AppendFields { length_field: length("2000", "9", "99999999"), ..full() };
        let problems = wrong.problems();
        assert_eq!(problems.len(), 3);
        assert_eq!(problems[1], Problem::new("width", crate::codec::frame::FramingFault::Width(9)));
        assert_eq!(full().problems(), []);
    }

    #[test]
    fn what_is_framed_is_read_by_the_framing() {
        let draft = |append: &[&str]| Draft {
            append: append.iter().map(|&step| step.to_owned()).collect(),
            ..Draft::default()
        };
        let length = LengthField { offset: 1, width: 4, order: ByteOrder::Little, ..LengthField::default() };
        let whole = LengthField { adjust: -1, includes_header: true, ..LengthField::default() };
        for framing in [
            Framing::Line,
            Framing::Delimiter(b"\x7E\x7E".to_vec()),
            Framing::Length(length),
            Framing::Length(whole),
        ] {
            let full = Draft { append: full().to_append(), ..Draft::default() };
            let off = Draft { append: vec!["crlf".into()], append_off: true, ..Draft::default() };
            for before in [Draft::default(), draft(&["CRC-16/MODBUS"]), full, off] {
                let checks = |draft: &Draft| draft.append.iter().filter(|step| step.contains("CRC")).count();
                let mut framed = before.clone();
                let framed_before = framed.frames(&framing);
                assert!(framed.frame(&framing));
                assert_eq!(framed.frames(&framing), Some(true), "{framing:?} {framed:?}");
                assert_eq!(framed_before, Some(before.steps() == framed.steps()));
                if !before.append_off {
                    assert_eq!(checks(&framed), checks(&before), "all else stays");
                }
                let message = append::apply(&framed.steps().unwrap(), b"xyz".to_vec()).unwrap();
                let mut reader = Framer::new(&framing);
                let mut cuts = Vec::new();
                reader.push(&message.repeat(3), 0, &mut |cut| cuts.push(cut));
                reader.finish(&mut |cut| cuts.push(cut));
                let whole = |n: usize| Cut { end: (n * message.len()) as u64, verdict: Verdict::Whole };
                assert_eq!(cuts, [1, 2, 3].map(whole), "{framing:?} {message:?}");
                framed.unframe(&framing);
                assert_eq!(framed.frames(&framing), Some(false), "{framing:?}");
            }
        }
        for framing in [Framing::AsReceived, Framing::Fixed(4)] {
            let mut same = draft(&["LRC"]);
            assert_eq!((same.frames(&framing), same.frame(&framing)), (None, false));
            assert_eq!(same, draft(&["LRC"]));
        }
    }
}
