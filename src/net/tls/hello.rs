//! What a peer says that does not come to an agreement: other protocols, old versions, alerts.

use rustls::{AlertDescription, Error, InvalidMessage, ProtocolVersion};

use super::Role;
use crate::model::{CertFault, TlsFault};

/// How much of what a peer sent is shown.
const SHOWN: usize = 40;

/// The types of records (RFC 8446, 5.1) and of messages (4).
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;

/// Whether data begin as a TLS record of a peer that expects TLS here: its `ClientHello`, or an alert about plain text.
pub(in crate::net) fn looks_like(bytes: &[u8]) -> bool {
    matches!(bytes, [HANDSHAKE, 3, 0..=4, _, _, CLIENT_HELLO, ..] | [ALERT, 3, 0..=4, 0, 2, 1 | 2, _])
}

/// The name of a version.
pub(super) fn version(version: ProtocolVersion) -> String {
    version_of(version.into())
}

fn version_of(number: u16) -> String {
    match number {
        0x0300 => "SSL 3.0".to_owned(),
        0x0301..=0x0304 => format!("TLS 1.{}", number - 0x0301),
        other => format!("{other:04x}"),
    }
}

/// The peer in the other role does not speak TLS, as its first bytes show.
pub(super) fn plain(first: &[u8], role: Role) -> Option<TlsFault> {
    let fault = if role == Role::Server { TlsFault::PlainClient } else { TlsFault::NotTls };
    not_tls(first).map(fault)
}

/// How data begin that are not TLS.
fn not_tls(first: &[u8]) -> Option<String> {
    if matches!(first, [] | [ALERT | HANDSHAKE, 3, ..] | [HANDSHAKE | ALERT]) {
        return None;
    }
    let shown = first.get(..SHOWN).unwrap_or(first);
    Some(String::from_utf8_lossy(shown).escape_debug().to_string())
}

/// The version in the first `ClientHello` or `ServerHello`, the highest before TLS 1.3.
fn offered(first: &[u8]) -> Option<u16> {
    let number = |at: usize| Some(u16::from_be_bytes([*first.get(at)?, *first.get(at + 1)?]));
    let is_hello = matches!(first, [HANDSHAKE, 3, _, _, _, CLIENT_HELLO | SERVER_HELLO, ..]);
    // After the headers of the record and of the message.
    is_hello.then(|| number(9)).flatten()
}

/// The name of an alert in RFC 8446, 6.
fn alert(alert: AlertDescription) -> String {
    let number = u8::from(alert);
    let name = match number {
        0 => "close_notify",
        10 => "unexpected_message",
        20 => "bad_record_mac",
        22 => "record_overflow",
        40 => "handshake_failure",
        42 => "bad_certificate",
        43 => "unsupported_certificate",
        44 => "certificate_revoked",
        45 => "certificate_expired",
        46 => "certificate_unknown",
        47 => "illegal_parameter",
        48 => "unknown_ca",
        49 => "access_denied",
        50 => "decode_error",
        51 => "decrypt_error",
        70 => "protocol_version",
        71 => "insufficient_security",
        80 => "internal_error",
        86 => "inappropriate_fallback",
        90 => "user_canceled",
        109 => "missing_extension",
        110 => "unsupported_extension",
        112 => "unrecognized_name",
        113 => "bad_certificate_status_response",
        115 => "unknown_psk_identity",
        116 => "certificate_required",
        120 => "no_application_protocol",
        _ => return number.to_string(),
    };
    name.to_owned()
}

/// Why a connection fails with this error. `first` are the first bytes of the peer, while the handshake lasts.
pub(super) fn fault(error: &Error, first: &[u8], role: Role, untrusted: Vec<CertFault>) -> TlsFault {
    let not_trusted = match role {
        Role::Client => TlsFault::Untrusted,
        Role::Server => TlsFault::UntrustedClient,
    };
    let other = || TlsFault::Other(error.to_string());
    match error {
        Error::AlertReceived(found) => TlsFault::Alert(alert(*found)),
        Error::InvalidCertificate(_) if !untrusted.is_empty() => not_trusted(untrusted),
        Error::NoCertificatesPresented => not_trusted(vec![CertFault::Missing]),
        Error::InvalidMessage(
            InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion,
        ) => plain(first, role).unwrap_or_else(other),
        _ => match offered(first) {
            Some(number @ 0x0300..=0x0302) => TlsFault::TooOld(version_of(number)),
            _ => plain(first, role).unwrap_or_else(other),
        },
    }
}
