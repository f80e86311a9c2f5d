//! The configurations of TLS of a session, made when they are first needed.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::ServerName;
use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConfig, ClientConnection, Connection, RootCertStore, ServerConfig, ServerConnection,
    SupportedProtocolVersion,
};

use super::authority::{Authority, Issued};
use super::keys::{self, Hearer, Secrets};
use super::verify::{Findings, OfClients, OfServers};
use super::{Role, files};
use crate::model::{Cause, CertFault, ClientCertificates, Doing, Legs, NetError, Tls, TlsFault};

/// What all TLS connections of a session share.
pub(in crate::net) struct Configs {
    wanted: Tls,
    /// The host that a client connects to.
    pub(in crate::net) host: Option<String>,
    /// There are two legs, so that a certificate may be that for clients alone.
    pub(in crate::net) is_relay: bool,
    shared: Option<Shared>,
    client: Option<Arc<ClientConfig>>,
    server: Option<Server>,
}

impl std::fmt::Debug for Configs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Configs").field("wanted", &self.wanted).finish_non_exhaustive()
    }
}

#[derive(Clone)]
struct Shared {
    hearer: Arc<Hearer>,
    secrets: Secrets,
    tell: crossbeam_channel::Sender<Vec<CertFault>>,
    findings: Findings,
}

#[derive(Clone)]
struct Server {
    config: Arc<ServerConfig>,
    /// Issues the certificates, if there is no other.
    authority: Option<Arc<Authority>>,
}

fn failed(error: &rustls::Error) -> NetError {
    NetError::new(Doing::StartingTls, "", Cause::Tls(TlsFault::Other(error.to_string())))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

impl Configs {
    pub(in crate::net) fn new(wanted: Tls) -> Self {
        Self { wanted, host: None, is_relay: false, shared: None, client: None, server: None }
    }

    /// Makes what connections need, so that what is wrong shows before there is one. Returns the certificate that clients
    /// must trust, if it is issued here.
    pub(in crate::net) fn prepare(&mut self, role: Role) -> Result<Option<String>, NetError> {
        match role {
            Role::Client => self.client_config().map(|_config| None),
            Role::Server => {
                let server = self.server_config()?;
                Ok(server.authority.map(|authority| authority.path.display().to_string()))
            }
        }
    }

    fn shared(&mut self) -> Result<Shared, NetError> {
        if let Some(shared) = &self.shared {
            return Ok(shared.clone());
        }
        let open = |path: &std::path::PathBuf| {
            keys::open(path).map_err(|error| NetError::new(Doing::SavingFile, path.display(), error))
        };
        let file = self.wanted.keylog.as_ref().map(open).transpose()?;
        let (hearer, secrets) = Secrets::new(file);
        let (tell, findings) = Findings::new();
        let shared = Shared { hearer: Arc::new(hearer), secrets, tell, findings };
        Ok(self.shared.insert(shared).clone())
    }

    fn versions(&self) -> &'static [&'static SupportedProtocolVersion] {
        const ALL: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];
        if self.wanted.only_1_3 { ALL.get(..1).unwrap_or(ALL) } else { ALL }
    }

    fn alpn(&self) -> Vec<Vec<u8>> {
        self.wanted.alpn.iter().map(|name| name.as_bytes().to_vec()).collect()
    }

    fn client_config(&mut self) -> Result<Arc<ClientConfig>, NetError> {
        if let Some(config) = &self.client {
            return Ok(Arc::clone(config));
        }
        let Shared { hearer, tell, .. } = self.shared()?;
        let Tls { ca, cert, key, insecure, legs, .. } = &self.wanted;
        let trusted = ca.as_deref().map(files::certificates).transpose()?.unwrap_or_default();
        let roots = match ca {
            Some(path) => Ok(files::roots(path)?),
            None => files::system_roots(),
        };
        let roots = match roots {
            Err(_none) if *insecure => RootCertStore::empty(),
            roots => roots?,
        };
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider()).build().ok();
        let verifier = OfServers::new(provider(), verifier, trusted, *insecure, tell);
        let config = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(self.versions())
            .map_err(|error| failed(&error))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let mut config = match cert.as_ref().filter(|_| !self.is_relay || *legs == Legs::Upstream) {
            None => config.with_no_client_auth(),
            Some(cert) => config
                .with_client_auth_cert(files::certificates(cert)?, files::key(key.as_ref().unwrap_or(cert))?)
                .map_err(|error| NetError { what: cert.display().to_string(), ..failed(&error) })?,
        };
        config.alpn_protocols = self.alpn();
        config.key_log = hearer;
        Ok(Arc::clone(self.client.insert(Arc::new(config))))
    }

    fn server_config(&mut self) -> Result<Server, NetError> {
        if let Some(server) = &self.server {
            return Ok(server.clone());
        }
        let Shared { hearer, tell, .. } = self.shared()?;
        let Tls { ca, cert, key, clients, authority, .. } = &self.wanted;
        let config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(self.versions())
            .map_err(|error| failed(&error))?;
        let config = if *clients == ClientCertificates::No {
            config.with_no_client_auth()
        } else {
            let roots = ca.as_deref().map(files::roots).transpose()?;
            let trusting =
                |roots| WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider()).build();
            let inner = roots.and_then(|roots| trusting(roots).ok());
            let required = *clients == ClientCertificates::Require;
            config.with_client_cert_verifier(Arc::new(OfClients::new(provider(), inner, required, tell)))
        };
        let (mut config, authority) = match (cert, authority) {
            (Some(cert), _) => {
                let (chain, key) = (files::certificates(cert)?, files::key(key.as_ref().unwrap_or(cert))?);
                let config = config.with_single_cert(chain, key);
                let wrong = |error| NetError { what: cert.display().to_string(), ..failed(&error) };
                (config.map_err(wrong)?, None)
            }
            (None, Some(folder)) => {
                let authority = Arc::new(Authority::open(folder)?);
                let local = IpAddr::from([0; 4]);
                let issued = Issued { authority: Arc::clone(&authority), local };
                (config.with_cert_resolver(Arc::new(issued)), Some(authority))
            }
            (None, None) => {
                return Err(NetError::new(Doing::StartingTls, "", Cause::Tls(TlsFault::NoCertificate)));
            }
        };
        config.alpn_protocols = self.alpn();
        config.key_log = hearer;
        Ok(self.server.insert(Server { config: Arc::new(config), authority }).clone())
    }

    /// The name that a client asks for.
    fn name(&self, peer: SocketAddr) -> String {
        let host = self.wanted.name.as_ref().or(self.host.as_ref());
        // A zone is no part of the name.
        let host = host.map(|host| host.split('%').next().unwrap_or_default().to_owned());
        host.filter(|host| !host.is_empty()).unwrap_or_else(|| peer.ip().to_string())
    }

    /// A connection, what its secrets are heard by, and what is found wrong.
    pub(super) fn connection(
        &mut self,
        role: Role,
        (local, peer): (SocketAddr, SocketAddr),
    ) -> Result<(Connection, Secrets, Findings), NetError> {
        let Shared { secrets, mut findings, .. } = self.shared()?;
        let wrong = |error: rustls::Error| NetError { what: peer.to_string(), ..failed(&error) };
        match role {
            Role::Client => {
                let config = self.client_config()?;
                let name = self.name(peer);
                let server = ServerName::try_from(name.clone());
                let other = |error: rustls::pki_types::InvalidDnsNameError| {
                    let cause = Cause::Tls(TlsFault::Other(format!("{name}: {error}")));
                    NetError::new(Doing::StartingTls, peer, cause)
                };
                let connection = ClientConnection::new(config, server.map_err(other)?).map_err(wrong)?;
                findings.name = Some(name);
                Ok((connection.into(), secrets, findings))
            }
            Role::Server => {
                let Server { mut config, authority } = self.server_config()?;
                if let Some(authority) = authority {
                    let mut of_this_one = (*config).clone();
                    of_this_one.cert_resolver = Arc::new(Issued { authority, local: local.ip() });
                    config = Arc::new(of_this_one);
                }
                let connection = ServerConnection::new(config).map_err(wrong)?;
                Ok((connection.into(), secrets, findings))
            }
        }
    }
}
