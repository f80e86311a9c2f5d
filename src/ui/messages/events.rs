//! Texts of events in the log. The capture stores them in English; here they are recognised and translated.

use super::{capitalised, net_error, os_code};
use crate::model::{Ending, Origin, ProxyNote, RecordKind, SessionNote, TlsNote, WsNote};
use crate::ui::icons;
use crate::ui::lang::{InWords as _, Lang};

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

/// The code of the system's error, which [`event`] leaves out; empty if it has none.
pub(crate) fn event_code(lang: Lang, noted: Option<&SessionNote>) -> String {
    let Some(SessionNote::Failed(error)) = noted else { return String::new() };
    os_code(lang, error.cause.clone().take_number())
}

/// The text of an event in the log. `comment` comes from the capture, `noted` is the note of the
/// session, if there is one.
pub(crate) fn event(
    lang: Lang,
    kind: RecordKind,
    peer: Option<(Origin, String)>,
    comment: &str,
    noted: Option<&SessionNote>,
) -> String {
    let (origin, peer) = peer.unwrap_or((Origin::Connected, "?".to_owned()));
    match kind {
        RecordKind::Connected if origin == Origin::Accepted => lang.accepted(peer),
        RecordKind::Connected => lang.connected_to(peer),
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
    match (noted, lang.core()) {
        (None, _) => comment.to_owned(),
        (Some(SessionNote::Failed(error)), _) => net_error(lang, error),
        (Some(SessionNote::Faulted(what, peer)), Some(core)) => {
            SessionNote::Faulted(lang.fault_words(what), *peer).in_words(core)
        }
        (Some(note), Some(core)) => note.in_words(core),
        (Some(_), None) => capitalised(comment),
    }
}
