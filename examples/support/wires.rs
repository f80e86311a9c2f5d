//! Connections of a peer: plain, or by TLS, WebSocket or both.

use std::collections::VecDeque;
use std::error::Error;
use std::fmt;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use netassist::codec::websocket::{Decoder, Opcode, close, mask, push_head};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion};

/// What a peer reads and writes.
pub(crate) trait Wire: Read + Write {
    /// Says that nothing more is written.
    fn end(&mut self) -> io::Result<()>;
}

/// A server, and how it is spoken to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) tls: bool,
    pub(crate) ws: bool,
    /// It sends back what it gets, and nothing else.
    pub(crate) echoes: bool,
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{},{},{}", self.address, self.tls, self.ws, self.echoes)
    }
}

impl FromStr for Server {
    type Err = Box<dyn Error>;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = text.split(',').collect();
        let [address, tls, ws, echoes] = parts[..] else { return Err("four parts".into()) };
        Ok(Self { address: address.parse()?, tls: tls.parse()?, ws: ws.parse()?, echoes: echoes.parse()? })
    }
}

/// TLS of these versions that trusts this authority (PEM).
pub(crate) fn trusting(
    authority: &Path,
    versions: &[&'static SupportedProtocolVersion],
) -> Result<Arc<ClientConfig>, Box<dyn Error>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority)?)?;
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// Connects as the server wants it. The socket is the same.
pub(crate) fn connect(
    server: &Server,
    config: &Arc<ClientConfig>,
    patience: Duration,
) -> io::Result<(TcpStream, Box<dyn Wire>)> {
    let socket = TcpStream::connect(server.address)?;
    socket.set_read_timeout(Some(patience))?;
    let stream = socket.try_clone()?;
    let wire: Box<dyn Wire> = if server.tls {
        let name = ServerName::from(server.address.ip());
        let connection = ClientConnection::new(Arc::clone(config), name).map_err(io::Error::other)?;
        let stream = StreamOwned::new(connection, stream);
        if server.ws { Box::new(Ws::open(stream)?) } else { Box::new(stream) }
    } else if server.ws {
        Box::new(Ws::open(stream)?)
    } else {
        Box::new(stream)
    };
    Ok((socket, wire))
}

impl Wire for TcpStream {
    fn end(&mut self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }
}

impl Wire for StreamOwned<ClientConnection, TcpStream> {
    fn end(&mut self) -> io::Result<()> {
        self.conn.send_close_notify();
        self.flush()
    }
}

/// The handshake of a client of WebSocket.
pub(crate) fn upgrade(stream: &mut (impl Read + Write)) -> io::Result<()> {
    stream.write_all(
        b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
          Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    )?;
    stream.flush()?;
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.extend(byte);
    }
    let is_done = head.starts_with(b"HTTP/1.1 101");
    if is_done { Ok(()) } else { Err(io::Error::other(String::from_utf8_lossy(&head).into_owned())) }
}

/// A WebSocket of a client. Each write is a message; reads give what messages carry, one after the other.
struct Ws<S> {
    stream: S,
    decoder: Decoder,
    data: VecDeque<u8>,
    key: [u8; 4],
    is_closed: bool,
}

impl<S: Read + Write> Ws<S> {
    fn open(mut stream: S) -> io::Result<Self> {
        upgrade(&mut stream)?;
        let (data, key) = (VecDeque::new(), [1, 2, 3, 4]);
        Ok(Self { stream, decoder: Decoder::new(false), data, key, is_closed: false })
    }

    fn frame(&mut self, opcode: Opcode, payload: &[u8]) -> io::Result<()> {
        self.key = self.key.map(|byte| byte.wrapping_mul(5).wrapping_add(3));
        let mut frame = Vec::new();
        push_head(&mut frame, opcode, payload.len() as u64, Some(self.key));
        let begin = frame.len();
        frame.extend_from_slice(payload);
        mask(frame.get_mut(begin..).unwrap_or_default(), self.key, 0);
        self.stream.write_all(&frame)?;
        self.stream.flush()
    }
}

impl<S: Read + Write> Read for Ws<S> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let mut buffer = vec![0; 16 * 1024];
        while self.data.is_empty() && !self.is_closed {
            let n = self.stream.read(&mut buffer)?;
            if n == 0 {
                return Err(io::Error::other("the end without a Close"));
            }
            let mut pings = Vec::new();
            let each = &mut |received: netassist::codec::websocket::Received<'_>| match received.opcode {
                Opcode::Text | Opcode::Binary => self.data.extend(received.payload),
                Opcode::Ping => pings.push(received.payload.to_vec()),
                Opcode::Close => self.is_closed = true,
                Opcode::Pong => {}
            };
            self.decoder.push(buffer.get(..n).unwrap_or_default(), each).map_err(io::Error::other)?;
            for payload in pings {
                self.frame(Opcode::Pong, &payload)?;
            }
        }
        self.data.read(to)
    }
}

impl<S: Read + Write> Write for Ws<S> {
    fn write(&mut self, message: &[u8]) -> io::Result<usize> {
        let is_text = std::str::from_utf8(message).is_ok();
        self.frame(if is_text { Opcode::Text } else { Opcode::Binary }, message)?;
        Ok(message.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<S: Read + Write> Wire for Ws<S> {
    fn end(&mut self) -> io::Result<()> {
        self.frame(Opcode::Close, &close(1000, ""))
    }
}
