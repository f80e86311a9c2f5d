//! Plain types shared by all rooms. They hold no socket, file, lock or closure, and depend on neither egui
//! nor the capture format.

mod annotation;
mod backoff;
mod capture_fault;
mod chunked;
mod command;
mod error;
mod event;
mod file;
mod fit;
mod flow;
mod format;
mod hold;
mod index;
mod link;
mod note;
mod options;
mod os_fault;
mod passed;
mod problem;
mod proxy;
mod reason;
mod record;
mod recorder;
mod relay_faults;
mod repeat;
mod rotation;
mod rule;
mod rule_fault;
mod sent_charsets;
mod sequence;
mod short;
mod stamp;
mod tls;
mod websocket;
mod which;
mod why;
pub mod zone;

pub use annotation::{
    HIGHLIGHT, dropped, dropped_by, highlight, is_highlight, is_of, notes_on, without_highlight,
};
pub use backoff::Backoff;
pub use capture_fault::CaptureFault;
pub use chunked::Chunked;
pub use command::{Command, SendPart, SocketCommand, Target};
pub use error::{Cause, Doing, FileChange, Hint, NetError, reworded};
pub use event::{Batch, Event, Granted, Totals};
pub use file::{
    BlankLines, FileCut, FileEnd, FileId, FileName, FileOrder, FilePace, FileProgress, FileToSend, LineEnds,
    Others,
};
pub(crate) use fit::fit;
pub use flow::{Flow, FlowId, MAX_PEERS, MAX_TCP_V4, MAX_UDP_V4, MAX_UDP_V6, Origin, Transport};
pub use format::{Body, Format};
pub use hold::{Decision, Held, HoldEnd, HoldId};
pub use index::{Hit, Index, Message, Wholeness};
pub use link::{Endpoint, EndpointError, Group, Link, Local, Protocol};
pub use note::SessionNote;
pub use options::{KeepAlive, OPTIONS, OptionSpec, Options, Place, Typed, groups};
pub use os_fault::OsFault;
pub use passed::{PassedFrom, Twin};
pub use problem::{Expected, Fault, Problem, at, duration_in};
pub use proxy::{
    ClientFault, Password, Proxy, ProxyFault, ProxyHint, ProxyKind, ProxyMessage, ProxyNote, ProxyWords,
    method, reply,
};
pub use reason::{Reason, bare};
pub use record::{Cast, Direction, Ending, Record, RecordKind};
pub use recorder::Recorder;
pub use relay_faults::{Chance, EndAfter, FAULT_KEYS, LegFaults, RelayFaults, split_faults};
pub use repeat::{Pace, Progress, Repeat, RepeatId};
pub use rotation::{FileTurn, Gone, Rotation};
pub use rule::{
    AndThen, Faults, FolderFile, Leg, Limits, MAX_WAIT, ModbusTable, Recipients, Rule, RuleId, Rules, Sender,
    Then, UserCommand,
};
pub use rule_fault::{NameFault, RuleFault};
pub use sent_charsets::{CharsetChange, SentCharsets};
pub use sequence::{
    ExpectedAnswer, Missed, Otherwise, Sequence, SequenceEnd, SequenceId, SequencePlace, SequenceRow,
};
pub use short::{Short, ShortTally, ShortTimes, ShortUntil};
pub use stamp::Stamp;
pub use tls::{
    CertFault, ClientCertificates, Layers, Legs, PemFault, Tls, TlsCertificate, TlsFault, TlsHint, TlsMade,
    TlsNote, all_faults,
};
pub use websocket::{
    Control, SendAs, WebSocket, WsFault, WsFrame, WsHead, WsMark, WsNote, close_as_typed, named_code,
};
pub use which::Which;
pub use why::Why;
