//! Options, rules and faults that would have no effect: refused as flags, and told of a file.

use netassist::model::{OPTIONS, OptionSpec, Protocol, Typed};
use tempfile::TempDir;

use super::process::{path, run};

const CLIENT: [&str; 2] = ["tcp-client", "127.0.0.1:1"];
const SERVER: [&str; 4] = ["tcp-server", "127.0.0.1:0", "--for", "1ms"];
const RELAY: [&str; 6] = ["relay", "127.0.0.1:0", "--to", "127.0.0.1:1", "--for", "1ms"];

#[test]
fn flags_without_effect_are_refused_by_their_names() {
    for (session, args, why) in [
        (&CLIENT[..], &["--ws-path", "/x"][..], "'--ws-path <PATH>' needs '--ws'"),
        (&CLIENT, &["--tls-ca", "x.pem"], "'--tls-ca <FILE>' needs '--tls'"),
        (&CLIENT, &["--tls", "--tls-key", "x"], "'--tls-key <FILE>' needs '--tls-cert <FILE>'"),
        (&CLIENT, &["--record", "wire"], "'--record <WHAT>' needs '--tls' or '--ws'"),
        (&CLIENT, &["--ws", "--half-open"], "'--half-open' has no effect with '--ws'"),
        (&CLIENT, &["--short-wait", "1s"], "needs '--short'"),
        (
            &["tcp-client", "ws://127.0.0.1:1/a"],
            &["--ws-path", "/b"],
            "'--ws-path <PATH>' has no effect with 'ws://127.0.0.1:1/a'",
        ),
        (
            &["relay", "127.0.0.1:0", "--to", "wss://127.0.0.1:1/"],
            &["--tls-legs", "clients"],
            "'--tls-legs <LEGS>' has no effect with 'wss://127.0.0.1:1/'",
        ),
        (&["tcp-client", "ws://127.0.0.1:1/a b"], &[], "'<HOST:PORT>': expected a path that begins with /"),
        (&RELAY, &["--fault", "burst=3"], "'--fault <FAULTS>': burst: has no effect without loss"),
        (
            &RELAY,
            &["--fault", "up:bits=3", "--fault", "down:corrupt=5%"],
            "bits: has no effect without corrupt",
        ),
        (
            &RELAY,
            &["--fault", "delay=1s,match=a"],
            "match: has no effect without loss or corrupt or duplicate",
        ),
        (&RELAY, &["--fault", "match=a,loss=5%"], "match: the pattern takes the rest of its line"),
        (&RELAY, &["--fault", "los=5%"], "unknown key; did you mean ‘loss’?"),
        (&CLIENT, &["--tls", "--tls-min", "1.4"], "expected one of 1.2, 1.3; did you mean ‘1.3’?"),
        (
            &SERVER,
            &["--start-tls", "--send", "x", "--send-file", "/no/such"],
            "/no/such: no such file or folder",
        ),
        (&SERVER, &["--max-connections", "0"], "expected a whole number from 1 on"),
        (&CLIENT, &["--send", "x", "--loops", "x"], "expected a whole number from 1 on"),
        (&CLIENT, &["--log-format", "csv"], "needs '--log-file <FILE>'"),
        (&SERVER, &["--connect-timeout", "1s"], "needs '--tls' or '--ws'"),
        (
            &SERVER,
            &["--tls", "--tls-clients", "require"],
            "'--tls-ca <FILE>' is required with '--tls-clients require'",
        ),
        (&RELAY, &["--seed", "7"], "'--seed <N>' needs '--fault <FAULTS>'"),
        (&RELAY, &["--fault", "size=9"], "size is not used by a tcp-relay session"),
        (&RELAY, &["--fault", "up:reorder=9%"], "reorder is not used by a tcp-relay session"),
        (&RELAY, &["--fault", "sideways:loss=5%"], "sideways: expected one of up:, down:"),
        (&RELAY, &["--fault", "delay=1s,loss=150%"], "loss: expected a percentage from 0% to 100%"),
        (&CLIENT, &["--proxy", "foo://x"], "invalid value for '--proxy <URL>': expected socks5h://"),
        (&["tcp-client", "http://x/y"], &[], "expected HOST:PORT, e.g. x:80, or ws://x/ for WebSocket"),
        (&["tcp-client", "https://x:8443"], &[], "e.g. x:8443 --tls, or wss://x:8443/"),
        (&["tcp-server", "wss://127.0.0.1:1/"], &[], "makes a WebSocket server: 127.0.0.1:1 --ws --tls"),
        (&["tcp-client", "ws://u:secret@x"], &[], "'<HOST:PORT>': expected a host without user and password"),
    ] {
        let ended = run(&[session, args].concat());
        let said = ended.stderr.join("\n");
        assert!(ended.status == 2 && said.contains(why), "{session:?} {args:?}: {said}");
        assert!(!said.contains("secret"), "{said}");
    }
    let ended = run(&[&RELAY[..], &["--fault", "loss=5%"]].concat());
    let warning =
        "warning: '--fault': loss acts on messages; without a framing, whatever a read returns is one";
    assert!(ended.status == 0 && ended.stderr.contains(&warning.to_owned()), "{:?}", ended.stderr);
    for args in [&["--framing", "line"][..], &["--ws"]] {
        let ended = run(&[&RELAY[..], args, &["--fault", "loss=5%"]].concat());
        assert!(!ended.stderr.iter().any(|line| line.starts_with("warning")), "{:?}", ended.stderr);
    }
}

/// What is wrong with a command line.
fn wrong(args: &[String]) -> String {
    let parsed =
        netassist::cli::parse_from(std::iter::once("netassist".to_owned()).chain(args.iter().cloned()));
    parsed.err().unwrap_or_else(|| panic!("{args:?} is right")).to_string()
}

#[test]
fn every_option_that_needs_another_or_gives_way_is_refused_without_effect() {
    let flag = |name: &str, value: &str| match OptionSpec::find(name).unwrap().typed {
        Typed::Flag { .. } => format!("--{name}"),
        Typed::Choice(_) | Typed::Text { .. } => format!("--{name}={value}"),
    };
    let example = |spec: &OptionSpec| flag(spec.name, spec.example());
    let mut n_told = 0;
    for protocol in Protocol::ALL {
        let to = ["--to", "127.0.0.1:1"];
        let ends: &[&str] = match protocol {
            Protocol::Udp => &["udp", "127.0.0.1:0"],
            Protocol::TcpClient => &["tcp-client", "127.0.0.1:1"],
            Protocol::TcpServer => &["tcp-server", "127.0.0.1:0"],
            Protocol::TcpRelay => &["relay", "127.0.0.1:0"],
            Protocol::UdpRelay => &["relay", "udp:127.0.0.1:0"],
        };
        for spec in OPTIONS.iter().filter(|spec| spec.is_for(protocol)) {
            let (needs, rules) = (spec.needs(protocol), spec.needs_rules(protocol));
            let without = |more: &[String]| {
                let gives_way_to_socks = more.iter().any(|flag| flag == "--socks");
                let to = if protocol.relays() && !gives_way_to_socks { &to[..] } else { &[] };
                let args: Vec<String> = ends.iter().chain(to).map(|&arg| arg.to_owned()).collect();
                wrong(&[&args, more, &[example(spec)]].concat())
            };
            if !needs.is_empty() || rules.is_some() {
                let said = without(&[]);
                let all = needs.iter().map(|name| format!("'--{name}"));
                assert!(said.contains(&format!("'--{}", spec.name)) && said.contains(" needs "), "{said}");
                assert!(all.into_iter().all(|name| said.contains(&name)), "{said}");
                assert!(rules.is_none() || said.contains("'--rules <FILE.toml>'"), "{said}");
                n_told += 1;
            }
            let Some(other) = spec.gives_way_to() else { continue };
            let (name, value) = other.split_once(' ').unwrap_or((other, ""));
            if !OptionSpec::find(name).unwrap().is_for(protocol) {
                continue;
            }
            let mut more: Vec<String> =
                needs.iter().filter(|need| **need != name).map(|need| flag(need, "")).collect();
            more.push(if name == "short" && value.is_empty() {
                "--short".to_owned()
            } else {
                flag(name, value)
            });
            more.extend((name == "short").then(|| "--send=x".to_owned()));
            more.extend(name.ends_with("-legs").then(|| format!("--{}", name.trim_end_matches("-legs"))));
            more.dedup();
            more.sort();
            more.dedup();
            let said = without(&more);
            assert!(
                said.contains(&format!("--{}", spec.name)) && said.contains(&format!("--{name}")),
                "{said}"
            );
            n_told += 1;
        }
    }
    assert!(n_told > 40, "{n_told}");
}

#[test]
fn every_invalid_value_is_told_with_what_is_accepted() {
    let ends: [(&str, &[&str]); 5] = [
        ("tcp-client", &["127.0.0.1:1"]),
        ("tcp-server", &["127.0.0.1:0"]),
        ("udp", &["127.0.0.1:0"]),
        ("relay", &["127.0.0.1:0", "--to", "127.0.0.1:1"]),
        ("export", &["x.pcapng", "--format", "csv"]),
    ];
    let command = netassist::cli::command();
    for (name, ends) in ends {
        let subcommand = command.find_subcommand(name).unwrap();
        let flags = subcommand.get_arguments().filter(|arg| arg.get_action().takes_values());
        for flag in
            flags.filter_map(clap::Arg::get_long).filter(|flag| !ends.contains(&&*format!("--{flag}")))
        {
            let args: Vec<String> = [name].iter().chain(ends).map(|&arg| arg.to_owned()).collect();
            let args = [args, vec![format!("--{flag}=\u{1}")]].concat();
            let parsed = netassist::cli::parse_from(
                std::iter::once("netassist".to_owned()).chain(args.iter().cloned()),
            );
            let Err(error) = parsed else { continue };
            let said = error.to_string();
            if said.starts_with("error: invalid value") {
                // Windows knows by its name that there is no such file.
                let tells = [
                    "expected ",
                    "possible values: ",
                    "no such file",
                    "invalid file name",
                    " (at character 1)",
                ];
                assert!(tells.iter().any(|words| said.contains(words)), "{args:?}: {said}");
            }
        }
    }
}

#[test]
fn datagrams_that_have_nowhere_to_go_are_no_success() {
    let ended = run(&["udp", "127.0.0.1:0", "--send", "x", "--for", "1ms"]);
    let why =
        "error: nothing was sent: no peer has sent a datagram; '--remote <HOST:PORT>' says where to send";
    assert!(ended.status == 1 && ended.stderr.contains(&why.to_owned()), "{:?}", ended.stderr);
}

#[test]
fn files_of_a_tls_that_starts_later_are_read_at_once() {
    for session in [SERVER, ["tcp-client", "127.0.0.1:1", "--for", "1ms"]] {
        let ended = run(&[&session[..], &["--start-tls", "--tls-cert", "/no/such"]].concat());
        let said = ended.stderr.join("\n");
        assert!(ended.status == 1 && said.contains("cannot read file /no/such"), "{said}");
    }
}

#[test]
fn what_a_file_sets_without_effect_is_told() {
    let folder = TempDir::new().unwrap();
    let file = path(folder.path(), "session.toml");
    let rules = "[[session.rule]]\nname = 'swap'\nthen = 'replace'\n[[session.rule]]\nfrom = 'client'\ncontent = 'x'\n\
                 [[session.rule]]\non = false\nthen = 'hold'\n";
    let head = "[[session]]\nprotocol = 'tcp-server'\nlocal = '127.0.0.1:0'\n";
    let options = "[session.options]\nws-ping = '1s'\nkeep = 2\n";
    std::fs::write(&file, format!("{head}{options}{rules}")).unwrap();
    let warnings = |args: &[&str]| {
        let ended = run(args);
        assert_eq!(ended.status, 0, "{:?}", ended.stderr);
        let told =
            ended.stderr.into_iter().filter_map(|line| line.strip_prefix("warning: ").map(str::to_owned));
        told.map(|line| line.replace(&file, "F")).collect::<Vec<_>>()
    };
    let of_rules = [
        "F, line 9, column 1: rule 1 ‘swap’, then: not used by a tcp-server session",
        "F, line 11, column 1: rule 2, from: not used by a tcp-server session",
    ];
    let of_options = [
        "F, line 5, column 1: options.ws-ping: has no effect without ws",
        "F, line 6, column 1: options.keep: has no effect without rotate",
    ];
    let all = [&of_options[..], &of_rules].concat();
    assert_eq!(warnings(&["run", &file, "--for", "1ms"]), all);
    // With a flag it has one.
    assert_eq!(warnings(&["run", &file, "--for", "1ms", "--ws"]), all[1..]);
    assert_eq!(warnings(&[&SERVER[..], &["--rules", &file]].concat()), of_rules);
    // One warning, although nobody decides either.
    let rule = |then: &str| std::fs::write(&file, format!("[[rule]]\nthen = '{then}'\n")).unwrap();
    for (then, session, is_unused) in [
        ("hold", &SERVER[..], true),
        ("close", &["udp", "127.0.0.1:0", "--for", "1ms"], true),
        ("reset", &["udp", "127.0.0.1:0", "--for", "1ms"], true),
        ("close", &SERVER, false),
    ] {
        rule(then);
        let told = warnings(&[session, &["--rules", &file]].concat());
        let unused = format!("F, line 2, column 1: rule 1, then: not used by a {} session", session[0]);
        assert_eq!(told, if is_unused { vec![unused] } else { vec![] }, "{then}");
    }
    let options = "[session.options]\nmax-answer = 3\nws-path = '/b'\n";
    let head = "[[session]]\nprotocol = 'tcp-client'\nremote = 'ws://127.0.0.1:1/a'\n";
    std::fs::write(&file, format!("{head}{options}")).unwrap();
    let ended = run(&["run", &file, "--for", "1ms"]);
    for (line, why) in
        [(5, "max-answer: has no effect without [[rule]]"), (6, "ws-path: has no effect with remote")]
    {
        let why = format!("line {line}, column 1: options.{why}");
        assert!(ended.stderr.iter().any(|line| line.ends_with(&why)), "{why}: {:?}", ended.stderr);
    }
}
