//! A rule as one writes it down, and what is made of it. Knows no message and no session.

mod faults;
mod modbus;
mod problem;

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::names::{self, Named};
use super::{is_usual, span, typed};
use crate::codec::Charset;
use crate::codec::append::{Check, Step};
use crate::codec::compose::{Manner, Mode};
use crate::codec::matcher::{CheckRule, MatchKind, Matcher, Validity};
use crate::codec::number::{self, NumberFault};
use crate::codec::template::Template;
use crate::model::{AndThen, InFolder, Limits, Recipients, Rule, RuleId, Rules, Sender, Then};

pub use faults::{FaultsField, FaultsForm, FaultsProblem};
pub use modbus::{ModbusForm, ModbusTrouble};
pub use problem::{RuleField, RuleProblem, RuleTrouble};

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
#[serde(default, deny_unknown_fields)]
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
    /// use netassist::workspace::{RuleField, RuleForm};
    /// let mut form = RuleForm { content: "ok {0}\\r\\n".to_owned(), ..RuleForm::default() };
    /// assert!(form.build(RuleId(1), Charset::Utf8).is_ok());
    /// form.after = "soon".to_owned();
    /// assert_eq!(form.build(RuleId(1), Charset::Utf8).unwrap_err().field, RuleField::After);
    /// ```
    pub fn build(&self, id: RuleId, session: Charset) -> Result<Rule, RuleProblem> {
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
    pub fn problems(&self, session: Charset) -> Vec<RuleProblem> {
        let matcher = self.matcher(session);
        let any = Matcher::default();
        let deed = self.deed(matcher.as_ref().unwrap_or(&any), session).err();
        // A placeholder for a group of a pattern that is wrong cannot be known.
        let deed = deed.filter(|problem| matcher.is_ok() || problem.field != RuleField::Content);
        let all = [matcher.err(), self.sender().err(), deed, self.delay().err(), self.limits().err()];
        all.into_iter().flatten().collect()
    }

    /// What the message must be.
    fn matcher(&self, session: Charset) -> Result<Matcher, RuleProblem> {
        let charset = self.charset.unwrap_or(session);
        let manner = Manner { mode: self.pattern_mode, escapes: self.pattern_escapes, charset };
        let wrong = |error| RuleProblem { field: RuleField::Pattern, why: RuleTrouble::Pattern(error) };
        let mut matcher = Matcher::parse(self.when, &self.pattern, manner).map_err(wrong)?;
        if let Some(text) = said(&self.length) {
            let wrong = RuleProblem { field: RuleField::Length, why: RuleTrouble::Length };
            matcher = matcher.with_len(length(text).ok_or(wrong)?);
        }
        if let Some(text) = said(&self.checksum) {
            let behind = number::parse_if(&self.checksum_behind, 0..=u32::MAX);
            matcher = matcher.with_check(CheckRule {
                check: check(text)?,
                behind: behind.map_err(wrong_number(RuleField::ChecksumBehind))?.unwrap_or(0),
                must_be: self.checksum_is,
            });
        }
        Ok(matcher)
    }

    fn sender(&self) -> Result<Sender, RuleProblem> {
        let Some(text) = said(&self.from) else { return Ok(Sender::Anyone) };
        let wrong = RuleProblem { field: RuleField::From, why: RuleTrouble::Address };
        let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        if let Ok(address) = bare.parse::<IpAddr>() {
            return Ok(Sender::Address(address));
        }
        text.parse::<SocketAddr>().map(Sender::Endpoint).map_err(|_no_address| wrong)
    }

    fn deed(&self, when: &Matcher, session: Charset) -> Result<Then, RuleProblem> {
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
                let wrong = |(field, why)| RuleProblem { field, why: RuleTrouble::Modbus(why) };
                Then::Modbus(Arc::new(self.modbus.build().map_err(wrong)?))
            }
            ThenKind::Sequence => Then::Sequence(self.page.trim().to_owned()),
            ThenKind::Close => Then::Close,
            ThenKind::Reset => Then::Reset,
            ThenKind::StopRecording => Then::StopRecording,
            ThenKind::Highlight => Then::Highlight,
            ThenKind::Note => Then::Note(self.template(when, charset, Vec::new())?, charset),
        })
    }

    fn template(
        &self,
        when: &Matcher,
        charset: Charset,
        steps: Vec<Step>,
    ) -> Result<Arc<Template>, RuleProblem> {
        let manner = Manner { mode: self.mode, escapes: self.escapes, charset };
        let template = if self.placeholders {
            Template::parse_answer(&self.content, manner, steps, when).map_err(RuleTrouble::Template)
        } else {
            Template::plain(&self.content, manner, steps).map_err(RuleTrouble::Content)
        };
        template.map(Arc::new).map_err(|why| RuleProblem { field: RuleField::Content, why })
    }

    fn steps(&self) -> Result<Vec<Step>, RuleProblem> {
        let read = |(n, text): (usize, &String)| {
            let wrong = |error| RuleProblem { field: RuleField::Append(n), why: RuleTrouble::Step(error) };
            text.trim().parse().map_err(wrong)
        };
        self.append.iter().enumerate().map(read).collect()
    }

    fn file(&self, when: &Matcher, charset: Charset) -> Result<InFolder, RuleProblem> {
        let missing = |field| RuleProblem { field, why: RuleTrouble::Missing };
        let folder = said(&self.folder).ok_or(missing(RuleField::Folder))?;
        let name = said(&self.file).ok_or(missing(RuleField::File))?;
        let manner = Manner { mode: Mode::Text, escapes: false, charset };
        let wrong = |error| RuleProblem { field: RuleField::File, why: RuleTrouble::Template(error) };
        let name = Template::parse_answer(name, manner, Vec::new(), when).map_err(wrong)?;
        Ok(InFolder { folder: folder.into(), name: Arc::new(name), charset })
    }

    fn delay(&self) -> Result<RangeInclusive<Duration>, RuleProblem> {
        delays(&self.after).ok_or(RuleProblem { field: RuleField::After, why: RuleTrouble::Delay })
    }

    fn limits(&self) -> Result<Limits, RuleProblem> {
        let cool_down = match said(&self.cool_down) {
            None => Duration::ZERO,
            Some(text) => {
                let wrong = RuleProblem { field: RuleField::CoolDown, why: RuleTrouble::Duration };
                span(text).ok_or(wrong)?
            }
        };
        let at_most = number::parse_if(&self.at_most, 1..=u64::MAX);
        let at_most = at_most.map_err(wrong_number(RuleField::AtMost))?;
        Ok(Limits { cool_down, at_most, and_then: self.and_then })
    }
}

/// The rules of all forms that are on, and the faults; each with its place in the list as its name.
///
/// # Errors
/// The first form that is wrong, by its place, `None` for the faults, with its field.
pub fn build_rules(rules: &[RuleForm], faults: &FaultsForm, session: Charset) -> Result<Rules, WrongRule> {
    let on = (0..).zip(rules).filter(|(_, form)| form.on);
    let build = |(id, form): (u32, &RuleForm)| {
        form.build(RuleId(id), session).map_err(|problem| WrongRule::Rule(id, problem))
    };
    let rules = on.map(build).collect::<Result<_, _>>()?;
    let (faults, seed) = faults.build().map_err(WrongRule::Faults)?;
    Ok(Rules { rules, faults, seed })
}

/// What of all rules is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WrongRule {
    /// A field of the rule at this place, from 0.
    Rule(u32, RuleProblem),
    /// A field of the faults.
    Faults(FaultsProblem),
}

fn wrong_number<T>(field: RuleField) -> impl Fn(NumberFault<T>) -> RuleProblem {
    move |_why| RuleProblem { field, why: RuleTrouble::Number }
}

/// A text in which something stands.
fn said(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// A span of time, or two of them with dots between; nothing is no time.
fn delays(text: &str) -> Option<RangeInclusive<Duration>> {
    let Some(text) = said(text) else { return Some(Duration::ZERO..=Duration::ZERO) };
    let (least, most) = text.split_once("..").unwrap_or((text, text));
    let (least, most) = (span(least)?, span(most)?);
    (least <= most).then_some(least..=most)
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

fn check(text: &str) -> Result<Check, RuleProblem> {
    let wrong = |why| RuleProblem { field: RuleField::Checksum, why };
    match text.parse() {
        Ok(Step::Check(check)) => Ok(check),
        Ok(Step::LineEnd(_) | Step::Bytes(_) | Step::Length(_)) => Err(wrong(RuleTrouble::NoChecksum)),
        Err(error) => Err(wrong(RuleTrouble::Step(error))),
    }
}

#[cfg(test)]
pub(super) mod tests;
