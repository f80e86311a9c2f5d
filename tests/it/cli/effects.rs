//! Options, rules and faults that would have no effect: refused as flags, and told of a file.

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

#[test]
fn what_a_file_sets_without_effect_is_told() {
    let folder = TempDir::new().unwrap();
    let file = path(folder.path(), "session.toml");
    let rules = "[[session.rule]]\nname = 'swap'\nthen = 'replace'\n[[session.rule]]\nfrom = 'client'\n\
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
}
