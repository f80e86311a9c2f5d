//! TLS as client and server, against openssl and itself; captures that tshark decrypts by itself.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Instant;

use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use tempfile::TempDir;

use super::process::{DEADLINE, Ended, Input, Output, Process, run, start, start_in};
use super::{accept, listen, read_exactly};

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// An authority, and certificates that it has issued.
struct Pki {
    folder: TempDir,
    issuer: Issuer<'static, KeyPair>,
}

impl Pki {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, "authority of tests");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        fs::write(folder.path().join("ca.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
        let issuer = Issuer::new(params, key);
        Self { folder, issuer }
    }

    /// Writes a certificate for these names to `NAME.pem`, its key to `NAME-key.pem`, and both to `NAME-both.pem`.
    fn issue(&self, name: &str, names: &[&str], change: impl FnOnce(&mut CertificateParams)) {
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        change(&mut params);
        let cert = params.signed_by(&key, &self.issuer).unwrap().pem();
        fs::write(self.folder.path().join(format!("{name}.pem")), &cert).unwrap();
        fs::write(self.folder.path().join(format!("{name}-key.pem")), key.serialize_pem()).unwrap();
        let both = cert + &key.serialize_pem();
        fs::write(self.folder.path().join(format!("{name}-both.pem")), both).unwrap();
    }

    fn path(&self, name: &str) -> String {
        path(&self.folder.path().join(name)).to_owned()
    }
}

/// A program of others that is killed when the test fails.
struct Other {
    child: Child,
    stdin: Option<ChildStdin>,
}

impl Other {
    fn start(name: &str, args: &[&str]) -> Self {
        let mut command = Command::new(name);
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{name}: {error}"));
        let stdin = child.stdin.take();
        Self { child, stdin }
    }

    fn write(&mut self, text: &str) {
        self.stdin.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// What it says on standard error.
    fn errors(&mut self) -> String {
        let mut text = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
        text
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        // Fails where it has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A server of openssl on a port of its own, once it listens.
fn s_server(args: &[&str]) -> (Other, String) {
    // `-accept 0` tells no port.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let mut server = Other::start("openssl", &[&["s_server", "-accept", &port][..], args].concat());
    let mut lines = BufReader::new(server.child.stdout.take().unwrap());
    let mut line = String::new();
    while lines.read_line(&mut line).unwrap() > 0 && !line.contains("ACCEPT") {
        line.clear();
    }
    assert!(line.contains("ACCEPT"), "openssl s_server does not listen");
    server.child.stdout = Some(lines.into_inner());
    (server, format!("127.0.0.1:{port}"))
}

/// What a client of openssl prints that sends `text` and waits for `expected`.
fn s_client(address: SocketAddr, args: &[&str], text: &str, expected: &str) -> String {
    let address = address.to_string();
    let mut client = Other::start("openssl", &[&["s_client", "-connect", &address][..], args].concat());
    client.write(text);
    let mut found = Vec::new();
    let mut stdout = client.child.stdout.take().unwrap();
    let deadline = Instant::now() + DEADLINE;
    let mut part = [0; 4096];
    while !String::from_utf8_lossy(&found).contains(expected) {
        assert!(Instant::now() < deadline);
        let n = stdout.read(&mut part).unwrap();
        assert!(n > 0, "{}{}", String::from_utf8_lossy(&found), client.errors());
        found.extend_from_slice(&part[..n]);
    }
    String::from_utf8_lossy(&found).into_owned()
}

/// What tshark prints of a capture, with no preference and no key file.
fn tshark(capture: &Path, args: &[&str]) -> String {
    let mut command = Command::new("tshark");
    // The user who runs the tests may have keys in a preference.
    command.env("HOME", capture.parent().unwrap()).args(["-n", "-r", path(capture)]).args(args);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The requests and the statuses that tshark decrypts.
fn http(capture: &Path) -> Vec<String> {
    let filter = ["-Y", "http && frame.interface_id==0", "-T", "fields", "-E", "separator=|"];
    let fields = ["-e", "http.request.method", "-e", "http.response.code"];
    tshark(capture, &[&filter[..], &fields].concat()).lines().map(str::to_owned).collect()
}

const REQUEST: &str = "GET /secret HTTP/1.0\\r\\n\\r\\n";

/// Starts a server that answers any line, and the folder in which it keeps its authority.
fn server(args: &[&str], capture: &Path, state: TempDir) -> Process {
    let answer =
        ["--expect", "text:GET", "--send", "HTTP/1.0 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\nhello"];
    let fixed = ["tcp-server", "127.0.0.1:0", "--tls", "--capture", path(capture)];
    start_in(state, &[&fixed[..], &answer, args].concat(), Input::Empty, Output::Read)
}

fn say(ended: &Ended) -> String {
    ended.stderr.join("\n")
}

/// The lines of a log of a capture.
fn log(capture: &Path, args: &[&str]) -> String {
    let ended = run(&[&["export", path(capture), "--format", "text"][..], args].concat());
    assert_eq!(ended.status, 0, "{}", say(&ended));
    ended.text().to_owned()
}

#[test]
fn client_and_server_agree_and_tshark_decrypts_what_both_have_recorded() {
    for version in [&["--tls-min=1.3"][..], &[]] {
        let (folder, state) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let (ours, theirs) = (folder.path().join("client.pcapng"), folder.path().join("server.pcapng"));
        let ca = state.path().join("authority/ca.pem");
        let keylog = folder.path().join("keys.log");
        let mut server = server(&["--max-connections", "1"], &theirs, state);
        let address = server.address().to_string();
        let args = ["tcp-client", &address, "--tls", "--tls-ca", path(&ca), "--capture", path(&ours)];
        let exchange = ["--send", REQUEST, "--expect", "text:hello", "--keylog", path(&keylog)];
        let ended = run(&[&args[..], &exchange, version].concat());
        assert_eq!(
            (ended.status, ended.text()),
            (0, "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
            "{}",
            say(&ended)
        );
        let ended = server.end();
        assert_eq!(ended.status, 0, "{}", say(&ended));
        for capture in [&ours, &theirs] {
            assert_eq!(http(capture), ["GET|", "|200"], "{}", capture.display());
            let text = log(capture, &[]);
            assert!(text.contains("GET /secret") && text.contains("hello"), "{text}");
            assert!(text.contains("TLS 1.3, TLS_AES"), "{text}");
        }
        let text = log(&ours, &[]);
        assert!(text.contains("certificate 1 of") && text.contains("netassist authority"), "{text}");
        assert!(!log(&ours, &["--wire"]).contains("GET /secret"));
        let keys = fs::read_to_string(&keylog).unwrap();
        assert!(keys.lines().any(|line| line.starts_with("CLIENT_TRAFFIC_SECRET_0 ")), "{keys}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&keylog), 0o600);
        }
    }
}

#[test]
fn the_authority_is_made_once_and_issues_a_certificate_for_each_name() {
    let (folder, state) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let capture = folder.path().join("server.pcapng");
    let authority = state.path().join("authority");
    let mut server = server(&["--max-connections", "4", "--tls-alpn=http/1.1"], &capture, state);
    let address = server.address();
    let ca = fs::read_to_string(authority.join("ca.pem")).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        for (name, mode) in [("", 0o700), ("ca-key.pem", 0o600)] {
            let found = fs::metadata(authority.join(name)).unwrap().permissions().mode() & 0o777;
            assert_eq!(found, mode, "{name}");
        }
    }
    let file = authority.join("ca.pem");
    for (name, version) in
        [("a.test", "-tls1_3"), ("b.test", "-tls1_2"), ("a.test", "-tls1_2"), ("b.test", "-tls1_3")]
    {
        let check = ["-CAfile", path(&file), "-verify_return_error", "-verify_hostname", name];
        let args = [&check[..], &["-servername", name, version, "-alpn", "http/1.1", "-crlf"]].concat();
        let found = s_client(address, &args, "GET /secret HTTP/1.0\n\n", "hello");
        assert!(found.contains(&format!("CN = {name}")), "{found}");
        assert!(found.contains("ALPN protocol: http/1.1"), "{found}");
    }
    let ended = server.end();
    assert_eq!(ended.status, 0, "{}", say(&ended));
    assert_eq!(fs::read_to_string(&file).unwrap_or(ca.clone()), ca);
    let found = http(&capture);
    assert_eq!(found.len(), 8, "{found:?}");
    let text = log(&capture, &[]);
    for words in ["SNI a.test", "SNI b.test", "TLS 1.2", "TLS 1.3", "ALPN http/1.1", "your own authority"] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn a_client_shows_its_certificate_and_checks_that_of_the_server() {
    let (pki, folder) = (Pki::new(), TempDir::new().unwrap());
    pki.issue("server", &["127.0.0.1", "server.test"], |_| ());
    pki.issue("me", &["me.test"], |_| ());
    let (ca, me) = (pki.path("ca.pem"), pki.path("me-both.pem"));
    let files = (pki.path("server.pem"), pki.path("server-key.pem"));
    for version in ["-tls1_3", "-tls1_2"] {
        let args = ["-cert", &files.0, "-key", &files.1, "-CAfile", &ca, "-Verify", "1", "-www", version];
        let (_server, address) = s_server(&args);
        let capture = folder.path().join(format!("client{version}.pcapng"));
        let args = ["tcp-client", &address, "--tls", "--tls-ca", &ca, "--tls-cert", &me];
        let exchange = ["--send", REQUEST, "--capture", path(&capture), "--for", "20s"];
        let ended = run(&[&args[..], &exchange].concat());
        assert_eq!(ended.status, 0, "{}", say(&ended));
        assert!(ended.text().contains("200 ok"), "{}", ended.text());
        assert!(ended.text().contains("me"), "{}", ended.text());
        assert_eq!(http(&capture), ["GET|"], "{version}");
        // The answer has no length, so that tshark shows it only as what was decrypted.
        let decrypted = tshark(&capture, &["-q", "-z", "follow,tls,ascii,0"]);
        assert!(decrypted.contains("200 ok"), "{decrypted}");
        // Without a certificate it is refused, and told why.
        let args = ["tcp-client", &address, "--tls", "--tls-ca", &ca, "--send", REQUEST, "--for", "20s"];
        let ended = run(&args);
        assert_eq!(ended.status, 1, "{}", say(&ended));
        let refused =
            ["certificate_required", "handshake_failure"].iter().any(|name| say(&ended).contains(name));
        assert!(refused && say(&ended).contains("--tls-cert"), "{}", say(&ended));
    }
}

#[test]
fn a_server_asks_for_certificates() {
    let (pki, folder) = (Pki::new(), TempDir::new().unwrap());
    pki.issue("server", &["server.test"], |_| ());
    pki.issue("me", &["me.test"], |_| ());
    let other = Pki::new();
    other.issue("stranger", &["stranger.test"], |_| ());
    let (ca, both) = (pki.path("ca.pem"), pki.path("server-both.pem"));
    let capture = folder.path().join("server.pcapng");
    let args = ["--tls-cert", &both, "--tls-ca", &ca, "--tls-clients", "require", "--max-connections", "2"];
    let mut required = server(&args, &capture, TempDir::new().unwrap());
    let address = required.address();
    let (cert, key) = (pki.path("me.pem"), pki.path("me-key.pem"));
    s_client(address, &["-cert", &cert, "-key", &key, "-crlf"], "GET / HTTP/1.0\n\n", "hello");
    let (cert, key) = (other.path("stranger.pem"), other.path("stranger-key.pem"));
    let mut refused = Other::start(
        "openssl",
        &["s_client", "-connect", &address.to_string(), "-cert", &cert, "-key", &key],
    );
    refused.write("GET / HTTP/1.0\n\n");
    required.line("error: cannot start TLS with");
    drop(refused);
    required.end();
    let text = log(&capture, &[]);
    assert!(text.contains("CN=me") && text.contains("which is not trusted"), "{text}");

    // One that only asks goes on, and says what is wrong.
    let asked = folder.path().join("asked.pcapng");
    let args = ["--tls-cert", &both, "--tls-ca", &ca, "--tls-clients", "ask", "--max-connections", "2"];
    let mut server = server(&args, &asked, TempDir::new().unwrap());
    let address = server.address();
    s_client(address, &["-cert", &cert, "-key", &key, "-crlf"], "GET / HTTP/1.0\n\n", "hello");
    s_client(address, &["-crlf"], "GET / HTTP/1.0\n\n", "hello");
    assert_eq!(server.end().status, 0);
    let text = log(&asked, &[]);
    assert!(text.contains("CN=stranger") && text.contains("is not trusted: issued by"), "{text}");
}

#[test]
fn everything_wrong_with_a_certificate_is_said() {
    let pki = Pki::new();
    pki.issue("old", &["old.test"], |params| {
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2021, 2, 3);
    });
    let (cert, key, ca) = (pki.path("old.pem"), pki.path("old-key.pem"), pki.path("ca.pem"));
    let (_server, address) = s_server(&["-cert", &cert, "-key", &key, "-www"]);
    let base = ["tcp-client", &address, "--tls", "--tls-ca", &ca, "--send", REQUEST, "--for", "20s"];
    let ended = run(&base);
    assert_eq!(ended.status, 1);
    let said = say(&ended);
    for words in ["expired on 2021-02-03", "not for 127.0.0.1, only for old.test", "--tls-insecure"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(!said.contains("PRIVATE"), "{said}");
    let folder = TempDir::new().unwrap();
    let capture = folder.path().join("insecure.pcapng");
    // Two connections: the second resumes the session, and what is wrong is said again.
    let twice =
        ["--tls-insecure", "--short=close", "--every", "1ms", "--count", "2", "--capture", path(&capture)];
    let ended = run(&[&base[..], &twice].concat());
    assert_eq!(ended.status, 0, "{}", say(&ended));
    let text = log(&capture, &[]);
    let wrong = "is not trusted: expired on 2021-02-03; not for 127.0.0.1, only for old.test";
    assert_eq!(text.matches(wrong).count(), 2, "{text}");
    assert_eq!(text.matches(", resumed").count(), 1, "{text}");
    assert_eq!(http(&capture), ["GET|", "GET|"], "also of the session that was resumed");
    // A certificate that is trusted itself needs no authority.
    let ended = run(&["tcp-client", &address, "--tls", "--tls-ca", &cert, "--send", REQUEST, "--for", "20s"]);
    assert!(!say(&ended).contains("issued by"), "{}", say(&ended));
}

#[test]
fn whoever_does_not_speak_tls_is_told_so_in_words() {
    // A plain server.
    let (plain, address) = super::listen();
    let answer = std::thread::Builder::new().name("plain".to_owned()).spawn(move || {
        let mut stream = super::accept(&plain);
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        drop(stream.read(&mut [0; 1024]));
    });
    let answer = answer.unwrap();
    let ended = run(&["tcp-client", &address, "--tls", "--tls-insecure", "--send", "x", "--for", "20s"]);
    answer.join().unwrap();
    assert_eq!(ended.status, 1);
    assert!(say(&ended).contains("does not speak TLS; it sent ‘HTTP/1.1 400 Bad Request"), "{}", say(&ended));
    // One that never answers.
    let (silent, address) = super::listen();
    let args =
        ["tcp-client", &address, "--tls", "--tls-insecure", "--connect-timeout", "50ms", "--send", "x"];
    let ended = run(&args);
    drop(silent);
    assert_eq!(ended.status, 1);
    assert!(say(&ended).contains("cannot start TLS with"), "{}", say(&ended));
    assert!(say(&ended).contains("no answer within 50 ms"), "{}", say(&ended));
    // A plain client, and an old one.
    let folder = TempDir::new().unwrap();
    let capture = folder.path().join("server.pcapng");
    let mut server = server(&["--max-connections", "2"], &capture, TempDir::new().unwrap());
    let address = server.address();
    let mut client = super::call(address);
    client.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let said = server.line("error: cannot start TLS with ");
    assert!(said.contains("the client does not speak TLS; it sent ‘GET / HTTP/1.1"), "{said}");
    assert!(said.contains("; let the client connect with TLS, or turn TLS off here"), "{said}");
    drop(client);
    // Its hello: TLS 1.1, one cipher suite.
    let mut old = super::call(address);
    let mut hello = vec![22, 3, 1, 0, 47, 1, 0, 0, 43, 3, 2];
    hello.extend([7; 32]);
    hello.extend([0, 0, 4, 0, 47, 0, 255, 1, 0]);
    let len = hello.len();
    (hello[4], hello[8]) = (u8::try_from(len - 5).unwrap(), u8::try_from(len - 9).unwrap());
    old.write_all(&hello).unwrap();
    let said = server.line("error: cannot start TLS with ");
    assert!(said.contains("it speaks TLS 1.1 at most"), "{said}");
    drop(old);
    server.end();
    // A server without TLS.
    let plain = folder.path().join("plain.pcapng");
    let mut server = start(
        &["tcp-server", "127.0.0.1:0", "--max-connections", "1", "--capture", path(&plain)],
        Input::Empty,
        Output::Read,
    );
    let mut client = super::call(server.address());
    client.write_all(&hello).unwrap();
    drop(client);
    assert_eq!(server.end().status, 0);
    assert!(log(&plain, &[]).contains("speaks TLS: turn it on here"));
}

#[test]
fn files_that_hold_nothing_of_use_are_named() {
    let (pki, folder) = (Pki::new(), TempDir::new().unwrap());
    pki.issue("server", &["server.test"], |_| ());
    let der = folder.path().join("server.p12");
    fs::write(&der, [0x30, 0x82, 1, 1, 1]).unwrap();
    let encrypted = folder.path().join("encrypted.pem");
    fs::write(
        &encrypted,
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
    )
    .unwrap();
    let (cert, ca) = (pki.path("server.pem"), pki.path("ca.pem"));
    for (files, words) in [
        (vec!["--tls-cert", path(&der)], "openssl pkcs12 -in FILE"),
        (vec!["--tls-cert", &cert], "no private key in PEM format"),
        (vec!["--tls-cert", &cert, "--tls-key", path(&encrypted)], "openssl pkey -in FILE"),
        (vec!["--tls-cert", path(&encrypted)], "no certificate in PEM format"),
        (vec!["--tls-cert", "/nowhere/x.pem"], "/nowhere/x.pem: "),
        (vec!["--keylog", &ca], "not a key log"),
    ] {
        let ended = run(&[&["tcp-server", "127.0.0.1:0", "--tls"][..], &files].concat());
        assert_eq!(ended.status, 1, "{files:?}");
        assert!(say(&ended).contains(words), "{words}: {}", say(&ended));
    }
}

#[cfg(unix)]
#[test]
fn after_a_kill_tshark_decrypts_what_is_there() {
    let (folder, state) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let capture = folder.path().join("killed.pcapng");
    let mut server = server(&[], &capture, state);
    let address = server.address();
    // What was sent last may be missing; what came after it was recorded later.
    for _ in 0..2 {
        s_client(address, &["-crlf"], "GET /secret HTTP/1.0\n\n", "hello");
    }
    server.signal("KILL");
    server.end();
    assert_eq!(http(&capture)[..3], ["GET|", "|200", "GET|"]);
}

#[test]
fn one_layer_is_recorded_or_exported_on_demand() {
    let folder = TempDir::new().unwrap();
    for (record, both) in [("both", true), ("wire", false), ("plain", false)] {
        let capture = folder.path().join(format!("{record}.pcapng"));
        let args = ["--max-connections", "1", "--record", record];
        let mut server = server(&args, &capture, TempDir::new().unwrap());
        s_client(server.address(), &["-crlf"], "GET /secret HTTP/1.0\n\n", "hello");
        assert_eq!(server.end().status, 0);
        let interfaces = tshark(&capture, &["-T", "fields", "-e", "frame.interface_id"]);
        let interfaces: std::collections::BTreeSet<_> = interfaces.lines().map(str::to_owned).collect();
        assert_eq!(interfaces.len(), if both { 2 } else { 1 }, "{record}");
        assert_eq!(log(&capture, &[]).contains("GET /secret"), record != "wire", "{record}");
        assert_eq!(http(&capture), ["GET|", "|200"], "{record}");
        if !both {
            continue;
        }
        for (flag, is_plain) in [("--wire", false), ("--plain", true)] {
            let part = folder.path().join(format!("{flag}.pcapng"));
            let ended = run(&["export", path(&capture), "--format", "pcapng", flag, "--output", path(&part)]);
            assert_eq!(ended.status, 0, "{}", say(&ended));
            assert_eq!(log(&part, &[]).contains("GET /secret"), is_plain, "{flag}");
            let content = fs::read(&part).unwrap();
            let has_keys = memchr::memmem::find(&content, b"CLIENT_TRAFFIC_SECRET").is_some();
            assert!(!has_keys, "no keys are exported");
            assert_eq!(http(&part).is_empty(), !is_plain, "{flag}");
        }
    }
}

#[test]
fn both_legs_of_a_relay_are_encrypted_and_decrypted_in_one_capture() {
    let (folder, state) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (theirs, ours) = (folder.path().join("server.pcapng"), folder.path().join("relay.pcapng"));
    let ca = state.path().join("authority/ca.pem");
    let mut server = server(&["--max-connections", "1"], &theirs, state);
    let upstream = server.address().to_string();
    let state = TempDir::new().unwrap();
    let own = state.path().join("authority/ca.pem");
    let args =
        ["relay", "127.0.0.1:0", "--to", &upstream, "--tls", "--tls-ca", path(&ca), "--capture", path(&ours)];
    let mut relay = start_in(state, &args, Input::Null, Output::Read);
    let address = relay.address();
    let check = ["-CAfile", path(&own), "-verify_return_error", "-servername", "relay.test", "-crlf"];
    s_client(address, &check, "GET /secret HTTP/1.0\n\n", "hello");
    assert_eq!(server.end().status, 0);
    relay.interrupt();
    let found = http(&ours);
    let count = |line: &str| found.iter().filter(|found| *found == line).count();
    assert_eq!((count("GET|"), count("|200")), (2, 2), "{found:?}");
    let text = log(&ours, &[]);
    assert_eq!(text.matches("GET /secret").count(), 2, "{text}");
    assert!(text.contains("SNI relay.test"), "{text}");
}

/// The server side of SMTP up to STARTTLS, and then by TLS.
const SMTP: [&str; 15] = [
    "--send",
    "220 a\\r\\n",
    "--expect",
    "text:EHLO",
    "--send",
    "250-a\\r\\n250 STARTTLS\\r\\n",
    "--expect",
    "text:STARTTLS",
    "--send",
    "220 go\\r\\n",
    "--start-tls",
    "--expect",
    "text:hello",
    "--send",
    "world\\r\\n",
];

#[test]
fn tls_starts_within_a_sequence_on_both_sides() {
    let folder = TempDir::new().unwrap();
    let capture = folder.path().join("a.pcapng");
    let fixed = ["tcp-server", "127.0.0.1:0", "--max-connections", "2", "--capture", path(&capture)];
    let mut server = start(&[&fixed[..], &SMTP].concat(), Input::Empty, Output::Read);
    let address = server.address();
    s_client(address, &["-starttls", "smtp", "-quiet"], "hello\n", "world");
    let to = ["--expect", "text:220", "--send", "EHLO b\\r\\n", "--expect", "text:STARTTLS"];
    let on = ["--send", "STARTTLS\\r\\n", "--expect", "text:go", "--start-tls", "--tls-insecure"];
    let inside = ["--send", "hello\\r\\n", "--expect", "text:world"];
    let client = run(&[&["tcp-client", &address.to_string()][..], &to, &on, &inside].concat());
    assert_eq!(client.status, 0, "{}", say(&client));
    assert_eq!(client.text(), "220 a\r\n250-a\r\n250 STARTTLS\r\n220 go\r\nworld\r\n");
    let ended = server.end();
    assert_eq!(ended.status, 0, "{}", say(&ended));
    let log = log(&capture, &[]);
    assert_eq!(log.matches("TLS starts with").count(), 2, "{log}");
    // What stands behind the answer was not sent by TLS, and answers nothing that was.
    let (listener, to) = listen();
    let within = ["--start-tls", "--expect", "text:250", "--within", "200ms"];
    let args =
        [&["tcp-client", &to, "--send", "STARTTLS\\r\\n", "--expect", "text:go"][..], &within].concat();
    let client = start(&args, Input::Empty, Output::Read);
    let mut peer = accept(&listener);
    assert_eq!(read_exactly(&peer, 10), b"STARTTLS\r\n");
    peer.write_all(b"220 go\r\n250 injected\r\n").unwrap();
    assert_eq!(client.end().status, 1);
    // Where it cannot be.
    for args in
        [&["udp", "127.0.0.1:0", "--start-tls"][..], &["tcp-client", "a.test:1", "--tls", "--start-tls"]]
    {
        assert_eq!(run(args).status, 2);
    }
}

#[test]
fn a_session_that_ends_during_a_handshake_does_not_blame_the_peer() {
    for layer in [&["--tls", "--tls-insecure"][..], &["--ws"]] {
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let to = silent.local_addr().unwrap().to_string();
        let args = [&["tcp-client", &to, "--for", "300ms", "--stdin", "none"], layer].concat();
        let peer = std::thread::Builder::new().spawn(move || {
            let mut stream = silent.accept().unwrap().0;
            // It closes as soon as the other side does.
            drop(std::io::copy(&mut stream, &mut std::io::sink()));
        });
        let ended = run(&args);
        peer.unwrap().join().unwrap();
        let said = ended.stderr.join("\n");
        assert!(
            ended.status == 1 && said.contains("the handshake was not over when the session was closed"),
            "{said}"
        );
    }
}
