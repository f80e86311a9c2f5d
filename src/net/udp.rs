//! A UDP session: one socket, never connected, and as many peers as there are. What the system can
//! tell of a datagram is in `udp_system`.

use std::collections::HashSet;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::Interest;
use mio::net::UdpSocket;
use socket2::{Protocol, SockRef, Type};

use super::desk::{Desk, MAIN, Readiness};
use super::ears::{Due, Message};
use super::files::{self, Share};
use super::filler::Filled;
use super::folder;
use super::options;
use super::repeats::Beat;
use super::resolve::Answer;
use super::udp_peers::Peers;
use super::udp_queue::{Part, Queue};
use super::udp_system::System;
use super::worker::after;
use crate::model::{
    Cast, Cause, Command, Doing, Endpoint, Event, FileOrder, FileToSend, FlowId, Group, NetError, Recipients,
    SendPart, SessionNote, Target,
};
use crate::reply::{Deed, FileName};

/// Calls to receive in one turn at most.
const BATCHES: usize = 16;

/// Datagrams sent in one turn at most.
const SENDS: usize = 256;

/// ICMP errors looked at in one turn at most.
const BOUNCES: usize = 64;

/// Errors of receiving in a row before a pause is made: a network that is down must not cost a
/// processor. What else the socket holds is not told again by the poll, so it is tried again.
const ERRORS: u32 = 64;

/// How long that pause is.
const PAUSE: Duration = Duration::from_millis(20);

/// A UDP session.
#[derive(Debug)]
pub(super) struct Udp {
    socket: UdpSocket,
    system: System,
    local: SocketAddr,
    remote: Option<Endpoint>,
    peers: Peers,
    queue: Queue,
    ready: Readiness,
    /// Errors of receiving since something was received.
    errors: u32,
    pause: Option<Instant>,
    /// What comes is answered.
    answers: bool,
    closing: Option<Instant>,
}

impl Udp {
    /// Binds, and joins the groups.
    pub(super) fn open(
        desk: &mut Desk,
        local: SocketAddr,
        remote: Option<Endpoint>,
        groups: &[Group],
    ) -> Result<Self, NetError> {
        let binding = |error| NetError::new(Doing::Binding, local, error);
        let socket = options::socket(local, Type::DGRAM, Protocol::UDP).map_err(binding)?;
        options::udp(&socket, &desk.options, local, &mut desk.log);
        if !groups.is_empty() {
            options::share(&socket, local, &mut desk.log);
        }
        socket.bind(&local.into()).map_err(binding)?;
        let mut socket = UdpSocket::from_std(socket.into());
        let local = socket.local_addr().map_err(binding)?;
        let both = Interest::READABLE | Interest::WRITABLE;
        desk.registry.register(&mut socket, MAIN, both).map_err(binding)?;
        let system = System::new(&socket, local, &mut desk.log);
        let granted = options::granted(&SockRef::from(&socket));
        desk.log.note(SessionNote::Bound(local));
        desk.log.opened(Event::Opened { local, granted });
        let mut queue = Queue::new(local.is_ipv4());
        if let Some(remote) = &remote
            && let Err(error) = queue.look_up(&desk.resolver, remote)
        {
            desk.log.trouble(error);
        }
        let peers = Peers::new(local, desk.options);
        let mut udp = Self {
            socket,
            system,
            local,
            remote,
            peers,
            queue,
            ready: Readiness { readable: true, writable: true, failed: false },
            errors: 0,
            pause: None,
            answers: false,
            closing: None,
        };
        for group in groups {
            udp.join(desk, *group);
        }
        Ok(udp)
    }

    pub(super) fn ready(&mut self, event: &mio::event::Event) {
        self.ready.add(event);
    }

    pub(super) fn answer(&mut self, desk: &mut Desk, answer: Answer) {
        let host = answer.endpoint.host.clone();
        match self.queue.answer(answer.endpoint, answer.addresses) {
            Ok(address) => desk.log.host(&host, address.ip()),
            Err(error) => desk.log.trouble(error),
        }
    }

    /// One turn; true when the session is at its end.
    pub(super) fn turn(&mut self, desk: &mut Desk, until: Instant) -> bool {
        if self.ready.failed && !desk.log.stalled() {
            self.ready.failed = false;
            self.bounces(desk);
        }
        self.answers = desk.ears.echoes() || desk.ears.hears();
        self.pause = self.pause.filter(|pause| Instant::now() < *pause);
        for _batch in 0..BATCHES {
            if !self.may_receive() || desk.log.stalled() || Instant::now() >= until {
                break;
            }
            self.receive(desk);
        }
        self.send(desk);
        self.closing.is_some_and(|closing| self.queue.is_empty() || closing <= Instant::now())
    }

    fn may_receive(&self) -> bool {
        let full = self.answers && self.queue.is_behind();
        self.ready.readable && !full && self.pause.is_none()
    }

    fn receive(&mut self, desk: &mut Desk) {
        let n = match self.system.receive(&self.socket, desk.log.moment()) {
            Ok(n) => n,
            Err(error) => return self.receive_failed(desk, error),
        };
        self.errors = 0;
        for index in 0..n {
            let Some((arrival, bytes)) = self.system.arrival(index) else { break };
            let cast = if arrival.broadcast {
                Cast::Broadcast
            } else {
                arrival.to.map_or(Cast::Unicast, |to| self.peers.cast(to))
            };
            let flow = self.peers.incoming(&mut desk.log, arrival, cast);
            let record = desk.log.next_record();
            desk.log.received(flow, cast, bytes, arrival.at);
            // Answering ourselves would never end.
            let answers = self.closing.is_none() && !self.peers.is_own(arrival.from);
            if desk.ears.echoes() && answers {
                desk.ears.echoed();
                let part = Part::Datagram(Arc::from(bytes));
                if let Err(error) = self.queue.push(arrival.from, Some(flow), part) {
                    desk.log.trouble(error);
                }
            }
            if desk.listens() {
                let bytes = bytes.to_vec();
                let datagram = Message { flow, peer: arrival.from, bytes: &bytes, record };
                self.hear(desk, datagram, answers);
            }
        }
        desk.log.kernel_dropped(self.system.dropped());
        desk.log.commit();
    }

    /// Lets the rules hear the messages of a datagram, each answered before the next is heard.
    fn hear(&mut self, desk: &mut Desk, datagram: Message<'_>, answers: bool) {
        for whole in desk.ears.cutter().datagram(datagram.bytes) {
            let Some(bytes) = datagram.bytes.get(whole) else { continue };
            if !answers {
                desk.hear_answer(datagram.flow, bytes);
                continue;
            }
            desk.hear(Message { bytes, ..datagram });
            while let Some(answer) = desk.answers.pop_front() {
                self.react(desk, answer);
            }
            if self.queue.is_full() {
                // Of this a trouble tells. What else is in the datagram would be answered in vain.
                return;
            }
        }
    }

    fn receive_failed(&mut self, desk: &mut Desk, error: io::Error) {
        match error.kind() {
            io::ErrorKind::WouldBlock => self.ready.readable = false,
            io::ErrorKind::Interrupted => {}
            // A datagram sent before came back. The error queue, where there is one, tells which.
            _sent_before => {
                self.errors += 1;
                if self.errors > ERRORS {
                    self.errors = 0;
                    self.pause = Some(after(PAUSE));
                }
                if !self.bounces(desk) {
                    desk.log.trouble(NetError::new(Doing::Receiving, self.local, error));
                }
            }
        }
    }

    /// Tells which datagrams did not arrive; false if the system knows of none.
    fn bounces(&mut self, desk: &mut Desk) -> bool {
        let mut told = false;
        for _bounce in 0..BOUNCES {
            let Some((to, error)) = System::bounce(&self.socket) else { return told };
            told = true;
            desk.log.trouble(NetError::new(Doing::Sending, to, error));
        }
        self.ready.failed = true;
        told
    }

    fn send(&mut self, desk: &mut Desk) {
        let now = Instant::now();
        for _send in 0..SENDS {
            if !self.ready.writable || desk.log.stalled() {
                return;
            }
            let item = match self.queue.next(now) {
                Ok(Some(item)) => item,
                Ok(None) => return,
                Err(error) => {
                    desk.log.trouble(error);
                    continue;
                }
            };
            let to = item.to;
            let (named, from) = item.flow.and_then(|id| self.peers.answering(id)).unzip();
            let bytes = match &item.part {
                Part::Datagram(data) => data,
                Part::File(file) => file.ready(),
            };
            match System::send(&self.socket, from.flatten(), to, bytes) {
                Ok(_all) => {
                    let flow = named.unwrap_or_else(|| self.peers.outgoing(&mut desk.log, to));
                    desk.log.sent(flow, self.peers.cast(to.ip()), true, bytes);
                    self.queue.done(now);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.ready.writable = false,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // The error of a datagram sent before, told in this one's place: it can go now.
                Err(_sent_before) if self.bounces(desk) => {}
                Err(error) => {
                    desk.log.trouble(NetError::new(Doing::Sending, to, error));
                    self.queue.done(now);
                }
            }
        }
    }

    pub(super) fn command(&mut self, desk: &mut Desk, command: Command) {
        match command {
            Command::Send { to, what } => self.order(desk, to, &what),
            Command::SendFile(order) => self.send_file(desk, order),
            Command::Disconnect(to) => self.forget(desk, to),
            Command::HalfClose(_) => Self::not_for_udp(desk, Doing::HalfClosing),
            Command::Reset(_) => Self::not_for_udp(desk, Doing::Sending),
            Command::StopListening => Self::not_for_udp(desk, Doing::Listening),
            Command::Join(group) => self.join(desk, group),
            Command::Leave(group) => self.leave(desk, group),
            // The worker runs them.
            Command::Repeat(_)
            | Command::StopRepeat(_)
            | Command::Sequence(_)
            | Command::StopSequence(_)
            | Command::PauseFile(_)
            | Command::ResumeFile(_)
            | Command::StopFile(_)
            | Command::SetRules(_)
            | Command::SetFraming(_)
            | Command::ResumeRecording => {}
            Command::Note(text) => desk.log.note(text),
            Command::Annotate(record, text) => desk.log.annotate(record, &text),
            Command::Close { linger } => {
                let by = after(linger);
                self.closing = Some(self.closing.map_or(by, |closing| closing.min(by)));
            }
        }
    }

    fn not_for_udp(desk: &mut Desk, doing: Doing) {
        desk.log.trouble(NetError::new(doing, "", Cause::NotForThisProtocol));
    }

    fn order(&mut self, desk: &mut Desk, to: Target, what: &SendPart) {
        let n_before = desk.filler.begin(what);
        let done = match to {
            Target::All => match self.remote.clone() {
                Some(remote) => self.order_to(desk, &remote, what, n_before),
                None => Err(NetError::new(Doing::Sending, "", Cause::NoPeer)),
            },
            Target::Endpoint(endpoint) => self.order_to(desk, &endpoint, what, n_before),
            Target::Flows(ids) => {
                for id in ids {
                    if let Err(error) = self.order_on(desk, id, what, n_before) {
                        desk.log.trouble(error);
                    }
                }
                Ok(())
            }
        };
        if let Err(error) = done {
            desk.log.trouble(error);
        }
    }

    /// Queues a file for each of those to whom it goes.
    fn send_file(&mut self, desk: &mut Desk, order: FileOrder) {
        let FileOrder { id, to, file } = order;
        let log = &mut desk.log;
        let ticket = desk.files.begin(id, Instant::now(), &mut |event| log.file(event));
        // One of the same name was stopped by that.
        self.queue.look_at_files();
        let Some(ticket) = ticket else {
            desk.log.trouble(NetError::new(Doing::Sending, "", Cause::TooManyFiles(files::MOST as u64)));
            return;
        };
        let done = match to {
            Target::All => match self.remote.clone() {
                Some(remote) => self.file_to(desk, &remote, &file, ticket.share()),
                None => Err(NetError::new(Doing::Sending, "", Cause::NoPeer)),
            },
            Target::Endpoint(endpoint) => self.file_to(desk, &endpoint, &file, ticket.share()),
            Target::Flows(ids) => {
                for id in ids {
                    if let Err(error) = self.file_on(id, &file, ticket.share()) {
                        desk.log.trouble(error);
                    }
                }
                Ok(())
            }
        };
        if let Err(error) = done {
            desk.log.trouble(error);
        }
    }

    fn file_to(
        &mut self,
        desk: &Desk,
        to: &Endpoint,
        file: &FileToSend,
        share: Share,
    ) -> Result<(), NetError> {
        self.may_send(to)?;
        let part = self.queue.file(to, file, Some(share))?;
        self.queue.push_endpoint(&desk.resolver, to, part)
    }

    fn file_on(&mut self, id: FlowId, file: &FileToSend, share: Share) -> Result<(), NetError> {
        let gone = || NetError::new(Doing::Sending, "", Cause::PeerGone);
        let peer = self.peers.remote(id).ok_or_else(gone)?;
        self.may_send(peer)?;
        let part = self.queue.file(peer, file, Some(share))?;
        self.queue.push(peer, Some(id), part)
    }

    fn may_send(&self, to: impl ToString) -> Result<(), NetError> {
        match self.closing {
            Some(_) => Err(NetError::new(Doing::Sending, to, Cause::SendingClosed)),
            None => Ok(()),
        }
    }

    /// Some file was stopped, paused, or goes on.
    pub(super) fn look_at_files(&mut self) {
        self.queue.look_at_files();
    }

    /// When a datagram of a file goes, if nothing happens before.
    pub(super) fn due(&self) -> Option<Instant> {
        self.queue.due()
    }

    /// Sends a beat of a repeat, or a row of a sequence.
    pub(super) fn beat(&mut self, desk: &mut Desk, to: &Target, what: &[SendPart]) -> Beat {
        if self.queue.is_behind() {
            return Beat::Missed;
        }
        let n_before: Vec<u64> = what.iter().map(|part| desk.filler.begin(part)).collect();
        let mut parts = what.iter().zip(n_before);
        let done = match to {
            Target::All => match self.remote.clone() {
                Some(remote) => parts.try_for_each(|(part, n)| self.order_to(desk, &remote, part, n)),
                None => Err(NetError::new(Doing::Sending, "", Cause::NoPeer)),
            },
            Target::Endpoint(endpoint) => {
                parts.try_for_each(|(part, n)| self.order_to(desk, endpoint, part, n))
            }
            Target::Flows(ids) => {
                let there: Vec<FlowId> =
                    ids.iter().copied().filter(|id| self.peers.remote(*id).is_some()).collect();
                if there.is_empty() {
                    return Beat::NobodyLeft;
                }
                parts.try_for_each(|(part, n)| {
                    there.iter().try_for_each(|id| self.order_on(desk, *id, part, n))
                })
            }
        };
        match done {
            Ok(()) => Beat::Sent,
            Err(error) => Beat::Failed(error),
        }
    }

    fn order_to(&mut self, desk: &mut Desk, to: &Endpoint, what: &SendPart, n: u64) -> Result<(), NetError> {
        let part = self.part(desk, to, what, n)?;
        self.queue.push_endpoint(&desk.resolver, to, part)
    }

    fn order_on(&mut self, desk: &mut Desk, id: FlowId, what: &SendPart, n: u64) -> Result<(), NetError> {
        let gone = || NetError::new(Doing::Sending, "", Cause::PeerGone);
        let peer = self.peers.remote(id).ok_or_else(gone)?;
        let part = self.part(desk, peer, what, n)?;
        self.queue.push(peer, Some(id), part)
    }

    /// What is to be sent, ordered so often before, if it can be.
    fn part<T: ToString>(&self, desk: &mut Desk, to: T, what: &SendPart, n: u64) -> Result<Part, NetError> {
        self.may_send(to.to_string())?;
        let now = desk.log.now();
        let filled = desk.filler.fill(now, &to, what, n)?;
        self.queue.part(to, &filled)
    }

    /// Does what a rule answers.
    pub(super) fn react(&mut self, desk: &mut Desk, answer: Due) {
        let Due { from, to, what, .. } = &answer;
        match what {
            Deed::Send(bytes) => {
                self.answer_each(desk, *from, *to, &Filled::Bytes(Arc::clone(bytes)));
            }
            Deed::SendCut { head, pause, tail } => {
                if !head.is_empty() {
                    self.answer_each(desk, *from, *to, &Filled::Bytes(Arc::clone(head)));
                }
                desk.owe(*pause, Due { what: Deed::Send(Arc::clone(tail)), ..answer });
            }
            Deed::Close => {
                // What is to be sent before goes before.
                self.send(desk);
                self.forget(desk, Target::Flows(self.recipients(*from, *to)));
            }
            Deed::Reset => Self::not_for_udp(desk, Doing::Answering),
            Deed::SendFile(FileName { folder, name }) => match folder::to_send(folder, name) {
                Ok(file) => self.answer_each(desk, *from, *to, &Filled::File(&file)),
                Err(error) => desk.log.trouble(error),
            },
            Deed::SaveFile(..)
            | Deed::StopRecording
            | Deed::Highlight
            | Deed::Note(_)
            | Deed::Sequence(_)
            | Deed::Fail(_) => desk.answer(answer),
        }
    }

    /// Who is there of those whom an answer to `from` is meant for: each address once.
    fn recipients(&self, from: FlowId, to: Recipients) -> Vec<FlowId> {
        let sender = self.peers.remote(from);
        match to {
            Recipients::Sender => sender.map(|_there| from).into_iter().collect(),
            Recipients::All | Recipients::Others => {
                let mut seen: HashSet<SocketAddr> = match to {
                    Recipients::Others => sender.into_iter().collect(),
                    Recipients::Sender | Recipients::All => HashSet::new(),
                };
                let mut ids = self.peers.ids();
                ids.retain(|id| self.peers.remote(*id).is_some_and(|remote| seen.insert(remote)));
                ids
            }
        }
    }

    fn answer_each(&mut self, desk: &mut Desk, from: FlowId, to: Recipients, what: &Filled<'_>) {
        for id in self.recipients(from, to) {
            let Some(peer) = self.peers.remote(id).filter(|_| self.closing.is_none()) else { continue };
            let part = self.queue.part(peer, what);
            if let Err(error) = part.and_then(|part| self.queue.push(peer, Some(id), part)) {
                desk.log.trouble(error);
            }
        }
    }

    fn forget(&mut self, desk: &mut Desk, target: Target) {
        let ids = match target {
            Target::All => self.peers.ids(),
            Target::Flows(ids) => ids,
            Target::Endpoint(endpoint) => {
                let address = endpoint.address();
                let named = |id: &FlowId| self.peers.remote(*id) == address;
                self.peers.ids().into_iter().filter(named).collect()
            }
        };
        for id in ids {
            self.queue.forget(id);
            if !self.peers.forget(&mut desk.log, id) {
                desk.log.trouble(NetError::new(Doing::Sending, "", Cause::PeerGone));
            }
        }
    }

    fn join(&mut self, desk: &mut Desk, group: Group) {
        let joined = if group.address.is_ipv4() == self.local.is_ipv4() {
            options::join(&SockRef::from(&self.socket), group)
        } else {
            // Linux takes it without a word, but nothing would ever come.
            let text = format!("the group is of another address family than {}", self.local);
            Err(io::Error::new(io::ErrorKind::InvalidInput, text))
        };
        match joined {
            Ok(()) => desk.log.note(SessionNote::JoinedGroup(group.address)),
            Err(error) => desk.log.trouble(NetError::new(Doing::Joining, group.address, error)),
        }
    }

    fn leave(&mut self, desk: &mut Desk, group: Group) {
        match options::leave(&SockRef::from(&self.socket), group) {
            Ok(()) => desk.log.note(SessionNote::LeftGroup(group.address)),
            Err(error) => desk.log.trouble(NetError::new(Doing::Leaving, group.address, error)),
        }
    }

    pub(super) fn abandon(&mut self, desk: &mut Desk) {
        for (to, bytes) in self.queue.clear() {
            desk.log.note(SessionNote::Unsent(bytes, to));
        }
        for id in self.peers.ids() {
            self.peers.forget(&mut desk.log, id);
        }
    }

    pub(super) fn queued(&self) -> (u64, u64) {
        self.queue.queued()
    }

    pub(super) fn busy(&self) -> bool {
        self.ready.failed || self.may_receive() || (self.ready.writable && self.queue.has_next())
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        [self.closing, self.pause].into_iter().flatten().min()
    }

    /// Until when everything is to be closed, if it is.
    pub(super) fn closing(&self) -> Option<Instant> {
        self.closing
    }
}
