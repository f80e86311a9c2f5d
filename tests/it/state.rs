//! The state as a fold: what the user wants and what workers report go in, effects come out. No
//! socket, file or window is needed for any of it.

mod panes;
mod records;
mod save;
mod send;
mod session;
mod tabs;

use std::net::{Ipv4Addr, SocketAddr};

use netassist::model::{
    Batch, Cause, Command, Direction, Doing, Endpoint, Event, FileTurn, Flow, FlowId, Gone, Granted,
    NetError, Origin, Protocol, Record, RecordKind, SendPart, SocketCommand, Stamp, Target, Totals,
    Transport,
};
use netassist::state::*;
use netassist::workspace::{Address, ViewMode};

fn at(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

fn flow(id: u32) -> Flow {
    let peer = at(40_000 + u16::try_from(id).unwrap());
    Flow {
        id: FlowId(id),
        transport: Transport::Tcp,
        local: at(8080),
        peer,
        origin: Origin::Accepted,
        since: Stamp(7),
        imported: false,
    }
}

/// `len` bytes one way, as the record at that offset.
fn data(flow: u32, direction: Direction, len: u16, offset: u64) -> Record {
    let kind = match direction {
        Direction::Received => RecordKind::Received,
        Direction::Sent => RecordKind::Sent,
    };
    Record { offset, flow: FlowId(flow), len, kind }
}

fn event(flow: u32, kind: RecordKind, offset: u64) -> Record {
    Record { offset, flow: FlowId(flow), len: 0, kind }
}

fn recorded(records: &[Record]) -> Event {
    Event::Recorded(Batch { records: records.to_vec(), totals: Totals::default() })
}

fn trouble() -> NetError {
    NetError::new(Doing::Sending, "10.0.0.1:9", Cause::PeerGone)
}

fn happen(state: &mut State, events: impl IntoIterator<Item = Event>) {
    for event in events {
        let effects = state.apply(state.active, event, Stamp(1));
        assert_eq!(effects, []);
    }
}

fn new_state(protocol: Protocol) -> State {
    let mut state = State::new(Settings::default());
    let session = &mut state.tab_mut().session;
    (session.protocol, session.remote) = (protocol, Address::new("127.0.0.1", "8080"));
    state
}

fn open_state(protocol: Protocol, peers: &[u32]) -> State {
    let mut state = new_state(protocol);
    assert_ne!(state.act(Action::Open), []);
    happen(&mut state, [Event::Opened { local: at(8080).into(), granted: Granted::default() }]);
    happen(&mut state, peers.iter().map(|&id| Event::Joined(flow(id))));
    state
}

fn type_text(state: &mut State, text: &str) {
    state.tab_mut().session.send.content = text.into();
}

/// The action has no effect but this notice.
#[track_caller]
fn refused(state: &mut State, action: Action, notice: Notice) {
    assert_eq!((state.act(action), &state.tab().notice), (vec![], &Some(notice)));
}

/// The one order for the worker among the effects.
fn order(effects: &[Effect]) -> &Command {
    match effects {
        [Effect::Command(_, command)] => command,
        _ => panic!("not one command but {effects:?}"),
    }
}
