//! Finds all that is wrong with the certificate of a peer, and not only the first fault.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};

use super::certificate::{Certificate, day};
use crate::model::CertFault;

/// What was found wrong with the certificate of the peer whose handshake goes on.
#[derive(Clone)]
pub(super) struct Findings {
    /// The name of the server, if this is a client.
    pub(super) name: Option<String>,
    heard: Receiver<Vec<CertFault>>,
    /// Those of the last whole handshake of a client.
    last: (Sender<Vec<CertFault>>, Receiver<Vec<CertFault>>),
}

impl Findings {
    pub(super) fn new() -> (Sender<Vec<CertFault>>, Self) {
        let (tell, heard) = crossbeam_channel::bounded(1);
        (tell, Self { name: None, heard, last: crossbeam_channel::bounded(1) })
    }

    pub(super) fn take(&self) -> Vec<CertFault> {
        self.heard.try_recv().unwrap_or_default()
    }

    /// What is wrong after a handshake. A session that is resumed does not show its certificate again.
    pub(super) fn of(&self, resumed: bool) -> Vec<CertFault> {
        if self.name.is_none() {
            return self.take();
        }
        let (keep, kept) = &self.last;
        let before = kept.try_recv().unwrap_or_default();
        let faults = if resumed { before } else { self.take() };
        // There is room: it was taken out.
        drop(keep.try_send(faults.clone()));
        faults
    }
}

/// Checks signatures, which a certificate that is not trusted must make, too.
#[derive(Debug)]
struct Signatures(Arc<CryptoProvider>);

type Signed = Result<HandshakeSignatureValid, Error>;

impl Signatures {
    fn tls12(&self, message: &[u8], cert: &CertificateDer<'_>, signed: &DigitallySignedStruct) -> Signed {
        verify_tls12_signature(message, cert, signed, &self.0.signature_verification_algorithms)
    }

    fn tls13(&self, message: &[u8], cert: &CertificateDer<'_>, signed: &DigitallySignedStruct) -> Signed {
        verify_tls13_signature(message, cert, signed, &self.0.signature_verification_algorithms)
    }

    fn schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Tells what is wrong; an error unless the session goes on in spite of it.
fn judge(
    tell: &Sender<Vec<CertFault>>,
    goes_on: bool,
    (faults, error): (Vec<CertFault>, Option<CertificateError>),
) -> Result<(), Error> {
    if faults.is_empty() {
        return Ok(());
    }
    // What an earlier handshake left was taken.
    drop(tell.try_send(faults));
    let error = error.unwrap_or(CertificateError::ApplicationVerificationFailure);
    if goes_on { Ok(()) } else { Err(Error::InvalidCertificate(error)) }
}

/// What is wrong with a chain, which `check` checks as of a time.
fn faults_of(
    der: &CertificateDer<'_>,
    now: UnixTime,
    check: impl Fn(UnixTime) -> Result<(), Error>,
) -> (Vec<CertFault>, Option<CertificateError>) {
    let found = Certificate::read(der);
    let mut faults = Vec::new();
    let mut first = None;
    let mut when = now;
    if let Some(found) = &found {
        let (begin, end) = found.valid;
        let seconds = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        // Further faults show as of a time when it is valid.
        let at = |second: i64| {
            UnixTime::since_unix_epoch(std::time::Duration::from_secs(second.try_into().unwrap_or_default()))
        };
        if seconds > end {
            faults.push(CertFault::Expired(day(end)));
            (when, first) = (at(end), Some(CertificateError::Expired));
        } else if seconds < begin {
            faults.push(CertFault::NotYet(day(begin)));
            (when, first) = (at(begin), Some(CertificateError::NotValidYet));
        }
    }
    if let Err(error) = check(when) {
        let (fault, error) = match error {
            Error::InvalidCertificate(error) => (fault(&error, found.as_ref()), error),
            error => (CertFault::Other(error.to_string()), CertificateError::ApplicationVerificationFailure),
        };
        faults.push(fault);
        first = first.or(Some(error));
    }
    (faults, first)
}

fn fault(error: &CertificateError, found: Option<&Certificate>) -> CertFault {
    use CertificateError as E;
    match error {
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => CertFault::Purpose,
        E::Expired | E::ExpiredContext { .. } => {
            CertFault::Other("a certificate of its chain has expired".to_owned())
        }
        _ if found.is_some_and(|found| found.is_self_signed) => CertFault::SelfSigned,
        // Another authority may have the name of a trusted one.
        E::UnknownIssuer | E::BadSignature => {
            CertFault::UnknownIssuer(found.map(|it| it.issuer.clone()).unwrap_or_default())
        }
        error => CertFault::Other(Error::InvalidCertificate(error.clone()).to_string()),
    }
}

/// Checks the certificates of servers.
#[derive(Debug)]
pub(super) struct OfServers {
    signatures: Signatures,
    /// `None` if no authority is trusted.
    inner: Option<Arc<WebPkiServerVerifier>>,
    /// Trusted certificates, which need not be those of authorities.
    trusted: Vec<CertificateDer<'static>>,
    insecure: bool,
    tell: Sender<Vec<CertFault>>,
}

impl OfServers {
    pub(super) fn new(
        provider: Arc<CryptoProvider>,
        inner: Option<Arc<WebPkiServerVerifier>>,
        trusted: Vec<CertificateDer<'static>>,
        insecure: bool,
        tell: Sender<Vec<CertFault>>,
    ) -> Self {
        Self { signatures: Signatures(provider), inner, trusted, insecure, tell }
    }
}

impl ServerCertVerifier for OfServers {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let is_trusted = self.trusted.iter().any(|trusted| trusted == end_entity);
        let (mut faults, mut error) = faults_of(end_entity, now, |when| match &self.inner {
            _ if is_trusted => Ok(()),
            None => Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)),
            Some(inner) => {
                match inner.verify_server_cert(end_entity, intermediates, name, ocsp, when) {
                    // The name is looked at below.
                    Err(Error::InvalidCertificate(
                        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
                    ))
                    | Ok(_) => Ok(()),
                    Err(error) => Err(error),
                }
            }
        });
        let is_named = ParsedCertificate::try_from(end_entity)
            .is_ok_and(|parsed| verify_server_name(&parsed, name).is_ok());
        if !is_named {
            let names = Certificate::read(end_entity).map(|found| found.names).unwrap_or_default();
            let names = if names.is_empty() { vec!["—".to_owned()] } else { names };
            faults.push(CertFault::OtherName(name.to_str().into_owned(), names));
            error = error.or(Some(CertificateError::NotValidForName));
        }
        judge(&self.tell, self.insecure, (faults, error)).map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Signed {
        self.signatures.tls12(message, cert, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Signed {
        self.signatures.tls13(message, cert, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.signatures.schemes()
    }
}

/// Checks the certificates of clients.
#[derive(Debug)]
pub(super) struct OfClients {
    signatures: Signatures,
    /// `None` if no authority is trusted.
    inner: Option<Arc<dyn ClientCertVerifier>>,
    /// A client without a trusted one is refused.
    required: bool,
    tell: Sender<Vec<CertFault>>,
}

impl OfClients {
    pub(super) fn new(
        provider: Arc<CryptoProvider>,
        inner: Option<Arc<dyn ClientCertVerifier>>,
        required: bool,
        tell: Sender<Vec<CertFault>>,
    ) -> Self {
        Self { signatures: Signatures(provider), inner, required, tell }
    }
}

impl ClientCertVerifier for OfClients {
    fn client_auth_mandatory(&self) -> bool {
        self.required
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.inner.as_ref().map_or(&[], |inner| inner.root_hint_subjects())
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let found = faults_of(end_entity, now, |when| match &self.inner {
            None => Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)),
            Some(inner) => inner.verify_client_cert(end_entity, intermediates, when).map(drop),
        });
        judge(&self.tell, !self.required, found).map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Signed {
        self.signatures.tls12(message, cert, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Signed {
        self.signatures.tls13(message, cert, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.signatures.schemes()
    }
}
