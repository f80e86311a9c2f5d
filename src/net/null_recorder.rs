//! A log for unit tests that records nothing.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use crossbeam_channel::Receiver;

use super::log::Log;
use super::outbox::Outbox;
use crate::model::{
    Cast, Direction, Ending, Event, Flow, FlowId, Origin, Record, Recorder, Stamp, Transport,
};

/// Numbers flows and discards everything else.
#[derive(Debug, Default)]
struct NullRecorder(u32);

impl Recorder for NullRecorder {
    fn begin(&mut self, _title: &str, _endpoint: &str, _at: Stamp) {}

    fn host(&mut self, _name: &str, _address: IpAddr) {}

    fn flow(
        &mut self,
        transport: Transport,
        local: SocketAddr,
        peer: SocketAddr,
        origin: Origin,
        at: Stamp,
    ) -> Flow {
        let flow = Flow { id: FlowId(self.0), transport, local, peer, origin, since: at, imported: false };
        self.0 += 1;
        flow
    }

    fn connected(&mut self, _flow: FlowId, _at: Stamp) {}

    fn refused(&mut self, _flow: FlowId, _why: &str, _at: Stamp) {}

    fn data(&mut self, _: FlowId, _: Direction, _: Cast, _: bool, _: &[u8], _: Stamp) {}

    fn ended(&mut self, _flow: FlowId, _how: Ending, _at: Stamp) {}

    fn note(&mut self, _text: &str, _at: Stamp) {}

    fn annotate(&mut self, _record: u64, _text: &str, _at: Stamp) {}

    fn recorded(&self) -> u64 {
        0
    }

    fn finish(&mut self, _dropped: Option<u64>, _at: Stamp) {}

    fn commit(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn take_records(&mut self, _into: &mut Vec<Record>) {}
}

/// A log, and the events it sends when it settles.
pub(super) fn null_log() -> (Log, Receiver<Event>) {
    let (sender, events) = crossbeam_channel::bounded(1024);
    let outbox = Outbox::new(sender, Arc::new(|| ()));
    (Log::new(Box::new(NullRecorder::default()), outbox), events)
}
