//! The user's own authority, which issues the certificates of servers that have none: one for each name that clients ask
//! for, made on the fly.

#![expect(
    clippy::disallowed_types,
    reason = "TLS asks for a certificate through a shared reference; all on the thread of the session"
)]

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use jiff::{Span, Timestamp, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::model::{Doing, NetError};

/// The folder of the authority, and the files in it.
const FOLDER: &str = "authority";
const CERTIFICATE: &str = "ca.pem";
const KEY: &str = "ca-key.pem";

/// The most certificates that are kept.
const MAX_KEPT: usize = 256;

/// How long an authority and a certificate are valid. Some systems accept no more than 398 days.
const YEARS: i64 = 10;
const DAYS: i64 = 397;

/// An authority and the certificates that it has issued.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    /// Its certificate, for clients to trust.
    pub(super) path: PathBuf,
    issued: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Authority {
    /// The authority in this folder of the user's, which is made unless it is there.
    pub(super) fn open(state: &Path) -> Result<Self, NetError> {
        let folder = state.join(FOLDER);
        let failed = |error: io::Error| NetError::new(Doing::ReadingFile, folder.display(), error);
        match Self::read(&folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                make(state, &folder).map_err(failed)?;
                Self::read(&folder).map_err(failed)
            }
            read => read.map_err(failed),
        }
    }

    fn read(folder: &Path) -> io::Result<Self> {
        let path = folder.join(CERTIFICATE);
        let (pem, key) = (fs::read_to_string(&path)?, fs::read_to_string(folder.join(KEY))?);
        let key = KeyPair::from_pem(&key).map_err(io::Error::other)?;
        let issuer = Issuer::from_ca_cert_pem(&pem, key).map_err(io::Error::other)?;
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).map_err(io::Error::other)?;
        Ok(Self { issuer, certificate, path, issued: Mutex::default() })
    }

    /// The certificate for a name or an address.
    fn issue(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = issued.get(name) {
            return Some(Arc::clone(known));
        }
        if issued.len() >= MAX_KEPT {
            issued.clear();
        }
        let made = Arc::new(self.make(name).ok()?);
        issued.insert(name.to_owned(), Arc::clone(&made));
        Some(made)
    }

    fn make(&self, name: &str) -> Result<CertifiedKey, Box<dyn std::error::Error>> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(vec![name.to_owned()])?;
        params.distinguished_name.push(DnType::CommonName, name);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        validity(&mut params, Span::new().days(DAYS));
        let made = params.signed_by(&key, &self.issuer)?;
        let chain = vec![made.der().clone(), self.certificate.clone()];
        let key = PrivateKeyDer::try_from(key.serialize_der())?;
        Ok(CertifiedKey::new(chain, any_supported_type(&key)?))
    }
}

/// From yesterday, since clocks differ.
fn validity(params: &mut CertificateParams, lasting: Span) {
    let today = TimeZone::UTC.to_datetime(Timestamp::now()).date();
    let date = |date: Date| {
        let part = |n: i8| u8::try_from(n).unwrap_or(1);
        date_time_ymd(date.year().into(), part(date.month()), part(date.day()))
    };
    params.not_before = date(today.saturating_sub(Span::new().days(1)));
    params.not_after = date(today.saturating_add(lasting));
}

/// Makes an authority. All of it appears at once; if another program has made one meanwhile, that counts.
fn make(state: &Path, folder: &Path) -> io::Result<()> {
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let mut params = CertificateParams::new(Vec::new()).map_err(io::Error::other)?;
    validity(&mut params, Span::new().years(YEARS));
    let name = format!("netassist authority {}", TimeZone::UTC.to_datetime(Timestamp::now()).date());
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let made = params.self_signed(&key).map_err(io::Error::other)?;
    fs::create_dir_all(state)?;
    let mut new = tempfile::Builder::new();
    new.prefix("authority-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        new.permissions(fs::Permissions::from_mode(0o700));
    }
    let new = new.tempdir_in(state)?;
    write(&new.path().join(KEY), &key.serialize_pem())?;
    write(&new.path().join(CERTIFICATE), &made.pem())?;
    match fs::rename(new.path(), folder) {
        Err(_there) if folder.join(CERTIFICATE).exists() => Ok(()),
        done => done,
    }
}

/// Writes a new file, which only the user may read.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut how = OpenOptions::new();
    how.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        how.mode(0o600);
    }
    let mut file = how.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// The certificates of one connection.
#[derive(Debug)]
pub(super) struct Issued {
    pub(super) authority: Arc<Authority>,
    /// Our address, for a client that asks for no name.
    pub(super) local: IpAddr,
}

impl ResolvesServerCert for Issued {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let local = self.local.to_canonical().to_string();
        self.authority.issue(hello.server_name().unwrap_or(&local))
    }
}
