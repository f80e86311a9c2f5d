//! The exchange with a proxy, SOCKS5 (RFC 1928) or CONNECT of HTTP (RFC 9110, 9.3.6): when a message is whole, and what it asks
//! for.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// The version of SOCKS, and the older one with its least request.
pub const SOCKS: u8 = 5;
/// The older version.
pub const SOCKS4: u8 = 4;
const LEAST_SOCKS4: usize = 9;

/// Types of addresses.
pub const IPV4: u8 = 1;
/// A name, after its length.
pub const NAME: u8 = 3;
/// An address of IPv6.
pub const IPV6: u8 = 4;

/// The longest head of an HTTP message, in bytes.
pub const MAX_HEAD: usize = 8192;

/// What is expected next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Of a client: the greeting of SOCKS5, or the first message of another protocol.
    First,
    /// Of a client: its request. Of a proxy: the reply to it.
    Request,
    /// Of a proxy: the method that it chooses.
    Method,
    /// Of a proxy: whether user and password are right.
    LoggedIn,
    /// Of a proxy: a response of HTTP.
    Status,
}

/// Whether a message is whole, or so wrong that no more of it is needed.
pub fn is_whole(step: Step, heard: &[u8]) -> bool {
    match (step, heard) {
        (Step::Method | Step::LoggedIn, _) => heard.len() >= 2,
        (Step::Request, _) => is_whole_request(heard),
        (Step::First, [SOCKS, n, methods @ ..]) => methods.len() >= usize::from(*n),
        (Step::First, [SOCKS] | []) => false,
        (Step::First, [SOCKS4, ..]) => heard.len() >= LEAST_SOCKS4,
        (Step::Status, _) | (Step::First, [b'A'..=b'Z', ..]) => is_whole_head(heard),
        (Step::First, _) => true,
    }
}

/// Version, command or reply, reserved, type of address, address, port.
fn is_whole_request(heard: &[u8]) -> bool {
    let len = match heard {
        [SOCKS, _, _, IPV4, ..] => 10,
        [SOCKS, _, _, IPV6, ..] => 22,
        [SOCKS, _, _, NAME] | [] => return false,
        [SOCKS, _, _, NAME, len, ..] => 7 + usize::from(*len),
        [SOCKS, ..] => 4,
        _ => return true,
    };
    heard.len() >= len
}

fn is_whole_head(heard: &[u8]) -> bool {
    ends_head(heard) || heard.len() >= MAX_HEAD || heard.first() == Some(&SOCKS)
}

/// Whether the bytes end with the blank line that ends a head.
pub fn ends_head(heard: &[u8]) -> bool {
    heard.ends_with(b"\r\n\r\n") || heard.ends_with(b"\n\n")
}

/// The target in a request of SOCKS5, as `HOST:PORT`. The name is as the client sent it.
pub fn target(request: &[u8]) -> Option<String> {
    let (&[_, _, _, kind], rest) = request.split_first_chunk()?;
    let (address, port) = rest.split_last_chunk()?;
    let port = u16::from_be_bytes(*port);
    let ip = |ip: IpAddr| SocketAddr::new(ip, port).to_string();
    match kind {
        IPV4 => <[u8; 4]>::try_from(address).ok().map(|octets| ip(octets.into())),
        IPV6 => <[u8; 16]>::try_from(address).ok().map(|octets| ip(Ipv6Addr::from(octets).into())),
        NAME => {
            let name = str::from_utf8(address.get(1..)?).ok()?;
            Some(if name.contains(':') { format!("[{name}]:{port}") } else { format!("{name}:{port}") })
        }
        _ => None,
    }
}

/// The first line of a head, and the target in it if it asks for CONNECT.
pub fn connect(head: &[u8]) -> (String, Option<String>) {
    let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let first = String::from_utf8_lossy(first).trim_end().to_owned();
    let mut words = first.split_whitespace();
    let target = words.next().filter(|method| *method == "CONNECT").map(|_| words.next().unwrap_or_default());
    let target = target.map(str::to_owned);
    (first, target)
}

/// The code and the reason in the head of an HTTP response.
pub fn status(head: &[u8]) -> Option<(u16, String)> {
    let head = str::from_utf8(head).ok().filter(|head| head.len() < MAX_HEAD)?;
    let (version, rest) = head.lines().next()?.split_once(' ')?;
    let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
    let code =
        code.parse().ok().filter(|code| (100..=599).contains(code) && version.starts_with("HTTP/1."))?;
    Some((code, reason.trim().escape_debug().to_string()))
}
