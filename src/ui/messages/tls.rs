//! What happens with TLS, and what goes wrong with it.

use super::library;
use crate::model::zone::Named;
use crate::model::{CertFault, PemFault, TlsFault, TlsHint, TlsNote};
use crate::ui::lang::Core;

/// A note of a session.
pub(super) fn note(core: &Core, note: &TlsNote) -> String {
    match note {
        TlsNote::Starts(peer) => core.tls_starts(Named(*peer)),
        TlsNote::Made(made) if made.resumed => core.tls_resumed(Named(made.peer), made.facts()),
        TlsNote::Made(made) => core.tls_made(Named(made.peer), made.facts()),
        TlsNote::Certificate(found) => {
            let names =
                if found.names.is_empty() { String::new() } else { format!(" ({})", found.names.join(", ")) };
            let subject = format!("{}{names}", found.subject);
            let valid = format!("{} – {}", found.from, found.to);
            core.tls_certificate(Named(found.peer), found.place, subject, &found.issuer, valid, &found.sha256)
        }
        TlsNote::Untrusted(peer, faults) => core.tls_untrusted(Named(*peer), cert_faults(core, faults)),
        TlsNote::Truncated(peer) => core.tls_truncated(Named(*peer)),
        TlsNote::Unexpected(peer) => core.tls_unexpected(Named(*peer)),
        TlsNote::Authority(path) => core.tls_authority(path),
        TlsNote::WireLeftOut(n) => core.tls_wire_left_out(n),
        TlsNote::Decrypted => core.tls_decrypted(),
        TlsNote::SecretsDoNotFit => core.tls_secrets_do_not_fit(),
        TlsNote::NoSecrets(n) => core.tls_no_secrets(n),
        TlsNote::NoTshark => core.tls_no_tshark(),
        TlsNote::TsharkEnded => core.tls_tshark_ended(),
    }
}

fn cert_faults(core: &Core, faults: &[CertFault]) -> String {
    let words = |fault: &CertFault| match fault {
        CertFault::Expired(day) => core.cert_expired(day),
        CertFault::NotYet(day) => core.cert_not_yet(day),
        CertFault::OtherName(name, names) => core.cert_other_name(name, names.join(", ")),
        CertFault::SelfSigned => core.cert_self_signed(),
        CertFault::UnknownIssuer(issuer) => core.cert_unknown_issuer(issuer),
        CertFault::Purpose => core.cert_purpose(),
        CertFault::Missing => core.cert_missing(),
        CertFault::Other(text) => library::said(core, text),
    };
    faults.iter().map(words).collect::<Vec<_>>().join("；")
}

/// Why TLS fails.
pub(super) fn fault(core: &Core, fault: &TlsFault) -> String {
    match fault {
        TlsFault::Alert(name) => core.tls_alert(name),
        TlsFault::PlainClient(sent) => core.tls_plain_client(sent),
        TlsFault::NotTls(sent) => core.tls_not_tls(sent),
        TlsFault::TooOld(version) => core.tls_too_old(version),
        TlsFault::Untrusted(faults) => core.tls_not_trusted(cert_faults(core, faults)),
        TlsFault::UntrustedClient(faults) => core.tls_client_not_trusted(cert_faults(core, faults)),
        TlsFault::Closed => core.tls_closed(),
        TlsFault::ClosedHere => core.closed_in_handshake(),
        TlsFault::NoAuthorities => core.tls_no_authorities(),
        TlsFault::File(PemFault::NoCertificate) => core.pem_no_certificate(),
        TlsFault::File(PemFault::NoKey) => core.pem_no_key(),
        TlsFault::File(PemFault::Encrypted) => core.pem_encrypted(),
        TlsFault::File(PemFault::Binary) => core.pem_binary(),
        TlsFault::NoCertificate => core.tls_no_certificate(),
        TlsFault::Other(text) => library::said(core, text),
    }
}

/// What would help.
pub(super) fn hint(core: &Core, why: &str, hint: TlsHint) -> String {
    match hint {
        TlsHint::LetItTrust => core.hint_let_it_trust(why),
        TlsHint::GiveCertificate => core.hint_give_certificate(why),
        TlsHint::NothingInCommon => core.hint_nothing_in_common(why),
        TlsHint::OtherName => core.hint_other_name(why),
        TlsHint::OtherAlpn => core.hint_other_alpn(why),
        TlsHint::TurnOff => core.hint_turn_off(why),
        TlsHint::TurnOnThere => core.hint_turn_on_there(why),
        TlsHint::TrustClient => core.hint_trust_client(why),
        TlsHint::Trust => core.hint_trust(why),
    }
}
