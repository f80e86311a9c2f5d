//! Texts of events in the log. The capture stores them in English; here they are recognised and translated.

use super::net::net_error;
use super::{proxy, tls, websocket};
use crate::codec::duration::in_words;
use crate::model::zone::Named;
use crate::model::{Cause, Ending, Flow, Origin, ProxyNote, RecordKind, SessionNote, TlsNote, WsNote};
use crate::ui::icons;
use crate::ui::lang::Lang;

/// How much an event matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    Quiet,
    /// Something did not go as it should.
    Care,
    Failure,
}

impl Weight {
    /// What tells it besides its colour.
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Quiet => "●",
            Self::Care => "⚠",
            Self::Failure => "✕",
        }
    }
}

/// How much an event matters.
pub(crate) fn weight(kind: RecordKind, noted: Option<&SessionNote>) -> Weight {
    use SessionNote as Note;
    match (kind, noted) {
        (RecordKind::Refused | RecordKind::Ended(Ending::PeerReset), _) | (_, Some(Note::Failed(_))) => {
            Weight::Failure
        }
        (
            _,
            Some(
                Note::Listening(_)
                | Note::Bound(_)
                | Note::OnlyIpv4
                | Note::StoppedListening
                | Note::Paired(_)
                | Note::JoinedGroup(_)
                | Note::LeftGroup(_)
                | Note::RecordingResumed(_)
                | Note::Saved(..)
                | Note::Closed
                | Note::SentCharset(..)
                | Note::Part(..)
                | Note::Tls(
                    TlsNote::Starts(_)
                    | TlsNote::Made(_)
                    | TlsNote::Certificate(_)
                    | TlsNote::Authority(_)
                    | TlsNote::Decrypted,
                )
                | Note::Ws(WsNote::Request(_) | WsNote::Response(_) | WsNote::Frame(_))
                | Note::Proxy(ProxyNote::Said(_))
                | Note::UnreadProtocol(..)
                | Note::LeftOut(_),
            )
            | None,
        ) => Weight::Quiet,
        (_, Some(_)) => Weight::Care,
    }
}

/// The icon of an event.
pub(crate) fn event_icon(kind: RecordKind, noted: Option<&SessionNote>) -> &'static str {
    use SessionNote as Note;
    match (kind, noted) {
        (RecordKind::Connected, _) => icons::PLUG,
        (RecordKind::Ended(_), _) => icons::UNPLUG,
        (_, Some(Note::Listening(_) | Note::Bound(_))) => icons::RADIO,
        _ if weight(kind, noted) == Weight::Quiet => icons::INFO,
        _ => icons::TRIANGLE_ALERT,
    }
}

/// The text of an event with the number of the system's error, which [`event`] leaves out; empty if it has none.
pub(crate) fn with_codes(lang: Lang, noted: Option<&SessionNote>) -> String {
    match noted {
        Some(SessionNote::Failed(error)) if matches!(error.cause, Cause::Os { number: Some(_), .. }) => {
            net_error(lang, error)
        }
        _ => String::new(),
    }
}

/// The text of an event in the log. `comment` comes from the capture, `noted` is the note of the
/// session, if there is one.
pub(crate) fn event(
    lang: Lang,
    kind: RecordKind,
    flow: Option<&Flow>,
    comment: &str,
    noted: Option<&SessionNote>,
) -> String {
    let peer = flow.map_or_else(|| "?".to_owned(), Flow::name);
    match kind {
        RecordKind::Connected => match flow.map(|flow| flow.origin) {
            Some(Origin::Accepted) => lang.accepted(peer),
            Some(Origin::Connected | Origin::Datagram) | None => lang.connected_to(peer),
        },
        RecordKind::Refused if comment.is_empty() => lang.not_connected(peer),
        RecordKind::Ended(Ending::PeerFin) => lang.peer_fin(peer),
        RecordKind::Ended(Ending::OwnFin) => lang.own_fin(peer),
        RecordKind::Ended(Ending::PeerReset) => lang.peer_reset(peer),
        RecordKind::Ended(Ending::OwnReset) => lang.own_reset(peer),
        // The comment names the peer and the cause.
        RecordKind::Refused | RecordKind::Note | RecordKind::Charset(_) | RecordKind::WebSocket => {
            note(lang, comment, noted)
        }
        RecordKind::Received | RecordKind::Sent => String::new(),
    }
}

/// A note in the user's language; the comment itself if it is not one of the session's own.
fn note(lang: Lang, comment: &str, noted: Option<&SessionNote>) -> String {
    if let Some(SessionNote::Failed(error)) = noted {
        let mut error = error.clone();
        if let Cause::Os { number, .. } = &mut error.cause {
            *number = None;
        }
        return lang.core().map_or_else(|| error.to_string(), |_| net_error(lang, &error));
    }
    let Some(core) = lang.core() else { return comment.to_owned() };
    let Some(note) = noted else { return comment.to_owned() };
    match note {
        SessionNote::Listening(address) => core.note_listening(address),
        SessionNote::Bound(address) => core.note_bound(address),
        SessionNote::OnlyIpv4 => core.note_only_ipv4(),
        SessionNote::StoppedListening => core.note_stopped_listening(),
        SessionNote::JoinedGroup(group) => core.note_joined(group),
        SessionNote::LeftGroup(group) => core.note_left(group),
        SessionNote::Paired(ends) => {
            let [client, local, from, to] = ends.map(Named);
            core.note_paired(client, local, from, to)
        }
        SessionNote::Faulted(what, peer) => core.note_faulted(lang.fault_words(what), Named(*peer)),
        SessionNote::HoldExpired(n, peer) => core.note_hold_expired(n, Named(*peer)),
        SessionNote::NotRelayed(client, upstream) => core.note_not_relayed(Named(*client), upstream),
        SessionNote::FileStopped(done, total) => core.note_file_stopped(done, total),
        SessionNote::Unsent(n, peer) => core.note_unsent(n, Named(*peer)),
        SessionNote::GivenUp(n, peer) => core.note_given_up(n, Named(*peer)),
        SessionNote::AnswersDropped(n, bytes, peer) => core.note_answers_dropped(n, bytes, Named(*peer)),
        SessionNote::NotMade(n) => core.note_not_made(n),
        SessionNote::RecordingResumed(ms) => core.note_recording_resumed(in_words(*ms)),
        SessionNote::RecordingStopped => core.note_recording_stopped(),
        SessionNote::NotRecorded(received, sent) => core.note_not_recorded(received, sent),
        SessionNote::Failed(_) => comment.to_owned(),
        SessionNote::Saved(bytes, path) => core.note_saved(bytes, path),
        SessionNote::Alert(rule, text) => core.note_alert(rule, text),
        SessionNote::AlertsSkipped(n, rule) => core.note_alerts_skipped(n, rule),
        SessionNote::SentCharset(to, from) => core.note_sent_charset(to.label(), from.label()),
        SessionNote::Closed => core.note_closed(),
        SessionNote::Part(n, before) => core.note_part(n, before),
        SessionNote::ClockForward(ms) => core.note_clock_forward(in_words(*ms)),
        SessionNote::ClockChanged(ms, ahead) => {
            let sign = if *ms < 0 { "-" } else { "" };
            core.note_clock_changed(format!("{sign}{}", in_words(ms.unsigned_abs())), in_words(*ahead))
        }
        SessionNote::ClockAhead(ms) => core.note_clock_ahead(in_words(*ms)),
        SessionNote::Missing(n, from, to) => core.note_missing(n, from, to),
        SessionNote::NotAccepted(n, from, to) => core.note_not_accepted(n, from, to),
        SessionNote::RstIgnored(seq, ack, from, to) => core.note_rst_ignored(seq, ack, from, to),
        SessionNote::SynIgnored(seq, from, to) => core.note_syn_ignored(seq, from, to),
        SessionNote::Strays(n) => core.note_strays(n),
        SessionNote::Unreadable(from, to) => core.note_unreadable(from, to),
        SessionNote::Incomplete(n, from, to) => core.note_incomplete(n, from, to),
        SessionNote::Differs(n, from, to) => core.note_differs(n, from, to),
        SessionNote::Tls(note) => tls::note(core, note),
        SessionNote::Ws(note) => websocket::note(core, note),
        SessionNote::Proxy(note) => proxy::note(core, note),
        SessionNote::UnreadLink(n, name) => core.note_unread_link(n, name),
        SessionNote::UnreadProtocol(n, name) => core.note_unread_protocol(n, name),
        SessionNote::LeftOut(n) => core.note_left_out(n),
    }
}
