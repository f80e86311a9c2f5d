//! A small codec of frames and heads, independent of the one under test.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use crate::net::bench::{dial, read};

pub const CLOSE: u8 = 8;
pub const PING: u8 = 9;
pub const PONG: u8 = 10;

/// A frame with this first byte.
pub fn frame(first: u8, payload: &[u8], key: Option<[u8; 4]>) -> Vec<u8> {
    let mask = if key.is_some() { 0x80 } else { 0 };
    let mut frame = vec![first];
    match payload.len() {
        len @ ..=125 => frame.push(mask | u8::try_from(len).unwrap()),
        len @ ..=0xffff => {
            frame.push(mask | 0x7e);
            frame.extend(u16::try_from(len).unwrap().to_be_bytes());
        }
        len => {
            frame.push(mask | 0x7f);
            frame.extend((len as u64).to_be_bytes());
        }
    }
    frame.extend(key.into_iter().flatten());
    let key = key.unwrap_or_default();
    frame.extend(payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key));
    frame
}

pub fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    frame(first, payload, Some([0x37, 0xfa, 0x21, 0x3d]))
}

/// The payload of a close.
pub fn closing(code: u16, reason: &str) -> Vec<u8> {
    [&code.to_be_bytes()[..], reason.as_bytes()].concat()
}

/// The first byte of the next frame, its key, and its payload.
#[track_caller]
pub fn next_with_key(stream: &TcpStream) -> (u8, Option<[u8; 4]>, Vec<u8>) {
    let start = read(stream, 2);
    let len = match start[1] & 0x7f {
        126 => u64::from(u16::from_be_bytes(read(stream, 2).try_into().unwrap())),
        127 => u64::from_be_bytes(read(stream, 8).try_into().unwrap()),
        short => u64::from(short),
    };
    let key: Option<[u8; 4]> = (start[1] & 0x80 != 0).then(|| read(stream, 4).try_into().unwrap());
    let payload = read(stream, usize::try_from(len).unwrap());
    let of_key = key.unwrap_or_default();
    let payload = payload.iter().zip(of_key.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
    (start[0], key, payload)
}

#[track_caller]
pub fn next(stream: &TcpStream) -> (u8, Vec<u8>) {
    let (first, _, payload) = next_with_key(stream);
    (first, payload)
}

/// A head of HTTP, with its blank line.
#[track_caller]
pub fn head(mut stream: &TcpStream) -> String {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

/// Sends a request.
pub fn ask(mut stream: &TcpStream, path: &str, more: &str) {
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: a.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{more}\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
}

/// A client, and the response to it.
#[track_caller]
pub fn upgrade(address: SocketAddr, path: &str, more: &str) -> (TcpStream, String) {
    let stream = dial(address);
    ask(&stream, path, more);
    let response = head(&stream);
    (stream, response)
}

pub fn accept_key(key: &str) -> String {
    let text = format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes()))
}

/// Accepts a request.
pub fn serve(mut stream: &TcpStream, request: &str, more: &str) {
    let key = request.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap();
    let response = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {}\r\n{more}\r\n",
        accept_key(key)
    );
    stream.write_all(response.as_bytes()).unwrap();
}
