//! What libraries say is told in the language of the window: their errors are made by them.

use std::io::Write as _;
use std::ops::ControlFlow;

use netassist::journal::{Reading, open};
use netassist::model::{CaptureFault, Cause, CertFault, Doing, Fault, NetError, Reason, TlsFault};
use netassist::state::Notice;
use netassist::ui::lang::Lang;
use netassist::ui::messages;
use netassist::workspace::{WorkspaceFile, import};
use rustls::{
    CertificateError, ContentType, Error, HandshakeType, InconsistentKeys, InvalidMessage, PeerIncompatible,
    PeerMisbehaved,
};

/// The text for a person, which must be all in Chinese but for what stands in quotes, and the names of the library's errors.
#[track_caller]
fn told(theirs: &str, text: impl Fn(Lang) -> String) {
    assert!(text(Lang::En).to_lowercase().contains(&theirs.to_lowercase()), "{theirs}: {}", text(Lang::En));
    for lang in [Lang::ZhCn, Lang::ZhTw] {
        let text = text(lang);
        let unquoted: String = text.split('"').step_by(2).collect();
        let words = unquoted.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| word.len() > 1);
        let is_known = |word: &&str| {
            ["TOML", "TLS", "JSON", "Packet", "Sender"].contains(word)
                || word[1..].contains(char::is_uppercase)
        };
        let foreign: Vec<&str> = words.filter(|word| !is_known(word) && theirs.contains(*word)).collect();
        let is_named = foreign.len() == 1 && theirs.ends_with(foreign[0]) && theirs.contains(": ");
        assert!(foreign.is_empty() || is_named, "{theirs}: {text}");
        assert!(!text.contains("其他"), "{theirs}: {text}");
    }
}

fn read(why: impl Into<Reason>) -> impl Fn(Lang) -> String {
    let notice = Notice::CannotRead(why.into());
    move |lang| messages::notice(lang, &notice)
}

#[test]
fn errors_in_toml() {
    for text in [
        "a = \"x",
        "a = 'x",
        "a = \"\"\"x",
        "a = [1",
        "a = {x=1",
        "[a",
        "[[a]",
        "a",
        "a =",
        "a = x",
        "a = [1 2]",
        "a = 1 b = 2",
        "= 1",
        "é = 1",
        "a = 01",
        "a = 1_",
        "a = +-1",
        "a = 1e",
        "a = 0xZZ",
        "a = 2026-99-99",
        "a = \"\\q\"",
        "a = \"\\u12\"",
        "a = 1 = 2",
        "a = [1,,2]",
        "a = {x=1,,y=2}",
        "a = {x=1 y=2}",
        "a = \"\u{1}\"",
        "a\rb",
        "# \u{1}",
        "'''a''' = 1",
        "a = 0X1",
    ] {
        let problem = WorkspaceFile::parse(text.to_owned()).unwrap_err();
        let Fault::Syntax(theirs) = problem.problem.fault.clone() else { panic!("{text}: {problem:?}") };
        told(&theirs, read(problem));
    }
    let deep = format!("a = {}", "[".repeat(200));
    let problem = WorkspaceFile::parse(deep).unwrap_err();
    told("recurs", read(problem));
}

#[test]
fn errors_in_json() {
    for rest in [
        "",
        "\"a",
        "\"a\":",
        "\"a\" 1}]",
        "\"a\":1}",
        "\"a\":1 2}]",
        "1:2}]",
        "\"a\":1,}]",
        "\"a\":[1,]}]",
        "\"a\":1}] x",
        "\"\\q\":1}]",
        "\"\\ud800\":1}]",
        "\"\\u12\":1}]",
        "\"\u{1}\":1}]",
        "\"a\":01}]",
        "\"a\":1.}]",
        "\"a\":x}]",
        "\"a\":[1 2]}]",
        "\"a\":1},]",
    ] {
        let text = format!("[{{{rest}");
        let Err(why) = import(text.as_bytes()) else { panic!("{text}") };
        let Reason::InText(_, _, problem) = &why else { panic!("{text}: {why:?}") };
        let Fault::Other(theirs) = problem.fault.clone() else { panic!("{text}: {problem:?}") };
        assert!(!theirs.contains(" at line "), "{theirs}");
        told(&theirs, read(why));
    }
    let Err(why) = import(b"[{\"name\": \"x\"}]") else { panic!("no packet") };
    told("no packet of Packet Sender found", read(why));
}

#[test]
fn damage_of_compressed_captures() {
    let bytes: Vec<u8> = (0..200_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&bytes).unwrap();
    let zstd = ruzstd::encoding::compress_to_vec(&bytes[..], ruzstd::encoding::CompressionLevel::Fastest);
    let folder = tempfile::tempdir().unwrap();
    for whole in [gzip.finish().unwrap(), zstd] {
        let mut n = 0;
        // Head, blocks and checksum.
        for at in [2, 3, 4, 8, 11, 12, 20, 5000, whole.len() / 2, whole.len() - 6, whole.len() - 2] {
            for change in [1, 0x80, 0xff] {
                let mut damaged = whole.clone();
                damaged[at] ^= change;
                let path = folder.path().join("damaged");
                std::fs::write(&path, &damaged).unwrap();
                let opened = open(&path, Reading::default(), &mut |_| ControlFlow::Continue(()));
                if let Reason::Damage(at, CaptureFault::Packed(theirs)) = Reason::from(opened.unwrap_err()) {
                    let why = Reason::Damage(at, CaptureFault::Packed(theirs.clone()));
                    told(&theirs, read(why));
                    n += 1;
                }
            }
        }
        assert!(n > 10, "{n}");
    }
}

#[test]
fn errors_of_tls() {
    let types = (vec![ContentType::Handshake], vec![HandshakeType::Finished]);
    let certificates = [
        CertificateError::BadEncoding,
        CertificateError::Revoked,
        CertificateError::UnhandledCriticalExtension,
        CertificateError::UnknownRevocationStatus,
        CertificateError::ApplicationVerificationFailure,
        CertificateError::InvalidOcspResponse,
    ];
    let all = [
        Error::InappropriateMessage { expect_types: types.0, got_type: ContentType::Alert },
        Error::InappropriateHandshakeMessage { expect_types: types.1, got_type: HandshakeType::ClientHello },
        Error::InvalidMessage(InvalidMessage::MessageTooLarge),
        Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon),
        Error::PeerMisbehaved(PeerMisbehaved::TooMuchEarlyDataReceived),
        Error::DecryptError,
        Error::PeerSentOversizedRecord,
        Error::NoApplicationProtocol,
        Error::InconsistentKeys(InconsistentKeys::KeyMismatch),
        Error::General("failed to parse private key as RSA, ECDSA, or EdDSA".to_owned()),
    ];
    for error in all.into_iter().chain(certificates.into_iter().map(Error::InvalidCertificate)) {
        let theirs = error.to_string();
        for fault in
            [TlsFault::Other(theirs.clone()), TlsFault::Untrusted(vec![CertFault::Other(theirs.clone())])]
        {
            let error = NetError::new(Doing::StartingTls, "", Cause::Tls(fault));
            told(&theirs, |lang| messages::net_error(lang, &error));
        }
    }
    let chain = CertFault::Other("a certificate of its chain has expired".to_owned());
    let error = NetError::new(Doing::StartingTls, "", Cause::Tls(TlsFault::Untrusted(vec![chain])));
    told("chain has expired", |lang| messages::net_error(lang, &error));
}

#[test]
fn what_is_of_no_kind_is_in_brackets() {
    let error = NetError::new(Doing::StartingTls, "", Cause::Tls(TlsFault::Other("odd thing".to_owned())));
    assert_eq!(messages::net_error(Lang::ZhCn, &error), "启动 TLS失败：其他错误（odd thing）");
    assert_eq!(messages::fault(Lang::ZhTw, &Fault::Other("odd thing".to_owned())), "其他錯誤（odd thing）");
}
