//! What a session opens: protocol, addresses, socket options.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use super::zone;

use crate::codec::named_enum;

named_enum! {
    /// The kinds of session, in the order in which NetAssist lists them.
    #[derive(Default)]
    pub enum Protocol {
        /// Datagrams.
        #[default]
        Udp = "udp",
        /// Connects to one server.
        TcpClient = "tcp-client",
        /// Accepts any number of clients.
        TcpServer = "tcp-server",
    }
}

impl Protocol {
    /// The name in the window, which NetAssist made a standard in every language.
    pub fn title(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::TcpClient => "TCP Client",
            Self::TcpServer => "TCP Server",
        }
    }

    /// Whether its peers are TCP connections, which are opened and closed.
    pub fn is_stream(self) -> bool {
        self != Self::Udp
    }

    /// Whether it connects to one peer.
    pub fn connects(self) -> bool {
        self == Self::TcpClient
    }

    /// Whether it accepts connections.
    pub fn accepts(self) -> bool {
        self == Self::TcpServer
    }
}

/// A host, by name or address, and a port, as the user typed them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// A host name, an IPv4 address or an IPv6 address without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Endpoint {
    /// The address, if the host is one; `None` if it is a name that must be looked up, or has an unknown zone.
    pub fn address(&self) -> Option<SocketAddr> {
        zone::address(&self.host, self.port)?.ok()
    }
}

impl From<SocketAddr> for Endpoint {
    fn from(address: SocketAddr) -> Self {
        let host = match address {
            SocketAddr::V6(v6) if v6.scope_id() != 0 => format!("{}%{}", v6.ip(), v6.scope_id()),
            SocketAddr::V4(_) | SocketAddr::V6(_) => address.ip().to_string(),
        };
        Self { host, port: address.port() }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// Why a text is not a valid `HOST:PORT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum EndpointError {
    /// There is no host before the port.
    #[error("missing host before the port; expected HOST:PORT, e.g. 127.0.0.1:8080")]
    NoHost,
    /// There is no `:PORT` at the end.
    #[error("missing port; expected HOST:PORT, e.g. 127.0.0.1:8080 or [::1]:8080")]
    NoPort,
    /// The port is not a number from 0 to 65535.
    #[error("invalid port: expected a number from 0 to 65535")]
    BadPort,
    /// The host is neither an address nor a name.
    #[error("invalid host: expected an address or a name, e.g. 127.0.0.1, [::1] or example.org")]
    BadHost,
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let text = text.trim();
        let (host, port) = if let Some(rest) = text.strip_prefix('[') {
            let (host, rest) = rest.split_once(']').ok_or(EndpointError::BadHost)?;
            (host, rest.strip_prefix(':').ok_or(EndpointError::NoPort)?)
        } else {
            if text.parse::<Ipv6Addr>().is_ok() {
                return Err(EndpointError::NoPort);
            }
            text.rsplit_once(':').ok_or(EndpointError::NoPort)?
        };
        if host.is_empty() {
            return Err(EndpointError::NoHost);
        }
        let address = host.contains(':') || host.contains('%');
        if address && !zone::is_address(host) {
            return Err(EndpointError::BadHost);
        }
        if host.chars().any(|c| c.is_whitespace() || c.is_control() || "/\\@?#[]".contains(c)) {
            return Err(EndpointError::BadHost);
        }
        if port.is_empty() {
            return Err(EndpointError::NoPort);
        }
        if !port.bytes().all(|b| b.is_ascii_digit()) {
            return Err(EndpointError::BadPort);
        }
        let port = port.parse().map_err(|_error: std::num::ParseIntError| EndpointError::BadPort)?;
        Ok(Self { host: host.to_owned(), port })
    }
}

/// A multicast group and the interface by which to reach it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Group {
    /// The group, 224.0.0.0/4 or `ff00::/8`.
    pub address: IpAddr,
    /// IPv4: an address of the interface, `None` for the system's choice. IPv6: see `scope`.
    pub interface: Option<std::net::Ipv4Addr>,
    /// IPv6: the index of the interface, 0 for the system's choice.
    pub scope: u32,
}

/// What to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// Connect to `remote`, from `local` if given (port 0: the system picks one).
    TcpClient {
        /// The server.
        remote: Endpoint,
        /// Our own address.
        local: Option<SocketAddr>,
    },
    /// Listen on `local` (port 0: the system picks one).
    TcpServer {
        /// Where to listen.
        local: SocketAddr,
    },
    /// Bind `local`; `remote` receives datagrams without an explicit destination.
    Udp {
        /// Where to bind.
        local: SocketAddr,
        /// The default remote.
        remote: Option<Endpoint>,
        /// Multicast groups to join at once.
        groups: Vec<Group>,
    },
}

impl Link {
    /// Its protocol.
    pub fn protocol(&self) -> Protocol {
        match self {
            Self::TcpClient { .. } => Protocol::TcpClient,
            Self::TcpServer { .. } => Protocol::TcpServer,
            Self::Udp { .. } => Protocol::Udp,
        }
    }

    /// The protocol and the main address: `udp 127.0.0.1:8080`.
    pub fn short(&self) -> String {
        let name = self.protocol().name();
        match self {
            Self::TcpClient { remote, .. } => format!("{name} {remote}"),
            Self::TcpServer { local } | Self::Udp { local, .. } => format!("{name} {local}"),
        }
    }
}

impl fmt::Display for Link {
    /// As on the command line: `tcp-server 127.0.0.1:8080`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.protocol().name();
        match self {
            Self::TcpClient { remote, .. } => write!(f, "{name} {remote}"),
            Self::TcpServer { local } | Self::Udp { local, remote: None, .. } => write!(f, "{name} {local}"),
            Self::Udp { local, remote: Some(remote), .. } => write!(f, "{name} {local} --remote {remote}"),
        }
    }
}
