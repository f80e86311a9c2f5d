//! A host and a port as typed: two fields in the window, one string in files.

use std::fmt;
use std::net::SocketAddr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::codec::number;
use crate::model::{Endpoint, Expected, Fault, Local, Problem, at, zone};

/// The host that means every address of this machine, of IPv4 and of IPv6.
const EVERY: &str = "*";

/// The address of a WebSocket: `ws://host:port/path`, or `wss://` over TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WsUrl {
    /// Over TLS.
    pub tls: bool,
    /// The host and the port.
    pub address: Address,
    /// The path with the query, if there is one.
    pub path: Option<String>,
}

impl WsUrl {
    /// Reads one; `None` if the text does not begin as one.
    pub fn read(text: &str) -> Option<Self> {
        let (scheme, rest) = text.trim().split_once("://")?;
        let tls = match scheme.to_ascii_lowercase().as_str() {
            "ws" => false,
            "wss" => true,
            _ => return None,
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let (host, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        // A user and a password are found later, and not taken for parts of the address.
        let has_user = host.contains('@');
        let mut address = if has_user { Address::new(host, "") } else { Address::split(host) };
        if address.port.is_empty() {
            if tls { "443" } else { "80" }.clone_into(&mut address.port);
        }
        let path = if path.starts_with('?') { format!("/{path}") } else { path.to_owned() };
        Some(Self { tls, address, path: Some(path).filter(|path| !path.is_empty()) })
    }
}

/// A host and a port as typed, which may be incomplete or invalid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// An address or a host name; an IPv6 address with or without brackets.
    pub host: String,
    /// The port.
    pub port: String,
}

impl Address {
    /// An address of these parts.
    pub fn new(host: impl Into<String>, port: impl Into<String>) -> Self {
        Self { host: host.into(), port: port.into() }
    }

    /// Splits a text like `127.0.0.1:8080` or `[::1]:80`. Missing parts are blank. That of a WebSocket stays whole, as the
    /// host.
    pub fn split(text: &str) -> Self {
        let text = text.trim();
        if WsUrl::read(text).is_some() {
            return Self::new(text, "");
        }
        if let Some((host, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']'))
            && (rest.is_empty() || rest.starts_with(':'))
        {
            return Self::new(host, rest.trim_start_matches(':'));
        }
        match text.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') => Self::new(host, port),
            Some(_) | None => Self::new(text, ""),
        }
    }

    /// Takes a port that was typed or pasted with the host to its own place.
    pub fn take_port(&mut self) {
        let split = Self::split(&self.host);
        if split.port.parse::<u16>().is_ok() {
            *self = split;
        }
    }

    /// Whether both parts are blank.
    pub fn is_blank(&self) -> bool {
        self.host.trim().is_empty() && self.port.trim().is_empty()
    }

    /// The address as one of this machine; with port 0 the system chooses one.
    ///
    /// # Errors
    /// When `host` or `port` is invalid.
    pub fn local(&self) -> Result<Local, Problem> {
        if self.host.trim() == EVERY {
            return Ok(Local::Every(self.port(0)?));
        }
        self.source().map(Local::At)
    }

    /// The address as the one from which to connect: as [`local`](Self::local), but not every one.
    ///
    /// # Errors
    /// When `host` or `port` is invalid.
    pub fn source(&self) -> Result<SocketAddr, Problem> {
        let host = self.bare_host();
        if host.is_empty() {
            return Err(Problem::new("host", Fault::Missing));
        }
        // Other names may have other addresses tomorrow.
        let host = if host.eq_ignore_ascii_case("localhost") { "127.0.0.1" } else { host };
        let found = zone::address(host, 0).ok_or_else(|| Problem::new("host", Expected::LocalHost))?;
        let mut address = found.map_err(at("host"))?;
        address.set_port(self.port(0)?);
        Ok(address)
    }

    /// The address as a peer's; `None` if there is no host.
    ///
    /// # Errors
    /// When `host` or `port` is invalid.
    pub fn remote(&self) -> Result<Option<Endpoint>, Problem> {
        let host = self.bare_host();
        if host.is_empty() {
            return Ok(None);
        }
        if host.contains('@') {
            return Err(Problem::new("host", Expected::NoUser));
        }
        let bracketed = if host.contains(':') { format!("[{host}]:1") } else { format!("{host}:1") };
        let endpoint: Endpoint =
            bracketed.parse().map_err(|_not_a_host| Problem::new("host", Expected::Host))?;
        Ok(Some(Endpoint { port: self.port(1)?, ..endpoint }))
    }

    fn bare_host(&self) -> &str {
        let host = self.host.trim();
        host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
    }

    fn port(&self, least: u16) -> Result<u16, Problem> {
        number::parse_in(&self.port, least..=u16::MAX).map_err(at("port"))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.bare_host();
        let colon = if self.port.is_empty() { "" } else { ":" };
        if host.contains(':') {
            write!(f, "[{host}]{colon}{}", self.port)
        } else {
            write!(f, "{host}{colon}{}", self.port)
        }
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        Endpoint::from(address).into()
    }
}

impl From<Local> for Address {
    fn from(local: Local) -> Self {
        match local {
            Local::At(address) => address.into(),
            Local::Every(port) => Self::new(EVERY, port.to_string()),
        }
    }
}

impl From<Endpoint> for Address {
    fn from(endpoint: Endpoint) -> Self {
        Self { host: endpoint.host, port: endpoint.port.to_string() }
    }
}

impl Serialize for Address {
    /// Writes one string, or a pair if the string would be read back differently.
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let text = self.to_string();
        if Self::split(&text) == *self { text.serialize(to) } else { (&self.host, &self.port).serialize(to) }
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected a string, HOST:PORT")]
        enum Typed {
            Text(String),
            Pair(String, String),
        }
        Ok(match Typed::deserialize(from)? {
            Typed::Text(text) => Self::split(&text),
            Typed::Pair(host, port) => Self { host, port },
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct File {
        local: Address,
    }

    #[test]
    fn texts_are_split() {
        for (text, host, port) in [
            ("127.0.0.1:80", "127.0.0.1", "80"),
            ("[::1]:80", "::1", "80"),
            ("[::]", "::", ""),
            ("::1", "::1", ""),
            (" example.org:x ", "example.org", "x"),
            ("example.org", "example.org", ""),
            (":80", "", "80"),
            ("", "", ""),
        ] {
            assert_eq!(Address::split(text), Address::new(host, port), "{text}");
        }
    }

    #[test]
    fn hosts_and_ports_are_checked() {
        let local = |host: &str, port: &str| Address::new(host, port).local().map_err(|problem| problem.path);
        let at = |text: &str| Ok(Local::At(text.parse().unwrap()));
        assert_eq!(local("[::1]", " 0 "), at("[::1]:0"));
        assert_eq!(local("localhost", "0"), at("127.0.0.1:0"));
        assert_eq!(local("fe80::1%7", "1"), at("[fe80::1%7]:1"));
        assert_eq!((local(" * ", "7"), local("*", "x")), (Ok(Local::Every(7)), Err("port".into())));
        assert_eq!(Address::from(Local::Every(7)), Address::split("*:7"));
        assert_eq!(Address::split("*:7").source().map_err(|problem| problem.path), Err("host".into()));
        assert_eq!(local("example.org", "1"), Err("host".into()));
        let unknown = Address::new("fe80::1%no-such", "1").local().unwrap_err();
        assert!(matches!(unknown.fault, Fault::Zone(_)), "{unknown:?}");
        for name in zone::names() {
            assert!(
                local(&format!("fe80::1%{name}"), "1").is_ok() && unknown.fault.to_string().contains(&name)
            );
        }
        for port in ["", "65536", "+1", "x"] {
            assert_eq!(local("::1", port), Err("port".into()), "{port}");
        }
        let remote = |text: &str| Address::split(text).remote().map_err(|problem| problem.path);
        assert_eq!(remote("a.example:80"), Ok(Some("a.example:80".parse().unwrap())));
        assert_eq!(remote("[fe80::1%2]:9"), Ok(Some("[fe80::1%2]:9".parse().unwrap())));
        assert_eq!(remote(":80"), Ok(None));
        assert_eq!((remote("a:0"), remote("a b:1")), (Err("port".into()), Err("host".into())));
    }

    proptest! {
        #[test]
        fn anything_typed_survives_a_file(host in "([0-9a-f:.\\[\\]]|.){0,8}", port in "([0-9:]|.){0,4}") {
            let file = File { local: Address { host, port } };
            let text = toml::to_string(&file).unwrap();
            prop_assert_eq!(toml::from_str::<File>(&text).unwrap(), file, "{}", text);
        }
    }
}
