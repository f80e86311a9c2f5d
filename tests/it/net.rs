//! Sessions against plain sockets of the standard library, over loopback only.

pub mod bench;
mod files;
mod memory;
mod proxy;
mod reconnect;
mod recording;
mod relay;
mod relay_faults;
mod relay_holds;
mod relay_rules;
mod relay_twins;
mod repeat;
mod rules;
mod sequence;
mod short;
mod tcp_client;
mod tcp_server;
mod tls;
mod udp;
mod udp_relay;
pub mod websocket;
#[cfg(target_os = "linux")]
mod zones;
