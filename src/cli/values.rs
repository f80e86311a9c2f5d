//! Single values as they are typed on the command line. An error says what is expected.

use std::fmt;
use std::net::{AddrParseError, IpAddr, SocketAddr};
use std::num::NonZeroU64;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::codec::append::{Step, StepError};
use crate::codec::frame::{Framing, FramingError};
use crate::codec::{LineBreak, duration, rate};
use crate::export::Body;
use crate::model::{self, Endpoint, EndpointError, Expected, Fault, Local, Protocol, Repeat, Stamp};
use crate::workspace::{Address, WsUrl};

/// `20ms`, `1.5s`, `2m`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let duration = duration::parse(text).map_err(|error| error.to_string())?;
    // A year is longer than any session, and can be added to any clock.
    if duration > Duration::from_hours(366 * 24) {
        return Err("at most a year".to_owned());
    }
    Ok(duration)
}

/// The name and the command line in `NAME=COMMAND`.
pub(super) fn command(text: &str) -> Result<(String, String), String> {
    let named = text.split_once('=').map(|(name, line)| (name.trim().to_owned(), line.trim().to_owned()));
    let whole = named.filter(|(name, line)| !name.is_empty() && !line.is_empty());
    whole.ok_or_else(|| "expected NAME=COMMAND".to_owned())
}

/// The time from beat to beat of a repeat.
pub(super) fn period(text: &str) -> Result<Duration, String> {
    let period = duration(text)?;
    if period < Repeat::LEAST {
        return Err(format!("at least {}", duration::to_text(Repeat::LEAST)));
    }
    Ok(period)
}

/// Where a relay listens, and of which kind it is.
pub(super) fn relayed(text: &str) -> Result<(Protocol, Local), String> {
    match text.strip_prefix("udp:") {
        Some(text) => local(text).map(|local| (Protocol::UdpRelay, local)),
        None => local(text).map(|local| (Protocol::TcpRelay, local)),
    }
}

pub(super) fn local(text: &str) -> Result<Local, String> {
    Address::split(text).local().map_err(|problem| match (problem.fault, WsUrl::read(text)) {
        (fault @ Fault::Zone(_), _) => fault.to_string(),
        (_, Some(WsUrl { tls, address, .. })) => {
            let flags = if tls { "--ws --tls" } else { "--ws" };
            format!("expected ADDRESS:PORT; {flags} makes a WebSocket server: {address} {flags}")
        }
        _other => {
            "expected ADDRESS:PORT, e.g. 127.0.0.1:8080, or for all interfaces 0.0.0.0:8080 (IPv4), [::]:8080 (IPv6) \
                   or *:8080 (both); with port 0 the system picks a port"
                .to_owned()
        }
    })
}

/// A peer, or the address of a WebSocket.
pub(super) fn remote(text: &str) -> Result<Address, String> {
    let (checked, kept) = match WsUrl::read(text) {
        // An error must not repeat a password, so that it is found later.
        Some(url) if url.address.host.contains('@') => return Ok(Address::split(text)),
        Some(url) => (url.address.to_string(), Address::split(text)),
        None => (text.to_owned(), Address::split(text)),
    };
    let endpoint: Result<Endpoint, EndpointError> = checked.parse();
    let endpoint = endpoint.map_err(|error| match checked.split_once("://") {
        Some((scheme, rest)) => {
            let place = rest.split(['/', '?', '#']).next().unwrap_or_default();
            let (port, tls, ws) = match scheme {
                "https" | "wss" => ("443", " --tls", "wss"),
                _ => ("80", "", "ws"),
            };
            let mut address = Address::split(place);
            if address.port.is_empty() {
                port.clone_into(&mut address.port);
            }
            format!("expected HOST:PORT, e.g. {address}{tls}, or {ws}://{place}/ for WebSocket")
        }
        None => error.to_string(),
    })?;
    Ok(if WsUrl::read(text).is_some() { kept } else { endpoint.into() })
}

pub(super) fn source(text: &str) -> Result<SocketAddr, String> {
    match local(text)? {
        Local::At(address) => Ok(address),
        Local::Every(_) => {
            Err("expected ADDRESS:PORT, e.g. 192.0.2.1:0; * is for servers and UDP".to_owned())
        }
    }
}

/// A size in bytes.
pub(super) fn size(text: &str) -> Result<u64, String> {
    rate::parse(text).map(NonZeroU64::get).map_err(|_error| "expected bytes, e.g. 500M or 20G".to_owned())
}

pub(super) fn body(text: &str) -> Result<Body, String> {
    Body::named(text).ok_or_else(|| "expected text, hex or dump".to_owned())
}

pub(super) fn line_break(text: &str) -> Result<LineBreak, String> {
    LineBreak::named(text).ok_or_else(|| "expected lf, crlf or cr".to_owned())
}

pub(super) fn framing(text: &str) -> Result<Framing, String> {
    text.parse().map_err(|error: FramingError| format!("{error} ({})", place(text, error.at)))
}

pub(super) fn step(text: &str) -> Result<Step, String> {
    text.parse().map_err(|error: StepError| format!("{error} ({})", place(text, error.at)))
}

/// A peer to look for: an address, and a port if that matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Peer {
    ip: IpAddr,
    port: Option<u16>,
}

impl Peer {
    pub(super) fn is(self, address: SocketAddr) -> bool {
        address.ip().to_canonical() == self.ip && self.port.is_none_or(|port| port == address.port())
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => SocketAddr::new(self.ip, port).fmt(f),
            None => self.ip.fmt(f),
        }
    }
}

/// `ADDR[:PORT]`.
pub(super) fn peer(text: &str) -> Result<Peer, String> {
    let text = text.trim();
    let address = || text.parse().map(|address: SocketAddr| (address.ip(), Some(address.port())));
    let ip = || text.trim_matches(['[', ']']).parse().map(|ip: IpAddr| (ip, None));
    let (ip, port) = address().or_else(|_no_port| ip()).map_err(|_why: AddrParseError| {
        "expected ADDRESS or ADDRESS:PORT, e.g. 192.168.1.5, 192.168.1.5:8080, ::1, [::1]:8080".to_owned()
    })?;
    Ok(Peer { ip: ip.to_canonical(), port })
}

/// A moment; without an offset in the zone of this machine.
pub(super) fn moment(text: &str) -> Result<Stamp, String> {
    let text = text.trim();
    let local = || -> Result<jiff::Timestamp, jiff::Error> {
        Ok(text.parse::<jiff::civil::DateTime>()?.to_zoned(jiff::tz::TimeZone::system())?.timestamp())
    };
    let moment: Result<jiff::Timestamp, _> = text.parse().or_else(|_no_offset: jiff::Error| local());
    let nanoseconds = moment.map(jiff::Timestamp::as_nanosecond).map_err(|_why| {
        "expected a date and a time, e.g. 2026-11-20T22:51:15, 2026-11-20T22:51:15.123+08:00 or \
         2026-11-20T14:51:15Z"
            .to_owned()
    })?;
    // No capture has times before 1970.
    Ok(Stamp(u64::try_from(nanoseconds.max(0)).unwrap_or(u64::MAX)))
}

/// `A-B`, `A-` or `A`: numbers from 1.
pub(super) fn numbers(text: &str) -> Result<RangeInclusive<u64>, String> {
    let wrong = || "expected numbers from 1 on, e.g. 100-200, 100- or 100".to_owned();
    let number = |text: &str| text.trim().parse().ok().filter(|n| *n > 0);
    let range = match text.split_once('-') {
        None => number(text).map(|n| n..=n),
        Some((first, last)) if last.trim().is_empty() => number(first).map(|n| n..=u64::MAX),
        Some((first, last)) => number(first).and_then(|first| Some(first..=number(last)?)),
    };
    range.filter(|range| !range.is_empty()).ok_or_else(wrong)
}

/// The place of a byte in a text, for people.
pub(super) fn place(text: &str, at: usize) -> String {
    let n = text.get(..at).unwrap_or(text).chars().count();
    format!("at character {}", n + 1)
}

/// Multicast groups, `GROUP[@INTERFACE]`, as the table of options takes them.
pub(super) fn groups(text: &str) -> Result<String, String> {
    match model::groups(text, (None, 0)) {
        Ok(groups) if groups.is_empty() => Err(Expected::Group.to_string()),
        Ok(_groups) => Ok(text.to_owned()),
        Err(fault) => Err(fault.to_string()),
    }
}

/// The canonical name of a folder.
pub(super) fn folder(text: &str) -> Result<PathBuf, String> {
    let folder = Path::new(text).canonicalize().map_err(|error| model::Cause::from(error).to_string())?;
    if folder.is_dir() { Ok(folder) } else { Err("not a folder".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_periods_are_read() {
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
        for text in ["", "5", "s", "-1s", "1.2.3s", "1e9s", "5 days", "99999999h", "infs", "often"] {
            assert!(duration(text).is_err() && period(text).is_err(), "{text}");
        }
        assert_eq!(period("100us"), Ok(Repeat::LEAST));
        for text in ["99us", "0s"] {
            assert_eq!(period(text), Err("at least 100us".to_owned()));
        }
    }

    #[test]
    fn groups_are_read() {
        for (text, read) in [
            ("239.1.2.3@127.0.0.1", "239.1.2.3@127.0.0.1"),
            ("ff02::1@7 239.1.2.3", "ff02::1@7 239.1.2.3"),
            ("ff02::1", "ff02::1"),
        ] {
            assert_eq!(groups(text).as_deref(), Ok(read));
        }
        for text in ["", "127.0.0.1", "239.1.2.3@", "239.1.2.3@no-such-interface", "ff02::1@"] {
            assert!(groups(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_place_is_told_in_characters() {
        assert_eq!(place("ééx", 4), "at character 3");
        assert!(step("hex:0D é").unwrap_err().ends_with("(at character 8)"));
    }

    #[test]
    fn peers_are_read() {
        let is = |text: &str, address: &str| peer(text).unwrap().is(address.parse().unwrap());
        assert!(is("192.168.1.5", "192.168.1.5:8080") && is("192.168.1.5:8080", "192.168.1.5:8080"));
        assert!(!is("192.168.1.5:8081", "192.168.1.5:8080") && !is("192.168.1.6", "192.168.1.5:8080"));
        assert!(is("::1", "[::1]:9") && is("[::1]", "[::1]:9") && is("[::1]:9", "[::1]:9"));
        assert!(is("::ffff:1.2.3.4", "1.2.3.4:9"));
        for text in ["", "host", "1.2.3", "1.2.3.4:", "1.2.3.4:99999", ":80"] {
            assert!(peer(text).unwrap_err().contains("192.168.1.5:8080"), "{text}");
        }
    }

    #[test]
    fn moments_are_read() {
        let second = |n: u64| Ok(Stamp(n * 1_000_000_000));
        assert_eq!(moment("1970-01-01T00:00:05Z"), second(5));
        assert_eq!(moment("1970-01-01 08:00:05.000+08:00"), second(5));
        assert_eq!(moment("1950-01-01T00:00:00Z"), second(0));
        assert_eq!(moment("9000-01-01T00:00:00Z"), Ok(Stamp(u64::MAX)));
        // The zone of this machine is at most 14 hours away.
        let local = moment("1970-01-03T00:00:00").unwrap();
        assert!(local.0.abs_diff(172_800_000_000_000) <= 14 * 3_600_000_000_000, "{local:?}");
        for text in ["", "now", "12:30", "2026-13-01T00:00:00Z", "2026-11-20T25:00"] {
            assert!(moment(text).unwrap_err().contains("2026-11-20T14:51:15Z"), "{text}");
        }
    }

    #[test]
    fn numbers_are_read() {
        for (text, range) in
            [("5", 5..=5), ("5-9", 5..=9), (" 5 - 9 ", 5..=9), ("5-", 5..=u64::MAX), ("7-7", 7..=7)]
        {
            assert_eq!(numbers(text), Ok(range), "{text}");
        }
        for text in ["", "-", "-5", "0", "0-5", "9-5", "5-9-10", "five", "5..9"] {
            assert!(numbers(text).unwrap_err().contains("100-200"), "{text}");
        }
    }
}
