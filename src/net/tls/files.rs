//! Certificates and keys in PEM files.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::model::{Cause, Doing, NetError, PemFault, TlsFault};

/// The most bytes of a file.
const MOST: u64 = 16 << 20;

fn failed(path: &Path, cause: impl Into<Cause>) -> NetError {
    NetError::new(Doing::ReadingFile, path.display(), cause)
}

fn pem(path: &Path, fault: PemFault) -> NetError {
    failed(path, Cause::Tls(TlsFault::File(fault)))
}

fn read(path: &Path) -> Result<Vec<u8>, NetError> {
    let read = || -> io::Result<Vec<u8>> {
        let file = File::open(path)?;
        if file.metadata()?.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let mut bytes = Vec::new();
        file.take(MOST).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().map_err(|error| failed(path, error))?;
    // DER begins with a sequence.
    if bytes.first() == Some(&0x30) { Err(pem(path, PemFault::Binary)) } else { Ok(bytes) }
}

/// The certificates in a file, at least one.
pub(super) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, NetError> {
    let bytes = read(path)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    found.ok().filter(|found| !found.is_empty()).ok_or_else(|| pem(path, PemFault::NoCertificate))
}

/// The private key in a file.
pub(super) fn key(path: &Path) -> Result<PrivateKeyDer<'static>, NetError> {
    let bytes = read(path)?;
    let is_encrypted = || memchr::memmem::find(&bytes, b"ENCRYPTED").is_some();
    PrivateKeyDer::from_pem_slice(&bytes)
        .map_err(|_not_found| pem(path, if is_encrypted() { PemFault::Encrypted } else { PemFault::NoKey }))
}

/// The authorities in a file.
pub(super) fn roots(path: &Path) -> Result<RootCertStore, NetError> {
    let mut roots = RootCertStore::empty();
    for found in certificates(path)? {
        roots.add(found).map_err(|error| failed(path, Cause::Tls(TlsFault::Other(error.to_string()))))?;
    }
    Ok(roots)
}

/// The authorities that the system trusts.
pub(super) fn system_roots() -> Result<RootCertStore, NetError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(NetError::new(Doing::StartingTls, "", Cause::Tls(TlsFault::NoAuthorities)));
    }
    Ok(roots)
}
