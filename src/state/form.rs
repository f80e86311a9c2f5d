//! The settings panel's fields, as typed, and how they become a [`Link`] at the button.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::{Backoff, Endpoint, Group, Link, Options, Protocol, Short, ShortUntil};

/// A field that may hold something wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// Our address.
    LocalHost,
    /// Our port.
    LocalPort,
    /// The peer's host.
    RemoteHost,
    /// The peer's port.
    RemotePort,
    /// Connect timeout.
    Timeout,
    /// How long a short connection waits.
    ShortWait,
    /// Size of the send buffer.
    SendBuffer,
    /// Size of the receive buffer.
    ReceiveBuffer,
    /// Multicast group.
    Group,
    /// Multicast time to live.
    Ttl,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Problem {
    /// Something must stand here.
    Missing,
    /// It must be a number in this range.
    NotInRange(u64, u64),
    /// It must be an address of this machine.
    NotAnAddress,
    /// It must be an address or a host name.
    NotAHost,
    /// It must be a multicast address.
    NotAGroup,
}

/// The fields of the settings panel, as typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one tick box of the panel")]
pub struct Form {
    /// Protocol.
    #[serde(with = "protocol_name")]
    pub protocol: Protocol,
    /// Our address.
    pub local_host: String,
    /// Our port.
    pub local_port: String,
    /// A TCP client binds the local address and port, too.
    pub bind_client: bool,
    /// The peer's host, by name or address.
    pub remote_host: String,
    /// The peer's port.
    pub remote_port: String,
    /// `TCP_NODELAY`.
    pub nodelay: bool,
    /// `SO_KEEPALIVE`.
    pub keepalive: bool,
    /// Close with RST.
    pub abort_on_close: bool,
    /// Keep the connection when the peer has closed its side.
    pub half_open: bool,
    /// Call again when there is no connection (TCP client).
    pub reconnect: bool,
    /// Make a connection for each message (TCP client).
    pub short: bool,
    /// Such a connection waits until the peer closes it, not only for the first message.
    pub short_until_closed: bool,
    /// How long it waits, in milliseconds.
    pub short_wait: String,
    /// Connect timeout in milliseconds.
    pub timeout: String,
    /// Send buffer in KiB, empty for the default.
    pub send_buffer: String,
    /// Receive buffer in KiB, empty for the default.
    pub receive_buffer: String,
    /// `SO_BROADCAST`.
    pub broadcast: bool,
    /// Multicast group; empty for none.
    pub group: String,
    /// Multicast interface: its IPv4 address, or its index; empty for the system's choice.
    pub interface: String,
    /// Multicast time to live.
    pub ttl: String,
    /// Multicast datagrams sent are seen here, too.
    pub loopback: bool,
    /// Problems are shown also of fields that were not touched.
    #[serde(skip)]
    pub show_all_problems: bool,
}

impl Default for Form {
    fn default() -> Self {
        Self {
            protocol: Protocol::Udp,
            local_host: Ipv4Addr::LOCALHOST.to_string(),
            local_port: "8080".into(),
            bind_client: false,
            remote_host: Ipv4Addr::LOCALHOST.to_string(),
            remote_port: "8080".into(),
            nodelay: true,
            keepalive: false,
            abort_on_close: false,
            half_open: false,
            reconnect: false,
            short: false,
            short_until_closed: false,
            short_wait: "5000".into(),
            timeout: "5000".into(),
            send_buffer: String::new(),
            receive_buffer: String::new(),
            broadcast: true,
            group: String::new(),
            interface: String::new(),
            ttl: "1".into(),
            loopback: true,
            show_all_problems: false,
        }
    }
}

impl Form {
    /// What is wrong with `field`; `None` if nothing is, or if this protocol does not use it.
    pub fn problem(&self, field: Field) -> Option<Problem> {
        if !self.uses(field) {
            return None;
        }
        match field {
            Field::LocalHost => self.local_ip().err(),
            Field::LocalPort => port(&self.local_port, 0).err(),
            Field::RemoteHost => self.remote().err().filter(|&(at, _)| at == field).map(|(_, why)| why),
            Field::RemotePort => self.remote().err().filter(|&(at, _)| at == field).map(|(_, why)| why),
            Field::Timeout => number(&self.timeout, 1, 3_600_000).err(),
            Field::ShortWait => number(&self.short_wait, 1, 3_600_000).err(),
            Field::SendBuffer => buffer(&self.send_buffer).err(),
            Field::ReceiveBuffer => buffer(&self.receive_buffer).err(),
            Field::Group => self.group().err(),
            Field::Ttl => number(&self.ttl, 0, 255).err(),
        }
    }

    /// Whether this protocol uses `field`.
    pub fn uses(&self, field: Field) -> bool {
        match field {
            Field::LocalHost | Field::LocalPort => self.protocol != Protocol::TcpClient || self.bind_client,
            Field::RemoteHost | Field::RemotePort => self.protocol != Protocol::TcpServer,
            Field::Timeout => self.protocol == Protocol::TcpClient,
            Field::ShortWait => self.protocol == Protocol::TcpClient && self.short,
            Field::SendBuffer | Field::ReceiveBuffer => true,
            Field::Group | Field::Ttl => self.protocol == Protocol::Udp,
        }
    }

    /// The form as a link and its options, or every field that is wrong.
    ///
    /// # Errors
    /// The fields and what is wrong with each.
    pub fn link(&self) -> Result<(Link, Options), Vec<(Field, Problem)>> {
        let problems: Vec<_> = FIELDS
            .into_iter()
            .filter_map(|field| self.problem(field).map(|problem| (field, problem)))
            .collect();
        let parts = || -> Result<(Link, Options), (Field, Problem)> {
            let local = || -> Result<SocketAddr, (Field, Problem)> {
                let ip = self.local_ip().map_err(|why| (Field::LocalHost, why))?;
                Ok(SocketAddr::new(ip, port(&self.local_port, 0).map_err(|why| (Field::LocalPort, why))?))
            };
            let link = match self.protocol {
                Protocol::TcpServer => Link::TcpServer { local: local()? },
                Protocol::TcpClient => Link::TcpClient {
                    remote: self.remote()?.ok_or((Field::RemoteHost, Problem::Missing))?,
                    local: self.bind_client.then(local).transpose()?,
                },
                Protocol::Udp => {
                    let group = self.group().map_err(|why| (Field::Group, why))?;
                    Link::Udp { local: local()?, remote: self.remote()?, groups: group.into_iter().collect() }
                }
            };
            Ok((link, self.options()))
        };
        if problems.is_empty() { parts().map_err(|problem| vec![problem]) } else { Err(problems) }
    }

    /// The remote, if one is typed.
    ///
    /// # Errors
    /// Which of the two fields is wrong, and why.
    pub fn remote(&self) -> Result<Option<Endpoint>, (Field, Problem)> {
        let host = self.remote_host.trim();
        let port_text = self.remote_port.trim();
        if host.is_empty() {
            return match self.protocol {
                Protocol::TcpClient => Err((Field::RemoteHost, Problem::Missing)),
                Protocol::Udp | Protocol::TcpServer => Ok(None),
            };
        }
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let bracketed = if host.contains(':') { format!("[{host}]:1") } else { format!("{host}:1") };
        let endpoint: Endpoint =
            bracketed.parse().map_err(|_wrong| (Field::RemoteHost, Problem::NotAHost))?;
        let port = port(port_text, 1).map_err(|why| (Field::RemotePort, why))?;
        Ok(Some(Endpoint { port, ..endpoint }))
    }

    /// The remote as `HOST:PORT`, for the list of recent ones.
    pub fn remote_text(&self) -> Option<String> {
        if self.protocol == Protocol::TcpServer {
            return None;
        }
        self.remote().ok().flatten().map(|remote| remote.to_string())
    }

    /// Takes a remote from the list of recent ones.
    pub fn set_remote(&mut self, text: &str) {
        if let Ok(endpoint) = text.parse::<Endpoint>() {
            self.remote_host = endpoint.host;
            self.remote_port = endpoint.port.to_string();
        }
    }

    /// The multicast group, if one is typed.
    ///
    /// # Errors
    /// [`Problem::NotAGroup`] if it is no multicast address, or the interface is none.
    pub fn group(&self) -> Result<Option<Group>, Problem> {
        let text = self.group.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let address: IpAddr = text.parse().map_err(|_wrong| Problem::NotAGroup)?;
        if !address.is_multicast() {
            return Err(Problem::NotAGroup);
        }
        let (interface, scope) = self.interface().ok_or(Problem::NotAnAddress)?;
        Ok(Some(Group { address, interface, scope }))
    }

    /// The multicast interface: its address, or its index, or neither of them; `None` if what is typed is none.
    pub(super) fn interface(&self) -> Option<(Option<Ipv4Addr>, u32)> {
        let text = self.interface.trim();
        if text.is_empty() {
            Some((None, 0))
        } else if let Ok(index) = text.parse() {
            Some((None, index))
        } else {
            Some((Some(text.parse().ok()?), 0))
        }
    }

    fn local_ip(&self) -> Result<IpAddr, Problem> {
        let text = self.local_host.trim();
        if text.is_empty() {
            return Err(Problem::Missing);
        }
        let text = text.trim_start_matches('[').trim_end_matches(']');
        text.parse().map_err(|_wrong| Problem::NotAnAddress)
    }

    fn short(&self) -> Short {
        let until = if self.short_until_closed { ShortUntil::PeerCloses } else { ShortUntil::Answered };
        let within = Duration::from_millis(number(&self.short_wait, 1, 3_600_000).unwrap_or(5000));
        Short { until, within }
    }

    fn options(&self) -> Options {
        let (multicast_interface, multicast_scope) = self.interface().unwrap_or_default();
        Options {
            nodelay: self.nodelay,
            keepalive: self.keepalive,
            send_buffer: buffer(&self.send_buffer).unwrap_or_default(),
            receive_buffer: buffer(&self.receive_buffer).unwrap_or_default(),
            abort_on_close: self.abort_on_close,
            half_open: self.half_open,
            connect_timeout: Duration::from_millis(number(&self.timeout, 1, 3_600_000).unwrap_or(5000)),
            reconnect: self.reconnect.then(Backoff::default),
            short: self.short.then(|| self.short()),
            broadcast: self.broadcast,
            multicast_ttl: number(&self.ttl, 0, 255).ok().and_then(|n| u8::try_from(n).ok()).unwrap_or(1),
            multicast_loopback: self.loopback,
            multicast_interface,
            multicast_scope,
        }
    }
}

const FIELDS: [Field; 10] = [
    Field::LocalHost,
    Field::LocalPort,
    Field::RemoteHost,
    Field::RemotePort,
    Field::Timeout,
    Field::ShortWait,
    Field::SendBuffer,
    Field::ReceiveBuffer,
    Field::Group,
    Field::Ttl,
];

fn number(text: &str, least: u64, most: u64) -> Result<u64, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Problem::Missing);
    }
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    match text.parse() {
        Ok(n) if digits && (least..=most).contains(&n) => Ok(n),
        Ok(_) | Err(_) => Err(Problem::NotInRange(least, most)),
    }
}

fn port(text: &str, least: u64) -> Result<u16, Problem> {
    let n = number(text, least, u64::from(u16::MAX))?;
    u16::try_from(n).map_err(|_wide| Problem::NotInRange(least, u64::from(u16::MAX)))
}

/// KiB as typed → bytes. Empty means the default.
fn buffer(text: &str) -> Result<Option<u32>, Problem> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    // 1 GiB: more than any system grants.
    let kib = number(text, 1, 1 << 20)?;
    u32::try_from(kib * 1024).map(Some).map_err(|_wide| Problem::NotInRange(1, 1 << 20))
}

/// The protocol stands in the settings file under its name on the command line.
mod protocol_name {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::model::Protocol;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    pub(super) fn serialize<S: Serializer>(protocol: &Protocol, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(protocol.name())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Protocol, D::Error> {
        let name = String::deserialize(from)?;
        let known = Protocol::ALL.into_iter().find(|protocol| protocol.name() == name);
        known.ok_or_else(|| {
            D::Error::custom(format!("protocol {name:?}; right is udp, tcp-client or tcp-server"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_open_a_udp_socket_on_this_machine_only() {
        let (link, options) = Form::default().link().unwrap();
        assert_eq!(link.to_string(), "udp 127.0.0.1:8080 --remote 127.0.0.1:8080");
        assert_eq!(options, Options::default());
    }

    #[test]
    fn each_wrong_field_is_named() {
        let form = Form {
            protocol: Protocol::TcpClient,
            remote_host: "no such host".into(),
            timeout: "soon".into(),
            receive_buffer: "-1".into(),
            ..Form::default()
        };
        let problems = form.link().unwrap_err();
        assert_eq!(
            problems,
            [
                (Field::RemoteHost, Problem::NotAHost),
                (Field::Timeout, Problem::NotInRange(1, 3_600_000)),
                (Field::ReceiveBuffer, Problem::NotInRange(1, 1 << 20)),
            ]
        );
    }

    #[test]
    fn fields_of_other_protocols_do_not_matter() {
        let form = Form {
            protocol: Protocol::TcpServer,
            remote_host: "???".into(),
            remote_port: "x".into(),
            group: "1.2.3.4".into(),
            timeout: String::new(),
            ..Form::default()
        };
        assert_eq!(form.link().unwrap().0.to_string(), "tcp-server 127.0.0.1:8080");
    }

    #[test]
    fn ports_and_hosts_are_checked() {
        for (text, good) in [("0", true), ("65535", true), ("65536", false), ("+1", false), ("", false)] {
            let form = Form { local_port: text.into(), ..Form::default() };
            assert_eq!(form.problem(Field::LocalPort).is_none(), good, "{text:?}");
        }
        for (host, good) in [("::1", true), ("[::1]", true), ("a.example", true), ("a:b", false)] {
            let form = Form { remote_host: host.into(), ..Form::default() };
            assert_eq!(form.problem(Field::RemoteHost).is_none(), good, "{host:?}");
        }
        let form = Form { remote_port: "0".into(), ..Form::default() };
        assert_eq!(form.problem(Field::RemotePort), Some(Problem::NotInRange(1, 65535)));
    }

    #[test]
    fn groups_are_multicast_addresses() {
        let form = Form { group: "239.1.2.3".into(), interface: "127.0.0.1".into(), ..Form::default() };
        let group = form.group().unwrap().unwrap();
        assert_eq!(group.interface, Some(Ipv4Addr::LOCALHOST));
        let form = Form { group: "10.0.0.1".into(), ..Form::default() };
        assert_eq!(form.problem(Field::Group), Some(Problem::NotAGroup));
        let form = Form { group: "ff02::1".into(), interface: "3".into(), ..Form::default() };
        assert_eq!(form.group().unwrap().unwrap().scope, 3);
    }
}
