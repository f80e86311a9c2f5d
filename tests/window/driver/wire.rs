//! The connection to the window's inspection port: a question, its answer. It knows nothing of
//! what the answers mean.

use std::io;
use std::net::{SocketAddr, TcpStream};

use egui_inspection::{PROTOCOL_VERSION, Request, Response, protocol};

use super::PATIENCE;

/// One connection, past its handshake.
pub(super) struct Wire {
    stream: TcpStream,
}

impl Wire {
    /// Connects and checks that an inspection port of our version answers.
    pub(super) fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let version = protocol::read_handshake(&stream)?;
        if version != PROTOCOL_VERSION {
            return Err(io::Error::other(format!("inspection protocol {version}, not {PROTOCOL_VERSION}")));
        }
        Ok(Self { stream })
    }

    /// Asks, and waits for the answer. Each request is answered by exactly one response.
    pub(super) fn ask(&mut self, request: &Request) -> io::Result<Response> {
        protocol::write_message(&self.stream, request)?;
        protocol::read_message(&self.stream)
    }
}
