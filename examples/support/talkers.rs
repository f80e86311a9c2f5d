//! The other side of a soak: TCP clients that come and go, plain or by TLS and WebSocket, UDP peers, and the servers behind
//! the relays, which echo.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustls::ClientConfig;

use super::child::{self, Child};
use super::tallies::Tally;
use super::wires::{Server, connect, trusting};

/// UDP peers of a session.
const UDP_PEERS: usize = 4;

/// How long a peer waits for an answer at most.
const PATIENCE: Duration = Duration::from_mins(1);

/// What the peers do.
#[derive(Debug, Clone)]
pub(crate) struct Talkers {
    pub(crate) servers: Vec<Server>,
    pub(crate) udp: Vec<SocketAddr>,
    /// Where the servers behind the relays are.
    pub(crate) upstream: SocketAddr,
    /// The certificate of the authority that TLS trusts.
    pub(crate) authority: PathBuf,
    pub(crate) clients: usize,
    pub(crate) seconds: f64,
    pub(crate) seed: u64,
}

fn list<T: ToString>(all: &[T]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

impl Talkers {
    pub(crate) fn from_arguments(arguments: &[String]) -> Result<Self, Box<dyn Error>> {
        let [servers, udp, upstream, authority, clients, seconds, seed] = arguments else {
            return Err("seven arguments".into());
        };
        Ok(Self {
            servers: servers.split(' ').map(str::parse).collect::<Result<_, _>>()?,
            udp: udp.split(' ').map(str::parse).collect::<Result<_, _>>()?,
            upstream: upstream.parse()?,
            authority: authority.into(),
            clients: clients.parse()?,
            seconds: seconds.parse()?,
            seed: seed.parse()?,
        })
    }

    /// Starts them in a child; what they print in the end comes over the channel.
    pub(crate) fn start(&self) -> io::Result<Receiver<Result<String, String>>> {
        let Self { servers, udp, upstream, authority, clients, seconds, seed } = self;
        let child = Child::start(&[
            list(servers),
            list(udp),
            upstream.to_string(),
            authority.display().to_string(),
            clients.to_string(),
            seconds.to_string(),
            seed.to_string(),
        ])?;
        let (sender, receiver) = channel();
        thread::spawn(move || drop(sender.send(child.finish().map_err(|error| error.to_string()))));
        Ok(receiver)
    }

    /// In the child: talks until the time is over, and prints a line for each connection.
    pub(crate) fn run(self) -> Result<(), Box<dyn Error>> {
        child::wait_for_go()?;
        let until = Instant::now() + Duration::from_secs_f64(self.seconds);
        let config = trusting(&self.authority, rustls::ALL_VERSIONS)?;
        let (listener, socket) = (TcpListener::bind(self.upstream)?, UdpSocket::bind(self.upstream)?);
        let (sender, receiver) = channel();
        let printer = thread::spawn(move || receiver.iter().for_each(|line: String| println!("{line}")));
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| echo_streams(&listener, &is_over, &sender));
            scope.spawn(|| echo_datagrams(&socket, &is_over, &sender));
            thread::scope(|scope| {
                for (nth, server) in self.servers.iter().cycle().take(self.clients).enumerate() {
                    let (sender, random) = (sender.clone(), Random(self.seed ^ (nth as u64) << 32));
                    let config = &config;
                    scope.spawn(move || come_and_go(server, config, until, random, &sender));
                }
                for (nth, server) in self.udp.iter().cycle().take(self.udp.len() * UDP_PEERS).enumerate() {
                    let (sender, random) = (sender.clone(), Random(!self.seed ^ (nth as u64) << 32));
                    scope
                        .spawn(move || drop(datagrams(*server, until, random).map(|line| sender.send(line))));
                }
            });
            is_over.store(true, Ordering::Relaxed);
            // Wakes it.
            drop(TcpStream::connect(self.upstream));
        });
        drop(sender);
        printer.join().map_err(|_panic| "the printer failed".into())
    }
}

/// `SplitMix64`.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % n
    }

    /// A line of up to `most` bytes.
    fn line(&mut self, most: u64) -> Vec<u8> {
        let len = self.below(most);
        (0..len)
            .map(|_| self.below(256))
            .filter_map(|byte| u8::try_from(byte).ok())
            .filter(|byte| *byte != b'\n')
            .chain([b'\n'])
            .collect()
    }
}

/// One client after the other. Those of a server that echoes wait for each answer, and some end with RST; the others read
/// in the end.
fn come_and_go(
    server: &Server,
    config: &Arc<ClientConfig>,
    until: Instant,
    mut random: Random,
    lines: &Sender<String>,
) {
    while Instant::now() < until {
        let begun = Instant::now();
        let line = converse(server, config, &mut random).unwrap_or_else(|error| {
            let (took, left) = (begun.elapsed(), until.saturating_duration_since(begun));
            format!("failed: {server:?}: {error}, {took:.1?} after it began, {left:.0?} before the end")
        });
        // Fails only if the printer has failed.
        drop(lines.send(line));
        thread::sleep(Duration::from_millis(random.below(500)));
    }
}

fn converse(server: &Server, config: &Arc<ClientConfig>, random: &mut Random) -> io::Result<String> {
    let connecting = |error| io::Error::other(format!("connecting: {error}"));
    let (socket, mut wire) = connect(server, config, PATIENCE).map_err(connecting)?;
    let local = socket.local_addr()?;
    let (mut sent, mut received) = (Tally::default(), Tally::default());
    let most = if random.below(50) == 0 { 20_000 } else { 500 };
    let mut answer = vec![0; 20_001];
    for _line in 0..=random.below(40) {
        let line = random.line(most);
        wire.write_all(&line)?;
        wire.flush()?;
        sent.add(&line);
        if server.echoes {
            let answer = answer.get_mut(..line.len()).ok_or(io::ErrorKind::InvalidData)?;
            wire.read_exact(answer)?;
            received.add(answer);
            if *answer != line[..] {
                return Err(io::Error::other("another answer"));
            }
        }
        thread::sleep(Duration::from_millis(random.below(100)));
    }
    if server.echoes && random.below(4) == 0 {
        socket2::SockRef::from(&socket).set_linger(Some(Duration::ZERO))?;
    } else {
        wire.end()?;
        loop {
            match wire.read(&mut answer)? {
                0 => break,
                n => received.add(answer.get(..n).unwrap_or_default()),
            }
        }
    }
    Ok(format!("tcp {local} {} {} / {}", server.address, sent.summary(), received.summary()))
}

/// Echoes on every connection, until the clients are over and theirs have ended.
fn echo_streams(listener: &TcpListener, is_over: &AtomicBool, lines: &Sender<String>) {
    thread::scope(|scope| {
        for stream in listener.incoming().flatten().take_while(|_| !is_over.load(Ordering::Relaxed)) {
            let lines = lines.clone();
            scope.spawn(move || {
                let line = echo_stream(stream).unwrap_or_else(|error| format!("failed: echo: {error}"));
                drop(lines.send(line));
            });
        }
    });
}

fn echo_stream(mut stream: TcpStream) -> io::Result<String> {
    let (local, peer) = (stream.local_addr()?, stream.peer_addr()?);
    let (mut sent, mut received) = (Tally::default(), Tally::default());
    let mut buffer = vec![0; 65536];
    // A reset ends it, too.
    while let Ok(n @ 1..) = stream.read(&mut buffer) {
        let bytes = buffer.get(..n).unwrap_or_default();
        received.add(bytes);
        stream.write_all(bytes)?;
        sent.add(bytes);
    }
    Ok(format!("tcp {local} {peer} {} / {}", sent.summary(), received.summary()))
}

/// Echoes datagrams, until the clients are over and nothing comes.
fn echo_datagrams(socket: &UdpSocket, is_over: &AtomicBool, lines: &Sender<String>) -> io::Result<()> {
    socket.set_read_timeout(Some(Duration::from_secs(1)))?;
    let mut peers: BTreeMap<SocketAddr, (Tally, Tally)> = BTreeMap::new();
    let mut buffer = vec![0; 65536];
    loop {
        match socket.recv_from(&mut buffer) {
            Ok((n, peer)) => {
                let bytes = buffer.get(..n).unwrap_or_default();
                let (sent, received) = peers.entry(peer).or_default();
                received.add(bytes);
                socket.send_to(bytes, peer)?;
                sent.add(bytes);
            }
            Err(_silence) if is_over.load(Ordering::Relaxed) => break,
            Err(_silence) => {}
        }
    }
    let local = socket.local_addr()?;
    for (peer, (sent, received)) in peers {
        // Fails only if the printer has failed.
        drop(lines.send(format!("udp {local} {peer} {} / {}", sent.summary(), received.summary())));
    }
    Ok(())
}

/// Sends datagrams and counts the answers.
fn datagrams(server: SocketAddr, until: Instant, mut random: Random) -> io::Result<String> {
    let socket = UdpSocket::bind((server.ip(), 0))?;
    socket.connect(server)?;
    let (mut sent, mut received) = (Tally::default(), Tally::default());
    let mut answer = [0; 2048];
    while Instant::now() < until {
        let datagram = random.line(1400);
        socket.send(&datagram)?;
        sent.add(&datagram);
        socket.set_read_timeout(Some(Duration::from_millis(1 + random.below(20))))?;
        while let Ok(n) = socket.recv(&mut answer) {
            received.add(answer.get(..n).unwrap_or_default());
        }
    }
    // Late answers.
    socket.set_read_timeout(Some(Duration::from_secs(8)))?;
    while received.n_pieces() < sent.n_pieces() {
        let Ok(n) = socket.recv(&mut answer) else { break };
        received.add(answer.get(..n).unwrap_or_default());
    }
    Ok(format!("udp {} {server} {} / {}", socket.local_addr()?, sent.summary(), received.summary()))
}
