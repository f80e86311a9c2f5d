//! What a session does by itself once it is opened, so that the user can be asked before.

use std::fmt;
use std::path::Path;

use super::nonblank;
use super::rule::{RuleForm, ThenKind};
use super::session::Session;
use crate::model::{Endpoint, Link, Local};

/// Something that a session does by itself once it is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Consequence {
    /// Listens, or receives datagrams, on this address.
    Listens(Local),
    /// Connects to this peer.
    Connects(Endpoint),
    /// Connects through this proxy, to which it sends the password in the environment if it wants one.
    ConnectsThrough(String),
    /// Connects to whatever its clients ask for.
    IsProxy,
    /// Sends to this peer over UDP, if anything sends.
    SendsTo(Endpoint),
    /// Joins these multicast groups.
    Joins(String),
    /// Connects again whenever the connection fails or is lost.
    Reconnects,
    /// Answers messages by so many rules.
    Answers(usize),
    /// Sends files of this folder to whoever asks.
    SendsFiles(String),
    /// Writes files into this folder.
    SavesFiles(String),
    /// Writes all that is sent and received to this file.
    WritesLog(String),
    /// Appends the keys of TLS connections to this file.
    WritesKeys(String),
    /// Stops recording when a message says so.
    StopsRecording,
    /// Shows notifications when a message says so.
    Notifies,
    /// Runs this command of the user's when a message says so.
    Runs(String),
    /// Has this file ready to be sent.
    OffersFile(String),
}

impl Consequence {
    /// The folder, if it reads or writes one.
    pub fn folder(&self) -> Option<&str> {
        match self {
            Self::SendsFiles(folder) | Self::SavesFiles(folder) => Some(folder),
            Self::WritesLog(path) | Self::WritesKeys(path) => {
                Path::new(path).parent()?.to_str().and_then(nonblank)
            }
            _other => None,
        }
    }
}

impl fmt::Display for Consequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listens(at) if at.address().ip().is_loopback() => {
                write!(f, "listens on {at}, reachable from this machine only")
            }
            Self::Listens(at) => write!(f, "listens on {at}, reachable from the network"),
            Self::Connects(to) => write!(f, "connects to {to}"),
            Self::ConnectsThrough(proxy) => write!(f, "connects through the proxy {proxy}"),
            Self::IsProxy => f.write_str("is a proxy: connects to any address that its clients ask for"),
            Self::SendsTo(to) => write!(f, "sends datagrams to {to}"),
            Self::Joins(groups) => write!(f, "joins the multicast groups {groups}"),
            Self::Reconnects => f.write_str("reconnects whenever the connection is lost"),
            Self::Answers(n) => write!(f, "acts on messages by rules (active: {n})"),
            Self::SendsFiles(folder) => write!(f, "sends files from {folder} to peers that ask for them"),
            Self::SavesFiles(folder) => write!(f, "writes files that peers send into {folder}"),
            Self::WritesLog(path) => write!(f, "writes a log of all data to {path}"),
            Self::WritesKeys(path) => write!(f, "appends the keys of TLS connections to {path}"),
            Self::StopsRecording => f.write_str("stops recording when a peer sends a certain message"),
            Self::Notifies => f.write_str("shows notifications"),
            Self::Runs(name) => write!(f, "runs your command ‘{name}’"),
            Self::OffersFile(path) => write!(f, "has {path} chosen as the file to send"),
        }
    }
}

impl RuleForm {
    /// The folder of the files that it sends or saves.
    pub fn file_folder(&self) -> Option<&str> {
        nonblank(&self.folder).filter(|_| self.then.has_file())
    }
}

impl Session {
    /// All that it does by itself once it is open, each once.
    pub fn consequences(&self) -> Vec<Consequence> {
        let mut all = Vec::new();
        match self.link() {
            Ok((Link::TcpServer { local }, _)) => all.push(Consequence::Listens(local)),
            Ok((Link::TcpRelay { local, remote }, options)) => {
                let connects = remote.map_or(Consequence::IsProxy, Consequence::Connects);
                all.extend([Consequence::Listens(local), connects]);
                all.extend(options.proxy.map(|proxy| Consequence::ConnectsThrough(proxy.to_string())));
            }
            Ok((Link::UdpRelay { local, remote }, _)) => {
                all.extend([Consequence::Listens(local), Consequence::SendsTo(remote)]);
            }
            Ok((Link::TcpClient { remote, local: _ }, options)) => {
                all.push(Consequence::Connects(remote));
                all.extend(options.proxy.map(|proxy| Consequence::ConnectsThrough(proxy.to_string())));
                all.extend(options.reconnect.map(|_| Consequence::Reconnects));
            }
            Ok((Link::Udp { local, remote, groups }, _)) => {
                all.push(Consequence::Listens(local));
                all.extend(remote.map(Consequence::SendsTo));
                let joins = self.options.text("join").trim();
                all.extend((!groups.is_empty()).then(|| Consequence::Joins(joins.to_owned())));
            }
            // It cannot be opened.
            Err(_invalid) => {}
        }
        all.extend(self.log_file().map(|path| Consequence::WritesLog(path.to_owned())));
        let keylog =
            nonblank(self.options.text("keylog")).filter(|_| self.options.is_for("keylog", self.protocol));
        all.extend(keylog.map(|path| Consequence::WritesKeys(path.to_owned())));
        let on = || self.rules.iter().filter(|rule| rule.on);
        let acts = [ThenKind::Sequence, ThenKind::Replace, ThenKind::Drop, ThenKind::Hold];
        let sends = |then: ThenKind| then.has_recipients() && !then.has_file() || acts.contains(&then);
        let n_answers = on().filter(|rule| sends(rule.then)).count();
        all.extend((n_answers > 0).then_some(Consequence::Answers(n_answers)));
        for rule in on() {
            let does = match (rule.then, rule.file_folder()) {
                (ThenKind::SendFile, Some(folder)) => Consequence::SendsFiles(folder.to_owned()),
                (ThenKind::SaveFile, Some(folder)) => Consequence::SavesFiles(folder.to_owned()),
                (ThenKind::StopRecording, _) => Consequence::StopsRecording,
                (ThenKind::Notify, _) => Consequence::Notifies,
                (ThenKind::Run, _) => Consequence::Runs(rule.command.trim().to_owned()),
                _other => continue,
            };
            if !all.contains(&does) {
                all.push(does);
            }
        }
        all.extend(nonblank(&self.file.path).map(|path| Consequence::OffersFile(path.to_owned())));
        all
    }
}
