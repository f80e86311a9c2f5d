//! A rule as one writes it down, and what is made of it. Knows no message and no session.

mod faults;
mod modbus;

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::names::{self, Named};
use super::{is_usual, send, span, typed};
use crate::codec::append::{Check, Step};
use crate::codec::compose::{Manner, Mode};
use crate::codec::matcher::{CheckRule, MatchKind, Matcher, Validity};
use crate::codec::template::Template;
use crate::codec::{Charset, number};
use crate::model::{
    AndThen, Expected, Fault, FolderFile, Limits, Problem, Recipients, Rule, RuleId, Rules, Sender, Then, at,
};

pub use faults::FaultsForm;
pub use modbus::ModbusForm;

/// What a rule does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ThenKind {
    /// Sends what is typed.
    #[default]
    Reply,
    /// Sends the message itself.
    Echo,
    /// Sends a file of a folder.
    SendFile,
    /// Writes a file into a folder.
    SaveFile,
    /// Answers as a Modbus TCP device.
    Modbus,
    /// Runs quick sends.
    Sequence,
    /// Closes the connection.
    Close,
    /// Breaks the connection off.
    Reset,
    /// Records no more.
    StopRecording,
    /// Marks the message.
    Highlight,
    /// Writes a note on the message.
    Note,
}

impl ThenKind {
    /// All of them, in the order of a list to choose from.
    pub const ALL: [Self; 11] = [
        Self::Reply,
        Self::Echo,
        Self::SendFile,
        Self::SaveFile,
        Self::Modbus,
        Self::Sequence,
        Self::Highlight,
        Self::Note,
        Self::Close,
        Self::Reset,
        Self::StopRecording,
    ];

    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Echo => "echo",
            Self::SendFile => "send-file",
            Self::SaveFile => "save-file",
            Self::Modbus => "modbus",
            Self::Sequence => "sequence",
            Self::Close => "close",
            Self::Reset => "reset",
            Self::StopRecording => "stop-recording",
            Self::Highlight => "highlight",
            Self::Note => "note",
        }
    }

    /// Whether what is typed as its content matters.
    pub fn has_content(self) -> bool {
        matches!(self, Self::Reply | Self::SaveFile | Self::Note)
    }

    /// Whether it goes to somebody that can be chosen.
    pub fn has_recipients(self) -> bool {
        matches!(self, Self::Reply | Self::Echo | Self::SendFile | Self::Modbus)
    }

    /// Whether it is of a file in a folder.
    pub fn has_file(self) -> bool {
        matches!(self, Self::SendFile | Self::SaveFile)
    }
}

impl Named for ThenKind {
    const ALL: &'static [Self] = &Self::ALL;

    fn name(self) -> &'static str {
        self.name()
    }
}

impl Named for Recipients {
    const ALL: &'static [Self] = &Self::ALL;

    fn name(self) -> &'static str {
        self.name()
    }
}

impl Named for Validity {
    const ALL: &'static [Self] = &[Self::Valid, Self::Invalid];

    fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
        }
    }
}

impl Named for AndThen {
    const ALL: &'static [Self] = &[Self::Stop, Self::GoOn];

    fn name(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::GoOn => "go-on",
        }
    }
}

/// A rule, as typed. A text that is empty says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[expect(clippy::struct_excessive_bools, reason = "each is a tick of its own")]
pub struct RuleForm {
    /// What it is called.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// It is followed.
    #[serde(skip_serializing_if = "Clone::clone")]
    pub on: bool,
    /// How the pattern is compared.
    #[serde(with = "names", skip_serializing_if = "is_usual")]
    pub when: MatchKind,
    /// What is looked for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pattern: String,
    /// How the pattern is read.
    #[serde(with = "names", skip_serializing_if = "is_usual")]
    pub pattern_mode: Mode,
    /// `\n`, `\x0D` … are escapes in the pattern.
    #[serde(skip_serializing_if = "Clone::clone")]
    pub pattern_escapes: bool,
    /// How many bytes the message has: `8`, `2..20`, `2..` or `..20`, the last one included.
    #[serde(deserialize_with = "typed", skip_serializing_if = "String::is_empty")]
    pub length: String,
    /// A checksum that the message has, as `--append` has it: `CRC-16/MODBUS:from=1`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub checksum: String,
    /// So many bytes stand behind the checksum.
    #[serde(deserialize_with = "typed", skip_serializing_if = "String::is_empty")]
    pub checksum_behind: String,
    /// How the checksum is.
    #[serde(with = "names", skip_serializing_if = "is_usual")]
    pub checksum_is: Validity,
    /// The address of who sends it, with or without a port.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub from: String,
    /// What is done.
    #[serde(with = "names", skip_serializing_if = "is_usual")]
    pub then: ThenKind,
    /// What is sent, saved or noted.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub content: String,
    /// How the content is read.
    #[serde(with = "names", skip_serializing_if = "is_usual")]
    pub mode: Mode,
    /// `\n`, `\x0D` … are escapes in the content.
    #[serde(skip_serializing_if = "Clone::clone")]
    pub escapes: bool,
    /// `{0}`, `{time}` … are filled.
    #[serde(skip_serializing_if = "Clone::clone")]
    pub placeholders: bool,
    /// The charset of text; `None` for the session's.
    #[serde(with = "names::or_none", skip_serializing_if = "Option::is_none")]
    pub charset: Option<Charset>,
    /// What is appended, in order, as `--append` has it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub append: Vec<String>,
    /// The folder of files; a relative one counts from the working folder.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub folder: String,
    /// The name of the file, with placeholders.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// The page of the quick sends that are run.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub page: String,
    /// To whom it goes.
    #[serde(with = "names", skip_serializing_if = "is_usual")]
    pub to: Recipients,
    /// How long after the message: `20ms`, or `5ms..20ms` for a random time between the two.
    #[serde(deserialize_with = "typed", skip_serializing_if = "String::is_empty")]
    pub after: String,
    /// How long it rests after it was used.
    #[serde(deserialize_with = "typed", skip_serializing_if = "String::is_empty")]
    pub cool_down: String,
    /// It is used so many times.
    #[serde(deserialize_with = "typed", skip_serializing_if = "String::is_empty")]
    pub at_most: String,
    /// Whether the rules behind it are looked at, too.
    #[serde(with = "names", skip_serializing_if = "is_usual")]
    pub and_then: AndThen,
    /// What the device has.
    #[serde(skip_serializing_if = "is_usual")]
    pub modbus: ModbusForm,
}

impl Default for RuleForm {
    fn default() -> Self {
        Self {
            name: String::new(),
            on: true,
            when: MatchKind::default(),
            pattern: String::new(),
            pattern_mode: Mode::default(),
            pattern_escapes: true,
            length: String::new(),
            checksum: String::new(),
            checksum_behind: String::new(),
            checksum_is: Validity::default(),
            from: String::new(),
            then: ThenKind::default(),
            content: String::new(),
            mode: Mode::default(),
            escapes: true,
            placeholders: true,
            charset: None,
            append: Vec::new(),
            folder: String::new(),
            file: String::new(),
            page: String::new(),
            to: Recipients::default(),
            after: String::new(),
            cool_down: String::new(),
            at_most: String::new(),
            and_then: AndThen::default(),
            modbus: ModbusForm::default(),
        }
    }
}

impl RuleForm {
    /// A rule that sends everything back.
    pub fn echo() -> Self {
        Self { then: ThenKind::Echo, ..Self::default() }
    }

    /// A rule that sends everything to all other peers.
    pub fn relay() -> Self {
        Self { to: Recipients::Others, ..Self::echo() }
    }

    /// The rule, in a session of this charset. Only fields that matter for what is chosen are read.
    ///
    /// # Errors
    /// The first field that is wrong.
    ///
    /// # Example
    /// ```
    /// use netassist::codec::Charset;
    /// use netassist::model::RuleId;
    /// use netassist::workspace::RuleForm;
    /// let mut form = RuleForm { content: "ok {0}\\r\\n".to_owned(), ..RuleForm::default() };
    /// assert!(form.build(RuleId(1), Charset::Utf8).is_ok());
    /// form.after = "soon".to_owned();
    /// assert_eq!(form.build(RuleId(1), Charset::Utf8).unwrap_err().path, "after");
    /// ```
    pub fn build(&self, id: RuleId, session: Charset) -> Result<Rule, Problem> {
        let when = self.matcher(session)?;
        Ok(Rule {
            id,
            name: self.name.clone(),
            from: self.sender()?,
            then: self.deed(&when, session)?,
            when,
            after: self.delay()?,
            to: if self.then.has_recipients() { self.to } else { Recipients::default() },
            limits: self.limits()?,
        })
    }

    /// Every field that is wrong, each once.
    pub fn problems(&self, session: Charset) -> Vec<Problem> {
        let matcher = self.matcher(session);
        let any = Matcher::default();
        let deed = self.deed(matcher.as_ref().unwrap_or(&any), session).err();
        // A placeholder for a group of a pattern that is wrong cannot be known.
        let deed = deed.filter(|problem| matcher.is_ok() || problem.path != "content");
        let all = [matcher.err(), self.sender().err(), deed, self.delay().err(), self.limits().err()];
        all.into_iter().flatten().collect()
    }

    /// What the message must be.
    fn matcher(&self, session: Charset) -> Result<Matcher, Problem> {
        let charset = self.charset.unwrap_or(session);
        let manner = Manner { mode: self.pattern_mode, escapes: self.pattern_escapes, charset };
        let mut matcher = Matcher::parse(self.when, &self.pattern, manner).map_err(at("pattern"))?;
        if let Some(text) = said(&self.length) {
            let len = length(text).ok_or(Expected::Lengths).map_err(at("length"))?;
            matcher = matcher.with_len(len);
        }
        if let Some(text) = said(&self.checksum) {
            let behind = number::parse_if(&self.checksum_behind, 0..=u32::MAX);
            matcher = matcher.with_check(CheckRule {
                check: check(text)?,
                behind: behind.map_err(at("checksum-behind"))?.unwrap_or(0),
                must_be: self.checksum_is,
            });
        }
        Ok(matcher)
    }

    fn sender(&self) -> Result<Sender, Problem> {
        let Some(text) = said(&self.from) else { return Ok(Sender::Anyone) };
        let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        if let Ok(address) = bare.parse::<IpAddr>() {
            return Ok(Sender::Address(address));
        }
        text.parse::<SocketAddr>()
            .map(Sender::Endpoint)
            .map_err(|_no_address| Problem::new("from", Expected::Peer))
    }

    fn deed(&self, when: &Matcher, session: Charset) -> Result<Then, Problem> {
        let charset = self.charset.unwrap_or(session);
        Ok(match self.then {
            ThenKind::Reply => Then::Reply(self.template(when, charset, self.steps()?)?),
            ThenKind::Echo => Then::Echo,
            ThenKind::SendFile => Then::SendFile(self.file(when, charset)?),
            ThenKind::SaveFile => Then::SaveFile {
                file: self.file(when, charset)?,
                content: self.template(when, charset, self.steps()?)?,
            },
            ThenKind::Modbus => {
                Then::Modbus(Arc::new(self.modbus.build().map_err(|wrong| wrong.within("modbus"))?))
            }
            ThenKind::Sequence => Then::Sequence(self.page.trim().to_owned()),
            ThenKind::Close => Then::Close,
            ThenKind::Reset => Then::Reset,
            ThenKind::StopRecording => Then::StopRecording,
            ThenKind::Highlight => Then::Highlight,
            ThenKind::Note => Then::Note(self.template(when, charset, Vec::new())?, charset),
        })
    }

    fn template(&self, when: &Matcher, charset: Charset, steps: Vec<Step>) -> Result<Arc<Template>, Problem> {
        let manner = Manner { mode: self.mode, escapes: self.escapes, charset };
        let template = if self.placeholders {
            Template::parse_answer(&self.content, manner, steps, when).map_err(Fault::from)
        } else {
            Template::plain(&self.content, manner, steps).map_err(Fault::from)
        };
        template.map(Arc::new).map_err(at("content"))
    }

    fn steps(&self) -> Result<Vec<Step>, Problem> {
        send::steps(&self.append)
    }

    fn file(&self, when: &Matcher, charset: Charset) -> Result<FolderFile, Problem> {
        let folder = said(&self.folder).ok_or(Fault::Missing).map_err(at("folder"))?;
        let name = said(&self.file).ok_or(Fault::Missing).map_err(at("file"))?;
        let manner = Manner { mode: Mode::Text, escapes: false, charset };
        let name = Template::parse_answer(name, manner, Vec::new(), when).map_err(at("file"))?;
        Ok(FolderFile { folder: folder.into(), name: Arc::new(name), charset })
    }

    fn delay(&self) -> Result<RangeInclusive<Duration>, Problem> {
        delays(&self.after).map_err(at("after"))
    }

    fn limits(&self) -> Result<Limits, Problem> {
        let cool_down = span(&self.cool_down, Duration::ZERO).map_err(at("cool-down"))?;
        let at_most = number::parse_if(&self.at_most, 1..=i64::MAX).map_err(at("at-most"))?;
        let at_most = at_most.map(i64::unsigned_abs);
        Ok(Limits { cool_down, at_most, and_then: self.and_then })
    }
}

/// The rules of all forms that are on, and the faults; each with its place in the list as its name.
///
/// # Errors
/// The first field that is wrong, as `rule.N.field` or `faults.field`.
pub fn build_rules(rules: &[RuleForm], faults: &FaultsForm, session: Charset) -> Result<Rules, Problem> {
    let on = (0..).zip(rules).filter(|(_, form)| form.on);
    let build = |(id, form): (u32, &RuleForm)| {
        form.build(RuleId(id), session).map_err(|problem| problem.within(format!("rule.{id}")))
    };
    let rules = on.map(build).collect::<Result<_, _>>()?;
    let (faults, seed) = faults.build().map_err(|problem| problem.within("faults"))?;
    Ok(Rules { rules, faults, seed })
}

/// A text in which something stands.
fn said(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// A duration, or two of them with dots between; a blank text is none.
fn delays(text: &str) -> Result<RangeInclusive<Duration>, Expected> {
    let Some(text) = said(text) else { return Ok(Duration::ZERO..=Duration::ZERO) };
    let (least, most) = text.split_once("..").unwrap_or((text, text));
    let read =
        |text: &str| said(text).and_then(|text| span(text, Duration::ZERO).ok()).ok_or(Expected::Delay);
    let (least, most) = (read(least)?, read(most)?);
    if least <= most { Ok(least..=most) } else { Err(Expected::Delay) }
}

/// `8`, `2..20`, `2..` or `..20`.
fn length(text: &str) -> Option<RangeInclusive<u64>> {
    let number = |text: &str| number::parse::<u64>(text.trim());
    let range = match text.split_once("..") {
        None => {
            let n = number(text)?;
            n..=n
        }
        Some((least, most)) => {
            let least = if least.trim().is_empty() { 0 } else { number(least)? };
            let most = if most.trim().is_empty() { u64::MAX } else { number(most)? };
            least..=most
        }
    };
    (!range.is_empty()).then_some(range)
}

fn check(text: &str) -> Result<Check, Problem> {
    match text.parse() {
        Ok(Step::Check(check)) => Ok(check),
        Ok(Step::LineEnd(_) | Step::Bytes(_) | Step::Length(_)) => {
            Err(Problem::new("checksum", Expected::Checksum))
        }
        Err(error) => Err(Problem::new("checksum", error)),
    }
}

#[cfg(test)]
pub(super) mod tests;
