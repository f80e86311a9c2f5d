//! The other side of a soak: TCP clients that come and go, and UDP peers.

use std::error::Error;
use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream, UdpSocket};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::child::{self, Child};
use super::tallies::Tally;

/// UDP peers.
const UDP_PEERS: usize = 4;

/// How long a peer waits for an answer at most.
const PATIENCE: Duration = Duration::from_mins(1);

/// What the peers do.
#[derive(Debug, Clone)]
pub(crate) struct Talkers {
    /// The servers; the first echoes without faults.
    pub(crate) servers: Vec<SocketAddr>,
    pub(crate) udp: SocketAddr,
    pub(crate) clients: usize,
    pub(crate) seconds: f64,
    pub(crate) seed: u64,
}

impl Talkers {
    pub(crate) fn from_arguments(arguments: &[String]) -> Result<Self, Box<dyn Error>> {
        let [udp, clients, seconds, seed, servers @ ..] = arguments else {
            return Err("five arguments".into());
        };
        Ok(Self {
            servers: servers.iter().map(|server| server.parse()).collect::<Result<_, _>>()?,
            udp: udp.parse()?,
            clients: clients.parse()?,
            seconds: seconds.parse()?,
            seed: seed.parse()?,
        })
    }

    /// Starts them in a child; what they print in the end comes over the channel.
    pub(crate) fn start(&self) -> io::Result<Receiver<Result<String, String>>> {
        let first =
            [self.udp.to_string(), self.clients.to_string(), self.seconds.to_string(), self.seed.to_string()];
        let arguments: Vec<String> =
            first.into_iter().chain(self.servers.iter().map(ToString::to_string)).collect();
        let child = Child::start(&arguments)?;
        let (sender, receiver) = channel();
        thread::spawn(move || drop(sender.send(child.finish().map_err(|error| error.to_string()))));
        Ok(receiver)
    }

    /// In the child: talks until the time is over, and prints a line for each connection.
    pub(crate) fn run(self) -> Result<(), Box<dyn Error>> {
        child::wait_for_go()?;
        let until = Instant::now() + Duration::from_secs_f64(self.seconds);
        let (sender, receiver) = channel();
        let printer = thread::spawn(move || receiver.iter().for_each(|line: String| println!("{line}")));
        thread::scope(|scope| {
            for nth in 0..self.clients.min(self.servers.len() * 10_000) {
                let (sender, random) = (sender.clone(), Random(self.seed ^ (nth as u64) << 32));
                let server = self.servers.get(nth % self.servers.len()).copied();
                let is_faithful = nth.is_multiple_of(self.servers.len());
                scope.spawn(move || come_and_go(server, (is_faithful, until), random, &sender));
            }
            for nth in 0..UDP_PEERS {
                let (sender, random) = (sender.clone(), Random(!self.seed ^ (nth as u64) << 32));
                scope.spawn(move || drop(datagrams(self.udp, until, random).map(|line| sender.send(line))));
            }
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

/// One client after the other. Those of a server without faults wait for each answer, and some end with RST; the others
/// read in the end.
fn come_and_go(
    server: Option<SocketAddr>,
    (is_faithful, until): (bool, Instant),
    mut random: Random,
    lines: &Sender<String>,
) {
    while let Some(server) = server.filter(|_| Instant::now() < until) {
        let line =
            converse(server, is_faithful, &mut random).unwrap_or_else(|error| format!("failed: {error}"));
        // Fails only if the printer has failed.
        drop(lines.send(line));
        thread::sleep(Duration::from_millis(random.below(500)));
    }
}

fn converse(server: SocketAddr, is_faithful: bool, random: &mut Random) -> io::Result<String> {
    let mut stream = TcpStream::connect(server)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let local = stream.local_addr()?;
    let (mut sent, mut received) = (Tally::default(), Tally::default());
    let most = if random.below(50) == 0 { 20_000 } else { 500 };
    let mut answer = vec![0; 20_001];
    for _line in 0..=random.below(40) {
        let line = random.line(most);
        stream.write_all(&line)?;
        sent.add(&line);
        if is_faithful {
            let answer = answer.get_mut(..line.len()).ok_or(io::ErrorKind::InvalidData)?;
            stream.read_exact(answer)?;
            received.add(answer);
            if *answer != line[..] {
                return Err(io::Error::other("another answer"));
            }
        }
        thread::sleep(Duration::from_millis(random.below(100)));
    }
    if is_faithful && random.below(4) == 0 {
        socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
    } else {
        stream.shutdown(Shutdown::Write)?;
        loop {
            match stream.read(&mut answer)? {
                0 => break,
                n => received.add(answer.get(..n).unwrap_or_default()),
            }
        }
    }
    Ok(format!("tcp {local} {server} {} / {}", sent.summary(), received.summary()))
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
