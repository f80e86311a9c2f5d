//! Is the proxy of a client: hears which target it wants, and answers. SOCKS5 without authentication (RFC 1928), and CONNECT
//! of HTTP (RFC 9110, 9.3.6).

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Instant;

use super::context::Context;
use super::dialer::NewConnection;
use super::exchange::{Exchange, shown};
use super::proxy::{CONNECT, NO_LOGIN};
use crate::codec::socks::{IPV4, IPV6, SOCKS, SOCKS4, Step, connect, ends_head, is_whole, target};
use crate::model::{Cause, ClientFault, Endpoint, NetError, OsFault, ProxyFault, ProxyWords, method, reply};

/// The refusal of the older SOCKS.
const REFUSAL_SOCKS4: [u8; 8] = [0, 91, 0, 0, 0, 0, 0, 0];

/// Replies (RFC 1928, 6).
const FAILURE: u8 = 1;
const FORBIDDEN: u8 = 2;
const NETWORK: u8 = 3;
const HOST: u8 = 4;
const REFUSED: u8 = 5;
const COMMAND: u8 = 7;
const ADDRESS: u8 = 8;

#[derive(Debug)]
pub(super) struct Serving {
    pub(super) exchange: Exchange,
    step: Step,
    is_http: bool,
}

impl Serving {
    pub(super) fn new(made: NewConnection, deadline: Instant) -> Self {
        Self { exchange: Exchange::new(made, deadline), step: Step::First, is_http: false }
    }

    /// The target that the client wants, once it is known. A fault is answered; `None` if the client has left.
    pub(super) fn turn(&mut self, ctx: &mut Context) -> Result<Option<Endpoint>, Option<ClientFault>> {
        loop {
            let step = self.step;
            let heard = self.exchange.hear(|heard| is_whole(step, heard)).map_err(|_gone: io::Error| None)?;
            let Some(message) = heard else { return Ok(None) };
            match (step, message.as_slice()) {
                (Step::First, [SOCKS, _, methods @ ..]) => {
                    let names: Vec<String> = methods.iter().copied().map(method).collect();
                    self.exchange.heard(ctx, ProxyWords::Offers(names.join(", ")), &message);
                    let chosen = if methods.contains(&NO_LOGIN) { NO_LOGIN } else { u8::MAX };
                    self.say(ctx, ProxyWords::Chooses(method(chosen)), &[SOCKS, chosen]);
                    if chosen != NO_LOGIN {
                        return Err(Some(ClientFault::Methods));
                    }
                    self.step = Step::Request;
                }
                (Step::First, [b'A'..=b'Z', ..]) => return self.http(ctx, &message).map(Some).map_err(Some),
                (Step::Request, [SOCKS, command, _, _, ..]) => {
                    let target = target(&message).and_then(|target| target.parse::<Endpoint>().ok());
                    let words =
                        target.as_ref().map_or(ProxyWords::Unknown, |at| ProxyWords::Asks(at.to_string()));
                    self.exchange.heard(ctx, words, &message);
                    let (fault, code) = match target {
                        _ if *command != CONNECT => (ClientFault::Command(*command), COMMAND),
                        Some(target) => return Ok(Some(target)),
                        None => (ClientFault::Address, ADDRESS),
                    };
                    self.reply(ctx, code, (Ipv4Addr::UNSPECIFIED, 0).into());
                    return Err(Some(fault));
                }
                (_, message) => {
                    self.exchange.heard(ctx, ProxyWords::Unknown, message);
                    if message.starts_with(&[SOCKS4]) {
                        self.say(ctx, ProxyWords::Answers("91".to_owned()), &REFUSAL_SOCKS4);
                        return Err(Some(ClientFault::Socks4));
                    }
                    return Err(Some(ClientFault::Other(self.exchange.beginning(message))));
                }
            }
        }
    }

    fn http(&mut self, ctx: &mut Context, head: &[u8]) -> Result<Endpoint, ClientFault> {
        self.is_http = true;
        let (first, asked) = connect(head);
        let is_connect = asked.is_some();
        let target = asked.and_then(|target| target.parse::<Endpoint>().ok());
        let asks = target.as_ref().map_or(ProxyWords::Unknown, |at| ProxyWords::Asks(at.to_string()));
        self.exchange.heard(ctx, asks, head);
        if !ends_head(head) {
            self.status(ctx, "431 Request Header Fields Too Large");
            return Err(ClientFault::LongHead(shown(first.as_bytes())));
        }
        if !is_connect {
            self.status(ctx, "405 Method Not Allowed");
            return Err(ClientFault::Http(shown(first.as_bytes())));
        }
        target.ok_or_else(|| {
            self.status(ctx, "400 Bad Request");
            ClientFault::Address
        })
    }

    /// Tells the client that it is connected to the target, from this address.
    pub(super) fn connected(&mut self, ctx: &mut Context, from: SocketAddr) {
        if self.is_http { self.status(ctx, "200 Connection established") } else { self.reply(ctx, 0, from) }
    }

    /// Tells the client why it is not.
    pub(super) fn failed(&mut self, ctx: &mut Context, error: &NetError) {
        let code = code(&error.cause);
        match code {
            _ if !self.is_http => self.reply(ctx, code, (Ipv4Addr::UNSPECIFIED, 0).into()),
            FORBIDDEN => self.status(ctx, "403 Forbidden"),
            _ if is_late(&error.cause) => self.status(ctx, "504 Gateway Timeout"),
            _ => self.status(ctx, "502 Bad Gateway"),
        }
    }

    fn reply(&mut self, ctx: &mut Context, code: u8, bound: SocketAddr) {
        let mut message = vec![SOCKS, code, 0];
        match bound.ip() {
            IpAddr::V4(ip) => {
                message.push(IPV4);
                message.extend_from_slice(&ip.octets());
            }
            IpAddr::V6(ip) => {
                message.push(IPV6);
                message.extend_from_slice(&ip.octets());
            }
        }
        message.extend_from_slice(&bound.port().to_be_bytes());
        self.say(ctx, ProxyWords::Answers(reply(code)), &message);
    }

    fn status(&mut self, ctx: &mut Context, status: &str) {
        let is_wrong = status.starts_with("405");
        let body = if is_wrong { "This is a proxy for CONNECT and SOCKS5; ask for a tunnel.\n" } else { "" };
        let len = body.len();
        let more = format!("Content-Length: {len}\r\nConnection: close\r\n");
        let more = if status.starts_with('2') { "" } else { &more };
        let allow = if is_wrong { "Allow: CONNECT\r\nContent-Type: text/plain\r\n" } else { "" };
        let message = format!("HTTP/1.1 {status}\r\n{allow}{more}\r\n{body}");
        self.say(ctx, ProxyWords::Answers(status.to_owned()), message.as_bytes());
    }

    fn say(&mut self, ctx: &mut Context, what: ProxyWords, message: &[u8]) {
        self.exchange.say(ctx, what, message, message);
    }
}

/// The reply that says why there is no connection.
fn code(cause: &Cause) -> u8 {
    match cause {
        Cause::Os { fault: OsFault::ConnectionRefused, .. } => REFUSED,
        Cause::Os { fault: OsFault::NetworkUnreachable | OsFault::NetworkDown, .. } => NETWORK,
        Cause::Os { fault: OsFault::HostUnreachable | OsFault::TimedOut | OsFault::UnknownHost, .. }
        | Cause::TimedOut(_)
        | Cause::NoAddress => HOST,
        Cause::RelaysToItself => FORBIDDEN,
        Cause::Proxy(_, fault) => match **fault {
            ProxyFault::Reply(code) => code,
            _ => FAILURE,
        },
        _ => FAILURE,
    }
}

fn is_late(cause: &Cause) -> bool {
    matches!(cause, Cause::TimedOut(_) | Cause::Os { fault: OsFault::TimedOut, .. })
}
