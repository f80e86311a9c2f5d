//! Names of peers.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::codec::glyph;
use crate::model::Expected;
use crate::model::zone::{self, Named};

/// The longest name, in characters.
const LONGEST: usize = 64;

/// Names by address, or by host for all ports of it: `10.3.3.1:80`, `10.3.3.1`, `[::1]:80`, `::1`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct PeerNames(Arc<BTreeMap<String, String>>);

/// Whether a name looks like something else in the log: like an address, a direction, or like another name.
fn deceives(name: &str) -> bool {
    let is_address = name.parse::<IpAddr>().is_ok() || name.parse::<SocketAddr>().is_ok();
    let is_unclear = |c: char| {
        // Arrows; fillers, other blanks and selectors of variants, which are not seen; characters of no fixed look.
        matches!(
            c,
            '\u{2190}'
                ..='\u{21FF}' | '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' | '\u{2800}' | '\u{34F}'
        ) || matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{FFFC}' | '\u{FFFD}' | '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..)
            || c.is_whitespace() && c != ' '
    };
    is_address || name.chars().any(is_unclear)
}

/// The address and port of a text like `10.3.3.1:80` or `[fe80::1%eth0]:80`, if this machine has its zone.
pub(super) fn address(text: &str) -> Option<SocketAddr> {
    let (host, port) = text.trim().rsplit_once(':')?;
    let host = host.strip_prefix('[').map_or(Some(host), |host| host.strip_suffix(']'))?;
    let is_bare_v6 = host.contains(':') && !text.contains('[');
    zone::address(host, port.parse().ok()?).filter(|_| !is_bare_v6)?.ok()
}

/// How an address, with or without a port, is written as a key; one in a zone that this machine lacks, as it is.
fn canonical(key: &str) -> Option<String> {
    let key = key.trim();
    let host = || match zone::address(key, 0)? {
        Ok(host) => Some(PeerNames::host(host)),
        Err(_) => Some(key.to_owned()),
    };
    address(key).map(|peer| Named(peer).to_string()).or_else(host)
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key(String);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let key = canonical(&String::deserialize(from)?).ok_or(Expected::PeerAddress);
        key.map(Self).map_err(serde::de::Error::custom)
    }
}

struct Name(String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        PeerNames::check(&name).map(|name| Self(name.to_owned())).map_err(serde::de::Error::custom)
    }
}

impl Serialize for PeerNames {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.as_ref().serialize(to)
    }
}

impl<'de> Deserialize<'de> for PeerNames {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let all = BTreeMap::<Key, Name>::deserialize(from)?;
        Ok(Self(Arc::new(all.into_iter().map(|(key, name)| (key.0, name.0)).collect())))
    }
}

impl PeerNames {
    /// The name, without blanks around it.
    ///
    /// # Errors
    /// When it is blank, too long, has invisible characters or arrows, or is an address.
    pub fn check(name: &str) -> Result<&str, Expected> {
        let name = name.trim();
        // A name of megabytes is not looked at to its end.
        let has_length = (1..=LONGEST).contains(&name.chars().take(LONGEST + 1).count());
        let is_seen = |name: &str| name.chars().all(|c| glyph::visible(c) == c);
        Some(name).filter(|name| has_length && is_seen(name) && !deceives(name)).ok_or(Expected::PeerName)
    }

    /// The host of an address, without brackets.
    pub fn host(peer: SocketAddr) -> String {
        let address = Named(peer).to_string();
        let host = address.rsplit_once(':').map_or(address.as_str(), |(host, _)| host);
        host.trim_matches(['[', ']']).to_owned()
    }

    /// The name of a peer: that of its address, or else of its host.
    pub fn get(&self, peer: SocketAddr) -> Option<&str> {
        if self.0.is_empty() {
            return None;
        }
        self.of_address(peer).or_else(|| self.of_host(peer))
    }

    /// The name of all ports of a peer's host.
    pub fn of_host(&self, peer: SocketAddr) -> Option<&str> {
        self.0.get(&Self::host(peer)).map(String::as_str)
    }

    /// The name of this address alone.
    pub fn of_address(&self, peer: SocketAddr) -> Option<&str> {
        self.0.get(&Named(peer).to_string()).map(String::as_str)
    }

    /// The name of a peer, or its address.
    pub fn shown(&self, peer: SocketAddr) -> String {
        self.get(peer).map_or_else(|| Named(peer).to_string(), str::to_owned)
    }

    /// Gives a peer, or all ports of its host, a name; an empty one removes it.
    pub fn set(&mut self, peer: SocketAddr, all_ports: bool, name: &str) {
        let (address, host) = (Named(peer).to_string(), Self::host(peer));
        let names = Arc::make_mut(&mut self.0);
        names.remove(&address);
        let key = if all_ports { host } else { address };
        match Self::check(name) {
            Ok(name) => names.insert(key, name.to_owned()),
            Err(_) => names.remove(&key),
        };
    }
}

#[cfg(test)]
impl super::any::Any for PeerNames {
    fn any() -> proptest::strategy::BoxedStrategy<Self> {
        use proptest::strategy::Strategy as _;
        let key = proptest::prop_oneof![
            "10\\.0\\.0\\.[1-9]",
            "10\\.0\\.0\\.[1-9]:[1-9]",
            "fe80::[1-9]",
            "\\[::1\\]:[1-9]"
        ];
        let all = proptest::collection::btree_map(key, "[a-z测\"'#]{1,9}", 0..3);
        all.prop_map(|all| Self(Arc::new(all))).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{SavedTab, WorkspaceFile};
    use super::*;

    #[test]
    fn an_address_has_its_name_before_its_host() {
        let text =
            "[[session]]\n[session.names]\n'10.3.3.1:80' = '表 1'\n'10.3.3.1' = 'host'\n'::1' = 'six'\n";
        let session = WorkspaceFile::parse(text.to_owned()).unwrap().workspace.sessions.remove(0);
        let mut names = session.names.clone();
        let at = |text: &str| text.parse::<SocketAddr>().unwrap();
        assert_eq!(names.get(at("10.3.3.1:80")), Some("表 1"));
        assert_eq!(names.get(at("10.3.3.1:81")), Some("host"));
        assert_eq!(
            (names.get(at("[::1]:9")), names.shown(at("[::2]:9"))),
            (Some("six"), "[::2]:9".to_owned())
        );
        let tab = SavedTab::new(session, String::new(), None, None);
        assert_eq!(SavedTab::from_text(&tab.to_text().unwrap().0, None).unwrap().session.names, names);
        names.set(at("10.3.3.1:80"), false, " ");
        assert_eq!(names.get(at("10.3.3.1:80")), Some("host"));
        names.set(at("10.3.3.1:80"), true, "all");
        assert_eq!(names.get(at("10.3.3.1:81")), Some("all"));
    }

    #[test]
    fn names_that_could_deceive_are_refused() {
        let long = "x".repeat(65);
        for name in
            ["", " ", "a\\nb", "a\\u001Bb", "a\\u202Eb", "a\\u200Bb", "a\\u2067b", &long].into_iter().chain([
                "127.5.1.2:9999",
                "::1",
                "→ TX",
                "a\\u3164b",
                "a\\u00A0b",
                "a\\uFE0Fb",
                "\\u2800",
                "\\uE000",
            ])
        {
            let text = format!("[[session]]\nstart = true\n[session.names]\n'::1' = \"{name}\"\n");
            let problem = WorkspaceFile::parse(text).unwrap_err();
            assert_eq!((problem.line, problem.problem.fault), (4, Expected::PeerName.into()), "{name}");
        }
        // Megabytes are not looked at.
        assert_eq!(PeerNames::check(&"x".repeat(4 << 20)), Err(Expected::PeerName));
    }

    #[test]
    fn keys_that_are_no_address_are_refused() {
        for (key, fault) in [
            ("\"a\\u202Eb\"", Some(Expected::PeerAddress)),
            ("'plc.example'", Some(Expected::PeerAddress)),
            ("'127.5.1.999'", Some(Expected::PeerAddress)),
            ("'::1:80:x'", Some(Expected::PeerAddress)),
            ("'10.0.0.1:99999'", Some(Expected::PeerAddress)),
            ("127.0.0.1", Some(Expected::PeerAddress)),
            ("'0:0:0:0:0:0:0:1'", None),
            ("'fe80::1%nowhere0'", None),
        ] {
            let text = format!("[[session]]\nstart = true\n[session.names]\n{key} = 'x'\n");
            let read = WorkspaceFile::parse(text).map_err(|problem| (problem.line, problem.problem.fault));
            assert_eq!(read.as_ref().err(), fault.map(|fault| (4, fault.into())).as_ref(), "{key}");
            if key.starts_with("'0:0") {
                let names = read.unwrap().workspace.sessions.remove(0).names;
                assert_eq!(names.get("[::1]:7".parse().unwrap()), Some("x"), "however it is written");
            }
        }
    }
}
