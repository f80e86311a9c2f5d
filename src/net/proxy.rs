//! Asks a proxy for a connection: SOCKS5 (RFC 1928, 1929) or CONNECT of HTTP (RFC 9110, 9.3.6).

use std::io;
use std::net::IpAddr;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::context::Context;
use super::dialer::NewConnection;
use super::exchange::Exchange;
use super::resolve::ascii;
use crate::codec::socks::{IPV4, IPV6, NAME, SOCKS, Step, is_whole, status};
use crate::model::{Endpoint, Password, Proxy, ProxyFault, ProxyKind, ProxyWords, method, reply};

/// The version of the exchange of user and password.
const LOGIN: u8 = 1;

/// Methods of authentication.
pub(super) const NO_LOGIN: u8 = 0;
const PASSWORD: u8 = 2;

pub(super) const CONNECT: u8 = 1;

#[derive(Debug)]
pub(super) struct Asking {
    pub(super) exchange: Exchange,
    proxy: Proxy,
    target: Endpoint,
    step: Step,
}

impl Asking {
    /// Begins the exchange over a new connection to the proxy.
    pub(super) fn begin(
        ctx: &mut Context,
        (made, deadline): (NewConnection, Instant),
        proxy: Proxy,
        target: Endpoint,
    ) -> Result<Self, ProxyFault> {
        let step = if proxy.kind == ProxyKind::Http { Step::Status } else { Step::Method };
        let mut asking = Self { exchange: Exchange::new(made, deadline), proxy, target, step };
        if step == Step::Status {
            asking.ask_http(ctx)?;
        } else {
            let methods: &[u8] =
                if asking.proxy.user.is_some() { &[NO_LOGIN, PASSWORD] } else { &[NO_LOGIN] };
            let names: Vec<String> = methods.iter().copied().map(method).collect();
            let count = u8::try_from(methods.len()).unwrap_or_default();
            let greeting = [&[SOCKS, count], methods].concat();
            asking.exchange.say(ctx, ProxyWords::Offers(names.join(", ")), &greeting, &greeting);
        }
        Ok(asking)
    }

    /// Goes on as far as it can. True once the connection to the target is made.
    pub(super) fn turn(&mut self, ctx: &mut Context) -> Result<bool, ProxyFault> {
        loop {
            let step = self.step;
            let heard = self.exchange.hear(|heard| is_whole(step, heard)).map_err(lost)?;
            let Some(message) = heard else { return Ok(false) };
            if self.answered(ctx, &message)? {
                return Ok(true);
            }
        }
    }

    /// The proxy has answered.
    fn answered(&mut self, ctx: &mut Context, message: &[u8]) -> Result<bool, ProxyFault> {
        let heard = |exchange: &Exchange, ctx: &mut Context, what| exchange.heard(ctx, what, message);
        match (self.step, message) {
            (Step::Method, [SOCKS, chosen]) => {
                heard(&self.exchange, ctx, ProxyWords::Chooses(method(*chosen)));
                match (*chosen, self.proxy.user.clone()) {
                    (NO_LOGIN, _) => self.ask(ctx)?,
                    (PASSWORD, Some(user)) => self.log_in(ctx, &user)?,
                    _other => return Err(ProxyFault::Methods),
                }
            }
            (Step::LoggedIn, [LOGIN, status]) => {
                heard(&self.exchange, ctx, ProxyWords::LoggedIn(*status == 0));
                if *status != 0 {
                    return Err(ProxyFault::Login);
                }
                self.ask(ctx)?;
            }
            (Step::Request, [SOCKS, code, _reserved, IPV4 | NAME | IPV6, ..]) => {
                heard(&self.exchange, ctx, ProxyWords::Answers(reply(*code)));
                return if *code == 0 { Ok(true) } else { Err(ProxyFault::Reply(*code)) };
            }
            // A refusal without an address.
            (Step::Request, [SOCKS, code @ 1..=255, ..]) => {
                heard(&self.exchange, ctx, ProxyWords::Answers(reply(*code)));
                return Err(ProxyFault::Reply(*code));
            }
            (Step::Status, _) => {
                if let Some((status, reason)) = status(message) {
                    heard(&self.exchange, ctx, ProxyWords::Answers(format!("{status} {reason}")));
                    match status {
                        // Another one follows.
                        100..=199 => {}
                        200..=299 => return Ok(true),
                        _ => return Err(ProxyFault::Status(status, reason)),
                    }
                } else {
                    return Err(self.not_understood(ctx, message));
                }
            }
            _ => return Err(self.not_understood(ctx, message)),
        }
        Ok(false)
    }

    fn not_understood(&mut self, ctx: &mut Context, message: &[u8]) -> ProxyFault {
        self.exchange.heard(ctx, ProxyWords::Unknown, message);
        let begins = self.exchange.beginning(message);
        let line = begins.split("\\r").next().unwrap_or_default();
        match status(line.as_bytes()).filter(|_| self.step != Step::Status) {
            Some((code, reason)) => ProxyFault::Http(format!("{code} {reason}").trim_end().to_owned()),
            None => ProxyFault::NotAProxy(begins),
        }
    }

    fn password(&self) -> Option<Password> {
        let password =
            self.proxy.password.clone().or_else(|| std::env::var(Proxy::PASSWORD).ok().map(Password));
        password.filter(|password| (1..=255).contains(&password.0.len()))
    }

    fn log_in(&mut self, ctx: &mut Context, user: &str) -> Result<(), ProxyFault> {
        let password = self.password().ok_or(ProxyFault::NoPassword)?.0;
        let message = |password: &[u8]| {
            let mut message = vec![LOGIN];
            for part in [user.as_bytes(), password] {
                message.push(u8::try_from(part.len()).unwrap_or_default());
                message.extend_from_slice(part);
            }
            message
        };
        let words = ProxyWords::LogsIn(user.to_owned());
        self.step = Step::LoggedIn;
        self.exchange.say(ctx, words, &message(password.as_bytes()), &message(&masked(password.len())));
        Ok(())
    }

    /// Asks for the target (SOCKS5).
    fn ask(&mut self, ctx: &mut Context) -> Result<(), ProxyFault> {
        let mut request = vec![SOCKS, CONNECT, 0];
        match self.target.address().map(|address| address.ip()) {
            Some(IpAddr::V4(ip)) => {
                request.push(IPV4);
                request.extend_from_slice(&ip.octets());
            }
            Some(IpAddr::V6(ip)) => {
                request.push(IPV6);
                request.extend_from_slice(&ip.octets());
            }
            None => {
                let name = ascii(&self.target.host);
                request.extend([NAME, u8::try_from(name.len()).map_err(|_long| ProxyFault::LongName)?]);
                request.extend_from_slice(name.as_bytes());
            }
        }
        request.extend_from_slice(&self.target.port.to_be_bytes());
        self.step = Step::Request;
        self.exchange.say(ctx, ProxyWords::Asks(self.target.to_string()), &request, &request);
        Ok(())
    }

    /// Asks for the target (HTTP).
    fn ask_http(&mut self, ctx: &mut Context) -> Result<(), ProxyFault> {
        let host = ascii(&self.target.host).into_owned();
        let target = Endpoint { host, port: self.target.port };
        let login = match &self.proxy.user {
            None => None,
            Some(user) => {
                let password = self.password().ok_or(ProxyFault::NoPassword)?;
                Some(STANDARD.encode(format!("{user}:{}", password.0)))
            }
        };
        let request = |login: Option<&str>| {
            let login =
                login.map_or_else(String::new, |login| format!("Proxy-Authorization: Basic {login}\r\n"));
            format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{login}\r\n").into_bytes()
        };
        let hidden = login.as_ref().map(|login| String::from_utf8_lossy(&masked(login.len())).into_owned());
        let words = ProxyWords::Asks(target.to_string());
        self.exchange.say(ctx, words, &request(login.as_deref()), &request(hidden.as_deref()));
        Ok(())
    }
}

fn masked(len: usize) -> Vec<u8> {
    vec![b'*'; len]
}

fn lost(error: io::Error) -> ProxyFault {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => ProxyFault::Closed,
        _ => ProxyFault::Broken(Box::new(error.into())),
    }
}
