//! What a session does by itself once it is opened, so that the user can be asked before.

use std::path::Path;

use super::nonblank;
use super::rule::{RuleForm, ThenKind};
use super::session::Session;
use crate::codec::worded_enum;
use crate::model::{Endpoint, Link, Local};

worded_enum! {
    /// Something that a session does by itself once it is open.
    #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
    pub enum Consequence {
        /// Listens, or receives datagrams, on this address.
        Listens(Local) = "listens on {at}, reachable from {}" (reach(*.0), at = .0);
        Connects(Endpoint) = "connects to {0}";
        /// Connects through this proxy, to which it sends the password in the environment if it wants one.
        ConnectsThrough(String) = "connects through the proxy {0}";
        IsProxy = "is a proxy: connects to any address that its clients ask for";
        /// Sends to this peer over UDP, if anything sends.
        SendsTo(Endpoint) = "sends datagrams to {0}";
        Joins(String) = "joins the multicast groups {0}";
        Reconnects = "reconnects whenever the connection is lost";
        Answers(usize) = "acts on messages by rules (active: {0})";
        SendsFiles(String) = "sends files from {0} to peers that ask for them";
        SavesFiles(String) = "writes files that peers send into {0}";
        WritesLog(String) = "writes a log of all data to {0}";
        WritesKeys(String) = "appends the keys of TLS connections to {0}";
        StopsRecording = "stops recording when a peer sends a certain message";
        Notifies = "shows notifications";
        Runs(String) = "runs your command ‘{0}’";
        OffersFile(String) = "has {0} chosen as the file to send";
    }
}

fn reach(at: Local) -> &'static str {
    if at.address().ip().is_loopback() { "this machine only" } else { "the network" }
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
