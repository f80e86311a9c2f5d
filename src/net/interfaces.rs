//! The network interfaces of this machine.

use std::io;
use std::net::{IpAddr, Ipv4Addr};

/// One address of a network interface.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Interface {
    /// The system's name of the interface, such as `eth0`.
    pub name: String,
    /// The address, without a prefix length.
    pub address: IpAddr,
    /// The index of the interface, used as the scope of link-local IPv6 addresses; 0 if unknown.
    pub index: u32,
    /// The address reaches only this machine.
    pub loopback: bool,
    /// Reaches all of its network.
    pub broadcast: Option<Ipv4Addr>,
}

/// The addresses of this machine: IPv4 first, loopback last within each family.
///
/// # Errors
/// If the system cannot list its interfaces.
pub fn local_addresses() -> io::Result<Vec<Interface>> {
    let mut all: Vec<Interface> = if_addrs::get_if_addrs()?
        .into_iter()
        .map(|found| Interface {
            address: found.ip(),
            index: found.index.unwrap_or(0),
            loopback: found.is_loopback(),
            broadcast: broadcast(&found),
            name: found.name,
        })
        .collect();
    all.sort_by_key(|found| (found.address.is_ipv6(), found.loopback, found.index, found.address));
    all.dedup();
    Ok(all)
}

/// The broadcast addresses of this machine's networks; empty if unknown.
pub(super) fn broadcast_addresses() -> Vec<Ipv4Addr> {
    let Ok(found) = if_addrs::get_if_addrs() else { return Vec::new() };
    found.iter().filter_map(broadcast).collect()
}

fn broadcast(interface: &if_addrs::Interface) -> Option<Ipv4Addr> {
    match &interface.addr {
        if_addrs::IfAddr::V4(v4) => v4.broadcast,
        if_addrs::IfAddr::V6(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_listed_after_the_others_of_its_family() {
        let all = local_addresses().unwrap();
        let loopback = all.iter().position(|found| found.address == IpAddr::V4(Ipv4Addr::LOCALHOST)).unwrap();
        assert!(all[loopback].loopback);
        assert!(all[..loopback].iter().all(|found| found.address.is_ipv4()));
        assert!(all[loopback..].iter().filter(|found| found.address.is_ipv4()).all(|found| found.loopback));
    }
}
