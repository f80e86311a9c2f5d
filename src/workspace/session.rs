//! A session as one document: what a tab holds, what files contain, what flags fill, all as typed; and what is opened
//! for it.

use serde::{Deserialize, Serialize};

use super::address::Address;
use super::names;
use super::options::TypedOptions;
use super::quick::QuickSend;
use super::rule::{FaultsForm, RuleForm};
use super::send::{CycleForm, Draft, FileForm};
use super::view::{FilterForm, View};
use super::{is_usual, typed_if};
use crate::codec::frame::Framing;
use crate::codec::{Charset, Checksum};
use crate::model::{Fault, Group, Link, Options, Problem, Protocol, at, groups};

/// A session, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Session {
    /// What it is called; empty for what it opens.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Protocol.
    #[serde(with = "names")]
    pub protocol: Protocol,
    /// Our address and port. A TCP client uses it only if it is to [bind](Self::binds) it.
    #[serde(skip_serializing_if = "Address::is_blank")]
    pub local: Address,
    /// The peer's host and port.
    #[serde(skip_serializing_if = "Address::is_blank")]
    pub remote: Address,
    /// Whether a TCP client binds the local address; `None` if it does as soon as one is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bind: Option<bool>,
    /// It is opened when the file is.
    #[serde(skip_serializing_if = "is_usual")]
    pub start: bool,
    /// How the byte stream is split into messages, as `--framing` has it; empty for not at all.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub framing: String,
    /// The charset of text.
    #[serde(with = "names", skip_serializing_if = "is_usual")]
    pub charset: Charset,
    /// How often the ticked quick sends are sent as a sequence; empty for without end, `None` for once.
    #[serde(deserialize_with = "typed_if", skip_serializing_if = "Option::is_none")]
    pub loops: Option<String>,
    /// The checksum that the inspector computes.
    #[serde(with = "names", skip_serializing_if = "is_usual")]
    pub checksum: Checksum,
    /// The widths of the table's columns, in points; empty for the usual ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<u16>,
    /// How it is shown.
    #[serde(skip_serializing_if = "is_usual")]
    pub view: View,
    /// What of it is shown.
    #[serde(skip_serializing_if = "is_usual")]
    pub filter: FilterForm,
    /// The options of its sockets.
    #[serde(skip_serializing_if = "is_usual")]
    pub options: TypedOptions,
    /// The send box.
    #[serde(skip_serializing_if = "is_usual")]
    pub send: Draft,
    /// How that is sent again and again.
    #[serde(skip_serializing_if = "is_usual")]
    pub cycle: CycleForm,
    /// How a file is sent.
    #[serde(skip_serializing_if = "is_usual")]
    pub file: FileForm,
    /// Messages kept to be sent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub quick: Vec<QuickSend>,
    /// What it answers to messages.
    #[serde(rename = "rule", skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleForm>,
    /// Faults in answers, to test the other side.
    #[serde(skip_serializing_if = "is_usual")]
    pub faults: FaultsForm,
}

/// What is to be opened for a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Protocol and addresses.
    pub link: Link,
    /// Options of the sockets.
    pub options: Options,
    /// How the byte stream is split into messages.
    pub framing: Framing,
}

impl Session {
    /// A session as a new tab has it: a UDP socket that only this machine reaches.
    pub fn for_tab() -> Self {
        let here = Address::new("127.0.0.1", "8080");
        let send = Draft { append: vec!["crlf".to_owned()], append_off: true, ..Draft::default() };
        Self { local: here.clone(), remote: here, bind: Some(false), send, ..Self::default() }
    }

    /// Whether a TCP client binds the local address.
    pub fn binds(&self) -> bool {
        self.bind.unwrap_or(!self.local.is_blank())
    }

    /// Whether the local address matters.
    pub fn uses_local(&self) -> bool {
        !self.protocol.connects() || self.binds()
    }

    /// Whether the remote address matters.
    pub fn uses_remote(&self) -> bool {
        !self.protocol.accepts()
    }

    /// What is to be opened.
    ///
    /// # Errors
    /// The first field that is wrong, of those that this protocol uses.
    pub fn build(&self) -> Result<Opening, Problem> {
        let (link, options) = self.link()?;
        Ok(Opening { link, options, framing: self.framing()? })
    }

    /// Protocol and addresses, and the options of the sockets.
    ///
    /// # Errors
    /// The first field that is wrong, of those that this protocol uses.
    pub fn link(&self) -> Result<(Link, Options), Problem> {
        let local = || self.local.local().map_err(|wrong| wrong.within("local"));
        let remote = || self.remote.remote().map_err(|wrong| wrong.within("remote"));
        let options = self.options.build(self.protocol).map_err(|wrong| wrong.within("options"))?;
        let link = match self.protocol {
            Protocol::TcpServer => Link::TcpServer { local: local()? },
            Protocol::TcpClient => Link::TcpClient {
                remote: remote()?.ok_or(Problem::new("remote.host", Fault::Missing))?,
                local: self.binds().then(local).transpose()?,
            },
            Protocol::Udp => Link::Udp { local: local()?, remote: remote()?, groups: self.groups()? },
        };
        Ok((link, options))
    }

    /// The multicast groups to join.
    ///
    /// # Errors
    /// When one is not a multicast address, or the interface is wrong.
    pub fn groups(&self) -> Result<Vec<Group>, Problem> {
        let options = self.options.build(Protocol::Udp).map_err(|wrong| wrong.within("options"))?;
        let interface = (options.multicast_interface, options.multicast_scope);
        groups(self.options.text("join"), interface).map_err(at("options.join"))
    }

    /// Every field that keeps a tab's session from being opened, each once. The framing is not among them: the last
    /// one that was right is in force.
    pub fn problems(&self) -> Vec<Problem> {
        let mut all = Vec::new();
        if self.uses_local() {
            all.extend(self.local.local().err().map(|wrong| wrong.within("local")));
        }
        if self.uses_remote() {
            match self.remote.remote() {
                Ok(None) if self.protocol == Protocol::TcpClient => {
                    all.push(Problem::new("remote.host", Fault::Missing));
                }
                Ok(_) => {}
                Err(wrong) => all.push(wrong.within("remote")),
            }
        }
        all.extend(self.options.problems(self.protocol).map(|wrong| wrong.within("options")));
        all
    }

    /// What is set although a session of this protocol does not use it.
    pub fn unused(&self) -> Vec<Problem> {
        let unused = |path: String| Problem::new(path, Fault::Unused(self.protocol));
        let mut all = Vec::new();
        if !self.uses_remote() && !self.remote.is_blank() {
            all.push(unused("remote".into()));
        }
        if self.protocol != Protocol::TcpClient && self.bind.is_some() {
            all.push(unused("bind".into()));
        }
        all.extend(self.options.unused(self.protocol).map(|name| unused(format!("options.{name}"))));
        all
    }

    /// The session without what its protocol does not use.
    #[must_use]
    pub fn only_used(mut self) -> Self {
        if !self.uses_local() {
            self.local = Address::default();
        }
        if !self.uses_remote() {
            self.remote = Address::default();
        }
        self.bind = None;
        self.options = self.options.only_used(self.protocol);
        self
    }

    /// How the byte stream is split into messages.
    ///
    /// # Errors
    /// When there is no such framing.
    pub fn framing(&self) -> Result<Framing, Problem> {
        let framing = self.framing.trim();
        if framing.is_empty() { Ok(Framing::AsReceived) } else { framing.parse().map_err(at("framing")) }
    }
}

#[cfg(test)]
pub(super) mod tests;
