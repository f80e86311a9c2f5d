//! A rule as typed.

mod faults;
mod modbus;

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use super::form::form;
use super::names::named;
use super::session::Charsets;
use super::{duration_or, nonblank, send};
use crate::codec::append::{Check, Step, StepError, StepProblem};
use crate::codec::compose::{Manner, Mode};
use crate::codec::matcher::{CheckRule, MatchKind, Matcher, Validity};
use crate::codec::template::Template;
use crate::codec::{Charset, named_enum, number};
use crate::model::{
    AndThen, Expected, Fault, FolderFile, Leg, Limits, MAX_WAIT, Problem, Protocol, Recipients, RelayFaults,
    Rule, RuleId, Rules, Sender, Then, UserCommand, at, duration_in,
};

pub use faults::FaultsForm;
pub use modbus::ModbusForm;

/// The shortest silence that a rule can be used on, and the shortest time that a message can be held.
const MIN_WAIT: Duration = Duration::from_millis(100);

named_enum! {
    /// The action of a rule.
    #[derive(Default)]
    pub enum ThenKind {
        /// Sends the content.
        #[default]
        Reply = "reply",
        /// Sends the message back.
        Echo = "echo",
        /// Sends a file from a folder.
        SendFile = "send-file",
        /// Writes a file into a folder.
        SaveFile = "save-file",
        /// Answers as a Modbus TCP device.
        Modbus = "modbus",
        /// Runs quick sends.
        Sequence = "sequence",
        /// Passes the message on with what matches replaced by the content (relay).
        Replace = "replace",
        /// Does not pass the message on (relay).
        Drop = "drop",
        /// Holds the message until somebody decides (relay).
        Hold = "hold",
        /// Closes the connection.
        Close = "close",
        /// Aborts the connection.
        Reset = "reset",
        /// Stops recording.
        StopRecording = "stop-recording",
        /// Highlights the message.
        Highlight = "highlight",
        /// Attaches a note to the message.
        Note = "note",
        /// Shows a notification.
        Notify = "notify",
        /// Runs a command of the settings.
        Run = "run",
    }
}

named!(ThenKind);

impl ThenKind {
    /// Whether the content is used.
    pub fn has_content(self) -> bool {
        matches!(self, Self::Reply | Self::SaveFile | Self::Replace | Self::Note | Self::Notify)
    }

    /// Whether steps are appended to the content.
    pub fn has_append(self) -> bool {
        matches!(self, Self::Reply | Self::SaveFile)
    }

    /// Whether it does something with the message itself, which a rule for silence does not have.
    pub fn needs_message(self) -> bool {
        use ThenKind::{Drop, Echo, Highlight, Hold, Modbus, Note, Replace};
        matches!(self, Echo | Modbus | Replace | Drop | Hold | Highlight | Note)
    }

    /// Whether the recipients are used.
    pub fn has_recipients(self) -> bool {
        matches!(self, Self::Reply | Self::Echo | Self::SendFile | Self::Modbus)
    }

    /// Whether the folder and the file name are used.
    pub fn has_file(self) -> bool {
        matches!(self, Self::SendFile | Self::SaveFile)
    }

    /// Whether it does anything in a session of this protocol.
    pub fn is_for(self, protocol: Protocol) -> bool {
        use Protocol::{Udp, UdpRelay};
        match self {
            Self::Replace | Self::Drop | Self::Hold => protocol.relays(),
            Self::Close => protocol != Udp,
            Self::Reset => protocol.is_stream(),
            Self::SendFile => protocol != UdpRelay,
            _other => true,
        }
    }
}

form! {
    /// A rule, as typed. An empty text sets no condition or limit.
    pub struct RuleForm {
        /// The name.
        pub name: String,
        /// The rule is active.
        #[serde(skip_serializing_if = "Clone::clone")]
        pub on: bool = true,
        /// How the message is compared with the pattern.
        pub when: MatchKind,
        /// The pattern.
        pub pattern: String,
        /// How the pattern is read.
        pub pattern_mode: Mode,
        /// `\n`, `\x0D` … are escapes in the pattern.
        #[serde(skip_serializing_if = "Clone::clone")]
        pub pattern_escapes: bool = true,
        /// The length of the message in bytes: `8`, `2..20`, `2..` or `..20`, inclusive.
        pub length: String as typed,
        /// The checksum in the message, in the syntax of `--append`: `CRC-16/MODBUS:from=1`.
        pub checksum: String,
        /// The number of bytes after the checksum.
        pub checksum_behind: String as typed,
        /// Whether the checksum must be valid or invalid.
        pub checksum_is: Validity,
        /// The rule is used when nothing was received for this long, instead of on a message.
        pub silence: String as typed,
        /// The address of the sender, with or without a port; in a relay also `client` or `upstream`.
        pub from: String,
        /// The action.
        pub then: ThenKind,
        /// The data to send, to save or to note.
        pub content: String,
        /// How the content is read.
        pub mode: Mode,
        /// `\n`, `\x0D` … are escapes in the content.
        #[serde(skip_serializing_if = "Clone::clone")]
        pub escapes: bool = true,
        /// `{0}`, `{time}` … are filled in.
        #[serde(skip_serializing_if = "Clone::clone")]
        pub placeholders: bool = true,
        /// The charset of text; `None` for the session's.
        pub charset: Option<Charset>,
        /// The steps to append, in order, in the syntax of `--append`.
        pub append: Vec<String>,
        /// The folder of files; a relative one is relative to the working folder.
        pub folder: String,
        /// The name of the file, with placeholders.
        pub file: String,
        /// The page of quick sends to run.
        pub page: String,
        /// The name of the command to run.
        pub command: String,
        /// How long a message is held before it is passed on; empty for until somebody decides.
        pub hold: String as typed,
        /// The receivers.
        pub to: Recipients,
        /// The delay after the message: `20ms`, or `5ms..20ms` for a random one.
        pub after: String as typed,
        /// How long the rule is inactive after each use.
        pub cool_down: String as typed,
        /// How many times the rule is used.
        pub at_most: String as typed,
        /// Whether the next rules are tried, too.
        pub and_then: AndThen,
        /// The values of the Modbus device.
        pub modbus: ModbusForm,
    }
}

impl RuleForm {
    /// A rule that sends everything back to its sender.
    pub fn echo() -> Self {
        Self { then: ThenKind::Echo, ..Self::default() }
    }

    /// A rule that sends everything to all other peers.
    pub fn relay() -> Self {
        Self { to: Recipients::Others, ..Self::echo() }
    }

    /// The rule, in a session of these charsets. Fields that it does not use are not checked.
    ///
    /// # Errors
    /// The first invalid field.
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
    pub fn build(&self, id: RuleId, session: impl Into<Charsets>) -> Result<Rule, Problem> {
        let session = session.into();
        let when = self.matcher(session.received)?;
        Ok(Rule {
            id,
            name: self.name.clone(),
            silence: self.silence()?,
            from: self.sender()?,
            then: self.action(&when, session)?,
            when,
            after: self.delay()?,
            to: if self.then.has_recipients() { self.to } else { Recipients::default() },
            limits: self.limits()?,
        })
    }

    /// Every invalid field, each once.
    pub fn problems(&self, session: impl Into<Charsets>) -> Vec<Problem> {
        let session = session.into();
        let pattern = self.pattern(session.received);
        // The groups of an invalid pattern are unknown, so placeholders for them cannot be checked.
        let action = self.problems_of_action(pattern.as_ref().unwrap_or(&Matcher::default()), session);
        let action = action.into_iter().filter(|problem| pattern.is_ok() || problem.path != "content");
        let of_messages = [self.lengths().err(), self.check().err(), self.behind().err()];
        let of_messages = of_messages.into_iter().filter(|_| !self.is_for_silence());
        let before = std::iter::once(pattern.as_ref().err().cloned()).chain(of_messages);
        let before = before.chain([self.silence().err(), self.sender().err()]).flatten();
        let after = [self.delay().err(), self.cool_down().err(), self.at_most().err()];
        before.chain(action).chain(after.into_iter().flatten()).collect()
    }

    /// Every invalid field of the action.
    fn problems_of_action(&self, when: &Matcher, session: Charsets) -> Vec<Problem> {
        let mut all = Vec::new();
        let (steps, wrong): (Vec<_>, Vec<_>) = send::each_step(&self.append).partition(Result::is_ok);
        if self.then.has_append() {
            all.extend(wrong.into_iter().filter_map(Result::err));
        }
        if self.then.has_file() {
            all.extend(self.folder().err());
            all.extend(self.file_name(when, session).err());
        }
        if self.then.has_content() {
            let steps = steps.into_iter().filter_map(Result::ok).filter(|_| self.then.has_append());
            all.extend(self.template(when, session, steps.collect()).err());
        }
        if self.then == ThenKind::Modbus {
            all.extend(self.modbus.problems().map(|problem| problem.within("modbus")));
        }
        let first = self.action(when, session).err();
        all.extend(first.filter(|first| all.iter().all(|problem| problem.path != first.path)));
        all
    }

    /// The field by which it does nothing in a session of this protocol.
    pub(crate) fn unused_in(&self, protocol: Protocol) -> Option<Problem> {
        let is_leg = !protocol.relays() && matches!(self.sender(), Ok(Sender::Leg(_)));
        let field = (!self.then.is_for(protocol)).then_some("then").or(is_leg.then_some("from"))?;
        Some(Problem::new(field, Fault::Unused(protocol)))
    }

    /// Whether it has yet to be filled in.
    pub(crate) fn is_draft(&self) -> bool {
        self.pattern.trim().is_empty() && self.content.is_empty()
    }

    /// The condition on the message.
    fn matcher(&self, session: Charset) -> Result<Matcher, Problem> {
        let mut matcher = self.pattern(session)?;
        if self.is_for_silence() {
            return Ok(matcher);
        }
        if let Some(len) = self.lengths()? {
            matcher = matcher.with_len(len);
        }
        if let Some(check) = self.check()? {
            matcher =
                matcher.with_check(CheckRule { check, behind: self.behind()?, must_be: self.checksum_is });
        }
        Ok(matcher)
    }

    fn pattern(&self, session: Charset) -> Result<Matcher, Problem> {
        if self.is_for_silence() {
            return Ok(Matcher::default());
        }
        let charset = self.charset.unwrap_or(session);
        let manner = Manner { mode: self.pattern_mode, escapes: self.pattern_escapes, charset };
        Matcher::parse(self.when, &self.pattern, manner).map_err(at("pattern"))
    }

    fn lengths(&self) -> Result<Option<RangeInclusive<u64>>, Problem> {
        let read = |text| length(text).ok_or(Expected::Lengths);
        nonblank(&self.length).map(read).transpose().map_err(at("length"))
    }

    fn check(&self) -> Result<Option<Check>, Problem> {
        nonblank(&self.checksum).map(check).transpose().map_err(at("checksum"))
    }

    /// The number of bytes after the checksum, if there is one.
    fn behind(&self) -> Result<u32, Problem> {
        if nonblank(&self.checksum).is_none() {
            return Ok(0);
        }
        let behind = number::parse_if(&self.checksum_behind, 0..=u32::MAX);
        Ok(behind.map_err(at("checksum-behind"))?.unwrap_or(0))
    }

    /// The name of the command that it runs.
    pub fn command_name(&self) -> Option<&str> {
        nonblank(&self.command).filter(|_| self.then == ThenKind::Run)
    }

    /// Whether it is used on silence instead of on a message.
    pub fn is_for_silence(&self) -> bool {
        nonblank(&self.silence).is_some()
    }

    fn silence(&self) -> Result<Option<Duration>, Problem> {
        let read = |text| duration_in(text, MIN_WAIT..=MAX_WAIT);
        nonblank(&self.silence).map(read).transpose().map_err(at("silence"))
    }

    fn sender(&self) -> Result<Sender, Problem> {
        let Some(text) = nonblank(&self.from) else { return Ok(Sender::Anyone) };
        if let Some(leg) = Leg::named(text.trim()) {
            return Ok(Sender::Leg(leg));
        }
        let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        if let Ok(address) = bare.parse::<IpAddr>() {
            return Ok(Sender::Address(address));
        }
        text.parse::<SocketAddr>()
            .map(Sender::Endpoint)
            .map_err(|_no_address| Problem::new("from", Expected::Peer))
    }

    fn action(&self, when: &Matcher, session: Charsets) -> Result<Then, Problem> {
        if self.is_for_silence() && self.then.needs_message() {
            return Err(Problem::new("then", Expected::MessageOfRule));
        }
        let charset = self.charset.unwrap_or(session.received);
        let content = |steps| self.template(when, session, steps);
        Ok(match self.then {
            ThenKind::Reply => Then::Reply(content(send::steps(&self.append)?)?),
            ThenKind::Echo => Then::Echo,
            ThenKind::SendFile => Then::SendFile(self.file(when, session)?),
            ThenKind::SaveFile => Then::SaveFile {
                file: self.file(when, session)?,
                content: content(send::steps(&self.append)?)?,
            },
            ThenKind::Modbus => {
                Then::Modbus(Arc::new(self.modbus.build().map_err(|problem| problem.within("modbus"))?))
            }
            ThenKind::Sequence => Then::Sequence(self.page.trim().to_owned()),
            ThenKind::Replace => Then::Replace(content(Vec::new())?),
            ThenKind::Drop => Then::Drop,
            ThenKind::Hold => {
                let read = |text| duration_in(text, MIN_WAIT..=MAX_WAIT);
                Then::Hold(nonblank(&self.hold).map(read).transpose().map_err(at("hold"))?)
            }
            ThenKind::Close => Then::Close,
            ThenKind::Reset => Then::Reset,
            ThenKind::StopRecording => Then::StopRecording,
            ThenKind::Highlight => Then::Highlight,
            ThenKind::Note => Then::Note(content(Vec::new())?, charset),
            ThenKind::Notify => Then::Notify(content(Vec::new())?, charset),
            ThenKind::Run => {
                let name = self.command_name().ok_or(Fault::Missing).map_err(at("command"))?;
                Then::Run(UserCommand { name: name.to_owned(), line: None })
            }
        })
    }

    /// The content with these steps after it.
    fn template(
        &self,
        when: &Matcher,
        session: Charsets,
        steps: Vec<Step>,
    ) -> Result<Arc<Template>, Problem> {
        let is_sent = matches!(self.then, ThenKind::Reply | ThenKind::Replace);
        let session = if is_sent { session.sent } else { session.received };
        let charset = self.charset.unwrap_or(session);
        let is_needed = matches!(self.then, ThenKind::Reply | ThenKind::Note);
        if is_needed && self.content.is_empty() && steps.is_empty() {
            return Err(Problem::new("content", Fault::Missing));
        }
        let manner = Manner { mode: self.mode, escapes: self.escapes, charset };
        let template = if self.placeholders {
            Template::parse_answer(&self.content, manner, steps, when).map_err(Fault::from)
        } else {
            Template::plain(&self.content, manner, steps).map_err(Fault::from)
        };
        template.map(Arc::new).map_err(at("content"))
    }

    fn file(&self, when: &Matcher, session: Charsets) -> Result<FolderFile, Problem> {
        let (folder, name) = (self.folder()?, self.file_name(when, session)?);
        let charset = self.charset.unwrap_or(session.received);
        Ok(FolderFile { folder: folder.into(), approved: None, name: Arc::new(name), charset })
    }

    fn folder(&self) -> Result<&str, Problem> {
        nonblank(&self.folder).ok_or(Fault::Missing).map_err(at("folder"))
    }

    fn file_name(&self, when: &Matcher, session: Charsets) -> Result<Template, Problem> {
        let name = nonblank(&self.file).ok_or(Fault::Missing).map_err(at("file"))?;
        let charset = self.charset.unwrap_or(session.received);
        let manner = Manner { mode: Mode::Text, escapes: false, charset };
        Template::parse_answer(name, manner, Vec::new(), when).map_err(at("file"))
    }

    fn delay(&self) -> Result<RangeInclusive<Duration>, Problem> {
        delays(&self.after).map_err(at("after"))
    }

    fn limits(&self) -> Result<Limits, Problem> {
        Ok(Limits { cool_down: self.cool_down()?, at_most: self.at_most()?, and_then: self.and_then })
    }

    fn cool_down(&self) -> Result<Duration, Problem> {
        duration_or(&self.cool_down, Duration::ZERO).map_err(at("cool-down"))
    }

    fn at_most(&self) -> Result<Option<u64>, Problem> {
        let at_most = number::parse_if(&self.at_most, 1..=i64::MAX).map_err(at("at-most"))?;
        Ok(at_most.map(i64::unsigned_abs))
    }
}

/// The active rules, each with its index as its ID, and the faults.
///
/// # Errors
/// The first invalid field, as `rule.N.field` or `faults.field`.
pub fn build_rules(
    rules: &[RuleForm],
    faults: &FaultsForm,
    session: impl Into<Charsets>,
) -> Result<Rules, Problem> {
    let session = session.into();
    let on = (0..).zip(rules).filter(|(_, form)| form.on);
    let build = |(id, form): (u32, &RuleForm)| {
        form.build(RuleId(id), session).map_err(|problem| problem.within(format!("rule.{id}")))
    };
    let rules = on.map(build).collect::<Result<_, _>>()?;
    let (faults, seed) = faults.build().map_err(|problem| problem.within("faults"))?;
    Ok(Rules { rules, faults, seed, relay: RelayFaults::default() })
}

/// The fields of active rules that have no effect in a session of this protocol, as `rule.N.field`.
pub(super) fn unused_rules(rules: &[RuleForm], protocol: Protocol) -> impl Iterator<Item = Problem> {
    let on = (0..).zip(rules).filter(|(_, rule): &(u32, _)| rule.on);
    on.filter_map(move |(n, rule)| Some(rule.unused_in(protocol)?.within(format!("rule.{n}"))))
}

/// Parses a duration or a range of two; a blank text is zero.
fn delays(text: &str) -> Result<RangeInclusive<Duration>, Expected> {
    let Some(text) = nonblank(text) else { return Ok(Duration::ZERO..=Duration::ZERO) };
    let (least, most) = text.split_once("..").unwrap_or((text, text));
    let read = |text: &str| {
        nonblank(text).and_then(|text| duration_or(text, Duration::ZERO).ok()).ok_or(Expected::Delay)
    };
    let (least, most) = (read(least)?, read(most)?);
    if least <= most { Ok(least..=most) } else { Err(Expected::Delay) }
}

/// Parses `8`, `2..20`, `2..` or `..20`.
fn length(text: &str) -> Option<RangeInclusive<u64>> {
    let number = |text: &str| number::parse::<u64>(text.trim());
    let range = match text.split_once("..") {
        None => number(text).map(|n| n..=n)?,
        Some((least, most)) => {
            let or = |text: &str, default| nonblank(text).map_or(Some(default), number);
            or(least, 0)?..=or(most, u64::MAX)?
        }
    };
    (!range.is_empty()).then_some(range)
}

fn check(text: &str) -> Result<Check, Fault> {
    match text.trim().parse() {
        Ok(Step::Check(check)) => Ok(check),
        // A step may be something else, a condition may not.
        Ok(Step::LineEnd(_) | Step::Bytes(_) | Step::Length(_))
        | Err(StepError { why: StepProblem::Unknown, .. }) => Err(Expected::Checksum.into()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests;
