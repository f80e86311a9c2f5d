//! TLS in captures of other programs, with their secrets: what `netassist export` gives is what was sent.

use std::fs;
use std::io::{Read as _, Write as _};
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConfig, ClientConnection, Connection, KeyLog, RootCertStore, ServerConfig, ServerConnection,
    SupportedProtocolVersion,
};
use tempfile::TempDir;

use super::process::{finish, path, run};
use crate::journal::import::frames::{ACK, FIN, made, raw, tcp};

/// The lines of a key log go here.
#[derive(Debug)]
struct Secrets(Sender<String>);

impl KeyLog for Secrets {
    fn log(&self, label: &str, random: &[u8], secret: &[u8]) {
        let line = format!("{label} {} {}\n", hex::encode(random), hex::encode(secret));
        self.0.send(line).unwrap();
    }
}

/// A connection in packets, from 1 to 2.
struct Wire {
    packets: Vec<Vec<u8>>,
    next: [u32; 2],
}

impl Wire {
    fn new() -> Self {
        // A number about to wrap around.
        Self { packets: made(u32::MAX - 50, 7), next: [u32::MAX - 49, 8] }
    }

    /// In segments of so many bytes.
    fn push(&mut self, side: usize, bytes: &[u8], most: usize) {
        let (from, to) = if side == 0 { (1, 2) } else { (2, 1) };
        for piece in bytes.chunks(most) {
            self.packets.push(tcp(from, to, self.next[side], self.next[1 - side], ACK, piece));
            self.next[side] = self.next[side].wrapping_add(u32::try_from(piece.len()).unwrap());
        }
    }

    fn end(mut self) -> Vec<u8> {
        for (side, from, to) in [(0, 1, 2), (1, 2, 1)] {
            self.packets.push(tcp(from, to, self.next[side], self.next[1 - side], FIN | ACK, b""));
            self.next[side] = self.next[side].wrapping_add(1);
        }
        raw(&self.packets)
    }
}

/// Both ends of TLS, and what they know.
fn ends(version: &'static SupportedProtocolVersion) -> ([Connection; 2], Receiver<String>) {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = KeyPair::generate().unwrap();
    let cert = CertificateParams::new(vec!["a.test".to_owned()]).unwrap().self_signed(&key).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let (log, secrets) = channel();
    let mut client = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    client.key_log = Arc::new(Secrets(log));
    // tshark would go on with HTTP.
    client.alpn_protocols = vec![b"http/1.1".to_vec()];
    let mut server = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    server.alpn_protocols = vec![b"http/1.1".to_vec()];
    let name = ServerName::try_from("a.test").unwrap();
    let client = ClientConnection::new(Arc::new(client), name).unwrap();
    ([client.into(), ServerConnection::new(Arc::new(server)).unwrap().into()], secrets)
}

/// Carries everything that they have to say. Each side has all of it before it answers.
fn carry(ends: &mut [Connection; 2], wire: &mut Wire, most: usize) {
    let mut is_any = true;
    while is_any {
        is_any = false;
        for side in 0..2 {
            let mut bytes = Vec::new();
            while ends[side].wants_write() {
                ends[side].write_tls(&mut bytes).unwrap();
            }
            is_any |= !bytes.is_empty();
            wire.push(side, &bytes, most);
            let mut rest = bytes.as_slice();
            while !rest.is_empty() {
                ends[1 - side].read_tls(&mut rest).unwrap();
                ends[1 - side].process_new_packets().unwrap();
                let mut plain = vec![0; 65_536];
                while ends[1 - side].reader().read(&mut plain).is_ok_and(|n| n > 0) {}
            }
        }
    }
}

/// A connection that says `plain` before TLS, then HTTP; and its secrets.
fn sample(version: &'static SupportedProtocolVersion, answer: &[u8]) -> (Vec<u8>, String) {
    let mut wire = Wire::new();
    wire.push(0, b"STARTTLS\r\n", 1400);
    wire.push(1, b"go ahead\r\n", 1400);
    let (mut ends, secrets) = ends(version);
    // The hello of the client is in several packets.
    carry(&mut ends, &mut wire, 100);
    ends[0].writer().write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    carry(&mut ends, &mut wire, 1400);
    for piece in answer.chunks(16_000) {
        ends[1].writer().write_all(piece).unwrap();
        carry(&mut ends, &mut wire, 1400);
    }
    for end in &mut ends {
        end.send_close_notify();
    }
    carry(&mut ends, &mut wire, 1400);
    (wire.end(), secrets.try_iter().collect())
}

#[test]
fn tls_with_secrets_is_exported_decrypted() {
    let answer: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).take(100_000).collect();
    for version in [&TLS13, &TLS12] {
        let folder = TempDir::new().unwrap();
        let [bare, keys, with] =
            ["bare.pcap", "keys.log", "with.pcapng"].map(|name| path(folder.path(), name));
        let (capture, secrets) = sample(version, &answer);
        fs::write(&bare, &capture).unwrap();
        fs::write(&keys, &secrets).unwrap();
        let made =
            Command::new("editcap").args(["--inject-secrets", &format!("tls,{keys}"), &bare, &with]).status();
        assert!(made.unwrap_or_else(|error| panic!("editcap: {error}: apt-get install tshark")).success());
        for args in [&["export", &with][..], &["export", "--keylog", &keys, &bare]] {
            let sent = run(&[args, &["--format", "raw-tx"]].concat());
            assert_eq!(
                (sent.status, sent.text()),
                (0, "STARTTLS\r\nGET / HTTP/1.1\r\n\r\n"),
                "{:?}",
                sent.stderr
            );
            let received = run(&[args, &["--format", "raw-rx"]].concat());
            assert!(received.stdout == [b"go ahead\r\n", &answer[..]].concat(), "{version:?}");
            let log = run(&[args, &["--format", "text"]].concat());
            let lines: Vec<&str> = log.text().lines().collect();
            assert!(
                lines.iter().any(|line| line.ends_with("TLS, decrypted by tshark from here on")),
                "{lines:?}"
            );
        }
        // As it is: asked for, without secrets, and with those of another connection.
        let other = path(folder.path(), "other.log");
        fs::write(&other, sample(version, b"").1).unwrap();
        for args in
            [&["export", "--wire", &with][..], &["export", &bare], &["export", "--keylog", &other, &bare]]
        {
            let wire = run(&[args, &["--format", "raw-tx"]].concat());
            assert_eq!(wire.status, 0, "{:?}", wire.stderr);
            assert!(wire.stdout.starts_with(b"STARTTLS\r\n\x16\x03"), "{args:?}");
        }
        let log = run(&["export", "--keylog", &other, &bare, "--format", "text"]);
        assert!(log.text().contains("without secrets, shown as on the wire: 1"), "{}", log.text());
        // Secrets that do not fit.
        let (good, wrong) = (&secrets, path(folder.path(), "wrong.log"));
        let spoil = |line: &str| format!("{}{}\n", &line[..line.len() - 8], "00000000");
        fs::write(&wrong, good.lines().map(spoil).collect::<String>()).unwrap();
        let wire = run(&["export", "--keylog", &wrong, &bare, "--format", "raw-rx"]);
        assert!(wire.stdout.len() > answer.len(), "{} bytes", wire.stdout.len());
        let log = run(&["export", "--keylog", &wrong, &bare, "--format", "text"]);
        assert!(log.text().contains("the secrets do not fit"), "{}", log.text());
        // Without tshark, it is said.
        let mut command = Command::new(env!("CARGO_BIN_EXE_netassist"));
        command.env("PATH", folder.path()).args(["export", &with, "--format", "text"]);
        let log = finish(command);
        assert!(log.text().contains("to decrypt with them, install tshark"), "{}", log.text());
        assert_eq!(log.status, 0);
    }
}

#[test]
fn a_key_log_that_cannot_be_read_is_named() {
    let folder = TempDir::new().unwrap();
    let [bare, keys] = ["bare.pcap", "none.log"].map(|name| path(folder.path(), name));
    fs::write(&bare, raw(&made(1, 2))).unwrap();
    let ended = run(&["export", "--keylog", &keys, &bare, "--format", "text"]);
    assert_eq!(ended.status, 1);
    assert!(ended.stderr.join("\n").contains("none.log"), "{:?}", ended.stderr);
}
