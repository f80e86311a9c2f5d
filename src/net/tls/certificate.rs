//! What is in a certificate.

use std::net::{IpAddr, SocketAddr};

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use sha2::{Digest as _, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer as _;

use crate::model::TlsCertificate;

/// A certificate, as far as it matters here.
#[derive(Debug, Default)]
pub(super) struct Certificate {
    pub(super) subject: String,
    pub(super) issuer: String,
    /// The names and addresses for which it is valid.
    pub(super) names: Vec<String>,
    /// Its first and its last second, since 1970.
    pub(super) valid: (i64, i64),
    pub(super) is_self_signed: bool,
}

impl Certificate {
    /// `None` if it cannot be read.
    pub(super) fn read(der: &[u8]) -> Option<Self> {
        let (_rest, found) = X509Certificate::from_der(der).ok()?;
        let validity = found.validity();
        let names = found.subject_alternative_name().ok().flatten();
        let names = names.map(|names| names.value.general_names.iter().filter_map(name).collect());
        Some(Self {
            subject: printable(&found.subject().to_string()),
            issuer: printable(&found.issuer().to_string()),
            names: names.unwrap_or_default(),
            valid: (validity.not_before.timestamp(), validity.not_after.timestamp()),
            is_self_signed: found.subject().as_raw() == found.issuer().as_raw(),
        })
    }
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) | GeneralName::RFC822Name(name) | GeneralName::URI(name) => {
            Some(printable(name))
        }
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            let ip = v4.or_else(|_not_v4| <[u8; 16]>::try_from(*bytes).map(IpAddr::from));
            ip.ok().map(|ip| ip.to_string())
        }
        _other => None,
    }
}

/// Without what would spoil a line.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// A day, given by a second in it.
pub(super) fn day(second: i64) -> String {
    Timestamp::from_second(second).map_or_else(|_error| "?".to_owned(), |at| at.strftime("%F").to_string())
}

/// What is noted of a certificate.
pub(super) fn describe(der: &CertificateDer<'_>, peer: SocketAddr, place: u64) -> TlsCertificate {
    let Certificate { subject, issuer, names, valid, .. } = Certificate::read(der).unwrap_or_default();
    let (from, to) = (day(valid.0), day(valid.1));
    let sha256 = hex::encode(Sha256::digest(der));
    TlsCertificate { peer, place, subject, issuer, names, from, to, sha256 }
}
