//! Proxies: where one is, what is said to it or to a client of one, and what goes wrong.

use std::borrow::Cow;
use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::zone::Named;
use super::{Cause, Endpoint, Expected, Fault, Local};
use crate::codec::socks::MAX_HEAD;
use crate::codec::{named_enum, worded_enum};

named_enum! {
    /// How a proxy is spoken to.
    pub enum ProxyKind {
        /// SOCKS5 (RFC 1928). The proxy looks up the name of the target.
        Socks5h = "socks5h",
        /// SOCKS5. The name of the target is looked up here.
        Socks5 = "socks5",
        /// CONNECT of HTTP (RFC 9110, 9.3.6).
        Http = "http",
    }
}

/// A proxy through which connections are made: `socks5h://USER@HOST:PORT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// How it is spoken to.
    pub kind: ProxyKind,
    /// Where it is.
    pub at: Endpoint,
    /// The user, if it wants to know.
    pub user: Option<String>,
    /// The password as typed; `None` for that in the environment.
    pub password: Option<Password>,
}

/// A password, which no output shows.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Password(pub String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl Proxy {
    /// The environment variable of its password.
    pub const PASSWORD: &'static str = "NETASSIST_PROXY_PASSWORD";

    /// The address of a proxy as typed, without a password that does not belong there.
    pub fn without_password(text: &str) -> Cow<'_, str> {
        let (scheme, rest) = text.split_at(text.find("://").map_or(0, |at| at + 3));
        let (login, at) = rest.rfind('@').map_or((rest, ""), |at| rest.split_at(at));
        match login.split_once(':') {
            // What is being typed where the port will be may be one, too.
            Some((kept, secret)) if !at.is_empty() || !rest.starts_with('[') && !is_port(secret) => {
                format!("{scheme}{kept}{at}").into()
            }
            _ => text.into(),
        }
    }
}

fn is_port(text: &str) -> bool {
    text.trim_end_matches('/').bytes().all(|byte| byte.is_ascii_digit())
}

impl FromStr for Proxy {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        let (scheme, rest) = text.split_once("://").ok_or(Expected::Proxy)?;
        let kind = ProxyKind::ALL.into_iter().find(|kind| scheme.eq_ignore_ascii_case(kind.name()));
        let kind = kind.ok_or(Expected::Proxy)?;
        let (user, at) = rest.rsplit_once('@').map_or((None, rest), |(user, at)| (Some(user), at));
        if user.is_some_and(|user| user.contains(':')) {
            return Err(Fault::PasswordTyped);
        }
        let is_user = |user: &str| (1..=255).contains(&user.len()) && !user.contains(char::is_control);
        if user.is_some_and(|user| !is_user(user)) {
            return Err(Expected::Proxy.into());
        }
        let at = at.strip_suffix('/').unwrap_or(at).parse().ok().filter(|at: &Endpoint| at.port > 0);
        let at = at.ok_or(Expected::Proxy)?;
        Ok(Self { kind, at, user: user.map(str::to_owned), password: None })
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.kind.name(), self.at)
    }
}

/// One message of the exchange with a proxy, or with a client of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("proxy, {} {}: {what}", if *.sent { "to" } else { "from" }, Named(*peer))]
#[serde(rename_all = "kebab-case")]
pub struct ProxyMessage {
    /// The proxy or the client.
    pub peer: SocketAddr,
    /// Whether it was sent to it.
    pub sent: bool,
    /// What it says.
    pub what: ProxyWords,
    /// All of its bytes, in hex. A password is replaced with as many asterisks.
    pub bytes: String,
}

worded_enum! {
    /// What a message of an exchange with a proxy says.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
    #[serde(rename_all = "kebab-case")]
    pub enum ProxyWords {
        Offers(String) = "authentication methods {0}";
        Chooses(String) = "method {0}";
        LogsIn(String) = "user {0} and the password, which is not recorded";
        LoggedIn(bool) = "user {}" (if *.0 { "and password accepted" } else { "or password refused" });
        Asks(String) = "connect to {0}";
        /// A number and its name.
        Answers(String) = "answer {0}";
        Unknown = "not understood";
    }
}

worded_enum! {
    /// What a session notes of proxies.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
    #[serde(rename_all = "kebab-case")]
    pub enum ProxyNote {
        /// A message was exchanged.
        Said(ProxyMessage) = "{0}";
        Open(String) = "everybody who can reach {0} can connect through it: it is a proxy without a password";
    }
}

impl ProxyNote {
    /// The note of a proxy at an address that others can reach.
    pub fn open(local: Local) -> Option<Self> {
        (!local.address().ip().is_loopback()).then(|| Self::Open(local.to_string()))
    }
}

/// The name of an authentication method (RFC 1928, 3).
pub fn method(code: u8) -> String {
    match code {
        0 => "no authentication".to_owned(),
        1 => "GSSAPI".to_owned(),
        2 => "username/password".to_owned(),
        255 => "none acceptable".to_owned(),
        other => other.to_string(),
    }
}

/// The name of a reply (RFC 1928, 6), after its number.
pub fn reply(code: u8) -> String {
    let name = match code {
        0 => "succeeded",
        1 => "general SOCKS server failure",
        2 => "connection not allowed by ruleset",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "TTL expired",
        7 => "command not supported",
        8 => "address type not supported",
        _ => "unassigned",
    };
    format!("{code}, {name}")
}

worded_enum! {
    /// Why there is no connection through a proxy.
    #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
    #[serde(rename_all = "kebab-case")]
    pub enum ProxyFault {
        /// The proxy cannot be reached, or the connection to it was lost.
        Broken(Box<Cause>) = "no connection to it: {0}";
        /// It accepts connections, but says nothing within this many milliseconds.
        Silent(u64) = "it does not answer within {0} ms";
        Closed = "it closed the connection during the exchange";
        NotAProxy(String) = "it is another kind of server; it sent ‘{0}’";
        /// It is no SOCKS proxy: the status with which it answers, as a web server does.
        Http(String) = "it answers HTTP {0}, not SOCKS";
        /// It accepts none of the methods of authentication.
        Methods = "it wants authentication";
        /// It wants a password, and there is none.
        NoPassword = "it wants the password of the user";
        Login = "it refuses the user or the password";
        /// It refuses the target with this code (RFC 1928, 6).
        Reply(u8) = "it answers {}" (reply(*.0));
        /// It refuses the target with this status line (HTTP).
        Status(u16, String) = "it answers {0} {1}";
        LongName = "the host name is longer than 255 bytes";
    }
}

worded_enum! {
    /// Why a client of a proxy gets no connection.
    #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
    #[serde(rename_all = "kebab-case")]
    pub enum ClientFault {
        Socks4 = "it speaks SOCKS4";
        /// It does not offer to do without authentication.
        Methods = "it insists on authentication";
        /// It wants something other than a connection (RFC 1928, 4).
        Command(u8) = "it asks for {}" (match .0 { 2 => "BIND".to_owned(), 3 => "UDP ASSOCIATE".to_owned(), code => format!("command {code}") });
        Address = "it asks for an invalid address";
        /// It makes another request than CONNECT (HTTP): how that begins.
        Http(String) = "it sent ‘{0}’";
        LongHead(String) = "the head of its request has more than {MAX_HEAD} bytes; it begins with ‘{0}’";
        Other(String) = "it is no client of a proxy; it sent ‘{0}’";
    }
}

worded_enum! {
    /// What would help where there is no connection through a proxy.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
    pub enum ProxyHint {
        Password = "--proxy SCHEME://USER@HOST:PORT names the user, the environment variable {} has the password" (Proxy::PASSWORD);
        Scheme = "it may be a proxy of another kind: socks5h://, socks5:// or http://";
        Rules = "its rules forbid this target";
        Target = "check that the target is running and can be reached from the proxy";
        Name = "with socks5h://, the proxy looks up the name itself";
        Supported = "supported are CONNECT of SOCKS5 without authentication (socks5h://) and CONNECT of HTTP (curl --proxytunnel)";
    }
}

impl ProxyFault {
    /// What would help.
    pub fn hint(&self) -> Option<ProxyHint> {
        Some(match self {
            Self::Methods | Self::NoPassword | Self::Login | Self::Status(407, _) => ProxyHint::Password,
            Self::NotAProxy(_) | Self::Http(_) | Self::Closed | Self::Silent(_) => ProxyHint::Scheme,
            Self::Reply(2) | Self::Status(403, _) => ProxyHint::Rules,
            Self::Reply(1 | 3..=6) | Self::Status(500.., _) => ProxyHint::Target,
            Self::Reply(8) => ProxyHint::Name,
            _ => return None,
        })
    }
}
