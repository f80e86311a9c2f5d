//! Interfaces of this machine by name: the zones of IPv6 addresses (RFC 4007), and where multicast groups are joined.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use super::Fault;
use crate::codec::number;

thread_local! {
    /// The names of interfaces by their index, as read last: addresses are shown in each row and frame.
    static KNOWN: RefCell<BTreeMap<u32, String>> = const { RefCell::new(BTreeMap::new()) };
}

/// The names of the interfaces that are up, each once.
pub fn names() -> Vec<String> {
    let mut names: Vec<String> =
        if_addrs::get_if_addrs().unwrap_or_default().into_iter().map(|found| found.name).collect();
    names.sort();
    names.dedup();
    names
}

fn unknown() -> Fault {
    Fault::Zone(names())
}

/// The index of a zone, given as its index or the name of its interface.
fn index(zone: &str) -> Option<u32> {
    number::parse(zone).or_else(|| named(zone).find_map(|found| found.index))
}

fn named(name: &str) -> impl Iterator<Item = if_addrs::Interface> {
    if_addrs::get_if_addrs().unwrap_or_default().into_iter().filter(move |found| found.name == name)
}

/// The IPv4 address of an interface, and its index; for an index or an address, only that.
///
/// # Errors
/// When there is no such interface.
pub(super) fn interface(text: &str) -> Result<(Option<Ipv4Addr>, u32), Fault> {
    if let Ok(address) = text.parse() {
        return Ok((Some(address), 0));
    }
    let v4 = named(text).find_map(|found| match found.ip() {
        IpAddr::V4(v4) => Some(v4),
        IpAddr::V6(_) => None,
    });
    index(text).map(|index| (v4, index)).ok_or_else(unknown)
}

/// An address without its port, with the name of its zone if it has one that this machine knows, else with its index.
pub(crate) fn host(address: SocketAddr) -> String {
    let SocketAddr::V6(v6) = address else { return address.ip().to_string() };
    let (ip, index) = (v6.ip(), v6.scope_id());
    if index == 0 {
        return ip.to_string();
    }
    KNOWN.with_borrow_mut(|known| {
        if !known.contains_key(&index) {
            let all = if_addrs::get_if_addrs().unwrap_or_default();
            known.extend(all.into_iter().filter_map(|found| Some((found.index?, found.name))));
        }
        known.get(&index).map_or_else(|| format!("{ip}%{index}"), |name| format!("{ip}%{name}"))
    })
}

/// An address as people read it: with the name of its zone, `[fe80::1%eth0]:80`.
#[derive(Debug, Clone, Copy)]
pub struct Named(pub SocketAddr);

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            SocketAddr::V6(v6) if v6.scope_id() != 0 => write!(f, "[{}]:{}", host(self.0), v6.port()),
            plain => plain.fmt(f),
        }
    }
}

/// An IPv6 address and its zone, `fe80::1%eth0`; `None` for any other text.
fn split(text: &str) -> Option<(Ipv6Addr, &str)> {
    let (ip, zone) = text.split_once('%')?;
    Some((ip.parse().ok()?, zone)).filter(|_| !zone.is_empty())
}

/// Whether the text is an address, which may have a zone that this machine does not have.
pub(super) fn is_address(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok() || split(text).is_some()
}

/// An address, with or without a zone; `None` for a text that is none.
///
/// # Errors
/// When this machine does not have the zone.
pub fn address(text: &str, port: u16) -> Option<Result<SocketAddr, Fault>> {
    if let Ok(ip) = text.parse::<IpAddr>() {
        return Some(Ok(SocketAddr::new(ip, port)));
    }
    let (ip, zone) = split(text)?;
    let with = |index| SocketAddr::V6(SocketAddrV6::new(ip, port, 0, index));
    Some(index(zone).map(with).ok_or_else(unknown))
}
