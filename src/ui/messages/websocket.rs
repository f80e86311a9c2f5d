//! What happens with WebSocket, and what goes wrong with it.

use crate::codec::websocket::{FrameFault, Opcode};
use crate::model::zone::Named;
use crate::model::{WsFault, WsFrame, WsNote, named_code};
use crate::ui::lang::Core;

/// A note of a session.
pub(super) fn note(core: &Core, note: &WsNote) -> String {
    match note {
        WsNote::Request(head) if head.sent => core.ws_request_to(Named(head.peer), head.text()),
        WsNote::Request(head) => core.ws_request_from(Named(head.peer), head.text()),
        WsNote::Response(head) if head.sent => core.ws_response_to(Named(head.peer), head.text()),
        WsNote::Response(head) => core.ws_response_from(Named(head.peer), head.text()),
        WsNote::Frame(frame) => self::frame(core, frame),
        WsNote::NoClose(peer) => core.ws_no_close(Named(*peer)),
    }
}

fn frame(core: &Core, frame: &WsFrame) -> String {
    let is_message = [Opcode::Text, Opcode::Binary].iter().any(|opcode| opcode.name() == frame.opcode);
    let opcode = if is_message { core.ws_empty(&frame.opcode) } else { frame.opcode.clone() };
    let peer = Named(frame.peer);
    let text = if frame.sent { core.ws_frame_to(peer, opcode) } else { core.ws_frame_from(peer, opcode) };
    let payload = frame.text();
    let text = if payload.is_empty() { text } else { core.ws_payload(text, payload) };
    if frame.reply { core.ws_reply(text) } else { text }
}

/// Why WebSocket fails.
pub(super) fn fault(core: &Core, fault: &WsFault) -> String {
    match fault {
        WsFault::NotHttp(sent) => core.ws_not_http(sent),
        WsFault::Tls => core.ws_tls(),
        WsFault::Refused(status) => core.ws_refused(status),
        WsFault::Declined(told) => core.ws_declined(&told.0, told.1, &told.2),
        WsFault::ClosedWith(number, why) => core.ws_peer_closed_with(named_code(*number, why)),
        WsFault::Response(what) => core.ws_bad_response(what),
        WsFault::Protocol(name) => core.ws_bad_protocol(name),
        WsFault::Extension(name) => core.ws_bad_extension(name),
        WsFault::Request(line, status) => core.ws_bad_request(line, status),
        WsFault::Closed => core.tls_closed(),
        WsFault::ClosedHere => core.closed_in_handshake(),
        WsFault::NoUpstream => core.ws_no_upstream(),
        WsFault::Frame(fault) => core.ws_closed_with(frame_fault(core, *fault), named_code(fault.code(), "")),
        WsFault::NoMemory(bytes) => core.ws_no_memory(bytes),
        WsFault::LongControl => core.ws_long_payload(),
        WsFault::None => core.ws_none(),
    }
}

fn frame_fault(core: &Core, fault: FrameFault) -> String {
    match fault {
        FrameFault::Reserved => core.wsf_reserved(),
        FrameFault::Opcode(number) => core.wsf_opcode(number),
        FrameFault::Unmasked => core.wsf_unmasked(),
        FrameFault::Masked => core.wsf_masked(),
        FrameFault::Length => core.wsf_length(),
        FrameFault::FragmentedControl => core.wsf_fragmented(),
        FrameFault::LongControl(len) => core.wsf_long_control(len),
        FrameFault::NothingToContinue => core.wsf_nothing_to_continue(),
        FrameFault::Unfinished => core.wsf_unfinished(),
        FrameFault::TooLong(len) => core.wsf_too_long(len),
        FrameFault::NotUtf8 => core.wsf_not_utf8(),
        FrameFault::CloseLength => core.wsf_close_length(),
        FrameFault::CloseCode(number) => core.wsf_close_code(number),
    }
}
