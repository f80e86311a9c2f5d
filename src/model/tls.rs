//! TLS: what a session is to do, what it notes, and what goes wrong.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Origin;
use super::zone::Named;
use crate::codec::{named_enum, worded_enum};

/// How the connections of a session are encrypted.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// From the start; otherwise on demand.
    pub on: bool,
    /// It will be demanded, so that what is wrong with its files must show when the session opens. Set by the program.
    pub later: bool,
    /// On which legs of a relay.
    pub legs: Legs,
    /// The name of the server, for it and for checking its certificate; `None` for the host that is connected to.
    pub name: Option<String>,
    /// Trusted authorities, instead of those of the system (PEM).
    pub ca: Option<PathBuf>,
    /// Our certificate, with its chain (PEM).
    pub cert: Option<PathBuf>,
    /// Its private key (PEM); `None` if it is in the same file.
    pub key: Option<PathBuf>,
    /// Application protocols, the preferred one first.
    pub alpn: Vec<String>,
    /// The lowest version is 1.3 and not 1.2.
    pub only_1_3: bool,
    /// Go on in spite of a certificate that is not trusted.
    pub insecure: bool,
    /// Whether a server asks for certificates.
    pub clients: ClientCertificates,
    /// Append the secrets to this file (NSS key log format).
    pub keylog: Option<PathBuf>,
    /// The folder of the user's own authority, which issues the certificates of a server that has none.
    pub authority: Option<PathBuf>,
}

impl Tls {
    /// Whether connections that begin so are encrypted from the start.
    pub fn covers(&self, origin: Origin) -> bool {
        self.on && self.legs.cover(origin)
    }
}

named_enum! {
    /// On which legs of a relay a layer is.
    #[derive(Default)]
    pub enum Legs {
        /// All of them.
        #[default]
        Both = "both",
        /// Those to clients.
        Clients = "clients",
        /// Those to the server.
        Upstream = "upstream",
    }
}

impl Legs {
    /// Whether they include a connection that begins so.
    pub fn cover(self, origin: Origin) -> bool {
        self != if origin == Origin::Accepted { Self::Upstream } else { Self::Clients }
    }
}

named_enum! {
    /// Whether a server asks its clients for certificates.
    #[derive(Default)]
    pub enum ClientCertificates {
        /// No.
        #[default]
        No = "no",
        /// A client without one is welcome, too.
        Ask = "ask",
        /// A client without a trusted one is not.
        Require = "require",
    }
}

named_enum! {
    /// What is recorded of connections with a layer such as TLS.
    #[derive(Default)]
    pub enum Layers {
        /// The bytes on the wire with their secrets, and what they carry.
        #[default]
        Both = "both",
        /// The bytes on the wire with their secrets.
        Wire = "wire",
        /// What they carry.
        Plain = "plain",
    }
}

worded_enum! {
    /// What a session notes of TLS.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
    #[serde(rename_all = "kebab-case")]
    pub enum TlsNote {
        Starts(SocketAddr) = "TLS starts with {}" (Named(*.0));
        Made(TlsMade) = "{0}";
        Certificate(Box<TlsCertificate>) = "{0}";
        /// The certificate of this peer is not trusted, and the session goes on.
        Untrusted(SocketAddr, Vec<CertFault>) =
            "the certificate of {} is not trusted: {}" (Named(*.0), all_faults(.1));
        Truncated(SocketAddr) = "{} closed without close_notify: data may be missing" (Named(*.0));
        /// The handshake with this peer takes too long.
        GivenUp(SocketAddr) = "told {} by close_notify that the handshake is over: it takes too long" (Named(*.0));
        /// The peer speaks TLS on a connection without it.
        Unexpected(SocketAddr) = "{} speaks TLS: turn it on here (--tls)" (Named(*.0));
        Authority(String) = "certificates are issued by your own authority: clients must trust {0}";
        WireLeftOut(u64) =
            "connections without their bytes on the wire, since the handshake is in an earlier file: {0}";
        /// What follows of a connection in the capture of another program is decrypted by tshark.
        Decrypted = "TLS, decrypted by tshark from here on";
        SecretsDoNotFit =
            "the secrets do not fit, or not all are there: TLS from here on is shown as on the wire";
        NoSecrets(u64) = "TLS connections without secrets, shown as on the wire: {0}";
        NoTshark =
            "there are secrets of TLS: to decrypt with them, install tshark, a part of Wireshark, and open the file again";
        TsharkEnded = "tshark has ended early: TLS after this is not decrypted, but shown as on the wire";
    }
}

/// What was agreed on in a handshake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("TLS with {}: {}{}", Named(*peer), self.facts(), if *.resumed { ", resumed" } else { "" })]
#[serde(rename_all = "kebab-case")]
pub struct TlsMade {
    /// The peer.
    pub peer: SocketAddr,
    /// The version, e.g. `TLS 1.3`.
    pub version: String,
    /// The cipher suite.
    pub suite: String,
    /// The application protocol.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alpn: Option<String>,
    /// The name of the server that the client asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// An earlier session was resumed, without certificates.
    pub resumed: bool,
}

impl TlsMade {
    /// All but the peer and whether it was resumed.
    pub fn facts(&self) -> String {
        let alpn = self.alpn.iter().map(|alpn| format!("ALPN {alpn}"));
        let name = self.name.iter().map(|name| format!("SNI {name}"));
        let facts = [self.version.clone(), self.suite.clone()].into_iter().chain(alpn).chain(name);
        facts.collect::<Vec<_>>().join(", ")
    }
}

/// A certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error(
    "certificate {place} of {}: {subject}{}; issued by {issuer}; valid from {from} to {to}; SHA-256 {sha256}",
    Named(*peer), if names.is_empty() { String::new() } else { format!(" for {}", names.join(", ")) }
)]
#[serde(rename_all = "kebab-case")]
pub struct TlsCertificate {
    /// Whose it is.
    pub peer: SocketAddr,
    /// Its place in the chain, from 1.
    pub place: u64,
    /// Its subject.
    pub subject: String,
    /// Who issued it.
    pub issuer: String,
    /// The names and addresses for which it is valid.
    pub names: Vec<String>,
    /// Its first day.
    pub from: String,
    /// Its last day.
    pub to: String,
    /// The SHA-256 of it, in hex.
    pub sha256: String,
}

worded_enum! {
    /// What is wrong with a certificate.
    #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
    #[serde(rename_all = "kebab-case")]
    pub enum CertFault {
        Expired(String) = "expired on {0}";
        NotYet(String) = "not valid before {0}";
        /// It is for these names, and not for this one, which comes first.
        OtherName(String, Vec<String>) = "not for {name}, only for {}" (.1.join(", "), name = .0);
        SelfSigned = "self-signed";
        UnknownIssuer(String) = "issued by {0}, which is not trusted";
        /// It must not be used by a server or a client.
        Purpose = "not for this purpose";
        Missing = "missing";
        /// Anything else, in English.
        Other(String) = "{0}";
    }
}

/// All that is wrong with a certificate, in English.
pub fn all_faults(faults: &[CertFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

worded_enum! {
    /// Why TLS fails.
    #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
    #[serde(rename_all = "kebab-case")]
    pub enum TlsFault {
        /// The peer has refused with this alert (RFC 8446, 6).
        Alert(String) = "the peer sent the alert {0}";
        NotTls(String) = "the peer does not speak TLS; it sent ‘{0}’";
        PlainClient(String) = "the client does not speak TLS; it sent ‘{0}’";
        TooOld(String) = "the peer is too old: it speaks {0} at most; here it is TLS 1.2 or later";
        Untrusted(Vec<CertFault>) = "the certificate of the peer is not trusted: {}" (all_faults(.0));
        UntrustedClient(Vec<CertFault>) = "the certificate of the client is not trusted: {}" (all_faults(.0));
        Closed = "the peer closed the connection during the handshake";
        ClosedHere = "the handshake was not over when the session was closed";
        NoAuthorities = "this system has no trusted authorities";
        /// A file has no certificate or key in PEM.
        File(PemFault) = "{0}";
        /// The session cannot do this: it has neither a certificate nor the folder of an authority.
        NoCertificate = "there is no certificate";
        /// Anything else, in English.
        Other(String) = "{0}";
    }
}

worded_enum! {
    /// What is wrong with a file of certificates or keys.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
    #[serde(rename_all = "kebab-case")]
    pub enum PemFault {
        NoCertificate = "no certificate in PEM format";
        NoKey = "no private key in PEM format (PKCS#8, PKCS#1 or SEC 1)";
        Encrypted = "the private key is encrypted; ‘openssl pkey -in FILE -out key.pem’ decrypts it";
        Binary = "not in PEM format; ‘openssl pkcs12 -in FILE -nodes -out both.pem’ converts PKCS#12";
    }
}

worded_enum! {
    /// What would help where TLS failed.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
    pub enum TlsHint {
        LetItTrust = "it does not trust this certificate: let it trust the authority (ca.pem), or use another certificate (--tls-cert)";
        GiveCertificate = "it wants a certificate: --tls-cert and --tls-key";
        NothingInCommon = "no version, cipher suite or signature in common; it may also want a certificate (--tls-cert)";
        OtherName = "it has no certificate for this server name: --tls-name";
        OtherAlpn = "no application protocol in common: --tls-alpn";
        TurnOff = "turn TLS off, or connect to the port of the service with TLS";
        TurnOnThere = "let the client connect with TLS, or turn TLS off here";
        TrustClient = "--tls-ca FILE trusts its authority; --tls-clients ask goes on in spite of this";
        Trust = "--tls-ca FILE trusts its authority; --tls-insecure goes on in spite of this";
    }
}

impl TlsFault {
    /// What would help.
    pub fn hint(&self) -> Option<TlsHint> {
        Some(match self {
            Self::Alert(name) => match name.as_str() {
                "unknown_ca" | "bad_certificate" | "certificate_unknown" | "certificate_expired" => {
                    TlsHint::LetItTrust
                }
                "certificate_required" => TlsHint::GiveCertificate,
                "handshake_failure" | "protocol_version" | "insufficient_security" => {
                    TlsHint::NothingInCommon
                }
                "unrecognized_name" => TlsHint::OtherName,
                "no_application_protocol" => TlsHint::OtherAlpn,
                _ => return None,
            },
            Self::NotTls(_) => TlsHint::TurnOff,
            Self::PlainClient(_) => TlsHint::TurnOnThere,
            Self::UntrustedClient(_) => TlsHint::TrustClient,
            Self::Untrusted(_) | Self::NoAuthorities => TlsHint::Trust,
            _ => return None,
        })
    }
}
