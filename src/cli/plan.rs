//! What a session on the command line is to do, all worked out before anything is opened.

mod file;

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::ArgMatches;

use super::answers::Answers;
use super::args::{
    Print, Relay, Sent, SessionCommand, SessionFlags, Stdin, Steps, TcpClient, TcpServer, Udp,
};
use super::pages::Pages;
use super::values;
use crate::codec::compose::{Manner, Mode};
use crate::codec::frame::Framing;
use crate::codec::template::Template;
use crate::codec::{Charset, LineBreak, append, duration};
use crate::export::{Body, Destination};
use crate::model::{Fault, Link, OptionSpec, Options, Problem, Protocol, Rules, SendPart, Then};
use crate::workspace::{self, Address, TypedOptions};

#[derive(Debug)]
pub(super) struct Plan {
    pub(super) link: Link,
    pub(super) options: Options,
    pub(super) rules: Arc<Rules>,
    pub(super) pages: Pages,
    /// What to send to each peer, in order.
    pub(super) send: Arc<[SendPart]>,
    pub(super) timing: Timing,
    pub(super) charset: Charset,
    pub(super) send_charset: Option<Charset>,
    /// What is sent for line breaks of standard input; `None` for what they are.
    pub(super) line_break: Option<LineBreak>,
    /// What is done with standard input; `None` for the default.
    pub(super) stdin: Option<Stdin>,
    /// What goes to standard output; `None` for the default.
    pub(super) print: Option<Print>,
    /// How a log shows data.
    pub(super) body: Body,
    /// The framing applied to incoming data, for rules and output.
    pub(super) framing: Framing,
    pub(super) capture: Option<Destination>,
    /// The log that is written while the session runs.
    pub(super) log: Option<PathBuf>,
    pub(super) limits: Limits,
    /// What the file sets without effect.
    pub(super) warnings: Vec<String>,
}

#[derive(Debug, Clone)]
pub(super) enum Timing {
    AtOnce,
    Repeated(Beat),
    Sequence(Steps),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Beat {
    /// The period.
    pub(super) every: Duration,
    /// How often, to each peer; `None` without end.
    pub(super) count: Option<u64>,
}

/// The session ends when the first of these is reached.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Limits {
    pub(super) lasting: Option<Duration>,
    /// No data for this time.
    pub(super) idle: Option<Duration>,
    /// Bytes received.
    pub(super) bytes: Option<u64>,
    /// Clients that have connected and left.
    pub(super) connections: Option<u64>,
}

impl Plan {
    pub(super) fn of(command: SessionCommand, matches: &ArgMatches) -> Result<Self, String> {
        match command {
            SessionCommand::TcpClient(TcpClient { remote, local, options, session }) => {
                let ends = (local.map(Address::from), Some(remote));
                Self::of_flags(Protocol::TcpClient, ends, options.typed(), session, matches)
            }
            SessionCommand::TcpServer(TcpServer { local, max_connections, options, session }) => {
                let ends = (Some(local.into()), None);
                let mut plan = Self::of_flags(Protocol::TcpServer, ends, options.typed(), session, matches)?;
                plan.limits.connections = max_connections;
                Ok(plan)
            }
            SessionCommand::Udp(Udp { local, remote, options, session }) => {
                let ends = (Some(local.into()), remote.map(Address::from));
                Self::of_flags(Protocol::Udp, ends, options.typed(), session, matches)
            }
            SessionCommand::Relay(Relay { local, to, max_connections, options, session }) => {
                if session.echo || session.relay {
                    let flag = if session.echo { "--echo" } else { "--relay" };
                    return Err(format!("'{flag}' is not for relay, which forwards all data by itself"));
                }
                let ((protocol, local), options) = (local, options.typed());
                let ends = (Some(local.into()), to);
                let mut plan = Self::of_flags(protocol, ends, options, session, matches)?;
                plan.limits.connections = max_connections;
                Ok(plan)
            }
            SessionCommand::Run(args) => Self::of_file(args, matches),
        }
    }

    /// Nobody decides on messages here, so that rules can hold them only for a time.
    pub(super) fn without_decisions(mut self) -> Self {
        // Elsewhere they have no effect, which is told.
        let relays = self.link.protocol().relays();
        for rule in Arc::make_mut(&mut self.rules).rules.iter_mut().filter(|_| relays) {
            if rule.then == Then::Hold(None) {
                rule.then = Then::Hold(Some(Duration::ZERO));
                self.warnings.push(format!(
                    "{} holds messages until somebody decides; on the command line they pass at once \
                     (hold = \"30s\" holds them for that time)",
                    rule.title()
                ));
            }
        }
        self
    }

    /// The options that have no effect under its rules.
    fn unused_under_rules(&self, form: &workspace::Session) -> Vec<Problem> {
        let has_sequences = matches!(self.timing, Timing::Sequence(_));
        let unused = form.options.unused_under(&self.rules, form.protocol, has_sequences);
        unused.map(|(name, fault)| Problem::new(format!("options.{name}"), fault)).collect()
    }

    fn of_flags(
        protocol: Protocol,
        (local, remote): (Option<Address>, Option<Address>),
        mut options: TypedOptions,
        session: SessionFlags,
        matches: &ArgMatches,
    ) -> Result<Self, String> {
        short_wait(&mut options, &session.answers.within)?;
        let (local, remote) = (local.unwrap_or_default(), remote.unwrap_or_default());
        let form = workspace::Session { protocol, local, remote, options, ..workspace::Session::default() };
        let starts_tls = session.answers.start_tls;
        check_effect(&form, &form.options, starts_tls)?;
        let wrong = |problem: Problem| in_flags(&form, &problem);
        let opened = form.link().map_err(wrong)?;
        let mut plan = Self::new(opened, session, Vec::new(), matches)?;
        let framed = workspace::Session { framing: plan.framing.to_string(), ..form.clone() };
        plan.warnings.extend(check_effect(&framed, &form.options, starts_tls)?);
        Arc::make_mut(&mut plan.rules).relay = form.relay_faults().map_err(wrong)?;
        if let Some(unused) = plan.unused_under_rules(&form).first() {
            return Err(in_flags(&form, unused));
        }
        Ok(Self { log: form.log_file().map(PathBuf::from), ..plan })
    }

    /// `kept` is sent, too.
    fn new(
        (link, options): (Link, Options),
        mut session: SessionFlags,
        kept: Vec<Sent>,
        matches: &ArgMatches,
    ) -> Result<Self, String> {
        let (short, charset) = (options.short, session.charset);
        if options.ws.sends_text() {
            (session.charset, session.send_charset) = (Charset::Utf8, None);
        }
        if session.answers.start_tls
            && (options.tls.on
                || options.ws.on
                || !matches!(link.protocol(), Protocol::TcpClient | Protocol::TcpServer))
        {
            return Err(
                "'--start-tls' is for TCP connections that begin without TLS and WebSocket".to_owned()
            );
        }
        let list = send_list(&session, link.protocol(), kept, matches)?;
        let answers = &session.answers;
        if !answers.within.is_empty() && answers.expect.is_empty() && short.is_none() {
            return Err(
                "'--within <DURATION>' needs '--expect <PATTERN>', or '--short' of tcp-client".to_owned()
            );
        }
        let timing = if answers.make_a_sequence_of(&list) {
            let manner = (session.charset, session.escapes || !session.no_escapes);
            Timing::Sequence(answers.steps(list.clone(), manner, matches)?)
        } else {
            let beat = |every| Timing::Repeated(Beat { every, count: session.count });
            session.every.map_or(Timing::AtOnce, beat)
        };
        let waits = match &timing {
            Timing::Sequence(_) if short.is_some() => {
                return Err("short connections cannot run a sequence ('--send-page <PAGE>', \
                            '--expect <PATTERN>', '--pause <DURATION>' or '--loops <N>')"
                    .to_owned());
            }
            Timing::Sequence(steps) => steps.wait(),
            Timing::AtOnce | Timing::Repeated(_) => false,
        };
        let send: Vec<SendPart> = list.into_iter().filter_map(|sent| sent.row.what).collect();
        if send.is_empty() && (short.is_some() || session.every.is_some()) {
            let what = if short.is_some() { "short connections need" } else { "'--every <DURATION>' needs" };
            return Err(format!("{what} '--send', '--send-hex' or '--send-file': there is nothing to send"));
        }
        let has_messages = matches!(session.print, Some(Print::Hex | Print::Log));
        // What a relay holds or does to data is done to messages, and its log shows them.
        let hears = short.is_some() || waits || session.rules.is_some() || link.protocol().relays();
        let is_framed = session.frame.as_ref().is_some_and(|framing| *framing != Framing::AsReceived);
        if is_framed && !has_messages && !hears {
            return Err(
                "'--framing <FRAMING>' needs '--print hex' or '--print log', '--rules <FILE.toml>', \
                 '--expect <PATTERN>' or '--short': nothing else has messages"
                    .to_owned(),
            );
        }
        let Answers { rules, framing, pages, warnings } = Answers::new(&session, link.protocol())?;
        let framing = session.frame.or(framing).unwrap_or_default();
        let mut options = options;
        options.tls.later = session.answers.start_tls;
        Ok(Self {
            link,
            options,
            rules: Arc::new(rules),
            pages,
            send: send.into(),
            timing,
            charset,
            send_charset: session.send_charset,
            line_break: session.line_break,
            stdin: session.stdin,
            print: session.print,
            body: session.body.unwrap_or_default(),
            framing,
            capture: session.capture.map(|path| Destination { path, overwrite: session.overwrite }),
            log: None,
            limits: Limits {
                lasting: session.lasting,
                idle: session.idle,
                bytes: session.max_bytes,
                connections: None,
            },
            warnings,
        })
    }
}

/// All kinds of `--send`, in the order in which they stand on the command line.
fn send_list(
    session: &SessionFlags,
    protocol: Protocol,
    kept: Vec<Sent>,
    matches: &ArgMatches,
) -> Result<Vec<Sent>, String> {
    let SessionFlags { send, send_hex, send_mixed, files, .. } = session;
    let n_messages = send.len() + send_hex.len() + send_mixed.len();
    let needs = "needs '--send <TEXT>', '--send-hex <HEX>'";
    if session.placeholders && n_messages == 0 {
        return Err(format!("'--placeholders' {needs} or '--send-mixed <TEXT>'"));
    }
    if !session.append.is_empty() && n_messages == 0 && files.file_lines.is_none() {
        return Err(format!("'--append <WHAT>' {needs}, '--send-mixed <TEXT>' or '--file-lines'"));
    }
    let mut list = kept;
    let places = |name| matches.indices_of(name).into_iter().flatten();
    for (name, mode, texts) in [
        ("send", Mode::Text, send),
        ("send_hex", Mode::Hex, send_hex),
        ("send_mixed", Mode::Mixed, send_mixed),
    ] {
        for (place, text) in places(name).zip(texts) {
            list.push(Sent::plain(place, message(text, mode, session)?));
        }
    }
    for place in places("start_tls").filter(|_| session.answers.start_tls) {
        list.push(Sent::plain(place, SendPart::StartTls));
    }
    for (place, path) in places("send_file").zip(&files.send_file) {
        let wrong = |why: String| format!("invalid value for '--send-file': {}{why}", path.display());
        let failed = |error: std::io::Error| wrong(format!(": {error}"));
        if !std::fs::metadata(path).map_err(failed)?.is_file() {
            return Err(wrong(" is not a regular file; a pipe or a device can be standard input".to_owned()));
        }
        std::fs::File::open(path).map_err(failed)?;
        let file = files.to_send(path, protocol, &session.append)?;
        list.push(Sent::plain(place, SendPart::File(file.into())));
    }
    list.sort_by_key(|sent| sent.place);
    Ok(list)
}

/// What is wrong with a session of flags, by their names.
fn in_flags(form: &workspace::Session, problem: &Problem) -> String {
    let flag = |name: &str| OptionSpec::find(name).map_or_else(String::new, OptionSpec::flag);
    let (is_client, is_udp) = (form.protocol.connects(), form.protocol == Protocol::Udp);
    let name = match problem.path.split_once('.').unwrap_or((&problem.path, "")) {
        ("options", name) => flag(name),
        ("remote", _) if is_client => "<HOST:PORT>".to_owned(),
        ("remote", _) => format!("--{} <HOST:PORT>", if is_udp { "remote" } else { "to" }),
        ("local", _) => if is_client { "--local <ADDR:PORT>" } else { "<ADDR:PORT>" }.to_owned(),
        _ => return problem.to_string(),
    };
    match &problem.fault {
        Fault::Missing => format!("'{name}' is required"),
        Fault::NeededFor(what) => format!("'{name}' is required with '--{what}'"),
        Fault::Unused(Protocol::UdpRelay) => format!("'{name}' is not for a relay of datagrams"),
        Fault::Unused(protocol) => format!("'{name}' is not for {}", protocol.name()),
        Fault::UnusedFault(..) => format!("invalid value for '{name}': {}", problem.fault),
        Fault::Needs(others) => {
            let named = |name: &&str| match name.strip_prefix(OptionSpec::RULES) {
                Some(which) => format!("'--rules <FILE.toml>'{which}"),
                None => format!("'{}'", flag(name)),
            };
            let others: Vec<String> = others.iter().map(named).collect();
            format!("'{name}' needs {}", others.join(" or "))
        }
        Fault::GivesWay("remote") => {
            format!("'{name}' has no effect with '{}', which says the same", form.remote.host)
        }
        Fault::GivesWay(other) => match flag(other) {
            flag if flag.is_empty() => format!("'{name}' has no effect with '--{other}'"),
            flag => format!("'{name}' has no effect with '{flag}'"),
        },
        fault => format!("invalid value for '{name}': {fault}"),
    }
}

/// Refuses options of flags that have no effect. Returns what is worth a warning.
fn check_effect(
    form: &workspace::Session,
    flags: &TypedOptions,
    starts_tls: bool,
) -> Result<Vec<String>, String> {
    let mut warnings = Vec::new();
    for problem in form.unused() {
        let name = problem.path.strip_prefix("options.").unwrap_or_default();
        match &problem.fault {
            _ if !flags.has(name) => {}
            Fault::Needs(others) if starts_tls && others.contains(&"tls") => {}
            Fault::Unframed(_) => warnings.push(format!("'--{name}': {}", problem.fault)),
            _ => return Err(in_flags(form, &problem)),
        }
    }
    Ok(warnings)
}

/// With short connections, `--within` is how long each of them waits.
fn short_wait(options: &mut TypedOptions, within: &[Duration]) -> Result<(), String> {
    if options.text("short").is_empty() {
        return Ok(());
    }
    match within {
        [] => {}
        [within] => options.set("short-wait", duration::to_text(*within)),
        [_, _, ..] => return Err("'--within <DURATION>' can be given only once with '--short'".to_owned()),
    }
    Ok(())
}

fn message(text: &str, mode: Mode, session: &SessionFlags) -> Result<SendPart, String> {
    // Clap keeps only the last of the two options.
    let escapes = session.escapes || !session.no_escapes;
    let manner = Manner { mode, escapes, charset: session.send_charset.unwrap_or(session.charset) };
    let option = match mode {
        Mode::Text => "--send <TEXT>",
        Mode::Hex => "--send-hex <HEX>",
        Mode::Mixed => "--send-mixed <TEXT>",
    };
    let wrong = |at: usize, why: String| {
        format!("invalid value '{text}' for '{option}': {why} ({})", values::place(text, at))
    };
    let breaks = session.line_break.filter(|_| mode != Mode::Hex);
    let typed = breaks.map_or(Cow::Borrowed(text), |kind| kind.apply(text));
    let wrong = |at: usize, why: String| wrong(breaks.map_or(at, |kind| kind.origin(text, at)), why);
    if session.placeholders {
        let template = Template::parse(&typed, manner, session.append.clone());
        let template = template.map_err(|error| wrong(error.at, error.to_string()))?;
        return Ok(SendPart::Template(Arc::new(template)));
    }
    let bytes = manner.parse(&typed).map_err(|error| wrong(error.at, error.to_string()))?;
    let whole = append::apply(&session.append, bytes);
    let whole = whole.map_err(|fault| format!("invalid value for '--append <WHAT>': {fault}"))?;
    let whole = Arc::from(whole);
    Ok(if mode == Mode::Hex { SendPart::Hex(whole) } else { SendPart::Bytes(whole) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Job, Parsed, parse_from};
    use crate::model::{OPTIONS, OptionSpec, RelayFaults, Tls, Typed, WebSocket};

    /// What the command line opens.
    fn opened(args: &[&str]) -> (Link, Options, Option<PathBuf>, RelayFaults) {
        match parse_from([&["netassist"], args].concat()) {
            Ok(Parsed::Run(crate::cli::Run(Job::Session(plan)))) => {
                (plan.link, plan.options, plan.log, plan.rules.relay.clone())
            }
            other => panic!("{args:?}: {other:?}"),
        }
    }

    fn flag(spec: &OptionSpec, value: &str) -> String {
        match (spec.typed, value) {
            (Typed::Flag { .. }, "true") => format!("--{}", spec.name),
            (Typed::Flag { .. }, _) => format!("--no-{}", spec.name),
            (Typed::Choice(_) | Typed::Text { .. }, value) => format!("--{}={value}", spec.name),
        }
    }

    fn fields_of(tls: &Tls) -> [String; 11] {
        let Tls {
            on,
            later,
            legs,
            name,
            ca,
            cert,
            key,
            alpn,
            only_1_3,
            insecure,
            clients,
            keylog,
            authority,
        } = tls;
        assert_eq!((*later, authority), (false, &None), "set by the program");
        [
            format!("{on} tls"),
            format!("{legs:?} tls-legs"),
            format!("{name:?} tls-name"),
            format!("{ca:?} tls-ca"),
            format!("{cert:?} tls-cert"),
            format!("{key:?} tls-key"),
            format!("{alpn:?} tls-alpn"),
            format!("{only_1_3} tls-min"),
            format!("{insecure} tls-insecure"),
            format!("{clients:?} tls-clients"),
            format!("{keylog:?} keylog"),
        ]
    }

    /// The fields of the options, each with the option that sets it.
    fn fields() -> Vec<String> {
        // Each field of the options is set by some option: another field makes this fail to compile.
        let Options {
            nodelay,
            keepalive,
            send_buffer,
            receive_buffer,
            abort_on_close,
            half_open,
            connect_timeout,
            connect_on_data,
            reconnect,
            short,
            pass_after,
            max_answer,
            rule_memory,
            answer_rate,
            keep_slow,
            broadcast,
            multicast_ttl,
            multicast_loopback,
            multicast_interface,
            multicast_scope,
            rotate,
            log_format,
            tls,
            ws,
            layers,
            proxy,
        } = Options::default();
        let mut left = vec![
            format!("{nodelay} nodelay"),
            format!("{keepalive:?} keep-alive"),
            format!("{send_buffer:?} send-buffer"),
            format!("{receive_buffer:?} receive-buffer"),
            format!("{abort_on_close} abort-on-close"),
            format!("{half_open} half-open"),
            format!("{connect_timeout:?} connect-timeout"),
            format!("{connect_on_data} connect-on-data"),
            format!("{reconnect:?} reconnect"),
            format!("{short:?} short"),
            format!("{pass_after:?} pass-after"),
            format!("{max_answer} max-answer"),
            format!("{rule_memory} rule-memory"),
            format!("{answer_rate:?} answer-rate"),
            format!("{keep_slow} keep-slow"),
            format!("{broadcast} broadcast"),
            format!("{multicast_ttl} ttl"),
            format!("{multicast_loopback} loopback"),
            format!("{multicast_interface:?} {multicast_scope} interface"),
            format!("{rotate:?} rotate"),
            format!("{log_format:?} log-format"),
            format!("{layers:?} record"),
            format!("{proxy:?} proxy"),
        ];
        left.extend(fields_of(&tls));
        let WebSocket { on, legs, path, protocols, origin, headers, send, close, ping } = ws;
        left.extend([
            format!("{on} ws"),
            format!("{legs:?} ws-legs"),
            format!("{path:?} ws-path"),
            format!("{protocols:?} ws-protocol"),
            format!("{origin:?} ws-origin"),
            format!("{headers:?} ws-header"),
            format!("{send:?} ws-send"),
            format!("{close:?} ws-close"),
            format!("{ping:?} ws-ping"),
        ]);
        left
    }

    #[test]
    fn each_option_of_a_file_is_a_flag_that_opens_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lab.toml");
        let run = path.to_str().unwrap();
        let rules = folder.path().join("rules.toml");
        std::fs::write(&rules, "[[rule]]\nthen = 'drop'\n").unwrap();
        let mut left = fields();
        for protocol in Protocol::ALL {
            let (local, remote) = ("local = '127.0.0.1:0'", "remote = '127.0.0.1:9'");
            let (args, ends): (&[&str], String) = match protocol {
                Protocol::Udp => (&["udp", "127.0.0.1:0"], local.to_owned()),
                Protocol::TcpClient => (&["tcp-client", "127.0.0.1:9"], remote.to_owned()),
                Protocol::TcpServer => (&["tcp-server", "127.0.0.1:0"], local.to_owned()),
                Protocol::TcpRelay => {
                    (&["relay", "127.0.0.1:0", "--to", "127.0.0.1:9"], format!("{local}\n{remote}"))
                }
                Protocol::UdpRelay => {
                    (&["relay", "udp:127.0.0.1:0", "--to", "127.0.0.1:9"], format!("{local}\n{remote}"))
                }
            };
            let name = protocol.name();
            for spec in OPTIONS.iter().filter(|spec| spec.is_for(protocol)) {
                // What it needs, and what that needs.
                let mut before = Vec::new();
                while let Some(name) = before.last().copied().unwrap_or(spec).needs(protocol).first() {
                    before.push(OptionSpec::find(name).unwrap());
                }
                let mut needs: Vec<String> = before.iter().map(|spec| flag(spec, spec.example())).collect();
                needs.extend(match spec.name {
                    "short" | "short-wait" => vec!["--send=x".to_owned()],
                    // A file may write one only where that is allowed.
                    "log-file" | "log-format" | "keylog" => vec!["--allow-folder=.".to_owned()],
                    _ if spec.needs_rules(protocol).is_some() => vec![format!("--rules={}", rules.display())],
                    _ => Vec::new(),
                });
                let needs: Vec<&str> = needs.iter().map(String::as_str).collect();
                let line = |spec: &OptionSpec, value: &str| {
                    let quote = if matches!(spec.typed, Typed::Flag { .. }) { "" } else { "'" };
                    format!("{} = {quote}{value}{quote}\n", spec.name)
                };
                let also: String = before.iter().map(|spec| line(spec, spec.example())).collect();
                let file = |value: &str| {
                    let value = line(spec, value);
                    let text =
                        format!("[[session]]\nprotocol = '{name}'\n{ends}\n[session.options]\n{also}{value}");
                    std::fs::write(&path, text).unwrap();
                };
                // A file names others from its own folder.
                let beside = folder.path().join("file.pem").display().to_string();
                let example = if spec.example() == "file.pem" { &beside } else { spec.example() };
                let given = flag(spec, example);
                // A proxy has no upstream server.
                let with = if spec.name == "socks" { &args[..2] } else { args };
                let by_flag = opened(&[with, &needs, &[&given]].concat());
                file(example);
                assert_eq!(opened(&[&["run", run], &needs[..]].concat()), by_flag, "{given}");
                assert_ne!(opened(&[args, &needs].concat()), by_flag, "{given} changes something");
                // The flag counts, whatever the file says.
                file(spec.usual());
                assert_eq!(opened(&[&["run", run], &needs[..], &[&given]].concat()), by_flag, "{given}");
                left.retain(|field| !field.ends_with(&format!(" {}", spec.name)));
            }
        }
        assert_eq!(left, [""; 0], "set by no option");
    }
}
