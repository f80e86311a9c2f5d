//! How precisely a repeat keeps its period, as seen by a receiver, compared with a thread that only sleeps
//! and sends.
//!
//! ```text
//! cargo run --release --example repeat_rate -- --periods 10000 --every-us 1000 --pairs 3 --folder /tmp
//! ```
//!
//! Datagrams go over loopback and are time-stamped by the kernel on arrival, so that the receiver's wake-up
//! does not matter. In each pair of runs a session repeats, and records what it sends as under the window and
//! the command line, and a thread sleeps with `clock_nanosleep` until each of the same absolute times and
//! sends. Limits: a mean within 0.01 % of the period, 99 of 100 periods within 0.2 ms of it, and that error
//! at most 1.5 times that of the thread (the median of the ratios within the pairs).
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "prints a table")]

#[cfg(target_os = "linux")]
mod support {
    pub(crate) mod exit;
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod numbers;
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod recording;
}

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    linux::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("This measurement needs Linux.");
}

#[cfg(target_os = "linux")]
mod linux {
    use std::error::Error;
    use std::io::IoSliceMut;
    use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
    use std::os::fd::AsRawFd;
    use std::path::PathBuf;
    use std::process::ExitCode;
    use std::sync::Arc;
    use std::thread::JoinHandle;
    use std::time::Duration;

    use clap::Parser;
    use netassist::model::{Command, Event, Link, Repeat, RepeatId, SendPart, Target};
    use nix::cmsg_space;
    use nix::sys::socket::{
        ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt::ReceiveTimestampns,
    };
    use nix::sys::time::{TimeSpec, TimeValLike};
    use nix::time::{ClockId, ClockNanosleepFlags, clock_gettime, clock_nanosleep};

    use crate::support::exit::exit_code;
    use crate::support::numbers::{grouped, quantile};
    use crate::support::recording::{PATIENCE, Recording};

    /// What is sent in each period.
    const PAYLOAD: &[u8] = b"01 03 00 00 00 02";

    #[derive(Parser)]
    struct Settings {
        /// Periods of a run.
        #[arg(long = "periods", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..))]
        n_periods: u64,
        /// Length of a period in microseconds.
        #[arg(long = "every-us", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(100..))]
        every_us: u64,
        /// Pairs of runs.
        #[arg(long = "pairs", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
        n_pairs: u32,
        /// Folder for captures and other files.
        #[arg(long, default_value_os_t = std::env::temp_dir())]
        folder: PathBuf,
    }

    impl Settings {
        fn every(&self) -> Duration {
            Duration::from_micros(self.every_us)
        }
    }

    /// Sends the datagrams of a run to an address.
    type Sender = fn(&Settings, SocketAddr) -> Result<(), Box<dyn Error>>;

    /// The measurements of a receiver, in microseconds.
    struct Seen {
        mean: f64,
        p50: f64,
        p99: f64,
        worst: f64,
    }

    pub(super) fn main() -> ExitCode {
        exit_code(measure(&Settings::parse()))
    }

    fn measure(settings: &Settings) -> Result<bool, Box<dyn Error>> {
        let every_us = settings.every().as_secs_f64() * 1e6;
        println!("{} periods of {every_us} µs, in µs", grouped(settings.n_periods));
        println!("sender       mean   off by: median       99 %      worst");
        let mut ratios = Vec::new();
        let mut good = true;
        for _pair in 0..settings.n_pairs {
            let session = run(settings, repeat)?;
            let bare = run(settings, bare)?;
            for (name, seen) in [("session", &session), ("bare", &bare)] {
                let Seen { mean, p50, p99, worst } = seen;
                println!("{name:8} {mean:9.3} {p50:15.1} {p99:10.1} {worst:10.1}");
            }
            ratios.push(session.p99 / bare.p99);
            good &= (session.mean - every_us).abs() <= every_us / 1e4 && session.p99 <= 200.0;
        }
        let ratio = quantile(&ratios, 0.5);
        good &= ratio <= 1.5;
        println!("99 %: {ratio:.2} times the bare sender's; {}", if good { "good" } else { "MISSED" });
        Ok(good)
    }

    /// Measures `send` with a receiver.
    fn run(settings: &Settings, send: Sender) -> Result<Seen, Box<dyn Error>> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = socket.local_addr()?;
        let receiver = receive(socket, settings.n_periods + 1)?;
        send(settings, address)?;
        let stamps = receiver.join().map_err(|_panic| "the receiver panicked")??;
        #[expect(clippy::cast_precision_loss, reason = "differences of some milliseconds, in nanoseconds")]
        let us = |nanos: i64| nanos as f64 / 1e3;
        let periods: Vec<f64> =
            stamps.iter().zip(stamps.iter().skip(1)).map(|(a, b)| us(b.saturating_sub(*a))).collect();
        let every = settings.every().as_secs_f64() * 1e6;
        let errors: Vec<f64> = periods.iter().map(|period| (period - every).abs()).collect();
        #[expect(clippy::cast_precision_loss, reason = "some thousands")]
        let mean = periods.iter().sum::<f64>() / periods.len() as f64;
        let quantile = |share| quantile(&errors, share);
        Ok(Seen { mean, p50: quantile(0.5), p99: quantile(0.99), worst: quantile(1.0) })
    }

    /// A thread that returns the time stamps of `n` datagrams, in nanoseconds.
    #[expect(clippy::type_complexity, reason = "a thread and its result")]
    fn receive(socket: UdpSocket, n: u64) -> Result<JoinHandle<Result<Vec<i64>, String>>, Box<dyn Error>> {
        setsockopt(&socket, ReceiveTimestampns, &true)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        let work = move || {
            let mut stamps = Vec::new();
            for _datagram in 0..n {
                stamps.push(stamp(&socket).map_err(|error| format!("receiving: {error}"))?);
            }
            Ok(stamps)
        };
        Ok(std::thread::Builder::new().name("receiver".to_owned()).spawn(work)?)
    }

    fn stamp(socket: &UdpSocket) -> nix::Result<i64> {
        let mut bytes = [0; 64];
        let mut slices = [IoSliceMut::new(&mut bytes)];
        let mut control = cmsg_space!(TimeSpec);
        let fd = socket.as_raw_fd();
        let message = recvmsg::<SockaddrStorage>(fd, &mut slices, Some(&mut control), MsgFlags::empty())?;
        for part in message.cmsgs()? {
            if let ControlMessageOwned::ScmTimestampns(at) = part {
                return Ok(at.num_nanoseconds());
            }
        }
        Err(nix::Error::ENOMSG)
    }

    /// A session that repeats.
    fn repeat(settings: &Settings, to: SocketAddr) -> Result<(), Box<dyn Error>> {
        let path = settings.folder.join(format!("repeat-rate-{}.pcapng", std::process::id()));
        let link = Link::Udp {
            local: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into(),
            remote: Some(to.into()),
            groups: Vec::new(),
        };
        let session = Recording::of_link(link, &path)?;
        let what = Arc::from([SendPart::Bytes(PAYLOAD.into())]);
        let (every, count) = (settings.every(), Some(settings.n_periods + 1));
        let order = Command::Repeat(Repeat { id: RepeatId(0), to: Target::All, what, every, count });
        session.order(order)?;
        let patience = settings.every().saturating_mul(2).max(PATIENCE);
        let skipped = session.until(patience, |event| match event {
            Event::RepeatEnded(_, progress) => Some(progress.skipped),
            _other => None,
        })?;
        drop(session);
        std::fs::remove_file(path)?;
        if skipped > 0 {
            println!("({skipped} skipped)");
        }
        Ok(())
    }

    /// A thread that only sleeps and sends: this one.
    fn bare(settings: &Settings, to: SocketAddr) -> Result<(), Box<dyn Error>> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.connect(to)?;
        let every = TimeSpec::from_duration(settings.every());
        let mut due = clock_gettime(ClockId::CLOCK_MONOTONIC)?;
        for _beat in 0..=settings.n_periods {
            clock_nanosleep(ClockId::CLOCK_MONOTONIC, ClockNanosleepFlags::TIMER_ABSTIME, &due)?;
            socket.send(PAYLOAD)?;
            due = due + every;
        }
        Ok(())
    }
}
