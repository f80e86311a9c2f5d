//! What a session opens: protocol, addresses, socket options.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use super::zone;

use crate::codec::{named_enum, worded_enum};

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
        /// Accepts clients, and passes on what each and the upstream server send to each other.
        TcpRelay = "tcp-relay",
        /// Passes on the datagrams of clients and the upstream server to each other.
        UdpRelay = "udp-relay",
    }
}

impl Protocol {
    /// The name in the window, which NetAssist made a standard in every language.
    pub fn title(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::TcpClient => "TCP Client",
            Self::TcpServer => "TCP Server",
            Self::TcpRelay => "TCP Relay",
            Self::UdpRelay => "UDP Relay",
        }
    }

    /// Whether its peers are TCP connections, which are opened and closed.
    pub fn is_stream(self) -> bool {
        !matches!(self, Self::Udp | Self::UdpRelay)
    }

    /// Whether it connects to one peer.
    pub fn connects(self) -> bool {
        self == Self::TcpClient
    }

    /// Whether it accepts connections.
    pub fn accepts(self) -> bool {
        matches!(self, Self::TcpServer | Self::TcpRelay)
    }

    /// Whether it stands between clients and a server.
    pub fn relays(self) -> bool {
        matches!(self, Self::TcpRelay | Self::UdpRelay)
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
        Self { host: zone::host(address), port: address.port() }
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

/// Where to bind: an address, or every address of this machine of both IP versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Local {
    /// This address.
    At(SocketAddr),
    /// `*`: `0.0.0.0` and `[::]` with the same port.
    Every(u16),
}

impl Local {
    /// The address; of every address, that of IPv4.
    pub fn address(self) -> SocketAddr {
        match self {
            Self::At(address) => address,
            Self::Every(port) => (Ipv4Addr::UNSPECIFIED, port).into(),
        }
    }

    /// Whether it is IPv4; `None` if it is both.
    pub fn is_ipv4(self) -> Option<bool> {
        match self {
            Self::At(address) => Some(address.is_ipv4()),
            Self::Every(_) => None,
        }
    }
}

impl From<SocketAddr> for Local {
    fn from(address: SocketAddr) -> Self {
        Self::At(address)
    }
}

impl FromStr for Local {
    type Err = std::net::AddrParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.strip_prefix("*:").and_then(|port| port.parse().ok()) {
            Some(port) => Ok(Self::Every(port)),
            None => text.parse().map(Self::At),
        }
    }
}

impl fmt::Display for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(address) => write!(f, "{}", zone::Named(*address)),
            Self::Every(port) => write!(f, "*:{port}"),
        }
    }
}

worded_enum! {
    /// Why a text is not a valid `HOST:PORT`.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
    pub enum EndpointError {
        NoHost = "missing host before the port; expected HOST:PORT, e.g. 127.0.0.1:8080";
        NoPort = "missing port; expected HOST:PORT, e.g. 127.0.0.1:8080 or [::1]:8080";
        BadPort = "invalid port: expected a number from 0 to 65535";
        BadHost = "invalid host: expected an address or a name, e.g. 127.0.0.1, [::1] or example.org";
    }
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
        local: Local,
    },
    /// Listen on `local`, and connect to `remote` for each client.
    TcpRelay {
        /// Where to listen.
        local: Local,
        /// The upstream server; `None` for the one that each client names, to a SOCKS5 proxy.
        remote: Option<Endpoint>,
    },
    /// Bind `local`, and forward the datagrams of each client to `remote` from a socket of its own.
    UdpRelay {
        /// Where to bind.
        local: Local,
        /// The upstream server.
        remote: Endpoint,
    },
    /// Bind `local`; `remote` receives datagrams without an explicit destination.
    Udp {
        /// Where to bind.
        local: Local,
        /// The default remote.
        remote: Option<Endpoint>,
        /// Multicast groups to join at once.
        groups: Vec<Group>,
    },
}

impl Link {
    /// The upstream server of a relay.
    pub fn upstream(&self) -> Option<&Endpoint> {
        match self {
            Self::TcpRelay { remote, .. } => remote.as_ref(),
            Self::UdpRelay { remote, .. } => Some(remote),
            Self::TcpClient { .. } | Self::TcpServer { .. } | Self::Udp { .. } => None,
        }
    }

    /// Its protocol.
    pub fn protocol(&self) -> Protocol {
        match self {
            Self::TcpClient { .. } => Protocol::TcpClient,
            Self::TcpServer { .. } => Protocol::TcpServer,
            Self::TcpRelay { .. } => Protocol::TcpRelay,
            Self::UdpRelay { .. } => Protocol::UdpRelay,
            Self::Udp { .. } => Protocol::Udp,
        }
    }

    /// The protocol and the main address: `udp 127.0.0.1:8080`.
    pub fn short(&self) -> String {
        let name = self.protocol().name();
        match self {
            Self::TcpClient { remote, .. } => format!("{name} {remote}"),
            Self::TcpServer { local } | Self::Udp { local, .. } => format!("{name} {local}"),
            Self::TcpRelay { local, remote: None } => format!("relay --socks {local}"),
            Self::TcpRelay { local, .. } => format!("relay {local}"),
            Self::UdpRelay { local, .. } => format!("relay udp:{local}"),
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
            Self::TcpRelay { local, remote: Some(remote) } => write!(f, "relay {local} --to {remote}"),
            Self::TcpRelay { local, remote: None } => write!(f, "relay --socks {local}"),
            Self::UdpRelay { local, remote } => write!(f, "relay udp:{local} --to {remote}"),
            Self::Udp { local, remote: Some(remote), .. } => write!(f, "{name} {local} --remote {remote}"),
        }
    }
}
