//! What came of a session: what is said of it at the end, and which exit status it gives.

use std::path::PathBuf;
use std::time::Duration;

use crate::cli::{Failure, say};
use crate::model::{Doing, KeepAlive, NetError, Protocol, Totals};

#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) opened: bool,
    pub(super) error: Option<NetError>,
    /// Something failed that makes the exit status 1.
    pub(super) trouble: bool,
    /// The last error that was reported.
    pub(super) told: Option<NetError>,
    /// A failure that comes of the error.
    pub(super) last_words: Option<String>,
    pub(super) reader_gone: bool,
    pub(super) totals: Totals,
    /// The file of the capture, the last of several.
    pub(super) capture: PathBuf,
}

impl Outcome {
    pub(super) fn tell(&self, protocol: Protocol, keep: KeepAlive) -> Result<(), Failure> {
        if let Some(error) = self.error.as_ref().filter(|error| self.told.as_ref() != Some(error)) {
            say(format_args!("error: {error}"));
        }
        if let Some(words) = &self.last_words {
            say(format_args!("error: {words}"));
        }
        if self.reader_gone && self.error.is_none() {
            return Ok(());
        }
        if self.opened {
            if self.totals.given_up > 1 {
                say(format_args!(
                    "warning: {} were not passed to rules",
                    counted(self.totals.given_up, "message")
                ));
            }
            let capture = self.capture.display();
            say(format_args!("{}; recorded in {capture}", summary(protocol, keep, &self.totals)));
        } else if self.error.is_none() {
            say("error: ended before the session was open");
        }
        if self.error.is_some() || self.trouble || !self.opened { Err(Failure::NetworkSaid) } else { Ok(()) }
    }
}

fn summary(protocol: Protocol, keep: KeepAlive, totals: &Totals) -> String {
    let line = format!(
        "received {} in {}, sent {} in {}",
        counted(totals.received_bytes, "byte"),
        counted(totals.received_messages, "message"),
        counted(totals.sent_bytes, "byte"),
        counted(totals.sent_messages, "message"),
    );
    if protocol.is_stream() {
        let connections = counted(totals.connections, "connection");
        let keep = if keep == KeepAlive::Off { String::new() } else { format!(", keep-alive {keep}") };
        return format!("{line}, {connections}{keep}");
    }
    let dropped = |n| format!(", {} dropped by the kernel", counted(n, "datagram"));
    let dropped = totals.kernel_dropped.map_or_else(String::new, dropped);
    format!("{line}, {}{dropped}", counted(totals.connections, "peer"))
}

/// `1 byte`, `2 bytes`.
pub(super) fn counted(n: u64, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

pub(super) fn milliseconds(span: Duration) -> String {
    format!("{:.3} ms", span.as_secs_f64() * 1e3)
}

/// Whether a failure makes the exit status 1. Options that the system does not grant do
/// not, nor do failures of a server's clients.
pub(super) fn counts(protocol: Protocol, error: &NetError) -> bool {
    match error.doing {
        // Nor does a rule that cannot be followed: it is a peer that asks for a file that is not there.
        // The capture goes on in the same file if there is no other: nothing is lost.
        Doing::SettingOption
        | Doing::Answering
        | Doing::Notifying
        | Doing::RunningCommand
        | Doing::Recording => false,
        Doing::StartingTls
        | Doing::Upgrading
        | Doing::Sending
        | Doing::Receiving
        | Doing::HalfClosing
        | Doing::Accepting
        | Doing::Proxying
        | Doing::Connecting
        | Doing::Resolving => !protocol.accepts(),
        Doing::Binding
        | Doing::Listening
        | Doing::Joining
        | Doing::Leaving
        | Doing::ReadingFile
        | Doing::SavingFile
        | Doing::Repeating
        | Doing::RunningSequence
        | Doing::Starting => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_counts_like_people() {
        let totals = Totals { received_bytes: 1, received_messages: 1, connections: 2, ..Totals::default() };
        assert_eq!(
            summary(Protocol::TcpServer, KeepAlive::USUAL, &totals),
            "received 1 byte in 1 message, sent 0 bytes in 0 messages, 2 connections, keep-alive 60s 10s 5"
        );
        let udp = "received 1 byte in 1 message, sent 0 bytes in 0 messages, 2 peers";
        for (kernel_dropped, ending) in [(Some(3), ", 3 datagrams dropped by the kernel"), (None, "")] {
            let totals = Totals { kernel_dropped, ..totals };
            assert_eq!(summary(Protocol::Udp, KeepAlive::Off, &totals), format!("{udp}{ending}"));
        }
    }
}
