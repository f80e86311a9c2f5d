//! Decrypts TLS in captures of other programs. tshark does the work, from secrets in the file or a key log; of all that it
//! knows, only what leads to TLS is switched on, so that the bytes that connections carry are left as they are.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use tempfile::TempDir;

/// What is switched on: what packets are in, up to TCP, and TLS. Everything else shows as data.
const PROTOCOLS: &str = "_ws.short _ws.malformed frame eth ethertype vlan ieee8021ah llc sll null raw raw_ip loopback ppp pppoes \
    pppoed chdlc gre erspan mpls ip ipv6 ipv6.fraghdr ipv6.hopopts ipv6.dstopts ipv6.routing ah udp vxlan geneve nflog ppi \
    pktap radiotap wlan wlan_radio fddi slip infiniband tcp tls data";
/// How many packets are read ahead: the hello of a client may be in several, and is known with the last.
const AHEAD: u64 = 64;
/// The longest line, in bytes: more than what the longest packet decrypts to.
const LINE: u64 = 64 << 20;
/// The largest key log, in bytes.
const KEY_LOG: u64 = 64 << 20;

/// The random number of a client's hello, by which secrets are found.
type Random = [u8; 32];

/// How TLS in the capture of another program is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Decryption {
    /// As it is on the wire.
    #[default]
    None,
    /// Decrypted, if the capture has the secrets.
    OwnSecrets,
    /// Decrypted, with these secrets as well, in the NSS key log format.
    KeyLog(PathBuf),
}

/// What tshark tells about a packet.
#[derive(Debug, Default)]
pub(super) struct Told {
    packet: u64,
    /// Its captured length in bytes.
    len: u64,
    /// The number that its connection has there.
    stream: u32,
    hello: Option<Random>,
    /// What its TLS records carry.
    pub(super) data: Vec<Vec<u8>>,
    /// It has records that were not decrypted, and none that were.
    pub(super) is_sealed: bool,
}

/// A running tshark.
#[derive(Debug)]
pub(super) struct Decrypter {
    child: Child,
    out: BufReader<ChildStdout>,
    /// The last packet of which a line was read.
    read: u64,
    ahead: VecDeque<Told>,
    /// Connections with a hello that is not taken yet.
    hellos: HashMap<u32, Random>,
    secrets: HashSet<Random>,
    _settings: TempDir,
}

impl Decrypter {
    /// Reads a key log.
    pub(super) fn key_log(path: &Path) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        let read = File::open(path).and_then(|file| file.take(KEY_LOG).read_to_end(&mut text));
        read.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
        Ok(text)
    }

    /// Starts to decrypt a capture.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] if there is no tshark.
    pub(super) fn start((file, path): (&File, &Path), key_log: Option<&Path>) -> io::Result<Self> {
        let input = if cfg!(windows) {
            // There, reading elsewhere in the file moves the position.
            File::open(path)?
        } else {
            let mut file = file.try_clone()?;
            file.rewind()?;
            file
        };
        let program = program();
        let known = Command::new(&program).args(["-G", "protocols"]).stderr(Stdio::null()).output()?.stdout;
        let settings = tempfile::Builder::new().prefix("netassist-").tempdir()?;
        let wanted: HashSet<&str> = PROTOCOLS.split_whitespace().collect();
        let known = String::from_utf8_lossy(&known);
        let known = known.lines().filter_map(|line| line.split('\t').nth(2));
        let off: String = known.filter(|name| !wanted.contains(name)).flat_map(|name| [name, "\n"]).collect();
        std::fs::write(settings.path().join("disabled_protos"), off)?;
        let mut command = Command::new(program);
        command.env("WIRESHARK_CONFIG_DIR", settings.path()).args(["-n", "-r", "-", "-T", "fields"]);
        command.args(["-E", "occurrence=a", "-E", "aggregator=,"]);
        for field in [
            "frame.number",
            "frame.cap_len",
            "tcp.stream",
            "tls.handshake.type",
            "tls.handshake.random",
            "tls.record.content_type",
            "tls.record.opaque_type",
            "data.data",
        ] {
            command.args(["-e", field]);
        }
        if let Some(path) = key_log {
            command.arg("-o").arg(format!("tls.keylog_file:{}", std::path::absolute(path)?.display()));
        }
        let mut child = command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let out = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(Self {
            child,
            out: BufReader::new(out),
            read: 0,
            ahead: VecDeque::new(),
            hellos: HashMap::new(),
            secrets: HashSet::new(),
            _settings: settings,
        })
    }

    /// Takes in for which connections there are secrets, from the text of a key log.
    pub(super) fn add_secrets(&mut self, text: &[u8]) {
        let randoms = text.split(|byte| *byte == b'\n').filter_map(|line| {
            let mut words = line.split(u8::is_ascii_whitespace).skip(1);
            Random::try_from(hex::decode(words.next()?).ok()?).ok()
        });
        self.secrets.extend(randoms);
    }

    /// What there is about packet `n`, from 1, of which `len` bytes were captured; packets must be asked for in order.
    ///
    /// # Errors
    /// If tshark has ended before, says what cannot be understood, or counts packets otherwise.
    pub(super) fn packet(&mut self, n: u64, len: usize) -> io::Result<Option<Told>> {
        while self.read < n.saturating_add(AHEAD) {
            let mut line = Vec::new();
            let got = (&mut self.out).take(LINE).read_until(b'\n', &mut line)?;
            if line.pop() != Some(b'\n') {
                // The end, for packets that it has read.
                if got == 0 && self.read >= n {
                    break;
                }
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let told = told(&line).ok_or(io::ErrorKind::InvalidData)?;
            self.read = told.packet;
            if let Some(random) = told.hello {
                self.hellos.insert(told.stream, random);
            }
            self.ahead.push_back(told);
        }
        while self.ahead.pop_front_if(|told| told.packet < n).is_some() {}
        match self.ahead.pop_front_if(|told| told.packet == n) {
            Some(told) if told.len != len as u64 => Err(io::ErrorKind::InvalidData.into()),
            told => Ok(told),
        }
    }

    /// Whether the connection of a packet begins TLS about here, and can be decrypted.
    pub(super) fn begins(&self, told: &Told) -> bool {
        self.hellos.get(&told.stream).is_some_and(|random| self.secrets.contains(random))
    }

    /// How many connections began without secrets for them.
    pub(super) fn n_without(&self) -> u64 {
        self.hellos.len() as u64
    }

    /// TLS of the connection of this packet has begun.
    pub(super) fn begun(&mut self, told: &Told) {
        self.hellos.remove(&told.stream);
    }
}

impl Drop for Decrypter {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Reads a line of fields.
fn told(line: &[u8]) -> Option<Told> {
    let line = std::str::from_utf8(line).ok()?.trim_end_matches('\r');
    let mut fields = line.split('\t');
    let (packet, len) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    let [stream, kinds, randoms, contents, sealed, data] =
        std::array::from_fn(|_| fields.next().unwrap_or_default());
    // Of a tunnel, the innermost.
    let Some(stream) = stream.rsplit(',').next().and_then(|stream| stream.parse().ok()) else {
        return Some(Told { packet, len, ..Told::default() });
    };
    let first = randoms.split(',').next().filter(|_| kinds.split(',').next() == Some("1"));
    let hello = first.and_then(|first| Random::try_from(hex::decode(first).ok()?).ok());
    // Without records of TLS, it is what the packet has.
    let is_13 = !sealed.is_empty();
    let data = if contents.is_empty() { "" } else { data };
    // Of TLS 1.3, the type is inside; of 1.2, it is known all the same.
    let is_sealed = if is_13 { contents.is_empty() } else { contents == "23" && data.is_empty() };
    let data = data.split(',').filter(|piece| !piece.is_empty()).map(hex::decode).collect::<Result<_, _>>();
    Some(Told { packet, len, stream, hello, data: data.ok()?, is_sealed })
}

/// Where tshark is: among the programs, or where Wireshark is installed by itself.
fn program() -> PathBuf {
    let usual =
        [r"C:\Program Files\Wireshark\tshark.exe", "/Applications/Wireshark.app/Contents/MacOS/tshark"];
    let name = if cfg!(windows) { "tshark.exe" } else { "tshark" };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let among = std::env::split_paths(&path).any(|folder| folder.join(name).is_file());
    let usual = usual.into_iter().map(PathBuf::from).find(|path| !among && path.is_file());
    usual.unwrap_or_else(|| PathBuf::from(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let random = "ab".repeat(32);
        let line = format!("7\t60\t3\t1\t{random}\t22\t\t");
        let found = told(line.as_bytes()).unwrap();
        assert_eq!((found.packet, found.len, found.stream, found.hello), (7, 60, 3, Some([0xab; 32])));
        assert!(found.data.is_empty());
        let found = told(b"8\t60\t0,3\t\t\t23,23\t23,23\t4142,43\r").unwrap();
        assert_eq!((found.stream, found.hello, found.data), (3, None, vec![b"AB".to_vec(), b"C".to_vec()]));
        // An answer, plain data, and no TCP.
        assert!(told(format!("9\t60\t3\t2\t{random}\t22\t\t").as_bytes()).unwrap().hello.is_none());
        assert!(told(b"9\t60\t3\t\t\t\t\t4142").unwrap().data.is_empty());
        assert!(told(b"9\t60\t3\t\t\t\t23\t").unwrap().is_sealed);
        assert!(told(b"9\t60\t3\t\t\t23\t\t").unwrap().is_sealed);
        assert_eq!(told(b"10\t60\t\t\t\t\t\t4142").unwrap().packet, 10);
        assert!(told(b"").is_none());
        assert!(told(b"x\t1").is_none());
        assert!(told(b"1\t60\t1\t\t\t23\t23\tzz").is_none());
    }
}
