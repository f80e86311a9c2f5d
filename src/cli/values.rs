//! Single values as they are typed on the command line. An error says what would be right.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use crate::codec::frame::{Framing, FramingError};
use crate::codec::{duration, hex};
use crate::model::Group;
use crate::net;

/// `20ms`, `1.5s`, `2m`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let duration = duration::parse(text).map_err(|error| error.to_string())?;
    // A year is longer than any session, and short enough to be added to any clock.
    if duration > Duration::from_hours(366 * 24) {
        return Err("at most a year".to_owned());
    }
    Ok(duration)
}

/// An address of this machine, and a port.
pub(super) fn local(text: &str) -> Result<SocketAddr, String> {
    text.trim().parse().map_err(|_why: std::net::AddrParseError| {
        "right is ADDRESS:PORT, e.g. 127.0.0.1:8080, or 0.0.0.0:8080 or [::]:8080 for every interface; \
         port 0 lets the system pick one"
            .to_owned()
    })
}

/// Hex digits.
pub(super) fn hex(text: &str) -> Result<Vec<u8>, String> {
    hex::parse(text).map_err(|error| format!("{error} ({})", place(text, error.at)))
}

/// How a stream is cut into messages.
pub(super) fn framing(text: &str) -> Result<Framing, String> {
    text.parse().map_err(|error: FramingError| format!("{error} ({})", place(text, error.at)))
}

/// Where in a text a byte stands, for people.
pub(super) fn place(text: &str, at: usize) -> String {
    let n = text.get(..at).unwrap_or(text).chars().count();
    format!("at character {}", n + 1)
}

/// `GROUP[@INTERFACE]`. The interface is its name or index, or for IPv4 one of its addresses.
pub(super) fn group(text: &str) -> Result<Group, String> {
    let wrong = "right is GROUP[@INTERFACE], e.g. 239.1.2.3, 239.1.2.3@192.168.1.5, ff02::1234@eth0";
    let (address, interface) = match text.split_once('@') {
        Some((address, interface)) => (address, Some(interface)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().map_err(|_why: std::net::AddrParseError| wrong.to_owned())?;
    if !address.is_multicast() {
        return Err(format!("{address} is no multicast group (224.0.0.0 to 239.255.255.255, or ff00::/8)"));
    }
    let none = Group { address, interface: None, scope: 0 };
    let Some(interface) = interface else { return Ok(none) };
    match address {
        IpAddr::V4(_) => Ok(Group { interface: Some(v4_of(interface)?), ..none }),
        IpAddr::V6(_) => Ok(Group { scope: index_of(interface)?, ..none }),
    }
}

fn v4_of(interface: &str) -> Result<Ipv4Addr, String> {
    if let Ok(address) = interface.parse() {
        return Ok(address);
    }
    find(interface, |found| match found.address {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    })
}

fn index_of(interface: &str) -> Result<u32, String> {
    if let Ok(index) = interface.parse() {
        return Ok(index);
    }
    find(interface, |found| Some(found.index).filter(|index| *index != 0))
}

/// What `wanted` makes of an interface of this machine that has the name.
fn find<T>(name: &str, wanted: impl Fn(&net::Interface) -> Option<T>) -> Result<T, String> {
    let all = net::local_addresses().map_err(|error| format!("the interfaces cannot be listed: {error}"))?;
    all.iter().filter(|found| found.name == name).find_map(wanted).ok_or_else(|| {
        let mut names: Vec<&str> = all.iter().map(|found| found.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        format!("no interface is called ‘{name}’ and has such an address; there are {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read() {
        for (text, duration_us) in [
            ("500us", 500),
            ("500µs", 500),
            ("20ms", 20_000),
            ("1.5s", 1_500_000),
            ("2 s", 2_000_000),
            ("2m", 120_000_000),
            ("1h", 3_600_000_000),
            ("0s", 0),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_micros(duration_us)), "{text}");
        }
        for text in ["", "5", "s", "-1s", "1.2.3s", "1e9s", "5 days", "99999999h", "infs"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn groups_are_read() {
        let v4 = group("239.1.2.3@127.0.0.1").unwrap();
        assert_eq!(v4.interface, Some(Ipv4Addr::LOCALHOST));
        assert_eq!(group("ff02::1@7").unwrap().scope, 7);
        assert_eq!(group("ff02::1").unwrap().scope, 0);
        for text in ["", "127.0.0.1", "239.1.2.3@", "239.1.2.3@no-such-interface", "ff02::1@"] {
            assert!(group(text).is_err(), "{text}");
        }
    }

    #[test]
    fn hex_errors_tell_the_place() {
        assert!(hex("00 é").unwrap_err().ends_with("(at character 4)"));
        assert_eq!(place("ééx", 4), "at character 3");
    }
}
