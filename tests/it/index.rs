//! The index of records, flows and messages.

use netassist::model::{Flow, FlowId, Index, Message, Origin, Stamp, Transport, Wholeness};

#[test]
fn flows_are_found_in_any_order_and_snapshots_stay() {
    let flow = |n: u32| {
        let (local, peer) = match n % 3 {
            0 => ("127.0.0.1:80", format!("10.1.{}.7:{n}", n % 250)),
            1 => ("[fe80::1%3]:65535", format!("[fe80::{n:x}%{n}]:9")),
            _ => ("0.0.0.0:1", format!("[::ffff:10.0.0.1]:{}", n % 60_000)),
        };
        let (transport, origin) = if n.is_multiple_of(2) {
            (Transport::Tcp, Origin::Accepted)
        } else {
            (Transport::Udp, Origin::Datagram)
        };
        let (local, peer) = (local.parse().unwrap(), peer.parse().unwrap());
        Flow {
            id: FlowId(n),
            transport,
            local,
            peer,
            origin,
            since: Stamp(u64::from(n) << 20),
            imported: n.is_multiple_of(2),
        }
    };
    let mut index = Index::default();
    let ids = [5, 1023, 1024, 4, 70_000, u32::MAX / 65_536, 1025, 0, 3000];
    for (n, id) in ids.into_iter().enumerate() {
        let before = index.clone();
        index.add_flow(&flow(id % 60_000));
        assert_eq!((before.flows().count(), index.flows().count()), (n, n + 1));
    }
    let mut sorted = ids.map(|id| id % 60_000);
    sorted.sort_unstable();
    assert!(index.flows().eq(sorted.map(flow)));
    assert!(sorted.iter().all(|id| index.flow(FlowId(*id)) == Some(flow(*id))));
    assert_eq!(index.flow(FlowId(6)), None);
    let last = Flow { id: FlowId(u32::MAX), ..flow(1) };
    index.add_flow(&last);
    assert_eq!(index.flows().last(), Some(last));
}

#[test]
fn a_message_keeps_its_position() {
    let message = Message::new(0x12_3456_789a, 65_535, 0x12_3456_79aa, 77, Wholeness::CutOff);
    assert_eq!((message.first(), message.last()), (0x12_3456_789a, 0x12_3456_79aa));
    assert_eq!((message.skip(), message.len(), message.wholeness()), (65_535, 77, Wholeness::CutOff));
    assert_eq!(Message::record(5, 9), Message::new(5, 0, 5, 9, Wholeness::Whole));
}
